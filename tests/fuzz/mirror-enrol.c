/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fuzz.h"
#include "uc-checkin.h"
#include "uc-enrol-request.h"
#include "uc-limits.h"
#include "uc-sha256.h"

/* A request for a certificate; what is accepted keeps the promises of the header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcEnrolRequest) request = uc_enrol_request_parse(bytes, &error);

	g_assert_true((request == NULL) == (error != NULL));
	if (request == NULL)
		return 0;
	g_assert_nonnull(request->identities[0]);
	g_assert_cmpuint(g_strv_length(request->identities), <=, UC_LIMIT_ENROL_ENDPOINTS);
	g_assert_true(uc_sha256_is_hex(request->csr->key_sha256));
	g_assert_cmpuint(strlen(request->csr->challenge), <=, UC_SHA256_HEX_CHARS + 1);
	g_assert_nonnull(request->token);
	return 0;
}
