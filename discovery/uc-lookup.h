/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-resolver.h"

#define UC_LOOKUP_GRACE_MS 200 /* for what is later than the first address */

/**
 * UcLookup:
 * @domain: the canonical domain
 * @name: `ucupdates-r2.<domain>`
 * @old_name: (nullable): `ucupdates.<domain>`, %NULL when it is not asked
 * @answers: (element-type UcDnsAnswer): one per question, in the order they were asked; one without
 *   an answer when the look-up ended is %UC_DNS_RESULT_TIMEOUT
 * @candidates: (element-type GSocketAddress): where the service may be, the best one first
 * @refusals: (element-type utf8): what was refused of the answers, a sentence each
 * @is_declined: whether an SRV record says that the service is decidedly not available here
 * @is_incomplete: whether a question has no answer that could have named a service
 * @is_authenticated: whether a validating name server on this machine vouches for every address
 * @ttl_secs: how long that holds, in seconds, between a minute and a day: the least of the records,
 *   and where no candidate was found of "no data" and "no such name" too (RFC 2308); a minute when
 * a question has no answer
 *
 * What DNS says about one domain.
 */
typedef struct {
	gchar *domain;
	gchar *name;
	gchar *old_name;
	GPtrArray *answers;
	GPtrArray *candidates;
	GPtrArray *refusals;
	gboolean is_declined;
	gboolean is_incomplete;
	gboolean is_authenticated;
	guint32 ttl_secs;
} UcLookup;

void
uc_lookup_free(UcLookup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcLookup, uc_lookup_free)

void
uc_lookup_run_async(UcResolver *resolver,
		    const gchar *domain,
		    gboolean ask_old_name,
		    gint64 deadline_usec,
		    GCancellable *cancellable,
		    GAsyncReadyCallback callback,
		    gpointer user_data);
UcLookup *
uc_lookup_run_finish(UcResolver *resolver,
		     GAsyncResult *result,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
