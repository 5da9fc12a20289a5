/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd-networkd keeps of each link, in files named by the index of the interface: the lease
 * of DHCPv4, and the state of the link, which has what DHCPv6 (option 24) and router advertisements
 * said where networkd was told to use it. They say of themselves that they are private data, so
 * nothing here is an error: what is not understood is not there.
 */

#include <net/if.h>
#include <string.h>

#include "uc-lease.h"
#include "uc-limits.h"

static void
uc_lease_add_servers(UcLink *link, const gchar *words)
{
	g_auto(GStrv) parts = g_strsplit_set(words, " \t\r", -1);

	for (guint i = 0; parts[i] != NULL; i++)
		uc_link_add_server_text(link, parts[i]);
}

/* (transfer full) (nullable): what follows "KEY=" on the first such line */
static gchar *
uc_lease_find(gchar **lines, const gchar *key)
{
	gsize size = strlen(key);

	for (guint i = 0; lines[i] != NULL; i++) {
		if (strncmp(lines[i], key, size) == 0 && lines[i][size] == '=')
			return g_strdup(lines[i] + size + 1);
	}
	return NULL;
}

/**
 * uc_lease_parse:
 * @bytes: the file, any bytes
 * @link: where to add: `DOMAINNAME` (option 15), then `DOMAIN_SEARCH_LIST` (119), both of a lease,
 *   or `DOMAINS` of the state of a link; and `DNS`
 */
void
uc_lease_parse(GBytes *bytes, UcLink *link)
{
	static const gchar *const keys[] = {"DOMAINNAME", "DOMAIN_SEARCH_LIST", "DOMAINS"};
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(bytes, &size_bytes);
	g_autofree gchar *text = NULL;
	g_auto(GStrv) lines = NULL;
	g_autofree gchar *servers = NULL;

	if (data == NULL || size_bytes > UC_LIMIT_LEASE_BYTES)
		return;
	text = g_strndup(data, size_bytes);
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree gchar *words = uc_lease_find(lines, keys[i]);

		if (words != NULL)
			uc_link_add_words(link, words, UC_DOMAIN_SOURCE_NETWORKD);
	}
	servers = uc_lease_find(lines, "DNS");
	if (servers != NULL)
		uc_lease_add_servers(link, servers);
}

/* (transfer full) (nullable): as much of a plain file as is ever looked at */
static GBytes *
uc_lease_read(const gchar *path)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) stream = NULL;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return NULL;
	stream = g_file_read(file, NULL, NULL);
	if (stream == NULL)
		return NULL;
	return g_input_stream_read_bytes(G_INPUT_STREAM(stream), UC_LIMIT_LEASE_BYTES, NULL, NULL);
}

static void
uc_lease_load(const gchar *dir, const gchar *name, GPtrArray *links)
{
	g_autofree gchar *path = g_build_filename(dir, name, NULL);
	gchar interface[IF_NAMESIZE] = "";
	guint64 index = 0;
	g_autoptr(GBytes) bytes = NULL;
	UcLink *link = NULL;

	if (!g_ascii_string_to_unsigned(name, 10, 1, G_MAXINT32, &index, NULL) ||
	    if_indextoname((guint)index, interface) == NULL)
		return;
	bytes = uc_lease_read(path);
	if (bytes != NULL)
		link = uc_link_list_ensure(links, interface);
	if (link != NULL)
		uc_lease_parse(bytes, link);
}

static void
uc_lease_load_dir(const gchar *dir, GPtrArray *links)
{
	g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
	const gchar *name = NULL;

	for (guint i = 0; handle != NULL && i < UC_LIMIT_LINKS; i++) {
		name = g_dir_read_name(handle);
		if (name == NULL)
			return;
		uc_lease_load(dir, name, links);
	}
}

/**
 * uc_lease_load_all:
 * @dir: what networkd keeps, `/run/systemd/netif`; need not exist
 * @links: (element-type UcLink): where to add
 *
 * Reads a few small files in a file system in memory.
 */
void
uc_lease_load_all(const gchar *dir, GPtrArray *links)
{
	g_autofree gchar *leases = g_build_filename(dir, "leases", NULL);
	g_autofree gchar *states = g_build_filename(dir, "links", NULL);

	uc_lease_load_dir(leases, links);
	uc_lease_load_dir(states, links);
}
