/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* below the state directory: the bundle that the agent found, for root to take or not */
#define UC_FIRST_USE_NAME "first-use.json"

/**
 * UcFirstUse:
 * @boot_id: of the boot in which it began
 * @opened_boot_secs: when it began, in seconds on the boot clock of that boot
 * @organisation: (nullable): whose anchors were taken; %NULL while none were
 * @fingerprint: (nullable): of the bundle that was taken
 * @taken_secs: when that was, seconds since the Unix epoch; 0 while none was
 * @done: whether it is over for ever: all of the bundle is installed, or an administrator
 *   installed one
 *
 * Root's record of first use: `trust.d/first-use.json`.
 */
typedef struct {
	gchar *boot_id;
	gint64 opened_boot_secs;
	gchar *organisation;
	gchar *fingerprint;
	gint64 taken_secs;
	gboolean done;
} UcFirstUse;

gchar *
uc_first_use_get_path(void) G_GNUC_WARN_UNUSED_RESULT;
UcFirstUse *
uc_first_use_load(GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *
uc_first_use_to_bytes(const UcFirstUse *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_first_use_check_factory(GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_first_use_check_open(const UcFirstUse *self,
			const gchar *boot_id,
			gint64 boot_secs,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_first_use_free(UcFirstUse *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcFirstUse, uc_first_use_free)
