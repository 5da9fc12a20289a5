/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcBusOption:
 * @name: key of an `a{sv}`
 * @type: D-Bus signature of its value
 */
typedef struct {
	const gchar *name;
	const gchar *type;
} UcBusOption;

gboolean
uc_bus_options_check(GVariant *options, const UcBusOption *known, guint n_known, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
