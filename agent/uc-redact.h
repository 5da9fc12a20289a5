/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _UcRedact UcRedact;

UcRedact *
uc_redact_new(gboolean with_serials) G_GNUC_WARN_UNUSED_RESULT;
void
uc_redact_free(UcRedact *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcRedact, uc_redact_free)

void
uc_redact_add_secret(UcRedact *self, const gchar *secret);
void
uc_redact_learn(UcRedact *self, const gchar *text);
gchar *
uc_redact_apply(UcRedact *self, const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
