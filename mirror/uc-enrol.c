/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What becomes of a request for a certificate. It is decided and stored here, by the service, which
 * cannot sign; `enrol sign` signs what is wanted. A key that was accepted once is accepted again,
 * for the endpoints that it has: that is the renewal. So is one that comes with a certificate of
 * ours, because the database may be a backup that does not know it. What is claimed beside that is
 * for the mode to decide, and never what another key has.
 */

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "uc-enrol-token.h"
#include "uc-enrol.h"
#include "uc-error.h"
#include "uc-json.h"

#define UC_ENROL_NAME_BYTES 16
/* so many keys may wait for the administrator, each for so long */
#define UC_ENROL_WAITING_MAX  10000
#define UC_ENROL_WAITING_SECS (30 * 86400)
/* one for so many endpoints waits only while no more than that wait in all: a few requests must not
 * fill what many can */
#define UC_ENROL_MANY		    64
#define UC_ENROL_WAITING_CLAIMS_MAX 100000
/* when the endpoint is to ask again: after the signature, and after the administrator */
#define UC_ENROL_RETRY_WANTED_SECS  1
#define UC_ENROL_RETRY_WAITING_SECS 600

typedef struct {
	UcDatabase *database;	       /* not owned */
	const UcEnrolRequest *request; /* not owned */
	const UcPeer *peer;	       /* (nullable), not owned */
	gint64 now_secs;
	UcRulesEnrolment mode;
	UcEndpointKey *key;
	GPtrArray *unclaimed; /* (element-type utf8): that nobody has, not owned */
	GPtrArray *foreign;   /* (element-type utf8): that another key has, not owned */
} UcEnrol;

static void
uc_enrol_clear(UcEnrol *self)
{
	g_clear_pointer(&self->key, uc_endpoint_key_free);
	g_clear_pointer(&self->unclaimed, g_ptr_array_unref);
	g_clear_pointer(&self->foreign, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcEnrol, uc_enrol_clear)

static gchar *
uc_enrol_new_name(GError **error)
{
	guint8 random[UC_ENROL_NAME_BYTES] = {0};
	g_autoptr(GString) name = g_string_new(NULL);

	if (gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof(random)) < 0) {
		g_set_error_literal(error, UC_ERROR, UC_ERROR_FAILED, "no random numbers");
		return NULL;
	}
	for (guint i = 0; i < sizeof(random); i++)
		g_string_append_printf(name, "%02x", random[i]);
	return g_string_free(g_steal_pointer(&name), FALSE);
}

/* anybody may ask, so what waits is bounded; whoever is still there asks again */
static gboolean
uc_enrol_make_room(UcEnrol *self, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	if (!uc_database_run(
		self->database,
		error,
		"DELETE FROM endpoint_keys WHERE state = 'waiting' AND changed_secs < ?",
		"i",
		self->now_secs - UC_ENROL_WAITING_SECS))
		return FALSE;
	row = uc_database_query(self->database,
				error,
				"SELECT count(*) FROM endpoint_keys WHERE state = 'waiting'",
				"");
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (uc_statement_get_int64(row, 0) < UC_ENROL_WAITING_MAX)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_TEMPORARY,
		    "%d keys wait for the administrator already",
		    UC_ENROL_WAITING_MAX);
	return FALSE;
}

static gboolean
uc_enrol_insert_key(UcEnrol *self, GError **error)
{
	const UcCsr *csr = self->request->csr;
	g_autofree gchar *name = uc_enrol_new_name(error);
	g_autofree gchar *public_key = g_base64_encode(g_bytes_get_data(csr->public_key, NULL),
						       g_bytes_get_size(csr->public_key));
	gboolean known = self->peer != NULL && g_str_equal(self->peer->key_sha256, csr->key_sha256);

	return name != NULL && uc_enrol_make_room(self, error) &&
	       uc_database_run(self->database,
			       error,
			       "INSERT INTO endpoint_keys (key_sha256, name, public_key, state,"
			       " certificate, expires_secs, changed_secs) VALUES (?, ?, ?, ?, ?, 0,"
			       " ?)",
			       "sssssi",
			       csr->key_sha256,
			       name,
			       public_key,
			       known ? "wanted" : "waiting",
			       known ? self->peer->certificate : "",
			       self->now_secs) &&
	       uc_endpoint_key_find(self->database, csr->key_sha256, &self->key, error);
}

