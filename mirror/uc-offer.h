/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-database.h"

/**
 * UcOffer:
 * @package: key of the package in the database
 * @version: of its release
 * @sha256: of the cab; empty before its first publication
 * @size_bytes: of the cab
 *
 * What an endpoint is to run instead of what it runs.
 */
typedef struct {
	gint64 package;
	gchar *version;
	gchar *sha256;
	gint64 size_bytes;
} UcOffer;

void
uc_offer_free(UcOffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcOffer, uc_offer_free)

gboolean
uc_offer_is_named(UcDatabase *database,
		  const UcCheckinEndpoint *endpoint,
		  gboolean *named_out,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_offer_is_test_device(UcDatabase *database,
			const UcCheckinEndpoint *endpoint,
			gboolean *testing_out,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_offer_find(UcDatabase *database,
	      const UcCheckinEndpoint *endpoint,
	      UcOffer **offer_out,
	      GError **error) G_GNUC_WARN_UNUSED_RESULT;
