/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-mirror.h"

JsonObject *
uc_publish_preview(UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
