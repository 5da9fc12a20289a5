/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-plugin.h"

static void
test_explain(void)
{
	static const struct {
		const gchar *built_for;
		const gchar *running;
		UcPluginPresence presence;
		const gchar *text; /* how it begins; NULL for nothing */
	} rows[] = {
	    {"2.0.20", "2.0.20", UC_PLUGIN_LOADED, NULL},
	    {NULL, "2.0.20", UC_PLUGIN_LOADED, NULL},
	    {"2.0.20", NULL, UC_PLUGIN_LOADED, NULL},
	    {"2.0.20",
	     "2.0.21",
	     UC_PLUGIN_MISSING,
	     "plugin built for fwupd 2.0.20, fwupd is 2.0.21: updates wait; run "
	     "ucupdates-rebuild-plugin as root"},
	    {"2.0.20", "2.0.2", UC_PLUGIN_LOADED, "plugin built for fwupd 2.0.20, fwupd is 2.0.2:"},
	    {NULL, "2.0.20", UC_PLUGIN_MISSING, "fwupd has no plugin uc_endpoint: updates wait;"},
	    {"2.0.20", "2.0.20", UC_PLUGIN_MISSING, "fwupd did not load the plugin uc_endpoint:"},
	    {"2.0.20", "2.0.20", UC_PLUGIN_BROKEN, "fwupd did not load the plugin uc_endpoint:"},
	    {NULL, NULL, UC_PLUGIN_BROKEN, "fwupd did not load the plugin uc_endpoint:"},
	    {"2.0.20", "2.0.20", UC_PLUGIN_DISABLED, "fwupd's plugin uc_endpoint is disabled:"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *text =
		    uc_plugin_explain(rows[i].built_for, rows[i].running, rows[i].presence);

		g_test_message("row %u: %s", i, text);
		if (rows[i].text == NULL) {
			g_assert_null(text);
			continue;
		}
		g_assert_nonnull(text);
		g_assert_true(g_str_has_prefix(text, rows[i].text));
	}
}

static void
write_conf(const gchar *path, const gchar *text)
{
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
}

static void
test_built_for(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *dir = g_dir_make_tmp("uc-plugin-XXXXXX", &error);
	g_autofree gchar *path = g_build_filename(dir, "plugin.conf", NULL);
	g_autofree gchar *found = NULL;

	g_assert_no_error(error);
	g_assert_true(g_setenv("UCUPDATES_VENDORDIR", dir, TRUE));
	g_assert_null(uc_plugin_get_built_for());
	write_conf(path, "[Plugin]\nFwupd=2.0.20\n");
	found = uc_plugin_get_built_for();
	g_assert_cmpstr(found, ==, "2.0.20");
	write_conf(path, "[Plugin]\n");
	g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*plugin.conf: *Fwupd*");
	g_assert_null(uc_plugin_get_built_for());
	g_test_assert_expected_messages();
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plugin/explain", test_explain);
	g_test_add_func("/plugin/built-for", test_built_for);
	return g_test_run();
}
