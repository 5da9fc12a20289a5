/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service over HTTPS: the published tree, check-ins, reports. It reads its TLS key, the
 * database and the tree, and no signing key. Everything runs on one main loop but what goes into
 * the database, uc-intake.c.
 */

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-json.h"
#include "uc-key-file.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-publish-document.h"
#include "uc-server-connection.h"
#include "uc-server-file.h"
#include "uc-server-peer.h"
#include "uc-server-phone.h"
#include "uc-server-post.h"
#include "uc-server.h"

/* so long the kernel keeps a connection on which nothing was said */
#define UC_SERVER_SILENT_SECS 60
/* so long what is going on may take after SIGTERM */
#define UC_SERVER_STOP_SECS 10
/* so many may wait to be accepted */
#define UC_SERVER_BACKLOG 4096
/* SD_LISTEN_FDS_START */
#define UC_SERVER_FIRST_FD 3
/* a body that is refused is read to its end up to this size, so that the answer arrives */
#define UC_SERVER_DRAIN_BYTES (1024 * 1024)

#define UC_SERVER_SIGNALS 3

struct _UcServer {
	UcMirror *mirror; /* not owned */
	gchar *public_dir;
	UcServerAccess *access; /* not owned */
	SoupServer *soup;
	UcIntake *intake; /* (nullable): before uc_server_run() */
	UcServerConnections *connections;
	GMainLoop *loop;
	gboolean stopping;
	guint signals[UC_SERVER_SIGNALS];
	UcServerProxied *proxied; /* (nullable): where proxies say who asks */
};

static void
uc_server_fail_status(SoupServerMessage *message, guint status)
{
	SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
	SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
	goffset length = soup_message_headers_get_content_length(request);
	GSocket *socket = soup_server_message_get_socket(message);

	soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
	soup_message_headers_replace(response, "Connection", "close");
	soup_server_message_set_status(message, status, NULL);
	if (length > UC_SERVER_DRAIN_BYTES && socket != NULL)
		g_socket_shutdown(socket, TRUE, FALSE, NULL);
}

static void
uc_server_deny(SoupServerMessage *message, guint status, const gchar *reason)
{
	uc_server_fail_status(message, status);
	soup_server_message_set_response(message,
					 "application/json",
					 SOUP_MEMORY_STATIC,
					 reason,
					 strlen(reason));
}

/* Lync's refusal of who asks from outside without having signed in, with the reason */
static gboolean
uc_server_check_access(UcServer *self, SoupServerMessage *message)
{
	SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
	SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
	const UcServerRequest who = {
	    .remote = soup_server_message_get_remote_address(message),
	    .forwarded = soup_message_headers_get_list(request, "X-Forwarded-For"),
	    .authorization = soup_message_headers_get_one(request, "Authorization")};

	switch (uc_server_access_check(self->access, &who, g_get_monotonic_time())) {
	case UC_SERVER_ALLOWED:
		return TRUE;
	case UC_SERVER_OUTSIDE:
		if (uc_server_peer_is_enrolled(self->mirror, message))
			return TRUE;
		uc_server_deny(message,
			       SOUP_STATUS_FORBIDDEN,
			       "{\"error\":\"your address is in none of the networks that this "
			       "service is for, and nobody has signed in\"}");
		return FALSE;
	case UC_SERVER_WRONG:
		soup_message_headers_replace(response,
					     "WWW-Authenticate",
					     "Basic realm=\"ucupdates\"");
		uc_server_deny(message,
			       SOUP_STATUS_UNAUTHORIZED,
			       "{\"error\":\"user or password is wrong\"}");
		return FALSE;
	case UC_SERVER_BUSY:
		soup_message_headers_replace(response, "Retry-After", "1");
		uc_server_deny(message,
			       SOUP_STATUS_SERVICE_UNAVAILABLE,
			       "{\"error\":\"too many passwords are being tried\"}");
		return FALSE;
	default:
		return FALSE;
	}
}

static gsize
uc_server_get_body_limit(const gchar *path)
{
	if (g_str_equal(path, "/" UC_PUBLISH_CHECKIN_PATH))
		return UC_LIMIT_CHECKIN_BYTES;
	if (g_str_equal(path, "/" UC_PUBLISH_ENROL_PATH))
		return UC_LIMIT_ENROL_BYTES;
	if (g_str_equal(path, "/" UC_PUBLISH_REPORTS_PATH))
		return UC_LIMIT_REPORT_BYTES;
	return 0;
}

/* a length that a proxy in front may read in another way ends the connection: what it took for a
 * body would be a request here, or the other way round (RFC 9112, section 6.3) */
static gboolean
uc_server_is_length_plain(SoupServerMessage *message)
{
	SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
	const gchar *length = soup_message_headers_get_list(request, "Content-Length");

	return length == NULL ||
	       (length[0] != '\0' && strspn(length, "0123456789") == strlen(length));
}

