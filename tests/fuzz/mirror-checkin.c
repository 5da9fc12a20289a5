/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fuzz.h"
#include "uc-checkin.h"
#include "uc-limits.h"

/* A check-in; what is accepted keeps the promises of the header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcCheckin) checkin = uc_checkin_parse(bytes, &error);

	g_assert_true((checkin == NULL) == (error != NULL));
	if (checkin == NULL)
		return 0;
	g_assert_cmpuint(checkin->endpoints->len, >=, 1);
	g_assert_cmpuint(checkin->endpoints->len, <=, UC_LIMIT_CHECKIN_ENDPOINTS);
	for (guint i = 0; i < checkin->endpoints->len; i++) {
		const UcCheckinEndpoint *endpoint = g_ptr_array_index(checkin->endpoints, i);
		g_auto(GStrv) guids = uc_checkin_endpoint_get_guids(endpoint);

		g_assert_true(endpoint->vendor[0] != '\0' && endpoint->model[0] != '\0');
		g_assert_true(strchr(endpoint->identity, '/') != NULL);
		g_assert_nonnull(guids[0]);
		g_assert_true(g_uuid_string_is_valid(guids[0]));
	}
	return 0;
}
