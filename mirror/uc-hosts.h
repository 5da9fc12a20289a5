/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-rules.h"

JsonArray *
uc_hosts_list(const gchar *organisation, const UcRules *rules) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_hosts_resolve(JsonArray *hosts, guint timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
