/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the endpoints of a machine mean for each other, as sums: who decides about one of a thousand
 * does not look at the others.
 */

#include "uc-neighbours.h"

#define UC_NEIGHBOURS_SECS_MAX 86400

struct _UcNeighbours {
	GHashTable *all;      /* endpoint -> UcNeighbour */
	GHashTable *children; /* parent -> how many of its children hold it up */
	gint64 ready_secs;    /* of all that are ready */
	guint trials;
};

static void
uc_neighbours_free_one(UcNeighbour *neighbour)
{
	g_free(neighbour->parent);
	g_free(neighbour);
}

UcNeighbours *
uc_neighbours_new(void)
{
	UcNeighbours *self = g_new0(UcNeighbours, 1);

	self->all = g_hash_table_new_full(g_str_hash,
					  g_str_equal,
					  g_free,
					  (GDestroyNotify)uc_neighbours_free_one);
	self->children = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return self;
}

void
uc_neighbours_free(UcNeighbours *self)
{
	g_hash_table_unref(self->all);
	g_hash_table_unref(self->children);
	g_free(self);
}

/* nobody is a child of itself, whatever its file says */
static gboolean
uc_neighbours_holds_up(const gchar *endpoint, const UcNeighbour *neighbour)
{
	return neighbour->ready && !neighbour->held && neighbour->parent != NULL &&
	       !g_str_equal(neighbour->parent, endpoint);
}

static guint
uc_neighbours_count_children(UcNeighbours *self, const gchar *parent)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(self->children, parent));
}

static void
uc_neighbours_take_off(UcNeighbours *self, const gchar *endpoint, const UcNeighbour *neighbour)
{
	if (neighbour->ready)
		self->ready_secs -= neighbour->duration_secs;
	if (neighbour->on_trial)
		self->trials--;
	if (uc_neighbours_holds_up(endpoint, neighbour))
		g_hash_table_insert(
		    self->children,
		    g_strdup(neighbour->parent),
		    GUINT_TO_POINTER(uc_neighbours_count_children(self, neighbour->parent) - 1));
}

static void
uc_neighbours_put_on(UcNeighbours *self, const gchar *endpoint, const UcNeighbour *neighbour)
{
	if (neighbour->ready)
		self->ready_secs += neighbour->duration_secs;
	if (neighbour->on_trial)
		self->trials++;
	if (uc_neighbours_holds_up(endpoint, neighbour))
		g_hash_table_insert(
		    self->children,
		    g_strdup(neighbour->parent),
		    GUINT_TO_POINTER(uc_neighbours_count_children(self, neighbour->parent) + 1));
}

/**
 * uc_neighbours_set:
 * @endpoint: the `Id` of an endpoint
 * @neighbour: (transfer none): what it is now, in the place of what it was
 */
void
uc_neighbours_set(UcNeighbours *self, const gchar *endpoint, const UcNeighbour *neighbour)
{
	const UcNeighbour *before = g_hash_table_lookup(self->all, endpoint);
	UcNeighbour *copy = NULL;

	if (before != NULL)
		uc_neighbours_take_off(self, endpoint, before);
	uc_neighbours_put_on(self, endpoint, neighbour);
	copy = g_new0(UcNeighbour, 1);
	*copy = *neighbour;
	copy->parent = g_strdup(neighbour->parent);
	g_hash_table_insert(self->all, g_strdup(endpoint), copy);
}

/**
 * uc_neighbours_fill_facts:
 * @endpoint: the `Id` of one that was set
 * @facts: gets room_duration_secs, of all that would be installed with it, and children_pending;
 *   other_update becomes true while one is on trial, because a restart would count as one of its
 *   tries, or end it
 */
void
uc_neighbours_fill_facts(UcNeighbours *self, const gchar *endpoint, UcFacts *facts)
{
	const UcNeighbour *own = g_hash_table_lookup(self->all, endpoint);
	gint64 secs = self->ready_secs;

	if (own != NULL && !own->ready)
		secs += own->duration_secs;
	facts->room_duration_secs = MIN(secs, UC_NEIGHBOURS_SECS_MAX);
	facts->children_pending = uc_neighbours_count_children(self, endpoint) > 0;
	if (self->trials > 0)
		facts->other_update = TRUE;
}
