/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The one-time token that an administrator put here for the first contact: where [Agent]
 * EnrolmentToken= says, else a credential of systemd's, else a file in the state directory. It is
 * never logged; the file is removed once it was used.
 */

#include <errno.h>
#include <glib/gstdio.h>

#include "uc-enrolment-token.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-private-file.h"

static gboolean
uc_enrolment_token_read(const gchar *place, gchar **token_out, GError **error)
{
	return g_path_is_absolute(place)
		   ? uc_private_file_read(place, UC_LIMIT_SECRET_BYTES, token_out, error)
		   : uc_private_file_read_credential(place,
						     UC_LIMIT_SECRET_BYTES,
						     token_out,
						     error);
}

/**
 * uc_enrolment_token_load:
 * @token_out: (out) (nullable) (transfer full): the token, %NULL when there is none
 * @error: set to %UC_ERROR_REFUSED for a file that others can read, or %UC_ERROR_FAILED
 *
 * Returns: %FALSE when there is one that cannot be used
 */
gboolean
uc_enrolment_token_load(const UcServiceSettings *settings, gchar **token_out, GError **error)
{
	g_autofree gchar *file = uc_path_state(UC_ENROLMENT_TOKEN_FILE);
	const gchar *places[] = {settings->enrolment_token, UC_ENROLMENT_TOKEN_NAME, file};

	*token_out = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(places) && *token_out == NULL; i++) {
		if (places[i][0] != '\0' && !uc_enrolment_token_read(places[i], token_out, error))
			return FALSE;
	}
	if (*token_out != NULL)
		g_strstrip(*token_out);
	return TRUE;
}

/**
 * uc_enrolment_token_remove:
 *
 * Removes the file in the state directory. What an administrator has elsewhere is worth nothing any
 * more either.
 */
void
uc_enrolment_token_remove(void)
{
	g_autofree gchar *file = uc_path_state(UC_ENROLMENT_TOKEN_FILE);

	if (g_unlink(file) != 0 && errno != ENOENT)
		g_warning("cannot remove %s: %s", file, g_strerror(errno));
}
