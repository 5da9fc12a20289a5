/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The one-use permit for fwupd's own hook at shutdown, when there is no bus on which it could ask
 * (DESIGN.md, decision 2). It names the staged image, whose SHA-256 only the plugin's own record
 * has: the agent knows the package around it.
 */

#include <errno.h>
#include <glib/gstdio.h>

#include "uc-paths.h"
#include "uc-permit.h"
#include "uc-sha256.h"
#include "uc-staged-record.h"
#include "uc-state-file.h"

/**
 * uc_permit_grant:
 * @endpoint: the `Id` of an endpoint with something staged
 * @error: set to %UC_ERROR_FAILED
 *
 * Leaves `/run/ucupdates/permit` with the SHA-256 of what is staged now and of nothing else. The
 * plugin takes it from root or from the agent's user only, and removes it before it uses it.
 */
gboolean
uc_permit_grant(const gchar *endpoint, GError **error)
{
	g_autofree gchar *path = uc_path_run("permit");
	g_autofree gchar *sha256 = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (!uc_staged_record_read(endpoint, NULL, &sha256, error))
		return FALSE;
	bytes = g_bytes_new(sha256, UC_SHA256_HEX_CHARS);
	return uc_state_file_write(path, bytes, error);
}

/**
 * uc_permit_revoke:
 *
 * Removes the permit, if there is one.
 */
void
uc_permit_revoke(void)
{
	g_autofree gchar *path = uc_path_run("permit");

	if (g_unlink(path) != 0 && errno != ENOENT)
		g_warning("cannot remove %s: %s", path, g_strerror(errno));
}
