/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-agent.h"
#include "uc-target.h"

/**
 * UcAgentTell:
 * @object: (transfer none): about one endpoint, or one version for it
 *
 * Of a thousand endpoints there is one such object at a time.
 */
typedef void (*UcAgentTell)(JsonObject *object, gpointer user_data);

UcTarget *
uc_agent_find_target(UcAgent *self,
		     const gchar *endpoint,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_agent_get_status(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_tell_endpoints(UcAgent *self, UcAgentTell tell, gpointer user_data);
JsonObject *
uc_agent_get_service(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_explain(UcAgent *self,
		 const gchar *endpoint,
		 UcAgentTell tell,
		 gpointer user_data,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_get_versions(UcAgent *self,
		      const gchar *endpoint,
		      UcAgentTell tell,
		      gpointer user_data,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_agent_get_history(UcAgent *self);
