/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fu-uc-endpoint-command.h"
#include "fu-uc-endpoint-kernel.h"
#include "fu-uc-endpoint-program.h"
#include "fu-uc-endpoint-running.h"

/* A program of the vendor installs, and activates if it says that it has only staged. It gets
 * nothing but the image and five variables; fu-uc-endpoint-program.c has what it says. */

#define FU_UC_ENDPOINT_COMMAND_PLACE	   "command" /* what the state calls it */
#define FU_UC_ENDPOINT_COMMAND_TIMEOUT_SEC 600
#define FU_UC_ENDPOINT_COMMAND_TIMEOUT_MAX 7200 /* seconds */

struct _FuUcEndpointCommand {
	FuUcEndpointInstaller parent_instance;
	gchar *program;
	guint timeout_secs;
};

G_DEFINE_TYPE(FuUcEndpointCommand, fu_uc_endpoint_command, FU_TYPE_UC_ENDPOINT_INSTALLER)

static gboolean
fu_uc_endpoint_command_refresh(FuUcEndpointInstaller *installer, GError **error)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	FuUcEndpointRunning running = {.version = fu_uc_endpoint_installer_get_version(installer)};
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);

	if (boot_id == NULL)
		return FALSE;
	running.boot_id = boot_id;

	/* staged is not yet where it runs */
	if (fu_uc_endpoint_state_get_activated(state) != NULL)
		running.slot = FU_UC_ENDPOINT_COMMAND_PLACE;
	if (fu_uc_endpoint_running_reconcile(&running, state))
		fu_uc_endpoint_state_try_save(state);
	return TRUE;
}

static gboolean
fu_uc_endpoint_command_check(FuUcEndpointInstaller *installer, guint64 size, GError **error)
{
	FuUcEndpointCommand *self = FU_UC_ENDPOINT_COMMAND(installer);

	if (g_file_test(self->program, G_FILE_TEST_IS_EXECUTABLE))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_NOT_FOUND,
		    "%s is no program that can be run",
		    self->program);
	return FALSE;
}

static gboolean
fu_uc_endpoint_command_run(FuUcEndpointCommand *self,
			   const gchar *step,
			   const gchar *version,
			   const gchar *sha256,
			   guint64 size,
			   GInputStream *input,
			   FuProgress *progress,
			   FuUcEndpointProgramResult *result_out,
			   GError **error)
{
	FuUcEndpointConfig *config =
	    fu_uc_endpoint_installer_get_config(FU_UC_ENDPOINT_INSTALLER(self));
	const gchar *argv[] = {self->program, step, NULL};
	g_autofree gchar *size_text = g_strdup_printf("%" G_GUINT64_FORMAT, size);
	g_auto(GStrv) envp = NULL;

	envp = g_environ_setenv(envp, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
	envp = g_environ_setenv(envp, "LC_ALL", "C.UTF-8", TRUE);
	envp = g_environ_setenv(envp, "UC_ENDPOINT", fu_uc_endpoint_config_get_id(config), TRUE);
	envp = g_environ_setenv(envp, "UC_VERSION", version, TRUE);
	envp = g_environ_setenv(envp, "UC_SHA256", sha256, TRUE);
	envp = g_environ_setenv(envp, "UC_SIZE", size_text, TRUE);
	return fu_uc_endpoint_program_run(fu_uc_endpoint_config_get_id(config),
					  argv,
					  (const gchar *const *)envp,
					  input,
					  self->timeout_secs * 1000,
					  progress,
					  result_out,
					  error);
}

/* @record: what the program was given, which is staged in the state */
static gboolean
fu_uc_endpoint_command_record(FuUcEndpointCommand *self,
			      FuUcEndpointProgramResult result,
			      GError **error)
{
	FuUcEndpointState *state =
	    fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);

	if (boot_id == NULL)
		return FALSE;
	if (result == FU_UC_ENDPOINT_PROGRAM_RESULT_RESTART)
		fu_uc_endpoint_state_set_activated(state, boot_id);
	else if (result == FU_UC_ENDPOINT_PROGRAM_RESULT_DONE)
		fu_uc_endpoint_state_set_success(state);
	return fu_uc_endpoint_state_save_or_revert(state, error);
}

