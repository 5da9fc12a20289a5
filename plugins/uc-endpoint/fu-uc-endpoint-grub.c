/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fu-uc-endpoint-grub.h"
#include "fu-uc-endpoint-spawn.h"

/* The environment block of GRUB, through GRUB's own program. That empties the file before it writes
 * it anew, so it is given a copy. The sector in which the copy differs is then written over the
 * block, as GRUB itself does it: the slot and the number of its tries change at once, and where the
 * file is does not. GRUB replays no journal, so that after a power cut it may find the old file
 * where another one took its place; and without a journal the inode of the new one may be free for
 * the next file. data/grub-ucupdates.cfg is GRUB's side. */

#define FU_UC_ENDPOINT_GRUB_TIMEOUT_MS 5000
#define FU_UC_ENDPOINT_GRUB_TRIES      "3"
#define FU_UC_ENDPOINT_GRUB_SECTOR     512 /* bytes; a disk has all of them or none */

struct _FuUcEndpointGrub {
	FuUcEndpointBoot parent_instance;
	gchar *path;
	gchar *variable;
	gchar *variable_tries; /* starts left before the other slot; empty once it is confirmed */
};

G_DEFINE_TYPE(FuUcEndpointGrub, fu_uc_endpoint_grub, FU_TYPE_UC_ENDPOINT_BOOT)

static gchar *
fu_uc_endpoint_grub_run(const gchar *path,
			const gchar *command,
			const gchar *argument1,
			const gchar *argument2,
			GError **error)
{
	g_autofree gchar *program = NULL;
	const gchar *argv[] = {NULL, path, command, argument1, argument2, NULL};

	program = fu_path_find_program("grub-editenv", NULL);
	if (program == NULL)
		program = fu_path_find_program("grub2-editenv", error);
	if (program == NULL)
		return NULL;
	argv[0] = program;
	return fu_uc_endpoint_spawn(argv, FU_UC_ENDPOINT_GRUB_TIMEOUT_MS, error);
}

static gchar *
fu_uc_endpoint_grub_read(const gchar *path, const gchar *variable, GError **error)
{
	g_autofree gchar *output = fu_uc_endpoint_grub_run(path, "list", NULL, NULL, error);

	if (output == NULL)
		return NULL;
	return fu_uc_endpoint_boot_find_variable(output, variable);
}

static gchar *
fu_uc_endpoint_grub_get_next(FuUcEndpointBoot *boot, GError **error)
{
	FuUcEndpointGrub *self = FU_UC_ENDPOINT_GRUB(boot);
	return fu_uc_endpoint_grub_read(self->path, self->variable, error);
}

static gboolean
fu_uc_endpoint_grub_get_trial(FuUcEndpointBoot *boot, gboolean *trial_out, GError **error)
{
	FuUcEndpointGrub *self = FU_UC_ENDPOINT_GRUB(boot);
	g_autofree gchar *tries = fu_uc_endpoint_grub_read(self->path, self->variable_tries, error);

	if (tries == NULL)
		return FALSE;
	*trial_out = tries[0] != '\0';
	return TRUE;
}

static gboolean
fu_uc_endpoint_grub_fail(const gchar *path, GError **error)
{
	gint errsv = errno;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "%s could not be written to the disk: %s",
		    path,
		    fwupd_strerror(errsv));
	return FALSE;
}

static gboolean
fu_uc_endpoint_grub_sync(const gchar *path, GError **error)
{
	gint fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
	gboolean synced = fd >= 0 && fsync(fd) == 0;
	gint errsv = errno;

	if (fd >= 0)
		(void)g_close(fd, NULL);
	errno = errsv;
	return synced ? TRUE : fu_uc_endpoint_grub_fail(path, error);
}

static gboolean
fu_uc_endpoint_grub_copy(const gchar *from, const gchar *to, GError **error)
{
	struct stat st = {0};
	g_autofree gchar *text = NULL;
	gsize textsz = 0;

	if (!g_file_get_contents(from, &text, &textsz, error)) {
		fwupd_error_convert(error);
		return FALSE;
	}
	if (stat(from, &st) < 0)
		return fu_uc_endpoint_grub_fail(from, error);
	if (!g_file_set_contents_full(to,
				      text,
				      (gssize)textsz,
				      G_FILE_SET_CONTENTS_NONE,
				      st.st_mode & 0777,
				      error)) {
		fwupd_error_convert(error);
		return FALSE;
	}
	return TRUE;
}

