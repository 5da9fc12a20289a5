/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-boot.h"
#include "uc-clock.h"

static gint64
uc_clock_system_now_secs(gpointer user_data)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static gint64
uc_clock_system_boot_secs(gpointer user_data)
{
	return uc_boot_get_secs();
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

/* so many seconds as the file says; a test replaces it by renaming */
static gint64
uc_clock_read_ahead_secs(void)
{
	const gchar *path = g_getenv("UCUPDATES_TEST_CLOCK");
	g_autofree gchar *text = NULL;

	if (path == NULL || !g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	return CLAMP(g_ascii_strtoll(text, NULL, 10), 0, G_MAXINT32);
}

static gint64
uc_clock_test_now_secs(gpointer user_data)
{
	return uc_clock_system_now_secs(NULL) + uc_clock_read_ahead_secs();
}

static gint64
uc_clock_test_boot_secs(gpointer user_data)
{
	return uc_clock_system_boot_secs(NULL) + uc_clock_read_ahead_secs();
}

/**
 * uc_clock_from_environment:
 *
 * A lab can let time pass: the file that `UCUPDATES_TEST_CLOCK` names has a number of seconds by
 * which both clocks are ahead. What is decided for the new time is seen at the next event.
 *
 * Returns: (transfer none): the clocks of the machine, or those of the lab
 */
const UcClock *
uc_clock_from_environment(void)
{
	static const UcClock test = {uc_clock_test_now_secs, uc_clock_test_boot_secs, NULL};

	return g_getenv("UCUPDATES_TEST_CLOCK") != NULL ? &test : uc_clock_system();
}

/**
 * uc_clock_get_ahead_secs:
 *
 * Returns: by how much the clock is ahead of the machine's, which the kernel's timers follow; 0
 * outside of tests
 */
gint64
uc_clock_get_ahead_secs(const UcClock *self)
{
	return self->now_secs == uc_clock_test_now_secs ? uc_clock_read_ahead_secs() : 0;
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
