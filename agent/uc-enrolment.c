/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-enrolment.h"
#include "uc-names.h"

/**
 * uc_enrolment_take:
 * @description: verified
 *
 * From now on this is an endpoint of that organisation, and nothing older than that counts. Not
 * durable before uc_state_save().
 */
void
uc_enrolment_take(UcState *state, const UcDescription *description)
{
	uc_state_set_enrolment(state,
			       description->organisation,
			       (const gchar *const *)description->domains,
			       description->external_url);
	uc_state_add_serial(state, UC_DOCUMENT_SERVICE, description->serial);
	uc_state_add_issued(state, description->issued_secs);
}
