/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which published release an endpoint is to have: what is pending if it is a test device, else the
 * version its model is pinned to, else what is approved. The same order as in docs/policy.md; the
 * endpoint decides by that, and this is what it is told meanwhile and what its votes count for.
 */

#include "uc-names.h"
#include "uc-offer.h"
#include "uc-version.h"

typedef struct {
	UcDatabase *database;		   /* not owned */
	const UcCheckinEndpoint *endpoint; /* not owned */
	gboolean testing;
	gchar *pin; /* (nullable) */
	gboolean or_newer;
} UcOfferSearch;

void
uc_offer_free(UcOffer *self)
{
	g_free(self->version);
	g_free(self->sha256);
	g_free(self);
}

/* serials and MAC addresses prove nothing: of several keys that say the same, the first one's */
#define UC_OFFER_FIRST(column)                                                                   \
	"(kind = '" column "' AND (?4 = 0 OR NOT EXISTS (SELECT 1 FROM endpoints AS e JOIN"      \
	" identity_keys AS k ON k.identity = e.identity JOIN identity_keys AS o ON o.identity =" \
	" ?1 WHERE e." column " = value AND k.key_id <> ?4 AND (k.bound_secs < o.bound_secs OR"  \
	" (k.bound_secs = o.bound_secs AND k.key_id < o.key_id)))))"

#define UC_OFFER_TEST \
	"kind = 'id' OR " UC_OFFER_FIRST("mac_address") " OR " UC_OFFER_FIRST("serial")

/**
 * uc_offer_get_device:
 * @endpoint: from a check-in
 * @device_out: (out): what it is by the test devices that were published
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_offer_get_device(UcDatabase *database,
		    const UcCheckinEndpoint *endpoint,
		    UcOfferDevice *device_out,
		    GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT count(*), max(" UC_OFFER_TEST ") FROM"
				" published_test_devices WHERE (kind, value) IN (VALUES ('id', ?1),"
				" ('mac_address', ?2), ('serial', ?3))",
				"sssi",
				endpoint->identity,
				endpoint->mac_address,
				endpoint->serial,
				endpoint->key);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	*device_out = UC_OFFER_DEVICE_ORDINARY;
	if (uc_statement_get_int64(row, 0) > 0)
		*device_out = uc_statement_get_int64(row, 1) != 0 ? UC_OFFER_DEVICE_TEST
								  : UC_OFFER_DEVICE_CLAIMED;
	return TRUE;
}

static gboolean
uc_offer_read_pin(UcOfferSearch *self, GError **error)
{
	g_autofree gchar *vendor = g_utf8_strdown(self->endpoint->vendor, -1);
	g_autofree gchar *model = g_utf8_strdown(self->endpoint->model, -1);
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(self->database,
				error,
				"SELECT version, or_newer FROM published_pins WHERE vendor = ?"
				" AND model = ?",
				"ss",
				vendor,
				model);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (found) {
		self->pin = g_strdup(uc_statement_get_text(row, 0));
		self->or_newer = uc_statement_get_int64(row, 1) != 0;
	}
	return TRUE;
}

/* how much a release is wanted, 0 for not at all */
static guint
uc_offer_rank(const UcOfferSearch *self, const gchar *version, const gchar *role)
{
	if (g_str_equal(role, "pending"))
		return self->testing ? 3 : 0;
	if (self->pin != NULL && !self->or_newer)
		return uc_version_equal(version, self->pin) ? 2 : 0;
	if (self->pin != NULL)
		return uc_version_compare(version, self->pin) >= 0 ? 2 : 0;
	return g_str_equal(role, "approved") ? 1 : 0;
}

static UcOffer *
uc_offer_from_row(UcStatement *row)
{
	UcOffer *self = g_new0(UcOffer, 1);

	self->package = uc_statement_get_int64(row, 0);
	self->version = g_strdup(uc_statement_get_text(row, 1));
	self->sha256 = g_strdup(uc_statement_get_text(row, 2));
	self->size_bytes = uc_statement_get_int64(row, 3);
	return self;
}

/* the most wanted release for one GUID, the latest import among equals */
static gboolean
uc_offer_find_guid(const UcOfferSearch *self, const gchar *guid, UcOffer **best_out, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;
	guint best = 0;

	row = uc_database_query(
	    self->database,
	    error,
	    "SELECT p.id, p.version, p.signed_sha256, p.signed_bytes, u.role FROM package_guids AS"
	    " g JOIN published AS u ON u.package_id = g.package_id AND u.remote = ? JOIN packages"
	    " AS p ON p.id = g.package_id WHERE g.guid = ? AND p.id NOT IN (SELECT package_id FROM"
	    " halts) AND p.signed_sha256 <> '' ORDER BY p.id DESC",
	    "ss",
	    self->testing ? UC_REMOTE_TESTING_ID : UC_REMOTE_ID,
	    guid);
	if (row == NULL)
		return FALSE;
	while (TRUE) {
		guint rank = 0;

		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		rank = uc_offer_rank(self,
				     uc_statement_get_text(row, 1),
				     uc_statement_get_text(row, 4));
		if (rank <= best)
			continue;
		best = rank;
		g_clear_pointer(best_out, uc_offer_free);
		*best_out = uc_offer_from_row(row);
	}
}

/* "this or newer" is satisfied by what is newer already */
static gboolean
uc_offer_is_needed(const UcOfferSearch *self, const UcOffer *offer)
{
	const gchar *version = self->endpoint->version;

	if (uc_version_equal(offer->version, version))
		return FALSE;
	return !self->or_newer || version[0] == '\0' ||
	       uc_version_compare(offer->version, version) > 0;
}

/**
 * uc_offer_find:
 * @database: a database
 * @endpoint: from a check-in
 * @offer_out: (out) (transfer full) (nullable): %NULL if it has what it is to have
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_offer_find(UcDatabase *database,
	      const UcCheckinEndpoint *endpoint,
	      UcOffer **offer_out,
	      GError **error)
{
	UcOfferSearch self = {database, endpoint};
	g_auto(GStrv) guids = uc_checkin_endpoint_get_guids(endpoint);
	g_autoptr(UcOffer) offer = NULL;
	g_autofree gchar *pin = NULL;
	UcOfferDevice device = UC_OFFER_DEVICE_ORDINARY;
	gboolean done = uc_offer_get_device(database, endpoint, &device, error) &&
			uc_offer_read_pin(&self, error);

	self.testing = device == UC_OFFER_DEVICE_TEST;
	pin = self.pin;
	for (guint i = 0; done && guids[i] != NULL && offer == NULL; i++)
		done = uc_offer_find_guid(&self, guids[i], &offer, error);
	*offer_out = done && offer != NULL && uc_offer_is_needed(&self, offer)
			 ? g_steal_pointer(&offer)
			 : NULL;
	return done;
}
