/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdint.h>
#include <string.h>

#include "uc-command.h"
#include "uc-endpoint-ca-change.h"
#include "uc-endpoint-ca.h"
#include "uc-json.h"
#include "uc-key-change.h"
#include "uc-key-document.h"
#include "uc-key-file.h"
#include "uc-key-token.h"
#include "uc-limits.h"
#include "uc-own-ca.h"
#include "uc-publish-trust.h"
#include "uc-recovery-key.h"
#include "uc-revoked.h"
#include "uc-table.h"

#define UC_COMMAND_KEY_TOKENS " [--pkcs11=URI] [--ca-pkcs11=URI]"
#define UC_COMMAND_KEY_USAGE                                              \
	"list | rotate PURPOSE [--ca|--finish]" UC_COMMAND_KEY_TOKENS     \
	" | revoke PURPOSE [--ca]" UC_COMMAND_KEY_TOKENS                  \
	" | revoke --certificate=FILE | sign [--recovery=DIR] | "         \
	"install tls --certificate=FILE | rotate " UC_ENDPOINT_CA_PURPOSE \
	" --ca|--finish | revoke " UC_ENDPOINT_CA_PURPOSE " [--ca-pkcs11=URI]"

typedef struct {
	gboolean ca;
	gboolean finish;
	gchar *pkcs11;
	gchar *ca_pkcs11;
	gchar *certificate;
	gchar *recovery;
} UcCommandKeyOptions;

static void
uc_command_key_options_clear(UcCommandKeyOptions *self)
{
	g_free(self->pkcs11);
	g_free(self->ca_pkcs11);
	g_free(self->certificate);
	g_free(self->recovery);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcCommandKeyOptions, uc_command_key_options_clear)

static gint64
uc_command_key_get_expiry(const gchar *pem)
{
	g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_pem(pem, -1, NULL);
	g_autoptr(GDateTime) until = NULL;

	if (certificate != NULL)
		until = g_tls_certificate_get_not_valid_after(certificate);
	return until != NULL ? g_date_time_to_unix(until) : 0;
}

static gboolean
uc_command_key_add_pem(JsonArray *array,
		       const gchar *purpose,
		       const gchar *what,
		       const gchar *text,
		       GError **error)
{
	g_autoptr(GBytes) pem = g_bytes_new(text, strlen(text));
	g_auto(GStrv) hashes = uc_revoked_list_hashes(pem, error);
	JsonObject *object = NULL;

	if (hashes == NULL)
		return FALSE;
	object = json_object_new();
	json_object_set_string_member(object, "purpose", purpose);
	json_object_set_string_member(object, "what", what);
	json_object_set_string_member(object, "sha256", hashes[0]);
	json_object_set_string_member(object, "key_sha256", hashes[1]);
	uc_json_set_time(object, "expires", uc_command_key_get_expiry(text));
	json_array_add_object_element(array, object);
	return TRUE;
}

static gboolean
uc_command_key_add(const UcMirror *mirror,
		   UcAnchor purpose,
		   const gchar *name,
		   JsonArray *array,
		   GError **error)
{
	g_autofree gchar *path = uc_key_file_find_certificate(mirror->root, purpose, name);
	g_autofree gchar *text = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	if (!g_file_get_contents(path, &text, NULL, error))
		return FALSE;
	if (uc_command_key_add_pem(array, uc_anchor_to_string(purpose), name, text, error))
		return TRUE;
	g_prefix_error(error, "%s: ", path);
	return FALSE;
}

/* of the CA of endpoints nobody but the service has the certificate */
static gboolean
uc_command_key_add_endpoints(const UcMirror *mirror, JsonArray *array, GError **error)
{
	g_autoptr(GPtrArray) list = uc_endpoint_ca_list(mirror, error);

	for (guint i = 0; list != NULL && i < list->len; i++) {
		g_autofree gchar *text = NULL;

		g_object_get(g_ptr_array_index(list, i), "certificate-pem", &text, NULL);
		if (!uc_command_key_add_pem(array,
					    UC_ENDPOINT_CA_PURPOSE,
					    i == 0 ? UC_KEY_FILE_CA : "ca-before",
					    text,
					    error))
			return FALSE;
	}
	return list != NULL;
}

