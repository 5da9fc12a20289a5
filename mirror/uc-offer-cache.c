/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What uc_offer_find() said, for as long as no other program changed the database. A thousand
 * endpoints of one model with one version get one answer, unless one of them is a test device. What
 * this connection itself writes, check-ins and reports, changes no answer.
 */

#include "uc-offer-cache.h"
#include "uc-offer-policy.h"

/* so many kinds of endpoints are remembered; what more there are is looked up again */
#define UC_OFFER_CACHE_MAX 1024

struct _UcOfferCache {
	UcDatabase *database; /* not owned */
	gint64 data_version;  /* of the database when the answers were given; -1 for never */
	gboolean any_devices; /* whether test devices are published */
	UcPolicy *policies;   /* (nullable): of that version */
	GHashTable *offers;   /* (element-type utf8 UcOffer): NULL where nothing is needed */
};

static void
uc_offer_cache_free_offer(gpointer offer)
{
	if (offer != NULL)
		uc_offer_free(offer);
}

/**
 * uc_offer_cache_new:
 * @database: which has to outlive it
 *
 * Returns: (transfer full): an empty cache, to be refreshed before its first use
 */
UcOfferCache *
uc_offer_cache_new(UcDatabase *database)
{
	UcOfferCache *self = g_new0(UcOfferCache, 1);

	self->database = database;
	self->data_version = -1;
	self->offers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, uc_offer_cache_free_offer);
	return self;
}

void
uc_offer_cache_free(UcOfferCache *self)
{
	g_hash_table_unref(self->offers);
	g_clear_pointer(&self->policies, uc_policy_free);
	g_free(self);
}

static gboolean
uc_offer_cache_read_devices(UcOfferCache *self, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(self->database,
				error,
				"SELECT 1 FROM published_test_devices LIMIT 1",
				"");
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	self->any_devices = found;
	return TRUE;
}

/**
 * uc_offer_cache_refresh:
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Forgets everything if another program changed the database since the last call. To be called
 * within each transaction, before the first uc_offer_cache_find().
 */
gboolean
uc_offer_cache_refresh(UcOfferCache *self, GError **error)
{
	gint64 data_version = 0;

	if (!uc_database_get_data_version(self->database, &data_version, error))
		return FALSE;
	if (data_version == self->data_version)
		return TRUE;
	g_hash_table_remove_all(self->offers);
	self->data_version = -1;
	g_clear_pointer(&self->policies, uc_policy_free);
	self->policies = uc_offer_policy_load(self->database, error);
	if (self->policies == NULL || !uc_offer_cache_read_devices(self, error))
		return FALSE;
	self->data_version = data_version;
	return TRUE;
}

/* all that the answer follows from; a check-in has no text with a line feed */
static gchar *
uc_offer_cache_make_key(UcOfferCache *self, const UcCheckinEndpoint *endpoint, gboolean testing)
{
	g_autofree gchar *groups =
	    g_strdup_printf("%" G_GINT64_MODIFIER "x",
			    uc_offer_policy_find_groups(self->policies, endpoint));
	g_autofree gchar *guids = endpoint->guids != NULL ? g_strjoinv("\n", endpoint->guids)
							  : NULL;

	return g_strjoin("\n",
			 testing ? "testing" : "stable",
			 groups,
			 endpoint->vendor,
			 endpoint->model,
			 endpoint->hardware_level,
			 endpoint->part_number,
			 endpoint->locale,
			 endpoint->version,
			 guids,
			 NULL);
}

/**
 * uc_offer_cache_find:
 * @endpoint: from a check-in
 * @offer_out: (out) (transfer none) (nullable): as of uc_offer_find(), until the next call of any
 *   function of the cache
 * @named_out: (out): whether it says that it is a test device: only then what it is offered may
 *   depend on what another endpoint says
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_offer_cache_find(UcOfferCache *self,
		    const UcCheckinEndpoint *endpoint,
		    const UcOffer **offer_out,
		    gboolean *named_out,
		    GError **error)
{
	g_autoptr(UcOffer) offer = NULL;
	g_autofree gchar *key = NULL;
	gpointer found = NULL;
	UcOfferDevice device = UC_OFFER_DEVICE_ORDINARY;

	if (self->any_devices && !uc_offer_get_device(self->database, endpoint, &device, error))
		return FALSE;
	*named_out = device != UC_OFFER_DEVICE_ORDINARY;
	key = uc_offer_cache_make_key(self, endpoint, device == UC_OFFER_DEVICE_TEST);
	if (g_hash_table_lookup_extended(self->offers, key, NULL, &found)) {
		*offer_out = found;
		return TRUE;
	}
	if (!uc_offer_find(self->database, self->policies, endpoint, &offer, error))
		return FALSE;
	if (g_hash_table_size(self->offers) >= UC_OFFER_CACHE_MAX)
		g_hash_table_remove_all(self->offers);
	*offer_out = offer;
	g_hash_table_insert(self->offers, g_steal_pointer(&key), g_steal_pointer(&offer));
	return TRUE;
}
