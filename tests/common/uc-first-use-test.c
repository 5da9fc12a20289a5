/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-first-use.h"
#include "uc-limits.h"

#define BOOT "0a1b2c3d-0000-4000-8000-000000000001"

static void
write_below(const gchar *dir, const gchar *name, const gchar *text)
{
	g_autofree gchar *path = g_build_filename(dir, "ucupdates", "trust.d", name, NULL);
	g_autofree gchar *parent = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
remove_below(const gchar *dir, const gchar *name)
{
	g_autofree gchar *path = g_build_filename(dir, "ucupdates", "trust.d", name, NULL);

	g_assert_cmpint(g_remove(path), ==, 0);
}

static void
check_closed(const UcFirstUse *record, const gchar *boot_id, gint64 boot_secs, const gchar *why)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(uc_first_use_check_open(record, boot_id, boot_secs, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	if (strstr(error->message, why) == NULL)
		g_error("'%s' does not say '%s'", error->message, why);
}

static void
test_open(void)
{
	UcFirstUse record = {.boot_id = (gchar *)BOOT, .opened_boot_secs = 30};
	UcFirstUse taken = record;
	UcFirstUse closed = record;
	g_autoptr(GError) error = NULL;

	taken.organisation = (gchar *)"room.example";
	closed.done = TRUE;
	check_closed(&taken, BOOT, 31, "first use has ended: anchors were taken already; ");
	check_closed(&closed, BOOT, 31, "an administrator installed anchors");
	check_closed(&record, "another", 31, "the machine was restarted since it began");
	check_closed(&record, NULL, 31, "the machine was restarted since it began");
	/* no clock that nobody can set runs backwards, so this record is another boot's */
	check_closed(&record, BOOT, 29, "its ten minutes are over");
	check_closed(&record, BOOT, 30 + UC_LIMIT_FIRST_USE_SECS, "its ten minutes are over");
	g_assert_true(uc_first_use_check_open(&record, BOOT, 30, &error));
	g_assert_true(uc_first_use_check_open(&record, BOOT, 29 + UC_LIMIT_FIRST_USE_SECS, &error));
	g_assert_no_error(error);
}

static void
test_factory(void)
{
	static const gchar *const names[] = {"tls/a.pem",
					     "documents/a.pem",
					     "payload/a.pem",
					     "metadata/a.pem",
					     "recovery/a.pem",
					     "keys.json"};
	g_autofree gchar *dir = g_dir_make_tmp("uc-first-use-XXXXXX", NULL);
	g_autofree gchar *purpose = g_build_filename(dir, "ucupdates/trust.d/tls", NULL);

	g_setenv("UCUPDATES_SYSCONFDIR", dir, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;

		write_below(dir, names[i], "x");
		g_assert_false(uc_first_use_check_factory(&error));
		g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
		g_assert_nonnull(strstr(error->message, names[i]));
		remove_below(dir, names[i]);
	}
	g_assert_true(uc_first_use_check_factory(NULL)); /* empty directories are no anchors */
	/* a file in the place of a directory can be anything */
	g_assert_cmpint(g_rmdir(purpose), ==, 0);
	write_below(dir, "tls", "x");
	g_assert_false(uc_first_use_check_factory(NULL));
	remove_below(dir, "tls");
	g_assert_true(uc_first_use_check_factory(NULL));
}

static void
check_unreadable(const gchar *dir, const gchar *text, UcError code, const gchar *why)
{
	g_autoptr(GError) error = NULL;

	write_below(dir, "first-use.json", text);
	g_assert_null(uc_first_use_load(&error));
	g_assert_error(error, UC_ERROR, (gint)code);
	if (strstr(error->message, why) == NULL)
		g_error("'%s' does not say '%s'", error->message, why);
}

static void
test_record(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-first-use-XXXXXX", NULL);
	UcFirstUse record = {.boot_id = (gchar *)BOOT,
			     .opened_boot_secs = 7,
			     .organisation = (gchar *)"room.example",
			     .fingerprint = (gchar *)"abc",
			     .taken_secs = 1795322775,
			     .done = TRUE};
	g_autoptr(GBytes) bytes = uc_first_use_to_bytes(&record);
	g_autofree gchar *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_autoptr(UcFirstUse) again = NULL;
	g_autoptr(GError) error = NULL;

	g_setenv("UCUPDATES_SYSCONFDIR", dir, TRUE);
	g_assert_null(uc_first_use_load(&error));
	g_assert_error(error, UC_ERROR, UC_ERROR_NOT_FOUND);
	g_clear_error(&error);
	check_unreadable(dir, "", UC_ERROR_INVALID, "first-use.json");
	check_unreadable(dir, "{}", UC_ERROR_INVALID, "member 'format' is missing");
	check_unreadable(dir,
			 "{\"format\": \"x\", \"boot_id\": \"b\", \"opened_boot_secs\": 1, "
			 "\"done\": false}",
			 UC_ERROR_INVALID,
			 "format is 'x', expected 'ucupdates-first-use-1'");
	check_unreadable(dir,
			 "{\"format\": \"ucupdates-first-use-1\", \"boot_id\": \"b\", "
			 "\"opened_boot_secs\": -1, \"done\": false}",
			 UC_ERROR_INVALID,
			 "member 'opened_boot_secs' is -1");
	write_below(dir, "first-use.json", text);
	again = uc_first_use_load(&error);
	g_assert_no_error(error);
	g_assert_cmpstr(again->boot_id, ==, BOOT);
	g_assert_cmpint(again->opened_boot_secs, ==, 7);
	g_assert_cmpstr(again->organisation, ==, "room.example");
	g_assert_cmpstr(again->fingerprint, ==, "abc");
	g_assert_cmpint(again->taken_secs, ==, 1795322775);
	g_assert_true(again->done);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/first-use/open", test_open);
	g_test_add_func("/first-use/factory", test_factory);
	g_test_add_func("/first-use/record", test_record);
	return g_test_run();
}
