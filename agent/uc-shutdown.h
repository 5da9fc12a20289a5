/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcShutdownEvent:
 * @UC_SHUTDOWN_BEGINS: the machine goes down; logind waits for uc_shutdown_release()
 * @UC_SHUTDOWN_CALLED_OFF: it does not after all
 * @UC_SHUTDOWN_LATE: logind will not wait any longer
 * @UC_SHUTDOWN_RESUMED: the machine slept, and is awake again
 */
typedef enum {
	UC_SHUTDOWN_BEGINS,
	UC_SHUTDOWN_CALLED_OFF,
	UC_SHUTDOWN_LATE,
	UC_SHUTDOWN_RESUMED
} UcShutdownEvent;

typedef struct _UcShutdown UcShutdown;

typedef void (*UcShutdownFunc)(UcShutdownEvent event, gpointer user_data);

UcShutdown *
uc_shutdown_new(GDBusConnection *connection,
		UcShutdownFunc func,
		gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void
uc_shutdown_free(UcShutdown *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcShutdown, uc_shutdown_free)

gboolean
uc_shutdown_is_under_way(UcShutdown *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_shutdown_release(UcShutdown *self);
