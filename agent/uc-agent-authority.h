/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcCaller:
 * @UC_CALLER_NOBODY: what is not in the table
 * @UC_CALLER_ANYONE: every process that the bus lets through
 * @UC_CALLER_ROOT: root, and the user whom the agent runs as
 */
typedef enum { UC_CALLER_NOBODY, UC_CALLER_ANYONE, UC_CALLER_ROOT } UcCaller;

UcCaller
uc_agent_authority_get(const gchar *method) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_authority_check_async(GDBusMethodInvocation *invocation,
			       GAsyncReadyCallback callback,
			       gpointer user_data);
gboolean
uc_agent_authority_check_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
