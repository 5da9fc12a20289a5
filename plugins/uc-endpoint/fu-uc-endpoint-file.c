/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "fu-uc-endpoint-file.h"
#include "fu-uc-endpoint-kernel.h"
#include "fu-uc-endpoint-partition.h"
#include "fu-uc-endpoint-running.h"
#include "fu-uc-endpoint-slot.h"
#include "fu-uc-endpoint-target.h"

/* One regular file, or a partition; of a symbolic link what it points to. The new content is
 * written beside a file, flushed and read back; only then does it take the place of the old one, in
 * one step. A partition is overwritten, and fu-uc-endpoint-partition.c keeps what it had. With
 * `Restart=yes` it runs after the next restart.
 *
 * The state says what takes the place of what before that happens, and how it ended afterwards.
 * After a power cut in between the target itself is asked which of both it has. */

#define FU_UC_ENDPOINT_FILE_PLACE "file" /* what the state calls it */

struct _FuUcEndpointFile {
	FuUcEndpointInstaller parent_instance;
	gchar *target; /* may be a link, which is followed anew each time */
	gchar *keep;   /* what a partition had, while it is overwritten */
	gboolean restart;
};

G_DEFINE_TYPE(FuUcEndpointFile, fu_uc_endpoint_file, FU_TYPE_UC_ENDPOINT_INSTALLER)

static gboolean
fu_uc_endpoint_file_is_partition(const gchar *target)
{
	struct stat st = {0};
	return stat(target, &st) == 0 && S_ISBLK(st.st_mode);
}

/* whether the target has what was to take its place */
static gboolean
fu_uc_endpoint_file_has(const gchar *target, const FuUcEndpointRecord *record)
{
	guint64 size = 0;
	g_autofree gchar *found = NULL;
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_slot_get_capacity(target, &size, &error_local)) {
		g_info("%s", error_local->message);
		return FALSE;
	}
	if (size < record->size ||
	    (size > record->size && !fu_uc_endpoint_file_is_partition(target)))
		return FALSE;
	found = fu_uc_endpoint_slot_read_sha256(target, record->size, progress, &error_local);
	if (found == NULL)
		g_warning("%s", error_local->message);
	return g_strcmp0(found, record->sha256) == 0;
}

/* what was put back just now has not been started since */
static void
fu_uc_endpoint_file_activate_again(FuUcEndpointState *state, const gchar *boot_id)
{
	fu_uc_endpoint_state_unset_activated(state);
	if (fu_uc_endpoint_state_get_staged(state) != NULL)
		fu_uc_endpoint_state_set_activated(state, boot_id);
}

/* A partition whose write was cut off: if only the last step is missing it is done, as the new
 * content may run already; otherwise the old one is put back. */
static gboolean
fu_uc_endpoint_file_recover_partition(FuUcEndpointFile *self,
				      const gchar *target,
				      gboolean has_new,
				      GError **error)
{
	if (!has_new)
		return fu_uc_endpoint_partition_recover(target, self->keep, error);
	return fu_uc_endpoint_slot_flush(target, error) &&
	       fu_uc_endpoint_partition_drop(self->keep, error);
}

/* a write that was cut off, if there was one */
static gboolean
fu_uc_endpoint_file_recover_target(FuUcEndpointFile *self,
				   const gchar *target,
				   const gchar *boot_id,
				   gboolean *changed_out,
				   GError **error)
{
	FuUcEndpointState *state =
	    fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
	const FuUcEndpointRecord *record = fu_uc_endpoint_state_get_replacing(state);
	gboolean has_new = record != NULL && fu_uc_endpoint_file_has(target, record);

	*changed_out = record != NULL;
	if (fu_uc_endpoint_file_is_partition(target)) {
		if (!has_new && g_file_test(self->keep, G_FILE_TEST_EXISTS)) {
			fu_uc_endpoint_file_activate_again(state, boot_id);
			*changed_out = TRUE;
		}
		if (!fu_uc_endpoint_file_recover_partition(self, target, has_new, error))
			return FALSE;
	}
	fu_uc_endpoint_state_end_replacing(state, has_new, self->restart);
	return TRUE;
}

/* an endpoint whose target is not there now, and to which nothing has to be put back, is known all
 * the same; what its state says stays until the target can be asked */
static gboolean
fu_uc_endpoint_file_recover(FuUcEndpointFile *self,
			    const gchar *boot_id,
			    gboolean *changed_out,
			    GError **error)
{
	g_autoptr(GError) error_local = NULL;
	g_autofree gchar *target = fu_uc_endpoint_target_resolve(self->target, &error_local);

	if (target != NULL)
		return fu_uc_endpoint_file_recover_target(self,
							  target,
							  boot_id,
							  changed_out,
							  error);
	*changed_out = FALSE;
	if (!g_file_test(self->keep, G_FILE_TEST_EXISTS))
		return TRUE;
	g_propagate_prefixed_error(error,
				   g_steal_pointer(&error_local),
				   "what was there before cannot be put back from %s: ",
				   self->keep);
	return FALSE;
}

