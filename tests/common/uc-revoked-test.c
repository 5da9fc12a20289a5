/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-document.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-revoked.h"
#include "uc-sha256.h"
#include "uc-test-ca.h"

typedef struct {
	gchar *base;
	gchar *anchors;
	gchar *list;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->base = g_dir_make_tmp("uc-revoked-XXXXXX", NULL);
	fixture->anchors = g_build_filename(fixture->base, "documents", NULL);
	fixture->list = g_build_filename(fixture->base, UC_REVOKED_NAME, NULL);
	g_assert_cmpint(g_mkdir(fixture->anchors, 0755), ==, 0);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	(void)g_unlink(fixture->list);
	g_assert_cmpint(g_rmdir(fixture->anchors), ==, 0);
	g_assert_cmpint(g_rmdir(fixture->base), ==, 0);
	g_free(fixture->base);
	g_free(fixture->anchors);
	g_free(fixture->list);
}

static void
write_list(Fixture *fixture, const gchar *text)
{
	g_assert_true(g_file_set_contents(fixture->list, text, -1, NULL));
}

/* refuses rather than forgets */
static void
test_unreadable(Fixture *fixture, gconstpointer data)
{
	static const gchar *const texts[] = {"x\n", "\n\n", "00\n"};
	g_autofree gchar *hash = g_strnfill(UC_SHA256_HEX_CHARS, '0');
	g_autoptr(GString) many = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) most = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error_text = NULL;

		write_list(fixture, texts[i]);
		g_assert_null(uc_revoked_load(fixture->anchors, &error_text));
		g_assert_error(error_text, UC_ERROR, UC_ERROR_SIGNATURE);
	}
	for (guint i = 0; i < UC_LIMIT_REVOKED; i++)
		g_string_append_printf(many, "%s\n", hash);
	write_list(fixture, many->str);
	most = uc_revoked_load(fixture->anchors, &error);
	g_assert_no_error(error);
	g_assert_nonnull(most);
	g_string_append_printf(many, "%s\n", hash);
	write_list(fixture, many->str);
	g_assert_null(uc_revoked_load(fixture->anchors, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_SIGNATURE);
	g_assert_cmpint(g_unlink(fixture->list), ==, 0);
	g_assert_cmpint(g_mkdir(fixture->list, 0755), ==, 0);
	g_clear_error(&error);
	g_assert_null(uc_revoked_load(fixture->anchors, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_SIGNATURE);
	g_assert_cmpint(g_rmdir(fixture->list), ==, 0);
}

static void
test_certificate(Fixture *fixture, gconstpointer data)
{
	g_autoptr(UcX509) pair = uc_test_new_ca("CA");
	g_autoptr(UcCa) ca = uc_ca_parse(pair->certificate, NULL);
	g_autoptr(GBytes) garbage = g_bytes_new_static("garbage", 7);
	const gchar *const names[] = {ca->sha256, ca->key_sha256};
	g_autoptr(GHashTable) none = uc_revoked_load(fixture->anchors, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_false(uc_revoked_has_certificate(none, ca->der, &error));
	g_assert_no_error(error);
	g_assert_true(uc_revoked_has_certificate(none, garbage, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_SIGNATURE);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree gchar *text = g_strconcat(names[i], "\n", NULL);
		g_autoptr(GHashTable) revoked = NULL;
		g_autoptr(GError) error_revoked = NULL;

		write_list(fixture, text);
		revoked = uc_revoked_load(fixture->anchors, NULL);
		g_assert_true(uc_revoked_has_certificate(revoked, ca->der, &error_revoked));
		g_assert_error(error_revoked, UC_ERROR, UC_ERROR_SIGNATURE);
		g_assert_true(g_str_has_prefix(error_revoked->message,
					       "the organisation has revoked the certificate "));
	}
}

static GBytes *
sign(UcX509 *signer)
{
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(GBytes) envelope = uc_document_sign(body, signer->certificate, signer->key, NULL);
	g_autoptr(JsonObject) object = uc_json_parse_object(envelope, 1 << 20, "test", NULL);
	const gchar *text = json_object_get_string_member(object, "signature");

	return g_bytes_new(text, strlen(text));
}

static gchar *
hash_of(UcX509 *pair)
{
	g_autoptr(GTlsCertificate) certificate =
	    g_tls_certificate_new_from_pem(g_bytes_get_data(pair->certificate, NULL),
					   (gssize)g_bytes_get_size(pair->certificate),
					   NULL);
	g_autoptr(GByteArray) der = NULL;

	g_object_get(certificate, "certificate", &der, NULL);
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, der->data, der->len);
}

static void
test_signature(Fixture *fixture, gconstpointer data)
{
	g_autoptr(UcX509) ca = uc_test_new_ca("CA");
	g_autoptr(UcX509) thief = uc_test_new_signer(ca);
	g_autoptr(UcX509) signer = uc_test_new_signer(ca);
	g_autoptr(GBytes) stolen = sign(thief);
	g_autoptr(GBytes) good = sign(signer);
	g_autofree gchar *hash = hash_of(thief);
	g_autofree gchar *text = g_strconcat(hash, "\n", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_revoked_check_signature(fixture->anchors, stolen, &error));
	g_assert_no_error(error);
	write_list(fixture, text);
	g_assert_false(uc_revoked_check_signature(fixture->anchors, stolen, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_SIGNATURE);
	g_clear_error(&error);
	g_assert_true(uc_revoked_check_signature(fixture->anchors, good, &error));
	g_assert_no_error(error);
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
	add("/revoked/unreadable", test_unreadable);
	add("/revoked/certificate", test_certificate);
	add("/revoked/signature", test_signature);
	return g_test_run();
}
