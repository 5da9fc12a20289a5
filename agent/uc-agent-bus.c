/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * org.ucupdates.Agent1 on the system bus (data/org.ucupdates.Agent1.xml). Every call first passes
 * uc-agent-authority.c; here it is only taken apart and answered.
 */

#include "config.h"

#include <gio/gunixfdlist.h>

#include "uc-agent-authority.h"
#include "uc-agent-bus-prompt.h"
#include "uc-agent-bus.h"
#include "uc-agent-interface.h"
#include "uc-agent-status.h"
#include "uc-bus-emit.h"
#include "uc-bus-options.h"
#include "uc-bus-value.h"
#include "uc-error.h"
#include "uc-names.h"

struct _UcAgentBus {
	UcAgent *agent;
	GDBusConnection *connection;
	guint registration;
	gboolean in_use; /* as last told */
	gchar *in_use_reason;
	UcAgentBusPrompt *prompt;
};

typedef void (*UcAgentBusHandler)(UcAgentBus *self,
				  GVariant *parameters,
				  GDBusMethodInvocation *invocation);

static void
uc_agent_bus_check_step(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	const gchar *endpoint = NULL;
	const gchar *step = NULL;
	gboolean forced = FALSE;
	gboolean allowed = FALSE;
	g_autofree gchar *reason = NULL;
	g_autoptr(GError) error = NULL;

	g_variant_get(parameters, "(&s&sb)", &endpoint, &step, &forced);
	if (!uc_agent_check_step(self->agent, endpoint, step, forced, &allowed, &reason, &error)) {
		g_dbus_method_invocation_return_gerror(invocation, error);
		return;
	}
	g_dbus_method_invocation_return_value(invocation, g_variant_new("(bs)", allowed, reason));
}

/* @fd is ours until it is sent; -1 with @error */
static void
uc_agent_bus_return_fd(GDBusMethodInvocation *invocation, gint fd, const GError *error)
{
	g_autoptr(GUnixFDList) list = NULL;

	if (fd < 0) {
		g_dbus_method_invocation_return_gerror(invocation, error);
		return;
	}
	list = g_unix_fd_list_new_from_array(&fd, 1);
	g_dbus_method_invocation_return_value_with_unix_fd_list(invocation,
								g_variant_new("(h)", 0),
								list);
}

static void
uc_agent_bus_inhibit(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	const gchar *what = NULL;
	const gchar *who = NULL;
	const gchar *why = NULL;
	g_autoptr(GError) error = NULL;
	gint fd = -1;

	g_variant_get(parameters, "(&s&s&s)", &what, &who, &why);
	fd = uc_room_inhibit(uc_agent_get_room(self->agent), what, who, why, &error);
	uc_agent_bus_return_fd(invocation, fd, error);
}

static void
uc_agent_bus_display_off(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	const gchar *who = NULL;
	g_autoptr(GError) error = NULL;
	gint fd = -1;

	g_variant_get(parameters, "(&s)", &who);
	fd = uc_sources_display_off(uc_agent_get_sources(self->agent), who, &error);
	uc_agent_bus_return_fd(invocation, fd, error);
}

static void
uc_agent_bus_activity(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	uc_room_add_activity(uc_agent_get_room(self->agent));
	g_dbus_method_invocation_return_value(invocation, NULL);
}

static void
uc_agent_bus_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GDBusMethodInvocation) invocation = user_data;
	g_autoptr(GError) error = NULL;

	if (uc_agent_finish(UC_AGENT(source), result, &error)) {
		g_dbus_method_invocation_return_value(g_steal_pointer(&invocation), NULL);
		return;
	}
	/* what libraries say is not part of the interface */
	if (error->domain != UC_ERROR) {
		g_autofree gchar *text = g_strdup(error->message);

		g_clear_error(&error);
		g_set_error_literal(&error, UC_ERROR, UC_ERROR_FAILED, text);
	}
	g_dbus_method_invocation_return_gerror(g_steal_pointer(&invocation), error);
}

static void
uc_agent_bus_check(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	uc_agent_check_async(self->agent, uc_agent_bus_done_cb, invocation);
}

static void
uc_agent_bus_install(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	static const UcBusOption known[] = {{"version", "s"}, {"file", "s"}, {"force", "b"}};
	g_autoptr(GVariant) options = NULL;
	const gchar *endpoint = NULL;
	const gchar *version = NULL;
	const gchar *file = NULL;
	gboolean force = FALSE;
	g_autoptr(GError) error = NULL;

	g_variant_get(parameters, "(&s@a{sv})", &endpoint, &options);
	if (!uc_bus_options_check(options, known, G_N_ELEMENTS(known), &error)) {
		g_dbus_method_invocation_return_gerror(invocation, error);
		return;
	}
	(void)g_variant_lookup(options, "version", "&s", &version);
	(void)g_variant_lookup(options, "force", "b", &force);
	if (g_variant_lookup(options, "file", "&s", &file)) {
		version = uc_agent_find_file(self->agent, endpoint, file, &error);
		if (version == NULL) {
			g_dbus_method_invocation_return_gerror(invocation, error);
			return;
		}
	}
	uc_agent_install_async(self->agent,
			       endpoint,
			       version,
			       force,
			       uc_agent_bus_done_cb,
			       invocation);
}

