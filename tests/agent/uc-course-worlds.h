/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-course-graph.h"

static const UcCourseWorld uc_course_worlds[] = {
    {.name = "idle style, in the window", .style = UC_STYLE_IDLE, .moments = 1 << 1},
    {.name = "prompt style, in the window",
     .style = UC_STYLE_PROMPT,
     .restart_prompt = UC_RESTART_PROMPT_OFF,
     .moments = 1 << 1},
    {.name = "idle style, by day and past the deadline",
     .style = UC_STYLE_IDLE,
     .deadline = TRUE,
     .moments = 1 << 0 | 1 << 4},
};

/* with UC_EXPLORE_LONG */
static const UcCourseWorld uc_course_worlds_long[] = {
    {.name = "two releases, in the window",
     .style = UC_STYLE_IDLE,
     .two_releases = TRUE,
     .moments = 1 << 1},
    {.name = "somebody else's fwupdmgr, in the window",
     .style = UC_STYLE_IDLE,
     .others = TRUE,
     .moments = 1 << 1},
    {.name = "factory state, by day", .style = UC_STYLE_IDLE, .factory = TRUE, .moments = 1 << 0},
    {.name = "prompt style, by day it asks",
     .style = UC_STYLE_PROMPT,
     .restart_prompt = UC_RESTART_PROMPT_ASK,
     .moments = 1 << 0},
    {.name = "prompt style, NO and what comes after it",
     .style = UC_STYLE_PROMPT,
     .restart_prompt = UC_RESTART_PROMPT_ASK,
     .moments = 1 << 0 | 1 << 1 | 1 << 2},
    {.name = "prompt style, by day it starts, deadlines",
     .style = UC_STYLE_PROMPT,
     .restart_prompt = UC_RESTART_PROMPT_START,
     .deadline = TRUE,
     .moments = 1 << 0 | 1 << 4 | 1 << 7},
    {.name = "two steps, by day",
     .style = UC_STYLE_IDLE,
     .two_releases = TRUE,
     .two_steps = TRUE,
     .moments = 1 << 0},
};

/* the room says what its sources do, many thousand times */
static inline void
uc_course_worlds_log_cb(const gchar *domain,
			GLogLevelFlags level,
			const gchar *message,
			gpointer user_data)
{
}

static inline void
uc_course_worlds_silence(void)
{
	(void)g_log_set_handler(NULL, G_LOG_LEVEL_MESSAGE, uc_course_worlds_log_cb, NULL);
}
