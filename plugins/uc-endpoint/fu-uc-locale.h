/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

gchar **
fu_uc_locale_get_ranges(const gchar *locale) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_locale_matches(const gchar *range, const gchar *locale);
