/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-database.h"
#include "uc-policy.h"

/**
 * UcOffer:
 * @package: key of the package in the database
 * @version: of its release
 * @sha256: of the cab; empty before its first publication
 * @size_bytes: of the cab
 * @pending: it is for test devices only
 * @halted: it failed on too many endpoints
 *
 * What an endpoint is to run instead of what it runs.
 */
typedef struct {
	gint64 package;
	gchar *version;
	gchar *sha256;
	gint64 size_bytes;
	gboolean pending;
	gboolean halted;
} UcOffer;

void
uc_offer_free(UcOffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcOffer, uc_offer_free)

/**
 * UcOfferDevice:
 * @UC_OFFER_DEVICE_ORDINARY: no test device
 * @UC_OFFER_DEVICE_CLAIMED: it says that it is one, which another key said before; others may
 *   change that
 * @UC_OFFER_DEVICE_TEST: gets what is pending
 *
 * Whether an endpoint is a test device.
 */
typedef enum {
	UC_OFFER_DEVICE_ORDINARY,
	UC_OFFER_DEVICE_CLAIMED,
	UC_OFFER_DEVICE_TEST
} UcOfferDevice;

gboolean
uc_offer_get_device(UcDatabase *database,
		    const UcCheckinEndpoint *endpoint,
		    UcOfferDevice *device_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_offer_find(UcDatabase *database,
	      const UcPolicy *policies,
	      const UcCheckinEndpoint *endpoint,
	      UcOffer **offer_out,
	      GError **error) G_GNUC_WARN_UNUSED_RESULT;
