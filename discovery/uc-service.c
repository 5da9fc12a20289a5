/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One update service: where it is, the HTTPS session with it, and, once it was verified, its
 * description. A description that fails to verify changes nothing.
 */

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-service.h"

struct _UcService {
	GObject parent_instance;
	gchar *host;
	guint16 port;
	GPtrArray *addresses; /* (nullable): of GSocketAddress; %NULL for a URL that was given */
	UcHttp *http;
	gchar *domain;		    /* (nullable): that the description was accepted for */
	GBytes *envelope;	    /* (nullable): the description as it came */
	UcDescription *description; /* (nullable) */
	GBytes *known;		    /* (nullable): a description that is here already */
	gchar *etag;		    /* (nullable): entity tag of @known, then of @envelope */
};

G_DEFINE_TYPE(UcService, uc_service, G_TYPE_OBJECT)

static void
uc_service_finalize(GObject *object)
{
	UcService *self = UC_SERVICE(object);

	if (self->http != NULL)
		uc_http_set_host_check(self->http, NULL, NULL); /* who holds it outlives this */
	g_clear_object(&self->http);
	g_clear_pointer(&self->host, g_free);
	g_clear_pointer(&self->addresses, g_ptr_array_unref);
	g_clear_pointer(&self->known, g_bytes_unref);
	g_clear_pointer(&self->etag, g_free);
	g_clear_pointer(&self->domain, g_free);
	g_clear_pointer(&self->envelope, g_bytes_unref);
	g_clear_pointer(&self->description, uc_description_free);
	G_OBJECT_CLASS(uc_service_parent_class)->finalize(object);
}

static void
uc_service_class_init(UcServiceClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_service_finalize;
}

static void
uc_service_init(UcService *self)
{
}

/**
 * uc_service_new:
 * @host: the name that the certificate must have, `ucupdates-r2.<domain>`
 * @port: of the URL, 443 for a service found by DNS, whatever port an SRV record names
 * @addresses: (element-type GSocketAddress): where to connect, the best one first, 1 to 16; they
 *   carry the ports to connect to
 * @database: what decides about the certificate, see uc_tls_database_new()
 *
 * For a service that DNS found or that is remembered. Nothing is sent yet.
 *
 * Returns: (transfer full): a service without a description
 */
UcService *
uc_service_new(const gchar *host, guint16 port, GPtrArray *addresses, GTlsDatabase *database)
{
	UcService *self = g_object_new(UC_TYPE_SERVICE, NULL);

	self->host = g_strdup(host);
	self->port = port;
	self->addresses = g_ptr_array_ref(addresses);
	self->http = uc_http_new(host, port, addresses, database);
	return self;
}

/**
 * uc_service_new_for_url:
 * @url: `https://HOST[:PORT]/`, from an administrator, an application or a verified description
 * @database: what decides about the certificate
 * @error: set to %UC_ERROR_INVALID for anything else
 *
 * For a service whose URL was given. The certificate must be for that host, and the description
 * must say that the host is the organisation's.
 *
 * Returns: (transfer full): a service without a description, or %NULL
 */
UcService *
uc_service_new_for_url(const gchar *url, GTlsDatabase *database, GError **error)
{
	g_autoptr(GUri) uri = NULL;
	UcService *self = NULL;

	if (!uc_description_is_url(url)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%s' is no URL of a service, expected https://HOST[:PORT]/ with a "
			    "name, not an address, for HOST",
			    url);
		return NULL;
	}
	uri = g_uri_parse(url, G_URI_FLAGS_PARSE_RELAXED, NULL);
	self = g_object_new(UC_TYPE_SERVICE, NULL);
	self->host = g_ascii_strdown(g_uri_get_host(uri), -1);
	self->port = (guint16)(g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : UC_HTTPS_PORT);
	self->http = uc_http_new(self->host, self->port, NULL, database);
	return self;
}

/**
 * uc_service_set_known:
 * @envelope: a description that is here already
 * @etag: (nullable): entity tag that it came with
 *
 * The next uc_service_fetch_async() asks whether it changed, and takes it again if not.
 */
void
uc_service_set_known(UcService *self, GBytes *envelope, const gchar *etag)
{
	g_clear_pointer(&self->known, g_bytes_unref);
	self->known = g_bytes_ref(envelope);
	g_free(self->etag);
	self->etag = g_strdup(etag);
}

static gboolean
uc_service_is_own_host(const gchar *host, gpointer user_data)
{
	UcService *self = user_data;

	return uc_description_check_host(self->description, host, NULL);
}

/**
 * uc_service_accept:
 * @envelope: a service description as it came over the wire or was remembered
 * @domain: (nullable): the canonical domain that it has to list; %NULL for a URL that was given,
 *   whose host it has to name
 * @expect: what it must be; `type` must be %UC_DOCUMENT_SERVICE
 * @error: as uc_document_verify(), and %UC_ERROR_REFUSED for another organisation's domain
 *
 * Verifies and keeps a description. What was accepted before stays when this one is not.
 *
 * Returns: whether it is accepted
 */
gboolean
uc_service_accept(UcService *self,
		  GBytes *envelope,
		  const gchar *domain,
		  const UcDocumentExpect *expect,
		  GError **error)
{
	g_autoptr(UcDocument) document = uc_document_verify(envelope, expect, error);
	g_autoptr(UcDescription) description = NULL;

	if (document == NULL)
		return FALSE;
	description = uc_description_parse(document, error);
	if (description == NULL ||
	    !(domain != NULL ? uc_description_check_domain(description, domain, error)
			     : uc_description_check_host(description, self->host, error)))
		return FALSE;
	g_clear_pointer(&self->description, uc_description_free);
	g_clear_pointer(&self->envelope, g_bytes_unref);
	g_free(self->domain);
	self->description = g_steal_pointer(&description);
	self->envelope = g_bytes_ref(envelope);
	self->domain = g_strdup(domain);
	uc_http_set_host_check(self->http, uc_service_is_own_host, self);
	return TRUE;
}

