/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packages and the life they lead, docs/mirror.md: pending, then approved, then restore, then
 * retired, or rejected. A rule is one component on one set of hardware, as Lync's rules are per
 * model and revision: of each at most one package is approved and one is to be restored.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-package.h"
#include "uc-sha256.h"

static const gchar *const uc_package_states[] = {"pending",
						 "approved",
						 "restore",
						 "rejected",
						 "retired"};
G_STATIC_ASSERT(G_N_ELEMENTS(uc_package_states) == UC_PACKAGE_LAST);

void
uc_package_free(UcPackage *self)
{
	g_free(self->sha256);
	g_free(self->component_id);
	g_free(self->name);
	g_free(self->vendor);
	g_free(self->version);
	g_free(self->protocol);
	g_free(self->payload_name);
	g_free(self->payload_sha256);
	g_free(self->signed_sha256);
	g_free(self->cab_sha256);
	g_free(self->metainfo);
	g_free(self->locale);
	g_free(self);
}

const gchar *
uc_package_state_to_string(UcPackageState state)
{
	g_return_val_if_fail(state < UC_PACKAGE_LAST, NULL);
	return uc_package_states[state];
}

static UcPackageState
uc_package_state_from_string(const gchar *text)
{
	for (guint i = 0; i < UC_PACKAGE_LAST; i++) {
		if (g_str_equal(uc_package_states[i], text))
			return (UcPackageState)i;
	}
	return UC_PACKAGE_REJECTED;
}

/**
 * uc_package_get_id:
 *
 * Returns: (transfer full): what the administrator calls it
 */
gchar *
uc_package_get_id(const UcPackage *self)
{
	return g_strndup(self->sha256, UC_PACKAGE_ID_CHARS);
}

static UcPackage *
uc_package_from_row(UcStatement *row)
{
	UcPackage *self = g_new0(UcPackage, 1);

	self->row = uc_statement_get_int64(row, 0);
	self->sha256 = g_strdup(uc_statement_get_text(row, 1));
	self->size_bytes = (guint64)uc_statement_get_int64(row, 2);
	self->component_id = g_strdup(uc_statement_get_text(row, 3));
	self->name = g_strdup(uc_statement_get_text(row, 4));
	self->vendor = g_strdup(uc_statement_get_text(row, 5));
	self->version = g_strdup(uc_statement_get_text(row, 6));
	self->protocol = g_strdup(uc_statement_get_text(row, 7));
	self->payload_name = g_strdup(uc_statement_get_text(row, 8));
	self->payload_sha256 = g_strdup(uc_statement_get_text(row, 9));
	self->payload_bytes = (guint64)uc_statement_get_int64(row, 10);
	self->signed_sha256 = g_strdup(uc_statement_get_text(row, 11));
	self->signed_bytes = (guint64)uc_statement_get_int64(row, 12);
	self->state = uc_package_state_from_string(uc_statement_get_text(row, 13));
	self->imported_secs = uc_statement_get_int64(row, 14);
	self->cab_sha256 = g_strdup(uc_statement_get_text(row, 15));
	self->metainfo = g_strdup(uc_statement_get_text(row, 16));
	self->approved_secs = uc_statement_get_int64(row, 17);
	self->halted = uc_statement_get_int64(row, 18) != 0;
	self->locale = g_strdup(uc_statement_get_text(row, 19));
	return self;
}

/**
 * uc_package_take_rows:
 * @query: (transfer full) (nullable): selects %UC_PACKAGE_COLUMNS
 * @error: set to %UC_ERROR_FAILED, and set already if there is no @query
 *
 * Returns: (transfer full) (element-type UcPackage): the packages, or %NULL
 */
GPtrArray *
uc_package_take_rows(UcStatement *query, GError **error)
{
	g_autoptr(UcStatement) statement = query;
	g_autoptr(GPtrArray) packages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_package_free);
	gboolean row = FALSE;

	if (statement == NULL)
		return NULL;
	while (TRUE) {
		if (!uc_statement_next(statement, &row, error))
			return NULL;
		if (!row)
			return g_steal_pointer(&packages);
		g_ptr_array_add(packages, uc_package_from_row(statement));
	}
}

/**
 * uc_package_list:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full) (element-type UcPackage): all packages, those of a component together,
 *   the latest import last
 */
GPtrArray *
uc_package_list(UcDatabase *database, GError **error)
{
	return uc_package_take_rows(uc_database_query(database,
						      error,
						      "SELECT " UC_PACKAGE_COLUMNS
						      " FROM packages ORDER BY component_id, id",
						      ""),
				    error);
}

/**
 * uc_package_list_cab:
 * @sha256: of a cab
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full) (element-type UcPackage): the components of that cab, none if it was
 *   never imported
 */
GPtrArray *
uc_package_list_cab(UcDatabase *database, const gchar *sha256, GError **error)
{
	return uc_package_take_rows(uc_database_query(database,
						      error,
						      "SELECT " UC_PACKAGE_COLUMNS " FROM packages"
						      " WHERE cab_sha256 = ? ORDER BY id",
						      "s",
						      sha256),
				    error);
}

