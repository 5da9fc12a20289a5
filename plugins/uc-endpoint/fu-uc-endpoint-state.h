/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

#include "fu-uc-endpoint-record.h"

typedef enum {
	FU_UC_ENDPOINT_OUTCOME_NONE,
	FU_UC_ENDPOINT_OUTCOME_SUCCESS,
	FU_UC_ENDPOINT_OUTCOME_FAILED,
} FuUcEndpointOutcome;

#define FU_TYPE_UC_ENDPOINT_STATE (fu_uc_endpoint_state_get_type())
G_DECLARE_FINAL_TYPE(FuUcEndpointState, fu_uc_endpoint_state, FU, UC_ENDPOINT_STATE, GObject)

FuUcEndpointState *
fu_uc_endpoint_state_new(const gchar *filename) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_state_load_data(FuUcEndpointState *self,
			       const gchar *data,
			       gsize datasz,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_state_load(FuUcEndpointState *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_state_save(FuUcEndpointState *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_state_try_save(FuUcEndpointState *self);
gboolean
fu_uc_endpoint_state_save_or_revert(FuUcEndpointState *self,
				    GError **error) G_GNUC_WARN_UNUSED_RESULT;
const FuUcEndpointRecord *
fu_uc_endpoint_state_get_staged(FuUcEndpointState *self);
void
fu_uc_endpoint_state_set_staged(FuUcEndpointState *self, const FuUcEndpointRecord *record);
const FuUcEndpointRecord *
fu_uc_endpoint_state_get_activated(FuUcEndpointState *self);
void
fu_uc_endpoint_state_set_activated(FuUcEndpointState *self, const gchar *boot_id);
void
fu_uc_endpoint_state_set_success(FuUcEndpointState *self);
void
fu_uc_endpoint_state_set_fell_back(FuUcEndpointState *self, const gchar *reason);
void
fu_uc_endpoint_state_unset_activated(FuUcEndpointState *self);
const FuUcEndpointRecord *
fu_uc_endpoint_state_get_replacing(FuUcEndpointState *self);
void
fu_uc_endpoint_state_set_replacing(FuUcEndpointState *self, const FuUcEndpointRecord *record);
void
fu_uc_endpoint_state_end_replacing(FuUcEndpointState *self, gboolean replaced, gboolean restart);
void
fu_uc_endpoint_state_clear(FuUcEndpointState *self);
FuUcEndpointOutcome
fu_uc_endpoint_state_get_outcome(FuUcEndpointState *self);
const gchar *
fu_uc_endpoint_state_get_reason(FuUcEndpointState *self);
gboolean
fu_uc_endpoint_state_get_forced(FuUcEndpointState *self);
gboolean
fu_uc_endpoint_state_has_failed(FuUcEndpointState *self,
				const gchar *sha256) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_state_forget_failed(FuUcEndpointState *self, const gchar *sha256);
gboolean
fu_uc_endpoint_state_is_trial(FuUcEndpointState *self) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_state_set_trial(FuUcEndpointState *self, gboolean trial);
gboolean
fu_uc_endpoint_state_revoke(FuUcEndpointState *self,
			    const gchar *version,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_state_forget(FuUcEndpointState *self);
