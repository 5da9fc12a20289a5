/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For which models and hardware levels a package is, as a person calls them. It has GUIDs, and a
 * GUID cannot be read back: those of its models with the levels 0 to 255 are made and looked up.
 */

#include <string.h>

#include "uc-hardware-id.h"
#include "uc-package-hardware.h"

#define UC_PACKAGE_HARDWARE_LEVELS 256

struct _UcPackageHardware {
	GHashTable *guids;  /* (element-type utf8 GStrv): by model and locale; one of each level,
			       then that of all levels */
	GHashTable *own;    /* (element-type gint64 GPtrArray): the GUIDs of each package */
	GHashTable *models; /* (element-type gint64 GPtrArray): its models, as `vendor/model` */
};

static void
uc_package_hardware_add(GHashTable *table, gint64 package, const gchar *text)
{
	GPtrArray *texts = g_hash_table_lookup(table, &package);

	if (texts == NULL) {
		texts = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(table, g_memdup2(&package, sizeof(package)), texts);
	}
	g_ptr_array_add(texts, g_strdup(text));
}

/* all at once: there is no index by package */
static GHashTable *
uc_package_hardware_load(UcDatabase *database, const gchar *sql, GError **error)
{
	g_autoptr(GHashTable) table = g_hash_table_new_full(g_int64_hash,
							    g_int64_equal,
							    g_free,
							    (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(UcStatement) row = uc_database_query(database, error, sql, "");
	gboolean more = FALSE;

	if (row == NULL)
		return NULL;
	while (TRUE) {
		if (!uc_statement_next(row, &more, error))
			return NULL;
		if (!more)
			return g_steal_pointer(&table);
		uc_package_hardware_add(table,
					uc_statement_get_int64(row, 0),
					uc_statement_get_text(row, 1));
	}
}

/**
 * uc_package_hardware_new:
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Returns: (transfer full): the hardware of all packages, as far as their models are known now
 *   (uc_model_learn())
 */
UcPackageHardware *
uc_package_hardware_new(UcDatabase *database, GError **error)
{
	g_autoptr(UcPackageHardware) self = g_new0(UcPackageHardware, 1);

	self->guids =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	self->own =
	    uc_package_hardware_load(database, "SELECT package_id, guid FROM package_guids", error);
	if (self->own == NULL)
		return NULL;
	self->models = uc_package_hardware_load(database,
						"SELECT package_id, vendor || '/' || model FROM"
						" package_models ORDER BY vendor, model",
						error);
	return self->models != NULL ? g_steal_pointer(&self) : NULL;
}

void
uc_package_hardware_free(UcPackageHardware *self)
{
	g_clear_pointer(&self->guids, g_hash_table_unref);
	g_clear_pointer(&self->own, g_hash_table_unref);
	g_clear_pointer(&self->models, g_hash_table_unref);
	g_free(self);
}

/* @model: `vendor/model`; @locale: (nullable); the last one is of the model as such */
static GStrv
uc_package_hardware_make_guids(const gchar *model, const gchar *locale)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	const gchar *slash = strchr(model, '/');
	g_autofree gchar *vendor = g_strndup(model, (gsize)(slash - model));

	for (guint i = 0; i <= UC_PACKAGE_HARDWARE_LEVELS; i++) {
		g_autofree gchar *level = i < UC_PACKAGE_HARDWARE_LEVELS ? g_strdup_printf("%u", i)
									 : NULL;
		g_autofree gchar *id = uc_hardware_id_new_model(vendor, slash + 1, level);
		g_autofree gchar *guid = uc_hardware_id_to_guid(id, locale);

		g_strv_builder_add(builder, guid);
	}
	return g_strv_builder_end(builder);
}

static gchar **
uc_package_hardware_ensure_guids(UcPackageHardware *self, const gchar *model, const gchar *locale)
{
	g_autofree gchar *key = locale != NULL ? g_strdup_printf("%s %s", model, locale)
					       : g_strdup(model);
	gchar **guids = g_hash_table_lookup(self->guids, key);

	if (guids == NULL) {
		guids = uc_package_hardware_make_guids(model, locale);
		g_hash_table_insert(self->guids, g_steal_pointer(&key), guids);
	}
	return guids;
}

static gboolean
uc_package_hardware_has(GPtrArray *own, const gchar *guid)
{
	return own != NULL && g_ptr_array_find_with_equal_func(own, guid, g_str_equal, NULL);
}

/* `2, 4-6` */
static void
uc_package_hardware_append_levels(GString *text, gchar **guids, GPtrArray *own)
{
	const gchar *separator = " HW ";

	for (guint i = 0; i < UC_PACKAGE_HARDWARE_LEVELS; i++) {
		guint last = i;

		if (!uc_package_hardware_has(own, guids[i]))
			continue;
		while (last + 1 < UC_PACKAGE_HARDWARE_LEVELS &&
		       uc_package_hardware_has(own, guids[last + 1]))
			last++;
		g_string_append_printf(text, "%s%u", separator, i);
		if (last > i)
			g_string_append_printf(text, "-%u", last);
		separator = ", ";
		i = last;
	}
}

/**
 * uc_package_hardware_list:
 *
 * Returns: (transfer full): its models, such as `acme/icon400 HW 2, 4-6`, or `acme/icon400` for
 *   all levels or those of a part number, each with ` (de)` for a locale; none where nothing is
 *   known
 */
GStrv
uc_package_hardware_list(UcPackageHardware *self, const UcPackage *package)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	const gchar *locale = package->locale[0] != '\0' ? package->locale : NULL;
	GPtrArray *models = g_hash_table_lookup(self->models, &package->row);
	GPtrArray *own = g_hash_table_lookup(self->own, &package->row);

	for (guint i = 0; models != NULL && i < models->len; i++) {
		const gchar *model = g_ptr_array_index(models, i);
		gchar **guids = uc_package_hardware_ensure_guids(self, model, locale);
		g_autoptr(GString) text = g_string_new(model);

		if (!uc_package_hardware_has(own, guids[UC_PACKAGE_HARDWARE_LEVELS]))
			uc_package_hardware_append_levels(text, guids, own);
		if (locale != NULL)
			g_string_append_printf(text, " (%s)", locale);
		g_strv_builder_add(builder, text->str);
	}
	return g_strv_builder_end(builder);
}

