/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>

#include "uc-error.h"
#include "uc-intake.h"
#include "uc-test-mirror.h"

#define UC_TEST_UUID "6f4bd0b6-9d0e-4f0c-8f0a-0123456789%02x"

typedef struct {
	UcTestDatabase files; /* its database is the intake's */
	UcIntake *intake;
	guint answered;
	guint done;
	guint invalid;
	guint failed;
	guint temporary;
} UcTest;

static void
uc_test_set_up(UcTest *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;

	uc_test_database_make(&self->files);
	g_assert_true(uc_database_set_lazy(self->files.database, &error));
	self->intake = uc_intake_new(self->files.database);
}

static void
uc_test_tear_down(UcTest *self, gconstpointer user_data)
{
	g_clear_pointer(&self->intake, uc_intake_free);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	uc_test_database_remove(&self->files);
}

static void
uc_test_answer_cb(GBytes *reply, const GError *error, gpointer user_data)
{
	UcTest *self = user_data;

	g_assert_true((reply == NULL) == (error != NULL));
	self->answered++;
	self->done += error == NULL;
	self->invalid += g_error_matches(error, UC_ERROR, UC_ERROR_INVALID);
	self->failed += g_error_matches(error, UC_ERROR, UC_ERROR_FAILED);
	self->temporary += g_error_matches(error, UC_ERROR, UC_ERROR_TEMPORARY);
}

static void
uc_test_add(UcTest *self, UcIntakeKind kind, const gchar *text)
{
	g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

	uc_intake_add(self->intake, kind, body, NULL, uc_test_answer_cb, self);
}

static gchar *
uc_test_make_checkin(guint number)
{
	return g_strdup_printf("{\"format\":\"ucupdates-checkin-1\",\"endpoints\":[{\"vendor\":"
			       "\"acme\",\"model\":\"m\","
			       "\"serial\":\"AC%u\"}]}",
			       number);
}

static void
uc_test_add_checkin(UcTest *self, guint number)
{
	g_autofree gchar *text = uc_test_make_checkin(number);

	uc_test_add(self, UC_INTAKE_CHECKIN, text);
}

/* whether it is answered at once */
static gboolean
uc_test_find(UcTest *self, guint number, const UcPeer *peer)
{
	g_autofree gchar *text = uc_test_make_checkin(number);
	g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
	g_autoptr(GBytes) reply = uc_intake_find(self->intake, body, peer);

	return reply != NULL;
}

static void
uc_test_add_report(UcTest *self, guint number)
{
	g_autofree gchar *text =
	    g_strdup_printf("{\"format\":\"ucupdates-report-1\",\"uuid\":\"" UC_TEST_UUID
			    "\",\"endpoint\":{\"vendor\":\"acme\",\"serial\":\"AC1\"},"
			    "\"event\":\"staged\"}",
			    number);

	uc_test_add(self, UC_INTAKE_REPORT, text);
}

static gboolean
uc_test_timeout_cb(gpointer user_data)
{
	g_error("no answer within 30 s");
	return G_SOURCE_REMOVE;
}

static void
uc_test_wait(UcTest *self, guint answered)
{
	guint bound = g_timeout_add_seconds(30, uc_test_timeout_cb, NULL);

	while (self->answered < answered)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(bound);
	g_assert_cmpuint(self->answered, ==, answered);
}

static gint64
uc_test_count(UcDatabase *database, const gchar *sql)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcStatement) row = uc_database_query(database, &error, sql, "");
	gboolean more = FALSE;

	g_assert_no_error(error);
	g_assert_true(uc_statement_next(row, &more, &error));
	return uc_statement_get_int64(row, 0);
}

static void
uc_test_intake_wrong_ones(UcTest *self, gconstpointer user_data)
{
	g_autoptr(UcDatabase) other = NULL;

	uc_test_add(self, UC_INTAKE_CHECKIN, "{}");
	uc_test_add_checkin(self, 1);
	uc_test_add(self, UC_INTAKE_REPORT, "nonsense");
	uc_test_add_report(self, 1);
	uc_test_add_report(self, 1);
	uc_test_wait(self, 5);
	g_assert_cmpuint(self->invalid, ==, 2);
	g_assert_cmpuint(self->done, ==, 3);
	/* committed before the answer: another connection sees it */
	other = uc_database_open(self->files.path, NULL);
	g_assert_nonnull(other);
	g_assert_cmpint(uc_test_count(other, "SELECT count(*) FROM endpoints"), ==, 1);
	g_assert_cmpint(uc_test_count(other, "SELECT count(*) FROM reports"), ==, 1);
}

/* more than fit into one batch, one of which the database does not take */
static void
uc_test_intake_one_of_many(UcTest *self, gconstpointer user_data)
{
	UcDatabase *other = self->files.other;
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    uc_database_run(other,
			    &error,
			    "CREATE TRIGGER t BEFORE INSERT ON endpoints WHEN new.serial ="
			    " 'AC150' BEGIN SELECT RAISE(ABORT, 'not this one'); END",
			    ""));
	for (guint i = 0; i < 200; i++)
		uc_test_add_checkin(self, i);
	uc_test_wait(self, 200);
	g_assert_cmpuint(self->failed, ==, 1);
	g_assert_cmpuint(self->done, ==, 199);
	g_assert_cmpint(uc_test_count(other, "SELECT count(*) FROM endpoints"), ==, 199);
}

