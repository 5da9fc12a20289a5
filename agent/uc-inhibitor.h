/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcInhibitor UcInhibitor;

/* called once, when the last copy of the descriptor is closed; may free the inhibitor */
typedef void (*UcInhibitorFunc)(UcInhibitor *self, gpointer user_data);

UcInhibitor *
uc_inhibitor_new(const gchar *what,
		 const gchar *who,
		 const gchar *why,
		 gint *fd_out,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_inhibitor_free(UcInhibitor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcInhibitor, uc_inhibitor_free)

void
uc_inhibitor_watch(UcInhibitor *self, UcInhibitorFunc func, gpointer user_data);
gchar *
uc_inhibitor_get_text(UcInhibitor *self) G_GNUC_WARN_UNUSED_RESULT;
