/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* what all sub-commands of ucupdatesctl share */

#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-phrase.h"
#include "uc-ctl-text.h"
#include "uc-ctl.h"
#include "uc-error.h"
#include "uc-names.h"

#define UC_CTL_STATE_COLUMNS 8

static const UcCtlCommand *const uc_ctl_commands[] = {
    &uc_ctl_status,
    &uc_ctl_check,
    &uc_ctl_explain,
    &uc_ctl_versions,
    &uc_ctl_install,
    &uc_ctl_defer,
    &uc_ctl_inhibit,
    &uc_ctl_activity,
    &uc_ctl_monitor,
    &uc_ctl_history,
    &uc_ctl_service,
    &uc_ctl_support_bundle,
};

static void
uc_ctl_print_help(void)
{
	g_print(_("Usage: ucupdatesctl COMMAND [OPTION…]\n\n"
		  "Shows and steers the firmware updates of this machine's UC endpoints.\n\n"
		  "Commands:\n"));
	for (guint i = 0; i < G_N_ELEMENTS(uc_ctl_commands); i++)
		uc_ctl_text_print(_(uc_ctl_commands[i]->summary),
				  "  %-14s  ",
				  uc_ctl_commands[i]->name);
	g_print(_("\nEach command has --json and --help.\n"));
}

/**
 * uc_ctl_run:
 *
 * Returns: the exit status: 0 done, 1 failed, 2 usage; `inhibit` has that of its command
 */
gint
uc_ctl_run(gint argc, gchar **argv)
{
	if (argc < 2) {
		g_printerr(_("ucupdatesctl: a command is missing; see ucupdatesctl --help\n"));
		return UC_CTL_USAGE;
	}
	if (g_str_equal(argv[1], "--help") || g_str_equal(argv[1], "-h") ||
	    g_str_equal(argv[1], "help")) {
		uc_ctl_print_help();
		return UC_CTL_DONE;
	}
	if (g_str_equal(argv[1], "--version")) {
		g_print("ucupdatesctl %s\n", PACKAGE_VERSION);
		return UC_CTL_DONE;
	}
	for (guint i = 0; i < G_N_ELEMENTS(uc_ctl_commands); i++) {
		if (g_str_equal(argv[1], uc_ctl_commands[i]->name))
			return uc_ctl_commands[i]->run(argc - 1, argv + 1);
	}
	g_printerr(_("ucupdatesctl: there is no command '%s'; see ucupdatesctl --help\n"), argv[1]);
	return UC_CTL_USAGE;
}

/**
 * uc_ctl_parse:
 * @entries: the options of the command
 * @max_arguments: so many arguments may be left over; -1 for any number
 * @argc: (inout): arguments, the command's name first
 * @argv: (inout): the same
 *
 * Returns: %FALSE for a mistake, of which has been told
 */
gboolean
uc_ctl_parse(const UcCtlCommand *command,
	     const GOptionEntry *entries,
	     gint max_arguments,
	     gint *argc,
	     gchar ***argv)
{
	g_autofree gchar *program = g_strdup_printf("ucupdatesctl %s", command->name);
	g_autofree gchar *usage =
	    g_strdup_printf("%s - %s", command->arguments, _(command->summary));
	g_autoptr(GOptionContext) context = g_option_context_new(usage);
	g_autoptr(GError) error = NULL;

	/* what --help shows */
	g_set_prgname(program);
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	g_option_context_set_strict_posix(context, max_arguments < 0);
	if (!g_option_context_parse(context, argc, argv, &error)) {
		/* TRANSLATORS: a command, what is wrong with its options, the command again */
		g_printerr(_("ucupdatesctl %s: %s; see ucupdatesctl %s --help\n"),
			   command->name,
			   error->message,
			   command->name);
		return FALSE;
	}
	if (max_arguments >= 0 && *argc - 1 > max_arguments) {
		g_printerr(_("ucupdatesctl %s: '%s' is not expected; see ucupdatesctl %s --help\n"),
			   command->name,
			   (*argv)[max_arguments + 1],
			   command->name);
		return FALSE;
	}
	return TRUE;
}

