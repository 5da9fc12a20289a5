/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "uc-error.h"
#include "uc-metainfo.h"
#include "uc-sha256.h"

#define UC_METAINFO_TEXT_MAX_BYTES    1024
#define UC_METAINFO_VERSION_MAX_BYTES 64

void
uc_metainfo_free(UcMetainfo *self)
{
	g_free(self->id);
	g_free(self->name);
	g_free(self->vendor);
	g_free(self->version);
	g_free(self->protocol);
	g_free(self->payload_name);
	g_free(self->payload_sha256);
	g_strfreev(self->guids);
	g_clear_object(&self->component);
	g_clear_object(&self->silo);
	g_free(self);
}

static gboolean
uc_metainfo_fail(GError **error, const gchar *sentence)
{
	g_set_error(error, UC_ERROR, UC_ERROR_INVALID, "the metainfo.xml %s", sentence);
	return FALSE;
}

static gchar *
uc_metainfo_strip(const gchar *text)
{
	return text != NULL ? g_strstrip(g_strdup(text)) : NULL;
}

static gchar *
uc_metainfo_get_text(XbNode *node, const gchar *xpath)
{
	return uc_metainfo_strip(xb_node_query_text(node, xpath, NULL));
}

static gboolean
uc_metainfo_is_plain(const gchar *text, gsize max_bytes)
{
	if (text == NULL || text[0] == '\0' || strlen(text) > max_bytes)
		return FALSE;
	for (const gchar *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_metainfo_is_id(const gchar *text)
{
	return uc_metainfo_is_plain(text, 255) && text[0] != '.' && text[0] != '-' &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		   strlen(text);
}

static gboolean
uc_metainfo_read_texts(UcMetainfo *self, GError **error)
{
	self->id = uc_metainfo_get_text(self->component, "id");
	self->name = uc_metainfo_get_text(self->component, "name");
	self->vendor = uc_metainfo_get_text(self->component, "developer_name");
	if (self->vendor == NULL)
		self->vendor = uc_metainfo_get_text(self->component, "developer/name");
	self->protocol =
	    uc_metainfo_get_text(self->component, "custom/value[@key='LVFS::UpdateProtocol']");
	if (!uc_metainfo_is_id(self->id))
		return uc_metainfo_fail(
		    error,
		    "has no component id of letters, digits, '.', '_' and '-' in <id>");
	if (!uc_metainfo_is_plain(self->name, UC_METAINFO_TEXT_MAX_BYTES))
		return uc_metainfo_fail(error, "has no <name>");
	if (!uc_metainfo_is_plain(self->vendor, UC_METAINFO_TEXT_MAX_BYTES))
		return uc_metainfo_fail(error, "has no <developer_name>");
	if (!uc_metainfo_is_id(self->protocol))
		return uc_metainfo_fail(
		    error,
		    "has no update protocol in <custom><value key=\"LVFS::UpdateProtocol\">");
	return TRUE;
}

static gboolean
uc_metainfo_read_guids(UcMetainfo *self, GError **error)
{
	g_autoptr(GPtrArray) nodes = NULL;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	nodes = xb_node_query(self->component, "provides/firmware[@type='flashed']", 0, NULL);
	if (nodes == NULL)
		return uc_metainfo_fail(
		    error,
		    "names no hardware in <provides><firmware type=\"flashed\">");
	if (nodes->len > UC_METAINFO_GUIDS_MAX)
		return uc_metainfo_fail(error, "names more than 256 GUIDs");
	for (guint i = 0; i < nodes->len; i++) {
		const gchar *text = xb_node_get_text(g_ptr_array_index(nodes, i));
		g_autofree gchar *guid = g_ascii_strdown(text != NULL ? text : "", -1);

		g_strstrip(guid);
		if (!g_uuid_string_is_valid(guid))
			return uc_metainfo_fail(
			    error,
			    "has something else than a GUID in <firmware type=\"flashed\">");
		g_strv_builder_add(builder, guid);
	}
	self->guids = g_strv_builder_end(builder);
	return TRUE;
}

/* the same rule as fwupd's, which otherwise would not find what was checked here */
static gboolean
uc_metainfo_read_payload(UcMetainfo *self, XbNode *release, GError **error)
{
	g_autoptr(XbNode) artifact =
	    xb_node_query_first(release, "artifacts/artifact[@type='source']", NULL);
	g_autoptr(XbNode) checksum = NULL;
	g_autofree gchar *size = NULL;

	if (artifact != NULL) {
		self->payload_name = uc_metainfo_get_text(artifact, "filename");
		self->payload_sha256 = uc_metainfo_get_text(artifact, "checksum[@type='sha256']");
	} else {
		checksum = xb_node_query_first(release, "checksum[@target='content']", NULL);
	}
	if (checksum != NULL) {
		self->payload_name = g_strdup(xb_node_get_attr(checksum, "filename"));
		if (g_strcmp0(xb_node_get_attr(checksum, "type"), "sha256") == 0)
			self->payload_sha256 = uc_metainfo_strip(xb_node_get_text(checksum));
	}
	if (self->payload_name == NULL)
		self->payload_name = g_strdup("firmware.bin");
	if (self->payload_sha256 != NULL && self->payload_sha256[0] == '\0')
		g_clear_pointer(&self->payload_sha256, g_free);
	if (self->payload_sha256 != NULL && !uc_sha256_is_hex(self->payload_sha256))
		return uc_metainfo_fail(
		    error,
		    "has something else than 64 lower-case hexadecimal digits as SHA-256");
	size = uc_metainfo_get_text(release, "size[@type='installed']");
	if (size != NULL &&
	    !g_ascii_string_to_unsigned(size, 10, 1, G_MAXINT64, &self->payload_bytes, NULL))
		return uc_metainfo_fail(error, "has no number in <size type=\"installed\">");
	return TRUE;
}

static gboolean
uc_metainfo_read_release(UcMetainfo *self, GError **error)
{
	g_autoptr(GPtrArray) releases = NULL;
	XbNode *release = NULL;

	releases = xb_node_query(self->component, "releases/release", 0, NULL);
	if (releases == NULL || releases->len != 1)
		return uc_metainfo_fail(error, "has no or more than one <release>, expected one");
	release = g_ptr_array_index(releases, 0);
	self->version = g_strdup(xb_node_get_attr(release, "version"));
	if (!uc_metainfo_is_plain(self->version, UC_METAINFO_VERSION_MAX_BYTES))
		return uc_metainfo_fail(
		    error,
		    "has no version of 1 to 64 bytes in <release version=\"…\">");
	return uc_metainfo_read_payload(self, release, error);
}

static gboolean
uc_metainfo_find_component(UcMetainfo *self, GBytes *xml, GError **error)
{
	g_autoptr(XbBuilder) builder = xb_builder_new();
	g_autoptr(XbBuilderSource) source = xb_builder_source_new();
	g_autoptr(GPtrArray) components = NULL;
	g_autoptr(GError) error_xml = NULL;

	if (xb_builder_source_load_bytes(source, xml, XB_BUILDER_SOURCE_FLAG_NONE, &error_xml)) {
		xb_builder_import_source(builder, source);
		self->silo =
		    xb_builder_compile(builder, XB_BUILDER_COMPILE_FLAG_NONE, NULL, &error_xml);
	}
	if (self->silo == NULL) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_INVALID,
			    "the metainfo.xml is no XML: %s",
			    error_xml->message);
		return FALSE;
	}
	components = xb_silo_query(self->silo, "component[@type='firmware']", 0, NULL);
	if (components == NULL || components->len != 1)
		return uc_metainfo_fail(error,
					"has no or more than one <component type=\"firmware\">, "
					"expected one");
	self->component = g_object_ref(g_ptr_array_index(components, 0));
	return TRUE;
}

