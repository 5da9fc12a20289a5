/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For tests that publish often: the clock is UC_CLOCK_AHEAD_SECS ahead, so that a publication need
 * not wait for the second after the last one.
 */

/* otherwise the two names of the call below would be one */
#undef _TIME_BITS

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long
quick_clock_get_ahead(void)
{
	const char *text = getenv("UC_CLOCK_AHEAD_SECS");

	return text != NULL ? strtol(text, NULL, 10) : 0;
}

int
clock_gettime(clockid_t id, struct timespec *time_out)
{
	long result = syscall(SYS_clock_gettime, id, time_out);

	if (result == 0 && id == CLOCK_REALTIME)
		time_out->tv_sec += quick_clock_get_ahead();
	return (int)result;
}

time_t
time(time_t *secs_out)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (secs_out != NULL)
		*secs_out = now.tv_sec;
	return now.tv_sec;
}
