/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-client-certificate.h"
#include "uc-error.h"
#include "uc-x509.h"

#define NOW_SECS (g_get_real_time() / G_USEC_PER_SEC)

typedef struct {
	gchar *dir;
	gchar *certificate;
	gchar *key;
	gchar *both;
} Fixture;

static gchar *
write_file(Fixture *fixture, const gchar *name, const gchar *text, gint mode)
{
	gchar *path = g_build_filename(fixture->dir, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(g_chmod(path, mode), ==, 0);
	return path;
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(UcX509) ca = uc_x509_new_ca("CA", NOW_SECS - 60, NOW_SECS + 60, NULL);
	g_autoptr(UcX509) leaf = uc_x509_issue(ca,
					       UC_X509_TLS_CLIENT,
					       "endpoint",
					       NULL,
					       NOW_SECS - 60,
					       NOW_SECS + 60,
					       NULL);
	g_autofree gchar *certificate = g_strndup(g_bytes_get_data(leaf->certificate, NULL),
						  g_bytes_get_size(leaf->certificate));
	g_autofree gchar *key =
	    g_strndup(g_bytes_get_data(leaf->key, NULL), g_bytes_get_size(leaf->key));
	g_autofree gchar *both = g_strconcat(certificate, "\n", key, NULL);

	fixture->dir = g_dir_make_tmp("uc-client-XXXXXX", NULL);
	fixture->certificate = write_file(fixture, "client.pem", certificate, 0600);
	fixture->key = write_file(fixture, "client.key", key, 0600);
	fixture->both = write_file(fixture, "both.pem", both, 0600);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_cmpint(g_unlink(fixture->certificate), ==, 0);
	g_assert_cmpint(g_unlink(fixture->key), ==, 0);
	g_assert_cmpint(g_unlink(fixture->both), ==, 0);
	g_assert_cmpint(g_rmdir(fixture->dir), ==, 0);
	g_free(fixture->dir);
	g_free(fixture->certificate);
	g_free(fixture->key);
	g_free(fixture->both);
}

static void
check_refused(const gchar *certificate, const gchar *key, UcError code, const gchar *message)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(uc_client_certificate_load(certificate, key, "", &error));
	g_assert_error(error, UC_ERROR, (gint)code);
	if (!g_pattern_match_simple(message, error->message))
		g_error("'%s' does not match '%s'", error->message, message);
}

static void
test_refused(Fixture *fixture, gconstpointer data)
{
	check_refused(fixture->certificate,
		      "pkcs11:token=uc",
		      UC_ERROR_INVALID,
		      "*expected both in files or both in a token");
	check_refused("/nonexistent.pem",
		      "",
		      UC_ERROR_NOT_FOUND,
		      "/nonexistent.pem is not there, expected an absolute path, or the name of *");
	check_refused("no-such-credential", "", UC_ERROR_NOT_FOUND, "*is not there, expected an *");
	check_refused(fixture->certificate,
		      "",
		      UC_ERROR_INVALID,
		      "*cannot be used, expected a certificate with its private key: *");
	check_refused(fixture->key,
		      "",
		      UC_ERROR_INVALID,
		      "*cannot be used, expected a certificate with its private key: *");
	g_assert_cmpint(g_chmod(fixture->key, 0640), ==, 0);
	check_refused(fixture->certificate,
		      fixture->key,
		      UC_ERROR_REFUSED,
		      "*client.key is not used: expected a file of root or of this user with mode "
		      "0600 and at *");
}

static void
test_files(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcClientCertificate) two =
	    uc_client_certificate_load(fixture->certificate, fixture->key, "", &error);
	g_autoptr(UcClientCertificate) one =
	    uc_client_certificate_load(fixture->both, "", "", &error);

	g_assert_no_error(error);
	g_assert_nonnull(two);
	g_assert_nonnull(one);
}

static void
test_credential(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcClientCertificate) found = NULL;

	/* systemd guards the directory, whatever the modes of the files are */
	g_assert_cmpint(g_chmod(fixture->both, 0440), ==, 0);
	g_setenv("CREDENTIALS_DIRECTORY", fixture->dir, TRUE);
	found = uc_client_certificate_load("both.pem", "", "", &error);
	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_assert_no_error(error);
	g_assert_nonnull(found);
}

static void
add(const gchar *path, void (*func)(Fixture *, gconstpointer))
{
	g_test_add(path, Fixture, NULL, set_up, func, tear_down);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add("/client-certificate/refused", test_refused);
	add("/client-certificate/files", test_files);
	add("/client-certificate/credential", test_credential);
	return g_test_run();
}