static gboolean
uc_metainfo_check_text(GBytes *xml, GError **error)
{
	gsize size_bytes = 0;
	const gchar *text = g_bytes_get_data(xml, &size_bytes);

	if (size_bytes > UC_METAINFO_MAX_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "the metainfo.xml has more than %d bytes",
			    UC_METAINFO_MAX_BYTES);
		return FALSE;
	}
	if (size_bytes == 0 || !g_utf8_validate_len(text, size_bytes, NULL))
		return uc_metainfo_fail(error, "is not UTF-8 text");
	return TRUE;
}

/**
 * uc_metainfo_parse:
 * @xml: the text of a `*.metainfo.xml`
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcMetainfo *
uc_metainfo_parse(GBytes *xml, GError **error)
{
	g_autoptr(UcMetainfo) self = g_new0(UcMetainfo, 1);

	if (!uc_metainfo_check_text(xml, error) || !uc_metainfo_find_component(self, xml, error) ||
	    !uc_metainfo_read_texts(self, error) || !uc_metainfo_read_guids(self, error) ||
	    !uc_metainfo_read_release(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

static GBytes *
uc_metainfo_map(const gchar *path, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);

	return file != NULL ? g_mapped_file_get_bytes(file) : NULL;
}

/**
 * uc_metainfo_load:
 * @path: a file
 * @error: as of uc_metainfo_parse(), or `G_FILE_ERROR`
 *
 * Returns: (transfer full): what it says, or %NULL
 */
UcMetainfo *
uc_metainfo_load(const gchar *path, GError **error)
{
	g_autoptr(GBytes) xml = uc_metainfo_map(path, error);

	return xml != NULL ? uc_metainfo_parse(xml, error) : NULL;
}

/**
 * uc_metainfo_load_accepted:
 * @path: a file of which uc_metainfo_parse() has accepted the contents, when it was imported
 * @error: set to %UC_ERROR_INVALID or %UC_ERROR_LIMIT, or to `G_FILE_ERROR`
 *
 * Returns: (transfer full): its component and nothing else, or %NULL
 */
UcMetainfo *
uc_metainfo_load_accepted(const gchar *path, GError **error)
{
	g_autoptr(UcMetainfo) self = g_new0(UcMetainfo, 1);
	g_autoptr(GBytes) xml = uc_metainfo_map(path, error);

	if (xml == NULL || !uc_metainfo_check_text(xml, error) ||
	    !uc_metainfo_find_component(self, xml, error))
		return NULL;
	return g_steal_pointer(&self);
}
