/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every host that endpoints will contact because of this mirror, for those who open a firewall:
 * the names that discovery asks for (docs/service-protocol.md, section 1), and the addresses that
 * the description and `ucs.xml` have. Cabs are on the same hosts.
 */

#include <gio/gio.h>

#include "uc-deadline.h"
#include "uc-error.h"
#include "uc-hosts.h"
#include "uc-names.h"
#include "uc-publish-document.h"

static JsonObject *
uc_hosts_find(JsonArray *hosts, const gchar *host, gint port)
{
	for (guint i = 0; i < json_array_get_length(hosts); i++) {
		JsonObject *object = json_array_get_object_element(hosts, i);

		if (g_str_equal(json_object_get_string_member(object, "host"), host) &&
		    json_object_get_int_member(object, "port") == port)
			return object;
	}
	return NULL;
}

static void
uc_hosts_add(JsonArray *hosts,
	     const gchar *host,
	     gint port,
	     const gchar *protocol,
	     const gchar *purpose)
{
	JsonObject *object = uc_hosts_find(hosts, host, port);
	g_autofree gchar *purposes = NULL;

	if (object == NULL) {
		object = json_object_new();
		json_object_set_string_member(object, "host", host);
		json_object_set_int_member(object, "port", port);
		json_object_set_string_member(object, "transport", "tcp");
		json_object_set_string_member(object, "protocol", protocol);
		json_object_set_string_member(object, "purpose", purpose);
		json_array_add_object_element(hosts, object);
		return;
	}
	purposes =
	    g_strdup_printf("%s, %s", json_object_get_string_member(object, "purpose"), purpose);
	json_object_set_string_member(object, "purpose", purposes);
}

/* the rules were checked: a URL has a scheme and a host */
static void
uc_hosts_add_url(JsonArray *hosts, const gchar *url, const gchar *purpose)
{
	g_autoptr(GUri) uri = url != NULL ? g_uri_parse(url, G_URI_FLAGS_NONE, NULL) : NULL;
	gint port = uri != NULL ? g_uri_get_port(uri) : -1;

	if (uri == NULL)
		return;
	if (port <= 0)
		port = g_str_equal(g_uri_get_scheme(uri), "http") ? 80 : UC_HTTPS_PORT;
	uc_hosts_add(hosts, g_uri_get_host(uri), port, g_uri_get_scheme(uri), purpose);
}

/**
 * uc_hosts_list:
 * @organisation: domain name of the organisation
 * @rules: what `rules.d/` says
 *
 * Returns: (transfer full): objects with `host`, `port`, `transport`, `protocol` and `purpose`,
 *   each host and port once
 */
JsonArray *
uc_hosts_list(const gchar *organisation, const UcRules *rules)
{
	JsonArray *hosts = json_array_new();
	g_autofree gchar *first = g_strdup_printf(UC_DNS_LABEL ".%s", organisation);
	g_autofree gchar *internal_url = uc_publish_document_internal_url(organisation, rules);

	uc_hosts_add(hosts, first, UC_HTTPS_PORT, "https", "discovery");
	for (guint i = 0; rules->domains[i] != NULL; i++) {
		g_autofree gchar *name = g_strdup_printf(UC_DNS_LABEL ".%s", rules->domains[i]);

		uc_hosts_add(hosts, name, UC_HTTPS_PORT, "https", "discovery");
	}
	uc_hosts_add_url(hosts, internal_url, "internal");
	uc_hosts_add_url(hosts, rules->external_url, "external");
	uc_hosts_add_url(hosts, rules->phone_url, "phones");
	return hosts;
}

typedef struct {
	GList *addresses; /* (element-type GInetAddress) */
	GError *error;
	gboolean done;
} UcHostsLookup;

static void
uc_hosts_looked_up_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	UcHostsLookup *lookup = user_data;

	lookup->addresses =
	    g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &lookup->error);
	lookup->done = TRUE;
}

static void
uc_hosts_take_addresses(JsonObject *host, GList *addresses)
{
	JsonArray *networks = json_array_new();

	for (GList *l = addresses; l != NULL; l = l->next) {
		g_autofree gchar *text = g_inet_address_to_string(l->data);
		gboolean v6 = g_inet_address_get_family(l->data) == G_SOCKET_FAMILY_IPV6;
		g_autofree gchar *network = g_strdup_printf("%s/%d", text, v6 ? 128 : 32);

		json_array_add_string_element(networks, network);
	}
	json_object_set_array_member(host, "networks", networks);
	g_resolver_free_addresses(addresses);
}

static gboolean
uc_hosts_resolve_one(JsonObject *host, UcDeadline *deadline, GError **error)
{
	const gchar *name = json_object_get_string_member(host, "host");
	g_autoptr(GResolver) resolver = g_resolver_get_default();
	UcHostsLookup lookup = {0};

	g_resolver_lookup_by_name_async(resolver,
					name,
					uc_deadline_get_cancellable(deadline),
					uc_hosts_looked_up_cb,
					&lookup);
	while (!lookup.done)
		g_main_context_iteration(NULL, TRUE);
	if (lookup.error == NULL) {
		uc_hosts_take_addresses(host, lookup.addresses);
		return TRUE;
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_TEMPORARY,
		    "%s has no address that this machine can find: %s",
		    name,
		    uc_deadline_has_passed(deadline) ? "the name servers did not answer in time"
						     : lookup.error->message);
	g_error_free(lookup.error);
	return FALSE;
}

/**
 * uc_hosts_resolve:
 * @hosts: as uc_hosts_list() makes them; each gets `networks`, as `ADDRESS/BITS`
 * @timeout_ms: for all of them
 * @error: set to %UC_ERROR_TEMPORARY for the first that has none; the others have theirs
 *
 * Asks this machine's resolver; inside and outside may differ. Blocks.
 */
gboolean
uc_hosts_resolve(JsonArray *hosts, guint timeout_ms, GError **error)
{
	g_autoptr(UcDeadline) deadline = uc_deadline_new(timeout_ms, NULL);

	gboolean found = TRUE;

	for (guint i = 0; i < json_array_get_length(hosts); i++) {
		JsonObject *host = json_array_get_object_element(hosts, i);

		if (!uc_hosts_resolve_one(host, deadline, found ? error : NULL))
			found = FALSE;
	}
	return found;
}
