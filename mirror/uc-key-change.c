/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Other keys: rotated while endpoints accept both, or revoked at once. What endpoints are told is
 * signed before any file is replaced, and a CA that is new is on the disk before it is named; so a
 * command that was killed can be run again, and `publish`, which does not sign with what is
 * revoked, takes all of it to the endpoints in one step.
 */

#include "uc-audit.h"
#include "uc-error.h"
#include "uc-key-ca.h"
#include "uc-key-change.h"
#include "uc-key-document.h"
#include "uc-key-file.h"
#include "uc-private-key.h"
#include "uc-revoked.h"

typedef struct {
	UcMirrorLock *lock;
	UcKeyDocument *document; /* what endpoints are told */
} UcKeyChange;

static void
uc_key_change_clear(UcKeyChange *self)
{
	g_clear_pointer(&self->document, uc_key_document_free);
	g_clear_pointer(&self->lock, uc_mirror_unlock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcKeyChange, uc_key_change_clear)

static gboolean
uc_key_change_open(UcKeyChange *self, UcMirror *mirror, GError **error)
{
	self->lock = uc_mirror_lock(mirror, error);
	if (self->lock != NULL)
		self->document = uc_key_document_load(mirror, error);
	return self->document != NULL;
}

static gboolean
uc_key_change_audit(UcMirror *mirror,
		    const gchar *act,
		    const gchar *purpose,
		    const gchar *what,
		    gint64 now_secs,
		    GError **error)
{
	g_autofree gchar *subject = g_strdup_printf("%s: %s", purpose, what);

	return uc_audit_add(mirror->database, act, subject, now_secs, error);
}

static gboolean
uc_key_change_take_hash(GPtrArray *taken, GBytes *certificate, GError **error)
{
	g_auto(GStrv) hashes = uc_revoked_list_hashes(certificate, error);

	if (hashes == NULL)
		return FALSE;
	g_ptr_array_add(taken, g_strdup(hashes[1]));
	return TRUE;
}

/* a key in a token that is to begin anew is neither the CA's of now nor revoked */
static gboolean
uc_key_change_check_fresh(const UcKeyChange *self,
			  UcMirror *mirror,
			  UcAnchor purpose,
			  const UcKeyUris *keys,
			  GError **error)
{
	g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GBytes) ca = uc_key_ca_load_certificate(mirror, purpose, UC_KEY_FILE_CA, error);

	if (ca == NULL || !uc_key_change_take_hash(taken, ca, error))
		return FALSE;
	for (guint i = 0; i < self->document->revoked->len; i++)
		g_ptr_array_add(taken, g_strdup(g_ptr_array_index(self->document->revoked, i)));
	return uc_key_token_check_fresh(keys->ca, taken, error) &&
	       uc_key_token_check_fresh(keys->leaf, taken, error);
}

/**
 * uc_key_change_rotate:
 * @mirror: a mirror
 * @purpose: which
 * @keys: the one that signs from now on
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_TEMPORARY (another command is at work) or an error of this machine
 *
 * Another key and certificate below the same CA, which no endpoint notices.
 */
gboolean
uc_key_change_rotate(UcMirror *mirror,
		     UcAnchor purpose,
		     const UcKeyUris *keys,
		     gint64 now_secs,
		     GError **error)
{
	g_auto(UcKeyChange) self = {0};
	g_autoptr(UcX509) ca = NULL;

	if (!uc_key_change_open(&self, mirror, error) ||
	    !uc_key_change_check_fresh(&self, mirror, purpose, keys, error))
		return FALSE;
	ca = uc_key_file_load(mirror->root, purpose, UC_KEY_FILE_CA, error);
	return ca != NULL && uc_key_ca_issue(mirror, purpose, ca, keys->leaf, now_secs, error) &&
	       uc_key_change_audit(mirror,
				   "key rotate",
				   uc_anchor_to_string(purpose),
				   keys->leaf != NULL ? "certificate for a token" : "certificate",
				   now_secs,
				   error);
}

/**
 * uc_key_change_begin:
 * @mirror: a mirror
 * @purpose: which
 * @keys: that of the CA
 * @recovery: the recovery key
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: as uc_key_document_save(), %UC_ERROR_TEMPORARY or an error of this machine
 *
 * Another CA, which endpoints accept beside the one that still signs. Begun twice it is the same.
 */
