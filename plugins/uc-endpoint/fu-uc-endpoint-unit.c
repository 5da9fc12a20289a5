/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <signal.h>

#include "fu-uc-endpoint-unit.h"

/* A transient service of systemd, org.freedesktop.systemd1(5): outside of the daemon's own sandbox,
 * in a control group that is killed whole, and ended by systemd when its time is over, also if the
 * daemon is gone by then. There is one of a name: as long as one runs no other is started. */

#define FU_UC_ENDPOINT_UNIT_NAME      "org.freedesktop.systemd1"
#define FU_UC_ENDPOINT_UNIT_PATH      "/org/freedesktop/systemd1"
#define FU_UC_ENDPOINT_UNIT_MANAGER   "org.freedesktop.systemd1.Manager"
#define FU_UC_ENDPOINT_UNIT_PROPERTY  "org.freedesktop.DBus.Properties"
#define FU_UC_ENDPOINT_UNIT_CALL_MS   10000
#define FU_UC_ENDPOINT_UNIT_LOOK_MS   2000 /* in case that a signal was missed, as at its restart */
#define FU_UC_ENDPOINT_UNIT_STOP_SECS 5	   /* for what is left in the control group */

struct _FuUcEndpointUnit {
	FuUcEndpointProcess parent_instance;
	GDBusConnection *bus;
	gchar *unit;   /* (nullable): its name, once it is started */
	gchar *path;   /* (nullable) */
	GSource *look; /* (nullable) */
	guint subscription_id;
};

G_DEFINE_TYPE(FuUcEndpointUnit, fu_uc_endpoint_unit, FU_TYPE_UC_ENDPOINT_PROCESS)

static GVariant *
fu_uc_endpoint_unit_call(FuUcEndpointUnit *self,
			 const gchar *path,
			 const gchar *interface,
			 const gchar *method,
			 GVariant *parameters,
			 const gchar *type,
			 GError **error)
{
	return g_dbus_connection_call_sync(self->bus,
					   FU_UC_ENDPOINT_UNIT_NAME,
					   path,
					   interface,
					   method,
					   parameters,
					   G_VARIANT_TYPE(type),
					   G_DBUS_CALL_FLAGS_NONE,
					   FU_UC_ENDPOINT_UNIT_CALL_MS,
					   NULL,
					   error);
}

static FuUcEndpointProcessOutcome
fu_uc_endpoint_unit_get_outcome(const gchar *result)
{
	if (g_str_equal(result, "success"))
		return FU_UC_ENDPOINT_PROCESS_OUTCOME_SUCCESS;
	if (g_str_equal(result, "timeout"))
		return FU_UC_ENDPOINT_PROCESS_OUTCOME_TIMED_OUT;
	return FU_UC_ENDPOINT_PROCESS_OUTCOME_FAILED;
}

/* it is inactive before its job has run, too; what cannot be asked now is asked again */
static void
fu_uc_endpoint_unit_look(FuUcEndpointUnit *self)
{
	guint32 job = 0;
	const gchar *active_state = NULL;
	const gchar *result = NULL;
	g_autoptr(GVariant) all = NULL;
	g_autoptr(GVariant) reply = fu_uc_endpoint_unit_call(self,
							     self->path,
							     FU_UC_ENDPOINT_UNIT_PROPERTY,
							     "GetAll",
							     g_variant_new("(s)", ""),
							     "(a{sv})",
							     NULL);

	if (reply == NULL)
		return;
	all = g_variant_get_child_value(reply, 0);
	if (!g_variant_lookup(all, "ActiveState", "&s", &active_state) ||
	    !g_variant_lookup(all, "Result", "&s", &result) ||
	    !g_variant_lookup(all, "Job", "(u&o)", &job, NULL))
		return;
	if (job != 0 ||
	    (!g_str_equal(active_state, "inactive") && !g_str_equal(active_state, "failed")))
		return;
	fu_uc_endpoint_process_end(FU_UC_ENDPOINT_PROCESS(self),
				   fu_uc_endpoint_unit_get_outcome(result));
}

static void
fu_uc_endpoint_unit_changed_cb(GDBusConnection *connection,
			       const gchar *sender,
			       const gchar *path,
			       const gchar *interface,
			       const gchar *signal,
			       GVariant *parameters,
			       gpointer user_data)
{
	fu_uc_endpoint_unit_look(FU_UC_ENDPOINT_UNIT(user_data));
}

static gboolean
fu_uc_endpoint_unit_look_cb(gpointer user_data)
{
	fu_uc_endpoint_unit_look(FU_UC_ENDPOINT_UNIT(user_data));
	return G_SOURCE_CONTINUE;
}

