/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is going on, and what is to be done. One state machine: every event (a call, an answer of
 * fwupd, an answer of the service, a moment that came) leads to uc_agent_advance(), which does the
 * first thing that is to be done and otherwise sleeps until the next moment that the policy named.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "uc-agent-private.h"
#include "uc-backoff.h"
#include "uc-error.h"
#include "uc-machine.h"
#include "uc-state-file.h"

G_DEFINE_TYPE(UcAgent, uc_agent, G_TYPE_OBJECT)

enum { UC_AGENT_CHANGED, UC_AGENT_LAST_SIGNAL };

static guint uc_agent_signals[UC_AGENT_LAST_SIGNAL];

static void
uc_agent_dispose(GObject *object)
{
	UcAgent *self = UC_AGENT(object);

	if (self->cancellable != NULL)
		g_cancellable_cancel(self->cancellable);
	if (self->fwupd != NULL)
		g_signal_handlers_disconnect_by_data(self->fwupd, self);
	if (self->room != NULL)
		g_signal_handlers_disconnect_by_data(self->room, self);
	g_clear_handle_id(&self->advance_id, g_source_remove);
	g_clear_handle_id(&self->fwupd_watch, g_bus_unwatch_name);
	g_clear_pointer(&self->network_watch, uc_network_watch_free);
	g_clear_pointer(&self->sources, uc_sources_free);
	g_clear_pointer(&self->shutdown, uc_shutdown_free);
	g_clear_pointer(&self->surroundings, uc_surroundings_free);
	g_clear_pointer(&self->timer, uc_timer_free);
	g_clear_object(&self->cancellable);
	g_clear_object(&self->fwupd);
	g_clear_object(&self->room);
	g_clear_object(&self->link);
	g_clear_object(&self->connection);
	g_clear_pointer(&self->devices, g_hash_table_unref);
	g_clear_pointer(&self->doubtful, g_hash_table_unref);
	g_clear_pointer(&self->targets, g_hash_table_unref);
	g_clear_pointer(&self->leds, g_hash_table_unref);
	g_clear_pointer(&self->asked, g_ptr_array_unref);
	g_clear_pointer(&self->gifts, g_ptr_array_unref);
	g_clear_pointer(&self->forgets, g_ptr_array_unref);
	g_clear_pointer(&self->settings, uc_service_settings_free);
	g_clear_pointer(&self->checks, g_ptr_array_unref);
	g_clear_pointer(&self->checks_active, g_ptr_array_unref);
	g_clear_pointer(&self->state, uc_state_free);
	g_clear_pointer(&self->history, uc_history_free);
	g_clear_pointer(&self->reports, uc_reports_free);
	g_clear_pointer(&self->said, uc_said_free);
	g_clear_pointer(&self->machine_id, g_free);
	g_clear_pointer(&self->group, g_free);
	g_clear_pointer(&self->windows, g_array_unref);
	g_clear_pointer(&self->metadata, g_free);
	g_clear_pointer(&self->check_error, g_free);
	g_clear_pointer(&self->remote_error, g_free);
	g_clear_pointer(&self->refusal, g_free);
	g_clear_pointer(&self->load_error, g_free);
	g_clear_pointer(&self->plugin_problem, g_free);
	g_clear_pointer(&self->unclaimed, g_ptr_array_unref);
	g_clear_pointer(&self->unusable, g_ptr_array_unref);
	G_OBJECT_CLASS(uc_agent_parent_class)->dispose(object);
}

static void
uc_agent_class_init(UcAgentClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = uc_agent_dispose;

	/**
	 * UcAgent::changed:
	 *
	 * Something that the status or an explanation tells is different now.
	 */
	uc_agent_signals[UC_AGENT_CHANGED] = g_signal_new("changed",
							  G_TYPE_FROM_CLASS(klass),
							  G_SIGNAL_RUN_LAST,
							  0,
							  NULL,
							  NULL,
							  NULL,
							  G_TYPE_NONE,
							  0);
}

static void
uc_agent_init(UcAgent *self)
{
	self->cancellable = g_cancellable_new();
	self->targets =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)uc_target_free);
	self->devices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->doubtful = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->said = uc_said_new();
	self->leds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	uc_room_prompt_init(&self->prompt);
	self->asked = g_ptr_array_new_with_free_func(g_free);
	self->gifts = g_ptr_array_new_with_free_func(g_object_unref);
	self->forgets = g_ptr_array_new_with_free_func(g_object_unref);
	self->checks = g_ptr_array_new_with_free_func(g_object_unref);
	self->checks_active = g_ptr_array_new_with_free_func(g_object_unref);
	self->unclaimed = g_ptr_array_new();
	self->unusable = g_ptr_array_new_with_free_func(g_free);
	self->stale = TRUE;
	self->next_secs = -1;
}

