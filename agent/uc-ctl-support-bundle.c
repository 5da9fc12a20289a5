/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a maintainer asks for first, in one file, and nothing private. Everything is collected and
 * redacted before the list is shown, and the file is written after it was seen.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "uc-bundle.h"
#include "uc-ctl.h"
#include "uc-error.h"
#include "uc-paths.h"

#define UC_CTL_BUNDLE_CALL_MS (30 * 1000)

static gint
uc_ctl_support_bundle_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_support_bundle = {
    "support-bundle",
    "[FILE] [--yes] [--serials]",
    N_("Put what a maintainer needs, and nothing private, into a file"),
    uc_ctl_support_bundle_run,
};

static void
uc_ctl_bundle_add_call(UcBundle *bundle, const gchar *name, const gchar *method, gboolean all)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(JsonNode) node = NULL;
	g_autofree gchar *text = NULL;

	reply = uc_ctl_call(method,
			    all ? g_variant_new("(s)", "") : NULL,
			    UC_CTL_BUNDLE_CALL_MS,
			    &error);
	if (reply != NULL) {
		node = uc_ctl_get_json(reply);
		text = json_to_string(node, TRUE);
	} else {
		text = g_strdup_printf("# not available: %s\n", error->message);
	}
	uc_bundle_add_text(bundle, name, text);
}

static void
uc_ctl_bundle_add_agent(UcBundle *bundle)
{
	uc_bundle_add_text(bundle, "version.txt", "ucupdates " PACKAGE_VERSION "\n");
	uc_ctl_bundle_add_call(bundle, "agent/status.json", "GetStatus", FALSE);
	uc_ctl_bundle_add_call(bundle, "agent/service.json", "GetService", FALSE);
	uc_ctl_bundle_add_call(bundle, "agent/explain.json", "Explain", TRUE);
	uc_ctl_bundle_add_call(bundle, "agent/versions.json", "GetVersions", TRUE);
	uc_ctl_bundle_add_call(bundle, "agent/history.json", "GetHistory", FALSE);
}

static void
uc_ctl_bundle_add_commands(UcBundle *bundle)
{
	static const gchar *const devices[] = {"fwupdmgr", "get-devices", "--json", NULL};
	static const gchar *const remotes[] = {"fwupdmgr", "get-remotes", "--json", NULL};
	static const gchar *const plugins[] = {"fwupdmgr", "get-plugins", "--json", NULL};
	static const gchar *const history[] = {"fwupdmgr", "get-history", "--json", NULL};
	static const gchar *const discover[] = {"ucupdates-discover", "--json", NULL};
	static const gchar *const kernel[] = {"uname", "-srm", NULL};
	static const gchar *const journal[] = {"journalctl",
					       "--no-pager",
					       "--no-hostname",
					       "--output=short-iso",
					       "--lines=2000",
					       "--unit=ucupdatesd",
					       "--unit=ucupdates-trust",
					       "--unit=ucupdates-confirm",
					       "--unit=fwupd",
					       NULL};

	uc_bundle_add_command(bundle, "fwupd/devices.json", devices);
	uc_bundle_add_command(bundle, "fwupd/remotes.json", remotes);
	uc_bundle_add_command(bundle, "fwupd/plugins.json", plugins);
	uc_bundle_add_command(bundle, "fwupd/history.json", history);
	uc_bundle_add_command(bundle, "discover.json", discover);
	uc_bundle_add_command(bundle, "system/kernel.txt", kernel);
	uc_bundle_add_command(bundle, "journal.txt", journal);
}

static void
uc_ctl_bundle_add_files(UcBundle *bundle)
{
	g_autofree gchar *config = uc_path_sysconf("ucupdates.conf");
	g_autofree gchar *config_dir = uc_path_sysconf("ucupdates.conf.d");
	g_autofree gchar *endpoints = uc_path_sysconf("endpoints.d");
	g_autofree gchar *trust = uc_path_sysconf("trust.d");
	g_autofree gchar *plugin = uc_path_vendor("plugin.conf");
	g_autofree gchar *state = uc_path_state(NULL);
	g_autofree gchar *updates = uc_path_state("updates");
	g_autofree gchar *service = uc_path_state("service.json");
	g_autofree gchar *quirk = uc_path_plugin_state("quirk.conf");
	g_autofree gchar *records = uc_path_plugin_state(NULL);

	uc_bundle_add_file(bundle, "system/os-release", "/etc/os-release");
	uc_bundle_add_file(bundle, "config/ucupdates.conf", config);
	uc_bundle_add_dir(bundle, "config/ucupdates.conf.d", config_dir, ".conf");
	uc_bundle_add_file(bundle, "config/quirk.conf", quirk);
	uc_bundle_add_file(bundle, "config/plugin.conf", plugin);
	uc_bundle_add_listing(bundle, "config/trust.txt", trust);
	uc_bundle_add_listing(bundle, "state/files.txt", state);
	uc_bundle_add_file(bundle, "state/service.json", service);
	/* as many as there are endpoints: what there are few of has to be before them */
	uc_bundle_add_dir(bundle, "config/endpoints.d", endpoints, ".conf");
	uc_bundle_add_dir(bundle, "state/updates", updates, ".json");
	uc_bundle_add_dir(bundle, "state/uc-endpoint", records, ".state");
}

