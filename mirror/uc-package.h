/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

#define UC_PACKAGE_ID_CHARS 12

/**
 * UcPackageState:
 * @UC_PACKAGE_PENDING: imported, offered to test devices only
 * @UC_PACKAGE_APPROVED: offered to everybody
 * @UC_PACKAGE_RESTORE: the one that was approved before
 * @UC_PACKAGE_REJECTED: dropped while pending
 * @UC_PACKAGE_RETIRED: was to be restored once
 */
typedef enum {
	UC_PACKAGE_PENDING,
	UC_PACKAGE_APPROVED,
	UC_PACKAGE_RESTORE,
	UC_PACKAGE_REJECTED,
	UC_PACKAGE_RETIRED,
	UC_PACKAGE_LAST
} UcPackageState;

/**
 * UcPackage:
 * @row: key in the database
 * @sha256: of the cab as it was imported; its first 12 digits are its id
 * @size_bytes: of that cab
 * @component_id: of the metadata
 * @name: for people
 * @vendor: for people
 * @version: of its release
 * @protocol: fwupd's update protocol
 * @payload_name: member of the cab that is installed
 * @payload_sha256: of the payload
 * @payload_bytes: of the payload
 * @signed_sha256: of the cab that endpoints get; empty before the first publication
 * @signed_bytes: of that cab
 * @state: what it is on offer for
 * @imported_secs: seconds since the Unix epoch
 */
typedef struct {
	gint64 row;
	gchar *sha256;
	guint64 size_bytes;
	gchar *component_id;
	gchar *name;
	gchar *vendor;
	gchar *version;
	gchar *protocol;
	gchar *payload_name;
	gchar *payload_sha256;
	guint64 payload_bytes;
	gchar *signed_sha256;
	guint64 signed_bytes;
	UcPackageState state;
	gint64 imported_secs;
} UcPackage;

void
uc_package_free(UcPackage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPackage, uc_package_free)

const gchar *
uc_package_state_to_string(UcPackageState state);
gchar *
uc_package_get_id(const UcPackage *self) G_GNUC_WARN_UNUSED_RESULT;

GPtrArray *
uc_package_list(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPackage *
uc_package_find(UcDatabase *database,
		const gchar *prefix,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_add(UcDatabase *database, UcPackage *self, const gchar *const *guids, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_set_signed(UcDatabase *database,
		      UcPackage *self,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean
uc_package_approve(UcDatabase *database,
		   const gchar *prefix,
		   UcPackage **package_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_reject(UcDatabase *database,
		  const gchar *prefix,
		  UcPackage **package_out,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_restore(UcDatabase *database,
		   const gchar *prefix,
		   UcPackage **package_out,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
