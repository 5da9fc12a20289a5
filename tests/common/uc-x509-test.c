/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "uc-x509.h"

#define NOW_SECS  (g_get_real_time() / G_USEC_PER_SEC)
#define HOUR_SECS 3600

static GTlsCertificate *
uc_x509_test_load(UcX509 *pair)
{
	g_autoptr(GError) error = NULL;
	GTlsCertificate *certificate =
	    g_tls_certificate_new_from_pem(g_bytes_get_data(pair->certificate, NULL),
					   (gssize)g_bytes_get_size(pair->certificate),
					   &error);

	g_assert_no_error(error);
	return certificate;
}

static void
uc_x509_test_issued(void)
{
	static const gchar *const names[] = {"ucupdates-r2.room.example", NULL};
	g_autoptr(UcX509) ca = uc_x509_new_ca("CA", NOW_SECS - 60, NOW_SECS + HOUR_SECS, NULL);
	g_autoptr(UcX509) other = uc_x509_new_ca("CA", NOW_SECS - 60, NOW_SECS + HOUR_SECS, NULL);
	g_autoptr(UcX509) leaf = uc_x509_issue(ca,
					       UC_X509_TLS_SERVER,
					       "server",
					       names,
					       NOW_SECS - 60,
					       NOW_SECS + HOUR_SECS,
					       NULL);
	g_autoptr(GTlsCertificate) tls_ca = uc_x509_test_load(ca);
	g_autoptr(GTlsCertificate) tls_other = uc_x509_test_load(other);
	g_autoptr(GTlsCertificate) tls_leaf = uc_x509_test_load(leaf);
	g_autoptr(GSocketConnectable) right = g_network_address_new(names[0], 443);
	g_autoptr(GSocketConnectable) wrong = g_network_address_new("www.room.example", 443);

	g_assert_cmpuint(g_tls_certificate_verify(tls_leaf, right, tls_ca), ==, 0);
	g_assert_cmpuint(g_tls_certificate_verify(tls_leaf, wrong, tls_ca),
			 ==,
			 G_TLS_CERTIFICATE_BAD_IDENTITY);
	g_assert_cmpuint(g_tls_certificate_verify(tls_leaf, right, tls_other), !=, 0);
}

static void
uc_x509_test_saved(void)
{
	g_autofree gchar *dir = g_dir_make_tmp("uc-x509-XXXXXX", NULL);
	g_autofree gchar *certificate = g_build_filename(dir, "c.pem", NULL);
	g_autofree gchar *key = g_build_filename(dir, "k.pem", NULL);
	g_autoptr(UcX509) ca = uc_x509_new_ca("CA", NOW_SECS, NOW_SECS + HOUR_SECS, NULL);
	g_autoptr(UcX509) loaded = NULL;
	g_autoptr(GError) error = NULL;
	GStatBuf info;

	g_assert_null(uc_x509_load(certificate, key, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	g_clear_error(&error);
	g_assert_true(uc_x509_save(ca, certificate, key, &error));
	g_assert_cmpint(g_stat(key, &info), ==, 0);
	g_assert_cmpint(info.st_mode & 0777, ==, 0600);
	loaded = uc_x509_load(certificate, key, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(loaded->key, ca->key));
	g_assert_cmpint(g_remove(certificate), ==, 0);
	g_assert_cmpint(g_remove(key), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/x509/issued", uc_x509_test_issued);
	g_test_add_func("/x509/saved", uc_x509_test_saved);
	return g_test_run();
}
