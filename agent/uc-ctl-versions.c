/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl.h"

static gint
uc_ctl_versions_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_versions = {
    "versions",
    "[DEVICE] [--json]",
    N_("Every version on offer, older ones marked"),
    uc_ctl_versions_run,
};

static void
uc_ctl_versions_print(JsonArray *versions)
{
	if (json_array_get_length(versions) == 0)
		g_print(_("nothing is on offer\n"));
	for (guint i = 0; i < json_array_get_length(versions); i++) {
		JsonObject *version = json_array_get_object_element(versions, i);

		g_print("%-12s %-16s %-6s %s\n",
			uc_ctl_text(version, "id"),
			uc_ctl_text(version, "version"),
			uc_ctl_text(version, "relation"),
			uc_ctl_text(version, "summary"));
	}
}

static gint
uc_ctl_versions_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(JsonNode) node = NULL;

	if (!uc_ctl_parse(&uc_ctl_versions, entries, 1, &argc, &argv))
		return UC_CTL_USAGE;
	reply =
	    uc_ctl_call("GetVersions", g_variant_new("(s)", argc > 1 ? argv[1] : ""), -1, &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	node = uc_ctl_get_json(reply);
	if (json)
		uc_ctl_print_json_list("versions", node);
	else
		uc_ctl_versions_print(json_node_get_array(node));
	return UC_CTL_DONE;
}