gint64
uc_agent_now_secs(UcAgent *self)
{
	return uc_clock_now_secs(self->clock);
}

void
uc_agent_changed(UcAgent *self)
{
	g_signal_emit(self, uc_agent_signals[UC_AGENT_CHANGED], 0);
}

/**
 * uc_agent_next_retry:
 * @failures: so many went before this one
 *
 * Returns: seconds since the Unix epoch, always in the future; uc_backoff_get_wait_secs()
 */
gint64
uc_agent_next_retry(UcAgent *self, guint failures)
{
	return uc_agent_next_retry_after(self, failures, NULL);
}

/**
 * uc_agent_next_retry_after:
 * @failures: so many went before this one
 * @error: (nullable): why it failed; what the server asked for is in it
 *
 * Returns: the same, but not before the server wants it
 */
gint64
uc_agent_next_retry_after(UcAgent *self, guint failures, const GError *error)
{
	return uc_agent_now_secs(self) +
	       uc_backoff_get_wait_secs(failures, self->retry_max_secs, error);
}

/**
 * uc_agent_is_due:
 * @retry_secs: of uc_agent_next_retry(), or 0
 *
 * Returns: whether that moment has come
 */
gboolean
uc_agent_is_due(UcAgent *self, gint64 retry_secs)
{
	return uc_backoff_is_over(retry_secs, self->retry_max_secs, uc_agent_now_secs(self));
}

static void
uc_agent_propose_next(UcAgent *self, gint64 secs)
{
	if (secs > uc_agent_now_secs(self) && (self->next_secs < 0 || secs < self->next_secs))
		self->next_secs = secs;
}

static UcError
uc_agent_get_wait_error(const gchar *reason_id)
{
	static const struct {
		const gchar *reason_id;
		UcError code;
	} codes[] = {
	    {"use", UC_ERROR_IN_USE},
	    {"update", UC_ERROR_NOT_FOUND},
	    {"clock", UC_ERROR_CLOCK},
	    {"policy", UC_ERROR_EXPIRED},
	    {"withdrawn", UC_ERROR_REFUSED},
	    {"blocked", UC_ERROR_REFUSED},
	    {"halted", UC_ERROR_REFUSED},
	    {"disk", UC_ERROR_FAILED},
	};

	for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
		if (g_strcmp0(codes[i].reason_id, reason_id) == 0)
			return codes[i].code;
	}
	return UC_ERROR_TEMPORARY; /* power, another update, a shutdown */
}

/* a human's "now" that cannot be: say why rather than wait */
static void
uc_agent_answer_wait(UcAgent *self, UcTarget *target)
{
	const UcDecision *decision = target->decision;
	g_autoptr(GError) error = NULL;

	if (!target->update->course.human_now ||
	    (decision->action != UC_ACTION_WAIT && decision->action != UC_ACTION_NONE))
		return;
	error = g_error_new_literal(UC_ERROR,
				    (gint)uc_agent_get_wait_error(decision->reason_id),
				    decision->reason);
	uc_agent_answer(target, error);
	uc_course_clear_human(&target->update->course);
	/* without the human's word it may be about another release */
	uc_agent_advance_soon(self);
}

static void
uc_agent_note_idle(UcAgent *self, UcTarget *target)
{
	UcCourse next = target->update->course;

	if (target->decision->verdict.states[UC_CONDITION_IDLE] == UC_CONDITION_MET &&
	    uc_room_get_use(self->room) == UC_USE_NONE &&
	    uc_course_idle(&next, uc_agent_now_secs(self)))
		(void)uc_agent_save(self, target, &next);
}

/* a human first, then what is furthest from the restart, which is the last thing that happens */
static gboolean
uc_agent_is_before(UcTarget *one, UcTarget *two)
{
	if (one->update->course.human_now != two->update->course.human_now)
		return one->update->course.human_now;
	if (one->decision->action != two->decision->action)
		return one->decision->action < two->decision->action;
	return g_strcmp0(one->id, two->id) < 0;
}

