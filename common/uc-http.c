/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTTPS to one service, at addresses that were resolved already or, for a URL that was given, as
 * GIO resolves it and through the proxies that GIO finds. The session never follows a redirect by
 * itself, never decodes a content coding (ranges and bombs), and takes only certificates that
 * uc-tls.c accepts. A body is read up to its limit and not further. Credentials go to the service
 * alone, in the header that is sent after its certificate was verified, and are never logged.
 */

#include "config.h"

#include <string.h>

#include "uc-error.h"
#include "uc-http.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-service-address.h"
#include "uc-tls.h"

#define UC_HTTP_INFORMATIONAL "uc-http-informational" /* of a message: how many 1xx came */

struct _UcHttp {
	GObject parent_instance;
	SoupSession *session;
	gchar *base_url;		  /* "https://host" or "https://host:port" */
	gchar *authorization;		  /* (nullable): value of the header */
	UcClientCertificate *certificate; /* (nullable) */
	UcHttpHostCheck host_check;	  /* (nullable): which other hosts count */
	gpointer host_data;		  /* not owned: of @host_check */
	gboolean used;			  /* @session may have connections */
};

G_DEFINE_TYPE(UcHttp, uc_http, G_TYPE_OBJECT)

/* what was freed may be in a core dump or in somebody else's buffer */
static void
uc_http_free_secret(gchar *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

static void
uc_http_dispose(GObject *object)
{
	UcHttp *self = UC_HTTP(object);

	if (self->session != NULL)
		soup_session_abort(self->session);
	g_clear_object(&self->session);
	g_clear_pointer(&self->base_url, g_free);
	g_clear_pointer(&self->authorization, uc_http_free_secret);
	g_clear_object(&self->certificate);
	G_OBJECT_CLASS(uc_http_parent_class)->dispose(object);
}

static void
uc_http_class_init(UcHttpClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = uc_http_dispose;
}

static void
uc_http_init(UcHttp *self)
{
}

static SoupSession *
uc_http_new_session(GSocketConnectable *remote, GTlsDatabase *database)
{
	SoupSession *session = soup_session_new_with_options("remote-connectable",
							     remote,
							     "tls-database",
							     database,
							     "user-agent",
							     "ucupdates/" PACKAGE_VERSION,
							     "timeout",
							     UC_LIMIT_CONNECT_MS / 1000,
							     "max-conns-per-host",
							     2,
							     NULL);

	soup_session_remove_feature_by_type(session, SOUP_TYPE_CONTENT_DECODER);
	return session;
}

/**
 * uc_http_new:
 * @host: the name that the certificate must have, also sent as SNI and `Host`
 * @port: for the URL, 1 to 65535
 * @addresses: (nullable) (element-type GSocketAddress): where to connect, the best one first;
 *   %NULL resolves @host and finds proxies as GIO does
 * @database: what decides about the certificate
 *
 * Returns: (transfer full): a session with that service
 */
UcHttp *
uc_http_new(const gchar *host, guint16 port, GPtrArray *addresses, GTlsDatabase *database)
{
	UcHttp *self = g_object_new(UC_TYPE_HTTP, NULL);
	g_autoptr(GSocketConnectable) remote = uc_service_address_new(host, port, addresses);

	self->base_url = port == 443 ? g_strdup_printf("https://%s", host)
				     : g_strdup_printf("https://%s:%u", host, port);
	self->session = uc_http_new_session(remote, database);
	return self;
}

/**
 * uc_http_set_credentials:
 * @user: without a colon (RFC 7617, section 2)
 * @password: of that user
 *
 * Sends them with every request from now on, without waiting to be asked. The session's own copies
 * are overwritten when they are freed; libsoup's, in the headers of a message, are not.
 */
void
uc_http_set_credentials(UcHttp *self, const gchar *user, const gchar *password)
{
	gchar *text = g_strdup_printf("%s:%s", user, password);
	gchar *coded = g_base64_encode((const guchar *)text, strlen(text));

	uc_http_free_secret(self->authorization);
	self->authorization = g_strconcat("Basic ", coded, NULL);
	uc_http_free_secret(coded);
	uc_http_free_secret(text);
}

/* what is still under way goes on in the old one, which ends with it */
static void
uc_http_renew_session(UcHttp *self)
{
	g_autoptr(SoupSession) old = g_steal_pointer(&self->session);

	self->session = uc_http_new_session(soup_session_get_remote_connectable(old),
					    soup_session_get_tls_database(old));
	self->used = FALSE;
}

/**
 * uc_http_set_client_certificate:
 * @certificate: (nullable): sent where the service asks for one
 *
 * Connections from before are not used any more: the service does not know on them who this is.
 * Only for hosts that a verified description lists, or that root has configured.
 */
void
uc_http_set_client_certificate(UcHttp *self, UcClientCertificate *certificate)
{
	if (g_set_object(&self->certificate, certificate))
		uc_http_renew_session(self);
}

/**
 * uc_http_rest:
 *
 * Closes the connections that nobody uses: until the next request there is nothing for which
 * anybody has to wake up. libsoup would do it by two timers, one of a minute and one of five.
 */
void
uc_http_rest(UcHttp *self)
{
	if (self->used)
		uc_http_renew_session(self);
}

/**
 * uc_http_get_base_url:
 *
 * Returns: (transfer none): scheme, host and port, without a slash at the end
 */
const gchar *
uc_http_get_base_url(UcHttp *self)
{
	return self->base_url;
}

/**
 * uc_http_get_session:
 *
 * Returns: (transfer none): for a transfer that reads its body itself
 */
SoupSession *
uc_http_get_session(UcHttp *self)
{
	return self->session;
}

/**
 * uc_http_message_new:
 * @method: `GET` or `POST`
 * @path: absolute path of the URL, beginning with a slash
 * @error: set to %UC_ERROR_INVALID for what is no such path
 *
 * Returns: (transfer full): a message that is not redirected
 */
SoupMessage *
uc_http_message_new(UcHttp *self, const gchar *method, const gchar *path, GError **error)
{
	g_autofree gchar *url = g_strconcat(self->base_url, path, NULL);
	SoupMessage *message = NULL;

	if (path[0] == '/' && strlen(url) <= UC_LIMIT_URL_BYTES)
		message = soup_message_new(method, url);
	if (message == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no absolute path of a URL of at most %d bytes",
			    path,
			    UC_LIMIT_URL_BYTES);
		return NULL;
	}
	self->used = TRUE;
	soup_message_add_flags(message,
			       SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
	if (self->authorization != NULL)
		soup_message_headers_replace(soup_message_get_request_headers(message),
					     "Authorization",
					     self->authorization);
	if (self->certificate != NULL)
		uc_client_certificate_attach(self->certificate, message);
	return message;
}

static void
uc_http_informational_cb(SoupMessage *message, gpointer user_data)
{
	guint count = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(message), UC_HTTP_INFORMATIONAL));

	g_object_set_data(G_OBJECT(message), UC_HTTP_INFORMATIONAL, GUINT_TO_POINTER(++count));
	if (count > UC_LIMIT_INFORMATIONAL)
		g_cancellable_cancel(G_CANCELLABLE(user_data));
}

