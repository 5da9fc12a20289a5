/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-anchor-list.h"
#include "uc-ca.h"
#include "uc-error.h"
#include "uc-limits.h"

static gboolean
uc_anchor_list_take(GPtrArray *list, GBytes *pem, GHashTable *seen, GError **error)
{
	g_autoptr(UcCa) ca = uc_ca_parse(pem, error);

	if (ca == NULL)
		return FALSE;
	if (!g_hash_table_add(seen, g_strdup(ca->key_sha256))) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "this CA is there twice; each purpose has its own");
		return FALSE;
	}
	g_ptr_array_add(list, g_bytes_ref(pem));
	return TRUE;
}

/**
 * uc_anchor_list_read:
 * @object: what has the CAs of each purpose
 * @name: the purpose, which is the name of the member
 * @seen: (element-type utf8 utf8): SHA-256 of the public keys so far; those of this one are added
 * @list_out: (out) (transfer full) (nullable) (element-type GBytes): 1 to %UC_LIMIT_ANCHORS CAs in
 *   PEM; %NULL where there is no such member
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_LIMIT, or %UC_ERROR_REFUSED for what cannot be an
 *   anchor, with the member and what was expected
 *
 * The certificates of one purpose in a document. No CA may be there twice, in whatever purposes.
 */
gboolean
uc_anchor_list_read(JsonObject *object,
		    const gchar *name,
		    UcJsonNeed need,
		    GHashTable *seen,
		    GPtrArray **list_out,
		    GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_auto(GStrv) texts = NULL;

	*list_out = NULL;
	if (!uc_json_get_strv(object,
			      name,
			      need,
			      UC_LIMIT_ANCHORS,
			      UC_LIMIT_CERTIFICATE_BYTES,
			      &texts,
			      error))
		return FALSE;
	if (texts == NULL)
		return TRUE;
	if (texts[0] == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member '%s' is empty, expected a CA, or no such member",
			    name);
		return FALSE;
	}
	for (guint i = 0; texts[i] != NULL; i++) {
		g_autoptr(GBytes) pem = g_bytes_new(texts[i], strlen(texts[i]));

		if (uc_anchor_list_take(list, pem, seen, error))
			continue;
		g_prefix_error(error, "element %u of '%s': ", i, name);
		return FALSE;
	}
	*list_out = g_steal_pointer(&list);
	return TRUE;
}