static UcTarget *
uc_agent_decide_all(UcAgent *self)
{
	g_autoptr(UcAgentRound) round = uc_agent_round_new(self);
	UcTarget *first = NULL;
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		UcTarget *target = value;
		g_autoptr(UcDecision) before = g_steal_pointer(&target->decision);
		gint64 again_secs = -1;

		target->decision = uc_agent_decide(self, round, target, &again_secs);
		uc_agent_note_idle(self, target);
		uc_agent_answer_wait(self, target);
		uc_agent_round_note(round, target);
		uc_agent_propose_next(self, target->decision->next_secs);
		uc_agent_propose_next(self, again_secs);
		if (target->decision->action > UC_ACTION_WAIT &&
		    (first == NULL || uc_agent_is_before(target, first)))
			first = target;
	}
	return first;
}

static void
uc_agent_ask_for_certificate(UcAgent *self)
{
	if (self->enrolment_retry_secs == 0)
		return;
	if (!uc_backoff_is_over(self->enrolment_retry_secs, 86400, uc_agent_now_secs(self))) {
		uc_agent_propose_next(self, self->enrolment_retry_secs);
		return;
	}
	self->enrolment_retry_secs = 0;
	self->check_wanted = TRUE;
}

/* one look for many endpoints, after the steps of the others, but before the restart */
static gboolean
uc_agent_is_check_in_due(UcAgent *self, UcTarget *next)
{
	return self->check_in_secs != 0 &&
	       (next == NULL || next->decision->action == UC_ACTION_RESTART ||
		uc_agent_is_pause_over(self, self->check_in_secs));
}

/* with no device at all the service is still asked: the endpoint may come later */
static gboolean
uc_agent_needs_check(UcAgent *self, UcTarget *next)
{
	g_autoptr(UcAgentRound) round = NULL;
	g_autoptr(UcDecision) decision = NULL;

	if (uc_shutdown_is_under_way(self->shutdown))
		return FALSE;
	uc_agent_ask_for_certificate(self);
	if (uc_agent_is_check_in_due(self, next))
		self->check_wanted = TRUE;
	if (self->check_wanted)
		return uc_room_get_use(self->room) == UC_USE_NONE || self->checks->len > 0;
	if (g_hash_table_size(self->targets) > 0)
		return FALSE;
	round = uc_agent_round_new(self);
	decision = uc_agent_decide(self, round, NULL, NULL);
	uc_agent_propose_next(self, decision->next_secs);
	return decision->action == UC_ACTION_CHECK;
}

static void
uc_agent_begin_work(UcAgent *self)
{
	UcTarget *target = NULL;

	if (uc_agent_needs_load(self)) {
		uc_agent_load(self);
		return;
	}
	uc_agent_propose_next(self, self->trial_retry_secs);
	if (self->rumour)
		uc_agent_propose_next(self, self->rumour_retry_secs);
	if (self->stale)
		uc_agent_propose_next(self, self->load_retry_secs);
	else if (uc_agent_settle(self))
		return;
	target = uc_agent_decide_all(self);
	uc_agent_prompt(self);
	if (uc_agent_needs_check(self, target))
		uc_agent_act(self, NULL, UC_ACTION_CHECK);
	else if (target != NULL)
		uc_agent_act(self, target, target->decision->action);
}

/**
 * uc_agent_advance:
 *
 * Does what is to be done, or sleeps until the next moment.
 */
void
uc_agent_advance(UcAgent *self)
{
	if (self->timer == NULL || self->work != UC_AGENT_IDLE)
		return;
	self->next_secs = -1;
	if (!uc_agent_change_service(self))
		uc_agent_begin_work(self);
	uc_agent_propose_next(self, uc_agent_deliver(self));
	uc_agent_show_leds(self);
	uc_agent_rest(self);
	uc_timer_set(self->timer,
		     self->next_secs < 0 ? -1
					 : self->next_secs - uc_clock_get_ahead_secs(self->clock));
	uc_agent_end_shutdown(self);
}

static gboolean
uc_agent_advance_cb(gpointer user_data)
{
	UcAgent *self = user_data;

	self->advance_id = 0;
	uc_agent_advance(self);
	return G_SOURCE_REMOVE;
}

/**
 * uc_agent_advance_soon:
 *
 * Many events at once (fwupd tells each change of a device) are one.
 */
void
uc_agent_advance_soon(UcAgent *self)
{
	if (self->advance_id == 0)
		self->advance_id = g_idle_add(uc_agent_advance_cb, self);
}

/**
 * uc_agent_end_work:
 *
 * The last thing that each act does.
 */
void
uc_agent_end_work(UcAgent *self)
{
	self->work = UC_AGENT_IDLE;
	self->active = NULL;
	uc_agent_advance_soon(self);
}

