/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/**
 * UcKeyClaimSize:
 * @UC_KEY_CLAIM_ALL: as much as docs/service-protocol.md allows
 * @UC_KEY_CLAIM_FEW: as much as services took that knew only machines with few endpoints
 *
 * How much a service takes in one request.
 */
typedef enum { UC_KEY_CLAIM_ALL, UC_KEY_CLAIM_FEW } UcKeyClaimSize;

/**
 * UcKeyClaim:
 * @endpoints: (element-type JsonObject): with what tells them apart
 * @left_out: so many endpoints of the machine are not among them
 * @challenge: what binds a request to them, from uc_csr_claim()
 *
 * What an endpoint's key is to be for.
 */
typedef struct {
	JsonArray *endpoints;
	guint left_out;
	gchar *challenge;
} UcKeyClaim;

UcKeyClaim *
uc_key_claim_new(JsonObject *check_in,
		 const gchar *organisation,
		 UcKeyClaimSize size,
		 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_key_claim_free(UcKeyClaim *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcKeyClaim, uc_key_claim_free)
