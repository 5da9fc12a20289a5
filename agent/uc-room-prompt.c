/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-room-prompt.h"

/* equal ones have equal bytes */
G_STATIC_ASSERT(sizeof(UcRoomPrompt) == 3 * sizeof(gint64) + 4 * sizeof(guint32));

/**
 * uc_room_prompt_init:
 *
 * Nothing is on the display; also what withdrawing it is.
 */
void
uc_room_prompt_init(UcRoomPrompt *self)
{
	memset(self, 0, sizeof(*self));
	self->input_secs = -1;
}

gboolean
uc_room_prompt_equal(const UcRoomPrompt *one, const UcRoomPrompt *two)
{
	return memcmp(one, two, sizeof(*one)) == 0;
}

/**
 * uc_room_prompt_show:
 * @boot_secs: the present time of the boot clock
 *
 * People are asked from now on; one that is shown already goes on.
 */
void
uc_room_prompt_show(UcRoomPrompt *self, gint64 boot_secs)
{
	self->notice = FALSE;
	if (self->shown)
		return;
	self->shown = TRUE;
	self->shown_secs = boot_secs;
	self->input_secs = -1;
}

/**
 * uc_room_prompt_input:
 * @boot_secs: the present time of the boot clock
 *
 * Input that is no answer: the countdown starts again.
 */
void
uc_room_prompt_input(UcRoomPrompt *self, gint64 boot_secs)
{
	if (self->shown)
		self->input_secs = boot_secs;
}

/**
 * uc_room_prompt_fill_facts:
 * @boot_secs: the present time of the boot clock
 * @facts: the members that are the prompt's are set; nobody who is asked and does nothing is there
 */
void
uc_room_prompt_fill_facts(const UcRoomPrompt *self, gint64 boot_secs, UcFacts *facts)
{
	gint64 quiet_secs = 0;

	if (!self->shown)
		return;
	facts->prompt = UC_PROMPT_SHOWN;
	facts->prompt_shown_secs = MAX(boot_secs - self->shown_secs, 0);
	quiet_secs = facts->prompt_shown_secs;
	if (self->input_secs >= 0) {
		facts->prompt_input_secs = MAX(boot_secs - self->input_secs, 0);
		quiet_secs = MIN(quiet_secs, facts->prompt_input_secs);
	}
	if (facts->use == UC_USE_NONE)
		facts->idle_secs = MAX(facts->idle_secs, quiet_secs);
}
