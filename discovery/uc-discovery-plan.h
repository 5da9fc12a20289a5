/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-discovery.h"
#include "uc-network.h"
#include "uc-probe.h"

/**
 * UcDiscoveryPlan:
 * @domains: (element-type UcDomainEntry): what to probe, in that order; may be empty
 * @probe: how; its pointers are the members below
 * @servers: (nullable) (element-type GInetSocketAddress): asked about every domain, whatever its
 *   link; %NULL when nobody named any
 * @network: (nullable): what the system says; %NULL when it was not needed
 * @use_vpn: whether VPNs count
 * @resolvers: (element-type UcLink UcResolver): one for each link in use, which is not owned, and
 *   one under %NULL for what belongs to no link
 * @database: (nullable): what decides about certificates, once it is loaded
 * @database_error: (nullable): why nothing can
 * @certificate: (nullable): of this endpoint
 * @organisation: (nullable): only accept this one
 * @anchors_dir: CAs of documents
 * @pin: the public key that a service must have, empty for any
 * @pin_path: the file that says so
 *
 * A discovery with everything decided that the options left open.
 */
typedef struct {
	GPtrArray *domains;
	UcProbeOptions probe;
	GPtrArray *servers;
	UcNetwork *network;
	gboolean use_vpn;
	GHashTable *resolvers;
	GTlsDatabase *database;
	GError *database_error;
	UcClientCertificate *certificate;
	gchar *organisation;
	gchar *anchors_dir;
	gchar *pin;
	gchar *pin_path;
} UcDiscoveryPlan;

void
uc_discovery_plan_new_async(const UcDiscoveryOptions *options,
			    gint64 begin_usec,
			    GCancellable *cancellable,
			    GAsyncReadyCallback callback,
			    gpointer user_data);
UcDiscoveryPlan *
uc_discovery_plan_new_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_discovery_plan_load_trust(UcDiscoveryPlan *self);
UcResolver *
uc_discovery_plan_get_resolver(UcDiscoveryPlan *self, const UcDomainEntry *entry, GError **error);
void
uc_discovery_plan_free(UcDiscoveryPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDiscoveryPlan, uc_discovery_plan_free)
