/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-mirror-init.h"
#include "uc-recovery-key.h"

static void
uc_command_init_print(const UcCommandLine *line, const gchar *organisation, const gchar *recovery)
{
	g_autofree gchar *root = g_canonicalize_filename(line->root, NULL);
	g_autofree gchar *trust = g_build_filename(root, "trust", NULL);
	g_autoptr(JsonObject) object = NULL;

	if (!line->json) {
		g_print(_("A mirror for %s is in %s.\n"
			  "Trust bundle for the endpoints: copy %s to /etc/ucupdates/trust.d\n"
			  "Recovery key: move %s to a medium that is kept offline, with a second "
			  "copy elsewhere; whoever has it has the endpoints\n"),
			organisation,
			root,
			trust,
			recovery);
		return;
	}
	object = json_object_new();
	json_object_set_string_member(object, "organisation", organisation);
	json_object_set_string_member(object, "root", root);
	json_object_set_string_member(object, "trust", trust);
	json_object_set_string_member(object, "recovery", recovery);
	uc_command_print_json(object);
}

/**
 * uc_command_init:
 *
 * `init --organisation=DOMAIN [--ca] [--recovery=DIR]`. `--ca` asks for a TLS CA of the mirror's
 * own, which as long as there is no way to bring one is what happens anyway.
 */
gint
uc_command_init(UcCommandLine *line)
{
	g_autofree gchar *organisation = NULL;
	g_autofree gchar *recovery = NULL;
	gboolean ca = FALSE;
	const GOptionEntry entries[] = {
	    {"organisation",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &organisation,
	     N_("Domain name of the organisation"),
	     N_("DOMAIN")},
	    {"ca", 0, 0, G_OPTION_ARG_NONE, &ca, N_("Make a CA for TLS too (the default)"), NULL},
	    {"recovery",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &recovery,
	     N_("Where to put the recovery key, such as a medium that is kept offline"),
	     N_("DIR")},
	    {NULL},
	};
	g_autoptr(GError) error = NULL;
	const gchar *usage = "--organisation=DOMAIN [--ca] [--recovery=DIR]";
	gint status = uc_command_parse(line, entries, usage, 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	if (organisation == NULL)
		return uc_command_usage(_("whose mirror? expected --organisation=DOMAIN"));
	if (recovery == NULL)
		recovery = g_build_filename(line->root, UC_RECOVERY_KEY_PURPOSE, NULL);
	if (!uc_mirror_init(line->root,
			    organisation,
			    recovery,
			    g_get_real_time() / G_USEC_PER_SEC,
			    &error))
		return uc_command_fail(error);
	uc_command_init_print(line, organisation, recovery);
	return UC_EXIT_DONE;
}
