/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-look-again.h"
#include "uc-network-memory.h"
#include "uc-test-state.h"
#include "uc-way.h"

#define NOW 1800000000
#define DAY 86400

/* (transfer full): a key of a network */
static gchar *
uc_network_memory_test_key(guint number)
{
	return g_strdup_printf("%064x", number);
}

static void
uc_network_memory_test_set(guint number, gboolean is_outside, gint64 now_secs)
{
	g_autofree gchar *key = uc_network_memory_test_key(number);
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_network_memory_set(key, is_outside, now_secs, &error));
	g_assert_no_error(error);
}

static gboolean
uc_network_memory_test_get(guint number, gint64 now_secs)
{
	g_autofree gchar *key = uc_network_memory_test_key(number);

	return uc_network_memory_is_outside(key, now_secs);
}

static void
uc_network_memory_test_a_day(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(uc_network_memory_test_get(1, NOW));
	uc_network_memory_test_set(1, TRUE, NOW);
	g_assert_true(uc_network_memory_test_get(1, NOW));
	g_assert_false(uc_network_memory_test_get(2, NOW));
	/* that it works again does not make the day longer */
	uc_network_memory_test_set(1, TRUE, NOW + DAY - 1);
	g_assert_true(uc_network_memory_test_get(1, NOW + DAY - 1));
	g_assert_false(uc_network_memory_test_get(1, NOW + DAY));
	/* a clock that was far ahead */
	g_assert_false(uc_network_memory_test_get(1, NOW - 1));
	uc_network_memory_test_set(1, FALSE, NOW + 1);
	g_assert_false(uc_network_memory_test_get(1, NOW + 1));
	g_assert_true(uc_network_memory_clear(&error));
	g_assert_true(uc_network_memory_clear(&error));
}

static void
uc_network_memory_test_bound(void)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 17; i++)
		uc_network_memory_test_set(i, TRUE, NOW + i);
	g_assert_false(uc_network_memory_test_get(0, NOW + 17));
	for (guint i = 1; i < 17; i++)
		g_assert_true(uc_network_memory_test_get(i, NOW + 17));
	g_assert_true(uc_network_memory_clear(&error));
	g_assert_false(uc_network_memory_test_get(16, NOW + 17));
}

static void
uc_network_memory_test_unknown(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(uc_network_memory_is_outside(NULL, NOW));
	g_assert_true(uc_network_memory_set(NULL, TRUE, NOW, &error));
	g_assert_no_error(error);
}

static void
uc_look_again_test(void)
{
	UcLookAgain again = {NULL, 0, 0};

	uc_look_again_note(&again, "home", 300, FALSE, NOW);
	g_assert_cmpint(again.ask_again_secs, ==, NOW + 300);
	g_assert_cmpint(again.none_until_secs, ==, 0);
	/* nobody asked DNS: what it said before holds on */
	uc_look_again_note(&again, NULL, 0, FALSE, NOW + 60);
	g_assert_cmpstr(again.network, ==, "home");
	g_assert_cmpint(again.ask_again_secs, ==, NOW + 300);
	uc_look_again_note(&again, "away", 60, TRUE, NOW + 100);
	g_assert_cmpstr(again.network, ==, "away");
	g_assert_cmpint(again.none_until_secs, ==, NOW + 160);
	/* that there is none, as somebody else than DNS says it */
	uc_look_again_note(&again, "away", 0, TRUE, NOW + 110);
	g_assert_cmpint(again.none_until_secs, ==, 0);
	uc_look_again_expire(&again);
	g_assert_cmpint(again.ask_again_secs, ==, 1);
	uc_look_again_clear(&again);
	g_assert_null(again.network);
	g_assert_cmpint(again.ask_again_secs, ==, 0);
}

/* every order has every way once */
static void
uc_way_test_order(void)
{
	for (guint i = 0; i < 4; i++) {
		const UcWay *order = uc_way_get_order((i & 1) != 0, (i & 2) != 0);
		guint seen = 0;

		for (guint j = 0; j < UC_WAY_COUNT; j++)
			seen |= 1u << order[j];
		g_assert_cmpuint(seen, ==, (1u << UC_WAY_COUNT) - 1);
		/* what was given comes before what was found */
		g_assert_cmpint(order[0] + order[1], ==, UC_WAY_GIVEN + UC_WAY_GIVEN_EXTERNAL);
	}
	g_assert_cmpint(uc_way_get_order(FALSE, FALSE)[2], ==, UC_WAY_LAST);
	g_assert_cmpint(uc_way_get_order(FALSE, TRUE)[2], ==, UC_WAY_DNS);
	g_assert_cmpint(uc_way_get_order(FALSE, TRUE)[4], ==, UC_WAY_EXTERNAL);
	g_assert_cmpint(uc_way_get_order(TRUE, FALSE)[0], ==, UC_WAY_GIVEN_EXTERNAL);
	g_assert_cmpint(uc_way_get_order(TRUE, FALSE)[2], ==, UC_WAY_EXTERNAL);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	g_test_add_func("/network-memory/a-day", uc_network_memory_test_a_day);
	g_test_add_func("/network-memory/bound", uc_network_memory_test_bound);
	g_test_add_func("/network-memory/unknown", uc_network_memory_test_unknown);
	g_test_add_func("/look-again", uc_look_again_test);
	g_test_add_func("/way/order", uc_way_test_order);
	return g_test_run();
}
