/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One channel of c-ares to one name server, driven by a GSource of its own. c-ares sends, repeats
 * over TCP what was truncated, compares id, question and sender of what comes back, and keeps the
 * time; it never picks another name server and never searches. What is done waits in a queue until
 * c-ares has returned, so that a callback may do what it likes, also free the channel.
 */

#include <ares.h>
#include <glib-unix.h>
#include <net/if.h>
#include <string.h>

#include "uc-dns-channel.h"
#include "uc-dns-message.h"
#include "uc-error.h"

struct _UcDnsChannel {
	GSource source; /* first: this is a GSource; its memory goes with the last reference */
	ares_channel channel; /* NULL once freed */
	GPtrArray *fds;	      /* of UcDnsFd */
	GPtrArray *pending;   /* of UcDnsExchange: c-ares has them */
	GQueue done;	      /* of UcDnsExchange: c-ares is through with them */
};

typedef struct {
	gint fd;
	gpointer tag;
} UcDnsFd;

typedef struct {
	UcDnsChannel *channel; /* not owned */
	UcDnsChannelFunc callback;
	gpointer user_data;
	GDestroyNotify destroy; /* (nullable) */
	GBytes *message;	/* (nullable) */
	UcDnsResult failure;
} UcDnsExchange;

static void
uc_dns_exchange_free(UcDnsExchange *exchange)
{
	if (exchange->destroy != NULL)
		exchange->destroy(exchange->user_data);
	g_clear_pointer(&exchange->message, g_bytes_unref);
	g_free(exchange);
}

static gboolean
uc_dns_channel_prepare(GSource *source, gint *timeout_ms)
{
	UcDnsChannel *self = (UcDnsChannel *)source;
	struct timeval buffer = {0, 0};
	struct timeval *left = NULL;

	*timeout_ms = -1;
	if (!g_queue_is_empty(&self->done))
		return TRUE;
	if (self->channel == NULL)
		return FALSE;
	left = ares_timeout(self->channel, NULL, &buffer);
	if (left == NULL)
		return FALSE;
	*timeout_ms = (gint)(left->tv_sec * 1000 + (left->tv_usec + 999) / 1000);
	return *timeout_ms == 0;
}

static gboolean
uc_dns_channel_check(GSource *source)
{
	UcDnsChannel *self = (UcDnsChannel *)source;
	gint timeout_ms = -1;

	for (guint i = 0; i < self->fds->len; i++) {
		const UcDnsFd *entry = g_ptr_array_index(self->fds, i);

		if (g_source_query_unix_fd(source, entry->tag) != 0)
			return TRUE;
	}
	return uc_dns_channel_prepare(source, &timeout_ms);
}

