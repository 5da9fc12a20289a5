/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-network-manager.h"
#include "uc-network.h"
#include "uc-resolved.h"

#define NM "org.freedesktop.NetworkManager"

static GVariant *
uc_network_test_variant(const gchar *type, const gchar *text)
{
	g_autoptr(GError) error = NULL;
	GVariant *value = g_variant_parse(G_VARIANT_TYPE(type), text, NULL, NULL, &error);

	g_assert_no_error(error);
	return value;
}

static UcNetwork *
uc_network_test_new(const gchar *network_manager, const gchar *resolved, const gchar *resolv_conf)
{
	UcNetwork *self = g_new0(UcNetwork, 1);
	g_autoptr(GBytes) bytes = g_bytes_new_static(resolv_conf, strlen(resolv_conf));

	self->links = uc_link_list_new();
	self->resolv_conf = uc_resolv_conf_parse(bytes, NULL);
	if (network_manager != NULL) {
		g_autoptr(GVariant) reply =
		    uc_network_test_variant("(a{oa{sa{sv}}})", network_manager);

		uc_network_manager_parse(reply, self->links);
	}
	if (resolved != NULL) {
		g_autoptr(GVariant) reply = uc_network_test_variant("(a{sv})", resolved);

		self->has_stub = uc_resolved_parse(reply, self->links);
	}
	return self;
}

