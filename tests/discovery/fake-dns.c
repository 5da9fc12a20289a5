/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fake-dns.h"

#define FAKE_DNS_TTL_SECS  300
#define FAKE_DNS_FLAG_AD   0x20
#define FAKE_DNS_NXDOMAIN  3
#define FAKE_DNS_CNAME	   5
#define FAKE_DNS_MAX_BYTES 4096

typedef struct {
	guint rcode;
	gboolean is_silent;
	guint delay_ms;
	guint count;
	GByteArray *records;
	guint32 negative_ttl_secs; /* 0 for no SOA */
} FakeDnsReply;

struct _FakeDns {
	GSocket *socket;
	GSource *source;
	GHashTable *replies; /* "name type" to FakeDnsReply */
	GPtrArray *queries;  /* of gchar: names */
	GPtrArray *delayed;  /* of GSource */
	guint32 ttl_secs;
};

typedef struct {
	FakeDns *dns;
	GSocketAddress *peer;
	GByteArray *message;
	GSource *source; /* not owned */
} FakeDnsDelayed;

static void
fake_dns_reply_free(FakeDnsReply *reply)
{
	g_byte_array_unref(reply->records);
	g_free(reply);
}

static FakeDnsReply *
fake_dns_ensure_reply(FakeDns *self, const gchar *name, UcDnsType type)
{
	g_autofree gchar *key = g_strdup_printf("%s %d", name, type);
	FakeDnsReply *reply = g_hash_table_lookup(self->replies, key);

	if (reply != NULL)
		return reply;
	reply = g_new0(FakeDnsReply, 1);
	reply->records = g_byte_array_new();
	g_hash_table_insert(self->replies, g_steal_pointer(&key), reply);
	return reply;
}

static void
fake_dns_append_uint16(GByteArray *array, guint16 value)
{
	const guint8 bytes[] = {(guint8)(value >> 8), (guint8)value};

	g_byte_array_append(array, bytes, sizeof(bytes));
}

static void
fake_dns_append_name(GByteArray *array, const gchar *name)
{
	g_auto(GStrv) labels = g_strsplit(name, ".", -1);

	for (guint i = 0; labels[i] != NULL && labels[i][0] != '\0'; i++) {
		guint8 size = (guint8)strlen(labels[i]);

		g_byte_array_append(array, &size, 1);
		g_byte_array_append(array, (const guint8 *)labels[i], size);
	}
	g_byte_array_append(array, (const guint8 *)"", 1);
}

static void
fake_dns_append_uint32(GByteArray *array, guint32 value)
{
	fake_dns_append_uint16(array, (guint16)(value >> 16));
	fake_dns_append_uint16(array, (guint16)value);
}

static void
fake_dns_add_record(FakeDns *self,
		    FakeDnsReply *reply,
		    const gchar *owner,
		    guint16 type,
		    GByteArray *data)
{
	fake_dns_append_name(reply->records, owner);
	fake_dns_append_uint16(reply->records, type);
	fake_dns_append_uint16(reply->records, 1);
	fake_dns_append_uint32(reply->records, self->ttl_secs);
	fake_dns_append_uint16(reply->records, (guint16)data->len);
	g_byte_array_append(reply->records, data->data, data->len);
	reply->count++;
}

void
fake_dns_set_rcode(FakeDns *self, const gchar *name, UcDnsType type, guint rcode)
{
	fake_dns_ensure_reply(self, name, type)->rcode = rcode;
}

void
fake_dns_set_silent(FakeDns *self, const gchar *name, UcDnsType type)
{
	fake_dns_ensure_reply(self, name, type)->is_silent = TRUE;
}

void
fake_dns_set_delay(FakeDns *self, const gchar *name, UcDnsType type, guint delay_ms)
{
	fake_dns_ensure_reply(self, name, type)->delay_ms = delay_ms;
}

void
fake_dns_set_ttl(FakeDns *self, guint32 ttl_secs)
{
	self->ttl_secs = ttl_secs;
}

void
fake_dns_set_negative_ttl(FakeDns *self, const gchar *name, UcDnsType type, guint32 ttl_secs)
{
	fake_dns_ensure_reply(self, name, type)->negative_ttl_secs = ttl_secs;
}

