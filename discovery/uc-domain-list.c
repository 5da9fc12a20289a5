/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-domain-list.h"
#include "uc-domain.h"
#include "uc-error.h"
#include "uc-limits.h"

void
uc_domain_entry_free(UcDomainEntry *self)
{
	g_free(self->text);
	g_free(self->domain);
	g_clear_error(&self->error);
	g_free(self);
}

/**
 * uc_domain_source_to_string:
 * @source: where a domain comes from
 *
 * Returns: its name in the JSON of `ucupdates-discover`
 */
const gchar *
uc_domain_source_to_string(UcDomainSource source)
{
	static const gchar *const names[] = {"command-line", "configuration", "resolv.conf"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_DOMAIN_SOURCE_LAST);
	g_return_val_if_fail(source < UC_DOMAIN_SOURCE_LAST, NULL);
	return names[source];
}

/**
 * uc_domain_list_new:
 *
 * Returns: (transfer full) (element-type UcDomainEntry): an empty list
 */
GPtrArray *
uc_domain_list_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)uc_domain_entry_free);
}

static gboolean
uc_domain_list_contains(GPtrArray *list, const gchar *domain)
{
	for (guint i = 0; i < list->len; i++) {
		const UcDomainEntry *entry = g_ptr_array_index(list, i);

		if (g_strcmp0(entry->domain, domain) == 0)
			return TRUE;
	}
	return FALSE;
}

static UcDomainEntry *
uc_domain_entry_new(const gchar *text, UcDomainSource source)
{
	UcDomainEntry *entry = g_new0(UcDomainEntry, 1);

	entry->text = g_strdup(text);
	entry->source = source;
	entry->domain = uc_domain_canonicalise(text, &entry->error);
	return entry;
}

static UcDomainEntry *
uc_domain_entry_new_excess(const gchar *text, UcDomainSource source)
{
	UcDomainEntry *entry = g_new0(UcDomainEntry, 1);

	entry->text = g_strdup(text);
	entry->source = source;
	g_set_error(&entry->error,
		    UC_ERROR,
		    UC_ERROR_LIMIT,
		    "this domain and those after it are not asked: at most %d are",
		    UC_LIMIT_DISCOVERY_DOMAINS);
	return entry;
}

/**
 * uc_domain_list_add:
 * @list: (element-type UcDomainEntry): where to add
 * @texts: (array zero-terminated=1): domains as they were given
 * @source: where they come from
 *
 * Adds them in their order, those that are refused too; one that is in the list already is passed
 * over. After 8 the next one is refused and the rest is not looked at.
 */
void
uc_domain_list_add(GPtrArray *list, const gchar *const *texts, UcDomainSource source)
{
	for (guint i = 0; texts[i] != NULL; i++) {
		g_autoptr(UcDomainEntry) entry = NULL;

		if (list->len > UC_LIMIT_DISCOVERY_DOMAINS)
			return;
		if (list->len == UC_LIMIT_DISCOVERY_DOMAINS)
			entry = uc_domain_entry_new_excess(texts[i], source);
		else
			entry = uc_domain_entry_new(texts[i], source);
		if (entry->domain == NULL || !uc_domain_list_contains(list, entry->domain))
			g_ptr_array_add(list, g_steal_pointer(&entry));
	}
}

/**
 * uc_domain_list_permit:
 * @list: (element-type UcDomainEntry): what would be asked
 * @permitted: (array zero-terminated=1): canonical domains of the endpoint's organisation
 *
 * Refuses every other domain: the network is a foreign one as far as that domain goes.
 */
void
uc_domain_list_permit(GPtrArray *list, const gchar *const *permitted)
{
	for (guint i = 0; i < list->len; i++) {
		UcDomainEntry *entry = g_ptr_array_index(list, i);

		if (entry->domain == NULL || g_strv_contains(permitted, entry->domain))
			continue;
		g_set_error(&entry->error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "foreign network: '%s' is not a domain of this endpoint's organisation",
			    entry->domain);
		g_clear_pointer(&entry->domain, g_free);
	}
}
