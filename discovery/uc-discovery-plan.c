/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where domains, name servers and the time-out come from. What the command line or the
 * configuration names counts alone; else the network is asked. Who names the name servers too
 * needs nothing of the system.
 */

#include "uc-config.h"
#include "uc-discovery-plan.h"
#include "uc-domain.h"
#include "uc-error.h"
#include "uc-name-server.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-resolved.h"
#include "uc-tls.h"

#define UC_DISCOVERY_GROUP "Discovery"

/* what the configuration says, until the system has answered too */
typedef struct {
	UcDiscoveryPlan *plan;
	GStrv allowed;
} UcDiscoveryDraft;

void
uc_discovery_plan_free(UcDiscoveryPlan *self)
{
	g_clear_pointer(&self->domains, g_ptr_array_unref);
	g_clear_pointer(&self->servers, g_ptr_array_unref);
	g_clear_pointer(&self->network, uc_network_free);
	g_clear_pointer(&self->resolvers, g_hash_table_unref);
	g_clear_object(&self->database);
	g_clear_object(&self->certificate);
	g_clear_error(&self->database_error);
	g_free(self->organisation);
	g_free(self->anchors_dir);
	g_free(self->pin);
	g_free(self->pin_path);
	g_free(self);
}

static void
uc_discovery_draft_free(UcDiscoveryDraft *draft)
{
	g_clear_pointer(&draft->plan, uc_discovery_plan_free);
	g_clear_pointer(&draft->allowed, g_strfreev);
	g_free(draft);
}

/* (transfer full): canonical, or NULL when one can be nobody's */
static GStrv
uc_discovery_plan_list_allowed(UcConfig *config, GError **error)
{
	g_auto(GStrv) texts = uc_config_get_strv(config, UC_DISCOVERY_GROUP, "AllowedDomains");
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; texts[i] != NULL; i++) {
		g_autoptr(GError) error_text = NULL;
		g_autofree gchar *domain = uc_domain_canonicalise_allowed(texts[i], &error_text);

		if (domain == NULL) {
			g_set_error(error, UC_ERROR, UC_ERROR_INVALID, ": %s", error_text->message);
			uc_config_prefix_error(config, UC_DISCOVERY_GROUP, "AllowedDomains", error);
			return NULL;
		}
		g_strv_builder_add(builder, domain);
	}
	return g_strv_builder_end(builder);
}

static void
uc_discovery_plan_add_given(UcDiscoveryPlan *self,
			    const UcDiscoveryOptions *options,
			    UcConfig *config,
			    const gchar *const *allowed)
{
	g_auto(GStrv) configured = uc_config_get_strv(config, UC_DISCOVERY_GROUP, "Domains");

	if (options->domains != NULL)
		uc_domain_list_add(self->domains,
				   (const gchar *const *)options->domains,
				   UC_DOMAIN_SOURCE_COMMAND_LINE,
				   allowed);
	else
		uc_domain_list_add(self->domains,
				   (const gchar *const *)configured,
				   UC_DOMAIN_SOURCE_CONFIGURATION,
				   allowed);
}

static gboolean
uc_discovery_plan_set_servers(UcDiscoveryPlan *self,
			      const UcDiscoveryOptions *options,
			      UcConfig *config,
			      GError **error)
{
	g_auto(GStrv) configured = uc_config_get_strv(config, UC_DISCOVERY_GROUP, "NameServers");

	if (options->name_servers != NULL && options->name_servers[0] != NULL) {
		self->servers =
		    uc_name_server_parse_all((const gchar *const *)options->name_servers, error);
		return self->servers != NULL;
	}
	if (configured[0] == NULL)
		return TRUE;
	self->servers = uc_name_server_parse_all((const gchar *const *)configured, error);
	if (self->servers == NULL) {
		g_prefix_error(error, ": ");
		uc_config_prefix_error(config, UC_DISCOVERY_GROUP, "NameServers", error);
	}
	return self->servers != NULL;
}

