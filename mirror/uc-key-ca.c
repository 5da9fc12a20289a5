/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The CA of a purpose where it is kept: the one that signs, the one that is to come, the bundle for
 * endpoints to come, and what the one that signs has issued.
 */

#include <string.h>

#include "uc-file.h"
#include "uc-key-ca.h"
#include "uc-key-file.h"
#include "uc-key-token.h"
#include "uc-revoked.h"
#include "uc-rules.h"

/* how much of a SHA-256 is in a file name */
#define UC_KEY_CA_HASH_CHARS 12

/**
 * uc_key_ca_save_anchor:
 * @ca: a CA in PEM
 * @error: set to %UC_ERROR_SIGNATURE when it is none, or `G_FILE_ERROR`
 *
 * Puts it into the bundle for endpoints to come, beside those that are there.
 */
gboolean
uc_key_ca_save_anchor(UcMirror *mirror, UcAnchor purpose, GBytes *ca, GError **error)
{
	g_auto(GStrv) hashes = uc_revoked_list_hashes(ca, error);
	g_autofree gchar *name = NULL;

	if (hashes == NULL)
		return FALSE;
	name = g_strdup_printf("%s-%.*s", mirror->organisation, UC_KEY_CA_HASH_CHARS, hashes[0]);
	return uc_key_file_save_anchor(mirror->root, uc_anchor_to_string(purpose), name, ca, error);
}

/**
 * uc_key_ca_is_same:
 * @a: a certificate in PEM
 * @b: a certificate in PEM
 * @same_out: (out): whether they have the same key
 * @error: set to %UC_ERROR_SIGNATURE when one of them is no certificate
 */
gboolean
uc_key_ca_is_same(GBytes *a, GBytes *b, gboolean *same_out, GError **error)
{
	g_auto(GStrv) hashes_a = uc_revoked_list_hashes(a, error);
	g_auto(GStrv) hashes_b = hashes_a != NULL ? uc_revoked_list_hashes(b, error) : NULL;

	if (hashes_b == NULL)
		return FALSE;
	*same_out = g_str_equal(hashes_a[1], hashes_b[1]);
	return TRUE;
}

static gboolean
uc_key_ca_remove_if_same(const gchar *path, GBytes *ca, GError **error)
{
	g_autoptr(GBytes) pem = NULL;
	gchar *text = NULL;
	gsize size_bytes = 0;
	gboolean same = FALSE;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return FALSE;
	pem = g_bytes_new_take(text, size_bytes);
	return uc_key_ca_is_same(pem, ca, &same, error) &&
	       (!same || uc_mirror_remove_tree(path, error));
}

/**
 * uc_key_ca_remove_anchor:
 * @ca: a CA in PEM
 * @error: set to %UC_ERROR_SIGNATURE or `G_FILE_ERROR`
 *
 * Takes it out of the bundle for endpoints to come.
 */
gboolean
uc_key_ca_remove_anchor(UcMirror *mirror, UcAnchor purpose, GBytes *ca, GError **error)
{
	g_autofree gchar *path =
	    uc_mirror_path(mirror, "trust", uc_anchor_to_string(purpose), NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, error);
	const gchar *name = NULL;

	if (dir == NULL)
		return FALSE;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *file = g_build_filename(path, name, NULL);

		if (g_str_has_suffix(name, ".pem") && !uc_key_ca_remove_if_same(file, ca, error))
			return FALSE;
	}
	return uc_file_sync_dir(path, error);
}

