/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What NetworkManager knows of its active connections, from one answer of its object manager
 * (https://networkmanager.dev/docs/api/latest/spec.html): DHCP options 15 and 119, DHCPv6 option
 * 24, then the domains of the addresses' configuration, which has those of router advertisements.
 * A member that is absent or of another type is passed over.
 */

#include <string.h>

#include "uc-name-server.h"
#include "uc-network-manager.h"

#define UC_NM_ACTIVE	"org.freedesktop.NetworkManager.Connection.Active"
#define UC_NM_DEVICE	"org.freedesktop.NetworkManager.Device"
#define UC_NM_ACTIVATED 2

/* (transfer full) (nullable) */
static GVariant *
uc_network_manager_find(GVariant *objects, const gchar *path, const gchar *interface)
{
	g_autoptr(GVariant) interfaces =
	    g_variant_lookup_value(objects, path, G_VARIANT_TYPE("a{sa{sv}}"));

	if (interfaces == NULL)
		return NULL;
	return g_variant_lookup_value(interfaces, interface, G_VARIANT_TYPE_VARDICT);
}

/* (transfer full) (nullable): the object of @interface that a member of @active points to */
static GVariant *
uc_network_manager_follow(GVariant *objects,
			  GVariant *active,
			  const gchar *member,
			  const gchar *interface)
{
	const gchar *path = NULL;

	if (!g_variant_lookup(active, member, "&o", &path))
		return NULL;
	return uc_network_manager_find(objects, path, interface);
}

static void
uc_network_manager_add_options(UcLink *link,
			       GVariant *objects,
			       GVariant *active,
			       const gchar *member,
			       const gchar *interface,
			       const gchar *const *names)
{
	g_autoptr(GVariant) config = uc_network_manager_follow(objects, active, member, interface);
	g_autoptr(GVariant) options = NULL;

	if (config != NULL)
		options = g_variant_lookup_value(config, "Options", G_VARIANT_TYPE_VARDICT);
	for (guint i = 0; options != NULL && names[i] != NULL; i++) {
		const gchar *words = NULL;

		if (g_variant_lookup(options, names[i], "&s", &words))
			uc_link_add_words(link, words, UC_DOMAIN_SOURCE_NETWORK_MANAGER);
	}
}

static void
uc_network_manager_add_list(UcLink *link, GVariant *config, const gchar *member)
{
	g_autofree const gchar **texts = NULL;

	if (!g_variant_lookup(config, member, "^a&s", &texts))
		return;
	for (guint i = 0; texts[i] != NULL; i++)
		uc_link_add_domain(link, texts[i], UC_DOMAIN_SOURCE_NETWORK_MANAGER, FALSE);
}

static void
uc_network_manager_add_server_data(UcLink *link, GVariant *config)
{
	g_autoptr(GVariant) list =
	    g_variant_lookup_value(config, "NameserverData", G_VARIANT_TYPE("aa{sv}"));

	for (gsize i = 0; list != NULL && i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) server = g_variant_get_child_value(list, i);
		const gchar *text = NULL;

		if (g_variant_lookup(server, "address", "&s", &text))
			uc_link_add_server_text(link, text);
	}
}

/* of IPv6 as bytes; of IPv4 they are numbers, and beside them there is NameserverData */
static void
uc_network_manager_add_server_bytes(UcLink *link, GVariant *config)
{
	g_autoptr(GVariant) list =
	    g_variant_lookup_value(config, "Nameservers", G_VARIANT_TYPE("aay"));

	for (gsize i = 0; list != NULL && i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(list, i);
		g_autoptr(GInetAddress) address = NULL;
		gsize size = 0;
		const guint8 *bytes = g_variant_get_fixed_array(child, &size, 1);

		if (size != 16)
			continue;
		address = g_inet_address_new_from_bytes(bytes, G_SOCKET_FAMILY_IPV6);
		uc_link_add_server(link, address, UC_NAME_SERVER_PORT);
	}
}

static void
uc_network_manager_add_config(UcLink *link,
			      GVariant *objects,
			      GVariant *active,
			      const gchar *member,
			      const gchar *interface)
{
	g_autoptr(GVariant) config = uc_network_manager_follow(objects, active, member, interface);

	if (config == NULL)
		return;
	uc_network_manager_add_list(link, config, "Domains");
	uc_network_manager_add_list(link, config, "Searches");
	uc_network_manager_add_server_data(link, config);
	uc_network_manager_add_server_bytes(link, config);
}

