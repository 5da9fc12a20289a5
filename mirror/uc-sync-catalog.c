/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The metadata of the LVFS or of another mirror, after its signature was verified: of each
 * component for hardware of the inventory the newest release. Unpacked by libarchive up to a limit.
 */

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <xmlb.h>

#include "uc-error.h"
#include "uc-limits.h"
#include "uc-sha256.h"
#include "uc-sync-catalog.h"
#include "uc-version.h"

#define UC_SYNC_CHUNK_BYTES (128 * 1024)

typedef struct archive UcArchive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcArchive, archive_read_free)

void
uc_sync_release_free(UcSyncRelease *self)
{
	g_free(self->component_id);
	g_free(self->version);
	g_free(self->location);
	g_free(self->sha256);
	g_free(self);
}

static GBytes *
uc_sync_catalog_fail(UcArchive *archive, GError **error)
{
	const gchar *reason = archive_error_string(archive);

	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_INVALID,
		    "the metadata is not compressed with zstd, xz or gzip, or damaged: %s",
		    reason != NULL ? reason : "it cannot be unpacked");
	return NULL;
}

static GBytes *
uc_sync_catalog_read(UcArchive *archive, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree guint8 *buffer = g_malloc(UC_SYNC_CHUNK_BYTES);
	la_ssize_t read_bytes = 0;

	while ((read_bytes = archive_read_data(archive, buffer, UC_SYNC_CHUNK_BYTES)) > 0) {
		if (out->len + (gsize)read_bytes > UC_SYNC_XML_MAX_BYTES) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_LIMIT,
				    "the metadata unpacks to more than %d bytes",
				    UC_SYNC_XML_MAX_BYTES);
			return NULL;
		}
		g_byte_array_append(out, buffer, (guint)read_bytes);
	}
	if (read_bytes < 0)
		return uc_sync_catalog_fail(archive, error);
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