static gboolean
uc_enrol_load_key(UcEnrol *self, GError **error)
{
	const gchar *reason = NULL;

	if (!uc_endpoint_key_find(self->database,
				  self->request->csr->key_sha256,
				  &self->key,
				  error))
		return FALSE;
	if (self->key == NULL)
		return uc_enrol_insert_key(self, error);
	if (g_str_equal(self->key->state, "revoked"))
		reason = "this key was revoked; an endpoint that is to come back needs a new one "
			 "('ucupdatesctl service --forget' there)";
	else if (g_str_equal(self->key->state, "denied"))
		reason = "the administrator has denied this key";
	if (reason == NULL)
		return TRUE;
	g_set_error_literal(error, UC_ERROR, UC_ERROR_DENIED, reason);
	return FALSE;
}

/* what it asks for, as the administrator is shown it; and what of that is anybody's */
static gboolean
uc_enrol_take_claims(UcEnrol *self, GError **error)
{
	if (!uc_database_run(self->database,
			     error,
			     "DELETE FROM key_claims WHERE key_id = ?",
			     "i",
			     self->key->row))
		return FALSE;
	for (guint i = 0; self->request->identities[i] != NULL; i++) {
		gchar *identity = self->request->identities[i];
		UcEndpointKeyHold hold = UC_ENDPOINT_KEY_FREE;

		if (!uc_database_run(self->database,
				     error,
				     "INSERT INTO key_claims (key_id, identity) VALUES (?, ?)",
				     "is",
				     self->key->row,
				     identity) ||
		    !uc_endpoint_key_get_hold(self->database, self->key, identity, &hold, error))
			return FALSE;
		if (hold == UC_ENDPOINT_KEY_FREE)
			g_ptr_array_add(self->unclaimed, identity);
		else if (hold == UC_ENDPOINT_KEY_OTHER)
			g_ptr_array_add(self->foreign, identity);
	}
	return TRUE;
}

/* what it asked for before, and does not any more, is no conflict; of an enrolled key, check-ins
 * note conflicts as well */
static gboolean
uc_enrol_end_conflicts(UcEnrol *self, GError **error)
{
	return uc_endpoint_key_is_enrolled(self->key) ||
	       uc_database_run(self->database,
			       error,
			       "DELETE FROM key_conflicts WHERE key_id = ?1 AND identity NOT IN"
			       " (SELECT identity FROM key_claims WHERE key_id = ?1)",
			       "i",
			       self->key->row);
}

static gboolean
uc_enrol_note_conflicts(UcEnrol *self, GError **error)
{
	if (!uc_enrol_end_conflicts(self, error))
		return FALSE;
	for (guint i = 0; i < self->foreign->len; i++) {
		if (!uc_endpoint_key_add_conflict(self->database,
						  self->key,
						  g_ptr_array_index(self->foreign, i),
						  self->now_secs,
						  error))
			return FALSE;
	}
	return TRUE;
}

/* whether the mode accepts a key that it does not know; errors are those of a token */
static gboolean
uc_enrol_is_accepted(UcEnrol *self, gboolean *accepted_out, GError **error)
{
	*accepted_out = uc_endpoint_key_is_enrolled(self->key);
	if (*accepted_out)
		return TRUE;
	/* a token is not used up by what has to wait anyway */
	*accepted_out = self->foreign->len == 0 && self->mode != UC_RULES_ENROLMENT_APPROVAL;
	return !*accepted_out || self->mode != UC_RULES_ENROLMENT_TOKEN ||
	       uc_enrol_token_use(self->database, self->request->token, self->now_secs, error);
}

static JsonObject *
uc_enrol_reply_new(const gchar *state)
{
	JsonObject *body = json_object_new();

	json_object_set_string_member(body, "format", "ucupdates-enrolment-reply-1");
	json_object_set_string_member(body, "state", state);
	return body;
}

static void
uc_enrol_reply_wait(UcEnrol *self, UcEnrolReply *reply, gboolean accepted)
{
	gboolean conflict = !accepted && self->foreign->len > 0;

	reply->body = uc_enrol_reply_new(conflict ? "conflict" : "waiting");
	json_object_set_int_member(reply->body,
				   "retry_secs",
				   accepted ? UC_ENROL_RETRY_WANTED_SECS
					    : UC_ENROL_RETRY_WAITING_SECS);
	if (conflict) {
		g_autofree gchar *text =
		    g_strdup_printf("another key has the identity %s; the administrator decides",
				    (const gchar *)g_ptr_array_index(self->foreign, 0));

		json_object_set_string_member(reply->body, "reason", text);
	}
	reply->wanted = accepted;
}

