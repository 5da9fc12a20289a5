/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What endpoints post goes into the database here, in a thread of its own, so that whoever holds
 * the database or the disk for a while does not hold up the rest of the service. The thread takes
 * all that wait as one batch: parsed apart, stored in one transaction, answered after the commit. A
 * report is on the disk before its answer; a check-in, and when it was seen, half a second after it
 * at the latest. A check-in that says what it said before, uc-checkin-cache.c, writes nothing:
 * while the thread has nothing to do it is answered without it, which spares two changes of
 * threads.
 *
 * From the first call of uc_intake_new() the database belongs to whoever has the lock: the thread
 * for as long as it takes, the main loop only when it is free and for one look.
 */

#include "uc-checkin-cache.h"
#include "uc-error.h"
#include "uc-intake-post.h"
#include "uc-intake.h"

#define UC_INTAKE_BATCH_MAX 64
/* so often what was committed is written to the disk */
#define UC_INTAKE_SYNC_USEC (G_USEC_PER_SEC / 2)

struct _UcIntake {
	UcDatabase *database; /* not owned */
	GMutex lock;	      /* of the database and what is known of it */
	UcOfferCache *offers;
	UcCheckinCache *known;
	GMainContext *context; /* where the answers are given */
	GAsyncQueue *queue;    /* (element-type UcIntakePost) */
	UcIntakePost *end;     /* behind the last one */
	GThread *thread;
	gchar *wanted_path;
	gint64 settled_usec; /* monotonic */
	gint64 turn_usec;    /* monotonic: the turn of the main loop that looked last, 0 for none */
};

/* what an endpoint relies on once it has the answer: a report, and a token that is used up */
static gboolean
uc_intake_has_report(GPtrArray *posts)
{
	for (guint i = 0; i < posts->len; i++) {
		const UcIntakePost *post = g_ptr_array_index(posts, i);

		if (post->report != NULL || post->enrol != NULL)
			return TRUE;
	}
	return FALSE;
}

/* all that was answered is on the disk then */
static gboolean
uc_intake_settle(UcIntake *self, GError **error)
{
	gboolean written = uc_checkin_cache_write(self->known, error);

	self->settled_usec = g_get_monotonic_time();
	return uc_database_sync(self->database, written ? error : NULL) && written;
}

/* after the commit: whose answer stays the same, and what else changes those of others */
static void
uc_intake_remember_cb(gpointer data, gpointer user_data)
{
	UcIntakePost *post = data;
	UcIntake *self = user_data;

	if (post->enrol != NULL)
		uc_checkin_cache_clear(self->known);
	if (post->checkin == NULL)
		return;
	if (post->reply != NULL && post->checkin->repeatable)
		uc_checkin_cache_add(self->known,
				     post->body,
				     uc_intake_post_get_certificate(post),
				     post->checkin->rows,
				     post->reply);
	else
		uc_checkin_cache_forget(self->known, post->checkin->rows);
}

static gboolean
uc_intake_store(UcIntake *self, GPtrArray *posts, GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(self->database, error);
	UcIntakeStore store = {.database = self->database,
			       .offers = self->offers,
			       .now_secs = g_get_real_time() / G_USEC_PER_SEC};

	if (transaction == NULL || !uc_offer_cache_refresh(self->offers, error) ||
	    !uc_endpoint_key_get_mode(self->database, &store.mode, error))
		return FALSE;
	for (guint i = 0; i < posts->len; i++) {
		if (!uc_intake_post_store(g_ptr_array_index(posts, i), &store, error))
			return FALSE;
	}
	if (!uc_transaction_commit(transaction, error))
		return FALSE;
	g_ptr_array_foreach(posts, uc_intake_remember_cb, self);
	return !uc_intake_has_report(posts) || uc_database_sync(self->database, error);
}

/* what was not stored has no reply; what there was nothing to store of keeps its own */
static void
uc_intake_fail(GPtrArray *posts, const GError *error)
{
	for (guint i = 0; i < posts->len; i++) {
		UcIntakePost *post = g_ptr_array_index(posts, i);

		if (!uc_intake_post_is_valid(post))
			continue;
		g_clear_pointer(&post->reply, g_bytes_unref);
		if (post->error == NULL)
			post->error = g_error_copy(error);
	}
}

/* one post must not take the others with it: they are tried again one by one */
static void
uc_intake_store_each(UcIntake *self, GPtrArray *posts)
{
	g_autoptr(GPtrArray) single = g_ptr_array_new();

	for (guint i = 0; i < posts->len; i++) {
		g_autoptr(GError) error = NULL;

		g_ptr_array_set_size(single, 0);
		g_ptr_array_add(single, g_ptr_array_index(posts, i));
		if (!uc_intake_store(self, single, &error))
			uc_intake_fail(single, error);
	}
}