static gboolean
uc_network_manager_is_vpn(GVariant *active, gboolean *is_plugin_out)
{
	const gchar *type = "";

	if (!g_variant_lookup(active, "Vpn", "b", is_plugin_out))
		*is_plugin_out = FALSE;
	g_variant_lookup(active, "Type", "&s", &type);
	if (g_str_equal(type, "vpn"))
		*is_plugin_out = TRUE;
	return *is_plugin_out || g_str_equal(type, "wireguard") || g_str_equal(type, "tun") ||
	       g_str_equal(type, "ip-tunnel");
}

/* (nullable): of the first device */
static gchar *
uc_network_manager_get_interface(GVariant *objects, GVariant *active)
{
	g_autofree const gchar **paths = NULL;
	g_autoptr(GVariant) device = NULL;
	const gchar *name = "";

	if (!g_variant_lookup(active, "Devices", "^a&o", &paths) || paths[0] == NULL)
		return NULL;
	device = uc_network_manager_find(objects, paths[0], UC_NM_DEVICE);
	if (device == NULL)
		return NULL;
	/* where the addresses are, a PPP link's for one, else the device itself */
	if (!g_variant_lookup(device, "IpInterface", "&s", &name) || name[0] == '\0')
		g_variant_lookup(device, "Interface", "&s", &name);
	return name[0] != '\0' ? g_strdup(name) : NULL;
}

static void
uc_network_manager_add_active(GVariant *objects, GVariant *active, GPtrArray *links)
{
	static const gchar *const dhcp4[] = {"domain_name", "domain_search", NULL};
	static const gchar *const dhcp6[] = {"dhcp6_domain_search", "domain_search", NULL};
	g_autofree gchar *interface = NULL;
	gboolean is_plugin = FALSE;
	gboolean is_vpn = uc_network_manager_is_vpn(active, &is_plugin);
	UcLink *link = NULL;

	/* the device of a VPN plugin's connection is the one below it */
	if (!is_plugin)
		interface = uc_network_manager_get_interface(objects, active);
	link = is_plugin ? uc_link_list_add(links, NULL) : uc_link_list_ensure(links, interface);
	if (link == NULL)
		return;
	link->is_vpn = is_vpn;
	uc_network_manager_add_options(link,
				       objects,
				       active,
				       "Dhcp4Config",
				       UC_NETWORK_MANAGER_NAME ".DHCP4Config",
				       dhcp4);
	uc_network_manager_add_options(link,
				       objects,
				       active,
				       "Dhcp6Config",
				       UC_NETWORK_MANAGER_NAME ".DHCP6Config",
				       dhcp6);
	uc_network_manager_add_config(link,
				      objects,
				      active,
				      "Ip4Config",
				      UC_NETWORK_MANAGER_NAME ".IP4Config");
	uc_network_manager_add_config(link,
				      objects,
				      active,
				      "Ip6Config",
				      UC_NETWORK_MANAGER_NAME ".IP6Config");
}

/**
 * uc_network_manager_parse:
 * @reply: what `GetManagedObjects` answered, `(a{oa{sa{sv}}})`; anything else is passed over
 * @links: (element-type UcLink): where to add the activated connections
 */
void
uc_network_manager_parse(GVariant *reply, GPtrArray *links)
{
	g_autoptr(GVariant) objects = NULL;
	GVariantIter iter;
	GVariant *interfaces = NULL;

	if (!g_variant_is_of_type(reply, G_VARIANT_TYPE("(a{oa{sa{sv}}})")))
		return;
	objects = g_variant_get_child_value(reply, 0);
	g_variant_iter_init(&iter, objects);
	while (g_variant_iter_loop(&iter, "{&o@a{sa{sv}}}", NULL, &interfaces)) {
		g_autoptr(GVariant) active =
		    g_variant_lookup_value(interfaces, UC_NM_ACTIVE, G_VARIANT_TYPE_VARDICT);
		guint32 state = 0;

		if (active != NULL && g_variant_lookup(active, "State", "u", &state) &&
		    state == UC_NM_ACTIVATED)
			uc_network_manager_add_active(objects, active, links);
	}
}
