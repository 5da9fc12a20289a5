/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packages on disk, each under the SHA-256 that the signed metadata gives it. A file has its name
 * only once it is whole and verified.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "uc-download.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-sha256.h"
#include "uc-target.h"

#define UC_DOWNLOADS_RESERVE_BYTES (16 * 1024 * 1024)

/**
 * uc_downloads_get_path:
 * @sha256: of a package
 *
 * Returns: (transfer full): where it is, or would be
 */
gchar *
uc_downloads_get_path(const gchar *sha256)
{
	g_autofree gchar *name = g_strdup_printf("downloads/%s.cab", sha256);

	return uc_path_state(name);
}

gboolean
uc_downloads_has(const gchar *sha256)
{
	g_autofree gchar *path = uc_downloads_get_path(sha256);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/**
 * uc_downloads_get_missing_bytes:
 * @sha256: of a package
 * @size_bytes: of all of it
 *
 * What an earlier attempt has fetched lies on the disk already, and only the rest is asked for.
 *
 * Returns: so many bytes of it are still to be fetched
 */
guint64
uc_downloads_get_missing_bytes(const gchar *sha256, guint64 size_bytes)
{
	g_autofree gchar *path = uc_downloads_get_path(sha256);
	g_autofree gchar *part = g_strconcat(path, UC_DOWNLOAD_PART_SUFFIX, NULL);
	GStatBuf status;

	if (uc_downloads_has(sha256))
		return 0;
	if (g_stat(part, &status) != 0 || !S_ISREG(status.st_mode))
		return size_bytes;
	return size_bytes - MIN((guint64)status.st_size, size_bytes);
}

/**
 * uc_downloads_clean:
 * @keep: (element-type utf8): a set of SHA-256
 *
 * Removes every package, and every part of one, that is not among them.
 */
void
uc_downloads_clean(GHashTable *keep)
{
	g_autofree gchar *path = uc_path_state("downloads");
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const gchar *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *sha256 = g_strndup(name, UC_SHA256_HEX_CHARS);
		g_autofree gchar *file = g_build_filename(path, name, NULL);

		if (!g_hash_table_contains(keep, sha256) && g_unlink(file) != 0)
			g_warning("cannot remove %s: %s", file, g_strerror(errno));
	}
}

static gchar *
uc_downloads_resolve(const gchar *location,
		     const gchar *base_url,
		     const gchar *internal_url,
		     const gchar *firmware_base_path)
{
	g_autofree gchar *path = NULL;

	if (g_str_has_prefix(location, base_url) && location[strlen(base_url)] == '/')
		return g_strdup(location + strlen(base_url));
	/* from outside: the last element, docs/service-protocol.md section 3 */
	if (internal_url != NULL && g_str_has_prefix(location, internal_url))
		return g_build_path("/", "/", firmware_base_path, strrchr(location, '/') + 1, NULL);
	if (strstr(location, "://") != NULL || location[0] == '/' || strstr(location, "..") != NULL)
		return NULL;
	/* joins with one slash, however many there are */
	path = g_build_path("/", "/", firmware_base_path, location, NULL);
	return g_steal_pointer(&path);
}

/**
 * uc_downloads_get_url_path:
 * @base_url: of the service, without a slash at the end
 * @internal_url: (nullable): what the organisation calls it inside, with a slash at the end
 * @firmware_base_path: what relative locations are relative to
 * @error: set to %UC_ERROR_NOT_FOUND without a location, %UC_ERROR_REFUSED for one elsewhere
 *
 * Returns: (transfer full): the path of the package's URL on the service
 */
gchar *
uc_downloads_get_url_path(FwupdRelease *release,
			  const gchar *base_url,
			  const gchar *internal_url,
			  const gchar *firmware_base_path,
			  GError **error)
{
	GPtrArray *locations = fwupd_release_get_locations(release);

	for (guint i = 0; locations != NULL && i < locations->len; i++) {
		gchar *path = uc_downloads_resolve(g_ptr_array_index(locations, i),
						   base_url,
						   internal_url,
						   firmware_base_path);

		if (path != NULL)
			return path;
	}
	if (locations == NULL || locations->len == 0)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "the metadata has no location for version %s",
			    fwupd_release_get_version(release));
	else
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "version %s is at '%s', expected a location below %s",
			    fwupd_release_get_version(release),
			    (const gchar *)g_ptr_array_index(locations, 0),
			    base_url);
	return NULL;
}

static gboolean
uc_downloads_check_space(const gchar *dir, guint64 need_bytes, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(dir);
	g_autoptr(GFileInfo) info =
	    g_file_query_filesystem_info(file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, error);
	guint64 free_bytes = 0;

	if (info == NULL)
		return FALSE;
	free_bytes = g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
	need_bytes = MIN(need_bytes, G_MAXINT64) + UC_DOWNLOADS_RESERVE_BYTES;
	if (free_bytes >= need_bytes)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_FAILED,
		    "%s has %" G_GUINT64_FORMAT " bytes free, expected %" G_GUINT64_FORMAT
		    "; make room there",
		    dir,
		    free_bytes,
		    need_bytes);
	return FALSE;
}

static gboolean
uc_downloads_prepare(guint64 need_bytes, GError **error)
{
	g_autofree gchar *dir = uc_path_state("downloads");

	if (!uc_file_make_dir(dir, 0755, error))
		return FALSE;
	return uc_downloads_check_space(dir, need_bytes, error);
}

static void
uc_downloads_fetch_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_download_finish(UC_HTTP(source), result, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

/**
 * uc_downloads_fetch_async:
 * @service: where it is
 * @release: what to fetch; its SHA-256 is from the signed metadata
 *
 * Goes on where an earlier attempt ended. Errors as uc_download_async(), and %UC_ERROR_FAILED when
 * the disk is too full.
 */
void
uc_downloads_fetch_async(UcService *service,
			 FwupdRelease *release,
			 GCancellable *cancellable,
			 GAsyncReadyCallback callback,
			 gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(service, cancellable, callback, user_data);
	const UcDescriptionRemote *remote =
	    uc_description_find_remote(uc_service_get_description(service),
				       fwupd_release_get_remote_id(release));
	UcHttp *http = uc_service_get_http(service);
	const gchar *sha256 = uc_target_get_sha256(release);
	g_autofree gchar *path = uc_downloads_get_path(sha256);
	g_autofree gchar *url_path = NULL;
	UcDownload download = {
	    .destination = path,
	    .max_bytes = UC_LIMIT_CAB_BYTES,
	    .sha256 = sha256,
	};
	GError *error = NULL;

	url_path = uc_downloads_get_url_path(release,
					     uc_http_get_base_url(http),
					     uc_service_get_description(service)->internal_url,
					     remote != NULL ? remote->firmware_base_path : "",
					     &error);
	if (url_path == NULL ||
	    !uc_downloads_prepare(
		uc_downloads_get_missing_bytes(sha256, fwupd_release_get_size(release)),
		&error)) {
		g_task_return_error(task, error);
		return;
	}
	download.path = url_path;
	uc_download_async(http,
			  &download,
			  cancellable,
			  uc_downloads_fetch_cb,
			  g_steal_pointer(&task));
}

gboolean
uc_downloads_fetch_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