static gboolean
fu_uc_endpoint_command_write(FuUcEndpointInstaller *installer,
			     const FuUcEndpointImage *image,
			     FuProgress *progress,
			     GError **error)
{
	FuUcEndpointCommand *self = FU_UC_ENDPOINT_COMMAND(installer);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	FuUcEndpointProgramResult result = FU_UC_ENDPOINT_PROGRAM_RESULT_NONE;

	if (!fu_uc_endpoint_command_check(installer, image->size, error))
		return FALSE;
	fu_uc_endpoint_state_clear(state);
	if (!fu_uc_endpoint_state_save_or_revert(state, error))
		return FALSE;
	if (!g_seekable_seek(G_SEEKABLE(image->stream), 0, G_SEEK_SET, NULL, error))
		return FALSE;
	fu_progress_set_status(progress, FWUPD_STATUS_DEVICE_WRITE);
	if (!fu_uc_endpoint_command_run(self,
					"write",
					image->version,
					image->sha256,
					image->size,
					image->stream,
					progress,
					&result,
					error))
		return FALSE;
	fu_uc_endpoint_installer_record(installer, image, FU_UC_ENDPOINT_COMMAND_PLACE, NULL);
	return fu_uc_endpoint_command_record(self, result, error);
}

static gboolean
fu_uc_endpoint_command_activate(FuUcEndpointInstaller *installer,
				FuProgress *progress,
				GError **error)
{
	FuUcEndpointCommand *self = FU_UC_ENDPOINT_COMMAND(installer);
	const FuUcEndpointRecord *staged =
	    fu_uc_endpoint_state_get_staged(fu_uc_endpoint_installer_get_state(installer));
	FuUcEndpointProgramResult result = FU_UC_ENDPOINT_PROGRAM_RESULT_NONE;

	if (!fu_uc_endpoint_command_check(installer, staged->size, error))
		return FALSE;
	if (!fu_uc_endpoint_command_run(self,
					"activate",
					staged->version,
					staged->sha256,
					staged->size,
					NULL,
					progress,
					&result,
					error))
		return FALSE;
	if (result == FU_UC_ENDPOINT_PROGRAM_RESULT_STAGED) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_INVALID_DATA,
			    "%s was to activate and said 'result staged', expected 'result done' "
			    "or 'result restart'",
			    self->program);
		return FALSE;
	}
	return fu_uc_endpoint_command_record(self, result, error);
}

static void
fu_uc_endpoint_command_finalize(GObject *object)
{
	FuUcEndpointCommand *self = FU_UC_ENDPOINT_COMMAND(object);
	g_free(self->program);
	G_OBJECT_CLASS(fu_uc_endpoint_command_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_command_class_init(FuUcEndpointCommandClass *klass)
{
	FuUcEndpointInstallerClass *installer_class = FU_UC_ENDPOINT_INSTALLER_CLASS(klass);
	installer_class->step = "write";
	installer_class->refresh = fu_uc_endpoint_command_refresh;
	installer_class->check = fu_uc_endpoint_command_check;
	installer_class->write = fu_uc_endpoint_command_write;
	installer_class->activate = fu_uc_endpoint_command_activate;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_command_finalize;
}

static void
fu_uc_endpoint_command_init(FuUcEndpointCommand *self)
{
}

/**
 * fu_uc_endpoint_command_new:
 * @config: an endpoint file with `Type=command`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the installer, or %NULL with a sentence that names file and key
 **/
FuUcEndpointInstaller *
fu_uc_endpoint_command_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointCommand) self = g_object_new(FU_TYPE_UC_ENDPOINT_COMMAND, NULL);

	self->program = fu_uc_endpoint_config_get_install_path(config, "Program", NULL, error);
	if (self->program == NULL)
		return NULL;
	self->timeout_secs = FU_UC_ENDPOINT_COMMAND_TIMEOUT_SEC;
	if (!fu_uc_endpoint_config_get_install_uint(config,
						    "TimeoutSec",
						    1,
						    FU_UC_ENDPOINT_COMMAND_TIMEOUT_MAX,
						    &self->timeout_secs,
						    error))
		return NULL;
	return FU_UC_ENDPOINT_INSTALLER(g_steal_pointer(&self));
}
