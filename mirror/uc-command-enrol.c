/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-enrol-sign.h"
#include "uc-enrol-token.h"
#include "uc-rules.h"

#define UC_COMMAND_ENROL_DAYS	   7
#define UC_COMMAND_ENROL_DAYS_MAX  400
#define UC_COMMAND_ENROL_COUNT_MAX 1000

typedef struct {
	gint days;
	gint count;
} UcCommandEnrolOptions;

static gint
uc_command_enrol_sign(const UcCommandLine *line, UcMirror *mirror)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error = NULL;
	guint count = 0;

	if (!uc_enrol_sign(mirror, g_get_real_time() / G_USEC_PER_SEC, &count, &error))
		return uc_command_fail(error);
	json_object_set_int_member(object, "signed", count);
	if (line->json)
		uc_command_print_json(object);
	else
		g_print(
		    g_dngettext(NULL, "%u certificate signed\n", "%u certificates signed\n", count),
		    count);
	return UC_EXIT_DONE;
}

static JsonArray *
uc_command_enrol_make_tokens(UcMirror *mirror, const UcCommandEnrolOptions *options, GError **error)
{
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(mirror->database, error);
	g_autoptr(JsonArray) tokens = json_array_new();

	if (transaction == NULL)
		return NULL;
	for (gint i = 0; i < options->count; i++) {
		g_autofree gchar *token =
		    uc_enrol_token_new(mirror->database, now_secs, (guint)options->days, error);

		if (token == NULL)
			return NULL;
		json_array_add_string_element(tokens, token);
	}
	return uc_transaction_commit(transaction, error) ? g_steal_pointer(&tokens) : NULL;
}

/* whoever hands them out wants to know */
static void
uc_command_enrol_warn(const UcMirror *mirror)
{
	g_autofree gchar *dir = uc_mirror_path(mirror, "rules.d", NULL);
	g_autoptr(UcRules) rules = uc_rules_load(dir, NULL);

	if (rules == NULL || rules->enrolment == UC_RULES_ENROLMENT_TOKEN)
		return;
	g_printerr(_("ucupdates-mirror: tokens are asked for with [Publish] Enrolment=token only, "
		     "and the rules have %s\n"),
		   uc_rules_enrolment_to_string(rules->enrolment));
}

static gint
uc_command_enrol_token(const UcCommandLine *line,
		       UcMirror *mirror,
		       const UcCommandEnrolOptions *options)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error = NULL;
	JsonArray *tokens = uc_command_enrol_make_tokens(mirror, options, &error);

	if (tokens == NULL)
		return uc_command_fail(error);
	uc_command_enrol_warn(mirror);
	json_object_set_array_member(object, "tokens", tokens);
	if (line->json)
		uc_command_print_json(object);
	for (guint i = 0; !line->json && i < json_array_get_length(tokens); i++)
		g_print("%s\n", json_array_get_string_element(tokens, i));
	return UC_EXIT_DONE;
}

/**
 * uc_command_enrol:
 *
 * `enrol sign` and `enrol token [--days=N] [--count=N]`
 */
gint
uc_command_enrol(UcCommandLine *line)
{
	UcCommandEnrolOptions options = {UC_COMMAND_ENROL_DAYS, 1};
	const GOptionEntry entries[] = {
	    {"days",
	     0,
	     0,
	     G_OPTION_ARG_INT,
	     &options.days,
	     N_("A token counts for so many days"),
	     "N"},
	    {"count", 0, 0, G_OPTION_ARG_INT, &options.count, N_("Make so many tokens"), "N"},
	    {NULL},
	};
	const gchar *usage = "sign | token [--days=N] [--count=N]";
	gint status = uc_command_parse(line, entries, usage, 1, 1);
	g_autoptr(UcMirror) mirror = NULL;
	gboolean sign = FALSE;

	if (status != UC_EXIT_DONE)
		return status;
	sign = g_str_equal(line->argv[1], "sign");
	if ((!sign && !g_str_equal(line->argv[1], "token")) ||
	    (sign && (options.days != UC_COMMAND_ENROL_DAYS || options.count != 1)))
		return uc_command_expected(line, usage);
	if (options.days < 1 || options.days > UC_COMMAND_ENROL_DAYS_MAX || options.count < 1 ||
	    options.count > UC_COMMAND_ENROL_COUNT_MAX)
		return uc_command_usage(_("expected --days from 1 to %d and --count from 1 to %d"),
					UC_COMMAND_ENROL_DAYS_MAX,
					UC_COMMAND_ENROL_COUNT_MAX);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	return sign ? uc_command_enrol_sign(line, mirror)
		    : uc_command_enrol_token(line, mirror, &options);
}
