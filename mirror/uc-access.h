/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

#define UC_ACCESS_USERS_MAX 10000
#define UC_ACCESS_USER_MAX  128

typedef struct _UcAccess UcAccess;

UcAccess *
uc_access_load(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_access_free(UcAccess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcAccess, uc_access_free)

GPtrArray *
uc_access_list(UcAccess *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_access_verify(UcAccess *self, const gchar *user, const gchar *secret) G_GNUC_WARN_UNUSED_RESULT;

gchar *
uc_access_get_path(const UcMirror *mirror) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_access_add(UcMirror *mirror,
	      const gchar *user,
	      const gchar *secret,
	      gint64 now_secs,
	      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_access_remove(UcMirror *mirror, const gchar *user, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
