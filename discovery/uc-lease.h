/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-link.h"

void
uc_lease_parse(GBytes *bytes, UcLink *link);
void
uc_lease_load_all(const gchar *dir, GPtrArray *links);