static GBytes *
uc_sync_catalog_unpack(GBytes *metadata, GError **error)
{
	g_autoptr(UcArchive) archive = archive_read_new();
	struct archive_entry *entry = NULL;
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(metadata, &size_bytes);

	if (archive_read_support_filter_zstd(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(archive) != ARCHIVE_OK ||
	    archive_read_open_memory(archive, data, size_bytes) != ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return uc_sync_catalog_fail(archive, error);
	return uc_sync_catalog_read(archive, error);
}

static XbSilo *
uc_sync_catalog_load(GBytes *xml, GError **error)
{
	g_autoptr(XbBuilder) builder = xb_builder_new();
	g_autoptr(XbBuilderSource) source = xb_builder_source_new();

	if (!xb_builder_source_load_bytes(source, xml, XB_BUILDER_SOURCE_FLAG_NONE, error)) {
		g_prefix_error(error, "the metadata is no XML: ");
		return NULL;
	}
	xb_builder_import_source(builder, source);
	return xb_builder_compile(builder, XB_BUILDER_COMPILE_FLAG_NONE, NULL, error);
}

static gboolean
uc_sync_catalog_is_for(XbNode *component, GHashTable *guids)
{
	g_autoptr(GPtrArray) nodes =
	    xb_node_query(component, "provides/firmware[@type='flashed']", 0, NULL);

	for (guint i = 0; nodes != NULL && i < nodes->len; i++) {
		const gchar *text = xb_node_get_text(g_ptr_array_index(nodes, i));
		g_autofree gchar *guid = g_ascii_strdown(text != NULL ? text : "", -1);

		if (g_hash_table_contains(guids, g_strstrip(guid)))
			return TRUE;
	}
	return FALSE;
}

static gchar *
uc_sync_catalog_get_text(XbNode *node, const gchar *xpath, const gchar *other)
{
	const gchar *text = xb_node_query_text(node, xpath, NULL);

	if (text == NULL)
		text = xb_node_query_text(node, other, NULL);
	return text != NULL ? g_strstrip(g_strdup(text)) : g_strdup("");
}

/* (transfer full) (nullable): %NULL for one that cannot be fetched and verified */
static UcSyncRelease *
uc_sync_catalog_read_release(XbNode *component, XbNode *node)
{
	UcSyncRelease *self = g_new0(UcSyncRelease, 1);
	const gchar *id = xb_node_query_text(component, "id", NULL);
	const gchar *version = xb_node_get_attr(node, "version");
	g_autofree gchar *size =
	    uc_sync_catalog_get_text(node,
				     "size[@type='download']",
				     "artifacts/artifact/size[@type='download']");

	self->component_id = g_strdup(id != NULL ? id : "");
	self->version = g_strdup(version != NULL ? version : "");
	self->location = uc_sync_catalog_get_text(node, "location", "artifacts/artifact/location");
	self->sha256 = uc_sync_catalog_get_text(node,
						"checksum[@target='container'][@type='sha256']",
						"artifacts/artifact/checksum[@type='sha256']");
	if (!g_ascii_string_to_unsigned(size, 10, 0, UC_LIMIT_CAB_BYTES, &self->size_bytes, NULL))
		self->size_bytes = 0;
	if (uc_sha256_is_hex(self->sha256) && self->location[0] != '\0' &&
	    strlen(self->location) <= UC_LIMIT_URL_BYTES)
		return self;
	uc_sync_release_free(self);
	return NULL;
}

static UcSyncRelease *
uc_sync_catalog_choose_release(XbNode *component)
{
	g_autoptr(GPtrArray) nodes = xb_node_query(component, "releases/release", 0, NULL);
	UcSyncRelease *best = NULL;

	for (guint i = 0; nodes != NULL && i < nodes->len; i++) {
		UcSyncRelease *release =
		    uc_sync_catalog_read_release(component, g_ptr_array_index(nodes, i));

		if (release == NULL)
			continue;
		if (best != NULL && uc_version_compare(release->version, best->version) <= 0) {
			uc_sync_release_free(release);
			continue;
		}
		g_clear_pointer(&best, uc_sync_release_free);
		best = release;
	}
	return best;
}

/**
 * uc_sync_catalog_parse:
 * @metadata: AppStream metadata, compressed
 * @guids: (element-type utf8): the hardware of the inventory, in lower case
 * @error: set to %UC_ERROR_INVALID, %UC_ERROR_LIMIT or an error of libxmlb
 *
 * Of each component that it can use the newest release; more than %UC_SYNC_RELEASES_MAX are an
 * error, because a part of them would pass for all.
 *
 * Returns: (transfer full) (element-type UcSyncRelease): what it can use
 */
GPtrArray *
uc_sync_catalog_parse(GBytes *metadata, GHashTable *guids, GError **error)
{
	g_autoptr(GPtrArray) releases =
	    g_ptr_array_new_with_free_func((GDestroyNotify)uc_sync_release_free);
	g_autoptr(GBytes) xml = uc_sync_catalog_unpack(metadata, error);
	g_autoptr(XbSilo) silo = NULL;
	g_autoptr(GPtrArray) components = NULL;

	if (xml == NULL)
		return NULL;
	silo = uc_sync_catalog_load(xml, error);
	if (silo == NULL)
		return NULL;
	components = xb_silo_query(silo, "components/component[@type='firmware']", 0, NULL);
	for (guint i = 0; components != NULL && i < components->len; i++) {
		XbNode *component = g_ptr_array_index(components, i);
		UcSyncRelease *release = NULL;

		if (uc_sync_catalog_is_for(component, guids))
			release = uc_sync_catalog_choose_release(component);
		if (release != NULL)
			g_ptr_array_add(releases, release);
		if (releases->len > UC_SYNC_RELEASES_MAX) {
			g_set_error(error,
				    UC_ERROR,
				    UC_ERROR_LIMIT,
				    "the metadata has more than %d releases for the hardware of "
				    "the inventory; nothing was taken, because a part of them "
				    "would pass for all",
				    UC_SYNC_RELEASES_MAX);
			return NULL;
		}
	}
	return g_steal_pointer(&releases);
}
