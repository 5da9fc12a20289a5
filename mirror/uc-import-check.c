/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Do metadata and image of a package mean the same hardware and version? Vendor, model and level
 * stand in the metadata only as GUIDs, so the header's are turned into GUIDs and compared.
 */

#include "uc-error.h"
#include "uc-hardware-id.h"
#include "uc-import-check.h"
#include "uc-version.h"

#define UC_IMPORT_CHECK_HARDWARE_MAX 65536
#define UC_IMPORT_CHECK_GUESS_LEVELS 256

/* @locale: (nullable): of all of them, else none */
typedef struct {
	GHashTable *guids;
	const gchar *locale;
} UcImportCheckSet;

static void
uc_import_check_take(const UcImportCheckSet *set, gchar *instance_id)
{
	g_autofree gchar *owned = instance_id;

	g_hash_table_add(set->guids, uc_hardware_id_to_guid(owned, set->locale));
}

static gboolean
uc_import_check_add_levels(const UcImportCheckSet *set,
			   const UcBind *bind,
			   const gchar *model,
			   guint first,
			   guint last,
			   GError **error)
{
	for (guint level = first; level <= last; level++) {
		g_autofree gchar *text = g_strdup_printf("%u", level);

		if (g_hash_table_size(set->guids) >= UC_IMPORT_CHECK_HARDWARE_MAX) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_LIMIT,
				    "the image is for more than %d kinds of hardware",
				    UC_IMPORT_CHECK_HARDWARE_MAX);
			return FALSE;
		}
		uc_import_check_take(set, uc_hardware_id_new_model(bind->vendor, model, text));
	}
	return TRUE;
}

/* what an image may be offered to: with levels only these levels (DESIGN.md, decision 5) */
static GHashTable *
uc_import_check_allowed(const UcBind *bind, const gchar *locale, GError **error)
{
	g_autoptr(GHashTable) guids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const UcImportCheckSet set = {.guids = guids, .locale = locale};

	for (guint i = 0; i < bind->part_numbers->len; i++)
		uc_import_check_take(
		    &set,
		    uc_hardware_id_new_part(bind->vendor,
					    g_ptr_array_index(bind->part_numbers, i)));
	for (guint i = 0; i < bind->models->len; i++) {
		const gchar *model = g_ptr_array_index(bind->models, i);

		if (bind->levels->len == 0) {
			uc_import_check_take(&set,
					     uc_hardware_id_new_model(bind->vendor, model, NULL));
			if (!uc_import_check_add_levels(&set,
							bind,
							model,
							0,
							UC_IMPORT_CHECK_GUESS_LEVELS - 1,
							error))
				return NULL;
		}
		for (guint j = 0; j < bind->levels->len; j++) {
			const UcBindLevels *levels = &g_array_index(bind->levels, UcBindLevels, j);

			if (!uc_import_check_add_levels(&set,
							bind,
							model,
							levels->first,
							levels->last,
							error))
				return NULL;
		}
	}
	return g_steal_pointer(&guids);
}

static gchar *
uc_import_check_levels_to_string(const UcBind *bind)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < bind->levels->len; i++) {
		const UcBindLevels *levels = &g_array_index(bind->levels, UcBindLevels, i);

		g_string_append_printf(text, "%s%u", i > 0 ? ", " : "", levels->first);
		if (levels->last > levels->first)
			g_string_append_printf(text, "-%u", levels->last);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
uc_import_check_is(const UcBind *bind, const gchar *model, const gchar *level, const gchar *guid)
{
	g_autofree gchar *instance_id = uc_hardware_id_new_model(bind->vendor, model, level);
	g_autofree gchar *found = uc_hardware_id_to_guid(instance_id, bind->locale);

	return g_str_equal(found, guid);
}

/* the level that a GUID means, "" for the whole model, NULL if it is of another model */
static gchar *
uc_import_check_guess_level(const UcBind *bind, const gchar *guid)
{
	for (guint i = 0; i < bind->models->len; i++) {
		const gchar *model = g_ptr_array_index(bind->models, i);

		if (uc_import_check_is(bind, model, NULL, guid))
			return g_strdup("");
		for (guint level = 0; level < UC_IMPORT_CHECK_GUESS_LEVELS; level++) {
			g_autofree gchar *text = g_strdup_printf("%u", level);

			if (uc_import_check_is(bind, model, text, guid))
				return g_steal_pointer(&text);
		}
	}
	return NULL;
}

static gboolean
uc_import_check_fail(const UcBind *bind, const gchar *guid, GError **error)
{
	g_autofree gchar *level = uc_import_check_guess_level(bind, guid);
	g_autofree gchar *levels = uc_import_check_levels_to_string(bind);
	const gchar *what = bind->models->len > 0 ? g_ptr_array_index(bind->models, 0)
						  : g_ptr_array_index(bind->part_numbers, 0);

	if (level == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the metadata offers the image to %s, which is not what its header is "
			    "for: vendor '%s', model '%s'",
			    guid,
			    bind->vendor,
			    what);
	else
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the metadata offers the image to %s%s of %s, but its header is for "
			    "hardware level %s only",
			    level[0] != '\0' ? "hardware level " : "every hardware level",
			    level,
			    what,
			    levels);
	return FALSE;
}

/* the right hardware, for whatever language */
static gboolean
uc_import_check_is_for_all_locales(const UcBind *bind, const gchar *guid)
{
	g_autoptr(GHashTable) guids = NULL;

	if (bind->locale == NULL)
		return FALSE;
	guids = uc_import_check_allowed(bind, NULL, NULL);
	return guids != NULL && g_hash_table_contains(guids, guid);
}

static gboolean
uc_import_check_refuse(const UcBind *bind, const gchar *guid, GError **error)
{
	if (!uc_import_check_is_for_all_locales(bind, guid))
		return uc_import_check_fail(bind, guid, error);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "the metadata offers the image to every locale (%s), but its header is for %s "
		    "only; expected instance ids that end in &LOCALE_%s",
		    guid,
		    bind->locale,
		    bind->locale);
	return FALSE;
}

/**
 * uc_import_check:
 * @metainfo: what the metadata says
 * @bind: what the header of the image says
 * @error: set to %UC_ERROR_REFUSED with what differs, or %UC_ERROR_LIMIT
 *
 * Returns: whether both are about the same version and hardware
 */
gboolean
uc_import_check(const UcMetainfo *metainfo, const UcBind *bind, GError **error)
{
	g_autoptr(GHashTable) allowed = NULL;

	if (!uc_version_equal(metainfo->version, bind->version)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "the metadata says version '%s', the header of the image '%s'",
			    metainfo->version,
			    bind->version);
		return FALSE;
	}
	allowed = uc_import_check_allowed(bind, bind->locale, error);
	if (allowed == NULL)
		return FALSE;
	for (guint i = 0; metainfo->guids[i] != NULL; i++) {
		if (!g_hash_table_contains(allowed, metainfo->guids[i]))
			return uc_import_check_refuse(bind, metainfo->guids[i], error);
	}
	return TRUE;
}
