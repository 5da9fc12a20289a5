/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-agent-authority.h"
#include "uc-agent-interface.h"

static void
test_unknown_is_denied(void)
{
	static const gchar *const names[] = {"", "Reboot", "activity", "Activity ", "Inhibit2"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_cmpint(uc_agent_authority_get(names[i]), ==, UC_CALLER_NOBODY);
}

/* a method that the interface has and the table has not could never be called */
static void
test_every_method_has_a_row(void)
{
	const GDBusMethodInfo *const *methods =
	    (const GDBusMethodInfo *const *)org_ucupdates_agent1_interface.methods;

	g_assert_nonnull(methods[0]);
	for (guint i = 0; methods[i] != NULL; i++) {
		g_test_message("%s", methods[i]->name);
		g_assert_cmpint(uc_agent_authority_get(methods[i]->name), !=, UC_CALLER_NOBODY);
	}
}

/* what makes the machine do something, or can make it go elsewhere, or says that root forced it */
static void
test_acts_are_for_root(void)
{
	static const gchar *const names[] = {"CancelInstall",
					     "Check",
					     "CheckStep",
					     "ForgetService",
					     "Install",
					     "InstallFile",
					     "SetService",
					     "SignIn",
					     "SignOut"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_cmpint(uc_agent_authority_get(names[i]), ==, UC_CALLER_ROOT);
}

static gchar *
find_row(const gchar *text, const gchar *caller)
{
	g_autofree gchar *end = g_strdup_printf("| %s |\n", caller);
	const gchar *stop = strstr(text, end);
	const gchar *start = stop;

	g_assert_nonnull(stop);
	while (start > text && start[-1] != '\n')
		start--;
	return g_strndup(start, (gsize)(stop - start));
}

/* the table of docs/agent.md says the same */
static void
test_documented(gconstpointer user_data)
{
	const GDBusMethodInfo *const *methods =
	    (const GDBusMethodInfo *const *)org_ucupdates_agent1_interface.methods;
	g_autofree gchar *text = NULL;
	g_autofree gchar *everyone = NULL;
	g_autofree gchar *root = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_get_contents(user_data, &text, NULL, &error));
	everyone = find_row(text, "everyone");
	root = find_row(text, "root");
	for (guint i = 0; methods[i] != NULL; i++) {
		g_autofree gchar *cell = g_strdup_printf("`%s`", methods[i]->name);
		gboolean is_root = uc_agent_authority_get(methods[i]->name) == UC_CALLER_ROOT;

		g_test_message("%s", methods[i]->name);
		g_assert_nonnull(strstr(is_root ? root : everyone, cell));
		g_assert_null(strstr(is_root ? everyone : root, cell));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/authority/unknown", test_unknown_is_denied);
	g_test_add_func("/authority/every-method", test_every_method_has_a_row);
	g_test_add_func("/authority/acts", test_acts_are_for_root);
	if (argc > 1)
		g_test_add_data_func("/authority/documented", argv[1], test_documented);
	return g_test_run();
}
