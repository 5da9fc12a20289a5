/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What became of the attempts on record. Success and failure count only here, after the restart
 * showed which version runs. The history and the report are on disk before the record goes.
 */

#include <string.h>

#include "uc-agent-private.h"
#include "uc-error.h"
#include "uc-fwupd-report.h"
#include "uc-journal.h"
#include "uc-label.h"

#define UC_AGENT_REFUSAL_BYTES 1024 /* of the sentence that goes into a report */
#define UC_AGENT_MESSAGE_BYTES 4096 /* of that about an attempt; a service takes no longer one */

static void
uc_agent_set_text(JsonObject *object, const gchar *member, const gchar *text)
{
	if (text != NULL)
		json_object_set_string_member(object, member, text);
}

/* empty stands for not known */
static const gchar *
uc_agent_get_text(const gchar *text)
{
	return text[0] != '\0' ? text : NULL;
}

static JsonObject *
uc_agent_build_entry(UcAgent *self, UcTarget *target, const gchar *event, const gchar *message)
{
	g_autofree gchar *uuid = uc_update_event_uuid(target->update, event);
	g_autofree gchar *begin =
	    uc_label_cut(message != NULL ? message : "", UC_AGENT_MESSAGE_BYTES);
	JsonObject *entry = json_object_new();

	json_object_set_string_member(entry, "uuid", uuid);
	json_object_set_string_member(entry, "endpoint", target->id);
	json_object_set_string_member(entry, "event", event);
	uc_agent_set_text(entry, "version_old", target->update->version_old);
	uc_agent_set_text(entry,
			  "version_new",
			  uc_agent_get_text(target->update->course.image.version));
	uc_agent_set_text(entry, "sha256", uc_agent_get_text(target->update->course.image.sha256));
	uc_json_set_time(entry, "time", uc_agent_now_secs(self));
	json_object_set_string_member(entry, "message", begin);
	return entry;
}

static JsonObject *
uc_agent_build_endpoint(UcTarget *target)
{
	JsonObject *object = json_object_new();
	const UcEndpoint *endpoint = target->endpoint;

	json_object_set_string_member(object, "id", target->id);
	if (endpoint != NULL) {
		uc_agent_set_text(object, "vendor", endpoint->vendor);
		uc_agent_set_text(object,
				  "model",
				  endpoint->model != NULL ? endpoint->model
							  : endpoint->part_number);
		uc_agent_set_text(object, "serial", endpoint->serial);
		uc_agent_set_text(object, "mac_address", endpoint->mac_address);
	}
	return object;
}

static JsonObject *
uc_agent_build_report(UcAgent *self, UcTarget *target, JsonObject *entry, JsonObject *fwupd_report)
{
	static const gchar *const members[] =
	    {"uuid", "event", "version_old", "version_new", "sha256", "time", "message"};
	JsonObject *report = json_object_new();

	json_object_set_string_member(report, "format", "ucupdates-report-1");
	json_object_set_string_member(report, "machine_id", self->machine_id);
	json_object_set_object_member(report, "endpoint", uc_agent_build_endpoint(target));
	for (guint i = 0; i < G_N_ELEMENTS(members); i++)
		uc_agent_set_text(
		    report,
		    members[i],
		    json_object_get_string_member_with_default(entry, members[i], NULL));
	if (fwupd_report != NULL)
		json_object_set_object_member(report, "fwupd", json_object_ref(fwupd_report));
	return report;
}

/* only what people would notice, or lose, can be forced */
static const gchar *
uc_agent_get_forced(UcTarget *target, const gchar *event)
{
	static const gchar *const events[] = {"staged", "activated", NULL};

	return g_strv_contains(events, event) ? target->forced : NULL;
}

/**
 * uc_agent_record:
 * @event: `staged`, `activated`, `revoked`, `success` or `failed`
 * @message: (nullable): a sentence for people; %NULL for why it was forced, if it was
 * @fwupd_report: (nullable): fwupd's own report
 *
 * Writes history and report. The same event of the same attempt is written once.
 *
 * Returns: whether both are on disk
 */
gboolean
uc_agent_record(UcAgent *self,
		UcTarget *target,
		const gchar *event,
		const gchar *message,
		JsonObject *fwupd_report)
{
	const gchar *text = message != NULL ? message : uc_agent_get_forced(target, event);
	g_autoptr(JsonObject) entry = uc_agent_build_entry(self, target, event, text);
	g_autoptr(JsonObject) report = uc_agent_build_report(self, target, entry, fwupd_report);
	g_autoptr(GError) error = NULL;

	uc_journal_log(event,
		       target->id,
		       uc_agent_get_text(target->update->course.image.version),
		       text);
	if (uc_history_add(self->history, entry, &error) &&
	    uc_reports_add(self->reports, report, &error))
		return TRUE;
	g_warning("%s", error->message);
	return FALSE;
}

