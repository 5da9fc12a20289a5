/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-zone.h"

UcZone *
uc_zone_load(const gchar *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcZone *
uc_zone_load_local(GError **error) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_zone_get_local_name(void) G_GNUC_WARN_UNUSED_RESULT;
