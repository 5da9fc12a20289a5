/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks name servers, the first one first. A server that fails, refuses or cannot be reached is
 * passed over at once; one that keeps silent for UC_RESOLVER_TRY_MS is joined by the next, and its
 * late answer still counts. So with N servers a question ends after at most N * 1 s + N * 2 s, or
 * at its deadline; and a dead first server costs one second once, because the server that answered
 * is asked first from then on.
 */

#include <errno.h>
#include <sys/random.h>

#include "uc-dns-channel.h"
#include "uc-dns-message.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-resolver.h"

#define UC_RESOLVER_EXCHANGE_MS 30000 /* a question ends long before */

typedef struct {
	UcDnsChannel *channel;
	gboolean is_loopback;
} UcResolverServer;

struct _UcResolver {
	GObject parent_instance;
	GPtrArray *servers; /* of UcResolverServer */
	guint preferred;    /* index of the one to ask first */
};

G_DEFINE_TYPE(UcResolver, uc_resolver, G_TYPE_OBJECT)

/* a question under way; every exchange has a reference, so that late answers find it ended */
typedef struct {
	GTask *task; /* NULL once it ended; holds a reference to the resolver */
	gchar *name;
	UcDnsType type;
	gint64 begin_usec;
	gint64 deadline_usec;
	guint first;			      /* index of the server asked first */
	guint tried;			      /* so many times a server came up */
	guint8 failed[UC_LIMIT_NAME_SERVERS]; /* servers that need not be asked again */
	UcDnsResult failure;		      /* what to say if nobody answers */
	GSource *timer;			      /* (nullable) */
	gulong cancelled_id;
} UcResolverQuery;

typedef struct {
	UcResolverQuery *query; /* a reference */
	guint server;
} UcResolverExchange;

static void
uc_resolver_server_free(UcResolverServer *server)
{
	uc_dns_channel_free(server->channel);
	g_free(server);
}

static void
uc_resolver_finalize(GObject *object)
{
	UcResolver *self = UC_RESOLVER(object);

	g_clear_pointer(&self->servers, g_ptr_array_unref);
	G_OBJECT_CLASS(uc_resolver_parent_class)->finalize(object);
}

static void
uc_resolver_class_init(UcResolverClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_resolver_finalize;
}

static void
uc_resolver_init(UcResolver *self)
{
	self->servers = g_ptr_array_new_with_free_func((GDestroyNotify)uc_resolver_server_free);
}

static void
uc_resolver_query_clear(UcResolverQuery *query)
{
	g_free(query->name);
}

static void
uc_resolver_query_unref(UcResolverQuery *query)
{
	g_rc_box_release_full(query, (GDestroyNotify)uc_resolver_query_clear);
}

static void
uc_resolver_exchange_free(UcResolverExchange *exchange)
{
	uc_resolver_query_unref(exchange->query);
	g_free(exchange);
}

static void
uc_resolver_query_stop_timer(UcResolverQuery *query)
{
	if (query->timer == NULL)
		return;
	g_source_destroy(query->timer);
	g_clear_pointer(&query->timer, g_source_unref);
}

/* (transfer full): the task, for the one return that it gets */
static GTask *
uc_resolver_query_end(UcResolverQuery *query)
{
	GTask *task = g_steal_pointer(&query->task);

	uc_resolver_query_stop_timer(query);
	if (query->cancelled_id != 0)
		g_signal_handler_disconnect(g_task_get_cancellable(task), query->cancelled_id);
	query->cancelled_id = 0;
	return task;
}

static void
uc_resolver_query_return(UcResolverQuery *query, UcDnsAnswer *answer)
{
	g_autoptr(GTask) task = uc_resolver_query_end(query);

	answer->elapsed_ms = (guint)((g_get_monotonic_time() - query->begin_usec) / 1000);
	g_task_return_pointer(task, answer, (GDestroyNotify)uc_dns_answer_free);
}

static void
uc_resolver_query_give_up(UcResolverQuery *query)
{
	uc_resolver_query_return(query,
				 uc_dns_answer_new(query->name, query->type, query->failure));
}

static void
uc_resolver_query_advance(UcResolverQuery *query);