/* of one package, for one model */
typedef struct {
	const gchar *locale; /* not owned; may be empty */
	gboolean all;	     /* of that model */
	gboolean any;	     /* some levels of it */
	gboolean levels[UC_PACKAGE_HARDWARE_LEVELS];
} UcPackageHardwareRange;

static void
uc_package_hardware_find_range(UcPackageHardware *self,
			       const UcPackage *package,
			       const gchar *model,
			       UcPackageHardwareRange *range_out)
{
	const gchar *locale = package->locale[0] != '\0' ? package->locale : NULL;
	GPtrArray *own = g_hash_table_lookup(self->own, &package->row);
	gchar **guids = uc_package_hardware_ensure_guids(self, model, locale);

	range_out->locale = package->locale;
	range_out->all = uc_package_hardware_has(own, guids[UC_PACKAGE_HARDWARE_LEVELS]);
	for (guint i = 0; i < UC_PACKAGE_HARDWARE_LEVELS; i++) {
		range_out->levels[i] = uc_package_hardware_has(own, guids[i]);
		range_out->any = range_out->any || range_out->levels[i];
	}
}

/* what is for `de` is for `de-at` too, and what is for no locale for all of them */
static gboolean
uc_package_hardware_has_locale(const gchar *one, const gchar *other)
{
	gsize length = MIN(strlen(one), strlen(other));
	const gchar *longer = strlen(one) > length ? one : other;

	return length == 0 || (g_ascii_strncasecmp(one, other, length) == 0 &&
			       (longer[length] == '\0' || strchr("-_.@", longer[length]) != NULL));
}

static gboolean
uc_package_hardware_shares(UcPackageHardware *self, const UcPackage *one, const UcPackage *other)
{
	GPtrArray *own = g_hash_table_lookup(self->own, &one->row);
	GPtrArray *theirs = g_hash_table_lookup(self->own, &other->row);

	for (guint i = 0; own != NULL && i < own->len; i++) {
		if (uc_package_hardware_has(theirs, g_ptr_array_index(own, i)))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_package_hardware_meets:
 * @model: of both, as `vendor/model`
 *
 * Two packages may be for one endpoint without having a GUID in common: one is for all levels or
 * locales and the other for one of them, or one is for a part number and the other for a level.
 *
 * Returns: whether there may be such an endpoint of that model
 */
gboolean
uc_package_hardware_meets(UcPackageHardware *self,
			  const UcPackage *one,
			  const UcPackage *other,
			  const gchar *model)
{
	UcPackageHardwareRange a = {NULL};
	UcPackageHardwareRange b = {NULL};

	if (uc_package_hardware_shares(self, one, other))
		return TRUE;
	uc_package_hardware_find_range(self, one, model, &a);
	uc_package_hardware_find_range(self, other, model, &b);
	if (!uc_package_hardware_has_locale(a.locale, b.locale))
		return FALSE;
	/* part numbers in one locale would be shared */
	if (!a.any && !b.any && !a.all && !b.all)
		return g_ascii_strcasecmp(a.locale, b.locale) != 0;
	if (a.all || b.all || !a.any || !b.any)
		return TRUE;
	for (guint i = 0; i < UC_PACKAGE_HARDWARE_LEVELS; i++) {
		if (a.levels[i] && b.levels[i])
			return TRUE;
	}
	return FALSE;
}
