/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

typedef struct _UcHistory UcHistory;

UcHistory *
uc_history_load(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_history_free(UcHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcHistory, uc_history_free)

gboolean
uc_history_add(UcHistory *self, JsonObject *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_history_replace(UcHistory *self, JsonArray *added, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_history_get_entries(UcHistory *self);
const gchar *
uc_history_get_message(UcHistory *self, const gchar *uuid);
gint64
uc_history_get_secs(UcHistory *self, const gchar *uuid) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_history_get_updated(UcHistory *self, const gchar *endpoint);
