/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-room.h"

typedef struct _UcCallSources UcCallSources;

UcCallSources *
uc_call_sources_new(GDBusConnection *connection,
		    const gchar *const *names,
		    UcRoom *room) G_GNUC_WARN_UNUSED_RESULT;
void
uc_call_sources_free(UcCallSources *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCallSources, uc_call_sources_free)
