/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>

gchar *
fu_uc_endpoint_spawn(const gchar *const *argv,
		     guint timeout_ms,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
