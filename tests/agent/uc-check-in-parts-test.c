/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-check-in-parts.h"
#include "uc-check-in.h"
#include "uc-json.h"
#include "uc-limits.h"

#define MACHINE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
uc_check_in_parts_test_add(JsonObject *check_in, const gchar *id, gsize filling_bytes)
{
	JsonObject *endpoint = json_object_new();
	g_autofree gchar *filling = g_strnfill(filling_bytes, 'x');

	json_object_set_string_member(endpoint, "id", id);
	json_object_set_string_member(endpoint, "filling", filling);
	json_array_add_object_element(json_object_get_array_member(check_in, "endpoints"),
				      endpoint);
}

static JsonObject *
uc_check_in_parts_test_new(guint count, gsize filling_bytes)
{
	JsonObject *check_in = uc_check_in_new(MACHINE);

	for (guint i = 0; i < count; i++) {
		g_autofree gchar *id = g_strdup_printf("e%u", i);

		uc_check_in_parts_test_add(check_in, id, filling_bytes);
	}
	return check_in;
}

/* every part is a check-in that a service takes; returns the ids in all of them */
static gchar *
uc_check_in_parts_test_join(GPtrArray *parts)
{
	g_autoptr(GString) ids = g_string_new(NULL);

	for (guint i = 0; i < parts->len; i++) {
		JsonObject *part = g_ptr_array_index(parts, i);
		JsonArray *endpoints = json_object_get_array_member(part, "endpoints");
		g_autofree gchar *text = uc_json_to_text(part, FALSE);

		g_assert_cmpuint(strlen(text), <=, UC_LIMIT_CHECKIN_BYTES);
		g_assert_cmpuint(json_array_get_length(endpoints), >=, 1);
		g_assert_cmpuint(json_array_get_length(endpoints), <=, UC_LIMIT_CHECKIN_ENDPOINTS);
		g_assert_cmpstr(json_object_get_string_member(part, "format"),
				==,
				"ucupdates-checkin-1");
		g_assert_cmpstr(json_object_get_string_member(part, "machine_id"), ==, MACHINE);
		g_assert_true(json_object_has_member(part, "agent_version"));
		for (guint j = 0; j < json_array_get_length(endpoints); j++)
			g_string_append_printf(ids,
					       "%s ",
					       json_object_get_string_member(
						   json_array_get_object_element(endpoints, j),
						   "id"));
	}
	return g_string_free(g_steal_pointer(&ids), FALSE);
}

static GPtrArray *
uc_check_in_parts_test_split(JsonObject *check_in, guint *left_out)
{
	g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *parts = uc_check_in_parts_new(check_in, left);

	*left_out = left->len;
	return parts;
}

/* each endpoint once, in its order, in no more parts than it takes */
static void
uc_check_in_parts_test_counts(void)
{
	static const struct {
		guint count;
		gsize filling_bytes;
		guint parts;
	} rows[] = {
	    {0, 0, 0},
	    {1, 0, 1},
	    {63, 0, 1},
	    {64, 0, 1},
	    {65, 0, 2},
	    {128, 0, 2},
	    {129, 0, 3},
	    {1000, 0, 16},
	    {1000, 900, 16},
	    /* two of 32 KiB do not fit */
	    {1, 32768, 1},
	    {2, 32768, 2},
	    {5, 32768, 5},
	    {64, 2000, 2},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(JsonObject) check_in =
		    uc_check_in_parts_test_new(rows[i].count, rows[i].filling_bytes);
		g_autoptr(GPtrArray) parts = NULL;
		g_autoptr(GString) expected = g_string_new(NULL);
		g_autofree gchar *ids = NULL;
		guint left_out = 0;

		parts = uc_check_in_parts_test_split(check_in, &left_out);
		g_test_message("row %u", i);
		g_assert_cmpuint(left_out, ==, 0);
		g_assert_cmpuint(parts->len, ==, rows[i].parts);
		ids = uc_check_in_parts_test_join(parts);
		for (guint j = 0; j < rows[i].count; j++)
			g_string_append_printf(expected, "e%u ", j);
		g_assert_cmpstr(ids, ==, expected->str);
		if (rows[i].count > 0 && rows[i].parts == 1) {
			g_autofree gchar *whole = uc_json_to_text(check_in, FALSE);
			g_autofree gchar *part =
			    uc_json_to_text(g_ptr_array_index(parts, 0), FALSE);

			g_assert_cmpuint(strlen(part), ==, strlen(whole));
		}
	}
}

/* around the limit, byte by byte: up to it they are in one part */
static void
uc_check_in_parts_test_bytes(void)
{
	g_autoptr(JsonObject) small = uc_check_in_parts_test_new(2, 1000);
	g_autofree gchar *text = uc_json_to_text(small, FALSE);
	gsize fits_bytes = 1000 + (UC_LIMIT_CHECKIN_BYTES - strlen(text)) / 2;

	for (gsize filling = fits_bytes - 4; filling < fits_bytes + 4; filling++) {
		g_autoptr(JsonObject) check_in = uc_check_in_parts_test_new(2, filling);
		g_autofree gchar *whole = uc_json_to_text(check_in, FALSE);
		g_autofree gchar *ids = NULL;
		guint left_out = 0;
		g_autoptr(GPtrArray) parts = uc_check_in_parts_test_split(check_in, &left_out);

		/* the last comma is counted too */
		if (strlen(whole) < UC_LIMIT_CHECKIN_BYTES)
			g_assert_cmpuint(parts->len, ==, 1);
		else if (strlen(whole) > UC_LIMIT_CHECKIN_BYTES)
			g_assert_cmpuint(parts->len, ==, 2);
		ids = uc_check_in_parts_test_join(parts);
		g_assert_cmpstr(ids, ==, "e0 e1 ");
		g_assert_cmpuint(left_out, ==, 0);
	}
}

/* one that is too large takes none of the others with it, wherever it is */
static void
uc_check_in_parts_test_oversized(void)
{
	for (guint place = 0; place < 3; place++) {
		g_autoptr(JsonObject) check_in = uc_check_in_new(MACHINE);
		g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GPtrArray) parts = NULL;
		g_autofree gchar *ids = NULL;

		for (guint i = 0; i < 3; i++)
			uc_check_in_parts_test_add(check_in,
						   i == place ? "large" : "small",
						   i == place ? UC_LIMIT_CHECKIN_BYTES : 10);
		parts = uc_check_in_parts_new(check_in, left);
		g_assert_cmpuint(parts->len, ==, 1);
		ids = uc_check_in_parts_test_join(parts);
		g_assert_cmpstr(ids, ==, "small small ");
		g_assert_cmpuint(left->len, ==, 1);
		g_assert_cmpstr(g_ptr_array_index(left, 0), ==, "large");
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/check-in-parts/counts", uc_check_in_parts_test_counts);
	g_test_add_func("/check-in-parts/bytes", uc_check_in_parts_test_bytes);
	g_test_add_func("/check-in-parts/oversized", uc_check_in_parts_test_oversized);
	return g_test_run();
}