static void
uc_resolver_answer_cb(GBytes *message, UcDnsResult failure, gpointer user_data)
{
	UcResolverExchange *exchange = user_data;
	UcResolverQuery *query = exchange->query;
	UcResolver *self = NULL;
	g_autoptr(UcDnsAnswer) answer = NULL;

	if (query->task == NULL)
		return;
	self = g_task_get_source_object(query->task);
	if (message != NULL) {
		answer = uc_dns_message_parse(message, query->name, query->type, NULL);
		failure = answer != NULL ? answer->result : UC_DNS_RESULT_SERVFAIL;
	}
	if (answer != NULL && uc_dns_result_is_answer(answer->result)) {
		const UcResolverServer *server = g_ptr_array_index(self->servers, exchange->server);

		/* what another machine says about validation, anybody on the way can say */
		answer->authenticated = answer->authenticated && server->is_loopback;
		self->preferred = exchange->server;
		uc_resolver_query_return(query, g_steal_pointer(&answer));
		return;
	}
	query->failed[exchange->server] = TRUE;
	if (query->failure == UC_DNS_RESULT_TIMEOUT)
		query->failure = failure;
	uc_resolver_query_advance(query);
}

static guint16
uc_resolver_make_id(void)
{
	guint16 id = 0;

	while (getrandom(&id, sizeof(id), 0) != sizeof(id))
		continue; /* only a signal interrupts it */
	return id;
}

static gboolean
uc_resolver_query_send(UcResolverQuery *query, guint server_index, GError **error)
{
	UcResolver *self = g_task_get_source_object(query->task);
	const UcResolverServer *server = g_ptr_array_index(self->servers, server_index);
	UcResolverExchange *exchange = NULL;
	g_autoptr(GBytes) message =
	    uc_dns_message_new_query(query->name, query->type, uc_resolver_make_id(), error);

	if (message == NULL)
		return FALSE;
	exchange = g_new0(UcResolverExchange, 1);
	exchange->query = g_rc_box_acquire(query);
	exchange->server = server_index;
	uc_dns_channel_send(server->channel,
			    message,
			    uc_resolver_answer_cb,
			    exchange,
			    (GDestroyNotify)uc_resolver_exchange_free);
	return TRUE;
}

static gboolean
uc_resolver_timer_cb(gpointer user_data)
{
	UcResolverQuery *query = user_data;

	uc_resolver_query_stop_timer(query);
	uc_resolver_query_advance(query);
	return G_SOURCE_REMOVE;
}

static void
uc_resolver_query_start_timer(UcResolverQuery *query, gint64 ready_usec)
{
	uc_resolver_query_stop_timer(query);
	query->timer = g_timeout_source_new(0);
	g_source_set_ready_time(query->timer, MIN(ready_usec, query->deadline_usec));
	g_source_set_callback(query->timer,
			      uc_resolver_timer_cb,
			      g_rc_box_acquire(query),
			      (GDestroyNotify)uc_resolver_query_unref);
	g_source_attach(query->timer, g_task_get_context(query->task));
}

/* the next server that did not fail, or %FALSE when all rounds are over */
static gboolean
uc_resolver_query_pick(UcResolverQuery *query, guint *server_out, guint *round_out)
{
	UcResolver *self = g_task_get_source_object(query->task);
	guint count = self->servers->len;

	while (query->tried < count * UC_RESOLVER_ROUNDS) {
		*round_out = query->tried / count;
		*server_out = (query->first + query->tried++) % count;
		if (!query->failed[*server_out])
			return TRUE;
	}
	return FALSE;
}

