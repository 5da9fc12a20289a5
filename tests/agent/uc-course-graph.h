/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-course-rig.h"
#include "uc-course-room.h"

#define UC_COURSE_NO_MOMENT  8 /* is never reached */
#define UC_COURSE_NOT_CLOSED "the graph does not close"

/**
 * UcCourseWorld:
 * @factory: the endpoint is in factory state
 * @deadline: the policy has deadlines
 * @two_releases: there are two, else one
 * @two_steps: the second needs the first
 * @others: somebody else uses fwupdmgr, and the service may be forgotten
 * @moments: bits; those of the abstract clock
 *
 * What is the same in all states of one graph.
 */
typedef struct {
	const gchar *name;
	guint style;
	guint restart_prompt;
	gboolean factory;
	gboolean deadline;
	gboolean two_releases;
	gboolean two_steps;
	gboolean others;
	guint moments;
} UcCourseWorld;

/* what is wrong around the endpoint at the moment of a decision; one at a time */
typedef enum {
	UC_COURSE_ENV_NONE,
	UC_COURSE_ENV_POWER,
	UC_COURSE_ENV_DISK,
	UC_COURSE_ENV_CLOCK,
	UC_COURSE_ENV_EXPIRED,
	UC_COURSE_ENV_BLOCKED, /* version 1.1.0 */
	UC_COURSE_ENV_HALTED,  /* its rollout */
	UC_COURSE_ENV_OTHER,
	UC_COURSE_ENV_SHUTDOWN,
	UC_COURSE_ENV_LAST
} UcCourseEnv;

/* small numbers only, so that a state is its bytes */
typedef struct {
	guint32 course;
	guint32 saved;
	guint16 prompt;
	guint8 moment;
	guint8 room;
	UcRigDevice device;
	guint8 known;
	guint8 downloads;
	guint8 checked;	 /* 0: not since the agent began, 1: over an hour ago, 2: just now */
	guint8 outage;	 /* the service did not answer, and is not asked again yet */
	guint8 fell;	 /* seen from outside: bits of the releases that fell back */
	guint8 no;	 /* the same: the moment of the last NO, plus one */
	guint8 answered; /* the same: people let it happen, and there was no call since */
	guint8 old;	 /* a release; ran when the attempt on record began */
} UcCourseState;

typedef struct _UcCourseGraph UcCourseGraph;

/**
 * UcCourseStep:
 * @state: before the event, and then after it
 * @rig: the same, unpacked
 * @violation: (nullable): what must not be
 */
typedef struct {
	const UcCourseWorld *world;
	const UcCourseRoom *room;
	UcPolicy *const *policies; /* of UcCourseEnv */
	UcCourseState state;
	UcRig rig;
	const gchar *violation;
} UcCourseStep;

/* uc-course-events.c */
guint
uc_course_events_count(void);
const gchar *
uc_course_events_get_name(guint event);
gboolean
uc_course_events_happen(UcCourseStep *step, guint event) G_GNUC_WARN_UNUSED_RESULT;
void
uc_course_events_tick(UcCourseStep *step);
gint64
uc_course_events_get_moment(guint moment);
guint
uc_course_events_get_next(const UcCourseWorld *world, guint moment);

/* uc-course-canon.c */
void
uc_course_canon_load(UcCourseStep *step);
void
uc_course_canon_load_clocks(UcCourseStep *step);
void
uc_course_canon_apply(UcCourseStep *step);
guint
uc_course_canon_check(const UcCourseStep *raw);

/* uc-course-invariants.c */
void
uc_course_check_verdict(UcCourseStep *step,
			UcCourseEnv env,
			const UcFacts *facts,
			const UcVerdict *verdict);
void
uc_course_check_effect(UcCourseStep *step, UcAction action, guint use, gboolean forced);
void
uc_course_check_state(UcCourseStep *step);

/* uc-course-graph.c */
UcCourseGraph *
uc_course_graph_new(const UcCourseWorld *world, const UcCourseRoom *room) G_GNUC_WARN_UNUSED_RESULT;
void
uc_course_graph_free(UcCourseGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcCourseGraph, uc_course_graph_free)
const gchar *
uc_course_graph_explore(UcCourseGraph *self, guint max_states);
guint
uc_course_graph_count_states(const UcCourseGraph *self);
guint64
uc_course_graph_count_edges(const UcCourseGraph *self);
guint
uc_course_graph_count_checked(const UcCourseGraph *self);
guint
uc_course_graph_get_depth(const UcCourseGraph *self);
void
uc_course_graph_print_trace(UcCourseGraph *self);
