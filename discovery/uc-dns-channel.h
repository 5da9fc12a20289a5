/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-dns-answer.h"

typedef struct _UcDnsChannel UcDnsChannel;

/**
 * UcDnsChannelFunc:
 * @message: (nullable): what the name server sent
 * @failure: what it means when there is no message: %UC_DNS_RESULT_TIMEOUT or
 *   %UC_DNS_RESULT_SERVFAIL
 * @user_data: as given to uc_dns_channel_send()
 *
 * Called once from the main loop, never from within a function of the channel. It may free the
 * channel. It is not called after the channel was freed.
 */
typedef void (*UcDnsChannelFunc)(GBytes *message, UcDnsResult failure, gpointer user_data);

UcDnsChannel *
uc_dns_channel_new(GInetSocketAddress *server,
		   const gchar *interface,
		   guint timeout_ms,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_dns_channel_free(UcDnsChannel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDnsChannel, uc_dns_channel_free)

void
uc_dns_channel_send(UcDnsChannel *self,
		    GBytes *query,
		    UcDnsChannelFunc callback,
		    gpointer user_data,
		    GDestroyNotify destroy);
