/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

typedef struct _UcSourceDisplay UcSourceDisplay;

UcSourceDisplay *
uc_source_display_new(UcRoom *room) G_GNUC_WARN_UNUSED_RESULT;
void
uc_source_display_free(UcSourceDisplay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSourceDisplay, uc_source_display_free)

gint
uc_source_display_off(UcSourceDisplay *self,
		      const gchar *who,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
