/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The whole discovery: the domains this machine knows, each of them probed at the same time, until
 * all have an outcome or the first of them in their order is found. Nothing is preconfigured but
 * the organisation's anchors.
 */

#include <glib/gi18n.h>

#include "uc-config.h"
#include "uc-discovery-plan.h"
#include "uc-discovery.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-probe.h"

struct _UcDiscovery {
	GObject parent_instance;
	GPtrArray *probes; /* of UcProbe, in the order of the domains; NULL while under way */
	gint64 begin_usec;
	guint elapsed_ms;
};

G_DEFINE_TYPE(UcDiscovery, uc_discovery, G_TYPE_OBJECT)

static void
uc_discovery_finalize(GObject *object)
{
	g_clear_pointer(&UC_DISCOVERY(object)->probes, g_ptr_array_unref);
	G_OBJECT_CLASS(uc_discovery_parent_class)->finalize(object);
}

static void
uc_discovery_class_init(UcDiscoveryClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_discovery_finalize;
}

static void
uc_discovery_free_probe(gpointer probe)
{
	if (probe != NULL)
		uc_probe_free(probe);
}

static void
uc_discovery_init(UcDiscovery *self)
{
	self->probes = g_ptr_array_new_with_free_func(uc_discovery_free_probe);
	self->begin_usec = g_get_monotonic_time();
}

typedef struct {
	UcDiscovery *discovery; /* NULL once it was returned */
	UcDiscoveryPlan *plan;
	GCancellable *probing; /* ends the probes that are not needed any more */
	gulong parent_id;
	guint pending;
	GStrv permitted; /* (nullable) */
	gboolean list;
	gboolean all;
} UcDiscoveryRun;

typedef struct {
	GTask *task;
	guint index; /* into the probes */
} UcDiscoverySlot;

static void
uc_discovery_run_free(UcDiscoveryRun *run)
{
	g_clear_object(&run->discovery);
	g_clear_object(&run->probing);
	g_clear_pointer(&run->plan, uc_discovery_plan_free);
	g_strfreev(run->permitted);
	g_free(run);
}

static void
uc_discovery_slot_free(UcDiscoverySlot *slot)
{
	g_object_unref(slot->task);
	g_free(slot);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDiscoverySlot, uc_discovery_slot_free)

/* leaves out what is still under way: a domain before it is found */
static void
uc_discovery_drop_open(UcDiscovery *self)
{
	for (guint i = self->probes->len; i > 0; i--) {
		if (g_ptr_array_index(self->probes, i - 1) == NULL)
			g_ptr_array_remove_index(self->probes, i - 1);
	}
}

static UcDiscovery *
uc_discovery_run_stop(GTask *task)
{
	UcDiscoveryRun *run = g_task_get_task_data(task);

	if (run->parent_id != 0)
		g_signal_handler_disconnect(g_task_get_cancellable(task), run->parent_id);
	run->parent_id = 0;
	g_cancellable_cancel(run->probing);
	return g_steal_pointer(&run->discovery);
}

static void
uc_discovery_end(GTask *task)
{
	UcDiscovery *self = uc_discovery_run_stop(task);

	uc_discovery_drop_open(self);
	self->elapsed_ms = (guint)((g_get_monotonic_time() - self->begin_usec) / 1000);
	g_task_return_pointer(task, self, g_object_unref);
}

/* a domain that is found ends the search only once all before it have an outcome */
static gboolean
uc_discovery_is_decided(UcDiscovery *self, gboolean all)
{
	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);

		if (probe == NULL)
			return FALSE;
		if (probe->outcome == UC_OUTCOME_FOUND && !all)
			return TRUE;
	}
	return TRUE;
}

static void
uc_discovery_probe_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcDiscoverySlot) slot = user_data;
	UcDiscoveryRun *run = g_task_get_task_data(slot->task);
	g_autoptr(GError) error = NULL;
	g_autoptr(UcProbe) probe = uc_probe_run_finish(result, &error);

	if (run->discovery == NULL) /* it ended without this one */
		return;
	if (probe == NULL) {
		g_autoptr(UcDiscovery) discovery = uc_discovery_run_stop(slot->task);

		g_task_return_error(slot->task, g_steal_pointer(&error));
		return;
	}
	g_ptr_array_index(run->discovery->probes, slot->index) = g_steal_pointer(&probe);
	if (uc_discovery_is_decided(run->discovery, run->all))
		uc_discovery_end(slot->task);
}

