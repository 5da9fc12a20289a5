/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-endpoint-program-output.h"

gboolean
fu_uc_endpoint_program_run(const gchar *name,
			   const gchar *const *argv,
			   const gchar *const *envp,
			   GInputStream *input,
			   guint timeout_ms,
			   FuProgress *progress,
			   FuUcEndpointProgramResult *result_out,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
