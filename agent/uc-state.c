/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-sha256.h"
#include "uc-state-file.h"
#include "uc-state.h"

#define UC_STATE_NAME	"service.json"
#define UC_STATE_COPY	"service-copy.json" /* for when the first cannot be read */
#define UC_STATE_FORMAT "ucupdates-service-1"
#define UC_STATE_MAX	16 /* serials, remotes */

/* What was learnt about the service: whose endpoint this is, and how far its documents have come.
 * docs/agent.md has the file. */
struct _UcState {
	gchar *organisation;   /* (nullable): not enrolled yet */
	GStrv domains;	       /* (nullable): of the organisation */
	gchar *external_url;   /* (nullable): signed by the organisation */
	gchar *given;	       /* (nullable): URL that was given in band */
	gchar *given_external; /* (nullable): the same for outside */
	gchar *keys_etag;      /* (nullable): entity tag of the keys.json that is installed */
	GHashTable *serials;   /* type of document -> gint64 */
	GHashTable *metadata;  /* id of remote -> what stands for the bytes that fwupd took */
	gint64 floor_secs;     /* latest issue of a verified document */
};

static UcState *
uc_state_new(void)
{
	UcState *self = g_new0(UcState, 1);

	self->serials = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->metadata = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return self;
}

void
uc_state_free(UcState *self)
{
	g_hash_table_unref(self->serials);
	g_hash_table_unref(self->metadata);
	g_strfreev(self->domains);
	g_free(self->organisation);
	g_free(self->external_url);
	g_free(self->given);
	g_free(self->given_external);
	g_free(self->keys_etag);
	g_free(self);
}

static void
uc_state_read_serials(UcState *self, JsonObject *object)
{
	g_autoptr(GList) members = json_object_get_members(object);

	for (GList *l = members; l != NULL; l = l->next) {
		gint64 serial = 0;

		if (uc_json_get_int64(object,
				      l->data,
				      UC_JSON_OPTIONAL,
				      0,
				      G_MAXINT64,
				      &serial,
				      NULL) &&
		    g_hash_table_size(self->serials) < UC_STATE_MAX)
			uc_state_add_serial(self, l->data, serial);
	}
}

static void
uc_state_read_metadata(UcState *self, JsonObject *object)
{
	g_autoptr(GList) members = json_object_get_members(object);

	for (GList *l = members; l != NULL; l = l->next) {
		const gchar *sha256 = NULL;

		if (uc_json_get_string(object, l->data, UC_JSON_OPTIONAL, 64, &sha256, NULL) &&
		    uc_sha256_is_hex(sha256) && g_hash_table_size(self->metadata) < UC_STATE_MAX)
			uc_state_set_metadata(self, l->data, sha256);
	}
}

static void
uc_state_read_service(UcState *self, JsonObject *object)
{
	self->external_url = uc_state_file_get_text(object, "external_url");
	self->given = uc_state_file_get_text(object, "given_url");
	self->given_external = uc_state_file_get_text(object, "given_external_url");
	self->keys_etag = uc_state_file_get_text(object, "keys_etag");
	if (!uc_json_get_strv(object,
			      "domains",
			      UC_JSON_OPTIONAL,
			      UC_LIMIT_DOMAINS,
			      UC_LIMIT_DOMAIN_BYTES,
			      &self->domains,
			      NULL))
		g_warning("%s: the domains cannot be read", UC_STATE_NAME);
}

static void
uc_state_write_text(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
}

static void
uc_state_write_service(UcState *self, JsonObject *object)
{
	JsonArray *domains = NULL;

	uc_state_write_text(object, "organisation", self->organisation);
	uc_state_write_text(object, "external_url", self->external_url);
	uc_state_write_text(object, "given_url", self->given);
	uc_state_write_text(object, "given_external_url", self->given_external);
	uc_state_write_text(object, "keys_etag", self->keys_etag);
	if (self->domains == NULL)
		return;
	domains = json_array_new();
	for (guint i = 0; self->domains[i] != NULL; i++)
		json_array_add_string_element(domains, self->domains[i]);
	json_object_set_array_member(object, "domains", domains);
}

/* one that is missing was removed by somebody; one that cannot be read is an accident, and who the
 * endpoint belongs to and how far the documents have come must not be lost by it */
