/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

void
uc_parallel_for_each(GPtrArray *items, GFunc func, gpointer user_data);
