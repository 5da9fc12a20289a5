/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-description.h"
#include "uc-state.h"

void
uc_enrolment_take(UcState *state, const UcDescription *description);
