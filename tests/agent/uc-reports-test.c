/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-http-lab.h"
#include "uc-limits.h"
#include "uc-paths.h"
#include "uc-reports.h"
#include "uc-test-state.h"
#include "uc-tls.h"

static void
uc_reports_test_add(UcReports *self, const gchar *uuid)
{
	g_autoptr(JsonObject) report = json_object_new();
	g_autoptr(GError) error = NULL;

	json_object_set_string_member(report, "uuid", uuid);
	g_assert_true(uc_reports_add(self, report, &error));
	g_assert_no_error(error);
}

static gboolean
uc_reports_test_deliver(UcReports *self, UcHttp *http, const gchar *path, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;

	uc_reports_deliver_async(self, http, path, NULL, uc_http_test_done_cb, &result);
	return uc_reports_deliver_finish(uc_http_test_wait(&result), error);
}

/* what is wrong with the sender or the service passes; what is wrong with the report does not */
static void
uc_reports_test_statuses(UcHttpTest *lab, gconstpointer data)
{
	static const struct {
		const gchar *path;
		gboolean waits;
		UcError code; /* where it waits */
	} table[] = {
	    {"/401", TRUE, UC_ERROR_DENIED},
	    {"/403", TRUE, UC_ERROR_DENIED},
	    {"/408", TRUE, UC_ERROR_TEMPORARY},
	    {"/429", TRUE, UC_ERROR_TEMPORARY},
	    {"/503", TRUE, UC_ERROR_TEMPORARY},
	    {"/302", TRUE, UC_ERROR_REFUSED},
	    {"/200", FALSE, 0},
	    {"/400", FALSE, 0},
	    {"/404", FALSE, 0},
	    {"/413", FALSE, 0},
	};
	g_autoptr(UcReports) reports = uc_reports_new();

	uc_http_test_serve_good(lab);
	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(UcReports) again = NULL;
		g_autoptr(GError) error = NULL;
		guint length = table[i].waits ? 2 : 0;

		uc_reports_test_add(reports, "11111111-0000-4000-8000-000000000000");
		uc_reports_test_add(reports, "22222222-0000-4000-8000-000000000000");
		if (!table[i].waits && g_str_has_prefix(table[i].path, "/4"))
			for (guint j = 0; j < 2; j++)
				g_test_expect_message(NULL,
						      G_LOG_LEVEL_WARNING,
						      "the service does not take a report, *");
		g_assert_cmpint(uc_reports_test_deliver(reports, lab->http, table[i].path, &error),
				==,
				!table[i].waits);
		g_test_assert_expected_messages();
		if (table[i].waits)
			g_assert_error(error, UC_ERROR, (gint)table[i].code);
		g_assert_cmpuint(uc_reports_get_length(reports), ==, length);
		again = uc_reports_new();
		g_assert_cmpuint(uc_reports_get_length(again), ==, length);
	}
}

/* takes only what is not about an endpoint that it does not know */
static void
uc_reports_test_known_cb(SoupServer *server,
			 SoupServerMessage *message,
			 const gchar *path,
			 GHashTable *query,
			 gpointer user_data)
{
	guint *requests = user_data;
	SoupMessageBody *body = soup_server_message_get_request_body(message);
	g_autoptr(GBytes) bytes = soup_message_body_flatten(body);
	g_autofree gchar *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));

	(*requests)++;
	soup_server_message_set_status(message,
				       strstr(text, "unknown") != NULL ? SOUP_STATUS_FORBIDDEN
								       : SOUP_STATUS_OK,
				       NULL);
}

/* the reports of one endpoint do not keep back those of the others, however many there are */
static void
uc_reports_test_denied(UcHttpTest *lab, gconstpointer data)
{
	static const struct {
		guint unknown;
		guint deliveries; /* until the one that is known has got through */
	} rows[] = {{1, 1}, {7, 1}, {8, 2}, {20, 3}};

	uc_http_test_serve_good(lab);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(UcReports) reports = uc_reports_new();
		guint deliveries = 0;
		guint requests = 0;

		soup_server_add_handler(lab->server,
					"/known",
					uc_reports_test_known_cb,
					&requests,
					NULL);
		for (guint j = 0; j < rows[i].unknown; j++) {
			g_autofree gchar *uuid = g_strdup_printf("unknown-%u", j);

			uc_reports_test_add(reports, uuid);
		}
		uc_reports_test_add(reports, "known");
		while (uc_reports_get_length(reports) > rows[i].unknown) {
			g_autoptr(GError) error = NULL;

			g_assert_false(
			    uc_reports_test_deliver(reports, lab->http, "/known", &error));
			g_assert_error(error, UC_ERROR, UC_ERROR_DENIED);
			g_assert_cmpuint(++deliveries, <=, rows[i].deliveries);
		}
		g_assert_cmpuint(deliveries, ==, rows[i].deliveries);
		g_assert_cmpuint(requests, <=, 1 + deliveries * 2 * 8);
		soup_server_remove_handler(lab->server, "/known");
		uc_reports_clear(reports);
	}
}

/* takes one, and then none for now */
static void
uc_reports_test_one_cb(SoupServer *server,
		       SoupServerMessage *message,
		       const gchar *path,
		       GHashTable *query,
		       gpointer user_data)
{
	guint *count = user_data;

	soup_server_message_set_status(message,
				       (*count)++ == 0 ? SOUP_STATUS_OK
						       : SOUP_STATUS_SERVICE_UNAVAILABLE,
				       NULL);
}

/* as many as may wait, without waiting for the disk for each */
static UcReports *
uc_reports_test_fill(void)
{
	g_autofree gchar *dir = uc_path_state("reports");

	g_assert_cmpint(g_mkdir_with_parents(dir, 0700), ==, 0);
	for (guint i = 0; i < UC_LIMIT_REPORTS_QUEUED; i++) {
		g_autofree gchar *path =
		    g_strdup_printf("%s/%08u-0000-4000-8000-000000000000.json", dir, i);

		g_assert_true(
		    g_file_set_contents_full(path, "{}", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	}
	return uc_reports_new();
}

/* one more than may wait comes while the oldest is under way: that one goes, and no other */
static void
uc_reports_test_too_many(UcHttpTest *lab, gconstpointer data)
{
	g_autoptr(UcReports) reports = uc_reports_test_fill();
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	guint count = 0;

	uc_http_test_serve_good(lab);
	soup_server_add_handler(lab->server, "/one", uc_reports_test_one_cb, &count, NULL);
	g_assert_cmpuint(uc_reports_get_length(reports), ==, UC_LIMIT_REPORTS_QUEUED);
	uc_reports_deliver_async(reports, lab->http, "/one", NULL, uc_http_test_done_cb, &result);
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*the oldest is forgotten");
	uc_reports_test_add(reports, "99999999-0000-4000-8000-000000000000");
	g_test_assert_expected_messages();
	g_assert_false(uc_reports_deliver_finish(uc_http_test_wait(&result), &error));
	g_assert_nonnull(error);
	g_assert_cmpuint(count, ==, 2);
	g_assert_cmpuint(uc_reports_get_length(reports), ==, UC_LIMIT_REPORTS_QUEUED);
}

int
main(int argc, char **argv)
{
	g_autofree gchar *dir = NULL;

	uc_tls_init();
	g_test_init(&argc, &argv, NULL);
	dir = uc_test_state_new();
	uc_http_test_add("/reports/statuses", uc_reports_test_statuses);
	uc_http_test_add("/reports/denied", uc_reports_test_denied);
	uc_http_test_add("/reports/too-many", uc_reports_test_too_many);
	return g_test_run();
}