static void
uc_ctl_bundle_add_secret(UcRedact *redact, const gchar *path)
{
	g_autofree gchar *text = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL) && g_utf8_validate(text, -1, NULL))
		uc_redact_add_secret(redact, text);
}

/* fwupd's own switch comes before what the command line wants */
static gboolean
uc_ctl_bundle_may_show_serials(void)
{
	const gchar *base = g_getenv("FWUPD_SYSCONFDIR");
	g_autofree gchar *path =
	    g_build_filename(base != NULL ? base : UC_SYSCONFDIR, "fwupd", "fwupd.conf", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree gchar *text = NULL;

	if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
		text = g_key_file_get_string(file, "fwupd", "ShowDevicePrivate", NULL);
	return text == NULL || g_ascii_strcasecmp(g_strstrip(text), "true") == 0;
}

static UcBundle *
uc_ctl_bundle_collect(gboolean serials)
{
	g_autofree gchar *password = uc_path_state("password");
	g_autofree gchar *machine_id = uc_path_state("machine-id");
	g_autofree gchar *token = uc_path_state("enrolment-token");
	g_autoptr(UcRedact) redact = uc_redact_new(serials);
	UcBundle *bundle = uc_bundle_new();

	uc_ctl_bundle_add_agent(bundle);
	uc_ctl_bundle_add_commands(bundle);
	uc_ctl_bundle_add_files(bundle);
	uc_ctl_bundle_add_secret(redact, password);
	uc_ctl_bundle_add_secret(redact, machine_id);
	uc_ctl_bundle_add_secret(redact, token);
	uc_ctl_bundle_add_secret(redact, "/etc/machine-id");
	uc_ctl_bundle_add_secret(redact, "/etc/hostname");
	uc_bundle_redact(bundle, redact);
	return bundle;
}

static void
uc_ctl_bundle_print_json(UcBundle *bundle, const gchar *path)
{
	const GPtrArray *items = uc_bundle_get_items(bundle);
	JsonArray *array = json_array_new();
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);

	for (guint i = 0; i < items->len; i++) {
		const UcBundleItem *item = g_ptr_array_index(items, i);
		JsonObject *element = json_object_new();

		json_object_set_string_member(element, "name", item->name);
		json_object_set_int_member(element, "size_bytes", (gint64)strlen(item->text));
		json_array_add_object_element(array, element);
	}
	json_object_set_string_member(object, "file", path);
	json_object_set_array_member(object, "contents", array);
	uc_ctl_print_json(node);
}

static void
uc_ctl_bundle_print(UcBundle *bundle, gboolean serials)
{
	const GPtrArray *items = uc_bundle_get_items(bundle);

	for (guint i = 0; i < items->len; i++) {
		const UcBundleItem *item = g_ptr_array_index(items, i);

		g_print("%8" G_GSIZE_FORMAT "  %s\n", strlen(item->text), item->name);
	}
	g_print("%s\n",
		serials
		    ? _("Passwords, keys and names of people are taken out; serial numbers and "
			"MAC addresses are in it.")
		    : _("Passwords, keys, names of people, serial numbers and MAC addresses are "
			"taken out."));
}

static gboolean
uc_ctl_bundle_ask(const gchar *path)
{
	gchar answer[16] = {0};

	/* Translators: the answer is y or n in every language */
	g_print(_("Write this to %s? [y/N] "), path);
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

static gint
uc_ctl_support_bundle_run(gint argc, gchar **argv)
{
	gboolean json = FALSE;
	gboolean serials = FALSE;
	gboolean yes = FALSE;
	GOptionEntry entries[] = {
	    {"serials", 0, 0, G_OPTION_ARG_NONE, &serials, N_("Leave serial numbers in it"), NULL},
	    {"yes", 'y', 0, G_OPTION_ARG_NONE, &yes, N_("Write it without asking"), NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	const gchar *path = NULL;
	g_autoptr(UcBundle) bundle = NULL;
	g_autoptr(GError) error = NULL;

	if (!uc_ctl_parse(&uc_ctl_support_bundle, entries, 1, &argc, &argv))
		return UC_CTL_USAGE;
	path = argc > 1 ? argv[1] : "ucupdates-support.tar.gz";
	if (!yes && (json || !isatty(STDIN_FILENO))) {
		g_printerr(_("ucupdatesctl support-bundle: nobody can be asked; say --yes\n"));
		return UC_CTL_USAGE;
	}
	if (serials && !uc_ctl_bundle_may_show_serials()) {
		g_printerr(_("ucupdatesctl support-bundle: fwupd.conf has ShowDevicePrivate=false, "
			     "so serial numbers are taken out\n"));
		serials = FALSE;
	}
	if (!uc_bundle_check_path(path, &error))
		return uc_ctl_fail(error);
	bundle = uc_ctl_bundle_collect(serials);
	if (json)
		uc_ctl_bundle_print_json(bundle, path);
	else
		uc_ctl_bundle_print(bundle, serials);
	if (!yes && !uc_ctl_bundle_ask(path))
		return UC_CTL_FAILED;
	if (!uc_bundle_write(bundle, path, &error))
		return uc_ctl_fail(error);
	if (!json)
		g_print(_("%s is written\n"), path);
	return UC_CTL_DONE;
}
