/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The questions about one domain: A and AAAA of `ucupdates-r2.<domain>` and SRV of
 * `_ucupdates._tcp.<domain>` at once, then A and AAAA of the SRV targets. Where it is configured,
 * A and AAAA of the name from before R2 go with the first ones; its addresses come last. It ends
 * when all are answered, or UC_LOOKUP_GRACE_MS after the first acceptable address of a plain name,
 * so that no dropped question holds anything up. Only names inside the domain are asked for.
 */

#include "uc-address.h"
#include "uc-candidates.h"
#include "uc-deadline.h"
#include "uc-domain.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-lookup.h"
#include "uc-names.h"

#define UC_LOOKUP_TARGETS 4 /* of an SRV answer, the best ones */

typedef struct {
	UcLookup *lookup; /* NULL once it was returned */
	UcResolver *resolver;
	UcDeadline *questions; /* cancels what is still under way at the end */
	GRand *rand;
	GPtrArray *targets; /* (nullable): of UcDnsRecord, not owned, in the order to try */
	gint64 begin_usec;
	gint64 deadline_usec;
	guint pending;
	GSource *grace; /* (nullable) */
} UcLookupRun;

typedef struct {
	GTask *task;
	guint index; /* into the answers */
} UcLookupQuestion;

void
uc_lookup_free(UcLookup *self)
{
	g_free(self->domain);
	g_free(self->name);
	g_free(self->old_name);
	g_clear_pointer(&self->answers, g_ptr_array_unref);
	g_clear_pointer(&self->candidates, g_ptr_array_unref);
	g_clear_pointer(&self->refusals, g_ptr_array_unref);
	g_free(self);
}

static void
uc_lookup_run_free(UcLookupRun *run)
{
	if (run->grace != NULL)
		g_source_destroy(run->grace);
	g_clear_pointer(&run->grace, g_source_unref);
	g_clear_pointer(&run->lookup, uc_lookup_free);
	g_clear_pointer(&run->questions, uc_deadline_free);
	g_clear_pointer(&run->rand, g_rand_free);
	g_clear_pointer(&run->targets, g_ptr_array_unref);
	g_clear_object(&run->resolver);
	g_free(run);
}

static const UcDnsAnswer *
uc_lookup_find_answer(const UcLookup *self, const gchar *name, UcDnsType type)
{
	for (guint i = 0; i < self->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(self->answers, i);

		if (answer->type == type && g_str_equal(answer->name, name))
			return answer;
	}
	return NULL;
}

static void
uc_lookup_add_candidates(UcLookup *self, GPtrArray *candidates, const gchar *name, guint16 port)
{
	uc_candidates_add(candidates,
			  uc_lookup_find_answer(self, name, UC_DNS_TYPE_AAAA),
			  uc_lookup_find_answer(self, name, UC_DNS_TYPE_A),
			  port,
			  uc_address_find_source);
}

