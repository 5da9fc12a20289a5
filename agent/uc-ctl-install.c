/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "uc-ctl.h"
#include "uc-error.h"
#include "uc-names.h"

static gint
uc_ctl_install_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_install = {
    "install",
    "[DEVICE] [--version=V] [--file=NAME|URL|PATH] [--force]",
    N_("Update now, without waiting for window and idleness"),
    uc_ctl_install_run,
};

#define UC_CTL_INSTALL_MS (2 * 3600 * 1000)

typedef struct {
	gchar *version; /* (nullable) */
	gchar *file;	/* (nullable) */
	gboolean force;
	gboolean json;
	const gchar *device;
	GDBusConnection *connection;
	GMainLoop *loop;
	gchar *shown; /* (nullable): the word that stands there already */
	GVariant *reply;
	GError *error;
} UcCtlInstall;

static void
uc_ctl_install_clear(UcCtlInstall *self)
{
	g_free(self->version);
	g_free(self->file);
	g_free(self->shown);
	g_clear_object(&self->connection);
	g_clear_pointer(&self->loop, g_main_loop_unref);
	g_clear_pointer(&self->reply, g_variant_unref);
	g_clear_error(&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcCtlInstall, uc_ctl_install_clear)

/* what a phone's display says at that point of an update */
static const gchar *
uc_ctl_install_get_word(const gchar *work)
{
	static const struct {
		const gchar *work;
		const gchar *word;
	} words[] = {
	    {"looking for updates", N_("Looking for updates")},
	    {"downloading", N_("Downloading updater")},
	    {"staging", N_("Updating, please wait")},
	    {"activating", N_("Updater updated")},
	    {"restarting", N_("Rebooting")},
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_str_equal(words[i].work, work))
			return _(words[i].word);
	}
	return NULL;
}

static void
uc_ctl_install_show(UcCtlInstall *self, const gchar *work)
{
	const gchar *word = uc_ctl_install_get_word(work);

	if (word == NULL || self->json || g_strcmp0(word, self->shown) == 0)
		return;
	g_print("%s…\n", word);
	g_free(self->shown);
	self->shown = g_strdup(word);
}

static void
uc_ctl_install_status_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcCtlInstall *self = user_data;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
	g_autoptr(GVariant) status = NULL;
	const gchar *work = NULL;

	if (reply == NULL || self->reply != NULL || self->error != NULL)
		return;
	status = g_variant_get_child_value(reply, 0);
	if (g_variant_lookup(status, "work", "&s", &work))
		uc_ctl_install_show(self, work);
}

static void
uc_ctl_install_call(UcCtlInstall *self,
		    const gchar *method,
		    GVariant *parameters,
		    gint timeout_ms,
		    GUnixFDList *list,
		    GAsyncReadyCallback callback)
{
	g_dbus_connection_call_with_unix_fd_list(self->connection,
						 UC_DBUS_NAME,
						 UC_DBUS_PATH,
						 UC_DBUS_INTERFACE,
						 method,
						 parameters,
						 NULL,
						 G_DBUS_CALL_FLAGS_NONE,
						 timeout_ms,
						 list,
						 NULL,
						 callback,
						 self);
}

static void
uc_ctl_install_changed_cb(GDBusConnection *connection,
			  const gchar *sender,
			  const gchar *path,
			  const gchar *interface,
			  const gchar *signal,
			  GVariant *parameters,
			  gpointer user_data)
{
	uc_ctl_install_call(user_data, "GetStatus", NULL, -1, NULL, uc_ctl_install_status_cb);
}

static void
uc_ctl_install_cancelled_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply =
	    g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

	/* the one who waits gets the answer of Install; here is only why it goes on */
	if (reply == NULL)
		(void)uc_ctl_fail(error);
}

static gboolean
uc_ctl_install_interrupt_cb(gpointer user_data)
{
	UcCtlInstall *self = user_data;

	uc_ctl_install_call(self,
			    "CancelInstall",
			    g_variant_new("(s)", self->device),
			    -1,
			    NULL,
			    uc_ctl_install_cancelled_cb);
	return G_SOURCE_CONTINUE;
}

static void
uc_ctl_install_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcCtlInstall *self = user_data;

	self->reply = g_dbus_connection_call_with_unix_fd_list_finish(G_DBUS_CONNECTION(source),
								      NULL,
								      result,
								      &self->error);
	g_main_loop_quit(self->loop);
}

/* a path has a slash and no scheme; what is in this directory is ./NAME */
static gboolean
uc_ctl_install_is_path(const gchar *file)
{
	return strchr(file, '/') != NULL && strstr(file, "://") == NULL;
}

static GUnixFDList *
uc_ctl_install_open(const gchar *path, GError **error)
{
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	gint fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
	gint index = -1;
	gboolean is_file = g_file_test(path, G_FILE_TEST_IS_REGULAR);

	if (fd >= 0 && !is_file) {
		(void)close(fd);
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    _("%s is no file, expected a package (.cab)"),
			    path);
		return NULL;
	}
	if (fd < 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    _("cannot open %s: %s"),
			    path,
			    g_strerror(errno));
		return NULL;
	}
	index = g_unix_fd_list_append(list, fd, error);
	(void)close(fd);
	return index >= 0 ? g_steal_pointer(&list) : NULL;
}

