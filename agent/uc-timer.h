/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _UcTimer UcTimer;

/* called at the moment, and also when somebody set the wall clock meanwhile */
typedef void (*UcTimerFunc)(gpointer user_data);

UcTimer *
uc_timer_new(UcTimerFunc func, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void
uc_timer_free(UcTimer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTimer, uc_timer_free)

void
uc_timer_set(UcTimer *self, gint64 at_secs);
