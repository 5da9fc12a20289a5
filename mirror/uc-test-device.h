/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-database.h"

/**
 * UcTestDevice:
 * @kind: `id` (an identity), `mac_address` (in lower case) or `serial`
 * @value: of that kind
 *
 * An endpoint that gets what is pending.
 */
typedef struct {
	gchar *kind;
	gchar *value;
} UcTestDevice;

UcTestDevice *
uc_test_device_new(const gchar *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_test_device_free(UcTestDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTestDevice, uc_test_device_free)

gchar *
uc_test_device_parse_mac(const gchar *text) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_test_device_add(UcDatabase *database, const UcTestDevice *self, gint64 now_secs, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_test_device_remove(UcDatabase *database,
		      const UcTestDevice *self,
		      gint64 now_secs,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
uc_test_device_list(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