/**
 * uc_package_find:
 * @prefix: the first digits of its id or of its cab's SHA-256, as many as tell it from others
 * @error: set to %UC_ERROR_INVALID (no such digits, or of several packages) or %UC_ERROR_NOT_FOUND
 *
 * Returns: (transfer full): the package, or %NULL
 */
UcPackage *
uc_package_find(UcDatabase *database, const gchar *prefix, GError **error)
{
	g_autofree gchar *pattern = g_strdup_printf("%s*", prefix);
	g_autoptr(GPtrArray) packages = NULL;
	gsize length = strlen(prefix);

	if (length < 1 || length > UC_SHA256_HEX_CHARS ||
	    strspn(prefix, "0123456789abcdef") != length) {
		g_set_error(
		    error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "'%s' is no package id, expected lower-case hexadecimal digits as 'list' "
		    "shows them",
		    prefix);
		return NULL;
	}
	packages =
	    uc_package_take_rows(uc_database_query(database,
						   error,
						   "SELECT " UC_PACKAGE_COLUMNS
						   " FROM packages WHERE sha256 GLOB ? LIMIT 2",
						   "s",
						   pattern),
				 error);
	if (packages == NULL)
		return NULL;
	if (packages->len == 1)
		return g_ptr_array_steal_index(packages, 0);
	g_set_error(error,
		    UC_ERROR,
		    packages->len == 0 ? UC_ERROR_NOT_FOUND : UC_ERROR_INVALID,
		    packages->len == 0 ? "there is no package '%s'; 'list' shows those there are"
				       : "several packages begin with '%s'; give more digits",
		    prefix);
	return NULL;
}

/**
 * uc_package_add_model:
 * @self: a package that was added
 * @vendor: of a model it is for
 * @model: the same
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Remembers a model, for which `use-version` may name the package then.
 */
gboolean
uc_package_add_model(UcDatabase *database,
		     const UcPackage *self,
		     const gchar *vendor,
		     const gchar *model,
		     GError **error)
{
	g_autofree gchar *lower_vendor = g_utf8_strdown(vendor, -1);
	g_autofree gchar *lower_model = g_utf8_strdown(model, -1);

	return uc_database_run(database,
			       error,
			       "INSERT OR IGNORE INTO package_models (package_id, vendor, model)"
			       " VALUES (?, ?, ?)",
			       "iss",
			       self->row,
			       lower_vendor,
			       lower_model);
}

static gboolean
uc_package_add_models(UcDatabase *database,
		      const UcPackage *self,
		      const UcBind *bind,
		      GError **error)
{
	for (guint i = 0; bind != NULL && i < bind->models->len; i++) {
		if (!uc_package_add_model(database,
					  self,
					  bind->vendor,
					  g_ptr_array_index(bind->models, i),
					  error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_package_add:
 * @self: a package; its state is ignored, it becomes pending
 * @guids: the hardware it is for
 * @bind: (nullable): header of the image, which names the models
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Adds a package, within the caller's transaction.
 */
gboolean
uc_package_add(UcDatabase *database,
	       UcPackage *self,
	       const gchar *const *guids,
	       const UcBind *bind,
	       GError **error)
{
	if (!uc_database_run(
		database,
		error,
		"INSERT INTO packages (sha256, size_bytes, component_id, name, vendor,"
		" version, protocol, payload_name, payload_sha256, payload_bytes, state,"
		" imported_secs, cab_sha256, metainfo, locale)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)",
		"sisssssssiisss",
		self->sha256,
		(gint64)self->size_bytes,
		self->component_id,
		self->name,
		self->vendor,
		self->version,
		self->protocol,
		self->payload_name,
		self->payload_sha256,
		(gint64)self->payload_bytes,
		self->imported_secs,
		self->cab_sha256,
		self->metainfo,
		self->locale != NULL ? self->locale : ""))
		return FALSE;
	self->row = uc_database_get_last_id(database);
	for (guint i = 0; guids[i] != NULL; i++) {
		if (!uc_database_run(database,
				     error,
				     "INSERT OR IGNORE INTO package_guids (package_id, guid)"
				     " VALUES (?, ?)",
				     "is",
				     self->row,
				     guids[i]))
			return FALSE;
	}
	return uc_package_add_models(database, self, bind, error);
}

/**
 * uc_package_set_signed:
 *
 * Remembers which cab endpoints get for this package.
 */
gboolean
uc_package_set_signed(UcDatabase *database, UcPackage *self, GError **error)
{
	return uc_database_run(database,
			       error,
			       "UPDATE packages SET signed_sha256 = ?, signed_bytes = ?"
			       " WHERE cab_sha256 = ?",
			       "sis",
			       self->signed_sha256,
			       (gint64)self->signed_bytes,
			       self->cab_sha256);
}
