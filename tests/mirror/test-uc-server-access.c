/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How often somebody outside may guess, by a clock of the test's own. */

#include <string.h>

#include "uc-access.h"
#include "uc-error.h"
#include "uc-server-access.h"
#include "uc-test-mirror.h"

#define UC_TEST_TRIES 20

typedef struct {
	UcMirror *mirror;
	UcServerAccess *access;
	GSocketAddress *outside;
} UcTest;

static void
uc_test_set_up(UcTest *self, gconstpointer user_data)
{
	static const gchar *const networks[] = {"192.0.2.0/24", NULL};
	g_autofree gchar *users = NULL;
	g_autoptr(GError) error = NULL;

	self->mirror = uc_test_mirror_make(g_get_real_time() / G_USEC_PER_SEC);
	g_assert_true(uc_access_add(self->mirror, "alice", "a password", 1, &error));
	g_assert_no_error(error);
	users = uc_access_get_path(self->mirror);
	self->access = uc_server_access_new(users, networks, NULL, &error);
	g_assert_no_error(error);
	self->outside = g_inet_socket_address_new_from_string("198.51.100.1", 4711);
}

static void
uc_test_tear_down(UcTest *self, gconstpointer user_data)
{
	uc_server_access_free(self->access);
	uc_test_mirror_remove(self->mirror);
	g_object_unref(self->outside);
}

static UcServerVerdict
uc_test_ask(UcTest *self, const gchar *credentials, gint64 now_usec)
{
	g_autofree gchar *base64 =
	    g_base64_encode((const guchar *)credentials, strlen(credentials));
	g_autofree gchar *authorization = g_strconcat("Basic ", base64, NULL);
	const UcServerRequest request = {.remote = self->outside, .authorization = authorization};

	return uc_server_access_check(self->access, &request, now_usec);
}

/* who was right before is not held up by those who guess, and a second later one may try again */
static void
uc_test_access_guessing(UcTest *self, gconstpointer user_data)
{
	gint64 now_usec = 5 * G_USEC_PER_SEC;

	g_assert_cmpuint(uc_test_ask(self, "alice:a password", 0), ==, UC_SERVER_ALLOWED);
	for (guint i = 0; i < UC_TEST_TRIES; i++)
		g_assert_cmpuint(uc_test_ask(self, "alice:a guess", now_usec), ==, UC_SERVER_WRONG);
	g_assert_cmpuint(uc_test_ask(self, "alice:a guess", now_usec), ==, UC_SERVER_BUSY);
	g_assert_cmpuint(uc_test_ask(self, "alice:a password", now_usec), ==, UC_SERVER_ALLOWED);
	now_usec += G_USEC_PER_SEC - 1;
	g_assert_cmpuint(uc_test_ask(self, "bob:a guess", now_usec), ==, UC_SERVER_BUSY);
	g_assert_cmpuint(uc_test_ask(self, "bob:a guess", now_usec + 1), ==, UC_SERVER_WRONG);
}

/* a change of the users ends what was remembered */
static void
uc_test_access_removed(UcTest *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;

	g_assert_cmpuint(uc_test_ask(self, "alice:a password", 0), ==, UC_SERVER_ALLOWED);
	g_assert_true(uc_access_remove(self->mirror, "alice", 2, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(uc_test_ask(self, "alice:a password", 0), ==, UC_SERVER_WRONG);
	g_assert_false(uc_access_remove(self->mirror, "alice", 2, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/server-access/guessing",
		   UcTest,
		   NULL,
		   uc_test_set_up,
		   uc_test_access_guessing,
		   uc_test_tear_down);
	g_test_add("/server-access/removed",
		   UcTest,
		   NULL,
		   uc_test_set_up,
		   uc_test_access_removed,
		   uc_test_tear_down);
	return g_test_run();
}
