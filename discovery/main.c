/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "uc-discover-options.h"
#include "uc-tls.h"

typedef enum { UC_EXIT_DONE = 0, UC_EXIT_FAILED = 1, UC_EXIT_USAGE = 2 } UcExit;

static void
uc_discover_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
	GAsyncResult **result_out = user_data;

	*result_out = g_object_ref(result);
}

static UcDiscovery *
uc_discover_run(const UcDiscoveryOptions *options, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;

	uc_discovery_run_async(options, NULL, uc_discover_done_cb, &result);
	while (result == NULL)
		g_main_context_iteration(NULL, TRUE);
	return uc_discovery_run_finish(result, error);
}

static void
uc_discover_print_json(UcDiscovery *discovery)
{
	g_autoptr(JsonObject) object = uc_discovery_to_json(discovery);
	g_autoptr(GBytes) text = uc_json_to_bytes(object, TRUE);
	gsize size_bytes = 0;
	const gchar *data = g_bytes_get_data(text, &size_bytes);

	g_print("%.*s\n", (int)size_bytes, data);
}

static void
uc_discover_print(UcDiscovery *discovery)
{
	g_autofree gchar *sentence = uc_discovery_describe(discovery);

	if (uc_discovery_get_outcome(discovery) == UC_OUTCOME_FOUND)
		g_print("%s\n", sentence);
	else
		g_printerr("ucupdates-discover: %s\n", sentence);
}

int
main(int argc, char **argv)
{
	g_auto(GStrv) arguments = g_strdupv(argv);
	g_autoptr(UcDiscoverOptions) options = NULL;
	g_autoptr(UcDiscovery) discovery = NULL;
	g_autoptr(GError) error = NULL;

	uc_tls_init();
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, UC_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	options = uc_discover_options_parse(&arguments, &error);
	if (options == NULL) {
		/* TRANSLATORS: what is wrong with the options */
		g_printerr(_("ucupdates-discover: %s; see ucupdates-discover --help\n"),
			   error->message);
		return UC_EXIT_USAGE;
	}
	if (options->version) {
		g_print("ucupdates-discover %s\n", PACKAGE_VERSION);
		return UC_EXIT_DONE;
	}
	discovery = uc_discover_run(&options->discovery, &error);
	if (discovery == NULL) {
		g_printerr("ucupdates-discover: %s\n", error->message);
		return UC_EXIT_FAILED;
	}
	if (options->json)
		uc_discover_print_json(discovery);
	else
		uc_discover_print(discovery);
	return uc_outcome_to_exit_status(uc_discovery_get_outcome(discovery));
}