/* whatever is wrong with the database is said to those who want to write */
static gboolean
uc_intake_refresh(UcIntake *self)
{
	g_autoptr(GError) error = NULL;

	if (uc_checkin_cache_refresh(self->known, &error))
		return TRUE;
	g_debug("%s", error->message);
	return FALSE;
}

/*
 * What the main loop finds readable in one turn was sent before the first of it is looked at, so
 * that one look at the database is enough for all of it; outside of a main loop each call looks.
 */
static gboolean
uc_intake_begin_turn(UcIntake *self)
{
	GSource *source = g_main_current_source();
	gint64 turn_usec = source != NULL ? g_source_get_time(source) : 0;

	if (turn_usec != 0 && turn_usec == self->turn_usec)
		return TRUE;
	self->turn_usec = 0;
	if (!uc_intake_refresh(self))
		return FALSE;
	self->turn_usec = turn_usec;
	return TRUE;
}

static void
uc_intake_look_up(UcIntake *self, GPtrArray *posts)
{
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;

	if (!uc_intake_refresh(self))
		return;
	for (guint i = 0; i < posts->len; i++) {
		UcIntakePost *post = g_ptr_array_index(posts, i);

		if (post->kind == UC_INTAKE_CHECKIN)
			post->reply = uc_checkin_cache_find(self->known,
							    post->body,
							    uc_intake_post_get_certificate(post),
							    now_secs);
	}
}

static void
uc_intake_take(UcIntake *self, GPtrArray *posts)
{
	g_autoptr(GError) error = NULL;
	gboolean any = FALSE;

	uc_intake_look_up(self, posts);
	for (guint i = 0; i < posts->len; i++) {
		UcIntakePost *post = g_ptr_array_index(posts, i);

		if (post->reply == NULL)
			uc_intake_post_parse(post);
		any = any || uc_intake_post_is_valid(post);
	}
	if (!any || uc_intake_store(self, posts, &error))
		return;
	if (posts->len == 1 || uc_error_is_temporary(error))
		uc_intake_fail(posts, error);
	else
		uc_intake_store_each(self, posts);
}

/* ucupdates-mirror-enrol.path sees it; without that, `enrol sign` is run by other means */
static void
uc_intake_want_signature(UcIntake *self, GPtrArray *posts)
{
	g_autoptr(GError) error = NULL;
	gboolean wanted = FALSE;

	for (guint i = 0; i < posts->len; i++) {
		const UcIntakePost *post = g_ptr_array_index(posts, i);

		wanted = wanted || (post->wanted && post->error == NULL);
	}
	if (wanted && !g_file_set_contents(self->wanted_path, "", 0, &error))
		g_warning("%s", error->message);
}

static gboolean
uc_intake_answer_cb(gpointer user_data)
{
	GPtrArray *posts = user_data;

	for (guint i = 0; i < posts->len; i++) {
		UcIntakePost *post = g_ptr_array_index(posts, i);

		post->func(post->reply, post->error, post->user_data);
	}
	return G_SOURCE_REMOVE;
}

/* not g_main_context_invoke(), which would call it in this thread while nobody else runs one */
static void
uc_intake_answer(UcIntake *self, GPtrArray *posts)
{
	g_autoptr(GSource) source = g_idle_source_new();

	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	g_source_set_callback(source,
			      uc_intake_answer_cb,
			      g_ptr_array_ref(posts),
			      (GDestroyNotify)g_ptr_array_unref);
	g_source_attach(source, self->context);
}

/* (nullable): all that wait; none when it is time to settle. @more_out: not the end */
static GPtrArray *
uc_intake_pop(UcIntake *self, gboolean *more_out)
{
	g_autoptr(GPtrArray) posts =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_intake_post_free);
	gint64 wait_usec = self->settled_usec + UC_INTAKE_SYNC_USEC - g_get_monotonic_time();
	UcIntakePost *post = g_async_queue_timeout_pop(self->queue, (guint64)MAX(wait_usec, 1));

	while (post != NULL && post != self->end) {
		g_ptr_array_add(posts, post);
		post = posts->len < UC_INTAKE_BATCH_MAX ? g_async_queue_try_pop(self->queue) : NULL;
	}
	*more_out = post != self->end;
	return posts->len > 0 ? g_steal_pointer(&posts) : NULL;
}

static void
uc_intake_post_clear_cb(gpointer data, gpointer user_data)
{
	uc_intake_post_clear_parsed(data);
}

