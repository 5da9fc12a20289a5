/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service by the first way that leads there (UcWay, in the order of uc_way_get_order()). The
 * policy, and what is assumed:
 *
 * - A URL that was given is tried in every network, because root or root's configuration gave it.
 *   What is there counts only with the organisation's certificate and signature, like anywhere.
 * - What DNS found, now or earlier, is tried only in a network that has one of the organisation's
 *   domains. In any other network no name is asked and nothing is sent to hosts found there.
 * - The last good service comes before DNS for as long as what DNS said holds; after that, and in
 *   another network, DNS is asked again first, and the last good service is the fallback.
 * - Inside comes before outside, but for a day not in a network where only outside worked.
 * - An external URL is tried only with credentials or a client certificate. A password goes to no
 *   other host. For a given URL that no verified description names, they wait until one does.
 * - A client certificate is offered to hosts that the organisation's verified description lists,
 *   and to those that root's configuration names; to any other only once its description is
 * verified.
 * - Nothing here changes what is known: a failure of one way leads to the next way, a failure of
 *   all to an error. What was refused is told before what could not be told.
 */

#include "uc-domain.h"
#include "uc-error.h"
#include "uc-last-service.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-network-memory.h"
#include "uc-network.h"
#include "uc-paths.h"
#include "uc-service-access.h"
#include "uc-service-finder.h"

#define UC_SERVICE_FINDER_RANK_REFUSAL 4

typedef struct {
	UcServiceFinderOptions options;
	gchar *given;
	gchar *given_external;
	gchar *last_network; /* (nullable) */
	UcServiceAccess *access;
	gchar *anchors_dir;
	gchar *organisation; /* (nullable) */
	GTlsDatabase *database;
	UcDocumentExpect expect; /* its strings are the two above */
	const UcWay *order;	 /* UC_WAY_COUNT of them, not owned */
	guint step;		 /* index of the next one in it */
	UcWay way;		 /* the one that is being tried */
	gboolean is_listed;	 /* whether @is_foreign is known */
	gboolean is_foreign;
	gchar *network;		/* (nullable): the key of this network */
	guint32 ask_again_secs; /* for how long what DNS said holds, 0 when it was not asked */
	UcService *candidate;	/* (nullable): one whose description was refused */
	GError *error;		/* (nullable): what to tell when no way leads there */
} UcServiceFinder;

static void
uc_service_finder_free(UcServiceFinder *self)
{
	g_free(self->given);
	g_free(self->given_external);
	g_free(self->last_network);
	uc_service_access_free(self->access);
	g_free(self->anchors_dir);
	g_free(self->organisation);
	g_free(self->network);
	g_clear_object(&self->database);
	g_clear_object(&self->candidate);
	g_clear_error(&self->error);
	g_free(self);
}

static void
uc_service_finder_advance(GTask *task);
static void
uc_service_finder_try(GTask *task);

/* an answer says more than none, and what was refused says most; that one way leads nowhere says
 * least, as another one may only be closed just now */
static guint
uc_service_finder_rank(const GError *error)
{
	if (error == NULL)
		return 0;
	if (uc_error_is_refusal(error))
		return UC_SERVICE_FINDER_RANK_REFUSAL;
	if (g_error_matches(error, UC_ERROR, UC_ERROR_DENIED))
		return 3;
	return g_error_matches(error, UC_ERROR, UC_ERROR_NOT_FOUND) ? 1 : 2;
}

/* the first refusal is told, else the last of the best */
static void
uc_service_finder_note(UcServiceFinder *self, GError *error)
{
	guint known = uc_service_finder_rank(self->error);

	g_info("by way of '%s': %s", uc_way_to_string(self->way), error->message);
	if (known == UC_SERVICE_FINDER_RANK_REFUSAL || known > uc_service_finder_rank(error)) {
		g_error_free(error);
		return;
	}
	g_clear_error(&self->error);
	self->error = error;
}

