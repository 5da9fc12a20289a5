/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-ctl-phrase.h"
#include "uc-ctl-text.h"
#include "uc-ctl.h"

static gint
uc_ctl_status_run(gint argc, gchar **argv);

const UcCtlCommand uc_ctl_status = {
    "status",
    "[--json]",
    N_("What the agent knows and does"),
    uc_ctl_status_run,
};

static void
uc_ctl_status_print_endpoint(JsonObject *endpoint)
{
	g_autofree gchar *updated = uc_ctl_local_time(endpoint, "updated");
	g_autofree gchar *reason = uc_ctl_sentence(endpoint, "reason");
	g_autofree gchar *failure = g_strdup_printf("  %s ", _("last failure:"));

	g_print("\n%s: %s\n", uc_ctl_text(endpoint, "id"), uc_ctl_text(endpoint, "name"));
	if (json_object_has_member(endpoint, "updated"))
		g_print(_("  version %s, last updated %s\n"),
			uc_ctl_text(endpoint, "version"),
			updated);
	else
		g_print(_("  version %s, not updated yet\n"), uc_ctl_text(endpoint, "version"));
	if (json_object_has_member(endpoint, "version_new"))
		g_print(_("  version %s: %s\n"),
			uc_ctl_text(endpoint, "version_new"),
			uc_ctl_phrase_word("progress", uc_ctl_text(endpoint, "progress")));
	uc_ctl_text_print(reason,
			  "  %s: ",
			  uc_ctl_phrase_word("action", uc_ctl_text(endpoint, "action")));
	if (json_object_has_member(endpoint, "version_missing"))
		g_print(_("  the policy names version %s, which is not on offer\n"),
			uc_ctl_text(endpoint, "version_missing"));
	uc_ctl_print_sentence(endpoint, "error", failure);
}

static void
uc_ctl_status_print_room(JsonObject *status)
{
	const gchar *use = uc_ctl_text(status, "use");
	const gchar *words = _("not known, which counts as in use:");
	g_autofree gchar *reason = uc_ctl_sentence(status, "use_reason");

	if (g_str_equal(use, "none")) {
		g_print(_("room:       not in use\n"));
		return;
	}
	if (g_str_equal(use, "call"))
		words = _("in use:");
	uc_ctl_text_print(reason, _("room:       %s "), words);
}

static void
uc_ctl_status_print_service(JsonObject *status)
{
	g_autofree gchar *service = NULL;

	if (json_object_has_member(status, "service"))
		service = g_strdup_printf("%s (%s)",
					  uc_ctl_text(status, "service"),
					  uc_ctl_text(status, "organisation"));
	uc_ctl_text_print(service != NULL ? service : _("none found yet"), "%s", _("service:    "));
}

static void
uc_ctl_status_print_unclaimed(JsonObject *status)
{
	JsonArray *ids = json_object_has_member(status, "unclaimed")
			     ? json_object_get_array_member(status, "unclaimed")
			     : NULL;

	for (guint i = 0; ids != NULL && i < json_array_get_length(ids); i++) {
		g_autofree gchar *text =
		    g_strdup_printf(_("fwupd has no device for the endpoint '%s'; journalctl "
				      "--unit=fwupd may say what is wrong with its file"),
				    json_array_get_string_element(ids, i));

		uc_ctl_text_print(text, "%s", _("failure:    "));
	}
}

static void
uc_ctl_status_print_failures(JsonObject *status)
{
	static const gchar *const members[] = {"check_error",
					       "remote_error",
					       "certificate_error",
					       "fwupd_error",
					       "plugin_error"};

	for (guint i = 0; i < G_N_ELEMENTS(members); i++)
		uc_ctl_print_sentence(status, members[i], _("failure:    "));
	uc_ctl_status_print_unclaimed(status);
}

/* there is none, or nobody could say so yet */
static void
uc_ctl_status_print_no_endpoint(JsonObject *status)
{
	const gchar *text = _("none; fwupd has no device that a file in endpoints.d or Devices= "
			      "names");

	if (!json_object_get_boolean_member_with_default(status, "endpoints_known", TRUE))
		text = _("not known yet; fwupd has not told its devices");
	uc_ctl_text_print(text, "%s", _("endpoints:  "));
}

static void
uc_ctl_status_print(JsonNode *node)
{
	JsonObject *status = json_node_get_object(node);
	JsonArray *endpoints = json_object_get_array_member(status, "endpoints");
	g_autofree gchar *last = uc_ctl_local_time(status, "last_check");
	g_autofree gchar *next = uc_ctl_local_time(status, "next");

	uc_ctl_status_print_service(status);
	g_print(_("last check: %s\n"), g_str_equal(last, "-") ? _("none yet") : last);
	uc_ctl_status_print_failures(status);
	uc_ctl_print_sentence(status, "first_use", _("trust:      "));
	uc_ctl_status_print_room(status);
	if (!json_object_get_boolean_member_with_default(status, "call_source", TRUE))
		g_print(_("            no source of calls is configured: nothing is applied by "
			  "itself\n"));
	if (!json_object_get_boolean_member_with_default(status, "activity_source", TRUE))
		g_print(_("            no source of activity is configured, or it cannot tell: "
			  "nothing is applied by itself\n"));
	g_print(_("work:       %s\n"), uc_ctl_phrase_word("work", uc_ctl_text(status, "work")));
	g_print(_("next look:  %s\n"), g_str_equal(next, "-") ? _("when something happens") : next);
	if (json_array_get_length(endpoints) == 0)
		uc_ctl_status_print_no_endpoint(status);
	for (guint i = 0; i < json_array_get_length(endpoints); i++)
		uc_ctl_status_print_endpoint(json_array_get_object_element(endpoints, i));
}

static gint
uc_ctl_status_run(gint argc, gchar **argv)
{
	return uc_ctl_query(&uc_ctl_status,
			    "GetStatus",
			    FALSE,
			    NULL,
			    uc_ctl_status_print,
			    argc,
			    argv);
}