static gboolean
fu_uc_endpoint_file_refresh(FuUcEndpointInstaller *installer, GError **error)
{
	FuUcEndpointFile *self = FU_UC_ENDPOINT_FILE(installer);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	FuUcEndpointRunning running = {.slot = FU_UC_ENDPOINT_FILE_PLACE,
				       .version = fu_uc_endpoint_installer_get_version(installer)};
	gboolean changed = FALSE;
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);

	if (boot_id == NULL)
		return FALSE;
	running.boot_id = boot_id;
	if (!fu_uc_endpoint_file_recover(self, boot_id, &changed, error))
		return FALSE;
	if (fu_uc_endpoint_running_reconcile(&running, state) || changed)
		fu_uc_endpoint_state_try_save(state);
	return TRUE;
}

static gboolean
fu_uc_endpoint_file_check_target(FuUcEndpointFile *self,
				 const gchar *target,
				 guint64 size,
				 GError **error)
{
	g_autofree gchar *directory = g_path_get_dirname(target);
	struct stat st = {0};

	if (fu_uc_endpoint_file_is_partition(target)) {
		if (!fu_path_mkdir_parent(self->keep, error))
			return FALSE;
		return fu_uc_endpoint_partition_check(target, self->keep, size, error);
	}
	if (stat(target, &st) == 0 && !S_ISREG(st.st_mode)) {
		g_set_error(error,
			    FWUPD_ERROR,
			    FWUPD_ERROR_NOT_SUPPORTED,
			    "%s is no regular file and no partition",
			    target);
		return FALSE;
	}
	return fu_uc_endpoint_slot_check_free(directory,
					      size,
					      "the new content, beside which the old one is kept "
					      "until it is verified,",
					      error);
}

static gboolean
fu_uc_endpoint_file_check(FuUcEndpointInstaller *installer, guint64 size, GError **error)
{
	FuUcEndpointFile *self = FU_UC_ENDPOINT_FILE(installer);
	g_autofree gchar *target = fu_uc_endpoint_target_resolve(self->target, error);

	return target != NULL && fu_uc_endpoint_file_check_target(self, target, size, error);
}

static gboolean
fu_uc_endpoint_file_check_sha256(const gchar *path,
				 const FuUcEndpointImage *image,
				 FuProgress *progress,
				 GError **error)
{
	g_autofree gchar *found =
	    fu_uc_endpoint_slot_read_sha256(path, image->size, progress, error);

	if (found == NULL)
		return FALSE;
	if (g_str_equal(found, image->sha256))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "%s has SHA-256 %s, expected %s; install again, and replace the disk if it "
		    "happens again",
		    path,
		    found,
		    image->sha256);
	return FALSE;
}

/* an empty file with the permissions of the target */
static gboolean
fu_uc_endpoint_file_create(const gchar *target, const gchar *aside, GError **error)
{
	struct stat st = {.st_mode = 0644};
	gint fd;

	if (stat(target, &st) < 0 && errno != ENOENT)
		return fu_uc_endpoint_slot_fail_file(target, "looked at", error);
	if (g_unlink(aside) < 0 && errno != ENOENT)
		return fu_uc_endpoint_slot_fail_file(aside, "removed", error);
	fd = g_open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
	if (fd < 0)
		return fu_uc_endpoint_slot_fail_file(aside, "created", error);
	(void)g_close(fd, NULL);
	return TRUE;
}

/* to the disk, and read back from there */
static gboolean
fu_uc_endpoint_file_write_path(const gchar *path,
			       const FuUcEndpointImage *image,
			       FuProgress *progress,
			       GError **error)
{
	if (!fu_uc_endpoint_slot_write(path,
				       image->stream,
				       image->size,
				       fu_progress_get_child(progress),
				       error))
		return FALSE;
	fu_progress_step_done(progress);
	if (!fu_uc_endpoint_file_check_sha256(path, image, fu_progress_get_child(progress), error))
		return FALSE;
	fu_progress_step_done(progress);
	return TRUE;
}

/* a partition: what it had is put back if anything goes wrong */
static gboolean
fu_uc_endpoint_file_write_in_place(FuUcEndpointFile *self,
				   const gchar *target,
				   const FuUcEndpointImage *image,
				   FuProgress *progress,
				   GError **error)
{
	g_autoptr(GError) error_local = NULL;

	if (!fu_uc_endpoint_partition_recover(target, self->keep, error) ||
	    !fu_uc_endpoint_partition_keep(target, self->keep, image->size, error))
		return FALSE;
	if (fu_uc_endpoint_file_write_path(target, image, progress, error) &&
	    fu_uc_endpoint_partition_drop(self->keep, error))
		return TRUE;
	if (!fu_uc_endpoint_partition_recover(target, self->keep, &error_local))
		g_warning("tried again at the next start: %s", error_local->message);
	return FALSE;
}

static gboolean
fu_uc_endpoint_file_replace(const gchar *target, const gchar *aside, GError **error)
{
	if (g_rename(aside, target) < 0)
		return fu_uc_endpoint_slot_fail_file(target, "replaced", error);
	return fu_uc_endpoint_slot_sync_directory(target, error);
}