static void
uc_service_finder_fail(GTask *task, GError *error)
{
	UcServiceFinder *self = g_task_get_task_data(task);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_task_return_error(task, error);
		return;
	}
	uc_service_finder_note(self, error);
	uc_service_finder_advance(task);
}

/* it is verified now, so it may know who this is */
static void
uc_service_finder_return(GTask *task, UcService *service)
{
	UcServiceFinder *self = g_task_get_task_data(task);

	uc_service_access_offer_certificate(self->access, service);
	g_task_return_pointer(task, g_object_ref(service), g_object_unref);
}

static gboolean
uc_service_finder_is_listed(UcServiceFinder *self, UcService *service, const gchar *url)
{
	const gchar *host = uc_service_get_host(service);
	GStrv domains = uc_state_get_domains(self->options.state);

	if (g_strcmp0(url, self->options.settings->url) == 0 ||
	    g_strcmp0(url, self->options.settings->external_url) == 0 ||
	    g_strcmp0(url, uc_state_get_external_url(self->options.state)) == 0)
		return TRUE;
	for (guint i = 0; domains != NULL && domains[i] != NULL; i++) {
		if (uc_domain_contains(domains[i], host))
			return TRUE;
	}
	return FALSE;
}

static void
uc_service_finder_fetched_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceFinder *self = g_task_get_task_data(task);
	GError *error = NULL;

	if (!uc_service_fetch_finish(UC_SERVICE(source), result, &error)) {
		if (uc_error_is_refusal(error))
			g_set_object(&self->candidate, UC_SERVICE(source));
		uc_service_finder_fail(task, error);
		return;
	}
	if (self->way == UC_WAY_GIVEN_EXTERNAL)
		uc_service_access_use_password(self->access, UC_SERVICE(source));
	uc_service_finder_return(task, UC_SERVICE(source));
}

static void
uc_service_finder_fetch(GTask *task, UcService *service, guint timeout_ms)
{
	UcServiceFinder *self = g_task_get_task_data(task);

	uc_service_fetch_async(service,
			       uc_service_get_domain(service),
			       &self->expect,
			       timeout_ms,
			       g_task_get_cancellable(task),
			       uc_service_finder_fetched_cb,
			       g_object_ref(task));
}

static void
uc_service_finder_try_url(GTask *task, const gchar *url)
{
	UcServiceFinder *self = g_task_get_task_data(task);
	const gchar *known = uc_state_get_external_url(self->options.state);
	GError *error = NULL;
	g_autoptr(UcService) service = uc_service_new_for_url(url, self->database, &error);

	if (service == NULL) {
		uc_service_finder_fail(task, error);
		return;
	}
	if (self->way != UC_WAY_GIVEN && g_strcmp0(url, known) == 0)
		uc_service_access_use_password(self->access, service);
	if (uc_service_finder_is_listed(self, service, url))
		uc_service_access_offer_certificate(self->access, service);
	uc_service_finder_fetch(task, service, UC_LIMIT_REQUEST_MS);
}

static void
uc_service_finder_try_last(GTask *task)
{
	UcServiceFinder *self = g_task_get_task_data(task);
	UcWay way = UC_WAY_NONE;
	GError *error = NULL;
	g_autoptr(UcService) service =
	    uc_last_service_load(self->database, &self->expect, &way, &error);

	if (service == NULL) {
		uc_service_finder_fail(task, error);
		return;
	}
	if (way == UC_WAY_EXTERNAL || way == UC_WAY_GIVEN_EXTERNAL) {
		/* inside comes before outside */
		uc_service_finder_advance(task);
		return;
	}
	uc_service_access_offer_certificate(self->access, service);
	uc_service_finder_fetch(task, service, UC_LIMIT_LAST_SERVICE_MS);
}

