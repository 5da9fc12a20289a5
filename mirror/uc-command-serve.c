/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "uc-access.h"
#include "uc-command.h"
#include "uc-error.h"
#include "uc-server.h"

static void
uc_command_serve_print(const UcCommandLine *line, UcServer *server)
{
	g_auto(GStrv) addresses = uc_server_get_addresses(server);
	g_autofree gchar *joined = g_strjoinv(" ", addresses);
	g_autoptr(JsonObject) object = NULL;
	JsonArray *array = NULL;

	if (line->json) {
		object = json_object_new();
		array = json_array_new();
		for (guint i = 0; addresses[i] != NULL; i++)
			json_array_add_string_element(array, addresses[i]);
		json_object_set_array_member(object, "listening", array);
		uc_command_print_json(object);
	} else {
		g_print(_("listening on %s\n"), joined);
	}
	fflush(stdout);
}

static gint
uc_command_serve_fail(const GError *error)
{
	if (g_error_matches(error, UC_ERROR, UC_ERROR_INVALID))
		return uc_command_usage("%s", error->message);
	return uc_command_fail(error);
}

static gint
uc_command_serve_run(const UcCommandLine *line,
		     const gchar *const *addresses,
		     const gchar *const *networks,
		     const gchar *const *proxies,
		     gboolean proxied)
{
	g_autoptr(UcMirror) mirror = uc_command_open(line);
	g_autofree gchar *users_path = NULL;
	g_autoptr(UcServerAccess) access = NULL;
	g_autoptr(UcServer) server = NULL;
	g_autoptr(GError) error = NULL;
	guint inherited = 0;

	if (mirror == NULL)
		return UC_EXIT_FAILED;
	users_path = uc_access_get_path(mirror);
	access = uc_server_access_new(users_path, networks, proxies, &error);
	if (access == NULL)
		return uc_command_serve_fail(error);
	server = uc_server_new(mirror, access, &error);
	if (server == NULL)
		return uc_command_serve_fail(error);
	if (proxied)
		uc_server_set_proxied(server);
	if (!uc_server_listen_inherited(server, &inherited, &error))
		return uc_command_fail(error);
	if ((inherited == 0 || addresses != NULL) && !uc_server_listen(server, addresses, &error))
		return uc_command_serve_fail(error);
	uc_command_serve_print(line, server);
	uc_server_run(server);
	return UC_EXIT_DONE;
}

/**
 * uc_command_serve:
 *
 * `serve [--listen=ADDR:PORT]… [--network=ADDR/BITS]… [--proxy=ADDR/BITS]… [--proxy-certificates]`
 */
gint
uc_command_serve(UcCommandLine *line)
{
	g_auto(GStrv) addresses = NULL;
	g_auto(GStrv) networks = NULL;
	g_auto(GStrv) proxies = NULL;
	gboolean proxied = FALSE;
	const GOptionEntry entries[] = {
	    {"listen",
	     0,
	     0,
	     G_OPTION_ARG_STRING_ARRAY,
	     &addresses,
	     N_("Listen here instead of on port 443 of all addresses"),
	     N_("ADDR:PORT")},
	    {"network",
	     0,
	     0,
	     G_OPTION_ARG_STRING_ARRAY,
	     &networks,
	     N_("Answer without a password only who asks from here"),
	     N_("ADDR/BITS")},
	    {"proxy",
	     0,
	     0,
	     G_OPTION_ARG_STRING_ARRAY,
	     &proxies,
	     N_("Believe this proxy's X-Forwarded-For"),
	     N_("ADDR/BITS")},
	    {"proxy-certificates",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &proxied,
	     N_("Believe these proxies' X-SSL-Client-Cert as well"),
	     NULL},
	    {NULL},
	};
	const gchar *usage = "[--listen=ADDR:PORT]… [--network=ADDR/BITS]… [--proxy=ADDR/BITS]… "
			     "[--proxy-certificates]";
	gint status = uc_command_parse(line, entries, usage, 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	if (addresses != NULL && g_strv_length(addresses) > UC_SERVER_LISTEN_MAX)
		return uc_command_usage(_("at most %d times --listen"), UC_SERVER_LISTEN_MAX);
	if (proxied && proxies == NULL)
		return uc_command_usage(_("--proxy-certificates needs --proxy"));
	return uc_command_serve_run(line,
				    (const gchar *const *)addresses,
				    (const gchar *const *)networks,
				    (const gchar *const *)proxies,
				    proxied);
}
