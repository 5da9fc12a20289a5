/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-json.h"

gboolean
uc_anchor_list_read(JsonObject *object,
		    const gchar *name,
		    UcJsonNeed need,
		    GHashTable *seen,
		    GPtrArray **list_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
