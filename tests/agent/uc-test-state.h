/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* a state directory of the test's own; call before anything else */
static inline gchar *
uc_test_state_new(void)
{
	g_autoptr(GError) error = NULL;
	gchar *dir = g_dir_make_tmp("ucupdates-test-XXXXXX", &error);

	g_assert_no_error(error);
	g_assert_true(g_setenv("UCUPDATES_LOCALSTATEDIR", dir, TRUE));
	g_assert_true(g_setenv("UCUPDATES_SYSCONFDIR", dir, TRUE));
	return dir;
}
