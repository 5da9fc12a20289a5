/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who may ask the service: addresses within the organisation's networks, and from elsewhere users
 * with a password (RFC 7617). Where no network is named everybody may.
 *
 * A password costs some milliseconds, on purpose. Who was right once is remembered until the users
 * change, by a keyed hash that is worth nothing outside this process; and so many passwords are
 * tried in a second and no more, so that guessing neither succeeds nor stops the service.
 *
 * A proxy's word for the address counts only if the proxy was named, and of what it says only the
 * last address, which is the one that it has seen itself.
 */

#include <glib/gstdio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "uc-access.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-server-access.h"

#define UC_SERVER_ACCESS_TRIES_PER_SEC	20
#define UC_SERVER_ACCESS_REMEMBERED_MAX 4096
#define UC_SERVER_ACCESS_HEADER_BYTES	1024
#define UC_SERVER_ACCESS_KEY_BYTES	32

struct _UcServerAccess {
	GPtrArray *networks; /* (element-type GInetAddressMask) */
	GPtrArray *proxies;  /* (element-type GInetAddressMask) */
	gchar *users_path;
	UcAccess *users; /* (nullable): when they cannot be read */
	GStatBuf users_stat;
	GHashTable *right; /* (element-type utf8): hashes of what was right */
	guint8 key[UC_SERVER_ACCESS_KEY_BYTES];
	gint64 second_usec; /* when the present second of tries began */
	guint tries;
};

static GPtrArray *
uc_server_access_parse_masks(const gchar *const *texts, GError **error)
{
	g_autoptr(GPtrArray) masks = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; texts != NULL && texts[i] != NULL; i++) {
		GInetAddressMask *mask = g_inet_address_mask_new_from_string(texts[i], NULL);

		if (mask == NULL || masks->len >= UC_SERVER_NETWORKS_MAX) {
			g_clear_object(&mask);
			g_set_error(
			    error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no network, expected at most %d of ADDRESS/BITS such as "
			    "192.0.2.0/24",
			    texts[i],
			    UC_SERVER_NETWORKS_MAX);
			return NULL;
		}
		g_ptr_array_add(masks, mask);
	}
	return g_steal_pointer(&masks);
}

void
uc_server_access_free(UcServerAccess *self)
{
	g_clear_pointer(&self->networks, g_ptr_array_unref);
	g_clear_pointer(&self->proxies, g_ptr_array_unref);
	g_clear_pointer(&self->users, uc_access_free);
	g_clear_pointer(&self->right, g_hash_table_unref);
	g_free(self->users_path);
	g_free(self);
}

/**
 * uc_server_access_new:
 * @users_path: the file of users, which need not exist, and is read again when it changes
 * @networks: (nullable): who may ask without a password, as `ADDRESS/BITS`; none for everybody
 * @proxies: (nullable): whose `X-Forwarded-For` counts, as `ADDRESS/BITS`
 * @error: set to %UC_ERROR_INVALID for what is no network
 *
 * Returns: (transfer full): who may ask, or %NULL
 */
UcServerAccess *
uc_server_access_new(const gchar *users_path,
		     const gchar *const *networks,
		     const gchar *const *proxies,
		     GError **error)
{
	g_autoptr(UcServerAccess) self = g_new0(UcServerAccess, 1);

	self->networks = uc_server_access_parse_masks(networks, error);
	if (self->networks == NULL)
		return NULL;
	self->proxies = uc_server_access_parse_masks(proxies, error);
	if (self->proxies == NULL)
		return NULL;
	self->users_path = g_strdup(users_path);
	self->right = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (gnutls_rnd(GNUTLS_RND_KEY, self->key, sizeof(self->key)) < 0) {
		g_set_error_literal(error, UC_ERROR, UC_ERROR_FAILED, "no random numbers");
		return NULL;
	}
	return g_steal_pointer(&self);
}

/* on a socket for both families an IPv4 address comes as ::ffff:a.b.c.d */
static GInetAddress *
uc_server_access_unmap(GInetAddress *address)
{
	static const guint8 prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	const guint8 *bytes = g_inet_address_to_bytes(address);

	if (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6 ||
	    memcmp(bytes, prefix, sizeof(prefix)) != 0)
		return g_object_ref(address);
	return g_inet_address_new_from_bytes(bytes + sizeof(prefix), G_SOCKET_FAMILY_IPV4);
}

static gboolean
uc_server_access_has(GPtrArray *masks, GInetAddress *address)
{
	for (guint i = 0; i < masks->len; i++) {
		if (g_inet_address_mask_matches(g_ptr_array_index(masks, i), address))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_server_access_is_proxy:
 * @remote: (nullable): the other end of a connection
 *
 * Returns: whether it is a proxy whose word counts
 */
gboolean
uc_server_access_is_proxy(UcServerAccess *self, GSocketAddress *remote)
{
	g_autoptr(GInetAddress) address = NULL;

	if (self->proxies->len == 0 || !G_IS_INET_SOCKET_ADDRESS(remote))
		return FALSE;
	address = uc_server_access_unmap(
	    g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote)));
	return uc_server_access_has(self->proxies, address);
}

