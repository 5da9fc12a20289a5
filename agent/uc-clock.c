/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>

#include "uc-clock.h"

static gint64
uc_clock_system_now_secs(gpointer user_data)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static gint64
uc_clock_system_boot_secs(gpointer user_data)
{
	struct timespec spec = {0};

	/* cannot fail: Linux has this clock since 2.6.39 */
	(void)clock_gettime(CLOCK_BOOTTIME, &spec);
	return spec.tv_sec;
}

/**
 * uc_clock_system:
 *
 * Returns: (transfer none): the clocks of the machine
 */
const UcClock *
uc_clock_system(void)
{
	static const UcClock system = {uc_clock_system_now_secs, uc_clock_system_boot_secs, NULL};

	return &system;
}

gint64
uc_clock_now_secs(const UcClock *self)
{
	return self->now_secs(self->user_data);
}

gint64
uc_clock_boot_secs(const UcClock *self)
{
	return self->boot_secs(self->user_data);
}
