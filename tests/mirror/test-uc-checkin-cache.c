/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-checkin-cache.h"
#include "uc-error.h"
#include "uc-test-mirror.h"

#define UC_TEST_KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct {
	UcTestDatabase files;
	UcCheckinCache *cache;
	gint64 now_secs;
} UcTest;

static void
uc_test_refresh(UcTest *self)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_checkin_cache_refresh(self->cache, &error));
	g_assert_no_error(error);
}

static void
uc_test_set_up(UcTest *self, gconstpointer user_data)
{
	uc_test_database_make(&self->files);
	self->cache = uc_checkin_cache_new(self->files.database);
	self->now_secs = 1000000000;
	uc_test_refresh(self);
}

static void
uc_test_tear_down(UcTest *self, gconstpointer user_data)
{
	uc_checkin_cache_free(self->cache);
	uc_test_database_remove(&self->files);
}

static void
uc_test_add(UcTest *self, const gchar *body, const gchar *key, gint64 row)
{
	g_autoptr(GBytes) bytes = g_bytes_new(body, strlen(body));
	g_autoptr(GBytes) reply = g_bytes_new(body, strlen(body));
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(gint64));

	g_array_append_val(rows, row);
	uc_checkin_cache_add(self->cache, bytes, key, rows, reply);
}

static gboolean
uc_test_has(UcTest *self, const gchar *body, const gchar *key)
{
	g_autoptr(GBytes) bytes = g_bytes_new(body, strlen(body));
	g_autoptr(GBytes) reply = uc_checkin_cache_find(self->cache, bytes, key, ++self->now_secs);

	g_assert_true(reply == NULL || g_bytes_equal(reply, bytes));
	return reply != NULL;
}

static void
uc_test_write(UcTest *self)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_checkin_cache_write(self->cache, &error));
	g_assert_no_error(error);
}

static gint64
uc_test_get_seen(UcTest *self, gint64 row)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcStatement) found =
	    uc_database_query(self->files.other,
			      &error,
			      "SELECT seen_secs FROM seen WHERE endpoint_id = ?",
			      "i",
			      row);
	gboolean any = FALSE;

	g_assert_true(uc_statement_next(found, &any, &error));
	return any ? uc_statement_get_int64(found, 0) : 0;
}

/* the same bytes of the same key and nothing else; what was said in between is a change */
static void
uc_test_same(UcTest *self, gconstpointer user_data)
{
	g_assert_false(uc_test_has(self, "one", NULL));
	uc_test_add(self, "one", NULL, 1);
	uc_test_add(self, "two", UC_TEST_KEY, 2);
	g_assert_true(uc_test_has(self, "one", NULL));
	g_assert_false(uc_test_has(self, "one", UC_TEST_KEY));
	g_assert_true(uc_test_has(self, "two", UC_TEST_KEY));
	g_assert_false(uc_test_has(self, "two", NULL));
	uc_test_add(self, "three", NULL, 1);
	g_assert_false(uc_test_has(self, "one", NULL));
	g_assert_true(uc_test_has(self, "three", NULL));
	uc_test_add(self, "three", NULL, 1);
	g_assert_true(uc_test_has(self, "three", NULL));
	g_assert_true(uc_test_has(self, "two", UC_TEST_KEY));
}

static void
uc_test_seen(UcTest *self, gconstpointer user_data)
{
	gint64 first_secs = 0;

	uc_test_add(self, "one", NULL, 1);
	uc_test_add(self, "two", NULL, 2);
	uc_test_write(self);
	g_assert_cmpint(uc_test_get_seen(self, 1), ==, 0);
	g_assert_true(uc_test_has(self, "one", NULL));
	first_secs = self->now_secs;
	g_assert_cmpint(uc_test_get_seen(self, 1), ==, 0);
	uc_test_write(self);
	g_assert_cmpint(uc_test_get_seen(self, 1), ==, first_secs);
	g_assert_cmpint(uc_test_get_seen(self, 2), ==, 0);
	g_assert_true(uc_test_has(self, "one", NULL));
	uc_test_write(self);
	g_assert_cmpint(uc_test_get_seen(self, 1), ==, first_secs + 1);
}

/* what another program changes may change any answer; our own writing does not */
static void
uc_test_changed(UcTest *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;

	uc_test_add(self, "one", NULL, 1);
	g_assert_true(uc_test_has(self, "one", NULL));
	uc_test_write(self);
	uc_test_refresh(self);
	g_assert_true(uc_test_has(self, "one", NULL));
	g_assert_true(uc_database_set_meta(self->files.other, "serial", "2", &error));
	g_assert_no_error(error);
	uc_test_refresh(self);
	g_assert_false(uc_test_has(self, "one", NULL));
	/* when it was seen is not forgotten */
	uc_test_write(self);
	g_assert_cmpint(uc_test_get_seen(self, 1), >, 0);
}

/* which is another program's doing, and may be noticed only when it is written */
static void
uc_test_gone(UcTest *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;

	uc_test_add(self, "one", NULL, 1);
	g_assert_true(uc_test_has(self, "one", NULL));
	g_assert_true(uc_database_set_meta(self->files.other, "serial", "2", &error));
	g_assert_no_error(error);
	uc_test_write(self);
	g_assert_cmpint(uc_test_get_seen(self, 1), ==, 0);
}

/* as long as nothing can be written nobody is told that all is well */
static void
uc_test_stuck(UcTest *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;

	uc_test_add(self, "one", NULL, 1);
	g_assert_true(uc_test_has(self, "one", NULL));
	g_assert_true(
	    uc_database_run(self->files.database,
			    &error,
			    "CREATE TRIGGER t BEFORE INSERT ON seen BEGIN SELECT RAISE(ABORT,"
			    " 'not now'); END",
			    ""));
	g_assert_no_error(error);
	g_assert_false(uc_checkin_cache_write(self->cache, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_FAILED);
	g_clear_error(&error);
	g_assert_false(uc_test_has(self, "one", NULL));
	g_assert_true(uc_database_run(self->files.database, &error, "DROP TRIGGER t", ""));
	uc_test_write(self);
	g_assert_cmpint(uc_test_get_seen(self, 1), >, 0);
	g_assert_true(uc_test_has(self, "one", NULL));
}

/* more than are remembered */
static void
uc_test_many(UcTest *self, gconstpointer user_data)
{
	for (guint i = 0; i < 140000; i++) {
		g_autofree gchar *body = g_strdup_printf("%u", i);

		uc_test_add(self, body, NULL, i);
	}
	g_assert_false(uc_test_has(self, "0", NULL));
	g_assert_true(uc_test_has(self, "139999", NULL));
}

#define UC_TEST_ADD(path, func) \
	g_test_add(path, UcTest, NULL, uc_test_set_up, func, uc_test_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	UC_TEST_ADD("/checkin-cache/same", uc_test_same);
	UC_TEST_ADD("/checkin-cache/seen", uc_test_seen);
	UC_TEST_ADD("/checkin-cache/changed", uc_test_changed);
	UC_TEST_ADD("/checkin-cache/gone", uc_test_gone);
	UC_TEST_ADD("/checkin-cache/stuck", uc_test_stuck);
	UC_TEST_ADD("/checkin-cache/many", uc_test_many);
	return g_test_run();
}
