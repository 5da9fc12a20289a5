/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sockets of all connections, and what libsoup 3.2 forgets of them.
 *
 * It stops listening for good when accept() has no file descriptor left, so that connections beyond
 * the limit are shut down at once, and the limit is far below that of files.
 *
 * When a peer ends a connection on which it asks nothing, libsoup takes note of it and does nothing
 * more: the connection stays open, with the session of GnuTLS, 58 KiB. It frees all that when its
 * list of clients drops the connection, which the signal "disconnected" makes it do. Its
 * connections have no public type; the one of a socket is seen when it says that it is connected.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "uc-server-socket.h"

/* so long a connection may stay open without a request */
#define UC_SERVER_SOCKET_IDLE_SECS 60
/* not in the headers of libsoup */
#define UC_SERVER_SOCKET_TYPE "SoupServerConnection"

typedef struct {
	GWeakRef connection; /* libsoup's, none before the handshake was done */
	gboolean busy;	     /* with a request, or with the handshake */
	gint64 idle_usec;    /* monotonic: since when it is not */
	gboolean ended;	     /* at the last look neither side could speak, or only one */
} UcServerSocket;

struct _UcServerSockets {
	guint max;
	GPtrArray *refs; /* (element-type GWeakRef): to the sockets, each of which owns its part */
	guint signal;	 /* "connected", 0 before the first connection */
	gulong hook;
};

static GQuark
uc_server_socket_quark(void)
{
	static GQuark quark = 0;

	/* asked for with each request, and looking for a name takes a lock */
	if (quark == 0)
		quark = g_quark_from_static_string("uc-server-socket");
	return quark;
}

/* (transfer none) (nullable) */
static UcServerSocket *
uc_server_socket_get(GSocket *socket)
{
	return g_object_get_qdata(G_OBJECT(socket), uc_server_socket_quark());
}

static void
uc_server_socket_free(gpointer data)
{
	UcServerSocket *self = data;

	g_weak_ref_clear(&self->connection);
	g_free(self);
}

static void
uc_server_socket_free_ref(gpointer data)
{
	g_weak_ref_clear(data);
	g_free(data);
}

/* (transfer full) (nullable): none of a connection that libsoup has ended */
static GSocket *
uc_server_socket_of_connection(GObject *connection)
{
	GSocket *socket = NULL;

	if (g_object_class_find_property(G_OBJECT_GET_CLASS(connection), "socket") != NULL)
		g_object_get(connection, "socket", &socket, NULL);
	return socket;
}

static gboolean
uc_server_socket_connected_cb(GSignalInvocationHint *hint,
			      guint count,
			      const GValue *values,
			      gpointer user_data)
{
	GObject *connection = g_value_get_object(&values[0]);
	g_autoptr(GSocket) socket = uc_server_socket_of_connection(connection);
	UcServerSocket *self = socket != NULL ? uc_server_socket_get(socket) : NULL;

	if (self != NULL)
		g_weak_ref_set(&self->connection, connection);
	return TRUE;
}

/* the type is there when the first connection is */
static void
uc_server_sockets_hook(UcServerSockets *self)
{
	GType type = g_type_from_name(UC_SERVER_SOCKET_TYPE);

	if (self->hook != 0 || type == 0)
		return;
	self->signal = g_signal_lookup("connected", type);
	if (self->signal != 0)
		self->hook = g_signal_add_emission_hook(self->signal,
							0,
							uc_server_socket_connected_cb,
							NULL,
							NULL);
}

/**
 * uc_server_sockets_new:
 * @max: how many there may be at once
 *
 * Returns: (transfer full): no sockets yet
 */
UcServerSockets *
uc_server_sockets_new(guint max)
{
	UcServerSockets *self = g_new0(UcServerSockets, 1);

	self->max = max;
	self->refs = g_ptr_array_new_with_free_func(uc_server_socket_free_ref);
	return self;
}

/**
 * uc_server_sockets_free:
 *
 * Sockets may still be closing.
 */
void
uc_server_sockets_free(UcServerSockets *self)
{
	if (self->hook != 0)
		g_signal_remove_emission_hook(self->signal, self->hook);
	g_ptr_array_unref(self->refs);
	g_free(self);
}

/**
 * uc_server_sockets_add:
 * @socket: of a connection that asks something, or opens
 *
 * Shuts it down if there are too many.
 *
 * Returns: whether it was not known
 */