static void
uc_agent_bus_set_service(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	const gchar *internal_url = NULL;
	const gchar *external_url = NULL;

	g_variant_get(parameters, "(&s&s)", &internal_url, &external_url);
	uc_agent_set_service_async(self->agent,
				   internal_url,
				   external_url,
				   uc_agent_bus_done_cb,
				   invocation);
}

static void
uc_agent_bus_forget_service(UcAgentBus *self,
			    GVariant *parameters,
			    GDBusMethodInvocation *invocation)
{
	uc_agent_forget_service_async(self->agent, uc_agent_bus_done_cb, invocation);
}

/* (transfer full): a descriptor of our own, or -1 after the answer */
static gint
uc_agent_bus_take_fd(GDBusMethodInvocation *invocation, gint index)
{
	GDBusMessage *message = g_dbus_method_invocation_get_message(invocation);
	GUnixFDList *list = g_dbus_message_get_unix_fd_list(message);
	g_autoptr(GError) error = NULL;
	gint fd = -1;

	if (list != NULL && index >= 0 && index < g_unix_fd_list_get_length(list))
		fd = g_unix_fd_list_get(list, index, &error);
	if (fd < 0)
		g_dbus_method_invocation_return_error_literal(
		    invocation,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the message has no file descriptor of that index");
	return fd;
}

static void
uc_agent_bus_install_file(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	static const UcBusOption known[] = {{"force", "b"}};
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	const gchar *endpoint = NULL;
	gboolean force = FALSE;
	gint32 index = -1;
	gint fd = -1;

	g_variant_get(parameters, "(&sh@a{sv})", &endpoint, &index, &options);
	if (!uc_bus_options_check(options, known, G_N_ELEMENTS(known), &error)) {
		g_dbus_method_invocation_return_gerror(invocation, error);
		return;
	}
	(void)g_variant_lookup(options, "force", "b", &force);
	fd = uc_agent_bus_take_fd(invocation, index);
	if (fd >= 0)
		uc_agent_install_file_async(self->agent,
					    endpoint,
					    fd,
					    force,
					    uc_agent_bus_done_cb,
					    invocation);
}

static void
uc_agent_bus_cancel_install(UcAgentBus *self,
			    GVariant *parameters,
			    GDBusMethodInvocation *invocation)
{
	g_autoptr(GError) error = NULL;
	const gchar *endpoint = NULL;

	g_variant_get(parameters, "(&s)", &endpoint);
	if (uc_agent_cancel_install(self->agent, endpoint, &error))
		g_dbus_method_invocation_return_value(invocation, NULL);
	else
		g_dbus_method_invocation_return_gerror(invocation, error);
}

static void
uc_agent_bus_sign_in(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	const gchar *user = NULL;
	const gchar *internal_url = NULL;
	const gchar *external_url = NULL;
	gint32 index = -1;
	gint fd = -1;

	g_variant_get(parameters, "(&sh&s&s)", &user, &index, &internal_url, &external_url);
	fd = uc_agent_bus_take_fd(invocation, index);
	if (fd >= 0)
		uc_agent_sign_in_async(self->agent,
				       user,
				       fd,
				       internal_url,
				       external_url,
				       uc_agent_bus_done_cb,
				       invocation);
}

static void
uc_agent_bus_sign_out(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	uc_agent_sign_out(self->agent);
	g_dbus_method_invocation_return_value(invocation, NULL);
}

static void
uc_agent_bus_get_service(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	g_autoptr(JsonObject) service = uc_agent_get_service(self->agent);

	g_dbus_method_invocation_return_value(
	    invocation,
	    g_variant_new("(@a{sv})", uc_bus_value_from_object(service)));
}

static void
uc_agent_bus_add_variant_cb(JsonObject *object, gpointer user_data)
{
	g_variant_builder_add(user_data, "v", uc_bus_value_from_object(object));
}

static void
uc_agent_bus_get_status(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	g_auto(GVariantBuilder) endpoints = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("av"));
	g_autoptr(JsonObject) object = uc_agent_get_status(self->agent);
	g_autoptr(GVariant) value = g_variant_ref_sink(uc_bus_value_from_object(object));
	g_auto(GVariantDict) status = G_VARIANT_DICT_INIT(value);

	uc_agent_tell_endpoints(self->agent, uc_agent_bus_add_variant_cb, &endpoints);
	g_variant_dict_insert_value(&status, "endpoints", g_variant_builder_end(&endpoints));
	g_dbus_method_invocation_return_value(
	    invocation,
	    g_variant_new("(@a{sv})", g_variant_dict_end(&status)));
}

