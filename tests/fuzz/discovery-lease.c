/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "uc-lease.h"
#include "uc-limits.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GPtrArray) links = uc_link_list_new();
	UcLink *link = uc_link_list_add(links, "lo");

	uc_lease_parse(bytes, link);
	g_assert_cmpuint(link->domains->len, <=, UC_LIMIT_DOMAINS);
	g_assert_cmpuint(link->name_servers->len, <=, UC_LIMIT_NAME_SERVERS);
	g_assert_cmpint(uc_link_match(link, "room.example"), <=, 12);
	return 0;
}
