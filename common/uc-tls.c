/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What counts as the certificate of a service: issued by an anchor of the TLS purpose, for server
 * authentication, with the host among its dNSNames (a common name does not count, RFC 9525), over
 * TLS 1.2 or newer. Everything is checked in the handshake, before a request is sent.
 */

#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "uc-error.h"
#include "uc-revoked.h"
#include "uc-tls.h"

#define UC_TLS_PIN_PREFIX "sha256//"
#define UC_TLS_PIN_BYTES  32

#define UC_TYPE_TLS_DATABASE (uc_tls_database_get_type())
G_DECLARE_FINAL_TYPE(UcTlsDatabase, uc_tls_database, UC, TLS_DATABASE, GTlsDatabase)

struct _UcTlsDatabase {
	GTlsDatabase parent_instance;
	GTlsDatabase *inner; /* owned: the CAs in a file */
	GHashTable *revoked; /* of SHA-256 */
	GBytes *pin;	     /* (nullable): SHA-256 of the only public key that counts */
};

G_DEFINE_TYPE(UcTlsDatabase, uc_tls_database, G_TYPE_TLS_DATABASE)

/**
 * uc_tls_init:
 *
 * Allows TLS 1.2 and 1.3 only, in this process. Call first in `main`, before any thread and any
 * use of GIO.
 */
void
uc_tls_init(void)
{
	g_setenv("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", TRUE);
}

static gboolean
uc_tls_certificate_has_purpose(GTlsCertificate *certificate, const gchar *purpose)
{
	g_autoptr(GByteArray) der = NULL;
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t datum = {NULL, 0};
	gboolean fits = FALSE;

	g_object_get(certificate, "certificate", &der, NULL);
	if (der == NULL || gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
		return FALSE;
	datum.data = der->data;
	datum.size = der->len;
	fits = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
	       gnutls_x509_crt_check_key_purpose(crt, purpose, 0) != 0;
	gnutls_x509_crt_deinit(crt);
	return fits;
}

static gboolean
uc_tls_certificate_has_dns_name(GTlsCertificate *certificate)
{
	g_autoptr(GPtrArray) names = g_tls_certificate_get_dns_names(certificate);

	return names != NULL && names->len > 0;
}

static gboolean
uc_tls_is_revoked(UcTlsDatabase *self, GTlsCertificate *chain)
{
	for (GTlsCertificate *l = chain; l != NULL; l = g_tls_certificate_get_issuer(l)) {
		g_autoptr(GByteArray) der = NULL;
		g_autoptr(GBytes) bytes = NULL;

		g_object_get(l, "certificate", &der, NULL);
		if (der == NULL)
			return TRUE;
		bytes = g_bytes_new(der->data, der->len);
		if (uc_revoked_has_certificate(self->revoked, bytes, NULL))
			return TRUE;
	}
	return FALSE;
}

static gboolean
uc_tls_has_pin(UcTlsDatabase *self, GTlsCertificate *certificate)
{
	g_autoptr(GByteArray) der = NULL;
	guint8 digest[UC_TLS_PIN_BYTES] = {0};
	gsize size_bytes = sizeof(digest);
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t datum = {NULL, 0};
	gboolean found = FALSE;

	g_object_get(certificate, "certificate", &der, NULL);
	if (der == NULL || gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
		return FALSE;
	datum.data = der->data;
	datum.size = der->len;
	found = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
		gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, digest, &size_bytes) ==
		    GNUTLS_E_SUCCESS &&
		size_bytes == g_bytes_get_size(self->pin) &&
		memcmp(digest, g_bytes_get_data(self->pin, NULL), size_bytes) == 0;
	gnutls_x509_crt_deinit(crt);
	return found;
}

static GTlsCertificateFlags
uc_tls_database_verify_chain(GTlsDatabase *database,
			     GTlsCertificate *chain,
			     const gchar *purpose,
			     GSocketConnectable *identity,
			     GTlsInteraction *interaction,
			     GTlsDatabaseVerifyFlags flags,
			     GCancellable *cancellable,
			     GError **error)
{
	UcTlsDatabase *self = UC_TLS_DATABASE(database);
	GTlsCertificateFlags result = g_tls_database_verify_chain(self->inner,
								  chain,
								  purpose,
								  identity,
								  interaction,
								  flags,
								  cancellable,
								  error);

	/* without a dNSName, GnuTLS would fall back to the common name */
	if (!uc_tls_certificate_has_dns_name(chain))
		result |= G_TLS_CERTIFICATE_BAD_IDENTITY;
	if (!uc_tls_certificate_has_purpose(chain, GNUTLS_KP_TLS_WWW_SERVER))
		result |= G_TLS_CERTIFICATE_GENERIC_ERROR;
	if (uc_tls_is_revoked(self, chain))
		result |= G_TLS_CERTIFICATE_REVOKED;
	/* GIO has no flag for it; no signature of a key that is not the pinned one is worth more */
	if (self->pin != NULL && !uc_tls_has_pin(self, chain))
		result |= G_TLS_CERTIFICATE_INSECURE;
	return result;
}

static void
uc_tls_database_finalize(GObject *object)
{
	g_clear_object(&UC_TLS_DATABASE(object)->inner);
	g_clear_pointer(&UC_TLS_DATABASE(object)->revoked, g_hash_table_unref);
	g_clear_pointer(&UC_TLS_DATABASE(object)->pin, g_bytes_unref);
	G_OBJECT_CLASS(uc_tls_database_parent_class)->finalize(object);
}

static void
uc_tls_database_class_init(UcTlsDatabaseClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_tls_database_finalize;
	G_TLS_DATABASE_CLASS(klass)->verify_chain = uc_tls_database_verify_chain;
}

static void
uc_tls_database_init(UcTlsDatabase *self)
{
}

static gint
uc_tls_compare_names(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

static GPtrArray *
uc_tls_list_anchors(const gchar *anchors_dir, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(anchors_dir, 0, error);
	const gchar *name = NULL;

	if (dir == NULL)
		return NULL;
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_suffix(name, ".pem"))
			g_ptr_array_add(paths, g_build_filename(anchors_dir, name, NULL));
	}
	g_ptr_array_sort(paths, uc_tls_compare_names);
	return g_steal_pointer(&paths);
}

