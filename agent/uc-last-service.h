/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-service.h"
#include "uc-way.h"

UcService *
uc_last_service_load(GTlsDatabase *database,
		     const UcDocumentExpect *expect,
		     UcWay *way_out,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_last_service_save(UcService *service, UcWay way, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_last_service_remove(GError **error) G_GNUC_WARN_UNUSED_RESULT;
