/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

typedef struct _UcSourceAlsa UcSourceAlsa;

UcSourceAlsa *
uc_source_alsa_new(const gchar *devices, const gchar *status, guint look_ms, UcRoom *room)
    G_GNUC_WARN_UNUSED_RESULT;
void
uc_source_alsa_free(UcSourceAlsa *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSourceAlsa, uc_source_alsa_free)
