/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The version that the endpoints of a model are to run: RealPresence's exact version, or that one
 * and newer ones. Packages are for GUIDs, pins for models; the header of an image names the models.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-model.h"
#include "uc-package-hardware.h"
#include "uc-pin.h"
#include "uc-version.h"

#define UC_PIN_TEXT_MAX_BYTES 256

void
uc_pin_free(UcPin *self)
{
	g_free(self->vendor);
	g_free(self->model);
	g_free(self->version);
	g_free(self);
}

/**
 * uc_pin_new:
 * @text: `VENDOR/MODEL`
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: (transfer full): a pin of that model, without a version
 */
UcPin *
uc_pin_new(const gchar *text, GError **error)
{
	g_autofree gchar *folded =
	    g_utf8_validate(text, UC_PIN_TEXT_MAX_BYTES, NULL) || g_utf8_validate(text, -1, NULL)
		? g_utf8_strdown(text, -1)
		: NULL;
	gchar *slash = folded != NULL ? strchr(folded, '/') : NULL;
	UcPin *self = NULL;

	if (slash == NULL || slash == folded || slash[1] == '\0' ||
	    strlen(folded) > UC_PIN_TEXT_MAX_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no model, expected VENDOR/MODEL, such as acme/icon400",
			    text);
		return NULL;
	}
	self = g_new0(UcPin, 1);
	self->vendor = g_strndup(folded, (gsize)(slash - folded));
	self->model = g_strdup(slash + 1);
	return self;
}

/**
 * uc_pin_store:
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Sets the version of a model; the one before is forgotten.
 */
gboolean
uc_pin_store(UcDatabase *database, const UcPin *self, GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT OR REPLACE INTO pins (vendor, model, version, or_newer,"
			       " by_restore) VALUES (?, ?, ?, ?, ?)",
			       "sssii",
			       self->vendor,
			       self->model,
			       self->version,
			       (gint64)self->or_newer,
			       (gint64)self->by_restore);
}

gboolean
uc_pin_remove(UcDatabase *database, const UcPin *self, GError **error)
{
	return uc_database_run(database,
			       error,
			       "DELETE FROM pins WHERE vendor = ? AND model = ?",
			       "ss",
			       self->vendor,
			       self->model);
}

#define UC_PIN_SELECT "SELECT vendor, model, version, or_newer, by_restore FROM pins"

/* @query: (transfer full) (nullable) */
static GPtrArray *
uc_pin_take_rows(UcStatement *query, GError **error)
{
	g_autoptr(GPtrArray) pins = g_ptr_array_new_with_free_func((GDestroyNotify)uc_pin_free);
	g_autoptr(UcStatement) row = query;
	gboolean more = FALSE;

	if (row == NULL)
		return NULL;
	while (TRUE) {
		UcPin *pin = NULL;

		if (!uc_statement_next(row, &more, error))
			return NULL;
		if (!more)
			return g_steal_pointer(&pins);
		pin = g_new0(UcPin, 1);
		pin->vendor = g_strdup(uc_statement_get_text(row, 0));
		pin->model = g_strdup(uc_statement_get_text(row, 1));
		pin->version = g_strdup(uc_statement_get_text(row, 2));
		pin->or_newer = uc_statement_get_int64(row, 3) != 0;
		pin->by_restore = uc_statement_get_int64(row, 4) != 0;
		g_ptr_array_add(pins, pin);
	}
}

/**
 * uc_pin_list:
 *
 * Returns: (transfer full) (element-type UcPin): all pins by vendor and model, or %NULL
 */
GPtrArray *
uc_pin_list(UcDatabase *database, GError **error)
{
	return uc_pin_take_rows(
	    uc_database_query(database, error, UC_PIN_SELECT " ORDER BY vendor, model", ""),
	    error);
}

static gboolean
uc_pin_is_of(const UcPin *self, const UcPackage *package)
{
	return package->state != UC_PACKAGE_PENDING && package->state != UC_PACKAGE_REJECTED &&
	       uc_version_equal(package->version, self->version);
}

/**
 * uc_pin_list_packages:
 * @self: a pin with a version
 *
 * Returns: (transfer full) (element-type UcPackage): the packages of that model and version that
 *   were approved once, of different hardware levels; or %NULL
 */
GPtrArray *
uc_pin_list_packages(UcDatabase *database, const UcPin *self, GError **error)
{
	g_autoptr(GPtrArray) packages = uc_package_take_rows(
	    uc_database_query(database,
			      error,
			      "SELECT " UC_PACKAGE_COLUMNS " FROM packages WHERE id IN (SELECT"
			      " package_id FROM package_models WHERE vendor = ? AND model = ?)"
			      " ORDER BY id",
			      "ss",
			      self->vendor,
			      self->model),
	    error);

	for (guint i = packages != NULL ? packages->len : 0; i > 0; i--) {
		if (!uc_pin_is_of(self, g_ptr_array_index(packages, i - 1)))
			g_ptr_array_remove_index(packages, i - 1);
	}
	return g_steal_pointer(&packages);
}

/**
 * uc_pin_restore:
 * @package: a package that is approved again
 *
 * Makes its version the exact one of its models, until the next approval.
 */