static gboolean
uc_server_check_proxied(UcServer *self, SoupServerMessage *message)
{
	GSocketAddress *remote = soup_server_message_get_remote_address(message);
	g_autoptr(GError) error = NULL;

	if (self->proxied == NULL || !uc_server_access_is_proxy(self->access, remote) ||
	    uc_server_peer_set_proxied(message,
				       self->proxied,
				       soup_server_get_tls_database(self->soup),
				       &error))
		return TRUE;
	g_warning("%s", error->message);
	uc_server_fail_status(message, SOUP_STATUS_BAD_REQUEST);
	return FALSE;
}

/* after the headers, before a byte of the body: what is too large is never taken in */
static void
uc_server_early_cb(SoupServer *soup,
		   SoupServerMessage *message,
		   const gchar *path,
		   GHashTable *query,
		   gpointer user_data)
{
	UcServer *self = user_data;
	SoupMessageHeaders *request = soup_server_message_get_request_headers(message);
	SoupEncoding encoding = soup_message_headers_get_encoding(request);
	goffset length = soup_message_headers_get_content_length(request);

	uc_server_connections_heard(self->connections, message);
	uc_server_peer_note(message);
	if (self->stopping)
		uc_server_fail_status(message, SOUP_STATUS_SERVICE_UNAVAILABLE);
	else if (!uc_server_check_proxied(self, message) || !uc_server_check_access(self, message))
		return;
	else if (!uc_server_is_length_plain(message))
		uc_server_fail_status(message, SOUP_STATUS_BAD_REQUEST);
	else if (encoding != SOUP_ENCODING_NONE && encoding != SOUP_ENCODING_CONTENT_LENGTH)
		uc_server_fail_status(message, SOUP_STATUS_LENGTH_REQUIRED);
	else if (length > (goffset)uc_server_get_body_limit(path))
		uc_server_fail_status(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE);
	if (!self->stopping && soup_server_message_get_status(message) != SOUP_STATUS_FORBIDDEN)
		uc_server_phone_note(message, path, self->intake);
}

static void
uc_server_request_cb(SoupServer *soup,
		     SoupServerMessage *message,
		     const gchar *path,
		     GHashTable *query,
		     gpointer user_data)
{
	UcServer *self = user_data;
	const gchar *method = soup_server_message_get_method(message);
	SoupMessageHeaders *response = soup_server_message_get_response_headers(message);
	gboolean post = uc_server_get_body_limit(path) > 0;

	if (soup_server_message_get_status(message) != 0)
		return;
	if (!g_str_equal(method, "POST") && !g_str_equal(method, "GET") &&
	    !g_str_equal(method, "HEAD")) {
		soup_server_message_set_status(message, SOUP_STATUS_NOT_IMPLEMENTED, NULL);
	} else if (post != g_str_equal(method, "POST")) {
		soup_message_headers_replace(response, "Allow", post ? "POST" : "GET, HEAD");
		soup_server_message_set_status(message, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
	} else if (!post) {
		uc_server_file_respond(message, self->public_dir, path);
	} else if (g_str_equal(path, "/" UC_PUBLISH_CHECKIN_PATH)) {
		uc_server_post(message, self->intake, UC_INTAKE_CHECKIN);
	} else if (g_str_equal(path, "/" UC_PUBLISH_ENROL_PATH)) {
		uc_server_post(message, self->intake, UC_INTAKE_ENROL);
	} else {
		uc_server_post(message, self->intake, UC_INTAKE_REPORT);
	}
}

static void
uc_server_started_cb(SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
	UcServer *self = user_data;

	uc_server_connections_started(self->connections, message);
}

static void
uc_server_read_cb(SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
	UcServer *self = user_data;

	uc_server_connections_read(self->connections, message);
}

static void
uc_server_done_cb(SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
	UcServer *self = user_data;

	/* a connection on which nothing was asked ends here too */
	uc_server_connections_done(self->connections, message);
	if (self->stopping && uc_server_connections_get_active(self->connections) == 0)
		g_main_loop_quit(self->loop);
}

static GTlsCertificate *
uc_server_load_certificate(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *certificate =
	    uc_key_file_find_certificate(mirror->root, UC_ANCHOR_TLS, UC_KEY_FILE_LEAF);
	g_autofree gchar *key = uc_mirror_path(mirror, "keys", "tls", "leaf.key", NULL);

	return g_tls_certificate_new_from_files(certificate, key, error);
}

/* what is going on may end, within a bound; what begins now gets 503 and a closed connection */
static gboolean
uc_server_stop_cb(gpointer user_data)
{
	UcServer *self = user_data;

	if (self->stopping || uc_server_connections_get_active(self->connections) == 0)
		g_main_loop_quit(self->loop);
	self->stopping = TRUE;
	return G_SOURCE_CONTINUE;
}

/* a new TLS certificate for new connections; with one that cannot be read the old one stays */
static gboolean
uc_server_reload_cb(gpointer user_data)
{
	UcServer *self = user_data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GTlsCertificate) certificate = uc_server_load_certificate(self->mirror, &error);

	if (certificate != NULL && uc_server_peer_request(self->soup, self->mirror, &error))
		soup_server_set_tls_certificate(self->soup, certificate);
	else
		g_printerr("ucupdates-mirror: the TLS certificate stays as it was: %s\n",
			   error->message);
	return G_SOURCE_CONTINUE;
}

