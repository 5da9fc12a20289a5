/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <stdint.h>
#include <string.h>

#include "uc-command.h"
#include "uc-json.h"
#include "uc-publish-due.h"
#include "uc-publish-preview.h"
#include "uc-publish.h"
#include "uc-table.h"

/* so long before its expiry somebody has to fetch the recovery key */
#define UC_COMMAND_PUBLISH_KEYS_SECS (30 * 86400)
#define UC_COMMAND_PUBLISH_LEAF_SECS (60 * 86400)

#define UC_COMMAND_PUBLISH_VALUE_MAX_CHARS 60

/* what ends all updates on a certain day, unless somebody does something before */
static void
uc_command_publish_warn(const UcPublished *published)
{
	const UcPublishExpiry *expiry = &published->expiry;
	const gchar *purpose = uc_anchor_to_string(expiry->purpose);
	g_autofree gchar *date = uc_command_format_time(expiry->certificate_secs);

	if (expiry->keys_secs != 0 &&
	    expiry->keys_secs < published->issued_secs + UC_COMMAND_PUBLISH_KEYS_SECS)
		g_printerr("%s\n",
			   _("ucupdates-mirror: keys.json expires within 30 days, and endpoints "
			     "install no expired one; run 'key sign' with the recovery key"));
	if (expiry->certificate_secs < published->issued_secs + UC_COMMAND_PUBLISH_LEAF_SECS)
		g_printerr(_("ucupdates-mirror: the certificate for %s expires at %s; run 'key "
			     "rotate %s' before, or have another one signed by your CA\n"),
			   purpose,
			   date,
			   purpose);
}

static void
uc_command_publish_print(const UcCommandLine *line, const UcPublished *published)
{
	g_autoptr(JsonObject) object = NULL;
	g_autofree gchar *expires = uc_command_format_time(published->expires_secs);

	uc_command_publish_warn(published);
	if (!line->json) {
		g_print(_("Published serial %jd: %u approved, %u more for test devices; publish "
			  "again before %s\n"),
			(intmax_t)published->serial,
			published->approved,
			published->pending,
			expires);
		if (published->halted > 0)
			g_printerr(
			    _("ucupdates-mirror: %u releases failed on too many endpoints and "
			      "are halted; see 'list'\n"),
			    published->halted);
		return;
	}
	object = json_object_new();
	json_object_set_int_member(object, "serial", published->serial);
	uc_json_set_time(object, "issued", published->issued_secs);
	uc_json_set_time(object, "expires", published->expires_secs);
	if (published->expiry.keys_secs != 0)
		uc_json_set_time(object, "keys_expires", published->expiry.keys_secs);
	uc_json_set_time(object, "certificate_expires", published->expiry.certificate_secs);
	json_object_set_int_member(object, "approved", published->approved);
	json_object_set_int_member(object, "pending", published->pending);
	json_object_set_int_member(object, "halted", published->halted);
	uc_command_print_json(object);
}

static gint
uc_command_publish_check(const UcCommandLine *line, UcMirror *mirror)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) unknown = uc_publish_check(mirror, &error);
	JsonArray *array = NULL;

	if (unknown == NULL)
		return uc_command_fail(error);
	array = json_array_new();
	json_object_set_array_member(object, "unknown_models", array);
	for (guint i = 0; unknown[i] != NULL; i++) {
		json_array_add_string_element(array, unknown[i]);
		g_printerr(
		    _("ucupdates-mirror: [Model %s] is for nothing that was imported and for "
		      "no endpoint that checked in; is it written as 'list' shows it?\n"),
		    unknown[i]);
	}
	if (line->json)
		uc_command_print_json(object);
	else
		g_print("%s\n", _("The rules are valid; nothing was published."));
	return UC_EXIT_DONE;
}

static void
uc_command_publish_print_changes(JsonArray *changes)
{
	g_autoptr(UcTable) table = uc_table_new(_("ENDPOINTS"),
						_("VENDOR"),
						_("MODEL"),
						_("HW"),
						_("INSTALLED"),
						_("OFFERED NOW"),
						_("OFFERED THEN"),
						NULL);

	for (guint i = 0; i < json_array_get_length(changes); i++) {
		JsonObject *change = json_array_get_object_element(changes, i);
		g_autofree gchar *count =
		    g_strdup_printf("%" G_GINT64_FORMAT,
				    json_object_get_int_member(change, "endpoints"));

		uc_table_add_row(table,
				 count,
				 json_object_get_string_member(change, "vendor"),
				 json_object_get_string_member(change, "model"),
				 json_object_get_string_member(change, "hardware_level"),
				 json_object_get_string_member(change, "installed"),
				 json_object_get_string_member(change, "before"),
				 json_object_get_string_member(change, "after"),
				 NULL);
	}
	uc_table_print(table);
}

