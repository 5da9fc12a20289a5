/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-checkin.h"
#include "uc-error.h"
#include "uc-report.h"

#define HEAD	"{\"format\":\"ucupdates-checkin-1\","
#define MACHINE "\"machine_id\":\"" HEX64 "\","
#define HEX64	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UUID	"\"uuid\":\"0A8C3B5E-3C5B-4C8E-9A54-5E9B2C1D0F00\","
#define REPORT	"{\"format\":\"ucupdates-report-1\","
#define WHO	"\"endpoint\":{\"vendor\":\"acme\",\"serial\":\"1\"},"

static GBytes *
bytes(const gchar *text)
{
	return g_bytes_new_static(text, strlen(text));
}

static void
test_checkin_refuses(void)
{
	const struct {
		const gchar *text;
		gint code;
	} cases[] = {
	    {"", UC_ERROR_INVALID},
	    {"[]", UC_ERROR_INVALID},
	    {"{}", UC_ERROR_INVALID},
	    {"{\"format\":\"ucupdates-checkin-2\",\"endpoints\":[]}", UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[]}", UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":{}}", UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[1]}", UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[{\"vendor\":\"acme\"}]}", UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[{\"vendor\":\"acme\",\"model\":\"m\"}]}", UC_ERROR_INVALID},
	    {HEAD "\"machine_id\":\"x\",\"endpoints\":[{\"vendor\":\"a\",\"model\":\"m\","
		  "\"serial\":\"1\"}]}",
	     UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[{\"vendor\":\"a\",\"model\":\"m\",\"serial\":1}]}",
	     UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[{\"vendor\":\"a\",\"model\":\"m\",\"serial\":\"1\","
		  "\"locale\":[]}]}",
	     UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[{\"vendor\":\"a\",\"model\":\"m\",\"serial\":\"1\","
		  "\"guids\":[\"x\"]}]}",
	     UC_ERROR_INVALID},
	    {HEAD "\"endpoints\":[{\"vendor\":\"a\",\"model\":\"m\",\"serial\":\"1\","
		  "\"modules\":[{\"version\":2}]}]}",
	     UC_ERROR_INVALID},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) body = bytes(cases[i].text);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcCheckin) checkin = uc_checkin_parse(body, &error);

		g_test_message("%s", error != NULL ? error->message : cases[i].text);
		g_assert_null(checkin);
		g_assert_error(error, UC_ERROR, cases[i].code);
	}
}

/* docs/service-protocol.md, section 5: vendor and serial, vendor and MAC, machine and id */
static void
test_checkin_identity(void)
{
	const struct {
		const gchar *text;
		const gchar *identity;
	} cases[] = {
	    {"\"vendor\":\"Acme\",\"serial\":\"S1\",\"mac_address\":\"00:04:F2:00:00:01\"",
	     "serial/acme/S1"},
	    {"\"vendor\":\"Acme\",\"mac_address\":\"00:04:F2:00:00:01\"",
	     "mac/acme/00:04:f2:00:00:01"},
	    {"\"vendor\":\"Acme\",\"id\":\"codec\"", "machine/" HEX64 "/codec"},
	    {"\"vendor\":\"a/b\",\"serial\":\"c\"", "serial/a%2Fb/c"},
	    {"\"vendor\":\"a\",\"serial\":\"b/c\"", "serial/a/b%2Fc"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *text =
		    g_strdup_printf(HEAD MACHINE "\"endpoints\":[{\"model\":\"m\",%s}]}",
				    cases[i].text);
		g_autoptr(GBytes) body = bytes(text);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcCheckin) checkin = uc_checkin_parse(body, &error);
		const UcCheckinEndpoint *endpoint = NULL;

		g_assert_no_error(error);
		endpoint = g_ptr_array_index(checkin->endpoints, 0);
		g_assert_cmpstr(endpoint->identity, ==, cases[i].identity);
	}
}

static void
test_checkin_version_and_guids(void)
{
	g_autoptr(GBytes) body =
	    bytes(HEAD "\"endpoints\":[{\"vendor\":\"acme\",\"model\":\"icon400\","
		       "\"hardware_level\":\"2\",\"serial\":\"1\",\"modules\":["
		       "{\"name\":\"boot\",\"version\":\"1\"},"
		       "{\"name\":\"application\",\"version\":\"2\"}]}]}");
	g_autoptr(GError) error = NULL;
	g_autoptr(UcCheckin) checkin = uc_checkin_parse(body, &error);
	const UcCheckinEndpoint *endpoint = NULL;
	g_auto(GStrv) guids = NULL;

	g_assert_no_error(error);
	endpoint = g_ptr_array_index(checkin->endpoints, 0);
	guids = uc_checkin_endpoint_get_guids(endpoint);
	g_assert_cmpstr(endpoint->version, ==, "2");
	g_assert_cmpuint(g_strv_length(guids), ==, 2);
	g_assert_cmpstr(guids[1], ==, "787c0f76-0f0e-51a4-989d-238c1f9c6c26");
}

static void
test_checkin_locales(void)
{
	const struct {
		const gchar *locale;
		guint count;
	} cases[] = {
	    {"\"de\"", 4},
	    {"\"de_AT.UTF-8\"", 6},
	    {"\"\"", 2},
	    {"\"a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-aa\"", 2},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *text =
		    g_strdup_printf(HEAD "\"endpoints\":[{\"vendor\":\"acme\",\"model\":"
					 "\"icon400\",\"hardware_level\":\"2\",\"serial\":"
					 "\"1\",\"locale\":%s}]}",
				    cases[i].locale);
		g_autoptr(GBytes) body = bytes(text);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcCheckin) checkin = uc_checkin_parse(body, &error);
		g_auto(GStrv) guids = NULL;

		g_assert_no_error(error);
		guids = uc_checkin_endpoint_get_guids(g_ptr_array_index(checkin->endpoints, 0));
		g_assert_cmpuint(g_strv_length(guids), ==, cases[i].count);
		g_assert_true(cases[i].count == 2 ||
			      g_strv_contains((const gchar *const *)guids,
					      "663f5a24-934e-592b-8530-dd681bb74a04"));
	}
}

static void
test_report_refuses(void)
{
	const gchar *const cases[] = {
	    "{}",
	    REPORT UUID WHO "\"event\":\"done\"}",
	    REPORT UUID WHO "\"event\":\"success\",\"sha256\":\"x\"}",
	    REPORT UUID WHO "\"event\":\"success\",\"time\":\"yesterday\"}",
	    REPORT UUID WHO "\"event\":\"success\",\"fwupd\":1}",
	    REPORT UUID "\"event\":\"success\"}",
	    REPORT WHO "\"event\":\"success\"}",
	    REPORT UUID "\"endpoint\":{\"vendor\":\"acme\"},\"event\":\"success\"}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) body = bytes(cases[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcReport) report = uc_report_parse(body, &error);

		g_assert_null(report);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	}
}

static void
test_report_reads(void)
{
	g_autoptr(GBytes) body = bytes(REPORT UUID WHO "\"event\":\"success\","
						       "\"time\":\"1970-01-01T00:01:00Z\"}");
	g_autoptr(GError) error = NULL;
	g_autoptr(UcReport) report = uc_report_parse(body, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(report->uuid, ==, "0a8c3b5e-3c5b-4c8e-9a54-5e9b2c1d0f00");
	g_assert_cmpstr(report->identity, ==, "serial/acme/1");
	g_assert_cmpint(report->time_secs, ==, 60);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/checkin/refuses", test_checkin_refuses);
	g_test_add_func("/checkin/identity", test_checkin_identity);
	g_test_add_func("/checkin/version-and-guids", test_checkin_version_and_guids);
	g_test_add_func("/checkin/locales", test_checkin_locales);
	g_test_add_func("/report/refuses", test_report_refuses);
	g_test_add_func("/report/reads", test_report_reads);
	return g_test_run();
}
