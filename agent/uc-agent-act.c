/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the policy decided, done: each act ends in uc_agent_end_work() */

#include "uc-agent-private.h"
#include "uc-check.h"
#include "uc-downloads.h"
#include "uc-error.h"
#include "uc-key-enrolment.h"
#include "uc-names.h"
#include "uc-restart.h"
#include "uc-version.h"

/**
 * uc_agent_return_all:
 * @tasks: (inout) (element-type GTask): who waits; an empty one afterwards, to which an answer may
 *   already add again
 * @error: (nullable): why it did not work
 *
 * Answers each of them.
 */
void
uc_agent_return_all(GPtrArray **tasks, const GError *error)
{
	g_autoptr(GPtrArray) answered = g_steal_pointer(tasks);

	*tasks = g_ptr_array_new_with_free_func(g_object_unref);
	for (guint i = 0; i < answered->len; i++) {
		if (error != NULL)
			g_task_return_error(g_ptr_array_index(answered, i), g_error_copy(error));
		else
			g_task_return_boolean(g_ptr_array_index(answered, i), TRUE);
	}
}

/**
 * uc_agent_answer:
 * @error: (nullable): why it did not work
 *
 * Answers the humans who wait for this target.
 */
void
uc_agent_answer(UcTarget *target, const GError *error)
{
	uc_agent_return_all(&target->waiting, error);
}

static void
uc_agent_act_failed(UcAgent *self, UcTarget *target, const GError *error)
{
	UcCourse next = target->update->course;
	gboolean durable = next.work == UC_ACTION_RESTART;

	g_warning("%s: %s", target->id, error->message);
	g_free(target->error_text);
	target->error_text = g_strdup(error->message);
	uc_course_fail(&next, uc_agent_next_retry_after(self, next.failures, error));
	if (!durable || !uc_agent_save(self, target, &next))
		target->update->course = next;
	uc_agent_answer(target, error);
	uc_agent_doubt(self, target);
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

static void
uc_agent_act_worked(UcAgent *self, UcTarget *target)
{
	g_clear_pointer(&target->error_text, g_free);
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

static void
uc_agent_end_course(UcAgent *self, UcTarget *target)
{
	UcCourse *course = &target->update->course;

	uc_course_end(course, uc_agent_next_retry(self, course->failures));
}

/* the course is on the disk before the effect */
static gboolean
uc_agent_begin(UcAgent *self, UcTarget *target, UcAgentWork work)
{
	UcCourse next = target->update->course;
	g_autoptr(GError) error = NULL;

	self->work = work;
	self->active = target;
	uc_course_begin(&next,
			&target->decision->verdict,
			uc_state_get_metadata(self->state, UC_REMOTE_ID));
	if (uc_update_save(target->update, &next, uc_agent_now_secs(self), &error))
		return TRUE;
	uc_agent_act_failed(self, target, error);
	return FALSE;
}

/* somebody who asks for a look does not want to wait for the next attempt either */
static void
uc_agent_clear_retries(UcAgent *self)
{
	GHashTableIter iter;
	gpointer value = NULL;

	if (self->checks_active->len == 0)
		return;
	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		((UcTarget *)value)->update->course.retry_secs = 0;
}

/**
 * uc_agent_want_check_in:
 *
 * Something was done that the service is to hear of: of a few endpoints at once, of many once for
 * all that goes on, but soon.
 */
void
uc_agent_want_check_in(UcAgent *self)
{
	gint64 pause_secs = uc_agent_get_pause_secs(self);

	if (pause_secs == 0)
		self->check_wanted = TRUE;
	else if (self->check_in_secs == 0)
		self->check_in_secs = uc_agent_now_secs(self) + pause_secs;
}

static gchar *
uc_agent_join_metadata(UcAgent *self)
{
	const gchar *approved = uc_state_get_metadata(self->state, UC_REMOTE_ID);
	const gchar *pending = uc_state_get_metadata(self->state, UC_REMOTE_TESTING_ID);

	return g_strdup_printf("%s %s",
			       approved != NULL ? approved : "-",
			       pending != NULL ? pending : "-");
}

/* of many, what is on offer is asked again only if it can be another one; if fwupd has lost it, it
 * says that something has changed */
static void
uc_agent_doubt_offers(UcAgent *self)
{
	g_autofree gchar *metadata = uc_agent_join_metadata(self);

	self->heard = TRUE;
	if (uc_agent_get_pause_secs(self) == 0 || g_strcmp0(metadata, self->metadata) != 0)
		self->stale = TRUE;
}

static void
uc_agent_checked_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&self->check_error, g_free);
	g_clear_pointer(&self->remote_error, g_free);
	if (uc_check_run_finish(result, &self->remote_error, &error)) {
		if (self->remote_error != NULL)
			g_warning("%s", self->remote_error);
		self->last_check_secs = uc_agent_now_secs(self);
		self->check_retry_secs = 0;
		self->check_failures = 0;
		self->enrolment_retry_secs = uc_key_enrolment_get_retry_secs();
		if (uc_service_link_get_refusal(self->link) != NULL)
			uc_agent_report_refusal(self, uc_service_link_get_refusal(self->link));
		else
			g_clear_pointer(&self->refusal, g_free);
		self->deliver_retry_secs = 0;
		uc_agent_doubt_offers(self);
		uc_agent_clear_retries(self);
	} else {
		g_warning("looking for updates: %s", error->message);
		self->check_error = g_strdup(error->message);
		uc_agent_report_refusal(self, error);
		uc_agent_deny_sign_in(self, error);
		self->check_retry_secs = uc_agent_next_look(self, self->check_failures++, error);
	}
	uc_agent_return_all(&self->checks_active, error);
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

static void
uc_agent_check(UcAgent *self)
{
	g_autoptr(JsonObject) check_in = uc_agent_build_check_in(self);
	g_autoptr(GPtrArray) none = g_steal_pointer(&self->checks_active);

	self->work = UC_AGENT_CHECKING;
	self->check_wanted = FALSE;
	self->check_in_secs = 0;
	g_free(self->metadata);
	self->metadata = uc_agent_join_metadata(self);
	self->checks_active = g_steal_pointer(&self->checks);
	self->checks = g_steal_pointer(&none);
	uc_check_run_async(self->link,
			   self->fwupd,
			   self->state,
			   self->settings,
			   self->clock,
			   check_in,
			   self->cancellable,
			   uc_agent_checked_cb,
			   g_object_ref(self));
}

static void
uc_agent_downloaded_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;

	if (uc_downloads_fetch_finish(result, &error)) {
		uc_agent_end_course(self, self->active);
		uc_agent_act_worked(self, self->active);
		return;
	}
	/* the service may be another one by now */
	if (uc_error_is_temporary(error))
		self->check_wanted = TRUE;
	uc_agent_act_failed(self, self->active, error);
}

