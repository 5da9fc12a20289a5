/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _UcClockSync UcClockSync;

typedef void (*UcClockSyncFunc)(gpointer user_data);

UcClockSync *
uc_clock_sync_new(UcClockSyncFunc func, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void
uc_clock_sync_free(UcClockSync *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcClockSync, uc_clock_sync_free)

gboolean
uc_clock_sync_is_synchronised(void) G_GNUC_WARN_UNUSED_RESULT;