/* made of who it is, and what for */
static gchar *
uc_agent_build_refusal_uuid(UcAgent *self, UcTarget *target, const gchar *what)
{
	g_autoptr(UcUpdate) update = uc_update_new(target->id);

	update->uuid = g_strdup_printf("%s %s", self->machine_id, target->id);
	return uc_update_event_uuid(update, what);
}

static JsonObject *
uc_agent_build_refusal(UcAgent *self, UcTarget *target, const gchar *uuid, const gchar *message)
{
	JsonObject *entry = json_object_new();

	json_object_set_string_member(entry, "uuid", uuid);
	json_object_set_string_member(entry, "endpoint", target->id);
	json_object_set_string_member(entry, "event", "refused");
	uc_json_set_time(entry, "time", uc_agent_now_secs(self));
	json_object_set_string_member(entry, "message", message);
	return entry;
}

/* the service hears of a kind once a day */
static gboolean
uc_agent_tell_refusal(UcAgent *self,
		      UcTarget *target,
		      const gchar *kind,
		      gint64 told_secs,
		      const gchar *text)
{
	gint64 today = uc_agent_now_secs(self) / 86400;
	g_autofree gchar *day = g_strdup_printf("%s %" G_GINT64_FORMAT, kind, today);
	g_autofree gchar *uuid = uc_agent_build_refusal_uuid(self, target, day);
	g_autoptr(JsonObject) entry = uc_agent_build_refusal(self, target, uuid, text);
	g_autoptr(JsonObject) report = uc_agent_build_report(self, target, entry, NULL);
	g_autoptr(GError) error = NULL;

	if (told_secs / 86400 == today || uc_reports_add(self->reports, report, &error))
		return TRUE;
	g_warning("%s", error->message);
	return FALSE;
}

/* The sentence may have something in it that is another one each time. So the history has one entry
 * of each kind of refusal. */
static void
uc_agent_report_refusal_of(UcAgent *self,
			   UcTarget *target,
			   const GError *refusal,
			   const gchar *text,
			   JsonArray *entries)
{
	g_autofree gchar *kind = g_strdup_printf("refused %d", refusal->code);
	g_autofree gchar *uuid = uc_agent_build_refusal_uuid(self, target, kind);
	gint64 told_secs = uc_history_get_secs(self->history, uuid);

	if (g_strcmp0(uc_history_get_message(self->history, uuid), text) == 0)
		return;
	uc_journal_log("refused", target->id, NULL, text);
	if (uc_agent_tell_refusal(self, target, kind, told_secs, text))
		json_array_add_object_element(entries,
					      uc_agent_build_refusal(self, target, uuid, text));
}

static gboolean
uc_agent_is_attack(const GError *error)
{
	return g_error_matches(error, UC_ERROR, UC_ERROR_ROLLBACK) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_EXPIRED) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_SIGNATURE) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_REFUSED);
}

/**
 * uc_agent_report_refusal:
 * @error: why the service, or what it published, was refused
 *
 * Tells the organisation, once, as soon as its service can be reached again: it may be an attack
 * (DESIGN.md, decision 6). Other errors are passed over, and so is everything before enrolment.
 */
void
uc_agent_report_refusal(UcAgent *self, const GError *error)
{
	g_autofree gchar *message = NULL;
	g_autoptr(JsonArray) entries = json_array_new();
	g_autoptr(GError) error_write = NULL;
	GHashTableIter iter;
	gpointer value = NULL;

	if (!uc_agent_is_attack(error) || uc_state_get_organisation(self->state) == NULL ||
	    g_strcmp0(self->refusal, error->message) == 0)
		return;
	g_free(self->refusal);
	self->refusal = g_strdup(error->message);
	message = g_utf8_make_valid(error->message,
				    (gssize)MIN(strlen(error->message), UC_AGENT_REFUSAL_BYTES));
	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (((UcTarget *)value)->endpoint != NULL)
			uc_agent_report_refusal_of(self, value, error, message, entries);
	}
	if (json_array_get_length(entries) > 0 &&
	    !uc_history_replace(self->history, entries, &error_write))
		g_warning("%s", error_write->message);
}

