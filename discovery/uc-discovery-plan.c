/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where domains, name servers and the time-out come from. Another source of domains
 * (NetworkManager, resolved, networkd) is one more function beside
 * uc_discovery_plan_add_resolv_conf() and one more UcDomainSource.
 */

#include "uc-config.h"
#include "uc-discovery-plan.h"
#include "uc-error.h"
#include "uc-name-server.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-resolv-conf.h"
#include "uc-tls.h"

#define UC_DISCOVERY_GROUP "Discovery"

void
uc_discovery_plan_free(UcDiscoveryPlan *self)
{
	g_clear_pointer(&self->domains, g_ptr_array_unref);
	g_clear_object(&self->resolver);
	g_clear_object(&self->database);
	g_clear_error(&self->database_error);
	g_free(self->organisation);
	g_free(self->anchors_dir);
	g_free(self);
}

static gboolean
uc_discovery_plan_add_configured(UcDiscoveryPlan *self, UcConfig *config)
{
	g_auto(GStrv) domains = uc_config_get_strv(config, UC_DISCOVERY_GROUP, "Domains");

	uc_domain_list_add(self->domains,
			   (const gchar *const *)domains,
			   UC_DOMAIN_SOURCE_CONFIGURATION);
	return self->domains->len > 0;
}

static void
uc_discovery_plan_add_resolv_conf(UcDiscoveryPlan *self, const UcResolvConf *resolv_conf)
{
	uc_domain_list_add(self->domains,
			   (const gchar *const *)resolv_conf->domains,
			   UC_DOMAIN_SOURCE_RESOLV_CONF);
}

static void
uc_discovery_plan_add_domains(UcDiscoveryPlan *self,
			      const UcDiscoveryOptions *options,
			      UcConfig *config,
			      const UcResolvConf *resolv_conf)
{
	self->domains = uc_domain_list_new();
	if (options->domains != NULL) {
		uc_domain_list_add(self->domains,
				   (const gchar *const *)options->domains,
				   UC_DOMAIN_SOURCE_COMMAND_LINE);
		return;
	}
	if (!uc_discovery_plan_add_configured(self, config))
		uc_discovery_plan_add_resolv_conf(self, resolv_conf);
}

static GPtrArray *
uc_discovery_plan_list_servers(const UcDiscoveryOptions *options,
			       UcConfig *config,
			       const UcResolvConf *resolv_conf,
			       GError **error)
{
	g_auto(GStrv) configured = uc_config_get_strv(config, UC_DISCOVERY_GROUP, "NameServers");
	GPtrArray *servers = NULL;

	if (options->name_servers != NULL && options->name_servers[0] != NULL)
		return uc_name_server_parse_all((const gchar *const *)options->name_servers, error);
	if (configured[0] == NULL)
		return g_ptr_array_ref(resolv_conf->name_servers);
	servers = uc_name_server_parse_all((const gchar *const *)configured, error);
	if (servers == NULL)
		g_prefix_error(error, "ucupdates.conf: [%s] NameServers: ", UC_DISCOVERY_GROUP);
	return servers;
}

/* without anchors every service is refused, but that there is none can still be said */
static void
uc_discovery_plan_add_trust(UcDiscoveryPlan *self,
			    const UcDiscoveryOptions *options,
			    UcConfig *config)
{
	g_autofree gchar *tls_dir = uc_path_anchors(UC_ANCHOR_TLS);
	g_autofree gchar *pin = uc_config_get_string(config, "Service", "Pin");

	self->organisation = g_strdup(options->organisation);
	self->anchors_dir = uc_path_anchors(UC_ANCHOR_DOCUMENTS);
	if (options->fetch)
		self->database = uc_tls_database_new(tls_dir, &self->database_error);
	if (self->database != NULL &&
	    !uc_tls_database_set_pin(self->database, pin, &self->database_error))
		g_clear_object(&self->database);
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
	self->probe.resolver = self->resolver;
	self->probe.fetch = options->fetch;
	self->probe.database = self->database;
	self->probe.database_error = self->database_error;
	self->probe.deadline_usec = begin_usec + timeout_ms * 1000;
	self->probe.expect.type = UC_DOCUMENT_SERVICE;
	self->probe.expect.organisation = self->organisation;
	self->probe.expect.anchors_dir = self->anchors_dir;
	self->probe.expect.serial_min = options->serial_min;
	self->probe.expect.now_secs = options->now_secs != 0 ? options->now_secs
							     : g_get_real_time() / G_USEC_PER_SEC;
	self->probe.expect.floor_secs = MAX(options->floor_secs, UC_BUILD_SECS);
}

/**
 * uc_discovery_plan_new:
 * @options: what to find and how
 * @begin_usec: when the run began, on the clock of g_get_monotonic_time()
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT for a malformed configuration or name
 *   server, or %UC_ERROR_FAILED
 *
 * Reads configuration, resolv.conf and the anchors.
 *
 * Returns: (transfer full): the plan, or %NULL
 */
UcDiscoveryPlan *
uc_discovery_plan_new(const UcDiscoveryOptions *options, gint64 begin_usec, GError **error)
{
	g_autoptr(UcDiscoveryPlan) self = g_new0(UcDiscoveryPlan, 1);
	g_autofree gchar *resolv_conf_path = uc_path_resolv_conf();
	g_autoptr(UcConfig) config = uc_config_load(error);
	g_autoptr(UcResolvConf) resolv_conf = NULL;
	g_autoptr(GPtrArray) servers = NULL;

	if (config == NULL)
		return NULL;
	resolv_conf = uc_resolv_conf_load(resolv_conf_path, error);
	if (resolv_conf == NULL)
		return NULL;
	servers = uc_discovery_plan_list_servers(options, config, resolv_conf, error);
	if (servers == NULL)
		return NULL;
	self->resolver = uc_resolver_new(servers, error);
	if (self->resolver == NULL)
		return NULL;
	uc_discovery_plan_add_trust(self, options, config);
	uc_discovery_plan_add_domains(self, options, config, resolv_conf);
	uc_discovery_plan_fill_probe(self, options, config, begin_usec);
	return g_steal_pointer(&self);
}
