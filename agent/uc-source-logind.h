/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

typedef struct _UcSourceLogind UcSourceLogind;

UcSourceLogind *
uc_source_logind_new(GDBusConnection *connection,
		     UcRoom *room,
		     UcRoomRole roles) G_GNUC_WARN_UNUSED_RESULT;
void
uc_source_logind_free(UcSourceLogind *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSourceLogind, uc_source_logind_free)
