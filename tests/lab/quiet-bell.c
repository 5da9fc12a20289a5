/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <unistd.h>

/* Loaded into fwupdmgr by the tests: it rings the terminal's bell five times after an update, which
 * nobody hears there, and waits for a quarter of a second after each. */

#define UC_BELL_USEC 250000

void
g_usleep(gulong microseconds)
{
	if (microseconds != UC_BELL_USEC)
		(void)usleep((useconds_t)microseconds);
}
