/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-config.h"
#include "uc-error.h"

typedef struct {
	gchar *dir;
} UcConfigTest;

static void
uc_config_test_write(UcConfigTest *self, const gchar *name, const gchar *text)
{
	g_autofree gchar *path = g_build_filename(self->dir, name, NULL);
	g_autofree gchar *parent = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
uc_config_test_set_up(UcConfigTest *self, gconstpointer data)
{
	g_autofree gchar *vendor = NULL;

	self->dir = g_dir_make_tmp("uc-config-XXXXXX", NULL);
	vendor = g_build_filename(self->dir, "vendor", NULL);
	g_setenv("UCUPDATES_SYSCONFDIR", self->dir, TRUE);
	g_setenv("UCUPDATES_VENDORDIR", vendor, TRUE);
}

static void
uc_config_test_tear_down(UcConfigTest *self, gconstpointer data)
{
	g_autofree gchar *command = g_strdup_printf("rm -rf '%s'", self->dir);

	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	g_free(self->dir);
}

static void
uc_config_test_defaults(UcConfigTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcConfig) config = uc_config_load(&error);
	g_auto(GStrv) domains = NULL;

	g_assert_no_error(error);
	g_assert_cmpuint(uc_config_get_uint(config, "Discovery", "TimeoutMs"), ==, 10000);
	domains = uc_config_get_strv(config, "Discovery", "Domains");
	g_assert_cmpuint(g_strv_length(domains), ==, 0);
}

static void
uc_config_test_precedence(UcConfigTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcConfig) config = NULL;
	g_auto(GStrv) domains = NULL;

	uc_config_test_write(self,
			     "vendor/ucupdates.conf",
			     "[Discovery]\nTimeoutMs=200\nDomains=vendor.example\n");
	uc_config_test_write(self, "ucupdates/ucupdates.conf", "[Discovery]\nTimeoutMs=300\n");
	uc_config_test_write(self,
			     "ucupdates/ucupdates.conf.d/20.conf",
			     "[Discovery]\nTimeoutMs=500\n");
	uc_config_test_write(self,
			     "ucupdates/ucupdates.conf.d/10.conf",
			     "[Discovery]\nTimeoutMs=400\n");
	config = uc_config_load(&error);
	g_assert_no_error(error);
	g_assert_cmpuint(uc_config_get_uint(config, "Discovery", "TimeoutMs"), ==, 500);
	domains = uc_config_get_strv(config, "Discovery", "Domains");
	g_assert_cmpstr(domains[0], ==, "vendor.example");
}

static void
uc_config_test_refused(UcConfigTest *self, gconstpointer data)
{
	static const gchar *const wrong[] = {"99", "120001", "-1", "+5000", "5000ms", "", "0x200"};
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree gchar *text = g_strdup_printf("[Discovery]\nTimeoutMs=%s\n", wrong[i]);

		uc_config_test_write(self, "ucupdates/ucupdates.conf", text);
		g_assert_null(uc_config_load(&error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_nonnull(strstr(error->message, "[Discovery] TimeoutMs is '"));
		g_assert_nonnull(strstr(error->message, "expected a number from 100 to 120000"));
		g_clear_error(&error);
	}
	uc_config_test_write(self, "ucupdates/ucupdates.conf", "[Discovery]\nDomains=a\\2b\n");
	g_assert_null(uc_config_load(&error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_assert_nonnull(strstr(error->message, "[Discovery] Domains is not UTF-8 or has a"));
	g_clear_error(&error);
	uc_config_test_write(self, "ucupdates/ucupdates.conf", "TimeoutMs=5\n");
	g_assert_null(uc_config_load(&error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
}

static void
uc_config_test_unknown_key(UcConfigTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcConfig) config = NULL;

	uc_config_test_write(self, "ucupdates/ucupdates.conf", "[Discovery]\nTimeOutMs=5\n");
	g_test_expect_message(NULL,
			      G_LOG_LEVEL_WARNING,
			      "*TimeOutMs is not a key of ucupdates.conf(5), ignored");
	config = uc_config_load(&error);
	g_test_assert_expected_messages();
	g_assert_no_error(error);
	g_assert_nonnull(config);
}

/* the file that counts is the one to look at */
static void
uc_config_test_path(UcConfigTest *self, gconstpointer data)
{
	g_autofree gchar *local =
	    g_build_filename(self->dir, "ucupdates", "ucupdates.conf.d", "9.conf", NULL);
	g_autofree gchar *group = NULL;
	g_autofree gchar *expected = g_strdup_printf("%s: [Agent] Group is 'x'", local);
	g_autofree gchar *restart = NULL;
	g_autoptr(GError) error = g_error_new_literal(UC_ERROR, UC_ERROR_INVALID, " is 'x'");
	g_autoptr(UcConfig) config = NULL;

	uc_config_test_write(self, "ucupdates/ucupdates.conf", "[Agent]\nGroup=a\n");
	uc_config_test_write(self, "ucupdates/ucupdates.conf.d/9.conf", "[Agent]\nGroup=b\n");
	config = uc_config_load(NULL);
	group = uc_config_get_path(config, "Agent", "Group");
	restart = uc_config_get_path(config, "Agent", "Restart");
	g_assert_cmpstr(group, ==, local);
	g_assert_cmpstr(restart, ==, "ucupdates.conf");
	uc_config_prefix_error(config, "Agent", "Group", &error);
	g_assert_cmpstr(error->message, ==, expected);
}

static void
uc_config_test_add(const gchar *path, void (*func)(UcConfigTest *, gconstpointer))
{
	g_test_add(path, UcConfigTest, NULL, uc_config_test_set_up, func, uc_config_test_tear_down);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	uc_config_test_add("/config/defaults", uc_config_test_defaults);
	uc_config_test_add("/config/precedence", uc_config_test_precedence);
	uc_config_test_add("/config/path", uc_config_test_path);
	uc_config_test_add("/config/refused", uc_config_test_refused);
	uc_config_test_add("/config/unknown-key", uc_config_test_unknown_key);
	return g_test_run();
}
