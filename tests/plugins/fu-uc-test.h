/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupdplugin.h>

#include "fu-uc-endpoint-config.h"

gchar *
fu_uc_test_make_directory(void);
void
fu_uc_test_remove_directory(gchar *directory);
void
fu_uc_test_write(const gchar *directory, const gchar *name, const gchar *text);
gchar *
fu_uc_test_read_sha256(const gchar *directory, const gchar *name);
FuUcEndpointConfig *
fu_uc_test_make_config(const gchar *directory, const gchar *more);
