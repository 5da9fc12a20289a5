/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcWatchedProperty UcWatchedProperty;

typedef void (*UcWatchedPropertyFunc)(gpointer user_data);

UcWatchedProperty *
uc_watched_property_new(GDBusConnection *connection,
			const gchar *name,
			const gchar *path,
			const gchar *interface,
			const gchar *property,
			UcWatchedPropertyFunc func,
			gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void
uc_watched_property_free(UcWatchedProperty *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcWatchedProperty, uc_watched_property_free)

GVariant *
uc_watched_property_get(UcWatchedProperty *self);