static void
uc_discovery_plan_fill_probe(UcDiscoveryPlan *self,
			     const UcDiscoveryOptions *options,
			     UcConfig *config,
			     gint64 begin_usec)
{
	gint64 timeout_ms = options->timeout_ms;

	if (timeout_ms == 0)
		timeout_ms = (gint64)uc_config_get_uint(config, UC_DISCOVERY_GROUP, "TimeoutMs");
	self->organisation = g_strdup(options->organisation);
	self->anchors_dir = uc_path_anchors(UC_ANCHOR_DOCUMENTS);
	self->pin = uc_config_get_string(config, "Service", "Pin");
	self->pin_path = uc_config_get_path(config, "Service", "Pin");
	g_set_object(&self->certificate, options->certificate);
	self->probe.certificate = self->certificate;
	self->probe.fetch = options->fetch;
	self->probe.ask_old_name = uc_config_get_boolean(config, UC_DISCOVERY_GROUP, "OldName");
	self->probe.deadline_usec = begin_usec + timeout_ms * 1000;
	self->probe.expect.type = UC_DOCUMENT_SERVICE;
	self->probe.expect.organisation = self->organisation;
	self->probe.expect.anchors_dir = self->anchors_dir;
	self->probe.expect.serial_min = options->serial_min;
	self->probe.expect.now_secs = options->now_secs != 0 ? options->now_secs
							     : g_get_real_time() / G_USEC_PER_SEC;
	self->probe.expect.floor_secs = MAX(options->floor_secs, UC_BUILD_SECS);
}

static gboolean
uc_discovery_draft_fill(UcDiscoveryDraft *draft,
			const UcDiscoveryOptions *options,
			gint64 begin_usec,
			GError **error)
{
	g_autoptr(UcConfig) config = uc_config_load(error);
	UcDiscoveryPlan *plan = draft->plan;

	if (config == NULL)
		return FALSE;
	draft->allowed = uc_discovery_plan_list_allowed(config, error);
	if (draft->allowed == NULL || !uc_discovery_plan_set_servers(plan, options, config, error))
		return FALSE;
	plan->use_vpn = uc_config_get_boolean(config, UC_DISCOVERY_GROUP, "UseVpn");
	uc_discovery_plan_add_given(plan, options, config, (const gchar *const *)draft->allowed);
	uc_discovery_plan_fill_probe(plan, options, config, begin_usec);
	return TRUE;
}

static gboolean
uc_discovery_plan_has_question(UcDiscoveryPlan *self)
{
	for (guint i = 0; i < self->domains->len; i++) {
		const UcDomainEntry *entry = g_ptr_array_index(self->domains, i);

		if (entry->domain != NULL)
			return TRUE;
	}
	return FALSE;
}

static void
uc_discovery_plan_gathered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcDiscoveryDraft *draft = g_task_get_task_data(task);
	GError *error = NULL;

	draft->plan->network = uc_network_gather_finish(result, &error);
	if (draft->plan->network == NULL) {
		g_task_return_error(task, error);
		return;
	}
	if (draft->plan->domains->len == 0)
		uc_network_list_domains(draft->plan->network,
					draft->plan->use_vpn,
					(const gchar *const *)draft->allowed,
					draft->plan->domains);
	g_task_return_pointer(task,
			      g_steal_pointer(&draft->plan),
			      (GDestroyNotify)uc_discovery_plan_free);
}

/**
 * uc_discovery_plan_new_async:
 * @options: what to find and how
 * @begin_usec: when the run began, on the clock of g_get_monotonic_time()
 * @cancellable: (nullable): ends it with `G_IO_ERROR_CANCELLED`
 *
 * Reads the configuration and, as far as it and @options leave it open, asks the system for domains
 * and name servers.
 */
