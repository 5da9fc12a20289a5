/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#define UC_CTL_DONE   0
#define UC_CTL_FAILED 1
#define UC_CTL_USAGE  2

/**
 * UcCtlCommand:
 * @name: what stands on the command line
 * @arguments: what follows, for people
 * @summary: one line for people
 * @run: gets the arguments with the name first, returns the exit status
 */
typedef struct {
	const gchar *name;
	const gchar *arguments;
	const gchar *summary;
	gint (*run)(gint argc, gchar **argv);
} UcCtlCommand;

gint
uc_ctl_run(gint argc, gchar **argv) G_GNUC_WARN_UNUSED_RESULT;

gboolean
uc_ctl_parse(const UcCtlCommand *command,
	     const GOptionEntry *entries,
	     gint max_arguments,
	     gint *argc,
	     gchar ***argv) G_GNUC_WARN_UNUSED_RESULT;
gint
uc_ctl_fail(const GError *error);
GDBusConnection *
uc_ctl_connect(GError **error) G_GNUC_WARN_UNUSED_RESULT;
GVariant *
uc_ctl_call(const gchar *method, GVariant *parameters, gint timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
JsonNode *
uc_ctl_get_json(GVariant *reply) G_GNUC_WARN_UNUSED_RESULT;
gint
uc_ctl_query(const UcCtlCommand *command,
	     const gchar *method,
	     gboolean takes_device,
	     const gchar *member,
	     void (*print)(JsonNode *node),
	     gint argc,
	     gchar **argv);
void
uc_ctl_print_json(JsonNode *node);
void
uc_ctl_print_json_list(const gchar *member, JsonNode *node);
void
uc_ctl_print_sentence(JsonObject *object, const gchar *member, const gchar *title);
gchar *
uc_ctl_sentence(JsonObject *object, const gchar *member) G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_ctl_text(JsonObject *object, const gchar *member);
gchar *
uc_ctl_local_time(JsonObject *object, const gchar *member) G_GNUC_WARN_UNUSED_RESULT;
void
uc_ctl_print_decision(JsonObject *decision);

extern const UcCtlCommand uc_ctl_activity;
extern const UcCtlCommand uc_ctl_check;
extern const UcCtlCommand uc_ctl_defer;
extern const UcCtlCommand uc_ctl_explain;
extern const UcCtlCommand uc_ctl_history;
extern const UcCtlCommand uc_ctl_inhibit;
extern const UcCtlCommand uc_ctl_install;
extern const UcCtlCommand uc_ctl_monitor;
extern const UcCtlCommand uc_ctl_service;
extern const UcCtlCommand uc_ctl_status;
extern const UcCtlCommand uc_ctl_support_bundle;
extern const UcCtlCommand uc_ctl_versions;