static void
uc_agent_download(UcAgent *self, UcTarget *target)
{
	UcService *service = uc_service_link_get_service(self->link);
	g_autoptr(GError) error = NULL;

	self->work = UC_AGENT_DOWNLOADING;
	self->active = target;
	if (service == NULL) {
		error = g_error_new_literal(UC_ERROR,
					    UC_ERROR_TEMPORARY,
					    "the service was not found yet");
		uc_agent_act_failed(self, target, error);
		return;
	}
	uc_downloads_fetch_async(service,
				 uc_target_get_release(target),
				 self->cancellable,
				 uc_agent_downloaded_cb,
				 g_object_ref(self));
}

/* a package that cannot work here is not tried again until something changes */
static void
uc_agent_stage_failed(UcAgent *self, UcTarget *target, const GError *error)
{
	UcCourse next = target->update->course;

	if (uc_fwupd_is_final(error) && uc_room_get_use(self->room) == UC_USE_NONE &&
	    uc_agent_record(self, target, "failed", error->message, NULL)) {
		uc_course_settle(&next, UC_SETTLED_FAILED, 0);
		(void)uc_agent_save(self, target, &next);
	}
	uc_agent_act_failed(self, target, error);
}

static void
uc_agent_staged_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;

	uc_agent_doubt(self, self->active); /* fwupd says next whether it is staged */
	if (uc_fwupd_act_finish(UC_FWUPD(source), result, &error)) {
		uc_agent_end_course(self, self->active);
		uc_agent_act_worked(self, self->active);
	} else {
		uc_agent_stage_failed(self, self->active, error);
	}
}

/* older than what runs is what a human named or what the policy pins */
static FwupdInstallFlags
uc_agent_get_install_flags(UcTarget *target, FwupdRelease *release)
{
	const UcCourse *course = &target->update->course;
	FwupdInstallFlags flags = FWUPD_INSTALL_FLAG_NONE;

	if (course->wanted[0] != '\0')
		flags |= FWUPD_INSTALL_FLAG_ALLOW_REINSTALL;
	if (course->wanted[0] != '\0' ||
	    uc_version_compare(fwupd_release_get_version(release),
			       fwupd_device_get_version(target->device)) < 0)
		flags |= FWUPD_INSTALL_FLAG_ALLOW_OLDER;
	if (course->human_force)
		flags |= FWUPD_INSTALL_FLAG_FORCE;
	return flags;
}

