/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-offer.h"

typedef struct _UcOfferCache UcOfferCache;

UcOfferCache *
uc_offer_cache_new(UcDatabase *database) G_GNUC_WARN_UNUSED_RESULT;
void
uc_offer_cache_free(UcOfferCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcOfferCache, uc_offer_cache_free)

gboolean
uc_offer_cache_refresh(UcOfferCache *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_offer_cache_find(UcOfferCache *self,
		    const UcCheckinEndpoint *endpoint,
		    const UcOffer **offer_out,
		    gboolean *named_out,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