/* what GIO says of it names a file that is gone already */
static GTlsDatabase *
uc_tls_open_anchors(const gchar *bundle, GError **error)
{
	GTlsDatabase *database = G_TLS_DATABASE(g_tls_file_database_new(bundle, NULL));

	if (database == NULL)
		g_set_error_literal(error,
				    UC_ERROR,
				    UC_ERROR_INVALID,
				    "there is no file *.pem with a certificate");
	return database;
}

static GTlsDatabase *
uc_tls_load_anchors(const gchar *anchors_dir, GError **error)
{
	g_autoptr(GPtrArray) paths = uc_tls_list_anchors(anchors_dir, error);
	g_autoptr(GString) pem = g_string_new(NULL);
	g_autoptr(GTlsDatabase) database = NULL;
	g_autofree gchar *bundle = NULL;
	gint fd = -1;

	if (paths == NULL)
		return NULL;
	for (guint i = 0; i < paths->len; i++) {
		g_autofree gchar *text = NULL;

		if (!g_file_get_contents(g_ptr_array_index(paths, i), &text, NULL, error))
			return NULL;
		g_string_append_printf(pem, "%s\n", text);
	}
	/* GIO reads CAs from one file only, once */
	fd = g_file_open_tmp("ucupdates-tls-XXXXXX.pem", &bundle, error);
	if (fd == -1)
		return NULL;
	if (g_close(fd, error) && g_file_set_contents(bundle, pem->str, (gssize)pem->len, error))
		database = uc_tls_open_anchors(bundle, error);
	(void)g_unlink(bundle);
	return g_steal_pointer(&database);
}

/**
 * uc_tls_database_new:
 * @anchors_dir: directory with one PEM certificate of a CA to a file
 * @error: set to %UC_ERROR_REFUSED when there is none, %UC_ERROR_SIGNATURE when the list of
 *   revoked certificates beside it cannot be read
 *
 * It becomes the default of this process too: each connection loads the default before it is told
 * which database counts, and the system's has some hundred CAs, which cost more time than
 * everything else. None of them is ever to be trusted here.
 *
 * Returns: (transfer full): what decides about the certificates of services
 */