gboolean
uc_key_change_begin(UcMirror *mirror,
		    UcAnchor purpose,
		    const UcKeyUris *keys,
		    UcX509 *recovery,
		    gint64 now_secs,
		    GError **error)
{
	g_auto(UcKeyChange) self = {0};
	g_autoptr(UcX509) next = NULL;

	if (!uc_key_change_open(&self, mirror, error) ||
	    !uc_key_change_check_fresh(&self, mirror, purpose, keys, error))
		return FALSE;
	next = uc_key_ca_has_next(mirror, purpose)
		   ? uc_key_file_load(mirror->root, purpose, UC_KEY_FILE_NEXT_CA, error)
		   : uc_key_ca_make_next(mirror, purpose, keys->ca, now_secs, error);
	return next != NULL && uc_key_ca_add_anchor(self.document, purpose, next, error) &&
	       uc_key_document_save(self.document, mirror, recovery, now_secs, error) &&
	       uc_key_ca_save_anchor(mirror, purpose, next->certificate, error) &&
	       uc_key_change_audit(mirror,
				   "key rotate",
				   uc_anchor_to_string(purpose),
				   "another CA beside",
				   now_secs,
				   error);
}

static gboolean
uc_key_change_check_begun(UcMirror *mirror, UcAnchor purpose, GError **error)
{
	if (uc_key_ca_has_next(mirror, purpose))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "no other CA for %s is waiting; begin with 'key rotate %s --ca', publish, and "
		    "finish when the endpoints have checked in since",
		    uc_anchor_to_string(purpose),
		    uc_anchor_to_string(purpose));
	return FALSE;
}

/* a key that signs in a token goes on signing there */
static gboolean
uc_key_change_get_leaf(UcMirror *mirror,
		       UcAnchor purpose,
		       const UcKeyUris *keys,
		       gchar **uri_out,
		       GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(mirror->root, purpose, UC_KEY_FILE_LEAF, "key");
	g_autofree gchar *text = NULL;

	*uri_out = NULL;
	if (keys->leaf == NULL && !g_file_get_contents(path, &text, NULL, error))
		return FALSE;
	if (keys->leaf != NULL)
		*uri_out = g_strdup(keys->leaf);
	else if (g_str_has_prefix(text, UC_PRIVATE_KEY_PKCS11))
		*uri_out = g_strdup(g_strstrip(text));
	return TRUE;
}

/**
 * uc_key_change_finish:
 * @mirror: a mirror
 * @purpose: which
 * @keys: the one that signs from now on, in the place of one that is in a token already
 * @recovery: the recovery key
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_REFUSED where nothing has begun; as uc_key_document_save(),
 *   %UC_ERROR_TEMPORARY or an error of this machine
 *
 * The CA that was begun signs, and the one before goes.
 */
gboolean
uc_key_change_finish(UcMirror *mirror,
		     UcAnchor purpose,
		     const UcKeyUris *keys,
		     UcX509 *recovery,
		     gint64 now_secs,
		     GError **error)
{
	g_auto(UcKeyChange) self = {0};
	g_autoptr(GBytes) ca = NULL;
	g_autoptr(UcX509) next = NULL;
	g_autofree gchar *uri = NULL;
	gboolean same = FALSE;

	if (!uc_key_change_open(&self, mirror, error) ||
	    !uc_key_change_check_begun(mirror, purpose, error) ||
	    !uc_key_change_check_fresh(&self, mirror, purpose, keys, error) ||
	    !uc_key_change_get_leaf(mirror, purpose, keys, &uri, error))
		return FALSE;
	ca = uc_key_ca_load_certificate(mirror, purpose, UC_KEY_FILE_CA, error);
	if (ca == NULL)
		return FALSE;
	next = uc_key_file_load(mirror->root, purpose, UC_KEY_FILE_NEXT_CA, error);
	if (next == NULL || !uc_key_ca_is_same(ca, next->certificate, &same, error))
		return FALSE;
	if (same) /* killed at its very end */
		return uc_key_ca_remove_next(mirror, purpose, error);
	return uc_key_ca_add_anchor(self.document, purpose, next, error) &&
	       uc_key_document_remove_anchor(self.document, purpose, ca, error) &&
	       uc_key_document_save(self.document, mirror, recovery, now_secs, error) &&
	       uc_key_ca_switch(mirror, purpose, ca, next, uri, now_secs, error) &&
	       uc_key_change_audit(mirror,
				   "key rotate",
				   uc_anchor_to_string(purpose),
				   "the CA before is gone",
				   now_secs,
				   error);
}

