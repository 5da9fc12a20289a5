/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"

#define UC_JSON_ESCAPE_BYTES 6 /* of `\uXXXX` */

/* the number of `\uXXXX`; 0 too for what is none, which json-glib refuses by itself */
static gunichar
uc_json_read_escape(const gchar *text, gsize size_bytes)
{
	gunichar value = 0;

	if (size_bytes < UC_JSON_ESCAPE_BYTES || text[0] != '\\' || text[1] != 'u')
		return 0;
	for (guint i = 2; i < UC_JSON_ESCAPE_BYTES; i++) {
		if (!g_ascii_isxdigit(text[i]))
			return 0;
		value = value * 16 + (gunichar)g_ascii_xdigit_value(text[i]);
	}
	return value;
}

/* One half of a pair of surrogates is no character, and json-glib makes no UTF-8 of it; a zero
 * would cut off the rest of the text (RFC 8259, sections 8.2 and 9). */
static gboolean
uc_json_check_escape(const gchar *text, gsize size_bytes, gsize *end_out)
{
	gunichar first = uc_json_read_escape(text, size_bytes);
	gunichar second = 0;

	*end_out = 2;
	if (size_bytes < 2 || text[1] != 'u')
		return TRUE;
	if (first < 0xd800 || first > 0xdfff)
		return first != 0;
	*end_out = 2 * UC_JSON_ESCAPE_BYTES;
	if (size_bytes > UC_JSON_ESCAPE_BYTES)
		second = uc_json_read_escape(text + UC_JSON_ESCAPE_BYTES,
					     size_bytes - UC_JSON_ESCAPE_BYTES);
	return first < 0xdc00 && second >= 0xdc00 && second <= 0xdfff;
}

/* (out) @end_out: where the string that begins at @text ends, behind its quotation mark */
static gboolean
uc_json_check_string(const gchar *text,
		     gsize size_bytes,
		     const gchar *what,
		     gsize *end_out,
		     GError **error)
{
	gsize i = 1;

	while (i < size_bytes && text[i] != '"') {
		gsize length = 1;

		if (text[i] == '\\' && !uc_json_check_escape(text + i, size_bytes - i, &length)) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "%s has an escape that stands for no character of a text",
				    what);
			return FALSE;
		}
		i += length;
	}
	*end_out = MIN(i + 1, size_bytes);
	return TRUE;
}

/* json-glib recurses for every level, so the depth is counted before it gets the text */
static gboolean
uc_json_check_depth(const gchar *text, gsize size_bytes, const gchar *what, GError **error)
{
	guint depth = 0;

	for (gsize i = 0; i < size_bytes; i++) {
		gsize length = 1;

		if (text[i] == '"') {
			if (!uc_json_check_string(text + i, size_bytes - i, what, &length, error))
				return FALSE;
			i += length - 1;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > UC_LIMIT_JSON_DEPTH) {
				g_set_error(error,
					    UC_ERROR,
					    UC_ERROR_LIMIT,
					    "%s is nested more than %d levels deep",
					    what,
					    UC_LIMIT_JSON_DEPTH);
				return FALSE;
			}
		} else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return TRUE;
}

static gboolean
uc_json_check_text(const gchar *text,
		   gsize size_bytes,
		   gsize max_bytes,
		   const gchar *what,
		   GError **error)
{
	if (size_bytes > max_bytes) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%s has %" G_GSIZE_FORMAT " bytes, expected at most %" G_GSIZE_FORMAT,
			    what,
			    size_bytes,
			    max_bytes);
		return FALSE;
	}
	if (!g_utf8_validate_len(text, size_bytes, NULL)) {
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s is not UTF-8 text", what);
		return FALSE;
	}
	return uc_json_check_depth(text, size_bytes, what, error);
}

/* json-glib begins with "<data>:LINE:COLUMN: "; what follows are a scanner's words, not for people
 */
static void
uc_json_set_error_syntax(const gchar *message, const gchar *what, GError **error)
{
	guint line = 0;
	guint column = 0;

	if (sscanf(message, "<data>:%u:%u:", &line, &column) == 2)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "%s is not JSON; see line %u, near character %u",
			    what,
			    line,
			    column);
	else
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s is not JSON: %s", what, message);
}

/**
 * uc_json_parse_object:
 * @bytes: JSON text
 * @max_bytes: refuse a longer text
 * @what: what it is, for messages
 * @error: set to %UC_ERROR_LIMIT or %UC_ERROR_INVALID
 *
 * Every text in what it returns is UTF-8, and whole.
 *
 * Returns: (transfer full): the object at the top, or %NULL
 */
