/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-bind.h"
#include "uc-metainfo.h"

gboolean
uc_import_check(const UcMetainfo *metainfo,
		const UcBind *bind,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