/* signatures by a CA that is gone: 'publish' makes them again where the file is missing */
static gboolean
uc_key_ca_drop_signed(UcMirror *mirror, UcAnchor purpose, GError **error)
{
	g_autofree gchar *path = uc_mirror_path(mirror, "packages", NULL);
	g_autoptr(GDir) dir = NULL;
	const gchar *name = NULL;

	if (purpose != UC_ANCHOR_PAYLOAD)
		return TRUE;
	dir = g_dir_open(path, 0, error);
	if (dir == NULL)
		return FALSE;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *file = g_build_filename(path, name, "signed.cab", NULL);

		if (!uc_mirror_remove_tree(file, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_key_ca_has_next:
 *
 * Returns: whether another CA is waiting to take the place of the present one
 */
gboolean
uc_key_ca_has_next(const UcMirror *mirror, UcAnchor purpose)
{
	g_autofree gchar *path =
	    uc_key_file_get_path(mirror->root, purpose, UC_KEY_FILE_NEXT_CA, "pem");

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/**
 * uc_key_ca_remove_next:
 * @error: set to `G_FILE_ERROR`
 */
gboolean
uc_key_ca_remove_next(const UcMirror *mirror, UcAnchor purpose, GError **error)
{
	static const gchar *const suffixes[] = {"pem", "key"};

	for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree gchar *path =
		    uc_key_file_get_path(mirror->root, purpose, UC_KEY_FILE_NEXT_CA, suffixes[i]);

		if (!uc_mirror_remove_tree(path, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * uc_key_ca_load_certificate:
 * @name: one of `UC_KEY_FILE_…`
 * @error: set to `G_FILE_ERROR`
 *
 * Its key may be kept elsewhere, or be lost: to end what it stands for this is enough.
 *
 * Returns: (transfer full): in PEM
 */
GBytes *
uc_key_ca_load_certificate(const UcMirror *mirror,
			   UcAnchor purpose,
			   const gchar *name,
			   GError **error)
{
	g_autofree gchar *path = uc_key_file_find_certificate(mirror->root, purpose, name);
	gchar *text = NULL;
	gsize size_bytes = 0;

	if (!g_file_get_contents(path, &text, &size_bytes, error))
		return NULL;
	return g_bytes_new_take(text, size_bytes);
}

/**
 * uc_key_ca_make_next:
 * @uri: (nullable): as in #UcKeyUris
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED or `G_FILE_ERROR`
 *
 * Returns: (transfer full): another CA of that purpose, which is on the disk and not used yet
 */
UcX509 *
uc_key_ca_make_next(const UcMirror *mirror,
		    UcAnchor purpose,
		    const gchar *uri,
		    gint64 now_secs,
		    GError **error)
{
	g_autoptr(GBytes) key = uri != NULL ? g_bytes_new(uri, strlen(uri)) : NULL;
	g_autoptr(UcX509) next = uc_key_file_new_ca_for(uc_anchor_to_string(purpose),
							mirror->organisation,
							key,
							now_secs,
							error);

	if (next == NULL ||
	    !uc_key_file_save(mirror->root, purpose, UC_KEY_FILE_NEXT_CA, next, error))
		return NULL;
	return g_steal_pointer(&next);
}

/**
 * uc_key_ca_add_anchor:
 * @document: what endpoints are told
 * @ca: a CA; it may be among them already, where a command was killed
 * @error: set to %UC_ERROR_SIGNATURE when one of them is no certificate
 */
gboolean
uc_key_ca_add_anchor(UcKeyDocument *document, UcAnchor purpose, UcX509 *ca, GError **error)
{
	if (!uc_key_document_remove_anchor(document, purpose, ca->certificate, error))
		return FALSE;
	g_ptr_array_add(document->anchors[purpose], g_bytes_ref(ca->certificate));
	return TRUE;
}

static void
uc_key_ca_add_host(GStrvBuilder *hosts, const gchar *url)
{
	g_autoptr(GUri) uri = url != NULL ? g_uri_parse(url, G_URI_FLAGS_NONE, NULL) : NULL;

	if (uri != NULL && g_uri_get_host(uri) != NULL)
		g_strv_builder_add(hosts, g_uri_get_host(uri));
}

/* where the rules say that endpoints reach the service */
static GStrv
uc_key_ca_list_hosts(const UcMirror *mirror, GError **error)
{
	g_autofree gchar *dir = uc_mirror_path(mirror, "rules.d", NULL);
	g_autoptr(UcRules) rules = uc_rules_load(dir, error);
	g_autoptr(GStrvBuilder) hosts = g_strv_builder_new();

	if (rules == NULL)
		return NULL;
	uc_key_ca_add_host(hosts, rules->internal_url);
	uc_key_ca_add_host(hosts, rules->external_url);
	return g_strv_builder_end(hosts);
}

/**
 * uc_key_ca_issue:
 * @ca: the CA of that purpose
 * @uri: (nullable): as in #UcKeyUris
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to %UC_ERROR_FAILED, an error of uc_rules_load() or `G_FILE_ERROR`
 *
 * Puts another key and its certificate in place; for `tls` it is for the hosts of the rules too.
 */
gboolean
uc_key_ca_issue(UcMirror *mirror,
		UcAnchor purpose,
		UcX509 *ca,
		const gchar *uri,
		gint64 now_secs,
		GError **error)
{
	const gchar *name = uc_anchor_to_string(purpose);
	g_auto(GStrv) hosts = uc_key_ca_list_hosts(mirror, error);
	g_autoptr(UcX509) leaf = NULL;

	if (hosts == NULL)
		return FALSE;
	leaf = uri != NULL
		   ? uc_key_token_issue(ca, name, mirror->organisation, uri, now_secs, error)
		   : uc_key_file_new_leaf(ca,
					  name,
					  mirror->organisation,
					  (const gchar *const *)hosts,
					  now_secs,
					  error);
	return leaf != NULL &&
	       uc_key_file_save(mirror->root, purpose, UC_KEY_FILE_LEAF, leaf, error);
}

/**
 * uc_key_ca_switch:
 * @ca: in PEM, the one that goes
 * @next: the one that takes its place
 * @uri: (nullable): of the key that signs then, as in #UcKeyUris
 * @now_secs: the present time, seconds since the Unix epoch
 * @error: set to an error of this machine
 *
 * Done on the disk, after the endpoints' document says so; until the last signature of @ca is gone
 * 'publish' has to find a certificate that it refuses.
 */
gboolean
uc_key_ca_switch(UcMirror *mirror,
		 UcAnchor purpose,
		 GBytes *ca,
		 UcX509 *next,
		 const gchar *uri,
		 gint64 now_secs,
		 GError **error)
{
	return uc_key_ca_drop_signed(mirror, purpose, error) &&
	       uc_key_ca_issue(mirror, purpose, next, uri, now_secs, error) &&
	       uc_key_ca_save_anchor(mirror, purpose, next->certificate, error) &&
	       uc_key_ca_remove_anchor(mirror, purpose, ca, error) &&
	       uc_key_file_save(mirror->root, purpose, UC_KEY_FILE_CA, next, error) &&
	       uc_key_ca_remove_next(mirror, purpose, error);
}