static gpointer
uc_intake_thread_cb(gpointer user_data)
{
	UcIntake *self = user_data;
	gboolean more = TRUE;

	while (more) {
		g_autoptr(GPtrArray) posts = uc_intake_pop(self, &more);
		g_autoptr(GError) error = NULL;
		g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);

		if (posts != NULL) {
			uc_intake_take(self, posts);
			uc_intake_want_signature(self, posts);
			g_ptr_array_foreach(posts, uc_intake_post_clear_cb, NULL);
			uc_intake_answer(self, posts);
		}
		if (more && g_get_monotonic_time() - self->settled_usec < UC_INTAKE_SYNC_USEC)
			continue;
		if (!uc_intake_settle(self, &error))
			g_warning("%s", error->message);
	}
	return NULL;
}

/**
 * uc_intake_new:
 * @database: which nobody else uses as long as there is the intake
 *
 * Returns: (transfer full): an intake with its thread
 */
UcIntake *
uc_intake_new(UcDatabase *database)
{
	UcIntake *self = g_new0(UcIntake, 1);
	g_autofree gchar *dir = NULL;

	g_mutex_init(&self->lock);
	self->database = database;
	self->offers = uc_offer_cache_new(database);
	self->known = uc_checkin_cache_new(database);
	self->context = g_main_context_ref_thread_default();
	self->queue = g_async_queue_new();
	self->end = g_new0(UcIntakePost, 1);
	self->settled_usec = g_get_monotonic_time();
	dir = g_path_get_dirname(uc_database_get_path(database));
	self->wanted_path = g_build_filename(dir, UC_ENROL_WANTED_NAME, NULL);
	self->thread = g_thread_new("intake", uc_intake_thread_cb, self);
	return self;
}

/**
 * uc_intake_free:
 *
 * Blocks until all that was added is stored and on the disk. Answers that were not given yet are
 * given when the main context runs again.
 */
void
uc_intake_free(UcIntake *self)
{
	g_async_queue_push(self->queue, self->end);
	g_thread_join(self->thread);
	g_async_queue_unref(self->queue);
	uc_offer_cache_free(self->offers);
	uc_checkin_cache_free(self->known);
	g_main_context_unref(self->context);
	g_mutex_clear(&self->lock);
	g_free(self->end);
	g_free(self->wanted_path);
	g_free(self);
}

static void
uc_intake_refuse(UcIntakeFunc func, gpointer user_data)
{
	g_autoptr(GError) error = g_error_new(UC_ERROR,
					      UC_ERROR_TEMPORARY,
					      "%d check-ins and reports wait already; the disk or "
					      "another command holds the database up",
					      UC_INTAKE_WAITING_MAX);

	func(NULL, error, user_data);
}

/**
 * uc_intake_find:
 * @body: a check-in
 * @peer: (nullable): who posted it, by the client certificate
 *
 * Does not wait for the disk, nor for another program that writes.
 *
 * Returns: (transfer full) (nullable): the answer, if the check-in says what was said before and
 *   nothing that came before it is still to be stored; else it is one for uc_intake_add()
 */
GBytes *
uc_intake_find(UcIntake *self, GBytes *body, const UcPeer *peer)
{
	GBytes *reply = NULL;

	/* below 0 when the thread waits */
	if (g_async_queue_length(self->queue) >= 0 || !g_mutex_trylock(&self->lock))
		return NULL;
	if (uc_intake_begin_turn(self))
		reply = uc_checkin_cache_find(self->known,
					      body,
					      peer != NULL ? peer->certificate : NULL,
					      g_get_real_time() / G_USEC_PER_SEC);
	g_mutex_unlock(&self->lock);
	return reply;
}

/**
 * uc_intake_add:
 * @kind: what it is
 * @body: what was posted
 * @peer: (nullable) (transfer full): who posted it, by the client certificate
 * @func: called with the answer; at once if there are too many already
 * @user_data: for @func; has to live until then
 *
 * Errors are %UC_ERROR_INVALID and %UC_ERROR_LIMIT (what was posted), %UC_ERROR_DENIED (by
 * whom), %UC_ERROR_TEMPORARY (too much
 * waits, or another command wrote for 10 s) and %UC_ERROR_FAILED.
 */
void
uc_intake_add(UcIntake *self,
	      UcIntakeKind kind,
	      GBytes *body,
	      UcPeer *peer,
	      UcIntakeFunc func,
	      gpointer user_data)
{
	g_autoptr(UcPeer) owned = peer;
	UcIntakePost *post = NULL;

	if (g_async_queue_length(self->queue) >= UC_INTAKE_WAITING_MAX) {
		uc_intake_refuse(func, user_data);
		return;
	}
	post = g_new0(UcIntakePost, 1);
	post->kind = kind;
	post->body = g_bytes_ref(body);
	post->peer = g_steal_pointer(&owned);
	post->func = func;
	post->user_data = user_data;
	g_async_queue_push(self->queue, post);
}