static void
uc_service_finder_discovered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceFinder *self = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(UcDiscovery) discovery = uc_discovery_run_finish(result, &error);
	g_autoptr(UcService) candidate = NULL;
	UcService *service = NULL;

	if (discovery == NULL) {
		uc_service_finder_fail(task, error);
		return;
	}
	self->ask_again_secs = uc_discovery_get_ask_again_secs(discovery);
	service = uc_discovery_get_service(discovery);
	if (service == NULL) {
		candidate = uc_discovery_new_candidate(discovery, self->database);
		if (candidate != NULL)
			g_set_object(&self->candidate, candidate);
		uc_service_finder_fail(task, uc_discovery_new_failure(discovery));
		return;
	}
	if (!uc_discovery_check_alone(discovery, &error)) {
		uc_service_finder_fail(task, error);
		return;
	}
	uc_service_finder_return(task, service);
}

static void
uc_service_finder_discover(GTask *task, gboolean list, GAsyncReadyCallback callback)
{
	UcServiceFinder *self = g_task_get_task_data(task);
	UcDiscoveryOptions options = {
	    .permitted = uc_state_get_domains(self->options.state),
	    .list = list,
	    .all = self->organisation == NULL,
	    .fetch = !list,
	    .now_secs = self->expect.now_secs,
	    .organisation = self->organisation,
	    .serial_min = self->expect.serial_min,
	    .floor_secs = self->expect.floor_secs,
	    .certificate =
		self->organisation != NULL ? uc_service_access_get_certificate(self->access) : NULL,
	};

	uc_discovery_run_async(&options,
			       g_task_get_cancellable(task),
			       callback,
			       g_object_ref(task));
}

static void
uc_service_finder_listed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceFinder *self = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(UcDiscovery) discovery = uc_discovery_run_finish(result, &error);

	if (discovery == NULL) {
		uc_service_finder_fail(task, error);
		return;
	}
	self->is_listed = TRUE;
	self->is_foreign = uc_discovery_is_foreign(discovery);
	if (self->is_foreign && self->given != NULL) {
		/* that nobody answers at the URL that was given says more */
		uc_service_finder_advance(task);
		return;
	}
	if (self->is_foreign) {
		error = g_error_new(UC_ERROR,
				    UC_ERROR_TEMPORARY,
				    "foreign network: it has no domain of the organisation '%s', "
				    "so nothing is asked here",
				    self->organisation);
		uc_service_finder_fail(task, error);
		return;
	}
	uc_service_finder_try(task);
}

static void
uc_service_finder_end(GTask *task)
{
	UcServiceFinder *self = g_task_get_task_data(task);

	if (self->is_foreign && uc_state_get_external_url(self->options.state) != NULL &&
	    uc_service_access_is_empty(self->access))
		g_prefix_error(&self->error,
			       "the external service needs a password or a client certificate, see "
			       "ucupdates.conf(5), or somebody who signs in; ");
	if (self->error == NULL)
		self->error = g_error_new_literal(UC_ERROR,
						  UC_ERROR_NOT_FOUND,
						  "there is no way to the service");
	g_task_return_error(task, g_steal_pointer(&self->error));
}

static gboolean
uc_service_finder_can_try(UcServiceFinder *self, UcWay way)
{
	switch (way) {
	case UC_WAY_GIVEN:
		return self->given != NULL;
	case UC_WAY_GIVEN_EXTERNAL:
		return self->given_external != NULL && !uc_service_access_is_empty(self->access);
	case UC_WAY_LAST:
		/* not enrolled: there was no service, and the network cannot be a foreign one */
		return !self->options.given_only && self->organisation != NULL && !self->is_foreign;
	case UC_WAY_DNS:
		return !self->options.given_only && !self->is_foreign;
	case UC_WAY_EXTERNAL:
		return !self->options.given_only && !uc_service_access_is_empty(self->access) &&
		       uc_state_get_external_url(self->options.state) != NULL;
	default:
		return FALSE;
	}
}

