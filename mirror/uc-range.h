/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcRangeResult:
 * @UC_RANGE_WHOLE: no range, not understood, or several: send everything
 * @UC_RANGE_PART: send that part
 * @UC_RANGE_UNSATISFIABLE: nothing of it exists
 */
typedef enum { UC_RANGE_WHOLE, UC_RANGE_PART, UC_RANGE_UNSATISFIABLE } UcRangeResult;

UcRangeResult
uc_range_parse(const gchar *header, guint64 size_bytes, guint64 *first_out, guint64 *last_out);