static JsonObject *
uc_command_key_to_json(const UcMirror *mirror, GError **error)
{
	static const gchar *const names[] = {UC_KEY_FILE_CA, UC_KEY_FILE_NEXT_CA, UC_KEY_FILE_LEAF};
	g_autoptr(UcKeyDocument) document = uc_key_document_load(mirror, error);
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree gchar *fingerprint = NULL;
	JsonArray *keys = json_array_new();
	JsonArray *revoked = json_array_new();

	json_object_set_array_member(object, "keys", keys);
	json_object_set_array_member(object, "revoked", revoked);
	if (document == NULL)
		return NULL;
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		for (guint j = 0; j < G_N_ELEMENTS(names); j++) {
			if (!uc_command_key_add(mirror, (UcAnchor)i, names[j], keys, error))
				return NULL;
		}
	}
	if (!uc_command_key_add_endpoints(mirror, keys, error))
		return NULL;
	for (guint i = 0; i < document->revoked->len; i++)
		json_array_add_string_element(revoked, g_ptr_array_index(document->revoked, i));
	fingerprint = uc_publish_trust_get_fingerprint(mirror->root, error);
	if (fingerprint == NULL)
		return NULL;
	json_object_set_string_member(object, "fingerprint", fingerprint);
	json_object_set_int_member(object, "serial", document->serial);
	json_object_set_int_member(object, "serial_epoch", document->serial_epoch);
	if (document->serial > 0)
		uc_json_set_time(object, "expires", document->expires_secs);
	return g_steal_pointer(&object);
}

static void
uc_command_key_print(JsonObject *object)
{
	JsonArray *keys = json_object_get_array_member(object, "keys");
	gint64 serial = json_object_get_int_member(object, "serial");
	g_autoptr(UcTable) table =
	    uc_table_new(_("PURPOSE"), _("WHAT"), _("SHA-256"), _("VALID UNTIL"), NULL);

	for (guint i = 0; i < json_array_get_length(keys); i++) {
		JsonObject *key = json_array_get_object_element(keys, i);

		uc_table_add_row(table,
				 json_object_get_string_member(key, "purpose"),
				 json_object_get_string_member(key, "what"),
				 json_object_get_string_member(key, "sha256"),
				 json_object_get_string_member(key, "expires"),
				 NULL);
	}
	uc_table_print(table);
	g_print(_("trust bundle: fingerprint %s\n"),
		json_object_get_string_member(object, "fingerprint"));
	if (serial == 0)
		g_print(_("The recovery key has signed nothing yet.\n"));
	else
		g_print(_("keys.json: serial %jd, epoch %jd, %u revoked, counts until %s\n"),
			(intmax_t)serial,
			(intmax_t)json_object_get_int_member(object, "serial_epoch"),
			json_array_get_length(json_object_get_array_member(object, "revoked")),
			json_object_get_string_member(object, "expires"));
}

static gint
uc_command_key_list(const UcCommandLine *line, UcMirror *mirror)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = uc_command_key_to_json(mirror, &error);

	if (object == NULL)
		return uc_command_fail(error);
	if (line->json)
		uc_command_print_json(object);
	else
		uc_command_key_print(object);
	return UC_EXIT_DONE;
}

static gboolean
uc_command_key_parse_purpose(const gchar *text, UcAnchor *purpose_out)
{
	for (guint i = 0; i < UC_ANCHOR_LAST; i++) {
		if (!g_str_equal(uc_anchor_to_string((UcAnchor)i), text))
			continue;
		*purpose_out = (UcAnchor)i;
		return TRUE;
	}
	return FALSE;
}

static gboolean
uc_command_key_revoke_file(UcMirror *mirror,
			   const gchar *path,
			   UcX509 *recovery,
			   gint64 now_secs,
			   GError **error)
{
	g_autoptr(GBytes) certificate = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return FALSE;
	certificate = g_bytes_new_take(text, size_bytes);
	if (uc_key_change_revoke_certificate(mirror, certificate, recovery, now_secs, error))
		return TRUE;
	g_prefix_error(error, "%s: ", path);
	return FALSE;
}

