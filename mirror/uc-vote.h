/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-database.h"
#include "uc-report.h"
#include "uc-rules.h"

gboolean
uc_vote_offer(UcDatabase *database,
	      const UcCheckinEndpoint *endpoint,
	      gint64 package,
	      gint64 now_secs,
	      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_vote_add(UcDatabase *database,
	    const UcReport *report,
	    gint64 now_secs,
	    gboolean *counted_out,
	    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_vote_is_halting(UcDatabase *database,
		   const UcRules *rules,
		   gboolean *halting_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_vote_halt(UcDatabase *database,
	     const UcRules *rules,
	     gint64 now_secs,
	     guint *halted_out,
	     GError **error) G_GNUC_WARN_UNUSED_RESULT;
