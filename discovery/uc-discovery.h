/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "uc-outcome.h"
#include "uc-service.h"

/**
 * UcDiscoveryOptions:
 * @domains: (nullable): domains as they were given; %NULL takes `[Discovery] Domains=`, and where
 *   that is empty what NetworkManager, systemd-resolved, systemd-networkd and resolv.conf(5) say
 * @name_servers: (nullable): as uc_name_server_parse() takes them; %NULL takes
 *   `[Discovery] NameServers=`, and where that is empty those of the domain's link, else of
 *   resolv.conf(5)
 * @timeout_ms: bound on the whole run, in milliseconds; 0 takes `[Discovery] TimeoutMs=`
 * @permitted: (nullable): the domains of the organisation that the endpoint is enrolled to; all
 *   others are refused unasked
 * @list: only say which domains would be asked; nothing is sent to any name server
 * @all: wait for all domains, also after one is found
 * @fetch: whether to fetch and verify the description; without, an acceptable address is enough
 * @organisation: (nullable): only accept this one's description
 * @serial_min: the highest serial of a description seen so far, 0 at first
 * @now_secs: the present time, seconds since the Unix epoch; 0 for the clock of this machine
 * @floor_secs: the present cannot lie before this, nor before the build date
 * @certificate: (nullable): sent to services that ask for one; only where @permitted is what a
 *   verified description lists
 *
 * What to find and how. Nothing in it is owned; it is copied at the start of a run. All zero is
 * look-up only, of what the system is configured for.
 */
typedef struct _UcDiscoveryOptions UcDiscoveryOptions;
struct _UcDiscoveryOptions {
	GStrv domains;
	GStrv name_servers;
	guint timeout_ms;
	GStrv permitted;
	gboolean list;
	gboolean all;
	gboolean fetch;
	const gchar *organisation;
	gint64 serial_min;
	gint64 now_secs;
	gint64 floor_secs;
	UcClientCertificate *certificate;
};

#define UC_TYPE_DISCOVERY (uc_discovery_get_type())
G_DECLARE_FINAL_TYPE(UcDiscovery, uc_discovery, UC, DISCOVERY, GObject)

void
uc_discovery_run_async(const UcDiscoveryOptions *options,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data);
UcDiscovery *
uc_discovery_run_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

UcOutcome
uc_discovery_get_outcome(UcDiscovery *self);
UcService *
uc_discovery_get_service(UcDiscovery *self);
const GError *
uc_discovery_get_error(UcDiscovery *self);
gboolean
uc_discovery_is_foreign(UcDiscovery *self) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_discovery_get_probes(UcDiscovery *self);
guint
uc_discovery_get_elapsed_ms(UcDiscovery *self);
guint32
uc_discovery_get_ask_again_secs(UcDiscovery *self);
gchar *
uc_discovery_describe(UcDiscovery *self) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_discovery_to_json(UcDiscovery *self) G_GNUC_WARN_UNUSED_RESULT;

GError *
uc_discovery_new_failure(UcDiscovery *self) G_GNUC_WARN_UNUSED_RESULT;
UcService *
uc_discovery_new_candidate(UcDiscovery *self, GTlsDatabase *database) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_discovery_check_alone(UcDiscovery *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
