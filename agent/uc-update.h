/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "uc-course.h"

/**
 * UcUpdate:
 * @endpoint: the `Id` of the endpoint
 * @uuid: (nullable): made once for each attempt
 * @version_old: (nullable): what ran when it began
 * @since_secs: when the stage was reached, seconds since the Unix epoch
 * @boot_id: (nullable): of the boot in which the record was read or written last
 * @stage_boot_id: (nullable): of the boot in which the stage was reached
 * @damaged: there was a record, and it could not be used
 * @course: what decides
 *
 * The agent's durable record of one endpoint: its course, and who needs it afterwards.
 */
typedef struct {
	gchar *endpoint;
	gchar *uuid;
	gchar *version_old;
	gint64 since_secs;
	gchar *boot_id;
	gchar *stage_boot_id;
	gboolean damaged;
	UcCourse course;
} UcUpdate;

UcUpdate *
uc_update_new(const gchar *endpoint) G_GNUC_WARN_UNUSED_RESULT;
UcUpdate *
uc_update_load(const gchar *endpoint) G_GNUC_WARN_UNUSED_RESULT;
void
uc_update_free(UcUpdate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcUpdate, uc_update_free)

void
uc_update_begin(UcUpdate *self, const gchar *version_old);
gboolean
uc_update_save(UcUpdate *self, const UcCourse *next, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_update_boot(UcUpdate *self, const gchar *boot_id, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_update_was_restarted(const UcUpdate *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_update_event_uuid(const UcUpdate *self, const gchar *event) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_update_is_id(const gchar *endpoint) G_GNUC_WARN_UNUSED_RESULT;