static gboolean
uc_command_key_change(UcMirror *mirror,
		      const gchar *act,
		      UcAnchor purpose,
		      const UcCommandKeyOptions *options,
		      GError **error)
{
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	gboolean rotate = g_str_equal(act, "rotate");
	const UcKeyUris keys = {options->ca_pkcs11, options->pkcs11};
	g_autoptr(UcX509) recovery = NULL;

	if (!uc_key_token_check_keys(&keys, purpose == UC_ANCHOR_TLS, error))
		return FALSE;
	if (g_str_equal(act, "install"))
		return uc_own_ca_install(mirror, options->certificate, now_secs, error);
	if (rotate && !options->ca && !options->finish)
		return uc_key_change_rotate(mirror, purpose, &keys, now_secs, error);
	recovery = uc_recovery_key_load(options->recovery, error);
	if (recovery == NULL)
		return FALSE;
	if (g_str_equal(act, "sign"))
		return uc_key_change_sign(mirror, recovery, now_secs, error);
	if (rotate && options->finish)
		return uc_key_change_finish(mirror, purpose, &keys, recovery, now_secs, error);
	if (rotate)
		return uc_key_change_begin(mirror, purpose, &keys, recovery, now_secs, error);
	if (options->certificate != NULL)
		return uc_command_key_revoke_file(mirror,
						  options->certificate,
						  recovery,
						  now_secs,
						  error);
	return uc_key_change_revoke(mirror, purpose, options->ca, &keys, recovery, now_secs, error);
}

static gint
uc_command_key_run(const UcCommandLine *line,
		   const gchar *act,
		   UcAnchor purpose,
		   UcCommandKeyOptions *options)
{
	g_autoptr(UcMirror) mirror = uc_command_open(line);
	g_autoptr(GError) error = NULL;

	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (options->recovery == NULL)
		options->recovery = uc_mirror_path(mirror, UC_RECOVERY_KEY_PURPOSE, NULL);
	if (g_str_equal(act, "list"))
		return uc_command_key_list(line, mirror);
	if (!uc_command_key_change(mirror, act, purpose, options, &error))
		return uc_command_fail(error);
	if (line->json)
		return uc_command_key_list(line, mirror);
	g_print("%s\n",
		purpose == UC_ANCHOR_TLS
		    ? _("Done; endpoints see it after the next 'publish', and the service after "
			"SIGHUP.")
		    : _("Done; endpoints see it after the next 'publish'."));
	return UC_EXIT_DONE;
}

/* `rotate endpoints --ca|--finish`, `revoke endpoints`: without the recovery key, nor 'publish' */
static gint
uc_command_key_run_endpoints(const UcCommandLine *line, const UcCommandKeyOptions *options)
{
	g_autoptr(UcMirror) mirror = uc_command_open(line);
	g_autoptr(GError) error = NULL;
	const UcKeyUris keys = {options->ca_pkcs11, NULL};
	gint64 now_secs = g_get_real_time() / G_USEC_PER_SEC;
	gboolean done = FALSE;

	if (mirror == NULL)
		return UC_EXIT_FAILED;
	if (!uc_key_token_check_keys(&keys, FALSE, &error))
		return uc_command_fail(error);
	if (g_str_equal(line->argv[1], "revoke"))
		done = uc_endpoint_ca_change_revoke(mirror, keys.ca, now_secs, &error);
	else if (options->finish)
		done = uc_endpoint_ca_change_finish(mirror, now_secs, &error);
	else
		done = uc_endpoint_ca_change_begin(mirror, keys.ca, now_secs, &error);
	if (!done)
		return uc_command_fail(error);
	if (line->json)
		return uc_command_key_list(line, mirror);
	g_print(
	    _("Done; the service sees it after SIGHUP, and endpoints when they check in next.\n"));
	return UC_EXIT_DONE;
}

static gboolean
uc_command_key_is_for_endpoints(const UcCommandLine *line, const UcCommandKeyOptions *options)
{
	gboolean rotate = g_str_equal(line->argv[1], "rotate");

	return line->argc == 3 && g_str_equal(line->argv[2], UC_ENDPOINT_CA_PURPOSE) &&
	       options->certificate == NULL && options->pkcs11 == NULL &&
	       (options->ca_pkcs11 == NULL || !options->finish) &&
	       (rotate ? options->ca != options->finish
		       : g_str_equal(line->argv[1], "revoke") && !options->finish);
}

