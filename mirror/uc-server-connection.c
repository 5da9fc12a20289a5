/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How long a peer may keep a connection waiting, and how many connections there are.
 *
 * A TLS handshake takes a thread of GTask's pool for as long as it lasts, and the pool has ten and
 * grows slowly. So a connection opens, from its acceptance to the headers of its first request,
 * within 15 s; and while more are opening than the pool has threads at first, those end whose peer
 * has said nothing for 3 s although it is its turn: there is no more to read of it, or only a part
 * of the first TLS record. A peer that merely waits for us is not blamed for it, and has a second
 * to answer what we have just said, however long it waited for that. Later requests, and the pause
 * before each, have 60 s.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "uc-server-connection.h"
#include "uc-server-socket.h"

#define UC_SERVER_CONNECTION_OPENING_SECS 15
#define UC_SERVER_CONNECTION_REQUEST_SECS 60
#define UC_SERVER_CONNECTION_SILENT_MS	  3000
#define UC_SERVER_CONNECTION_ANSWER_MS	  1000
#define UC_SERVER_CONNECTION_SWEEP_MS	  500
/* so many may open without anybody looking; a few less than GTask has threads */
#define UC_SERVER_CONNECTION_OPENING_FEW 8
/* for the database, the listening sockets and the like */
#define UC_SERVER_CONNECTION_OTHER_FDS 64
#define UC_SERVER_CONNECTION_MIN       16
#define UC_SERVER_CONNECTION_MAX       4096 /* 50 KiB of memory each */

/* a message that has not been answered yet */
typedef struct {
	GQueue *queue; /* not owned: the one that it is in */
	GList link;
	GSocket *socket;
	gint64 since_usec;  /* monotonic */
	gint64 record_usec; /* monotonic; when there was something of it to read, at the latest */
} UcServerWaiting;

struct _UcServerConnections {
	UcServerSockets *sockets;
	GQueue opening;	 /* (element-type UcServerWaiting): the one that waits longest first */
	GQueue requests; /* (element-type UcServerWaiting): likewise */
	GQueue active;	 /* (element-type UcServerWaiting): read, and being answered */
	guint sweep;
};

static void
uc_server_waiting_free(gpointer data)
{
	UcServerWaiting *self = data;

	g_queue_unlink(self->queue, &self->link);
	uc_server_sockets_set_busy(self->socket, FALSE);
	g_object_unref(self->socket);
	g_free(self);
}

static GQuark
uc_server_waiting_quark(void)
{
	static GQuark quark = 0;

	/* asked for with each request, and looking for a name takes a lock */
	if (quark == 0)
		quark = g_quark_from_static_string("uc-server-waiting");
	return quark;
}

/* (transfer none) (nullable) */
static UcServerWaiting *
uc_server_waiting_get(SoupServerMessage *message)
{
	return g_object_get_qdata(G_OBJECT(message), uc_server_waiting_quark());
}

static void
uc_server_waiting_enqueue(UcServerWaiting *self, GQueue *queue)
{
	self->queue = queue;
	self->link.data = self;
	self->since_usec = g_get_monotonic_time();
	g_queue_push_tail_link(queue, &self->link);
}

/* what it waits for fails now, and libsoup frees the connection */
static void
uc_server_waiting_end(const UcServerWaiting *self)
{
	g_socket_shutdown(self->socket, TRUE, TRUE, NULL);
}

/* whether there is a whole TLS record to read (RFC 8446, section 5.1) */
static gboolean
uc_server_waiting_has_record(const UcServerWaiting *self)
{
	guint8 head[5] = {0};
	gssize available = g_socket_get_available_bytes(self->socket);
	gssize peeked =
	    recv(g_socket_get_fd(self->socket), head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);

	return peeked == (gssize)sizeof(head) &&
	       available >= (gssize)sizeof(head) + ((gssize)head[3] << 8 | head[4]);
}

/* whether it has been the peer's turn for a while, and it has said nothing for so long */
static gboolean
uc_server_waiting_is_silent(const UcServerWaiting *self, guint silent_ms)
{
	struct tcp_info info = {0};
	socklen_t size_bytes = sizeof(info);

	return g_get_monotonic_time() - self->record_usec >=
		   UC_SERVER_CONNECTION_ANSWER_MS * 1000 &&
	       getsockopt(g_socket_get_fd(self->socket),
			  IPPROTO_TCP,
			  TCP_INFO,
			  &info,
			  &size_bytes) == 0 &&
	       info.tcpi_last_data_recv >= silent_ms &&
	       info.tcpi_last_data_sent >= UC_SERVER_CONNECTION_ANSWER_MS;
}