static void
uc_agent_take_over(UcAgent *self, UcTarget *target, UcSettled settled)
{
	UcCourse next = target->update->course;

	uc_course_settle(&next, settled, uc_agent_next_retry(self, next.failures));
	if (uc_agent_save(self, target, &next))
		return;
	/* not on disk, so it is tried again rather than acted on */
	self->load_retry_secs = uc_agent_next_retry(self, self->load_failures++);
	self->stale = TRUE;
}

static gchar *
uc_agent_describe_failure(UcTarget *target)
{
	const gchar *text = fwupd_device_get_update_error(target->device);

	if (text == NULL && target->result != NULL)
		text = fwupd_device_get_update_error(target->result);
	return g_strdup(text != NULL ? text : "the endpoint runs the old version again");
}

/* what is written in its place was never activated by us, so this is the end of a human's "now" */
static void
uc_agent_answer_settled(UcTarget *target, const gchar *failure)
{
	g_autoptr(GError) error = NULL;

	if (failure != NULL)
		error = g_error_new_literal(UC_ERROR, UC_ERROR_FAILED, failure);
	uc_agent_answer(target, error);
}

static void
uc_agent_settled_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(UcAgent) self = UC_AGENT(user_data);
	UcTarget *target = self->active;
	gboolean success = uc_target_settle(target) == UC_SETTLED_SUCCESS;
	g_autofree gchar *message = success ? NULL : uc_agent_describe_failure(target);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) report = uc_fwupd_report_finish(result, &error);

	if (report == NULL)
		g_debug("no report of fwupd's own: %s", error->message);
	if (uc_agent_record(self, target, success ? "success" : "failed", message, report)) {
		uc_agent_take_over(self, target, success ? UC_SETTLED_SUCCESS : UC_SETTLED_FAILED);
		uc_agent_want_check_in(self); /* the version is another one */
		uc_agent_answer_settled(target, message);
	} else {
		self->load_retry_secs = uc_agent_next_retry(self, self->load_failures++);
		self->stale = TRUE;
	}
	uc_agent_changed(self);
	uc_agent_end_work(self);
}

static void
uc_agent_settle_end(UcAgent *self, UcTarget *target)
{
	self->work = UC_AGENT_SETTLING;
	self->active = target;
	uc_fwupd_report_async(self->fwupd,
			      target->device,
			      uc_agent_get_text(target->update->course.image.version),
			      self->cancellable,
			      uc_agent_settled_cb,
			      g_object_ref(self));
}

static void
uc_agent_settle_staged(UcAgent *self, UcTarget *target)
{
	/* by somebody else: fwupd says that, but not which version */
	if (target->update->course.stage != UC_COURSE_STAGING) {
		uc_update_begin(target->update, fwupd_device_get_version(target->device));
		uc_course_set_image(&target->update->course.image, NULL, NULL);
	}
	if (!uc_agent_record(self, target, "staged", NULL, NULL))
		return;
	uc_agent_take_over(self, target, UC_SETTLED_STAGED);
	uc_agent_want_check_in(self); /* the administrator's list says so at once */
}

static void
uc_agent_settle_activated(UcAgent *self, UcTarget *target)
{
	if (!uc_agent_record(self, target, "activated", NULL, NULL))
		return;
	uc_agent_take_over(self, target, UC_SETTLED_ACTIVATED);
	uc_agent_answer_settled(target, NULL);
	if (!self->restart_by_agent)
		uc_course_clear_human(&target->update->course);
}

/**
 * uc_agent_settle:
 *
 * Brings the records in step with what fwupd said last.
 *
 * Returns: whether that takes time; uc_agent_advance() goes on afterwards
 */
gboolean
uc_agent_settle(UcAgent *self)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		UcTarget *target = value;

		switch (uc_target_settle(target)) {
		case UC_SETTLED_STAGED:
			uc_agent_settle_staged(self, target);
			break;
		case UC_SETTLED_ACTIVATED:
			uc_agent_settle_activated(self, target);
			break;
		case UC_SETTLED_LOST:
			g_warning("%s: what was begun is no longer there, starting over",
				  target->id);
			uc_agent_take_over(self, target, UC_SETTLED_LOST);
			break;
		case UC_SETTLED_REVOKED:
			if (uc_agent_record(self, target, "revoked", NULL, NULL))
				uc_agent_take_over(self, target, UC_SETTLED_REVOKED);
			break;
		case UC_SETTLED_SUCCESS:
		case UC_SETTLED_FAILED:
			uc_agent_settle_end(self, target);
			return TRUE;
		default:
			break;
		}
	}
	return FALSE;
}
