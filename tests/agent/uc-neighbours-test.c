/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-neighbours.h"

static void
expect(UcNeighbours *neighbours,
       const gchar *endpoint,
       gint64 duration_secs,
       gboolean children_pending,
       gboolean other_update)
{
	g_autoptr(UcFacts) facts = uc_facts_new();

	uc_neighbours_fill_facts(neighbours, endpoint, facts);
	g_assert_cmpint(facts->room_duration_secs, ==, duration_secs);
	g_assert_cmpint(facts->children_pending, ==, children_pending);
	g_assert_cmpint(facts->other_update, ==, other_update);
}

/* of all that are ready, and of the one that it is about */
static void
test_duration(void)
{
	g_autoptr(UcNeighbours) neighbours = uc_neighbours_new();
	const UcNeighbour waits = {.duration_secs = 100};
	const UcNeighbour ready = {.duration_secs = 10, .ready = TRUE};
	const UcNeighbour longest = {.duration_secs = 86400, .ready = TRUE};

	uc_neighbours_set(neighbours, "codec", &waits);
	expect(neighbours, "codec", 100, FALSE, FALSE);
	uc_neighbours_set(neighbours, "panel", &ready);
	expect(neighbours, "codec", 110, FALSE, FALSE);
	expect(neighbours, "panel", 10, FALSE, FALSE);
	uc_neighbours_set(neighbours, "codec", &ready);
	expect(neighbours, "codec", 20, FALSE, FALSE);
	expect(neighbours, "panel", 20, FALSE, FALSE);
	uc_neighbours_set(neighbours, "panel", &longest);
	expect(neighbours, "codec", 86400, FALSE, FALSE);
	uc_neighbours_set(neighbours, "panel", &waits);
	expect(neighbours, "codec", 10, FALSE, FALSE);
	/* one that nobody knows has only the others */
	expect(neighbours, "phone", 10, FALSE, FALSE);
}

static void
test_children(void)
{
	g_autoptr(UcNeighbours) neighbours = uc_neighbours_new();
	gchar *parent = (gchar *)"codec";
	const UcNeighbour none = {.parent = parent};
	const UcNeighbour ready = {.parent = parent, .ready = TRUE};
	const UcNeighbour held = {.parent = parent, .ready = TRUE, .held = TRUE};

	uc_neighbours_set(neighbours, "codec", &ready); /* of itself it is no child */
	expect(neighbours, "codec", 0, FALSE, FALSE);
	uc_neighbours_set(neighbours, "one", &ready);
	uc_neighbours_set(neighbours, "two", &ready);
	expect(neighbours, "codec", 0, TRUE, FALSE);
	expect(neighbours, "one", 0, FALSE, FALSE);
	uc_neighbours_set(neighbours, "one", &held);
	expect(neighbours, "codec", 0, TRUE, FALSE);
	uc_neighbours_set(neighbours, "two", &none);
	expect(neighbours, "codec", 0, FALSE, FALSE);
	uc_neighbours_set(neighbours, "one", &ready);
	expect(neighbours, "codec", 0, TRUE, FALSE);
}

/* of whichever endpoint, the one included that it is about */
static void
test_trial(void)
{
	g_autoptr(UcNeighbours) neighbours = uc_neighbours_new();
	const UcNeighbour trial = {.on_trial = TRUE};
	const UcNeighbour none = {.duration_secs = 0};
	g_autoptr(UcFacts) facts = uc_facts_new();

	uc_neighbours_set(neighbours, "codec", &trial);
	uc_neighbours_set(neighbours, "panel", &none);
	expect(neighbours, "codec", 0, FALSE, TRUE);
	expect(neighbours, "panel", 0, FALSE, TRUE);
	uc_neighbours_set(neighbours, "codec", &trial);
	uc_neighbours_set(neighbours, "codec", &none);
	expect(neighbours, "panel", 0, FALSE, FALSE);
	/* what is known already stays */
	facts->other_update = TRUE;
	uc_neighbours_fill_facts(neighbours, "panel", facts);
	g_assert_true(facts->other_update);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/neighbours/duration", test_duration);
	g_test_add_func("/neighbours/children", test_children);
	g_test_add_func("/neighbours/trial", test_trial);
	return g_test_run();
}
