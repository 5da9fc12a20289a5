/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which models a package is for. The header of a UC bind says it; of a RAUC bundle, a raw image or
 * a bind for part numbers there are only GUIDs, and a GUID cannot be read back. But it can be made
 * of every model that is known: those of the inventory, those with a version or a rule of their
 * own. Where one fits, the package is for that model, whoever said that name.
 */

#include <string.h>

#include "uc-hardware-id.h"
#include "uc-model.h"

#define UC_MODEL_PROTOCOLS  "'org.ucupdates.*'"
#define UC_MODEL_LEVELS	    256 /* of a model that is known by its name alone */
#define UC_MODEL_KNOWN_MAX  "100000"
#define UC_MODEL_SELECT_PIN "SELECT vendor || '/' || model FROM pins"

typedef struct {
	UcDatabase *database; /* not owned */
	GHashTable *guids;    /* (element-type utf8): of all packages for endpoints */
} UcModel;

static void
uc_model_clear(UcModel *self)
{
	g_clear_pointer(&self->guids, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcModel, uc_model_clear)

/* (transfer full): the first column */
static GPtrArray *
uc_model_query(UcDatabase *database, const gchar *sql, GError **error)
{
	return uc_statement_take_texts(uc_database_query(database, error, sql, ""), error);
}

static GHashTable *
uc_model_list_guids(UcDatabase *database, GError **error)
{
	g_autoptr(GHashTable) guids = NULL;
	g_autoptr(GPtrArray) values =
	    uc_model_query(database,
			   "SELECT DISTINCT guid FROM package_guids WHERE package_id IN (SELECT id"
			   " FROM packages WHERE protocol GLOB " UC_MODEL_PROTOCOLS ")",
			   error);

	if (values == NULL)
		return NULL;
	guids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	while (values->len > 0)
		g_hash_table_add(guids, g_ptr_array_steal_index_fast(values, values->len - 1));
	return g_steal_pointer(&guids);
}

/* @guid: one of that model's */
static gboolean
uc_model_try(const UcModel *self,
	     const gchar *vendor,
	     const gchar *model,
	     const gchar *guid,
	     GError **error)
{
	g_autofree gchar *lower_vendor = NULL;
	g_autofree gchar *lower_model = NULL;

	if (!g_hash_table_contains(self->guids, guid))
		return TRUE;
	lower_vendor = g_utf8_strdown(vendor, -1);
	lower_model = g_utf8_strdown(model, -1);
	return uc_database_run(self->database,
			       error,
			       "INSERT OR IGNORE INTO package_models (package_id, vendor, model)"
			       " SELECT p.id, ?, ? FROM package_guids AS g JOIN packages AS p ON"
			       " p.id = g.package_id WHERE g.guid = ?"
			       " AND p.protocol GLOB " UC_MODEL_PROTOCOLS,
			       "sss",
			       lower_vendor,
			       lower_model,
			       guid);
}

/* @level: (nullable): hardware level, or %NULL for all of them */
static gboolean
uc_model_try_level(const UcModel *self,
		   const gchar *vendor,
		   const gchar *model,
		   const gchar *level,
		   GError **error)
{
	g_autofree gchar *instance_id = uc_hardware_id_new_model(vendor, model, level);
	g_autofree gchar *guid = uc_hardware_id_to_guid(instance_id, NULL);

	return uc_model_try(self, vendor, model, guid, error);
}

/* @name: `VENDOR/MODEL`, of whose hardware levels nothing is known */
static gboolean
uc_model_try_name(const UcModel *self, const gchar *name, GError **error)
{
	const gchar *slash = strchr(name, '/');
	const gchar *model = slash != NULL ? slash + 1 : "";
	g_autofree gchar *vendor = g_strndup(name, slash != NULL ? (gsize)(slash - name) : 0);

	if (!uc_model_try_level(self, vendor, model, NULL, error))
		return FALSE;
	for (guint i = 0; i < UC_MODEL_LEVELS; i++) {
		g_autofree gchar *level = g_strdup_printf("%u", i);

		if (!uc_model_try_level(self, vendor, model, level, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_model_try_pins(const UcModel *self, GError **error)
{
	g_autoptr(GPtrArray) names = uc_model_query(self->database, UC_MODEL_SELECT_PIN, error);

	for (guint i = 0; names != NULL && i < names->len; i++) {
		if (!uc_model_try_name(self, g_ptr_array_index(names, i), error))
			return FALSE;
	}
	return names != NULL;
}

static gboolean
uc_model_try_endpoint(const UcModel *self, UcStatement *row, GError **error)
{
	const gchar *vendor = uc_statement_get_text(row, 0);
	const gchar *model = uc_statement_get_text(row, 1);
	g_auto(GStrv) guids = uc_hardware_id_list_guids(vendor,
							model,
							uc_statement_get_text(row, 2),
							uc_statement_get_text(row, 3),
							uc_statement_get_text(row, 4));

	for (guint i = 0; guids[i] != NULL; i++) {
		if (!uc_model_try(self, vendor, model, guids[i], error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_model_try_endpoints(const UcModel *self, GError **error)
{
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(self->database,
				error,
				"SELECT DISTINCT vendor, model, hardware_level, coalesce("
				"json_extract(details, '$.part_number'), ''), coalesce("
				"json_extract(details, '$.locale'), '') FROM endpoints WHERE"
				" vendor <> '' AND model <> '' LIMIT " UC_MODEL_KNOWN_MAX,
				"");
	if (row == NULL)
		return FALSE;
	while (TRUE) {
		if (!uc_statement_next(row, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		if (!uc_model_try_endpoint(self, row, error))
			return FALSE;
	}
}

/**
 * uc_model_learn:
 * @names: (nullable): further models, as `VENDOR/MODEL`, of hardware level 0 to 255 or of none
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Finds out which of the models that are known by now the packages are for. To be called before
 * somebody asks which packages a model has, or which models a package has.
 */
gboolean
uc_model_learn(UcDatabase *database, const gchar *const *names, GError **error)
{
	g_auto(UcModel) self = {database};

	self.guids = uc_model_list_guids(database, error);
	if (self.guids == NULL)
		return FALSE;
	if (g_hash_table_size(self.guids) == 0)
		return TRUE;
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (!uc_model_try_name(&self, names[i], error))
			return FALSE;
	}
	return uc_model_try_pins(&self, error) && uc_model_try_endpoints(&self, error);
}

/**
 * uc_model_list:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the models that packages are for, as `VENDOR/MODEL`
 */
GStrv
uc_model_list(UcDatabase *database, GError **error)
{
	g_autoptr(GPtrArray) names =
	    uc_model_query(database,
			   "SELECT DISTINCT vendor || '/' || model FROM package_models ORDER BY 1",
			   error);

	if (names == NULL)
		return NULL;
	g_ptr_array_add(names, NULL);
	return (GStrv)g_ptr_array_steal(names, NULL);
}

/**
 * uc_model_list_unknown:
 * @names: models, as `VENDOR/MODEL` in lower case
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): those of them for which nothing was imported and of which no endpoint
 *   checked in; most likely they are written wrong
 */
GStrv
uc_model_list_unknown(UcDatabase *database, const gchar *const *names, GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GHashTable) known = NULL;
	g_autoptr(GPtrArray) models =
	    uc_model_query(database,
			   "SELECT vendor || '/' || model FROM package_models UNION SELECT"
			   " vendor || '/' || model FROM endpoints",
			   error);

	if (models == NULL)
		return NULL;
	known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	/* the database knows the lower case of ASCII only */
	for (guint i = 0; i < models->len; i++)
		g_hash_table_add(known, g_utf8_strdown(g_ptr_array_index(models, i), -1));
	for (guint i = 0; names[i] != NULL; i++) {
		if (!g_hash_table_contains(known, names[i]))
			g_strv_builder_add(builder, names[i]);
	}
	return g_strv_builder_end(builder);
}