static gboolean
uc_discovery_start_probe(GTask *task, UcDomainEntry *entry, guint index, GError **error)
{
	UcDiscoveryRun *run = g_task_get_task_data(task);
	UcDiscoverySlot *slot = NULL;
	UcResolver *resolver = NULL;

	if (run->list && entry->domain != NULL)
		g_set_error(&entry->error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "'%s' was not asked",
			    entry->domain);
	if (run->list || entry->domain == NULL) {
		g_ptr_array_index(run->discovery->probes, index) = uc_probe_new_refused(entry);
		return TRUE;
	}
	resolver = uc_discovery_plan_get_resolver(run->plan, entry, error);
	if (resolver == NULL) {
		uc_domain_entry_free(entry);
		return FALSE;
	}
	slot = g_new0(UcDiscoverySlot, 1);
	slot->task = g_object_ref(task);
	slot->index = index;
	uc_probe_run_async(entry,
			   resolver,
			   &run->plan->probe,
			   run->probing,
			   uc_discovery_probe_cb,
			   slot);
	return TRUE;
}

static void
uc_discovery_parent_cancelled_cb(GCancellable *parent, gpointer user_data)
{
	g_cancellable_cancel(G_CANCELLABLE(user_data));
}

static void
uc_discovery_start(GTask *task)
{
	UcDiscoveryRun *run = g_task_get_task_data(task);
	guint count = run->plan->domains->len;
	g_autoptr(GPtrArray) entries = g_steal_pointer(&run->plan->domains);
	GCancellable *parent = g_task_get_cancellable(task);

	if (run->permitted != NULL)
		uc_domain_list_permit(entries, (const gchar *const *)run->permitted);
	run->probing = g_cancellable_new();
	if (parent != NULL)
		run->parent_id = g_signal_connect(parent,
						  "cancelled",
						  G_CALLBACK(uc_discovery_parent_cancelled_cb),
						  run->probing);
	g_ptr_array_set_size(run->discovery->probes, (gint)count);
	for (guint i = 0; i < count; i++) {
		UcDomainEntry *entry = g_steal_pointer(&g_ptr_array_index(entries, i));
		g_autoptr(GError) error = NULL;
		g_autoptr(UcDiscovery) discovery = NULL;

		if (uc_discovery_start_probe(task, entry, i, &error))
			continue;
		discovery = uc_discovery_run_stop(task);
		g_task_return_error(task, g_steal_pointer(&error));
		return;
	}
	if (uc_discovery_is_decided(run->discovery, run->all))
		uc_discovery_end(task);
	else
		uc_discovery_plan_load_trust(run->plan);
}

static void
uc_discovery_plan_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcDiscoveryRun *run = g_task_get_task_data(task);
	GError *error = NULL;

	run->plan = uc_discovery_plan_new_finish(result, &error);
	if (run->plan == NULL)
		g_task_return_error(task, error);
	else
		uc_discovery_start(task);
}

/**
 * uc_discovery_run_async:
 * @options: what to find and how
 * @cancellable: (nullable): ends it at once with `G_IO_ERROR_CANCELLED`
 *
 * Finds the update service of this network. Ends within the time-out of @options.
 */
void
uc_discovery_run_async(const UcDiscoveryOptions *options,
		       GCancellable *cancellable,
		       GAsyncReadyCallback callback,
		       gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
	UcDiscoveryRun *run = g_new0(UcDiscoveryRun, 1);

	g_task_set_task_data(task, run, (GDestroyNotify)uc_discovery_run_free);
	if (g_task_return_error_if_cancelled(task))
		return;
	run->permitted = g_strdupv(options->permitted);
	run->list = options->list;
	run->all = options->all;
	run->discovery = g_object_new(UC_TYPE_DISCOVERY, NULL);
	uc_discovery_plan_new_async(options,
				    run->discovery->begin_usec,
				    cancellable,
				    uc_discovery_plan_cb,
				    g_object_ref(task));
}

/**
 * uc_discovery_run_finish:
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT for a malformed configuration or name
 *   server, %UC_ERROR_FAILED, or `G_IO_ERROR_CANCELLED`
 *
 * That there is no service is no error but an outcome.
 *
 * Returns: (transfer full): what was found, or %NULL
 */
UcDiscovery *
uc_discovery_run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

