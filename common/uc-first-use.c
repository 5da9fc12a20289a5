/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When anchors may be taken from the network (docs/service-protocol.md, section 2.3): not unless
 * root's configuration says so, not where there are or ever were any since the factory reset, and
 * not later than ten minutes after root opened it. The minutes are counted on the boot clock, which
 * nobody can set, and only in the boot in which they began: a restart ends them. What root wrote
 * down is in a directory that the agent cannot write to; a factory reset removes it with the rest
 * of `trust.d/`. Whatever cannot be read is closed.
 */

#include "uc-error.h"
#include "uc-first-use.h"
#include "uc-json.h"
#include "uc-keys.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-sha256.h"
#include "uc-trust-bundle.h"

#define UC_FIRST_USE_FORMAT    "ucupdates-first-use-1"
#define UC_FIRST_USE_MAX_BYTES (16 * 1024)

void
uc_first_use_free(UcFirstUse *self)
{
	g_free(self->boot_id);
	g_free(self->organisation);
	g_free(self->fingerprint);
	g_free(self);
}

/**
 * uc_first_use_get_path:
 *
 * Returns: (transfer full): where root keeps the record
 */
gchar *
uc_first_use_get_path(void)
{
	return uc_path_sysconf("trust.d/first-use.json");
}

static gboolean
uc_first_use_read(UcFirstUse *self, JsonObject *object, GError **error)
{
	const gchar *format = NULL;
	const gchar *boot_id = NULL;
	const gchar *organisation = NULL;
	const gchar *fingerprint = NULL;

	if (!uc_json_get_string(object, "format", UC_JSON_REQUIRED, 64, &format, error) ||
	    !uc_json_get_string(object, "boot_id", UC_JSON_REQUIRED, 64, &boot_id, error) ||
	    !uc_json_get_int64(object,
			       "opened_boot_secs",
			       UC_JSON_REQUIRED,
			       0,
			       G_MAXINT64 - UC_LIMIT_FIRST_USE_SECS,
			       &self->opened_boot_secs,
			       error) ||
	    !uc_json_get_string(object,
				"organisation",
				UC_JSON_OPTIONAL,
				UC_LIMIT_DOMAIN_BYTES,
				&organisation,
				error) ||
	    !uc_json_get_string(object,
				"fingerprint",
				UC_JSON_OPTIONAL,
				UC_SHA256_HEX_CHARS,
				&fingerprint,
				error) ||
	    !uc_json_get_time(object, "taken", UC_JSON_OPTIONAL, &self->taken_secs, error) ||
	    !uc_json_get_boolean(object, "done", UC_JSON_REQUIRED, &self->done, error))
		return FALSE;
	self->boot_id = g_strdup(boot_id);
	self->organisation = g_strdup(organisation);
	self->fingerprint = g_strdup(fingerprint);
	if (g_strcmp0(format, UC_FIRST_USE_FORMAT) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "format is '%s', expected '" UC_FIRST_USE_FORMAT "'",
		    format);
	return FALSE;
}

/**
 * uc_first_use_load:
 * @error: set to %UC_ERROR_NOT_FOUND when first use was never opened, %UC_ERROR_FAILED, or
 *   %UC_ERROR_INVALID or %UC_ERROR_LIMIT for a record that is none
 *
 * Returns: (transfer full): root's record, or %NULL
 */
UcFirstUse *
uc_first_use_load(GError **error)
{
	g_autoptr(UcFirstUse) self = g_new0(UcFirstUse, 1);
	g_autofree gchar *path = uc_first_use_get_path();
	g_autoptr(GError) error_read = NULL;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(JsonObject) object = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, &error_read)) {
		gboolean absent = g_error_matches(error_read, G_FILE_ERROR, G_FILE_ERROR_NOENT);

		g_set_error_literal(error,
				    UC_ERROR,
				    absent ? UC_ERROR_NOT_FOUND : UC_ERROR_FAILED,
				    error_read->message);
		return NULL;
	}
	bytes = g_bytes_new_take(text, size_bytes);
	object = uc_json_parse_object(bytes, UC_FIRST_USE_MAX_BYTES, path, error);
	if (object == NULL)
		return NULL;
	if (!uc_first_use_read(self, object, error)) {
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	return g_steal_pointer(&self);
}

/**
 * uc_first_use_to_bytes:
 *
 * Returns: (transfer full): what uc_first_use_load() reads
 */
GBytes *
uc_first_use_to_bytes(const UcFirstUse *self)
{
	g_autoptr(JsonObject) object = json_object_new();

	json_object_set_string_member(object, "format", UC_FIRST_USE_FORMAT);
	json_object_set_string_member(object, "boot_id", self->boot_id);
	json_object_set_int_member(object, "opened_boot_secs", self->opened_boot_secs);
	if (self->organisation != NULL)
		json_object_set_string_member(object, "organisation", self->organisation);
	if (self->fingerprint != NULL)
		json_object_set_string_member(object, "fingerprint", self->fingerprint);
	if (self->taken_secs > 0)
		uc_json_set_time(object, "taken", self->taken_secs);
	json_object_set_boolean_member(object, "done", self->done);
	return uc_json_to_bytes(object, TRUE);
}

static gboolean
uc_first_use_check_absent(const gchar *path, GError **error)
{
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s is there, so this endpoint trusts somebody already; first use is for one "
		    "that trusts nobody",
		    path);
	return FALSE;
}

/**
 * uc_first_use_check_factory:
 * @error: set to %UC_ERROR_REFUSED with the file that is there
 *
 * Returns: whether there is no anchor for any purpose, and no `keys.json`
 */
gboolean
uc_first_use_check_factory(GError **error)
{
	g_autofree gchar *keys = uc_keys_get_applied_path();

	for (guint i = 0; i < UC_TRUST_BUNDLE_PURPOSES; i++) {
		g_autofree gchar *name =
		    g_build_filename("trust.d", uc_trust_bundle_get_purpose(i), NULL);
		g_autofree gchar *path = uc_path_sysconf(name);
		g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
		const gchar *file = dir != NULL ? g_dir_read_name(dir) : NULL;
		g_autofree gchar *found = file != NULL ? g_build_filename(path, file, NULL) : NULL;

		if (found != NULL && !uc_first_use_check_absent(found, error))
			return FALSE;
		/* what cannot be listed may have any number */
		if (dir == NULL && !uc_first_use_check_absent(path, error))
			return FALSE;
	}
	return uc_first_use_check_absent(keys, error);
}

/**
 * uc_first_use_check_open:
 * @boot_id: (nullable): of this boot
 * @boot_secs: the present, in seconds on the boot clock
 * @error: set to %UC_ERROR_REFUSED with what ended it
 *
 * Returns: whether anchors may still be taken now
 */
gboolean
uc_first_use_check_open(const UcFirstUse *self,
			const gchar *boot_id,
			gint64 boot_secs,
			GError **error)
{
	const gchar *why = NULL;

	if (self->organisation != NULL)
		why = "anchors were taken already";
	else if (self->done)
		why = "an administrator installed anchors";
	else if (g_strcmp0(boot_id, self->boot_id) != 0)
		why = "the machine was restarted since it began";
	else if (boot_secs < self->opened_boot_secs ||
		 boot_secs >= self->opened_boot_secs + UC_LIMIT_FIRST_USE_SECS)
		why = "its ten minutes are over";
	if (why == NULL)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "first use has ended: %s; install the organisation's trust bundle, or reset "
		    "the endpoint to its factory state",
		    why);
	return FALSE;
}
