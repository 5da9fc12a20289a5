/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

typedef struct _UcSourceNames UcSourceNames;

UcSourceNames *
uc_source_names_new(GDBusConnection *connection, UcRoom *room) G_GNUC_WARN_UNUSED_RESULT;
void
uc_source_names_free(UcSourceNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSourceNames, uc_source_names_free)

void
uc_source_names_add(UcSourceNames *self, const gchar *name);
