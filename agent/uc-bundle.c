/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Texts from here and there, in memory until somebody has seen the list, then one compressed file
 * that only its owner can read. What cannot be read is there too, with the reason in its place.
 */

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uc-bundle.h"
#include "uc-deadline.h"
#include "uc-error.h"
#include "uc-limits.h"

#define UC_BUNDLE_PREFIX     "ucupdates-support/"
#define UC_BUNDLE_COMMAND_MS (30 * 1000)

typedef struct archive UcArchive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcArchive, archive_write_free)
typedef struct archive_entry UcArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcArchiveEntry, archive_entry_free)

struct _UcBundle {
	GPtrArray *items; /* of UcBundleItem */
};

static void
uc_bundle_item_free(UcBundleItem *item)
{
	g_free(item->name);
	g_free(item->text);
	g_free(item);
}

UcBundle *
uc_bundle_new(void)
{
	UcBundle *self = g_new0(UcBundle, 1);

	self->items = g_ptr_array_new_with_free_func((GDestroyNotify)uc_bundle_item_free);
	return self;
}

void
uc_bundle_free(UcBundle *self)
{
	g_ptr_array_unref(self->items);
	g_free(self);
}

/* of a text that is too long the end is what counts */
static void
uc_bundle_add_bytes(UcBundle *self, const gchar *name, const gchar *data, gsize size_bytes)
{
	gsize skip =
	    size_bytes > UC_LIMIT_BUNDLE_ITEM_BYTES ? size_bytes - UC_LIMIT_BUNDLE_ITEM_BYTES : 0;
	UcBundleItem *item = NULL;

	if (self->items->len >= UC_LIMIT_BUNDLE_ITEMS)
		return;
	item = g_new0(UcBundleItem, 1);
	item->name = g_strdup(name);
	item->text = g_utf8_make_valid(data + skip, (gssize)(size_bytes - skip));
	g_ptr_array_add(self->items, item);
}

/**
 * uc_bundle_add_text:
 * @name: a path inside the bundle
 */
void
uc_bundle_add_text(UcBundle *self, const gchar *name, const gchar *text)
{
	uc_bundle_add_bytes(self, name, text, strlen(text));
}

static void
uc_bundle_add_error(UcBundle *self, const gchar *name, const GError *error)
{
	g_autofree gchar *text = g_strdup_printf("# not available: %s\n", error->message);

	uc_bundle_add_text(self, name, text);
}

/**
 * uc_bundle_add_file:
 * @name: a path inside the bundle
 * @path: a regular file; of one that is not there nothing is told
 */
void
uc_bundle_add_file(UcBundle *self, const gchar *name, const gchar *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *data = NULL;
	gsize size_bytes = 0;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return;
	if (g_file_test(path, G_FILE_TEST_IS_REGULAR) &&
	    g_file_get_contents(path, &data, &size_bytes, &error)) {
		uc_bundle_add_bytes(self, name, data, size_bytes);
		return;
	}
	if (error == NULL)
		g_set_error(&error, UC_ERROR, UC_ERROR_INVALID, "%s is no regular file", path);
	uc_bundle_add_error(self, name, error);
}

static gint
uc_bundle_compare_cb(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const gchar *const *)a, *(const gchar *const *)b);
}

static GPtrArray *
uc_bundle_list(const gchar *path)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const gchar *name = NULL;

	while (dir != NULL && names->len < UC_LIMIT_BUNDLE_ITEMS &&
	       (name = g_dir_read_name(dir)) != NULL)
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, uc_bundle_compare_cb);
	return names;
}

/**
 * uc_bundle_add_dir:
 * @name: of the directory inside the bundle
 * @path: a directory, which may be missing
 * @suffix: only files whose names end so
 */
void
uc_bundle_add_dir(UcBundle *self, const gchar *name, const gchar *path, const gchar *suffix)
{
	g_autoptr(GPtrArray) names = uc_bundle_list(path);

	for (guint i = 0; i < names->len; i++) {
		const gchar *file = g_ptr_array_index(names, i);
		g_autofree gchar *from = g_build_filename(path, file, NULL);
		g_autofree gchar *to = g_build_filename(name, file, NULL);

		if (g_str_has_suffix(file, suffix))
			uc_bundle_add_file(self, to, from);
	}
}

static void
uc_bundle_list_into(GString *text, const gchar *path, guint depth)
{
	g_autoptr(GPtrArray) names = uc_bundle_list(path);

	for (guint i = 0; i < names->len; i++) {
		g_autofree gchar *file = g_build_filename(path, g_ptr_array_index(names, i), NULL);
		struct stat st;

		if (lstat(file, &st) != 0)
			continue;
		g_string_append_printf(text,
				       "%06o %u:%u %10" G_GINT64_FORMAT " %s\n",
				       (guint)st.st_mode,
				       (guint)st.st_uid,
				       (guint)st.st_gid,
				       (gint64)st.st_size,
				       file);
		if (S_ISDIR(st.st_mode) && depth > 0)
			uc_bundle_list_into(text, file, depth - 1);
	}
}

/**
 * uc_bundle_add_listing:
 * @name: a path inside the bundle
 * @path: a directory
 *
 * Modes, owners, sizes in bytes and names of what is in it, three levels deep; no contents.
 */
void
uc_bundle_add_listing(UcBundle *self, const gchar *name, const gchar *path)
{
	g_autoptr(GString) text = g_string_new(NULL);

	uc_bundle_list_into(text, path, 2);
	uc_bundle_add_text(self, name, text->str);
}

