/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcNotification UcNotification;

UcNotification *
uc_notification_new(GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_notification_free(UcNotification *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcNotification, uc_notification_free)
