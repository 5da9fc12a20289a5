/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

gboolean
uc_boot_complete_wait(gint64 deadline_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
