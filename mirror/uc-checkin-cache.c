/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Check-ins that say what was said before. Most of them do: the same bytes, by the same
 * certificate, and as long as no other program changed the database the answer is the same too, and
 * nothing changes but when the endpoints, and the versions that they have, were seen last. So these
 * are not read again; when they were seen is written for all of them at once, into a table of its
 * own that is small enough to be written again and again: a hundred thousand endpoints are a
 * megabyte there.
 *
 * Entries are found by a SHA-256 of certificate and bytes, so that nobody can make a check-in that
 * passes for another one. An endpoint is in one entry at most, the last one that was stored: what
 * it said before that counts as a change.
 */

#include <string.h>

#include "uc-checkin-cache.h"
#include "uc-sha256.h"

/* each of them takes about 200 bytes with its places in both tables */
#define UC_CHECKIN_CACHE_MAX 131072

typedef struct {
	guint8 digest[UC_SHA256_BYTES];
	GBytes *reply;
	guint64 noted; /* the last round in which it was seen */
	guint count;
	gint64 rows[]; /* (array length=count) */
} UcCheckinCacheEntry;

typedef struct {
	gint64 row;
	gint64 seen_secs;
} UcCheckinCacheSeen;

struct _UcCheckinCache {
	UcDatabase *database; /* not owned */
	gint64 data_version;  /* of the database when the answers were given; -1 for never */
	GHashTable *entries;  /* (element-type UcCheckinCacheEntry): as a set, by their digest */
	GHashTable *by_row;   /* (element-type gint64 UcCheckinCacheEntry): not owned */
	GArray *seen;	      /* (element-type UcCheckinCacheSeen): not written yet */
	guint64 round;	      /* goes on with each write */
	GBytes *reply;	      /* (nullable): the last one; most are alike */
	UcSha256 *sum;	      /* of nothing, between two digests */
	gboolean stuck;	      /* the last write failed */
};

static guint
uc_checkin_cache_hash(gconstpointer key)
{
	guint hash = 0;

	memcpy(&hash, key, sizeof(hash));
	return hash;
}

static gboolean
uc_checkin_cache_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, UC_SHA256_BYTES) == 0;
}

static void
uc_checkin_cache_entry_free(gpointer data)
{
	UcCheckinCacheEntry *entry = data;

	g_bytes_unref(entry->reply);
	g_free(entry);
}

/**
 * uc_checkin_cache_new:
 * @database: which has to outlive it
 *
 * Returns: (transfer full): an empty cache, to be refreshed before its first use
 */
UcCheckinCache *
uc_checkin_cache_new(UcDatabase *database)
{
	UcCheckinCache *self = g_new0(UcCheckinCache, 1);

	/* the digest is what an entry begins with, so that one is its own key */
	G_STATIC_ASSERT(G_STRUCT_OFFSET(UcCheckinCacheEntry, digest) == 0);
	self->database = database;
	self->data_version = -1;
	self->round = 1;
	self->sum = uc_sha256_new();
	self->entries = g_hash_table_new_full(uc_checkin_cache_hash,
					      uc_checkin_cache_equal,
					      uc_checkin_cache_entry_free,
					      NULL);
	self->by_row = g_hash_table_new(g_int64_hash, g_int64_equal);
	self->seen = g_array_new(FALSE, FALSE, sizeof(UcCheckinCacheSeen));
	return self;
}

void
uc_checkin_cache_free(UcCheckinCache *self)
{
	g_hash_table_unref(self->by_row);
	g_hash_table_unref(self->entries);
	g_array_unref(self->seen);
	uc_sha256_free(self->sum);
	g_clear_pointer(&self->reply, g_bytes_unref);
	g_free(self);
}

/**
 * uc_checkin_cache_clear:
 *
 * Forgets all answers, because something may have changed them. When endpoints were seen is not
 * forgotten.
 */
void
uc_checkin_cache_clear(UcCheckinCache *self)
{
	g_hash_table_remove_all(self->by_row);
	g_hash_table_remove_all(self->entries);
}

/**
 * uc_checkin_cache_refresh:
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Forgets everything if another program changed the database since the last call. To be called
 * before check-ins are looked up that came since.
 */
gboolean
uc_checkin_cache_refresh(UcCheckinCache *self, GError **error)
{
	gint64 data_version = 0;

	if (!uc_database_get_data_version(self->database, &data_version, error))
		return FALSE;
	if (data_version != self->data_version)
		uc_checkin_cache_clear(self);
	self->data_version = data_version;
	return TRUE;
}

static void
uc_checkin_cache_digest(UcCheckinCache *self,
			GBytes *body,
			const gchar *certificate,
			guint8 *digest_out)
{
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(body, &size_bytes);

	/* with its final zero, or nothing at all: no text is a part of both */
	if (certificate != NULL)
		uc_sha256_update(self->sum, certificate, strlen(certificate) + 1);
	uc_sha256_update(self->sum, data, size_bytes);
	uc_sha256_finish(self->sum, digest_out);
}

/**
 * uc_checkin_cache_find:
 * @body: a check-in
 * @certificate: (nullable): the client certificate that it came with, in PEM
 * @now_secs: the present time, seconds since the Unix epoch
 *
 * Returns: (transfer full) (nullable): the answer, if the check-in says what was said before; then
 *   the endpoints count as seen
 */