gboolean
uc_pin_restore(UcDatabase *database, const UcPackage *package, GError **error)
{
	return uc_database_run(database,
			       error,
			       "INSERT OR REPLACE INTO pins (vendor, model, version, or_newer,"
			       " by_restore) SELECT vendor, model, ?, 0, 1 FROM package_models"
			       " WHERE package_id = ?",
			       "si",
			       package->version,
			       package->row);
}

/*
 * Whether that version is still approved for some of the model's hardware, none of which is that of
 * @package if this was approved
 */
static gboolean
uc_pin_is_apart(UcDatabase *database,
		const UcPin *self,
		UcPackageHardware *hardware,
		const UcPackage *package,
		gboolean *apart_out,
		GError **error)
{
	g_autofree gchar *model = g_strdup_printf("%s/%s", self->vendor, self->model);
	g_autoptr(GPtrArray) packages = uc_pin_list_packages(database, self, error);

	*apart_out = FALSE;
	for (guint i = 0; packages != NULL && i < packages->len; i++) {
		const UcPackage *other = g_ptr_array_index(packages, i);

		if (other->state != UC_PACKAGE_APPROVED || other->row == package->row)
			continue;
		*apart_out = package->state == UC_PACKAGE_REJECTED ||
			     !uc_package_hardware_meets(hardware, other, package, model);
		if (!*apart_out)
			return TRUE;
	}
	return packages != NULL;
}

/* (transfer full) (element-type UcPin): those of the package's models that `restore` has set */
static GPtrArray *
uc_pin_list_restored(UcDatabase *database, const UcPackage *package, GError **error)
{
	return uc_pin_take_rows(
	    uc_database_query(database,
			      error,
			      UC_PIN_SELECT " WHERE by_restore = 1 AND (vendor, model) IN (SELECT"
					    " vendor, model FROM package_models WHERE package_id ="
					    " ?)",
			      "i",
			      package->row),
	    error);
}

/**
 * uc_pin_clear_restored:
 * @package: a package that was approved or rejected just now
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Ends for its models what uc_pin_restore() began, but where that version is still approved: when
 * something was approved, for hardware, or a locale, that this is not for.
 */
gboolean
uc_pin_clear_restored(UcDatabase *database, const UcPackage *package, GError **error)
{
	g_autoptr(GPtrArray) pins = uc_pin_list_restored(database, package, error);
	g_autoptr(UcPackageHardware) hardware = NULL;

	if (pins == NULL || pins->len == 0)
		return pins != NULL;
	hardware = uc_package_hardware_new(database, error);
	for (guint i = 0; hardware != NULL && i < pins->len; i++) {
		const UcPin *pin = g_ptr_array_index(pins, i);
		gboolean apart = FALSE;

		if (!uc_pin_is_apart(database, pin, hardware, package, &apart, error) ||
		    (!apart && !uc_pin_remove(database, pin, error)))
			return FALSE;
	}
	return hardware != NULL;
}

/* whether it is the newest there is for any of its hardware: an older import must not replace what
 * is approved */
static gboolean
uc_pin_is_newest(UcDatabase *database,
		 const UcPackage *package,
		 gboolean *newest_out,
		 GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT version FROM packages AS p WHERE component_id = ?1"
				" AND state = 'approved' AND EXISTS (SELECT 1 FROM package_guids"
				" AS g WHERE g.package_id = p.id AND g.guid IN (SELECT guid FROM"
				" package_guids WHERE package_id = ?2))",
				"si",
				package->component_id,
				package->row);
	if (row == NULL)
		return FALSE;
	*newest_out = TRUE;
	while (*newest_out) {
		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			break;
		*newest_out =
		    uc_version_compare(package->version, uc_statement_get_text(row, 0)) > 0;
	}
	return TRUE;
}

static gboolean
uc_pin_has_or_newer(UcDatabase *database, gboolean *has_out, GError **error)
{
	g_autoptr(UcStatement) row = NULL;

	row = uc_database_query(database, error, "SELECT 1 FROM pins WHERE or_newer <> 0", "");
	return row != NULL && uc_statement_next(row, has_out, error);
}

/**
 * uc_pin_wants:
 * @package: a pending package
 * @wants_out: (out): whether all of its models may have it without being asked: each has a pin that
 *   allows newer versions, and it is newer than that and than what is approved
 */
gboolean
uc_pin_wants(UcDatabase *database, const UcPackage *package, gboolean *wants_out, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = TRUE;
	guint models = 0;

	*wants_out = FALSE;
	/* to find out the models of all packages takes a while, for each of many imports */
	if (!uc_pin_has_or_newer(database, &more, error) ||
	    (more && !uc_model_learn(database, NULL, error)))
		return FALSE;
	if (!more)
		return TRUE;
	row = uc_database_query(database,
				error,
				"SELECT pins.version, pins.or_newer FROM package_models AS m LEFT"
				" JOIN pins ON pins.vendor = m.vendor AND pins.model = m.model"
				" WHERE m.package_id = ?",
				"i",
				package->row);
	if (row == NULL)
		return FALSE;
	while (TRUE) {
		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			break;
		if (uc_statement_get_int64(row, 1) == 0 ||
		    uc_version_compare(package->version, uc_statement_get_text(row, 0)) < 0)
			return TRUE;
		models++;
	}
	return models == 0 || uc_pin_is_newest(database, package, wants_out, error);
}
