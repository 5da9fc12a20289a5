/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's question to the people in the room, as a notification of the desktop (Desktop
 * Notifications Specification, org.freedesktop.Notifications). The agent decides everything: what
 * is shown, for how long, and what an answer means. Here a button becomes AnswerPrompt(), a
 * notification that somebody put away becomes PromptInput(): input that is no answer.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "uc-names.h"
#include "uc-notification.h"

#define UC_NOTIFICATION_NAME	  "org.freedesktop.Notifications"
#define UC_NOTIFICATION_PATH	  "/org/freedesktop/Notifications"
#define UC_NOTIFICATION_CALL_MS	  10000
#define UC_NOTIFICATION_URGENT	  2 /* it stays until it is answered or goes */
#define UC_NOTIFICATION_DISMISSED 2 /* reason of NotificationClosed: by the user */

struct _UcNotification {
	GDBusProxy *agent;
	GDBusProxy *desktop;
	GCancellable *cancellable;
	guint32 id;	  /* of what is shown; 0 for nothing */
	gboolean showing; /* a call of Notify is under way */
	gboolean again;	  /* the prompt changed meanwhile */
};

static void
uc_notification_refresh(UcNotification *self);

static void
uc_notification_answered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);

	if (reply == NULL && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		g_warning("the agent did not take the answer: %s", error->message);
}

static void
uc_notification_call(UcNotification *self,
		     GDBusProxy *proxy,
		     const gchar *method,
		     GVariant *parameters,
		     GAsyncReadyCallback callback,
		     gpointer user_data)
{
	g_dbus_proxy_call(proxy,
			  method,
			  parameters,
			  G_DBUS_CALL_FLAGS_NONE,
			  UC_NOTIFICATION_CALL_MS,
			  self->cancellable,
			  callback,
			  user_data);
}

static GVariant *
uc_notification_get_prompt(UcNotification *self)
{
	g_autoptr(GVariant) prompt = g_dbus_proxy_get_cached_property(self->agent, "Prompt");
	g_autofree gchar *owner = g_dbus_proxy_get_name_owner(self->agent);

	if (prompt == NULL || owner == NULL ||
	    !g_variant_is_of_type(prompt, G_VARIANT_TYPE_VARDICT) ||
	    g_variant_n_children(prompt) == 0)
		return NULL;
	return g_steal_pointer(&prompt);
}

static gboolean
uc_notification_get_flag(GVariant *prompt, const gchar *member)
{
	gboolean value = FALSE;

	(void)g_variant_lookup(prompt, member, "b", &value);
	return value;
}

static gchar *
uc_notification_get_body(GVariant *prompt)
{
	guint32 remaining_secs = 0;
	guint minutes = 0;

	(void)g_variant_lookup(prompt, "remaining-secs", "u", &remaining_secs);
	minutes = remaining_secs / 60 + (remaining_secs % 60 > 0 ? 1 : 0);
	if (uc_notification_get_flag(prompt, "notice"))
		return g_strdup(_("The update starts by itself. Please do not switch it off."));
	return g_strdup_printf(ngettext("Without an answer it starts in %u minute.",
					"Without an answer it starts in %u minutes.",
					minutes),
			       minutes);
}

static gchar *
uc_notification_get_summary(GVariant *prompt)
{
	g_autofree const gchar **names = NULL;
	g_autofree gchar *list = NULL;
	const gchar *version = "";

	(void)g_variant_lookup(prompt, "version", "&s", &version);
	if (g_variant_lookup(prompt, "names", "^a&s", &names))
		list = g_strjoinv(", ", (gchar **)names);
	return g_strdup_printf(_("New firmware %s for %s"), version, list != NULL ? list : "");
}

static GVariant *
uc_notification_build_actions(GVariant *prompt)
{
	g_autoptr(GVariantBuilder) actions = g_variant_builder_new(G_VARIANT_TYPE("as"));

	if (!uc_notification_get_flag(prompt, "notice")) {
		g_variant_builder_add(actions, "s", "now");
		g_variant_builder_add(actions, "s", _("Install now"));
		if (uc_notification_get_flag(prompt, "no-allowed")) {
			g_variant_builder_add(actions, "s", "later");
			g_variant_builder_add(actions, "s", _("Not now"));
		}
	}
	return g_variant_builder_end(actions);
}

static GVariant *
uc_notification_build_hints(void)
{
	g_auto(GVariantDict) hints = G_VARIANT_DICT_INIT(NULL);

	g_variant_dict_insert_value(&hints, "urgency", g_variant_new_byte(UC_NOTIFICATION_URGENT));
	g_variant_dict_insert(&hints, "category", "s", "device");
	g_variant_dict_insert(&hints, "resident", "b", TRUE);
	return g_variant_dict_end(&hints);
}

