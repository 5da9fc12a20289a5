/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The AppStream metadata of a remote. Of each package's own metainfo.xml those elements are taken
 * over that fwupd or a person reads, with everything in them (translations, requirements, issues);
 * where the cab is, how large, and its checksums are ours.
 */

#include <string.h>

#include "uc-catalog.h"
#include "uc-error.h"

#define UC_CATALOG_DEPTH_MAX 16

struct _UcCatalog {
	GString *text;
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
 *
 * Returns: (transfer full): a catalog without a component
 */
UcCatalog *
uc_catalog_new(const gchar *organisation)
{
	UcCatalog *self = g_new0(UcCatalog, 1);
	g_autofree gchar *origin = g_markup_escape_text(organisation, -1);

	self->text = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	g_string_append_printf(self->text, "<components version=\"0.9\" origin=\"%s\">", origin);
	return self;
}

void
uc_catalog_free(UcCatalog *self)
{
	if (self->text != NULL)
		g_string_free(self->text, TRUE);
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
uc_catalog_add_files(const gchar *cabs_url, XbBuilderNode *release, const UcPackage *package)
{
	g_autofree gchar *cab = g_strdup_printf("%s.cab", package->signed_sha256);
	g_autofree gchar *url = g_strdup_printf("%s%s", cabs_url, cab);
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
uc_catalog_add_release(const gchar *cabs_url,
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
	uc_catalog_add_files(cabs_url, to, package);
	return uc_catalog_copy_children(from, to, uc_catalog_release_elements, error);
}

/**
 * uc_catalog_make_component:
 * @cabs_url: where the cabs are, with a slash at the end; fwupd resolves no relative location
 *   with a directory, and replaces this by the remote's FirmwareBaseURI if there is one
 * @metainfo: what the package's metadata says
 * @package: the package, with its signed cab
 * @error: set to %UC_ERROR_LIMIT
 *
 * Returns: (transfer full): the component with the one release of the package, the same text for
 *   the same package
 */
gchar *
uc_catalog_make_component(const gchar *cabs_url,
			  const UcMetainfo *metainfo,
			  const UcPackage *package,
			  GError **error)
{
	g_autoptr(XbBuilderNode) component = xb_builder_node_new("component");

	xb_builder_node_set_attr(component, "type", "firmware");
	if (!uc_catalog_copy_children(metainfo->component,
				      component,
				      uc_catalog_component_elements,
				      error) ||
	    !uc_catalog_add_release(cabs_url, component, metainfo, package, error))
		return NULL;
	/* not indented: white space between inline elements of a description would be text */
	return xb_builder_node_export(component, XB_NODE_EXPORT_FLAG_NONE, error);
}

/**
 * uc_catalog_append:
 * @component: as uc_catalog_make_component() makes it
 */
void
uc_catalog_append(UcCatalog *self, const gchar *component)
{
	g_string_append(self->text, component);
}

/**
 * uc_catalog_end:
 * @self: (transfer full): a catalog
 *
 * Returns: (transfer full): the AppStream XML, the same for the same packages
 */
GBytes *
uc_catalog_end(UcCatalog *self)
{
	g_autoptr(UcCatalog) owned = self;

	g_string_append(owned->text, "</components>");
	return g_string_free_to_bytes(g_steal_pointer(&owned->text));
}
