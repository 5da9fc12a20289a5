/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-domain-list.h"
#include "uc-domain.h"
#include "uc-error.h"
#include "uc-limits.h"

void
uc_domain_entry_free(UcDomainEntry *self)
{
	g_free(self->text);
	g_free(self->interface);
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
	static const gchar *const names[] = {"command-line",
					     "configuration",
					     "NetworkManager",
					     "systemd-resolved",
					     "systemd-networkd",
					     "resolv.conf"};

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == UC_DOMAIN_SOURCE_LAST);
	g_return_val_if_fail(source < UC_DOMAIN_SOURCE_LAST, NULL);
	return names[source];
}

/* one that was taken out leaves a hole */
static void
uc_domain_list_free_entry(gpointer entry)
{
	if (entry != NULL)
		uc_domain_entry_free(entry);
}

/**
 * uc_domain_list_new:
 *
 * Returns: (transfer full) (element-type UcDomainEntry): an empty list
 */
GPtrArray *
uc_domain_list_new(void)
{
	return g_ptr_array_new_with_free_func(uc_domain_list_free_entry);
}

/* a domain is the same in every spelling, and what is refused is the same as it was written */
static gboolean
uc_domain_list_contains(GPtrArray *list, const UcDomainEntry *other)
{
	for (guint i = 0; i < list->len; i++) {
		const UcDomainEntry *entry = g_ptr_array_index(list, i);

		if (other->domain != NULL
			? g_strcmp0(entry->domain, other->domain) == 0
			: entry->domain == NULL && g_str_equal(entry->text, other->text))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_domain_list_add_one:
 * @list: (element-type UcDomainEntry): where to add
 * @text: a domain as it was given
 * @source: where it comes from
 * @interface: (nullable): the network interface that it belongs to
 * @allowed: (nullable) (array zero-terminated=1): see uc_domain_canonicalise()
 *
 * Adds it, also when it is refused; what is in the list already is passed over. After 8 the next
 * one is refused and the rest is not looked at.
 */
void
uc_domain_list_add_one(GPtrArray *list,
		       const gchar *text,
		       UcDomainSource source,
		       const gchar *interface,
		       const gchar *const *allowed)
{
	g_autoptr(UcDomainEntry) entry = NULL;

	if (list->len > UC_LIMIT_DISCOVERY_DOMAINS)
		return;
	entry = g_new0(UcDomainEntry, 1);
	entry->text = g_strdup(text);
	entry->source = source;
	entry->interface = g_strdup(interface);
	if (list->len < UC_LIMIT_DISCOVERY_DOMAINS)
		entry->domain = uc_domain_canonicalise(text, allowed, &entry->error);
	else
		g_set_error(&entry->error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "this domain and those after it are not asked: at most %d are",
			    UC_LIMIT_DISCOVERY_DOMAINS);
	if (!uc_domain_list_contains(list, entry))
		g_ptr_array_add(list, g_steal_pointer(&entry));
}

/**
 * uc_domain_list_add:
 * @list: (element-type UcDomainEntry): where to add
 * @texts: (array zero-terminated=1): domains as they were given
 * @source: where they come from
 * @allowed: (nullable) (array zero-terminated=1): see uc_domain_canonicalise()
 *
 * Adds them in their order, as uc_domain_list_add_one() does.
 */
void
uc_domain_list_add(GPtrArray *list,
		   const gchar *const *texts,
		   UcDomainSource source,
		   const gchar *const *allowed)
{
	for (guint i = 0; texts[i] != NULL; i++)
		uc_domain_list_add_one(list, texts[i], source, NULL, allowed);
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
