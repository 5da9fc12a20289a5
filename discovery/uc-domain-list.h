/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * UcDomainSource:
 * @UC_DOMAIN_SOURCE_COMMAND_LINE: `--domain`, or what a caller of the library names
 * @UC_DOMAIN_SOURCE_CONFIGURATION: `[Discovery] Domains=`
 * @UC_DOMAIN_SOURCE_NETWORK_MANAGER: an active connection of NetworkManager
 * @UC_DOMAIN_SOURCE_RESOLVED: a link of systemd-resolved, or its configuration
 * @UC_DOMAIN_SOURCE_NETWORKD: a lease of systemd-networkd
 * @UC_DOMAIN_SOURCE_RESOLV_CONF: `search` or `domain` of resolv.conf(5)
 *
 * Where a domain comes from.
 */
typedef enum {
	UC_DOMAIN_SOURCE_COMMAND_LINE,
	UC_DOMAIN_SOURCE_CONFIGURATION,
	UC_DOMAIN_SOURCE_NETWORK_MANAGER,
	UC_DOMAIN_SOURCE_RESOLVED,
	UC_DOMAIN_SOURCE_NETWORKD,
	UC_DOMAIN_SOURCE_RESOLV_CONF,
	UC_DOMAIN_SOURCE_LAST
} UcDomainSource;

/**
 * UcDomainEntry:
 * @text: as it was given, any bytes
 * @source: where it comes from
 * @interface: (nullable): the network interface that it belongs to
 * @domain: (nullable): canonical, %NULL when it is refused
 * @error: (nullable): why it is refused
 *
 * A domain to ask, or one that is not asked and why.
 */
typedef struct {
	gchar *text;
	UcDomainSource source;
	gchar *interface;
	gchar *domain;
	GError *error;
} UcDomainEntry;

void
uc_domain_entry_free(UcDomainEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDomainEntry, uc_domain_entry_free)

const gchar *
uc_domain_source_to_string(UcDomainSource source);
GPtrArray *
uc_domain_list_new(void) G_GNUC_WARN_UNUSED_RESULT;
void
uc_domain_list_add(GPtrArray *list,
		   const gchar *const *texts,
		   UcDomainSource source,
		   const gchar *const *allowed);
void
uc_domain_list_add_one(GPtrArray *list,
		       const gchar *text,
		       UcDomainSource source,
		       const gchar *interface,
		       const gchar *const *allowed);
void
uc_domain_list_permit(GPtrArray *list, const gchar *const *permitted);
