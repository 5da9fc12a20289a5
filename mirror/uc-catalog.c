/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The AppStream metadata of a remote. Of each package's own metainfo.xml those elements are taken
 * over that fwupd or a person reads, with everything in them (translations, requirements, issues);
 * where the cab is, how large, and its checksums are ours.
 */

#include <string.h>
#include <zstd.h>

#include "uc-catalog.h"
#include "uc-error.h"
#include "uc-limits.h"

#define UC_CATALOG_DEPTH_MAX  16
#define UC_CATALOG_ZSTD_LEVEL 19

struct _UcCatalog {
	XbBuilderNode *components;
	gchar *cabs_url;
};

static const gchar *const uc_catalog_component_elements[] = {"id",
							     "name",
							     "name_variant_suffix",
							     "summary",
							     "developer_name",
							     "developer",
							     "description",
							     "provides",
							     "url",
							     "metadata_license",
							     "project_license",
							     "categories",
							     "keywords",
							     "requires",
							     "recommends",
							     "suggests",
							     "branch",
							     "tags",
							     "custom",
							     NULL};
static const gchar *const uc_catalog_release_elements[] = {"description",
							   "issues",
							   "url",
							   "tags",
							   NULL};
static const gchar *const uc_catalog_release_attributes[] =
    {"version", "date", "timestamp", "urgency", "install_duration", "type", "id", NULL};

/**
 * uc_catalog_new:
 * @organisation: whose catalog it is
 * @cabs_url: where the cabs are, with a slash at the end; fwupd resolves no relative location
 *   with a directory, and replaces this by the remote's FirmwareBaseURI if there is one
 *
 * Returns: (transfer full): a catalog without a component
 */
UcCatalog *
uc_catalog_new(const gchar *organisation, const gchar *cabs_url)
{
	UcCatalog *self = g_new0(UcCatalog, 1);

	self->cabs_url = g_strdup(cabs_url);
	self->components = xb_builder_node_new("components");
	xb_builder_node_set_attr(self->components, "version", "0.9");
	xb_builder_node_set_attr(self->components, "origin", organisation);
	return self;
}

void
uc_catalog_free(UcCatalog *self)
{
	g_clear_object(&self->components);
	g_free(self->cabs_url);
	g_free(self);
}

static XbBuilderNode *
uc_catalog_insert(XbBuilderNode *parent, const gchar *element)
{
	return xb_builder_node_insert(parent, element, NULL);
}

static void
uc_catalog_copy_attributes(XbNode *from, XbBuilderNode *to, const gchar *const *allowed)
{
	XbNodeAttrIter iter;
	const gchar *name = NULL;
	const gchar *value = NULL;

	xb_node_attr_iter_init(&iter, from);
	while (xb_node_attr_iter_next(&iter, &name, &value)) {
		if (allowed == NULL || g_strv_contains(allowed, name))
			xb_builder_node_set_attr(to, name, value);
	}
}

