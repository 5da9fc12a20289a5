/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks NetworkManager and systemd-resolved at the same time, each with one call and for at most
 * UC_LIMIT_SYSTEM_MS, and reads networkd's leases and resolv.conf. A service that does not run, or
 * does not answer, knows nothing; neither is started for this.
 */

#include <string.h>

#include "uc-deadline.h"
#include "uc-lease.h"
#include "uc-limits.h"
#include "uc-network-manager.h"
#include "uc-network.h"
#include "uc-paths.h"
#include "uc-resolved.h"
#include "uc-sha256.h"

#define UC_NETWORK_NETIF_DIR "/run/systemd/netif"

typedef struct {
	UcNetwork *network;
	UcDeadline *deadline;
	GVariant *network_manager; /* (nullable): its answer */
	GVariant *resolved;	   /* (nullable): its answer */
	guint pending;
} UcNetworkRun;

void
uc_network_free(UcNetwork *self)
{
	g_ptr_array_unref(self->links);
	g_clear_pointer(&self->resolv_conf, uc_resolv_conf_free);
	g_free(self);
}

static void
uc_network_run_free(UcNetworkRun *run)
{
	g_clear_pointer(&run->network, uc_network_free);
	g_clear_pointer(&run->deadline, uc_deadline_free);
	g_clear_pointer(&run->network_manager, g_variant_unref);
	g_clear_pointer(&run->resolved, g_variant_unref);
	g_free(run);
}

/**
 * uc_network_new:
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_LIMIT for a resolv.conf that cannot be read
 *
 * Returns: (transfer full): a network without links, with what resolv.conf says, or %NULL
 */
UcNetwork *
uc_network_new(GError **error)
{
	g_autofree gchar *path = uc_path_resolv_conf();
	UcResolvConf *resolv_conf = uc_resolv_conf_load(path, error);
	UcNetwork *self = NULL;

	if (resolv_conf == NULL)
		return NULL;
	self = g_new0(UcNetwork, 1);
	self->links = uc_link_list_new();
	self->resolv_conf = resolv_conf;
	return self;
}

static void
uc_network_fill(UcNetworkRun *run)
{
	UcNetwork *self = run->network;
	const gchar *netif_dir = g_getenv("UCUPDATES_NETIF_DIR");

	if (run->network_manager != NULL)
		uc_network_manager_parse(run->network_manager, self->links);
	if (run->resolved != NULL)
		self->has_stub = uc_resolved_parse(run->resolved, self->links);
	uc_lease_load_all(netif_dir != NULL ? netif_dir : UC_NETWORK_NETIF_DIR, self->links);
	for (guint i = 0; i < self->links->len; i++) {
		UcLink *link = g_ptr_array_index(self->links, i);

		if (link->interface != NULL && uc_link_is_tunnel(link->interface))
			link->is_vpn = TRUE;
	}
}

static void
uc_network_advance(GTask *task)
{
	UcNetworkRun *run = g_task_get_task_data(task);

	if (run->pending > 0 || g_task_return_error_if_cancelled(task))
		return;
	uc_network_fill(run);
	g_task_return_pointer(task,
			      g_steal_pointer(&run->network),
			      (GDestroyNotify)uc_network_free);
}

static void
uc_network_manager_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcNetworkRun *run = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	run->network_manager =
	    g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
	if (run->network_manager == NULL)
		g_debug("NetworkManager: %s", error->message);
	run->pending--;
	uc_network_advance(task);
}

static void
uc_network_resolved_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcNetworkRun *run = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	run->resolved = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
	if (run->resolved == NULL)
		g_debug("systemd-resolved: %s", error->message);
	run->pending--;
	uc_network_advance(task);
}

static void
uc_network_call(GTask *task,
		GDBusConnection *bus,
		const gchar *name,
		const gchar *path,
		const gchar *interface,
		const gchar *method,
		GVariant *arguments,
		GAsyncReadyCallback callback)
{
	UcNetworkRun *run = g_task_get_task_data(task);

	run->pending++;
	g_dbus_connection_call(bus,
			       name,
			       path,
			       interface,
			       method,
			       arguments,
			       NULL,
			       G_DBUS_CALL_FLAGS_NO_AUTO_START,
			       UC_LIMIT_SYSTEM_MS,
			       uc_deadline_get_cancellable(run->deadline),
			       callback,
			       g_object_ref(task));
}

