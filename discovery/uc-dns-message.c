/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * DNS messages as far as discovery needs them (RFC 1035, section 4; SRV by RFC 2782; negative
 * answers by RFC 2308). A CNAME chain is followed inside the answer only, which is where a
 * recursive name server puts it. Names are expanded by c-ares; every other read is checked here.
 */

#include <ares.h>
#include <string.h>

#include "uc-dns-message.h"
#include "uc-error.h"
#include "uc-limits.h"

#define UC_DNS_HEADER_BYTES    12
#define UC_DNS_QUESTION_BYTES  4
#define UC_DNS_RECORD_BYTES    10
#define UC_DNS_SOA_FIXED_BYTES 20
#define UC_DNS_CLASS_IN	       1
#define UC_DNS_TYPE_NS	       2
#define UC_DNS_TYPE_CNAME      5
#define UC_DNS_TYPE_SOA	       6
#define UC_DNS_RCODE_NOERROR   0
#define UC_DNS_RCODE_NXDOMAIN  3
#define UC_DNS_RCODE_REFUSED   5
#define UC_DNS_FLAG_RESPONSE   0x80 /* in the third octet */
#define UC_DNS_FLAG_AA	       0x04 /* in the third octet */
#define UC_DNS_FLAG_AD	       0x20 /* in the fourth octet */
#define UC_DNS_LIMIT_RECORDS   256
#define UC_DNS_LIMIT_CNAMES    8

typedef struct {
	const guint8 *data; /* not owned: the message */
	gsize size_bytes;
	gsize offset;
} UcDnsReader;

/* a record whose data is not decoded yet */
typedef struct {
	gchar *owner;
	guint16 type;
	guint16 class;
	guint32 ttl_secs;
	gsize data_offset;
	guint16 data_bytes;
} UcDnsRaw;

static void
uc_dns_raw_free(UcDnsRaw *raw)
{
	g_free(raw->owner);
	g_free(raw);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDnsRaw, uc_dns_raw_free)

static guint16
uc_dns_read_uint16(const guint8 *data)
{
	return (guint16)(data[0] << 8 | data[1]);
}

static guint32
uc_dns_read_uint32(const guint8 *data)
{
	return (guint32)uc_dns_read_uint16(data) << 16 | uc_dns_read_uint16(data + 2);
}

static gboolean
uc_dns_reader_fail(const UcDnsReader *reader, const gchar *what, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "DNS answer: %s at offset %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT,
		    what,
		    reader->offset,
		    reader->size_bytes);
	return FALSE;
}

static gboolean
uc_dns_reader_has(const UcDnsReader *reader, gsize size_bytes)
{
	return size_bytes <= reader->size_bytes - reader->offset;
}

static gboolean
uc_dns_reader_read_name(UcDnsReader *reader, gchar **name_out, GError **error)
{
	char *name = NULL;
	long encoded_bytes = 0;

	if (!uc_dns_reader_has(reader, 1) || ares_expand_name(reader->data + reader->offset,
							      reader->data,
							      (int)reader->size_bytes,
							      &name,
							      &encoded_bytes) != ARES_SUCCESS)
		return uc_dns_reader_fail(reader, "a malformed name", error);
	*name_out = g_ascii_strdown(name, -1);
	ares_free_string(name);
	reader->offset += (gsize)encoded_bytes;
	return TRUE;
}

static gboolean
uc_dns_reader_skip_question(UcDnsReader *reader, GError **error)
{
	g_autofree gchar *name = NULL;

	if (!uc_dns_reader_read_name(reader, &name, error))
		return FALSE;
	if (!uc_dns_reader_has(reader, UC_DNS_QUESTION_BYTES))
		return uc_dns_reader_fail(reader, "a truncated question", error);
	reader->offset += UC_DNS_QUESTION_BYTES;
	return TRUE;
}