/* one that was to come lay beside the stolen one */
static gboolean
uc_key_change_revoke_next(UcMirror *mirror,
			  UcAnchor purpose,
			  UcKeyDocument *document,
			  GError **error)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(mirror->root, purpose, UC_KEY_FILE_NEXT_CA, "pem");
	g_autoptr(GBytes) certificate = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!uc_key_ca_has_next(mirror, purpose))
		return TRUE;
	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return FALSE;
	certificate = g_bytes_new_take(text, size_bytes);
	return uc_key_document_revoke(document, certificate, error) &&
	       uc_key_document_remove_anchor(document, purpose, certificate, error) &&
	       uc_key_ca_remove_anchor(mirror, purpose, certificate, error);
}

static gboolean
uc_key_change_revoke_ca(UcKeyChange *self,
			UcMirror *mirror,
			UcAnchor purpose,
			const UcKeyUris *keys,
			UcX509 *recovery,
			gint64 now_secs,
			GError **error)
{
	UcKeyDocument *document = self->document;
	g_autoptr(GBytes) ca = uc_key_ca_load_certificate(mirror, purpose, UC_KEY_FILE_CA, error);
	g_autoptr(UcX509) next = NULL;

	if (ca == NULL || !uc_key_document_revoke(document, ca, error) ||
	    !uc_key_document_remove_anchor(document, purpose, ca, error) ||
	    !uc_key_change_revoke_next(mirror, purpose, document, error) ||
	    !uc_key_change_check_fresh(self, mirror, purpose, keys, error))
		return FALSE;
	next = uc_key_ca_make_next(mirror, purpose, keys->ca, now_secs, error);
	return next != NULL && uc_key_ca_add_anchor(document, purpose, next, error) &&
	       uc_key_document_save(document, mirror, recovery, now_secs, error) &&
	       uc_key_ca_switch(mirror, purpose, ca, next, keys->leaf, now_secs, error);
}

static gboolean
uc_key_change_revoke_leaf(UcKeyChange *self,
			  UcMirror *mirror,
			  UcAnchor purpose,
			  const UcKeyUris *keys,
			  UcX509 *recovery,
			  gint64 now_secs,
			  GError **error)
{
	g_autoptr(UcX509) ca = uc_key_file_load(mirror->root, purpose, UC_KEY_FILE_CA, error);

	return ca != NULL && uc_key_change_check_fresh(self, mirror, purpose, keys, error) &&
	       uc_key_document_save(self->document, mirror, recovery, now_secs, error) &&
	       uc_key_ca_issue(mirror, purpose, ca, keys->leaf, now_secs, error);
}

/* endpoints get keys.json over a connection that they trust: there is no way around the overlap */
static gboolean
uc_key_change_check_revoke(UcAnchor purpose, gboolean with_ca, GError **error)
{
	if (purpose != UC_ANCHOR_TLS || !with_ca)
		return TRUE;
	g_set_error_literal(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "endpoints learn of another CA for tls only over the one they have; "
			    "use 'key rotate tls --ca', publish, and 'key rotate tls --finish' "
			    "when they have checked in since");
	return FALSE;
}

/* endpoints compare signing times only of what the CAs that they have signed: with another one for
 * the metadata they begin anew, and so does 'publish' */
static gboolean
uc_key_change_forget_signed(UcMirror *mirror, UcAnchor purpose, GError **error)
{
	return purpose != UC_ANCHOR_METADATA ||
	       uc_database_set_meta(mirror->database, "signed_secs", "0", error);
}

/**
 * uc_key_change_revoke:
 * @mirror: a mirror
 * @purpose: whose key was stolen
 * @with_ca: the CA's too; always so for payload and metadata, because fwupd knows no list of
 * revoked certificates
 * @keys: those in its place
 * @recovery: the recovery key
 * @now_secs: the present time, seconds since the Unix epoch; the new epoch
 * @error: set to %UC_ERROR_REFUSED for the CA of tls; as uc_key_document_save(),
 *   %UC_ERROR_TEMPORARY or an error of this machine
 *
 * What is in use does not count any more, and another takes its place at once. Serials begin anew
 * at the present, so that a thief's fast-forward ends.
 */