static void
uc_agent_bus_add_cb(JsonObject *object, gpointer user_data)
{
	g_variant_builder_add_value(user_data, uc_bus_value_from_object(object));
}

/* of explanations, or versions */
static void
uc_agent_bus_return_told(GDBusMethodInvocation *invocation,
			 gboolean told,
			 GVariantBuilder *builder,
			 const GError *error)
{
	if (told)
		g_dbus_method_invocation_return_value(invocation,
						      g_variant_new("(aa{sv})", builder));
	else
		g_dbus_method_invocation_return_gerror(invocation, error);
}

static void
uc_agent_bus_explain(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	g_autoptr(GError) error = NULL;
	const gchar *endpoint = NULL;
	gboolean told = FALSE;

	g_variant_get(parameters, "(&s)", &endpoint);
	told = uc_agent_explain(self->agent, endpoint, uc_agent_bus_add_cb, &builder, &error);
	uc_agent_bus_return_told(invocation, told, &builder, error);
}

static void
uc_agent_bus_get_versions(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	g_autoptr(GError) error = NULL;
	const gchar *endpoint = NULL;
	gboolean told = FALSE;

	g_variant_get(parameters, "(&s)", &endpoint);
	told = uc_agent_get_versions(self->agent, endpoint, uc_agent_bus_add_cb, &builder, &error);
	uc_agent_bus_return_told(invocation, told, &builder, error);
}

static void
uc_agent_bus_get_history(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	GVariant *entries = uc_bus_value_from_array(uc_agent_get_history(self->agent));

	g_dbus_method_invocation_return_value(invocation, g_variant_new("(@aa{sv})", entries));
}

static void
uc_agent_bus_answer_prompt(UcAgentBus *self,
			   GVariant *parameters,
			   GDBusMethodInvocation *invocation)
{
	uc_agent_bus_prompt_answer(self->agent, invocation);
}

static void
uc_agent_bus_input_prompt(UcAgentBus *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
	uc_agent_bus_prompt_input(self->agent, invocation);
}

static const struct {
	const gchar *method;
	UcAgentBusHandler handler;
} uc_agent_bus_handlers[] = {
    {"Activity", uc_agent_bus_activity},
    {"AnswerPrompt", uc_agent_bus_answer_prompt},
    {"CancelInstall", uc_agent_bus_cancel_install},
    {"Check", uc_agent_bus_check},
    {"CheckStep", uc_agent_bus_check_step},
    {"DisplayOff", uc_agent_bus_display_off},
    {"Explain", uc_agent_bus_explain},
    {"ForgetService", uc_agent_bus_forget_service},
    {"GetHistory", uc_agent_bus_get_history},
    {"GetService", uc_agent_bus_get_service},
    {"GetStatus", uc_agent_bus_get_status},
    {"GetVersions", uc_agent_bus_get_versions},
    {"Inhibit", uc_agent_bus_inhibit},
    {"Install", uc_agent_bus_install},
    {"InstallFile", uc_agent_bus_install_file},
    {"PromptInput", uc_agent_bus_input_prompt},
    {"SetService", uc_agent_bus_set_service},
    {"SignIn", uc_agent_bus_sign_in},
    {"SignOut", uc_agent_bus_sign_out},
};

static void
uc_agent_bus_dispatch(UcAgentBus *self, GDBusMethodInvocation *invocation)
{
	const gchar *method = g_dbus_method_invocation_get_method_name(invocation);

	for (guint i = 0; i < G_N_ELEMENTS(uc_agent_bus_handlers); i++) {
		if (g_str_equal(uc_agent_bus_handlers[i].method, method)) {
			uc_agent_bus_handlers[i].handler(
			    self,
			    g_dbus_method_invocation_get_parameters(invocation),
			    invocation);
			return;
		}
	}
	g_dbus_method_invocation_return_error(invocation,
					      G_DBUS_ERROR,
					      G_DBUS_ERROR_UNKNOWN_METHOD,
					      "there is no method %s",
					      method);
}

static void
uc_agent_bus_authorised_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	GDBusMethodInvocation *invocation = G_DBUS_METHOD_INVOCATION(source);
	g_autoptr(GError) error = NULL;

	if (!uc_agent_authority_check_finish(result, &error)) {
		g_dbus_method_invocation_return_gerror(invocation, error);
		return;
	}
	uc_agent_bus_dispatch(user_data, invocation);
}

