/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Zones by name, and the endpoint's own: the only code of this directory that reads files. */

#include <string.h>

#include "uc-error.h"
#include "uc-zone-load.h"

#define UC_ZONE_DIR   "/usr/share/zoneinfo"
#define UC_ZONE_LOCAL "/etc/localtime"

static gboolean
uc_zone_is_name(const gchar *name)
{
	gsize length = strlen(name);

	return length > 0 && length <= 64 && name[0] != '/' && name[0] != '.' &&
	       strstr(name, "..") == NULL &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-") ==
		   length;
}

static UcZone *
uc_zone_load_file(const gchar *path, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;
	UcZone *zone = NULL;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no file %s, so the time zone of this machine is not known",
			    path);
		return NULL;
	}
	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return NULL;
	bytes = g_bytes_new_take(text, size_bytes);
	zone = uc_zone_new_from_bytes(bytes, error);
	if (zone == NULL)
		g_prefix_error(error, "%s: ", path);
	return zone;
}

/**
 * uc_zone_load:
 * @name: of tzdata, such as `Europe/Berlin`, or a POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`
 * @error: set to %UC_ERROR_NOT_FOUND or %UC_ERROR_INVALID
 *
 * Reads one small file.
 *
 * Returns: (transfer full): the zone, or %NULL
 */
UcZone *
uc_zone_load(const gchar *name, GError **error)
{
	g_autofree gchar *path = NULL;
	UcZone *rule = uc_zone_new_from_rule(name, NULL);

	if (rule != NULL)
		return rule;
	if (!uc_zone_is_name(name)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%.64s' is no name of a time zone such as Europe/Berlin",
			    name);
		return NULL;
	}
	path = g_build_filename(UC_ZONE_DIR, name, NULL);
	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no time zone '%s', expected a name of tzdata such as "
			    "Europe/Berlin (in " UC_ZONE_DIR ")",
			    name);
		return NULL;
	}
	return uc_zone_load_file(path, error);
}

/**
 * uc_zone_load_local:
 * @error: set when it is not known, see uc_zone_load()
 *
 * `TZ` in the environment, else `/etc/localtime`. An endpoint without either was never told where
 * it is, and UTC would be a guess.
 *
 * Returns: (transfer full): the endpoint's own zone, or %NULL
 */
UcZone *
uc_zone_load_local(GError **error)
{
	const gchar *name = g_getenv("TZ");

	if (name != NULL && name[0] == ':')
		name++;
	if (name == NULL || name[0] == '\0')
		return uc_zone_load_file(UC_ZONE_LOCAL, error);
	return name[0] == '/' ? uc_zone_load_file(name, error) : uc_zone_load(name, error);
}

/**
 * uc_zone_get_local_name:
 *
 * Returns: (transfer full) (nullable): what people call the endpoint's own zone; %NULL where that
 * is not known, such as for a copy of a file of tzdata
 */
gchar *
uc_zone_get_local_name(void)
{
	const gchar *name = g_getenv("TZ");
	g_autofree gchar *target = NULL;

	if (name == NULL || name[0] == '\0') {
		target = g_file_read_link(UC_ZONE_LOCAL, NULL);
		name = target != NULL ? strstr(target, "/zoneinfo/") : NULL;
		name = name != NULL ? name + strlen("/zoneinfo/") : "";
	}
	if (name[0] == ':')
		name++;
	return uc_zone_is_name(name) ? g_strdup(name) : NULL;
}