JsonObject *
uc_json_parse_object(GBytes *bytes, gsize max_bytes, const gchar *what, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	g_autoptr(GError) error_parse = NULL;
	gsize size_bytes = 0;
	const gchar *text = g_bytes_get_data(bytes, &size_bytes);

	if (size_bytes == 0) {
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s is empty", what);
		return NULL;
	}
	if (!uc_json_check_text(text, size_bytes, max_bytes, what, error))
		return NULL;
	if (!json_parser_load_from_data(parser, text, (gssize)size_bytes, &error_parse)) {
		uc_json_set_error_syntax(error_parse->message, what, error);
		return NULL;
	}
	if (json_parser_get_root(parser) == NULL ||
	    !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser))) {
		g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "%s is not a JSON object", what);
		return NULL;
	}
	return json_object_ref(json_node_get_object(json_parser_get_root(parser)));
}

/* absent, present and invalid stay three results: FALSE is invalid, a NULL node is absent */
static gboolean
uc_json_get_node(JsonObject *object,
		 const gchar *member,
		 UcJsonNeed need,
		 JsonNode **node_out,
		 GError **error)
{
	JsonNode *node = json_object_get_member(object, member);

	*node_out = NULL;
	if (node != NULL && !JSON_NODE_HOLDS_NULL(node)) {
		*node_out = node;
		return TRUE;
	}
	if (need == UC_JSON_OPTIONAL)
		return TRUE;
	g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "member '%s' is missing", member);
	return FALSE;
}

static gboolean
uc_json_fail_type(const gchar *member, const gchar *expected, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member '%s' is not %s as expected",
		    member,
		    expected);
	return FALSE;
}

static gboolean
uc_json_node_to_string(JsonNode *node,
		       const gchar *member,
		       gsize max_bytes,
		       const gchar **value_out,
		       GError **error)
{
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return uc_json_fail_type(member, "a string", error);
	if (strlen(json_node_get_string(node)) > max_bytes) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "member '%s' is longer than %" G_GSIZE_FORMAT " bytes",
			    member,
			    max_bytes);
		return FALSE;
	}
	*value_out = json_node_get_string(node);
	return TRUE;
}

/**
 * uc_json_get_string:
 * @object: an object
 * @member: name of a member
 * @need: whether it must be there
 * @max_bytes: refuse a longer string
 * @value_out: (out) (transfer none): the string; unchanged when absent
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: %FALSE when it is missing though required, or not such a string
 */
gboolean
uc_json_get_string(JsonObject *object,
		   const gchar *member,
		   UcJsonNeed need,
		   gsize max_bytes,
		   const gchar **value_out,
		   GError **error)
{
	JsonNode *node = NULL;

	if (!uc_json_get_node(object, member, need, &node, error))
		return FALSE;
	return node == NULL || uc_json_node_to_string(node, member, max_bytes, value_out, error);
}

/**
 * uc_json_get_int64:
 * @object: an object
 * @member: name of a member
 * @need: whether it must be there
 * @min: lowest value that is accepted
 * @max: highest value that is accepted
 * @value_out: (out): the number; unchanged when absent
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: %FALSE when it is missing though required, or not such a number
 */
gboolean
uc_json_get_int64(JsonObject *object,
		  const gchar *member,
		  UcJsonNeed need,
		  gint64 min,
		  gint64 max,
		  gint64 *value_out,
		  GError **error)
{
	JsonNode *node = NULL;
	gint64 value = 0;

	if (!uc_json_get_node(object, member, need, &node, error))
		return FALSE;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
		return uc_json_fail_type(member, "a whole number", error);
	value = json_node_get_int(node);
	if (value < min || value > max) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "member '%s' is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
			    " to %" G_GINT64_FORMAT,
			    member,
			    value,
			    min,
			    max);
		return FALSE;
	}
	*value_out = value;
	return TRUE;
}

gboolean
uc_json_get_boolean(JsonObject *object,
		    const gchar *member,
		    UcJsonNeed need,
		    gboolean *value_out,
		    GError **error)
{
	JsonNode *node = NULL;

	if (!uc_json_get_node(object, member, need, &node, error))
		return FALSE;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN)
		return uc_json_fail_type(member, "true or false", error);
	*value_out = json_node_get_boolean(node);
	return TRUE;
}

/**
 * uc_json_get_object:
 * @value_out: (out) (transfer none): the object, which lives as long as @object
 */
