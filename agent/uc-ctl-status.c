/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"

static gint
uc_ctl_status_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_status = {
    "status",
    "[--json]",
    N_("What the agent knows and does"),
    uc_ctl_status_run,
};

static void
uc_ctl_status_print_endpoint(JsonObject *endpoint)
{
	g_autofree gchar *updated = uc_ctl_local_time(endpoint, "updated");

	g_print("\n%s: %s\n", uc_ctl_text(endpoint, "id"), uc_ctl_text(endpoint, "name"));
	g_print(_("  version %s, last updated %s\n"), uc_ctl_text(endpoint, "version"), updated);
	if (json_object_has_member(endpoint, "version_new"))
		g_print(_("  version %s: %s\n"),
			uc_ctl_text(endpoint, "version_new"),
			uc_ctl_text(endpoint, "progress"));
	g_print("  %s: %s\n", uc_ctl_text(endpoint, "action"), uc_ctl_text(endpoint, "reason"));
	if (json_object_has_member(endpoint, "error"))
		g_print(_("  last failure: %s\n"), uc_ctl_text(endpoint, "error"));
}

static void
uc_ctl_status_print(JsonObject *status)
{
	JsonArray *endpoints = json_object_get_array_member(status, "endpoints");
	g_autofree gchar *last = uc_ctl_local_time(status, "last_check");
	g_autofree gchar *next = uc_ctl_local_time(status, "next");

	g_print(_("service:    %s (%s)\n"),
		uc_ctl_text(status, "service"),
		uc_ctl_text(status, "organisation"));
	g_print(_("last check: %s\n"), last);
	if (json_object_has_member(status, "check_error"))
		g_print(_("            %s\n"), uc_ctl_text(status, "check_error"));
	if (json_object_has_member(status, "fwupd_error"))
		g_print(_("fwupd:      %s\n"), uc_ctl_text(status, "fwupd_error"));
	g_print(_("room:       %s %s\n"),
		uc_ctl_text(status, "use"),
		uc_ctl_text(status, "use_reason"));
	g_print(_("work:       %s\n"), uc_ctl_text(status, "work"));
	g_print(_("next look:  %s\n"), g_str_equal(next, "-") ? _("when something happens") : next);
	for (guint i = 0; i < json_array_get_length(endpoints); i++)
		uc_ctl_status_print_endpoint(json_array_get_object_element(endpoints, i));
}

static gint
uc_ctl_status_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(JsonNode) node = NULL;

	if (!uc_ctl_parse(&uc_ctl_status, entries, 0, &argc, &argv))
		return UC_CTL_USAGE;
	reply = uc_ctl_call("GetStatus", NULL, -1, &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	node = uc_ctl_get_json(reply);
	if (json)
		uc_ctl_print_json(node);
	else
		uc_ctl_status_print(json_node_get_object(node));
	return UC_CTL_DONE;
}
