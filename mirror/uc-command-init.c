/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-mirror-init.h"
#include "uc-own-ca.h"
#include "uc-recovery-key.h"

static void
uc_command_init_print(const UcCommandLine *line, const gchar *organisation, const gchar *recovery)
{
	g_autofree gchar *root = g_canonicalize_filename(line->root, NULL);
	g_autofree gchar *trust = g_build_filename(root, "trust", NULL);
	g_autoptr(JsonObject) object = NULL;

	if (!line->json) {
		g_print(_("A mirror for %s is in %s.\n"
			  "Trust bundle for the endpoints: %s; 'ucupdates-trust install' with a "
			  "copy of it puts it into /etc/ucupdates/trust.d\n"
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
 * `init --organisation=DOMAIN [--ca|--tls-ca=FILE [--tls-ca-key=FILE]] [--recovery=DIR]
 * [--pkcs11=URI] [--recovery-pkcs11=URI]`. `--ca` asks for a TLS CA of the mirror's own, which is
 * what happens without one of the organisation's.
 */
gint
uc_command_init(UcCommandLine *line)
{
	g_autofree gchar *organisation = NULL;
	g_autofree gchar *recovery = NULL;
	g_autofree gchar *tls_ca_path = NULL;
	g_autofree gchar *tls_ca_key_path = NULL;
	g_autofree gchar *pkcs11 = NULL;
	g_autofree gchar *recovery_pkcs11 = NULL;
	g_autoptr(UcX509) tls_ca = NULL;
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
	    {"tls-ca",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &tls_ca_path,
	     N_("The organisation's own CA for TLS, its certificate"),
	     N_("FILE")},
	    {"tls-ca-key",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &tls_ca_key_path,
	     N_("Its private key, if it is at hand; it is not kept"),
	     N_("FILE")},
	    {"recovery",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &recovery,
	     N_("Where to put the recovery key, such as a medium that is kept offline"),
	     N_("DIR")},
	    {"pkcs11",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &pkcs11,
	     N_("The PKCS#11 token that has the keys of the CAs and those that sign"),
	     N_("URI")},
	    {"recovery-pkcs11",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &recovery_pkcs11,
	     N_("The PKCS#11 token that has the recovery key"),
	     N_("URI")},
	    {NULL},
	};
	UcMirrorInit init = {0};
	g_autoptr(GError) error = NULL;
	const gchar *usage = "--organisation=DOMAIN [--ca|--tls-ca=FILE [--tls-ca-key=FILE]] "
			     "[--recovery=DIR] [--pkcs11=URI] [--recovery-pkcs11=URI]";
	gint status = uc_command_parse(line, entries, usage, 0, 0);

	if (status != UC_EXIT_DONE)
		return status;
	if (organisation == NULL)
		return uc_command_usage(_("whose mirror? expected --organisation=DOMAIN"));
	if (tls_ca_path != NULL ? ca : tls_ca_key_path != NULL)
		return uc_command_usage(
		    _("expected --ca, or --tls-ca=FILE with or without --tls-ca-key=FILE"));
	if (tls_ca_path != NULL) {
		tls_ca = uc_own_ca_load(tls_ca_path, tls_ca_key_path, &error);
		if (tls_ca == NULL)
			return uc_command_fail(error);
	}
	if (recovery == NULL)
		recovery = g_build_filename(line->root, UC_RECOVERY_KEY_PURPOSE, NULL);
	init = (UcMirrorInit){organisation,
			      recovery,
			      tls_ca,
			      pkcs11,
			      recovery_pkcs11,
			      g_get_real_time() / G_USEC_PER_SEC};
	if (!uc_mirror_init(line->root, &init, &error))
		return uc_command_fail(error);
	uc_command_init_print(line, organisation, recovery);
	if (tls_ca != NULL && tls_ca->key == NULL && !line->json) {
		g_autofree gchar *request = uc_own_ca_get_request_path(line->root);

		g_print(_("TLS certificate: have %s signed by the CA, then 'key install tls "
			  "--certificate=FILE'\n"),
			request);
	}
	return UC_EXIT_DONE;
}
