/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-policy.h"

guint64
uc_rollout_hash(const gchar *text, guint64 salt) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_rollout_get_secs(const UcPolicy *policy,
		    const gchar *endpoint,
		    const gchar *version) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_rollout_reaches(const UcPolicy *policy,
		   const gchar *endpoint,
		   const gchar *version,
		   gint64 now_secs) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_rollout_get_next_secs(const UcPolicy *policy,
			 const gchar *endpoint,
			 const gchar *version,
			 gint64 now_secs) G_GNUC_WARN_UNUSED_RESULT;
