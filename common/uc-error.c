/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-error.h"
#include "uc-limits.h"

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

/* beside code and message: how long the server wants to be left alone */
typedef struct {
	gint64 retry_after_secs;
} UcErrorPrivate;

static void
uc_error_domain_private_init(UcErrorPrivate *priv)
{
}

static void
uc_error_domain_private_copy(const UcErrorPrivate *from, UcErrorPrivate *to)
{
	*to = *from;
}

static void
uc_error_domain_private_clear(UcErrorPrivate *priv)
{
}

static GQuark
uc_error_domain_quark(void);

G_DEFINE_EXTENDED_ERROR(UcError, uc_error_domain)

GQuark
uc_error_quark(void)
{
	static gsize registered = 0;

	if (g_once_init_enter(&registered)) {
		GQuark quark = uc_error_domain_quark();

		for (guint i = 0; i < G_N_ELEMENTS(uc_error_entries); i++)
			(void)g_dbus_error_register_error(quark,
							  uc_error_entries[i].error_code,
							  uc_error_entries[i].dbus_error_name);
		g_once_init_leave(&registered, quark);
	}
	return (GQuark)registered;
}

/**
 * uc_error_get_retry_after_secs:
 * @error: an error of any domain
 *
 * Returns: so many seconds the server wants to be left alone, 0 when it did not say
 */
gint64
uc_error_get_retry_after_secs(const GError *error)
{
	if (error->domain != UC_ERROR)
		return 0;
	return uc_error_domain_get_private(error)->retry_after_secs;
}

/**
 * uc_error_set_retry_after_secs:
 * @error: an error of this domain
 * @secs: 0 for not known; bounded to a day
 */
void
uc_error_set_retry_after_secs(GError *error, gint64 secs)
{
	g_return_if_fail(error->domain == UC_ERROR);
	uc_error_domain_get_private(error)->retry_after_secs =
	    CLAMP(secs, 0, UC_LIMIT_RETRY_AFTER_SECS);
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
