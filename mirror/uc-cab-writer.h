/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-x509.h"

gboolean
uc_cab_writer_sign(const gchar *from,
		   const gchar *to,
		   const gchar *staging,
		   const gchar *const *payload_names,
		   const gchar *anchors_dir,
		   UcX509 *key,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