/* c-ares opens and closes sockets on the way, so the list is copied first */
static void
uc_dns_channel_process(UcDnsChannel *self)
{
	g_autoptr(GArray) ready = g_array_new(FALSE, FALSE, sizeof(ares_socket_t));
	g_autoptr(GArray) conditions = g_array_new(FALSE, FALSE, sizeof(GIOCondition));

	for (guint i = 0; i < self->fds->len; i++) {
		const UcDnsFd *entry = g_ptr_array_index(self->fds, i);
		GIOCondition condition = g_source_query_unix_fd(&self->source, entry->tag);

		if (condition == 0)
			continue;
		g_array_append_val(ready, entry->fd);
		g_array_append_val(conditions, condition);
	}
	for (guint i = 0; i < ready->len; i++) {
		ares_socket_t fd = g_array_index(ready, ares_socket_t, i);
		GIOCondition condition = g_array_index(conditions, GIOCondition, i);

		ares_process_fd(self->channel,
				condition & ~G_IO_OUT ? fd : ARES_SOCKET_BAD,
				condition & ~G_IO_IN ? fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(self->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static gboolean
uc_dns_channel_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
	UcDnsChannel *self = (UcDnsChannel *)source;

	if (self->channel != NULL)
		uc_dns_channel_process(self);
	while (self->channel != NULL && !g_queue_is_empty(&self->done)) {
		UcDnsExchange *exchange = g_queue_pop_head(&self->done);

		exchange->callback(exchange->message, exchange->failure, exchange->user_data);
		uc_dns_exchange_free(exchange);
	}
	return G_SOURCE_CONTINUE;
}

static void
uc_dns_channel_finalize(GSource *source)
{
	UcDnsChannel *self = (UcDnsChannel *)source;

	g_ptr_array_unref(self->fds);
	g_ptr_array_unref(self->pending);
}

static GSourceFuncs uc_dns_channel_funcs = {uc_dns_channel_prepare,
					    uc_dns_channel_check,
					    uc_dns_channel_dispatch,
					    uc_dns_channel_finalize,
					    NULL,
					    NULL};

static UcDnsFd *
uc_dns_channel_find_fd(UcDnsChannel *self, gint fd)
{
	for (guint i = 0; i < self->fds->len; i++) {
		UcDnsFd *entry = g_ptr_array_index(self->fds, i);

		if (entry->fd == fd)
			return entry;
	}
	return NULL;
}

static void
uc_dns_channel_socket_cb(void *user_data, ares_socket_t fd, int readable, int writable)
{
	UcDnsChannel *self = user_data;
	UcDnsFd *entry = uc_dns_channel_find_fd(self, fd);
	GIOCondition condition = (readable ? G_IO_IN : 0) | (writable ? G_IO_OUT : 0);

	if (g_source_is_destroyed(&self->source))
		return;
	if (entry != NULL && condition == 0) {
		g_source_remove_unix_fd(&self->source, entry->tag);
		g_ptr_array_remove_fast(self->fds, entry);
	} else if (entry != NULL) {
		g_source_modify_unix_fd(&self->source, entry->tag, condition);
	} else if (condition != 0) {
		entry = g_new0(UcDnsFd, 1);
		entry->fd = fd;
		entry->tag = g_source_add_unix_fd(&self->source, fd, condition);
		g_ptr_array_add(self->fds, entry);
	}
}

/* the one conversion of a return code of c-ares; the text says what it could not do */
static gboolean
uc_dns_channel_check_rc(int rc, const gchar *what, GError **error)
{
	if (rc == ARES_SUCCESS)
		return TRUE;
	g_set_error(error, UC_ERROR, UC_ERROR_FAILED, "cannot %s: %s", what, ares_strerror(rc));
	return FALSE;
}

static gboolean
uc_dns_channel_set_server(UcDnsChannel *self, GInetSocketAddress *server, GError **error)
{
	GInetAddress *address = g_inet_socket_address_get_address(server);
	struct ares_addr_port_node node = {NULL};

	node.udp_port = g_inet_socket_address_get_port(server);
	node.tcp_port = node.udp_port;
	node.family = (int)g_inet_address_get_family(address);
	memcpy(&node.addr,
	       g_inet_address_to_bytes(address),
	       g_inet_address_get_native_size(address));
	return uc_dns_channel_check_rc(ares_set_servers_ports(self->channel, &node),
				       "use a name server",
				       error);
}

static gboolean
uc_dns_channel_open(UcDnsChannel *self, guint timeout_ms, GError **error)
{
	/* without NOCHECKRESP, SERVFAIL and REFUSED would be the same as an unreachable server */
	gchar nothing[] = "/dev/null";
	struct ares_options options = {
	    .flags =
		ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
	    .timeout = (int)timeout_ms,
	    .tries = 1,
	    .ednspsz = UC_DNS_MESSAGE_UDP_BYTES,
	    .sock_state_cb = uc_dns_channel_socket_cb,
	    .sock_state_cb_data = self,
	    .resolvconf_path = nothing,
	};

	return uc_dns_channel_check_rc(
	    ares_init_options(&self->channel,
			      &options,
			      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				  ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF),
	    "start the resolver",
	    error);
}

/* c-ares knows no zones; a socket that is bound to the interface needs none */
static gboolean
uc_dns_channel_bind(UcDnsChannel *self,
		    GInetSocketAddress *server,
		    const gchar *interface,
		    GError **error)
{
	GInetAddress *address = g_inet_socket_address_get_address(server);
	guint scope_id = 0;
	gchar name[IF_NAMESIZE] = "";

	if (g_inet_address_get_is_loopback(address))
		return TRUE;
	if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6)
		scope_id = g_inet_socket_address_get_scope_id(server);
	if (scope_id != 0)
		interface = if_indextoname(scope_id, name);
	if (scope_id != 0 && interface == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot use a name server: there is no network interface %u",
			    scope_id);
		return FALSE;
	}
	if (interface != NULL)
		ares_set_local_dev(self->channel, interface);
	return TRUE;
}

/**
 * uc_dns_channel_new:
 * @server: the name server to ask; a zone of it counts before @interface
 * @interface: (nullable): only ask over this network interface; one on this machine is asked
 *   whatever it is
 * @timeout_ms: give up on an exchange after so many milliseconds
 * @error: set to %UC_ERROR_FAILED
 *
 * Attaches itself to the thread-default main context.
 *
 * Returns: (transfer full): a channel, or %NULL
 */
UcDnsChannel *
uc_dns_channel_new(GInetSocketAddress *server,
		   const gchar *interface,
		   guint timeout_ms,
		   GError **error)
{
	g_autoptr(UcDnsChannel) self =
	    (UcDnsChannel *)g_source_new(&uc_dns_channel_funcs, sizeof(UcDnsChannel));

	g_source_set_static_name(&self->source, "uc-dns-channel");
	self->channel = NULL;
	self->fds = g_ptr_array_new_with_free_func(g_free);
	self->pending = g_ptr_array_new_with_free_func((GDestroyNotify)uc_dns_exchange_free);
	g_queue_init(&self->done);
	g_source_attach(&self->source, g_main_context_get_thread_default());
	if (!uc_dns_channel_open(self, timeout_ms, error) ||
	    !uc_dns_channel_set_server(self, server, error) ||
	    !uc_dns_channel_bind(self, server, interface, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_dns_channel_free:
 *
 * Forgets every exchange under way, without calling back.
 */
void
uc_dns_channel_free(UcDnsChannel *self)
{
	g_source_destroy(&self->source);
	if (self->channel != NULL)
		ares_destroy(g_steal_pointer(&self->channel));
	g_ptr_array_set_size(self->pending, 0);
	g_queue_clear_full(&self->done, (GDestroyNotify)uc_dns_exchange_free);
	g_source_unref(&self->source);
}

static UcDnsResult
uc_dns_channel_convert_status(int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
	case ARES_ECONNREFUSED: /* nothing there that answers */
		return UC_DNS_RESULT_TIMEOUT;
	default:
		return UC_DNS_RESULT_SERVFAIL;
	}
}

static void
uc_dns_channel_answer_cb(void *user_data, int status, int timeouts, unsigned char *data, int bytes)
{
	UcDnsExchange *exchange = user_data;
	UcDnsChannel *self = exchange->channel;
	guint index = 0;

	/* the channel goes, and the exchange with it */
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	if (status == ARES_SUCCESS && data != NULL && bytes > 0)
		exchange->message = g_bytes_new(data, (gsize)bytes);
	else
		exchange->failure = uc_dns_channel_convert_status(status);
	if (g_ptr_array_find(self->pending, exchange, &index))
		g_queue_push_tail(&self->done, g_ptr_array_steal_index_fast(self->pending, index));
}

/**
 * uc_dns_channel_send:
 * @query: a message of uc_dns_message_new_query() with an id that no other one under way has
 * @callback: called when there is an answer, or none in time
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data after the call or with the channel
 */
void
uc_dns_channel_send(UcDnsChannel *self,
		    GBytes *query,
		    UcDnsChannelFunc callback,
		    gpointer user_data,
		    GDestroyNotify destroy)
{
	UcDnsExchange *exchange = g_new0(UcDnsExchange, 1);

	exchange->channel = self;
	exchange->callback = callback;
	exchange->user_data = user_data;
	exchange->destroy = destroy;
	exchange->failure = UC_DNS_RESULT_TIMEOUT;
	g_ptr_array_add(self->pending, exchange);
	ares_send(self->channel,
		  g_bytes_get_data(query, NULL),
		  (int)g_bytes_get_size(query),
		  uc_dns_channel_answer_cb,
		  exchange);
}
