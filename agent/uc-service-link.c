/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's connection with its organisation: the service that was found last, and the policy
 * that was verified last. A failure changes neither. What was learnt (whose endpoint this is, the
 * serials) is on disk before it is used.
 */

#include "uc-document.h"
#include "uc-enrolment.h"
#include "uc-error.h"
#include "uc-kept-policy.h"
#include "uc-keys-fetch.h"
#include "uc-last-service.h"
#include "uc-limits.h"
#include "uc-look-again.h"
#include "uc-names.h"
#include "uc-network-memory.h"
#include "uc-paths.h"
#include "uc-service-finder.h"
#include "uc-service-link.h"

struct _UcServiceLink {
	GObject parent_instance;
	UcState *state;			   /* not owned */
	const UcServiceSettings *settings; /* not owned */
	const UcClock *clock;		   /* not owned */
	UcService *service;		   /* (nullable): not found yet */
	UcWay way;			   /* how @service was found */
	UcLookAgain again;
	UcKeptPolicy *policy;
	GError *refusal; /* (nullable): of the keys that the service has, at the last look */
};

G_DEFINE_TYPE(UcServiceLink, uc_service_link, G_TYPE_OBJECT)

static void
uc_service_link_dispose(GObject *object)
{
	UcServiceLink *self = UC_SERVICE_LINK(object);

	g_clear_object(&self->service);
	uc_look_again_clear(&self->again);
	g_clear_pointer(&self->policy, uc_kept_policy_free);
	g_clear_error(&self->refusal);
	G_OBJECT_CLASS(uc_service_link_parent_class)->dispose(object);
}

static void
uc_service_link_class_init(UcServiceLinkClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = uc_service_link_dispose;
}

static void
uc_service_link_init(UcServiceLink *self)
{
	self->way = UC_WAY_NONE;
}

static void
uc_service_link_load_service(UcServiceLink *self)
{
	g_autofree gchar *anchors = uc_path_anchors(UC_ANCHOR_DOCUMENTS);
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(UcClientCertificate) certificate = NULL;
	g_autoptr(GError) error = NULL;
	UcDocumentExpect expect = {
	    .type = UC_DOCUMENT_SERVICE,
	    .organisation = uc_state_get_organisation(self->state),
	    .anchors_dir = anchors,
	    .serial_min = uc_state_get_serial(self->state, UC_DOCUMENT_SERVICE),
	    .now_secs = uc_clock_now_secs(self->clock),
	    .floor_secs = uc_state_get_floor_secs(self->state),
	};

	if (expect.organisation == NULL)
		return;
	database = uc_service_settings_load_database(self->settings, &error);
	if (database != NULL)
		self->service = uc_last_service_load(database, &expect, &self->way, &error);
	if (self->service == NULL) {
		g_info("%s", error->message);
		return;
	}
	certificate = uc_service_settings_load_certificate(self->settings);
	uc_http_set_client_certificate(uc_service_get_http(self->service), certificate);
}

/**
 * uc_service_link_new:
 * @state: must outlive it
 * @settings: must outlive it
 * @clock: must outlive it
 *
 * Returns: (transfer full): with the policy of the last run and the service that was found last, as
 * far as they still count
 */
UcServiceLink *
uc_service_link_new(UcState *state, const UcServiceSettings *settings, const UcClock *clock)
{
	UcServiceLink *self = g_object_new(UC_TYPE_SERVICE_LINK, NULL);

	self->state = state;
	self->settings = settings;
	self->clock = clock;
	self->policy = uc_kept_policy_load(state, clock);
	uc_service_link_load_service(self);
	return self;
}

/**
 * uc_service_link_get_service:
 *
 * Returns: (transfer none) (nullable): what was found and verified last
 */
UcService *
uc_service_link_get_service(UcServiceLink *self)
{
	return self->service;
}

/**
 * uc_service_link_get_way:
 *
 * Returns: how the service was found, %UC_WAY_NONE when it was not
 */
UcWay
uc_service_link_get_way(UcServiceLink *self)
{
	return self->way;
}

/**
 * uc_service_link_expire:
 *
 * What DNS said does not hold any more, because the network is another one. What is known stays.
 */
void
uc_service_link_expire(UcServiceLink *self)
{
	uc_look_again_expire(&self->again);
}

/**
 * uc_service_link_get_none_until_secs:
 *
 * Returns: until when it holds that DNS has no service, seconds since the Unix epoch; 0 when the
 *   last run did not end with that
 */
gint64
uc_service_link_get_none_until_secs(UcServiceLink *self)
{
	return self->again.none_until_secs;
}

const UcPolicy *
uc_service_link_get_policy(UcServiceLink *self)
{
	return uc_kept_policy_get(self->policy);
}

/**
 * uc_service_link_get_refusal:
 *
 * What is refused and stops nothing, but may be an attack and is to be told.
 *
 * Returns: (transfer none) (nullable): why the `keys.json` of the last look was refused
 */
const GError *
uc_service_link_get_refusal(UcServiceLink *self)
{
	return self->refusal;
}