static UcDnsRaw *
uc_dns_reader_read_record(UcDnsReader *reader, GError **error)
{
	g_autoptr(UcDnsRaw) raw = g_new0(UcDnsRaw, 1);
	const guint8 *fixed = NULL;

	if (!uc_dns_reader_read_name(reader, &raw->owner, error))
		return NULL;
	if (!uc_dns_reader_has(reader, UC_DNS_RECORD_BYTES)) {
		uc_dns_reader_fail(reader, "a truncated record", error);
		return NULL;
	}
	fixed = reader->data + reader->offset;
	raw->type = uc_dns_read_uint16(fixed);
	raw->class = uc_dns_read_uint16(fixed + 2);
	raw->ttl_secs = uc_dns_read_uint32(fixed + 4);
	if (raw->ttl_secs > G_MAXINT32) /* RFC 2181, section 8 */
		raw->ttl_secs = 0;
	raw->data_bytes = uc_dns_read_uint16(fixed + 8);
	reader->offset += UC_DNS_RECORD_BYTES;
	if (!uc_dns_reader_has(reader, raw->data_bytes)) {
		uc_dns_reader_fail(reader, "a truncated record", error);
		return NULL;
	}
	raw->data_offset = reader->offset;
	reader->offset += raw->data_bytes;
	return g_steal_pointer(&raw);
}

/* what comes after the limit is left unread, so that the largest answer is still an answer */
static GPtrArray *
uc_dns_reader_read_records(UcDnsReader *reader, guint count, GError **error)
{
	g_autoptr(GPtrArray) raws = g_ptr_array_new_with_free_func((GDestroyNotify)uc_dns_raw_free);

	for (guint i = 0; i < count && raws->len < UC_DNS_LIMIT_RECORDS; i++) {
		g_autoptr(UcDnsRaw) raw = uc_dns_reader_read_record(reader, error);

		if (raw == NULL)
			return NULL;
		if (raw->class == UC_DNS_CLASS_IN)
			g_ptr_array_add(raws, g_steal_pointer(&raw));
	}
	return g_steal_pointer(&raws);
}

static const UcDnsRaw *
uc_dns_find_raw(GPtrArray *raws, const gchar *owner, guint16 type)
{
	for (guint i = 0; i < raws->len; i++) {
		const UcDnsRaw *raw = g_ptr_array_index(raws, i);

		if (raw->type == type && g_str_equal(raw->owner, owner))
			return raw;
	}
	return NULL;
}

static gboolean
uc_dns_read_name_at(const UcDnsReader *message, gsize offset, gchar **name_out, GError **error)
{
	UcDnsReader reader = *message;

	reader.offset = offset;
	return uc_dns_reader_read_name(&reader, name_out, error);
}

/* the name at the end of the chain, and the least time to live on the way */
static gchar *
uc_dns_follow_cnames(const UcDnsReader *message,
		     GPtrArray *raws,
		     const gchar *name,
		     guint32 *ttl_secs_out,
		     GError **error)
{
	g_autofree gchar *current = g_ascii_strdown(name, -1);
	guint followed = 0;

	for (;;) {
		const UcDnsRaw *raw = uc_dns_find_raw(raws, current, UC_DNS_TYPE_CNAME);

		if (raw == NULL)
			return g_steal_pointer(&current);
		if (++followed > UC_DNS_LIMIT_CNAMES) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "DNS answer: more than %d CNAMEs in a row",
				    UC_DNS_LIMIT_CNAMES);
			return NULL;
		}
		*ttl_secs_out = MIN(*ttl_secs_out, raw->ttl_secs);
		g_clear_pointer(&current, g_free);
		if (!uc_dns_read_name_at(message, raw->data_offset, &current, error))
			return NULL;
	}
}

