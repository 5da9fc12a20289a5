/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One component of a cab: its metadata, its image, and whether both mean the same. */

#include <gio/gio.h>
#include <string.h>

#include "uc-cab-reader.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-import-check.h"
#include "uc-import-component.h"
#include "uc-version.h"

/* appstreamcli needs a fraction of a second; `timeout` ends it if it hangs */
#define UC_IMPORT_COMPONENT_VALIDATE_SECS "20"
#define UC_IMPORT_COMPONENT_NOTE_BYTES	  512

void
uc_import_component_free(UcImportComponent *self)
{
	g_free(self->member_name);
	g_clear_pointer(&self->metainfo, uc_metainfo_free);
	g_clear_pointer(&self->bind, uc_bind_free);
	g_free(self->note);
	g_clear_pointer(&self->package, uc_package_free);
	g_free(self);
}

static gboolean
uc_import_component_check_image(UcImportComponent *self, const gchar *path, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, error);

	if (stream == NULL)
		return FALSE;
	self->bind = uc_bind_read(G_INPUT_STREAM(stream), error);
	if (self->bind == NULL)
		return FALSE;
	self->package->locale = g_strdup(self->bind->locale);
	return uc_bind_check_payloads(self->bind, G_INPUT_STREAM(stream), error) &&
	       uc_import_check(self->metainfo, self->bind, error);
}

static gboolean
uc_import_component_check_payload(UcImportComponent *self,
				  const gchar *dir,
				  GPtrArray *members,
				  GError **error)
{
	const UcMetainfo *metainfo = self->metainfo;
	const UcCabMember *payload = uc_cab_reader_find(members, metainfo->payload_name);
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
	path = g_build_filename(dir, payload->name, NULL);
	return !g_str_equal(metainfo->protocol, UC_BIND_PROTOCOL) ||
	       uc_import_component_check_image(self, path, error);
}

static void
uc_import_component_fill(UcImportComponent *self)
{
	UcPackage *package = self->package;

	package->component_id = g_strdup(self->metainfo->id);
	package->name = g_strdup(self->metainfo->name);
	package->vendor = g_strdup(self->metainfo->vendor);
	package->version = g_strdup(self->metainfo->version);
	package->protocol = g_strdup(self->metainfo->protocol);
	package->payload_name = g_strdup(self->metainfo->payload_name);
}

/* the first error or warning of its output, as one line */
static gchar *
uc_import_component_pick_line(const gchar *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", 200);

	for (guint i = 0; lines[i] != NULL; i++) {
		g_strstrip(lines[i]);
		if (g_str_has_prefix(lines[i], "E: ") || g_str_has_prefix(lines[i], "W: "))
			return g_strdup_printf("appstreamcli says '%.*s'",
					       UC_IMPORT_COMPONENT_NOTE_BYTES,
					       lines[i]);
	}
	return g_strdup("appstreamcli does not take it as valid");
}

/* (nullable) a sentence why the metadata is not clean; a machine without appstreamcli has none */
static gchar *
uc_import_component_validate(const gchar *path)
{
	const gchar *const argv[] = {"timeout",
				     UC_IMPORT_COMPONENT_VALIDATE_SECS,
				     "appstreamcli",
				     "validate",
				     "--no-net",
				     "--no-color",
				     path,
				     NULL};
	g_autofree gchar *program = g_find_program_in_path("appstreamcli");
	g_autofree gchar *text = NULL;
	g_autofree gchar *valid = NULL;
	gint status = 0;

	if (program == NULL ||
	    !g_spawn_sync(NULL,
			  (gchar **)argv,
			  NULL,
			  G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
			  NULL,
			  NULL,
			  &text,
			  NULL,
			  &status,
			  NULL) ||
	    g_spawn_check_wait_status(status, NULL))
		return NULL;
	valid = g_utf8_make_valid(text, -1);
	return uc_import_component_pick_line(valid);
}

/**
 * uc_import_component_new:
 * @dir: where the cab was unpacked
 * @members: (element-type UcCabMember): what is there
 * @member_name: the metadata of the component
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_REFUSED, %UC_ERROR_LIMIT or an error of this machine
 *
 * Blocks while appstreamcli runs, at most 20 s.
 *
 * Returns: (transfer full): the component, or %NULL
 */
UcImportComponent *
uc_import_component_new(const gchar *dir,
			GPtrArray *members,
			const gchar *member_name,
			GError **error)
{
	g_autoptr(UcImportComponent) self = g_new0(UcImportComponent, 1);
	g_autofree gchar *path = g_build_filename(dir, member_name, NULL);

	self->member_name = g_strdup(member_name);
	self->package = g_new0(UcPackage, 1);
	self->metainfo = uc_metainfo_load(path, error);
	if (self->metainfo == NULL)
		return NULL;
	if (!uc_import_component_check_payload(self, dir, members, error))
		return NULL;
	uc_import_component_fill(self);
	self->note = uc_import_component_validate(path);
	return g_steal_pointer(&self);
}

/**
 * uc_import_component_keep:
 * @from_dir: where the cab was unpacked
 * @to_dir: directory of the package
 * @error: set to an error of this machine
 *
 * Puts the metadata beside the cab.
 */
gboolean
uc_import_component_keep(const UcImportComponent *self,
			 const gchar *from_dir,
			 const gchar *to_dir,
			 GError **error)
{
	g_autofree gchar *from = g_build_filename(from_dir, self->member_name, NULL);
	g_autofree gchar *to = g_build_filename(to_dir, self->package->metainfo, NULL);

	return uc_file_copy(from, to, UC_METAINFO_MAX_BYTES, NULL, NULL, error);
}

static gboolean
uc_import_component_check_guid(const UcImportComponent *self,
			       UcDatabase *database,
			       const gchar *guid,
			       GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT p.version FROM package_guids AS g JOIN packages AS p ON"
				" p.id = g.package_id WHERE g.guid = ? AND p.component_id = ?"
				" AND p.state = 'retired'",
				"ss",
				guid,
				self->metainfo->id);
	if (row == NULL)
		return FALSE;
	while (TRUE) {
		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		if (uc_version_compare(self->metainfo->version, uc_statement_get_text(row, 0)) >= 0)
			continue;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "version %s of %s is older than version %s, which is retired",
			    self->metainfo->version,
			    self->metainfo->id,
			    uc_statement_get_text(row, 0));
		return FALSE;
	}
}

/**
 * uc_import_component_check_age:
 * @error: set to %UC_ERROR_REFUSED if it is older than what is retired for any of its hardware
 */
gboolean
uc_import_component_check_age(const UcImportComponent *self, UcDatabase *database, GError **error)
{
	for (guint i = 0; self->metainfo->guids[i] != NULL; i++) {
		if (!uc_import_component_check_guid(self,
						    database,
						    self->metainfo->guids[i],
						    error))
			return FALSE;
	}
	return TRUE;
}
