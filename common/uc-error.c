/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"

#define UC_ERROR_DBUS_PREFIX "org.ucupdates.Error."

static const GDBusErrorEntry uc_error_entries[] = {
    {UC_ERROR_FAILED, UC_ERROR_DBUS_PREFIX "Failed"},
    {UC_ERROR_INVALID, UC_ERROR_DBUS_PREFIX "Invalid"},
    {UC_ERROR_NOT_FOUND, UC_ERROR_DBUS_PREFIX "NotFound"},
    {UC_ERROR_TEMPORARY, UC_ERROR_DBUS_PREFIX "Temporary"},
    {UC_ERROR_REFUSED, UC_ERROR_DBUS_PREFIX "Refused"},
    {UC_ERROR_SIGNATURE, UC_ERROR_DBUS_PREFIX "Signature"},
    {UC_ERROR_EXPIRED, UC_ERROR_DBUS_PREFIX "Expired"},
    {UC_ERROR_ROLLBACK, UC_ERROR_DBUS_PREFIX "Rollback"},
    {UC_ERROR_LIMIT, UC_ERROR_DBUS_PREFIX "Limit"},
    {UC_ERROR_CLOCK, UC_ERROR_DBUS_PREFIX "Clock"},
    {UC_ERROR_DENIED, UC_ERROR_DBUS_PREFIX "Denied"},
    {UC_ERROR_IN_USE, UC_ERROR_DBUS_PREFIX "InUse"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(uc_error_entries) == UC_ERROR_LAST);

GQuark
uc_error_quark(void)
{
	static gsize quark = 0;

	g_dbus_error_register_error_domain("uc-error-quark",
					   &quark,
					   uc_error_entries,
					   G_N_ELEMENTS(uc_error_entries));
	return (GQuark)quark;
}

/**
 * uc_error_is_refusal:
 * @error: an error
 *
 * Returns: whether we ourselves refused what came in, as opposed to not getting an answer.
 */
gboolean
uc_error_is_refusal(const GError *error)
{
	if (error->domain != UC_ERROR)
		return FALSE;
	switch ((UcError)error->code) {
	case UC_ERROR_INVALID:
	case UC_ERROR_REFUSED:
	case UC_ERROR_SIGNATURE:
	case UC_ERROR_EXPIRED:
	case UC_ERROR_ROLLBACK:
	case UC_ERROR_LIMIT:
		return TRUE;
	default:
		return FALSE;
	}
}

/**
 * uc_error_is_temporary:
 * @error: an error
 *
 * Returns: whether the same attempt may succeed later without anybody changing anything.
 */
gboolean
uc_error_is_temporary(const GError *error)
{
	return g_error_matches(error, UC_ERROR, UC_ERROR_TEMPORARY) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_CLOCK) ||
	       g_error_matches(error, UC_ERROR, UC_ERROR_IN_USE);
}

static UcError
uc_error_code_from_io(const GError *error)
{
	if (error->domain == G_TLS_ERROR) {
		if (error->code == G_TLS_ERROR_BAD_CERTIFICATE)
			return UC_ERROR_REFUSED;
		return UC_ERROR_TEMPORARY;
	}
	if (error->domain == G_RESOLVER_ERROR)
		return UC_ERROR_TEMPORARY;
	if (error->domain != G_IO_ERROR)
		return UC_ERROR_FAILED;
	switch (error->code) {
	case G_IO_ERROR_TIMED_OUT:
	case G_IO_ERROR_CONNECTION_REFUSED:
	case G_IO_ERROR_CONNECTION_CLOSED: /* the same value as BROKEN_PIPE */
	case G_IO_ERROR_HOST_UNREACHABLE:
	case G_IO_ERROR_NETWORK_UNREACHABLE:
	case G_IO_ERROR_NOT_CONNECTED:
	case G_IO_ERROR_PARTIAL_INPUT:
	case G_IO_ERROR_PROXY_FAILED:
		return UC_ERROR_TEMPORARY;
	default:
		return UC_ERROR_FAILED;
	}
}

/**
 * uc_error_convert_io:
 * @error: (inout): a set error of any domain
 * @what: what was being done, as a prefix of the message
 *
 * The one conversion of a network error of GIO and libsoup. An error of our own domain keeps its
 * code; a cancellation stays `G_IO_ERROR_CANCELLED`.
 */
void
uc_error_convert_io(GError **error, const gchar *what)
{
	g_autoptr(GError) original = NULL;

	g_prefix_error(error, "%s: ", what);
	if ((*error)->domain == UC_ERROR ||
	    g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	original = g_steal_pointer(error);
	g_set_error_literal(error, UC_ERROR, uc_error_code_from_io(original), original->message);
}