/* a SOA of the root with no names and numbers but the last one, RFC 2308, section 3 */
static void
fake_dns_append_soa(GByteArray *message, guint32 ttl_secs)
{
	fake_dns_append_name(message, "");
	fake_dns_append_uint16(message, 6);
	fake_dns_append_uint16(message, 1);
	fake_dns_append_uint32(message, G_MAXINT32);
	fake_dns_append_uint16(message, 22);
	fake_dns_append_name(message, "");
	fake_dns_append_name(message, "");
	for (guint i = 0; i < 4; i++)
		fake_dns_append_uint32(message, 1);
	fake_dns_append_uint32(message, ttl_secs);
}

void
fake_dns_add_address(FakeDns *self, const gchar *name, const gchar *address)
{
	g_autoptr(GInetAddress) parsed = g_inet_address_new_from_string(address);
	gboolean is_v4 = g_inet_address_get_family(parsed) == G_SOCKET_FAMILY_IPV4;
	UcDnsType type = is_v4 ? UC_DNS_TYPE_A : UC_DNS_TYPE_AAAA;
	g_autoptr(GByteArray) data = g_byte_array_new();

	g_byte_array_append(data, g_inet_address_to_bytes(parsed), is_v4 ? 4 : 16);
	fake_dns_add_record(self,
			    fake_dns_ensure_reply(self, name, type),
			    name,
			    (guint16)type,
			    data);
}

void
fake_dns_add_srv(FakeDns *self,
		 const gchar *name,
		 guint16 priority,
		 guint16 weight,
		 guint16 port,
		 const gchar *target)
{
	g_autoptr(GByteArray) data = g_byte_array_new();

	fake_dns_append_uint16(data, priority);
	fake_dns_append_uint16(data, weight);
	fake_dns_append_uint16(data, port);
	fake_dns_append_name(data, target);
	fake_dns_add_record(self,
			    fake_dns_ensure_reply(self, name, UC_DNS_TYPE_SRV),
			    name,
			    UC_DNS_TYPE_SRV,
			    data);
}

void
fake_dns_add_cname(FakeDns *self, const gchar *name, UcDnsType type, const gchar *target)
{
	g_autoptr(GByteArray) data = g_byte_array_new();

	fake_dns_append_name(data, target);
	fake_dns_add_record(self,
			    fake_dns_ensure_reply(self, name, type),
			    name,
			    FAKE_DNS_CNAME,
			    data);
}

/* the question's name, and where its type begins */
static gchar *
fake_dns_read_question(const guint8 *query, gsize size_bytes, gsize *offset_out)
{
	g_autoptr(GString) name = g_string_new(NULL);
	gsize offset = 12;

	while (offset < size_bytes && query[offset] != 0) {
		if (name->len > 0)
			g_string_append_c(name, '.');
		g_string_append_len(name, (const gchar *)query + offset + 1, query[offset]);
		offset += 1u + query[offset];
	}
	*offset_out = offset + 1;
	return g_string_free(g_steal_pointer(&name), FALSE);
}

static GByteArray *
fake_dns_build(const guint8 *query, gsize question_end, const FakeDnsReply *reply)
{
	GByteArray *message = g_byte_array_new();
	guint rcode = reply != NULL ? reply->rcode : FAKE_DNS_NXDOMAIN;
	gboolean has_soa = reply != NULL && reply->negative_ttl_secs > 0;

	g_byte_array_append(message, query, 2);
	fake_dns_append_uint16(message, (guint16)(0x8180 | FAKE_DNS_FLAG_AD | rcode));
	fake_dns_append_uint16(message, 1);
	fake_dns_append_uint16(message, (guint16)(reply != NULL ? reply->count : 0));
	fake_dns_append_uint16(message, has_soa ? 1 : 0);
	fake_dns_append_uint16(message, 0);
	g_byte_array_append(message, query + 12, (guint)(question_end - 12));
	if (reply != NULL)
		g_byte_array_append(message, reply->records->data, reply->records->len);
	if (has_soa)
		fake_dns_append_soa(message, reply->negative_ttl_secs);
	return message;
}

static gboolean
fake_dns_send_cb(gpointer user_data)
{
	FakeDnsDelayed *delayed = user_data;

	g_socket_send_to(delayed->dns->socket,
			 delayed->peer,
			 (const gchar *)delayed->message->data,
			 delayed->message->len,
			 NULL,
			 NULL);
	/* a source that is still referred to would stay in the list of the main context */
	g_ptr_array_remove_fast(delayed->dns->delayed, delayed->source);
	return G_SOURCE_REMOVE;
}

