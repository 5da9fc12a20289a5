/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-description.h"
#include "uc-domain.h"
#include "uc-error.h"
#include "uc-limits.h"
#include "uc-names.h"
#include "uc-sha256.h"

static void
uc_description_file_free(UcDescriptionFile *file)
{
	g_free(file->path);
	g_free(file->sha256);
	g_free(file);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDescriptionFile, uc_description_file_free)

static void
uc_description_remote_free(UcDescriptionRemote *remote)
{
	g_free(remote->id);
	g_clear_pointer(&remote->metadata, uc_description_file_free);
	g_clear_pointer(&remote->signature, uc_description_file_free);
	g_free(remote->firmware_base_path);
	g_free(remote);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDescriptionRemote, uc_description_remote_free)

void
uc_description_free(UcDescription *self)
{
	g_free(self->organisation);
	g_strfreev(self->domains);
	g_free(self->internal_url);
	g_free(self->external_url);
	g_clear_pointer(&self->policy, uc_description_file_free);
	g_clear_pointer(&self->remotes, g_ptr_array_unref);
	g_free(self->checkin_path);
	g_free(self->reports_path);
	g_free(self->enrolment_path);
	g_free(self);
}

static gboolean
uc_description_fail(const gchar *member, const gchar *text, const gchar *expected, GError **error)
{
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "member '%s' is '%s', expected %s",
		    member,
		    text,
		    expected);
	return FALSE;
}

/* only what needs no escaping in a URL and cannot lead out of the base */
static gboolean
uc_description_is_path(const gchar *text)
{
	static const gchar allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-._~+@/";
	g_auto(GStrv) parts = g_strsplit(text, "/", -1);

	if (text[0] == '\0' || text[0] == '/' || strspn(text, allowed) != strlen(text))
		return FALSE;
	for (guint i = 0; parts[i] != NULL; i++) {
		if (g_str_equal(parts[i], "..") || g_str_equal(parts[i], ".") ||
		    (parts[i][0] == '\0' && parts[i + 1] != NULL))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_description_get_path(JsonObject *object,
			const gchar *member,
			UcJsonNeed need,
			gchar **path_out,
			GError **error)
{
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member, need, UC_LIMIT_STRING_BYTES, &text, error))
		return FALSE;
	if (text == NULL)
		return TRUE;
	if (!uc_description_is_path(text))
		return uc_description_fail(member,
					   text,
					   "a relative path of letters, digits and -._~+@/ without "
					   "'..'",
					   error);
	*path_out = g_strdup(text);
	return TRUE;
}

/**
 * uc_description_is_url:
 *
 * Returns: whether it is `https://HOST[:PORT]/`, the base URL of a service
 */
gboolean
uc_description_is_url(const gchar *text)
{
	g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_PARSE_RELAXED, NULL);
	g_autofree gchar *host = NULL;

	if (uri == NULL || g_strcmp0(g_uri_get_scheme(uri), "https") != 0 ||
	    g_uri_get_host(uri) == NULL || g_uri_get_userinfo(uri) != NULL ||
	    g_uri_get_query(uri) != NULL || g_uri_get_fragment(uri) != NULL ||
	    g_uri_get_port(uri) == 0)
		return FALSE;
	host = g_ascii_strdown(g_uri_get_host(uri), -1);
	if (g_hostname_is_ip_address(host))
		return FALSE;
	return uc_domain_is_host_name(host) && g_str_equal(g_uri_get_path(uri), "/");
}

static gboolean
uc_description_get_url(JsonObject *object,
		       const gchar *member,
		       UcJsonNeed need,
		       gchar **url_out,
		       GError **error)
{
	const gchar *text = NULL;

	if (!uc_json_get_string(object, member, need, UC_LIMIT_URL_BYTES, &text, error))
		return FALSE;
	if (text == NULL)
		return TRUE;
	if (!uc_description_is_url(text))
		return uc_description_fail(member, text, "https://HOST[:PORT]/", error);
	*url_out = g_strdup(text);
	return TRUE;
}