static void
uc_service_link_policy_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *self = g_task_get_source_object(task);
	const UcDescription *description = uc_service_get_description(self->service);
	g_autoptr(GBytes) envelope = NULL;
	GError *error = NULL;

	envelope = uc_http_request_finish(UC_HTTP(source), result, &error);
	if (envelope == NULL || !uc_description_file_check(description->policy, envelope, &error) ||
	    !uc_kept_policy_take(self->policy, envelope, &error)) {
		g_task_return_error(task, error);
		return;
	}
	g_task_return_boolean(task, TRUE);
}

static void
uc_service_link_fetch_policy(GTask *task)
{
	UcServiceLink *self = g_task_get_source_object(task);
	const UcDescription *description = uc_service_get_description(self->service);
	g_autofree gchar *path = NULL;

	if (description->policy == NULL)
		uc_kept_policy_use_none(self->policy);
	if (description->policy == NULL ||
	    uc_kept_policy_is(self->policy, description->policy->sha256)) {
		g_task_return_boolean(task, TRUE);
		return;
	}
	path = uc_description_build_path(description->policy->path);
	uc_http_request_async(uc_service_get_http(self->service),
			      "GET",
			      path,
			      NULL,
			      UC_LIMIT_ENVELOPE_BYTES,
			      UC_LIMIT_REQUEST_MS,
			      g_task_get_cancellable(task),
			      uc_service_link_policy_cb,
			      g_object_ref(task));
}

/* what was learnt is on disk before it is used */
static gboolean
uc_service_link_take_service(UcServiceLink *self, UcService *service, UcWay way, GError **error)
{
	uc_enrolment_take(self->state, uc_service_get_description(service));
	/* in this order: an older description than the state knows of would look like an attack */
	if (!uc_last_service_save(service, way, error) || !uc_state_save(self->state, error))
		return FALSE;
	g_set_object(&self->service, service);
	self->way = way;
	return TRUE;
}

/* keys that cannot be had or are refused stop nothing; new ones come before everything else */
static void
uc_service_link_keys_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *self = g_task_get_source_object(task);
	GError *refusal = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	g_clear_error(&self->refusal);
	if (!uc_keys_fetch_finish(UC_HTTP(source), result, &error)) {
		if (g_error_matches(error, UC_ERROR, UC_ERROR_TEMPORARY)) {
			g_task_return_error(task, g_steal_pointer(&error));
			return;
		}
		g_warning("%s", error->message);
		if (uc_error_is_refusal(error))
			self->refusal = g_error_copy(error);
	}
	if (refusal != NULL)
		g_task_return_error(task, g_error_copy(refusal));
	else
		uc_service_link_fetch_policy(task);
}

static void
uc_service_link_fetch_keys(GTask *task, UcService *service)
{
	UcServiceLink *self = g_task_get_source_object(task);

	uc_keys_fetch_async(uc_service_get_http(service),
			    self->state,
			    self->clock,
			    g_task_get_cancellable(task),
			    uc_service_link_keys_cb,
			    g_object_ref(task));
}

/* nothing of this is worth a failure */
static void
uc_service_link_take_network(UcServiceLink *self,
			     GAsyncResult *result,
			     UcWay way,
			     const GError *error_find)
{
	const gchar *network = uc_service_finder_run_get_network(result);
	gint64 now_secs = uc_clock_now_secs(self->clock);
	gboolean is_outside = way == UC_WAY_EXTERNAL || way == UC_WAY_GIVEN_EXTERNAL;
	g_autoptr(GError) error = NULL;

	uc_look_again_note(&self->again,
			   network,
			   uc_service_finder_run_get_ask_again_secs(result),
			   g_error_matches(error_find, UC_ERROR, UC_ERROR_NOT_FOUND),
			   now_secs);
	if (way != UC_WAY_NONE && !uc_network_memory_set(network, is_outside, now_secs, &error))
		g_warning("%s", error->message);
}

static void
uc_service_link_found_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *self = g_task_get_source_object(task);
	g_autoptr(UcService) service = NULL;
	UcWay way = UC_WAY_NONE;
	GError *error = NULL;

	service = uc_service_finder_run_finish(result, &way, &error);
	uc_service_link_take_network(self, result, way, error);
	if (service != NULL && uc_service_link_take_service(self, service, way, &error)) {
		uc_service_link_fetch_keys(task, service);
		return;
	}
	if (service == NULL && uc_error_is_refusal(error) &&
	    uc_service_finder_run_get_candidate(result) != NULL) {
		g_task_set_task_data(task, error, (GDestroyNotify)g_error_free);
		uc_service_link_fetch_keys(task, uc_service_finder_run_get_candidate(result));
		return;
	}
	g_task_return_error(task, error);
}

static gboolean
uc_service_link_take_keys(UcServiceLink *self, GError **error)
{
	gboolean changed = FALSE;

	if (!uc_keys_fetch_take_applied(self->state, &changed, error))
		return FALSE;
	if (changed)
		uc_kept_policy_fetch_again(self->policy);
	return TRUE;
}

