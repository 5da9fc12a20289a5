/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that are on the disk, not only in the page cache, when these functions return. */

#include <errno.h>
#include <fcntl.h>
#include <gio/gfiledescriptorbased.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-sha256.h"

#define UC_FILE_CHUNK_BYTES  (128 * 1024)
#define UC_FILE_RANDOM_CHARS 6
#define UC_FILE_RANDOM	     G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS

static gboolean
uc_file_fail(const gchar *what, const gchar *path, GError **error)
{
	gint code = errno;

	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot %s %s: %s",
		    what,
		    path,
		    g_strerror(code));
	return FALSE;
}

static gboolean
uc_file_sync_flags(const gchar *path, gint flags, GError **error)
{
	gint fd = g_open(path, flags | O_CLOEXEC, 0);
	gboolean synced = fd >= 0 && fsync(fd) == 0;
	gboolean done = synced || uc_file_fail("write to the disk", path, error);

	if (fd >= 0)
		close(fd);
	return done;
}

/**
 * uc_file_sync:
 * @path: a file
 * @error: set to %UC_ERROR_FAILED
 *
 * Waits until its contents are on the disk.
 */
gboolean
uc_file_sync(const gchar *path, GError **error)
{
	return uc_file_sync_flags(path, O_RDONLY, error);
}

/**
 * uc_file_sync_dir:
 * @path: a directory
 * @error: set to %UC_ERROR_FAILED
 *
 * Waits until what was made, renamed or removed in it is on the disk.
 */
gboolean
uc_file_sync_dir(const gchar *path, GError **error)
{
	return uc_file_sync_flags(path, O_RDONLY | O_DIRECTORY, error);
}

static gboolean
uc_file_pump(GInputStream *input,
	     GOutputStream *output,
	     guint64 max_bytes,
	     UcSha256 *sum,
	     guint64 *size_bytes_out,
	     GError **error)
{
	g_autofree guint8 *buffer = g_malloc(UC_FILE_CHUNK_BYTES);
	guint64 size_bytes = 0;
	gssize read_bytes = 0;

	while ((read_bytes = g_input_stream_read(input, buffer, UC_FILE_CHUNK_BYTES, NULL, error)) >
	       0) {
		size_bytes += (guint64)read_bytes;
		if (size_bytes > max_bytes) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_LIMIT,
				    "it has more than %" G_GUINT64_FORMAT " bytes",
				    max_bytes);
			return FALSE;
		}
		uc_sha256_update(sum, buffer, (gsize)read_bytes);
		if (!g_output_stream_write_all(output,
					       buffer,
					       (gsize)read_bytes,
					       NULL,
					       NULL,
					       error))
			return FALSE;
	}
	if (size_bytes_out != NULL)
		*size_bytes_out = size_bytes;
	return read_bytes == 0;
}

/**
 * uc_file_copy:
 * @from: a file
 * @to: a file that does not exist yet
 * @max_bytes: refuse a longer one
 * @sha256_out: (out) (optional) (transfer full): SHA-256 of what was copied
 * @size_bytes_out: (out) (optional): size of what was copied
 * @error: set to %UC_ERROR_LIMIT, %UC_ERROR_FAILED or `G_IO_ERROR`
 *
 * Copies a file as a stream, and waits until it is on the disk.
 */
gboolean
uc_file_copy(const gchar *from,
	     const gchar *to,
	     guint64 max_bytes,
	     gchar **sha256_out,
	     guint64 *size_bytes_out,
	     GError **error)
{
	g_autoptr(GFile) from_file = g_file_new_for_path(from);
	g_autoptr(GFile) to_file = g_file_new_for_path(to);
	g_autoptr(GFileInputStream) input = g_file_read(from_file, NULL, error);
	g_autoptr(GFileOutputStream) output = NULL;
	g_autoptr(UcSha256) sum = uc_sha256_new();

	if (input == NULL)
		return FALSE;
	output = g_file_create(to_file, G_FILE_CREATE_NONE, NULL, error);
	if (output == NULL ||
	    !uc_file_pump(G_INPUT_STREAM(input),
			  G_OUTPUT_STREAM(output),
			  max_bytes,
			  sum,
			  size_bytes_out,
			  error) ||
	    !g_output_stream_close(G_OUTPUT_STREAM(output), NULL, error) ||
	    !uc_file_sync(to, error))
		return FALSE;
	if (sha256_out != NULL)
		*sha256_out = uc_sha256_to_hex(sum);
	return TRUE;
}

/**
 * uc_file_replace:
 * @mode: as for open(2), whatever the one before had
 * @error: set to %UC_ERROR_FAILED with @path
 *
 * Puts a durable file in the place of another, whole or not at all.
 */
gboolean
uc_file_replace(const gchar *path, GBytes *bytes, gint mode, GError **error)
{
	g_autoptr(GError) error_write = NULL;
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(bytes, &size_bytes);

	if (g_file_set_contents_full(path,
				     data != NULL ? data : "",
				     (gssize)size_bytes,
				     G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
				     mode,
				     &error_write))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot write %s: %s",
		    path,
		    error_write->message);
	return FALSE;
}

