/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The path and user agent of a phone's request. */

#include <string.h>

#include "fuzz.h"
#include "uc-identity.h"
#include "uc-phone.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcPhone) phone = uc_phone_parse(bytes, &error);

	g_assert_true((phone != NULL) == (error == NULL));
	if (phone != NULL) {
		g_assert_true(uc_identity_is_mac(phone->mac_address));
		g_assert_cmpuint(strlen(phone->model), >, 0);
	}
	return 0;
}
