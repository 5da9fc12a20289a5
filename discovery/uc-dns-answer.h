/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcDnsType:
 *
 * The types of records that discovery asks for, with their numbers on the wire.
 */
typedef enum { UC_DNS_TYPE_A = 1, UC_DNS_TYPE_AAAA = 28, UC_DNS_TYPE_SRV = 33 } UcDnsType;

/**
 * UcDnsResult:
 * @UC_DNS_RESULT_NOERROR: there are records
 * @UC_DNS_RESULT_NODATA: the name exists, but has no record of that type
 * @UC_DNS_RESULT_NXDOMAIN: the name does not exist
 * @UC_DNS_RESULT_TIMEOUT: no name server answered in time, or none could be reached
 * @UC_DNS_RESULT_SERVFAIL: every name server failed, or answered something that is no answer
 * @UC_DNS_RESULT_REFUSED: every name server refused to answer
 *
 * What came of a question. The first three are answers, the others are none.
 */
typedef enum {
	UC_DNS_RESULT_NOERROR,
	UC_DNS_RESULT_NODATA,
	UC_DNS_RESULT_NXDOMAIN,
	UC_DNS_RESULT_TIMEOUT,
	UC_DNS_RESULT_SERVFAIL,
	UC_DNS_RESULT_REFUSED,
	UC_DNS_RESULT_LAST
} UcDnsResult;

/**
 * UcDnsRecord:
 * @type: which of the following members count
 * @address: (nullable): of an A or AAAA record
 * @target: (nullable): of an SRV record, lower case, without a dot at the end; empty for the root
 * @port: of an SRV record
 * @priority: of an SRV record
 * @weight: of an SRV record
 * @ttl_secs: the least of the record's own and those of the CNAMEs that led to it
 *
 * One record of an answer.
 */
typedef struct {
	UcDnsType type;
	GInetAddress *address;
	gchar *target;
	guint16 port;
	guint16 priority;
	guint16 weight;
	guint32 ttl_secs;
} UcDnsRecord;

/**
 * UcDnsAnswer:
 * @name: the name that was asked for
 * @type: the type that was asked for
 * @result: what came of it
 * @authenticated: whether the server says that it validated the answer (AD bit)
 * @records: (element-type UcDnsRecord): at most 16, only of that type
 * @negative_ttl_secs: how long "no data" and "no such name" hold (RFC 2308), 0 if not told
 * @elapsed_ms: from the question to this
 */
typedef struct {
	gchar *name;
	UcDnsType type;
	UcDnsResult result;
	gboolean authenticated;
	GPtrArray *records;
	guint32 negative_ttl_secs;
	guint elapsed_ms;
} UcDnsAnswer;

void
uc_dns_record_free(UcDnsRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDnsRecord, uc_dns_record_free)

UcDnsAnswer *
uc_dns_answer_new(const gchar *name, UcDnsType type, UcDnsResult result) G_GNUC_WARN_UNUSED_RESULT;
void
uc_dns_answer_free(UcDnsAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDnsAnswer, uc_dns_answer_free)

gboolean
uc_dns_result_is_answer(UcDnsResult result) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_dns_result_to_string(UcDnsResult result);
const gchar *
uc_dns_type_to_string(UcDnsType type);