static gboolean
uc_catalog_copy(XbNode *from, XbBuilderNode *parent, guint depth, GError **error)
{
	g_autoptr(XbBuilderNode) to = uc_catalog_insert(parent, xb_node_get_element(from));
	g_autoptr(XbNode) child = NULL;
	XbNodeChildIter iter;

	if (depth > UC_CATALOG_DEPTH_MAX) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "the metadata is nested more than %d levels deep",
			    UC_CATALOG_DEPTH_MAX);
		return FALSE;
	}
	uc_catalog_copy_attributes(from, to, NULL);
	if (xb_node_get_text(from) != NULL)
		xb_builder_node_set_text(to, xb_node_get_text(from), -1);
	if (xb_node_get_tail(from) != NULL)
		xb_builder_node_set_tail(to, xb_node_get_tail(from), -1);
	xb_node_child_iter_init(&iter, from);
	while (xb_node_child_iter_loop(&iter, &child)) {
		if (!uc_catalog_copy(child, to, depth + 1, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_catalog_copy_children(XbNode *from,
			 XbBuilderNode *to,
			 const gchar *const *allowed,
			 GError **error)
{
	g_autoptr(XbNode) child = NULL;
	XbNodeChildIter iter;

	xb_node_child_iter_init(&iter, from);
	while (xb_node_child_iter_loop(&iter, &child)) {
		if (g_strv_contains(allowed, xb_node_get_element(child)) &&
		    !uc_catalog_copy(child, to, 0, error))
			return FALSE;
	}
	return TRUE;
}

/* fwupd sorts and shows releases by a timestamp; a metainfo.xml may have a date only */
static void
uc_catalog_add_timestamp(XbNode *from, XbBuilderNode *to)
{
	const gchar *date = xb_node_get_attr(from, "date");
	g_autofree gchar *text = date != NULL ? g_strdup_printf("%sT00:00:00Z", date) : NULL;
	g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;
	g_autofree gchar *seconds = NULL;

	if (time == NULL || xb_node_get_attr(from, "timestamp") != NULL)
		return;
	seconds = g_strdup_printf("%" G_GINT64_FORMAT, g_date_time_to_unix(time));
	xb_builder_node_set_attr(to, "timestamp", seconds);
}

static void
uc_catalog_add_files(UcCatalog *self, XbBuilderNode *release, const UcPackage *package)
{
	g_autofree gchar *cab = g_strdup_printf("%s.cab", package->signed_sha256);
	g_autofree gchar *url = g_strdup_printf("%s%s", self->cabs_url, cab);
	g_autofree gchar *installed = g_strdup_printf("%" G_GUINT64_FORMAT, package->payload_bytes);
	g_autofree gchar *download = g_strdup_printf("%" G_GUINT64_FORMAT, package->signed_bytes);

	xb_builder_node_insert_text(release, "location", url, NULL);
	xb_builder_node_insert_text(release,
				    "checksum",
				    package->signed_sha256,
				    "type",
				    "sha256",
				    "target",
				    "container",
				    "filename",
				    cab,
				    NULL);
	xb_builder_node_insert_text(release,
				    "checksum",
				    package->payload_sha256,
				    "type",
				    "sha256",
				    "target",
				    "content",
				    "filename",
				    package->payload_name,
				    NULL);
	xb_builder_node_insert_text(release, "size", installed, "type", "installed", NULL);
	xb_builder_node_insert_text(release, "size", download, "type", "download", NULL);
}

static gboolean
uc_catalog_add_release(UcCatalog *self,
		       XbBuilderNode *component,
		       const UcMetainfo *metainfo,
		       const UcPackage *package,
		       GError **error)
{
	g_autoptr(XbNode) from =
	    xb_node_query_first(metainfo->component, "releases/release", error);
	g_autoptr(XbBuilderNode) releases = NULL;
	g_autoptr(XbBuilderNode) to = NULL;

	if (from == NULL)
		return FALSE;
	releases = uc_catalog_insert(component, "releases");
	to = uc_catalog_insert(releases, "release");
	uc_catalog_copy_attributes(from, to, uc_catalog_release_attributes);
	uc_catalog_add_timestamp(from, to);
	uc_catalog_add_files(self, to, package);
	return uc_catalog_copy_children(from, to, uc_catalog_release_elements, error);
}

/**
 * uc_catalog_add:
 * @metainfo: what the package's metadata says
 * @package: the package, with its signed cab
 * @error: set to %UC_ERROR_LIMIT
 *
 * Adds the one release of a package.
 */
gboolean
uc_catalog_add(UcCatalog *self,
	       const UcMetainfo *metainfo,
	       const UcPackage *package,
	       GError **error)
{
	g_autoptr(XbBuilderNode) component = uc_catalog_insert(self->components, "component");

	xb_builder_node_set_attr(component, "type", "firmware");
	return uc_catalog_copy_children(metainfo->component,
					component,
					uc_catalog_component_elements,
					error) &&
	       uc_catalog_add_release(self, component, metainfo, package, error);
}

/**
 * uc_catalog_to_xml:
 *
 * Returns: (transfer full): the AppStream XML, the same for the same packages
 */
GBytes *
uc_catalog_to_xml(UcCatalog *self, GError **error)
{
	/* not indented: white space between inline elements of a description would be text */
	g_autofree gchar *body =
	    xb_builder_node_export(self->components, XB_NODE_EXPORT_FLAG_NONE, error);
	gchar *text = NULL;

	if (body == NULL)
		return NULL;
	text = g_strconcat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", body, NULL);
	return g_bytes_new_take(text, strlen(text));
}

/**
 * uc_catalog_compress:
 * @xml: the AppStream XML
 * @error: set to %UC_ERROR_FAILED, or %UC_ERROR_LIMIT when endpoints would not take it
 *
 * Returns: (transfer full): the same with zstd
 */
GBytes *
uc_catalog_compress(GBytes *xml, GError **error)
{
	gsize size_bytes = 0;
	gconstpointer data = g_bytes_get_data(xml, &size_bytes);
	gsize bound = ZSTD_compressBound(size_bytes);
	g_autofree guint8 *buffer = g_malloc(bound);
	gsize packed = ZSTD_compress(buffer, bound, data, size_bytes, UC_CATALOG_ZSTD_LEVEL);

	if (ZSTD_isError(packed)) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "cannot compress the metadata: %s",
			    ZSTD_getErrorName(packed));
		return NULL;
	}
	if (packed > UC_LIMIT_METADATA_BYTES) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "the metadata has %" G_GSIZE_FORMAT
			    " bytes, endpoints take at most %d; reject packages that nobody needs",
			    packed,
			    UC_LIMIT_METADATA_BYTES);
		return NULL;
	}
	return g_bytes_new(buffer, packed);
}