/* on the bus there is nobody who could answer: dbus-daemon and systemd have words of their own for
 * each way in which a start fails */
static gboolean
uc_ctl_is_not_running(const GError *error)
{
	static const gchar *const prefixes[] = {"org.freedesktop.DBus.Error.Spawn.",
						"org.freedesktop.systemd1."};
	g_autofree gchar *name = g_dbus_error_get_remote_error(error);

	for (guint i = 0; name != NULL && i < G_N_ELEMENTS(prefixes); i++) {
		if (g_str_has_prefix(name, prefixes[i]))
			return TRUE;
	}
	return g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	       g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

/**
 * uc_ctl_fail:
 *
 * Returns: %UC_CTL_FAILED, after the sentence
 */
gint
uc_ctl_fail(const GError *error)
{
	g_autoptr(GError) copy = g_error_copy(error);
	g_autofree gchar *text = NULL;

	if (uc_ctl_is_not_running(copy)) {
		g_printerr(_("ucupdatesctl: the agent does not run and cannot be started; see "
			     "systemctl status ucupdatesd\n"));
		return UC_CTL_FAILED;
	}
	g_dbus_error_strip_remote_error(copy);
	text = uc_ctl_phrase_translate(copy->message);
	g_printerr("ucupdatesctl: %s\n", text);
	return UC_CTL_FAILED;
}

/**
 * uc_ctl_connect:
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): the system bus
 */
GDBusConnection *
uc_ctl_connect(GError **error)
{
	g_autoptr(GError) error_bus = NULL;
	GDBusConnection *connection = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error_bus);

	if (connection == NULL)
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    _("cannot reach the system bus: %s; is dbus running?"),
			    error_bus->message);
	return connection;
}

/**
 * uc_ctl_call:
 * @method: a method of `org.ucupdates.Agent1`
 * @parameters: (nullable) (transfer floating): a tuple
 * @timeout_ms: in milliseconds; -1 for the default of GDBus, 25 s
 *
 * Blocks.
 *
 * Returns: (transfer full): the answer
 */
GVariant *
uc_ctl_call(const gchar *method, GVariant *parameters, gint timeout_ms, GError **error)
{
	g_autoptr(GVariant) owned = parameters != NULL ? g_variant_ref_sink(parameters) : NULL;
	g_autoptr(GDBusConnection) connection = uc_ctl_connect(error);

	if (connection == NULL)
		return NULL;
	return g_dbus_connection_call_sync(connection,
					   UC_DBUS_NAME,
					   UC_DBUS_PATH,
					   UC_DBUS_INTERFACE,
					   method,
					   owned,
					   NULL,
					   G_DBUS_CALL_FLAGS_NONE,
					   timeout_ms,
					   NULL,
					   error);
}

/**
 * uc_ctl_get_json:
 * @reply: a tuple of one
 *
 * Returns: (transfer full): the same as JSON
 */
JsonNode *
uc_ctl_get_json(GVariant *reply)
{
	g_autoptr(GVariant) value = g_variant_get_child_value(reply, 0);

	return json_gvariant_serialize(value);
}

void
uc_ctl_print_json(JsonNode *node)
{
	g_autofree gchar *text = json_to_string(node, TRUE);

	g_print("%s\n", text);
}

/**
 * uc_ctl_print_json_list:
 * @node: an array
 *
 * Prints an object with that one member, so that others can be added later.
 */
void
uc_ctl_print_json_list(const gchar *member, JsonNode *node)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), object);

	json_object_set_member(object, member, json_node_copy(node));
	uc_ctl_print_json(root);
}

/**
 * uc_ctl_text:
 *
 * Returns: (transfer none): the member, or a dash
 */
const gchar *
uc_ctl_text(JsonObject *object, const gchar *member)
{
	return json_object_get_string_member_with_default(object, member, "-");
}

/**
 * uc_ctl_sentence:
 *
 * Returns: (transfer full): the member, which the agent says in English, in the language of this
 * process; or a dash
 */
gchar *
uc_ctl_sentence(JsonObject *object, const gchar *member)
{
	return uc_ctl_phrase_translate(uc_ctl_text(object, member));
}

