/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The AppStream component of each package as it was published, so that a publication does not parse
 * the metadata of all packages again. It counts only for the same signed cab at the same URL.
 */

#include "uc-catalog-cache.h"
#include "uc-catalog.h"
#include "uc-metainfo.h"
#include "uc-parallel.h"

/* to be raised when uc_catalog_make_component() makes something else of the same */
#define UC_CATALOG_CACHE_VERSION 1

typedef struct {
	gint64 package;
	gchar *made_for;
	gchar *xml;
	gboolean recorded;	    /* it is in the database */
	const UcPackage *made_from; /* (nullable): not owned; if it is made now */
	GError *error;		    /* (nullable): why it could not be */
} UcCatalogCacheEntry;

struct _UcCatalogCache {
	UcMirror *mirror; /* not owned */
	gchar *cabs_url;
	GHashTable *entries; /* (element-type gint64 UcCatalogCacheEntry): by their package */
};

static void
uc_catalog_cache_entry_free(UcCatalogCacheEntry *entry)
{
	g_free(entry->made_for);
	g_free(entry->xml);
	g_clear_error(&entry->error);
	g_free(entry);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCatalogCacheEntry, uc_catalog_cache_entry_free)

/**
 * uc_catalog_cache_new:
 * @mirror: a mirror, which has to outlive the cache
 * @cabs_url: where the cabs are, with a slash at the end
 *
 * Returns: (transfer full): the cache
 */
UcCatalogCache *
uc_catalog_cache_new(UcMirror *mirror, const gchar *cabs_url)
{
	UcCatalogCache *self = g_new0(UcCatalogCache, 1);

	self->mirror = mirror;
	self->cabs_url = g_strdup(cabs_url);
	self->entries = g_hash_table_new_full(g_int64_hash,
					      g_int64_equal,
					      NULL,
					      (GDestroyNotify)uc_catalog_cache_entry_free);
	return self;
}

void
uc_catalog_cache_free(UcCatalogCache *self)
{
	g_hash_table_unref(self->entries);
	g_free(self->cabs_url);
	g_free(self);
}

static gboolean
uc_catalog_cache_load(UcCatalogCache *self, UcCatalogCacheEntry *entry, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean found = FALSE;

	row = uc_database_query(
	    self->mirror->database,
	    error,
	    "SELECT xml FROM catalog_components WHERE package_id = ? AND made_for = ?",
	    "is",
	    entry->package,
	    entry->made_for);
	if (row == NULL || !uc_statement_next(row, &found, error))
		return FALSE;
	if (found)
		entry->xml = g_strdup(uc_statement_get_text(row, 0));
	entry->recorded = found;
	return TRUE;
}

/* in any thread */
static void
uc_catalog_cache_make_cb(gpointer data, gpointer user_data)
{
	UcCatalogCache *self = user_data;
	UcCatalogCacheEntry *entry = data;
	const UcPackage *package = entry->made_from;
	g_autofree gchar *path =
	    uc_mirror_path(self->mirror, "packages", package->cab_sha256, package->metainfo, NULL);
	g_autoptr(UcMetainfo) metainfo = uc_metainfo_load_accepted(path, &entry->error);

	if (metainfo != NULL)
		entry->xml =
		    uc_catalog_make_component(self->cabs_url, metainfo, package, &entry->error);
}

static UcCatalogCacheEntry *
uc_catalog_cache_add(UcCatalogCache *self, const UcPackage *package, GError **error)
{
	g_autoptr(UcCatalogCacheEntry) entry = g_new0(UcCatalogCacheEntry, 1);
	UcCatalogCacheEntry *added = NULL;

	entry->package = package->row;
	entry->made_for = g_strdup_printf("%d %s %s",
					  UC_CATALOG_CACHE_VERSION,
					  package->signed_sha256,
					  self->cabs_url);
	if (!uc_catalog_cache_load(self, entry, error))
		return NULL;
	if (entry->xml == NULL)
		entry->made_from = package;
	added = g_steal_pointer(&entry);
	g_hash_table_insert(self->entries, &added->package, added);
	return added;
}

/**
 * uc_catalog_cache_fill:
 * @packages: (element-type UcPackage): packages with their signed cabs; they have to outlive it
 * @error: set to %UC_ERROR_FAILED
 *
 * Makes the components of those that were never published this way, all at once, because this is
 * most of the work of a first publication. What is wrong with one says uc_catalog_cache_get().
 */
gboolean
uc_catalog_cache_fill(UcCatalogCache *self, GPtrArray *packages, GError **error)
{
	g_autoptr(GPtrArray) missing = g_ptr_array_new();

	for (guint i = 0; i < packages->len; i++) {
		UcCatalogCacheEntry *entry =
		    uc_catalog_cache_add(self, g_ptr_array_index(packages, i), error);

		if (entry == NULL)
			return FALSE;
		if (entry->made_from != NULL)
			g_ptr_array_add(missing, entry);
	}
	uc_parallel_for_each(missing, uc_catalog_cache_make_cb, self);
	return TRUE;
}

/**
 * uc_catalog_cache_get:
 * @package: one that it was filled with
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT (its metadata), or to an error of this
 * machine
 *
 * Returns: (transfer none): its component
 */
const gchar *
uc_catalog_cache_get(UcCatalogCache *self, const UcPackage *package, GError **error)
{
	UcCatalogCacheEntry *entry = g_hash_table_lookup(self->entries, &package->row);

	g_return_val_if_fail(entry != NULL, NULL);
	if (entry->xml == NULL)
		g_propagate_error(error, g_error_copy(entry->error));
	return entry->xml;
}

/**
 * uc_catalog_cache_record:
 * @error: set to %UC_ERROR_FAILED
 *
 * Remembers, within the caller's transaction, what was made.
 */
gboolean
uc_catalog_cache_record(UcCatalogCache *self, GError **error)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->entries);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const UcCatalogCacheEntry *entry = value;

		if (!entry->recorded && entry->xml != NULL &&
		    !uc_database_run(self->mirror->database,
				     error,
				     "INSERT OR REPLACE INTO catalog_components"
				     " (package_id, made_for, xml) VALUES (?, ?, ?)",
				     "iss",
				     entry->package,
				     entry->made_for,
				     entry->xml))
			return FALSE;
	}
	return TRUE;
}
