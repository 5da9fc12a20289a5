/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The same bytes as zstd, gzip or xz, reproducible. */

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

#include "uc-compress.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-parallel.h"

/* up to this size the last percent is worth the time, beyond it a publication would take seconds */
#define UC_COMPRESS_BEST_MAX_BYTES (512 * 1024)
#define UC_COMPRESS_ZSTD_BEST	   19
#define UC_COMPRESS_ZSTD_FAST	   9

/* so much more than the input has room for what does not compress */
#define UC_COMPRESS_SLACK_BYTES (1024 * 1024)

typedef struct {
	const gchar *suffix; /* not owned */
	GBytes *packed;	     /* (nullable) */
	GError *error;	     /* (nullable) */
} UcCompressJob;

typedef struct archive UcArchive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcArchive, archive_write_free)

static gboolean
uc_compress_fail(UcArchive *archive, const gchar *suffix, GError **error)
{
	const gchar *reason = archive_error_string(archive);

	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot compress the metadata as %s: %s",
		    suffix,
		    reason != NULL ? reason : "libarchive does not say why");
	return FALSE;
}

/* no time in the header of gzip, so that the same metadata is the same file */
static gboolean
uc_compress_set_up(UcArchive *archive, const gchar *suffix, gsize size_bytes)
{
	const gchar *xz_level = size_bytes <= UC_COMPRESS_BEST_MAX_BYTES ? "6" : "1";

	if (g_str_equal(suffix, "gz"))
		return archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
		       archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) ==
			   ARCHIVE_OK &&
		       archive_write_set_format_raw(archive) == ARCHIVE_OK;
	return archive_write_add_filter_xz(archive) == ARCHIVE_OK &&
	       archive_write_set_filter_option(archive, "xz", "compression-level", xz_level) ==
		   ARCHIVE_OK &&
	       archive_write_set_format_raw(archive) == ARCHIVE_OK;
}

static GBytes *
uc_compress_archive(GBytes *data, const gchar *suffix, GError **error)
{
	g_autoptr(UcArchive) archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	gsize size_bytes = 0;
	gconstpointer bytes = g_bytes_get_data(data, &size_bytes);
	gsize room_bytes = size_bytes + UC_COMPRESS_SLACK_BYTES;
	g_autofree guint8 *buffer = g_malloc(room_bytes);
	size_t used_bytes = 0;
	gboolean done = FALSE;

	archive_entry_set_filetype(entry, AE_IFREG);
	done = uc_compress_set_up(archive, suffix, size_bytes) &&
	       archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	       archive_write_open_memory(archive, buffer, room_bytes, &used_bytes) == ARCHIVE_OK &&
	       archive_write_header(archive, entry) == ARCHIVE_OK &&
	       archive_write_data(archive, bytes, size_bytes) == (la_ssize_t)size_bytes &&
	       archive_write_close(archive) == ARCHIVE_OK;
	archive_entry_free(entry);
	if (!done) {
		(void)uc_compress_fail(archive, suffix, error);
		return NULL;
	}
	return g_bytes_new(buffer, used_bytes);
}

static GBytes *
uc_compress_zstd(GBytes *data, GError **error)
{
	gsize size_bytes = 0;
	gconstpointer bytes = g_bytes_get_data(data, &size_bytes);
	gint level = size_bytes <= UC_COMPRESS_BEST_MAX_BYTES ? UC_COMPRESS_ZSTD_BEST
							      : UC_COMPRESS_ZSTD_FAST;
	gsize bound = ZSTD_compressBound(size_bytes);
	g_autofree guint8 *buffer = g_malloc(bound);
	gsize packed = ZSTD_compress(buffer, bound, bytes, size_bytes, level);

	if (!ZSTD_isError(packed))
		return g_bytes_new(buffer, packed);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot compress the metadata: %s",
		    ZSTD_getErrorName(packed));
	return NULL;
}

static GBytes *
uc_compress(GBytes *data, const gchar *suffix, GError **error)
{
	g_autoptr(GBytes) packed = g_str_equal(suffix, "zst")
				       ? uc_compress_zstd(data, error)
				       : uc_compress_archive(data, suffix, error);

	if (packed == NULL || g_bytes_get_size(packed) <= UC_LIMIT_METADATA_BYTES)
		return g_steal_pointer(&packed);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "the metadata has %" G_GSIZE_FORMAT
		    " bytes, endpoints take at most %d; reject packages that nobody needs",
		    g_bytes_get_size(packed),
		    UC_LIMIT_METADATA_BYTES);
	return NULL;
}

/* in any thread */
static void
uc_compress_cb(gpointer data, gpointer user_data)
{
	UcCompressJob *job = data;

	job->packed = uc_compress(user_data, job->suffix, &job->error);
}

/**
 * uc_compress_all:
 * @data: metadata
 * @suffixes: (array length=count): each `zst`, `gz` or `xz`
 * @count: how many
 * @packed_out: (out caller-allocates) (array length=count) (transfer full): the same, compressed;
 *   some of it also on an error, for the caller to free
 * @error: set to %UC_ERROR_FAILED, or %UC_ERROR_LIMIT when endpoints would not take it
 *
 * Compresses in every way at once.
 */
gboolean
uc_compress_all(GBytes *data,
		const gchar *const *suffixes,
		gsize count,
		GBytes **packed_out,
		GError **error)
{
	g_autofree UcCompressJob *jobs = g_new0(UcCompressJob, count);
	g_autoptr(GPtrArray) items = g_ptr_array_new();
	GError *first = NULL;

	for (gsize i = 0; i < count; i++) {
		jobs[i].suffix = suffixes[i];
		g_ptr_array_add(items, &jobs[i]);
	}
	uc_parallel_for_each(items, uc_compress_cb, data);
	for (gsize i = 0; i < count; i++) {
		packed_out[i] = jobs[i].packed;
		if (first == NULL)
			first = g_steal_pointer(&jobs[i].error);
		g_clear_error(&jobs[i].error);
	}
	if (first == NULL)
		return TRUE;
	g_propagate_error(error, first);
	return FALSE;
}