gboolean
uc_key_change_revoke(UcMirror *mirror,
		     UcAnchor purpose,
		     gboolean with_ca,
		     const UcKeyUris *keys,
		     UcX509 *recovery,
		     gint64 now_secs,
		     GError **error)
{
	g_auto(UcKeyChange) self = {0};
	g_autoptr(GBytes) leaf = NULL;
	gboolean done = FALSE;

	if (!uc_key_change_check_revoke(purpose, with_ca, error) ||
	    !uc_key_change_open(&self, mirror, error))
		return FALSE;
	with_ca = with_ca || purpose == UC_ANCHOR_PAYLOAD || purpose == UC_ANCHOR_METADATA;
	leaf = uc_key_ca_load_certificate(mirror, purpose, UC_KEY_FILE_LEAF, error);
	if (leaf == NULL || !uc_key_document_revoke(self.document, leaf, error))
		return FALSE;
	self.document->serial_epoch = MAX(self.document->serial_epoch, now_secs);
	done = (with_ca ? uc_key_change_revoke_ca : uc_key_change_revoke_leaf)(&self,
									       mirror,
									       purpose,
									       keys,
									       recovery,
									       now_secs,
									       error);
	return done && uc_key_change_forget_signed(mirror, purpose, error) &&
	       uc_key_change_audit(mirror,
				   "key revoke",
				   uc_anchor_to_string(purpose),
				   with_ca ? "CA and certificate" : "certificate",
				   now_secs,
				   error);
}

/**
 * uc_key_change_revoke_certificate:
 * @mirror: a mirror
 * @certificate: in PEM, one that is in use no more
 * @recovery: the recovery key
 * @now_secs: the present time, seconds since the Unix epoch; the new epoch
 * @error: set to %UC_ERROR_REFUSED or %UC_ERROR_INVALID for one that is in use; as
 *   uc_key_document_save(), %UC_ERROR_TEMPORARY or an error of this machine
 *
 * For a key that was stolen after it was rotated, such as from a backup.
 */
gboolean
uc_key_change_revoke_certificate(UcMirror *mirror,
				 GBytes *certificate,
				 UcX509 *recovery,
				 gint64 now_secs,
				 GError **error)
{
	g_auto(UcKeyChange) self = {0};
	g_auto(GStrv) hashes = NULL;

	if (!uc_key_change_open(&self, mirror, error))
		return FALSE;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		g_autoptr(UcX509) leaf = uc_mirror_load_key(mirror, (UcAnchor)i, error);
		gboolean same = FALSE;

		if (leaf == NULL ||
		    !uc_key_ca_is_same(leaf->certificate, certificate, &same, error))
			return FALSE;
		if (!same)
			continue;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "this is the certificate for %s that is in use; revoke it with 'key "
			    "revoke %s', which makes another one",
			    uc_anchor_to_string((UcAnchor)i),
			    uc_anchor_to_string((UcAnchor)i));
		return FALSE;
	}
	hashes = uc_revoked_list_hashes(certificate, error);
	if (hashes == NULL || !uc_key_document_revoke(self.document, certificate, error))
		return FALSE;
	self.document->serial_epoch = MAX(self.document->serial_epoch, now_secs);
	return uc_key_document_save(self.document, mirror, recovery, now_secs, error) &&
	       uc_key_change_audit(mirror, "key revoke", "certificate", hashes[0], now_secs, error);
}

/**
 * uc_key_change_sign:
 * @mirror: a mirror
 * @recovery: the recovery key
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: as uc_key_document_save(), %UC_ERROR_TEMPORARY or an error of this machine
 *
 * Signs what is so already, with the CAs that are in `trust/` now: before `keys.json` expires, or
 * after somebody put a vendor's CA there.
 */
gboolean
uc_key_change_sign(UcMirror *mirror, UcX509 *recovery, gint64 now_secs, GError **error)
{
	g_auto(UcKeyChange) self = {0};

	return uc_key_change_open(&self, mirror, error) &&
	       uc_key_document_save(self.document, mirror, recovery, now_secs, error) &&
	       uc_key_change_audit(mirror, "key sign", "keys.json", "signed", now_secs, error);
}
