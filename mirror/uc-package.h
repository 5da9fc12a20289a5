/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-bind.h"
#include "uc-mirror.h"

#define UC_PACKAGE_ID_CHARS 12

/* what uc_package_take_rows() takes */
#define UC_PACKAGE_COLUMNS                                                                     \
	"id, sha256, size_bytes, component_id, name, vendor, version, protocol, payload_name," \
	" payload_sha256, payload_bytes, signed_sha256, signed_bytes, state, imported_secs,"   \
	" cab_sha256, metainfo, approved_secs,"                                                \
	" EXISTS (SELECT 1 FROM halts WHERE halts.package_id = packages.id), locale"

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
 * @sha256: of the cab as it was imported, with the component's id if the cab has several; its first
 *   12 digits are its id
 * @size_bytes: of that cab
 * @cab_sha256: of that cab
 * @metainfo: name of the metadata below `packages/<cab_sha256>/`
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
 * @approved_secs: when it was approved last, 0 for never
 * @locale: what its header says, empty if it is for all of them
 * @halted: it failed on too many endpoints
 * @pinned: a model is to run it, whatever its state; set while publishing
 * @withheld: it is halted, and no policy can say so; set while publishing
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
	gchar *cab_sha256;
	gchar *metainfo;
	gint64 approved_secs;
	gchar *locale;
	gboolean halted;
	gboolean pinned;
	gboolean withheld;
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
GPtrArray *
uc_package_list_cab(UcDatabase *database,
		    const gchar *sha256,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_package_take_rows(UcStatement *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcPackage *
uc_package_find(UcDatabase *database,
		const gchar *prefix,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_add(UcDatabase *database,
	       UcPackage *self,
	       const gchar *const *guids,
	       const UcBind *bind,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_add_model(UcDatabase *database,
		     const UcPackage *self,
		     const gchar *vendor,
		     const gchar *model,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_package_set_signed(UcDatabase *database,
		      UcPackage *self,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
