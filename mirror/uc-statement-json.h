/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-database.h"

/**
 * UcStatementToJson:
 *
 * Returns: (transfer full): the present row
 */
typedef JsonObject *(*UcStatementToJson)(UcStatement *row);

JsonArray *
uc_statement_to_json(UcStatement *statement,
		     UcStatementToJson to_json,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