static gboolean
uc_server_waiting_is_stalled(const UcServerWaiting *self)
{
	return uc_server_waiting_is_silent(self, UC_SERVER_CONNECTION_SILENT_MS);
}

/* not whom we keep waiting on a busy machine */
static gboolean
uc_server_waiting_is_slow(const UcServerWaiting *self)
{
	return uc_server_waiting_is_silent(self, 0);
}

/* @is_guilty: (nullable): %NULL for all that wait for so long */
static void
uc_server_connections_end_older(GQueue *queue,
				gint64 before_usec,
				gboolean (*is_guilty)(const UcServerWaiting *))
{
	for (GList *l = queue->head; l != NULL; l = l->next) {
		const UcServerWaiting *waiting = l->data;

		if (waiting->since_usec > before_usec)
			return;
		if (is_guilty == NULL || is_guilty(waiting))
			uc_server_waiting_end(waiting);
	}
}

/* what has been read is being answered */
static void
uc_server_connections_look(UcServerConnections *self)
{
	gint64 now_usec = g_get_monotonic_time();

	for (GList *l = self->opening.head; l != NULL; l = l->next) {
		UcServerWaiting *waiting = l->data;

		if (uc_server_waiting_has_record(waiting))
			waiting->record_usec = now_usec;
	}
}

static void
uc_server_connection_free_ref(gpointer data)
{
	g_weak_ref_clear(data);
	g_free(data);
}

static gboolean
uc_server_connections_sweep_cb(gpointer user_data)
{
	UcServerConnections *self = user_data;
	gint64 now_usec = g_get_monotonic_time();
	gint64 request_usec = now_usec - UC_SERVER_CONNECTION_REQUEST_SECS * G_USEC_PER_SEC;
	gint64 opening_usec = now_usec - UC_SERVER_CONNECTION_OPENING_SECS * G_USEC_PER_SEC;
	gint64 silent_usec = now_usec - UC_SERVER_CONNECTION_SILENT_MS * 1000;

	uc_server_connections_look(self);
	uc_server_connections_end_older(&self->requests, request_usec, NULL);
	uc_server_connections_end_older(&self->opening, request_usec, NULL);
	uc_server_connections_end_older(&self->opening, opening_usec, uc_server_waiting_is_slow);
	if (self->opening.length > UC_SERVER_CONNECTION_OPENING_FEW)
		uc_server_connections_end_older(&self->opening,
						silent_usec,
						uc_server_waiting_is_stalled);
	if (uc_server_sockets_sweep(self->sockets))
		return G_SOURCE_CONTINUE;
	self->sweep = 0;
	return G_SOURCE_REMOVE;
}

/**
 * uc_server_connections_get_limit:
 *
 * Raises this process's limit of open files as far as it may.
 *
 * Returns: how many connections it allows, each of which may read a file, with as many again that
 *   are about to be closed
 */
guint
uc_server_connections_get_limit(void)
{
	struct rlimit limit = {0};
	rlim_t files = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return UC_SERVER_CONNECTION_MIN;
	files = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		files = limit.rlim_max;
	files -= MIN(files, UC_SERVER_CONNECTION_OTHER_FDS);
	return (guint)CLAMP(files / 4, UC_SERVER_CONNECTION_MIN, UC_SERVER_CONNECTION_MAX);
}

/**
 * uc_server_connections_new:
 * @max: how many there may be at once
 *
 * Returns: (transfer full): no connections yet
 */
UcServerConnections *
uc_server_connections_new(guint max)
{
	UcServerConnections *self = g_new0(UcServerConnections, 1);

	self->sockets = uc_server_sockets_new(max);
	return self;
}

/**
 * uc_server_connections_free:
 *
 * The messages have to be gone; sockets may still be closing.
 */
void
uc_server_connections_free(UcServerConnections *self)
{
	if (self->sweep != 0)
		g_source_remove(self->sweep);
	uc_server_sockets_free(self->sockets);
	g_free(self);
}

/*
 * After a handshake that failed, libsoup 3.2 forgets the message that it made for it: message and
 * connection hold each other, and with them the session of GnuTLS, 50 KiB. If nobody else has a
 * reference to it when all is over, this drops libsoup's.
 */
static gboolean
uc_server_connection_release_cb(gpointer user_data)
{
	GWeakRef *ref = user_data;
	GObject *message = g_weak_ref_get(ref);

	if (message == NULL)
		return G_SOURCE_REMOVE;
	if (g_atomic_int_get(&message->ref_count) == 2)
		g_object_unref(message);
	g_object_unref(message);
	return G_SOURCE_REMOVE;
}