static JsonObject *
uc_state_load_object(void)
{
	g_autofree gchar *aside = NULL;
	g_autofree gchar *aside_copy = NULL;
	g_autoptr(GError) error = NULL;
	JsonObject *object = uc_state_file_load(UC_STATE_NAME, UC_STATE_FORMAT, &aside);

	if (object != NULL || aside == NULL)
		return object;
	object = uc_state_file_load(UC_STATE_COPY, UC_STATE_FORMAT, &aside_copy);
	if (object == NULL)
		return NULL;
	g_message("the enrolment is taken from %s", UC_STATE_COPY);
	if (!uc_state_file_save(UC_STATE_NAME, object, &error))
		g_warning("%s", error->message);
	return object;
}

/**
 * uc_state_load:
 *
 * Returns: (transfer full): what is on disk, from the copy if the file cannot be read; empty when
 * there is nothing usable
 */
UcState *
uc_state_load(void)
{
	UcState *self = uc_state_new();
	g_autoptr(JsonObject) object = uc_state_load_object();
	JsonObject *serials = NULL;
	JsonObject *metadata = NULL;

	if (object == NULL)
		return self;
	self->organisation = uc_state_file_get_text(object, "organisation");
	self->floor_secs = uc_state_file_get_time(object, "floor");
	uc_state_read_service(self, object);
	if (uc_json_get_object(object, "serials", UC_JSON_OPTIONAL, &serials, NULL) &&
	    serials != NULL)
		uc_state_read_serials(self, serials);
	if (uc_json_get_object(object, "metadata", UC_JSON_OPTIONAL, &metadata, NULL) &&
	    metadata != NULL)
		uc_state_read_metadata(self, metadata);
	return self;
}

/**
 * uc_state_save:
 * @error: set to %UC_ERROR_FAILED
 *
 * Makes it durable, before anything is done that relies on it. Blocks for two fsyncs. A copy that
 * cannot be written is warned about.
 */
gboolean
uc_state_save(UcState *self, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error_copy = NULL;
	JsonObject *serials = json_object_new();
	JsonObject *metadata = json_object_new();
	GHashTableIter iter;
	gpointer key = NULL;
	gpointer value = NULL;

	json_object_set_string_member(object, "format", UC_STATE_FORMAT);
	uc_state_write_service(self, object);
	if (self->floor_secs > 0)
		uc_json_set_time(object, "floor", self->floor_secs);
	g_hash_table_iter_init(&iter, self->serials);
	while (g_hash_table_iter_next(&iter, &key, &value))
		json_object_set_int_member(serials, key, *(gint64 *)value);
	g_hash_table_iter_init(&iter, self->metadata);
	while (g_hash_table_iter_next(&iter, &key, &value))
		json_object_set_string_member(metadata, key, value);
	json_object_set_object_member(object, "serials", serials);
	json_object_set_object_member(object, "metadata", metadata);
	if (!uc_state_file_save(UC_STATE_NAME, object, error))
		return FALSE;
	if (!uc_state_file_save(UC_STATE_COPY, object, &error_copy))
		g_warning("%s", error_copy->message);
	return TRUE;
}

/**
 * uc_state_get_organisation:
 *
 * Returns: (nullable): the organisation of the first description that was verified here; another
 * one's documents are refused from then on
 */
const gchar *
uc_state_get_organisation(UcState *self)
{
	return self->organisation;
}

void
uc_state_set_organisation(UcState *self, const gchar *organisation)
{
	gchar *copy = g_strdup(organisation);

	g_free(self->organisation);
	self->organisation = copy;
}

/**
 * uc_state_set_enrolment:
 * @organisation: whose endpoint this is
 * @domains: the organisation's domains, from its verified description
 * @external_url: (nullable): the service from outside, from the same
 *
 * Only a verified description says which domains are the organisation's.
 */
void
uc_state_set_enrolment(UcState *self,
		       const gchar *organisation,
		       const gchar *const *domains,
		       const gchar *external_url)
{
	g_auto(GStrv) old = self->domains;

	uc_state_set_organisation(self, organisation);
	self->domains = g_strdupv((gchar **)domains);
	g_free(self->external_url);
	self->external_url = g_strdup(external_url);
}

/**
 * uc_state_get_domains:
 *
 * Returns: (transfer none) (nullable): the organisation's domains; %NULL while not enrolled
 */
GStrv
uc_state_get_domains(UcState *self)
{
	return self->domains;
}

