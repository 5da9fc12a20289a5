/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fu-uc-rauc-client.h"

gboolean
fu_uc_rauc_install(FuUcRaucClient *client,
		   const gchar *filename,
		   guint timeout_ms,
		   FuProgress *progress,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
