/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Unpacks a cab as a stream, by libarchive, into a directory of our own. A member's name comes from
 * outside and becomes a file name, so it may be nothing but a plain one; sizes are counted as they
 * come, whatever the cab declares.
 */

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "uc-cab-reader.h"
#include "uc-error.h"
#include "uc-sha256.h"

#define UC_CAB_READER_CHUNK_BYTES (128 * 1024)

typedef struct archive UcArchive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcArchive, archive_read_free)

typedef struct {
	UcArchive *archive; /* not owned */
	const gchar *dir;
	guint64 left_bytes;
	guint64 max_bytes;
	guint8 *buffer;
} UcCabReader;

void
uc_cab_member_free(UcCabMember *member)
{
	g_free(member->name);
	g_free(member->sha256);
	g_free(member);
}

static gboolean
uc_cab_reader_fail(UcArchive *archive, GError **error)
{
	const gchar *reason = archive_error_string(archive);

	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "it is no cab, truncated or damaged: %s",
		    reason != NULL ? reason : "it cannot be unpacked");
	return FALSE;
}

static gboolean
uc_cab_reader_check_name(const gchar *name, GPtrArray *members, GError **error)
{
	gboolean plain = name != NULL && name[0] != '\0' && name[0] != '.' && name[0] != '-' &&
			 strlen(name) <= UC_CAB_NAME_MAX_BYTES && g_utf8_validate(name, -1, NULL) &&
			 strpbrk(name, "/\\:") == NULL;

	for (const gchar *p = name; plain && *p != '\0'; p++)
		plain = (guchar)*p >= 0x20 && *p != 0x7f;
	if (!plain) {
		g_autofree gchar *shown = g_strescape(name != NULL ? name : "", NULL);

		g_set_error(
		    error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "the cab has a member called '%s', expected a plain file name of at most "
		    "%d bytes without a path",
		    shown,
		    UC_CAB_NAME_MAX_BYTES);
		return FALSE;
	}
	for (guint i = 0; i < members->len; i++) {
		const UcCabMember *member = g_ptr_array_index(members, i);

		if (g_ascii_strcasecmp(member->name, name) == 0) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "the cab has the member '%s' more than once",
				    name);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
uc_cab_reader_check_limits(const UcCabReader *self, guint count, guint64 size_bytes, GError **error)
{
	if (count < UC_CAB_MEMBERS_MAX && size_bytes <= self->left_bytes)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "the cab has more than %d members or unpacks to more than %" G_GUINT64_FORMAT
		    " bytes",
		    UC_CAB_MEMBERS_MAX,
		    self->max_bytes);
	return FALSE;
}

static gboolean
uc_cab_reader_copy(UcCabReader *self,
		   GOutputStream *stream,
		   UcSha256 *sum,
		   UcCabMember *member,
		   GError **error)
{
	la_ssize_t read_bytes = 0;

	while ((read_bytes =
		    archive_read_data(self->archive, self->buffer, UC_CAB_READER_CHUNK_BYTES)) >
	       0) {
		if (!uc_cab_reader_check_limits(self, 0, (guint64)read_bytes, error) ||
		    !g_output_stream_write_all(stream,
					       self->buffer,
					       (gsize)read_bytes,
					       NULL,
					       NULL,
					       error))
			return FALSE;
		uc_sha256_update(sum, self->buffer, (gsize)read_bytes);
		member->size_bytes += (guint64)read_bytes;
		self->left_bytes -= (guint64)read_bytes;
	}
	return read_bytes == 0 || uc_cab_reader_fail(self->archive, error);
}

static UcCabMember *
uc_cab_reader_extract_member(UcCabReader *self,
			     struct archive_entry *entry,
			     GPtrArray *members,
			     GError **error)
{
	g_autoptr(UcCabMember) member = g_new0(UcCabMember, 1);
	const gchar *name = archive_entry_pathname(entry);
	g_autofree gchar *path = NULL;
	g_autoptr(GFile) file = NULL;
	g_autoptr(GFileOutputStream) stream = NULL;
	g_autoptr(UcSha256) sum = uc_sha256_new();

	if (!uc_cab_reader_check_name(name, members, error) ||
	    !uc_cab_reader_check_limits(self,
					members->len,
					(guint64)MAX(archive_entry_size(entry), 0),
					error))
		return NULL;
	member->name = g_strdup(name);
	path = g_build_filename(self->dir, name, NULL);
	file = g_file_new_for_path(path);
	stream = g_file_create(file, G_FILE_CREATE_PRIVATE, NULL, error);
	if (stream == NULL ||
	    !uc_cab_reader_copy(self, G_OUTPUT_STREAM(stream), sum, member, error) ||
	    !g_output_stream_close(G_OUTPUT_STREAM(stream), NULL, error))
		return NULL;
	member->sha256 = uc_sha256_to_hex(sum);
	return g_steal_pointer(&member);
}

static UcArchive *
uc_cab_reader_open(const gchar *path, GError **error)
{
	g_autoptr(UcArchive) archive = archive_read_new();

	if (archive_read_support_format_cab(archive) != ARCHIVE_OK ||
	    archive_read_open_filename(archive, path, UC_CAB_READER_CHUNK_BYTES) != ARCHIVE_OK) {
		(void)uc_cab_reader_fail(archive, error);
		return NULL;
	}
	return g_steal_pointer(&archive);
}

/**
 * uc_cab_reader_extract:
 * @path: a cab
 * @dir: an empty directory, whose contents are the caller's to remove after an error too
 * @max_bytes: refuse a cab that unpacks to more
 * @error: set to %UC_ERROR_INVALID (no cab, truncated, damaged), %UC_ERROR_REFUSED (a member's
 *   name), %UC_ERROR_LIMIT, or `G_IO_ERROR`
 *
 * Returns: (transfer full) (element-type UcCabMember): what was unpacked, or %NULL
 */
GPtrArray *
uc_cab_reader_extract(const gchar *path, const gchar *dir, guint64 max_bytes, GError **error)
{
	g_autoptr(GPtrArray) members =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_cab_member_free);
	g_autoptr(UcArchive) archive = uc_cab_reader_open(path, error);
	g_autofree guint8 *buffer = g_malloc(UC_CAB_READER_CHUNK_BYTES);
	UcCabReader self = {archive, dir, max_bytes, max_bytes, buffer};
	struct archive_entry *entry = NULL;
	gint rc = ARCHIVE_OK;

	if (archive == NULL)
		return NULL;
	while ((rc = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
		UcCabMember *member = uc_cab_reader_extract_member(&self, entry, members, error);

		if (member == NULL)
			return NULL;
		g_ptr_array_add(members, member);
	}
	if (rc != ARCHIVE_EOF) {
		(void)uc_cab_reader_fail(archive, error);
		return NULL;
	}
	return g_steal_pointer(&members);
}

/**
 * uc_cab_reader_find:
 * @members: (element-type UcCabMember): what was unpacked
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the member of exactly that name
 */
UcCabMember *
uc_cab_reader_find(GPtrArray *members, const gchar *name)
{
	for (guint i = 0; i < members->len; i++) {
		UcCabMember *member = g_ptr_array_index(members, i);

		if (g_str_equal(member->name, name))
			return member;
	}
	return NULL;
}
