/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a machine says of all its endpoints, in as many check-ins as a service takes it in
 * (docs/service-protocol.md, section 5). An endpoint is in one of them, and they stay the same as
 * long as the endpoints say the same, so that a service sees that nothing changed.
 */

#include <string.h>

#include "uc-check-in-parts.h"
#include "uc-json.h"
#include "uc-limits.h"

/* everything but the endpoints */
static JsonObject *
uc_check_in_parts_new_part(JsonObject *check_in)
{
	JsonObject *part = json_object_new();
	JsonObjectIter iter;
	const gchar *member = NULL;
	JsonNode *node = NULL;

	json_object_iter_init_ordered(&iter, check_in);
	while (json_object_iter_next_ordered(&iter, &member, &node)) {
		if (!g_str_equal(member, "endpoints"))
			json_object_set_member(part, member, json_node_copy(node));
	}
	json_object_set_array_member(part, "endpoints", json_array_new());
	return part;
}

static gsize
uc_check_in_parts_measure(JsonObject *object)
{
	g_autofree gchar *text = uc_json_to_text(object, FALSE);

	return strlen(text);
}

/**
 * uc_check_in_parts_new:
 * @check_in: from uc_check_in_new(), with any number of endpoints
 * @left_out: (element-type utf8): gets the ids of the endpoints of which one alone is larger than a
 *   check-in may be; owns them
 *
 * Returns: (transfer full) (element-type JsonObject): check-ins of at most
 *   %UC_LIMIT_CHECKIN_ENDPOINTS endpoints and %UC_LIMIT_CHECKIN_BYTES each, in the order of the
 *   endpoints; none without endpoints
 */
GPtrArray *
uc_check_in_parts_new(JsonObject *check_in, GPtrArray *left_out)
{
	JsonArray *endpoints = json_object_get_array_member(check_in, "endpoints");
	GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
	g_autoptr(JsonObject) empty = uc_check_in_parts_new_part(check_in);
	gsize empty_bytes = uc_check_in_parts_measure(empty);
	gsize size_bytes = G_MAXSIZE;
	JsonArray *part = NULL;

	for (guint i = 0; i < json_array_get_length(endpoints); i++) {
		JsonObject *endpoint = json_array_get_object_element(endpoints, i);
		/* and the comma after it */
		gsize more_bytes = uc_check_in_parts_measure(endpoint) + 1;

		if (empty_bytes + more_bytes > UC_LIMIT_CHECKIN_BYTES) {
			g_ptr_array_add(left_out,
					g_strdup(json_object_get_string_member(endpoint, "id")));
			continue;
		}
		if (part == NULL || json_array_get_length(part) >= UC_LIMIT_CHECKIN_ENDPOINTS ||
		    size_bytes + more_bytes > UC_LIMIT_CHECKIN_BYTES) {
			g_ptr_array_add(parts, uc_check_in_parts_new_part(check_in));
			part =
			    json_object_get_array_member(g_ptr_array_index(parts, parts->len - 1),
							 "endpoints");
			size_bytes = empty_bytes;
		}
		json_array_add_object_element(part, json_object_ref(endpoint));
		size_bytes += more_bytes;
	}
	return parts;
}
