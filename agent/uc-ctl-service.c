/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-text.h"
#include "uc-ctl.h"

static gint
uc_ctl_service_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_service = {
    "service",
    "[URL [EXTERNAL_URL]] [--ca=DIR] [--forget]",
    N_("Show the update service, say where it is, or forget it"),
    uc_ctl_service_run,
};

#define UC_CTL_SERVICE_MS (5 * 60 * 1000)

static void
uc_ctl_service_print_line(JsonObject *service, const gchar *member, const gchar *label)
{
	if (json_object_has_member(service, member))
		uc_ctl_text_print(uc_ctl_text(service, member), "%s ", label);
}

static void
uc_ctl_service_print_domains(JsonObject *service)
{
	JsonArray *domains = json_object_get_array_member(service, "domains");

	for (guint i = 0; i < json_array_get_length(domains); i++)
		uc_ctl_text_print(json_array_get_string_element(domains, i),
				  "%s ",
				  _("domain:      "));
}

static void
uc_ctl_service_print(JsonObject *service)
{
	g_autofree gchar *expires = uc_ctl_local_time(service, "expires");

	uc_ctl_text_print(uc_ctl_text(service, "organisation"), "%s ", _("organisation:"));
	uc_ctl_service_print_domains(service);
	uc_ctl_text_print(uc_ctl_text(service, "service"), "%s ", _("service:     "));
	uc_ctl_text_print(uc_ctl_text(service, "way"), "%s ", _("found by:    "));
	g_print(_("good until:   %s\n"), expires);
	uc_ctl_service_print_line(service, "external_url", _("external:    "));
	uc_ctl_service_print_line(service, "given_url", _("given:       "));
	uc_ctl_service_print_line(service, "given_external_url", _("given:       "));
	uc_ctl_service_print_line(service, "configured_url", _("configured:  "));
	uc_ctl_service_print_line(service, "configured_external_url", _("configured:  "));
	uc_ctl_service_print_line(service, "check_error", _("last failure:"));
}

static gint
uc_ctl_service_show(gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = uc_ctl_call("GetService", NULL, -1, &error);
	g_autoptr(JsonNode) node = NULL;

	if (reply == NULL)
		return uc_ctl_fail(error);
	node = uc_ctl_get_json(reply);
	if (json)
		uc_ctl_print_json(node);
	else
		uc_ctl_service_print(json_node_get_object(node));
	return UC_CTL_DONE;
}

static gint
uc_ctl_service_change(const gchar *method, GVariant *parameters, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = uc_ctl_call(method, parameters, UC_CTL_SERVICE_MS, &error);

	return reply != NULL ? uc_ctl_service_show(json) : uc_ctl_fail(error);
}

/* the program that does it for packages and images too; it says itself what is wrong */
static gint
uc_ctl_service_install_anchors(const gchar *directory)
{
	const gchar *const command[] = {"ucupdates-trust", "install", directory, NULL};
	g_autoptr(GError) error = NULL;
	gint wait_status = 0;

	if (!g_spawn_sync(NULL,
			  (gchar **)command,
			  NULL,
			  G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
			  NULL,
			  NULL,
			  NULL,
			  NULL,
			  &wait_status,
			  &error))
		return uc_ctl_fail(error);
	return wait_status == 0 ? UC_CTL_DONE : UC_CTL_FAILED;
}

static gint
uc_ctl_service_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	gboolean forget = FALSE;
	g_autofree gchar *ca = NULL;
	GOptionEntry entries[] = {
	    {"ca", 0, 0, G_OPTION_ARG_FILENAME, &ca, N_("First trust what is in here"), N_("DIR")},
	    {"forget", 0, 0, G_OPTION_ARG_NONE, &forget, N_("Forget the organisation"), NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};

	if (!uc_ctl_parse(&uc_ctl_service, entries, 2, &argc, &argv))
		return UC_CTL_USAGE;
	if (forget && (argc > 1 || ca != NULL)) {
		g_printerr(_("ucupdatesctl service: a URL or --ca and --forget do not go "
			     "together\n"));
		return UC_CTL_USAGE;
	}
	if (ca != NULL && uc_ctl_service_install_anchors(ca) != UC_CTL_DONE)
		return UC_CTL_FAILED;
	if (forget)
		return uc_ctl_service_change("ForgetService", NULL, json);
	if (argc == 1)
		return uc_ctl_service_show(json);
	return uc_ctl_service_change("SetService",
				     g_variant_new("(ss)", argv[1], argc > 2 ? argv[2] : ""),
				     json);
}