/**
 * uc_service_link_refresh_async:
 *
 * Finds the service and takes its description and policy, if they are valid and not older than what
 * was seen before. Errors as uc_service_finder_run_finish() and uc_document_verify(); they change
 * nothing that is known.
 */
void
uc_service_link_refresh_async(UcServiceLink *self,
			      GCancellable *cancellable,
			      GAsyncReadyCallback callback,
			      gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcServiceFinderOptions options = {
	    .state = self->state,
	    .settings = self->settings,
	    .clock = self->clock,
	    .network = self->again.network,
	    .ask_again_secs = self->again.ask_again_secs,
	};
	GError *error = NULL;

	if (!uc_service_link_take_keys(self, &error)) {
		g_task_return_error(task, error);
		return;
	}
	uc_service_finder_run_async(&options,
				    cancellable,
				    uc_service_link_found_cb,
				    g_steal_pointer(&task));
}

gboolean
uc_service_link_refresh_finish(UcServiceLink *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

typedef struct {
	gchar *internal_url; /* (nullable) */
	gchar *external_url; /* (nullable) */
} UcServiceLinkGift;

static void
uc_service_link_gift_free(UcServiceLinkGift *gift)
{
	g_free(gift->internal_url);
	g_free(gift->external_url);
	g_free(gift);
}

static void
uc_service_link_given_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcServiceLink *self = g_task_get_source_object(task);
	UcServiceLinkGift *gift = g_task_get_task_data(task);
	g_autoptr(UcService) service = NULL;
	UcWay way = UC_WAY_NONE;
	GError *error = NULL;

	service = uc_service_finder_run_finish(result, &way, &error);
	if (service == NULL) {
		g_task_return_error(task, error);
		return;
	}
	uc_state_set_given(self->state, gift->internal_url, gift->external_url);
	if (!uc_service_link_take_service(self, service, way, &error)) {
		g_task_return_error(task, error);
		return;
	}
	g_task_return_boolean(task, TRUE);
}

/* returns FALSE after the task was returned */
static gboolean
uc_service_link_check_gift(UcServiceLink *self, GTask *task)
{
	GError *error = NULL;

	if (self->settings->url != NULL || self->settings->external_url != NULL) {
		g_task_return_new_error(task,
					UC_ERROR,
					UC_ERROR_REFUSED,
					"ucupdates.conf has [Service] Url= or ExternalUrl=, which "
					"comes first; remove it there");
		return FALSE;
	}
	if (g_task_get_task_data(task) != NULL)
		return TRUE;
	uc_state_set_given(self->state, NULL, NULL);
	if (uc_state_save(self->state, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
	return FALSE;
}

/**
 * uc_service_link_give_async:
 * @internal_url: (nullable): of the service, from whoever may say so
 * @external_url: (nullable): the same from outside
 *
 * Asks at that place, and from then on there first, if what is there is signed by the organisation
 * that this endpoint is enrolled to; by any whose anchors are installed while it is not enrolled.
 * Both %NULL forgets what was given. Errors as uc_service_finder_run_finish(), %UC_ERROR_REFUSED
 * also when the configuration names a URL; then nothing changes.
 */
void
uc_service_link_give_async(UcServiceLink *self,
			   const gchar *internal_url,
			   const gchar *external_url,
			   GCancellable *cancellable,
			   GAsyncReadyCallback callback,
			   gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
	UcServiceLinkGift *gift = NULL;
	UcServiceFinderOptions options = {
	    .state = self->state,
	    .settings = self->settings,
	    .clock = self->clock,
	    .given = internal_url,
	    .given_external = external_url,
	    .given_only = TRUE,
	};

	if (internal_url != NULL || external_url != NULL) {
		gift = g_new0(UcServiceLinkGift, 1);
		gift->internal_url = g_strdup(internal_url);
		gift->external_url = g_strdup(external_url);
		g_task_set_task_data(task, gift, (GDestroyNotify)uc_service_link_gift_free);
	}
	if (!uc_service_link_check_gift(self, task))
		return;
	uc_service_finder_run_async(&options,
				    cancellable,
				    uc_service_link_given_cb,
				    g_steal_pointer(&task));
}

gboolean
uc_service_link_give_finish(UcServiceLink *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

/**
 * uc_service_link_sign_out:
 *
 * Lets go of a service that was reached with somebody's credentials. What is known of it stays.
 */
void
uc_service_link_sign_out(UcServiceLink *self)
{
	if (self->way != UC_WAY_EXTERNAL && self->way != UC_WAY_GIVEN_EXTERNAL)
		return;
	g_clear_object(&self->service);
	self->way = UC_WAY_NONE;
}

/**
 * uc_service_link_forget:
 * @error: set to %UC_ERROR_FAILED
 *
 * Forgets service, policy and everything that was learnt from them, here and on disk.
 */
gboolean
uc_service_link_forget(UcServiceLink *self, GError **error)
{
	g_clear_object(&self->service);
	self->way = UC_WAY_NONE;
	uc_look_again_clear(&self->again);
	uc_state_forget(self->state);
	return uc_kept_policy_forget(self->policy, error) && uc_state_save(self->state, error) &&
	       uc_last_service_remove(error) && uc_network_memory_clear(error);
}