/* before it listens: whoever sees that it does may stop it or have it reload at once */
static void
uc_server_watch_signals(UcServer *self)
{
	self->signals[0] = g_unix_signal_add(SIGTERM, uc_server_stop_cb, self);
	self->signals[1] = g_unix_signal_add(SIGINT, uc_server_stop_cb, self);
	self->signals[2] = g_unix_signal_add(SIGHUP, uc_server_reload_cb, self);
}

void
uc_server_free(UcServer *self)
{
	for (guint i = 0; i < UC_SERVER_SIGNALS; i++)
		g_clear_handle_id(&self->signals[i], g_source_remove);
	if (self->soup != NULL) {
		g_signal_handlers_disconnect_by_data(self->soup, self);
		soup_server_disconnect(self->soup);
	}
	g_clear_object(&self->soup);
	g_clear_pointer(&self->connections, uc_server_connections_free);
	g_clear_pointer(&self->proxied, uc_server_proxied_free);
	g_clear_pointer(&self->loop, g_main_loop_unref);
	g_free(self->public_dir);
	g_free(self);
}

/**
 * uc_server_new:
 * @mirror: a mirror, which has to outlive the server
 * @access: who may ask, which has to outlive the server
 * @error: set to an error of this machine, if the TLS key cannot be read
 *
 * Returns: (transfer full): a server that does not listen yet
 */
UcServer *
uc_server_new(UcMirror *mirror, UcServerAccess *access, GError **error)
{
	g_autoptr(UcServer) self = g_new0(UcServer, 1);
	g_autoptr(GTlsCertificate) certificate = uc_server_load_certificate(mirror, error);

	if (certificate == NULL)
		return NULL;
	if (!uc_database_set_lazy(mirror->database, error))
		return NULL;
	self->access = access;
	self->mirror = mirror;
	self->public_dir = uc_mirror_path(mirror, "public", NULL);
	self->loop = g_main_loop_new(NULL, FALSE);
	self->connections = uc_server_connections_new(uc_server_connections_get_limit());
	self->soup = soup_server_new("tls-certificate", certificate, NULL);
	if (!uc_server_peer_request(self->soup, mirror, error))
		return NULL;
	soup_server_add_early_handler(self->soup, NULL, uc_server_early_cb, self, NULL);
	soup_server_add_handler(self->soup, NULL, uc_server_request_cb, self, NULL);
	g_signal_connect(self->soup, "request-started", G_CALLBACK(uc_server_started_cb), self);
	g_signal_connect(self->soup, "request-read", G_CALLBACK(uc_server_read_cb), self);
	g_signal_connect(self->soup, "request-finished", G_CALLBACK(uc_server_done_cb), self);
	g_signal_connect(self->soup, "request-aborted", G_CALLBACK(uc_server_done_cb), self);
	uc_server_watch_signals(self);
	return g_steal_pointer(&self);
}

/**
 * uc_server_set_proxied:
 *
 * From now on the proxies that were named for its access are believed by which client certificate
 * somebody asks. Whoever can connect from their addresses can be any endpoint then.
 */
void
uc_server_set_proxied(UcServer *self)
{
	if (self->proxied == NULL)
		self->proxied = uc_server_proxied_new();
}

static GSocketAddress *
uc_server_parse_address(const gchar *text, GError **error)
{
	g_autoptr(GSocketConnectable) parsed = g_network_address_parse(text, UC_HTTPS_PORT, NULL);
	g_autoptr(GInetAddress) address = NULL;

	if (parsed != NULL)
		address = g_inet_address_new_from_string(
		    g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)));
	if (address == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is nothing to listen on, expected ADDRESS, ADDRESS:PORT or "
			    "[ADDRESS]:PORT",
			    text);
		return NULL;
	}
	return g_inet_socket_address_new(address,
					 g_network_address_get_port(G_NETWORK_ADDRESS(parsed)));
}

/**
 * uc_server_listen:
 * @addresses: `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`; none for port 443 of all addresses;
 *   port 0 chooses one
 * @error: set to %UC_ERROR_INVALID (no address), or %UC_ERROR_FAILED
 */
