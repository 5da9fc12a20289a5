/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The two texts that a phone with UC Software reads: `ucs.xml` of a custom server, from which a
 * person chooses a version, and the master configuration of a provisioning server. Their form is
 * what phones in the field are given; no schema of either was published.
 */

#include "uc-ucs-document.h"

#define UC_UCS_DOCUMENT_XML "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n"

/**
 * uc_ucs_document_versions:
 * @base_url: of the tree, with a slash at its end
 * @versions: the oldest first; readers take the last one for the latest
 *
 * Returns: (transfer full): `ucs.xml`; each version's images are in `ucs/<version>/`
 */
GBytes *
uc_ucs_document_versions(const gchar *base_url, const gchar *const *versions)
{
	GString *text = g_string_new(UC_UCS_DOCUMENT_XML "<PHONE_IMAGES>\n <REVISION ID=\"\">\n");

	for (guint i = 0; versions[i] != NULL; i++) {
		g_autofree gchar *image = g_markup_printf_escaped("  <PHONE_IMAGE>\n"
								  "   <VERSION>%s</VERSION>\n"
								  "   <PATH>%sucs/%s/</PATH>\n"
								  "  </PHONE_IMAGE>\n",
								  versions[i],
								  base_url,
								  versions[i]);

		g_string_append(text, image);
	}
	g_string_append(text, " </REVISION>\n</PHONE_IMAGES>\n");
	return g_string_free_to_bytes(text);
}

/**
 * uc_ucs_document_master:
 * @default_dir: below `ucs/`, with the image of each part number
 * @models: as `VVX500`
 * @versions: the version of the model at the same place
 *
 * A phone puts its part number before the name of the image, so `sip.ld` is enough.
 *
 * Returns: (transfer full): `000000000000.cfg`, or that of one phone
 */
GBytes *
uc_ucs_document_master(const gchar *default_dir,
		       const gchar *const *models,
		       const gchar *const *versions)
{
	g_autofree gchar *head = g_markup_printf_escaped(
	    UC_UCS_DOCUMENT_XML "<APPLICATION APP_FILE_PATH=\"ucs/%s/sip.ld\" CONFIG_FILES=\"\">\n",
	    default_dir);
	GString *text = g_string_new(head);

	for (guint i = 0; models[i] != NULL; i++) {
		g_autofree gchar *model =
		    g_markup_printf_escaped(" <APPLICATION_%s APP_FILE_PATH_%s=\"ucs/%s/sip.ld\""
					    " CONFIG_FILES_%s=\"\"/>\n",
					    models[i],
					    models[i],
					    versions[i],
					    models[i]);

		g_string_append(text, model);
	}
	g_string_append(text, "</APPLICATION>\n");
	return g_string_free_to_bytes(text);
}
