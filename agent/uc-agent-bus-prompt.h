/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-agent.h"

typedef struct _UcAgentBusPrompt UcAgentBusPrompt;

UcAgentBusPrompt *
uc_agent_bus_prompt_new(UcAgent *agent, GDBusConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_bus_prompt_free(UcAgentBusPrompt *self);
GVariant *
uc_agent_bus_prompt_get(UcAgent *agent, const gchar *property) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_bus_prompt_answer(UcAgent *agent, GDBusMethodInvocation *invocation);
void
uc_agent_bus_prompt_input(UcAgent *agent, GDBusMethodInvocation *invocation);
