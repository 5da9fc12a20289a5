/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-health.h"

/* What ucupdates-confirm has found out about the image that was activated: `<Id>.health` beside the
 * state. The state has one writer, the plugin; this file has one, too. Which slot is started is in
 * the boot loader alone: here is only why, and that something has changed. */

#define FU_UC_ENDPOINT_HEALTH_GROUP    "Health"
#define FU_UC_ENDPOINT_HEALTH_SIZE_MAX (16 * 1024) /* bytes */
#define FU_UC_ENDPOINT_HEALTH_TEXT_MAX 512	   /* bytes */

static gchar *
fu_uc_endpoint_health_build_path(FuUcEndpointConfig *config)
{
	g_autofree gchar *basename =
	    g_strconcat(fu_uc_endpoint_config_get_id(config), FU_UC_ENDPOINT_HEALTH_SUFFIX, NULL);
	return fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", basename, NULL);
}

/* what was activated; an activation that was cut off is still called staged */
static const FuUcEndpointRecord *
fu_uc_endpoint_health_get_record(FuUcEndpointState *state)
{
	const FuUcEndpointRecord *record = fu_uc_endpoint_state_get_activated(state);
	return record != NULL ? record : fu_uc_endpoint_state_get_staged(state);
}

static void
fu_uc_endpoint_health_store_record(const FuUcEndpointRecord *record, GKeyFile *keyfile)
{
	g_key_file_set_string(keyfile,
			      FU_UC_ENDPOINT_HEALTH_GROUP,
			      "Sha256",
			      record != NULL ? record->sha256 : "");
	if (record != NULL && record->boot_id != NULL)
		g_key_file_set_string(keyfile,
				      FU_UC_ENDPOINT_HEALTH_GROUP,
				      "ActivatedIn",
				      record->boot_id);
}

/* the same image may have been activated before */
static gboolean
fu_uc_endpoint_health_is_about(GKeyFile *keyfile, const FuUcEndpointRecord *record)
{
	g_autofree gchar *sha256 =
	    g_key_file_get_string(keyfile, FU_UC_ENDPOINT_HEALTH_GROUP, "Sha256", NULL);
	g_autofree gchar *boot_id =
	    g_key_file_get_string(keyfile, FU_UC_ENDPOINT_HEALTH_GROUP, "ActivatedIn", NULL);

	return record != NULL && g_strcmp0(sha256, record->sha256) == 0 &&
	       g_strcmp0(boot_id != NULL ? boot_id : "",
			 record->boot_id != NULL ? record->boot_id : "") == 0;
}

/* (nullable): what there is about @state. It is not there before the first trial */
static GKeyFile *
fu_uc_endpoint_health_load(FuUcEndpointConfig *config, FuUcEndpointState *state)
{
	g_autofree gchar *path = fu_uc_endpoint_health_build_path(config);
	g_autofree gchar *text = NULL;
	gsize textsz = 0;
	g_autoptr(GKeyFile) keyfile = g_key_file_new();

	if (!g_file_get_contents(path, &text, &textsz, NULL) || textsz == 0 ||
	    textsz > FU_UC_ENDPOINT_HEALTH_SIZE_MAX ||
	    !g_key_file_load_from_data(keyfile, text, textsz, G_KEY_FILE_NONE, NULL) ||
	    !fu_uc_endpoint_health_is_about(keyfile, fu_uc_endpoint_health_get_record(state)))
		return NULL;
	return g_steal_pointer(&keyfile);
}

/**
 * fu_uc_endpoint_health_load_complaint:
 * @config: an endpoint file
 * @state: its state
 *
 * Returns: (transfer full) (nullable): why what is activated in @state was found not to be healthy
 **/
gchar *
fu_uc_endpoint_health_load_complaint(FuUcEndpointConfig *config, FuUcEndpointState *state)
{
	g_autoptr(GKeyFile) keyfile = fu_uc_endpoint_health_load(config, state);

	if (keyfile == NULL)
		return NULL;
	return g_key_file_get_string(keyfile, FU_UC_ENDPOINT_HEALTH_GROUP, "Complaint", NULL);
}

/**
 * fu_uc_endpoint_health_is_known:
 * @config: an endpoint file
 * @state: its state
 *
 * For a boot loader that does not tell a trial from any other start.
 *
 * Returns: whether it was found out if what is activated in @state is healthy
 **/
gboolean
fu_uc_endpoint_health_is_known(FuUcEndpointConfig *config, FuUcEndpointState *state)
{
	g_autoptr(GKeyFile) keyfile = fu_uc_endpoint_health_load(config, state);
	return keyfile != NULL;
}

/**
 * fu_uc_endpoint_health_save:
 * @config: an endpoint file
 * @state: its state
 * @complaint: (nullable): why what is activated in @state is not healthy; %NULL if it is
 * @error: (nullable): optional return location for an error
 *
 * Blocks until it is on the disk. A daemon that runs takes notice.
 *
 * Returns: %TRUE if it is
 **/
gboolean
fu_uc_endpoint_health_save(FuUcEndpointConfig *config,
			   FuUcEndpointState *state,
			   const gchar *complaint,
			   GError **error)
{
	g_autofree gchar *path = fu_uc_endpoint_health_build_path(config);
	g_autofree gchar *text = NULL;
	g_autoptr(GKeyFile) keyfile = g_key_file_new();

	fu_uc_endpoint_health_store_record(fu_uc_endpoint_health_get_record(state), keyfile);
	if (complaint != NULL) {
		g_autofree gchar *start = g_strndup(complaint, FU_UC_ENDPOINT_HEALTH_TEXT_MAX);
		g_autofree gchar *valid = g_utf8_make_valid(start, -1);
		g_key_file_set_string(keyfile, FU_UC_ENDPOINT_HEALTH_GROUP, "Complaint", valid);
	}
	text = g_key_file_to_data(keyfile, NULL, NULL);
	if (!fu_path_mkdir_parent(path, error))
		return FALSE;
	if (!g_file_set_contents_full(path,
				      text,
				      -1,
				      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
				      0600,
				      error)) {
		fwupd_error_convert(error);
		return FALSE;
	}
	return TRUE;
}
