/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The prompt of the room. There is one, however many endpoints it is about: their verdicts say
 * whether it is to be shown, and what is answered is said to all of them. A call takes it away,
 * which is no answer.
 */

#include "uc-agent-private.h"
#include "uc-error.h"

static gboolean
uc_agent_is_asking(const UcVerdict *verdict)
{
	return verdict->prompt == UC_PROMPT_ACT_SHOW || verdict->prompt == UC_PROMPT_ACT_KEEP;
}

/* people were asked, and nobody said no */
static gboolean
uc_agent_is_accepted(const UcVerdict *verdict)
{
	return verdict->action > UC_ACTION_CHECK &&
	       (verdict->reason == UC_CONDITION_PROMPT || verdict->reason == UC_CONDITION_HARD);
}

static void
uc_agent_prompt_for(UcAgent *self, UcTarget *target, UcRoomPrompt *prompt)
{
	const UcVerdict *verdict = &target->decision->verdict;

	if (uc_agent_is_asking(verdict)) {
		if (!prompt->shown || self->asked->len == 0)
			prompt->can_refuse = TRUE;
		uc_room_prompt_show(prompt, uc_clock_boot_secs(self->clock));
		prompt->can_refuse = prompt->can_refuse && verdict->prompt_can_refuse;
		if (verdict->prompt_until_secs >= 0)
			prompt->until_secs = verdict->prompt_until_secs;
		prompt->day =
		    verdict->open_secs < 0 || verdict->open_secs > uc_agent_now_secs(self);
		g_ptr_array_add(self->asked, g_strdup(target->id));
	} else if (verdict->notice && !prompt->shown) {
		prompt->notice = TRUE;
		g_ptr_array_add(self->asked, g_strdup(target->id));
	}
}

/* what is in front of the target, if the target is all that it waits for */
static UcTarget *
uc_agent_get_waiting_parent(UcAgent *self, UcTarget *target)
{
	UcTarget *parent = NULL;

	if (target != NULL && target->endpoint != NULL && target->endpoint->parent != NULL)
		parent = g_hash_table_lookup(self->targets, target->endpoint->parent);
	return parent != NULL && parent->decision->verdict.reason == UC_CONDITION_CHILDREN ? parent
											   : NULL;
}

/* people are asked once: what waits for a child that they are asked about goes with it */
static void
uc_agent_ask_for_parents(UcAgent *self)
{
	for (guint i = 0; i < self->asked->len; i++) {
		UcTarget *target =
		    g_hash_table_lookup(self->targets, g_ptr_array_index(self->asked, i));
		UcTarget *parent = uc_agent_get_waiting_parent(self, target);

		if (parent != NULL &&
		    !g_ptr_array_find_with_equal_func(self->asked, parent->id, g_str_equal, NULL))
			g_ptr_array_add(self->asked, g_strdup(parent->id));
	}
}

static void
uc_agent_end_prompt_of(UcAgent *self, UcTarget *target, gboolean accepted)
{
	UcCourse next = target->update->course;

	if (accepted)
		uc_course_answer(&next, TRUE, uc_agent_now_secs(self));
	else
		uc_course_expire(&next);
	if (!uc_course_equal(&next, &target->update->course) && !uc_agent_save(self, target, &next))
		target->update->course = next;
}

/* a prompt by day that nobody answered does not come again */
static void
uc_agent_end_prompt_for(UcAgent *self, UcTarget *target, gboolean was_day)
{
	const UcVerdict *verdict = &target->decision->verdict;
	gboolean accepted = uc_agent_is_accepted(verdict);
	gboolean expired = was_day && verdict->prompt == UC_PROMPT_ACT_WITHDRAW &&
			   uc_room_get_use(self->room) == UC_USE_NONE;

	/* a chain of parents is never longer than that, whatever the files say */
	for (guint i = 0;
	     (accepted || expired) && target != NULL && i < g_hash_table_size(self->targets);
	     i++) {
		uc_agent_end_prompt_of(self, target, accepted);
		target = uc_agent_get_waiting_parent(self, target);
	}
}

/**
 * uc_agent_prompt:
 *
 * Shows, keeps or takes away the prompt, as the decisions about all endpoints say.
 */
void
uc_agent_prompt(UcAgent *self)
{
	const UcRoomPrompt before = self->prompt;
	UcRoomPrompt next = self->prompt;
	GHashTableIter iter;
	gpointer value = NULL;

	g_ptr_array_set_size(self->asked, 0);
	next.notice = FALSE;
	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (before.shown)
			uc_agent_end_prompt_for(self, value, before.day);
		uc_agent_prompt_for(self, value, &next);
	}
	if (self->asked->len == 0)
		uc_room_prompt_init(&next);
	uc_agent_ask_for_parents(self);
	if (uc_room_prompt_equal(&before, &next))
		return;
	self->prompt = next;
	uc_agent_changed(self);
	/* a look, for one, has waited until nobody is asked any more */
	if (before.shown && !next.shown)
		uc_agent_advance_soon(self);
}

