/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent fetched, verified once more by root and installed. The agent's state is input like
 * any other: only the recovery key's signature and a serial that grows count. The order is such
 * that it can end anywhere and be done again: what is revoked first, then what is new, then what
 * has gone, and at the very end the document that says so.
 */

#include "uc-error.h"
#include "uc-keys.h"
#include "uc-limits.h"
#include "uc-trust-store.h"
#include "uc-trust.h"

static GBytes *
uc_trust_read(const gchar *path, GError **error)
{
	gchar *text = NULL;
	gsize size_bytes = 0;
	g_autoptr(GError) error_read = NULL;

	if (g_file_get_contents(path, &text, &size_bytes, &error_read))
		return g_bytes_new_take(text, size_bytes);
	if (g_error_matches(error_read, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_NOT_FOUND,
				    "there is none: the agent has not fetched it; ucupdatesctl "
				    "check does, if the organisation has a recovery key");
	else
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot read it: %s",
			    error_read->message);
	return NULL;
}

static gboolean
uc_trust_install_role(UcAnchor purpose, GPtrArray *anchors, GError **error)
{
	const gchar *name = uc_anchor_to_string(purpose);

	return anchors == NULL || (uc_trust_store_add(name, anchors, error) &&
				   uc_trust_store_keep_only(name, anchors, error));
}

static gboolean
uc_trust_install_keys(const UcKeys *keys, GBytes *envelope, GError **error)
{
	const gchar *const *revoked = (const gchar *const *)keys->revoked;
	g_autofree gchar *applied = uc_keys_get_applied_path();

	if (!uc_trust_store_write_revoked(revoked, error) ||
	    !uc_trust_store_remove_revoked(revoked, error))
		return FALSE;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		if (!uc_trust_install_role((UcAnchor)i, keys->anchors[i], error))
			return FALSE;
	}
	return uc_trust_store_write(applied, envelope, error);
}

/**
 * uc_trust_apply:
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: as uc_keys_verify(), %UC_ERROR_ROLLBACK for one older than what is installed, and
 *   %UC_ERROR_FAILED
 *
 * Installs the `keys.json` that the agent fetched. One that is installed already is done again.
 */
gboolean
uc_trust_apply(gint64 now_secs, GError **error)
{
	g_autofree gchar *path = uc_path_state("keys.json");
	g_autoptr(GError) error_applied = NULL;
	g_autoptr(UcKeys) applied = uc_keys_load_applied(&error_applied);
	g_autoptr(GBytes) envelope = NULL;
	g_autoptr(UcKeys) keys = NULL;
	UcDocumentExpect expect = {.now_secs = now_secs};

	if (applied == NULL && !g_error_matches(error_applied, UC_ERROR, UC_ERROR_NOT_FOUND)) {
		/* without it an older one could come back */
		g_propagate_prefixed_error(error,
					   g_steal_pointer(&error_applied),
					   "what is installed: ");
		return FALSE;
	}
	if (applied != NULL) {
		expect.organisation = applied->organisation;
		expect.serial_min = applied->serial;
		expect.floor_secs = applied->issued_secs - UC_LIMIT_CLOCK_SKEW_SECS;
	}
	envelope = uc_trust_read(path, error);
	if (envelope != NULL)
		keys = uc_keys_verify(envelope, &expect, error);
	if (keys == NULL) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	return uc_trust_install_keys(keys, envelope, error);
}