/**
 * uc_http_limit_informational:
 * @message: one that is not sent yet
 * @cancellable: what it is going to be sent with
 *
 * Cancels @cancellable after 8 answers of the kind 1xx. libsoup reads them in a loop of its own as
 * long as they come, in which no deadline can pass.
 */
void
uc_http_limit_informational(SoupMessage *message, GCancellable *cancellable)
{
	g_signal_connect_object(message,
				"got-informational",
				G_CALLBACK(uc_http_informational_cb),
				cancellable,
				0);
}

static gboolean
uc_http_is_flooded(SoupMessage *message)
{
	return GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(message), UC_HTTP_INFORMATIONAL)) >
	       UC_LIMIT_INFORMATIONAL;
}

static UcError
uc_http_status_to_code(guint status)
{
	switch (status) {
	case SOUP_STATUS_NOT_FOUND:
	case SOUP_STATUS_GONE:
		return UC_ERROR_NOT_FOUND;
	case SOUP_STATUS_UNAUTHORIZED:
	case SOUP_STATUS_FORBIDDEN:
		return UC_ERROR_DENIED;
	case SOUP_STATUS_REQUEST_TIMEOUT:
	case 429: /* too many requests, RFC 6585 */
		return UC_ERROR_TEMPORARY;
	default:
		return status >= 500 ? UC_ERROR_TEMPORARY : UC_ERROR_REFUSED;
	}
}