static gboolean
uc_agent_answer_for(UcAgent *self, const gchar *id, gboolean accept, GError **error)
{
	UcTarget *target = g_hash_table_lookup(self->targets, id);
	UcCourse next;

	if (target == NULL)
		return TRUE;
	next = target->update->course;
	uc_course_answer(&next, accept, uc_agent_now_secs(self));
	return uc_update_save(target->update, &next, uc_agent_now_secs(self), error);
}

/**
 * uc_agent_input_prompt:
 *
 * Input that is no answer. Without a prompt it is activity as any other.
 */
void
uc_agent_input_prompt(UcAgent *self)
{
	if (self->prompt.shown)
		uc_room_prompt_input(&self->prompt, uc_clock_boot_secs(self->clock));
	uc_room_add_activity(self->room);
}

/**
 * uc_agent_answer_prompt:
 * @accept: yes or no
 * @error: set to %UC_ERROR_NOT_FOUND when nobody is asked, to %UC_ERROR_DENIED for a NO that is not
 *   allowed, to %UC_ERROR_FAILED when it cannot be written down; the prompt stays then
 *
 * Blocks for one fsync per endpoint.
 */
gboolean
uc_agent_answer_prompt(UcAgent *self, gboolean accept, GError **error)
{
	if (!self->prompt.shown) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_NOT_FOUND,
				    "nobody is asked at the moment");
		return FALSE;
	}
	if (!accept && !self->prompt.can_refuse) {
		uc_agent_input_prompt(self); /* whoever tries is there */
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_DENIED,
				    "the deadline is over, so that this cannot be put off");
		return FALSE;
	}
	for (guint i = 0; i < self->asked->len; i++) {
		if (!uc_agent_answer_for(self, g_ptr_array_index(self->asked, i), accept, error))
			return FALSE;
	}
	uc_room_prompt_init(&self->prompt);
	g_ptr_array_set_size(self->asked, 0);
	uc_agent_changed(self);
	uc_agent_advance_soon(self);
	return TRUE;
}

static void
uc_agent_add_strv(GVariantBuilder *builder, const gchar *name, GPtrArray *texts)
{
	g_variant_builder_add(
	    builder,
	    "{sv}",
	    name,
	    g_variant_new_strv((const gchar *const *)texts->pdata, (gssize)texts->len));
}

static void
uc_agent_describe_prompt(UcAgent *self, GVariantBuilder *builder)
{
	UcTarget *first = g_hash_table_lookup(self->targets, g_ptr_array_index(self->asked, 0));
	const gchar *version = first != NULL ? uc_course_get_version(&first->update->course) : NULL;
	gint64 left_secs = self->prompt.until_secs - uc_agent_now_secs(self);

	g_variant_builder_add(builder,
			      "{sv}",
			      "version",
			      g_variant_new_string(version != NULL ? version : ""));
	g_variant_builder_add(builder,
			      "{sv}",
			      "remaining-secs",
			      g_variant_new_uint32((guint32)CLAMP(left_secs, 0, 86400)));
	g_variant_builder_add(builder,
			      "{sv}",
			      "no-allowed",
			      g_variant_new_boolean(self->prompt.can_refuse));
	g_variant_builder_add(builder,
			      "{sv}",
			      "notice",
			      g_variant_new_boolean(self->prompt.notice));
	g_variant_builder_add(builder, "{sv}", "day", g_variant_new_boolean(self->prompt.day));
}

/**
 * uc_agent_get_prompt:
 *
 * Returns: (transfer full): the property Prompt of data/org.ucupdates.Agent1.xml; not floating
 */
GVariant *
uc_agent_get_prompt(UcAgent *self)
{
	g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sv}"));
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(UcPolicy) policy = NULL;
	UcTarget *target = NULL;

	for (guint i = 0; i < self->asked->len; i++) {
		target = g_hash_table_lookup(self->targets, g_ptr_array_index(self->asked, i));
		g_ptr_array_add(names,
				target != NULL && fwupd_device_get_name(target->device) != NULL
				    ? (gpointer)fwupd_device_get_name(target->device)
				    : g_ptr_array_index(self->asked, i));
	}
	if (self->asked->len > 0) {
		policy = uc_agent_select_policy(self, target);
		uc_agent_add_strv(&builder, "devices", self->asked);
		uc_agent_add_strv(&builder, "names", names);
		uc_agent_describe_prompt(self, &builder);
		g_variant_builder_add(&builder,
				      "{sv}",
				      "wake-display",
				      g_variant_new_boolean(policy->wake_display));
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

/**
 * uc_agent_get_withdrawn:
 *
 * Returns: (transfer full): the property Withdrawn of data/org.ucupdates.Agent1.xml; not floating
 */
GVariant *
uc_agent_get_withdrawn(UcAgent *self)
{
	g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{ss}"));
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const UcCourse *course = &((UcTarget *)value)->update->course;

		if (course->stage == UC_COURSE_WITHDRAWN && course->image.version[0] != '\0')
			g_variant_builder_add(&builder,
					      "{ss}",
					      ((UcTarget *)value)->id,
					      course->image.version);
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}
