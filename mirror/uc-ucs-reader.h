/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define UC_UCS_MEMBERS_MAX   4096
#define UC_UCS_IMAGES_MAX    256
#define UC_UCS_IMAGE_SUFFIX  ".sip.ld"
#define UC_UCS_VERSION_NAME  "sip.ver"
#define UC_UCS_VERSION_BYTES 256

gboolean
uc_ucs_reader_is_zip(const gchar *path);
gchar *
uc_ucs_reader_parse_image_name(const gchar *name) G_GNUC_WARN_UNUSED_RESULT;
gchar *
uc_ucs_reader_parse_version(const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
GStrv
uc_ucs_reader_extract(const gchar *path,
		      const gchar *dir,
		      guint64 max_bytes,
		      gchar **version_out,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
