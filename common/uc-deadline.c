/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-deadline.h"
#include "uc-error.h"

struct _UcDeadline {
	GCancellable *cancellable;
	GCancellable *parent; /* (nullable) */
	gulong parent_id;
	GSource *source;
	guint timeout_ms;
	gboolean passed;
};

static gboolean
uc_deadline_pass_cb(gpointer user_data)
{
	UcDeadline *self = user_data;

	self->passed = TRUE;
	g_cancellable_cancel(self->cancellable);
	return G_SOURCE_REMOVE;
}

static void
uc_deadline_parent_cancelled_cb(GCancellable *parent, gpointer user_data)
{
	UcDeadline *self = user_data;

	g_cancellable_cancel(self->cancellable);
}

/**
 * uc_deadline_new:
 * @timeout_ms: from now on, in milliseconds; 0 for no deadline of its own
 * @parent: (nullable): cancels this one too
 *
 * A bound on a whole operation of several steps, on the thread-default main context.
 *
 * Returns: (transfer full): the deadline; free it when the operation ends
 */
UcDeadline *
uc_deadline_new(guint timeout_ms, GCancellable *parent)
{
	UcDeadline *self = g_new0(UcDeadline, 1);

	self->cancellable = g_cancellable_new();
	self->timeout_ms = timeout_ms;
	if (timeout_ms > 0) {
		self->source = g_timeout_source_new(timeout_ms);
		g_source_set_callback(self->source, uc_deadline_pass_cb, self, NULL);
		g_source_attach(self->source, g_main_context_get_thread_default());
	}
	if (parent != NULL) {
		self->parent = g_object_ref(parent);
		self->parent_id = g_cancellable_connect(parent,
							G_CALLBACK(uc_deadline_parent_cancelled_cb),
							self,
							NULL);
	}
	return self;
}

void
uc_deadline_free(UcDeadline *self)
{
	if (self->source != NULL) {
		g_source_destroy(self->source);
		g_source_unref(self->source);
	}
	if (self->parent != NULL)
		g_cancellable_disconnect(self->parent, self->parent_id);
	g_clear_object(&self->parent);
	g_clear_object(&self->cancellable);
	g_free(self);
}

/**
 * uc_deadline_get_cancellable:
 *
 * Returns: (transfer none): to be given to each step
 */
GCancellable *
uc_deadline_get_cancellable(UcDeadline *self)
{
	return self->cancellable;
}

gboolean
uc_deadline_has_passed(UcDeadline *self)
{
	return self->passed;
}

/**
 * uc_deadline_convert_error:
 * @error: (inout): a set error of a step
 *
 * Says %UC_ERROR_TEMPORARY in place of "cancelled" when it was the deadline that cancelled.
 */
void
uc_deadline_convert_error(UcDeadline *self, GError **error)
{
	if (!self->passed || !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	g_clear_error(error);
	g_set_error(error, UC_ERROR, UC_ERROR_TEMPORARY, "not done within %u ms", self->timeout_ms);
}