typedef struct {
	GAsyncResult *result;
} UcBundleWait;

static void
uc_bundle_command_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcBundleWait *wait = user_data;

	wait->result = g_object_ref(result);
}

static gchar *
uc_bundle_run(const gchar *const *argv, GError **error)
{
	g_autoptr(UcDeadline) deadline = uc_deadline_new(UC_BUNDLE_COMMAND_MS, NULL);
	g_autoptr(GSubprocess) process = NULL;
	g_autoptr(GAsyncResult) result = NULL;
	UcBundleWait wait = {NULL};
	gchar *output = NULL;

	process =
	    g_subprocess_newv(argv,
			      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
			      error);
	if (process == NULL)
		return NULL;
	g_subprocess_communicate_async(process,
				       NULL,
				       uc_deadline_get_cancellable(deadline),
				       uc_bundle_command_cb,
				       &wait);
	while (wait.result == NULL)
		(void)g_main_context_iteration(NULL, TRUE);
	result = wait.result;
	{
		g_autoptr(GBytes) bytes = NULL;

		if (!g_subprocess_communicate_finish(process, result, &bytes, NULL, error)) {
			g_subprocess_force_exit(process);
			uc_deadline_convert_error(deadline, error);
			return NULL;
		}
		output = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	}
	return output;
}

/**
 * uc_bundle_add_command:
 * @name: a path inside the bundle
 * @argv: a program and its arguments, %NULL-terminated
 *
 * What the program prints, whatever its exit status, within half a minute. Blocks, and runs the
 * default main context meanwhile.
 */
void
uc_bundle_add_command(UcBundle *self, const gchar *name, const gchar *const *argv)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *output = uc_bundle_run(argv, &error);

	if (output != NULL)
		uc_bundle_add_text(self, name, output);
	else
		uc_bundle_add_error(self, name, error);
}

/**
 * uc_bundle_redact:
 *
 * Takes what is private out of everything that was added. To be called last.
 */
void
uc_bundle_redact(UcBundle *self, UcRedact *redact)
{
	for (guint i = 0; i < self->items->len; i++)
		uc_redact_learn(redact, ((UcBundleItem *)g_ptr_array_index(self->items, i))->text);
	for (guint i = 0; i < self->items->len; i++) {
		UcBundleItem *item = g_ptr_array_index(self->items, i);
		g_autofree gchar *text = g_steal_pointer(&item->text);

		item->text = uc_redact_apply(redact, text);
	}
}

/**
 * uc_bundle_get_items:
 *
 * Returns: (transfer none) (element-type UcBundleItem): in the order in which they were added
 */
const GPtrArray *
uc_bundle_get_items(UcBundle *self)
{
	return self->items;
}

static gboolean
uc_bundle_write_item(UcArchive *archive, const UcBundleItem *item, gint64 now_secs)
{
	g_autoptr(UcArchiveEntry) entry = archive_entry_new();
	g_autofree gchar *path = g_strconcat(UC_BUNDLE_PREFIX, item->name, NULL);
	gsize size_bytes = strlen(item->text);

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_mtime(entry, (time_t)now_secs, 0);
	archive_entry_set_size(entry, (la_int64_t)size_bytes);
	return archive_write_header(archive, entry) == ARCHIVE_OK &&
	       archive_write_data(archive, item->text, size_bytes) == (la_ssize_t)size_bytes;
}

static gboolean
uc_bundle_write_fd(UcBundle *self, gint fd, const gchar *path, GError **error)
{
	g_autoptr(UcArchive) archive = archive_write_new();
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	gboolean done = archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
			archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
			archive_write_open_fd(archive, fd) == ARCHIVE_OK;

	for (guint i = 0; done && i < self->items->len; i++)
		done = uc_bundle_write_item(archive, g_ptr_array_index(self->items, i), now_secs);
	if (done && archive_write_close(archive) == ARCHIVE_OK)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot write %s: %s",
		    path,
		    archive_error_string(archive));
	return FALSE;
}

/**
 * uc_bundle_check_path:
 * @path: as for uc_bundle_write()
 * @error: set to %UC_ERROR_FAILED
 *
 * To be asked before everything is collected, which takes a while.
 *
 * Returns: whether a file can be made there, as far as that can be told without making it
 */
gboolean
uc_bundle_check_path(const gchar *path, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(path);
	struct stat status;
	gint code = 0;

	if (lstat(path, &status) == 0)
		code = EEXIST;
	else if (access(dir, W_OK | X_OK) != 0)
		code = errno;
	if (code == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "cannot create %s: %s",
		    path,
		    g_strerror(code));
	return FALSE;
}

/**
 * uc_bundle_write:
 * @path: a file that is not there yet; it gets mode 0600, and is removed again after a failure
 * @error: set to %UC_ERROR_FAILED
 *
 * Writes a gzip-compressed tar.
 */
gboolean
uc_bundle_write(UcBundle *self, const gchar *path, GError **error)
{
	gint fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	gboolean written = FALSE;

	if (fd < 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot create %s: %s",
			    path,
			    g_strerror(errno));
		return FALSE;
	}
	written = uc_bundle_write_fd(self, fd, path, error);
	if (close(fd) != 0 && written) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot write %s: %s",
			    path,
			    g_strerror(errno));
		written = FALSE;
	}
	if (!written)
		(void)unlink(path);
	return written;
}
