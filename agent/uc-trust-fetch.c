/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First use: the trust bundle of the one service that DNS leads to, for root to take or not
 * (docs/service-protocol.md, section 2.3). Nothing that is sent here proves anything, so:
 *
 * - The agent installs nothing. It leaves the bundle where `ucupdates-trust` looks, which has the
 *   last word on whether and when (uc-first-use.h).
 * - Exactly one domain may lead to a service, and none may be untold. Two are a choice that nobody
 *   made.
 * - The bundle is one thing: signed below its own documents CA. And it has to be the service's:
 * over a second connection, with these anchors and no others, certificate, description,
 * organisation and domain have to hold as they would for an endpoint that always had them.
 * - No identity, password or certificate of this endpoint is sent.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "uc-boot.h"
#include "uc-discovery.h"
#include "uc-error.h"
#include "uc-file.h"
#include "uc-first-use.h"
#include "uc-journal.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-paths.h"
#include "uc-probe.h"
#include "uc-state-file.h"
#include "uc-tls.h"
#include "uc-trust-bundle.h"
#include "uc-trust-fetch.h"

typedef struct {
	UcState *state;		/* not owned */
	const UcClock *clock;	/* not owned */
	UcDiscovery *discovery; /* (nullable) */
	const UcLookup *lookup; /* (nullable): of the one service, in @discovery */
	UcHttp *http;		/* (nullable): with which nothing is verified */
	GBytes *envelope;	/* (nullable): the bundle as it came */
	UcTrustBundle *bundle;	/* (nullable) */
} UcTrustFetch;

static void
uc_trust_fetch_free(UcTrustFetch *job)
{
	g_clear_object(&job->discovery);
	g_clear_object(&job->http);
	g_clear_pointer(&job->envelope, g_bytes_unref);
	g_clear_pointer(&job->bundle, uc_trust_bundle_free);
	g_free(job);
}

/**
 * uc_trust_fetch_is_wanted:
 *
 * Returns: whether this endpoint may look for whom to trust: its image allows it, it trusts nobody,
 * and nobody said where the service is
 */
gboolean
uc_trust_fetch_is_wanted(const UcServiceSettings *settings, UcState *state)
{
	return settings->first_use && uc_service_settings_get_url(settings) == NULL &&
	       uc_service_settings_get_external_url(settings) == NULL &&
	       uc_state_get_organisation(state) == NULL && uc_state_get_given(state) == NULL &&
	       uc_state_get_given_external(state) == NULL && uc_first_use_check_factory(NULL);
}

/* before anything is sent */
static gboolean
uc_trust_fetch_check_open(UcTrustFetch *job, GError **error)
{
	g_autofree gchar *boot_id = uc_boot_get_id();
	g_autoptr(GError) error_load = NULL;
	g_autoptr(UcFirstUse) record = uc_first_use_load(&error_load);

	if (record == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "first use has not begun (%s); is ucupdates-first-use.service enabled?",
			    error_load->message);
		return FALSE;
	}
	if (!uc_first_use_check_open(record, boot_id, uc_clock_boot_secs(job->clock), error))
		return FALSE;
	if (uc_clock_now_secs(job->clock) >= uc_state_get_floor_secs(job->state))
		return TRUE;
	g_set_error_literal(
	    error,
	    UC_ERROR,
	    UC_ERROR_CLOCK,
	    "this machine's clock is in the past; waiting until it is synchronised");
	return FALSE;
}

/* for root; the same bytes again change nothing */
static void
uc_trust_fetch_leave(GTask *task)
{
	UcTrustFetch *job = g_task_get_task_data(task);
	g_autofree gchar *path = uc_path_state(UC_FIRST_USE_NAME);
	GError *error = NULL;

	if (!uc_trust_fetch_check_open(job, &error) ||
	    !uc_state_file_write(path, job->envelope, &error)) {
		g_task_return_error(task, error);
		return;
	}
	g_task_return_new_error(
	    task,
	    UC_ERROR,
	    UC_ERROR_TEMPORARY,
	    "the anchors of '%s', found on first use, wait for ucupdates-trust; "
	    "is ucupdates-trust.path active?",
	    job->bundle->organisation);
}