static UcDescriptionFile *
uc_description_parse_file(JsonObject *object, const gchar *member, GError **error)
{
	g_autoptr(UcDescriptionFile) file = g_new0(UcDescriptionFile, 1);
	JsonObject *members = NULL;
	const gchar *sha256 = NULL;
	gint64 size_bytes = 0;

	if (!uc_json_get_object(object, member, UC_JSON_REQUIRED, &members, error))
		return NULL;
	if (!uc_description_get_path(members, "path", UC_JSON_REQUIRED, &file->path, error) ||
	    !uc_json_get_int64(members,
			       "size_bytes",
			       UC_JSON_REQUIRED,
			       1,
			       UC_LIMIT_METADATA_BYTES,
			       &size_bytes,
			       error) ||
	    !uc_json_get_string(members,
				"sha256",
				UC_JSON_REQUIRED,
				UC_SHA256_HEX_CHARS,
				&sha256,
				error)) {
		g_prefix_error(error, "member '%s': ", member);
		return NULL;
	}
	if (!uc_sha256_is_hex(sha256)) {
		uc_description_fail("sha256", sha256, "64 lower-case hexadecimal digits", error);
		g_prefix_error(error, "member '%s': ", member);
		return NULL;
	}
	file->size_bytes = (guint64)size_bytes;
	file->sha256 = g_strdup(sha256);
	return g_steal_pointer(&file);
}

static UcDescriptionRemote *
uc_description_parse_remote(JsonObject *object, GError **error)
{
	g_autoptr(UcDescriptionRemote) remote = g_new0(UcDescriptionRemote, 1);
	const gchar *id = NULL;

	if (!uc_json_get_string(object, "id", UC_JSON_REQUIRED, 64, &id, error))
		return NULL;
	if (!g_str_equal(id, UC_REMOTE_ID) && !g_str_equal(id, UC_REMOTE_TESTING_ID)) {
		uc_description_fail("id",
				    id,
				    "'" UC_REMOTE_ID "' or '" UC_REMOTE_TESTING_ID "'",
				    error);
		return NULL;
	}
	remote->id = g_strdup(id);
	remote->metadata = uc_description_parse_file(object, "metadata", error);
	if (remote->metadata == NULL)
		return NULL;
	remote->signature = uc_description_parse_file(object, "signature", error);
	if (remote->signature == NULL)
		return NULL;
	if (!uc_description_get_path(object,
				     "firmware_base_path",
				     UC_JSON_REQUIRED,
				     &remote->firmware_base_path,
				     error))
		return NULL;
	return g_steal_pointer(&remote);
}

static gboolean
uc_description_parse_remotes(UcDescription *self, JsonObject *body, GError **error)
{
	JsonArray *array = NULL;

	if (!uc_json_get_array(body, "remotes", UC_JSON_REQUIRED, UC_LIMIT_REMOTES, &array, error))
		return FALSE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *object = uc_json_array_get_object(array, i, "remotes", error);
		UcDescriptionRemote *remote = NULL;

		if (object == NULL)
			return FALSE;
		remote = uc_description_parse_remote(object, error);
		if (remote == NULL) {
			g_prefix_error(error, "element %u of 'remotes': ", i);
			return FALSE;
		}
		g_ptr_array_add(self->remotes, remote);
	}
	return TRUE;
}

static gboolean
uc_description_parse_body(UcDescription *self, JsonObject *body, GError **error)
{
	if (!uc_json_get_strv(body,
			      "domains",
			      UC_JSON_REQUIRED,
			      UC_LIMIT_DOMAINS,
			      UC_LIMIT_DOMAIN_BYTES,
			      &self->domains,
			      error) ||
	    !uc_description_get_url(body,
				    "internal_url",
				    UC_JSON_REQUIRED,
				    &self->internal_url,
				    error) ||
	    !uc_description_get_url(body,
				    "external_url",
				    UC_JSON_OPTIONAL,
				    &self->external_url,
				    error) ||
	    !uc_description_get_path(body,
				     "checkin_path",
				     UC_JSON_REQUIRED,
				     &self->checkin_path,
				     error) ||
	    !uc_description_get_path(body,
				     "reports_path",
				     UC_JSON_REQUIRED,
				     &self->reports_path,
				     error) ||
	    !uc_description_get_path(body,
				     "enrolment_path",
				     UC_JSON_OPTIONAL,
				     &self->enrolment_path,
				     error))
		return FALSE;
	self->policy = uc_description_parse_file(body, "policy", error);
	return self->policy != NULL && uc_description_parse_remotes(self, body, error);
}

