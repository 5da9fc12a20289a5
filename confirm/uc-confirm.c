/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-health.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-endpoint-spawn.h"
#include "uc-boot-complete.h"
#include "uc-confirm.h"
#include "uc-fwupd-quit.h"

/* Decides whether new firmware that was started is to stay. It has until ConfirmSec to reach
 * boot-complete.target and to pass Health=; otherwise the boot loader is pointed back.
 *
 * Nothing that is wrong on a machine without a trial ever restarts it: a machine that restarts for
 * ever is worse than one that runs. Firmware that does not even get here is the boot loader's
 * business, which counts its starts. */

#define UC_CONFIRM_RETRY_MS 2000 /* between two health checks */

/* once, within what is left; the last line that the program printed says why not */
static gboolean
uc_confirm_check_health(const gchar *health, gint64 deadline_usec, GError **error)
{
	gint64 left_ms = (deadline_usec - g_get_monotonic_time()) / 1000;
	const gchar *argv[] = {health, NULL};
	g_autofree gchar *output = NULL;

	output = fu_uc_endpoint_spawn(argv, (guint)CLAMP(left_ms, 1, G_MAXINT), error);
	return output != NULL;
}

static gboolean
uc_confirm_wait_health(const gchar *health, gint64 deadline_usec, GError **error)
{
	while (TRUE) {
		gint64 left_usec = 0;
		g_autoptr(GError) error_local = NULL;

		if (uc_confirm_check_health(health, deadline_usec, &error_local))
			return TRUE;
		left_usec = deadline_usec - g_get_monotonic_time();
		if (left_usec <= UC_CONFIRM_RETRY_MS * 1000) {
			g_propagate_error(error, g_steal_pointer(&error_local));
			return FALSE;
		}
		g_info("not healthy yet: %s", error_local->message);
		g_usleep(UC_CONFIRM_RETRY_MS * 1000);
	}
}

static gboolean
uc_confirm_wait(FuUcEndpointConfig *config, guint confirm_secs, GError **error)
{
	gint64 deadline_usec = g_get_monotonic_time() + (gint64)confirm_secs * G_USEC_PER_SEC;
	g_autofree gchar *health = fu_uc_endpoint_config_get_install(config, "Health", NULL);

	if (!uc_boot_complete_wait(deadline_usec, error) ||
	    (health != NULL && !uc_confirm_wait_health(health, deadline_usec, error))) {
		g_prefix_error(error, "not healthy within %u s: ", confirm_secs);
		return FALSE;
	}
	return TRUE;
}

/* the boot loader first: it alone decides what is started */
static UcConfirmResult
uc_confirm_accept(FuUcEndpointConfig *config, FuUcEndpointInstaller *installer)
{
	const gchar *id = fu_uc_endpoint_config_get_id(config);
	g_autoptr(GError) error = NULL;

	if (!fu_uc_endpoint_installer_confirm(installer, &error)) {
		g_printerr("%s: is healthy, but that could not be confirmed: %s\n",
			   id,
			   error->message);
		return UC_CONFIRM_ERROR;
	}
	if (!fu_uc_endpoint_health_save(config,
					fu_uc_endpoint_installer_get_state(installer),
					NULL,
					&error))
		g_printerr("%s: fwupd sees at its next start only: %s\n", id, error->message);
	g_print("%s: the new firmware is healthy and stays\n", id);
	return UC_CONFIRM_HEALTHY;
}

static UcConfirmResult
uc_confirm_refuse(FuUcEndpointConfig *config,
		  FuUcEndpointInstaller *installer,
		  const gchar *complaint)
{
	const gchar *id = fu_uc_endpoint_config_get_id(config);
	g_autoptr(GError) error_save = NULL;
	g_autoptr(GError) error_reject = NULL;

	if (!fu_uc_endpoint_health_save(config,
					fu_uc_endpoint_installer_get_state(installer),
					complaint,
					&error_save))
		g_printerr("%s: why is not kept: %s\n", id, error_save->message);
	if (!fu_uc_endpoint_installer_reject(installer, &error_reject))
		g_printerr("%s: the boot loader goes back only when it has tried often enough: "
			   "%s\n",
			   id,
			   error_reject->message);
	g_printerr("%s: %s; the machine restarts into what ran before\n", id, complaint);
	return UC_CONFIRM_RESTART;
}

