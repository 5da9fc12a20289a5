/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-domain-list.h"
#include "uc-lookup.h"
#include "uc-outcome.h"
#include "uc-service.h"

/**
 * UcProbe:
 * @entry: the domain
 * @outcome: what it came to
 * @lookup: (nullable): what DNS said, %NULL when the domain was refused unasked
 * @service: (nullable): the service with its verified description
 * @error: (nullable): why there is none; %NULL when found
 *
 * What came of one domain.
 */
typedef struct {
	UcDomainEntry *entry;
	UcOutcome outcome;
	UcLookup *lookup;
	UcService *service;
	GError *error;
} UcProbe;

void
uc_probe_free(UcProbe *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcProbe, uc_probe_free)

/**
 * UcProbeOptions:
 * @fetch: whether to fetch and verify the description; without, an acceptable address is enough
 * @ask_old_name: whether to ask for the name from before R2 as well
 * @database: (nullable): what decides about certificates
 * @database_error: (nullable): why there is no @database though @fetch
 * @expect: what the description must be
 * @certificate: (nullable): sent to services that ask for one
 * @deadline_usec: bound on all of it, on the clock of g_get_monotonic_time()
 *
 * How to probe. Nothing in it is owned; it has to live until the probe ends.
 */
typedef struct {
	gboolean fetch;
	gboolean ask_old_name;
	GTlsDatabase *database;
	const GError *database_error;
	UcDocumentExpect expect;
	UcClientCertificate *certificate;
	gint64 deadline_usec;
} UcProbeOptions;

UcProbe *
uc_probe_new_refused(UcDomainEntry *entry) G_GNUC_WARN_UNUSED_RESULT;
void
uc_probe_run_async(UcDomainEntry *entry,
		   UcResolver *resolver,
		   const UcProbeOptions *options,
		   GCancellable *cancellable,
		   GAsyncReadyCallback callback,
		   gpointer user_data);
UcProbe *
uc_probe_run_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
