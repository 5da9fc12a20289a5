/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n.h>

#include "uc-discover-options.h"
#include "uc-error.h"
#include "uc-name-server.h"

#define UC_DISCOVER_TIMEOUT_MAX_MS 600000

void
uc_discover_options_free(UcDiscoverOptions *self)
{
	g_strfreev(self->discovery.domains);
	g_strfreev(self->discovery.name_servers);
	g_free(self);
}

static gboolean
uc_discover_options_set_timeout(UcDiscoverOptions *self, const gchar *text, GError **error)
{
	guint64 timeout_ms = 0;

	if (text == NULL)
		return TRUE;
	if (!g_ascii_string_to_unsigned(text,
					10,
					1,
					UC_DISCOVER_TIMEOUT_MAX_MS,
					&timeout_ms,
					NULL)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    _("--timeout-ms is '%s', expected a number from 1 to %d"),
			    text,
			    UC_DISCOVER_TIMEOUT_MAX_MS);
		return FALSE;
	}
	self->discovery.timeout_ms = (guint)timeout_ms;
	return TRUE;
}

static gboolean
uc_discover_options_check_servers(UcDiscoverOptions *self, GError **error)
{
	g_autoptr(GPtrArray) servers = NULL;

	if (self->discovery.name_servers == NULL)
		return TRUE;
	servers =
	    uc_name_server_parse_all((const gchar *const *)self->discovery.name_servers, error);
	if (servers == NULL)
		g_prefix_error(error, "--nameserver: ");
	return servers != NULL;
}

static gboolean
uc_discover_options_check_rest(GStrv rest, GError **error)
{
	if (rest == NULL || rest[0] == NULL)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    _("'%s' is not an option; name a domain with --domain=DOMAIN"),
		    rest[0]);
	return FALSE;
}

/**
 * uc_discover_options_parse:
 * @arguments: (inout) (array zero-terminated=1): the command line, the program's name first
 * @error: set to `G_OPTION_ERROR` for an unknown option, or %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *   for a malformed number or name server
 *
 * `--help` prints the options and ends the process.
 *
 * Returns: (transfer full): what it asks for, or %NULL
 */
UcDiscoverOptions *
uc_discover_options_parse(GStrv *arguments, GError **error)
{
	g_autoptr(UcDiscoverOptions) self = g_new0(UcDiscoverOptions, 1);
	g_autofree gchar *timeout = NULL;
	g_auto(GStrv) rest = NULL;
	/* a domain may be any bytes, so it is not converted from the locale's character set */
	const GOptionEntry entries[] = {
	    {"domain",
	     'd',
	     0,
	     G_OPTION_ARG_FILENAME_ARRAY,
	     &self->discovery.domains,
	     N_("Look in this domain (repeatable; default: configuration, then resolv.conf)"),
	     N_("DOMAIN")},
	    {"nameserver",
	     'n',
	     0,
	     G_OPTION_ARG_FILENAME_ARRAY,
	     &self->discovery.name_servers,
	     N_("Ask this name server (repeatable; [ADDRESS]:PORT for IPv6)"),
	     N_("ADDRESS[:PORT]")},
	    {"timeout-ms",
	     't',
	     0,
	     G_OPTION_ARG_FILENAME,
	     &timeout,
	     N_("End after so many milliseconds"),
	     N_("NUMBER")},
	    {"no-fetch",
	     0,
	     G_OPTION_FLAG_REVERSE,
	     G_OPTION_ARG_NONE,
	     &self->discovery.fetch,
	     N_("Only look for an address"),
	     NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("Print JSON"), NULL},
	    {"version", 0, 0, G_OPTION_ARG_NONE, &self->version, N_("Print the version"), NULL},
	    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
	    {NULL}};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);

	self->discovery.fetch = TRUE;
	g_option_context_set_summary(context, _("Finds the update service of this network."));
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	if (!g_option_context_parse_strv(context, arguments, error) ||
	    !uc_discover_options_check_rest(rest, error) ||
	    !uc_discover_options_set_timeout(self, timeout, error) ||
	    !uc_discover_options_check_servers(self, error))
		return NULL;
	return g_steal_pointer(&self);
}