static void
uc_notification_shown_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
	UcNotification *self = user_data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* and @user_data is no more */
	self->showing = FALSE;
	if (reply == NULL)
		g_warning("the desktop does not show it: %s", error->message);
	else if (g_variant_is_of_type(reply, G_VARIANT_TYPE("(u)")))
		g_variant_get(reply, "(u)", &self->id);
	if (self->again)
		uc_notification_refresh(self);
}

static void
uc_notification_show(UcNotification *self, GVariant *prompt)
{
	g_autofree gchar *summary = uc_notification_get_summary(prompt);
	g_autofree gchar *body = uc_notification_get_body(prompt);

	self->showing = TRUE;
	uc_notification_call(self,
			     self->desktop,
			     "Notify",
			     g_variant_new("(susss@as@a{sv}i)",
					   "ucupdates",
					   self->id,
					   "system-software-update",
					   summary,
					   body,
					   uc_notification_build_actions(prompt),
					   uc_notification_build_hints(),
					   0), /* never expires by itself */
			     uc_notification_shown_cb,
			     self);
}

static void
uc_notification_hide(UcNotification *self)
{
	guint32 id = self->id;

	self->id = 0;
	if (id != 0)
		uc_notification_call(self,
				     self->desktop,
				     "CloseNotification",
				     g_variant_new("(u)", id),
				     NULL,
				     NULL);
}

static void
uc_notification_refresh(UcNotification *self)
{
	g_autoptr(GVariant) prompt = uc_notification_get_prompt(self);

	self->again = self->showing;
	if (self->showing)
		return;
	if (prompt != NULL)
		uc_notification_show(self, prompt);
	else
		uc_notification_hide(self);
}

static void
uc_notification_signal_cb(GDBusProxy *proxy,
			  const gchar *sender,
			  const gchar *signal,
			  GVariant *parameters,
			  gpointer user_data)
{
	UcNotification *self = user_data;
	const gchar *key = NULL;
	guint32 id = 0;
	guint32 reason = 0;

	if (g_str_equal(signal, "ActionInvoked") &&
	    g_variant_is_of_type(parameters, G_VARIANT_TYPE("(us)"))) {
		g_variant_get(parameters, "(u&s)", &id, &key);
		if (id == self->id && id != 0)
			uc_notification_call(self,
					     self->agent,
					     "AnswerPrompt",
					     g_variant_new("(b)", g_str_equal(key, "now")),
					     uc_notification_answered_cb,
					     NULL);
	} else if (g_str_equal(signal, "NotificationClosed") &&
		   g_variant_is_of_type(parameters, G_VARIANT_TYPE("(uu)"))) {
		g_variant_get(parameters, "(uu)", &id, &reason);
		if (id != self->id || id == 0)
			return;
		self->id = 0;
		if (reason == UC_NOTIFICATION_DISMISSED)
			uc_notification_call(self,
					     self->agent,
					     "PromptInput",
					     NULL,
					     uc_notification_answered_cb,
					     NULL);
	}
}

/**
 * uc_notification_new:
 * @error: set when there is no system bus or no session bus
 *
 * Shows what the agent asks for as long as it is kept. An agent or a desktop that is not there yet
 * may come later.
 *
 * Returns: (transfer full): what shows it, or %NULL
 */
UcNotification *
uc_notification_new(GError **error)
{
	g_autoptr(UcNotification) self = g_new0(UcNotification, 1);

	self->cancellable = g_cancellable_new();
	self->desktop = g_dbus_proxy_new_for_bus_sync(G_BUS_TYPE_SESSION,
						      G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
						      NULL,
						      UC_NOTIFICATION_NAME,
						      UC_NOTIFICATION_PATH,
						      UC_NOTIFICATION_NAME,
						      NULL,
						      error);
	if (self->desktop == NULL)
		return NULL;
	self->agent = g_dbus_proxy_new_for_bus_sync(G_BUS_TYPE_SYSTEM,
						    G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
						    NULL,
						    UC_DBUS_NAME,
						    UC_DBUS_PATH,
						    UC_DBUS_INTERFACE,
						    NULL,
						    error);
	if (self->agent == NULL)
		return NULL;
	g_signal_connect(self->desktop, "g-signal", G_CALLBACK(uc_notification_signal_cb), self);
	g_signal_connect_swapped(self->agent,
				 "g-properties-changed",
				 G_CALLBACK(uc_notification_refresh),
				 self);
	g_signal_connect_swapped(self->agent,
				 "notify::g-name-owner",
				 G_CALLBACK(uc_notification_refresh),
				 self);
	uc_notification_refresh(self);
	return g_steal_pointer(&self);
}

void
uc_notification_free(UcNotification *self)
{
	if (self->cancellable != NULL)
		g_cancellable_cancel(self->cancellable);
	if (self->agent != NULL)
		g_signal_handlers_disconnect_by_data(self->agent, self);
	if (self->desktop != NULL)
		g_signal_handlers_disconnect_by_data(self->desktop, self);
	g_clear_object(&self->agent);
	g_clear_object(&self->desktop);
	g_clear_object(&self->cancellable);
	g_free(self);
}
