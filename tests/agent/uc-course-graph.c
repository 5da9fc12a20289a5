/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All states that can be reached, breadth first, so that a violation has the shortest trace. */

#include <stdio.h>
#include <string.h>

#include "uc-course-graph.h"
#include "uc-zone-load.h"

#define BLOCK	    4096
#define BOOT_SECS   1000000
#define SEEN_BITS   16
#define CHECK_EVERY 64 /* of so many states one, whether its canonical form is as good */

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
	GPtrArray *blocks; /* of Node[BLOCK] */
	guint32 *seen;	   /* numbers of nodes, from 1 on; 0 is free */
	guint seen_bits;
	guint n_nodes;
	guint64 edges;
	guint checked;
	guint32 last; /* the node of the violation, and its event */
	guint last_event;
	guint event_canon; /* what tells the state from its canonical form */
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
	self->seen_bits = SEEN_BITS;
	self->seen = g_new0(guint32, 1u << SEEN_BITS);
	self->event_canon = uc_course_events_count();
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
	g_free(self->seen);
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
	uc_course_canon_load(step);
}

/* most events leave it as it is */
static guint
find_course(UcCourseGraph *self, guint before, const UcCourse *course)
{
	if (before < self->courses.values->len &&
	    uc_course_equal(g_ptr_array_index(self->courses.values, before), course))
		return before;
	return values_find(&self->courses, course);
}

static void
pack(UcCourseGraph *self, UcCourseStep *step)
{
	UcCourseState *state = &step->state;

	uc_course_canon_apply(step);
	state->course = find_course(self, state->course, &step->rig.course);
	state->saved = find_course(self, state->saved, &step->rig.saved);
	state->prompt = (guint16)values_find(&self->prompts, &step->rig.prompt);
}

/* where the state is, or would be: open addressing, and never more than half full */
static guint32 *
find_place(UcCourseGraph *self, const UcCourseState *state)
{
	guint mask = (1u << self->seen_bits) - 1;
	guint at = hash_bytes(state, sizeof(*state)) & mask;

	while (self->seen[at] != 0 &&
	       memcmp(&get_node(self, self->seen[at] - 1)->state, state, sizeof(*state)) != 0)
		at = (at + 1) & mask;
	return &self->seen[at];
}

static void
grow(UcCourseGraph *self)
{
	g_free(self->seen);
	self->seen_bits++;
	self->seen = g_new0(guint32, (gsize)1 << self->seen_bits);
	for (guint32 i = 0; i < self->n_nodes; i++)
		*find_place(self, &get_node(self, i)->state) = i + 1;
}

static gboolean
is_new(UcCourseGraph *self, const UcCourseState *state)
{
	guint32 *place = NULL;

	if (self->n_nodes >= 1u << (self->seen_bits - 1))
		grow(self);
	place = find_place(self, state);
	if (*place != 0)
		return FALSE;
	*place = self->n_nodes + 1;
	return TRUE;
}

static void
fail(UcCourseGraph *self, const gchar *violation, guint32 index, guint event)
{
	self->violation = violation;
	self->last = index;
	self->last_event = event;
}

static void
check_canon(UcCourseGraph *self, const UcCourseStep *raw, guint32 parent, guint last_event)
{
	guint event = uc_course_canon_check(raw);

	self->checked++;
	if (event == uc_course_events_count())
		return;
	fail(self, "the canonical form is another state", parent, last_event);
	self->event_canon = event;
}

static void
add(UcCourseGraph *self, UcCourseStep *step, guint32 parent, guint event)
{
	const UcCourseStep raw = *step;
	Node *node = NULL;

	pack(self, step);
	if (!is_new(self, &step->state))
		return;
	if (self->n_nodes % BLOCK == 0)
		g_ptr_array_add(self->blocks, g_new(Node, BLOCK));
	node = get_node(self, self->n_nodes++);
	node->state = step->state;
	node->parent = parent;
	node->event = (guint8)event;
	node->depth = event < uc_course_events_count() ? get_node(self, parent)->depth + 1 : 0;
	if (self->n_nodes % CHECK_EVERY == 0)
		check_canon(self, &raw, parent, event);
}

static UcCourseStep
make_step(UcCourseGraph *self)
{
	return (UcCourseStep){.world = self->world,
			      .room = self->room,
			      .policies = self->policies,
			      .rig = {.two_steps = self->world->two_steps,
				      .policy = self->policies[0],
				      .zone = self->zone,
				      .boot_secs = BOOT_SECS}};
}

static void
begin(UcCourseGraph *self)
{
	UcCourseStep step = make_step(self);

	while ((self->world->moments & (1u << step.state.moment)) == 0)
		step.state.moment++;
	step.state.room = self->room->begin;
	uc_course_canon_load(&step);
	uc_course_init(&step.rig.course);
	step.rig.course.discharged = !self->world->factory;
	step.rig.course.restarted = self->world->style == UC_STYLE_PROMPT;
	uc_rig_keep(&step.rig.course, &step.rig.saved);
	uc_room_prompt_init(&step.rig.prompt);
	add(self, &step, 0, uc_course_events_count());
}

static void
follow(UcCourseGraph *self, const UcCourseStep *from, guint32 index, guint event)
{
	UcCourseStep step = *from;

	if (!uc_course_events_happen(&step, event) && step.violation == NULL)
		return;
	self->edges++;
	uc_course_check_state(&step);
	if (step.violation != NULL)
		fail(self, step.violation, index, event);
	else
		add(self, &step, index, event);
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
		UcCourseStep step = make_step(self);

		if (self->n_nodes > max_states)
			return UC_COURSE_NOT_CLOSED;
		step.state = get_node(self, index)->state;
		unpack(self, &step);
		for (guint event = 0; event < uc_course_events_count(); event++) {
			follow(self, &step, index, event);
			if (self->violation != NULL)
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

/**
 * uc_course_graph_count_checked:
 *
 * Returns: for so many states it was found that their canonical form is as good
 */
guint
uc_course_graph_count_checked(const UcCourseGraph *self)
{
	return self->checked;
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
	if (self->event_canon < uc_course_events_count())
		g_ptr_array_add(names, (gpointer)uc_course_events_get_name(self->event_canon));
	g_ptr_array_add(names, (gpointer)uc_course_events_get_name(self->last_event));
	for (; index != 0; index = get_node(self, index)->parent)
		g_ptr_array_add(names,
				(gpointer)uc_course_events_get_name(get_node(self, index)->event));
	for (guint i = names->len; i > 0; i--)
		printf("#   %s\n", (const gchar *)g_ptr_array_index(names, i - 1));
}
