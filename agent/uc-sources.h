/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-config.h"
#include "uc-room.h"

typedef struct _UcSources UcSources;

UcSources *
uc_sources_new(GDBusConnection *connection,
	       UcConfig *config,
	       UcRoom *room) G_GNUC_WARN_UNUSED_RESULT;
void
uc_sources_free(UcSources *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSources, uc_sources_free)

gint
uc_sources_display_off(UcSources *self, const gchar *who, GError **error) G_GNUC_WARN_UNUSED_RESULT;
