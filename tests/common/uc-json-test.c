/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-json.h"
#include "uc-limits.h"

static JsonObject *
uc_json_test_parse(const gchar *text, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));

	return uc_json_parse_object(bytes, 1024, "test", error);
}

static void
uc_json_test_refused(void)
{
	static const struct {
		const gchar *text;
		UcError code;
		const gchar *message;
	} table[] = {
	    {"", UC_ERROR_INVALID, "test is empty"},
	    {"[]", UC_ERROR_INVALID, "test is not a JSON object"},
	    {"\"x\"", UC_ERROR_INVALID, "test is not a JSON object"},
	    {"{\"a\":", UC_ERROR_INVALID, "test is not JSON; see line 1, near character 5"},
	    {"{\"a\":1} x", UC_ERROR_INVALID, "test is not JSON; see line 1, near character 9"},
	    {"{\"a\":\"\xff\"}", UC_ERROR_INVALID, "test is not UTF-8 text"},
	    {"{\"a\":\"x\\ud800y\"}", UC_ERROR_INVALID, "test has an escape that stands for no*"},
	    {"{\"a\":\"\\ud83d\\u0041\"}", UC_ERROR_INVALID, "test has an escape that*"},
	    {"{\"a\":\"\\udc00\\ud800\"}", UC_ERROR_INVALID, "test has an escape that*"},
	    {"{\"a\":\"\\ud83d\"}", UC_ERROR_INVALID, "test has an escape that*"},
	    {"{\"a\":\"A\\u0000B\"}", UC_ERROR_INVALID, "test has an escape that*"},
	    {"{\"\\udfff\":1}", UC_ERROR_INVALID, "test has an escape that*"},
	    {"{\"a\":\"\\u12\"}", UC_ERROR_INVALID, "test *"},
	    {"{\"a\":\"\\", UC_ERROR_INVALID, "test is not JSON*"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) object = uc_json_test_parse(table[i].text, &error);

		g_assert_error(error, UC_ERROR, (gint)table[i].code);
		g_assert_true(g_pattern_match_simple(table[i].message, error->message));
		g_assert_null(object);
	}
}

