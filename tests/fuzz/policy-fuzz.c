/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Policies, facts and zones with bytes changed at random: refused with a sentence or decided on,
 * never more. `policy-fuzz SEED ROUNDS`; a run as a test is short. */

#include <string.h>

#include "uc-json.h"
#include "uc-policy-decide.h"
#include "uc-policy-json.h"
#include "uc-zone-load.h"

static const gchar *const seeds[] = {
    "{\"defaults\":{\"windows\":[{\"start\":\"20:00\",\"end\":\"06:00\",\"days\":[\"mon\"]}],"
    "\"blocked_dates\":[\"2026-01-01/2026-02-01\"],\"deadline_secs\":{\"high\":7200},"
    "\"rollouts\":[{\"version\":\"1\",\"start\":\"2026-01-01T00:00:00Z\",\"percent\":5}]},"
    "\"models\":[{\"model\":\"m\",\"idle_secs\":5}],\"pins\":[{\"endpoint\":\"e\",\"version\":"
    "\"1\"}]}",
    "{\"use\":\"none\",\"idle_secs\":900,\"progress\":\"staged\",\"version\":\"1\","
    "\"first_seen\":\"2026-01-01T00:00:00Z\",\"prompt\":\"shown\",\"prompt_shown_secs\":60}",
    "CET-1CEST,M3.5.0,M10.5.0/3",
};

static gchar *
mutate(GRand *random, const gchar *seed)
{
	gchar *text = g_strdup(seed);
	gsize length = strlen(text);
	gint changes = g_rand_int_range(random, 0, 6);

	for (gint i = 0; i < changes; i++) {
		gint32 at = g_rand_int_range(random, 0, (gint32)length);

		text[at] = g_rand_boolean(random)
			       ? text[g_rand_int_range(random, 0, (gint32)length)]
			       : (gchar)g_rand_int_range(random, 32, 127);
	}
	return text;
}

static JsonObject *
parse(const gchar *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));

	return uc_json_parse_object(bytes, 65536, "fuzz", NULL);
}

static void
try_file(GRand *random, GBytes *file)
{
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(file, &size_bytes);
	g_autofree guint8 *copy = g_memdup2(data, size_bytes);
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(UcZone) zone = NULL;

	for (guint i = 0; i < 4; i++)
		copy[g_rand_int_range(random, 0, (gint32)size_bytes)] =
		    (guint8)g_rand_int_range(random, 0, 256);
	bytes = g_bytes_new(copy, (gsize)g_rand_int_range(random, 1, (gint32)size_bytes + 1));
	zone = uc_zone_new_from_bytes(bytes, NULL);
	if (zone != NULL)
		g_assert_cmpint(ABS(uc_zone_get_offset(zone, 1772323200)), <, 700000);
}

static guint
try_all(GRand *random)
{
	g_autoptr(JsonObject) policies = NULL;
	g_autoptr(JsonObject) facts_json = NULL;
	g_autoptr(UcPolicy) policy = NULL;
	g_autoptr(UcFacts) facts = NULL;
	g_autoptr(UcDecision) decision = NULL;
	g_autoptr(UcZone) zone = NULL;
	g_autofree gchar *one = mutate(random, seeds[0]);
	g_autofree gchar *two = mutate(random, seeds[1]);
	g_autofree gchar *three = mutate(random, seeds[2]);

	policies = parse(one);
	facts_json = parse(two);
	zone = uc_zone_new_from_rule(three, NULL);
	policy = policies != NULL ? uc_policy_from_json(policies, NULL) : NULL;
	facts = facts_json != NULL ? uc_facts_from_json(facts_json, NULL) : NULL;
	if (policy == NULL || facts == NULL)
		return 0;
	decision = uc_policy_decide(policy, facts, 1772323200, zone);
	g_assert_true(decision->next_secs == -1 || decision->next_secs > 1772323200);
	return 1;
}

int
main(int argc, char **argv)
{
	guint32 seed = argc == 3 ? (guint32)g_ascii_strtoull(argv[1], NULL, 10) : 1;
	guint rounds = argc == 3 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 20000;
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	g_autoptr(GBytes) file = NULL;
	gchar *data = NULL;
	gsize size_bytes = 0;
	guint decided = 0;

	if (g_file_get_contents("/usr/share/zoneinfo/Europe/Berlin", &data, &size_bytes, NULL))
		file = g_bytes_new_take(data, size_bytes);
	for (guint i = 0; i < rounds; i++) {
		decided += try_all(random);
		if (file != NULL)
			try_file(random, file);
	}
	g_print("1..1\n# %u of %u decided\n%s 1 fuzz\n",
		decided,
		rounds,
		decided > 0 ? "ok" : "not ok");
	return decided == 0;
}