/* another command is at work: what waits is bounded, and is stored when it is done */
static void
uc_test_intake_held(UcTest *self, gconstpointer user_data)
{
	UcDatabase *other = self->files.other;
	g_autoptr(GError) error = NULL;
	g_autoptr(UcTransaction) held = uc_transaction_begin(other, &error);
	guint added = 0;

	g_assert_no_error(error);
	while (self->temporary == 0 && added < 2 * UC_INTAKE_WAITING_MAX)
		uc_test_add_checkin(self, added++ % 3);
	g_assert_cmpuint(self->temporary, ==, 1);
	g_assert_cmpuint(added, >, UC_INTAKE_WAITING_MAX);
	g_clear_pointer(&held, uc_transaction_free);
	uc_test_wait(self, added);
	g_assert_cmpuint(self->done, ==, added - 1);
}

/* the thread has nothing to do at times, and answers are given without it then */
static void
uc_test_wait_for_find(UcTest *self, guint number)
{
	gint64 end_usec = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;

	while (!uc_test_find(self, number, NULL)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end_usec);
		g_usleep(1000);
	}
}

/* what was said before, by nobody else, also while another command is at work */
static void
uc_test_intake_find(UcTest *self, gconstpointer user_data)
{
	UcDatabase *other = self->files.other;
	const UcPeer peer = {.certificate = (gchar *)"certificate"};
	g_autoptr(UcTransaction) held = NULL;

	g_assert_false(uc_test_find(self, 1, NULL));
	uc_test_add_checkin(self, 1);
	uc_test_wait(self, 1);
	held = uc_transaction_begin(other, NULL);
	g_assert_nonnull(held);
	uc_test_wait_for_find(self, 1);
	g_assert_false(uc_test_find(self, 1, &peer));
	g_assert_false(uc_test_find(self, 2, NULL));
	/* behind one that waits it would overtake it */
	uc_test_add_checkin(self, 2);
	g_assert_false(uc_test_find(self, 1, NULL));
	g_clear_pointer(&held, uc_transaction_free);
	uc_test_wait(self, 2);
	uc_test_wait_for_find(self, 1);
	/* what another command has changed may change the answer */
	g_assert_true(uc_database_set_meta(other, "serial", "2", NULL));
	g_assert_false(uc_test_find(self, 1, NULL));
	/* when it was seen is written though the thread was never asked */
	g_clear_pointer(&self->intake, uc_intake_free);
	g_assert_cmpint(uc_test_count(other, "SELECT count(*) FROM seen"), ==, 1);
}

typedef struct {
	UcTest *test;
	UcDatabase *other;
	gboolean found[3];
} UcTestTurn;

static gboolean
uc_test_turn_cb(gpointer user_data)
{
	UcTestTurn *turn = user_data;

	turn->found[0] = uc_test_find(turn->test, 1, NULL);
	g_assert_true(uc_database_set_meta(turn->other, "serial", "2", NULL));
	turn->found[1] = uc_test_find(turn->test, 1, NULL);
	return G_SOURCE_REMOVE;
}

static gboolean
uc_test_next_turn_cb(gpointer user_data)
{
	UcTestTurn *turn = user_data;

	turn->found[2] = uc_test_find(turn->test, 1, NULL);
	return G_SOURCE_REMOVE;
}

/* the database is asked once for all that came in one turn of the main loop, and in each turn */
static void
uc_test_intake_turn(UcTest *self, gconstpointer user_data)
{
	UcDatabase *other = self->files.other;
	UcTestTurn turn = {self, other, {FALSE, FALSE, TRUE}};

	uc_test_add_checkin(self, 1);
	uc_test_wait(self, 1);
	while (!turn.found[0] || !turn.found[1]) {
		uc_test_wait_for_find(self, 1);
		g_idle_add(uc_test_turn_cb, &turn);
		g_main_context_iteration(NULL, TRUE);
		g_idle_add(uc_test_next_turn_cb, &turn);
		g_main_context_iteration(NULL, TRUE);
		g_assert_false(turn.found[2]);
		uc_test_add_checkin(self, 1);
		uc_test_wait(self, self->answered + 1);
	}
}

/* whether it is a test device may depend on what others say, so it is looked up each time */
static void
uc_test_intake_named(UcTest *self, gconstpointer user_data)
{
	UcDatabase *other = self->files.other;
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_database_run(other,
				      &error,
				      "INSERT INTO published_test_devices VALUES ('serial', 'AC1')",
				      ""));
	g_assert_no_error(error);
	uc_test_add_checkin(self, 1);
	uc_test_add_checkin(self, 2);
	uc_test_wait(self, 2);
	uc_test_wait_for_find(self, 2);
	g_assert_false(uc_test_find(self, 1, NULL));
}

/* what was added is stored though nobody waits for the answer */
static void
uc_test_intake_stop(UcTest *self, gconstpointer user_data)
{
	for (guint i = 0; i < 100; i++)
		uc_test_add_checkin(self, i);
	g_clear_pointer(&self->intake, uc_intake_free);
	g_assert_cmpint(uc_test_count(self->files.database, "SELECT count(*) FROM endpoints"),
			==,
			100);
}

#define UC_TEST_ADD(path, func) \
	g_test_add(path, UcTest, NULL, uc_test_set_up, func, uc_test_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	UC_TEST_ADD("/intake/wrong-ones", uc_test_intake_wrong_ones);
	UC_TEST_ADD("/intake/one-of-many", uc_test_intake_one_of_many);
	UC_TEST_ADD("/intake/held", uc_test_intake_held);
	UC_TEST_ADD("/intake/find", uc_test_intake_find);
	UC_TEST_ADD("/intake/turn", uc_test_intake_turn);
	UC_TEST_ADD("/intake/named", uc_test_intake_named);
	UC_TEST_ADD("/intake/stop", uc_test_intake_stop);
	return g_test_run();
}
