/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-child.h"
#include "fu-uc-endpoint-process.h"
#include "fu-uc-endpoint-unit.h"

/* A program that runs, whoever started it. One subclass per way to start one; it says when the
 * program has ended. */

typedef struct {
	FuUcEndpointProcessOutcome outcome;
} FuUcEndpointProcessPrivate;

enum { SIGNAL_ENDED, SIGNAL_LAST };

static guint signals[SIGNAL_LAST] = {0};

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(FuUcEndpointProcess, fu_uc_endpoint_process, G_TYPE_OBJECT)

#define GET_PRIVATE(o) (fu_uc_endpoint_process_get_instance_private(o))

/**
 * fu_uc_endpoint_process_start:
 * @self: a #FuUcEndpointProcess that was not started yet
 * @spec: what is to be run; its file descriptors are closed here, whatever happens
 * @error: (nullable): optional return location for an error
 *
 * Starts the program. The thread-default main context has to be iterated until the signal `ended`.
 *
 * Returns: %TRUE if it was started
 **/
gboolean
fu_uc_endpoint_process_start(FuUcEndpointProcess *self,
			     const FuUcEndpointProcessSpec *spec,
			     GError **error)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_PROCESS(self), FALSE);
	return FU_UC_ENDPOINT_PROCESS_GET_CLASS(self)->start(self, spec, error);
}

/**
 * fu_uc_endpoint_process_kill:
 * @self: a #FuUcEndpointProcess
 *
 * Kills the program and what it has started, unless it has ended.
 **/
void
fu_uc_endpoint_process_kill(FuUcEndpointProcess *self)
{
	FuUcEndpointProcessPrivate *priv = GET_PRIVATE(self);

	g_return_if_fail(FU_IS_UC_ENDPOINT_PROCESS(self));
	if (priv->outcome == FU_UC_ENDPOINT_PROCESS_OUTCOME_RUNNING)
		FU_UC_ENDPOINT_PROCESS_GET_CLASS(self)->kill(self);
}

/**
 * fu_uc_endpoint_process_get_outcome:
 * @self: a #FuUcEndpointProcess
 *
 * Returns: how it ended, once it has
 **/
FuUcEndpointProcessOutcome
fu_uc_endpoint_process_get_outcome(FuUcEndpointProcess *self)
{
	FuUcEndpointProcessPrivate *priv = GET_PRIVATE(self);
	return priv->outcome;
}

/**
 * fu_uc_endpoint_process_end:
 * @self: a #FuUcEndpointProcess
 * @outcome: how it ended
 *
 * For subclasses: nothing of the program is left. Only the first call counts.
 **/
void
fu_uc_endpoint_process_end(FuUcEndpointProcess *self, FuUcEndpointProcessOutcome outcome)
{
	FuUcEndpointProcessPrivate *priv = GET_PRIVATE(self);

	if (priv->outcome != FU_UC_ENDPOINT_PROCESS_OUTCOME_RUNNING)
		return;
	priv->outcome = outcome;
	g_signal_emit(self, signals[SIGNAL_ENDED], 0);
}

static void
fu_uc_endpoint_process_class_init(FuUcEndpointProcessClass *klass)
{
	/**
	 * FuUcEndpointProcess::ended:
	 * @self: the #FuUcEndpointProcess
	 *
	 * The program has ended, and with it what it has started.
	 **/
	signals[SIGNAL_ENDED] = g_signal_new("ended",
					     G_TYPE_FROM_CLASS(klass),
					     G_SIGNAL_RUN_LAST,
					     0,
					     NULL,
					     NULL,
					     NULL,
					     G_TYPE_NONE,
					     0);
}

static void
fu_uc_endpoint_process_init(FuUcEndpointProcess *self)
{
}

/**
 * fu_uc_endpoint_process_new:
 *
 * Returns: (transfer full): a service of systemd where that runs and can be asked, else a child
 **/
FuUcEndpointProcess *
fu_uc_endpoint_process_new(void)
{
	g_autoptr(FuUcEndpointProcess) unit = NULL;
	g_autoptr(GError) error_local = NULL;

	unit = fu_uc_endpoint_unit_new(&error_local);
	if (unit != NULL)
		return g_steal_pointer(&unit);
	g_debug("the program is a child: %s", error_local->message);
	return fu_uc_endpoint_child_new();
}
