/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-dns-answer.h"

#define UC_RESOLVER_TRY_MS 1000 /* before the next name server is asked as well */
#define UC_RESOLVER_ROUNDS 2	/* over all name servers; the second one waits twice as long */

#define UC_TYPE_RESOLVER (uc_resolver_get_type())
G_DECLARE_FINAL_TYPE(UcResolver, uc_resolver, UC, RESOLVER, GObject)

UcResolver *
uc_resolver_new(GPtrArray *servers,
		const gchar *interface,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_resolver_query_async(UcResolver *self,
			const gchar *name,
			UcDnsType type,
			gint64 deadline_usec,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data);
UcDnsAnswer *
uc_resolver_query_finish(UcResolver *self,
			 GAsyncResult *result,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