/* %UC_WAY_NONE when none is left */
static UcWay
uc_service_finder_take_next(UcServiceFinder *self)
{
	while (self->step < UC_WAY_COUNT) {
		UcWay way = self->order[self->step++];

		if (uc_service_finder_can_try(self, way))
			return way;
	}
	return UC_WAY_NONE;
}

/* whose network this is comes before what depends on it */
static gboolean
uc_service_finder_needs_list(UcServiceFinder *self)
{
	return !self->is_listed && self->organisation != NULL &&
	       (self->way == UC_WAY_LAST || self->way == UC_WAY_DNS);
}

static void
uc_service_finder_try(GTask *task)
{
	UcServiceFinder *self = g_task_get_task_data(task);

	if (uc_service_finder_needs_list(self)) {
		uc_service_finder_discover(task, TRUE, uc_service_finder_listed_cb);
		return;
	}
	switch (self->way) {
	case UC_WAY_GIVEN:
		uc_service_finder_try_url(task, self->given);
		break;
	case UC_WAY_GIVEN_EXTERNAL:
		uc_service_finder_try_url(task, self->given_external);
		break;
	case UC_WAY_LAST:
		uc_service_finder_try_last(task);
		break;
	case UC_WAY_DNS:
		uc_service_finder_discover(task, FALSE, uc_service_finder_discovered_cb);
		break;
	case UC_WAY_EXTERNAL:
		uc_service_finder_try_url(task, uc_state_get_external_url(self->options.state));
		break;
	default:
		uc_service_finder_end(task);
		break;
	}
}

static void
uc_service_finder_advance(GTask *task)
{
	UcServiceFinder *self = g_task_get_task_data(task);

	self->way = uc_service_finder_take_next(self);
	uc_service_finder_try(task);
}

/* what DNS said holds for its time to live and in the network where it said so */
static gboolean
uc_service_finder_is_stale(UcServiceFinder *self)
{
	gint64 ask_again_secs = self->options.ask_again_secs;

	return (ask_again_secs > 0 && self->expect.now_secs >= ask_again_secs) ||
	       (self->last_network != NULL && g_strcmp0(self->last_network, self->network) != 0);
}

/* a network that tells nothing of itself is like any other one */
static void
uc_service_finder_gathered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceFinder *self = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcNetwork) network = uc_network_gather_finish(result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	if (network != NULL)
		self->network = uc_network_get_key(network);
	else
		g_info("%s", error->message);
	self->order =
	    uc_way_get_order(uc_network_memory_is_outside(self->network, self->expect.now_secs),
			     uc_service_finder_is_stale(self));
	uc_service_finder_advance(task);
}

static const gchar *
uc_service_finder_choose(const gchar *wanted, const gchar *configured, const gchar *given)
{
	if (wanted != NULL)
		return wanted;
	return configured != NULL ? configured : given;
}

static UcServiceFinder *
uc_service_finder_new(const UcServiceFinderOptions *options)
{
	UcServiceFinder *self = g_new0(UcServiceFinder, 1);
	UcState *state = options->state;
	gboolean only = options->given_only;

	self->options = *options;
	self->way = UC_WAY_NONE;
	self->order = uc_way_get_order(FALSE, FALSE);
	self->given = g_strdup(
	    uc_service_finder_choose(options->given,
				     only ? NULL : uc_service_settings_get_url(options->settings),
				     only ? NULL : uc_state_get_given(state)));
	self->given_external = g_strdup(uc_service_finder_choose(
	    options->given_external,
	    only ? NULL : uc_service_settings_get_external_url(options->settings),
	    only ? NULL : uc_state_get_given_external(state)));
	self->last_network = g_strdup(options->network);
	self->access = uc_service_access_new(options->settings);
	self->organisation = g_strdup(uc_state_get_organisation(state));
	self->anchors_dir = uc_path_anchors(UC_ANCHOR_DOCUMENTS);
	self->expect.type = UC_DOCUMENT_SERVICE;
	self->expect.organisation = self->organisation;
	self->expect.anchors_dir = self->anchors_dir;
	self->expect.serial_min = uc_state_get_serial(state, UC_DOCUMENT_SERVICE);
	self->expect.now_secs = uc_clock_now_secs(options->clock);
	self->expect.floor_secs = uc_state_get_floor_secs(state);
	return self;
}

