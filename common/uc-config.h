/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcConfig UcConfig;

UcConfig *
uc_config_load(GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_config_free(UcConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcConfig, uc_config_free)

guint64
uc_config_get_uint(UcConfig *self, const gchar *group, const gchar *key);
gboolean
uc_config_get_boolean(UcConfig *self, const gchar *group, const gchar *key);
gchar *
uc_config_get_string(UcConfig *self,
		     const gchar *group,
		     const gchar *key) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_config_get_strv(UcConfig *self, const gchar *group, const gchar *key) G_GNUC_WARN_UNUSED_RESULT;

gchar *
uc_config_get_path(UcConfig *self, const gchar *group, const gchar *key) G_GNUC_WARN_UNUSED_RESULT;
void
uc_config_prefix_error(UcConfig *self, const gchar *group, const gchar *key, GError **error);

gboolean
uc_keyfile_parse_uint(const gchar *text, guint64 min, guint64 max, guint64 *value_out);
gchar *
uc_keyfile_get_string(GKeyFile *file, const gchar *group, const gchar *key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_keyfile_list(const gchar *dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