static void
uc_agent_stage(UcAgent *self, UcTarget *target)
{
	FwupdRelease *release = uc_target_get_release(target);
	g_autofree gchar *path = uc_downloads_get_path(uc_target_get_sha256(release));

	uc_update_begin(target->update, fwupd_device_get_version(target->device));
	if (!uc_agent_begin(self, target, UC_AGENT_STAGING))
		return;
	uc_fwupd_install_async(self->fwupd,
			       fwupd_device_get_id(target->device),
			       path,
			       uc_agent_get_install_flags(target, release),
			       self->cancellable,
			       uc_agent_staged_cb,
			       g_object_ref(self));
}

static void
uc_agent_activated_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	UcTarget *target = self->active;
	UcCourse next = target->update->course;
	g_autoptr(GError) error = NULL;

	uc_agent_doubt(self, target);
	if (!uc_fwupd_act_finish(UC_FWUPD(source), result, &error)) {
		uc_agent_act_failed(self, target, error);
		return;
	}
	uc_course_end(&next, 0);
	if (!self->restart_by_agent)
		uc_course_clear_human(&next);
	if (!uc_agent_record(self, target, "activated", NULL, NULL) ||
	    !uc_agent_save(self, target, &next))
		g_warning("%s: activated, but that is not on disk yet", target->id);
	uc_agent_answer(target, NULL);
	uc_agent_act_worked(self, target);
}

static void
uc_agent_activate(UcAgent *self, UcTarget *target)
{
	if (!uc_agent_begin(self, target, UC_AGENT_ACTIVATING))
		return;
	uc_fwupd_activate_async(self->fwupd,
				fwupd_device_get_id(target->device),
				self->cancellable,
				uc_agent_activated_cb,
				g_object_ref(self));
}

/* the machine is one: its restart is that of every endpoint on it, and not of people's own */
static void
uc_agent_share_restart(UcAgent *self, gboolean asked)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		UcTarget *target = value;
		UcCourse next = target->update->course;

		uc_course_restart(&next, asked);
		if (!uc_course_equal(&next, &target->update->course) &&
		    !uc_agent_save(self, target, &next))
			target->update->course = next;
	}
}

static void
uc_agent_restarted_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	g_autoptr(GError) error = NULL;

	if (!uc_restart_finish(G_DBUS_CONNECTION(source), result, &error)) {
		uc_agent_share_restart(self, FALSE);
		uc_agent_act_failed(self, self->active, error);
		return;
	}
	uc_agent_end_course(self, self->active);
	uc_course_clear_human(&self->active->update->course);
	uc_agent_act_worked(self, self->active);
}

static void
uc_agent_restart(UcAgent *self, UcTarget *target)
{
	if (!uc_agent_begin(self, target, UC_AGENT_RESTARTING))
		return;
	uc_agent_share_restart(self, TRUE);
	uc_restart_async(self->connection,
			 self->cancellable,
			 uc_agent_restarted_cb,
			 g_object_ref(self));
}

/* The plugin follows the property Withdrawn, which is different as soon as the stage is. fwupd is
 * asked afterwards, so that a daemon that was idle starts and hears of it. */
static void
uc_agent_revoke(UcAgent *self, UcTarget *target)
{
	g_autoptr(GError) error = NULL;

	if (!uc_agent_begin(self, target, UC_AGENT_REVOKING))
		return;
	g_message("%s: version %s was withdrawn", target->id, target->update->course.image.version);
	uc_agent_end_course(self, target);
	error = g_error_new(UC_ERROR,
			    UC_ERROR_REFUSED,
			    "version %s was withdrawn",
			    target->update->course.image.version);
	uc_agent_answer(target, error);
	uc_course_clear_human(&target->update->course);
	uc_agent_doubt(self, target);
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

/**
 * uc_agent_act:
 * @target: (nullable): for everything but a check
 * @action: what the policy decided
 */
void
uc_agent_act(UcAgent *self, UcTarget *target, UcAction action)
{
	switch (action) {
	case UC_ACTION_CHECK:
		uc_agent_check(self);
		break;
	case UC_ACTION_DOWNLOAD:
		uc_agent_download(self, target);
		break;
	case UC_ACTION_STAGE:
		uc_agent_stage(self, target);
		break;
	case UC_ACTION_ACTIVATE:
		uc_agent_permit(self, target);
		uc_agent_activate(self, target);
		break;
	case UC_ACTION_RESTART:
		uc_agent_restart(self, target);
		break;
	case UC_ACTION_REVOKE:
		uc_agent_revoke(self, target);
		break;
	default:
		break;
	}
	uc_agent_changed(self);
}
