/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows of the database as JSON, for `--json` and for what is printed from it. */

#include "uc-statement-json.h"

/**
 * uc_statement_to_json:
 * @statement: (nullable): a query; for %NULL @error is set already
 * @to_json: makes an object of a row
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): all its rows, in their order
 */
JsonArray *
uc_statement_to_json(UcStatement *statement, UcStatementToJson to_json, GError **error)
{
	g_autoptr(JsonArray) array = json_array_new();
	gboolean more = TRUE;

	if (statement == NULL)
		return NULL;
	while (more) {
		if (!uc_statement_next(statement, &more, error))
			return NULL;
		if (more)
			json_array_add_object_element(array, to_json(statement));
	}
	return g_steal_pointer(&array);
}
