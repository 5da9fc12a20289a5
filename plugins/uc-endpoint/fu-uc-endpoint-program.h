/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

/* what a program said last */
typedef enum {
	FU_UC_ENDPOINT_PROGRAM_RESULT_NONE,
	FU_UC_ENDPOINT_PROGRAM_RESULT_DONE,    /* the new version runs */
	FU_UC_ENDPOINT_PROGRAM_RESULT_RESTART, /* it runs after the next restart */
	FU_UC_ENDPOINT_PROGRAM_RESULT_STAGED,  /* it has to be activated */
} FuUcEndpointProgramResult;

gboolean
fu_uc_endpoint_program_run(const gchar *const *argv,
			   const gchar *const *envp,
			   GInputStream *input,
			   guint timeout_ms,
			   FuProgress *progress,
			   FuUcEndpointProgramResult *result_out,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;