GTlsDatabase *
uc_tls_database_new(const gchar *anchors_dir, GError **error)
{
	g_autoptr(UcTlsDatabase) self = g_object_new(UC_TYPE_TLS_DATABASE, NULL);
	g_autoptr(GError) error_load = NULL;

	self->revoked = uc_revoked_load(anchors_dir, error);
	if (self->revoked == NULL)
		return NULL;
	self->inner = uc_tls_load_anchors(anchors_dir, &error_load);
	if (self->inner == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_REFUSED,
			    "no usable CA certificate in %s (%s); install the organisation's trust "
			    "bundle",
			    anchors_dir,
			    error_load->message);
		return NULL;
	}
	g_tls_backend_set_default_database(g_tls_backend_get_default(), G_TLS_DATABASE(self));
	return G_TLS_DATABASE(g_steal_pointer(&self));
}

static GBytes *
uc_tls_parse_pin(const gchar *pin, GError **error)
{
	gsize size_bytes = 0;
	g_autofree guchar *digest = NULL;
	g_autofree gchar *again = NULL;

	if (g_str_has_prefix(pin, UC_TLS_PIN_PREFIX)) {
		digest = g_base64_decode(pin + strlen(UC_TLS_PIN_PREFIX), &size_bytes);
		again = g_base64_encode(digest, size_bytes);
	}
	if (size_bytes == UC_TLS_PIN_BYTES && g_str_equal(again, pin + strlen(UC_TLS_PIN_PREFIX)))
		return g_bytes_new(digest, size_bytes);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "[Service] Pin is '%s', expected " UC_TLS_PIN_PREFIX
		    " and the base64 of 32 bytes",
		    pin);
	return NULL;
}

/**
 * uc_tls_check_pin:
 * @pin: as of uc_tls_database_set_pin()
 * @error: set to %UC_ERROR_INVALID
 *
 * Returns: whether uc_tls_database_set_pin() takes it
 */
gboolean
uc_tls_check_pin(const gchar *pin, GError **error)
{
	g_autoptr(GBytes) digest = pin[0] != '\0' ? uc_tls_parse_pin(pin, error) : NULL;

	return pin[0] == '\0' || digest != NULL;
}

/**
 * uc_tls_database_set_pin:
 * @database: from uc_tls_database_new()
 * @pin: `sha256//` and the base64 of the SHA-256 of a SubjectPublicKeyInfo (as curl has it); empty
 *   for none
 * @error: set to %UC_ERROR_INVALID for anything else
 *
 * From now on only servers with that public key count, on top of everything else.
 */
gboolean
uc_tls_database_set_pin(GTlsDatabase *database, const gchar *pin, GError **error)
{
	UcTlsDatabase *self = UC_TLS_DATABASE(database);
	GBytes *digest = NULL;

	if (pin[0] == '\0')
		return TRUE;
	digest = uc_tls_parse_pin(pin, error);
	if (digest == NULL)
		return FALSE;
	g_clear_pointer(&self->pin, g_bytes_unref);
	self->pin = digest;
	return TRUE;
}

/**
 * uc_tls_describe:
 * @flags: what is wrong with a certificate
 *
 * Returns: (transfer full): the same in words
 */
gchar *
uc_tls_describe(GTlsCertificateFlags flags)
{
	static const struct {
		GTlsCertificateFlags flag;
		const gchar *words;
	} table[] = {
	    {G_TLS_CERTIFICATE_UNKNOWN_CA, "not issued by the organisation's CA"},
	    {G_TLS_CERTIFICATE_BAD_IDENTITY, "for another name"},
	    {G_TLS_CERTIFICATE_NOT_ACTIVATED, "not valid yet by this machine's clock"},
	    {G_TLS_CERTIFICATE_EXPIRED, "expired"},
	    {G_TLS_CERTIFICATE_REVOKED, "revoked"},
	    {G_TLS_CERTIFICATE_INSECURE,
	     "made with an insecure algorithm, or without the pinned public key"},
	    {G_TLS_CERTIFICATE_GENERIC_ERROR,
	     "not for server authentication, or not signed by the CA that it names"},
	};
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) words = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		if (flags & table[i].flag)
			g_strv_builder_add(builder, table[i].words);
	}
	words = g_strv_builder_end(builder);
	return g_strjoinv(", ", words);
}
