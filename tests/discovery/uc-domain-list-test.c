/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-domain-list.h"
#include "uc-error.h"
#include "uc-limits.h"

static void
uc_domain_list_test_refused_stay(void)
{
	static const gchar *const texts[] =
	    {"", "co.uk", "Room.example", "room.example.", "b.example", NULL};
	g_autoptr(GPtrArray) list = uc_domain_list_new();
	const UcDomainEntry *entry = NULL;

	uc_domain_list_add(list, texts, UC_DOMAIN_SOURCE_RESOLV_CONF, NULL);
	g_assert_cmpuint(list->len, ==, 4);
	entry = g_ptr_array_index(list, 0);
	g_assert_null(entry->domain);
	g_assert_error(entry->error, UC_ERROR, UC_ERROR_REFUSED);
	entry = g_ptr_array_index(list, 2);
	g_assert_cmpstr(entry->domain, ==, "room.example");
	g_assert_cmpstr(uc_domain_source_to_string(entry->source), ==, "resolv.conf");
	entry = g_ptr_array_index(list, 3);
	g_assert_cmpstr(entry->domain, ==, "b.example");
}

static void
uc_domain_list_test_limit(void)
{
	g_autoptr(GPtrArray) list = uc_domain_list_new();
	const UcDomainEntry *last = NULL;

	for (guint i = 0; i < 20; i++) {
		g_autofree gchar *text = g_strdup_printf("d%u.example", i);
		const gchar *texts[] = {text, NULL};

		uc_domain_list_add(list, texts, UC_DOMAIN_SOURCE_COMMAND_LINE, NULL);
	}
	g_assert_cmpuint(list->len, ==, UC_LIMIT_DISCOVERY_DOMAINS + 1);
	last = g_ptr_array_index(list, UC_LIMIT_DISCOVERY_DOMAINS);
	g_assert_null(last->domain);
	g_assert_error(last->error, UC_ERROR, UC_ERROR_LIMIT);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/domain-list/refused-stay", uc_domain_list_test_refused_stay);
	g_test_add_func("/domain-list/limit", uc_domain_list_test_limit);
	return g_test_run();
}
