/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The password for the external URL, from systemd's credential store or from a file that nobody but
 * its owner can read. It is never logged.
 */

#include "uc-credentials.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-private-file.h"

static gchar *
uc_credentials_check(gchar *text, GError **error)
{
	g_autofree gchar *owned = text;

	if (text == NULL)
		return NULL;
	g_strchomp(text);
	for (const gchar *c = text; *c != '\0'; c++) {
		if (!g_ascii_iscntrl(*c))
			continue;
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "the password for the external URL has a control character, "
				    "expected a password on one line");
		return NULL;
	}
	return g_steal_pointer(&owned);
}

/**
 * uc_credentials_load:
 * @error: set to %UC_ERROR_REFUSED for a file that others can read, %UC_ERROR_INVALID or
 *   %UC_ERROR_FAILED
 *
 * Returns: (transfer full) (nullable): the password; %NULL without @error when there is none
 */
gchar *
uc_credentials_load(GError **error)
{
	g_autofree gchar *file = uc_path_state(UC_CREDENTIALS_FILE);
	gchar *text = NULL;

	if (!uc_private_file_read_credential(UC_CREDENTIALS_NAME,
					     UC_LIMIT_STRING_BYTES,
					     &text,
					     error))
		return NULL;
	if (text == NULL && !uc_private_file_read(file, UC_LIMIT_STRING_BYTES, &text, error))
		return NULL;
	return uc_credentials_check(text, error);
}

/**
 * uc_credentials_remove:
 * @error: set to %UC_ERROR_FAILED
 *
 * Removes the file. What systemd's credential store holds is an administrator's to remove.
 */
gboolean
uc_credentials_remove(GError **error)
{
	g_autofree gchar *file = uc_path_state(UC_CREDENTIALS_FILE);

	return uc_file_remove(file, error);
}
