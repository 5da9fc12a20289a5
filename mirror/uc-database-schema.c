/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The schema, as the steps that lead from one version to the next. A step that was released is
 * never changed: databases of that version exist.
 */

#include "uc-database-schema.h"

static const gchar *const uc_database_schema_1 =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE packages ("
    " id INTEGER PRIMARY KEY,"
    " sha256 TEXT NOT NULL UNIQUE,"
    " size_bytes INTEGER NOT NULL,"
    " component_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " vendor TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " protocol TEXT NOT NULL,"
    " payload_name TEXT NOT NULL,"
    " payload_sha256 TEXT NOT NULL,"
    " payload_bytes INTEGER NOT NULL,"
    " signed_sha256 TEXT,"
    " signed_bytes INTEGER,"
    " state TEXT NOT NULL"
    "  CHECK (state IN ('pending', 'approved', 'restore', 'rejected', 'retired')),"
    " imported_secs INTEGER NOT NULL) STRICT;"
    "CREATE INDEX packages_by_component ON packages (component_id, state);"
    "CREATE TABLE package_guids ("
    " package_id INTEGER NOT NULL REFERENCES packages ON DELETE CASCADE,"
    " guid TEXT NOT NULL,"
    " PRIMARY KEY (guid, package_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE published ("
    " remote TEXT NOT NULL,"
    " package_id INTEGER NOT NULL REFERENCES packages ON DELETE CASCADE,"
    " PRIMARY KEY (package_id, remote)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE endpoints ("
    " id INTEGER PRIMARY KEY,"
    " identity TEXT NOT NULL UNIQUE,"
    " vendor TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " hardware_level TEXT NOT NULL,"
    " serial TEXT NOT NULL,"
    " mac_address TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " machine_id TEXT NOT NULL,"
    " agent_version TEXT NOT NULL,"
    " details TEXT NOT NULL,"
    " first_seen_secs INTEGER NOT NULL,"
    " last_seen_secs INTEGER NOT NULL) STRICT;"
    "CREATE TABLE reports ("
    " uuid TEXT PRIMARY KEY,"
    " identity TEXT NOT NULL,"
    " event TEXT NOT NULL,"
    " version_old TEXT NOT NULL,"
    " version_new TEXT NOT NULL,"
    " sha256 TEXT NOT NULL,"
    " message TEXT NOT NULL,"
    " time_secs INTEGER NOT NULL,"
    " received_secs INTEGER NOT NULL,"
    " body TEXT NOT NULL) STRICT;"
    "CREATE INDEX reports_by_identity ON reports (identity, received_secs);";

static const gchar *const uc_database_schema_2 =
    /* one cab may carry several components, each is a package */
    "ALTER TABLE packages ADD COLUMN cab_sha256 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE packages ADD COLUMN metainfo TEXT NOT NULL DEFAULT 'metainfo.xml';"
    "ALTER TABLE packages ADD COLUMN approved_secs INTEGER NOT NULL DEFAULT 0;"
    "UPDATE packages SET cab_sha256 = sha256;"
    "UPDATE packages SET approved_secs = imported_secs WHERE state = 'approved';"
    "CREATE TABLE package_models ("
    " package_id INTEGER NOT NULL REFERENCES packages ON DELETE CASCADE,"
    " vendor TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " PRIMARY KEY (vendor, model, package_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE pins ("
    " vendor TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " or_newer INTEGER NOT NULL,"
    " by_restore INTEGER NOT NULL,"
    " PRIMARY KEY (vendor, model)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE test_devices ("
    " kind TEXT NOT NULL CHECK (kind IN ('id', 'mac_address', 'serial')),"
    " value TEXT NOT NULL,"
    " PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID;"
    /* the same as they were published, which is what endpoints act on */
    "CREATE TABLE published_pins ("
    " vendor TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " or_newer INTEGER NOT NULL,"
    " PRIMARY KEY (vendor, model)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE published_test_devices ("
    " kind TEXT NOT NULL,"
    " value TEXT NOT NULL,"
    " PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE published ADD COLUMN role TEXT NOT NULL DEFAULT 'approved';"
    /* who was offered what: only these may vote on it */
    "CREATE TABLE offers ("
    " package_id INTEGER NOT NULL REFERENCES packages ON DELETE CASCADE,"
    " identity TEXT NOT NULL,"
    " offered_secs INTEGER NOT NULL,"
    " PRIMARY KEY (package_id, identity)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE votes ("
    " package_id INTEGER NOT NULL REFERENCES packages ON DELETE CASCADE,"
    " identity TEXT NOT NULL,"
    " event TEXT NOT NULL CHECK (event IN ('success', 'failed')),"
    " received_secs INTEGER NOT NULL,"
    " PRIMARY KEY (package_id, identity)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE halts ("
    " package_id INTEGER PRIMARY KEY REFERENCES packages ON DELETE CASCADE,"
    " since_secs INTEGER NOT NULL,"
    " failed INTEGER NOT NULL,"
    " total INTEGER NOT NULL) STRICT;"
    /* every version that an endpoint ever reported */
    "CREATE TABLE versions ("
    " identity TEXT NOT NULL,"
    " module TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " first_secs INTEGER NOT NULL,"
    " last_secs INTEGER NOT NULL,"
    " PRIMARY KEY (identity, module, version)) STRICT, WITHOUT ROWID;"
    "INSERT INTO versions SELECT identity, 'application', version, first_seen_secs,"
    " last_seen_secs FROM endpoints WHERE version <> '';"
    "ALTER TABLE endpoints ADD COLUMN room TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE endpoints ADD COLUMN state_since_secs INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY,"
    " time_secs INTEGER NOT NULL,"
    " who TEXT NOT NULL,"
    " act TEXT NOT NULL,"
    " subject TEXT NOT NULL) STRICT;";

static const gchar *const uc_database_schema_3 =
    /* what uc-catalog-cache.c keeps; may be emptied at any time */
    "CREATE TABLE catalog_components ("
    " package_id INTEGER PRIMARY KEY REFERENCES packages ON DELETE CASCADE,"
    " made_for TEXT NOT NULL,"
    " xml TEXT NOT NULL) STRICT;";

static const gchar *const uc_database_schema_4 =
    /* the keys of endpoints; `name` is what their certificates say */
    "CREATE TABLE endpoint_keys ("
    " id INTEGER PRIMARY KEY,"
    " key_sha256 TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL UNIQUE,"
    " public_key TEXT NOT NULL,"
    " state TEXT NOT NULL"
    "  CHECK (state IN ('waiting', 'wanted', 'issued', 'denied', 'revoked')),"
    " certificate TEXT NOT NULL,"
    " expires_secs INTEGER NOT NULL,"
    " changed_secs INTEGER NOT NULL) STRICT;"
    "CREATE INDEX endpoint_keys_by_state ON endpoint_keys (state);"
    /* the endpoints that a key asks to be for */
    "CREATE TABLE key_claims ("
    " key_id INTEGER NOT NULL REFERENCES endpoint_keys ON DELETE CASCADE,"
    " identity TEXT NOT NULL,"
    " PRIMARY KEY (key_id, identity)) STRICT, WITHOUT ROWID;"
    /* and those that it is for: an identity has one key */
    "CREATE TABLE identity_keys ("
    " identity TEXT PRIMARY KEY,"
    " key_id INTEGER NOT NULL REFERENCES endpoint_keys ON DELETE CASCADE,"
    " bound_secs INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX identity_keys_by_key ON identity_keys (key_id);"
    /* a second key for an identity */
    "CREATE TABLE key_conflicts ("
    " identity TEXT NOT NULL,"
    " key_id INTEGER NOT NULL REFERENCES endpoint_keys ON DELETE CASCADE,"
    " first_secs INTEGER NOT NULL,"
    " last_secs INTEGER NOT NULL,"
    " PRIMARY KEY (identity, key_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE enrol_tokens ("
    " sha256 TEXT PRIMARY KEY,"
    " expires_secs INTEGER NOT NULL,"
    " used_secs INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX endpoints_by_serial ON endpoints (serial);"
    "CREATE INDEX endpoints_by_mac_address ON endpoints (mac_address);"
    "ALTER TABLE votes ADD COLUMN key_id INTEGER NOT NULL DEFAULT 0;";

static const gchar *const uc_database_schema_5 =
    /* of the CA that signed the certificate; empty for one from before this step */
    "ALTER TABLE endpoint_keys ADD COLUMN ca_sha256 TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX endpoint_keys_by_ca ON endpoint_keys (ca_sha256);"
    /* when endpoints were seen that said the same again; newer than endpoints.last_seen_secs */
    "CREATE TABLE seen ("
    " endpoint_id INTEGER PRIMARY KEY,"
    " seen_secs INTEGER NOT NULL) STRICT;";

static const gchar *const uc_database_schema_6 =
    /* of the header of the image; empty for one from before this step */
    "ALTER TABLE packages ADD COLUMN locale TEXT NOT NULL DEFAULT '';";

static const gchar *const *const uc_database_schema_steps[] = {&uc_database_schema_1,
							       &uc_database_schema_2,
							       &uc_database_schema_3,
							       &uc_database_schema_4,
							       &uc_database_schema_5,
							       &uc_database_schema_6};

/**
 * uc_database_schema_get_step:
 * @version: of a database, 0 for an empty one, less than %UC_DATABASE_SCHEMA_VERSION
 *
 * Returns: (transfer none): the statements that lead to the next version
 */
const gchar *
uc_database_schema_get_step(guint version)
{
	G_STATIC_ASSERT(G_N_ELEMENTS(uc_database_schema_steps) == UC_DATABASE_SCHEMA_VERSION);
	g_return_val_if_fail(version < UC_DATABASE_SCHEMA_VERSION, "");
	return *uc_database_schema_steps[version];
}