static void
uc_trust_fetch_verified_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;

	if (uc_service_fetch_finish(UC_SERVICE(source), result, &error)) {
		uc_trust_fetch_leave(task);
		return;
	}
	g_prefix_error(&error, "first use: ");
	g_task_return_error(task, error);
}

/* as an endpoint would that had these anchors */
static gboolean
uc_trust_fetch_verify(GTask *task, GError **error)
{
	UcTrustFetch *job = g_task_get_task_data(task);
	g_autofree gchar *tls = uc_trust_bundle_get_anchors_dir(job->bundle, UC_ANCHOR_TLS);
	g_autofree gchar *documents =
	    uc_trust_bundle_get_anchors_dir(job->bundle, UC_ANCHOR_DOCUMENTS);
	g_autoptr(GTlsDatabase) database = uc_tls_database_new(tls, error);
	g_autoptr(UcService) service = NULL;
	UcDocumentExpect expect = {
	    .organisation = job->bundle->organisation,
	    .anchors_dir = documents,
	    .now_secs = uc_clock_now_secs(job->clock),
	    .floor_secs = uc_state_get_floor_secs(job->state),
	};

	if (database == NULL)
		return FALSE;
	service =
	    uc_service_new(job->lookup->name, UC_HTTPS_PORT, job->lookup->candidates, database);
	uc_service_fetch_async(service,
			       job->lookup->domain,
			       &expect,
			       UC_LIMIT_REQUEST_MS,
			       g_task_get_cancellable(task),
			       uc_trust_fetch_verified_cb,
			       g_object_ref(task));
	return TRUE;
}

static void
uc_trust_fetch_fetched_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcTrustFetch *job = g_task_get_task_data(task);
	GError *error = NULL;

	job->envelope = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (job->envelope != NULL)
		job->bundle = uc_trust_bundle_verify(job->envelope,
						     uc_clock_now_secs(job->clock),
						     uc_state_get_floor_secs(job->state),
						     &error);
	if (job->bundle != NULL && uc_trust_fetch_verify(task, &error))
		return;
	g_prefix_error(&error, "first use: ");
	g_task_return_error(task, error);
}

#define UC_TYPE_TRUST_FETCH_DATABASE (uc_trust_fetch_database_get_type())
G_DECLARE_FINAL_TYPE(UcTrustFetchDatabase,
		     uc_trust_fetch_database,
		     UC,
		     TRUST_FETCH_DATABASE,
		     GTlsDatabase)

struct _UcTrustFetchDatabase {
	GTlsDatabase parent_instance;
};

G_DEFINE_TYPE(UcTrustFetchDatabase, uc_trust_fetch_database, G_TYPE_TLS_DATABASE)

/* what comes over this connection counts only once it was verified over another one */
static GTlsCertificateFlags
uc_trust_fetch_database_verify_chain(GTlsDatabase *database,
				     GTlsCertificate *chain,
				     const gchar *purpose,
				     GSocketConnectable *identity,
				     GTlsInteraction *interaction,
				     GTlsDatabaseVerifyFlags flags,
				     GCancellable *cancellable,
				     GError **error)
{
	return 0;
}

static void
uc_trust_fetch_database_class_init(UcTrustFetchDatabaseClass *klass)
{
	G_TLS_DATABASE_CLASS(klass)->verify_chain = uc_trust_fetch_database_verify_chain;
}

static void
uc_trust_fetch_database_init(UcTrustFetchDatabase *self)
{
}

/* the one service; %NULL with an error for none, for two, and for what could not be told */
static const UcLookup *
uc_trust_fetch_choose(UcDiscovery *discovery, GError **error)
{
	GPtrArray *probes = uc_discovery_get_probes(discovery);
	const UcLookup *found = NULL;

	for (guint i = 0; i < probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(probes, i);

		if (probe->outcome == UC_OUTCOME_UNREACHABLE) {
			g_propagate_error(error, g_error_copy(probe->error));
			return NULL;
		}
		if (probe->outcome != UC_OUTCOME_FOUND)
			continue;
		if (found != NULL) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_REFUSED,
				    "two services offer themselves on first use, %s and %s; name "
				    "the right one with [Discovery] Domains= in ucupdates.conf, or "
				    "install the organisation's trust bundle",
				    found->name,
				    probe->lookup->name);
			return NULL;
		}
		found = probe->lookup;
	}
	if (found == NULL)
		g_propagate_error(error, uc_discovery_new_failure(discovery));
	return found;
}

