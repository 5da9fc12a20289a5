/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The certificates that are wanted, signed by whoever can read the CA's key, which the service
 * cannot. The service writes the database, so where the administrator approves, the database's word
 * is not enough: only a key that has a certificate of ours already gets another one here.
 */

#include <gio/gio.h>

#include "uc-endpoint-ca.h"
#include "uc-enrol-sign.h"
#include "uc-enrol.h"
#include "uc-file.h"
#include "uc-sha256.h"

/* the clock of an endpoint may be behind by a day */
#define UC_ENROL_SIGN_BACKDATE_SECS 86400
#define UC_ENROL_SIGN_BATCH_MAX	    1000

static gboolean
uc_enrol_sign_get_days(UcDatabase *database, gint64 *days_out, GError **error)
{
	g_autofree gchar *text = NULL;
	guint64 days = 0;

	if (!uc_database_get_meta(database, "enrolment_days", &text, error))
		return FALSE;
	*days_out = g_ascii_string_to_unsigned(text, 10, 1, 400, &days, NULL) ? (gint64)days : 1;
	return TRUE;
}

/* of the first one, where others count beside it */
static gchar *
uc_enrol_sign_get_ca_sha256(UcX509 *ca, GError **error)
{
	g_autofree gchar *pem =
	    g_strndup(g_bytes_get_data(ca->certificate, NULL), g_bytes_get_size(ca->certificate));

	return uc_x509_get_key_sha256(pem, error);
}

/**
 * uc_enrol_sign_key:
 * @ca: the CA of endpoints with its key
 * @key: one that has been accepted
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Gives it a certificate, within the caller's transaction.
 */
gboolean
uc_enrol_sign_key(UcMirror *mirror,
		  UcX509 *ca,
		  const UcEndpointKey *key,
		  gint64 now_secs,
		  GError **error)
{
	gsize size_bytes = 0;
	guchar *data = g_base64_decode(key->public_key, &size_bytes);
	g_autoptr(GBytes) public_key = g_bytes_new_take(data, size_bytes);
	g_autoptr(GBytes) pem = NULL;
	g_autofree gchar *text = NULL;
	g_autofree gchar *ca_sha256 = uc_enrol_sign_get_ca_sha256(ca, error);
	gint64 days = 0;

	if (ca_sha256 == NULL || !uc_enrol_sign_get_days(mirror->database, &days, error))
		return FALSE;
	pem = uc_x509_issue_for(ca,
				UC_X509_TLS_CLIENT,
				public_key,
				key->name,
				now_secs - UC_ENROL_SIGN_BACKDATE_SECS,
				now_secs + days * 86400,
				error);
	if (pem == NULL)
		return FALSE;
	text = g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));
	return uc_database_run(mirror->database,
			       error,
			       "UPDATE endpoint_keys SET state = 'issued', certificate = ?,"
			       " ca_sha256 = ?, expires_secs = ?, changed_secs = ? WHERE id = ?",
			       "ssiii",
			       text,
			       ca_sha256,
			       now_secs + days * 86400,
			       now_secs,
			       key->row);
}