static void
fake_dns_delayed_free(FakeDnsDelayed *delayed)
{
	g_object_unref(delayed->peer);
	g_byte_array_unref(delayed->message);
	g_free(delayed);
}

static void
fake_dns_send_later(FakeDns *self, GSocketAddress *peer, GByteArray *message, guint delay_ms)
{
	FakeDnsDelayed *delayed = g_new0(FakeDnsDelayed, 1);
	GSource *source = g_timeout_source_new(delay_ms);

	delayed->dns = self;
	delayed->peer = g_object_ref(peer);
	delayed->message = message;
	delayed->source = source;
	g_source_set_callback(source,
			      fake_dns_send_cb,
			      delayed,
			      (GDestroyNotify)fake_dns_delayed_free);
	g_source_attach(source, NULL);
	g_ptr_array_add(self->delayed, source);
}

static gboolean
fake_dns_receive_cb(GSocket *socket, GIOCondition condition, gpointer user_data)
{
	FakeDns *self = user_data;
	g_autoptr(GSocketAddress) peer = NULL;
	guint8 query[FAKE_DNS_MAX_BYTES] = {0};
	gssize got =
	    g_socket_receive_from(socket, &peer, (gchar *)query, sizeof(query), NULL, NULL);
	gsize offset = 0;
	g_autofree gchar *name = NULL;
	g_autofree gchar *key = NULL;
	const FakeDnsReply *reply = NULL;

	g_assert_cmpint(got, >, 16);
	name = fake_dns_read_question(query, (gsize)got, &offset);
	key = g_strdup_printf("%s %d", name, query[offset] << 8 | query[offset + 1]);
	g_ptr_array_add(self->queries, g_steal_pointer(&name));
	reply = g_hash_table_lookup(self->replies, key);
	if (reply == NULL || !reply->is_silent)
		fake_dns_send_later(self,
				    peer,
				    fake_dns_build(query, offset + 4, reply),
				    reply != NULL ? reply->delay_ms : 0);
	return G_SOURCE_CONTINUE;
}

FakeDns *
fake_dns_new(void)
{
	FakeDns *self = g_new0(FakeDns, 1);
	g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", 0);
	g_autoptr(GError) error = NULL;

	self->replies = g_hash_table_new_full(g_str_hash,
					      g_str_equal,
					      g_free,
					      (GDestroyNotify)fake_dns_reply_free);
	self->ttl_secs = FAKE_DNS_TTL_SECS;
	self->queries = g_ptr_array_new_with_free_func(g_free);
	self->delayed = g_ptr_array_new_with_free_func((GDestroyNotify)g_source_unref);
	self->socket = g_socket_new(G_SOCKET_FAMILY_IPV4,
				    G_SOCKET_TYPE_DATAGRAM,
				    G_SOCKET_PROTOCOL_UDP,
				    &error);
	g_assert_no_error(error);
	g_socket_bind(self->socket, address, FALSE, &error);
	g_assert_no_error(error);
	self->source = g_socket_create_source(self->socket, G_IO_IN, NULL);
	g_source_set_callback(self->source, G_SOURCE_FUNC(fake_dns_receive_cb), self, NULL);
	g_source_attach(self->source, NULL);
	return self;
}

void
fake_dns_free(FakeDns *self)
{
	for (guint i = 0; i < self->delayed->len; i++) {
		g_source_destroy(g_ptr_array_index(self->delayed, i));
	}
	g_ptr_array_unref(self->delayed);
	g_source_destroy(self->source);
	g_source_unref(self->source);
	g_object_unref(self->socket);
	g_hash_table_unref(self->replies);
	g_ptr_array_unref(self->queries);
	g_free(self);
}

GInetSocketAddress *
fake_dns_get_address(FakeDns *self)
{
	g_autoptr(GError) error = NULL;
	GSocketAddress *address = g_socket_get_local_address(self->socket, &error);

	g_assert_no_error(error);
	return G_INET_SOCKET_ADDRESS(address);
}

GPtrArray *
fake_dns_get_queries(FakeDns *self)
{
	return self->queries;
}

guint
fake_dns_count_queries(FakeDns *self, const gchar *name)
{
	guint count = 0;

	for (guint i = 0; i < self->queries->len; i++)
		count += g_strcmp0(g_ptr_array_index(self->queries, i), name) == 0;
	return count;
}
