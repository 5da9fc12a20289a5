/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The endpoints that get what is pending, as Lync's test devices: by identity, MAC or serial. */

#include <string.h>

#include "uc-audit.h"
#include "uc-error.h"
#include "uc-identity.h"
#include "uc-test-device.h"

#define UC_TEST_DEVICE_MAX_BYTES 256

void
uc_test_device_free(UcTestDevice *self)
{
	g_free(self->kind);
	g_free(self->value);
	g_free(self);
}

static gboolean
uc_test_device_is_identity(const gchar *text)
{
	return g_str_has_prefix(text, "serial/") || g_str_has_prefix(text, "mac/") ||
	       g_str_has_prefix(text, "machine/");
}

static gboolean
uc_test_device_is_text(const gchar *text)
{
	if (text[0] == '\0' || strlen(text) > UC_TEST_DEVICE_MAX_BYTES ||
	    !g_utf8_validate(text, -1, NULL))
		return FALSE;
	for (const gchar *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_test_device_parse_mac:
 * @text: anything; a MAC address may have '-' in the place of ':', as other systems write it
 *
 * Returns: (transfer full) (nullable): the MAC address as endpoints say it, %NULL if it is none
 */
gchar *
uc_test_device_parse_mac(const gchar *text)
{
	g_autofree gchar *mac = g_ascii_strdown(text, -1);

	return uc_identity_is_mac(g_strdelimit(mac, "-", ':')) ? g_steal_pointer(&mac) : NULL;
}

/**
 * uc_test_device_new:
 * @text: an identity as `endpoint` shows it, a MAC address (with ':' or '-'), or else a serial
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: (transfer full): the test device
 */
UcTestDevice *
uc_test_device_new(const gchar *text, GError **error)
{
	UcTestDevice *self = NULL;

	if (!uc_test_device_is_text(text)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "'%.64s' is no endpoint, expected a serial, a MAC address or an "
			    "identity of at most %d bytes without control characters",
			    g_utf8_validate(text, -1, NULL) ? text : "?",
			    UC_TEST_DEVICE_MAX_BYTES);
		return NULL;
	}
	self = g_new0(UcTestDevice, 1);
	self->value = uc_test_device_parse_mac(text);
	if (self->value != NULL) {
		self->kind = g_strdup("mac_address");
	} else {
		self->kind = g_strdup(uc_test_device_is_identity(text) ? "id" : "serial");
		self->value = g_strdup(text);
	}
	return self;
}

static gboolean
uc_test_device_change(UcDatabase *database,
		      const UcTestDevice *self,
		      const gchar *sql,
		      const gchar *act,
		      gint64 now_secs,
		      GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);

	if (transaction == NULL ||
	    !uc_database_run(database, error, sql, "ss", self->kind, self->value))
		return FALSE;
	if (uc_database_get_changes(database) == 0) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_NOT_FOUND,
			    "there is no test device with %s '%s'; 'test-device list' shows those "
			    "there are",
			    self->kind,
			    self->value);
		return FALSE;
	}
	return uc_audit_add(database, act, self->value, now_secs, error) &&
	       uc_transaction_commit(transaction, error);
}

/**
 * uc_test_device_add:
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Adding one that is there already does no harm.
 */
gboolean
uc_test_device_add(UcDatabase *database, const UcTestDevice *self, gint64 now_secs, GError **error)
{
	return uc_test_device_change(
	    database,
	    self,
	    "INSERT OR REPLACE INTO test_devices (kind, value) VALUES (?, ?)",
	    "test-device add",
	    now_secs,
	    error);
}

/**
 * uc_test_device_remove:
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_NOT_FOUND, %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 */
gboolean
uc_test_device_remove(UcDatabase *database,
		      const UcTestDevice *self,
		      gint64 now_secs,
		      GError **error)
{
	return uc_test_device_change(database,
				     self,
				     "DELETE FROM test_devices WHERE kind = ? AND value = ?",
				     "test-device remove",
				     now_secs,
				     error);
}

/**
 * uc_test_device_list:
 *
 * Returns: (transfer full) (element-type UcTestDevice): all of them, or %NULL
 */
GPtrArray *
uc_test_device_list(UcDatabase *database, GError **error)
{
	g_autoptr(GPtrArray) devices =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_test_device_free);
	g_autoptr(UcStatement) row = NULL;
	gboolean more = FALSE;

	row = uc_database_query(database,
				error,
				"SELECT kind, value FROM test_devices ORDER BY kind, value",
				"");
	if (row == NULL)
		return NULL;
	while (TRUE) {
		UcTestDevice *device = NULL;

		if (!uc_statement_next(row, &more, error))
			return NULL;
		if (!more)
			return g_steal_pointer(&devices);
		device = g_new0(UcTestDevice, 1);
		device->kind = g_strdup(uc_statement_get_text(row, 0));
		device->value = g_strdup(uc_statement_get_text(row, 1));
		g_ptr_array_add(devices, device);
	}
}
