/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The one-use permit for fwupd's own hook at shutdown, when there is no bus on which it could ask
 * (DESIGN.md, decision 2). It names the staged image, whose SHA-256 only the plugin's own record
 * has: the agent knows the package around it.
 */

#include <errno.h>
#include <glib/gstdio.h>

#include "config.h"
#include "uc-error.h"
#include "uc-paths.h"
#include "uc-permit.h"
#include "uc-sha256.h"
#include "uc-state-file.h"

static gchar *
uc_permit_get_record_path(const gchar *endpoint)
{
	const gchar *base = g_getenv("FWUPD_LOCALSTATEDIR");
	g_autofree gchar *name = g_strdup_printf("%s.state", endpoint);

	return g_build_filename(base != NULL ? base : UC_LOCALSTATEDIR,
				"lib",
				"fwupd",
				"uc-endpoint",
				name,
				NULL);
}

static gchar *
uc_permit_read_staged(const gchar *endpoint, GError **error)
{
	g_autofree gchar *path = uc_permit_get_record_path(endpoint);
	g_autoptr(GKeyFile) record = g_key_file_new();
	g_autoptr(GError) error_read = NULL;
	g_autofree gchar *sha256 = NULL;

	if (g_key_file_load_from_file(record, path, G_KEY_FILE_NONE, &error_read))
		sha256 = g_key_file_get_string(record, "Staged", "Sha256", &error_read);
	if (sha256 != NULL && uc_sha256_is_hex(sha256))
		return g_steal_pointer(&sha256);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "%s does not say which image is staged: %s",
		    path,
		    error_read != NULL ? error_read->message : "no SHA-256");
	return NULL;
}

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
	g_autofree gchar *sha256 = uc_permit_read_staged(endpoint, error);
	g_autoptr(GBytes) bytes = NULL;

	if (sha256 == NULL)
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
