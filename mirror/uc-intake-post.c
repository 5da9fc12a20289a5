/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One thing that an endpoint posted: how it is read, and what becomes of it in the database. */

#include "uc-endpoint-key.h"
#include "uc-error.h"
#include "uc-intake-post.h"
#include "uc-inventory.h"
#include "uc-json.h"

/**
 * uc_intake_post_clear_parsed:
 *
 * Frees what was read of it, in the thread that read it: that spares the main loop the work.
 */
void
uc_intake_post_clear_parsed(UcIntakePost *self)
{
	g_clear_pointer(&self->checkin, uc_checkin_free);
	g_clear_pointer(&self->report, uc_report_free);
	g_clear_pointer(&self->enrol, uc_enrol_request_free);
	g_clear_pointer(&self->phone, uc_phone_free);
	g_clear_pointer(&self->peer, uc_peer_unref);
}

void
uc_intake_post_free(UcIntakePost *self)
{
	uc_intake_post_clear_parsed(self);
	g_clear_pointer(&self->body, g_bytes_unref);
	g_clear_pointer(&self->peer, uc_peer_unref);
	g_clear_pointer(&self->reply, g_bytes_unref);
	g_clear_error(&self->error);
	g_free(self);
}

/**
 * uc_intake_post_is_valid:
 *
 * Returns: whether there is something to be stored
 */
gboolean
uc_intake_post_is_valid(const UcIntakePost *self)
{
	return self->checkin != NULL || self->report != NULL || self->enrol != NULL ||
	       self->phone != NULL;
}

/**
 * uc_intake_post_get_certificate:
 *
 * Returns: (transfer none) (nullable): the client certificate that it came with, in PEM
 */
const gchar *
uc_intake_post_get_certificate(const UcIntakePost *self)
{
	return self->peer != NULL ? self->peer->certificate : NULL;
}

static const gchar *
uc_intake_post_get_key(const UcIntakePost *self)
{
	return self->peer != NULL ? self->peer->key_sha256 : NULL;
}

/**
 * uc_intake_post_parse:
 *
 * Reads what was posted, or sets its error to %UC_ERROR_INVALID or %UC_ERROR_LIMIT.
 */
void
uc_intake_post_parse(UcIntakePost *self)
{
	if (self->kind == UC_INTAKE_CHECKIN)
		self->checkin = uc_checkin_parse(self->body, &self->error);
	else if (self->kind == UC_INTAKE_ENROL)
		self->enrol = uc_enrol_request_parse(self->body, &self->error);
	else if (self->kind == UC_INTAKE_PHONE)
		self->phone = uc_phone_parse(self->body, &self->error);
	else
		self->report = uc_report_parse(self->body, &self->error);
}

static JsonObject *
uc_intake_post_store_report(UcIntakePost *self, const UcIntakeStore *store, GError **error)
{
	JsonObject *reply = NULL;
	gboolean added = FALSE;

	if (!uc_inventory_add_report(store->database, self->report, store->now_secs, &added, error))
		return NULL;
	reply = json_object_new();
	json_object_set_string_member(reply, "format", "ucupdates-report-reply-1");
	return reply;
}

/* what it wrote before it was refused is taken back alone, not with all of the batch */
static JsonObject *
uc_intake_post_store_enrol(UcIntakePost *self, const UcIntakeStore *store, GError **error)
{
	UcDatabase *database = store->database;
	UcEnrolReply reply = {NULL, FALSE};
	g_autoptr(GError) error_back = NULL;

	if (!uc_database_run(database, error, "SAVEPOINT enrol", ""))
		return NULL;
	if (uc_enrol(database, self->enrol, self->peer, store->now_secs, &reply, error)) {
		self->wanted = reply.wanted;
		if (uc_database_run(database, error, "RELEASE enrol", ""))
			return reply.body;
		json_object_unref(reply.body);
		return NULL;
	}
	g_clear_pointer(&reply.body, json_object_unref);
	if (!uc_database_run(database, &error_back, "ROLLBACK TO enrol", "") ||
	    !uc_database_run(database, &error_back, "RELEASE enrol", "")) {
		g_clear_error(error);
		g_propagate_error(error, g_steal_pointer(&error_back));
	}
	return NULL;
}

static gboolean
uc_intake_post_check_reporter(UcIntakePost *self,
			      UcDatabase *database,
			      const UcEndpointKey *key,
			      GError **error)
{
	UcReport *report = self->report;
	UcEndpointKeyHold hold = UC_ENDPOINT_KEY_FREE;

	if (!uc_endpoint_key_get_hold(database, key, report->identity, &hold, error))
		return FALSE;
	if (hold == UC_ENDPOINT_KEY_OWN) {
		report->key = key->row;
		return TRUE;
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_DENIED,
		    "the key of the client certificate is not that of %s",
		    report->identity);
	return FALSE;
}

static JsonObject *
uc_intake_post_store_known(UcIntakePost *self, const UcIntakeStore *store, GError **error)
{
	g_autoptr(UcEndpointKey) key = NULL;

	/* nothing is written before this can fail */
	if (store->mode != UC_RULES_ENROLMENT_NONE &&
	    !uc_endpoint_key_prove(store->database, uc_intake_post_get_key(self), &key, error))
		return NULL;
	if (self->checkin != NULL && key != NULL &&
	    !uc_endpoint_key_check_certificate(key, self->peer->certificate, error))
		return NULL;
	if (self->checkin != NULL)
		return uc_inventory_check_in(store->database,
					     store->offers,
					     self->checkin,
					     key,
					     store->now_secs,
					     error);
	if (key != NULL && !uc_intake_post_check_reporter(self, store->database, key, error))
		return NULL;
	return uc_intake_post_store_report(self, store, error);
}

/**
 * uc_intake_post_store:
 * @self: a post that was parsed
 * @store: where to, within a transaction
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Stores it and makes its answer. One that may not do that has written nothing, and is answered by
 * its own error beside the others of the transaction.
 */
gboolean
uc_intake_post_store(UcIntakePost *self, const UcIntakeStore *store, GError **error)
{
	g_autoptr(JsonObject) reply = NULL;
	g_autoptr(GError) error_post = NULL;

	if (!uc_intake_post_is_valid(self))
		return TRUE;
	if (self->phone != NULL)
		return uc_phone_store(store->database, self->phone, store->now_secs, error);
	/* what is tried again one by one may have an answer already */
	g_clear_error(&self->error);
	g_clear_pointer(&self->reply, g_bytes_unref);
	self->wanted = FALSE;
	reply = self->enrol != NULL ? uc_intake_post_store_enrol(self, store, &error_post)
				    : uc_intake_post_store_known(self, store, &error_post);
	if (reply == NULL &&
	    (g_error_matches(error_post, UC_ERROR, UC_ERROR_DENIED) ||
	     (self->enrol != NULL && !g_error_matches(error_post, UC_ERROR, UC_ERROR_FAILED)))) {
		self->error = g_steal_pointer(&error_post);
		return TRUE;
	}
	if (reply == NULL) {
		g_propagate_error(error, g_steal_pointer(&error_post));
		return FALSE;
	}
	self->reply = uc_json_to_bytes(reply, FALSE);
	return TRUE;
}
