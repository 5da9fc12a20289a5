/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-power.h"
#include "uc-surroundings.h"

/* lines of "supply/attribute=value" as a tree of files */
static gchar *
make_supplies(const gchar *text)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-power-XXXXXX", NULL);
	g_auto(GStrv) lines = g_strsplit(text, " ", -1);

	g_assert_nonnull(dir);
	for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
		g_auto(GStrv) parts = g_strsplit(lines[i], "=", 2);
		g_autofree gchar *path = g_build_filename(dir, parts[0], NULL);
		g_autofree gchar *parent = g_path_get_dirname(path);
		g_autofree gchar *value = g_strconcat(parts[1], "\n", NULL);

		g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
		g_assert_true(g_file_set_contents(path, value, -1, NULL));
	}
	return g_steal_pointer(&dir);
}

static void
remove_supplies(const gchar *dir)
{
	g_autofree gchar *quoted = g_shell_quote(dir);
	g_autofree gchar *command = g_strconcat("rm -rf ", quoted, NULL);

	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
}

static void
test_power(void)
{
	const struct {
		const gchar *supplies;
		gboolean mains;
		gint64 percent;
	} rows[] = {
	    {"", TRUE, -1},
	    {"AC/type=Mains AC/online=0", TRUE, -1}, /* it runs all the same */
	    {"AC/type=Mains AC/online=1 B/type=Battery B/capacity=20", TRUE, 20},
	    {"AC/type=Mains AC/online=0 B/type=Battery B/capacity=100", FALSE, 100},
	    {"AC/type=Mains AC/online=0 U/type=USB U/online=1 B/type=Battery B/capacity=5",
	     TRUE,
	     5},
	    {"B/type=Battery B/status=Discharging B/capacity=49", FALSE, 49},
	    {"B/type=Battery B/status=Charging B/capacity=49", TRUE, 49},
	    {"B/type=Battery B/status=Discharging B/capacity=80 "
	     "C/type=Battery C/status=Discharging C/capacity=0",
	     FALSE,
	     0},
	    {"B/type=Battery B/status=Discharging", FALSE, -1},
	    {"B/type=Battery B/status=Discharging B/capacity=101", FALSE, -1},
	    {"B/type=Battery B/status=Discharging B/capacity=-1", FALSE, -1},
	    {"B/type=Battery B/status=Discharging B/capacity=40%", FALSE, -1},
	    {"M/type=Battery M/scope=Device M/status=Discharging M/capacity=3", TRUE, -1},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *dir = make_supplies(rows[i].supplies);
		g_autoptr(UcFacts) facts = uc_facts_new();

		g_test_message("%s", rows[i].supplies);
		uc_power_fill_facts(dir, facts);
		g_assert_cmpint(facts->mains, ==, rows[i].mains);
		g_assert_cmpint(facts->battery_percent, ==, rows[i].percent);
		remove_supplies(dir);
	}
}

static void
test_power_nothing(void)
{
	g_autoptr(UcFacts) facts = uc_facts_new();

	facts->mains = FALSE;
	uc_power_fill_facts("/nonexistent", facts);
	g_assert_true(facts->mains);
	g_assert_cmpint(facts->battery_percent, ==, -1);
}

/* room is needed for what is still to be fetched, and for nothing after that */
static void
test_disk(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-disk-XXXXXX", NULL);
	g_autofree gchar *state = g_build_filename(dir, "lib", "ucupdates", NULL);
	g_autoptr(UcFacts) facts = uc_facts_new();

	g_assert_cmpint(g_mkdir_with_parents(state, 0700), ==, 0);
	g_setenv("UCUPDATES_LOCALSTATEDIR", dir, TRUE);
	facts->progress = UC_PROGRESS_AVAILABLE;
	uc_surroundings_fill_disk(facts, 1000);
	g_assert_cmpint(facts->disk_needed_bytes, ==, 16 * 1024 * 1024 + 1000);
	g_assert_cmpint(facts->disk_free_bytes, >, 0);
	uc_surroundings_fill_disk(facts, G_MAXUINT64);
	g_assert_cmpint(facts->disk_needed_bytes, >, facts->disk_free_bytes);
	facts->progress = UC_PROGRESS_DOWNLOADED;
	uc_surroundings_fill_disk(facts, 1000);
	g_assert_cmpint(facts->disk_needed_bytes, ==, 0);
	remove_supplies(dir);
}

/* what has no event is looked at again, but only while something waits for it */
static void
test_next(void)
{
	g_autoptr(UcFacts) facts = uc_facts_new();

	facts->progress = UC_PROGRESS_STAGED;
	facts->disk_free_bytes = 99;
	facts->disk_needed_bytes = 99;
	g_assert_cmpint(uc_surroundings_get_next_secs(facts, 1000), ==, -1);
	facts->disk_needed_bytes = 100;
	g_assert_cmpint(uc_surroundings_get_next_secs(facts, 1000), ==, 1600);
	facts->disk_needed_bytes = 0;
	facts->clock_synchronised = FALSE;
	g_assert_cmpint(uc_surroundings_get_next_secs(facts, 1000), ==, 1600);
	facts->progress = UC_PROGRESS_CURRENT;
	g_assert_cmpint(uc_surroundings_get_next_secs(facts, 1000), ==, -1);
	facts->progress = UC_PROGRESS_STAGED;
	facts->clock_synchronised = TRUE;
	facts->mains = FALSE;
	g_assert_cmpint(uc_surroundings_get_next_secs(facts, 1000), ==, 1600);
}

static void
test_updating(void)
{
	static const FwupdStatus busy[] = {FWUPD_STATUS_DEVICE_WRITE,
					   FWUPD_STATUS_DEVICE_VERIFY,
					   FWUPD_STATUS_DEVICE_ERASE,
					   FWUPD_STATUS_DEVICE_RESTART,
					   FWUPD_STATUS_SCHEDULING};
	static const FwupdStatus other[] = {FWUPD_STATUS_UNKNOWN,
					    FWUPD_STATUS_IDLE,
					    FWUPD_STATUS_LOADING,
					    FWUPD_STATUS_DOWNLOADING,
					    FWUPD_STATUS_WAITING_FOR_AUTH};

	for (guint i = 0; i < G_N_ELEMENTS(busy); i++)
		g_assert_true(uc_surroundings_is_updating(busy[i]));
	for (guint i = 0; i < G_N_ELEMENTS(other); i++)
		g_assert_false(uc_surroundings_is_updating(other[i]));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/surroundings/power", test_power);
	g_test_add_func("/surroundings/power-nothing", test_power_nothing);
	g_test_add_func("/surroundings/disk", test_disk);
	g_test_add_func("/surroundings/next", test_next);
	g_test_add_func("/surroundings/updating", test_updating);
	return g_test_run();
}
