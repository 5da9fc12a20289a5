/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

GPtrArray *
fu_uc_endpoint_failed_new(void) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_endpoint_failed_contains(GPtrArray *self, const gchar *sha256) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_endpoint_failed_remove(GPtrArray *self, const gchar *sha256);
void
fu_uc_endpoint_failed_add(GPtrArray *self, const gchar *sha256);
void
fu_uc_endpoint_failed_load(GPtrArray *self, GKeyFile *keyfile);
void
fu_uc_endpoint_failed_store(GPtrArray *self, GKeyFile *keyfile);
