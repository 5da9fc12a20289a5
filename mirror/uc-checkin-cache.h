/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"

typedef struct _UcCheckinCache UcCheckinCache;

UcCheckinCache *
uc_checkin_cache_new(UcDatabase *database) G_GNUC_WARN_UNUSED_RESULT;
void
uc_checkin_cache_free(UcCheckinCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCheckinCache, uc_checkin_cache_free)

gboolean
uc_checkin_cache_refresh(UcCheckinCache *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_checkin_cache_clear(UcCheckinCache *self);
GBytes *
uc_checkin_cache_find(UcCheckinCache *self, GBytes *body, const gchar *key_sha256, gint64 now_secs)
    G_GNUC_WARN_UNUSED_RESULT;
void
uc_checkin_cache_add(UcCheckinCache *self,
		     GBytes *body,
		     const gchar *key_sha256,
		     GArray *rows,
		     GBytes *reply);
void
uc_checkin_cache_forget(UcCheckinCache *self, GArray *rows);
gboolean
uc_checkin_cache_write(UcCheckinCache *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
