/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All states that can be reached, breadth first, so that a violation has the shortest trace. */

#include <stdio.h>
#include <string.h>

#include "uc-course-graph.h"
#include "uc-zone-load.h"

#define BLOCK	  4096
#define BOOT_SECS 1000000

typedef struct {
	UcCourseState state; /* the key */
	guint32 parent;
	guint16 depth;
	guint8 event;
} Node;

/* each value once, and its number */
typedef struct {
	gsize size;
	GHashTable *numbers; /* value -> its number */
	GPtrArray *values;   /* owned */
} Values;

struct _UcCourseGraph {
	const UcCourseWorld *world; /* not owned, and neither is @room */
	const UcCourseRoom *room;
	UcPolicy *policies[UC_COURSE_ENV_LAST];
	UcZone *zone;
	Values courses;
	Values prompts;
	GHashTable *seen;  /* of Node */
	GPtrArray *blocks; /* of Node[BLOCK] */
	guint n_nodes;
	guint64 edges;
	guint32 last; /* the node of the violation, and its event */
	guint last_event;
	const gchar *violation;
};

static guint
hash_bytes(gconstpointer value, gsize size)
{
	const guint32 *words = value;
	guint64 hash = G_GUINT64_CONSTANT(0xcbf29ce484222325);

	for (gsize i = 0; i < size / sizeof(guint32); i++)
		hash = (hash ^ words[i]) * G_GUINT64_CONSTANT(0x100000001b3);
	return (guint)(hash ^ (hash >> 32));
}

static guint
hash_course(gconstpointer value)
{
	return hash_bytes(value, sizeof(UcCourse));
}

static gboolean
equal_course(gconstpointer one, gconstpointer two)
{
	return uc_course_equal(one, two);
}

static guint
hash_prompt(gconstpointer value)
{
	return hash_bytes(value, sizeof(UcRoomPrompt));
}

static gboolean
equal_prompt(gconstpointer one, gconstpointer two)
{
	return uc_room_prompt_equal(one, two);
}

static guint
hash_state(gconstpointer value)
{
	return hash_bytes(value, sizeof(UcCourseState));
}

static gboolean
equal_state(gconstpointer one, gconstpointer two)
{
	return memcmp(one, two, sizeof(UcCourseState)) == 0;
}

G_STATIC_ASSERT(sizeof(UcCourseState) == 24); /* no padding */

static void
values_init(Values *self, gsize size, GHashFunc hash, GEqualFunc equal)
{
	self->size = size;
	self->numbers = g_hash_table_new(hash, equal);
	self->values = g_ptr_array_new_with_free_func(g_free);
}

static guint
values_find(Values *self, gconstpointer value)
{
	gpointer number = NULL;

	if (g_hash_table_lookup_extended(self->numbers, value, NULL, &number))
		return GPOINTER_TO_UINT(number);
	g_ptr_array_add(self->values, g_memdup2(value, self->size));
	g_hash_table_insert(self->numbers,
			    g_ptr_array_index(self->values, self->values->len - 1),
			    GUINT_TO_POINTER(self->values->len - 1));
	return self->values->len - 1;
}

static UcPolicy *
make_policy(const UcCourseWorld *world, UcCourseEnv env)
{
	UcPolicy *policy = uc_policy_new();
	UcRollout rollout = {.version = (gchar *)"1.1.0", .percent = 100, .halted = TRUE};

	policy->style = world->style;
	policy->restart_prompt = world->restart_prompt;
	policy->spread_secs = 0;
	policy->idle_secs = policy->after_call_secs = UC_COURSE_ROOM_LONG_SECS;
	if (world->deadline) {
		policy->deadline_secs[UC_SEVERITY_MEDIUM] = 6 * 3600;
		policy->hard_deadline_secs = 72 * 3600;
	}
	if (env == UC_COURSE_ENV_EXPIRED)
		policy->expires_secs = 1;
	if (env == UC_COURSE_ENV_BLOCKED)
		g_ptr_array_add(policy->blocked_versions, g_strdup("1.1.0"));
	if (env == UC_COURSE_ENV_HALTED)
		uc_policy_add_rollout(policy, &rollout);
	return policy;
}

