/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-led.h"

#define LED "uc:green:status"

static gchar *
get_path(const gchar *attribute)
{
	return g_build_filename(g_getenv("UCUPDATES_SYSFSDIR"), "class/leds", LED, attribute, NULL);
}

static void
put(const gchar *attribute, const gchar *text)
{
	g_autofree gchar *path = get_path(attribute);
	g_autofree gchar *parent = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
drop(const gchar *attribute)
{
	g_autofree gchar *path = get_path(attribute);

	(void)g_unlink(path);
}

static void
assert_is(const gchar *attribute, const gchar *text)
{
	g_autofree gchar *path = get_path(attribute);
	g_autofree gchar *found = NULL;

	g_assert_true(g_file_get_contents(path, &found, NULL, NULL));
	g_assert_cmpstr(found, ==, text);
}

static void
test_name(void)
{
	g_autofree gchar *longest = g_strnfill(63, 'x');
	g_autofree gchar *longer = g_strnfill(64, 'x');
	const struct {
		const gchar *name;
		gboolean good;
	} rows[] = {
	    {"", FALSE},
	    {".", FALSE},
	    {"..", FALSE},
	    {"../power", FALSE},
	    {"a/b", FALSE},
	    {"\xff", FALSE},
	    {longer, FALSE},
	    {longest, TRUE},
	    {"uc:green:status", TRUE},
	    {"mmc0::", TRUE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(uc_led_is_name(rows[i].name), ==, rows[i].good);
}

static void
test_states(void)
{
	static const struct {
		UcLedState state;
		const gchar *trigger;
		const gchar *brightness;
	} rows[] = {
	    {UC_LED_OFF, "none\n", "0\n"},
	    {UC_LED_RESTART, "none\n", "127\n"},
	    {UC_LED_FAILED, "heartbeat\n", "7\n"},
	    {UC_LED_UPDATING, "timer\n", "7\n"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		put("max_brightness", "127\n");
		put("trigger", "something longer than any of them\n");
		put("brightness", "7\n");
		g_assert_true(uc_led_set(LED, rows[i].state, &error));
		g_assert_no_error(error);
		assert_is("trigger", rows[i].trigger);
		assert_is("brightness", rows[i].brightness);
	}
}

static void
test_without_maximum(void)
{
	g_autoptr(GError) error = NULL;

	drop("max_brightness");
	put("trigger", "");
	put("brightness", "");
	g_assert_true(uc_led_set(LED, UC_LED_RESTART, &error));
	g_assert_no_error(error);
	assert_is("brightness", "1\n");
}

/* no such LED, or one that belongs to somebody else */
static void
test_refused(void)
{
	static const gchar *const missing[] = {"trigger", "brightness"};

	for (guint i = 0; i < G_N_ELEMENTS(missing); i++) {
		g_autofree gchar *sentence = g_strconcat("/", missing[i], ": No such file", NULL);
		g_autoptr(GError) error = NULL;

		put("trigger", "");
		put("brightness", "");
		drop(missing[i]);
		g_assert_false(uc_led_set(LED, UC_LED_RESTART, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_FAILED);
		g_assert_nonnull(strstr(error->message, sentence));
	}
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-led-XXXXXX", NULL);

	g_test_init(&argc, &argv, NULL);
	g_assert_true(g_setenv("UCUPDATES_SYSFSDIR", dir, TRUE));
	g_test_add_func("/led/name", test_name);
	g_test_add_func("/led/states", test_states);
	g_test_add_func("/led/without-maximum", test_without_maximum);
	g_test_add_func("/led/refused", test_refused);
	return g_test_run();
}
