/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcDeadline UcDeadline;

UcDeadline *
uc_deadline_new(guint timeout_ms, GCancellable *parent) G_GNUC_WARN_UNUSED_RESULT;
void
uc_deadline_free(UcDeadline *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDeadline, uc_deadline_free)

GCancellable *
uc_deadline_get_cancellable(UcDeadline *self);
gboolean
uc_deadline_has_passed(UcDeadline *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_deadline_convert_error(UcDeadline *self, GError **error);
