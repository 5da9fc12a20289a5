/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The prompt, and what is withdrawn, on the bus: data/org.ucupdates.Agent1.xml. Who may call is
 * decided before (uc-agent-authority.c). */

#include "uc-agent-bus-prompt.h"
#include "uc-bus-emit.h"
#include "uc-names.h"

struct _UcAgentBusPrompt {
	UcAgent *agent;
	GDBusConnection *connection;
	GVariant *prompt;    /* what was told last */
	GVariant *withdrawn; /* the same */
};

/**
 * uc_agent_bus_prompt_get:
 * @property: `Prompt` or `Withdrawn`
 *
 * Returns: (transfer full) (nullable): its value, %NULL for another property
 */
GVariant *
uc_agent_bus_prompt_get(UcAgent *agent, const gchar *property)
{
	if (g_str_equal(property, "Prompt"))
		return uc_agent_get_prompt(agent);
	return g_str_equal(property, "Withdrawn") ? uc_agent_get_withdrawn(agent) : NULL;
}

/* whether it is another value than the one that was told last, which it is from now on */
static gboolean
uc_agent_bus_prompt_take(UcAgentBusPrompt *self, GVariant **told, const gchar *property)
{
	g_autoptr(GVariant) value = uc_agent_bus_prompt_get(self->agent, property);
	g_auto(GVariantBuilder) changed = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sv}"));

	if (*told != NULL && g_variant_equal(*told, value))
		return FALSE;
	g_clear_pointer(told, g_variant_unref);
	*told = g_steal_pointer(&value);
	g_variant_builder_add(&changed, "{sv}", property, *told);
	uc_bus_emit(self->connection,
		    "org.freedesktop.DBus.Properties",
		    "PropertiesChanged",
		    g_variant_new("(sa{sv}as)", UC_DBUS_INTERFACE, &changed, NULL));
	return TRUE;
}

static void
uc_agent_bus_prompt_changed_cb(UcAgentBusPrompt *self)
{
	(void)uc_agent_bus_prompt_take(self, &self->withdrawn, "Withdrawn");
	if (uc_agent_bus_prompt_take(self, &self->prompt, "Prompt"))
		uc_bus_emit(self->connection,
			    UC_DBUS_INTERFACE,
			    "PromptChanged",
			    g_variant_new("(@a{sv})", self->prompt));
}

/**
 * uc_agent_bus_prompt_new:
 *
 * Returns: (transfer full): what tells on @connection whenever it changes
 */
UcAgentBusPrompt *
uc_agent_bus_prompt_new(UcAgent *agent, GDBusConnection *connection)
{
	UcAgentBusPrompt *self = g_new0(UcAgentBusPrompt, 1);

	self->agent = g_object_ref(agent);
	self->connection = g_object_ref(connection);
	self->prompt = uc_agent_get_prompt(agent);
	self->withdrawn = uc_agent_get_withdrawn(agent);
	g_signal_connect_swapped(agent,
				 "changed",
				 G_CALLBACK(uc_agent_bus_prompt_changed_cb),
				 self);
	return self;
}

void
uc_agent_bus_prompt_free(UcAgentBusPrompt *self)
{
	g_signal_handlers_disconnect_by_data(self->agent, self);
	g_clear_pointer(&self->prompt, g_variant_unref);
	g_clear_pointer(&self->withdrawn, g_variant_unref);
	g_object_unref(self->agent);
	g_object_unref(self->connection);
	g_free(self);
}

void
uc_agent_bus_prompt_answer(UcAgent *agent, GDBusMethodInvocation *invocation)
{
	g_autoptr(GError) error = NULL;
	gboolean accept = FALSE;

	g_variant_get(g_dbus_method_invocation_get_parameters(invocation), "(b)", &accept);
	if (uc_agent_answer_prompt(agent, accept, &error))
		g_dbus_method_invocation_return_value(invocation, NULL);
	else
		g_dbus_method_invocation_return_gerror(invocation, error);
}

void
uc_agent_bus_prompt_input(UcAgent *agent, GDBusMethodInvocation *invocation)
{
	uc_agent_input_prompt(agent);
	g_dbus_method_invocation_return_value(invocation, NULL);
}
