/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcWatchdog UcWatchdog;

UcWatchdog *
uc_watchdog_new(const gchar *address, const gchar *usec, const gchar *pid, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
guint
uc_watchdog_get_interval_ms(UcWatchdog *self);
void
uc_watchdog_free(UcWatchdog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcWatchdog, uc_watchdog_free)