/* the endpoint gets the same one again as long as a third of its life is left */
static gboolean
uc_enrol_is_fresh(UcEnrol *self, GError **error)
{
	g_autofree gchar *text = NULL;
	guint64 days = 0;

	if (!uc_database_get_meta(self->database, "enrolment_days", &text, error))
		return FALSE;
	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &days, NULL))
		days = 1;
	return g_str_equal(self->key->state, "issued") &&
	       self->key->expires_secs - self->now_secs > (gint64)days * 86400 / 3;
}

static gboolean
uc_enrol_answer(UcEnrol *self, UcEnrolReply *reply, GError **error)
{
	g_autoptr(GError) error_fresh = NULL;

	if (uc_enrol_is_fresh(self, &error_fresh)) {
		reply->body = uc_enrol_reply_new("issued");
		json_object_set_string_member(reply->body, "certificate", self->key->certificate);
		uc_json_set_time(reply->body, "expires", self->key->expires_secs);
		return TRUE;
	}
	if (error_fresh != NULL) {
		g_propagate_error(error, g_steal_pointer(&error_fresh));
		return FALSE;
	}
	uc_enrol_reply_wait(self, reply, TRUE);
	return uc_endpoint_key_set_state(self->database,
					 self->key,
					 "wanted",
					 self->now_secs,
					 error);
}

/* with its own, which are stored already */
static gboolean
uc_enrol_check_waiting(UcEnrol *self, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	if (g_strv_length(self->request->identities) <= UC_ENROL_MANY)
		return TRUE;
	row = uc_database_query(self->database,
				error,
				"SELECT count(*) FROM endpoint_keys AS k JOIN key_claims AS c ON"
				" c.key_id = k.id WHERE k.state = 'waiting'",
				"");
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (uc_statement_get_int64(row, 0) <= UC_ENROL_WAITING_CLAIMS_MAX)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_TEMPORARY,
		    "keys for %d endpoints wait for the administrator already",
		    UC_ENROL_WAITING_CLAIMS_MAX);
	return FALSE;
}

static gboolean
uc_enrol_decide(UcEnrol *self, UcEnrolReply *reply, GError **error)
{
	gboolean accepted = FALSE;

	if (!uc_enrol_load_key(self, error) || !uc_enrol_take_claims(self, error) ||
	    !uc_enrol_note_conflicts(self, error) || !uc_enrol_is_accepted(self, &accepted, error))
		return FALSE;
	if (!accepted) {
		if (!uc_enrol_check_waiting(self, error))
			return FALSE;
		uc_enrol_reply_wait(self, reply, FALSE);
		return TRUE;
	}
	/* with approval a further endpoint of a known key waits too, but not the key */
	if (self->mode != UC_RULES_ENROLMENT_APPROVAL && !uc_endpoint_key_bind(self->database,
									       self->key,
									       self->unclaimed,
									       self->now_secs,
									       error))
		return FALSE;
	return uc_enrol_answer(self, reply, error);
}

/**
 * uc_enrol:
 * @request: for a certificate
 * @peer: (nullable): who is at the other end of the connection
 * @now_secs: the present time, seconds since the Unix epoch
 * @reply_out: (out caller-allocates): for the endpoint
 * @error: set to %UC_ERROR_DENIED, %UC_ERROR_INVALID, %UC_ERROR_LIMIT, %UC_ERROR_TEMPORARY,
 *   %UC_ERROR_FAILED, or %UC_ERROR_NOT_FOUND where endpoints do not enrol
 *
 * Decides about it within the caller's transaction.
 */
gboolean
uc_enrol(UcDatabase *database,
	 const UcEnrolRequest *request,
	 const UcPeer *peer,
	 gint64 now_secs,
	 UcEnrolReply *reply_out,
	 GError **error)
{
	g_auto(UcEnrol) self = {database, request, peer, now_secs};
	g_autofree gchar *organisation = NULL;

	self.unclaimed = g_ptr_array_new();
	self.foreign = g_ptr_array_new();
	if (!uc_endpoint_key_get_mode(database, &self.mode, error) ||
	    !uc_database_get_meta(database, "organisation", &organisation, error))
		return FALSE;
	if (self.mode == UC_RULES_ENROLMENT_NONE) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_NOT_FOUND,
				    "endpoints do not enrol here");
		return FALSE;
	}
	return uc_enrol_request_check_claim(request, organisation, error) &&
	       uc_enrol_decide(&self, reply_out, error);
}
