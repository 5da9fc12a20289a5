/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-clock.h"
#include "uc-policy.h"
#include "uc-state.h"

typedef struct _UcKeptPolicy UcKeptPolicy;

UcKeptPolicy *
uc_kept_policy_load(UcState *state, const UcClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void
uc_kept_policy_free(UcKeptPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcKeptPolicy, uc_kept_policy_free)

const UcPolicy *
uc_kept_policy_get(UcKeptPolicy *self);
gboolean
uc_kept_policy_is(UcKeptPolicy *self, const gchar *sha256);
gboolean
uc_kept_policy_take(UcKeptPolicy *self, GBytes *envelope, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_kept_policy_use_none(UcKeptPolicy *self);
void
uc_kept_policy_fetch_again(UcKeptPolicy *self);
gboolean
uc_kept_policy_forget(UcKeptPolicy *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