/* a file: what it had stays whole until the new one takes its place */
static gboolean
fu_uc_endpoint_file_write_aside(const gchar *target,
				const FuUcEndpointImage *image,
				FuProgress *progress,
				GError **error)
{
	g_autofree gchar *aside = g_strconcat(target, ".uc-new", NULL);

	if (fu_uc_endpoint_file_create(target, aside, error) &&
	    fu_uc_endpoint_file_write_path(aside, image, progress, error) &&
	    fu_uc_endpoint_file_replace(target, aside, error))
		return TRUE;
	(void)g_unlink(aside);
	return FALSE;
}

static gboolean
fu_uc_endpoint_file_announce(FuUcEndpointFile *self, const FuUcEndpointImage *image, GError **error)
{
	FuUcEndpointInstaller *installer = FU_UC_ENDPOINT_INSTALLER(self);
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(installer);
	g_autofree gchar *boot_id = fu_uc_endpoint_kernel_get_boot_id(error);

	if (boot_id == NULL)
		return FALSE;
	fu_uc_endpoint_installer_announce(installer, image, FU_UC_ENDPOINT_FILE_PLACE, boot_id);
	return fu_uc_endpoint_state_save_or_revert(state, error);
}

/* If it failed the target may have it nevertheless, but perhaps not on the disk: the next start
 * asks again. */
static gboolean
fu_uc_endpoint_file_conclude(FuUcEndpointFile *self, const gchar *target, gboolean written)
{
	FuUcEndpointState *state =
	    fu_uc_endpoint_installer_get_state(FU_UC_ENDPOINT_INSTALLER(self));
	const FuUcEndpointRecord *record = fu_uc_endpoint_state_get_replacing(state);
	gboolean unsure = !written && fu_uc_endpoint_file_has(target, record);

	if (written && record->forced)
		fu_uc_endpoint_state_forget_failed(state, record->sha256);
	fu_uc_endpoint_state_end_replacing(state, written || unsure, self->restart);
	if (!unsure)
		fu_uc_endpoint_state_try_save(state);
	return written;
}

static gboolean
fu_uc_endpoint_file_write(FuUcEndpointInstaller *installer,
			  const FuUcEndpointImage *image,
			  FuProgress *progress,
			  GError **error)
{
	FuUcEndpointFile *self = FU_UC_ENDPOINT_FILE(installer);
	gboolean written;
	g_autofree gchar *target = fu_uc_endpoint_target_resolve(self->target, error);

	fu_progress_set_id(progress, G_STRLOC);
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_WRITE, 75, NULL);
	fu_progress_add_step(progress, FWUPD_STATUS_DEVICE_VERIFY, 25, NULL);
	if (target == NULL || !fu_uc_endpoint_file_check_target(self, target, image->size, error))
		return FALSE;
	if (!fu_uc_endpoint_file_announce(self, image, error))
		return FALSE;
	if (fu_uc_endpoint_file_is_partition(target))
		written = fu_uc_endpoint_file_write_in_place(self, target, image, progress, error);
	else
		written = fu_uc_endpoint_file_write_aside(target, image, progress, error);
	return fu_uc_endpoint_file_conclude(self, target, written);
}

static void
fu_uc_endpoint_file_finalize(GObject *object)
{
	FuUcEndpointFile *self = FU_UC_ENDPOINT_FILE(object);
	g_free(self->target);
	g_free(self->keep);
	G_OBJECT_CLASS(fu_uc_endpoint_file_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_file_class_init(FuUcEndpointFileClass *klass)
{
	FuUcEndpointInstallerClass *installer_class = FU_UC_ENDPOINT_INSTALLER_CLASS(klass);
	installer_class->step = "write";
	installer_class->refresh = fu_uc_endpoint_file_refresh;
	installer_class->check = fu_uc_endpoint_file_check;
	installer_class->write = fu_uc_endpoint_file_write;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_file_finalize;
}

static void
fu_uc_endpoint_file_init(FuUcEndpointFile *self)
{
}

/**
 * fu_uc_endpoint_file_new:
 * @config: an endpoint file with `Type=file`
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the installer, or %NULL with a sentence that names file and key
 **/
FuUcEndpointInstaller *
fu_uc_endpoint_file_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointFile) self = g_object_new(FU_TYPE_UC_ENDPOINT_FILE, NULL);
	g_autofree gchar *name = g_strconcat(fu_uc_endpoint_config_get_id(config), ".old", NULL);

	self->keep = fu_path_build(FU_PATH_KIND_LOCALSTATEDIR_PKG, "uc-endpoint", name, NULL);
	self->target = fu_uc_endpoint_config_get_install_path(config, "Target", NULL, error);
	if (self->target == NULL)
		return NULL;
	if (!fu_uc_endpoint_config_get_install_boolean(config, "Restart", &self->restart, error))
		return NULL;
	return FU_UC_ENDPOINT_INSTALLER(g_steal_pointer(&self));
}
