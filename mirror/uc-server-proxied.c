/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who asks by the word of a proxy that is trusted with that. It has ended the TLS connection
 * itself, has seen that the other end has the key, and says by a header with which certificate it
 * was; what that is worth is looked at here. A proxy has few connections for many endpoints, so
 * what was found out is remembered by the header: that it leads to the CA of endpoints, and from
 * when until when it is valid. With another CA all of it is forgotten. Whether the key is still
 * enrolled, the database says each time.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-server-proxied.h"

#define UC_SERVER_PROXIED_HEADER_BYTES (16 * 1024)

typedef struct {
	UcPeer *peer;
	gint64 from_secs;
	gint64 until_secs;
} UcServerProxiedEntry;

struct _UcServerProxied {
	GHashTable *entries;	/* (element-type utf8 UcServerProxiedEntry): by the header */
	GTlsDatabase *database; /* (nullable): what led to these */
};

static void
uc_server_proxied_entry_free(gpointer data)
{
	UcServerProxiedEntry *entry = data;

	uc_peer_unref(entry->peer);
	g_free(entry);
}

/**
 * uc_server_proxied_new:
 *
 * Returns: (transfer full): with nothing to remember yet
 */
UcServerProxied *
uc_server_proxied_new(void)
{
	UcServerProxied *self = g_new0(UcServerProxied, 1);

	self->entries =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, uc_server_proxied_entry_free);
	return self;
}

void
uc_server_proxied_free(UcServerProxied *self)
{
	g_hash_table_unref(self->entries);
	g_clear_object(&self->database);
	g_free(self);
}

/* (transfer full) (nullable): %NULL for what is no certificate */
static GTlsCertificate *
uc_server_proxied_decode(const gchar *header, GError **error)
{
	g_autofree gchar *pem = NULL;
	g_autoptr(GTlsCertificate) certificate = NULL;

	/* a comma is what joins two headers, and percent-encoded in PEM it is none */
	if (strlen(header) <= UC_SERVER_PROXIED_HEADER_BYTES && strchr(header, ',') == NULL)
		pem = g_uri_unescape_string(header, NULL);
	if (pem != NULL)
		certificate = g_tls_certificate_new_from_pem(pem, -1, NULL);
	if (certificate == NULL)
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "the proxy's header " UC_SERVER_PROXIED_HEADER
				    " is not one certificate in PEM, percent-encoded");
	return g_steal_pointer(&certificate);
}

static gint64
uc_server_proxied_take_time(GDateTime *time)
{
	g_autoptr(GDateTime) owned = time;

	return owned != NULL ? g_date_time_to_unix(owned) : 0;
}

/* (transfer full) (nullable): %NULL for one that does not lead to the CA of endpoints */
static UcServerProxiedEntry *
uc_server_proxied_verify(GTlsCertificate *certificate, GTlsDatabase *database)
{
	UcServerProxiedEntry *entry = NULL;
	g_autoptr(UcPeer) peer = NULL;
	g_autofree gchar *pem = NULL;

	if (g_tls_database_verify_chain(database,
					certificate,
					G_TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
					NULL,
					NULL,
					G_TLS_DATABASE_VERIFY_NONE,
					NULL,
					NULL) != 0)
		return NULL;
	g_object_get(certificate, "certificate-pem", &pem, NULL);
	peer = uc_peer_new(pem);
	if (peer == NULL)
		return NULL;
	entry = g_new0(UcServerProxiedEntry, 1);
	entry->peer = g_steal_pointer(&peer);
	entry->from_secs =
	    uc_server_proxied_take_time(g_tls_certificate_get_not_valid_before(certificate));
	entry->until_secs =
	    uc_server_proxied_take_time(g_tls_certificate_get_not_valid_after(certificate));
	return entry;
}

static gboolean
uc_server_proxied_look_up(UcServerProxied *self,
			  const gchar *header,
			  GTlsDatabase *database,
			  UcServerProxiedEntry **entry_out,
			  GError **error)
{
	g_autoptr(GTlsCertificate) certificate = NULL;

	*entry_out = g_hash_table_lookup(self->entries, header);
	if (*entry_out != NULL)
		return TRUE;
	certificate = uc_server_proxied_decode(header, error);
	if (certificate == NULL)
		return FALSE;
	if (database != NULL)
		*entry_out = uc_server_proxied_verify(certificate, database);
	if (*entry_out == NULL)
		return TRUE;
	if (g_hash_table_size(self->entries) >= UC_SERVER_PROXIED_MAX)
		g_hash_table_remove_all(self->entries);
	g_hash_table_insert(self->entries, g_strdup(header), *entry_out);
	return TRUE;
}

/**
 * uc_server_proxied_read:
 * @header: what a proxy that is trusted with that says of the other end
 * @database: (nullable): the CA of endpoints, %NULL if there is none
 * @now_secs: the present time, seconds since the Unix epoch
 * @peer_out: (out) (nullable) (transfer full): %NULL for whose certificate does not count
 * @error: set to %UC_ERROR_INVALID for a header that no such proxy would send
 */
gboolean
uc_server_proxied_read(UcServerProxied *self,
		       const gchar *header,
		       GTlsDatabase *database,
		       gint64 now_secs,
		       UcPeer **peer_out,
		       GError **error)
{
	UcServerProxiedEntry *entry = NULL;

	*peer_out = NULL;
	if (g_set_object(&self->database, database))
		g_hash_table_remove_all(self->entries);
	if (!uc_server_proxied_look_up(self, header, database, &entry, error))
		return FALSE;
	if (entry != NULL && entry->from_secs <= now_secs && now_secs <= entry->until_secs)
		*peer_out = uc_peer_ref(entry->peer);
	return TRUE;
}

/**
 * uc_server_proxied_get_length:
 *
 * Returns: how many certificates it remembers, %UC_SERVER_PROXIED_MAX at most
 */
guint
uc_server_proxied_get_length(UcServerProxied *self)
{
	return g_hash_table_size(self->entries);
}
