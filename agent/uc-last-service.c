/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service that was found last, on disk: where it was and its description as it came. It is
 * verified again whenever it is read, so that what expired or was revoked meanwhile does not count.
 */

#include <string.h>

#include "uc-error.h"
#include "uc-file.h"
#include "uc-last-service.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-state-file.h"

#define UC_LAST_SERVICE_NAME   "last-service.json"
#define UC_LAST_SERVICE_FORMAT "ucupdates-last-service-1"

static JsonArray *
uc_last_service_list_addresses(GPtrArray *addresses)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < addresses->len; i++) {
		GInetSocketAddress *address = g_ptr_array_index(addresses, i);
		g_autofree gchar *text =
		    g_inet_address_to_string(g_inet_socket_address_get_address(address));
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "address", text);
		json_object_set_int_member(object, "port", g_inet_socket_address_get_port(address));
		json_array_add_object_element(array, object);
	}
	return array;
}

/**
 * uc_last_service_save:
 * @service: one with a verified description
 * @way: how it was found
 * @error: set to %UC_ERROR_FAILED
 *
 * Durable when it returns. Blocks for one fsync.
 */
gboolean
uc_last_service_save(UcService *service, UcWay way, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	GPtrArray *addresses = uc_service_get_addresses(service);
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(uc_service_get_envelope(service), &size_bytes);
	g_autofree gchar *envelope = g_base64_encode(data, size_bytes);
	g_autofree gchar *url = uc_service_get_url(service);

	json_object_set_string_member(object, "format", UC_LAST_SERVICE_FORMAT);
	json_object_set_string_member(object, "way", uc_way_to_string(way));
	json_object_set_string_member(object, "url", url);
	json_object_set_string_member(object, "host", uc_service_get_host(service));
	json_object_set_int_member(object, "port", uc_service_get_port(service));
	if (uc_service_get_domain(service) != NULL)
		json_object_set_string_member(object, "domain", uc_service_get_domain(service));
	if (addresses != NULL)
		json_object_set_array_member(object,
					     "addresses",
					     uc_last_service_list_addresses(addresses));
	if (uc_service_get_etag(service) != NULL)
		json_object_set_string_member(object, "etag", uc_service_get_etag(service));
	json_object_set_string_member(object, "envelope", envelope);
	return uc_state_file_save(UC_LAST_SERVICE_NAME, object, error);
}

static GSocketAddress *
uc_last_service_read_address(JsonArray *array, guint index, GError **error)
{
	JsonObject *object = uc_json_array_get_object(array, index, "addresses", error);
	const gchar *text = NULL;
	GSocketAddress *address = NULL;
	gint64 port = 0;

	if (object == NULL ||
	    !uc_json_get_string(object, "address", UC_JSON_REQUIRED, 64, &text, error) ||
	    !uc_json_get_int64(object, "port", UC_JSON_REQUIRED, 1, 65535, &port, error))
		return NULL;
	address = g_inet_socket_address_new_from_string(text, (guint)port);
	if (address == NULL)
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "'%s' is no address", text);
	return address;
}

static GPtrArray *
uc_last_service_read_addresses(JsonObject *object, GError **error)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_object_unref);
	JsonArray *array = NULL;

	if (!uc_json_get_array(object,
			       "addresses",
			       UC_JSON_REQUIRED,
			       UC_LIMIT_ADDRESSES,
			       &array,
			       error))
		return NULL;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		GSocketAddress *address = uc_last_service_read_address(array, i, error);

		if (address == NULL)
			return NULL;
		g_ptr_array_add(addresses, address);
	}
	return g_steal_pointer(&addresses);
}

static UcService *
uc_last_service_read(JsonObject *object, GTlsDatabase *database, GError **error)
{
	g_autoptr(GPtrArray) addresses = NULL;
	const gchar *url = NULL;
	const gchar *host = NULL;
	gint64 port = 0;

	if (!uc_json_get_string(object, "url", UC_JSON_REQUIRED, UC_LIMIT_URL_BYTES, &url, error) ||
	    !uc_json_get_string(object, "host", UC_JSON_REQUIRED, 253, &host, error) ||
	    !uc_json_get_int64(object, "port", UC_JSON_REQUIRED, 1, 65535, &port, error))
		return NULL;
	if (!json_object_has_member(object, "addresses"))
		return uc_service_new_for_url(url, database, error);
	addresses = uc_last_service_read_addresses(object, error);
	if (addresses == NULL)
		return NULL;
	return uc_service_new(host, (guint16)port, addresses, database);
}

static gboolean
uc_last_service_accept(UcService *service,
		       JsonObject *object,
		       const UcDocumentExpect *expect,
		       GError **error)
{
	const gchar *domain = NULL;
	const gchar *etag = NULL;
	const gchar *text = NULL;
	g_autoptr(GBytes) envelope = NULL;
	gsize size_bytes = 0;
	guint8 *data = NULL;

	if (!uc_json_get_string(object,
				"domain",
				UC_JSON_OPTIONAL,
				UC_LIMIT_DOMAIN_BYTES,
				&domain,
				error) ||
	    !uc_json_get_string(object,
				"etag",
				UC_JSON_OPTIONAL,
				UC_LIMIT_STRING_BYTES,
				&etag,
				error) ||
	    !uc_json_get_string(object,
				"envelope",
				UC_JSON_REQUIRED,
				2 * UC_LIMIT_ENVELOPE_BYTES,
				&text,
				error))
		return FALSE;
	data = g_base64_decode(text, &size_bytes);
	envelope = g_bytes_new_take(data, size_bytes);
	if (!uc_service_accept(service, envelope, domain, expect, error))
		return FALSE;
	uc_service_set_known(service, envelope, etag);
	return TRUE;
}

static UcWay
uc_last_service_read_way(JsonObject *object)
{
	g_autofree gchar *text = uc_state_file_get_text(object, "way");

	for (UcWay way = UC_WAY_GIVEN; way < UC_WAY_NONE; way++) {
		if (g_strcmp0(text, uc_way_to_string(way)) == 0)
			return way;
	}
	return UC_WAY_NONE;
}

/**
 * uc_last_service_load:
 * @database: what decides about the certificate
 * @expect: what its description must be
 * @way_out: (out): how it was found
 * @error: set to %UC_ERROR_NOT_FOUND when there is none, else as uc_service_accept()
 *
 * Returns: (transfer full): the service with its description, or %NULL
 */
UcService *
uc_last_service_load(GTlsDatabase *database,
		     const UcDocumentExpect *expect,
		     UcWay *way_out,
		     GError **error)
{
	g_autofree gchar *aside = NULL;
	g_autoptr(JsonObject) object =
	    uc_state_file_load(UC_LAST_SERVICE_NAME, UC_LAST_SERVICE_FORMAT, &aside);
	g_autoptr(UcService) service = NULL;

	if (object == NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_NOT_FOUND,
				    "no service was found before");
		return NULL;
	}
	service = uc_last_service_read(object, database, error);
	if (service == NULL || !uc_last_service_accept(service, object, expect, error)) {
		g_prefix_error(error, "the last service: ");
		return NULL;
	}
	*way_out = uc_last_service_read_way(object);
	return g_steal_pointer(&service);
}

/**
 * uc_last_service_remove:
 * @error: set to %UC_ERROR_FAILED
 */
gboolean
uc_last_service_remove(GError **error)
{
	g_autofree gchar *path = uc_path_state(UC_LAST_SERVICE_NAME);

	return uc_file_remove(path, error);
}