static void
uc_server_connection_failed_cb(SoupServerMessage *message, gpointer user_data)
{
	GWeakRef *ref = g_new0(GWeakRef, 1);

	g_object_set_qdata(G_OBJECT(message), uc_server_waiting_quark(), NULL);
	g_weak_ref_init(ref, message);
	g_idle_add_full(G_PRIORITY_DEFAULT,
			uc_server_connection_release_cb,
			ref,
			uc_server_connection_free_ref);
}

/* from now on the message is one like any other */
static void
uc_server_connection_connected_cb(SoupServerMessage *message, gpointer user_data)
{
	g_signal_handlers_disconnect_by_func(message, uc_server_connection_failed_cb, NULL);
}

static void
uc_server_connection_watch(SoupServerMessage *message)
{
	g_signal_connect(message, "connected", G_CALLBACK(uc_server_connection_connected_cb), NULL);
	g_signal_connect(message, "disconnected", G_CALLBACK(uc_server_connection_failed_cb), NULL);
}

/**
 * uc_server_connections_started:
 * @message: what a connection waits for, from its acceptance or from the end of its last request
 *
 * Its time begins. May be called again for the same message, which changes nothing.
 */
void
uc_server_connections_started(UcServerConnections *self, SoupServerMessage *message)
{
	GSocket *socket = soup_server_message_get_socket(message);
	UcServerWaiting *waiting = NULL;
	GQueue *queue = &self->requests;

	if (socket == NULL || uc_server_waiting_get(message) != NULL)
		return;
	if (uc_server_sockets_add(self->sockets, socket)) {
		uc_server_connection_watch(message);
		queue = &self->opening;
	}
	waiting = g_new0(UcServerWaiting, 1);
	waiting->socket = g_object_ref(socket);
	uc_server_waiting_enqueue(waiting, queue);
	uc_server_sockets_set_busy(socket, TRUE);
	g_object_set_qdata_full(G_OBJECT(message),
				uc_server_waiting_quark(),
				waiting,
				uc_server_waiting_free);
	if (self->sweep == 0)
		self->sweep = g_timeout_add(UC_SERVER_CONNECTION_SWEEP_MS,
					    uc_server_connections_sweep_cb,
					    self);
}

/**
 * uc_server_connections_heard:
 * @message: one whose headers are there
 *
 * Its connection is open; the rest of the request has its own time.
 */
void
uc_server_connections_heard(UcServerConnections *self, SoupServerMessage *message)
{
	UcServerWaiting *waiting = uc_server_waiting_get(message);

	if (waiting == NULL || waiting->queue != &self->opening)
		return;
	g_queue_unlink(waiting->queue, &waiting->link);
	uc_server_waiting_enqueue(waiting, &self->requests);
}

/* libsoup writes the headers and the body of an answer apart; tcp(7) */
static void
uc_server_waiting_set_corked(const UcServerWaiting *self, gboolean corked)
{
	g_autoptr(GError) error = NULL;

	if (!g_socket_set_option(self->socket, IPPROTO_TCP, TCP_CORK, corked ? 1 : 0, &error))
		g_debug("%s", error->message);
}

/**
 * uc_server_connections_read:
 * @message: one that was read to its end
 *
 * Its time is over; the answer takes as long as it takes. It goes out in as few packets as it
 * fits into, a small one in one.
 */
void
uc_server_connections_read(UcServerConnections *self, SoupServerMessage *message)
{
	UcServerWaiting *waiting = uc_server_waiting_get(message);

	if (waiting == NULL || waiting->queue == &self->active)
		return;
	g_queue_unlink(waiting->queue, &waiting->link);
	uc_server_waiting_enqueue(waiting, &self->active);
	uc_server_waiting_set_corked(waiting, TRUE);
}

/**
 * uc_server_connections_done:
 * @message: one that was answered, or whose connection is gone
 *
 * What is left of the answer goes out.
 */
void
uc_server_connections_done(UcServerConnections *self, SoupServerMessage *message)
{
	UcServerWaiting *waiting = uc_server_waiting_get(message);

	if (waiting == NULL)
		return;
	if (waiting->queue == &self->active && !g_socket_is_closed(waiting->socket))
		uc_server_waiting_set_corked(waiting, FALSE);
	g_object_set_qdata(G_OBJECT(message), uc_server_waiting_quark(), NULL);
}

/**
 * uc_server_connections_get_active:
 *
 * Returns: how many messages were read and not answered yet
 */
guint
uc_server_connections_get_active(const UcServerConnections *self)
{
	return self->active.length;
}
