/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-journal.h"

static const gchar *const events[] =
    {"staged", "activated", "success", "failed", "revoked", "refused", "forced", "plugin"};

static GLogWriterOutput
collect_cb(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	GHashTable *table = user_data;

	for (gsize i = 0; i < n_fields; i++)
		g_hash_table_insert(table, g_strdup(fields[i].key), g_strdup(fields[i].value));
	return G_LOG_WRITER_HANDLED;
}

static void
assert_field(GHashTable *table, const gchar *key, const gchar *value)
{
	g_assert_cmpstr(g_hash_table_lookup(table, key), ==, value);
}

static void
test_unknown(void)
{
	g_assert_null(uc_journal_get_id("danced"));
	g_assert_null(uc_journal_get_id(""));
	g_assert_null(uc_journal_get_id(NULL));
}

static void
test_ids(void)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < G_N_ELEMENTS(events); i++) {
		const gchar *id = uc_journal_get_id(events[i]);

		g_assert_nonnull(id);
		g_assert_cmpuint(strlen(id), ==, 32);
		g_assert_cmpuint(strspn(id, "0123456789abcdef"), ==, 32);
		g_assert_true(g_hash_table_add(seen, (gpointer)id));
	}
}

/* each one is explained, and documented: paths of both files are the arguments */
static void
test_explained(gconstpointer user_data)
{
	g_autofree gchar *text = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_get_contents(user_data, &text, NULL, &error));
	for (guint i = 0; i < G_N_ELEMENTS(events); i++)
		g_assert_nonnull(strstr(text, uc_journal_get_id(events[i])));
}

static void
test_fields(void)
{
	g_autoptr(GHashTable) table =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	g_log_set_writer_func(collect_cb, table, NULL);
	uc_journal_log("staged", "codec", "1.1.0", "by hand, 100 %s");
	assert_field(table, "MESSAGE_ID", "f1735bb0c4c44e778ed708697253e9da");
	assert_field(table, "UCUPDATES_EVENT", "staged");
	assert_field(table, "UCUPDATES_ENDPOINT", "codec");
	assert_field(table, "UCUPDATES_VERSION", "1.1.0");
	assert_field(table, "MESSAGE", "codec: staged 1.1.0: by hand, 100 %s");
	assert_field(table, "PRIORITY", "5");
	uc_journal_log("activated", "codec", "1.1.0", "");
	assert_field(table, "MESSAGE", "codec: activated 1.1.0");
	uc_journal_log("refused", "codec", NULL, "it is too old");
	assert_field(table, "MESSAGE", "codec: refused: it is too old");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/journal/unknown", test_unknown);
	g_test_add_func("/journal/ids", test_ids);
	for (gint i = 1; i < argc; i++) {
		g_autofree gchar *name = g_strdup_printf("/journal/explained/%d", i);

		g_test_add_data_func(name, argv[i], test_explained);
	}
	g_test_add_func("/journal/fields", test_fields);
	return g_test_run();
}