static gboolean
uc_dns_decode_srv(const UcDnsReader *message,
		  const UcDnsRaw *raw,
		  UcDnsRecord *record,
		  GError **error)
{
	const guint8 *data = message->data + raw->data_offset;

	if (raw->data_bytes < 7)
		return uc_dns_reader_fail(message, "an SRV record that is too short", error);
	record->priority = uc_dns_read_uint16(data);
	record->weight = uc_dns_read_uint16(data + 2);
	record->port = uc_dns_read_uint16(data + 4);
	return uc_dns_read_name_at(message, raw->data_offset + 6, &record->target, error);
}

static UcDnsRecord *
uc_dns_decode_record(const UcDnsReader *message, const UcDnsRaw *raw, GError **error)
{
	g_autoptr(UcDnsRecord) record = g_new0(UcDnsRecord, 1);
	gboolean is_v4 = raw->type == UC_DNS_TYPE_A;

	record->type = raw->type;
	record->ttl_secs = raw->ttl_secs;
	if (raw->type == UC_DNS_TYPE_SRV) {
		if (!uc_dns_decode_srv(message, raw, record, error))
			return NULL;
		return g_steal_pointer(&record);
	}
	if (raw->data_bytes != (is_v4 ? 4 : 16)) {
		uc_dns_reader_fail(message, "an address of the wrong size", error);
		return NULL;
	}
	record->address =
	    g_inet_address_new_from_bytes(message->data + raw->data_offset,
					  is_v4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
	return g_steal_pointer(&record);
}

static gboolean
uc_dns_collect_records(const UcDnsReader *message,
		       GPtrArray *raws,
		       UcDnsAnswer *answer,
		       GError **error)
{
	guint32 ttl_secs = G_MAXUINT32;
	g_autofree gchar *owner =
	    uc_dns_follow_cnames(message, raws, answer->name, &ttl_secs, error);

	if (owner == NULL)
		return FALSE;
	for (guint i = 0; i < raws->len && answer->records->len < UC_LIMIT_ADDRESSES; i++) {
		const UcDnsRaw *raw = g_ptr_array_index(raws, i);
		UcDnsRecord *record = NULL;

		if (raw->type != answer->type || !g_str_equal(raw->owner, owner))
			continue;
		record = uc_dns_decode_record(message, raw, error);
		if (record == NULL)
			return FALSE;
		record->ttl_secs = MIN(record->ttl_secs, ttl_secs);
		g_ptr_array_add(answer->records, record);
	}
	return TRUE;
}

/* of the negative ones the least of the SOA's own time to live and its last field (RFC 2308,
 * section 5); name servers without a SOA are a referral (section 2.2): one that was asked to find
 * out points elsewhere instead, which says nothing about the name */
static void
uc_dns_read_authority(UcDnsReader *reader, guint count, UcDnsAnswer *answer)
{
	g_autoptr(GPtrArray) raws = uc_dns_reader_read_records(reader, count, NULL);
	gboolean has_servers = FALSE;
	gboolean has_soa = FALSE;

	for (guint i = 0; raws != NULL && i < raws->len; i++) {
		const UcDnsRaw *raw = g_ptr_array_index(raws, i);
		gsize end = raw->data_offset + raw->data_bytes;

		has_servers = has_servers || raw->type == UC_DNS_TYPE_NS;
		if (raw->type != UC_DNS_TYPE_SOA || raw->data_bytes < UC_DNS_SOA_FIXED_BYTES + 2)
			continue;
		has_soa = TRUE;
		answer->negative_ttl_secs =
		    MIN(raw->ttl_secs, uc_dns_read_uint32(reader->data + end - 4));
	}
	if (answer->result == UC_DNS_RESULT_NODATA && has_servers && !has_soa &&
	    (reader->data[2] & UC_DNS_FLAG_AA) == 0)
		answer->result = UC_DNS_RESULT_SERVFAIL;
}

static UcDnsResult
uc_dns_result_from_rcode(guint rcode)
{
	switch (rcode) {
	case UC_DNS_RCODE_NOERROR:
		return UC_DNS_RESULT_NOERROR;
	case UC_DNS_RCODE_NXDOMAIN:
		return UC_DNS_RESULT_NXDOMAIN;
	case UC_DNS_RCODE_REFUSED:
		return UC_DNS_RESULT_REFUSED;
	default:
		return UC_DNS_RESULT_SERVFAIL;
	}
}

static gboolean
uc_dns_parse_body(UcDnsReader *reader, UcDnsAnswer *answer, GError **error)
{
	g_autoptr(GPtrArray) raws = NULL;

	reader->offset = UC_DNS_HEADER_BYTES;
	if (uc_dns_read_uint16(reader->data + 4) != 1)
		return uc_dns_reader_fail(reader, "not exactly one question", error);
	if (!uc_dns_reader_skip_question(reader, error))
		return FALSE;
	raws = uc_dns_reader_read_records(reader, uc_dns_read_uint16(reader->data + 6), error);
	if (raws == NULL)
		return FALSE;
	if (answer->result == UC_DNS_RESULT_NOERROR &&
	    !uc_dns_collect_records(reader, raws, answer, error))
		return FALSE;
	if (answer->records->len > 0)
		return TRUE;
	if (answer->result == UC_DNS_RESULT_NOERROR)
		answer->result = UC_DNS_RESULT_NODATA;
	uc_dns_read_authority(reader, uc_dns_read_uint16(reader->data + 8), answer);
	return TRUE;
}

/**
 * uc_dns_message_parse:
 * @message: what a name server sent; its id and question were compared already
 * @name: the name that was asked for
 * @type: the type that was asked for
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: (transfer full): the answer, or %NULL when it is malformed
 */
UcDnsAnswer *
uc_dns_message_parse(GBytes *message, const gchar *name, UcDnsType type, GError **error)
{
	g_autoptr(UcDnsAnswer) answer = NULL;
	UcDnsReader reader = {NULL, 0, 0};

	reader.data = g_bytes_get_data(message, &reader.size_bytes);
	if (reader.size_bytes < UC_DNS_HEADER_BYTES || reader.size_bytes > G_MAXUINT16 ||
	    (reader.data[2] & UC_DNS_FLAG_RESPONSE) == 0) {
		uc_dns_reader_fail(&reader, "no header of an answer", error);
		return NULL;
	}
	answer = uc_dns_answer_new(name, type, uc_dns_result_from_rcode(reader.data[3] & 0x0f));
	answer->authenticated = (reader.data[3] & UC_DNS_FLAG_AD) != 0;
	/* a server that fails may leave out everything but the header */
	if (!uc_dns_result_is_answer(answer->result))
		return g_steal_pointer(&answer);
	if (!uc_dns_parse_body(&reader, answer, error))
		return NULL;
	return g_steal_pointer(&answer);
}

/**
 * uc_dns_message_new_query:
 * @name: a legal name; it is asked for as it is, absolutely
 * @type: the type to ask for
 * @id: a random number that the answer has to repeat
 * @error: set to %UC_ERROR_INVALID
 *
 * Asks a recursive name server, with the AD bit set so that a validating one says what it
 * validated (RFC 6840, section 5.7), and EDNS for answers of up to 1232 octets over UDP.
 *
 * Returns: (transfer full): the message
 */
GBytes *
uc_dns_message_new_query(const gchar *name, UcDnsType type, guint16 id, GError **error)
{
	unsigned char *data = NULL;
	int size_bytes = 0;
	int rc = ares_create_query(name,
				   UC_DNS_CLASS_IN,
				   (int)type,
				   id,
				   1,
				   &data,
				   &size_bytes,
				   UC_DNS_MESSAGE_UDP_BYTES);
	GBytes *query = NULL;

	if (rc != ARES_SUCCESS) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "cannot ask for '%s': %s",
			    name,
			    ares_strerror(rc));
		return NULL;
	}
	data[3] |= UC_DNS_FLAG_AD;
	query = g_bytes_new(data, (gsize)size_bytes);
	ares_free_string(data);
	return query;
}
