/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-watchdog.h"

static void
test_refused(void)
{
	const struct {
		const gchar *address;
		const gchar *usec;
		const gchar *pid;
	} rows[] = {
	    {"run/notify", "1000000", NULL},
	    {"", "1000000", NULL},
	    {"/run/notify", "", NULL},
	    {"/run/notify", "1999", NULL},
	    {"/run/notify", "-1", NULL},
	    {"/run/notify", "1s", NULL},
	    {"/run/notify", "1000000", "0"},
	    {"/run/notify", "1000000", "me"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_watchdog_new(rows[i].address, rows[i].usec, rows[i].pid, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

/* not started by systemd, without WatchdogSec=, or inherited from a parent: nothing ever wakes */
static void
test_none(void)
{
	const struct {
		const gchar *address;
		const gchar *usec;
		const gchar *pid;
	} rows[] = {
	    {NULL, NULL, NULL},
	    {NULL, "1000000", NULL},
	    {"/run/notify", NULL, NULL},
	    {"/run/notify", "1000000", "1"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcWatchdog) watchdog =
		    uc_watchdog_new(rows[i].address, rows[i].usec, rows[i].pid, &error);

		g_assert_no_error(error);
		g_assert_cmpuint(uc_watchdog_get_interval_ms(watchdog), ==, 0);
		g_assert_false(g_main_context_pending(NULL));
	}
}

static GSocket *
listen_at(GSocketAddress *address)
{
	g_autoptr(GError) error = NULL;
	GSocket *receiver = g_socket_new(G_SOCKET_FAMILY_UNIX,
					 G_SOCKET_TYPE_DATAGRAM,
					 G_SOCKET_PROTOCOL_DEFAULT,
					 &error);

	g_assert_no_error(error);
	g_assert_true(g_socket_bind(receiver, address, FALSE, &error));
	g_socket_set_blocking(receiver, FALSE);
	return receiver;
}

static void
expect_datagram(GSocket *receiver)
{
	gchar text[64] = {'\0'};

	while (g_socket_receive(receiver, text, sizeof(text) - 1, NULL, NULL) < 0)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(text, ==, "WATCHDOG=1");
}

static void
check_reports(GSocketAddress *address, const gchar *text)
{
	g_autoptr(GSocket) receiver = listen_at(address);
	g_autofree gchar *pid = g_strdup_printf("%d", getpid());
	g_autoptr(GError) error = NULL;
	g_autoptr(UcWatchdog) watchdog = uc_watchdog_new(text, "20000", pid, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(uc_watchdog_get_interval_ms(watchdog), ==, 10);
	expect_datagram(receiver);
	expect_datagram(receiver);
}

static void
test_path(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-XXXXXX", NULL);
	g_autofree gchar *path = g_build_filename(dir, "notify", NULL);
	g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);

	check_reports(address, path);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void
test_abstract(void)
{
	g_autofree gchar *name = g_strdup_printf("uc-watchdog-test-%d", getpid());
	g_autofree gchar *text = g_strconcat("@", name, NULL);
	g_autoptr(GSocketAddress) address =
	    g_unix_socket_address_new_with_type(name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);

	check_reports(address, text);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/watchdog/refused", test_refused);
	g_test_add_func("/watchdog/none", test_none);
	g_test_add_func("/watchdog/path", test_path);
	g_test_add_func("/watchdog/abstract", test_abstract);
	return g_test_run();
}
