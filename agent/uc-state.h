/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _UcState UcState;

UcState *
uc_state_load(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_state_free(UcState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcState, uc_state_free)

gboolean
uc_state_save(UcState *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_state_get_organisation(UcState *self);
void
uc_state_set_organisation(UcState *self, const gchar *organisation);
void
uc_state_set_enrolment(UcState *self,
		       const gchar *organisation,
		       const gchar *const *domains,
		       const gchar *external_url);
GStrv
uc_state_get_domains(UcState *self);
const gchar *
uc_state_get_external_url(UcState *self);
void
uc_state_set_given(UcState *self, const gchar *internal_url, const gchar *external_url);
const gchar *
uc_state_get_given(UcState *self);
const gchar *
uc_state_get_given_external(UcState *self);
const gchar *
uc_state_get_keys_etag(UcState *self);
void
uc_state_set_keys_etag(UcState *self, const gchar *etag);
void
uc_state_forget(UcState *self);
gint64
uc_state_get_serial(UcState *self, const gchar *type) G_GNUC_WARN_UNUSED_RESULT;
void
uc_state_add_serial(UcState *self, const gchar *type, gint64 serial);
void
uc_state_reset_serials(UcState *self, gint64 serial_epoch, gint64 issued_secs);
gint64
uc_state_get_floor_secs(UcState *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_state_add_issued(UcState *self, gint64 issued_secs);
const gchar *
uc_state_get_metadata(UcState *self, const gchar *remote_id);
void
uc_state_set_metadata(UcState *self, const gchar *remote_id, const gchar *sha256);
