/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "uc-command.h"
#include "uc-json.h"

#define UC_COMMAND_SENTENCE_MAX_CHARS 1000

static const struct {
	const gchar *name;
	UcCommandRun run;
	const gchar *what;
} uc_commands[] = {
    {"init", uc_command_init, N_("Make a new mirror with its keys")},
    {"import", uc_command_import, N_("Check packages and take them as pending")},
    {"list", uc_command_list, N_("Show all packages and their states")},
    {"approve", uc_command_approve, N_("Offer a pending package to everybody")},
    {"reject", uc_command_reject, N_("Drop a pending package, or withdraw an approved one")},
    {"restore", uc_command_restore, N_("Bring back the package that was approved before")},
    {"use-version", uc_command_use_version, N_("Let the endpoints of a model run one version")},
    {"test-device", uc_command_test_device, N_("Say which endpoints get what is pending")},
    {"publish", uc_command_publish, N_("Write, sign and switch to what was decided")},
    {"simulate", uc_command_simulate, N_("Show what would become of what was decided")},
    {"serve", uc_command_serve, N_("Serve what was published, and take check-ins")},
    {"endpoints", uc_command_endpoints, N_("Show the endpoints that checked in")},
    {"endpoint", uc_command_endpoint, N_("Show one endpoint, or decide about its key")},
    {"forget", uc_command_forget, N_("Forget an endpoint and revoke its key")},
    {"enrol", uc_command_enrol, N_("Sign certificates of endpoints, or make tokens for them")},
    {"sync", uc_command_sync, N_("Take packages from the LVFS or another mirror")},
    {"hosts", uc_command_hosts, N_("Show what endpoints will contact, for a firewall")},
    {"access", uc_command_access, N_("Say who may ask from outside")},
    {"key", uc_command_key, N_("Show, replace and revoke keys")},
    {"audit", uc_command_audit, N_("Show who decided what and when")},
};

/* embeddings and overrides, by which a text is shown as another one; the marks of a translation are
 * none of them */
static gboolean
uc_command_is_override(gunichar c)
{
	return c >= 0x202a && c <= 0x202e;
}

/*
 * (transfer full): what may have come from anywhere, as one line for a terminal; of a long one the
 * middle is left out, because what was expected stands at the end
 */
