/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcLookAgain:
 * @network: (nullable): key of the network that the service was looked for in last
 * @ask_again_secs: until when what DNS said there holds, seconds since the Unix epoch; 0 for
 *   unknown
 * @none_until_secs: until when it holds that there is no service, seconds since the Unix epoch; 0
 *   when the last look did not end with that
 *
 * For how long, and where, what DNS said counts. All zero at first.
 */
typedef struct {
	gchar *network;
	gint64 ask_again_secs;
	gint64 none_until_secs;
} UcLookAgain;

void
uc_look_again_note(UcLookAgain *self,
		   const gchar *network,
		   guint32 ttl_secs,
		   gboolean is_none,
		   gint64 now_secs);
void
uc_look_again_expire(UcLookAgain *self);
void
uc_look_again_clear(UcLookAgain *self);
