/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define UC_UCS_VENDOR	"Polycom"
#define UC_UCS_PROTOCOL "com.polycom.ucs"

const gchar *
uc_ucs_model_for_part(const gchar *part_number);
gboolean
uc_ucs_model_has(const gchar *vendor, const gchar *model);
gchar *
uc_ucs_model_clean(const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
