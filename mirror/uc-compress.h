/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

gboolean
uc_compress_all(GBytes *data,
		const gchar *const *suffixes,
		gsize count,
		GBytes **packed_out,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
