/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-facts.h"

/**
 * UcRoomPrompt:
 * @shown_secs: since when, of the boot clock
 * @input_secs: the last input that was no answer, of the boot clock; -1 for none
 * @until_secs: when the countdown ends, seconds since the Unix epoch
 * @shown: people are being asked
 * @notice: people are told, and not asked
 * @can_refuse: NO is an answer
 * @day: outside the hours for updates
 *
 * What stands on the room's display. Plain, without I/O and clock, as #UcCourse is.
 */
typedef struct {
	gint64 shown_secs;
	gint64 input_secs;
	gint64 until_secs;
	guint32 shown;
	guint32 notice;
	guint32 can_refuse;
	guint32 day;
} UcRoomPrompt;

void
uc_room_prompt_init(UcRoomPrompt *self);
gboolean
uc_room_prompt_equal(const UcRoomPrompt *one, const UcRoomPrompt *two);
void
uc_room_prompt_show(UcRoomPrompt *self, gint64 boot_secs);
void
uc_room_prompt_input(UcRoomPrompt *self, gint64 boot_secs);
void
uc_room_prompt_fill_facts(const UcRoomPrompt *self, gint64 boot_secs, UcFacts *facts);
