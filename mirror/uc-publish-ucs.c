/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What phones with UC Software find in the tree. `ucs/<version>/` has the split images of every
 * version that was approved once, and `ucs.xml` lists them: there a person chooses. The master
 * configuration gives each model the version that the rule says: the pinned one, else what is
 * approved for its part number; test devices named by MAC address have one of their own with what
 * is pending. A phone whose model is not known finds its part number in `ucs/current/`.
 */

#include <string.h>

#include "uc-file.h"
#include "uc-import-ucs.h"
#include "uc-pin.h"
#include "uc-publish-ucs.h"
#include "uc-test-device.h"
#include "uc-ucs-document.h"
#include "uc-ucs-model.h"
#include "uc-ucs-reader.h"
#include "uc-version.h"

#define UC_PUBLISH_UCS_MASTER "000000000000.cfg"

typedef struct {
	const UcMirror *mirror;	   /* not owned */
	const UcPublishPlan *plan; /* not owned */
	gchar *dir;		   /* `ucs` in the tree */
	GPtrArray *packages; /* (element-type UcPackage), not owned; the oldest version first */
	GPtrArray *parts;    /* (element-type utf8): every part number once */
} UcPublishUcs;

static void
uc_publish_ucs_clear(UcPublishUcs *self)
{
	g_free(self->dir);
	g_clear_pointer(&self->packages, g_ptr_array_unref);
	g_clear_pointer(&self->parts, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UcPublishUcs, uc_publish_ucs_clear)

/**
 * uc_publish_ucs_is_package:
 *
 * Returns: whether it is for phones, and nothing that fwupd takes
 */
gboolean
uc_publish_ucs_is_package(const UcPackage *package)
{
	return g_str_equal(package->protocol, UC_UCS_PROTOCOL);
}

static gboolean
uc_publish_ucs_is_choosable(const UcPackage *package)
{
	return package->state != UC_PACKAGE_PENDING && package->state != UC_PACKAGE_REJECTED;
}

static gint
uc_publish_ucs_compare(gconstpointer a, gconstpointer b)
{
	const UcPackage *package_a = *(const UcPackage *const *)a;
	const UcPackage *package_b = *(const UcPackage *const *)b;
	gint order = uc_version_compare(package_a->version, package_b->version);

	return order != 0 ? order
			  : (package_a->row > package_b->row) - (package_a->row < package_b->row);
}

static gchar *
uc_publish_ucs_image_path(const UcPublishUcs *self, const UcPackage *package, const gchar *part)
{
	g_autofree gchar *name = g_strconcat(part, UC_UCS_IMAGE_SUFFIX, NULL);

	return uc_mirror_path(self->mirror,
			      "packages",
			      package->cab_sha256,
			      UC_IMPORT_UCS_DIR,
			      name,
			      NULL);
}

static gboolean
uc_publish_ucs_has_part(const UcPublishUcs *self, const UcPackage *package, const gchar *part)
{
	g_autofree gchar *path = uc_publish_ucs_image_path(self, package, part);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static gboolean
uc_publish_ucs_put_image(const UcPublishUcs *self,
			 const UcPackage *package,
			 const gchar *part,
			 const gchar *dir,
			 GError **error)
{
	g_autofree gchar *from = uc_publish_ucs_image_path(self, package, part);
	g_autofree gchar *name = g_path_get_basename(from);
	g_autofree gchar *to = g_build_filename(self->dir, dir, name, NULL);

	return g_file_test(to, G_FILE_TEST_EXISTS) || uc_file_link(from, to, error);
}

/* two packages may have one version, for different phones */
static gboolean
uc_publish_ucs_put_package(const UcPublishUcs *self, const UcPackage *package, GError **error)
{
	g_autofree gchar *to = g_build_filename(self->dir, package->version, NULL);

	if (!uc_file_make_dir(to, 0755, error))
		return FALSE;
	for (guint i = 0; i < self->parts->len; i++) {
		const gchar *part = g_ptr_array_index(self->parts, i);

		if (uc_publish_ucs_has_part(self, package, part) &&
		    !uc_publish_ucs_put_image(self, package, part, package->version, error))
			return FALSE;
	}
	return uc_file_sync_dir(to, error);
}

static gboolean
uc_publish_ucs_add_parts(UcPublishUcs *self, const UcPackage *package, GError **error)
{
	g_autofree gchar *path =
	    uc_mirror_path(self->mirror, "packages", package->cab_sha256, UC_IMPORT_UCS_DIR, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, error);
	const gchar *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree gchar *part = uc_ucs_reader_parse_image_name(name);

		if (part != NULL &&
		    !g_ptr_array_find_with_equal_func(self->parts, part, g_str_equal, NULL))
			g_ptr_array_add(self->parts, g_steal_pointer(&part));
	}
	return dir != NULL;
}

static gint
uc_publish_ucs_compare_parts(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

static gboolean
uc_publish_ucs_collect(UcPublishUcs *self, GError **error)
{
	for (guint i = 0; i < self->plan->packages->len; i++) {
		UcPackage *package = g_ptr_array_index(self->plan->packages, i);

		if (!uc_publish_ucs_is_package(package) || package->state == UC_PACKAGE_REJECTED)
			continue;
		if (!uc_publish_ucs_add_parts(self, package, error))
			return FALSE;
		g_ptr_array_add(self->packages, package);
	}
	g_ptr_array_sort(self->packages, uc_publish_ucs_compare);
	g_ptr_array_sort(self->parts, uc_publish_ucs_compare_parts);
	return TRUE;
}

static const UcPin *
uc_publish_ucs_find_pin(const UcPublishUcs *self, const gchar *part)
{
	const gchar *model = uc_ucs_model_for_part(part);

	for (guint i = 0; model != NULL && i < self->plan->pins->len; i++) {
		const UcPin *pin = g_ptr_array_index(self->plan->pins, i);

		if (g_ascii_strcasecmp(pin->vendor, UC_UCS_VENDOR) == 0 &&
		    g_ascii_strcasecmp(pin->model, model) == 0)
			return pin;
	}
	return NULL;
}

/* how much a phone is to run it, 0 for not at all; the same order as in uc-release-choice.c */
static guint
uc_publish_ucs_rank(const UcPackage *package, const UcPin *pin, gboolean testing)
{
	if (package->state == UC_PACKAGE_PENDING)
		return testing ? 3 : 0;
	/* what `restore` brought back counts for the part numbers that it is for */
	if (pin != NULL && uc_version_equal(package->version, pin->version) &&
	    (!pin->by_restore || package->state == UC_PACKAGE_APPROVED))
		return 2;
	if (package->state != UC_PACKAGE_APPROVED)
		return 0;
	if (pin == NULL || pin->by_restore)
		return 1;
	return pin->or_newer && uc_version_compare(package->version, pin->version) > 0 ? 3 : 0;
}

/* (nullable): what phones of that part number are to run */
static const UcPackage *
uc_publish_ucs_choose(const UcPublishUcs *self, const gchar *part, gboolean testing)
{
	const UcPin *pin = uc_publish_ucs_find_pin(self, part);
	const UcPackage *best = NULL;
	guint best_rank = 1;

	for (guint i = 0; i < self->packages->len; i++) {
		const UcPackage *package = g_ptr_array_index(self->packages, i);
		guint rank = uc_publish_ucs_rank(package, pin, testing);

		if (rank < best_rank || !uc_publish_ucs_has_part(self, package, part))
			continue;
		best = package;
		best_rank = rank;
	}
	return best;
}

/* (transfer full) (nullable): a master configuration whose default directory is made as well */
static GBytes *
uc_publish_ucs_put_choice(UcPublishUcs *self, const gchar *dir, gboolean testing, GError **error)
{
	g_autofree gchar *path = g_build_filename(self->dir, dir, NULL);
	g_autoptr(GPtrArray) models = g_ptr_array_new();
	g_autoptr(GPtrArray) versions = g_ptr_array_new();

	if (!uc_file_make_dir(path, 0755, error))
		return NULL;
	for (guint i = 0; i < self->parts->len; i++) {
		const gchar *part = g_ptr_array_index(self->parts, i);
		const UcPackage *package = uc_publish_ucs_choose(self, part, testing);
		const gchar *model = uc_ucs_model_for_part(part);

		if (package == NULL)
			continue;
		if (!uc_publish_ucs_put_image(self, package, part, dir, error))
			return NULL;
		if (model == NULL)
			continue;
		g_ptr_array_add(models, (gpointer)model);
		g_ptr_array_add(versions, package->version);
	}
	g_ptr_array_add(models, NULL);
	g_ptr_array_add(versions, NULL);
	if (!uc_file_sync_dir(path, error))
		return NULL;
	return uc_ucs_document_master(dir,
				      (const gchar *const *)models->pdata,
				      (const gchar *const *)versions->pdata);
}

static gboolean
uc_publish_ucs_put_testing(UcPublishUcs *self, const gchar *tree, GError **error)
{
	g_autoptr(GBytes) text = uc_publish_ucs_put_choice(self, "testing", TRUE, error);

	if (text == NULL)
		return FALSE;
	for (guint i = 0; i < self->plan->devices->len; i++) {
		const UcTestDevice *device = g_ptr_array_index(self->plan->devices, i);
		g_autofree gchar *name = NULL;
		g_autofree gchar *path = NULL;

		if (!g_str_equal(device->kind, "mac_address"))
			continue;
		name = g_strconcat(device->value, ".cfg", NULL);
		for (gchar *p = strchr(name, ':'); p != NULL; p = strchr(p, ':'))
			memmove(p, p + 1, strlen(p));
		path = g_build_filename(tree, name, NULL);
		if (!uc_file_write(path, text, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
uc_publish_ucs_put_versions(const UcPublishUcs *self,
			    const gchar *tree,
			    const gchar *base_url,
			    GError **error)
{
	g_autofree gchar *path = g_build_filename(tree, "ucs.xml", NULL);
	g_autoptr(GPtrArray) versions = g_ptr_array_new();
	g_autoptr(GBytes) text = NULL;

	for (guint i = 0; i < self->packages->len; i++) {
		const UcPackage *package = g_ptr_array_index(self->packages, i);

		if (uc_publish_ucs_is_choosable(package) &&
		    !g_ptr_array_find_with_equal_func(versions,
						      package->version,
						      g_str_equal,
						      NULL))
			g_ptr_array_add(versions, package->version);
	}
	g_ptr_array_add(versions, NULL);
	text = uc_ucs_document_versions(base_url, (const gchar *const *)versions->pdata);
	return uc_file_write(path, text, error);
}

/**
 * uc_publish_ucs:
 * @plan: what is to be published
 * @tree: directory of the tree
 * @base_url: where phones reach it, with a slash at its end
 * @error: set to an error of this machine
 *
 * Puts images and configuration for phones into a tree, and nothing where no package is for them.
 */
gboolean
uc_publish_ucs(const UcMirror *mirror,
	       const UcPublishPlan *plan,
	       const gchar *tree,
	       const gchar *base_url,
	       GError **error)
{
	g_auto(UcPublishUcs) self = {mirror, plan};
	g_autofree gchar *master = g_build_filename(tree, UC_PUBLISH_UCS_MASTER, NULL);
	g_autoptr(GBytes) text = NULL;

	self.dir = g_build_filename(tree, "ucs", NULL);
	self.packages = g_ptr_array_new();
	self.parts = g_ptr_array_new_with_free_func(g_free);
	if (!uc_publish_ucs_collect(&self, error))
		return FALSE;
	if (self.packages->len == 0)
		return TRUE;
	if (!uc_file_make_dir(self.dir, 0755, error))
		return FALSE;
	for (guint i = self.packages->len; i > 0; i--) {
		if (!uc_publish_ucs_put_package(&self,
						g_ptr_array_index(self.packages, i - 1),
						error))
			return FALSE;
	}
	text = uc_publish_ucs_put_choice(&self, "current", FALSE, error);
	return text != NULL && uc_file_write(master, text, error) &&
	       uc_publish_ucs_put_testing(&self, tree, error) &&
	       uc_publish_ucs_put_versions(&self, tree, base_url, error) &&
	       uc_file_sync_dir(self.dir, error);
}
