/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>

#include "uc-boot.h"
#include "uc-paths.h"

/**
 * uc_boot_get_id:
 *
 * Follows `UCUPDATES_PROCFS` (`/proc`).
 *
 * Returns: (transfer full) (nullable): another one after every restart of the machine
 */
gchar *
uc_boot_get_id(void)
{
	g_autofree gchar *path = uc_path_procfs("sys/kernel/random/boot_id");
	gchar *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	return g_strstrip(text);
}

/**
 * uc_boot_get_secs:
 *
 * Returns: for how long the machine has been running, suspend included, in seconds; nobody can set
 * that clock
 */
gint64
uc_boot_get_secs(void)
{
	struct timespec spec = {0};

	/* cannot fail: Linux has this clock since 2.6.39 */
	(void)clock_gettime(CLOCK_BOOTTIME, &spec);
	return spec.tv_sec;
}
