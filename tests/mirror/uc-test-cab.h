/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

GBytes *
uc_test_bind_vector(void);
GBytes *
uc_test_bind_resum(GBytes *image, gsize header_bytes, gsize offset, guint8 value);
void
uc_test_cab_write(const gchar *path, const gchar *const *names, GBytes *const *contents);
