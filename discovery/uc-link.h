/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-domain-list.h"

/**
 * UcLinkDomain:
 * @text: as the system has it, any bytes, without a dot at the end
 * @source: who says so
 * @is_routing: whether it only says which link to ask for names in it (`~corp.example` of
 *   systemd-resolved); such a domain is never searched for a service
 *
 * A domain of a link.
 */
typedef struct {
	gchar *text;
	UcDomainSource source;
	gboolean is_routing;
} UcLinkDomain;

/**
 * UcLink:
 * @interface: (nullable): name of the network interface; %NULL for what holds for all of them and
 *   for a VPN that does not tell
 * @is_vpn: whether it leads into another network
 * @domains: (element-type UcLinkDomain): at most 64
 * @name_servers: (element-type GInetSocketAddress): at most 8, the best one first
 *
 * What the system knows about a network that it is connected to.
 */
typedef struct {
	gchar *interface;
	gboolean is_vpn;
	GPtrArray *domains;
	GPtrArray *name_servers;
} UcLink;

GPtrArray *
uc_link_list_new(void) G_GNUC_WARN_UNUSED_RESULT;
UcLink *
uc_link_list_add(GPtrArray *links, const gchar *interface);
UcLink *
uc_link_list_ensure(GPtrArray *links, const gchar *interface);

void
uc_link_free(UcLink *self);
void
uc_link_add_domain(UcLink *self, const gchar *text, UcDomainSource source, gboolean is_routing);
void
uc_link_add_words(UcLink *self, const gchar *words, UcDomainSource source);
void
uc_link_add_server(UcLink *self, GInetAddress *address, guint16 port);
void
uc_link_add_server_text(UcLink *self, const gchar *text);
gint
uc_link_match(const UcLink *self, const gchar *domain) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_link_is_tunnel(const gchar *interface) G_GNUC_WARN_UNUSED_RESULT;