gboolean
uc_server_sockets_add(UcServerSockets *self, GSocket *socket)
{
	UcServerSocket *part = NULL;
	GWeakRef *ref = NULL;

	if (uc_server_socket_get(socket) != NULL)
		return FALSE;
	uc_server_sockets_hook(self);
	if (self->refs->len >= self->max)
		(void)uc_server_sockets_sweep(self);
	if (self->refs->len >= self->max) {
		g_debug("there are %u connections already", self->refs->len);
		g_socket_shutdown(socket, TRUE, TRUE, NULL);
	}
	part = g_new0(UcServerSocket, 1);
	g_weak_ref_init(&part->connection, NULL);
	g_object_set_qdata_full(G_OBJECT(socket),
				uc_server_socket_quark(),
				part,
				uc_server_socket_free);
	ref = g_new0(GWeakRef, 1);
	g_weak_ref_init(ref, socket);
	g_ptr_array_add(self->refs, ref);
	return TRUE;
}

/**
 * uc_server_sockets_set_busy:
 * @socket: one that was added
 * @busy: whether its connection opens, asks or is answered; else its time begins
 */
void
uc_server_sockets_set_busy(GSocket *socket, gboolean busy)
{
	UcServerSocket *self = uc_server_socket_get(socket);

	self->busy = busy;
	self->idle_usec = g_get_monotonic_time();
}

static gboolean
uc_server_socket_is_established(GSocket *socket)
{
	struct tcp_info info = {0};
	socklen_t size_bytes = sizeof(info);

	return getsockopt(g_socket_get_fd(socket), IPPROTO_TCP, TCP_INFO, &info, &size_bytes) ==
		   0 &&
	       info.tcpi_state == TCP_ESTABLISHED;
}

/* libsoup closes it when nobody but its list of clients has it any more */
static void
uc_server_socket_drop(GSocket *socket, UcServerSocket *self)
{
	g_autoptr(GObject) connection = g_weak_ref_get(&self->connection);
	g_autoptr(GSocket) open = NULL;

	if (connection == NULL)
		return;
	open = uc_server_socket_of_connection(connection);
	g_weak_ref_set(&self->connection, NULL);
	if (open != socket)
		return;
	g_socket_shutdown(socket, TRUE, TRUE, NULL);
	g_signal_emit_by_name(connection, "disconnected");
}

/*
 * Of a connection without a request. What is seen at one look libsoup has heard of before the next,
 * and has waited for nothing since.
 */
static void
uc_server_socket_look(GSocket *socket, UcServerSocket *self)
{
	gint64 idle_usec = g_get_monotonic_time() - self->idle_usec;

	if (self->busy || g_socket_is_closed(socket))
		return;
	if (uc_server_socket_is_established(socket)) {
		self->ended = FALSE;
		if (idle_usec > UC_SERVER_SOCKET_IDLE_SECS * G_USEC_PER_SEC)
			g_socket_shutdown(socket, TRUE, TRUE, NULL);
	} else if (!self->ended) {
		self->ended = TRUE;
	} else {
		uc_server_socket_drop(socket, self);
	}
}

/* the accepted socket is one of the things that libsoup 3.2 forgets: a closed one that nobody but
 * it refers to is dropped here */
static gboolean
uc_server_socket_is_gone(GWeakRef *ref)
{
	GObject *socket = g_weak_ref_get(ref);
	gboolean forgotten = FALSE;

	if (socket == NULL)
		return TRUE;
	uc_server_socket_look(G_SOCKET(socket), uc_server_socket_get(G_SOCKET(socket)));
	forgotten =
	    g_socket_is_closed(G_SOCKET(socket)) && g_atomic_int_get(&socket->ref_count) == 2;
	if (forgotten)
		g_object_unref(socket);
	g_object_unref(socket);
	return forgotten;
}

/**
 * uc_server_sockets_sweep:
 *
 * Ends the connections on which nothing was asked for 60 s, and frees those that have ended. To be
 * called from the main loop, once in a while.
 *
 * Returns: whether there are any left
 */
gboolean
uc_server_sockets_sweep(UcServerSockets *self)
{
	for (guint i = self->refs->len; i > 0; i--) {
		if (uc_server_socket_is_gone(g_ptr_array_index(self->refs, i - 1)))
			g_ptr_array_remove_index_fast(self->refs, i - 1);
	}
	return self->refs->len > 0;
}