/**
 * uc_discovery_get_outcome:
 *
 * Returns: found if any domain is, else unreachable if any could not be told, else refused if any
 *   is, else none; none also when no domain is known
 */
UcOutcome
uc_discovery_get_outcome(UcDiscovery *self)
{
	UcOutcome outcome = UC_OUTCOME_NONE;

	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);

		outcome = uc_outcome_merge(outcome, probe->outcome);
	}
	return outcome;
}

/**
 * uc_discovery_get_service:
 *
 * Returns: (transfer none) (nullable): the first service found, in the order of the domains, with
 *   its verified description; %NULL also when only addresses were asked for
 */
UcService *
uc_discovery_get_service(UcDiscovery *self)
{
	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);

		if (probe->service != NULL)
			return probe->service;
	}
	return NULL;
}

/**
 * uc_discovery_get_error:
 *
 * Returns: (transfer none) (nullable): why there is no service, of the first domain that decided
 *   the outcome; %NULL when one is found or no domain is known
 */
const GError *
uc_discovery_get_error(UcDiscovery *self)
{
	UcOutcome outcome = uc_discovery_get_outcome(self);

	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);

		if (probe->outcome == outcome)
			return probe->error;
	}
	return NULL;
}

/**
 * uc_discovery_is_foreign:
 *
 * Returns: whether no domain at all was one that may be asked; so also where none is known
 */
gboolean
uc_discovery_is_foreign(UcDiscovery *self)
{
	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);

		if (probe->entry->domain != NULL)
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_discovery_get_probes:
 *
 * Returns: (transfer none) (element-type UcProbe): what came of each domain, in their order
 */
GPtrArray *
uc_discovery_get_probes(UcDiscovery *self)
{
	return self->probes;
}

/**
 * uc_discovery_get_elapsed_ms:
 *
 * Returns: how long the run took, in milliseconds
 */
guint
uc_discovery_get_elapsed_ms(UcDiscovery *self)
{
	return self->elapsed_ms;
}

/**
 * uc_discovery_get_ask_again_secs:
 *
 * For how long DNS says what it said: the least time to live of all answers that led to a service,
 * or if there is none of the negative ones (RFC 2308). It is no bound on trust: what a service says
 * has its own expiry.
 *
 * Returns: after how long to ask again, in seconds, between a minute and a day; a day when nothing
 *   was asked
 */
guint32
uc_discovery_get_ask_again_secs(UcDiscovery *self)
{
	guint32 secs = UC_LIMIT_TTL_MAX_SECS;

	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);

		if (probe->outcome == UC_OUTCOME_FOUND)
			return probe->lookup->ttl_secs;
		if (probe->lookup != NULL)
			secs = MIN(secs, probe->lookup->ttl_secs);
	}
	return secs;
}

static gchar *
uc_discovery_describe_found(const UcProbe *probe)
{
	const gchar *source = uc_domain_source_to_string(probe->entry->source);
	g_autofree gchar *url = NULL;

	if (probe->service == NULL)
		return g_strdup_printf(
		    _("%s has addresses (domain %s from %s); nothing was fetched"),
		    probe->lookup->name,
		    probe->entry->domain,
		    source);
	url = uc_service_get_url(probe->service);
	return g_strdup_printf(_("%s is the update service of %s (domain %s from %s)"),
			       url,
			       uc_service_get_description(probe->service)->organisation,
			       probe->entry->domain,
			       source);
}

/**
 * uc_discovery_describe:
 *
 * Returns: (transfer full): a sentence for people, one line for each domain that decided
 */
gchar *
uc_discovery_describe(UcDiscovery *self)
{
	UcOutcome outcome = uc_discovery_get_outcome(self);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) lines = NULL;

	if (self->probes->len == 0)
		return g_strdup(_("No domain is known to look for an update service in; name one "
				  "with --domain or with [Discovery] Domains= in ucupdates.conf"));
	for (guint i = 0; i < self->probes->len; i++) {
		const UcProbe *probe = g_ptr_array_index(self->probes, i);
		g_autofree gchar *line = NULL;

		if (probe->outcome != outcome)
			continue;
		if (outcome == UC_OUTCOME_FOUND)
			return uc_discovery_describe_found(probe);
		line = g_strdup_printf("%s (%s)",
				       probe->error->message,
				       uc_domain_source_to_string(probe->entry->source));
		g_strv_builder_add(builder, line);
	}
	lines = g_strv_builder_end(builder);
	return g_strjoinv("\n", lines);
}
