/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd-resolved knows of each link, from the properties of its manager
 * (org.freedesktop.resolve1(5)): `Domains` a(isb), `DNS` a(iiay) and `DNSStubListener`. Interface
 * 0 stands for what holds for all links.
 */

#include <net/if.h>
#include <string.h>

#include "uc-name-server.h"
#include "uc-resolved.h"

/* (nullable): the link with that index, if there is such an interface still */
static UcLink *
uc_resolved_ensure_link(GPtrArray *links, gint32 index)
{
	gchar name[IF_NAMESIZE] = "";

	if (index == 0)
		return uc_link_list_ensure(links, NULL);
	if (index < 0 || if_indextoname((guint)index, name) == NULL)
		return NULL;
	return uc_link_list_ensure(links, name);
}

static void
uc_resolved_add_domains(GVariant *properties, GPtrArray *links)
{
	g_autoptr(GVariant) list =
	    g_variant_lookup_value(properties, "Domains", G_VARIANT_TYPE("a(isb)"));

	for (gsize i = 0; list != NULL && i < g_variant_n_children(list); i++) {
		gint32 index = 0;
		const gchar *text = NULL;
		gboolean is_routing = FALSE;
		UcLink *link = NULL;

		g_variant_get_child(list, i, "(i&sb)", &index, &text, &is_routing);
		link = uc_resolved_ensure_link(links, index);
		if (link != NULL)
			uc_link_add_domain(link, text, UC_DOMAIN_SOURCE_RESOLVED, is_routing);
	}
}

static void
uc_resolved_add_server(GPtrArray *links, gint32 index, gint32 family, GVariant *address)
{
	gsize size = 0;
	const guint8 *bytes = g_variant_get_fixed_array(address, &size, 1);
	g_autoptr(GInetAddress) parsed = NULL;
	UcLink *link = NULL;

	if ((family != (gint32)G_SOCKET_FAMILY_IPV4 || size != 4) &&
	    (family != (gint32)G_SOCKET_FAMILY_IPV6 || size != 16))
		return;
	parsed = g_inet_address_new_from_bytes(bytes, (GSocketFamily)family);
	link = uc_resolved_ensure_link(links, index);
	if (link != NULL)
		uc_link_add_server(link, parsed, UC_NAME_SERVER_PORT);
}

static void
uc_resolved_add_servers(GVariant *properties, GPtrArray *links)
{
	g_autoptr(GVariant) list =
	    g_variant_lookup_value(properties, "DNS", G_VARIANT_TYPE("a(iiay)"));

	for (gsize i = 0; list != NULL && i < g_variant_n_children(list); i++) {
		gint32 index = 0;
		gint32 family = 0;
		g_autoptr(GVariant) address = NULL;

		g_variant_get_child(list, i, "(ii@ay)", &index, &family, &address);
		uc_resolved_add_server(links, index, family, address);
	}
}

/**
 * uc_resolved_parse:
 * @reply: what `GetAll` answered, `(a{sv})`; anything else is passed over
 * @links: (element-type UcLink): where to add
 *
 * Returns: whether its stub listens on 127.0.0.53, which asks the right link by itself
 */
gboolean
uc_resolved_parse(GVariant *reply, GPtrArray *links)
{
	g_autoptr(GVariant) properties = NULL;
	const gchar *stub = "no";

	if (!g_variant_is_of_type(reply, G_VARIANT_TYPE("(a{sv})")))
		return FALSE;
	properties = g_variant_get_child_value(reply, 0);
	uc_resolved_add_domains(properties, links);
	uc_resolved_add_servers(properties, links);
	g_variant_lookup(properties, "DNSStubListener", "&s", &stub);
	return g_str_equal(stub, "yes") || g_str_equal(stub, "udp");
}
