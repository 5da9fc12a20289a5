/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "uc-database.h"

void
uc_server_post_checkin(SoupServerMessage *message, UcDatabase *database);
void
uc_server_post_report(SoupServerMessage *message, UcDatabase *database);
