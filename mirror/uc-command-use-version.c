/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "uc-audit.h"
#include "uc-command.h"
#include "uc-error.h"
#include "uc-model.h"
#include "uc-pin.h"

#define UC_COMMAND_USE_VERSION_NONE	  "none"
#define UC_COMMAND_USE_VERSION_MODELS_MAX 20
#define UC_COMMAND_USE_VERSION_LIST \
	"'list' shows those there are, and a pending one has to be approved first"
#define UC_COMMAND_USE_VERSION_OTHERS                                                       \
	". Firmware of a protocol other than org.ucupdates.* has no model, and its version" \
	" is what 'approve' and 'restore' say"

/* the first ones, for a sentence */
static gchar *
uc_command_use_version_format_models(gchar **models)
{
	gboolean more = g_strv_length(models) > UC_COMMAND_USE_VERSION_MODELS_MAX;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) first = NULL;

	for (guint i = 0; models[i] != NULL && i < UC_COMMAND_USE_VERSION_MODELS_MAX; i++)
		g_strv_builder_add(builder, models[i]);
	if (more)
		g_strv_builder_add(builder, "…");
	first = g_strv_builder_end(builder);
	return first[0] != NULL ? g_strjoinv(", ", first) : g_strdup("no model at all");
}

/* whether it is the version that is missing, or there is nothing for such a model at all */
static gboolean
uc_command_use_version_fail(UcDatabase *database, const UcPin *pin, GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s/%s", pin->vendor, pin->model);
	g_auto(GStrv) models = uc_model_list(database, error);
	g_autofree gchar *known = NULL;

	if (models == NULL)
		return FALSE;
	if (!g_strv_contains((const gchar *const *)models, name))
		known = uc_command_use_version_format_models(models);
	g_set_error(
	    error,
	    UC_ERROR,
	    UC_ERROR_NOT_FOUND,
	    "there is no approved, restorable or retired package of version %s for %s; %s%s%s",
	    pin->version,
	    name,
	    known != NULL ? "what was imported is for " : UC_COMMAND_USE_VERSION_LIST,
	    known != NULL ? known : "",
	    known != NULL ? UC_COMMAND_USE_VERSION_OTHERS : "");
	return FALSE;
}

static gboolean
uc_command_use_version_is_known(UcDatabase *database, const UcPin *pin, GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s/%s", pin->vendor, pin->model);
	const gchar *const names[] = {name, NULL};
	g_autoptr(GPtrArray) packages = NULL;

	if (!uc_model_learn(database, names, error))
		return FALSE;
	packages = uc_pin_list_packages(database, pin, error);
	if (packages == NULL)
		return FALSE;
	return packages->len > 0 || uc_command_use_version_fail(database, pin, error);
}

/* again is harmless; with a model that is written wrong the version would stay without a word */
static gboolean
uc_command_use_version_end(UcDatabase *database, const UcPin *pin, GError **error)
{
	g_autofree gchar *name = g_strdup_printf("%s/%s", pin->vendor, pin->model);
	const gchar *const names[] = {name, NULL};
	g_auto(GStrv) models = NULL;
	g_autofree gchar *others = NULL;

	if (!uc_pin_remove(database, pin, error))
		return FALSE;
	if (uc_database_get_changes(database) > 0)
		return TRUE;
	if (!uc_model_learn(database, names, error))
		return FALSE;
	models = uc_model_list(database, error);
	if (models == NULL)
		return FALSE;
	if (g_strv_contains((const gchar *const *)models, name))
		return TRUE;
	others = uc_command_use_version_format_models(models);
	g_set_error(error,
		    UC_ERROR,
		    UC_ERROR_NOT_FOUND,
		    "no version was set for %s, and what was imported is for %s",
		    name,
		    others);
	return FALSE;
}

static gboolean
uc_command_use_version_run(UcDatabase *database, const UcPin *pin, gint64 now_secs, GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(database, error);
	g_autofree gchar *subject = g_strdup_printf("%s/%s %s%s",
						    pin->vendor,
						    pin->model,
						    pin->version,
						    pin->or_newer ? " or newer" : "");

	if (transaction == NULL)
		return FALSE;
	if (g_str_equal(pin->version, UC_COMMAND_USE_VERSION_NONE)) {
		if (!uc_command_use_version_end(database, pin, error))
			return FALSE;
	} else if (!uc_command_use_version_is_known(database, pin, error) ||
		   !uc_pin_store(database, pin, error)) {
		return FALSE;
	}
	return uc_audit_add(database, "use-version", subject, now_secs, error) &&
	       uc_transaction_commit(transaction, error);
}

static void
uc_command_use_version_print(const UcCommandLine *line, const UcPin *pin)
{
	g_autoptr(JsonObject) object = NULL;
	gboolean none = g_str_equal(pin->version, UC_COMMAND_USE_VERSION_NONE);

	if (line->json) {
		object = json_object_new();
		json_object_set_string_member(object, "vendor", pin->vendor);
		json_object_set_string_member(object, "model", pin->model);
		if (!none)
			json_object_set_string_member(object, "version", pin->version);
		json_object_set_boolean_member(object, "or_newer", pin->or_newer);
		uc_command_print_json(object);
	} else if (none) {
		g_print(_("%s/%s runs what is approved; endpoints see it after the next "
			  "'publish'\n"),
			pin->vendor,
			pin->model);
	} else {
		g_print(pin->or_newer ? _("%s/%s runs version %s or a newer one; endpoints see it "
					  "after the next 'publish'\n")
				      : _("%s/%s runs exactly version %s; endpoints see it after "
					  "the next 'publish'\n"),
			pin->vendor,
			pin->model,
			pin->version);
	}
}

/**
 * uc_command_use_version:
 *
 * `use-version MODEL VERSION [--or-newer]`
 */
gint
uc_command_use_version(UcCommandLine *line)
{
	gboolean or_newer = FALSE;
	const GOptionEntry entries[] = {
	    {"or-newer",
	     0,
	     0,
	     G_OPTION_ARG_NONE,
	     &or_newer,
	     N_("Newer versions will do too, and later imports approve themselves"),
	     NULL},
	    {NULL},
	};
	g_autoptr(UcMirror) mirror = NULL;
	g_autoptr(UcPin) pin = NULL;
	g_autoptr(GError) error = NULL;
	const gchar *usage = "VENDOR/MODEL VERSION [--or-newer] | VENDOR/MODEL none";
	gint status = uc_command_parse(line, entries, usage, 2, 2);

	if (status != UC_EXIT_DONE)
		return status;
	if (line->argv[2][0] == '\0' ||
	    (or_newer && g_str_equal(line->argv[2], UC_COMMAND_USE_VERSION_NONE)))
		return uc_command_expected(line, usage);
	mirror = uc_command_open(line);
	if (mirror == NULL)
		return UC_EXIT_FAILED;
	pin = uc_pin_new(line->argv[1], &error);
	if (pin == NULL)
		return uc_command_fail(error);
	pin->version = g_strdup(line->argv[2]);
	pin->or_newer = or_newer;
	if (!uc_command_use_version_run(mirror->database,
					pin,
					g_get_real_time() / G_USEC_PER_SEC,
					&error))
		return uc_command_fail(error);
	uc_command_use_version_print(line, pin);
	return UC_EXIT_DONE;
}
