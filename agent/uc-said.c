/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was warned about already, of what is looked at again and again: as long as it stays so, it
 * is said once. */

#include "uc-said.h"

struct _UcSaid {
	GHashTable *before; /* sentences of the last round */
	GHashTable *now;    /* and of this one */
};

UcSaid *
uc_said_new(void)
{
	UcSaid *self = g_new0(UcSaid, 1);

	self->before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->now = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return self;
}

void
uc_said_free(UcSaid *self)
{
	g_hash_table_unref(self->before);
	g_hash_table_unref(self->now);
	g_free(self);
}

/**
 * uc_said_begin:
 *
 * Everything is looked at again; what is not said in this round is new in the next one.
 */
void
uc_said_begin(UcSaid *self)
{
	g_hash_table_unref(self->before);
	self->before = g_steal_pointer(&self->now);
	self->now = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * uc_said_warn:
 * @self: (nullable): %NULL warns in any case
 * @text: a sentence
 *
 * Warns, unless that was said in this round or the last one.
 */
void
uc_said_warn(UcSaid *self, const gchar *text)
{
	if (self == NULL ||
	    (!g_hash_table_contains(self->before, text) && !g_hash_table_contains(self->now, text)))
		g_warning("%s", text);
	if (self != NULL)
		(void)g_hash_table_add(self->now, g_strdup(text));
}
