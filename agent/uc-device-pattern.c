/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* `[Agent] Devices=`: which of fwupd's other devices (cameras, docks) are looked after as well. */

#include <string.h>

#include "uc-device-pattern.h"
#include "uc-error.h"

#define UC_DEVICE_PATTERN_BYTES 128

/**
 * uc_device_pattern_check:
 * @patterns: as the configuration has them
 * @error: set to %UC_ERROR_INVALID with the pattern and what was expected
 *
 * Returns: whether every one means something; what matches everything would take the machine's own
 * firmware as well, and is refused
 */
gboolean
uc_device_pattern_check(const gchar *const *patterns, GError **error)
{
	guint length = g_strv_length((GStrv)patterns);

	if (length > UC_DEVICE_PATTERNS_MAX) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    " has %u patterns, expected up to %d",
			    length,
			    UC_DEVICE_PATTERNS_MAX);
		return FALSE;
	}
	for (guint i = 0; i < length; i++) {
		if (strlen(patterns[i]) <= UC_DEVICE_PATTERN_BYTES &&
		    strspn(patterns[i], "*?") < strlen(patterns[i]))
			continue;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    " has '%.*s', expected the id, a GUID, the "
			    "plugin or a protocol of a device of at most %d bytes, where * and "
			    "? stand for other characters but not for all of them",
			    UC_DEVICE_PATTERN_BYTES,
			    patterns[i],
			    UC_DEVICE_PATTERN_BYTES);
		return FALSE;
	}
	return TRUE;
}

static gboolean
uc_device_pattern_matches_any(const gchar *pattern, GPtrArray *texts)
{
	for (guint i = 0; texts != NULL && i < texts->len; i++) {
		if (g_pattern_match_simple(pattern, g_ptr_array_index(texts, i)))
			return TRUE;
	}
	return FALSE;
}

static gboolean
uc_device_pattern_matches_one(const gchar *pattern, FwupdDevice *device)
{
	const gchar *id = fwupd_device_get_id(device);
	const gchar *plugin = fwupd_device_get_plugin(device);

	return (id != NULL && g_pattern_match_simple(pattern, id)) ||
	       (plugin != NULL && g_pattern_match_simple(pattern, plugin)) ||
	       uc_device_pattern_matches_any(pattern, fwupd_device_get_guids(device)) ||
	       uc_device_pattern_matches_any(pattern, fwupd_device_get_protocols(device));
}

/**
 * uc_device_pattern_matches:
 * @patterns: that uc_device_pattern_check() took
 *
 * Returns: whether fwupd can update the device, and any pattern is its id, one of its GUIDs, its
 * plugin or one of its protocols
 */
gboolean
uc_device_pattern_matches(const gchar *const *patterns, FwupdDevice *device)
{
	if (!fwupd_device_has_flag(device, FWUPD_DEVICE_FLAG_UPDATABLE))
		return FALSE;
	for (guint i = 0; patterns[i] != NULL; i++) {
		if (uc_device_pattern_matches_one(patterns[i], device))
			return TRUE;
	}
	return FALSE;
}
