/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Takes the split images (`<part number>.sip.ld`) and the version (`sip.ver`) out of a package of
 * Polycom's UC Software, a zip, by libarchive. Names come from outside: a path that leaves the
 * package refuses all of it, and only names of exactly that form become file names. Everything else
 * in the package is skipped unread. Sizes are counted as they come, whatever the zip declares.
 */

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-ucs-reader.h"

#define UC_UCS_CHUNK_BYTES   (128 * 1024)
#define UC_UCS_NAME_BYTES    1024
#define UC_UCS_IMAGE_PATTERN "^([0-9]{4}-[0-9]{5}-[0-9]{3})\\.sip\\.ld$"
#define UC_UCS_VERSION	     "^(?:[0-9]{1,5}[A-Z]?\\.){3}[0-9]{1,9}[A-Z]{0,2}$"

typedef struct archive UcArchive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcArchive, archive_read_free)

typedef struct {
	UcArchive *archive; /* not owned */
	const gchar *dir;
	guint64 left_bytes;
	guint64 max_bytes;
	guint8 *buffer;
	GPtrArray *parts; /* (element-type utf8): part numbers */
	gchar *version;	  /* (nullable) */
} UcUcsReader;

static void
uc_ucs_reader_clear(UcUcsReader *self)
{
	g_free(self->buffer);
	g_free(self->version);
	g_clear_pointer(&self->parts, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcUcsReader, uc_ucs_reader_clear)

static gboolean
uc_ucs_reader_fail(UcArchive *archive, const gchar *what, GError **error)
{
	const gchar *reason = archive_error_string(archive);

	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "%s is no zip, truncated or damaged: %s",
		    what,
		    reason != NULL ? reason : "it cannot be unpacked");
	return FALSE;
}

/**
 * uc_ucs_reader_is_zip:
 * @path: a file
 *
 * Returns: whether it begins as a zip does
 */
gboolean
uc_ucs_reader_is_zip(const gchar *path)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = NULL;
	gchar magic[4] = {0};

	/* what comes through a pipe would be gone then */
	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return FALSE;
	stream = g_file_read(file, NULL, NULL);
	return stream != NULL &&
	       g_input_stream_read(G_INPUT_STREAM(stream), magic, 4, NULL, NULL) == 4 &&
	       memcmp(magic, "PK\003\004", 4) == 0;
}

/**
 * uc_ucs_reader_parse_image_name:
 * @name: a file name without a path
 *
 * Returns: (transfer full) (nullable): its part number, if it is a split image
 */
gchar *
uc_ucs_reader_parse_image_name(const gchar *name)
{
	g_autoptr(GRegex) regex =
	    g_regex_new(UC_UCS_IMAGE_PATTERN, G_REGEX_DOLLAR_ENDONLY, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return g_regex_match(regex, name, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

/**
 * uc_ucs_reader_parse_version:
 * @text: contents of `sip.ver`
 *
 * Returns: (transfer full) (nullable): the first word that is a version, such as `5.9.7.4477`
 */
gchar *
uc_ucs_reader_parse_version(const gchar *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", 64);

	for (guint i = 0; words[i] != NULL; i++) {
		if (g_regex_match_simple(UC_UCS_VERSION, words[i], G_REGEX_DOLLAR_ENDONLY, 0))
			return g_strdup(words[i]);
	}
	return NULL;
}

/* (transfer full) (nullable): the last element of a path that stays within the package */
static gchar *
uc_ucs_reader_check_path(const gchar *path, GError **error)
{
	g_auto(GStrv) parts = NULL;
	gboolean valid = path != NULL && path[0] != '\0' && path[0] != '/' &&
			 strlen(path) <= UC_UCS_NAME_BYTES && strpbrk(path, "\\:") == NULL;

	parts = g_strsplit(path != NULL ? path : "", "/", -1);
	for (guint i = 0; valid && parts[i] != NULL; i++)
		valid = !g_str_equal(parts[i], "..");
	if (!valid) {
		g_autofree gchar *shown = g_strescape(path != NULL ? path : "", NULL);

		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the package has a member called '%.200s', expected a path of at most "
			    "%d bytes that stays within the package",
			    shown,
			    UC_UCS_NAME_BYTES);
		return NULL;
	}
	return g_strdup(parts[g_strv_length(parts) - 1]);
}

static gboolean
uc_ucs_reader_check_limit(const UcUcsReader *self, guint64 size_bytes, GError **error)
{
	if (size_bytes <= self->left_bytes && self->parts->len <= UC_UCS_IMAGES_MAX)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "the package has more than %d images or unpacks to more than %" G_GUINT64_FORMAT
		    " bytes",
		    UC_UCS_IMAGES_MAX,
		    self->max_bytes);
	return FALSE;
}

static gboolean
uc_ucs_reader_copy(UcUcsReader *self, GOutputStream *stream, GError **error)
{
	la_ssize_t read_bytes = 0;

	while ((read_bytes = archive_read_data(self->archive, self->buffer, UC_UCS_CHUNK_BYTES)) >
	       0) {
		if (!uc_ucs_reader_check_limit(self, (guint64)read_bytes, error) ||
		    !g_output_stream_write_all(stream,
					       self->buffer,
					       (gsize)read_bytes,
					       NULL,
					       NULL,
					       error))
			return FALSE;
		self->left_bytes -= (guint64)read_bytes;
	}
	return read_bytes == 0 || uc_ucs_reader_fail(self->archive, "it", error);
}

static gboolean
uc_ucs_reader_take_image(UcUcsReader *self, const gchar *name, const gchar *part, GError **error)
{
	g_autofree gchar *path = g_build_filename(self->dir, name, NULL);
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileOutputStream) stream = NULL;

	if (g_ptr_array_find_with_equal_func(self->parts, part, g_str_equal, NULL)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the package has the image '%s' more than once",
			    name);
		return FALSE;
	}
	g_ptr_array_add(self->parts, g_strdup(part));
	stream = g_file_create(file, G_FILE_CREATE_NONE, NULL, error);
	return stream != NULL && uc_ucs_reader_copy(self, G_OUTPUT_STREAM(stream), error) &&
	       g_output_stream_close(G_OUTPUT_STREAM(stream), NULL, error) &&
	       uc_file_sync(path, error);
}