static void
uc_agent_fwupd_changed_cb(UcAgent *self)
{
	self->heard = self->rumour = TRUE;
	uc_agent_advance_soon(self);
}

static void
uc_agent_device_changed_cb(UcAgent *self)
{
	self->heard = TRUE;
	uc_agent_advance_soon(self);
}

static void
uc_agent_room_changed_cb(UcAgent *self)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (uc_room_get_use(self->room) != UC_USE_NONE &&
	       g_hash_table_iter_next(&iter, NULL, &value))
		uc_course_call(&((UcTarget *)value)->update->course);
	uc_agent_changed(self);
	uc_agent_advance_soon(self);
}

static void
uc_agent_surroundings_changed_cb(gpointer user_data)
{
	uc_agent_changed(user_data);
	uc_agent_advance_soon(user_data);
}

static void
uc_agent_timer_cb(gpointer user_data)
{
	uc_agent_advance(user_data);
}

static void
uc_agent_fwupd_appeared_cb(GDBusConnection *connection,
			   const gchar *name,
			   const gchar *owner,
			   gpointer user_data)
{
	((UcAgent *)user_data)->stale = TRUE;
	uc_agent_advance_soon(user_data);
}

/**
 * uc_agent_new:
 * @connection: the system bus
 * @config: read once, here
 * @clock: must outlive the agent
 * @error: set to %UC_ERROR_INVALID for a value that is not one of those expected
 *
 * Returns: (transfer full): an agent with the state of the last run, which does nothing yet
 */
UcAgent *
uc_agent_new(GDBusConnection *connection, UcConfig *config, const UcClock *clock, GError **error)
{
	g_autoptr(UcAgent) self = g_object_new(UC_TYPE_AGENT, NULL);

	self->connection = g_object_ref(connection);
	self->clock = clock;
	self->fwupd = uc_fwupd_new();
	if (!uc_agent_configure(self, config, error))
		return NULL;
	self->room = uc_room_new(clock);
	self->sources = uc_sources_new(connection, config, self->room);
	self->surroundings = uc_surroundings_new(connection,
						 config,
						 uc_fwupd_get_client(self->fwupd),
						 uc_agent_surroundings_changed_cb,
						 self);
	self->settings = uc_service_settings_new(config, error);
	if (self->settings == NULL)
		return NULL;
	uc_state_file_sweep();
	self->state = uc_state_load();
	self->link = uc_service_link_new(self->state, self->settings, clock);
	self->history = uc_history_load();
	self->reports = uc_reports_new();
	self->machine_id = uc_machine_get_id(UC_MACHINE_ID_PATH);
	return g_steal_pointer(&self);
}

/**
 * uc_agent_start:
 *
 * Begins with looking at fwupd and asking the service.
 */
void
uc_agent_start(UcAgent *self)
{
	self->timer = uc_timer_new(uc_agent_timer_cb, self);
	uc_agent_watch_shutdown(self);
	g_signal_connect_swapped(self->fwupd,
				 "changed",
				 G_CALLBACK(uc_agent_fwupd_changed_cb),
				 self);
	g_signal_connect_swapped(self->fwupd,
				 "device-changed",
				 G_CALLBACK(uc_agent_device_changed_cb),
				 self);
	g_signal_connect_swapped(self->room, "changed", G_CALLBACK(uc_agent_room_changed_cb), self);
	g_signal_connect_swapped(self->room, "activity", G_CALLBACK(uc_agent_advance_soon), self);
	self->fwupd_watch = g_bus_watch_name_on_connection(self->connection,
							   FWUPD_DBUS_SERVICE,
							   G_BUS_NAME_WATCHER_FLAGS_NONE,
							   uc_agent_fwupd_appeared_cb,
							   NULL,
							   self,
							   NULL);
	uc_agent_watch_network(self);
	uc_agent_advance_soon(self);
}

UcRoom *
uc_agent_get_room(UcAgent *self)
{
	return self->room;
}

UcSources *
uc_agent_get_sources(UcAgent *self)
{
	return self->sources;
}

/**
 * uc_agent_check_async:
 *
 * Looks for updates now; done once the service answered and fwupd has the metadata.
 */
void
uc_agent_check_async(UcAgent *self, GAsyncReadyCallback callback, gpointer user_data)
{
	g_ptr_array_add(self->checks, g_task_new(self, NULL, callback, user_data));
	self->check_wanted = TRUE;
	uc_agent_advance_soon(self);
}

/**
 * uc_agent_finish:
 *
 * Ends uc_agent_check_async() and uc_agent_install_async().
 */
gboolean
uc_agent_finish(UcAgent *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
