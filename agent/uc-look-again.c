/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-look-again.h"

/**
 * uc_look_again_note:
 * @network: (nullable): where it was looked; %NULL leaves what is known
 * @ttl_secs: for how long what DNS said holds, in seconds; 0 when it was not asked, which leaves
 *   what it said before
 * @is_none: whether the look ended with that there is no service
 * @now_secs: the present, seconds since the Unix epoch
 */
void
uc_look_again_note(UcLookAgain *self,
		   const gchar *network,
		   guint32 ttl_secs,
		   gboolean is_none,
		   gint64 now_secs)
{
	if (network != NULL) {
		g_free(self->network);
		self->network = g_strdup(network);
	}
	if (ttl_secs > 0)
		self->ask_again_secs = now_secs + ttl_secs;
	self->none_until_secs = ttl_secs > 0 && is_none ? self->ask_again_secs : 0;
}

/**
 * uc_look_again_expire:
 *
 * What DNS said does not hold any more, because the network is another one.
 */
void
uc_look_again_expire(UcLookAgain *self)
{
	self->ask_again_secs = 1;
	self->none_until_secs = 0;
}

void
uc_look_again_clear(UcLookAgain *self)
{
	g_clear_pointer(&self->network, g_free);
	self->ask_again_secs = 0;
	self->none_until_secs = 0;
}