void
uc_discovery_plan_new_async(const UcDiscoveryOptions *options,
			    gint64 begin_usec,
			    GCancellable *cancellable,
			    GAsyncReadyCallback callback,
			    gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
	UcDiscoveryDraft *draft = g_new0(UcDiscoveryDraft, 1);
	UcDiscoveryPlan *plan = g_new0(UcDiscoveryPlan, 1);
	GError *error = NULL;

	g_task_set_task_data(task, draft, (GDestroyNotify)uc_discovery_draft_free);
	draft->plan = plan;
	plan->domains = uc_domain_list_new();
	plan->resolvers = g_hash_table_new_full(NULL, NULL, NULL, g_object_unref);
	if (!uc_discovery_draft_fill(draft, options, begin_usec, &error)) {
		g_task_return_error(task, error);
		return;
	}
	/* nothing is to be asked, or it is said whom */
	if (plan->domains->len > 0 &&
	    (plan->servers != NULL || !uc_discovery_plan_has_question(plan))) {
		g_task_return_pointer(task,
				      g_steal_pointer(&draft->plan),
				      (GDestroyNotify)uc_discovery_plan_free);
		return;
	}
	uc_network_gather_async(plan->probe.deadline_usec,
				cancellable,
				uc_discovery_plan_gathered_cb,
				g_object_ref(task));
}

/**
 * uc_discovery_plan_new_finish:
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT for a malformed configuration or name
 *   server, %UC_ERROR_FAILED, or `G_IO_ERROR_CANCELLED`
 *
 * Returns: (transfer full): the plan, or %NULL
 */
UcDiscoveryPlan *
uc_discovery_plan_new_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

/* (transfer full) (nullable): with the name servers that know the domain */
static UcResolver *
uc_discovery_plan_new_resolver(UcDiscoveryPlan *self, const UcLink *link, GError **error)
{
	g_autoptr(GPtrArray) stub = g_ptr_array_new_with_free_func(g_object_unref);

	if (self->servers != NULL)
		return uc_resolver_new(self->servers, NULL, error);
	if (self->network->has_stub) {
		g_ptr_array_add(stub,
				uc_name_server_new(UC_RESOLVED_STUB_ADDRESS, UC_NAME_SERVER_PORT));
		return uc_resolver_new(stub, NULL, error);
	}
	if (link != NULL)
		return uc_resolver_new(link->name_servers, link->interface, error);
	return uc_resolver_new(self->network->resolv_conf->name_servers, NULL, error);
}

/**
 * uc_discovery_plan_load_trust:
 *
 * Loads the CAs that decide about certificates, which takes some milliseconds; the time for it is
 * when the questions are out and no answer is there. Without any every service is refused, but that
 * there is none can still be said.
 */
void
uc_discovery_plan_load_trust(UcDiscoveryPlan *self)
{
	g_autofree gchar *tls_dir = uc_path_anchors(UC_ANCHOR_TLS);

	if (!self->probe.fetch || self->database != NULL || self->database_error != NULL)
		return;
	self->database = uc_tls_database_new(tls_dir, &self->database_error);
	if (self->database != NULL &&
	    !uc_tls_database_set_pin(self->database, self->pin, &self->database_error)) {
		g_prefix_error(&self->database_error, "%s: ", self->pin_path);
		g_clear_object(&self->database);
	}
	self->probe.database = self->database;
	self->probe.database_error = self->database_error;
}

/**
 * uc_discovery_plan_get_resolver:
 * @entry: one of the domains, not a refused one
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer none): whom to ask about it: the name servers that were given, else
 *   systemd-resolved's stub, else those of its link and only over that link, else those of
 *   resolv.conf; or %NULL
 */
UcResolver *
uc_discovery_plan_get_resolver(UcDiscoveryPlan *self, const UcDomainEntry *entry, GError **error)
{
	const UcLink *link = NULL;
	UcResolver *resolver = NULL;

	if (self->servers == NULL && !self->network->has_stub)
		link = uc_network_find_link(self->network,
					    self->use_vpn,
					    entry->domain,
					    entry->interface);
	resolver = g_hash_table_lookup(self->resolvers, link);
	if (resolver != NULL)
		return resolver;
	resolver = uc_discovery_plan_new_resolver(self, link, error);
	if (resolver != NULL)
		g_hash_table_insert(self->resolvers, (gpointer)link, resolver);
	return resolver;
}
