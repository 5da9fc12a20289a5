/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-facts.h"

/**
 * UcNeighbour:
 * @parent: (nullable): `Id` of the endpoint that it belongs to
 * @duration_secs: of the install of what is chosen for it, 0 to 86400
 * @on_trial: what was installed runs, and its health is not confirmed yet
 * @ready: about to change what people notice, if nothing but the room stands in the way
 * @held: waits for something of its own, so that it holds nobody up
 *
 * What an endpoint means for the others of its machine.
 */
typedef struct {
	gchar *parent;
	gint64 duration_secs;
	gboolean on_trial;
	gboolean ready;
	gboolean held;
} UcNeighbour;

typedef struct _UcNeighbours UcNeighbours;

UcNeighbours *
uc_neighbours_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_neighbours_free(UcNeighbours *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcNeighbours, uc_neighbours_free)

void
uc_neighbours_set(UcNeighbours *self, const gchar *endpoint, const UcNeighbour *neighbour);
void
uc_neighbours_fill_facts(UcNeighbours *self, const gchar *endpoint, UcFacts *facts);
