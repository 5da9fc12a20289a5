/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-dns-answer.h"

#define UC_DNS_MESSAGE_UDP_BYTES 1232 /* what we say that we take over UDP, RFC 6891 */

GBytes *
uc_dns_message_new_query(const gchar *name, UcDnsType type, guint16 id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
UcDnsAnswer *
uc_dns_message_parse(GBytes *message, const gchar *name, UcDnsType type, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