static gboolean
fu_uc_endpoint_grub_check(const gchar *output,
			  const gchar *path,
			  const gchar *variable,
			  const gchar *expected,
			  GError **error)
{
	g_autofree gchar *found = fu_uc_endpoint_boot_find_variable(output, variable);

	if (g_str_equal(found, expected))
		return TRUE;
	g_set_error(error,
		    FWUPD_ERROR,
		    FWUPD_ERROR_WRITE,
		    "%s has %s='%s' after it was written, expected '%s'",
		    path,
		    variable,
		    found,
		    expected);
	return FALSE;
}

/* grub-editenv says nothing when its write fails */
static gboolean
fu_uc_endpoint_grub_edit(FuUcEndpointGrub *self,
			 const gchar *aside,
			 const gchar *slot,
			 gboolean trial,
			 GError **error)
{
	const gchar *tries = trial ? FU_UC_ENDPOINT_GRUB_TRIES : "";
	g_autofree gchar *assignment = g_strdup_printf("%s=%s", self->variable, slot);
	g_autofree gchar *assignment_tries = NULL;
	g_autofree gchar *output = NULL;
	g_autofree gchar *after = NULL;
	g_autofree gchar *before = fu_uc_endpoint_grub_read(aside, self->variable_tries, error);

	if (before == NULL)
		return FALSE;
	if (!g_str_equal(before, tries))
		assignment_tries = g_strdup_printf("%s=%s", self->variable_tries, tries);
	output = fu_uc_endpoint_grub_run(aside, "set", assignment, assignment_tries, error);
	if (output == NULL)
		return FALSE;
	after = fu_uc_endpoint_grub_run(aside, "list", NULL, NULL, error);
	if (after == NULL)
		return FALSE;
	return fu_uc_endpoint_grub_check(after, aside, self->variable, slot, error) &&
	       fu_uc_endpoint_grub_check(after, aside, self->variable_tries, tries, error);
}

static GBytes *
fu_uc_endpoint_grub_load(const gchar *path, GError **error)
{
	g_autofree gchar *text = NULL;
	gsize textsz = 0;

	if (!g_file_get_contents(path, &text, &textsz, error)) {
		fwupd_error_convert(error);
		return NULL;
	}
	return g_bytes_new_take(g_steal_pointer(&text), textsz);
}

/* the one sector in which both differ, the first one if they are the same; %NULL if more do */
static GBytes *
fu_uc_endpoint_grub_find_sector(GBytes *before, GBytes *after, gsize *offset_out)
{
	gsize size = g_bytes_get_size(after);
	guint found = 0;

	*offset_out = 0;
	if (g_bytes_get_size(before) != size)
		return NULL;
	for (gsize offset = 0; offset < size; offset += FU_UC_ENDPOINT_GRUB_SECTOR) {
		gsize length = MIN(FU_UC_ENDPOINT_GRUB_SECTOR, size - offset);
		g_autoptr(GBytes) one = g_bytes_new_from_bytes(before, offset, length);
		g_autoptr(GBytes) two = g_bytes_new_from_bytes(after, offset, length);

		if (g_bytes_equal(one, two))
			continue;
		found++;
		*offset_out = offset;
	}
	if (found > 1)
		return NULL;
	return g_bytes_new_from_bytes(after,
				      *offset_out,
				      MIN(FU_UC_ENDPOINT_GRUB_SECTOR, size - *offset_out));
}

static gboolean
fu_uc_endpoint_grub_write(const gchar *path, GBytes *sector, gsize offset, GError **error)
{
	gsize size = 0;
	gconstpointer data = g_bytes_get_data(sector, &size);
	gint fd = g_open(path, O_WRONLY | O_CLOEXEC, 0);
	gboolean written = FALSE;
	gint errsv = 0;

	errno = EIO; /* a short write does not say */
	if (fd >= 0)
		written = pwrite(fd, data, size, (off_t)offset) == (gssize)size && fsync(fd) == 0;
	errsv = errno;
	if (fd >= 0)
		(void)g_close(fd, NULL);
	errno = errsv;
	return written ? TRUE : fu_uc_endpoint_grub_fail(path, error);
}