/* (transfer full): "source:interface:domain|..." */
static gchar *
uc_network_test_list(const UcNetwork *self, gboolean use_vpn)
{
	g_autoptr(GPtrArray) list = uc_domain_list_new();
	g_autoptr(GString) text = g_string_new(NULL);

	uc_network_list_domains(self, use_vpn, NULL, list);
	for (guint i = 0; i < list->len; i++) {
		const UcDomainEntry *entry = g_ptr_array_index(list, i);

		g_string_append_printf(text,
				       "%s:%s:%s|",
				       uc_domain_source_to_string(entry->source),
				       entry->interface != NULL ? entry->interface : "",
				       entry->domain != NULL ? entry->domain : "refused");
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
uc_network_test_check(const gchar *network_manager,
		      const gchar *resolved,
		      const gchar *resolv_conf,
		      gboolean use_vpn,
		      const gchar *expected)
{
	g_autoptr(UcNetwork) self = uc_network_test_new(network_manager, resolved, resolv_conf);
	g_autofree gchar *got = uc_network_test_list(self, use_vpn);

	g_assert_cmpstr(got, ==, expected);
}

/* answers of other types, or with members of other types, say nothing */
static void
uc_network_test_odd_answers(void)
{
	static const struct {
		const gchar *type;
		const gchar *text;
	} table[] = {
	    {"(s)", "('hello',)"},
	    {"(a{sv})", "({'Domains': <'a.example'>, 'DNS': <@a(iis) []>, 'Links': <1>},)"},
	    {"(a{sv})",
	     "({'Domains': <[(-1, 'a.example', false), (2000000, 'b.example', true)]>},)"},
	    {"(a{sv})",
	     "({'DNS': <[(0, 2, @ay []), (0, 10, [0x01, 0x02]), (0, 7, [0x01, 0x02, 0x03, "
	     "0x04])]>},)"},
	    {"(a{oa{sa{sv}}})",
	     "({'/a': {'" NM ".Connection.Active': {'State': <'two'>}}, '/b': "
	     "{'" NM ".Connection.Active': {'State': <uint32 1>}}},)"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GVariant) reply = uc_network_test_variant(table[i].type, table[i].text);
		g_autoptr(GPtrArray) links = uc_link_list_new();

		uc_network_manager_parse(reply, links);
		g_assert_false(uc_resolved_parse(reply, links));
		g_assert_cmpuint(links->len, ==, 0);
	}
	/* a connection whose parts are missing or odd is a link that knows nothing */
	uc_network_test_check("({'/a': {'" NM ".Connection.Active': {'State': <uint32 2>, "
			      "'Devices': <[objectpath '/gone']>, 'Dhcp4Config': <'/x'>, "
			      "'Ip4Config': <objectpath '/i'>, 'Ip6Config': <objectpath '/i'>}}, "
			      "'/i': {'" NM ".IP4Config': {'Domains': <1>, 'NameserverData': "
			      "<[{'address': <1>}]>, 'Nameservers': <[[byte 1]]>}}},)",
			      NULL,
			      "",
			      FALSE,
			      "");
}

#define NM_ACTIVE(type, vpn, device)                                                           \
	"'" NM ".Connection.Active': {'State': <uint32 2>, 'Type': <'" type "'>, 'Vpn': <" vpn \
	">, 'Devices': <[objectpath '/d/" device "']>"
#define NM_DEVICE(name) "'/d/" name "': {'" NM ".Device': {'Interface': <'" name "'>}}"

/* option 15, then 119, DHCPv6 option 24, what the addresses' configuration says */
static void
uc_network_test_network_manager(void)
{
	static const gchar *const wired = "({'/a': {" NM_ACTIVE(
	    "802-3-ethernet",
	    "false",
	    "eth0") ", "
		    "'Dhcp4Config': <objectpath '/4'>, 'Dhcp6Config': <objectpath '/6'>, "
		    "'Ip4Config': <objectpath '/i4'>, 'Ip6Config': <objectpath '/i6'>}}, "
		    "'/4': {'" NM
		    ".DHCP4Config': {'Options': <{'domain_search': <'b.example c.example'>, "
		    "'domain_name': <'a.example'>, 'routers': <'192.0.2.1'>}>}}, "
		    "'/6': {'" NM
		    ".DHCP6Config': {'Options': <{'dhcp6_domain_search': <'d.example'>}>}}, "
		    "'/i4': {'" NM
		    ".IP4Config': {'Domains': <['A.example.', 'e.example']>, 'Searches': "
		    "<['~route.example', 'co.uk']>, 'NameserverData': <[{'address': "
		    "<'192.0.2.53'>}]>}}, "
		    "'/i6': {'" NM
		    ".IP6Config': {'Domains': <['ra.example']>, 'Nameservers': <[[byte "
		    "0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]>}}, " NM_DEVICE(
			"eth0") "},)";
	g_autoptr(UcNetwork) self = uc_network_test_new(wired, NULL, "");
	const UcLink *link = NULL;

	uc_network_test_check(wired,
			      NULL,
			      "search f.example\n",
			      FALSE,
			      "NetworkManager:eth0:a.example|NetworkManager:eth0:b.example|"
			      "NetworkManager:eth0:c.example|NetworkManager:eth0:d.example|"
			      "NetworkManager:eth0:e.example|NetworkManager:eth0:refused|"
			      "NetworkManager:eth0:ra.example|resolv.conf::f.example|");
	link = g_ptr_array_index(self->links, 0);
	g_assert_cmpuint(link->name_servers->len, ==, 2);
	g_assert_true(uc_network_find_link(self, FALSE, "x.route.example", NULL) == link);
	g_assert_null(uc_network_find_link(self, FALSE, "other.example", NULL));
}

/* neither the connection itself nor what it leaves in resolv.conf and in resolved counts */
static void
uc_network_test_vpn(void)
{
	static const gchar *const vpn = "({'/a': {" NM_ACTIVE(
	    "802-3-ethernet",
	    "false",
	    "eth0") "}}, "
		    "'/v': {" NM_ACTIVE(
			"vpn",
			"true",
			"eth0") ", 'Ip4Config': <objectpath '/iv'>}}, "
				"'/w': {" NM_ACTIVE(
				    "wireguard",
				    "false",
				    "wg0") ", 'Ip4Config': <objectpath '/iw'>}}, "
					   "'/iv': {'" NM
					   ".IP4Config': {'Domains': <['vpn.example']>}}, "
					   "'/iw': {'" NM ".IP4Config': {'Domains': "
					   "<['wg.example']>}}, " NM_DEVICE("eth0") ", " NM_DEVICE(
					       "wg0") "},)";
	static const gchar *const resolv_conf = "search VPN.example. wg.example room.example\n";

	uc_network_test_check(vpn, NULL, resolv_conf, FALSE, "resolv.conf::room.example|");
	uc_network_test_check(vpn,
			      NULL,
			      resolv_conf,
			      TRUE,
			      "NetworkManager::vpn.example|NetworkManager:wg0:wg.example|"
			      "resolv.conf::room.example|");
}

/* routing-only domains are not searched, but say which link to ask */
static void
uc_network_test_resolved(void)
{
	static const gchar *const resolved =
	    "({'Domains': <[(1, 'room.example', false), (1, 'route.example', true), "
	    "(0, 'all.example', false)]>, "
	    "'DNS': <[(1, 2, [byte 192, 0, 2, 53]), (0, 2, [byte 192, 0, 2, 54])]>, "
	    "'DNSStubListener': <'tcp'>},)";
	g_autoptr(UcNetwork) self = uc_network_test_new(NULL, resolved, "");
	const UcLink *link = NULL;

	uc_network_test_check(NULL,
			      resolved,
			      "search room.example\n",
			      FALSE,
			      "systemd-resolved:lo:room.example|systemd-resolved::all.example|");
	g_assert_false(self->has_stub);
	link = uc_network_find_link(self, FALSE, "a.route.example", NULL);
	g_assert_nonnull(link);
	g_assert_cmpstr(link->interface, ==, "lo");
	link = uc_network_find_link(self, FALSE, "all.example", NULL);
	g_assert_nonnull(link);
	g_assert_null(link->interface);
	g_assert_null(uc_network_find_link(self, FALSE, "elsewhere.example", NULL));
}

static void
uc_network_test_stub(void)
{
	static const struct {
		const gchar *value;
		gboolean has_stub;
	} table[] = {{"no", FALSE}, {"tcp", FALSE}, {"", FALSE}, {"yes", TRUE}, {"udp", TRUE}};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree gchar *text =
		    g_strdup_printf("({'DNSStubListener': <'%s'>},)", table[i].value);
		g_autoptr(UcNetwork) self = uc_network_test_new(NULL, text, "");

		g_assert_cmpint(self->has_stub, ==, table[i].has_stub);
	}
}

/* the longest domain decides, then the link that the domain came from */
static void
uc_network_test_find_link(void)
{
	g_autoptr(UcNetwork) self = uc_network_test_new(NULL, NULL, "");
	UcLink *one = uc_link_list_add(self->links, "one");
	UcLink *two = uc_link_list_add(self->links, "two");

	uc_link_add_domain(one, "corp.example", UC_DOMAIN_SOURCE_RESOLVED, FALSE);
	uc_link_add_domain(two, "corp.example", UC_DOMAIN_SOURCE_RESOLVED, FALSE);
	uc_link_add_domain(two, "~lab.corp.example", UC_DOMAIN_SOURCE_RESOLVED, FALSE);
	/* a link without a name server cannot be asked */
	g_assert_null(uc_network_find_link(self, FALSE, "corp.example", "one"));
	uc_link_add_server_text(one, "192.0.2.1");
	uc_link_add_server_text(two, "192.0.2.2");
	g_assert_true(uc_network_find_link(self, FALSE, "corp.example", NULL) == one);
	g_assert_true(uc_network_find_link(self, FALSE, "corp.example", "two") == two);
	g_assert_true(uc_network_find_link(self, FALSE, "a.lab.corp.example", "one") == two);
	two->is_vpn = TRUE;
	g_assert_true(uc_network_find_link(self, FALSE, "a.lab.corp.example", "one") == one);
	g_assert_true(uc_network_find_link(self, TRUE, "a.lab.corp.example", "one") == two);
}

/* the same network whatever the order, who says it and how often; another one with another server
 */
static void
uc_network_test_key(void)
{
	g_autoptr(UcNetwork) one =
	    uc_network_test_new(NULL, NULL, "search a.example b.example\nnameserver 192.0.2.53\n");
	g_autoptr(UcNetwork) same =
	    uc_network_test_new(NULL,
				NULL,
				"nameserver 192.0.2.53\nsearch B.example a.example a.example\n");
	g_autoptr(UcNetwork) other =
	    uc_network_test_new(NULL, NULL, "search a.example b.example\nnameserver 192.0.2.54\n");
	g_autoptr(UcNetwork) nothing = uc_network_test_new(NULL, NULL, "# nothing\n");
	g_autofree gchar *key = uc_network_get_key(one);
	g_autofree gchar *key_same = uc_network_get_key(same);
	g_autofree gchar *key_other = uc_network_get_key(other);
	g_autofree gchar *key_nothing = uc_network_get_key(nothing);

	g_assert_cmpuint(strlen(key), ==, 64);
	g_assert_cmpstr(key, ==, key_same);
	g_assert_cmpstr(key, !=, key_other);
	g_assert_cmpstr(key, !=, key_nothing); /* that has the name server of resolv.conf(5) */
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/network/odd-answers", uc_network_test_odd_answers);
	g_test_add_func("/network/network-manager", uc_network_test_network_manager);
	g_test_add_func("/network/vpn", uc_network_test_vpn);
	g_test_add_func("/network/resolved", uc_network_test_resolved);
	g_test_add_func("/network/stub", uc_network_test_stub);
	g_test_add_func("/network/find-link", uc_network_test_find_link);
	g_test_add_func("/network/key", uc_network_test_key);
	return g_test_run();
}