const gchar *
uc_state_get_external_url(UcState *self)
{
	return self->external_url;
}

/**
 * uc_state_set_given:
 * @internal_url: (nullable): of a service, given in band
 * @external_url: (nullable): the same from outside
 */
void
uc_state_set_given(UcState *self, const gchar *internal_url, const gchar *external_url)
{
	g_free(self->given);
	g_free(self->given_external);
	self->given = g_strdup(internal_url);
	self->given_external = g_strdup(external_url);
}

const gchar *
uc_state_get_given(UcState *self)
{
	return self->given;
}

const gchar *
uc_state_get_given_external(UcState *self)
{
	return self->given_external;
}

/**
 * uc_state_get_keys_etag:
 *
 * Returns: (transfer none) (nullable): the entity tag that the `keys.json` in use came with
 */
const gchar *
uc_state_get_keys_etag(UcState *self)
{
	return self->keys_etag;
}

/**
 * uc_state_set_keys_etag:
 * @etag: (nullable): only of a `keys.json` that is verified and installed
 */
void
uc_state_set_keys_etag(UcState *self, const gchar *etag)
{
	gchar *copy = g_strdup(etag);

	g_free(self->keys_etag);
	self->keys_etag = copy;
}

/**
 * uc_state_forget:
 *
 * As if no service had ever been found.
 */
void
uc_state_forget(UcState *self)
{
	uc_state_set_organisation(self, NULL);
	g_clear_pointer(&self->domains, g_strfreev);
	g_clear_pointer(&self->external_url, g_free);
	uc_state_set_given(self, NULL, NULL);
	uc_state_set_keys_etag(self, NULL);
	g_hash_table_remove_all(self->serials);
	g_hash_table_remove_all(self->metadata);
	self->floor_secs = 0;
}

/**
 * uc_state_get_serial:
 * @type: one of `UC_DOCUMENT_…`
 *
 * Returns: the highest serial seen, 0 at first
 */
gint64
uc_state_get_serial(UcState *self, const gchar *type)
{
	const gint64 *serial = g_hash_table_lookup(self->serials, type);

	return serial != NULL ? *serial : 0;
}

void
uc_state_add_serial(UcState *self, const gchar *type, gint64 serial)
{
	gint64 *value = NULL;

	if (serial <= uc_state_get_serial(self, type))
		return;
	value = g_new(gint64, 1);
	*value = serial;
	g_hash_table_replace(self->serials, g_strdup(type), value);
}

/**
 * uc_state_reset_serials:
 * @serial_epoch: from which serial on documents count
 * @issued_secs: when the recovery key said so, seconds since the Unix epoch
 *
 * Forgets serials and times that a stolen key may have driven far ahead.
 */
void
uc_state_reset_serials(UcState *self, gint64 serial_epoch, gint64 issued_secs)
{
	g_hash_table_remove(self->serials, UC_DOCUMENT_SERVICE);
	g_hash_table_remove(self->serials, UC_DOCUMENT_POLICY);
	uc_state_add_serial(self, UC_DOCUMENT_SERVICE, serial_epoch);
	uc_state_add_serial(self, UC_DOCUMENT_POLICY, serial_epoch);
	g_hash_table_remove_all(self->metadata);
	self->floor_secs = 0;
	uc_state_add_issued(self, issued_secs);
}

/**
 * uc_state_get_floor_secs:
 *
 * Returns: before this the present time cannot lie, seconds since the Unix epoch: the newest of
 *   build date and verified issues
 */
gint64
uc_state_get_floor_secs(UcState *self)
{
	return MAX(self->floor_secs, UC_BUILD_SECS);
}

void
uc_state_add_issued(UcState *self, gint64 issued_secs)
{
	/* a mirror's clock may be ahead by as much as is tolerated */
	self->floor_secs = MAX(self->floor_secs, issued_secs - 300);
}

/**
 * uc_state_get_metadata:
 * @remote_id: id of a remote
 *
 * Returns: (nullable): what stands for the metadata and signature that fwupd took last, 64
 * hexadecimal digits
 */
const gchar *
uc_state_get_metadata(UcState *self, const gchar *remote_id)
{
	return g_hash_table_lookup(self->metadata, remote_id);
}

void
uc_state_set_metadata(UcState *self, const gchar *remote_id, const gchar *sha256)
{
	g_hash_table_replace(self->metadata, g_strdup(remote_id), g_strdup(sha256));
}