typedef struct {
	gchar *domain;	     /* (nullable) */
	gchar *organisation; /* (nullable) */
	gchar *anchors_dir;
	UcDocumentExpect expect; /* its strings are the two above */
} UcServiceFetch;

static void
uc_service_fetch_free(UcServiceFetch *fetch)
{
	g_free(fetch->domain);
	g_free(fetch->organisation);
	g_free(fetch->anchors_dir);
	g_free(fetch);
}

static UcServiceFetch *
uc_service_fetch_new(const gchar *domain, const UcDocumentExpect *expect)
{
	UcServiceFetch *fetch = g_new0(UcServiceFetch, 1);

	fetch->domain = g_strdup(domain);
	fetch->organisation = g_strdup(expect->organisation);
	fetch->anchors_dir = g_strdup(expect->anchors_dir);
	fetch->expect = *expect;
	fetch->expect.type = UC_DOCUMENT_SERVICE;
	fetch->expect.organisation = fetch->organisation;
	fetch->expect.anchors_dir = fetch->anchors_dir;
	return fetch;
}

static void
uc_service_fetch_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcService *self = g_task_get_source_object(task);
	UcServiceFetch *fetch = g_task_get_task_data(task);
	GError *error = NULL;
	g_autofree gchar *etag = g_strdup(uc_http_request_get_etag(result));
	gboolean unchanged = uc_http_request_get_status(result) == SOUP_STATUS_NOT_MODIFIED;
	g_autoptr(GBytes) envelope = uc_http_request_finish(UC_HTTP(source), result, &error);

	if (envelope != NULL && unchanged) {
		g_bytes_unref(envelope);
		envelope = g_bytes_ref(self->known);
	}
	if (envelope == NULL ||
	    !uc_service_accept(self, envelope, fetch->domain, &fetch->expect, &error)) {
		g_task_return_error(task, error);
		return;
	}
	if (!unchanged) {
		g_free(self->etag);
		self->etag = g_steal_pointer(&etag);
	}
	g_task_return_boolean(task, TRUE);
}

/**
 * uc_service_fetch_async:
 * @domain: (nullable): as uc_service_accept() takes it
 * @expect: what the description must be; its `type` is taken as %UC_DOCUMENT_SERVICE
 * @timeout_ms: bound on all of it, in milliseconds, at least 1
 * @cancellable: (nullable): a cancellable
 *
 * Gets the description from the well-known path and accepts it.
 */
void
uc_service_fetch_async(UcService *self,
		       const gchar *domain,
		       const UcDocumentExpect *expect,
		       guint timeout_ms,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	GTask *task = g_task_new(self, cancellable, callback, user_data);

	g_task_set_task_data(task,
			     uc_service_fetch_new(domain, expect),
			     (GDestroyNotify)uc_service_fetch_free);
	uc_http_get_async(self->http,
			  UC_WELL_KNOWN_PATH,
			  self->known != NULL ? self->etag : NULL,
			  UC_LIMIT_ENVELOPE_BYTES,
			  timeout_ms,
			  cancellable,
			  uc_service_fetch_cb,
			  task);
}

/**
 * uc_service_fetch_finish:
 * @error: as uc_http_request_async() and uc_service_accept()
 *
 * Returns: whether the description came and is accepted
 */
gboolean
uc_service_fetch_finish(UcService *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

/**
 * uc_service_get_host:
 *
 * Returns: (transfer none): the name that the certificate has
 */
const gchar *
uc_service_get_host(UcService *self)
{
	return self->host;
}

guint16
uc_service_get_port(UcService *self)
{
	return self->port;
}

/**
 * uc_service_get_addresses:
 *
 * Returns: (transfer none) (nullable) (element-type GSocketAddress): where to connect, with ports;
 * %NULL for a URL that was given
 */
GPtrArray *
uc_service_get_addresses(UcService *self)
{
	return self->addresses;
}

/**
 * uc_service_get_http:
 *
 * Returns: (transfer none): the session with it
 */
UcHttp *
uc_service_get_http(UcService *self)
{
	return self->http;
}

/**
 * uc_service_get_url:
 *
 * Returns: (transfer full): its base URL with a slash at the end
 */
gchar *
uc_service_get_url(UcService *self)
{
	return g_strconcat(uc_http_get_base_url(self->http), "/", NULL);
}

/**
 * uc_service_get_domain:
 *
 * Returns: (transfer none) (nullable): the domain that its description was accepted for
 */
const gchar *
uc_service_get_domain(UcService *self)
{
	return self->domain;
}

/**
 * uc_service_get_description:
 *
 * Returns: (transfer none) (nullable): the verified description
 */
const UcDescription *
uc_service_get_description(UcService *self)
{
	return self->description;
}

/**
 * uc_service_get_envelope:
 *
 * Returns: (transfer none) (nullable): the same as it came, to be kept and accepted again later
 */
GBytes *
uc_service_get_envelope(UcService *self)
{
	return self->envelope;
}

/**
 * uc_service_get_etag:
 *
 * Returns: (transfer none) (nullable): the entity tag that the description came with
 */
const gchar *
uc_service_get_etag(UcService *self)
{
	return self->etag;
}
