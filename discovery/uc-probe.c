/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One domain from its name to a verified description: look-up, then one HTTPS request to the
 * addresses found. The name that TLS verifies is `ucupdates-r2.<domain>`, whatever an SRV target is
 * called. GIO goes on to the next address when a connection fails, but not after TLS failed, so one
 * foreign or broken host among several would hide the others: then each is tried by itself.
 */

#include "uc-error.h"
#include "uc-names.h"
#include "uc-probe.h"

#define UC_PROBE_SHARES 4 /* of the time that is left, one for each of several hosts */

void
uc_probe_free(UcProbe *self)
{
	g_clear_pointer(&self->entry, uc_domain_entry_free);
	g_clear_pointer(&self->lookup, uc_lookup_free);
	g_clear_object(&self->service);
	g_clear_error(&self->error);
	g_free(self);
}

typedef struct {
	UcProbe *probe; /* NULL once it was returned */
	const UcProbeOptions *options;
	GError *error; /* (nullable): why the request to all addresses failed */
	guint next;    /* index of the candidate to try by itself after that */
} UcProbeRun;

static void
uc_probe_run_free(UcProbeRun *run)
{
	g_clear_pointer(&run->probe, uc_probe_free);
	g_clear_error(&run->error);
	g_free(run);
}

static void
uc_probe_end(GTask *task)
{
	UcProbeRun *run = g_task_get_task_data(task);

	g_task_return_pointer(task, g_steal_pointer(&run->probe), (GDestroyNotify)uc_probe_free);
}

static void
uc_probe_end_with_error(GTask *task, GError *error)
{
	UcProbeRun *run = g_task_get_task_data(task);

	/* who cancels wants no outcome */
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_task_return_error(task, error);
		return;
	}
	run->probe->outcome = uc_outcome_from_error(error);
	run->probe->error = error;
	uc_probe_end(task);
}

static void
uc_probe_fetch(GTask *task, GPtrArray *addresses);

static gint64
uc_probe_get_left_ms(const UcProbeRun *run)
{
	return (run->options->deadline_usec - g_get_monotonic_time()) / 1000;
}

/* a host that takes the connection and says nothing leaves time for those after it */
static guint
uc_probe_get_share_ms(const UcProbeRun *run)
{
	guint count = run->probe->lookup->candidates->len;
	guint others = count > 1 ? MIN(count - run->next, UC_PROBE_SHARES - 1) : 0;

	return (guint)CLAMP(uc_probe_get_left_ms(run) / (others + 1), 1, G_MAXINT);
}

static void
uc_probe_fetch_next(GTask *task)
{
	UcProbeRun *run = g_task_get_task_data(task);
	GPtrArray *candidates = run->probe->lookup->candidates;
	g_autoptr(GPtrArray) one = g_ptr_array_new_with_free_func(g_object_unref);

	if (candidates->len == 1 || run->next >= candidates->len ||
	    uc_probe_get_left_ms(run) <= 0) {
		uc_probe_end_with_error(task, g_steal_pointer(&run->error));
		return;
	}
	g_ptr_array_add(one, g_object_ref(g_ptr_array_index(candidates, run->next++)));
	uc_probe_fetch(task, one);
}

/* a description that is bad, or a 404, comes from the service itself: there is no better one */
static gboolean
uc_probe_may_be_other_host(const GError *error)
{
	return g_error_matches(error, UC_ERROR, UC_ERROR_REFUSED) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_TEMPORARY);
}

static void
uc_probe_fetch_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcProbeRun *run = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;

	if (uc_service_fetch_finish(UC_SERVICE(source), result, &error)) {
		run->probe->outcome = UC_OUTCOME_FOUND;
		run->probe->service = g_object_ref(UC_SERVICE(source));
		uc_probe_end(task);
		return;
	}
	if (!uc_probe_may_be_other_host(error)) {
		uc_probe_end_with_error(task, g_steal_pointer(&error));
		return;
	}
	if (run->error == NULL)
		run->error = g_steal_pointer(&error);
	uc_probe_fetch_next(task);
}

static void
uc_probe_fetch(GTask *task, GPtrArray *addresses)
{
	UcProbeRun *run = g_task_get_task_data(task);
	const UcLookup *lookup = run->probe->lookup;
	g_autoptr(UcService) service =
	    uc_service_new(lookup->name, UC_HTTPS_PORT, addresses, run->options->database);

	uc_http_set_client_certificate(uc_service_get_http(service), run->options->certificate);
	uc_service_fetch_async(service,
			       lookup->domain,
			       &run->options->expect,
			       uc_probe_get_share_ms(run),
			       g_task_get_cancellable(task),
			       uc_probe_fetch_cb,
			       g_object_ref(task));
}