/* also one that has expired: it says that the key was accepted once */
static gboolean
uc_enrol_sign_is_ours(GPtrArray *issuers, GTlsCertificate *certificate)
{
	for (guint i = 0; i < issuers->len; i++) {
		GTlsCertificateFlags flags =
		    g_tls_certificate_verify(certificate, NULL, g_ptr_array_index(issuers, i));

		if ((flags & (GTlsCertificateFlags)~G_TLS_CERTIFICATE_EXPIRED) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
uc_enrol_sign_has_evidence(GPtrArray *issuers, const UcEndpointKey *key)
{
	g_autoptr(GTlsCertificate) before =
	    g_tls_certificate_new_from_pem(key->certificate, -1, NULL);
	g_autofree gchar *sha256 = NULL;
	g_autofree gchar *expected = NULL;
	g_autofree guchar *data = NULL;
	gsize size_bytes = 0;

	if (before == NULL || !uc_enrol_sign_is_ours(issuers, before))
		return FALSE;
	data = g_base64_decode(key->public_key, &size_bytes);
	expected = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, size_bytes);
	sha256 = uc_x509_get_key_sha256(key->certificate, NULL);
	return g_strcmp0(sha256, expected) == 0;
}

static GPtrArray *
uc_enrol_sign_list(UcDatabase *database, GError **error)
{
	return uc_statement_take_texts(
	    uc_database_query(database,
			      error,
			      "SELECT key_sha256 FROM endpoint_keys WHERE state = 'wanted'"
			      " ORDER BY changed_secs, id LIMIT ?",
			      "i",
			      (gint64)UC_ENROL_SIGN_BATCH_MAX),
	    error);
}

static gboolean
uc_enrol_sign_one(UcMirror *mirror,
		  UcX509 *ca,
		  GPtrArray *issuers,
		  const gchar *sha256,
		  gint64 now_secs,
		  guint *signed_out,
		  GError **error)
{
	UcRulesEnrolment mode = UC_RULES_ENROLMENT_NONE;
	g_autoptr(UcEndpointKey) key = NULL;

	if (!uc_endpoint_key_get_mode(mirror->database, &mode, error) ||
	    !uc_endpoint_key_find(mirror->database, sha256, &key, error))
		return FALSE;
	if (key == NULL || !g_str_equal(key->state, "wanted"))
		return TRUE;
	if (mode == UC_RULES_ENROLMENT_APPROVAL && !uc_enrol_sign_has_evidence(issuers, key))
		return uc_endpoint_key_set_state(mirror->database, key, "waiting", now_secs, error);
	(*signed_out)++;
	return uc_enrol_sign_key(mirror, ca, key, now_secs, error);
}

/* what comes after this makes the file again */
static gboolean
uc_enrol_sign_clear(UcMirror *mirror, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(mirror, UC_ENROL_WANTED_NAME, NULL);

	return uc_file_remove(path, error);
}

/* a CA that was replaced, or a database that was restored: those keys get another certificate */
static gboolean
uc_enrol_sign_want_others(UcMirror *mirror, UcX509 *ca, gint64 now_secs, GError **error)
{
	g_autofree gchar *ca_sha256 = uc_enrol_sign_get_ca_sha256(ca, error);

	return ca_sha256 != NULL &&
	       uc_database_run(mirror->database,
			       error,
			       "UPDATE endpoint_keys SET state = 'wanted', changed_secs = ?2 WHERE"
			       " state = 'issued' AND (ca_sha256 < ?1 OR ca_sha256 > ?1)",
			       "si",
			       ca_sha256,
			       now_secs);
}

/* the CA is read within the transaction: one that was replaced meanwhile signs nothing any more */
static gboolean
uc_enrol_sign_batch(UcMirror *mirror,
		    gint64 now_secs,
		    guint *signed_out,
		    gboolean *more_out,
		    GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(mirror->database, error);
	g_autoptr(UcX509) ca = transaction != NULL ? uc_endpoint_ca_load(mirror, error) : NULL;
	g_autoptr(GPtrArray) issuers = ca != NULL ? uc_endpoint_ca_list(mirror, error) : NULL;
	g_autoptr(GPtrArray) hashes = NULL;

	if (issuers == NULL || !uc_enrol_sign_want_others(mirror, ca, now_secs, error))
		return FALSE;
	hashes = uc_enrol_sign_list(mirror->database, error);
	if (hashes == NULL)
		return FALSE;
	for (guint i = 0; i < hashes->len; i++) {
		if (!uc_enrol_sign_one(mirror,
				       ca,
				       issuers,
				       g_ptr_array_index(hashes, i),
				       now_secs,
				       signed_out,
				       error))
			return FALSE;
	}
	*more_out = hashes->len == UC_ENROL_SIGN_BATCH_MAX;
	return uc_transaction_commit(transaction, error);
}

/**
 * uc_enrol_sign:
 * @now_secs: the present time, seconds since the Unix epoch
 * @signed_out: (out): so many certificates were signed
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_FAILED, %UC_ERROR_TEMPORARY or `G_FILE_ERROR`
 *
 * Signs all that is wanted, and for keys whose certificate is of another CA, in transactions of
 * 1000.
 */
gboolean
uc_enrol_sign(UcMirror *mirror, gint64 now_secs, guint *signed_out, GError **error)
{
	gboolean more = TRUE;

	*signed_out = 0;
	if (!uc_enrol_sign_clear(mirror, error))
		return FALSE;
	while (more) {
		if (!uc_enrol_sign_batch(mirror, now_secs, signed_out, &more, error))
			return FALSE;
	}
	return TRUE;
}
