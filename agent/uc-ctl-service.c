/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "uc-ctl-text.h"
#include "uc-ctl.h"
#include "uc-file.h"
#include "uc-paths.h"

static gint
uc_ctl_service_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_service = {
    "service",
    "[URL [EXTERNAL_URL]] [--ca=DIR] [--pin=KEY] [--forget]",
    N_("Show the update service, say where it is, or forget it"),
    uc_ctl_service_run,
};

#define UC_CTL_SERVICE_MS	  (5 * 60 * 1000)
#define UC_CTL_SERVICE_PIN_PREFIX "sha256//"

static void
uc_ctl_service_print_line(JsonObject *service, const gchar *member, const gchar *label)
{
	g_autofree gchar *text = uc_ctl_sentence(service, member);

	if (json_object_has_member(service, member))
		uc_ctl_text_print(text, "%s ", label);
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

/* docs/agent.md "The ways to the service" */
static const gchar *
uc_ctl_service_get_way(JsonObject *service)
{
	static const struct {
		const gchar *way;
		const gchar *words;
	} ways[] = {
	    {"given", N_("the URL that was given")},
	    {"given-external", N_("the external URL that was given")},
	    {"last", N_("where it was the last time")},
	    {"dns", N_("DNS")},
	    {"external", N_("its own word on where it is from outside")},
	    {"none", N_("not found yet")},
	};
	const gchar *way = uc_ctl_text(service, "way");

	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		if (g_str_equal(ways[i].way, way))
			return _(ways[i].words);
	}
	return way;
}

static void
uc_ctl_service_print(JsonObject *service)
{
	g_autofree gchar *expires = uc_ctl_local_time(service, "expires");

	uc_ctl_text_print(uc_ctl_text(service, "organisation"), "%s ", _("organisation:"));
	uc_ctl_service_print_domains(service);
	uc_ctl_text_print(uc_ctl_text(service, "service"), "%s ", _("service:     "));
	uc_ctl_text_print(uc_ctl_service_get_way(service), "%s ", _("found by:    "));
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

/* what goes wrong in the program it says itself */
static gint
uc_ctl_service_spawn(const gchar *const *command, GSpawnFlags flags)
{
	g_autoptr(GError) error = NULL;
	gint wait_status = 0;

	if (!g_spawn_sync(NULL,
			  (gchar **)command,
			  NULL,
			  G_SPAWN_SEARCH_PATH | flags,
			  NULL,
			  NULL,
			  NULL,
			  NULL,
			  &wait_status,
			  &error))
		return uc_ctl_fail(error);
	return wait_status == 0 ? UC_CTL_DONE : UC_CTL_FAILED;
}

/* the program that does it for packages and images too */
static gint
uc_ctl_service_install_anchors(const gchar *directory)
{
	const gchar *const command[] = {"ucupdates-trust", "install", directory, NULL};

	return uc_ctl_service_spawn(command, G_SPAWN_STDOUT_TO_DEV_NULL);
}

/* as [Service] Pin= has it: the SHA-256 of a public key */
static gboolean
uc_ctl_service_is_pin(const gchar *pin)
{
	g_autofree guchar *digest = NULL;
	gsize length = 0;

	if (!g_str_has_prefix(pin, UC_CTL_SERVICE_PIN_PREFIX))
		return FALSE;
	digest = g_base64_decode(pin + strlen(UC_CTL_SERVICE_PIN_PREFIX), &length);
	return length == 32 && strlen(pin) == strlen(UC_CTL_SERVICE_PIN_PREFIX) + 44;
}

/* the agent reads its configuration once */
static gint
uc_ctl_service_restart_agent(void)
{
	const gchar *const command[] = {"systemctl", "try-restart", "ucupdatesd.service", NULL};

	if (!g_file_test("/run/systemd/system", G_FILE_TEST_IS_DIR)) {
		g_printerr(
		    _("ucupdatesctl service: the key counts when ucupdatesd starts again\n"));
		return UC_CTL_DONE;
	}
	return uc_ctl_service_spawn(command, G_SPAWN_DEFAULT);
}

static gint
uc_ctl_service_pin(const gchar *pin)
{
	g_autofree gchar *path = uc_path_sysconf("ucupdates.conf.d/60-pin.conf");
	g_autofree gchar *text = g_strdup_printf("# by ucupdatesctl service --pin\n"
						 "[Service]\nPin=%s\n",
						 pin);
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	g_autoptr(GError) error = NULL;

	if (!uc_file_replace(path, bytes, 0644, &error))
		return uc_ctl_fail(error);
	return uc_ctl_service_restart_agent();
}

/* what is to be trusted, before anything is asked */
static gint
uc_ctl_service_trust(const gchar *ca, const gchar *pin)
{
	gint status = ca != NULL ? uc_ctl_service_install_anchors(ca) : UC_CTL_DONE;

	return status == UC_CTL_DONE && pin != NULL ? uc_ctl_service_pin(pin) : status;
}

/* before anything is changed */
static gint
uc_ctl_service_check(gboolean forget, gint argc, const gchar *ca, const gchar *pin)
{
	if (forget && (argc > 1 || ca != NULL || pin != NULL)) {
		g_printerr(_("ucupdatesctl service: --forget goes with nothing else\n"));
		return UC_CTL_USAGE;
	}
	if ((ca != NULL || pin != NULL) && geteuid() != 0) {
		g_printerr(_("ucupdatesctl service: --ca and --pin are only for root; use sudo\n"));
		return UC_CTL_FAILED;
	}
	if (pin != NULL && !uc_ctl_service_is_pin(pin)) {
		g_printerr(
		    _("ucupdatesctl service: --pin is '%s', expected sha256// and the SHA-256 "
		      "of the service's public key in base64\n"),
		    pin);
		return UC_CTL_USAGE;
	}
	return UC_CTL_DONE;
}

static gint
uc_ctl_service_run(gint argc, gchar **argv)
{
	gint status = UC_CTL_DONE;
	gboolean json = FALSE;
	gboolean forget = FALSE;
	g_autofree gchar *ca = NULL;
	g_autofree gchar *pin = NULL;
	GOptionEntry entries[] = {
	    {"ca", 0, 0, G_OPTION_ARG_FILENAME, &ca, N_("First trust what is in here"), N_("DIR")},
	    {"pin", 0, 0, G_OPTION_ARG_STRING, &pin, N_("Only this key of it counts"), N_("KEY")},
	    {"forget", 0, 0, G_OPTION_ARG_NONE, &forget, N_("Forget the organisation"), NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};

	if (!uc_ctl_parse(&uc_ctl_service, entries, 2, &argc, &argv))
		return UC_CTL_USAGE;
	status = uc_ctl_service_check(forget, argc, ca, pin);
	if (status == UC_CTL_DONE)
		status = uc_ctl_service_trust(ca, pin);
	if (status != UC_CTL_DONE)
		return status;
	if (forget)
		return uc_ctl_service_change("ForgetService", NULL, json);
	if (argc == 1)
		return uc_ctl_service_show(json);
	return uc_ctl_service_change("SetService",
				     g_variant_new("(ss)", argv[1], argc > 2 ? argv[2] : ""),
				     json);
}
