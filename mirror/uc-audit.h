/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-database.h"

gboolean
uc_audit_add(UcDatabase *database,
	     const gchar *act,
	     const gchar *subject,
	     gint64 now_secs,
	     GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *
uc_audit_list(UcDatabase *database, guint max, GError **error) G_GNUC_WARN_UNUSED_RESULT;
