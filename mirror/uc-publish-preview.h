/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-checkin.h"
#include "uc-inventory.h"
#include "uc-mirror.h"
#include "uc-offer.h"

gboolean
uc_publish_preview_find_offer(UcDatabase *database,
			      const UcPolicy *policies,
			      UcCheckinEndpoint *endpoint,
			      UcOffer **offer_out,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcCheckin *
uc_publish_preview_parse(const UcInventoryEndpoint *endpoint) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_publish_preview(UcMirror *mirror, GError **error) G_GNUC_WARN_UNUSED_RESULT;