static void
uc_agent_bus_call_cb(GDBusConnection *connection,
		     const gchar *sender,
		     const gchar *object_path,
		     const gchar *interface_name,
		     const gchar *method_name,
		     GVariant *parameters,
		     GDBusMethodInvocation *invocation,
		     gpointer user_data)
{
	uc_agent_authority_check_async(invocation, uc_agent_bus_authorised_cb, user_data);
}

static GVariant *
uc_agent_bus_get_property_cb(GDBusConnection *connection,
			     const gchar *sender,
			     const gchar *object_path,
			     const gchar *interface_name,
			     const gchar *property_name,
			     GError **error,
			     gpointer user_data)
{
	UcAgentBus *self = user_data;
	GVariant *value = uc_agent_bus_prompt_get(self->agent, property_name);

	if (value != NULL)
		return value;
	if (g_str_equal(property_name, "InUse"))
		return g_variant_new_boolean(self->in_use);
	if (g_str_equal(property_name, "InUseReason"))
		return g_variant_new_string(self->in_use_reason);
	return g_variant_new_string(PACKAGE_VERSION);
}

static gboolean
uc_agent_bus_read_room(UcAgentBus *self)
{
	UcRoom *room = uc_agent_get_room(self->agent);
	gboolean in_use = uc_room_get_use(room) != UC_USE_NONE;
	g_autofree gchar *reason = uc_room_get_reason(room);

	if (in_use == self->in_use && g_strcmp0(reason, self->in_use_reason) == 0)
		return FALSE;
	self->in_use = in_use;
	g_free(self->in_use_reason);
	self->in_use_reason = g_steal_pointer(&reason);
	return TRUE;
}

static void
uc_agent_bus_room_changed_cb(UcAgentBus *self)
{
	g_auto(GVariantBuilder) changed = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sv}"));

	if (!uc_agent_bus_read_room(self))
		return;
	g_variant_builder_add(&changed, "{sv}", "InUse", g_variant_new_boolean(self->in_use));
	g_variant_builder_add(&changed,
			      "{sv}",
			      "InUseReason",
			      g_variant_new_string(self->in_use_reason));
	uc_bus_emit(self->connection,
		    "org.freedesktop.DBus.Properties",
		    "PropertiesChanged",
		    g_variant_new("(sa{sv}as)", UC_DBUS_INTERFACE, &changed, NULL));
}

static void
uc_agent_bus_changed_cb(UcAgentBus *self)
{
	uc_bus_emit(self->connection, UC_DBUS_INTERFACE, "Changed", NULL);
}

/**
 * uc_agent_bus_new:
 * @error: set when the object is there already
 *
 * Puts the agent on the bus; the name is requested by whoever calls.
 *
 * Returns: (transfer full): what keeps it there, or %NULL
 */
UcAgentBus *
uc_agent_bus_new(UcAgent *agent, GDBusConnection *connection, GError **error)
{
	static const GDBusInterfaceVTable vtable = {uc_agent_bus_call_cb,
						    uc_agent_bus_get_property_cb,
						    NULL,
						    {NULL}};
	g_autoptr(UcAgentBus) self = g_new0(UcAgentBus, 1);

	self->agent = g_object_ref(agent);
	self->connection = g_object_ref(connection);
	(void)uc_agent_bus_read_room(self);
	self->registration =
	    g_dbus_connection_register_object(connection,
					      UC_DBUS_PATH,
					      (GDBusInterfaceInfo *)&org_ucupdates_agent1_interface,
					      &vtable,
					      self,
					      NULL,
					      error);
	if (self->registration == 0)
		return NULL;
	g_signal_connect_swapped(uc_agent_get_room(agent),
				 "changed",
				 G_CALLBACK(uc_agent_bus_room_changed_cb),
				 self);
	g_signal_connect_swapped(agent, "changed", G_CALLBACK(uc_agent_bus_changed_cb), self);
	self->prompt = uc_agent_bus_prompt_new(agent, connection);
	return g_steal_pointer(&self);
}

void
uc_agent_bus_free(UcAgentBus *self)
{
	if (self->registration != 0)
		(void)g_dbus_connection_unregister_object(self->connection, self->registration);
	g_signal_handlers_disconnect_by_data(uc_agent_get_room(self->agent), self);
	g_signal_handlers_disconnect_by_data(self->agent, self);
	g_clear_pointer(&self->prompt, uc_agent_bus_prompt_free);
	g_object_unref(self->agent);
	g_object_unref(self->connection);
	g_free(self->in_use_reason);
	g_free(self);
}