/* a value for a person: a list of a thousand endpoints is not to be read to its end */
static gchar *
uc_command_publish_format_value(JsonObject *change, const gchar *member)
{
	JsonNode *node = json_object_get_member(change, member);
	g_autofree gchar *text = json_node_is_null(node) ? g_strdup("-")
							 : json_to_string(node, FALSE);
	g_autofree gchar *head =
	    g_utf8_substring(text,
			     0,
			     MIN(g_utf8_strlen(text, -1), UC_COMMAND_PUBLISH_VALUE_MAX_CHARS));

	return g_strconcat(head, strlen(head) < strlen(text) ? "…" : "", NULL);
}

static void
uc_command_publish_print_policy(JsonArray *changes)
{
	g_autoptr(UcTable) table =
	    uc_table_new(_("SECTION"), _("POLICY"), _("PUBLIC NOW"), _("PUBLIC THEN"), NULL);

	for (guint i = 0; i < json_array_get_length(changes); i++) {
		JsonObject *change = json_array_get_object_element(changes, i);
		g_autofree gchar *before = uc_command_publish_format_value(change, "before");
		g_autofree gchar *after = uc_command_publish_format_value(change, "after");

		uc_table_add_row(table,
				 json_object_get_string_member(change, "section"),
				 json_object_get_string_member(change, "member"),
				 before,
				 after,
				 NULL);
	}
	if (json_array_get_length(changes) == 0)
		return;
	g_print("\n");
	uc_table_print(table);
}

static gint
uc_command_publish_preview(const UcCommandLine *line, UcMirror *mirror)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = uc_publish_preview(mirror, &error);
	JsonArray *changes = NULL;

	if (object == NULL)
		return uc_command_fail(error);
	if (line->json) {
		uc_command_print_json(object);
		return UC_EXIT_DONE;
	}
	changes = json_object_get_array_member(object, "changes");
	if (json_array_get_length(changes) == 0)
		g_print(_("Of %jd endpoints none would be offered anything else; nothing was "
			  "published.\n"),
			(intmax_t)json_object_get_int_member(object, "endpoints"));
	else
		uc_command_publish_print_changes(changes);
	uc_command_publish_print_policy(json_object_get_array_member(object, "policy_changes"));
	return UC_EXIT_DONE;
}

static void
uc_command_publish_print_due(const UcCommandLine *line, const UcPublishDue *due)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree gchar *from = uc_command_format_time(due->due_secs);
	g_autofree gchar *expires = uc_command_format_time(due->expires_secs);

	if (line->json) {
		json_object_set_boolean_member(object, "due", FALSE);
		if (due->reason != UC_PUBLISH_REASON_NEVER) {
			uc_json_set_time(object, "due_from", due->due_secs);
			uc_json_set_time(object, "expires", due->expires_secs);
		}
		uc_command_print_json(object);
	} else if (due->reason == UC_PUBLISH_REASON_NEVER) {
		g_print("%s\n",
			_("Nothing was published yet; the first time is up to 'publish' without "
			  "--if-due."));
	} else {
		g_print(_("What is public counts until %s and is signed again from %s on; nothing "
			  "was published.\n"),
			expires,
			from);
	}
}

static gint
uc_command_publish_run(const UcCommandLine *line, UcMirror *mirror)
{
	UcPublished published = {0};
	g_autoptr(GError) error = NULL;

	if (!uc_publish(mirror, &published, &error))
		return uc_command_fail(error);
	uc_command_publish_print(line, &published);
	return UC_EXIT_DONE;
}

static gint
uc_command_publish_if_due(const UcCommandLine *line, UcMirror *mirror)
{
	UcPublishDue due = {0};
	g_autoptr(GError) error = NULL;

	if (!uc_publish_due_find(mirror, g_get_real_time() / G_USEC_PER_SEC, &due, &error))
		return uc_command_fail(error);
	if (uc_publish_due_is_now(&due))
		return uc_command_publish_run(line, mirror);
	uc_command_publish_print_due(line, &due);
	return UC_EXIT_DONE;
}

/**
 * uc_command_publish:
 *
 * `publish [--check|--dry-run|--if-due]`
 */
gint
uc_command_publish(UcCommandLine *line)
{
	gboolean check = FALSE;
	gboolean dry_run = FALSE;
	gboolean if_due = FALSE;
	const GOptionEntry entries[] = {
	    {"check", 0, 0, G_OPTION_ARG_NONE, &check, N_("Only check the rules"), NULL},
	    {"dry-run",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &dry_run,
	     N_("Only say what endpoints would see differently"),
	     NULL},
	    {"if-due",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &if_due,
	     N_("Only before what is public expires, or to halt a release; for a timer"),
	     NULL},
	    {NULL},
	};
	g_autoptr(UcMirror) mirror = NULL;
	gint status = uc_command_parse(line, entries, "[--check|--dry-run|--if-due]", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	if ((gint)check + (gint)dry_run + (gint)if_due > 1)
		return uc_command_usage(
		    _("--check, --dry-run and --if-due are several questions, ask one"));
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (check)
		return uc_command_publish_check(line, mirror);
	if (dry_run)
		return uc_command_publish_preview(line, mirror);
	return if_due ? uc_command_publish_if_due(line, mirror)
		      : uc_command_publish_run(line, mirror);
}
