/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "uc-command.h"
#include "uc-error.h"
#include "uc-import.h"

#define UC_COMMAND_IMPORT_FILES_MAX 10000

static void
uc_command_import_print(const UcImportResult *result)
{
	const UcPackage *package = result->package;
	g_autofree gchar *id = uc_package_get_id(package);
	const gchar *state = uc_package_state_to_string(package->state);

	if (result->added)
		g_print(_("%s  %s %s is %s\n"), id, package->name, package->version, state);
	else
		g_print(_("%s  %s %s is there already, and %s\n"),
			id,
			package->name,
			package->version,
			state);
	if (result->note != NULL)
		g_printerr(_("ucupdates-mirror: the metadata of %s is not clean: %s\n"),
			   id,
			   result->note);
}

static void
uc_command_import_add_json(JsonArray *array, const UcImportResult *result)
{
	JsonObject *object = uc_command_package_to_json(result->package);

	json_object_set_boolean_member(object, "added", result->added);
	if (result->note != NULL)
		json_object_set_string_member(object, "note", result->note);
	json_array_add_object_element(array, object);
}

static gint
uc_command_import_one(UcMirror *mirror, const gchar *path, gboolean hold, JsonArray *array)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) results =
	    uc_import_file(mirror, path, hold, g_get_real_time() / G_USEC_PER_SEC, &error);

	if (results == NULL)
		return uc_command_fail(error);
	for (guint i = 0; i < results->len; i++) {
		if (array != NULL)
			uc_command_import_add_json(array, g_ptr_array_index(results, i));
		else
			uc_command_import_print(g_ptr_array_index(results, i));
	}
	return UC_EXIT_DONE;
}

static gint
uc_command_import_compare(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const gchar *const *)a, *(const gchar *const *)b);
}

/* the packages of a directory, or the one that is named; `-` is standard input */
static GPtrArray *
uc_command_import_expand(const gchar *path, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = NULL;
	const gchar *name = NULL;

	if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_ptr_array_add(paths, g_strdup(g_str_equal(path, "-") ? "/dev/stdin" : path));
		return g_steal_pointer(&paths);
	}
	dir = g_dir_open(path, 0, error);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_suffix(name, ".cab") || g_str_has_suffix(name, ".zip"))
			g_ptr_array_add(paths, g_build_filename(path, name, NULL));
	}
	g_ptr_array_sort(paths, uc_command_import_compare);
	if (dir != NULL && paths->len == 0)
		g_set_error(error,
			    G_IO_ERROR,
			    G_IO_ERROR_NOT_FOUND,
			    _("%s: there is no file *.cab or *.zip in this directory"),
			    path);
	/* rather none than some that nobody has chosen */
	if (paths->len > UC_COMMAND_IMPORT_FILES_MAX) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_LIMIT,
			    "%s: there are %u files *.cab and *.zip in this directory, expected at "
			    "most %d; move some of them elsewhere, and import them after these",
			    path,
			    paths->len,
			    UC_COMMAND_IMPORT_FILES_MAX);
		return NULL;
	}
	return paths->len > 0 ? g_steal_pointer(&paths) : NULL;
}

/* one that is refused does not keep the others out */
static gint
uc_command_import_all(UcCommandLine *line, UcMirror *mirror, gboolean hold, JsonArray *array)
{
	gint status = UC_EXIT_DONE;

	for (gint i = 1; i < line->argc; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) paths = uc_command_import_expand(line->argv[i], &error);

		if (paths == NULL)
			status = uc_command_fail(error);
		for (guint j = 0; paths != NULL && j < paths->len; j++) {
			const gchar *path = g_ptr_array_index(paths, j);

			if (uc_command_import_one(mirror, path, hold, array) != UC_EXIT_DONE)
				status = UC_EXIT_FAILED;
		}
	}
	return status;
}

/**
 * uc_command_import:
 *
 * `import [--hold] FILE.cab|FILE.zip|DIRECTORY|-…`
 */
gint
uc_command_import(UcCommandLine *line)
{
	gboolean hold = FALSE;
	const GOptionEntry entries[] = {
	    {"hold",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &hold,
	     N_("Keep it pending, also where newer versions approve themselves"),
	     NULL},
	    {NULL},
	};
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();
	gint status = UC_EXIT_DONE;

	json_object_set_array_member(object, "packages", array);
	status = uc_command_parse(line, entries, "[--hold] FILE.cab|FILE.zip|DIRECTORY|-…", 1, -1);
	if (status != UC_EXIT_DONE)
		return status;
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	status = uc_command_import_all(line, mirror, hold, line->json ? array : NULL);
	if (line->json)
		uc_command_print_json(object);
	return status;
}
