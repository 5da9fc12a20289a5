/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "uc-document.h"
#include "uc-error.h"
#include "uc-names.h"
#include "uc-publish-document.h"
#include "uc-publish.h"
#include "uc-test-mirror.h"

typedef struct {
	UcMirror *mirror;
} Fixture;

static void
fixture_set_up(Fixture *self, gconstpointer unused)
{
	self->mirror = uc_test_mirror_make(g_get_real_time() / G_USEC_PER_SEC);
}

static void
fixture_tear_down(Fixture *self, gconstpointer unused)
{
	uc_test_mirror_remove(self->mirror);
}

static UcDocument *
verify(Fixture *self, const gchar *name, const gchar *type, const gchar *purpose, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(self->mirror, "public", name, NULL);
	g_autofree gchar *anchors = uc_mirror_path(self->mirror, "trust", purpose, NULL);
	UcDocumentExpect expect = {.type = type,
				   .organisation = "room.example",
				   .anchors_dir = anchors,
				   .now_secs = g_get_real_time() / G_USEC_PER_SEC};
	gchar *text = NULL;
	gsize size_bytes = 0;
	g_autoptr(GBytes) envelope = NULL;

	g_assert_true(g_file_get_contents(path, &text, &size_bytes, NULL));
	envelope = g_bytes_new_take(text, size_bytes);
	return uc_document_verify(envelope, &expect, error);
}

static void
test_publish_purposes(Fixture *self, gconstpointer unused)
{
	const gchar *const others[] = {"tls", "payload", "metadata"};
	UcPublished published = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(UcDocument) policy = NULL;
	g_autoptr(UcDocument) description = NULL;

	g_assert_true(uc_publish(self->mirror, &published, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_assert_null(verify(self, "policy.json", UC_DOCUMENT_POLICY, others[i], &error));
		g_assert_error(error, UC_ERROR, UC_ERROR_SIGNATURE);
		g_clear_error(&error);
	}
	g_assert_null(verify(self, "policy.json", UC_DOCUMENT_SERVICE, "documents", &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_REFUSED);
	g_clear_error(&error);
	policy = verify(self, "policy.json", UC_DOCUMENT_POLICY, "documents", &error);
	g_assert_no_error(error);
	description =
	    verify(self, ".well-known/ucupdates.json", UC_DOCUMENT_SERVICE, "documents", &error);
	g_assert_no_error(error);
	g_assert_cmpint(policy->serial, ==, published.serial);
	g_assert_cmpint(description->serial, ==, published.serial);
	g_assert_cmpint(description->expires_secs, ==, published.expires_secs);
}

static void
test_publish_clock_behind(Fixture *self, gconstpointer unused)
{
	UcPublished published = {0};
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    uc_database_set_meta(self->mirror->database, "signed_secs", "99999999999", NULL));
	g_assert_false(uc_publish(self->mirror, &published, &error));
	g_assert_error(error, UC_ERROR, UC_ERROR_CLOCK);
}

static void
test_publish_serial_of_backup(Fixture *self, gconstpointer unused)
{
	UcPublished first = {0};
	UcPublished second = {0};
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_database_set_meta(self->mirror->database, "serial", "99999999999", NULL));
	g_assert_true(uc_publish(self->mirror, &first, &error));
	g_assert_true(uc_publish(self->mirror, &second, &error));
	g_assert_cmpint(first.serial, ==, G_GINT64_CONSTANT(100000000000));
	g_assert_cmpint(second.serial, ==, G_GINT64_CONSTANT(100000000001));
	g_assert_cmpint(second.issued_secs, >, first.issued_secs);
}

static void
test_publish_next_serial(void)
{
	g_assert_cmpint(uc_publish_document_next_serial(0, 1000), ==, 1000);
	g_assert_cmpint(uc_publish_document_next_serial(999, 1000), ==, 1000);
	g_assert_cmpint(uc_publish_document_next_serial(1000, 1000), ==, 1001);
	g_assert_cmpint(uc_publish_document_next_serial(2000, 1000), ==, 2001);
}

#define ADD(name, function) \
	g_test_add(name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/publish/purposes", test_publish_purposes);
	ADD("/publish/clock-behind", test_publish_clock_behind);
	ADD("/publish/serial-of-backup", test_publish_serial_of_backup);
	g_test_add_func("/publish/next-serial", test_publish_next_serial);
	return g_test_run();
}
