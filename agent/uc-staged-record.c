/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the plugin says is staged: its own record, which the agent may read (DESIGN.md, decision 2).
 * fwupd only says that something is. */

#include "uc-error.h"
#include "uc-paths.h"
#include "uc-sha256.h"
#include "uc-staged-record.h"

static gchar *
uc_staged_record_get_path(const gchar *endpoint)
{
	g_autofree gchar *name = g_strdup_printf("%s.state", endpoint);

	return uc_path_plugin_state(name);
}

/**
 * uc_staged_record_read:
 * @endpoint: the `Id` of an endpoint
 * @version_out: (out) (optional) (transfer full) (nullable): what is staged
 * @sha256_out: (out) (transfer full): of the image, 64 hexadecimal digits; the agent knows the
 *   package around it
 * @error: set to %UC_ERROR_FAILED, also when nothing is staged
 */
gboolean
uc_staged_record_read(const gchar *endpoint,
		      gchar **version_out,
		      gchar **sha256_out,
		      GError **error)
{
	g_autofree gchar *path = uc_staged_record_get_path(endpoint);
	g_autoptr(GKeyFile) record = g_key_file_new();
	g_autoptr(GError) error_read = NULL;
	g_autofree gchar *sha256 = NULL;

	if (g_key_file_load_from_file(record, path, G_KEY_FILE_NONE, &error_read))
		sha256 = g_key_file_get_string(record, "Staged", "Sha256", &error_read);
	if (sha256 == NULL || !uc_sha256_is_hex(sha256)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "%s does not say which image is staged: %s",
			    path,
			    error_read != NULL ? error_read->message : "no SHA-256");
		return FALSE;
	}
	*sha256_out = g_steal_pointer(&sha256);
	if (version_out != NULL)
		*version_out = g_key_file_get_string(record, "Staged", "Version", NULL);
	return TRUE;
}
