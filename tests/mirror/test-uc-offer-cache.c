/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-offer-cache.h"
#include "uc-test-mirror.h"

typedef struct {
	UcTestDatabase files;
	UcOfferCache *cache;
	gboolean named; /* whether the last one said that it is a test device */
} UcTest;

static void
uc_test_set_up(UcTest *self, gconstpointer user_data)
{
	uc_test_database_make(&self->files);
	self->cache = uc_offer_cache_new(self->files.database);
}

static void
uc_test_tear_down(UcTest *self, gconstpointer user_data)
{
	uc_offer_cache_free(self->cache);
	uc_test_database_remove(&self->files);
}

static void
uc_test_run(UcDatabase *database, const gchar *sql)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_database_run(database, &error, sql, ""));
	g_assert_no_error(error);
}

/* what publishing a package of the model icon400 leaves in the database */
static void
uc_test_publish(UcTest *self, const gchar *version, const gchar *remote, const gchar *role)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_database_run(
	    self->files.other,
	    &error,
	    "INSERT INTO packages (sha256, size_bytes, component_id, name, vendor, version,"
	    " protocol, payload_name, payload_sha256, payload_bytes, signed_sha256, signed_bytes,"
	    " state, imported_secs) VALUES (?1, 1, 'c', 'n', 'acme', ?1, 'p', 'f', 'h', 1, ?1, 1,"
	    " 'approved', 1)",
	    "s",
	    version));
	g_assert_no_error(error);
	g_assert_true(uc_database_run(self->files.other,
				      &error,
				      "INSERT INTO package_guids VALUES (last_insert_rowid(),"
				      " '00000000-0000-5000-8000-000000000001')",
				      ""));
	g_assert_no_error(error);
	g_assert_true(uc_database_run(self->files.other,
				      &error,
				      "INSERT INTO published (remote, package_id, role)"
				      " SELECT ?2, max(id), ?3 FROM packages WHERE version = ?1",
				      "sss",
				      version,
				      remote,
				      role));
	g_assert_no_error(error);
}

/* (nullable): the version that is on offer for an endpoint */
static gchar *
uc_test_find(UcTest *self, const gchar *serial, const gchar *version)
{
	gchar *guids[] = {(gchar *)"00000000-0000-5000-8000-000000000001", NULL};
	g_autofree gchar *identity = g_strconcat("serial/acme/", serial, NULL);
	const UcCheckinEndpoint endpoint = {.identity = identity,
					    .vendor = (gchar *)"acme",
					    .model = (gchar *)"icon400",
					    .hardware_level = (gchar *)"2",
					    .part_number = (gchar *)"",
					    .locale = (gchar *)"",
					    .serial = (gchar *)serial,
					    .mac_address = (gchar *)"",
					    .version = (gchar *)version,
					    .guids = guids};
	const UcOffer *offer = NULL;
	gboolean named = FALSE;
	g_autoptr(GError) error = NULL;

	g_assert_true(uc_offer_cache_refresh(self->cache, &error));
	g_assert_no_error(error);
	g_assert_true(uc_offer_cache_find(self->cache, &endpoint, &offer, &named, &error));
	g_assert_no_error(error);
	self->named = named;
	return offer != NULL ? g_strdup(offer->version) : NULL;
}

static void
uc_test_assert(UcTest *self, const gchar *serial, const gchar *version, const gchar *expected)
{
	g_autofree gchar *once = uc_test_find(self, serial, version);
	g_autofree gchar *again = uc_test_find(self, serial, version);

	g_assert_cmpstr(once, ==, expected);
	g_assert_cmpstr(again, ==, expected);
}

/* what another program publishes, halts or withdraws is seen by the very next check-in */
static void
uc_test_follows(UcTest *self, gconstpointer user_data)
{
	uc_test_assert(self, "AC1", "1.0.0", NULL);
	uc_test_publish(self, "1.1.0", "ucupdates", "approved");
	uc_test_assert(self, "AC1", "1.0.0", "1.1.0");
	uc_test_assert(self, "AC1", "1.1.0", NULL);
	uc_test_assert(self, "AC2", "1.0.0", "1.1.0");
	uc_test_run(self->files.other, "INSERT INTO halts SELECT id, 1, 1, 1 FROM packages");
	uc_test_assert(self, "AC1", "1.0.0", NULL);
	uc_test_run(self->files.other, "DELETE FROM halts");
	uc_test_assert(self, "AC1", "1.0.0", "1.1.0");
}

/* the pending release stays with the test device, of two endpoints that are alike otherwise */
static void
uc_test_test_device(UcTest *self, gconstpointer user_data)
{
	uc_test_publish(self, "1.1.0", "ucupdates", "approved");
	uc_test_publish(self, "1.2.0", "ucupdates-testing", "pending");
	uc_test_assert(self, "AC1", "1.0.0", "1.1.0");
	uc_test_run(self->files.other,
		    "INSERT INTO published_test_devices VALUES ('serial', 'AC1')");
	uc_test_assert(self, "AC1", "1.0.0", "1.2.0");
	g_assert_true(self->named);
	uc_test_assert(self, "AC2", "1.0.0", "1.1.0");
	g_assert_false(self->named);
	uc_test_run(self->files.other, "DELETE FROM published_test_devices");
	uc_test_assert(self, "AC1", "1.0.0", "1.1.0");
}

/* more kinds of endpoints than are remembered */
static void
uc_test_many(UcTest *self, gconstpointer user_data)
{
	uc_test_publish(self, "1.1.0", "ucupdates", "approved");
	for (guint i = 0; i < 3000; i++) {
		g_autofree gchar *version = g_strdup_printf("1.0.%u", i);
		g_autofree gchar *found = uc_test_find(self, "AC1", version);

		g_assert_cmpstr(found, ==, "1.1.0");
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/offer-cache/follows",
		   UcTest,
		   NULL,
		   uc_test_set_up,
		   uc_test_follows,
		   uc_test_tear_down);
	g_test_add("/offer-cache/test-device",
		   UcTest,
		   NULL,
		   uc_test_set_up,
		   uc_test_test_device,
		   uc_test_tear_down);
	g_test_add("/offer-cache/many",
		   UcTest,
		   NULL,
		   uc_test_set_up,
		   uc_test_many,
		   uc_test_tear_down);
	return g_test_run();
}