static gboolean
uc_ctl_install_begin(UcCtlInstall *self, GError **error)
{
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GUnixFDList) list = NULL;
	const gchar *method = "Install";
	GVariant *parameters = NULL;

	if (self->force)
		g_variant_dict_insert(&options, "force", "b", TRUE);
	if (self->file != NULL && uc_ctl_install_is_path(self->file)) {
		list = uc_ctl_install_open(self->file, error);
		if (list == NULL)
			return FALSE;
		method = "InstallFile";
		parameters =
		    g_variant_new("(sh@a{sv})", self->device, 0, g_variant_dict_end(&options));
	} else {
		if (self->version != NULL)
			g_variant_dict_insert(&options, "version", "s", self->version);
		if (self->file != NULL)
			g_variant_dict_insert(&options, "file", "s", self->file);
		parameters = g_variant_new("(s@a{sv})", self->device, g_variant_dict_end(&options));
	}
	uc_ctl_install_call(self,
			    method,
			    parameters,
			    UC_CTL_INSTALL_MS,
			    list,
			    uc_ctl_install_done_cb);
	return TRUE;
}

/* with the words of the display while it lasts */
static gboolean
uc_ctl_install_wait(UcCtlInstall *self, GError **error)
{
	guint interrupt = g_unix_signal_add(SIGINT, uc_ctl_install_interrupt_cb, self);
	guint subscription = g_dbus_connection_signal_subscribe(self->connection,
								UC_DBUS_NAME,
								UC_DBUS_INTERFACE,
								"Changed",
								UC_DBUS_PATH,
								NULL,
								G_DBUS_SIGNAL_FLAGS_NONE,
								uc_ctl_install_changed_cb,
								self,
								NULL);
	gboolean begun = uc_ctl_install_begin(self, error);

	if (begun)
		g_main_loop_run(self->loop);
	g_dbus_connection_signal_unsubscribe(self->connection, subscription);
	g_source_remove(interrupt);
	if (self->error != NULL)
		g_propagate_error(error, g_steal_pointer(&self->error));
	return self->reply != NULL;
}

/* what is written in its place needs no restart */
static gboolean
uc_ctl_install_runs(UcCtlInstall *self)
{
	g_autoptr(GVariant) reply = uc_ctl_call("GetStatus", NULL, -1, NULL);
	g_autoptr(JsonNode) node = reply != NULL ? uc_ctl_get_json(reply) : NULL;
	JsonArray *endpoints = NULL;

	if (node == NULL)
		return FALSE;
	endpoints = json_object_get_array_member(json_node_get_object(node), "endpoints");
	for (guint i = 0; i < json_array_get_length(endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);

		if (self->device[0] == '\0' ||
		    g_str_equal(uc_ctl_text(endpoint, "id"), self->device) ||
		    g_str_equal(uc_ctl_text(endpoint, "fwupd_device_id"), self->device))
			return g_str_equal(uc_ctl_text(endpoint, "progress"), "current");
	}
	return FALSE;
}

static gint
uc_ctl_install_do(UcCtlInstall *self)
{
	gboolean staged_only = self->file != NULL && uc_ctl_install_is_path(self->file);
	g_autoptr(GError) error = NULL;

	self->loop = g_main_loop_new(NULL, FALSE);
	self->connection = uc_ctl_connect(&error);
	if (self->connection == NULL || !uc_ctl_install_wait(self, &error))
		return uc_ctl_fail(error);
	if (self->json)
		g_print("{}\n");
	else if (staged_only)
		g_print(_("staged; it is activated when the policy allows, or by ucupdatesctl "
			  "install\n"));
	else if (uc_ctl_install_runs(self))
		g_print(_("installed, and it runs\n"));
	else
		g_print(_("staged and activated; it runs after the restart\n"));
	return UC_CTL_DONE;
}

/* an empty one is a variable of a script that was not set, and not the newest version */
static gboolean
uc_ctl_install_check(const UcCtlInstall *self)
{
	if (self->version != NULL && self->file != NULL)
		g_printerr(_("ucupdatesctl install: --version and --file do not go together\n"));
	else if (self->version != NULL && self->version[0] == '\0')
		g_printerr(_("ucupdatesctl install: --version is empty, expected a version such as "
			     "those of ucupdatesctl versions\n"));
	else if (self->file != NULL && self->file[0] == '\0')
		g_printerr(_("ucupdatesctl install: --file is empty, expected a name, a URL or a "
			     "path\n"));
	else
		return TRUE;
	return FALSE;
}

static gint
uc_ctl_install_run(gint argc, gchar **argv)
{
	g_auto(UcCtlInstall) self = {NULL};
	GOptionEntry entries[] = {
	    {"version",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &self.version,
	     N_("That version, also an older one"),
	     "V"},
	    {"file",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &self.file,
	     N_("A file of the service, its URL, or a path with a slash here"),
	     "FILE"},
	    {"force", 0, 0, G_OPTION_ARG_NONE, &self.force, N_("Even during a call"), NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_("Print JSON"), NULL},
	    {NULL},
	};

	if (!uc_ctl_parse(&uc_ctl_install, entries, 1, &argc, &argv))
		return UC_CTL_USAGE;
	if (!uc_ctl_install_check(&self))
		return UC_CTL_USAGE;
	self.device = argc > 1 ? argv[1] : "";
	return uc_ctl_install_do(&self);
}
