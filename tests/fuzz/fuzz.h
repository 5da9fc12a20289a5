/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* what libFuzzer calls */
gint
LLVMFuzzerTestOneInput(const guint8 *buf, gsize bufsz);