static gchar *
uc_command_clean(const gchar *sentence)
{
	g_autofree gchar *valid = g_utf8_make_valid(sentence, -1);
	g_autoptr(GString) out = g_string_new(NULL);
	glong skip = g_utf8_strlen(valid, -1) - UC_COMMAND_SENTENCE_MAX_CHARS;
	glong at = 0;

	for (const gchar *p = valid; *p != '\0'; p = g_utf8_next_char(p), at++) {
		gunichar c = g_utf8_get_char(p);

		if (skip > 0 && at == UC_COMMAND_SENTENCE_MAX_CHARS / 2) {
			p = g_utf8_offset_to_pointer(p, skip);
			c = 0x2026;
		}
		if (g_unichar_iscntrl(c) || uc_command_is_override(c))
			c = c == '\n' ? ' ' : '?';
		g_string_append_unichar(out, c);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/**
 * uc_command_fail:
 * @error: what went wrong
 *
 * Returns: the exit status
 */
gint
uc_command_fail(const GError *error)
{
	g_autofree gchar *sentence = uc_command_clean(error->message);

	g_printerr("ucupdates-mirror: %s\n", sentence);
	return UC_EXIT_FAILED;
}

/**
 * uc_command_usage:
 * @format: a sentence
 *
 * Returns: the exit status
 */
gint
uc_command_usage(const gchar *format, ...)
{
	g_autofree gchar *sentence = NULL;
	g_autofree gchar *clean = NULL;
	va_list args;

	va_start(args, format);
	sentence = g_strdup_vprintf(format, args);
	va_end(args);
	clean = uc_command_clean(sentence);
	g_printerr("ucupdates-mirror: %s\n", clean);
	return UC_EXIT_USAGE;
}

/**
 * uc_command_expected:
 * @usage: the arguments of the command
 *
 * Returns: the exit status
 */
gint
uc_command_expected(const UcCommandLine *line, const gchar *usage)
{
	g_autofree gchar *call =
	    g_strchomp(g_strdup_printf("ucupdates-mirror --root=DIR %s %s", line->argv[0], usage));

	return uc_command_usage(_("expected '%s'"), call);
}

static gint
uc_command_run(UcCommandLine *line)
{
	const gchar *name = line->argv[0];

	for (guint i = 0; i < G_N_ELEMENTS(uc_commands); i++) {
		if (!g_str_equal(uc_commands[i].name, name))
			continue;
		line->what = _(uc_commands[i].what);
		return uc_commands[i].run(line);
	}
	return uc_command_usage(_("there is no command '%s'; see 'ucupdates-mirror --help'"), name);
}

/* for the help */
static gchar *
uc_command_describe_all(void)
{
	g_autoptr(GString) text = g_string_new(_("Commands:"));

	for (guint i = 0; i < G_N_ELEMENTS(uc_commands); i++)
		g_string_append_printf(text,
				       "\n  %-16s %s",
				       uc_commands[i].name,
				       _(uc_commands[i].what));
	g_string_append_printf(text,
			       "\n\n%s",
			       _("'ucupdates-mirror COMMAND --help' says more about one, and "
				 "ucupdates-mirror(1) all."));
	return g_strdup(text->str);
}

/**
 * uc_command_main:
 *
 * Returns: the exit status
 */
gint
uc_command_main(gint argc, gchar **argv)
{
	g_autofree gchar *root = NULL;
	gboolean json = FALSE;
	gboolean version = FALSE;
	const GOptionEntry entries[] = {
	    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root, N_("Directory of the mirror"), N_("DIR")},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL},
	    {NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new(_("COMMAND …"));
	g_autofree gchar *description = NULL;
	g_autoptr(GError) error = NULL;
	UcCommandLine line = {0};
	gint status = UC_EXIT_DONE;

	g_option_context_set_strict_posix(context, TRUE);
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	description = uc_command_describe_all();
	g_option_context_set_description(context, description);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		return uc_command_usage(_("%s; see 'ucupdates-mirror --help'"), error->message);
	if (version) {
		g_print("ucupdates-mirror %s\n", PACKAGE_VERSION);
		return UC_EXIT_DONE;
	}
	if (argc < 2)
		return uc_command_usage(
		    _("which command? expected 'ucupdates-mirror --root=DIR COMMAND', see --help"));
	line.root = g_steal_pointer(&root);
	line.json = json;
	line.argc = argc - 1;
	line.argv = argv + 1;
	status = uc_command_run(&line);
	g_free(line.root);
	return status;
}

/**
 * uc_command_parse:
 * @line: changed: only the arguments remain after its name
 * @entries: (nullable): options of the command beside `--json` and `--root`
 * @usage: its arguments, for the help
 * @min_arguments: so many are needed
 * @max_arguments: so many are allowed, -1 for any number
 *
 * Returns: %UC_EXIT_DONE, or the exit status after saying what is wrong
 */
gint
uc_command_parse(UcCommandLine *line,
		 const GOptionEntry *entries,
		 const gchar *usage,
		 gint min_arguments,
		 gint max_arguments)
{
	g_autofree gchar *root = NULL;
	const GOptionEntry common[] = {
	    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root, N_("Directory of the mirror"), N_("DIR")},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &line->json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autofree gchar *program =
	    g_strdup_printf("ucupdates-mirror --root=DIR %s", line->argv[0]);
	const gchar *name = line->argv[0];
	g_autoptr(GOptionContext) context = g_option_context_new(usage);
	g_autoptr(GError) error = NULL;
	gint arguments = 0;

	g_set_prgname(program);
	g_option_context_set_summary(context, line->what);
	g_option_context_add_main_entries(context, common, GETTEXT_PACKAGE);
	if (entries != NULL)
		g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	if (!g_option_context_parse(context, &line->argc, &line->argv, &error))
		/* TRANSLATORS: a command, what is wrong with its options, the command again */
		return uc_command_usage(_("%s: %s; see 'ucupdates-mirror %s --help'"),
					name,
					error->message,
					name);
	arguments = line->argc - 1;
	if (arguments < min_arguments || (max_arguments >= 0 && arguments > max_arguments))
		return uc_command_expected(line, usage);
	if (root != NULL) {
		g_free(line->root);
		line->root = g_steal_pointer(&root);
	}
	/* an empty one is a variable of a script that was not set, and not the root directory */
	if (line->root == NULL || line->root[0] == '\0')
		return uc_command_usage(_("which mirror? expected --root=DIR before the command"));
	return UC_EXIT_DONE;
}

/**
 * uc_command_open:
 *
 * Returns: (transfer full): the mirror, or %NULL after saying what is wrong
 */
UcMirror *
uc_command_open(const UcCommandLine *line)
{
	g_autoptr(GError) error = NULL;
	UcMirror *mirror = uc_mirror_open(line->root, &error);

	if (mirror == NULL)
		(void)uc_command_fail(error);
	return mirror;
}

void
uc_command_print_json(JsonObject *object)
{
	g_autoptr(GBytes) text = uc_json_to_bytes(object, TRUE);

	g_print("%.*s\n",
		(gint)g_bytes_get_size(text),
		(const gchar *)g_bytes_get_data(text, NULL));
}

/**
 * uc_command_format_time:
 * @secs: seconds since the Unix epoch, 0 for never
 *
 * Returns: (transfer full): local time to the minute
 */
gchar *
uc_command_format_time(gint64 secs)
{
	g_autoptr(GDateTime) time = secs != 0 ? g_date_time_new_from_unix_local(secs) : NULL;

	return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("-");
}

/**
 * uc_command_package_to_json:
 *
 * Returns: (transfer full): a package as `--json` shows it
 */
JsonObject *
uc_command_package_to_json(const UcPackage *package)
{
	JsonObject *object = json_object_new();
	g_autofree gchar *id = uc_package_get_id(package);

	json_object_set_string_member(object, "id", id);
	json_object_set_string_member(object, "state", uc_package_state_to_string(package->state));
	json_object_set_boolean_member(object, "halted", package->halted);
	json_object_set_string_member(object, "component_id", package->component_id);
	json_object_set_string_member(object, "name", package->name);
	json_object_set_string_member(object, "vendor", package->vendor);
	json_object_set_string_member(object, "version", package->version);
	json_object_set_string_member(object, "protocol", package->protocol);
	if (package->locale != NULL && package->locale[0] != '\0')
		json_object_set_string_member(object, "locale", package->locale);
	json_object_set_string_member(object, "sha256", package->sha256);
	json_object_set_int_member(object, "size_bytes", (gint64)package->size_bytes);
	if (package->signed_sha256 != NULL && package->signed_sha256[0] != '\0') {
		json_object_set_string_member(object, "signed_sha256", package->signed_sha256);
		json_object_set_int_member(object, "signed_bytes", (gint64)package->signed_bytes);
	}
	uc_json_set_time(object, "imported", package->imported_secs);
	return object;
}
