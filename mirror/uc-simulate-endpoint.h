/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-checkin.h"
#include "uc-offer.h"
#include "uc-policy.h"
#include "uc-simulate.h"

/**
 * UcSimulatedCourse:
 * @download_secs: when the endpoint fetches the release, seconds since the Unix epoch; -1 for never
 * @done_secs: when it runs it; -1 for not within the days
 */
typedef struct {
	gint64 download_secs;
	gint64 done_secs;
} UcSimulatedCourse;

void
uc_simulate_endpoint(const UcSimulation *simulation,
		     const UcPolicy *policies,
		     const UcCheckinEndpoint *endpoint,
		     const UcOffer *offer,
		     UcSimulatedCourse *course_out);
