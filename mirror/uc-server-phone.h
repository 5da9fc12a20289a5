/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "uc-intake.h"

void
uc_server_phone_note(SoupServerMessage *message, const gchar *path, UcIntake *intake);
