/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "uc-domain.h"
#include "uc-limits.h"
#include "uc-link.h"
#include "uc-name-server.h"

static void
uc_link_domain_free(UcLinkDomain *domain)
{
	g_free(domain->text);
	g_free(domain);
}

void
uc_link_free(UcLink *self)
{
	g_free(self->interface);
	g_ptr_array_unref(self->domains);
	g_ptr_array_unref(self->name_servers);
	g_free(self);
}

/**
 * uc_link_list_new:
 *
 * Returns: (transfer full) (element-type UcLink): no links yet
 */
GPtrArray *
uc_link_list_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)uc_link_free);
}

/**
 * uc_link_list_add:
 * @links: (element-type UcLink): where to add
 * @interface: (nullable): name of the network interface
 *
 * Returns: (transfer none) (nullable): a new link of the list, %NULL when 64 are there
 */
UcLink *
uc_link_list_add(GPtrArray *links, const gchar *interface)
{
	UcLink *link = NULL;

	if (links->len >= UC_LIMIT_LINKS)
		return NULL;
	link = g_new0(UcLink, 1);
	link->interface = g_strdup(interface);
	link->domains = g_ptr_array_new_with_free_func((GDestroyNotify)uc_link_domain_free);
	link->name_servers = g_ptr_array_new_with_free_func(g_object_unref);
	g_ptr_array_add(links, link);
	return link;
}

/**
 * uc_link_list_ensure:
 * @links: (element-type UcLink): the links known so far
 * @interface: (nullable): name of the network interface, %NULL for what holds for all
 *
 * Several services know the same link; what they say comes together.
 *
 * Returns: (transfer none) (nullable): the link of that interface, %NULL when 64 others are there
 */
UcLink *
uc_link_list_ensure(GPtrArray *links, const gchar *interface)
{
	for (guint i = 0; i < links->len; i++) {
		UcLink *link = g_ptr_array_index(links, i);

		if (g_strcmp0(link->interface, interface) == 0 &&
		    (interface != NULL || !link->is_vpn))
			return link;
	}
	return uc_link_list_add(links, interface);
}

/**
 * uc_link_add_domain:
 * @text: the domain as the system has it, any bytes
 * @source: who says so
 * @is_routing: whether it only says which link to ask; so does a `~` in front of @text
 *
 * A dot at the end is left out.
 */
void
uc_link_add_domain(UcLink *self, const gchar *text, UcDomainSource source, gboolean is_routing)
{
	UcLinkDomain *domain = NULL;

	if (self->domains->len >= UC_LIMIT_DOMAINS)
		return;
	domain = g_new0(UcLinkDomain, 1);
	domain->is_routing = is_routing || text[0] == '~';
	domain->text = g_strdup(text[0] == '~' ? text + 1 : text);
	if (g_str_has_suffix(domain->text, "."))
		domain->text[strlen(domain->text) - 1] = '\0';
	domain->source = source;
	g_ptr_array_add(self->domains, domain);
}

/**
 * uc_link_add_words:
 * @words: domains with blanks between them
 * @source: who says so
 */
void
uc_link_add_words(UcLink *self, const gchar *words, UcDomainSource source)
{
	g_auto(GStrv) parts = g_strsplit_set(words, " \t\r\n", -1);

	for (guint i = 0; parts[i] != NULL; i++) {
		if (parts[i][0] != '\0')
			uc_link_add_domain(self, parts[i], source, FALSE);
	}
}

static gboolean
uc_link_has_server(const UcLink *self, GInetAddress *address, guint16 port)
{
	for (guint i = 0; i < self->name_servers->len; i++) {
		GInetSocketAddress *server = g_ptr_array_index(self->name_servers, i);

		if (g_inet_socket_address_get_port(server) == port &&
		    g_inet_address_equal(g_inet_socket_address_get_address(server), address))
			return TRUE;
	}
	return FALSE;
}

/**
 * uc_link_add_server:
 * @address: a name server; a link-local one is taken to be on this link
 * @port: its port, 1 to 65535
 */
void
uc_link_add_server(UcLink *self, GInetAddress *address, guint16 port)
{
	guint scope_id = self->interface != NULL ? if_nametoindex(self->interface) : 0;

	if (self->name_servers->len >= UC_LIMIT_NAME_SERVERS ||
	    uc_link_has_server(self, address, port))
		return;
	if (!g_inet_address_get_is_link_local(address) ||
	    g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6)
		scope_id = 0;
	g_ptr_array_add(self->name_servers,
			g_object_new(G_TYPE_INET_SOCKET_ADDRESS,
				     "address",
				     address,
				     "port",
				     (guint)port,
				     "scope-id",
				     scope_id,
				     NULL));
}

/**
 * uc_link_add_server_text:
 * @text: a name server's address; what is none is passed over
 */
void
uc_link_add_server_text(UcLink *self, const gchar *text)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);

	if (address != NULL)
		uc_link_add_server(self, address, UC_NAME_SERVER_PORT);
}

/* how many octets of a canonical domain this one covers, or -1; the root covers everything */
static gint
uc_link_domain_match(const UcLinkDomain *self, const gchar *domain)
{
	g_autofree gchar *lower = g_ascii_strdown(self->text, -1);

	if (lower[0] == '\0')
		return self->is_routing ? 0 : -1;
	return uc_domain_contains(lower, domain) ? (gint)strlen(lower) : -1;
}

/**
 * uc_link_match:
 * @domain: a canonical domain
 *
 * Returns: how many octets of @domain the longest domain of the link covers, -1 for none
 */
gint
uc_link_match(const UcLink *self, const gchar *domain)
{
	gint best = -1;

	for (guint i = 0; i < self->domains->len; i++)
		best = MAX(best, uc_link_domain_match(g_ptr_array_index(self->domains, i), domain));
	return best;
}

/**
 * uc_link_is_tunnel:
 * @interface: name of a network interface
 *
 * Asks the kernel which driver the interface has.
 *
 * Returns: whether it is a tunnel, as VPNs have them; %FALSE also when that is not known
 */
gboolean
uc_link_is_tunnel(const gchar *interface)
{
	static const gchar *const drivers[] =
	    {"tun", "wireguard", "xfrm", "vti", "vti6", "ipip", "ip6tnl", "sit", "gre", NULL};
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {0};
	gint fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	gboolean is_known = FALSE;

	if (fd < 0)
		return FALSE;
	g_strlcpy(request.ifr_name, interface, sizeof(request.ifr_name));
	request.ifr_data = (gpointer)&info;
	is_known = ioctl(fd, SIOCETHTOOL, &request) == 0;
	g_close(fd, NULL);
	info.driver[sizeof(info.driver) - 1] = '\0';
	return is_known && g_strv_contains(drivers, info.driver);
}
