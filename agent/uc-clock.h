/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcClock:
 * @now_secs: the wall clock, seconds since the Unix epoch; can jump
 * @boot_secs: seconds since the machine started; counts suspend and never jumps
 * @user_data: for both
 *
 * Where the agent takes the time from, so that a test can bring its own.
 */
typedef struct {
	gint64 (*now_secs)(gpointer user_data);
	gint64 (*boot_secs)(gpointer user_data);
	gpointer user_data;
} UcClock;

const UcClock *
uc_clock_system(void);
const UcClock *
uc_clock_from_environment(void);
gint64
uc_clock_get_ahead_secs(const UcClock *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_clock_now_secs(const UcClock *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_clock_boot_secs(const UcClock *self) G_GNUC_WARN_UNUSED_RESULT;
