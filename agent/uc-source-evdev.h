/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

typedef struct _UcSourceEvdev UcSourceEvdev;

UcSourceEvdev *
uc_source_evdev_new(const gchar *directory, guint rest_ms, UcRoom *room) G_GNUC_WARN_UNUSED_RESULT;
void
uc_source_evdev_free(UcSourceEvdev *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSourceEvdev, uc_source_evdev_free)
