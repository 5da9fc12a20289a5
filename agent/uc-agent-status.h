/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-agent.h"
#include "uc-target.h"

UcTarget *
uc_agent_find_target(UcAgent *self,
		     const gchar *endpoint,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_agent_get_status(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_agent_get_service(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_agent_explain(UcAgent *self, const gchar *endpoint, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_agent_get_versions(UcAgent *self,
		      const gchar *endpoint,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_agent_get_history(UcAgent *self);
