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
uc_ctl_versions_print(JsonNode *node)
{
	JsonArray *versions = json_node_get_array(node);

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
	return uc_ctl_query(&uc_ctl_versions,
			    "GetVersions",
			    TRUE,
			    "versions",
			    uc_ctl_versions_print,
			    argc,
			    argv);
}