/* seconds, or a date (RFC 9110, section 10.2.3); what is neither says nothing */
static gint64
uc_http_get_retry_after_secs(SoupMessage *message)
{
	const gchar *text =
	    soup_message_headers_get_one(soup_message_get_response_headers(message), "Retry-After");
	g_autoptr(GDateTime) date = NULL;
	guint64 secs = 0;

	if (text == NULL)
		return 0;
	if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &secs, NULL))
		return (gint64)secs;
	date = soup_date_time_new_from_http_string(text);
	if (date == NULL)
		return 0;
	return g_date_time_to_unix(date) - g_get_real_time() / G_USEC_PER_SEC;
}

/**
 * uc_http_check_status:
 * @message: one whose headers have arrived
 * @error: set to %UC_ERROR_NOT_FOUND (404, 410), %UC_ERROR_DENIED (401, 403),
 *   %UC_ERROR_TEMPORARY (408, 429, 5xx; with what `Retry-After` says, see
 *   uc_error_get_retry_after_secs()), or %UC_ERROR_REFUSED (anything else, redirects too)
 *
 * Returns: %TRUE for a 2xx
 */
gboolean
uc_http_check_status(SoupMessage *message, GError **error)
{
	guint status = soup_message_get_status(message);
	g_autofree gchar *url = NULL;
	GError *error_status = NULL;

	if (SOUP_STATUS_IS_SUCCESSFUL(status))
		return TRUE;
	url = g_uri_to_string(soup_message_get_uri(message));
	error_status = g_error_new(UC_ERROR,
				   uc_http_status_to_code(status),
				   "%s answered %u %s",
				   url,
				   status,
				   soup_message_get_reason_phrase(message));
	if (error_status->code == UC_ERROR_TEMPORARY)
		uc_error_set_retry_after_secs(error_status, uc_http_get_retry_after_secs(message));
	g_propagate_error(error, error_status);
	return FALSE;
}

/**
 * uc_http_set_host_check:
 * @check: (nullable): tells which other hosts a download may be redirected to; %NULL for none
 * @user_data: for @check; must live until another check is set
 */
void
uc_http_set_host_check(UcHttp *self, UcHttpHostCheck check, gpointer user_data)
{
	self->host_check = check;
	self->host_data = user_data;
}

static gboolean
uc_http_is_same_service(UcHttp *self, const gchar *url)
{
	gsize length = strlen(self->base_url);

	return g_str_has_prefix(url, self->base_url) && url[length] == '/';
}

/* a session of its own: no password goes there, and the certificate must be that host's */
static UcHttp *
uc_http_new_for_other(UcHttp *self, GUri *uri)
{
	g_autofree gchar *host = NULL;
	UcHttp *other = NULL;

	if (self->host_check == NULL || g_strcmp0(g_uri_get_scheme(uri), "https") != 0 ||
	    g_uri_get_host(uri) == NULL || g_uri_get_userinfo(uri) != NULL ||
	    g_uri_get_port(uri) == 0 || g_hostname_is_ip_address(g_uri_get_host(uri)))
		return NULL;
	host = g_ascii_strdown(g_uri_get_host(uri), -1);
	if (!self->host_check(host, self->host_data))
		return NULL;
	other =
	    uc_http_new(host,
			(guint16)(g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : UC_HTTPS_PORT),
			NULL,
			soup_session_get_tls_database(self->session));
	uc_http_set_client_certificate(other, self->certificate);
	return other;
}

