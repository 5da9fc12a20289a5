/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-boot-command.h"
#include "fu-uc-endpoint-boot.h"
#include "fu-uc-endpoint-grub.h"
#include "fu-uc-endpoint-uboot.h"

/* Which slot the boot loader starts next. One subclass per boot loader. */

G_DEFINE_ABSTRACT_TYPE(FuUcEndpointBoot, fu_uc_endpoint_boot, G_TYPE_OBJECT)

/**
 * fu_uc_endpoint_boot_get_next:
 * @self: a #FuUcEndpointBoot
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the slot that is started next, empty if nothing is set, or %NULL if
 * that cannot be read
 **/
gchar *
fu_uc_endpoint_boot_get_next(FuUcEndpointBoot *self, GError **error)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_BOOT(self), NULL);
	return FU_UC_ENDPOINT_BOOT_GET_CLASS(self)->get_next(self, error);
}

/**
 * fu_uc_endpoint_boot_get_trial:
 * @self: a #FuUcEndpointBoot
 * @trial_out: (out): whether the boot loader counts the starts of the slot that is started next,
 * and goes back to the other one when there were too many
 * @error: (nullable): optional return location for an error
 *
 * Returns: %TRUE, or %FALSE if that cannot be read
 **/
gboolean
fu_uc_endpoint_boot_get_trial(FuUcEndpointBoot *self, gboolean *trial_out, GError **error)
{
	g_return_val_if_fail(FU_IS_UC_ENDPOINT_BOOT(self), FALSE);
	return FU_UC_ENDPOINT_BOOT_GET_CLASS(self)->get_trial(self, trial_out, error);
}

static gboolean
fu_uc_endpoint_boot_check_trial(FuUcEndpointBoot *self, const gchar *slot, GError **error)
{
	gboolean trial = FALSE;

	if (!fu_uc_endpoint_boot_get_trial(self, &trial, error))
		return FALSE;
	if (trial)
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "the boot loader was told to try slot %s, but does not count its starts",
		    slot);
	return FALSE;
}

/**
 * fu_uc_endpoint_boot_set_next:
 * @self: a #FuUcEndpointBoot
 * @slot: name of a slot
 * @trial: whether the boot loader is to count its starts until they are confirmed; confirming is
 * setting the same slot without
 * @error: (nullable): optional return location for an error
 *
 * Sets which slot is started next, and reads it back.
 *
 * Returns: %TRUE if the boot loader now has @slot
 **/
gboolean
fu_uc_endpoint_boot_set_next(FuUcEndpointBoot *self,
			     const gchar *slot,
			     gboolean trial,
			     GError **error)
{
	g_autofree gchar *found = NULL;

	g_return_val_if_fail(FU_IS_UC_ENDPOINT_BOOT(self), FALSE);
	if (!FU_UC_ENDPOINT_BOOT_GET_CLASS(self)->set_next(self, slot, trial, error))
		return FALSE;
	found = fu_uc_endpoint_boot_get_next(self, error);
	if (found == NULL)
		return FALSE;
	if (!g_str_equal(found, slot)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_WRITE,
			    "the boot loader was told to start slot %s next, but has '%s'",
			    slot,
			    found);
		return FALSE;
	}
	return trial ? fu_uc_endpoint_boot_check_trial(self, slot, error) : TRUE;
}

/**
 * fu_uc_endpoint_boot_find_variable:
 * @text: lines of the form `name=value`
 * @variable: a name
 *
 * Returns: (transfer full): its value, or an empty string if it is not there
 **/
gchar *
fu_uc_endpoint_boot_find_variable(const gchar *text, const gchar *variable)
{
	g_autofree gchar *prefix = g_strdup_printf("%s=", variable);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		if (g_str_has_prefix(lines[i], prefix))
			return g_strdup(lines[i] + strlen(prefix));
	}
	return g_strdup("");
}

/**
 * fu_uc_endpoint_boot_new:
 * @config: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): what `[Install] Boot` names, or %NULL with %FWUPD_ERROR_INVALID_DATA
 **/
FuUcEndpointBoot *
fu_uc_endpoint_boot_new(FuUcEndpointConfig *config, GError **error)
{
	g_autofree gchar *kind = fu_uc_endpoint_config_get_install(config, "Boot", "");

	if (g_str_equal(kind, "grub"))
		return fu_uc_endpoint_grub_new(config, error);
	if (g_str_equal(kind, "uboot"))
		return fu_uc_endpoint_uboot_new(config, error);
	if (g_str_equal(kind, "command"))
		return fu_uc_endpoint_boot_command_new(config, error);
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_INVALID_DATA,
		    "%s: [Install] Boot: found '%s', expected grub, uboot or command",
		    fu_uc_endpoint_config_get_filename(config),
		    kind);
	return NULL;
}

static void
fu_uc_endpoint_boot_class_init(FuUcEndpointBootClass *klass)
{
}

static void
fu_uc_endpoint_boot_init(FuUcEndpointBoot *self)
{
}
