/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-phrase.h"
#include "uc-ctl-text.h"
#include "uc-ctl.h"

static gint
uc_ctl_versions_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_versions = {
    "versions",
    "[DEVICE] [--json]",
    N_("Every version on offer, older ones marked"),
    uc_ctl_versions_run,
};

#define UC_CTL_VERSIONS_COLUMNS 6 /* of "newer", "older" */

static void
uc_ctl_versions_print(JsonNode *node)
{
	JsonArray *versions = json_node_get_array(node);
	gint width_id = (gint)uc_ctl_text_get_width(versions, "id");
	gint width_version = (gint)uc_ctl_text_get_width(versions, "version");

	if (json_array_get_length(versions) == 0)
		g_print(_("nothing is on offer\n"));
	for (guint i = 0; i < json_array_get_length(versions); i++) {
		JsonObject *version = json_array_get_object_element(versions, i);
		const gchar *word = uc_ctl_text(version, "relation");
		g_autofree gchar *relation =
		    uc_ctl_text_pad(uc_ctl_phrase_word("relation", word), UC_CTL_VERSIONS_COLUMNS);

		uc_ctl_text_print(uc_ctl_text(version, "summary"),
				  "%-*s  %-*s  %s  ",
				  width_id,
				  uc_ctl_text(version, "id"),
				  width_version,
				  uc_ctl_text(version, "version"),
				  relation);
	}
}

static gint
uc_ctl_versions_run(gint argc, gchar **argv)
{
	return uc_ctl_query(&uc_ctl_versions,
			    "GetVersions",
			    TRUE,
			    "versions",
			    uc_ctl_versions_print,
			    argc,
			    argv);
}
