/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-description.h"
#include "uc-error.h"

#define SHA    "0000000000000000000000000000000000000000000000000000000000000000"
#define FILE_1 "{'path':'a/b.xml','size_bytes':5,'sha256':'" SHA "'}"
#define REMOTE                                                        \
	"{'id':'ucupdates','metadata':" FILE_1 ",'signature':" FILE_1 \
	",'firmware_base_path':'cabs/'}"
#define GOOD                                                   \
	"{'domains':['room.example','b.example'],"             \
	"'internal_url':'https://ucupdates-r2.room.example/'," \
	"'external_url':'https://updates.example.org:8443/',"  \
	"'policy':" FILE_1 ",'remotes':[" REMOTE "],"          \
	"'checkin_path':'v1/check-in','reports_path':'v1/report'}"

/* parses GOOD with the first @from in it replaced */
static UcDescription *
uc_description_test_parse(const gchar *from, const gchar *to, GError **error)
{
	g_autoptr(GString) text = g_string_new(GOOD);
	g_autoptr(GBytes) bytes = NULL;
	UcDocument document = {.organisation = (gchar *)"room.example", .serial = 7};
	UcDescription *description = NULL;

	if (from != NULL)
		g_assert_cmpuint(g_string_replace(text, from, to, 1), ==, 1);
	g_string_replace(text, "'", "\"", 0);
	bytes = g_bytes_new(text->str, text->len);
	document.body = uc_json_parse_object(bytes, 65536, "test", error);
	g_assert_nonnull(document.body);
	description = uc_description_parse(&document, error);
	json_object_unref(document.body);
	return description;
}

static void
uc_description_test_refused(void)
{
	static const struct {
		const gchar *from;
		const gchar *to;
		UcError code;
		const gchar *message;
	} table[] = {
	    {"'domains'", "'x'", UC_ERROR_INVALID, "*'domains' is missing"},
	    {"'b.example'", "5", UC_ERROR_INVALID, "*'domains'*"},
	    {"'internal_url'", "'x'", UC_ERROR_INVALID, "*'internal_url' is missing"},
	    {"https://ucupdates", "http://ucupdates", UC_ERROR_INVALID, "*'internal_url'*"},
	    {"room.example/'", "room.example'", UC_ERROR_INVALID, "*'internal_url'*"},
	    {"room.example/'", "room.example/x'", UC_ERROR_INVALID, "*'internal_url'*"},
	    {"room.example/'", "room.example/?x'", UC_ERROR_INVALID, "*'internal_url'*"},
	    {"https://ucupdates", "https://me@ucupdates", UC_ERROR_INVALID, "*'internal_url'*"},
	    {"https://updates", "ftp://updates", UC_ERROR_INVALID, "*'external_url'*"},
	    {"'policy'", "'x'", UC_ERROR_INVALID, "*'policy' is missing"},
	    {"'a/b.xml'", "'/a/b.xml'", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'a/b.xml'", "'../b.xml'", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'a/b.xml'", "'a/../../b'", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'a/b.xml'", "'a//b'", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'a/b.xml'", "'a%2e%2e'", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'a/b.xml'", "'a?b'", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'a/b.xml'", "''", UC_ERROR_INVALID, "*'policy': member 'path'*"},
	    {"'size_bytes':5", "'size_bytes':0", UC_ERROR_INVALID, "*'size_bytes' is 0*"},
	    {"'size_bytes':5", "'size_bytes':99999999", UC_ERROR_INVALID, "*'size_bytes'*"},
	    {"'" SHA, "'A" SHA, UC_ERROR_LIMIT, "*'sha256'*"},
	    {"'00", "'0G", UC_ERROR_INVALID, "*'sha256'*hexadecimal*"},
	    {"'id':'ucupdates'", "'id':'lvfs'", UC_ERROR_INVALID, "*element 0 of 'remotes': *"},
	    {"[" REMOTE "]", "[5]", UC_ERROR_INVALID, "*element 0 of 'remotes'*"},
	    {"[" REMOTE "]", "[1,2,3,4,5]", UC_ERROR_LIMIT, "*'remotes'*"},
	    {"'cabs/'", "'/cabs/'", UC_ERROR_INVALID, "*'firmware_base_path'*"},
	    {"'v1/check-in'", "'//evil.example/'", UC_ERROR_INVALID, "*'checkin_path'*"},
	    {"'reports_path'", "'x'", UC_ERROR_INVALID, "*'reports_path' is missing"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcDescription) description =
		    uc_description_test_parse(table[i].from, table[i].to, &error);

		g_test_message("%s -> %s", table[i].from, table[i].to);
		g_assert_null(description);
		g_assert_error(error, UC_ERROR, (gint)table[i].code);
		if (!g_pattern_match_simple(table[i].message, error->message))
			g_error("row %u: %s", i, error->message);
	}
}

static void
uc_description_test_parsed(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDescription) description = uc_description_test_parse(NULL, NULL, &error);
	const UcDescriptionRemote *remote = NULL;

	g_assert_no_error(error);
	g_assert_cmpstr(description->organisation, ==, "room.example");
	g_assert_cmpint(description->serial, ==, 7);
	g_assert_cmpstr(description->external_url, ==, "https://updates.example.org:8443/");
	g_assert_cmpuint(description->policy->size_bytes, ==, 5);
	g_assert_cmpstr(description->checkin_path, ==, "v1/check-in");
	remote = uc_description_find_remote(description, "ucupdates");
	g_assert_nonnull(remote);
	g_assert_cmpstr(remote->signature->path, ==, "a/b.xml");
	g_assert_null(uc_description_find_remote(description, "ucupdates-testing"));
}

static void
uc_description_test_optional(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDescription) description =
	    uc_description_test_parse("'external_url'", "'unknown'", &error);

	g_assert_no_error(error);
	g_assert_null(description->external_url);
}

static void
uc_description_test_domain(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDescription) description = uc_description_test_parse(NULL, NULL, &error);

	g_assert_no_error(error);
	g_assert_false(uc_description_check_domain(description, "c.room.example", &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_true(uc_description_check_domain(description, "b.example", &error));
	g_assert_no_error(error);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/description/refused", uc_description_test_refused);
	g_test_add_func("/description/parsed", uc_description_test_parsed);
	g_test_add_func("/description/optional", uc_description_test_optional);
	g_test_add_func("/description/domain", uc_description_test_domain);
	return g_test_run();
}