static void
fu_uc_endpoint_unit_kill(FuUcEndpointProcess *process)
{
	FuUcEndpointUnit *self = FU_UC_ENDPOINT_UNIT(process);
	g_autoptr(GError) error_local = NULL;
	g_autoptr(GVariant) reply = NULL;

	if (self->unit == NULL)
		return;
	reply = fu_uc_endpoint_unit_call(self,
					 FU_UC_ENDPOINT_UNIT_PATH,
					 FU_UC_ENDPOINT_UNIT_MANAGER,
					 "KillUnit",
					 g_variant_new("(ssi)", self->unit, "all", SIGKILL),
					 "()",
					 &error_local);
	if (reply == NULL)
		g_warning("%s cannot be killed: %s", self->unit, error_local->message);
}

static gchar *
fu_uc_endpoint_unit_get_variable_name(const gchar *assignment)
{
	const gchar *end = strchr(assignment, '=');
	return end != NULL ? g_strndup(assignment, end - assignment) : g_strdup(assignment);
}

/* what systemd adds to the environment of each service, systemd.exec(5) */
static const gchar *const fu_uc_endpoint_unit_own_variables[] = {
    "HOME",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LOGNAME",
    "MAINPID",
    "MANAGERPID",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "NOTIFY_SOCKET",
    "SHELL",
    "SYSTEMD_EXEC_PID",
    "TERM",
    "USER",
    NULL,
};

/* that and the manager's own environment; each name once, or systemd refuses the list */
static gchar **
fu_uc_endpoint_unit_get_unset(FuUcEndpointUnit *self, const gchar *const *envp, GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(GVariant) value = NULL;
	g_autofree const gchar **assignments = NULL;

	reply = fu_uc_endpoint_unit_call(
	    self,
	    FU_UC_ENDPOINT_UNIT_PATH,
	    FU_UC_ENDPOINT_UNIT_PROPERTY,
	    "Get",
	    g_variant_new("(ss)", FU_UC_ENDPOINT_UNIT_MANAGER, "Environment"),
	    "(v)",
	    error);
	if (reply == NULL)
		return NULL;
	g_variant_get(reply, "(v)", &value);
	g_strv_builder_addv(builder, (const gchar **)fu_uc_endpoint_unit_own_variables);
	if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING_ARRAY))
		return g_strv_builder_end(builder);
	assignments = g_variant_get_strv(value, NULL);
	for (guint i = 0; assignments[i] != NULL; i++) {
		g_autofree gchar *name = fu_uc_endpoint_unit_get_variable_name(assignments[i]);
		if (g_environ_getenv((gchar **)envp, name) == NULL &&
		    !g_strv_contains(fu_uc_endpoint_unit_own_variables, name))
			g_strv_builder_add(builder, name);
	}
	return g_strv_builder_end(builder);
}

static void
fu_uc_endpoint_unit_add(GVariantBuilder *properties, const gchar *name, GVariant *value)
{
	g_variant_builder_add(properties, "(sv)", name, value);
}

/* systemd.exec(5), systemd.kill(5), systemd.service(5) */
static GVariant *
fu_uc_endpoint_unit_build_properties(const FuUcEndpointProcessSpec *spec,
				     gchar **unset,
				     gint input_handle,
				     gint output_handle)
{
	GVariantBuilder properties;
	GVariantBuilder command;
	g_autofree gchar *description = g_strdup_printf("Firmware update of %s", spec->name);

	g_variant_builder_init(&command, G_VARIANT_TYPE("a(sasb)"));
	g_variant_builder_add(&command, "(s^asb)", spec->argv[0], spec->argv, FALSE);
	g_variant_builder_init(&properties, G_VARIANT_TYPE("a(sv)"));
	fu_uc_endpoint_unit_add(&properties, "Description", g_variant_new_string(description));
	fu_uc_endpoint_unit_add(&properties, "ExecStart", g_variant_builder_end(&command));
	fu_uc_endpoint_unit_add(&properties, "Environment", g_variant_new_strv(spec->envp, -1));
	fu_uc_endpoint_unit_add(&properties,
				"UnsetEnvironment",
				g_variant_new_strv((const gchar *const *)unset, -1));
	fu_uc_endpoint_unit_add(&properties, "WorkingDirectory", g_variant_new_string("/"));
	if (input_handle >= 0)
		fu_uc_endpoint_unit_add(&properties,
					"StandardInputFileDescriptor",
					g_variant_new_handle(input_handle));
	fu_uc_endpoint_unit_add(&properties,
				"StandardOutputFileDescriptor",
				g_variant_new_handle(output_handle));
	fu_uc_endpoint_unit_add(&properties, "StandardError", g_variant_new_string("journal"));
	fu_uc_endpoint_unit_add(&properties, "IgnoreSIGPIPE", g_variant_new_boolean(FALSE));
	fu_uc_endpoint_unit_add(&properties,
				"RuntimeMaxUSec",
				g_variant_new_uint64(spec->timeout_ms * (guint64)1000));
	fu_uc_endpoint_unit_add(
	    &properties,
	    "TimeoutStopUSec",
	    g_variant_new_uint64(FU_UC_ENDPOINT_UNIT_STOP_SECS * (guint64)G_USEC_PER_SEC));
	fu_uc_endpoint_unit_add(&properties, "KillMode", g_variant_new_string("control-group"));
	fu_uc_endpoint_unit_add(&properties, "KillSignal", g_variant_new_int32(SIGKILL));

	/* it is gone when it has ended, but not before we have looked */
	fu_uc_endpoint_unit_add(&properties,
				"CollectMode",
				g_variant_new_string("inactive-or-failed"));
	fu_uc_endpoint_unit_add(&properties, "AddRef", g_variant_new_boolean(TRUE));
	return g_variant_builder_end(&properties);
}

