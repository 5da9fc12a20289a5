/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "uc-limits.h"
#include "uc-resolv-conf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcResolvConf) parsed = uc_resolv_conf_parse(bytes, &error);

	g_assert_true((parsed == NULL) == (error != NULL));
	if (parsed == NULL)
		return 0;
	g_assert_cmpuint(parsed->name_servers->len, >=, 1);
	g_assert_cmpuint(parsed->name_servers->len, <=, UC_LIMIT_NAME_SERVERS);
	g_assert_nonnull(parsed->domains);
	return 0;
}
