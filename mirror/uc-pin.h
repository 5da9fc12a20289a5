/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-package.h"

/**
 * UcPin:
 * @vendor: in lower case
 * @model: in lower case
 * @version: what its endpoints are to run
 * @or_newer: anything newer will do too, and later imports approve themselves
 * @by_restore: set by `restore`, and goes with the next approval
 *
 * The version that a model is to run, as RealPresence's "version to be used"; none is set at first.
 */
typedef struct {
	gchar *vendor;
	gchar *model;
	gchar *version;
	gboolean or_newer;
	gboolean by_restore;
} UcPin;

UcPin *
uc_pin_new(const gchar *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_pin_free(UcPin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcPin, uc_pin_free)

gboolean
uc_pin_store(UcDatabase *database, const UcPin *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_pin_remove(UcDatabase *database, const UcPin *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_pin_list(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_pin_list_packages(UcDatabase *database,
		     const UcPin *self,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean
uc_pin_restore(UcDatabase *database,
	       const UcPackage *package,
	       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_pin_clear_restored(UcDatabase *database,
		      const UcPackage *package,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_pin_wants(UcDatabase *database, const UcPackage *package, gboolean *wants_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