/**
 * uc_description_parse:
 * @document: a verified document of type %UC_DOCUMENT_SERVICE
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT with the member and what was expected
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcDescription *
uc_description_parse(const UcDocument *document, GError **error)
{
	g_autoptr(UcDescription) self = g_new0(UcDescription, 1);

	self->organisation = g_strdup(document->organisation);
	self->serial = document->serial;
	self->issued_secs = document->issued_secs;
	self->expires_secs = document->expires_secs;
	self->remotes = g_ptr_array_new_with_free_func((GDestroyNotify)uc_description_remote_free);
	if (!uc_description_parse_body(self, document->body, error)) {
		g_prefix_error(error, "%s: ", UC_DOCUMENT_SERVICE);
		return NULL;
	}
	return g_steal_pointer(&self);
}

/**
 * uc_description_check_domain:
 * @domain: the canonical domain that the endpoint asked for
 * @error: set to %UC_ERROR_REFUSED
 *
 * Returns: whether the organisation says that the domain is its own
 */
gboolean
uc_description_check_domain(const UcDescription *self, const gchar *domain, GError **error)
{
	if (g_strv_contains((const gchar *const *)self->domains, domain))
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s: '%s' is not among the domains of the organisation '%s'",
		    UC_DOCUMENT_SERVICE,
		    domain,
		    self->organisation);
	return FALSE;
}

static gboolean
uc_description_url_has_host(const gchar *url, const gchar *host)
{
	g_autoptr(GUri) uri = url != NULL ? g_uri_parse(url, G_URI_FLAGS_NONE, NULL) : NULL;

	return uri != NULL && g_ascii_strcasecmp(g_uri_get_host(uri), host) == 0;
}

/**
 * uc_description_check_host:
 * @host: lower-case host name of the URL that the endpoint was given
 * @error: set to %UC_ERROR_REFUSED
 *
 * Returns: whether the organisation says that the host is its own: that of one of its URLs, or one
 * in its domains
 */
gboolean
uc_description_check_host(const UcDescription *self, const gchar *host, GError **error)
{
	if (uc_description_url_has_host(self->internal_url, host) ||
	    uc_description_url_has_host(self->external_url, host))
		return TRUE;
	for (guint i = 0; self->domains[i] != NULL; i++) {
		if (uc_domain_contains(self->domains[i], host))
			return TRUE;
	}
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s: '%s' is not a host of the organisation '%s'",
		    UC_DOCUMENT_SERVICE,
		    host,
		    self->organisation);
	return FALSE;
}

/**
 * uc_description_find_remote:
 * @id: %UC_REMOTE_ID or %UC_REMOTE_TESTING_ID
 *
 * Returns: (transfer none) (nullable): the remote
 */
const UcDescriptionRemote *
uc_description_find_remote(const UcDescription *self, const gchar *id)
{
	for (guint i = 0; i < self->remotes->len; i++) {
		const UcDescriptionRemote *remote = g_ptr_array_index(self->remotes, i);

		if (g_str_equal(remote->id, id))
			return remote;
	}
	return NULL;
}

/**
 * uc_description_build_path:
 * @path: relative to the base URL, as a description has it
 *
 * Returns: (transfer full): an absolute path
 */
gchar *
uc_description_build_path(const gchar *path)
{
	return path[0] == '/' ? g_strdup(path) : g_strconcat("/", path, NULL);
}

/**
 * uc_description_file_check:
 * @bytes: what the service sent for it
 * @error: set to %UC_ERROR_REFUSED
 *
 * Returns: whether these are the bytes that the description names
 */
gboolean
uc_description_file_check(const UcDescriptionFile *self, GBytes *bytes, GError **error)
{
	g_autofree gchar *sha256 = uc_sha256_for_bytes(bytes);

	if (g_bytes_get_size(bytes) == self->size_bytes && g_strcmp0(sha256, self->sha256) == 0)
		return TRUE;
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_REFUSED,
		    "%s has %" G_GSIZE_FORMAT
		    " bytes and the SHA-256 %s, expected %" G_GUINT64_FORMAT
		    " and %s by the service description",
		    self->path,
		    g_bytes_get_size(bytes),
		    sha256,
		    self->size_bytes,
		    self->sha256);
	return FALSE;
}
