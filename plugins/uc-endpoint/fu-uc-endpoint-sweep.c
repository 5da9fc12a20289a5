/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fu-uc-endpoint-sweep.h"

#define FU_UC_ENDPOINT_SWEEP_RANDOM_CHARS 6
#define FU_UC_ENDPOINT_SWEEP_RANDOM	  G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS

/* seconds; fwupdtool or ucupdates-confirm may be writing at this moment */
#define FU_UC_ENDPOINT_SWEEP_AGE 600

/* 0, 1 or 2 */
static gint
fu_uc_endpoint_sweep_get_kind(gchar c)
{
	return g_ascii_isdigit(c) ? 2 : g_ascii_isupper(c);
}

/* six letters or digits are also `backup`, `Backup`, `251122` and `copy01`, which are somebody's
 * own; one in fourteen of GLib's looks like these, and is left */
static gboolean
fu_uc_endpoint_sweep_is_random(const gchar *text)
{
	guint changes = 0;

	if (strspn(text, FU_UC_ENDPOINT_SWEEP_RANDOM) != FU_UC_ENDPOINT_SWEEP_RANDOM_CHARS)
		return FALSE;
	for (guint i = 1; i < FU_UC_ENDPOINT_SWEEP_RANDOM_CHARS; i++)
		changes += fu_uc_endpoint_sweep_get_kind(text[i]) !=
			   fu_uc_endpoint_sweep_get_kind(text[i - 1]);
	return changes > 1;
}

/* as GLib names what it writes aside of a file, of those that are ours */
static gboolean
fu_uc_endpoint_sweep_is_aside(const gchar *basename)
{
	const gchar *endings[] = {".state.", ".health.", ".boot.", "quirk.conf."};
	gsize length = strlen(basename);
	g_autofree gchar *name = NULL;

	if (length <= FU_UC_ENDPOINT_SWEEP_RANDOM_CHARS ||
	    !fu_uc_endpoint_sweep_is_random(basename + length - FU_UC_ENDPOINT_SWEEP_RANDOM_CHARS))
		return FALSE;
	name = g_strndup(basename, length - FU_UC_ENDPOINT_SWEEP_RANDOM_CHARS);
	for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
		if (g_str_has_suffix(name, endings[i]))
			return TRUE;
	}
	return FALSE;
}

/**
 * fu_uc_endpoint_sweep:
 *
 * Removes what a daemon that was killed while it wrote a record, some time ago, has left aside of
 * it.
 **/
void
fu_uc_endpoint_sweep(void)
{
	gint64 before = g_get_real_time() / G_USEC_PER_SEC - FU_UC_ENDPOINT_SWEEP_AGE;
	const gchar *basename = NULL;
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

	while (dir != NULL && (basename = g_dir_read_name(dir)) != NULL) {
		GStatBuf st = {0};
		g_autofree gchar *filename = g_build_filename(path, basename, NULL);

		if (!fu_uc_endpoint_sweep_is_aside(basename) || g_lstat(filename, &st) != 0 ||
		    !S_ISREG(st.st_mode) || st.st_mtime > before)
			continue;
		if (g_unlink(filename) != 0)
			g_warning("%s is left over, and could not be removed: %s",
				  filename,
				  fwupd_strerror(errno));
	}
}
