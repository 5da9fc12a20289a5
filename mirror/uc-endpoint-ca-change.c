/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Another CA for the endpoints' certificates. Endpoints do not know this CA, so nothing has to be
 * published and no recovery key is needed: the mirror makes another certificate for every key that
 * it knows, and the service tells each endpoint that checks in with one from before to ask for it.
 * The new CA is in place before anything else happens, so a killed command is run again.
 */

#include "uc-audit.h"
#include "uc-endpoint-ca-change.h"
#include "uc-endpoint-ca.h"
#include "uc-enrol-sign.h"
#include "uc-error.h"
#include "uc-key-token.h"
#include "uc-revoked.h"

/* in a file of certificates the first one is what signs */
static GBytes *
uc_endpoint_ca_change_join(GBytes *first, GBytes *others)
{
	GByteArray *joined = g_byte_array_new();

	g_byte_array_append(joined, g_bytes_get_data(first, NULL), (guint)g_bytes_get_size(first));
	g_byte_array_append(joined,
			    g_bytes_get_data(others, NULL),
			    (guint)g_bytes_get_size(others));
	return g_byte_array_free_to_bytes(joined);
}

/* for the same key it would be the same CA */
static gboolean
uc_endpoint_ca_change_check_fresh(UcX509 *before, const gchar *uri, GError **error)
{
	g_autoptr(GPtrArray) taken = g_ptr_array_new();
	g_auto(GStrv) hashes = uc_revoked_list_hashes(before->certificate, error);

	if (hashes == NULL)
		return FALSE;
	g_ptr_array_add(taken, hashes[1]);
	return uc_key_token_check_fresh(uri, taken, error);
}

/* what was accepted counts beside it */
static gboolean
uc_endpoint_ca_change_put(UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
{
	g_autoptr(UcX509) before = uc_endpoint_ca_load(mirror, error);
	g_autoptr(UcX509) next = NULL;
	g_autoptr(GBytes) joined = NULL;

	if (before == NULL || !uc_endpoint_ca_change_check_fresh(before, uri, error))
		return FALSE;
	next = uc_endpoint_ca_new(mirror, uri, now_secs, error);
	if (next == NULL)
		return FALSE;
	joined = uc_endpoint_ca_change_join(next->certificate, before->certificate);
	g_bytes_unref(next->certificate);
	next->certificate = g_steal_pointer(&joined);
	return uc_endpoint_ca_save(mirror, next, error);
}

static gboolean
uc_endpoint_ca_change_is_begun(UcMirror *mirror, gboolean *begun_out, GError **error)
{
	g_autoptr(GPtrArray) list = uc_endpoint_ca_list(mirror, error);

	*begun_out = list != NULL && list->len > 1;
	return list != NULL;
}

static gboolean
uc_endpoint_ca_change_sign(UcMirror *mirror,
			   const gchar *act,
			   const gchar *what,
			   gint64 now_secs,
			   GError **error)
{
	g_autofree gchar *subject = NULL;
	guint count = 0;

	if (!uc_enrol_sign(mirror, now_secs, &count, error))
		return FALSE;
	subject = g_strdup_printf("endpoints: %s, %u certificates", what, count);
	return uc_audit_add(mirror->database, act, subject, now_secs, error);
}

/**
 * uc_endpoint_ca_change_begin:
 * @uri: (nullable): `pkcs11:` URI of its private key in a token; %NULL to make one, in a file
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_NOT_FOUND where endpoints do not enrol, %UC_ERROR_TEMPORARY (another
 *   command is at work) or an error of this machine
 *
 * Another CA signs, also a certificate for every key that has one; those of the CA before count
 * beside them. Begun twice it is the same.
 */
gboolean
uc_endpoint_ca_change_begin(UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	gboolean begun = FALSE;

	if (lock == NULL || !uc_endpoint_ca_change_is_begun(mirror, &begun, error))
		return FALSE;
	return (begun || uc_endpoint_ca_change_put(mirror, uri, now_secs, error)) &&
	       uc_endpoint_ca_change_sign(mirror,
					  "key rotate",
					  "another CA beside",
					  now_secs,
					  error);
}

/**
 * uc_endpoint_ca_change_finish:
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_REFUSED where nothing has begun, %UC_ERROR_TEMPORARY or an error of this
 *   machine
 *
 * Certificates of the CA before do not count any more. An endpoint that comes with one enrols by
 * itself: its key is known.
 */
gboolean
uc_endpoint_ca_change_finish(UcMirror *mirror, gint64 now_secs, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	gboolean begun = FALSE;

	if (lock == NULL || !uc_endpoint_ca_change_is_begun(mirror, &begun, error))
		return FALSE;
	if (!begun) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "no other CA for endpoints has begun to sign; begin with 'key "
				    "rotate endpoints --ca', and finish when the endpoints have "
				    "checked in since");
		return FALSE;
	}
	return uc_endpoint_ca_change_sign(mirror,
					  "key rotate",
					  "the CA before is gone",
					  now_secs,
					  error) &&
	       uc_endpoint_ca_drop_others(mirror, error);
}

/* with the CA's key anybody makes a key known; one without an endpoint starts over */
static gboolean
uc_endpoint_ca_change_drop_strangers(UcMirror *mirror, gint64 now_secs, GError **error)
{
	return uc_database_run(mirror->database,
			       error,
			       "UPDATE endpoint_keys SET state = 'waiting', certificate = '',"
			       " changed_secs = ? WHERE state IN ('issued', 'wanted') AND id NOT IN"
			       " (SELECT key_id FROM identity_keys)",
			       "i",
			       now_secs);
}

/**
 * uc_endpoint_ca_change_revoke:
 * @uri: (nullable): as of uc_endpoint_ca_change_begin()
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_NOT_FOUND where endpoints do not enrol, %UC_ERROR_TEMPORARY or an error
 *   of this machine
 *
 * For a CA whose key was stolen: another one signs for the keys that have endpoints, and what the
 * CA before has signed does not count any more.
 */
gboolean
uc_endpoint_ca_change_revoke(UcMirror *mirror, const gchar *uri, gint64 now_secs, GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);

	return lock != NULL && uc_endpoint_ca_change_put(mirror, uri, now_secs, error) &&
	       uc_endpoint_ca_change_drop_strangers(mirror, now_secs, error) &&
	       uc_endpoint_ca_change_sign(mirror,
					  "key revoke",
					  "the CA before does not count",
					  now_secs,
					  error) &&
	       uc_endpoint_ca_drop_others(mirror, error);
}
