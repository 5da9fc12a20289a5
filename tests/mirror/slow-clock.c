/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For a test: time(), by which GnuTLS signs, is far behind clock_gettime(), not only by a tick. */

#include <time.h>

#define SLOW_CLOCK_BEHIND_NSEC 300000000

time_t
time(time_t *secs_out)
{
	struct timespec now = {0};
	time_t secs = 0;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	secs = now.tv_sec - (now.tv_nsec < SLOW_CLOCK_BEHIND_NSEC ? 1 : 0);
	if (secs_out != NULL)
		*secs_out = secs;
	return secs;
}
