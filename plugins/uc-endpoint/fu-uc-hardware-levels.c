/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-hardware-levels.h"

/**
 * fu_uc_hardware_levels_new:
 *
 * Returns: (transfer full) (element-type FuUcHardwareRange): an empty set
 **/
GArray *
fu_uc_hardware_levels_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(FuUcHardwareRange));
}

/**
 * fu_uc_hardware_levels_add:
 * @levels: (element-type FuUcHardwareRange): a set
 * @first: lowest level of the range, 0 to 65535
 * @last: highest level of the range, @first to 65535
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE with %FWUPD_ERROR_INVALID_DATA if the range is not one
 **/
gboolean
fu_uc_hardware_levels_add(GArray *levels, guint first, guint last, GError **error)
{
	FuUcHardwareRange range = {.first = (guint16)first, .last = (guint16)last};

	if (first > last || last > G_MAXUINT16) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "hardware levels %u-%u are no range, expected numbers from 0 to 65535, "
			    "the lower one first",
			    first,
			    last);
		return FALSE;
	}
	g_array_append_val(levels, range);
	return TRUE;
}

static gboolean
fu_uc_hardware_levels_add_text(GArray *levels, const gchar *text, GError **error)
{
	guint64 first = 0;
	guint64 last = 0;
	g_auto(GStrv) ends = g_strsplit(text, "-", 2);

	if (ends[0] == NULL ||
	    !fu_strtoull(ends[0], &first, 0, G_MAXUINT16, FU_INTEGER_BASE_10, NULL) ||
	    (ends[1] != NULL &&
	     !fu_strtoull(ends[1], &last, 0, G_MAXUINT16, FU_INTEGER_BASE_10, NULL))) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "'%s' is no hardware level, expected a number from 0 to 65535, or two "
			    "with '-' between them",
			    text);
		return FALSE;
	}
	if (ends[1] == NULL)
		last = first;
	return fu_uc_hardware_levels_add(levels, (guint)first, (guint)last, error);
}

/**
 * fu_uc_hardware_levels_from_string:
 * @text: levels and ranges with commas between them, e.g. `2,3,5-7`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full) (element-type FuUcHardwareRange): the set, or %NULL with
 * %FWUPD_ERROR_INVALID_DATA
 **/
GArray *
fu_uc_hardware_levels_from_string(const gchar *text, GError **error)
{
	g_autoptr(GArray) levels = fu_uc_hardware_levels_new();
	g_auto(GStrv) words = g_strsplit(text, ",", -1);

	for (guint i = 0; words[i] != NULL; i++) {
		if (!fu_uc_hardware_levels_add_text(levels, g_strstrip(words[i]), error))
			return NULL;
	}
	return g_steal_pointer(&levels);
}

/**
 * fu_uc_hardware_levels_to_string:
 * @levels: (element-type FuUcHardwareRange): a set
 *
 * Returns: (transfer full): what fu_uc_hardware_levels_from_string() reads
 **/
gchar *
fu_uc_hardware_levels_to_string(GArray *levels)
{
	g_autoptr(GString) str = g_string_new(NULL);

	for (guint i = 0; i < levels->len; i++) {
		FuUcHardwareRange *range = &g_array_index(levels, FuUcHardwareRange, i);
		if (i > 0)
			g_string_append_c(str, ',');
		g_string_append_printf(str, "%u", range->first);
		if (range->last != range->first)
			g_string_append_printf(str, "-%u", range->last);
	}
	return g_string_free(g_steal_pointer(&str), FALSE);
}

/**
 * fu_uc_hardware_levels_contains:
 * @levels: (element-type FuUcHardwareRange): a set
 * @level: a hardware level
 *
 * Returns: whether @level is in @levels
 **/
gboolean
fu_uc_hardware_levels_contains(GArray *levels, guint level)
{
	for (guint i = 0; i < levels->len; i++) {
		FuUcHardwareRange *range = &g_array_index(levels, FuUcHardwareRange, i);
		if (level >= range->first && level <= range->last)
			return TRUE;
	}
	return FALSE;
}

/**
 * fu_uc_hardware_levels_overlap:
 * @levels: (element-type FuUcHardwareRange): a set
 * @others: (element-type FuUcHardwareRange): another set
 *
 * Returns: whether any level is in both
 **/
gboolean
fu_uc_hardware_levels_overlap(GArray *levels, GArray *others)
{
	for (guint i = 0; i < levels->len; i++) {
		FuUcHardwareRange *range = &g_array_index(levels, FuUcHardwareRange, i);
		for (guint j = 0; j < others->len; j++) {
			FuUcHardwareRange *other = &g_array_index(others, FuUcHardwareRange, j);
			if (range->first <= other->last && other->first <= range->last)
				return TRUE;
		}
	}
	return FALSE;
}

/**
 * fu_uc_hardware_levels_count:
 * @levels: (element-type FuUcHardwareRange): a set
 *
 * Returns: how many levels its ranges have
 **/
guint
fu_uc_hardware_levels_count(GArray *levels)
{
	guint count = 0;

	for (guint i = 0; i < levels->len; i++) {
		FuUcHardwareRange *range = &g_array_index(levels, FuUcHardwareRange, i);
		count += (guint)(range->last - range->first) + 1;
	}
	return count;
}

/**
 * fu_uc_hardware_levels_is_single:
 * @levels: (element-type FuUcHardwareRange): a set
 *
 * Returns: whether the set is exactly one level, so that a sentence says "level"
 **/
gboolean
fu_uc_hardware_levels_is_single(GArray *levels)
{
	FuUcHardwareRange *range = NULL;

	if (levels->len != 1)
		return FALSE;
	range = &g_array_index(levels, FuUcHardwareRange, 0);
	return range->first == range->last;
}