/* NULL when a proxy does not say for whom it asks */
static GInetAddress *
uc_server_access_get_address(UcServerAccess *self, const UcServerRequest *request)
{
	g_autoptr(GInetAddress) address = NULL;
	g_autoptr(GInetAddress) told = NULL;
	g_autofree gchar *last = NULL;
	const gchar *comma = NULL;

	if (!G_IS_INET_SOCKET_ADDRESS(request->remote))
		return NULL;
	address = uc_server_access_unmap(
	    g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(request->remote)));
	if (!uc_server_access_has(self->proxies, address))
		return g_steal_pointer(&address);
	if (request->forwarded == NULL)
		return NULL;
	comma = strrchr(request->forwarded, ',');
	last = g_strstrip(g_strdup(comma != NULL ? comma + 1 : request->forwarded));
	told = g_inet_address_new_from_string(last);
	return told != NULL ? uc_server_access_unmap(told) : NULL;
}

/* users that cannot be read are no users; a change ends what was remembered of them */
static void
uc_server_access_reload(UcServerAccess *self)
{
	GStatBuf now = {0};
	g_autoptr(GError) error = NULL;

	(void)g_stat(self->users_path, &now);
	if (self->users != NULL && now.st_ino == self->users_stat.st_ino &&
	    now.st_size == self->users_stat.st_size &&
	    now.st_mtim.tv_sec == self->users_stat.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == self->users_stat.st_mtim.tv_nsec)
		return;
	self->users_stat = now;
	g_hash_table_remove_all(self->right);
	g_clear_pointer(&self->users, uc_access_free);
	self->users = uc_access_load(self->users_path, &error);
	if (self->users == NULL)
		g_warning("nobody may ask from outside: %s", error->message);
}

/* `Basic` with user and password, RFC 7617; NULL for anything else */
static gchar *
uc_server_access_decode(const gchar *authorization)
{
	static const gchar scheme[] = "Basic ";
	g_autofree guchar *data = NULL;
	g_autofree gchar *text = NULL;
	gsize size_bytes = 0;

	if (strlen(authorization) > UC_SERVER_ACCESS_HEADER_BYTES ||
	    g_ascii_strncasecmp(authorization, scheme, strlen(scheme)) != 0)
		return NULL;
	data = g_base64_decode(authorization + strlen(scheme), &size_bytes);
	if (data == NULL || memchr(data, '\0', size_bytes) != NULL ||
	    !g_utf8_validate((const gchar *)data, (gssize)size_bytes, NULL))
		return NULL;
	text = g_strndup((const gchar *)data, size_bytes);
	return strchr(text, ':') != NULL ? g_steal_pointer(&text) : NULL;
}

static gboolean
uc_server_access_may_try(UcServerAccess *self, gint64 now_usec)
{
	if (now_usec - self->second_usec >= G_USEC_PER_SEC || now_usec < self->second_usec) {
		self->second_usec = now_usec;
		self->tries = 0;
	}
	return ++self->tries <= UC_SERVER_ACCESS_TRIES_PER_SEC;
}

static UcServerVerdict
uc_server_access_try(UcServerAccess *self, const gchar *credentials, gint64 now_usec)
{
	g_auto(GStrv) parts = g_strsplit(credentials, ":", 2);
	g_autofree gchar *hash = g_compute_hmac_for_string(G_CHECKSUM_SHA256,
							   self->key,
							   sizeof(self->key),
							   credentials,
							   -1);

	if (g_hash_table_contains(self->right, hash))
		return UC_SERVER_ALLOWED;
	if (!uc_server_access_may_try(self, now_usec))
		return UC_SERVER_BUSY;
	if (!uc_access_verify(self->users, parts[0], parts[1]))
		return UC_SERVER_WRONG;
	if (g_hash_table_size(self->right) >= UC_SERVER_ACCESS_REMEMBERED_MAX)
		g_hash_table_remove_all(self->right);
	(void)g_hash_table_add(self->right, g_steal_pointer(&hash));
	return UC_SERVER_ALLOWED;
}

/**
 * uc_server_access_check:
 * @request: who asks
 * @now_usec: monotonic time
 *
 * May read the file of users, and hash a password, at most 20 times in a second.
 *
 * Returns: whether it may
 */
UcServerVerdict
uc_server_access_check(UcServerAccess *self, const UcServerRequest *request, gint64 now_usec)
{
	g_autoptr(GInetAddress) address = NULL;
	g_autofree gchar *credentials = NULL;

	if (self->networks->len == 0)
		return UC_SERVER_ALLOWED;
	address = uc_server_access_get_address(self, request);
	if (address != NULL && uc_server_access_has(self->networks, address))
		return UC_SERVER_ALLOWED;
	if (request->authorization == NULL)
		return UC_SERVER_OUTSIDE;
	uc_server_access_reload(self);
	credentials = uc_server_access_decode(request->authorization);
	if (credentials == NULL || self->users == NULL)
		return UC_SERVER_WRONG;
	return uc_server_access_try(self, credentials, now_usec);
}
