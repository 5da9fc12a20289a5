/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>

#include "fu-uc-endpoint-boot-command.h"
#include "fu-uc-endpoint-spawn.h"

/* Boot control by a program of the vendor: `PROGRAM get` prints the slot that is started next, or
 * an empty line; `PROGRAM set SLOT` sets it for good and returns once that is on the disk. Where
 * starts are confirmed, `PROGRAM try SLOT` sets it so that the boot loader counts its starts and
 * goes back by itself, and `PROGRAM trial` prints yes until `set`. */

#define FU_UC_ENDPOINT_BOOT_COMMAND_TIMEOUT_MS 10000

struct _FuUcEndpointBootCommand {
	FuUcEndpointBoot parent_instance;
	gchar *program;
};

G_DEFINE_TYPE(FuUcEndpointBootCommand, fu_uc_endpoint_boot_command, FU_TYPE_UC_ENDPOINT_BOOT)

static gchar *
fu_uc_endpoint_boot_command_run(FuUcEndpointBootCommand *self,
				const gchar *verb,
				const gchar *slot,
				GError **error)
{
	const gchar *argv[] = {self->program, verb, slot, NULL};
	return fu_uc_endpoint_spawn(argv, FU_UC_ENDPOINT_BOOT_COMMAND_TIMEOUT_MS, error);
}

static gchar *
fu_uc_endpoint_boot_command_get_next(FuUcEndpointBoot *boot, GError **error)
{
	FuUcEndpointBootCommand *self = FU_UC_ENDPOINT_BOOT_COMMAND(boot);
	g_autofree gchar *output = fu_uc_endpoint_boot_command_run(self, "get", NULL, error);

	if (output == NULL)
		return NULL;
	return g_strdup(g_strstrip(output));
}

static gboolean
fu_uc_endpoint_boot_command_get_trial(FuUcEndpointBoot *boot, gboolean *trial_out, GError **error)
{
	FuUcEndpointBootCommand *self = FU_UC_ENDPOINT_BOOT_COMMAND(boot);
	g_autofree gchar *output = fu_uc_endpoint_boot_command_run(self, "trial", NULL, error);

	if (output == NULL)
		return FALSE;
	*trial_out = g_str_equal(g_strstrip(output), "yes");
	return TRUE;
}

static gboolean
fu_uc_endpoint_boot_command_set_next(FuUcEndpointBoot *boot,
				     const gchar *slot,
				     gboolean trial,
				     GError **error)
{
	FuUcEndpointBootCommand *self = FU_UC_ENDPOINT_BOOT_COMMAND(boot);
	g_autofree gchar *output =
	    fu_uc_endpoint_boot_command_run(self, trial ? "try" : "set", slot, error);
	return output != NULL;
}

static void
fu_uc_endpoint_boot_command_finalize(GObject *object)
{
	FuUcEndpointBootCommand *self = FU_UC_ENDPOINT_BOOT_COMMAND(object);
	g_free(self->program);
	G_OBJECT_CLASS(fu_uc_endpoint_boot_command_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_boot_command_class_init(FuUcEndpointBootCommandClass *klass)
{
	FuUcEndpointBootClass *boot_class = FU_UC_ENDPOINT_BOOT_CLASS(klass);
	boot_class->get_next = fu_uc_endpoint_boot_command_get_next;
	boot_class->get_trial = fu_uc_endpoint_boot_command_get_trial;
	boot_class->set_next = fu_uc_endpoint_boot_command_set_next;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_boot_command_finalize;
}

static void
fu_uc_endpoint_boot_command_init(FuUcEndpointBootCommand *self)
{
}

/**
 * fu_uc_endpoint_boot_command_new:
 * @config: an endpoint file with `Boot=command`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the boot control of `BootProgram`
 **/
FuUcEndpointBoot *
fu_uc_endpoint_boot_command_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointBootCommand) self =
	    g_object_new(FU_TYPE_UC_ENDPOINT_BOOT_COMMAND, NULL);

	self->program = fu_uc_endpoint_config_get_install_path(config, "BootProgram", NULL, error);
	if (self->program == NULL)
		return NULL;
	return FU_UC_ENDPOINT_BOOT(g_steal_pointer(&self));
}
