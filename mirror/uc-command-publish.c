/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-json.h"
#include "uc-publish.h"

static void
uc_command_publish_print(const UcCommandLine *line, const UcPublished *published)
{
	g_autoptr(JsonObject) object = NULL;
	g_autofree gchar *expires = uc_command_format_time(published->expires_secs);

	if (!line->json) {
		g_print(_("Published serial %" G_GINT64_FORMAT
			  ": %u approved, %u more for test devices; publish again before %s\n"),
			published->serial,
			published->approved,
			published->pending,
			expires);
		return;
	}
	object = json_object_new();
	json_object_set_int_member(object, "serial", published->serial);
	uc_json_set_time(object, "issued", published->issued_secs);
	uc_json_set_time(object, "expires", published->expires_secs);
	json_object_set_int_member(object, "approved", published->approved);
	json_object_set_int_member(object, "pending", published->pending);
	uc_command_print_json(object);
}

static gint
uc_command_publish_check(const UcCommandLine *line, UcMirror *mirror)
{
	g_autoptr(GError) error = NULL;

	if (!uc_publish_check(mirror, &error))
		return uc_command_fail(error);
	g_print("%s\n", line->json ? "{}" : _("The rules are valid; nothing was published."));
	return UC_EXIT_DONE;
}

/**
 * uc_command_publish:
 *
 * `publish [--check]`
 */
gint
uc_command_publish(UcCommandLine *line)
{
	gboolean check = FALSE;
	gboolean dry_run = FALSE;
	const GOptionEntry entries[] = {
	    {"check", 0, 0, G_OPTION_ARG_NONE, &check, N_("Only check the rules"), NULL},
	    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_("Not there yet"), NULL},
	    {NULL},
	};
	UcPublished published = {0};
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(GError) error = NULL;
	gint status = uc_command_parse(line, entries, "[--check]", 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	if (dry_run) {
		g_printerr(_("ucupdates-mirror: 'publish --dry-run' is planned, but not there yet "
			     "in version %s\n"),
			   PACKAGE_VERSION);
		return UC_EXIT_FAILED;
	}
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (check)
		return uc_command_publish_check(line, mirror);
	if (!uc_publish(mirror, &published, &error))
		return uc_command_fail(error);
	uc_command_publish_print(line, &published);
	return UC_EXIT_DONE;
}