static void
uc_trust_fetch_discovered_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcTrustFetch *job = g_task_get_task_data(task);
	g_autoptr(GTlsDatabase) database = g_object_new(UC_TYPE_TRUST_FETCH_DATABASE, NULL);
	GError *error = NULL;

	job->discovery = uc_discovery_run_finish(result, &error);
	if (job->discovery != NULL)
		job->lookup = uc_trust_fetch_choose(job->discovery, &error);
	if (job->lookup == NULL) {
		g_task_return_error(task, error);
		return;
	}
	job->http =
	    uc_http_new(job->lookup->name, UC_HTTPS_PORT, job->lookup->candidates, database);
	uc_http_get_async(job->http,
			  UC_WELL_KNOWN_TRUST_PATH,
			  NULL,
			  UC_LIMIT_ENVELOPE_BYTES,
			  UC_LIMIT_REQUEST_MS,
			  g_task_get_cancellable(task),
			  uc_trust_fetch_fetched_cb,
			  g_object_ref(task));
}

/**
 * uc_trust_fetch_run_async:
 * @state: must outlive the call
 * @clock: must outlive the call
 * @cancellable: (nullable): ends it at once with `G_IO_ERROR_CANCELLED`
 *
 * Looks for a trust bundle. Errors: %UC_ERROR_TEMPORARY when one waits for root, so that there is
 * no success; %UC_ERROR_REFUSED when first use has not begun or has ended, and for two services;
 * %UC_ERROR_CLOCK; as uc_discovery_new_failure(), uc_http_request_async(), uc_trust_bundle_verify()
 * and uc_service_fetch_finish().
 */
void
uc_trust_fetch_run_async(UcState *state,
			 const UcClock *clock,
			 GCancellable *cancellable,
			 GAsyncReadyCallback callback,
			 gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
	UcTrustFetch *job = g_new0(UcTrustFetch, 1);
	UcDiscoveryOptions options = {.all = TRUE, .now_secs = uc_clock_now_secs(clock)};
	GError *error = NULL;

	job->state = state;
	job->clock = clock;
	g_task_set_task_data(task, job, (GDestroyNotify)uc_trust_fetch_free);
	if (!uc_trust_fetch_check_open(job, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_discovery_run_async(&options,
			       cancellable,
			       uc_trust_fetch_discovered_cb,
			       g_steal_pointer(&task));
}

gboolean
uc_trust_fetch_run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

/**
 * uc_trust_fetch_describe:
 *
 * Returns: (transfer full) (nullable): a sentence for people on whom this endpoint trusts without
 * proof; %NULL when an administrator or the image said whom
 */
gchar *
uc_trust_fetch_describe(void)
{
	g_autoptr(UcFirstUse) record = uc_first_use_load(NULL);
	g_autoptr(GDateTime) taken = NULL;
	g_autofree gchar *time = NULL;

	if (record == NULL || record->organisation == NULL || record->fingerprint == NULL)
		return NULL;
	taken = g_date_time_new_from_unix_utc(record->taken_secs);
	time = taken != NULL ? g_date_time_format(taken, "%Y-%m-%d %H:%M UTC") : NULL;
	return g_strdup_printf(
	    _("the anchors of %s were taken from the network on first use, without proof (%s); "
	      "compare the fingerprint %s with `ucupdates-mirror key list`"),
	    record->organisation,
	    time != NULL ? time : "?",
	    record->fingerprint);
}

/**
 * uc_trust_fetch_note:
 *
 * To be called once the service was found: what root took is told to the journal, once, and what
 * was left for root is removed.
 */
void
uc_trust_fetch_note(void)
{
	g_autofree gchar *path = uc_path_state(UC_FIRST_USE_NAME);
	g_autofree gchar *text = NULL;
	g_autoptr(GError) error = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return;
	text = uc_trust_fetch_describe();
	if (text != NULL)
		uc_journal_log("first-use", "service", NULL, text);
	if (!uc_file_remove(path, &error))
		g_warning("%s", error->message);
}
