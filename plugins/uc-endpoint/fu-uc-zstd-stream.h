/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fwupd.h>
#include <gio/gio.h>

#define FU_UC_ZSTD_STREAM_ANY_SIZE G_MAXUINT64

#define FU_TYPE_UC_ZSTD_STREAM (fu_uc_zstd_stream_get_type())
G_DECLARE_FINAL_TYPE(FuUcZstdStream, fu_uc_zstd_stream, FU, UC_ZSTD_STREAM, GInputStream)

GInputStream *
fu_uc_zstd_stream_new(GInputStream *base, guint64 size) G_GNUC_WARN_UNUSED_RESULT;