/**
 * uc_ctl_print_sentence:
 * @title: what comes before it, with its space
 *
 * Prints the sentence where there is one.
 */
void
uc_ctl_print_sentence(JsonObject *object, const gchar *member, const gchar *title)
{
	g_autofree gchar *text = uc_ctl_sentence(object, member);

	if (json_object_has_member(object, member))
		uc_ctl_text_print(text, "%s", title);
}

/**
 * uc_ctl_local_time:
 *
 * Returns: (transfer full): the member in local time, or a dash
 */
gchar *
uc_ctl_local_time(JsonObject *object, const gchar *member)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(uc_ctl_text(object, member), NULL);
	g_autoptr(GDateTime) local = time != NULL ? g_date_time_to_local(time) : NULL;

	return local != NULL ? g_date_time_format(local, "%F %T") : g_strdup("-");
}

/* the one that decided is marked: with all others as they are, it alone makes the difference */
static void
uc_ctl_print_conditions(JsonArray *conditions, const gchar *decisive)
{
	for (guint i = 0; conditions != NULL && i < json_array_get_length(conditions); i++) {
		JsonObject *condition = json_array_get_object_element(conditions, i);

		const gchar *id = uc_ctl_text(condition, "id");
		const gchar *word = uc_ctl_phrase_word("state", uc_ctl_text(condition, "state"));
		g_autofree gchar *state = uc_ctl_text_pad(word, UC_CTL_STATE_COLUMNS);
		g_autofree gchar *text = uc_ctl_sentence(condition, "text");

		uc_ctl_text_print(text,
				  "%s %-9s %s ",
				  g_str_equal(id, decisive) ? ">" : " ",
				  id,
				  state);
	}
}

/**
 * uc_ctl_print_decision:
 * @decision: the members of docs/policy.md "The decision"
 */
void
uc_ctl_print_decision(JsonObject *decision)
{
	g_autofree gchar *next = uc_ctl_local_time(decision, "next");
	g_autofree gchar *reason = uc_ctl_sentence(decision, "reason");

	g_print(_("decision: %s (%s)\n"),
		uc_ctl_phrase_word("action", uc_ctl_text(decision, "action")),
		uc_ctl_text(decision, "reason_id"));
	uc_ctl_text_print(reason, "%s ", _("reason:"));
	g_print(_("next look: %s\n"), g_str_equal(next, "-") ? _("when something happens") : next);
	g_print(_("conditions:\n"));
	uc_ctl_print_conditions(json_object_get_array_member(decision, "conditions"),
				uc_ctl_text(decision, "reason_id"));
}

/**
 * uc_ctl_query:
 * @command: the command that this is
 * @method: of the agent, without arguments, or with a device
 * @takes_device: whether @method and the command line take one, which may be left out
 * @member: (nullable): what a list is called in JSON; %NULL when the answer is one object
 * @print: prints the answer for people
 *
 * A command that asks the agent one question and prints the answer.
 *
 * Returns: the exit status
 */
gint
uc_ctl_query(const UcCtlCommand *command,
	     const gchar *method,
	     gboolean takes_device,
	     const gchar *member,
	     void (*print)(JsonNode *node),
	     gint argc,
	     gchar **argv)
{
	gboolean json = FALSE;
	GOptionEntry entries[] = {
	    {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = NULL;
	g_autoptr(JsonNode) node = NULL;
	GVariant *parameters = NULL;

	if (!uc_ctl_parse(command, entries, takes_device ? 1 : 0, &argc, &argv))
		return UC_CTL_USAGE;
	if (takes_device)
		parameters = g_variant_new("(s)", argc > 1 ? argv[1] : "");
	reply = uc_ctl_call(method, parameters, -1, &error);
	if (reply == NULL)
		return uc_ctl_fail(error);
	node = uc_ctl_get_json(reply);
	if (!json)
		print(node);
	else if (member != NULL)
		uc_ctl_print_json_list(member, node);
	else
		uc_ctl_print_json(node);
	return UC_CTL_DONE;
}
