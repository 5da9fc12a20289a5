/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sign-in.h"

static void
done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	*(GAsyncResult **)user_data = g_object_ref(result);
}

/* what somebody types, through a pipe as an application passes it on */
static UcSignIn *
sign_in(const gchar *user, const gchar *secret, gsize size_bytes, const gchar *url, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	gint fds[2] = {-1, -1};

	g_assert_cmpint(pipe(fds), ==, 0);
	g_assert_cmpint(write(fds[1], secret, size_bytes), ==, size_bytes);
	g_assert_cmpint(close(fds[1]), ==, 0);
	uc_sign_in_read_async(user, fds[0], url, "", NULL, done_cb, &result);
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	return uc_sign_in_read_finish(result, error);
}

static gchar *
repeat(gsize length)
{
	return g_strnfill(length, 'x');
}

/* each bound on both sides */
static void
test_bounds(void)
{
	static const struct {
		gsize user_bytes;
		gsize secret_bytes;
		gboolean good;
	} rows[] = {
	    {1, 0, FALSE},
	    {1, 1, TRUE},
	    {1, UC_LIMIT_SECRET_BYTES, TRUE},
	    {1, UC_LIMIT_SECRET_BYTES + 1, FALSE},
	    {1, UC_LIMIT_SECRET_BYTES + 1000, FALSE},
	    {0, 1, FALSE},
	    {UC_LIMIT_WHO_BYTES, 1, TRUE},
	    {UC_LIMIT_WHO_BYTES + 1, 1, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree gchar *user = repeat(rows[i].user_bytes);
		g_autofree gchar *secret = repeat(rows[i].secret_bytes);
		g_autoptr(GError) error = NULL;
		g_autoptr(UcSignIn) found = sign_in(user, secret, rows[i].secret_bytes, "", &error);

		g_test_message("row %u", i);
		g_assert_cmpint(found != NULL, ==, rows[i].good);
		if (found == NULL)
			g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		else
			g_assert_cmpstr(found->secret, ==, secret);
	}
}

static void
test_refused(void)
{
	static const struct {
		const gchar *user;
		const gchar *secret;
		gsize size_bytes;
		const gchar *url;
		const gchar *sentence;
	} rows[] = {
	    {"a:b", "s3cret", 6, "", "the user is 'a:b', expected a name of 1 to 128 bytes"},
	    {"a\nb", "s3cret", 6, "", "expected a name of 1 to 128 bytes without a colon"},
	    {"alice",
	     "s3c\nret",
	     7,
	     "",
	     "the secret is empty, too long or has a control character"},
	    {"alice", "s3cret\n\n", 8, "", "expected one line of 1 to 256 bytes"},
	    {"alice", "s3c\0ret", 7, "", "has a control character"},
	    {"alice", "s3cret", 6, "http://x.example/", "'http://x.example/' is no URL"},
	    {"alice", "s3cret", 6, "x.example", "expected https://HOST[:PORT]/"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(UcSignIn) found =
		    sign_in(rows[i].user, rows[i].secret, rows[i].size_bytes, rows[i].url, &error);

		g_test_message("row %u", i);
		g_assert_null(found);
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_nonnull(strstr(error->message, rows[i].sentence));
		g_assert_null(strstr(error->message, "s3c"));
	}
}

static void
test_accepted(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcSignIn) found =
	    sign_in("alice", "s3cret word\n", 12, "https://updates.example/", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(found->user, ==, "alice");
	g_assert_cmpstr(found->secret, ==, "s3cret word");
	g_assert_cmpstr(found->internal_url, ==, "https://updates.example/");
	g_assert_null(found->external_url);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sign-in/bounds", test_bounds);
	g_test_add_func("/sign-in/refused", test_refused);
	g_test_add_func("/sign-in/accepted", test_accepted);
	return g_test_run();
}
