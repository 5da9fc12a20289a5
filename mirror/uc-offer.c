/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which published release an endpoint is to have, by the very function that endpoints choose with
 * (docs/policy.md, 1.4). The endpoint decides by that, and this is what it is told meanwhile and
 * what its votes count for. Whether a rollout has come to it already makes no difference here.
 */

#include "uc-names.h"
#include "uc-offer-policy.h"
#include "uc-offer.h"
#include "uc-release-choice.h"
#include "uc-version.h"

typedef struct {
	UcDatabase *database;		   /* not owned */
	const UcCheckinEndpoint *endpoint; /* not owned */
	UcPolicy *policy;
	gchar *vendor;	    /* in lower case, as packages have it */
	gchar *model;	    /* the same */
	GPtrArray *offers;  /* (element-type UcOffer): the latest import first */
	GArray *candidates; /* (element-type UcCandidate): of @offers, in that order */
} UcOfferSearch;

static void
uc_offer_search_clear(UcOfferSearch *self)
{
	g_clear_pointer(&self->policy, uc_policy_free);
	g_clear_pointer(&self->offers, g_ptr_array_unref);
	g_clear_pointer(&self->candidates, g_array_unref);
	g_free(self->vendor);
	g_free(self->model);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcOfferSearch, uc_offer_search_clear)

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

static UcOffer *
uc_offer_from_row(UcStatement *row)
{
	UcOffer *self = g_new0(UcOffer, 1);

	self->package = uc_statement_get_int64(row, 0);
	self->version = g_strdup(uc_statement_get_text(row, 1));
	self->sha256 = g_strdup(uc_statement_get_text(row, 2));
	self->size_bytes = uc_statement_get_int64(row, 3);
	self->pending = g_str_equal(uc_statement_get_text(row, 4), "pending");
	self->halted = uc_statement_get_int64(row, 5) != 0;
	return self;
}

/*
 * A halt is of the package, and for endpoints of all that has its version for the same model,
 * because that is what policy.json names a rollout by.
 */
#define UC_OFFER_HALTED                                                                            \
	"EXISTS (SELECT 1 FROM halts AS h JOIN published AS hu ON hu.package_id = h.package_id"    \
	" AND hu.role = 'approved' JOIN packages AS hp ON hp.id = h.package_id WHERE hp.id = p.id" \
	" OR (hp.version = p.version AND EXISTS (SELECT 1 FROM package_models AS hm WHERE"         \
	" hm.package_id = hp.id AND hm.vendor = ?3 AND hm.model = ?4)))"

/* what is published for one GUID; a package may be there for another one already */
static gboolean
uc_offer_add_guid(UcOfferSearch *self, const gchar *guid, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(
	    self->database,
	    error,
	    "SELECT p.id, p.version, p.signed_sha256, p.signed_bytes, u.role, " UC_OFFER_HALTED
	    " FROM package_guids AS g JOIN published AS u ON u.package_id = g.package_id AND"
	    " u.remote = ?1 JOIN packages AS p ON p.id = g.package_id WHERE g.guid = ?2 AND"
	    " p.signed_sha256 <> ''",
	    "ssss",
	    self->policy->test_device ? UC_REMOTE_TESTING_ID : UC_REMOTE_ID,
	    guid,
	    self->vendor,
	    self->model);
	if (row == NULL)
		return FALSE;
	while (TRUE) {
		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		g_ptr_array_add(self->offers, uc_offer_from_row(row));
	}
}

static gint
uc_offer_compare(gconstpointer a, gconstpointer b)
{
	const UcOffer *one = *(const UcOffer *const *)a;
	const UcOffer *other = *(const UcOffer *const *)b;

	return (one->package < other->package) - (one->package > other->package);
}

/* as the agent does with what fwupd has for the device */
static gboolean
uc_offer_add_all(UcOfferSearch *self, GError **error)
{
	g_auto(GStrv) guids = uc_checkin_endpoint_get_guids(self->endpoint);

	self->offers = g_ptr_array_new_with_free_func((GDestroyNotify)uc_offer_free);
	self->candidates = g_array_new(FALSE, FALSE, sizeof(UcCandidate));
	for (guint i = 0; guids[i] != NULL; i++) {
		if (!uc_offer_add_guid(self, guids[i], error))
			return FALSE;
	}
	g_ptr_array_sort(self->offers, uc_offer_compare);
	for (guint i = 0; i < self->offers->len; i++) {
		const UcOffer *offer = g_ptr_array_index(self->offers, i);
		const UcCandidate candidate = {offer->version, offer->pending, offer->halted};

		g_array_append_val(self->candidates, candidate);
	}
	return TRUE;
}

/* (transfer full) (nullable): what is halted is on offer for nobody */
static UcOffer *
uc_offer_choose(UcOfferSearch *self)
{
	const UcCandidate *candidates = (const UcCandidate *)(gpointer)self->candidates->data;
	UcChoiceReason reason = UC_CHOICE_NOTHING;
	const UcCandidate *chosen = uc_release_choose(self->policy,
						      candidates,
						      self->candidates->len,
						      self->endpoint->version,
						      uc_version_compare,
						      &reason);

	if (chosen == NULL || chosen->waits)
		return NULL;
	return g_ptr_array_steal_index(self->offers, (guint)(chosen - candidates));
}

/**
 * uc_offer_find:
 * @database: a database
 * @policies: as of uc_offer_policy_load(), or all of what is going to be published
 * @endpoint: from a check-in
 * @offer_out: (out) (transfer full) (nullable): %NULL if it has what it is to have
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_offer_find(UcDatabase *database,
	      const UcPolicy *policies,
	      const UcCheckinEndpoint *endpoint,
	      UcOffer **offer_out,
	      GError **error)
{
	g_auto(UcOfferSearch) self = {database, endpoint};
	UcOfferDevice device = UC_OFFER_DEVICE_ORDINARY;

	*offer_out = NULL;
	if (!uc_offer_get_device(database, endpoint, &device, error))
		return FALSE;
	self.policy = uc_offer_policy_select(policies, endpoint);
	self.policy->test_device = device == UC_OFFER_DEVICE_TEST;
	self.vendor = g_utf8_strdown(endpoint->vendor, -1);
	self.model = g_utf8_strdown(endpoint->model, -1);
	if (!uc_offer_add_all(&self, error))
		return FALSE;
	*offer_out = uc_offer_choose(&self);
	return TRUE;
}
