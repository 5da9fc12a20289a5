/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcError:
 * @UC_ERROR_FAILED: something of this machine failed (disk, D-Bus, memory)
 * @UC_ERROR_INVALID: input that is not what its format says; nothing was changed
 * @UC_ERROR_NOT_FOUND: surely absent: no such name, no data, 404 or 410, no such endpoint
 * @UC_ERROR_TEMPORARY: could not tell: time-out, unreachable, a server's failure; try again later
 * @UC_ERROR_REFUSED: refused by us: a forbidden name, address, certificate or organisation
 * @UC_ERROR_SIGNATURE: refused by us: not signed by the anchor of that purpose
 * @UC_ERROR_EXPIRED: refused by us: past its expiry (a freeze)
 * @UC_ERROR_ROLLBACK: refused by us: a serial older than one already seen
 * @UC_ERROR_LIMIT: refused by us: larger, longer or deeper than the limit of `uc-limits.h`
 * @UC_ERROR_CLOCK: the clock of this machine cannot be right; wait for synchronisation
 * @UC_ERROR_DENIED: the caller may not do that, or a server wants credentials
 * @UC_ERROR_IN_USE: not now: the room is in use, or that is not known
 *
 * The few codes that a caller can act on, the same in every component. They travel over D-Bus as
 * `org.ucupdates.Error.<Name>`.
 */
typedef enum {
	UC_ERROR_FAILED,
	UC_ERROR_INVALID,
	UC_ERROR_NOT_FOUND,
	UC_ERROR_TEMPORARY,
	UC_ERROR_REFUSED,
	UC_ERROR_SIGNATURE,
	UC_ERROR_EXPIRED,
	UC_ERROR_ROLLBACK,
	UC_ERROR_LIMIT,
	UC_ERROR_CLOCK,
	UC_ERROR_DENIED,
	UC_ERROR_IN_USE,
	UC_ERROR_LAST
} UcError;

#define UC_ERROR (uc_error_quark())
GQuark
uc_error_quark(void);

gboolean
uc_error_is_refusal(const GError *error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_error_is_temporary(const GError *error) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_error_get_retry_after_secs(const GError *error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_error_set_retry_after_secs(GError *error, gint64 secs);
void
uc_error_convert_io(GError **error, const gchar *what);
