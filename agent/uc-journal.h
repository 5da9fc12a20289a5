/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

const gchar *
uc_journal_get_id(const gchar *event) G_GNUC_WARN_UNUSED_RESULT;
void
uc_journal_log(const gchar *event,
	       const gchar *endpoint,
	       const gchar *version,
	       const gchar *message);
