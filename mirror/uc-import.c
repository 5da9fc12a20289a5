/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A cab from outside becomes a pending package, or is refused and leaves nothing behind. Everything
 * happens in one staging directory below the mirror; the directory is renamed into place, then the
 * package is added to the database. After a kill in between, the next import of that cab replaces
 * the directory.
 */

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include "uc-cab-reader.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-import-check.h"
#include "uc-import.h"
#include "uc-limits.h"

typedef struct {
	UcMirror *mirror; /* not owned */
	gchar *staging;
	gchar *cab;
	gchar *unpacked;
	GPtrArray *members; /* (element-type UcCabMember) */
	UcMetainfo *metainfo;
	UcPackage *package;
} UcImport;

static void
uc_import_free(UcImport *self)
{
	g_autoptr(GError) error = NULL;

	if (!uc_mirror_remove_tree(self->staging, &error))
		g_warning("cannot remove %s: %s", self->staging, error->message);
	g_free(self->staging);
	g_free(self->cab);
	g_free(self->unpacked);
	g_clear_pointer(&self->members, g_ptr_array_unref);
	g_clear_pointer(&self->metainfo, uc_metainfo_free);
	g_clear_pointer(&self->package, uc_package_free);
	g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcImport, uc_import_free)

/* the mirror is locked, so whatever is in the staging directory was left by a killed import */
static UcImport *
uc_import_new(UcMirror *mirror, GError **error)
{
	g_autofree gchar *staging = uc_mirror_path(mirror, "tmp-import", NULL);
	UcImport *self = NULL;

	if (!uc_mirror_remove_tree(staging, error))
		return NULL;
	self = g_new0(UcImport, 1);
	self->mirror = mirror;
	self->cab = g_build_filename(staging, "package", "original.cab", NULL);
	self->unpacked = g_build_filename(staging, "unpacked", NULL);
	self->package = g_new0(UcPackage, 1);
	self->staging = g_steal_pointer(&staging);
	return self;
}

static gboolean
uc_import_fetch(UcImport *self, const gchar *path, GError **error)
{
	g_autofree gchar *dir = g_path_get_dirname(self->cab);

	if (g_mkdir_with_parents(dir, 0755) != 0 || g_mkdir(self->unpacked, 0700) != 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot make a directory in %s: %s",
			    self->staging,
			    g_strerror(errno));
		return FALSE;
	}
	return uc_file_copy(path,
			    self->cab,
			    UC_LIMIT_CAB_BYTES,
			    &self->package->sha256,
			    &self->package->size_bytes,
			    error);
}

static gboolean
uc_import_read_metainfo(UcImport *self, GError **error)
{
	const UcCabMember *found = NULL;
	guint count = 0;
	g_autofree gchar *from = NULL;
	g_autofree gchar *dir = g_path_get_dirname(self->cab);
	g_autofree gchar *to = g_build_filename(dir, "metainfo.xml", NULL);

	for (guint i = 0; i < self->members->len; i++) {
		const UcCabMember *member = g_ptr_array_index(self->members, i);

		if (g_str_has_suffix(member->name, UC_METAINFO_SUFFIX)) {
			found = member;
			count++;
		}
	}
	if (count != 1) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the cab has %u members called *%s, expected one",
			    count,
			    UC_METAINFO_SUFFIX);
		return FALSE;
	}
	from = g_build_filename(self->unpacked, found->name, NULL);
	self->metainfo = uc_metainfo_load(from, error);
	return self->metainfo != NULL &&
	       uc_file_copy(from, to, UC_METAINFO_MAX_BYTES, NULL, NULL, error);
}

static gboolean
uc_import_check_image(UcImport *self, const gchar *path, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, error);
	g_autoptr(UcBind) bind = NULL;

	if (stream == NULL)
		return FALSE;
	bind = uc_bind_read(G_INPUT_STREAM(stream), error);
	return bind != NULL && uc_bind_check_payloads(bind, G_INPUT_STREAM(stream), error) &&
	       uc_import_check(self->metainfo, bind, error);
}