static gboolean
fu_uc_endpoint_unit_append(GUnixFDList *fds, gint fd, gint *handle_out, GError **error)
{
	*handle_out = fd < 0 ? -1 : g_unix_fd_list_append(fds, fd, error);
	return fd < 0 || *handle_out >= 0;
}

static gboolean
fu_uc_endpoint_unit_call_start(FuUcEndpointUnit *self,
			       const gchar *unit,
			       const FuUcEndpointProcessSpec *spec,
			       GError **error)
{
	gint input_handle = -1;
	gint output_handle = -1;
	g_auto(GStrv) unset = fu_uc_endpoint_unit_get_unset(self, spec->envp, error);
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
	g_autoptr(GVariant) reply = NULL;

	if (unset == NULL)
		return FALSE;
	if (!fu_uc_endpoint_unit_append(fds, spec->input_fd, &input_handle, error) ||
	    !fu_uc_endpoint_unit_append(fds, spec->output_fd, &output_handle, error))
		return FALSE;
	reply = g_dbus_connection_call_with_unix_fd_list_sync(
	    self->bus,
	    FU_UC_ENDPOINT_UNIT_NAME,
	    FU_UC_ENDPOINT_UNIT_PATH,
	    FU_UC_ENDPOINT_UNIT_MANAGER,
	    "StartTransientUnit",
	    g_variant_new(
		"(ss@a(sv)a(sa(sv)))",
		unit,
		"fail",
		fu_uc_endpoint_unit_build_properties(spec, unset, input_handle, output_handle),
		NULL),
	    G_VARIANT_TYPE("(o)"),
	    G_DBUS_CALL_FLAGS_NONE,
	    FU_UC_ENDPOINT_UNIT_CALL_MS,
	    fds,
	    NULL,
	    NULL,
	    error);
	return reply != NULL;
}

/* systemd tells whoever holds a reference of the unit */
static gboolean
fu_uc_endpoint_unit_follow(FuUcEndpointUnit *self, GError **error)
{
	g_autoptr(GVariant) reply = fu_uc_endpoint_unit_call(self,
							     FU_UC_ENDPOINT_UNIT_PATH,
							     FU_UC_ENDPOINT_UNIT_MANAGER,
							     "GetUnit",
							     g_variant_new("(s)", self->unit),
							     "(o)",
							     error);

	if (reply == NULL)
		return FALSE;
	g_variant_get(reply, "(o)", &self->path);
	self->subscription_id = g_dbus_connection_signal_subscribe(self->bus,
								   FU_UC_ENDPOINT_UNIT_NAME,
								   FU_UC_ENDPOINT_UNIT_PROPERTY,
								   "PropertiesChanged",
								   self->path,
								   NULL,
								   G_DBUS_SIGNAL_FLAGS_NONE,
								   fu_uc_endpoint_unit_changed_cb,
								   self,
								   NULL);
	self->look = g_timeout_source_new(FU_UC_ENDPOINT_UNIT_LOOK_MS);
	g_source_set_callback(self->look, fu_uc_endpoint_unit_look_cb, self, NULL);
	g_source_attach(self->look, g_main_context_get_thread_default());
	return TRUE;
}

static void
fu_uc_endpoint_unit_set_error(const gchar *unit, GError *error_local, GError **error)
{
	g_autofree gchar *name = g_dbus_error_get_remote_error(error_local);

	g_dbus_error_strip_remote_error(error_local);
	if (g_strcmp0(name, "org.freedesktop.systemd1.UnitExists") == 0)
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_BUSY,
			    "%s of an earlier installation runs still; install again when it has "
			    "ended",
			    unit);
	else
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INTERNAL,
			    "systemd did not start %s: %s",
			    unit,
			    error_local->message);
}