/* before anything is sent: a certificate too can only be judged by a clock that may be right */
static gboolean
uc_service_finder_check_clock(UcServiceFinder *self, GError **error)
{
	if (self->expect.now_secs >= self->expect.floor_secs)
		return TRUE;
	g_set_error_literal(
	    error,
	    UC_ERROR,
	    UC_ERROR_CLOCK,
	    "this machine's clock is in the past; waiting until it is synchronised");
	return FALSE;
}

/**
 * uc_service_finder_run_async:
 * @options: where to look; copied
 * @cancellable: (nullable): ends it at once with `G_IO_ERROR_CANCELLED`
 *
 * Finds the service and its description. Ends within the bounds of each way.
 */
void
uc_service_finder_run_async(const UcServiceFinderOptions *options,
			    GCancellable *cancellable,
			    GAsyncReadyCallback callback,
			    gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
	UcServiceFinder *self = uc_service_finder_new(options);
	GError *error = NULL;

	g_task_set_task_data(task, self, (GDestroyNotify)uc_service_finder_free);
	if (uc_service_finder_check_clock(self, &error))
		self->database = uc_service_settings_load_database(options->settings, &error);
	if (self->database == NULL) {
		g_task_return_error(task, error);
		return;
	}
	uc_network_gather_async(g_get_monotonic_time() + UC_LIMIT_SYSTEM_MS * 1000,
				cancellable,
				uc_service_finder_gathered_cb,
				g_steal_pointer(&task));
}

/**
 * uc_service_finder_run_finish:
 * @way_out: (out): how it was found
 * @error: set to %UC_ERROR_NOT_FOUND (there is none), %UC_ERROR_TEMPORARY, %UC_ERROR_DENIED,
 *   %UC_ERROR_CLOCK, %UC_ERROR_INVALID, or a refusal
 *
 * Returns: (transfer full): the service with its verified description, or %NULL
 */
UcService *
uc_service_finder_run_finish(GAsyncResult *result, UcWay *way_out, GError **error)
{
	UcServiceFinder *self = g_task_get_task_data(G_TASK(result));
	UcService *service = g_task_propagate_pointer(G_TASK(result), error);

	if (service != NULL)
		*way_out = self->way;
	return service;
}

/**
 * uc_service_finder_run_get_candidate:
 * @result: what the callback of a run that failed got
 *
 * A service whose description is refused may have new keys to tell of.
 *
 * Returns: (transfer none) (nullable): such a service, as long as @result lives
 */
UcService *
uc_service_finder_run_get_candidate(GAsyncResult *result)
{
	UcServiceFinder *self = g_task_get_task_data(G_TASK(result));

	return self->candidate;
}

/**
 * uc_service_finder_run_get_network:
 * @result: what the callback got
 *
 * Returns: (transfer none) (nullable): the key of the network it was in, uc_network_get_key(), as
 *   long as @result lives
 */
const gchar *
uc_service_finder_run_get_network(GAsyncResult *result)
{
	UcServiceFinder *self = g_task_get_task_data(G_TASK(result));

	return self->network;
}

/**
 * uc_service_finder_run_get_ask_again_secs:
 * @result: what the callback got
 *
 * Returns: for how long what DNS said holds, in seconds; 0 when it was not asked
 */
guint32
uc_service_finder_run_get_ask_again_secs(GAsyncResult *result)
{
	UcServiceFinder *self = g_task_get_task_data(G_TASK(result));

	return self->ask_again_secs;
}
