/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-error.h"
#include "uc-server-proxied.h"
#include "uc-x509.h"

#define UC_TEST_DAY_SECS 86400

typedef struct {
	UcX509 *ca;
	GTlsDatabase *database; /* with that CA */
	gchar *header;		/* of a certificate below it, valid for a day from now on */
	UcServerProxied *proxied;
	gint64 now_secs;
} UcTest;

static GTlsDatabase *
uc_test_make_database(UcX509 *ca)
{
	g_autoptr(GError) error = NULL;
	g_autofree gchar *dir = g_dir_make_tmp("uc-server-proxied-XXXXXX", &error);
	g_autofree gchar *path = NULL;
	GTlsDatabase *database = NULL;

	g_assert_no_error(error);
	path = g_build_filename(dir, "ca.pem", NULL);
	g_assert_true(g_file_set_contents(path,
					  g_bytes_get_data(ca->certificate, NULL),
					  (gssize)g_bytes_get_size(ca->certificate),
					  &error));
	database = g_tls_file_database_new(path, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_remove(path), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	return database;
}

static UcX509 *
uc_test_make_ca(UcTest *self)
{
	g_autoptr(GError) error = NULL;
	UcX509 *ca = uc_x509_new_ca("CA",
				    self->now_secs - UC_TEST_DAY_SECS,
				    self->now_secs + UC_TEST_DAY_SECS,
				    &error);

	g_assert_no_error(error);
	return ca;
}

/* @way: which of the first letters are escaped, as bits; nginx does it with some, all mean the same
 */
static gchar *
uc_test_escape(const gchar *pem, guint way)
{
	g_autoptr(GString) header = g_string_new(NULL);

	for (guint i = 0; pem[i] != '\0'; i++) {
		if (i >= 32 || (way >> i & 1) != 0)
			g_string_append_printf(header, "%%%02X", (guint)pem[i]);
		else
			g_string_append_c(header, pem[i]);
	}
	return g_strdup(header->str);
}

static gchar *
uc_test_make_header(UcTest *self, gint64 from_secs, gint64 until_secs)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcX509) pair = uc_x509_issue(self->ca,
					       UC_X509_TLS_CLIENT,
					       "endpoint",
					       NULL,
					       from_secs,
					       until_secs,
					       &error);
	g_autofree gchar *pem = NULL;

	g_assert_no_error(error);
	pem = g_strndup(g_bytes_get_data(pair->certificate, NULL),
			g_bytes_get_size(pair->certificate));
	return uc_test_escape(pem, 0);
}

static void
uc_test_set_up(UcTest *self, gconstpointer user_data)
{
	self->now_secs = g_get_real_time() / G_USEC_PER_SEC;
	self->ca = uc_test_make_ca(self);
	self->database = uc_test_make_database(self->ca);
	self->header = uc_test_make_header(self,
					   self->now_secs - UC_TEST_DAY_SECS,
					   self->now_secs + UC_TEST_DAY_SECS);
	self->proxied = uc_server_proxied_new();
}

static void
uc_test_tear_down(UcTest *self, gconstpointer user_data)
{
	uc_server_proxied_free(self->proxied);
	g_free(self->header);
	g_object_unref(self->database);
	uc_x509_free(self->ca);
}

static gboolean
uc_test_counts(UcTest *self, const gchar *header, GTlsDatabase *database, gint64 now_secs)
{
	g_autoptr(UcPeer) peer = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    uc_server_proxied_read(self->proxied, header, database, now_secs, &peer, &error));
	g_assert_no_error(error);
	g_assert_true(peer == NULL || g_str_has_prefix(peer->certificate, "-----BEGIN"));
	return peer != NULL;
}

/* what was good an hour ago is not good for ever */
static void
uc_test_expires(UcTest *self, gconstpointer user_data)
{
	for (guint i = 0; i < 2; i++) {
		g_assert_true(uc_test_counts(self, self->header, self->database, self->now_secs));
		g_assert_false(uc_test_counts(self,
					      self->header,
					      self->database,
					      self->now_secs + UC_TEST_DAY_SECS + 1));
		g_assert_false(uc_test_counts(self,
					      self->header,
					      self->database,
					      self->now_secs - UC_TEST_DAY_SECS - 1));
	}
}

/* what has expired is not remembered as anything */
static void
uc_test_expired(UcTest *self, gconstpointer user_data)
{
	g_autofree gchar *header =
	    uc_test_make_header(self, self->now_secs - UC_TEST_DAY_SECS, self->now_secs - 10);

	for (guint i = 0; i < 2; i++)
		g_assert_false(uc_test_counts(self, header, self->database, self->now_secs));
}

/* after another CA took its place, or none, what led to the one before counts no more */
static void
uc_test_other_ca(UcTest *self, gconstpointer user_data)
{
	g_autoptr(UcX509) other = uc_test_make_ca(self);
	g_autoptr(GTlsDatabase) database = uc_test_make_database(other);

	g_assert_true(uc_test_counts(self, self->header, self->database, self->now_secs));
	g_assert_false(uc_test_counts(self, self->header, database, self->now_secs));
	g_assert_false(uc_test_counts(self, self->header, NULL, self->now_secs));
	g_assert_true(uc_test_counts(self, self->header, self->database, self->now_secs));
}

static void
uc_test_no_certificate(UcTest *self, gconstpointer user_data)
{
	static const gchar *const headers[] = {"x", "%", "%00", ","};

	for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autoptr(UcPeer) peer = NULL;
		g_autoptr(GError) error = NULL;

		g_assert_false(uc_server_proxied_read(self->proxied,
						      headers[i],
						      self->database,
						      self->now_secs,
						      &peer,
						      &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
		g_assert_null(peer);
	}
}

/* however many there are, and however they are written */
static void
uc_test_many(UcTest *self, gconstpointer user_data)
{
	g_autofree gchar *pem = g_uri_unescape_string(self->header, NULL);

	for (guint i = 0; i < UC_SERVER_PROXIED_MAX + 10; i++) {
		g_autofree gchar *header = uc_test_escape(pem, i);

		g_assert_true(uc_test_counts(self, header, self->database, self->now_secs));
		g_assert_cmpuint(uc_server_proxied_get_length(self->proxied),
				 <=,
				 UC_SERVER_PROXIED_MAX);
	}
	g_assert_cmpuint(uc_server_proxied_get_length(self->proxied), >, 0);
}

#define UC_TEST_ADD(path, func) \
	g_test_add(path, UcTest, NULL, uc_test_set_up, func, uc_test_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	UC_TEST_ADD("/server-proxied/expires", uc_test_expires);
	UC_TEST_ADD("/server-proxied/expired", uc_test_expired);
	UC_TEST_ADD("/server-proxied/other-ca", uc_test_other_ca);
	UC_TEST_ADD("/server-proxied/no-certificate", uc_test_no_certificate);
	UC_TEST_ADD("/server-proxied/many", uc_test_many);
	return g_test_run();
}
