/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fwupdplugin.h>
#include <glib/gstdio.h>

#include "fu-uc-endpoint-spawn.h"
#include "fu-uc-endpoint-uboot.h"

/* The environment of U-Boot, through the programs of libubootenv. With two copies in its
 * configuration a power cut leaves one of them whole. Tries are counted by U-Boot itself: while
 * upgrade_available is 1 it increments bootcount, and runs altbootcmd above bootlimit. All of them
 * are set by one script, so that they change at once. */

#define FU_UC_ENDPOINT_UBOOT_TIMEOUT_MS 5000
#define FU_UC_ENDPOINT_UBOOT_TRIAL	"upgrade_available"
#define FU_UC_ENDPOINT_UBOOT_COUNT	"bootcount"

struct _FuUcEndpointUboot {
	FuUcEndpointBoot parent_instance;
	gchar *path; /* of the configuration of libubootenv */
	gchar *variable;
};

G_DEFINE_TYPE(FuUcEndpointUboot, fu_uc_endpoint_uboot, FU_TYPE_UC_ENDPOINT_BOOT)

static gchar *
fu_uc_endpoint_uboot_run(FuUcEndpointUboot *self,
			 const gchar *name,
			 const gchar *argument1,
			 const gchar *argument2,
			 GError **error)
{
	const gchar *argv[] = {NULL, "-c", self->path, argument1, argument2, NULL};
	g_autofree gchar *program = fu_path_find_program(name, error);

	if (program == NULL)
		return NULL;
	argv[0] = program;
	return fu_uc_endpoint_spawn(argv, FU_UC_ENDPOINT_UBOOT_TIMEOUT_MS, error);
}

/* all variables are listed, as one that is not set is an error if it is asked for */
static gchar *
fu_uc_endpoint_uboot_read(FuUcEndpointUboot *self, const gchar *variable, GError **error)
{
	g_autofree gchar *output = fu_uc_endpoint_uboot_run(self, "fw_printenv", NULL, NULL, error);

	if (output == NULL)
		return NULL;
	return fu_uc_endpoint_boot_find_variable(output, variable);
}

static gchar *
fu_uc_endpoint_uboot_get_next(FuUcEndpointBoot *boot, GError **error)
{
	FuUcEndpointUboot *self = FU_UC_ENDPOINT_UBOOT(boot);
	return fu_uc_endpoint_uboot_read(self, self->variable, error);
}

static gboolean
fu_uc_endpoint_uboot_get_trial(FuUcEndpointBoot *boot, gboolean *trial_out, GError **error)
{
	FuUcEndpointUboot *self = FU_UC_ENDPOINT_UBOOT(boot);
	g_autofree gchar *value =
	    fu_uc_endpoint_uboot_read(self, FU_UC_ENDPOINT_UBOOT_TRIAL, error);

	if (value == NULL)
		return FALSE;
	*trial_out = g_str_equal(value, "1");
	return TRUE;
}

static gboolean
fu_uc_endpoint_uboot_run_script(FuUcEndpointUboot *self, const gchar *script, GError **error)
{
	g_autofree gchar *filename = NULL;
	g_autofree gchar *output = NULL;
	gint fd = g_file_open_tmp("uc-uboot-XXXXXX", &filename, error);

	if (fd >= 0 && g_close(fd, error) && g_file_set_contents(filename, script, -1, error))
		output = fu_uc_endpoint_uboot_run(self, "fw_setenv", "-s", filename, error);
	else
		fwupd_error_convert(error);
	if (filename != NULL)
		(void)g_unlink(filename);
	return output != NULL;
}

static gboolean
fu_uc_endpoint_uboot_set_next(FuUcEndpointBoot *boot,
			      const gchar *slot,
			      gboolean trial,
			      GError **error)
{
	FuUcEndpointUboot *self = FU_UC_ENDPOINT_UBOOT(boot);
	gboolean was_trial = FALSE;
	g_autofree gchar *script = NULL;

	if (!fu_uc_endpoint_uboot_get_trial(boot, &was_trial, error))
		return FALSE;
	if (!trial && !was_trial) {
		g_autofree gchar *output =
		    fu_uc_endpoint_uboot_run(self, "fw_setenv", self->variable, slot, error);
		return output != NULL;
	}
	script = g_strdup_printf("%s=%s\n%s=%u\n%s=0\n",
				 self->variable,
				 slot,
				 FU_UC_ENDPOINT_UBOOT_TRIAL,
				 trial ? 1u : 0u,
				 FU_UC_ENDPOINT_UBOOT_COUNT);
	return fu_uc_endpoint_uboot_run_script(self, script, error);
}

static void
fu_uc_endpoint_uboot_finalize(GObject *object)
{
	FuUcEndpointUboot *self = FU_UC_ENDPOINT_UBOOT(object);
	g_free(self->path);
	g_free(self->variable);
	G_OBJECT_CLASS(fu_uc_endpoint_uboot_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_uboot_class_init(FuUcEndpointUbootClass *klass)
{
	FuUcEndpointBootClass *boot_class = FU_UC_ENDPOINT_BOOT_CLASS(klass);
	boot_class->get_next = fu_uc_endpoint_uboot_get_next;
	boot_class->get_trial = fu_uc_endpoint_uboot_get_trial;
	boot_class->set_next = fu_uc_endpoint_uboot_set_next;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_uboot_finalize;
}

static void
fu_uc_endpoint_uboot_init(FuUcEndpointUboot *self)
{
}

/**
 * fu_uc_endpoint_uboot_new:
 * @config: an endpoint file with `Boot=uboot`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the boot control of `UBootConfig` and `UBootVariable`
 **/
FuUcEndpointBoot *
fu_uc_endpoint_uboot_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointUboot) self = g_object_new(FU_TYPE_UC_ENDPOINT_UBOOT, NULL);

	self->path = fu_uc_endpoint_config_get_install_path(config,
							    "UBootConfig",
							    "/etc/fw_env.config",
							    error);
	if (self->path == NULL)
		return NULL;
	self->variable = fu_uc_endpoint_config_get_install(config, "UBootVariable", "uc_slot");
	return FU_UC_ENDPOINT_BOOT(g_steal_pointer(&self));
}
