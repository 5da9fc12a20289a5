/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "uc-package.h"

#define UC_EXIT_DONE   0
#define UC_EXIT_FAILED 1
#define UC_EXIT_USAGE  2

/**
 * UcCommandLine:
 * @root: (nullable): directory of the mirror, of uc_command_main()
 * @what: what the command does, for its help
 * @json: print JSON
 * @argc: number of @argv
 * @argv: the command's name and what follows it
 *
 * What a command gets. Nothing else in it is owned.
 */
typedef struct {
	gchar *root;
	const gchar *what;
	gboolean json;
	gint argc;
	gchar **argv;
} UcCommandLine;

typedef gint (*UcCommandRun)(UcCommandLine *line);

gint
uc_command_main(gint argc, gchar **argv);

gint
uc_command_parse(UcCommandLine *line,
		 const GOptionEntry *entries,
		 const gchar *usage,
		 gint min_arguments,
		 gint max_arguments);
UcMirror *
uc_command_open(const UcCommandLine *line) G_GNUC_WARN_UNUSED_RESULT;
gint
uc_command_fail(const GError *error);
gint
uc_command_expected(const UcCommandLine *line, const gchar *usage);
gint
uc_command_usage(const gchar *format, ...) G_GNUC_PRINTF(1, 2);
void
uc_command_print_json(JsonObject *object);
gchar *
uc_command_format_time(gint64 secs) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *
uc_command_package_to_json(const UcPackage *package) G_GNUC_WARN_UNUSED_RESULT;

gint
uc_command_init(UcCommandLine *line);
gint
uc_command_import(UcCommandLine *line);
gint
uc_command_key(UcCommandLine *line);
gint
uc_command_access(UcCommandLine *line);
gint
uc_command_list(UcCommandLine *line);
gint
uc_command_approve(UcCommandLine *line);
gint
uc_command_reject(UcCommandLine *line);
gint
uc_command_restore(UcCommandLine *line);
gint
uc_command_use_version(UcCommandLine *line);
gint
uc_command_test_device(UcCommandLine *line);
gint
uc_command_enrol(UcCommandLine *line);
gint
uc_command_forget(UcCommandLine *line);
gint
uc_command_audit(UcCommandLine *line);
gint
uc_command_hosts(UcCommandLine *line);
gint
uc_command_simulate(UcCommandLine *line);
gint
uc_command_sync(UcCommandLine *line);
gint
uc_command_publish(UcCommandLine *line);
gint
uc_command_serve(UcCommandLine *line);
gint
uc_command_endpoints(UcCommandLine *line);
gint
uc_command_endpoint(UcCommandLine *line);
