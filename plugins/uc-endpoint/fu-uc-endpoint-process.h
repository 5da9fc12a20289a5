/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

/* what is to be run; nothing is owned */
typedef struct {
	const gchar *name;	  /* of the endpoint */
	const gchar *const *argv; /* program, as an absolute path, and arguments */
	const gchar *const *envp; /* (nullable): all of its environment; NULL for ours */
	gint input_fd;		  /* its standard input, or -1 for none */
	gint output_fd;		  /* its standard output */
	gboolean merge_stderr;	  /* its standard error goes there, too; of a child only */
	guint timeout_ms;	  /* after how long it is ended */
} FuUcEndpointProcessSpec;

#define FU_TYPE_UC_ENDPOINT_PROCESS (fu_uc_endpoint_process_get_type())
G_DECLARE_DERIVABLE_TYPE(FuUcEndpointProcess,
			 fu_uc_endpoint_process,
			 FU,
			 UC_ENDPOINT_PROCESS,
			 GObject)

struct _FuUcEndpointProcessClass {
	GObjectClass parent_class;
	gboolean (*start)(FuUcEndpointProcess *self,
			  const FuUcEndpointProcessSpec *spec,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
	void (*kill)(FuUcEndpointProcess *self);
};

/* how it ended */
typedef enum {
	FU_UC_ENDPOINT_PROCESS_OUTCOME_RUNNING,
	FU_UC_ENDPOINT_PROCESS_OUTCOME_SUCCESS, /* with exit status 0 */
	FU_UC_ENDPOINT_PROCESS_OUTCOME_FAILED,
	FU_UC_ENDPOINT_PROCESS_OUTCOME_TIMED_OUT,
} FuUcEndpointProcessOutcome;

FuUcEndpointProcess *
fu_uc_endpoint_process_new(void) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_process_start(FuUcEndpointProcess *self,
			     const FuUcEndpointProcessSpec *spec,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_process_kill(FuUcEndpointProcess *self);
FuUcEndpointProcessOutcome
fu_uc_endpoint_process_get_outcome(FuUcEndpointProcess *self);
void
fu_uc_endpoint_process_end(FuUcEndpointProcess *self, FuUcEndpointProcessOutcome outcome);
