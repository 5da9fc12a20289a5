/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-facts.h"

void
uc_power_fill_facts(const gchar *directory, UcFacts *facts);