/**
 * uc_http_follow_redirect:
 * @message: one that was answered with a 3xx
 * @path_out: (out) (transfer full): the absolute path that it leads to
 * @error: set to %UC_ERROR_REFUSED for a host that does not count, a scheme that is not https, and
 *   without a location
 *
 * Nothing is sent yet. What another host answers leads nowhere else from there.
 *
 * Returns: (transfer full): the session with the service that it leads to, or %NULL
 */
UcHttp *
uc_http_follow_redirect(UcHttp *self, SoupMessage *message, gchar **path_out, GError **error)
{
	const gchar *location =
	    soup_message_headers_get_one(soup_message_get_response_headers(message), "Location");
	GUri *from = soup_message_get_uri(message);
	g_autoptr(GUri) to = location != NULL
				 ? g_uri_parse_relative(from, location, SOUP_HTTP_URI_FLAGS, NULL)
				 : NULL;
	g_autofree gchar *url = g_uri_to_string(from);
	g_autofree gchar *target = to != NULL ? g_uri_to_string(to) : NULL;
	UcHttp *http = NULL;

	if (target != NULL && uc_http_is_same_service(self, target))
		http = g_object_ref(self);
	else if (to != NULL)
		http = uc_http_new_for_other(self, to);
	if (http != NULL) {
		g_autofree gchar *path = g_strconcat(g_uri_get_path(to),
						     g_uri_get_query(to) != NULL ? "?" : NULL,
						     g_uri_get_query(to),
						     NULL);

		*path_out = g_steal_pointer(&path);
		return http;
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s leads to '%s', expected a place on the same service or, over https, on a "
		    "host that the organisation's description lists",
		    url,
		    location != NULL ? location : "");
	return NULL;
}

static gboolean
uc_http_is_unreachable(const GError *error)
{
	return error->domain == G_RESOLVER_ERROR ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
uc_http_add_advice(GUri *uri, GError **error)
{
	g_autofree gchar *text =
	    g_strdup_printf("%s; is this machine's network up, and can it reach %s port %d?",
			    (*error)->message,
			    g_uri_get_host(uri),
			    g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : UC_HTTPS_PORT);

	g_free((*error)->message);
	(*error)->message = g_steal_pointer(&text);
}

/**
 * uc_http_convert_error:
 * @message: the message that failed
 * @error: (inout): why, from libsoup or GIO
 *
 * Names the URL, what to look at when nothing is there, and says in words what was wrong with a
 * certificate. A certificate that this machine's clock makes "not valid yet" is %UC_ERROR_CLOCK;
 * too many answers 1xx are %UC_ERROR_LIMIT.
 */
void
uc_http_convert_error(SoupMessage *message, GError **error)
{
	GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors(message);
	g_autofree gchar *url = g_uri_to_string(soup_message_get_uri(message));
	g_autofree gchar *words = NULL;

	if (uc_http_is_flooded(message)) {
		g_clear_error(error);
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%s: more than %d answers before the answer",
			    url,
			    UC_LIMIT_INFORMATIONAL);
		return;
	}
	if (flags == 0 || !g_error_matches(*error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE)) {
		gboolean unreachable = uc_http_is_unreachable(*error);

		uc_error_convert_io(error, url);
		if (unreachable)
			uc_http_add_advice(soup_message_get_uri(message), error);
		return;
	}
	words = uc_tls_describe(flags);
	g_clear_error(error);
	g_set_error(error,
		    UC_ERROR,
		    flags == G_TLS_CERTIFICATE_NOT_ACTIVATED ? UC_ERROR_CLOCK : UC_ERROR_REFUSED,
		    "%s: the server's certificate is %s",
		    url,
		    words);
}