static UcConfirmResult
uc_confirm_installer(FuUcEndpointConfig *config, FuUcEndpointInstaller *installer)
{
	const gchar *id = fu_uc_endpoint_config_get_id(config);
	gboolean trial = FALSE;
	g_autoptr(GError) error = NULL;

	if (!fu_uc_endpoint_installer_get_trial(installer, &trial, &error)) {
		g_printerr("%s: whether new firmware runs cannot be told: %s\n",
			   id,
			   error->message);
		return UC_CONFIRM_ERROR;
	}
	if (!trial)
		return UC_CONFIRM_NOTHING;
	if (!fu_uc_endpoint_state_load(fu_uc_endpoint_installer_get_state(installer), &error)) {
		g_printerr("%s: %s\n", id, error->message);
		g_clear_error(&error);
	}
	if (uc_confirm_wait(config, fu_uc_endpoint_installer_get_confirm_secs(installer), &error))
		return uc_confirm_accept(config, installer);
	return uc_confirm_refuse(config, installer, error->message);
}

/**
 * uc_confirm_endpoint:
 * @filename: an endpoint file
 *
 * Blocks until the firmware that runs is confirmed or refused, at most for its `ConfirmSec` and the
 * boot loader's own deadlines. Says on standard output and error what became of it.
 *
 * Returns: what became of it
 **/
UcConfirmResult
uc_confirm_endpoint(const gchar *filename)
{
	guint confirm_secs = 0;
	g_autoptr(FuUcEndpointConfig) config = NULL;
	g_autoptr(FuUcEndpointInstaller) installer = NULL;
	g_autoptr(GError) error = NULL;

	config = fu_uc_endpoint_config_new_from_file(filename, &error);
	if (config != NULL &&
	    fu_uc_endpoint_config_get_confirm_secs(config, &confirm_secs, &error)) {
		if (confirm_secs == 0)
			return UC_CONFIRM_NOTHING;
		installer = fu_uc_endpoint_installer_new(config, &error);
	}
	if (installer == NULL) {
		g_printerr("%s\n", error->message);
		return UC_CONFIRM_ERROR;
	}
	return uc_confirm_installer(config, installer);
}

static gint
uc_confirm_sort_cb(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*((const gchar **)a), *((const gchar **)b));
}

/* the files of a directory in order, then the one of the quirk that counts */
static GPtrArray *
uc_confirm_list(const gchar *directory, const gchar *quirk)
{
	g_autoptr(GPtrArray) files = fu_path_glob(directory, "*.conf", NULL);

	if (files == NULL)
		files = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_sort(files, uc_confirm_sort_cb);
	if (g_file_test(quirk, G_FILE_TEST_EXISTS))
		g_ptr_array_add(files, g_strdup(quirk));
	return g_steal_pointer(&files);
}

/**
 * uc_confirm_all:
 * @directory: where the endpoint files are, which need not exist
 * @quirk: what the plugin keeps of a quirk, which need not exist
 *
 * As uc_confirm_endpoint() for each of them.
 *
 * Returns: %UC_CONFIRM_RESTART if any endpoint needs it, else the worst of all
 **/
UcConfirmResult
uc_confirm_all(const gchar *directory, const gchar *quirk)
{
	gboolean found[] = {FALSE, FALSE, FALSE, FALSE};
	g_autoptr(GPtrArray) files = uc_confirm_list(directory, quirk);

	for (guint i = 0; i < files->len; i++)
		found[uc_confirm_endpoint(g_ptr_array_index(files, i))] = TRUE;
	if (found[UC_CONFIRM_HEALTHY])
		uc_fwupd_quit();
	if (found[UC_CONFIRM_RESTART])
		return UC_CONFIRM_RESTART;
	if (found[UC_CONFIRM_ERROR])
		return UC_CONFIRM_ERROR;
	return found[UC_CONFIRM_HEALTHY] ? UC_CONFIRM_HEALTHY : UC_CONFIRM_NOTHING;
}