UcCourseGraph *
uc_course_graph_new(const UcCourseWorld *world, const UcCourseRoom *room)
{
	UcCourseGraph *self = g_new0(UcCourseGraph, 1);

	self->world = world;
	self->room = room;
	self->zone = uc_zone_load("UTC0", NULL);
	for (guint env = 0; env < UC_COURSE_ENV_LAST; env++)
		self->policies[env] = make_policy(world, env);
	values_init(&self->courses, sizeof(UcCourse), hash_course, equal_course);
	values_init(&self->prompts, sizeof(UcRoomPrompt), hash_prompt, equal_prompt);
	self->seen = g_hash_table_new(hash_state, equal_state);
	self->blocks = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void
uc_course_graph_free(UcCourseGraph *self)
{
	for (guint env = 0; env < UC_COURSE_ENV_LAST; env++)
		uc_policy_free(self->policies[env]);
	uc_zone_free(self->zone);
	g_hash_table_unref(self->courses.numbers);
	g_ptr_array_unref(self->courses.values);
	g_hash_table_unref(self->prompts.numbers);
	g_ptr_array_unref(self->prompts.values);
	g_hash_table_unref(self->seen);
	g_ptr_array_unref(self->blocks);
	g_free(self);
}

static Node *
get_node(UcCourseGraph *self, guint32 index)
{
	return (Node *)g_ptr_array_index(self->blocks, index / BLOCK) + index % BLOCK;
}

static void
unpack(UcCourseGraph *self, UcCourseStep *step)
{
	const UcCourseState *state = &step->state;
	UcRig *rig = &step->rig;

	rig->course = *(UcCourse *)g_ptr_array_index(self->courses.values, state->course);
	rig->saved = *(UcCourse *)g_ptr_array_index(self->courses.values, state->saved);
	rig->prompt = *(UcRoomPrompt *)g_ptr_array_index(self->prompts.values, state->prompt);
	rig->device = state->device;
	rig->published = state->published;
	rig->known = state->known;
	rig->downloads = state->downloads;
	rig->now_secs = uc_course_events_get_moment(state->moment);
	rig->retry_secs =
	    uc_course_events_get_moment(uc_course_events_get_next(step->world, state->moment));
	rig->last_check_secs = rig->now_secs - 7200;
	if (state->checked != 1)
		rig->last_check_secs = state->checked == 0 ? 0 : rig->now_secs;
	rig->check_retry_secs = state->outage ? rig->retry_secs : 0;
}

/* what no rule can tell apart from now on is one state */
static void
normalise(UcCourseGraph *self, UcCourseStep *step)
{
	gint64 now_secs = uc_course_events_get_moment(step->state.moment);
	UcCourse *course = &step->rig.course;
	UcSpan span = {0};
	gint64 until_secs = course->said_no_secs + 1200;

	course->failures = MIN(course->failures, 1);
	if (course->retry_secs <= now_secs)
		course->retry_secs = 0;
	step->rig.prompt.until_secs = 0; /* for the display only */
	/* no rule of idle style looks at the end of a call, but for the first update, and only past
	 * a deadline one of prompt style looks at idleness */
	if (self->world->style == UC_STYLE_IDLE && !self->world->factory && !self->world->two_steps)
		step->state.room &= UC_COURSE_ROOM_NO_FREE;
	if (self->world->style == UC_STYLE_PROMPT && !self->world->deadline)
		step->state.room &= UC_COURSE_ROOM_NO_IDLE;
	if (self->world->style == UC_STYLE_IDLE)
		course->restarted = step->rig.saved.restarted = FALSE;
	if (step->state.no == 0)
		return;
	if (uc_policy_find_span(self->policies[0], TRUE, until_secs, self->zone, &span))
		until_secs = MAX(until_secs, span.start_secs);
	if (until_secs > now_secs)
		return;
	step->state.no = 0;
	course->said_no_secs = 0;
	step->rig.saved.said_no_secs = 0;
}

static void
pack(UcCourseGraph *self, UcCourseStep *step)
{
	UcCourseState *state = &step->state;

	state->course = values_find(&self->courses, &step->rig.course);
	state->saved = values_find(&self->courses, &step->rig.saved);
	state->prompt = (guint16)values_find(&self->prompts, &step->rig.prompt);
	state->device = step->rig.device;
	state->published = step->rig.published;
	state->known = step->rig.known;
	state->downloads = step->rig.downloads;
}

static void
add(UcCourseGraph *self, UcCourseStep *step, guint32 parent, guint event)
{
	Node *node = NULL;

	normalise(self, step);
	pack(self, step);
	if (g_hash_table_contains(self->seen, &step->state))
		return;
	if (self->n_nodes % BLOCK == 0)
		g_ptr_array_add(self->blocks, g_new(Node, BLOCK));
	node = get_node(self, self->n_nodes++);
	node->state = step->state;
	node->parent = parent;
	node->event = (guint8)event;
	node->depth = event < uc_course_events_count() ? get_node(self, parent)->depth + 1 : 0;
	(void)g_hash_table_add(self->seen, node);
}

static void
begin(UcCourseGraph *self)
{
	UcCourseStep step = {.world = self->world, .room = self->room};

	uc_course_init(&step.rig.course);
	step.rig.course.discharged = !self->world->factory;
	step.rig.course.restarted = self->world->style == UC_STYLE_PROMPT;
	uc_rig_keep(&step.rig.course, &step.rig.saved);
	uc_room_prompt_init(&step.rig.prompt);
	step.state.room = self->room->begin;
	while ((self->world->moments & (1u << step.state.moment)) == 0)
		step.state.moment++;
	add(self, &step, 0, uc_course_events_count());
}

static gboolean
follow(UcCourseGraph *self, guint32 index, guint event)
{
	UcCourseStep step = {.world = self->world,
			     .room = self->room,
			     .policies = self->policies,
			     .state = get_node(self, index)->state,
			     .rig = {.two_steps = self->world->two_steps,
				     .policy = self->policies[0],
				     .zone = self->zone,
				     .boot_secs = BOOT_SECS}};

	unpack(self, &step);
	if (!uc_course_events_happen(&step, event) && step.violation == NULL)
		return TRUE;
	self->edges++;
	uc_course_check_state(&step);
	if (step.violation != NULL) {
		self->violation = step.violation;
		self->last = index;
		self->last_event = event;
		return FALSE;
	}
	add(self, &step, index, event);
	return TRUE;
}

/**
 * uc_course_graph_explore:
 * @max_states: give up there
 *
 * Returns: (nullable): the first violation; %NULL when the graph is closed without one
 */
const gchar *
uc_course_graph_explore(UcCourseGraph *self, guint max_states)
{
	begin(self);
	for (guint32 index = 0; index < self->n_nodes; index++) {
		if (self->n_nodes > max_states)
			return UC_COURSE_NOT_CLOSED;
		for (guint event = 0; event < uc_course_events_count(); event++) {
			if (!follow(self, index, event))
				return self->violation;
		}
	}
	return NULL;
}

guint
uc_course_graph_count_states(const UcCourseGraph *self)
{
	return self->n_nodes;
}

guint64
uc_course_graph_count_edges(const UcCourseGraph *self)
{
	return self->edges;
}

guint
uc_course_graph_get_depth(const UcCourseGraph *self)
{
	return get_node((UcCourseGraph *)self, self->n_nodes - 1)->depth;
}

/**
 * uc_course_graph_print_trace:
 *
 * The shortest way to the violation.
 */
void
uc_course_graph_print_trace(UcCourseGraph *self)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	guint32 index = self->last;

	if (self->violation == NULL)
		return;
	g_ptr_array_add(names, (gpointer)uc_course_events_get_name(self->last_event));
	for (; index != 0; index = get_node(self, index)->parent)
		g_ptr_array_add(names,
				(gpointer)uc_course_events_get_name(get_node(self, index)->event));
	for (guint i = names->len; i > 0; i--)
		printf("#   %s\n", (const gchar *)g_ptr_array_index(names, i - 1));
}