gboolean
uc_json_get_object(JsonObject *object,
		   const gchar *member,
		   UcJsonNeed need,
		   JsonObject **value_out,
		   GError **error)
{
	JsonNode *node = NULL;

	if (!uc_json_get_node(object, member, need, &node, error))
		return FALSE;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return uc_json_fail_type(member, "an object", error);
	*value_out = json_node_get_object(node);
	return TRUE;
}

/**
 * uc_json_get_array:
 * @max_elements: refuse a longer array
 * @value_out: (out) (transfer none): the array, which lives as long as @object
 */
gboolean
uc_json_get_array(JsonObject *object,
		  const gchar *member,
		  UcJsonNeed need,
		  guint max_elements,
		  JsonArray **value_out,
		  GError **error)
{
	JsonNode *node = NULL;

	if (!uc_json_get_node(object, member, need, &node, error))
		return FALSE;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_ARRAY(node))
		return uc_json_fail_type(member, "an array", error);
	if (json_array_get_length(json_node_get_array(node)) > max_elements) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "member '%s' has more than %u elements",
			    member,
			    max_elements);
		return FALSE;
	}
	*value_out = json_node_get_array(node);
	return TRUE;
}

/**
 * uc_json_array_get_object:
 * @what: what the elements are, for messages
 *
 * Returns: (transfer none): the element, or %NULL with %UC_ERROR_INVALID
 */
JsonObject *
uc_json_array_get_object(JsonArray *array, guint index, const gchar *what, GError **error)
{
	JsonNode *node = json_array_get_element(array, index);

	if (JSON_NODE_HOLDS_OBJECT(node))
		return json_node_get_object(node);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "element %u of '%s' is not an object as expected",
		    index,
		    what);
	return NULL;
}

/**
 * uc_json_get_strv:
 * @max_elements: refuse a longer array
 * @max_bytes: refuse a longer string in it
 * @values_out: (out) (transfer full): the strings; unchanged when absent
 */
gboolean
uc_json_get_strv(JsonObject *object,
		 const gchar *member,
		 UcJsonNeed need,
		 guint max_elements,
		 gsize max_bytes,
		 GStrv *values_out,
		 GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	JsonArray *array = NULL;

	if (!uc_json_get_array(object, member, need, max_elements, &array, error))
		return FALSE;
	if (array == NULL)
		return TRUE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);
		const gchar *value = NULL;

		if (!uc_json_node_to_string(node, member, max_bytes, &value, error))
			return FALSE;
		g_strv_builder_add(builder, value);
	}
	g_strfreev(*values_out);
	*values_out = g_strv_builder_end(builder);
	return TRUE;
}

/**
 * uc_json_get_time:
 * @secs_out: (out): seconds since the Unix epoch; unchanged when absent
 *
 * Reads an RFC 3339 time such as `2026-11-21T18:53:00Z`.
 */
gboolean
uc_json_get_time(JsonObject *object,
		 const gchar *member,
		 UcJsonNeed need,
		 gint64 *secs_out,
		 GError **error)
{
	g_autoptr(GDateTime) time = NULL;
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member, need, UC_LIMIT_STRING_BYTES, &text, error))
		return FALSE;
	if (text == NULL)
		return TRUE;
	time = g_date_time_new_from_iso8601(text, NULL);
	if (time == NULL)
		return uc_json_fail_type(member, "an RFC 3339 time", error);
	*secs_out = g_date_time_to_unix(time);
	return TRUE;
}

/**
 * uc_json_set_time:
 * @secs: seconds since the Unix epoch, in the years 1 to 9999
 *
 * Writes an RFC 3339 time in UTC.
 */
void
uc_json_set_time(JsonObject *object, const gchar *member, gint64 secs)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(secs);
	g_autofree gchar *text = NULL;

	g_return_if_fail(time != NULL);
	text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
	json_object_set_string_member(object, member, text);
}

/**
 * uc_json_to_text:
 * @pretty: for people rather than for the wire
 *
 * Returns: (transfer full): the text, without a newline at the end
 */
gchar *
uc_json_to_text(JsonObject *object, gboolean pretty)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);

	json_generator_set_root(generator, node);
	json_generator_set_pretty(generator, pretty);
	return json_generator_to_data(generator, NULL);
}

/**
 * uc_json_to_bytes:
 * @pretty: for people rather than for the wire
 *
 * Returns: (transfer full): the same as uc_json_to_text()
 */
GBytes *
uc_json_to_bytes(JsonObject *object, gboolean pretty)
{
	gchar *text = uc_json_to_text(object, pretty);

	return g_bytes_new_take(text, strlen(text));
}