static void
uc_resolver_query_advance(UcResolverQuery *query)
{
	gint64 now_usec = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;
	guint server = 0;
	guint round = 0;

	if (now_usec >= query->deadline_usec || !uc_resolver_query_pick(query, &server, &round)) {
		uc_resolver_query_give_up(query);
		return;
	}
	if (!uc_resolver_query_send(query, server, &error)) {
		g_autoptr(GTask) task = uc_resolver_query_end(query);

		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	uc_resolver_query_start_timer(query, now_usec + ((UC_RESOLVER_TRY_MS * 1000L) << round));
}

/**
 * uc_resolver_new:
 * @servers: (element-type GInetSocketAddress): name servers, the best one first, 1 to 8
 * @interface: (nullable): only ask over this network interface
 * @error: set to %UC_ERROR_FAILED, or %UC_ERROR_INVALID for no or too many servers
 *
 * A fresh one per discovery, so that each has UDP ports of its own.
 *
 * Returns: (transfer full): a resolver on the thread-default main context
 */
UcResolver *
uc_resolver_new(GPtrArray *servers, const gchar *interface, GError **error)
{
	g_autoptr(UcResolver) self = g_object_new(UC_TYPE_RESOLVER, NULL);

	if (servers->len < 1 || servers->len > UC_LIMIT_NAME_SERVERS) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%u name servers, expected 1 to %d",
			    servers->len,
			    UC_LIMIT_NAME_SERVERS);
		return NULL;
	}
	for (guint i = 0; i < servers->len; i++) {
		GInetSocketAddress *address = g_ptr_array_index(servers, i);
		g_autoptr(UcDnsChannel) channel =
		    uc_dns_channel_new(address, interface, UC_RESOLVER_EXCHANGE_MS, error);
		UcResolverServer *server = NULL;

		if (channel == NULL)
			return NULL;
		server = g_new0(UcResolverServer, 1);
		server->channel = g_steal_pointer(&channel);
		server->is_loopback =
		    g_inet_address_get_is_loopback(g_inet_socket_address_get_address(address));
		g_ptr_array_add(self->servers, server);
	}
	return g_steal_pointer(&self);
}

static gboolean
uc_resolver_cancelled_idle_cb(gpointer user_data)
{
	UcResolverQuery *query = user_data;

	if (query->task != NULL) {
		g_autoptr(GTask) task = uc_resolver_query_end(query);

		g_task_return_error_if_cancelled(task);
	}
	return G_SOURCE_REMOVE;
}

/* a handler of "cancelled" may not disconnect itself, so the end comes from the main loop */
static void
uc_resolver_cancelled_cb(GCancellable *cancellable, gpointer user_data)
{
	UcResolverQuery *query = user_data;
	g_autoptr(GSource) source = g_idle_source_new();

	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	g_source_set_callback(source,
			      uc_resolver_cancelled_idle_cb,
			      g_rc_box_acquire(query),
			      (GDestroyNotify)uc_resolver_query_unref);
	g_source_attach(source, g_task_get_context(query->task));
}

static void
uc_resolver_closure_unref(gpointer user_data, GClosure *closure)
{
	uc_resolver_query_unref(user_data);
}

static UcResolverQuery *
uc_resolver_query_new(UcResolver *self, const gchar *name, UcDnsType type, gint64 deadline_usec)
{
	UcResolverQuery *query = g_rc_box_new0(UcResolverQuery);

	query->name = g_strdup(name);
	query->type = type;
	query->begin_usec = g_get_monotonic_time();
	query->deadline_usec = deadline_usec;
	query->first = self->preferred;
	query->failure = UC_DNS_RESULT_TIMEOUT;
	return query;
}

/**
 * uc_resolver_query_async:
 * @name: a legal name without a dot at the end; it is asked for absolutely, never searched
 * @type: the type to ask for
 * @deadline_usec: when to give up, on the clock of g_get_monotonic_time()
 * @cancellable: (nullable): ends it at once with `G_IO_ERROR_CANCELLED`
 */
void
uc_resolver_query_async(UcResolver *self,
			const gchar *name,
			UcDnsType type,
			gint64 deadline_usec,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcResolverQuery *query = NULL;

	if (g_task_return_error_if_cancelled(task))
		return;
	query = uc_resolver_query_new(self, name, type, deadline_usec);
	query->task = g_steal_pointer(&task);
	if (cancellable != NULL)
		query->cancelled_id = g_signal_connect_data(cancellable,
							    "cancelled",
							    G_CALLBACK(uc_resolver_cancelled_cb),
							    g_rc_box_acquire(query),
							    uc_resolver_closure_unref,
							    0);
	uc_resolver_query_advance(query);
	uc_resolver_query_unref(query);
}

/**
 * uc_resolver_query_finish:
 * @error: set to `G_IO_ERROR_CANCELLED`, or %UC_ERROR_INVALID for a name that cannot be asked for
 *
 * That nobody answered is no error but an answer: see #UcDnsResult.
 *
 * Returns: (transfer full): what came of the question, or %NULL
 */
UcDnsAnswer *
uc_resolver_query_finish(UcResolver *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