static gchar *
uc_probe_list_failures(const UcLookup *lookup)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) parts = NULL;

	for (guint i = 0; i < lookup->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(lookup->answers, i);
		g_autofree gchar *part = NULL;

		if (uc_dns_result_is_answer(answer->result))
			continue;
		part = g_strdup_printf("%s %s: %s",
				       answer->name,
				       uc_dns_type_to_string(answer->type),
				       uc_dns_result_to_string(answer->result));
		g_strv_builder_add(builder, part);
	}
	parts = g_strv_builder_end(builder);
	return g_strjoinv(", ", parts);
}

/* why a look-up names no candidate; what could not be told comes before what was refused */
static GError *
uc_probe_explain_lookup(const UcLookup *lookup)
{
	if (lookup->is_declined)
		return g_error_new(UC_ERROR,
				   UC_ERROR_NOT_FOUND,
				   "the SRV record of '%s' says that there is no service",
				   lookup->domain);
	if (lookup->is_incomplete) {
		g_autofree gchar *failures = uc_probe_list_failures(lookup);

		return g_error_new(UC_ERROR,
				   UC_ERROR_TEMPORARY,
				   "no name server gave an answer (%s)",
				   failures);
	}
	if (lookup->refusals->len > 0)
		return g_error_new_literal(UC_ERROR,
					   UC_ERROR_REFUSED,
					   g_ptr_array_index(lookup->refusals, 0));
	return g_error_new(UC_ERROR, UC_ERROR_NOT_FOUND, "%s has no address in DNS", lookup->name);
}

static void
uc_probe_lookup_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcProbeRun *run = g_task_get_task_data(task);
	GError *error = NULL;

	run->probe->lookup = uc_lookup_run_finish(UC_RESOLVER(source), result, &error);
	if (run->probe->lookup == NULL) {
		uc_probe_end_with_error(task, error);
	} else if (run->probe->lookup->candidates->len == 0) {
		uc_probe_end_with_error(task, uc_probe_explain_lookup(run->probe->lookup));
	} else if (!run->options->fetch) {
		run->probe->outcome = UC_OUTCOME_FOUND;
		uc_probe_end(task);
	} else if (run->options->database == NULL) {
		uc_probe_end_with_error(task, g_error_copy(run->options->database_error));
	} else {
		uc_probe_fetch(task, run->probe->lookup->candidates);
	}
}

/**
 * uc_probe_new_refused:
 * @entry: (transfer full): a domain that is not asked
 *
 * Returns: (transfer full): what came of it
 */
UcProbe *
uc_probe_new_refused(UcDomainEntry *entry)
{
	UcProbe *self = g_new0(UcProbe, 1);

	self->entry = entry;
	self->error = g_error_copy(entry->error);
	self->outcome = uc_outcome_from_error(entry->error);
	return self;
}

/**
 * uc_probe_run_async:
 * @entry: (transfer full): a domain that is not refused
 * @resolver: whom to ask
 * @options: how; not copied
 * @cancellable: (nullable): ends it at once with `G_IO_ERROR_CANCELLED`
 */
void
uc_probe_run_async(UcDomainEntry *entry,
		   UcResolver *resolver,
		   const UcProbeOptions *options,
		   GCancellable *cancellable,
		   GAsyncReadyCallback callback,
		   gpointer user_data)
{
	GTask *task = g_task_new(NULL, cancellable, callback, user_data);
	UcProbeRun *run = g_new0(UcProbeRun, 1);

	run->probe = g_new0(UcProbe, 1);
	run->probe->entry = entry;
	run->options = options;
	g_task_set_task_data(task, run, (GDestroyNotify)uc_probe_run_free);
	uc_lookup_run_async(resolver,
			    entry->domain,
			    options->ask_old_name,
			    options->deadline_usec,
			    cancellable,
			    uc_probe_lookup_cb,
			    task);
}

/**
 * uc_probe_run_finish:
 * @error: set to `G_IO_ERROR_CANCELLED`
 *
 * Returns: (transfer full): what came of the domain, be it a refusal, or %NULL
 */
UcProbe *
uc_probe_run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