/**
 * uc_file_write:
 * @error: set to %UC_ERROR_FAILED with @path
 *
 * The same for a file that everybody may read.
 */
gboolean
uc_file_write(const gchar *path, GBytes *bytes, GError **error)
{
	return uc_file_replace(path, bytes, 0644, error);
}

/**
 * uc_file_link:
 * @from: a file that never changes
 * @to: a further name for it, copied where the file system has no links
 */
gboolean
uc_file_link(const gchar *from, const gchar *to, GError **error)
{
	if (link(from, to) == 0)
		return TRUE;
	if (errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP)
		return uc_file_copy(from, to, G_MAXUINT64, NULL, NULL, error);
	return uc_file_fail("link", to, error);
}

/**
 * uc_file_rename:
 *
 * Renames a file, directory or symbolic link, and waits until that is on the disk.
 */
gboolean
uc_file_rename(const gchar *from, const gchar *to, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(to);

	if (g_rename(from, to) != 0)
		return uc_file_fail("rename to", to, error);
	return uc_file_sync_dir(dir, error);
}

/**
 * uc_file_replace_link:
 * @target: what the symbolic link says
 * @path: the link, which may be there already
 * @error: set to %UC_ERROR_FAILED
 *
 * Makes the link aside, as `@path.new`, renames it into place and waits until that is on the disk.
 */
gboolean
uc_file_replace_link(const gchar *target, const gchar *path, GError **error)
{
	g_autofree gchar *aside = g_strconcat(path, ".new", NULL);

	(void)g_remove(aside);
	if (symlink(target, aside) != 0)
		return uc_file_fail("make the link", aside, error);
	return uc_file_rename(aside, path, error);
}

/**
 * uc_file_remove:
 * @path: a file, which may be gone already
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_file_remove(const gchar *path, GError **error)
{
	if (g_unlink(path) == 0 || errno == ENOENT)
		return TRUE;
	return uc_file_fail("remove", path, error);
}

/**
 * uc_file_make_dir:
 * @path: a directory, which may be there already; the ones above it are made too
 * @mode: of what is made
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_file_make_dir(const gchar *path, gint mode, GError **error)
{
	if (g_mkdir_with_parents(path, mode) == 0)
		return TRUE;
	return uc_file_fail("make the directory", path, error);
}

/* 0, 1 or 2 */
static gint
uc_file_get_kind(gchar c)
{
	return g_ascii_isdigit(c) ? 2 : g_ascii_isupper(c);
}

/* Six letters or digits are also `backup`, `Backup`, `251122` and `copy01`, which are somebody's
 * own. One in fourteen of GLib's looks like these, and is left. */
static gboolean
uc_file_is_random(const gchar *text)
{
	guint changes = 0;

	if (strlen(text) != UC_FILE_RANDOM_CHARS ||
	    strspn(text, UC_FILE_RANDOM) != UC_FILE_RANDOM_CHARS)
		return FALSE;
	for (guint i = 1; i < UC_FILE_RANDOM_CHARS; i++)
		changes += uc_file_get_kind(text[i]) != uc_file_get_kind(text[i - 1]);
	return changes > 1;
}

/* as GLib names what it writes aside: NAME.XXXXXX */
static gboolean
uc_file_is_aside(const gchar *name, const gchar *const *endings)
{
	gsize length = strlen(name);
	const gchar *random = NULL;
	g_autofree gchar *target = NULL;

	if (length <= UC_FILE_RANDOM_CHARS + 1)
		return FALSE;
	random = name + length - UC_FILE_RANDOM_CHARS;
	if (random[-1] != '.' || !uc_file_is_random(random))
		return FALSE;
	target = g_strndup(name, length - UC_FILE_RANDOM_CHARS - 1);
	for (guint i = 0; endings[i] != NULL; i++) {
		if (g_str_has_suffix(target, endings[i]))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_file_sweep:
 * @dir: a directory, which need not exist
 * @endings: (array zero-terminated=1): of the names of files that uc_file_replace() writes there
 * @min_age_secs: of what goes, so that nothing is taken away from who writes at the moment; 0 where
 *   nobody else can
 *
 * Removes what a process that was killed while it wrote such a file has left aside of it. Anything
 * else stays, and so does what may be a copy that somebody made: `NAME.backup`, `NAME.251122`.
 */
void
uc_file_sweep(const gchar *dir, const gchar *const *endings, gint64 min_age_secs)
{
	gint64 before_secs = g_get_real_time() / G_USEC_PER_SEC - min_age_secs;
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	const gchar *name = NULL;

	while (handle != NULL && (name = g_dir_read_name(handle)) != NULL) {
		g_autofree gchar *path = g_build_filename(dir, name, NULL);
		GStatBuf status;

		if (!uc_file_is_aside(name, endings) || g_lstat(path, &status) != 0 ||
		    !S_ISREG(status.st_mode) || (min_age_secs > 0 && status.st_mtime > before_secs))
			continue;
		if (g_unlink(path) != 0)
			g_warning("cannot remove %s: %s", path, g_strerror(errno));
	}
}
