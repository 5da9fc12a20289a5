/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-network-manager.h"
#include "uc-network-watch.h"

#define SETTLE_MS 150
#define CHANGES	  10

typedef struct {
	GTestDBus *daemon;
	GDBusConnection *bus;	  /* where it is listened */
	GDBusConnection *manager; /* who has NetworkManager's name */
	UcNetworkWatch *watch;
	gchar *dir;
	gchar *resolv_conf;
	guint told;
} UcNetworkWatchTest;

static void
uc_network_watch_test_told_cb(gpointer user_data)
{
	((UcNetworkWatchTest *)user_data)->told++;
}

static GDBusConnection *
uc_network_watch_test_connect(UcNetworkWatchTest *self)
{
	g_autoptr(GError) error = NULL;
	GDBusConnection *bus = g_dbus_connection_new_for_address_sync(
	    g_test_dbus_get_bus_address(self->daemon),
	    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
		G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
	    NULL,
	    NULL,
	    &error);

	g_assert_no_error(error);
	return bus;
}

static void
uc_network_watch_test_own_name(UcNetworkWatchTest *self)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_sync(self->manager,
					"org.freedesktop.DBus",
					"/org/freedesktop/DBus",
					"org.freedesktop.DBus",
					"RequestName",
					g_variant_new("(su)", UC_NETWORK_MANAGER_NAME, 0),
					NULL,
					G_DBUS_CALL_FLAGS_NONE,
					-1,
					NULL,
					&error);

	g_assert_no_error(error);
}

static void
uc_network_watch_test_set_up(UcNetworkWatchTest *self, gconstpointer settle_max_ms)
{
	self->dir = g_dir_make_tmp("uc-watch-XXXXXX", NULL);
	self->resolv_conf = g_build_filename(self->dir, "resolv.conf", NULL);
	g_assert_true(g_file_set_contents(self->resolv_conf, "search a.example\n", -1, NULL));
	g_setenv("UCUPDATES_RESOLV_CONF", self->resolv_conf, TRUE);
	self->daemon = g_test_dbus_new(G_TEST_DBUS_NONE);
	g_test_dbus_up(self->daemon);
	self->bus = uc_network_watch_test_connect(self);
	self->manager = uc_network_watch_test_connect(self);
	uc_network_watch_test_own_name(self);
	self->watch = uc_network_watch_new(self->bus,
					   SETTLE_MS,
					   GPOINTER_TO_UINT(settle_max_ms),
					   uc_network_watch_test_told_cb,
					   self);
}

static void
uc_network_watch_test_tear_down(UcNetworkWatchTest *self, gconstpointer data)
{
	g_clear_pointer(&self->watch, uc_network_watch_free);
	g_clear_object(&self->bus);
	g_clear_object(&self->manager);
	g_test_dbus_down(self->daemon);
	g_clear_object(&self->daemon);
	g_assert_cmpint(g_unlink(self->resolv_conf), ==, 0);
	g_assert_cmpint(g_rmdir(self->dir), ==, 0);
	g_free(self->resolv_conf);
	g_free(self->dir);
}

static void
uc_network_watch_test_emit(UcNetworkWatchTest *self, const gchar *interface)
{
	g_autoptr(GError) error = NULL;

	g_dbus_connection_emit_signal(self->manager,
				      NULL,
				      "/org/freedesktop/NetworkManager/Some/1",
				      "org.freedesktop.DBus.Properties",
				      "PropertiesChanged",
				      g_variant_new_parsed("(%s, @a{sv} {}, @as [])", interface),
				      &error);
	g_assert_no_error(error);
	g_assert_true(g_dbus_connection_flush_sync(self->manager, NULL, NULL));
}

static gboolean
uc_network_watch_test_over_cb(gpointer user_data)
{
	*(gboolean *)user_data = TRUE;
	return G_SOURCE_REMOVE;
}