static void
uc_network_bus_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	g_autoptr(GError) error = NULL;
	g_autoptr(GDBusConnection) bus = g_bus_get_finish(result, &error);

	if (bus == NULL) {
		g_debug("no system bus: %s", error->message);
		uc_network_advance(task);
		return;
	}
	uc_network_call(task,
			bus,
			UC_NETWORK_MANAGER_NAME,
			UC_NETWORK_MANAGER_PATH,
			"org.freedesktop.DBus.ObjectManager",
			"GetManagedObjects",
			NULL,
			uc_network_manager_cb);
	uc_network_call(task,
			bus,
			UC_RESOLVED_NAME,
			UC_RESOLVED_PATH,
			"org.freedesktop.DBus.Properties",
			"GetAll",
			g_variant_new("(s)", UC_RESOLVED_INTERFACE),
			uc_network_resolved_cb);
}

/**
 * uc_network_gather_async:
 * @deadline_usec: when to end with what there is, on the clock of g_get_monotonic_time(); it ends
 *   after 1 s in any case
 * @cancellable: (nullable): ends it with `G_IO_ERROR_CANCELLED`
 */
void
uc_network_gather_async(gint64 deadline_usec,
			GCancellable *cancellable,
			GAsyncReadyCallback callback,
			gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
	UcNetworkRun *run = g_new0(UcNetworkRun, 1);
	gint64 left_ms = (deadline_usec - g_get_monotonic_time()) / 1000;
	GError *error = NULL;

	g_task_set_task_data(task, run, (GDestroyNotify)uc_network_run_free);
	run->network = uc_network_new(&error);
	if (run->network == NULL) {
		g_task_return_error(task, error);
		return;
	}
	run->deadline = uc_deadline_new((guint)CLAMP(left_ms, 1, UC_LIMIT_SYSTEM_MS), cancellable);
	g_bus_get(G_BUS_TYPE_SYSTEM,
		  uc_deadline_get_cancellable(run->deadline),
		  uc_network_bus_cb,
		  g_object_ref(task));
}

/**
 * uc_network_gather_finish:
 * @error: set to `G_IO_ERROR_CANCELLED`, or as by uc_network_new()
 *
 * Returns: (transfer full): what the system says, be it nothing, or %NULL
 */
UcNetwork *
uc_network_gather_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void
uc_network_list_source(const UcNetwork *self,
		       gboolean use_vpn,
		       UcDomainSource source,
		       const gchar *const *allowed,
		       GPtrArray *list)
{
	for (guint i = 0; i < self->links->len; i++) {
		const UcLink *link = g_ptr_array_index(self->links, i);

		for (guint j = 0; j < link->domains->len; j++) {
			const UcLinkDomain *domain = g_ptr_array_index(link->domains, j);

			if (domain->source != source || domain->is_routing ||
			    (link->is_vpn && !use_vpn))
				continue;
			uc_domain_list_add_one(list,
					       domain->text,
					       source,
					       link->interface,
					       allowed);
		}
	}
}

/* resolv.conf mixes the domains of all links, also those of a VPN */
static gboolean
uc_network_is_of_vpn(const UcNetwork *self, const gchar *text)
{
	gsize size = strlen(text) - (g_str_has_suffix(text, ".") ? 1 : 0);
	gboolean is_of_vpn = FALSE;

	for (guint i = 0; i < self->links->len; i++) {
		const UcLink *link = g_ptr_array_index(self->links, i);

		for (guint j = 0; j < link->domains->len; j++) {
			const UcLinkDomain *domain = g_ptr_array_index(link->domains, j);

			if (domain->is_routing || strlen(domain->text) != size ||
			    g_ascii_strncasecmp(domain->text, text, size) != 0)
				continue;
			if (!link->is_vpn)
				return FALSE;
			is_of_vpn = TRUE;
		}
	}
	return is_of_vpn;
}

/**
 * uc_network_list_domains:
 * @use_vpn: whether VPNs count
 * @allowed: (nullable) (array zero-terminated=1): see uc_domain_canonicalise()
 * @list: (element-type UcDomainEntry): where to add
 *
 * Adds the domains that the network gave: of NetworkManager, of systemd-resolved, of
 * systemd-networkd, of resolv.conf, in that order. Routing-only domains are none to search.
 */
