/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The LEDs that endpoint files name with `[Install] Led=` (docs/agent.md, "LED") */

#include "uc-agent-private.h"
#include "uc-led.h"

static UcLedState
uc_agent_get_led(UcAgent *self, UcTarget *target)
{
	const UcCourse *course = &target->update->course;

	if (target == self->active &&
	    (self->work == UC_AGENT_STAGING || self->work == UC_AGENT_ACTIVATING ||
	     self->work == UC_AGENT_RESTARTING))
		return UC_LED_UPDATING;
	if (uc_course_failed_before(course))
		return UC_LED_FAILED;
	return uc_course_get_progress(course) == UC_PROGRESS_ACTIVATED ? UC_LED_RESTART
								       : UC_LED_OFF;
}

/* name -> UcLedState; one that no endpoint names any more goes out */
static GHashTable *
uc_agent_collect_leds(UcAgent *self)
{
	GHashTable *leds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer name = NULL;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, self->leds);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		g_hash_table_insert(leds, g_strdup(name), GUINT_TO_POINTER(UC_LED_OFF));
	g_hash_table_iter_init(&iter, self->targets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		UcTarget *target = value;
		const gchar *led = target->endpoint != NULL ? target->endpoint->led : NULL;
		guint state = led != NULL ? uc_agent_get_led(self, target) : UC_LED_OFF;

		if (led == NULL)
			continue;
		state = MAX(state, GPOINTER_TO_UINT(g_hash_table_lookup(leds, led)));
		g_hash_table_insert(leds, g_strdup(led), GUINT_TO_POINTER(state));
	}
	return leds;
}

/**
 * uc_agent_show_leds:
 *
 * Writes what is different from the last time, the first time all of them. One that cannot be
 * written is warned about once for each change.
 */
void
uc_agent_show_leds(UcAgent *self)
{
	g_autoptr(GHashTable) before = self->leds;
	GHashTableIter iter;
	gpointer name = NULL;
	gpointer state = NULL;

	self->leds = uc_agent_collect_leds(self);
	g_hash_table_iter_init(&iter, self->leds);
	while (g_hash_table_iter_next(&iter, &name, &state)) {
		g_autoptr(GError) error = NULL;
		gpointer old = NULL;

		if (g_hash_table_lookup_extended(before, name, NULL, &old) && old == state)
			continue;
		if (!uc_led_set(name, GPOINTER_TO_UINT(state), &error))
			g_warning("[Install] Led: %s", error->message);
	}
}
