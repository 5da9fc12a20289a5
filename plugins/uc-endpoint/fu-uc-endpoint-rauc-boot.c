/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-health.h"
#include "fu-uc-endpoint-kernel.h"
#include "fu-uc-endpoint-rauc-boot.h"
#include "fu-uc-endpoint-rauc.h"
#include "fu-uc-rauc-slots.h"

/* What RAUC's boot loader is told: which slot is next, and whether the one that runs is good.
 *
 * Neither RAUC nor every boot loader of its tells a trial from any other start, so that what
 * ucupdates-confirm has found out, `<Id>.health`, says whether there still is one. */

/**
 * fu_uc_endpoint_rauc_boot_set_next:
 * @client: RAUC
 * @slot: the name of a slot
 * @error: (nullable): optional return location for an error
 *
 * Tells RAUC which slot to start next, and asks it.
 *
 * Returns: %TRUE if it does, or %FALSE, also with %FWUPD_ERROR_WRITE
 **/
gboolean
fu_uc_endpoint_rauc_boot_set_next(FuUcRaucClient *client, const gchar *slot, GError **error)
{
	g_autofree gchar *found = NULL;

	if (!fu_uc_rauc_client_mark(client, "active", slot, error))
		return FALSE;
	found = fu_uc_rauc_client_get_primary(client, error);
	if (found == NULL)
		return FALSE;
	if (g_str_equal(found, slot))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "RAUC was told to start slot %s next, but has '%s'",
		    slot,
		    found);
	return FALSE;
}

/* `.boot` beside the state has the boot that was decided about */
static gchar *
fu_uc_endpoint_rauc_boot_build_path(FuUcEndpointConfig *config)
{
	g_autofree gchar *basename =
	    g_strconcat(fu_uc_endpoint_config_get_id(config), ".boot", NULL);
	return fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", basename, NULL);
}

static void
fu_uc_endpoint_rauc_boot_save(FuUcEndpointConfig *config, const gchar *boot_id)
{
	g_autofree gchar *path = fu_uc_endpoint_rauc_boot_build_path(config);
	g_autoptr(GError) error_local = NULL;

	if (!fu_path_mkdir_parent(path, &error_local) ||
	    !g_file_set_contents(path, boot_id, -1, &error_local))
		g_warning("this boot will be marked as good again: %s", error_local->message);
}

/**
 * fu_uc_endpoint_rauc_boot_settle:
 * @config: an endpoint file
 * @client: RAUC
 * @boot_id: of this boot
 * @good: whether it counts as good
 *
 * Marks this boot as good, if it is, so that the boot loader's counter starts again. Once in each
 * boot, as at some boot loaders that is a write to the flash.
 **/
void
fu_uc_endpoint_rauc_boot_settle(FuUcEndpointConfig *config,
				FuUcRaucClient *client,
				const gchar *boot_id,
				gboolean good)
{
	g_autofree gchar *path = fu_uc_endpoint_rauc_boot_build_path(config);
	g_autofree gchar *settled = NULL;
	g_autoptr(GError) error_local = NULL;

	if (g_file_get_contents(path, &settled, NULL, NULL) && g_str_equal(settled, boot_id))
		return;
	if (good && !fu_uc_rauc_client_mark(client, "good", "booted", &error_local)) {
		g_warning("this boot is not marked as good: %s", error_local->message);
		return;
	}
	fu_uc_endpoint_rauc_boot_save(config, boot_id);
}

/* the slot that was activated before this boot, or NULL */
static const gchar *
fu_uc_endpoint_rauc_boot_get_activated(FuUcEndpointState *state, const gchar *boot_id)
{
	const FuUcEndpointRecord *record = fu_uc_endpoint_state_get_activated(state);

	if (record != NULL)
		return g_strcmp0(record->boot_id, boot_id) != 0 ? record->slot : NULL;

	/* cut off between RAUC and the state: it counts if it runs */
	record = fu_uc_endpoint_state_get_staged(state);
	return record != NULL ? record->slot : NULL;
}

/**
 * fu_uc_endpoint_rauc_boot_get_trial:
 * @installer: a #FuUcEndpointInstaller
 * @trial_out: (out): whether what runs was activated and nobody knows yet if it is healthy
 * @error: (nullable): optional return location for an error
 *
 * Reads the state, and asks RAUC only if something was activated.
 *
 * Returns: %TRUE, or %FALSE if that cannot be told
 **/
gboolean
fu_uc_endpoint_rauc_boot_get_trial(FuUcEndpointInstaller *installer,
				   gboolean *trial_out,
				   GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	FuUcEndpointConfig *config = fu_uc_endpoint_installer_get_config(installer);
	const FuUcRaucSlot *booted = NULL;
	const gchar *slot = NULL;
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);
	g_autoptr(GPtrArray) slots = NULL;

	*trial_out = FALSE;
	if (boot_id == NULL || !fu_uc_endpoint_state_load(state, error))
		return FALSE;
	slot = fu_uc_endpoint_rauc_boot_get_activated(state, boot_id);
	if (slot == NULL || fu_uc_endpoint_health_is_known(config, state))
		return TRUE;
	slots = fu_uc_rauc_client_get_slots(client, error);
	if (slots == NULL)
		return FALSE;
	booted = fu_uc_rauc_slots_find_booted(slots, error);
	if (booted == NULL)
		return FALSE;
	*trial_out = g_str_equal(booted->name, slot);
	return TRUE;
}

/**
 * fu_uc_endpoint_rauc_boot_confirm:
 * @installer: a #FuUcEndpointInstaller that runs a trial
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if RAUC has marked the slot that runs as good
 **/
gboolean
fu_uc_endpoint_rauc_boot_confirm(FuUcEndpointInstaller *installer, GError **error)
{
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);

	if (boot_id == NULL || !fu_uc_rauc_client_mark(client, "good", "booted", error))
		return FALSE;
	fu_uc_endpoint_rauc_boot_save(fu_uc_endpoint_installer_get_config(installer), boot_id);
	return TRUE;
}

/**
 * fu_uc_endpoint_rauc_boot_reject:
 * @installer: a #FuUcEndpointInstaller that runs a trial
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE if RAUC starts the other slot next, and the one that runs is marked as bad
 **/
gboolean
fu_uc_endpoint_rauc_boot_reject(FuUcEndpointInstaller *installer, GError **error)
{
	const FuUcRaucSlot *other = NULL;
	g_autoptr(FuUcRaucClient) client = fu_uc_endpoint_rauc_open(installer);
	g_autoptr(GPtrArray) slots = fu_uc_rauc_client_get_slots(client, error);

	if (slots == NULL)
		return FALSE;
	other = fu_uc_rauc_slots_find_other(slots, error);
	if (other == NULL)
		return FALSE;
	if (!fu_uc_rauc_client_mark(client, "bad", "booted", error))
		return FALSE;
	return fu_uc_endpoint_rauc_boot_set_next(client, other->name, error);
}
