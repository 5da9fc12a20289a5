/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a human or an application says about the service: where it is, or that it is to be
 * forgotten. And what the network says: that it is another one, or how long it holds that there is
 * no service.
 */

#include "uc-agent-private.h"
#include "uc-credentials.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-forget.h"
#include "uc-key-enrolment.h"

typedef struct {
	gchar *internal_url; /* (nullable) */
	gchar *external_url; /* (nullable) */
} UcAgentGift;

static void
uc_agent_gift_free(UcAgentGift *gift)
{
	g_free(gift->internal_url);
	g_free(gift->external_url);
	g_free(gift);
}

static void
uc_agent_given_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	UcAgent *self = g_task_get_source_object(task);
	GError *error = NULL;

	if (uc_service_link_give_finish(UC_SERVICE_LINK(source), result, &error)) {
		self->check_wanted = TRUE;
		g_clear_pointer(&self->check_error, g_free); /* which was about another URL */
		g_task_return_boolean(task, TRUE);
	} else {
		g_task_return_error(task, error);
	}
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

static void
uc_agent_give(UcAgent *self)
{
	GTask *task = g_ptr_array_steal_index(self->gifts, 0);
	UcAgentGift *gift = g_task_get_task_data(task);

	self->work = UC_AGENT_CHECKING;
	uc_service_link_give_async(self->link,
				   gift->internal_url,
				   gift->external_url,
				   self->cancellable,
				   uc_agent_given_cb,
				   task);
}

/* what fwupd has staged stays there, but it is no longer ours to activate */
static gboolean
uc_agent_forget_updates(UcAgent *self, GError **error)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		UcTarget *target = value;
		UcCourse next = target->update->course;

		uc_course_forget(&next);
		if (!uc_update_save(target->update, &next, uc_agent_now_secs(self), error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_agent_forget_state(UcAgent *self, GError **error)
{
	g_autoptr(GHashTable) keep = g_hash_table_new(g_str_hash, g_str_equal);

	uc_downloads_clean(keep);
	uc_reports_clear(self->reports);
	g_clear_pointer(&self->check_error, g_free);
	g_clear_pointer(&self->remote_error, g_free);
	self->check_retry_secs = 0;
	self->check_failures = 0;
	self->check_wanted = FALSE;
	self->check_in_secs = 0;
	self->enrolment_retry_secs = 0;
	return uc_credentials_remove(error) && uc_key_enrolment_forget(error) &&
	       uc_agent_forget_updates(self, error) && uc_service_link_forget(self->link, error);
}

static void
uc_agent_forget_end(UcAgent *self, const GError *error)
{
	uc_agent_return_all(&self->forgets, error);
	self->stale = TRUE;
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

static void
uc_agent_forgotten_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;

	if (!uc_forget_remotes_finish(result, &error))
		g_warning("%s", error->message);
	uc_agent_forget_end(self, error);
}

static void
uc_agent_forget(UcAgent *self)
{
	g_autoptr(GError) error = NULL;

	self->work = UC_AGENT_FORGETTING;
	if (!uc_agent_forget_state(self, &error)) {
		uc_agent_forget_end(self, error);
		return;
	}
	g_message("the service is forgotten");
	uc_forget_remotes_async(self->fwupd,
				self->cancellable,
				uc_agent_forgotten_cb,
				g_object_ref(self));
}

/**
 * uc_agent_change_service:
 *
 * Does what humans and applications want of the service, before anything else.
 *
 * Returns: whether that takes time; uc_agent_advance() goes on afterwards
 */
gboolean
uc_agent_change_service(UcAgent *self)
{
	if (self->forgets->len > 0 && self->delivering)
		return TRUE; /* the end of the delivery leads here again */
	if (self->forgets->len > 0) {
		uc_agent_forget(self);
		return TRUE;
	}
	if (self->gifts->len == 0)
		return FALSE;
	uc_agent_give(self);
	return TRUE;
}

static gchar *
uc_agent_dup_url(const gchar *url)
{
	return url[0] != '\0' ? g_strdup(url) : NULL;
}

/**
 * uc_agent_set_service_async:
 * @internal_url: of the service inside the network, may be empty
 * @external_url: the same from outside, may be empty
 *
 * Done once it was found there. Errors as uc_service_link_give_async().
 */
void
uc_agent_set_service_async(UcAgent *self,
			   const gchar *internal_url,
			   const gchar *external_url,
			   GAsyncReadyCallback callback,
			   gpointer user_data)
{
	GTask *task = g_task_new(self, NULL, callback, user_data);
	UcAgentGift *gift = g_new0(UcAgentGift, 1);

	gift->internal_url = uc_agent_dup_url(internal_url);
	gift->external_url = uc_agent_dup_url(external_url);
	g_task_set_task_data(task, gift, (GDestroyNotify)uc_agent_gift_free);
	g_ptr_array_add(self->gifts, task);
	uc_agent_advance_soon(self);
}

/**
 * uc_agent_forget_service_async:
 *
 * Ends what is under way, then forgets the organisation. Errors: %UC_ERROR_FAILED.
 */
void
uc_agent_forget_service_async(UcAgent *self, GAsyncReadyCallback callback, gpointer user_data)
{
	g_autoptr(GCancellable) cancellable = g_steal_pointer(&self->cancellable);

	g_ptr_array_add(self->forgets, g_task_new(self, NULL, callback, user_data));
	self->cancellable = g_cancellable_new();
	g_cancellable_cancel(cancellable);
	uc_agent_advance_soon(self);
}

static void
uc_agent_network_changed_cb(gpointer user_data)
{
	UcAgent *self = user_data;

	g_message("the network changed; looking for the service");
	uc_service_link_expire(self->link);
	self->check_retry_secs = 0;
	self->check_failures = 0;
	self->deliver_retry_secs = 0;
	self->check_wanted = TRUE;
	uc_agent_advance_soon(self);
}

/**
 * uc_agent_watch_network:
 *
 * From now on each change of the network that has settled leads to one look for the service.
 */
void
uc_agent_watch_network(UcAgent *self)
{
	self->network_watch = uc_network_watch_new(self->connection,
						   UC_NETWORK_SETTLE_MS,
						   UC_NETWORK_SETTLE_MAX_MS,
						   uc_agent_network_changed_cb,
						   self);
}

/**
 * uc_agent_next_look:
 * @failures: so many looks failed before this one
 * @error: why this one failed
 *
 * As uc_agent_next_retry_after(), but where DNS said that there is no service, not before that is
 * over (RFC 2308) or the longest wait that is configured.
 *
 * Returns: seconds since the Unix epoch, always in the future
 */
gint64
uc_agent_next_look(UcAgent *self, guint failures, const GError *error)
{
	gint64 retry_secs = uc_agent_next_retry_after(self, failures, error);
	gint64 left_secs =
	    uc_service_link_get_none_until_secs(self->link) - uc_agent_now_secs(self);

	return retry_secs + CLAMP(left_secs, 0, self->retry_max_secs);
}
