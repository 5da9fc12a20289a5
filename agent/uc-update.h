/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcUpdateStage:
 * @UC_UPDATE_NONE: nothing begun
 * @UC_UPDATE_STAGING: fwupd was asked to fill the inactive slot; whether it did is not known yet
 * @UC_UPDATE_STAGED: the slot is filled
 * @UC_UPDATE_ACTIVATED: switched to; the restart has still to prove it
 * @UC_UPDATE_FAILED: did not work; not tried again until something changes
 * @UC_UPDATE_FORGOTTEN: staged, but the service it came from was forgotten; never activated by us
 */
typedef enum {
	UC_UPDATE_NONE,
	UC_UPDATE_STAGING,
	UC_UPDATE_STAGED,
	UC_UPDATE_ACTIVATED,
	UC_UPDATE_FAILED,
	UC_UPDATE_FORGOTTEN,
	UC_UPDATE_LAST
} UcUpdateStage;

/**
 * UcUpdate:
 * @endpoint: the `Id` of the endpoint
 * @uuid: made once for this attempt
 * @version_old: (nullable): what ran when it began
 * @version_new: (nullable): what it leads to; %NULL when somebody else staged it
 * @sha256: (nullable): of the cab
 * @since_secs: when @stage was reached, seconds since the Unix epoch
 *
 * The agent's durable record of one attempt.
 */
typedef struct {
	gchar *endpoint;
	gchar *uuid;
	UcUpdateStage stage;
	gchar *version_old;
	gchar *version_new;
	gchar *sha256;
	gint64 since_secs;
} UcUpdate;

UcUpdate *
uc_update_new(const gchar *endpoint) G_GNUC_WARN_UNUSED_RESULT;
UcUpdate *
uc_update_load(const gchar *endpoint) G_GNUC_WARN_UNUSED_RESULT;
void
uc_update_free(UcUpdate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcUpdate, uc_update_free)

void
uc_update_begin(UcUpdate *self,
		const gchar *version_old,
		const gchar *version_new,
		const gchar *sha256);
gboolean
uc_update_set_stage(UcUpdate *self, UcUpdateStage stage, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_update_event_uuid(const UcUpdate *self, const gchar *event) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_update_is_id(const gchar *endpoint) G_GNUC_WARN_UNUSED_RESULT;
