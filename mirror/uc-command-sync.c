/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-passed-on.h"
#include "uc-sync.h"

#define UC_COMMAND_SYNC_ANCHORS	      "/etc/pki/fwupd-metadata" /* where fwupd has the LVFS's */
#define UC_COMMAND_SYNC_BUDGET_MB     1000
#define UC_COMMAND_SYNC_BUDGET_MB_MAX 1000000

static void
uc_command_sync_print_passed_on(const UcSync *sync, const UcSyncResult *result)
{
	g_print(_("Of %u releases for this inventory %u are new, %u were there, %u are left for "
		  "tomorrow, %u were refused, %u could not be fetched\n"),
		result->wanted,
		result->imported,
		result->present,
		result->left,
		result->refused,
		result->failed);
	if (result->whole)
		g_print(_("The next 'publish' passes this state on as remotes/%s/\n"),
			sync->pass_on);
	else
		g_print(_("This state is not whole yet; the one before, if any, stays in "
			  "remotes/%s/\n"),
			sync->pass_on);
}

static void
uc_command_sync_print(const UcCommandLine *line, const UcSync *sync, const UcSyncResult *result)
{
	g_autoptr(JsonObject) object = NULL;

	for (guint i = 0; i < result->sentences->len; i++)
		g_printerr("ucupdates-mirror: %s\n",
			   (const gchar *)g_ptr_array_index(result->sentences, i));
	if (!line->json) {
		if (sync->pass_on != NULL) {
			uc_command_sync_print_passed_on(sync, result);
			return;
		}
		g_print(
		    _("Of %u releases for this inventory %u are new and pending, %u were there, "
		      "%u are left for tomorrow, %u were refused, %u could not be fetched\n"),
		    result->wanted,
		    result->imported,
		    result->present,
		    result->left,
		    result->refused,
		    result->failed);
		return;
	}
	object = json_object_new();
	json_object_set_int_member(object, "wanted", result->wanted);
	json_object_set_int_member(object, "imported", result->imported);
	json_object_set_int_member(object, "present", result->present);
	json_object_set_int_member(object, "left", result->left);
	json_object_set_int_member(object, "refused", result->refused);
	json_object_set_int_member(object, "failed", result->failed);
	if (sync->pass_on != NULL)
		json_object_set_boolean_member(object, "whole", result->whole);
	json_object_set_int_member(object, "fetched_bytes", (gint64)result->fetched_bytes);
	uc_command_print_json(object);
}

/**
 * uc_command_sync:
 *
 * `sync [--pass-on=NAME] [--anchors=DIR] [--tls-anchors=DIR] [--budget-mb=N] URL`
 */
gint
uc_command_sync(UcCommandLine *line)
{
	g_autofree gchar *anchors = NULL;
	g_autofree gchar *tls_anchors = NULL;
	g_autofree gchar *pass_on = NULL;
	gint budget_mb = UC_COMMAND_SYNC_BUDGET_MB;
	const GOptionEntry entries[] = {
	    {"anchors",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &anchors,
	     N_("CAs that sign its metadata"),
	     N_("DIR")},
	    {"tls-anchors",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &tls_anchors,
	     N_("CAs of its TLS certificate"),
	     N_("DIR")},
	    {"budget-mb",
	     0,
	     0,
	     G_OPTION_ARG_INT,
	     &budget_mb,
	     N_("Megabytes of packages on one day"),
	     N_("N")},
	    {"pass-on",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &pass_on,
	     N_("Import nothing; pass it on as it is signed, as a remote of that name"),
	     N_("NAME")},
	    {NULL},
	};
	g_auto(UcSyncResult) result = {0};
	UcSync sync = {0};
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(GError) error = NULL;
	gint status =
	    uc_command_parse(line,
			     entries,
			     "[--pass-on=NAME] [--anchors=DIR] [--tls-anchors=DIR] [--budget-mb=N] "
			     "https://HOST/…/firmware.xml.zst",
			     1,
			     1);

	if (status != UC_EXIT_DONE)
		return status;
	if (budget_mb < 1 || budget_mb > UC_COMMAND_SYNC_BUDGET_MB_MAX)
		return uc_command_usage(_("--budget-mb is %d, expected 1 to %d"),
					budget_mb,
					UC_COMMAND_SYNC_BUDGET_MB_MAX);
	if (pass_on != NULL && !uc_passed_on_is_name(pass_on))
		return uc_command_usage(_("--pass-on is '%s', expected 1 to 32 lower-case letters, "
					  "digits and '-', the first one a letter"),
					pass_on);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	sync.url = line->argv[1];
	sync.anchors_dir = anchors != NULL ? anchors : UC_COMMAND_SYNC_ANCHORS;
	sync.tls_dir = tls_anchors;
	sync.pass_on = pass_on;
	sync.budget_bytes = (guint64)budget_mb * 1000000;
	sync.now_secs = g_get_real_time() / G_USEC_PER_SEC;
	if (!uc_sync(mirror, &sync, &result, &error))
		return uc_command_fail(error);
	uc_command_sync_print(line, &sync, &result);
	return result.failed > 0 ? UC_EXIT_FAILED : UC_EXIT_DONE;
}