static gboolean
fu_uc_endpoint_unit_start(FuUcEndpointProcess *process,
			  const FuUcEndpointProcessSpec *spec,
			  GError **error)
{
	FuUcEndpointUnit *self = FU_UC_ENDPOINT_UNIT(process);
	gboolean started;
	g_autofree gchar *unit = g_strdup_printf("uc-endpoint-%s.service", spec->name);
	g_autoptr(GError) error_local = NULL;

	started = fu_uc_endpoint_unit_call_start(self, unit, spec, &error_local);
	if (spec->input_fd >= 0)
		(void)g_close(spec->input_fd, NULL);
	(void)g_close(spec->output_fd, NULL);
	if (started) {
		self->unit = g_steal_pointer(&unit);
		started = fu_uc_endpoint_unit_follow(self, &error_local);
	}
	if (!started) {
		fu_uc_endpoint_unit_set_error(self->unit != NULL ? self->unit : unit,
					      error_local,
					      error);
		fu_uc_endpoint_unit_kill(process);
		return FALSE;
	}
	return TRUE;
}

static void
fu_uc_endpoint_unit_release(FuUcEndpointUnit *self)
{
	if (self->unit == NULL)
		return;
	g_dbus_connection_call(self->bus,
			       FU_UC_ENDPOINT_UNIT_NAME,
			       FU_UC_ENDPOINT_UNIT_PATH,
			       FU_UC_ENDPOINT_UNIT_MANAGER,
			       "UnrefUnit",
			       g_variant_new("(s)", self->unit),
			       NULL,
			       G_DBUS_CALL_FLAGS_NONE,
			       FU_UC_ENDPOINT_UNIT_CALL_MS,
			       NULL,
			       NULL,
			       NULL);
}

static void
fu_uc_endpoint_unit_dispose(GObject *object)
{
	FuUcEndpointUnit *self = FU_UC_ENDPOINT_UNIT(object);

	if (self->subscription_id != 0)
		g_dbus_connection_signal_unsubscribe(self->bus, self->subscription_id);
	self->subscription_id = 0;
	if (self->look != NULL)
		g_source_destroy(self->look);
	g_clear_pointer(&self->look, g_source_unref);
	fu_uc_endpoint_unit_release(self);
	g_clear_pointer(&self->unit, g_free);
	G_OBJECT_CLASS(fu_uc_endpoint_unit_parent_class)->dispose(object);
}

static void
fu_uc_endpoint_unit_finalize(GObject *object)
{
	FuUcEndpointUnit *self = FU_UC_ENDPOINT_UNIT(object);
	g_free(self->path);
	g_clear_object(&self->bus);
	G_OBJECT_CLASS(fu_uc_endpoint_unit_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_unit_class_init(FuUcEndpointUnitClass *klass)
{
	FuUcEndpointProcessClass *process_class = FU_UC_ENDPOINT_PROCESS_CLASS(klass);
	GObjectClass *object_class = G_OBJECT_CLASS(klass);
	process_class->start = fu_uc_endpoint_unit_start;
	process_class->kill = fu_uc_endpoint_unit_kill;
	object_class->dispose = fu_uc_endpoint_unit_dispose;
	object_class->finalize = fu_uc_endpoint_unit_finalize;
}

static void
fu_uc_endpoint_unit_init(FuUcEndpointUnit *self)
{
}

/**
 * fu_uc_endpoint_unit_new:
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): a program that is to be a service of systemd; %NULL with
 * %FWUPD_ERROR_NOT_SUPPORTED if the machine was not started by systemd, sd_booted(3), and with
 * %FWUPD_ERROR_NOT_REACHABLE if there is no system bus, as late in a shutdown
 **/
FuUcEndpointProcess *
fu_uc_endpoint_unit_new(GError **error)
{
	g_autofree gchar *booted = fu_path_build(FU_PATH_KIND_RUNDIR, "systemd", "system", NULL);
	g_autoptr(FuUcEndpointUnit) self = NULL;
	g_autoptr(GError) error_local = NULL;

	if (!g_file_test(booted, G_FILE_TEST_IS_DIR)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "there is no %s",
			    booted);
		return NULL;
	}
	self = g_object_new(FU_TYPE_UC_ENDPOINT_UNIT, NULL);
	self->bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error_local);
	if (self->bus != NULL)
		return FU_UC_ENDPOINT_PROCESS(g_steal_pointer(&self));
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_REACHABLE,
		    "systemd cannot be asked, as there is no system bus: %s",
		    error_local->message);
	return NULL;
}