static gboolean
uc_lookup_is_acceptable(const UcDnsAnswer *answer)
{
	for (guint i = 0; i < answer->records->len; i++) {
		const UcDnsRecord *record = g_ptr_array_index(answer->records, i);

		if (record->address != NULL && uc_address_find_fault(record->address) == NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean
uc_lookup_has_address(UcLookup *self)
{
	for (guint i = 0; i < self->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(self->answers, i);

		if ((g_str_equal(answer->name, self->name) ||
		     g_strcmp0(answer->name, self->old_name) == 0) &&
		    uc_lookup_is_acceptable(answer))
			return TRUE;
	}
	return FALSE;
}

static void
uc_lookup_refuse_addresses(UcLookup *self, const UcDnsAnswer *answer)
{
	for (guint i = 0; i < answer->records->len; i++) {
		const UcDnsRecord *record = g_ptr_array_index(answer->records, i);
		g_autofree gchar *text = NULL;
		const gchar *fault = NULL;

		if (record->address == NULL)
			continue;
		fault = uc_address_find_fault(record->address);
		if (fault == NULL)
			continue;
		text = g_inet_address_to_string(record->address);
		g_ptr_array_add(self->refusals,
				g_strdup_printf("the address %s of %s is not used: it is %s",
						text,
						answer->name,
						fault));
	}
}

/* of what was found, or else how long it holds that there is nothing; not told is not kept */
static guint32
uc_lookup_find_ttl(const UcLookup *self)
{
	guint32 ttl_secs = UC_LIMIT_TTL_MAX_SECS;

	for (guint i = 0; i < self->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(self->answers, i);

		if (answer->records->len == 0 && self->candidates->len == 0)
			ttl_secs = MIN(ttl_secs, answer->negative_ttl_secs);
		for (guint j = 0; j < answer->records->len; j++)
			ttl_secs = MIN(
			    ttl_secs,
			    ((const UcDnsRecord *)g_ptr_array_index(answer->records, j))->ttl_secs);
	}
	return MAX(ttl_secs, UC_LIMIT_TTL_MIN_SECS);
}

static void
uc_lookup_conclude(UcLookupRun *run)
{
	UcLookup *self = run->lookup;
	gboolean addresses_authenticated = TRUE;

	for (guint i = 0; run->targets != NULL && i < run->targets->len; i++) {
		const UcDnsRecord *srv = g_ptr_array_index(run->targets, i);

		uc_lookup_add_candidates(self, self->candidates, srv->target, srv->port);
	}
	uc_lookup_add_candidates(self, self->candidates, self->name, UC_HTTPS_PORT);
	if (self->old_name != NULL)
		uc_lookup_add_candidates(self, self->candidates, self->old_name, UC_HTTPS_PORT);
	if (self->is_declined)
		g_ptr_array_set_size(self->candidates, 0);
	for (guint i = 0; i < self->answers->len; i++) {
		const UcDnsAnswer *answer = g_ptr_array_index(self->answers, i);

		uc_lookup_refuse_addresses(self, answer);
		if (!uc_dns_result_is_answer(answer->result))
			self->is_incomplete = TRUE;
		if (answer->records->len > 0 && !answer->authenticated)
			addresses_authenticated = FALSE;
	}
	self->is_authenticated = self->candidates->len > 0 && addresses_authenticated;
	self->ttl_secs = uc_lookup_find_ttl(self);
}

static void
uc_lookup_end(GTask *task)
{
	UcLookupRun *run = g_task_get_task_data(task);
	guint elapsed_ms = (guint)((g_get_monotonic_time() - run->begin_usec) / 1000);

	for (guint i = 0; i < run->lookup->answers->len; i++) {
		UcDnsAnswer *answer = g_ptr_array_index(run->lookup->answers, i);

		if (answer->elapsed_ms == G_MAXUINT)
			answer->elapsed_ms = elapsed_ms;
	}
	uc_lookup_conclude(run);
	g_cancellable_cancel(uc_deadline_get_cancellable(run->questions));
	g_task_return_pointer(task, g_steal_pointer(&run->lookup), (GDestroyNotify)uc_lookup_free);
}

static gboolean
uc_lookup_grace_cb(gpointer user_data)
{
	GTask *task = user_data;
	UcLookupRun *run = g_task_get_task_data(task);

	if (run->lookup != NULL)
		uc_lookup_end(task);
	return G_SOURCE_REMOVE;
}

static void
uc_lookup_start_grace(GTask *task)
{
	UcLookupRun *run = g_task_get_task_data(task);

	run->grace = g_timeout_source_new(UC_LOOKUP_GRACE_MS);
	g_source_set_callback(run->grace, uc_lookup_grace_cb, g_object_ref(task), g_object_unref);
	g_source_attach(run->grace, g_task_get_context(task));
}

static void
uc_lookup_advance(GTask *task)
{
	UcLookupRun *run = g_task_get_task_data(task);

	if (run->pending == 0) {
		if (run->grace != NULL)
			g_source_destroy(run->grace);
		uc_lookup_end(task);
	} else if (run->grace == NULL && uc_lookup_has_address(run->lookup)) {
		uc_lookup_start_grace(task);
	}
}

static void
uc_lookup_ask(GTask *task, const gchar *name, UcDnsType type);

static void
uc_lookup_refuse_target(UcLookup *self, const UcDnsRecord *srv)
{
	g_autofree gchar *target = g_strescape(srv->target, NULL);

	g_ptr_array_add(self->refusals,
			g_strdup_printf("the SRV target '%s' of %s is not asked: it is not in the "
					"domain",
					target,
					self->domain));
}

static void
uc_lookup_ask_target(GTask *task, const gchar *target)
{
	UcLookupRun *run = g_task_get_task_data(task);

	if (uc_lookup_find_answer(run->lookup, target, UC_DNS_TYPE_A) != NULL)
		return;
	uc_lookup_ask(task, target, UC_DNS_TYPE_AAAA);
	uc_lookup_ask(task, target, UC_DNS_TYPE_A);
}

/* "." is a decided no (RFC 2782); a target outside the domain is refused unasked */
static void
uc_lookup_follow_srv(GTask *task, const UcDnsAnswer *answer)
{
	UcLookupRun *run = g_task_get_task_data(task);
	g_autoptr(GPtrArray) ordered = uc_candidates_order_srv(answer->records, run->rand);

	run->targets = g_ptr_array_new();
	for (guint i = 0; i < ordered->len; i++) {
		UcDnsRecord *srv = g_ptr_array_index(ordered, i);

		if (srv->target[0] == '\0')
			run->lookup->is_declined = TRUE;
		else if (!uc_domain_is_host_name(srv->target) ||
			 !uc_domain_contains(run->lookup->domain, srv->target) || srv->port == 0)
			uc_lookup_refuse_target(run->lookup, srv);
		else if (run->targets->len < UC_LOOKUP_TARGETS)
			g_ptr_array_add(run->targets, srv);
	}
	for (guint i = 0; !run->lookup->is_declined && i < run->targets->len; i++) {
		const UcDnsRecord *srv = g_ptr_array_index(run->targets, i);

		uc_lookup_ask_target(task, srv->target);
	}
}

static void
uc_lookup_question_free(UcLookupQuestion *question)
{
	g_object_unref(question->task);
	g_free(question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcLookupQuestion, uc_lookup_question_free)

static void
uc_lookup_answer_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcLookupQuestion) question = user_data;
	UcLookupRun *run = g_task_get_task_data(question->task);
	g_autoptr(GError) error = NULL;
	UcDnsAnswer *answer = uc_resolver_query_finish(UC_RESOLVER(source), result, &error);

	if (run->lookup == NULL) { /* it ended without this one */
		g_clear_pointer(&answer, uc_dns_answer_free);
		return;
	}
	if (answer == NULL) {
		g_clear_pointer(&run->lookup, uc_lookup_free);
		g_cancellable_cancel(uc_deadline_get_cancellable(run->questions));
		g_task_return_error(question->task, g_steal_pointer(&error));
		return;
	}
	uc_dns_answer_free(g_ptr_array_index(run->lookup->answers, question->index));
	g_ptr_array_index(run->lookup->answers, question->index) = answer;
	if (answer->type == UC_DNS_TYPE_SRV && answer->records->len > 0)
		uc_lookup_follow_srv(question->task, answer);
	run->pending--;
	uc_lookup_advance(question->task);
}

static void
uc_lookup_ask(GTask *task, const gchar *name, UcDnsType type)
{
	UcLookupRun *run = g_task_get_task_data(task);
	UcLookupQuestion *question = g_new0(UcLookupQuestion, 1);
	UcDnsAnswer *open = uc_dns_answer_new(name, type, UC_DNS_RESULT_TIMEOUT);

	open->elapsed_ms = G_MAXUINT;
	question->task = g_object_ref(task);
	question->index = run->lookup->answers->len;
	g_ptr_array_add(run->lookup->answers, open);
	run->pending++;
	uc_resolver_query_async(run->resolver,
				name,
				type,
				run->deadline_usec,
				uc_deadline_get_cancellable(run->questions),
				uc_lookup_answer_cb,
				question);
}

static UcLookup *
uc_lookup_new(const gchar *domain)
{
	UcLookup *self = g_new0(UcLookup, 1);

	self->domain = g_strdup(domain);
	self->name = uc_domain_get_service_name(domain);
	self->answers = g_ptr_array_new_with_free_func((GDestroyNotify)uc_dns_answer_free);
	self->candidates = uc_candidates_new();
	self->refusals = g_ptr_array_new_with_free_func(g_free);
	return self;
}

/**
 * uc_lookup_run_async:
 * @resolver: whom to ask
 * @domain: a canonical domain, see uc_domain_canonicalise()
 * @ask_old_name: whether to ask for `ucupdates.<domain>` as well
 * @deadline_usec: when to end with what there is, on the clock of g_get_monotonic_time()
 * @cancellable: (nullable): ends it at once with `G_IO_ERROR_CANCELLED`
 */
void
uc_lookup_run_async(UcResolver *resolver,
		    const gchar *domain,
		    gboolean ask_old_name,
		    gint64 deadline_usec,
		    GCancellable *cancellable,
		    GAsyncReadyCallback callback,
		    gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, user_data);
	UcLookupRun *run = g_new0(UcLookupRun, 1);
	g_autofree gchar *srv_name = uc_domain_get_srv_name(domain);

	g_task_set_task_data(task, run, (GDestroyNotify)uc_lookup_run_free);
	run->lookup = uc_lookup_new(domain);
	run->resolver = g_object_ref(resolver);
	run->questions = uc_deadline_new(0, cancellable);
	run->rand = g_rand_new();
	run->begin_usec = g_get_monotonic_time();
	run->deadline_usec = deadline_usec;
	uc_lookup_ask(task, run->lookup->name, UC_DNS_TYPE_AAAA);
	uc_lookup_ask(task, run->lookup->name, UC_DNS_TYPE_A);
	uc_lookup_ask(task, srv_name, UC_DNS_TYPE_SRV);
	if (!ask_old_name)
		return;
	run->lookup->old_name = uc_domain_get_old_name(domain);
	uc_lookup_ask(task, run->lookup->old_name, UC_DNS_TYPE_AAAA);
	uc_lookup_ask(task, run->lookup->old_name, UC_DNS_TYPE_A);
}

/**
 * uc_lookup_run_finish:
 * @error: set to `G_IO_ERROR_CANCELLED`
 *
 * Returns: (transfer full): what DNS says, be it nothing, or %NULL
 */
UcLookup *
uc_lookup_run_finish(UcResolver *resolver, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