static void
uc_network_watch_test_run_ms(guint ms)
{
	gboolean is_over = FALSE;

	g_timeout_add(ms, uc_network_watch_test_over_cb, &is_over);
	while (!is_over)
		g_main_context_iteration(NULL, TRUE);
}

static void
uc_network_watch_test_wait(UcNetworkWatchTest *self)
{
	while (self->told == 0)
		g_main_context_iteration(NULL, TRUE);
}

static void
uc_network_watch_test_many(UcNetworkWatchTest *self, gconstpointer data)
{
	for (guint i = 0; i < CHANGES; i++)
		uc_network_watch_test_emit(self, UC_NETWORK_MANAGER_NAME ".IP4Config");
	uc_network_watch_test_wait(self);
	uc_network_watch_test_run_ms(2 * SETTLE_MS);
	g_assert_cmpuint(self->told, ==, 1);
	/* and the next one is told again */
	uc_network_watch_test_emit(self, UC_NETWORK_MANAGER_NAME ".Connection.Active");
	while (self->told == 1)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(self->told, ==, 2);
}

/* renewed leases, access points and other programs that say the same */
static void
uc_network_watch_test_noise(UcNetworkWatchTest *self, gconstpointer data)
{
	uc_network_watch_test_emit(self, UC_NETWORK_MANAGER_NAME ".DHCP4Config");
	uc_network_watch_test_emit(self, UC_NETWORK_MANAGER_NAME ".AccessPoint");
	uc_network_watch_test_run_ms(3 * SETTLE_MS);
	g_assert_cmpuint(self->told, ==, 0);
}

static void
uc_network_watch_test_resolv_conf(UcNetworkWatchTest *self, gconstpointer data)
{
	/* written aside and renamed */
	g_assert_true(g_file_set_contents(self->resolv_conf, "search b.example\n", -1, NULL));
	uc_network_watch_test_wait(self);
	g_assert_cmpuint(self->told, ==, 1);
}

/* changes without an end: told while they go on */
static void
uc_network_watch_test_endless(UcNetworkWatchTest *self, gconstpointer data)
{
	while (self->told == 0) {
		uc_network_watch_test_emit(self, UC_NETWORK_MANAGER_NAME ".IP6Config");
		uc_network_watch_test_run_ms(SETTLE_MS / 10);
	}
	g_assert_cmpuint(self->told, ==, 1);
}

static void
uc_network_watch_test_freed(UcNetworkWatchTest *self, gconstpointer data)
{
	uc_network_watch_test_emit(self, UC_NETWORK_MANAGER_NAME);
	uc_network_watch_test_run_ms(SETTLE_MS / 2);
	g_clear_pointer(&self->watch, uc_network_watch_free);
	uc_network_watch_test_run_ms(2 * SETTLE_MS);
	g_assert_cmpuint(self->told, ==, 0);
}

static void
uc_network_watch_test_add(const gchar *path,
			  guint settle_max_ms,
			  void (*test)(UcNetworkWatchTest *self, gconstpointer data))
{
	g_test_add(path,
		   UcNetworkWatchTest,
		   GUINT_TO_POINTER(settle_max_ms),
		   uc_network_watch_test_set_up,
		   test,
		   uc_network_watch_test_tear_down);
}

int
main(int argc, char **argv)
{
	uc_network_watch_init();
	g_test_init(&argc, &argv, NULL);
	uc_network_watch_test_add("/network-watch/many", 60000, uc_network_watch_test_many);
	uc_network_watch_test_add("/network-watch/noise", 60000, uc_network_watch_test_noise);
	uc_network_watch_test_add("/network-watch/resolv-conf",
				  60000,
				  uc_network_watch_test_resolv_conf);
	uc_network_watch_test_add("/network-watch/endless",
				  4 * SETTLE_MS,
				  uc_network_watch_test_endless);
	uc_network_watch_test_add("/network-watch/freed", 60000, uc_network_watch_test_freed);
	return g_test_run();
}
