/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-dns-answer.h"

/**
 * FakeDns:
 *
 * A name server on a UDP port of 127.0.0.1 that answers from the main loop of the test exactly what
 * it was told, or nothing. What it was not told about does not exist.
 */
typedef struct _FakeDns FakeDns;

FakeDns *
fake_dns_new(void);
void
fake_dns_free(FakeDns *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeDns, fake_dns_free)

GInetSocketAddress *
fake_dns_get_address(FakeDns *self);
/* (element-type utf8): the names asked for, as they came; may be emptied */
GPtrArray *
fake_dns_get_queries(FakeDns *self);
guint
fake_dns_count_queries(FakeDns *self, const gchar *name);

void
fake_dns_set_rcode(FakeDns *self, const gchar *name, UcDnsType type, guint rcode);
void
fake_dns_set_silent(FakeDns *self, const gchar *name, UcDnsType type);
void
fake_dns_set_delay(FakeDns *self, const gchar *name, UcDnsType type, guint delay_ms);
/* of the records that are added from now on, 300 at first; and of a SOA beside no records */
void
fake_dns_set_ttl(FakeDns *self, guint32 ttl_secs);
void
fake_dns_set_negative_ttl(FakeDns *self, const gchar *name, UcDnsType type, guint32 ttl_secs);
void
fake_dns_add_address(FakeDns *self, const gchar *name, const gchar *address);
void
fake_dns_add_srv(FakeDns *self,
		 const gchar *name,
		 guint16 priority,
		 guint16 weight,
		 guint16 port,
		 const gchar *target);
void
fake_dns_add_cname(FakeDns *self, const gchar *name, UcDnsType type, const gchar *target);
