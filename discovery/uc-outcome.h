/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * UcOutcome:
 * @UC_OUTCOME_FOUND: there is a service, verified where it was asked for
 * @UC_OUTCOME_NONE: there is surely none: no such name, no data, 404 or 410
 * @UC_OUTCOME_UNREACHABLE: that could not be told: time-out, a server's failure, a wrong clock
 * @UC_OUTCOME_REFUSED: there is something that we refuse: a domain, an address, a certificate, a
 *   signature, a serial, an expiry, another organisation
 *
 * What a discovery came to. They stay apart, because each asks for another act.
 */
typedef enum {
	UC_OUTCOME_FOUND,
	UC_OUTCOME_NONE,
	UC_OUTCOME_UNREACHABLE,
	UC_OUTCOME_REFUSED,
	UC_OUTCOME_LAST
} UcOutcome;

const gchar *
uc_outcome_to_string(UcOutcome outcome);
gint
uc_outcome_to_exit_status(UcOutcome outcome) G_GNUC_WARN_UNUSED_RESULT;
UcOutcome
uc_outcome_from_error(const GError *error) G_GNUC_WARN_UNUSED_RESULT;
UcOutcome
uc_outcome_merge(UcOutcome one, UcOutcome other) G_GNUC_WARN_UNUSED_RESULT;