static gboolean
uc_import_check_payload(UcImport *self, GError **error)
{
	const UcMetainfo *metainfo = self->metainfo;
	const UcCabMember *payload = uc_cab_reader_find(self->members, metainfo->payload_name);
	g_autofree gchar *path = NULL;

	if (payload == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the metadata names the payload '%s', which is not in the cab",
			    metainfo->payload_name);
		return FALSE;
	}
	if ((metainfo->payload_sha256 != NULL &&
	     !g_str_equal(metainfo->payload_sha256, payload->sha256)) ||
	    (metainfo->payload_bytes != 0 && metainfo->payload_bytes != payload->size_bytes)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the payload '%s' has %" G_GUINT64_FORMAT
			    " bytes and SHA-256 %s, which is not what the metadata says",
			    payload->name,
			    payload->size_bytes,
			    payload->sha256);
		return FALSE;
	}
	self->package->payload_sha256 = g_strdup(payload->sha256);
	self->package->payload_bytes = payload->size_bytes;
	path = g_build_filename(self->unpacked, payload->name, NULL);
	return !g_str_equal(metainfo->protocol, UC_BIND_PROTOCOL) ||
	       uc_import_check_image(self, path, error);
}

static gboolean
uc_import_store(UcImport *self, gint64 now_secs, GError **error)
{
	UcPackage *package = self->package;
	g_autofree gchar *from = g_path_get_dirname(self->cab);
	g_autofree gchar *to = uc_mirror_path(self->mirror, "packages", package->sha256, NULL);

	package->component_id = g_strdup(self->metainfo->id);
	package->name = g_strdup(self->metainfo->name);
	package->vendor = g_strdup(self->metainfo->vendor);
	package->version = g_strdup(self->metainfo->version);
	package->protocol = g_strdup(self->metainfo->protocol);
	package->payload_name = g_strdup(self->metainfo->payload_name);
	package->imported_secs = now_secs;
	return uc_mirror_remove_tree(to, error) && uc_file_sync_dir(from, error) &&
	       uc_file_rename(from, to, error) &&
	       uc_package_add(self->mirror->database,
			      package,
			      (const gchar *const *)self->metainfo->guids,
			      error);
}

static gboolean
uc_import_run(UcImport *self,
	      const gchar *path,
	      gint64 now_secs,
	      gboolean *added_out,
	      GError **error)
{
	g_autoptr(GError) error_find = NULL;
	g_autoptr(UcPackage) known = NULL;

	*added_out = FALSE;
	if (!uc_import_fetch(self, path, error))
		return FALSE;
	known = uc_package_find(self->mirror->database, self->package->sha256, &error_find);
	if (known != NULL) {
		g_clear_pointer(&self->package, uc_package_free);
		self->package = g_steal_pointer(&known);
		return TRUE;
	}
	if (!g_error_matches(error_find, UC_ERROR, UC_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&error_find));
		return FALSE;
	}
	self->members =
	    uc_cab_reader_extract(self->cab, self->unpacked, UC_IMPORT_UNPACKED_MAX_BYTES, error);
	*added_out = TRUE;
	return self->members != NULL && uc_import_read_metainfo(self, error) &&
	       uc_import_check_payload(self, error) && uc_import_store(self, now_secs, error);
}

/**
 * uc_import_file:
 * @mirror: a mirror
 * @path: a cab
 * @now_secs: the present time, seconds since the Unix epoch
 * @package_out: (out) (transfer full): the package
 * @added_out: (out): whether it is new; otherwise nothing was changed
 * @error: set to %UC_ERROR_INVALID (broken), %UC_ERROR_REFUSED (names, metadata and image that do
 *   not agree), %UC_ERROR_LIMIT, %UC_ERROR_TEMPORARY (another command is at work), or another error
 *   of this machine
 *
 * Imports a package as pending.
 */
gboolean
uc_import_file(UcMirror *mirror,
	       const gchar *path,
	       gint64 now_secs,
	       UcPackage **package_out,
	       gboolean *added_out,
	       GError **error)
{
	g_autoptr(UcMirrorLock) lock = uc_mirror_lock(mirror, error);
	g_autoptr(UcImport) self = NULL;

	if (lock == NULL)
		return FALSE;
	self = uc_import_new(mirror, error);
	if (self == NULL)
		return FALSE;
	if (!uc_import_run(self, path, now_secs, added_out, error)) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	*package_out = g_steal_pointer(&self->package);
	return TRUE;
}
