/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupd.h>

#include "fu-uc-rauc-slots.h"

/* What GetSlotStatus of RAUC answers: an array of (name, properties). The bus hands over what the
 * service sent, so that each type is checked and the number of slots is limited. */

#define FU_UC_RAUC_SLOTS_TYPE "(a(sa{sv}))"
#define FU_UC_RAUC_SLOTS_MAX  64

static void
fu_uc_rauc_slots_item_free(FuUcRaucSlot *slot)
{
	g_free(slot->name);
	g_free(slot->class_name);
	g_free(slot->bootname);
	g_free(slot->state);
	g_free(slot->bundle_version);
	g_free(slot->content);
	g_free(slot);
}

static gchar *
fu_uc_rauc_slots_build_content(GVariant *properties)
{
	const gchar *sha256 = NULL;
	const gchar *timestamp = NULL;
	guint32 count = 0;

	if (!g_variant_lookup(properties, "installed.timestamp", "&s", &timestamp))
		return NULL;
	(void)g_variant_lookup(properties, "sha256", "&s", &sha256);
	(void)g_variant_lookup(properties, "installed.count", "u", &count);
	return g_strdup_printf("%s %u %s", timestamp, count, sha256 != NULL ? sha256 : "");
}

static FuUcRaucSlot *
fu_uc_rauc_slots_item_new(const gchar *name, GVariant *properties)
{
	FuUcRaucSlot *slot = g_new0(FuUcRaucSlot, 1);

	slot->name = g_strdup(name);
	(void)g_variant_lookup(properties, "class", "s", &slot->class_name);
	(void)g_variant_lookup(properties, "bootname", "s", &slot->bootname);
	(void)g_variant_lookup(properties, "state", "s", &slot->state);
	(void)g_variant_lookup(properties, "bundle.version", "s", &slot->bundle_version);
	slot->content = fu_uc_rauc_slots_build_content(properties);
	return slot;
}

/**
 * fu_uc_rauc_slots_from_variant:
 * @value: the answer of GetSlotStatus, of any type
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer container) (element-type FuUcRaucSlot): at most 64 slots, or %NULL with
 * %FWUPD_ERROR_INVALID_DATA
 **/
GPtrArray *
fu_uc_rauc_slots_from_variant(GVariant *value, GError **error)
{
	g_autoptr(GPtrArray) slots =
	    g_ptr_array_new_with_free_func((GDestroyNotify)fu_uc_rauc_slots_item_free);
	g_autoptr(GVariant) array = NULL;

	if (!g_variant_is_of_type(value, G_VARIANT_TYPE(FU_UC_RAUC_SLOTS_TYPE))) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "RAUC's GetSlotStatus has type %s, expected %s",
			    g_variant_get_type_string(value),
			    FU_UC_RAUC_SLOTS_TYPE);
		return NULL;
	}
	array = g_variant_get_child_value(value, 0);
	if (g_variant_n_children(array) > FU_UC_RAUC_SLOTS_MAX) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "RAUC has %" G_GSIZE_FORMAT " slots, expected at most %d",
			    g_variant_n_children(array),
			    FU_UC_RAUC_SLOTS_MAX);
		return NULL;
	}
	for (gsize i = 0; i < g_variant_n_children(array); i++) {
		const gchar *name = NULL;
		g_autoptr(GVariant) child = g_variant_get_child_value(array, i);
		g_autoptr(GVariant) properties = NULL;

		g_variant_get(child, "(&s@a{sv})", &name, &properties);
		g_ptr_array_add(slots, fu_uc_rauc_slots_item_new(name, properties));
	}
	return g_steal_pointer(&slots);
}

/**
 * fu_uc_rauc_slots_find_booted:
 * @slots: (element-type FuUcRaucSlot): all slots
 * @error: (nullable): optional return location for an error
 *
 * Returns: the slot that runs, or %NULL with %FWUPD_ERROR_NOT_SUPPORTED
 **/
const FuUcRaucSlot *
fu_uc_rauc_slots_find_booted(GPtrArray *slots, GError **error)
{
	for (guint i = 0; i < slots->len; i++) {
		FuUcRaucSlot *slot = g_ptr_array_index(slots, i);
		if (g_strcmp0(slot->state, "booted") == 0)
			return slot;
	}
	g_set_error_literal(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "RAUC does not know which slot runs; compare its system.conf with the "
			    "kernel command line");
	return NULL;
}

/**
 * fu_uc_rauc_slots_find_other:
 * @slots: (element-type FuUcRaucSlot): all slots
 * @error: (nullable): optional return location for an error
 *
 * Returns: the one slot that can be booted instead of the one that runs, or %NULL with
 * %FWUPD_ERROR_NOT_SUPPORTED if there is none, or more than one
 **/
const FuUcRaucSlot *
fu_uc_rauc_slots_find_other(GPtrArray *slots, GError **error)
{
	const FuUcRaucSlot *booted = fu_uc_rauc_slots_find_booted(slots, error);
	const FuUcRaucSlot *other = NULL;
	guint found = 0;

	if (booted == NULL)
		return NULL;
	for (guint i = 0; i < slots->len; i++) {
		FuUcRaucSlot *slot = g_ptr_array_index(slots, i);
		if (slot == booted || slot->bootname == NULL ||
		    g_strcmp0(slot->class_name, booted->class_name) != 0)
			continue;
		other = slot;
		found++;
	}
	if (found == 1)
		return other;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_SUPPORTED,
		    "RAUC has %u other slots with a bootname of class %s beside %s, expected one",
		    found,
		    booted->class_name,
		    booted->name);
	return NULL;
}
