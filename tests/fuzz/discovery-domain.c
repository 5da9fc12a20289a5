/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "fuzz.h"
#include "uc-domain.h"
#include "uc-limits.h"

/* whatever comes out is in the one spelling, and stays what it is */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree gchar *text = g_strndup(size > 0 ? (const gchar *)data : "", size);
	g_autoptr(GError) error = NULL;
	g_autofree gchar *domain = uc_domain_canonicalise(text, NULL, &error);
	g_autofree gchar *allowed = uc_domain_canonicalise_allowed(text, NULL);
	g_autofree gchar *again = NULL;
	g_autofree gchar *name = NULL;

	g_assert_true((domain == NULL) == (error != NULL));
	if (domain == NULL)
		return 0;
	g_assert_cmpstr(allowed, ==, domain);
	again = uc_domain_canonicalise(domain, NULL, NULL);
	g_assert_cmpstr(again, ==, domain);
	g_assert_true(uc_domain_is_host_name(domain));
	g_assert_nonnull(strchr(domain, '.'));
	g_assert_cmpuint(strlen(domain), <=, UC_LIMIT_DOMAIN_BYTES);
	name = uc_domain_get_service_name(domain);
	g_assert_true(uc_domain_contains(domain, name));
	return 0;
}
