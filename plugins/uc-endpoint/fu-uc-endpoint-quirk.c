/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "fu-uc-endpoint-config-keys.h"
#include "fu-uc-endpoint-quirk.h"
#include "fu-uc-endpoint-value.h"

/* The endpoint file that a vendor ships as a quirk: for each key of the group `Endpoint` there is
 * the quirk key `UcEndpoint<Key>`, for each of `Install` there is `UcInstall<Key>`. The machine
 * finds its quirk by what fwupd calls hardware ids (DMI, device tree), or by os-release. Who reads
 * endpoint files but no quirks, as the agent and ucupdates-confirm, finds the one that counts as
 * `quirk.conf` beside the state. */

#define FU_UC_ENDPOINT_QUIRK_ENDPOINT "UcEndpoint"
#define FU_UC_ENDPOINT_QUIRK_INSTALL  "UcInstall"

static void
fu_uc_endpoint_quirk_add_key_cb(const gchar *group, const gchar *key, gpointer user_data)
{
	g_autofree gchar *quirk_key = g_strdup_printf("Uc%s%s", group, key);
	fu_context_add_quirk_key(FU_CONTEXT(user_data), quirk_key);
}

/**
 * fu_uc_endpoint_quirk_add_keys:
 * @ctx: a #FuContext
 *
 * Makes the quirk keys known.
 **/
void
fu_uc_endpoint_quirk_add_keys(FuContext *ctx)
{
	fu_uc_endpoint_config_keys_foreach(fu_uc_endpoint_quirk_add_key_cb, ctx);
}

/* what else is in the quirk is not ours; a key that is misspelt is warned about as in a file */
static void
fu_uc_endpoint_quirk_lookup_cb(FuContext *ctx,
			       const gchar *key,
			       const gchar *value,
			       FuContextQuirkSource source,
			       gpointer user_data)
{
	GKeyFile *keyfile = user_data;

	if (g_str_has_prefix(key, FU_UC_ENDPOINT_QUIRK_ENDPOINT))
		g_key_file_set_value(keyfile,
				     "Endpoint",
				     key + strlen(FU_UC_ENDPOINT_QUIRK_ENDPOINT),
				     value);
	else if (g_str_has_prefix(key, FU_UC_ENDPOINT_QUIRK_INSTALL))
		g_key_file_set_value(keyfile,
				     "Install",
				     key + strlen(FU_UC_ENDPOINT_QUIRK_INSTALL),
				     value);
}

/* (nullable): the quirk of one id */
static gchar *
fu_uc_endpoint_quirk_read(FuContext *ctx, const gchar *guid)
{
	g_autoptr(GKeyFile) keyfile = g_key_file_new();

	(void)fu_context_lookup_quirk_by_id_iter(ctx,
						 guid,
						 NULL,
						 fu_uc_endpoint_quirk_lookup_cb,
						 keyfile);
	if (!g_key_file_has_group(keyfile, "Endpoint"))
		return NULL;
	return g_key_file_to_data(keyfile, NULL, NULL);
}

static void
fu_uc_endpoint_quirk_add_os_release(GPtrArray *ids)
{
	g_autofree gchar *id = fu_uc_endpoint_value_read_os_release("ID", NULL);
	g_autofree gchar *variant = fu_uc_endpoint_value_read_os_release("VARIANT_ID", NULL);

	if (id == NULL)
		return;
	if (variant != NULL)
		g_ptr_array_add(ids, g_strdup_printf("UC\\OS_%s&VARIANT_%s", id, variant));
	g_ptr_array_add(ids, g_strdup_printf("UC\\OS_%s", id));
}

/* what this machine is called, the hardware first */
static GPtrArray *
fu_uc_endpoint_quirk_list_ids(FuContext *ctx)
{
	GPtrArray *hwids = fu_context_get_hwid_guids(ctx);
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; hwids != NULL && i < hwids->len; i++)
		g_ptr_array_add(ids, g_strdup(g_ptr_array_index(hwids, i)));
	fu_uc_endpoint_quirk_add_os_release(ids);
	return g_steal_pointer(&ids);
}

/**
 * fu_uc_endpoint_quirk_find:
 * @ctx: a #FuContext with hardware ids and quirks
 * @name_out: (out) (transfer full): what the sentences call it
 *
 * Returns: (transfer full) (nullable): the text of an endpoint file for this machine, %NULL if no
 * quirk has one
 **/
gchar *
fu_uc_endpoint_quirk_find(FuContext *ctx, gchar **name_out)
{
	g_autoptr(GPtrArray) ids = fu_uc_endpoint_quirk_list_ids(ctx);

	for (guint i = 0; i < ids->len; i++) {
		const gchar *id = g_ptr_array_index(ids, i);
		g_autofree gchar *guid = fwupd_guid_is_valid(id) ? g_strdup(id)
								 : fwupd_guid_hash_string(id);
		gchar *text = fu_uc_endpoint_quirk_read(ctx, guid);

		if (text == NULL)
			continue;
		*name_out = g_strdup_printf("quirk [%s]", id);
		return text;
	}
	return NULL;
}

/**
 * fu_uc_endpoint_quirk_publish:
 * @text: (nullable): the endpoint file of the quirk that counts, %NULL if none does
 * @error: (nullable): optional return location for an error
 *
 * Keeps what the agent and ucupdates-confirm read in line with @text. Writes only what is new.
 *
 * Returns: %TRUE if they read @text now
 **/
gboolean
fu_uc_endpoint_quirk_publish(const gchar *text, GError **error)
{
	g_autofree gchar *path = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG,
					       "uc-endpoint",
					       FU_UC_ENDPOINT_QUIRK_FILE,
					       NULL);
	g_autofree gchar *before = NULL;

	if (text == NULL) {
		if (g_unlink(path) == 0 || errno == ENOENT)
			return TRUE;
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_WRITE,
			    "%s could not be removed: %s",
			    path,
			    fwupd_strerror(errno));
		return FALSE;
	}
	if (g_file_get_contents(path, &before, NULL, NULL) && g_str_equal(before, text))
		return TRUE;
	if (!fu_path_mkdir_parent(path, error))
		return FALSE;
	return g_file_set_contents_full(path,
					text,
					-1,
					G_FILE_SET_CONTENTS_CONSISTENT |
					    G_FILE_SET_CONTENTS_DURABLE,
					0644,
					error);
}
