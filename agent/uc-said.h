/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _UcSaid UcSaid;

UcSaid *
uc_said_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_said_free(UcSaid *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcSaid, uc_said_free)

void
uc_said_begin(UcSaid *self);
void
uc_said_warn(UcSaid *self, const gchar *text);
