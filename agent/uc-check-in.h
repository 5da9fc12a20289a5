/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-history.h"
#include "uc-policy.h"
#include "uc-target.h"

JsonObject *
uc_check_in_new(const gchar *machine_id) G_GNUC_WARN_UNUSED_RESULT;
void
uc_check_in_add(JsonObject *check_in, UcTarget *target, UcHistory *history, gboolean in_use);
void
uc_check_in_add_place(JsonObject *check_in, const gchar *zone, const gchar *user);
void
uc_check_in_add_unclaimed(JsonObject *check_in, const UcEndpoint *endpoint, const gchar *reason);
void
uc_check_in_add_report(JsonObject *check_in, const gchar *word);
gboolean
uc_check_in_is_empty(JsonObject *check_in) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_check_in_has_test_device(JsonObject *check_in, const UcPolicy *policy) G_GNUC_WARN_UNUSED_RESULT;
