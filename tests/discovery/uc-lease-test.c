/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "uc-lease.h"
#include "uc-limits.h"

static gchar *
uc_lease_test_domains(GBytes *bytes, guint *servers_out)
{
	g_autoptr(GPtrArray) links = uc_link_list_new();
	UcLink *link = uc_link_list_add(links, "eth0");
	g_autoptr(GString) text = g_string_new(NULL);

	uc_lease_parse(bytes, link);
	for (guint i = 0; i < link->domains->len; i++) {
		const UcLinkDomain *domain = g_ptr_array_index(link->domains, i);

		g_assert_cmpint(domain->source, ==, UC_DOMAIN_SOURCE_NETWORKD);
		g_string_append_printf(text, "%s|", domain->text);
	}
	*servers_out = link->name_servers->len;
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
uc_lease_test_table(void)
{
	static const struct {
		const gchar *text;
		const gchar *domains;
		guint servers;
	} table[] = {
	    {"", "", 0},
	    {"\n\n=\nDOMAINNAME\nDOMAINNAMES=a\n#DOMAINNAME=b\n", "", 0},
	    {"DNS=here 300.1.1.1 fe80::1%eth0\nDOMAINNAME=", "", 0},
	    {"[Lease]\nDomain=a.example\n", "", 0},
	    {"# This is private data. Do not parse.\nADDRESS=192.0.2.7\nDNS=192.0.2.53 192.0.2.54\n"
	     "DOMAINNAME=room.example\nDOMAIN_SEARCH_LIST=a.example b.example\n",
	     "room.example|a.example|b.example|",
	     2},
	    {"DNS=2001:db8::53\nROUTE_DOMAINS=r.example\nDOMAINS=six.example a.example\n",
	     "six.example|a.example|",
	     1},
	    {"DOMAINNAME=a.example\r\nDOMAINNAME=b.example", "a.example|", 0},
	};

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(table[i].text, strlen(table[i].text));
		guint servers = 0;
		g_autofree gchar *domains = uc_lease_test_domains(bytes, &servers);

		g_assert_cmpstr(domains, ==, table[i].domains);
		g_assert_cmpuint(servers, ==, table[i].servers);
	}
}

static void
uc_lease_test_too_long(void)
{
	g_autofree gchar *data = g_strnfill(UC_LIMIT_LEASE_BYTES + 1, '\n');
	g_autoptr(GBytes) bytes = NULL;
	guint servers = 0;
	g_autofree gchar *domains = NULL;

	memcpy(data, "DOMAINNAME=a.example", 20);
	bytes = g_bytes_new_take(g_steal_pointer(&data), UC_LIMIT_LEASE_BYTES + 1);
	domains = uc_lease_test_domains(bytes, &servers);
	g_assert_cmpstr(domains, ==, "");
}

static void
uc_lease_test_write(const gchar *dir, const gchar *name, const gchar *text)
{
	g_autofree gchar *path = g_build_filename(dir, name, NULL);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
}

/* only files that are named by the index of an interface that exists */
static void
uc_lease_test_load(void)
{
	g_autoptr(GPtrArray) links = uc_link_list_new();
	g_autoptr(GError) error = NULL;
	g_autofree gchar *top = g_dir_make_tmp("uc-lease-XXXXXX", &error);
	g_autofree gchar *dir = NULL;
	g_autofree gchar *states = NULL;
	const UcLink *link = NULL;

	g_assert_no_error(error);
	dir = g_build_filename(top, "leases", NULL);
	states = g_build_filename(top, "links", NULL);
	g_assert_cmpint(g_mkdir(dir, 0755), ==, 0);
	uc_lease_load_all("/nonexistent", links);
	uc_lease_test_write(dir, "2000000000", "DOMAINNAME=gone.example\n");
	uc_lease_test_write(dir, "1.tmp", "DOMAINNAME=half.example\n");
	uc_lease_test_write(dir, "-1", "DOMAINNAME=odd.example\n");
	uc_lease_load_all(top, links);
	g_assert_cmpuint(links->len, ==, 0);
	uc_lease_test_write(dir, "1", "DOMAINNAME=room.example\n");
	uc_lease_load_all(top, links);
	g_assert_cmpuint(links->len, ==, 1);
	link = g_ptr_array_index(links, 0);
	g_assert_cmpstr(link->interface, ==, "lo");
	g_assert_cmpuint(link->domains->len, ==, 1);
	/* the lease before the state of the link, both of one link */
	g_assert_cmpint(g_mkdir(states, 0755), ==, 0);
	uc_lease_test_write(states, "1", "DOMAINS=six.example\n");
	uc_lease_load_all(top, links);
	g_assert_cmpuint(links->len, ==, 1);
	g_assert_cmpuint(link->domains->len, ==, 3);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lease/table", uc_lease_test_table);
	g_test_add_func("/lease/too-long", uc_lease_test_too_long);
	g_test_add_func("/lease/load", uc_lease_test_load);
	return g_test_run();
}
