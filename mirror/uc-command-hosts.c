/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-hosts.h"
#include "uc-table.h"

#define UC_COMMAND_HOSTS_TIMEOUT_MS 10000

static gchar *
uc_command_hosts_join_networks(JsonObject *host)
{
	g_autoptr(GString) out = g_string_new(NULL);
	JsonArray *networks = NULL;

	if (!json_object_has_member(host, "networks"))
		return g_strdup("-");
	networks = json_object_get_array_member(host, "networks");
	for (guint i = 0; i < json_array_get_length(networks); i++)
		g_string_append_printf(out,
				       "%s%s",
				       i > 0 ? " " : "",
				       json_array_get_string_element(networks, i));
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
uc_command_hosts_print(JsonArray *hosts, gboolean addresses)
{
	g_autoptr(UcTable) table = uc_table_new(_("HOST"),
						_("PORT"),
						_("PROTOCOL"),
						_("PURPOSE"),
						addresses ? _("NETWORKS") : NULL, /* also the end */
						NULL);

	for (guint i = 0; i < json_array_get_length(hosts); i++) {
		JsonObject *host = json_array_get_object_element(hosts, i);
		g_autofree gchar *port =
		    g_strdup_printf("%s/%" G_GINT64_FORMAT,
				    json_object_get_string_member(host, "transport"),
				    json_object_get_int_member(host, "port"));
		g_autofree gchar *networks = addresses ? uc_command_hosts_join_networks(host)
						       : NULL;

		uc_table_add_row(table,
				 json_object_get_string_member(host, "host"),
				 port,
				 json_object_get_string_member(host, "protocol"),
				 json_object_get_string_member(host, "purpose"),
				 networks,
				 NULL);
	}
	uc_table_print(table);
}

/**
 * uc_command_hosts:
 *
 * `hosts [--addresses]`
 */
gint
uc_command_hosts(UcCommandLine *line)
{
	gboolean addresses = FALSE;
	const GOptionEntry entries[] = {
	    {"addresses",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &addresses,
	     N_("Resolve the names to networks"),
	     NULL},
	    {NULL},
	};
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(UcRules) rules = NULL;
	g_autofree gchar *path = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	JsonArray *hosts = NULL;
	gboolean found = FALSE;
	gint status = uc_command_parse(line, entries, "[--addresses]", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	path = uc_mirror_path(mirror, "rules.d", NULL);
	rules = uc_rules_load(path, &error);
	if (rules == NULL)
		return uc_command_fail(error);
	object = json_object_new();
	hosts = uc_hosts_list(mirror->organisation, rules);
	json_object_set_array_member(object, "hosts", hosts);
	found = !addresses || uc_hosts_resolve(hosts, UC_COMMAND_HOSTS_TIMEOUT_MS, &error);
	if (line->json)
		uc_command_print_json(object);
	else
		uc_command_hosts_print(hosts, addresses);
	return found ? UC_EXIT_DONE : uc_command_fail(error);
}
