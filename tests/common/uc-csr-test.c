/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gnutls/x509.h>
#include <string.h>

#include "uc-csr.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-x509.h"

#define NOW_SECS (g_get_real_time() / G_USEC_PER_SEC)

static void
uc_csr_test_claim(void)
{
	static const gchar *const forth[] = {"serial/acme/AC0001", "serial/acme/AC0002", NULL};
	static const gchar *const back[] = {"serial/acme/AC0002", "serial/acme/AC0001", NULL};
	static const gchar *const joined[] = {"serial/acme/AC0001serial/acme/AC0002", NULL};
	g_autofree gchar *one = uc_csr_claim("room.example", forth);
	g_autofree gchar *two = uc_csr_claim("room.example", back);
	g_autofree gchar *three = uc_csr_claim("room.example", joined);
	g_autofree gchar *four = uc_csr_claim("other.example", forth);

	/* docs/service-protocol.md, section 7: printf '%s\n' … | sha256sum */
	g_assert_cmpstr(one,
			==,
			"72fcdd97519964628904902647ef9de80bf7dd013d52162fbcbf3a224294b43b");
	g_assert_cmpstr(one, ==, two);
	g_assert_cmpstr(one, !=, three);
	g_assert_cmpstr(one, !=, four);
}

static void
uc_csr_test_round(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcPrivateKey) key = uc_private_key_new(&error);
	g_autofree gchar *challenge = g_strnfill(64, 'a');
	g_autofree gchar *pem = NULL;
	g_autoptr(GBytes) text = NULL;
	g_autoptr(UcPrivateKey) loaded = NULL;
	g_autofree gchar *again = NULL;
	g_autoptr(UcCsr) csr = NULL;
	g_autoptr(UcCsr) csr_again = NULL;

	g_assert_no_error(error);
	pem = uc_csr_new(key, challenge, &error);
	g_assert_no_error(error);
	csr = uc_csr_parse(pem, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(csr->challenge, ==, challenge);
	text = uc_private_key_to_pem(key, &error);
	g_assert_no_error(error);
	loaded = uc_private_key_new_from_bytes(text, &error);
	g_assert_no_error(error);
	again = uc_csr_new(loaded, challenge, &error);
	g_assert_no_error(error);
	csr_again = uc_csr_parse(again, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(csr->key_sha256, ==, csr_again->key_sha256);
}

/* what it is signed for is changed, and its key is not the one that signed it any more */
static void
uc_csr_test_tampered(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcPrivateKey) key = uc_private_key_new(&error);
	g_autofree gchar *challenge = g_strnfill(64, 'a');
	g_autofree gchar *pem = uc_csr_new(key, challenge, &error);
	g_auto(GStrv) lines = g_strsplit(pem, "-----\n", 0);
	g_autofree guchar *der = NULL;
	g_autofree gchar *coded = NULL;
	g_autofree gchar *forged = NULL;
	gchar *found = NULL;
	gsize size_bytes = 0;

	lines[1][strcspn(lines[1], "-")] = '\0';
	der = g_base64_decode(lines[1], &size_bytes);
	found = memmem(der, size_bytes, challenge, 64);
	g_assert_nonnull(found);
	found[0] = 'b';
	coded = g_base64_encode(der, size_bytes);
	forged = g_strdup_printf("-----BEGIN NEW CERTIFICATE REQUEST-----\n%s\n"
				 "-----END NEW CERTIFICATE REQUEST-----\n",
				 coded);
	g_assert_null(uc_csr_parse(forged, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_assert_nonnull(strstr(error->message, "that its own key has signed"));
}

static void
uc_csr_test_refused(void)
{
	g_autofree gchar *large = g_strnfill(UC_LIMIT_CERTIFICATE_BYTES + 1, 'x');
	const struct {
		const gchar *text;
		gint code;
	} rows[] = {
	    {"", UC_ERROR_INVALID},
	    {"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
	     UC_ERROR_INVALID},
	    {large, UC_ERROR_LIMIT},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(uc_csr_parse(rows[i].text, &error));
		g_assert_error(error, UC_ERROR, rows[i].code);
	}
}

static void
uc_csr_test_issued(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(UcX509) ca = uc_x509_new_ca("CA", NOW_SECS - 60, NOW_SECS + 60, &error);
	g_autoptr(UcPrivateKey) key = uc_private_key_new(&error);
	g_autofree gchar *pem = uc_csr_new(key, "", &error);
	g_autoptr(UcCsr) csr = uc_csr_parse(pem, &error);
	g_autoptr(GBytes) issued = NULL;
	g_autoptr(GTlsCertificate) certificate = NULL;
	g_autoptr(GTlsCertificate) tls_ca = NULL;

	g_assert_no_error(error);
	issued = uc_x509_issue_for(ca,
				   UC_X509_TLS_CLIENT,
				   csr->public_key,
				   "0123",
				   NOW_SECS - 60,
				   NOW_SECS + 60,
				   &error);
	g_assert_no_error(error);
	certificate = g_tls_certificate_new_from_pem(g_bytes_get_data(issued, NULL),
						     (gssize)g_bytes_get_size(issued),
						     &error);
	tls_ca = g_tls_certificate_new_from_pem(g_bytes_get_data(ca->certificate, NULL),
						(gssize)g_bytes_get_size(ca->certificate),
						&error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_tls_certificate_verify(certificate, NULL, tls_ca), ==, 0);
}

static void
uc_csr_test_token(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) text =
	    g_bytes_new_static("pkcs11:token=nobody-has-it;type=private\n", 40);

	g_assert_null(uc_private_key_new_from_bytes(text, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_INVALID);
	g_assert_true(g_str_has_prefix(error->message, "pkcs11:token=nobody-has-it;type=private "));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/csr/claim", uc_csr_test_claim);
	g_test_add_func("/csr/round", uc_csr_test_round);
	g_test_add_func("/csr/tampered", uc_csr_test_tampered);
	g_test_add_func("/csr/refused", uc_csr_test_refused);
	g_test_add_func("/csr/issued", uc_csr_test_issued);
	g_test_add_func("/csr/token", uc_csr_test_token);
	return g_test_run();
}
