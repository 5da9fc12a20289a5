/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The same for many things that have nothing to do with each other, on all processors. */

#include "uc-parallel.h"

#define UC_PARALLEL_THREADS_MAX 16

typedef struct {
	GPtrArray *items; /* not owned */
	GFunc func;
	gpointer user_data; /* not owned */
	gint next;	    /* (atomic): index of the next item */
} UcParallel;

static gpointer
uc_parallel_work_cb(gpointer user_data)
{
	UcParallel *self = user_data;
	guint index = 0;

	while ((index = (guint)g_atomic_int_add(&self->next, 1)) < self->items->len)
		self->func(g_ptr_array_index(self->items, index), self->user_data);
	return NULL;
}

/**
 * uc_parallel_for_each:
 * @items: what there is to do
 * @func: called once for each item, in any order and in any thread
 * @user_data: for @func
 *
 * Blocks until all is done. Where no thread can be made the calling one does it alone.
 */
void
uc_parallel_for_each(GPtrArray *items, GFunc func, gpointer user_data)
{
	UcParallel self = {.items = items, .func = func, .user_data = user_data};
	guint count = MIN(MIN(items->len, g_get_num_processors()), UC_PARALLEL_THREADS_MAX);
	GThread *threads[UC_PARALLEL_THREADS_MAX] = {NULL};

	for (guint i = 1; i < count; i++)
		threads[i] = g_thread_try_new("parallel", uc_parallel_work_cb, &self, NULL);
	uc_parallel_work_cb(&self);
	for (guint i = 1; i < count; i++) {
		if (threads[i] != NULL)
			g_thread_join(threads[i]);
	}
}
