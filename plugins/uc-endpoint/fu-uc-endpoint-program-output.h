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

/* what a program has said so far */
typedef struct {
	guint lines;
	guint percentage; /* 0 to 100, never less than before */
	FuUcEndpointProgramResult result;
	gchar *complaint; /* (nullable): valid UTF-8 */
} FuUcEndpointProgramOutput;

gboolean
fu_uc_endpoint_program_output_add_line(FuUcEndpointProgramOutput *self,
				       const gchar *line,
				       gsize linesz,
				       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_program_output_clear(FuUcEndpointProgramOutput *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FuUcEndpointProgramOutput, fu_uc_endpoint_program_output_clear)
