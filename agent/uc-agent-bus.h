/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-agent.h"

typedef struct _UcAgentBus UcAgentBus;

UcAgentBus *
uc_agent_bus_new(UcAgent *agent,
		 GDBusConnection *connection,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_bus_free(UcAgentBus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcAgentBus, uc_agent_bus_free)