/* a key in a token is for what is made anew: of a certificate, of a CA */
static gboolean
uc_command_key_check_tokens(const UcCommandLine *line,
			    const UcCommandKeyOptions *options,
			    UcAnchor purpose)
{
	gboolean revoke = g_str_equal(line->argv[1], "revoke") && options->certificate == NULL;
	gboolean made = revoke || g_str_equal(line->argv[1], "rotate");
	gboolean always = purpose == UC_ANCHOR_PAYLOAD || purpose == UC_ANCHOR_METADATA;

	return (options->pkcs11 == NULL || (made && (revoke || !options->ca))) &&
	       (options->ca_pkcs11 == NULL || (made && (options->ca || (revoke && always))));
}

/* which act takes a purpose, and which option */
static gboolean
uc_command_key_check(const UcCommandLine *line,
		     const UcCommandKeyOptions *options,
		     UcAnchor *purpose_out)
{
	const gchar *act = line->argv[1];
	gboolean rotate = g_str_equal(act, "rotate");
	gboolean revoke = g_str_equal(act, "revoke");
	gboolean install = g_str_equal(act, "install");
	gboolean named = rotate || install || (revoke && options->certificate == NULL);

	if (install && (line->argc != 3 || options->certificate == NULL || options->ca ||
			!g_str_equal(line->argv[2], uc_anchor_to_string(UC_ANCHOR_TLS))))
		return FALSE;
	if (!rotate && !revoke && !install && !g_str_equal(act, "list") &&
	    !g_str_equal(act, "sign"))
		return FALSE;
	if (line->argc != (named ? 3 : 2) || (options->ca && options->finish) ||
	    (options->ca && !named) || (options->finish && !rotate) ||
	    (options->certificate != NULL && !revoke && !install))
		return FALSE;
	return (!named || uc_command_key_parse_purpose(line->argv[2], purpose_out)) &&
	       uc_command_key_check_tokens(line, options, *purpose_out);
}

/**
 * uc_command_key:
 *
 * `key list | rotate PURPOSE [--ca|--finish] | revoke PURPOSE [--ca] | revoke --certificate=FILE |
 * sign [--recovery=DIR] | install tls --certificate=FILE`, and with new keys in a token
 * `rotate|revoke … [--pkcs11=URI] [--ca-pkcs11=URI]`
 */
gint
uc_command_key(UcCommandLine *line)
{
	g_auto(UcCommandKeyOptions) options = {0};
	const GOptionEntry entries[] = {
	    {"ca", 0, 0, G_OPTION_ARG_NONE, &options.ca, N_("The CA too"), NULL},
	    {"finish",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &options.finish,
	     N_("Sign with the new CA and drop the one before"),
	     NULL},
	    {"pkcs11",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &options.pkcs11,
	     N_("Sign with this private key in a PKCS#11 token"),
	     N_("URI")},
	    {"ca-pkcs11",
	     0,
	     0,
	     G_OPTION_ARG_STRING,
	     &options.ca_pkcs11,
	     N_("Of the new CA: its private key in a PKCS#11 token"),
	     N_("URI")},
	    {"certificate",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &options.certificate,
	     N_("Revoke this one, which is in use no more, or install it"),
	     N_("FILE")},
	    {"recovery",
	     0,
	     0,
	     G_OPTION_ARG_FILENAME,
	     &options.recovery,
	     N_("Where the recovery key is just now"),
	     N_("DIR")},
	    {NULL},
	};
	UcAnchor purpose = UC_ANCHOR_LAST;
	gint status = uc_command_parse(line, entries, UC_COMMAND_KEY_USAGE, 1, 2);

	if (status != UC_EXIT_DONE)
		return status;
	if (uc_command_key_is_for_endpoints(line, &options))
		return uc_command_key_run_endpoints(line, &options);
	if (!uc_command_key_check(line, &options, &purpose))
		return uc_command_usage(
		    _("expected 'ucupdates-mirror --root=DIR key %s', PURPOSE being tls, "
		      "documents, payload or metadata"),
		    UC_COMMAND_KEY_USAGE);
	return uc_command_key_run(line, line->argv[1], purpose, &options);
}
