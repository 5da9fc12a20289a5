/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_NETWORK_SETTLE_MS	 2000  /* after the last change */
#define UC_NETWORK_SETTLE_MAX_MS 30000 /* after the first one, when they do not end */

typedef struct _UcNetworkWatch UcNetworkWatch;

/**
 * UcNetworkWatchFunc:
 * @user_data: as given to uc_network_watch_new()
 *
 * The network changed and has settled. It may free the watch.
 */
typedef void (*UcNetworkWatchFunc)(gpointer user_data);

void
uc_network_watch_init(void);
UcNetworkWatch *
uc_network_watch_new(GDBusConnection *bus,
		     guint settle_ms,
		     guint settle_max_ms,
		     UcNetworkWatchFunc func,
		     gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void
uc_network_watch_free(UcNetworkWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcNetworkWatch, uc_network_watch_free)
