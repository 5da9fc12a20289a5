/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-hardware-id.h"
#include "uc-version.h"

/* docs/firmware-format.md, "GUIDs" */
static void
test_hardware_id_vectors(void)
{
	const struct {
		const gchar *vendor;
		const gchar *model;
		const gchar *level;
		const gchar *instance_id;
		const gchar *guid;
	} cases[] = {
	    {"acme",
	     "icon400",
	     NULL,
	     "UC\\VEN_acme&MODEL_icon400",
	     "13e42b65-9197-58b3-a2de-7eea59be4f05"},
	    {"ACME",
	     "Icon400",
	     "2",
	     "UC\\VEN_acme&MODEL_icon400&HW_2",
	     "787c0f76-0f0e-51a4-989d-238c1f9c6c26"},
	    {"Acme & Corp.",
	     "Icon_400 (EU)",
	     "10",
	     "UC\\VEN_acme-corp.&MODEL_icon-400-eu&HW_10",
	     "8144795e-3a4b-5a95-8dcd-084245817fca"},
	};
	g_autofree gchar *part = uc_hardware_id_new_part("acme", "3111-44500-001");
	g_autofree gchar *part_guid = uc_hardware_id_to_guid(part, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *instance_id =
		    uc_hardware_id_new_model(cases[i].vendor, cases[i].model, cases[i].level);
		g_autofree gchar *guid = uc_hardware_id_to_guid(instance_id, NULL);

		g_assert_cmpstr(instance_id, ==, cases[i].instance_id);
		g_assert_cmpstr(guid, ==, cases[i].guid);
	}
	g_assert_cmpstr(part, ==, "UC\\VEN_acme&PN_3111-44500-001");
	g_assert_cmpstr(part_guid, ==, "837f9fdd-7d9c-55c5-a792-8de6b8c96d26");
}

static void
test_hardware_id_locales(void)
{
	g_autofree gchar *level = uc_hardware_id_new_model("acme", "icon400", "2");
	g_autofree gchar *part = uc_hardware_id_new_part("acme", "3111-44500-001");
	const struct {
		const gchar *instance_id;
		const gchar *locale;
		const gchar *guid;
	} cases[] = {
	    {"UC\\VEN_acme&MODEL_icon400", "de", "663f5a24-934e-592b-8530-dd681bb74a04"},
	    {level, "de-AT", "4d038e98-fe29-5d48-a3b1-eb307c9845a5"},
	    {level, "de_AT.UTF-8", "4d038e98-fe29-5d48-a3b1-eb307c9845a5"},
	    {part, "DE", "e0175244-63bc-5405-9e28-588abcacedf1"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *guid =
		    uc_hardware_id_to_guid(cases[i].instance_id, cases[i].locale);

		g_assert_cmpstr(guid, ==, cases[i].guid);
	}
}

/* docs/firmware-format.md, "Versions" */
static void
test_version_vectors(void)
{
	const struct {
		const gchar *spelling;
		const gchar *normal;
	} cases[] = {
	    {"V3 R5.12.0", "3.5.12.0"},
	    {"5.4.3AA", "5.4.3.27"},
	    {"5.4.3a", "5.4.3.1"},
	    {"V2.07.010", "2.7.10"},
	    {"4.1.0.73405", "4.1.0.73405"},
	    {"17", "17"},
	    {"1.2.3.4.5", "1.2.3.4.5"},
	    {" beta-3\n", "beta-3"},
	    {"1..2", "1..2"},
	    {"", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *normal = uc_version_normalize(cases[i].spelling);

		g_assert_cmpstr(normal, ==, cases[i].normal);
	}
	g_assert_false(uc_version_equal("1.2", "1.2.0"));
	g_assert_true(uc_version_equal("V3 R5", "3.5"));
}

/* what stays, and what only looks as if it would */
static void
test_version_normal(void)
{
	static const struct {
		const gchar *spelling;
		const gchar *normal;
	} cases[] = {
	    {"0", "0"},
	    {"1.0.10", "1.0.10"},
	    {" 1.2 ", "1.2"},
	    {"01.2", "1.2"},
	    {"1.00", "1.0"},
	    {"v1.02", "1.2"},
	    {"1.", "1."},
	    {".1", ".1"},
	    {"1..2", "1..2"},
	    {"", ""},
	    {"123456789", "123456789"},
	    {"1234567890", "1234567890"},
	    {"0123456789", "0123456789"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree gchar *normal = uc_version_normalize(cases[i].spelling);

		g_test_message("'%s'", cases[i].spelling);
		g_assert_cmpstr(normal, ==, cases[i].normal);
	}
}

static void
test_version_compare(void)
{
	/* each is older than all that follow */
	static const gchar *const order[] = {"",
					     "1.",
					     "1234567890",
					     "x",
					     "0",
					     "0.1",
					     "v1.02",
					     "1.2.0",
					     "1.10",
					     "5.4.3Z",
					     "5.4.3AA",
					     "V5 R5"};

	for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
		for (guint j = 0; j < G_N_ELEMENTS(order); j++) {
			gint order_ij = uc_version_compare(order[i], order[j]);

			g_test_message("'%s' and '%s'", order[i], order[j]);
			g_assert_cmpint((order_ij > 0) - (order_ij < 0), ==, (i > j) - (i < j));
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hardware-id/vectors", test_hardware_id_vectors);
	g_test_add_func("/hardware-id/locales", test_hardware_id_locales);
	g_test_add_func("/version/vectors", test_version_vectors);
	g_test_add_func("/version/normal", test_version_normal);
	g_test_add_func("/version/compare", test_version_compare);
	return g_test_run();
}
