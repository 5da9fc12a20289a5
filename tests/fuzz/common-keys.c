/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fuzz.h"
#include "uc-keys.h"
#include "uc-limits.h"

/*
 * keys.json, from behind the signature: whoever fuzzes has no recovery key, so the input is the
 * document. What is accepted keeps the promises of the header.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(JsonObject) body =
	    uc_json_parse_object(bytes, UC_LIMIT_ENVELOPE_BYTES, "fuzz", NULL);
	UcDocument document = {.organisation = (gchar *)"room.example", .serial = 1, .body = body};
	g_autoptr(UcKeys) keys = NULL;
	g_autoptr(GError) error = NULL;

	if (body == NULL)
		return 0;
	keys = uc_keys_parse(&document, &error);
	g_assert_true((keys == NULL) == (error != NULL));
	if (keys == NULL)
		return 0;
	g_assert_cmpint(keys->serial_epoch, >=, 1);
	g_assert_cmpuint(g_strv_length(keys->revoked), <=, UC_LIMIT_REVOKED);
	for (guint i = 0; i < UC_ANCHOR_LAST; i++)
		g_assert_true(
		    keys->anchors[i] == NULL ||
		    (keys->anchors[i]->len >= 1 && keys->anchors[i]->len <= UC_LIMIT_ANCHORS));
	return 0;
}