static gboolean
uc_ucs_reader_take_version(UcUcsReader *self, GError **error)
{
	gchar text[UC_UCS_VERSION_BYTES + 1] = {0};
	la_ssize_t read_bytes = archive_read_data(self->archive, text, UC_UCS_VERSION_BYTES);

	if (read_bytes < 0)
		return uc_ucs_reader_fail(self->archive, UC_UCS_VERSION_NAME, error);
	g_free(self->version);
	self->version = uc_ucs_reader_parse_version(text);
	return TRUE;
}

static gboolean
uc_ucs_reader_take(UcUcsReader *self, struct archive_entry *entry, GError **error)
{
	g_autofree gchar *name = uc_ucs_reader_check_path(archive_entry_pathname(entry), error);
	g_autofree gchar *part = NULL;

	if (name == NULL)
		return FALSE;
	if (archive_entry_filetype(entry) != AE_IFREG)
		return TRUE;
	if (g_str_equal(name, UC_UCS_VERSION_NAME))
		return uc_ucs_reader_take_version(self, error);
	part = uc_ucs_reader_parse_image_name(name);
	return part == NULL || uc_ucs_reader_take_image(self, name, part, error);
}

static gboolean
uc_ucs_reader_run(UcUcsReader *self, GError **error)
{
	struct archive_entry *entry = NULL;
	gint rc = ARCHIVE_OK;

	for (guint i = 0; (rc = archive_read_next_header(self->archive, &entry)) == ARCHIVE_OK;
	     i++) {
		if (i >= UC_UCS_MEMBERS_MAX) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_LIMIT,
				    "the package has more than %d members",
				    UC_UCS_MEMBERS_MAX);
			return FALSE;
		}
		if (!uc_ucs_reader_take(self, entry, error))
			return FALSE;
	}
	return rc == ARCHIVE_EOF || uc_ucs_reader_fail(self->archive, "it", error);
}

static gint
uc_ucs_reader_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

static GStrv
uc_ucs_reader_finish(UcUcsReader *self, gchar **version_out, GError **error)
{
	if (self->parts->len == 0 || self->version == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the package has %s, expected UC Software as a split package: "
			    "NNNN-NNNNN-NNN" UC_UCS_IMAGE_SUFFIX
			    " and the version in " UC_UCS_VERSION_NAME,
			    self->parts->len == 0 ? "no split image" : "no version");
		return NULL;
	}
	g_ptr_array_sort(self->parts, uc_ucs_reader_compare);
	g_ptr_array_add(self->parts, NULL);
	*version_out = g_steal_pointer(&self->version);
	return (GStrv)g_ptr_array_steal(self->parts, NULL);
}

/**
 * uc_ucs_reader_extract:
 * @path: a zip
 * @dir: an empty directory, whose contents are the caller's to remove after an error too
 * @max_bytes: refuse images that are longer in all
 * @version_out: (out) (transfer full): what `sip.ver` says
 * @error: set to %UC_ERROR_INVALID (no zip, truncated, damaged, no UC Software),
 *   %UC_ERROR_REFUSED (a member's name), %UC_ERROR_LIMIT, or an error of this machine
 *
 * Returns: (transfer full): the part numbers, sorted, whose images are in @dir, or %NULL
 */
GStrv
uc_ucs_reader_extract(const gchar *path,
		      const gchar *dir,
		      guint64 max_bytes,
		      gchar **version_out,
		      GError **error)
{
	g_autoptr(UcArchive) archive = archive_read_new();
	g_auto(UcUcsReader) self = {archive, dir, max_bytes, max_bytes};

	self.parts = g_ptr_array_new_with_free_func(g_free);
	self.buffer = g_malloc(UC_UCS_CHUNK_BYTES);
	if (archive_read_support_format_zip(archive) != ARCHIVE_OK ||
	    archive_read_open_filename(archive, path, UC_UCS_CHUNK_BYTES) != ARCHIVE_OK) {
		(void)uc_ucs_reader_fail(archive, "it", error);
		return NULL;
	}
	if (!uc_ucs_reader_run(&self, error))
		return NULL;
	return uc_ucs_reader_finish(&self, version_out, error);
}
