/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

#define FU_UC_ENDPOINT_AGENT_NAME	"org.ucupdates.Agent"
#define FU_UC_ENDPOINT_AGENT_USER	"ucupdates"
#define FU_UC_ENDPOINT_AGENT_PATH	"/org/ucupdates/Agent"
#define FU_UC_ENDPOINT_AGENT_INTERFACE	"org.ucupdates.Agent1"
#define FU_UC_ENDPOINT_AGENT_TIMEOUT_MS 2000

gboolean
fu_uc_endpoint_agent_check_step(const gchar *endpoint,
				const gchar *step,
				gboolean forced,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;