void
uc_network_list_domains(const UcNetwork *self,
			gboolean use_vpn,
			const gchar *const *allowed,
			GPtrArray *list)
{
	GStrv domains = self->resolv_conf->domains;

	uc_network_list_source(self, use_vpn, UC_DOMAIN_SOURCE_NETWORK_MANAGER, allowed, list);
	uc_network_list_source(self, use_vpn, UC_DOMAIN_SOURCE_RESOLVED, allowed, list);
	uc_network_list_source(self, use_vpn, UC_DOMAIN_SOURCE_NETWORKD, allowed, list);
	for (guint i = 0; domains[i] != NULL; i++) {
		if (use_vpn || !uc_network_is_of_vpn(self, domains[i]))
			uc_domain_list_add_one(list,
					       domains[i],
					       UC_DOMAIN_SOURCE_RESOLV_CONF,
					       NULL,
					       allowed);
	}
}

static gint
uc_network_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

static void
uc_network_collect_servers(GPtrArray *words, GPtrArray *servers)
{
	for (guint i = 0; i < servers->len; i++)
		g_ptr_array_add(words,
				g_socket_connectable_to_string(g_ptr_array_index(servers, i)));
}

static GPtrArray *
uc_network_collect(const UcNetwork *self)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	GStrv searched = self->resolv_conf->domains;

	for (guint i = 0; i < self->links->len; i++) {
		const UcLink *link = g_ptr_array_index(self->links, i);

		for (guint j = 0; j < link->domains->len; j++) {
			const UcLinkDomain *domain = g_ptr_array_index(link->domains, j);

			g_ptr_array_add(words, g_ascii_strdown(domain->text, -1));
		}
		uc_network_collect_servers(words, link->name_servers);
	}
	for (guint i = 0; searched[i] != NULL; i++)
		g_ptr_array_add(words, g_ascii_strdown(searched[i], -1));
	uc_network_collect_servers(words, self->resolv_conf->name_servers);
	g_ptr_array_sort(words, uc_network_compare);
	return words;
}

/**
 * uc_network_get_key:
 *
 * A network is known again by what it says of itself: its domains and its name servers, in any
 * order. Two that say the same (many homes do) are one; that costs a wrong first guess and no more.
 * The key is a hash, so that who keeps it keeps no list of places.
 *
 * Returns: (transfer full) (nullable): 64 hexadecimal digits, %NULL when nothing is known
 */
gchar *
uc_network_get_key(const UcNetwork *self)
{
	g_autoptr(GPtrArray) words = uc_network_collect(self);
	g_autoptr(UcSha256) sum = uc_sha256_new();
	const gchar *last = NULL;

	for (guint i = 0; i < words->len; i++) {
		const gchar *word = g_ptr_array_index(words, i);

		/* two services may say the same */
		if (g_strcmp0(word, last) != 0)
			uc_sha256_update(sum, word, strlen(word) + 1);
		last = word;
	}
	return last != NULL ? uc_sha256_to_hex(sum) : NULL;
}

/**
 * uc_network_find_link:
 * @use_vpn: whether VPNs count
 * @domain: a canonical domain
 * @interface: (nullable): the link that it came from
 *
 * The link whose name servers know @domain: that with the longest domain of which it is a part,
 * routing-only domains being made for this; among equal ones that of @interface. A domain that
 * came from a link and is routed nowhere else stays there.
 *
 * Returns: (transfer none) (nullable): the link, %NULL when none claims it
 */
const UcLink *
uc_network_find_link(const UcNetwork *self,
		     gboolean use_vpn,
		     const gchar *domain,
		     const gchar *interface)
{
	const UcLink *best = NULL;
	gint best_match = -1;

	for (guint i = 0; i < self->links->len; i++) {
		const UcLink *link = g_ptr_array_index(self->links, i);
		gint match = uc_link_match(link, domain);

		if (match < 0 || link->name_servers->len == 0 || (link->is_vpn && !use_vpn))
			continue;
		/* twice, so that the link that it came from wins among equal ones */
		match =
		    match * 2 + (interface != NULL && g_strcmp0(link->interface, interface) == 0);
		if (match <= best_match)
			continue;
		best = link;
		best_match = match;
	}
	return best;
}