gboolean
uc_server_listen(UcServer *self, const gchar *const *addresses, GError **error)
{
	for (guint i = 0; addresses != NULL && addresses[i] != NULL; i++) {
		g_autoptr(GSocketAddress) address = uc_server_parse_address(addresses[i], error);

		if (address == NULL)
			return FALSE;
		if (!soup_server_listen(self->soup, address, SOUP_SERVER_LISTEN_HTTPS, error)) {
			uc_error_convert_io(error, addresses[i]);
			return FALSE;
		}
	}
	if (addresses != NULL && addresses[0] != NULL)
		return TRUE;
	if (soup_server_listen_all(self->soup, UC_HTTPS_PORT, SOUP_SERVER_LISTEN_HTTPS, error))
		return TRUE;
	uc_error_convert_io(error, "port 443");
	return FALSE;
}

/**
 * uc_server_listen_inherited:
 * @count_out: (out): how many sockets systemd has passed, sd_listen_fds(3)
 * @error: set to %UC_ERROR_FAILED
 *
 * Listens on what the socket unit has opened, so that the service needs no right to.
 */
gboolean
uc_server_listen_inherited(UcServer *self, guint *count_out, GError **error)
{
	const gchar *pid = g_getenv("LISTEN_PID");
	const gchar *count = g_getenv("LISTEN_FDS");
	guint64 wanted_pid = 0;
	guint64 sockets = 0;

	*count_out = 0;
	if (pid == NULL || count == NULL ||
	    !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT32, &wanted_pid, NULL) ||
	    wanted_pid != (guint64)getpid() ||
	    !g_ascii_string_to_unsigned(count, 10, 1, UC_SERVER_LISTEN_MAX, &sockets, NULL))
		return TRUE;
	for (guint i = 0; i < sockets; i++) {
		g_autoptr(GSocket) socket =
		    g_socket_new_from_fd(UC_SERVER_FIRST_FD + (gint)i, error);

		if (socket == NULL || !soup_server_listen_socket(self->soup,
								 socket,
								 SOUP_SERVER_LISTEN_HTTPS,
								 error)) {
			uc_error_convert_io(error, "a socket from systemd");
			return FALSE;
		}
	}
	*count_out = (guint)sockets;
	return TRUE;
}

/**
 * uc_server_get_addresses:
 *
 * Returns: (transfer full): what it listens on, as `https://ADDRESS:PORT/`
 */
GStrv
uc_server_get_addresses(UcServer *self)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	GSList *listeners = soup_server_get_listeners(self->soup);

	for (GSList *l = listeners; l != NULL; l = l->next) {
		g_autoptr(GSocketAddress) address = g_socket_get_local_address(l->data, NULL);
		g_autofree gchar *text = NULL;
		g_autofree gchar *url = NULL;

		if (address == NULL)
			continue;
		text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
		url = g_strdup_printf("https://%s/", text);
		g_strv_builder_add(builder, url);
	}
	g_slist_free(listeners);
	return g_strv_builder_end(builder);
}

/*
 * The TLS handshake of a connection takes a thread of GTask's pool, which has ten and grows slowly:
 * those who connect and say nothing would hold all of them. So the kernel keeps them until they
 * have spoken, and has room for many who wait; libsoup's own backlog is ten.
 */
static void
uc_server_set_listeners(UcServer *self)
{
	GSList *listeners = soup_server_get_listeners(self->soup);

	for (GSList *l = listeners; l != NULL; l = l->next) {
		g_autoptr(GError) error = NULL;

		if (!g_socket_set_option(l->data,
					 IPPROTO_TCP,
					 TCP_DEFER_ACCEPT,
					 UC_SERVER_SILENT_SECS,
					 &error))
			g_debug("%s", error->message);
		if (listen(g_socket_get_fd(l->data), UC_SERVER_BACKLOG) != 0)
			g_debug("listen: %s", g_strerror(errno));
	}
	g_slist_free(listeners);
}

static gboolean
uc_server_quit_cb(gpointer user_data)
{
	UcServer *self = user_data;

	g_main_loop_quit(self->loop);
	return G_SOURCE_CONTINUE;
}

/**
 * uc_server_run:
 *
 * Loads the TLS certificate anew on SIGHUP. Serves until SIGTERM or SIGINT and until what is going
 * on then is done, which takes 10 s at most; a second signal ends at once.
 */
void
uc_server_run(UcServer *self)
{
	guint bound = 0;

	uc_server_set_listeners(self);
	self->intake = uc_intake_new(self->mirror->database);
	while (!self->stopping)
		g_main_context_iteration(NULL, TRUE);
	bound = g_timeout_add_seconds(UC_SERVER_STOP_SECS, uc_server_quit_cb, self);
	if (uc_server_connections_get_active(self->connections) > 0)
		g_main_loop_run(self->loop);
	g_source_remove(bound);
	g_clear_pointer(&self->intake, uc_intake_free);
}