/* what changes in more than a sector cannot change at once where it is */
static gboolean
fu_uc_endpoint_grub_rename(const gchar *path, const gchar *aside, GError **error)
{
	g_autofree gchar *directory = g_path_get_dirname(path);

	if (!fu_uc_endpoint_grub_sync(aside, error))
		return FALSE;
	if (g_rename(aside, path) < 0)
		return fu_uc_endpoint_grub_fail(path, error);
	return fu_uc_endpoint_grub_sync(directory, error);
}

static gboolean
fu_uc_endpoint_grub_take(const gchar *path, const gchar *aside, GError **error)
{
	gsize offset = 0;
	g_autoptr(GBytes) before = NULL;
	g_autoptr(GBytes) after = NULL;
	g_autoptr(GBytes) sector = NULL;

	before = fu_uc_endpoint_grub_load(path, error);
	if (before == NULL)
		return FALSE;
	after = fu_uc_endpoint_grub_load(aside, error);
	if (after == NULL)
		return FALSE;
	sector = fu_uc_endpoint_grub_find_sector(before, after, &offset);
	if (sector == NULL)
		return fu_uc_endpoint_grub_rename(path, aside, error);
	if (!fu_uc_endpoint_grub_write(path, sector, offset, error))
		return FALSE;
	(void)g_unlink(aside);
	return TRUE;
}

static gboolean
fu_uc_endpoint_grub_replace(FuUcEndpointGrub *self,
			    const gchar *path,
			    const gchar *aside,
			    const gchar *slot,
			    gboolean trial,
			    GError **error)
{
	if (!fu_uc_endpoint_grub_copy(path, aside, error))
		return FALSE;
	if (!fu_uc_endpoint_grub_edit(self, aside, slot, trial, error))
		return FALSE;
	return fu_uc_endpoint_grub_take(path, aside, error);
}

static gboolean
fu_uc_endpoint_grub_set_next(FuUcEndpointBoot *boot,
			     const gchar *slot,
			     gboolean trial,
			     GError **error)
{
	FuUcEndpointGrub *self = FU_UC_ENDPOINT_GRUB(boot);
	g_autofree gchar *target = fu_path_make_absolute(self->path, error);
	g_autofree gchar *aside = NULL;

	/* the file may be a symbolic link, which stays */
	if (target == NULL)
		return FALSE;
	aside = g_strconcat(target, ".uc-new", NULL);
	if (fu_uc_endpoint_grub_replace(self, target, aside, slot, trial, error))
		return TRUE;
	(void)g_unlink(aside);
	return FALSE;
}

static void
fu_uc_endpoint_grub_finalize(GObject *object)
{
	FuUcEndpointGrub *self = FU_UC_ENDPOINT_GRUB(object);
	g_free(self->path);
	g_free(self->variable);
	g_free(self->variable_tries);
	G_OBJECT_CLASS(fu_uc_endpoint_grub_parent_class)->finalize(object);
}

static void
fu_uc_endpoint_grub_class_init(FuUcEndpointGrubClass *klass)
{
	FuUcEndpointBootClass *boot_class = FU_UC_ENDPOINT_BOOT_CLASS(klass);
	boot_class->get_next = fu_uc_endpoint_grub_get_next;
	boot_class->get_trial = fu_uc_endpoint_grub_get_trial;
	boot_class->set_next = fu_uc_endpoint_grub_set_next;
	G_OBJECT_CLASS(klass)->finalize = fu_uc_endpoint_grub_finalize;
}

static void
fu_uc_endpoint_grub_init(FuUcEndpointGrub *self)
{
}

/**
 * fu_uc_endpoint_grub_new:
 * @config: an endpoint file
 * @error: (nullable): optional return location for an error
 *
 * Returns: (transfer full): the boot control of `GrubEnv` and `GrubVariable`
 **/
FuUcEndpointBoot *
fu_uc_endpoint_grub_new(FuUcEndpointConfig *config, GError **error)
{
	g_autoptr(FuUcEndpointGrub) self = g_object_new(FU_TYPE_UC_ENDPOINT_GRUB, NULL);

	self->path =
	    fu_uc_endpoint_config_get_install_path(config, "GrubEnv", "/boot/grub/grubenv", error);
	if (self->path == NULL)
		return NULL;
	self->variable = fu_uc_endpoint_config_get_install(config, "GrubVariable", "uc_slot");
	self->variable_tries = g_strconcat(self->variable, "_tries", NULL);
	return FU_UC_ENDPOINT_BOOT(g_steal_pointer(&self));
}
