/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-discovery.h"
#include "uc-probe.h"

/**
 * UcDiscoveryPlan:
 * @domains: (element-type UcDomainEntry): what to probe, in that order; may be empty
 * @probe: how; its pointers are the members below
 * @resolver: whom to ask
 * @database: (nullable): what decides about certificates
 * @database_error: (nullable): why nothing can
 * @organisation: (nullable): only accept this one
 * @anchors_dir: CAs of documents
 *
 * A discovery with everything decided that the options left open.
 */
typedef struct {
	GPtrArray *domains;
	UcProbeOptions probe;
	UcResolver *resolver;
	GTlsDatabase *database;
	GError *database_error;
	gchar *organisation;
	gchar *anchors_dir;
} UcDiscoveryPlan;

UcDiscoveryPlan *
uc_discovery_plan_new(const UcDiscoveryOptions *options,
		      gint64 begin_usec,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_discovery_plan_free(UcDiscoveryPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDiscoveryPlan, uc_discovery_plan_free)
