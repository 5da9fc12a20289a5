/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-bus-options.h"
#include "uc-error.h"

static gboolean
uc_bus_options_check_one(const gchar *name,
			 GVariant *value,
			 const UcBusOption *known,
			 guint n_known,
			 GError **error)
{
	for (guint i = 0; i < n_known; i++) {
		if (!g_str_equal(known[i].name, name))
			continue;
		if (g_str_equal(known[i].type, g_variant_get_type_string(value)))
			return TRUE;
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the option '%s' has the type %s, expected %s",
			    name,
			    g_variant_get_type_string(value),
			    known[i].type);
		return FALSE;
	}
	g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "there is no option '%s'", name);
	return FALSE;
}

/**
 * uc_bus_options_check:
 * @options: of the type `a{sv}`, from a caller
 * @known: (array length=n_known): all that there are
 * @error: set to %UC_ERROR_INVALID
 *
 * An option that is not understood is refused: without it the call would do something else.
 */
gboolean
uc_bus_options_check(GVariant *options, const UcBusOption *known, guint n_known, GError **error)
{
	GVariantIter iter;
	const gchar *name = NULL;
	GVariant *value = NULL;

	g_variant_iter_init(&iter, options);
	while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
		g_autoptr(GVariant) owned = value;

		if (!uc_bus_options_check_one(name, owned, known, n_known, error))
			return FALSE;
	}
	return TRUE;
}
