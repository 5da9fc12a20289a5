/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* the description once its signature is verified, and the envelope before that */

#include "fuzz.h"
#include "uc-description.h"
#include "uc-limits.h"
#include "uc-names.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	UcDocumentExpect expect = {
	    .type = UC_DOCUMENT_SERVICE,
	    .anchors_dir = "/nonexistent",
	    .now_secs = 1795294000,
	};
	UcDocument document = {.organisation = (gchar *)"room.example", .serial = 1};
	g_autoptr(UcDocument) verified = uc_document_verify(bytes, &expect, NULL);
	g_autoptr(UcDescription) description = NULL;
	g_autoptr(JsonObject) body = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_null(verified);
	body = uc_json_parse_object(bytes, UC_LIMIT_ENVELOPE_BYTES, "fuzz", NULL);
	if (body == NULL)
		return 0;
	document.body = body;
	description = uc_description_parse(&document, &error);
	g_assert_true((description == NULL) == (error != NULL));
	if (description == NULL)
		return 0;
	g_assert_cmpuint(g_strv_length(description->domains), <=, UC_LIMIT_DOMAINS);
	g_assert_cmpuint(description->remotes->len, <=, UC_LIMIT_REMOTES);
	return 0;
}
