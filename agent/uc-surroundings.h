/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

#include "uc-clock.h"
#include "uc-config.h"
#include "uc-facts.h"

typedef struct _UcSurroundings UcSurroundings;

typedef void (*UcSurroundingsFunc)(gpointer user_data);

UcSurroundings *
uc_surroundings_new(GDBusConnection *connection,
		    UcConfig *config,
		    FwupdClient *client,
		    UcSurroundingsFunc func,
		    gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void
uc_surroundings_free(UcSurroundings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSurroundings, uc_surroundings_free)

void
uc_surroundings_fill_facts(UcSurroundings *self, UcFacts *facts);
void
uc_surroundings_copy_facts(const UcFacts *from, UcFacts *to);
void
uc_surroundings_fill_disk(UcFacts *facts, guint64 missing_bytes);
gint64
uc_surroundings_get_next_secs(const UcFacts *facts, gint64 now_secs) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_surroundings_is_updating(FwupdStatus status) G_GNUC_WARN_UNUSED_RESULT;
