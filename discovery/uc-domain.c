/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which domains may be asked for an update service. The name `ucupdates-r2.<domain>` is like that
 * of WPAD: whoever answers it hands out firmware. So a domain must be one that an organisation can
 * own, in exactly one spelling, and a parent is never asked in its place. What is refused here
 * costs no packet.
 */

#include <gio/gio.h>
#include <libpsl.h>
#include <string.h>

#include "uc-domain.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-names.h"

#define UC_DOMAIN_LABEL_BYTES 63
#define UC_DOMAIN_NAME_BYTES  253

G_DEFINE_AUTOPTR_CLEANUP_FUNC(psl_ctx_t, psl_free)

static gboolean
uc_domain_refuse(const gchar *text, const gchar *why, GError **error)
{
	g_autofree gchar *valid = g_utf8_make_valid(text, (gssize)MIN(strlen(text), 300));
	g_autofree gchar *shown = g_strescape(valid, "\\\"");

	g_set_error(error, UC_ERROR, UC_ERROR_REFUSED, "domain '%s' is not asked: %s", shown, why);
	return FALSE;
}

static gboolean
uc_domain_label_is_legal(const gchar *label)
{
	gsize size = strlen(label);

	if (size == 0 || size > UC_DOMAIN_LABEL_BYTES || label[0] == '-' || label[size - 1] == '-')
		return FALSE;
	for (gsize i = 0; i < size; i++) {
		if (!g_ascii_islower(label[i]) && !g_ascii_isdigit(label[i]) && label[i] != '-')
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_domain_is_host_name:
 * @name: a name in lower case without a dot at the end
 *
 * Returns: whether it is a legal host name: at most 253 octets, labels of letters, digits and
 *   inner hyphens (RFC 1123, section 2.1)
 */
gboolean
uc_domain_is_host_name(const gchar *name)
{
	g_auto(GStrv) labels = NULL;

	if (strlen(name) > UC_DOMAIN_NAME_BYTES)
		return FALSE;
	labels = g_strsplit(name, ".", -1);
	if (labels[0] == NULL)
		return FALSE;
	for (guint i = 0; labels[i] != NULL; i++) {
		if (!uc_domain_label_is_legal(labels[i]))
			return FALSE;
	}
	return TRUE;
}

/* "1.2.3", "0x7f.1" and the like: some programs take them for an IPv4 address */
static gboolean
uc_domain_ends_in_number(const gchar *domain)
{
	const gchar *last = strrchr(domain, '.');

	last = last != NULL ? last + 1 : domain;
	if (g_str_has_prefix(last, "0x"))
		return strspn(last + 2, "0123456789abcdef") == strlen(last + 2);
	return strspn(last, "0123456789") == strlen(last);
}

/* names that mean this machine, this link, nothing at all, or no DNS (RFC 6761, 6762, 8375, ...) */
static const gchar *
uc_domain_find_special(const gchar *domain)
{
	static const gchar *const names[] =
	    {"local", "localhost", "invalid", "onion", "alt", "arpa", NULL};

	for (guint i = 0; names[i] != NULL; i++) {
		if (uc_domain_contains(names[i], domain))
			return names[i];
	}
	return NULL;
}

static gboolean
uc_domain_check_public_suffix(const gchar *domain, GError **error)
{
	g_autoptr(psl_ctx_t) list = psl_latest(NULL);

	if (list == NULL) {
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_FAILED,
				    "libpsl has no public suffix list; install 'publicsuffix'");
		return FALSE;
	}
	if (psl_is_public_suffix(list, domain))
		return uc_domain_refuse(domain,
					"it is a public suffix, below which anybody can own a name",
					error);
	return TRUE;
}

/* names that never leave this machine or go elsewhere than DNS; nobody can own one */
static gboolean
uc_domain_can_be_allowed(const gchar *domain)
{
	return !uc_domain_ends_in_number(domain) && !uc_domain_contains("localhost", domain) &&
	       !uc_domain_contains("invalid", domain) && !uc_domain_contains("onion", domain) &&
	       !uc_domain_contains("alt", domain);
}

static gboolean
uc_domain_check(const gchar *domain, const gchar *const *allowed, GError **error)
{
	const gchar *special = uc_domain_find_special(domain);
	g_autofree gchar *why = NULL;

	if (allowed != NULL && uc_domain_can_be_allowed(domain) && g_strv_contains(allowed, domain))
		return TRUE;
	if (uc_domain_ends_in_number(domain))
		return uc_domain_refuse(domain, "it reads as an IP address", error);
	if (special != NULL) {
		why = g_strdup_printf("names in '%s' are not the organisation's", special);
		return uc_domain_refuse(domain, why, error);
	}
	if (strchr(domain, '.') == NULL)
		return uc_domain_refuse(domain, "it is a single label", error);
	return uc_domain_check_public_suffix(domain, error);
}

/* A-labels in lower case without the dot at the end, or NULL */
static gchar *
uc_domain_to_ascii(const gchar *text)
{
	g_autofree gchar *ascii = g_hostname_to_ascii(text);
	g_autofree gchar *lower = NULL;
	g_autofree gchar *unicode = NULL;
	gsize size = 0;

	if (ascii == NULL)
		return NULL;
	lower = g_ascii_strdown(ascii, -1);
	size = strlen(lower);
	if (size > 0 && lower[size - 1] == '.')
		lower[size - 1] = '\0';
	if (!uc_domain_is_host_name(lower))
		return NULL;
	/* an A-label that decodes to nothing is no name that anybody could own */
	unicode = g_hostname_to_unicode(lower);
	return unicode != NULL ? g_steal_pointer(&lower) : NULL;
}

/* (transfer full) (nullable): the one spelling of a legal host name with room for a prefix */
static gchar *
uc_domain_spell(const gchar *text, GError **error)
{
	g_autofree gchar *domain = NULL;

	if (text[0] == '\0') {
		uc_domain_refuse(text, "it is empty", error);
		return NULL;
	}
	if (strlen(text) > UC_LIMIT_STRING_BYTES) {
		uc_domain_refuse(text, "it is longer than 237 octets", error);
		return NULL;
	}
	if (g_hostname_is_ip_address(text)) {
		uc_domain_refuse(text, "it is an IP address", error);
		return NULL;
	}
	if (strstr(text, "://") != NULL) {
		uc_domain_refuse(text,
				 "it is a URL, expected a domain such as room.example",
				 error);
		return NULL;
	}
	if (strchr(text, '@') != NULL) {
		uc_domain_refuse(text, "expected a domain, which is what comes after the @", error);
		return NULL;
	}
	if (g_utf8_validate(text, -1, NULL))
		domain = uc_domain_to_ascii(text);
	if (domain == NULL) {
		uc_domain_refuse(text, "it is not a legal host name", error);
		return NULL;
	}
	if (strlen(domain) > UC_LIMIT_DOMAIN_BYTES) {
		uc_domain_refuse(text, "it is longer than 237 octets", error);
		return NULL;
	}
	return g_steal_pointer(&domain);
}

/**
 * uc_domain_canonicalise:
 * @text: what an administrator, DHCP or a file calls the domain; may be anything
 * @allowed: (nullable) (array zero-terminated=1): names of uc_domain_canonicalise_allowed() that
 *   are taken although they look refused; exactly these and nothing below or above them
 * @error: set to %UC_ERROR_REFUSED with the reason; %UC_ERROR_FAILED when this machine has no
 *   public suffix list
 *
 * The one spelling of a domain: A-labels, lower case, no dot at the end, at most 237 octets so
 * that `ucupdates-r2.` and `_ucupdates._tcp.` still fit before it. Refused are anything that is no
 * legal host name, a single label, an IP address, a public suffix (its private section and star
 * rules included), `.local`, `.localhost`, `.invalid`, `.onion`, `.alt` and `.arpa`.
 *
 * Does not block on the network.
 *
 * Returns: (transfer full): the domain, or %NULL
 */
gchar *
uc_domain_canonicalise(const gchar *text, const gchar *const *allowed, GError **error)
{
	g_autofree gchar *domain = uc_domain_spell(text, error);

	if (domain == NULL || !uc_domain_check(domain, allowed, error))
		return NULL;
	return g_steal_pointer(&domain);
}

/**
 * uc_domain_canonicalise_allowed:
 * @text: a value of `[Discovery] AllowedDomains=`
 * @error: set to %UC_ERROR_REFUSED for what no organisation can own: no legal host name, an IP
 *   address, names in `localhost`, `invalid`, `onion` and `alt`
 *
 * Returns: (transfer full): the name for the list that uc_domain_canonicalise() takes, or %NULL
 */
gchar *
uc_domain_canonicalise_allowed(const gchar *text, GError **error)
{
	g_autofree gchar *domain = uc_domain_spell(text, error);

	if (domain == NULL)
		return NULL;
	if (!uc_domain_can_be_allowed(domain)) {
		uc_domain_refuse(domain, "no organisation can own it", error);
		return NULL;
	}
	return g_steal_pointer(&domain);
}

/**
 * uc_domain_contains:
 * @domain: a canonical domain
 * @name: a name in lower case without a dot at the end
 *
 * Returns: whether @name is @domain or lies below it
 */
gboolean
uc_domain_contains(const gchar *domain, const gchar *name)
{
	gsize domain_bytes = strlen(domain);
	gsize name_bytes = strlen(name);

	if (name_bytes == domain_bytes)
		return g_str_equal(name, domain);
	return name_bytes > domain_bytes && g_str_has_suffix(name, domain) &&
	       name[name_bytes - domain_bytes - 1] == '.';
}

/**
 * uc_domain_get_service_name:
 * @domain: a canonical domain
 *
 * Returns: (transfer full): `ucupdates-r2.<domain>`, the name that the certificate must have
 */
gchar *
uc_domain_get_service_name(const gchar *domain)
{
	return g_strconcat(UC_DNS_LABEL, ".", domain, NULL);
}

/**
 * uc_domain_get_old_name:
 * @domain: a canonical domain
 *
 * Returns: (transfer full): `ucupdates.<domain>`, what the service was called before R2
 */
gchar *
uc_domain_get_old_name(const gchar *domain)
{
	return g_strconcat(UC_DNS_OLD_LABEL, ".", domain, NULL);
}

/**
 * uc_domain_get_srv_name:
 * @domain: a canonical domain
 *
 * Returns: (transfer full): `_ucupdates._tcp.<domain>`
 */
gchar *
uc_domain_get_srv_name(const gchar *domain)
{
	return g_strconcat(UC_DNS_SRV_PREFIX, ".", domain, NULL);
}