GBytes *
uc_checkin_cache_find(UcCheckinCache *self, GBytes *body, const gchar *certificate, gint64 now_secs)
{
	guint8 digest[UC_SHA256_BYTES];
	UcCheckinCacheEntry *entry = NULL;

	if (self->stuck || g_hash_table_size(self->entries) == 0)
		return NULL;
	uc_checkin_cache_digest(self, body, certificate, digest);
	entry = g_hash_table_lookup(self->entries, digest);
	if (entry == NULL)
		return NULL;
	for (guint i = 0; i < entry->count && entry->noted != self->round; i++) {
		const UcCheckinCacheSeen seen = {entry->rows[i], now_secs};

		g_array_append_val(self->seen, seen);
	}
	entry->noted = self->round;
	return g_bytes_ref(entry->reply);
}

static void
uc_checkin_cache_remove(UcCheckinCache *self, UcCheckinCacheEntry *entry)
{
	for (guint i = 0; i < entry->count; i++)
		g_hash_table_remove(self->by_row, &entry->rows[i]);
	g_hash_table_remove(self->entries, entry);
}

/**
 * uc_checkin_cache_forget:
 * @rows: (element-type gint64): keys of endpoints
 *
 * Forgets what these endpoints said, because they said something else.
 */
void
uc_checkin_cache_forget(UcCheckinCache *self, GArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		UcCheckinCacheEntry *entry =
		    g_hash_table_lookup(self->by_row, &g_array_index(rows, gint64, i));

		if (entry != NULL)
			uc_checkin_cache_remove(self, entry);
	}
}

/* most answers are that there is nothing, so one of them is enough */
static GBytes *
uc_checkin_cache_share(UcCheckinCache *self, GBytes *reply)
{
	if (self->reply == NULL || !g_bytes_equal(self->reply, reply)) {
		g_clear_pointer(&self->reply, g_bytes_unref);
		self->reply = g_bytes_ref(reply);
	}
	return g_bytes_ref(self->reply);
}

/**
 * uc_checkin_cache_add:
 * @body: a check-in that was stored and committed
 * @certificate: (nullable): the client certificate that it came with, in PEM
 * @rows: (element-type gint64): keys of its endpoints, one at least
 * @reply: the answer, which would be the same again
 *
 * Remembers the answer, in the place of what these endpoints said before.
 */
void
uc_checkin_cache_add(UcCheckinCache *self,
		     GBytes *body,
		     const gchar *certificate,
		     GArray *rows,
		     GBytes *reply)
{
	guint8 digest[UC_SHA256_BYTES];
	UcCheckinCacheEntry *entry = NULL;

	uc_checkin_cache_forget(self, rows);
	uc_checkin_cache_digest(self, body, certificate, digest);
	entry = g_hash_table_lookup(self->entries, digest);
	if (entry != NULL)
		uc_checkin_cache_remove(self, entry);
	if (g_hash_table_size(self->entries) >= UC_CHECKIN_CACHE_MAX)
		uc_checkin_cache_clear(self);
	entry = g_malloc0(sizeof(*entry) + rows->len * sizeof(gint64));
	memcpy(entry->digest, digest, sizeof(digest));
	entry->reply = uc_checkin_cache_share(self, reply);
	entry->count = rows->len;
	memcpy(entry->rows, rows->data, rows->len * sizeof(gint64));
	for (guint i = 0; i < entry->count; i++)
		g_hash_table_insert(self->by_row, &entry->rows[i], entry);
	(void)g_hash_table_add(self->entries, entry);
}

static gint
uc_checkin_cache_compare_seen(gconstpointer a, gconstpointer b)
{
	const UcCheckinCacheSeen *one = a;
	const UcCheckinCacheSeen *other = b;

	return one->row < other->row ? -1 : one->row > other->row;
}

/* looking whether there still is the endpoint costs reading its page: only if it may be gone */
static const gchar *
uc_checkin_cache_choose_statement(gboolean changed)
{
	return changed ? "INSERT OR REPLACE INTO seen (endpoint_id, seen_secs) SELECT id, ?2 FROM"
			 " endpoints WHERE id = ?1"
		       : "INSERT OR REPLACE INTO seen (endpoint_id, seen_secs) VALUES (?1, ?2)";
}

static gboolean
uc_checkin_cache_write_all(UcCheckinCache *self, GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(self->database, error);
	g_autoptr(UcStatement) statement = NULL;
	gint64 data_version = 0;
	const gchar *sql = NULL;

	if (transaction == NULL ||
	    !uc_database_get_data_version(self->database, &data_version, error))
		return FALSE;
	sql = uc_checkin_cache_choose_statement(data_version != self->data_version);
	statement = uc_database_query(self->database, error, sql, "");
	if (statement == NULL)
		return FALSE;
	for (guint i = 0; i < self->seen->len; i++) {
		const UcCheckinCacheSeen *seen = &g_array_index(self->seen, UcCheckinCacheSeen, i);

		if (!uc_statement_run(statement, error, "ii", seen->row, seen->seen_secs))
			return FALSE;
	}
	return uc_transaction_commit(transaction, error);
}

/**
 * uc_checkin_cache_write:
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY; until it was written, by a later call, no
 *   check-in is found any more, so that each gets its own honest answer
 *
 * Writes, in a transaction of its own, when the endpoints were seen that were found since the last
 * call; in the order of the table, which touches each of its pages once.
 */
gboolean
uc_checkin_cache_write(UcCheckinCache *self, GError **error)
{
	if (self->seen->len == 0)
		return TRUE;
	g_array_sort(self->seen, uc_checkin_cache_compare_seen);
	self->stuck = !uc_checkin_cache_write_all(self, error);
	if (self->stuck)
		return FALSE;
	g_array_set_size(self->seen, 0);
	self->round++;
	return TRUE;
}