/* what two escapes stand for together, and what only looks like one */
static void
uc_json_test_escapes(void)
{
	static const struct {
		const gchar *text;
		const gchar *value;
	} table[] = {
	    {"{\"a\":\"\\ud83d\\ude00!\"}", "\xf0\x9f\x98\x80!"},
	    {"{\"a\":\"\\u00e4\\uFFFD\"}", "\xc3\xa4\xef\xbf\xbd"},
	    {"{\"a\":\"\\\\ud800\"}", "\\ud800"},
	    {"{\"a\":\"\\\"\\\\\"}", "\"\\"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) object = uc_json_test_parse(table[i].text, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(json_object_get_string_member(object, "a"), ==, table[i].value);
	}
}

static void
uc_json_test_limits(void)
{
	g_autoptr(GString) deep = g_string_new("{\"a\":");
	g_autoptr(GString) brackets = g_string_new("{\"a\":\"");
	g_autofree gchar *large = g_strnfill(1025, ' ');
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < UC_LIMIT_JSON_DEPTH; i++)
		g_string_append_c(deep, '[');
	for (guint i = 0; i < UC_LIMIT_JSON_DEPTH; i++)
		g_string_append_c(deep, ']');
	g_string_append_c(deep, '}');
	g_assert_null(uc_json_test_parse(deep->str, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);

	/* one level less is what the limit allows */
	g_string_erase(deep, 5, 1);
	g_string_erase(deep, (gssize)deep->len - 2, 1);
	object = uc_json_test_parse(deep->str, &error);
	g_assert_no_error(error);
	g_clear_pointer(&object, json_object_unref);

	/* brackets inside a string are text, also after an escaped quote */
	for (guint i = 0; i < 2 * UC_LIMIT_JSON_DEPTH; i++)
		g_string_append(brackets, "\\\"[");
	g_string_append(brackets, "\"}");
	object = uc_json_test_parse(brackets->str, &error);
	g_assert_no_error(error);
	g_assert_nonnull(object);

	g_assert_null(uc_json_test_parse(large, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
}

static void
uc_json_test_absent_present_invalid(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object =
	    uc_json_test_parse("{\"s\":\"text\",\"n\":5,\"z\":null,\"b\":true}", &error);
	const gchar *text = "default";
	gint64 number = 7;

	g_assert_no_error(error);
	g_assert_true(uc_json_get_string(object, "no", UC_JSON_OPTIONAL, 9, &text, &error));
	g_assert_true(uc_json_get_string(object, "z", UC_JSON_OPTIONAL, 9, &text, &error));
	g_assert_cmpstr(text, ==, "default");
	g_assert_false(uc_json_get_string(object, "no", UC_JSON_REQUIRED, 9, &text, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_false(uc_json_get_string(object, "n", UC_JSON_OPTIONAL, 9, &text, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_false(uc_json_get_string(object, "s", UC_JSON_OPTIONAL, 3, &text, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	g_assert_true(uc_json_get_string(object, "s", UC_JSON_REQUIRED, 4, &text, &error));
	g_assert_cmpstr(text, ==, "text");

	g_assert_false(uc_json_get_int64(object, "n", UC_JSON_REQUIRED, 6, 9, &number, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_false(uc_json_get_int64(object, "b", UC_JSON_REQUIRED, 0, 9, &number, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_assert_cmpint(number, ==, 7);
	g_clear_error(&error);
	g_assert_true(uc_json_get_int64(object, "n", UC_JSON_REQUIRED, 5, 5, &number, &error));
	g_assert_cmpint(number, ==, 5);
}

static void
uc_json_test_times(void)
{
	static const gchar *const wrong[] = {"{\"t\":\"2026-11-21\"}",
					     "{\"t\":\"2026-11-21T18:53:00\"}",
					     "{\"t\":\"2026-13-21T18:53:00Z\"}",
					     "{\"t\":1795287180}"};
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error = NULL;
	gint64 secs = 0;

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(JsonObject) bad = uc_json_test_parse(wrong[i], NULL);

		g_assert_false(uc_json_get_time(bad, "t", UC_JSON_REQUIRED, &secs, &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_clear_error(&error);
	}
	uc_json_set_time(object, "t", 1795287180);
	g_assert_cmpstr(json_object_get_string_member(object, "t"), ==, "2026-11-21T18:53:00Z");
	g_assert_true(uc_json_get_time(object, "t", UC_JSON_REQUIRED, &secs, &error));
	g_assert_cmpint(secs, ==, 1795287180);
}

static void
uc_json_test_strv(void)
{
	g_autoptr(JsonObject) object =
	    uc_json_test_parse("{\"v\":[\"a\",\"b\"],\"w\":[\"a\",1]}", NULL);
	g_auto(GStrv) values = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_false(uc_json_get_strv(object, "v", UC_JSON_REQUIRED, 1, 9, &values, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_LIMIT);
	g_clear_error(&error);
	g_assert_false(uc_json_get_strv(object, "w", UC_JSON_REQUIRED, 2, 9, &values, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_true(uc_json_get_strv(object, "v", UC_JSON_REQUIRED, 2, 9, &values, &error));
	g_assert_cmpuint(g_strv_length(values), ==, 2);
	g_assert_cmpstr(values[1], ==, "b");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json/refused", uc_json_test_refused);
	g_test_add_func("/json/escapes", uc_json_test_escapes);
	g_test_add_func("/json/limits", uc_json_test_limits);
	g_test_add_func("/json/absent-present-invalid", uc_json_test_absent_present_invalid);
	g_test_add_func("/json/times", uc_json_test_times);
	g_test_add_func("/json/strv", uc_json_test_strv);
	return g_test_run();
}
