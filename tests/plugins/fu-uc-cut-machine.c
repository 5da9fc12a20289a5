/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fu-uc-cut-machine.h"
#include "fu-uc-test.h"

/* The machine around the installer whose power is cut: two slots, GRUB and its environment block,
 * what the kernel shows. */

#define FU_UC_CUT_MACHINE_GRUBENV_SIZE 1024 /* bytes */
#define FU_UC_CUT_MACHINE_PARTITION    "partition"
#define FU_UC_CUT_MACHINE_SLOT_SIZE    (FU_UC_CUT_IMAGE_SIZE + 4096) /* bytes */

static const gchar *const fu_uc_cut_machine_versions[] = {"0.9", "1.0", "2.0", "3.0", "4.0"};

/**
 * fu_uc_cut_machine_get_image:
 * @version: one of 0.9, 1.0, 2.0, 3.0 and 4.0
 *
 * Returns: #FU_UC_CUT_IMAGE_SIZE bytes
 **/
const gchar *
fu_uc_cut_machine_get_image(const gchar *version)
{
	/* made once, as each version has to be compared often; shared, as a fork is to be cheap */
	static gchar *images[G_N_ELEMENTS(fu_uc_cut_machine_versions)] = {NULL};
	guint idx = 0;

	while (!g_str_equal(fu_uc_cut_machine_versions[idx], version))
		idx++;
	if (images[idx] == NULL) {
		g_autofree gchar *line = g_strdup_printf("UCFW %s\n", version);
		images[idx] = mmap(NULL,
				   FU_UC_CUT_IMAGE_SIZE,
				   PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS,
				   -1,
				   0);
		g_assert_true(images[idx] != MAP_FAILED);
		memset(images[idx], version[0], FU_UC_CUT_IMAGE_SIZE);
		memcpy(images[idx], line, strlen(line));
	}
	return images[idx];
}

/* Called by the installer in place of the C library's: a file of this name is a partition, as what
 * is written to a real one cannot be followed. */
int
stat(const char *path, struct stat *st)
{
	gint rc = fstatat(AT_FDCWD, path, st, 0);

	if (rc == 0 && g_str_has_suffix(path, "/" FU_UC_CUT_MACHINE_PARTITION))
		st->st_mode = S_IFBLK | (st->st_mode & ~(mode_t)S_IFMT);
	return rc;
}

/**
 * fu_uc_cut_machine_has_slots:
 * @self: a machine
 *
 * Returns: whether there are two slots, rather than one file or partition, then called A
 **/
gboolean
fu_uc_cut_machine_has_slots(FuUcCutMachine *self)
{
	return self->scenario < FU_UC_CUT_SCENARIO_FILE;
}

static gchar *
fu_uc_cut_machine_build_slot_path(FuUcCutMachine *self, const gchar *slot)
{
	if (self->scenario == FU_UC_CUT_SCENARIO_PARTITION)
		return g_build_filename(self->disk, FU_UC_CUT_MACHINE_PARTITION, NULL);
	return g_build_filename(self->disk, g_str_equal(slot, "A") ? "slot-a" : "slot-b", NULL);
}

/**
 * fu_uc_cut_machine_find_version:
 * @self: a machine
 * @slot: A or B
 *
 * Returns: (nullable): the version whose whole image is at the start of the slot
 **/
const gchar *
fu_uc_cut_machine_find_version(FuUcCutMachine *self, const gchar *slot)
{
	g_autofree gchar *path = fu_uc_cut_machine_build_slot_path(self, slot);
	g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);

	g_assert_nonnull(mapped);
	for (guint i = 0; i < G_N_ELEMENTS(fu_uc_cut_machine_versions); i++) {
		const gchar *version = fu_uc_cut_machine_versions[i];
		if (g_mapped_file_get_length(mapped) >= FU_UC_CUT_IMAGE_SIZE &&
		    memcmp(g_mapped_file_get_contents(mapped),
			   fu_uc_cut_machine_get_image(version),
			   FU_UC_CUT_IMAGE_SIZE) == 0)
			return version;
	}
	return NULL;
}

/* what GRUB would do: it reads nothing but a block of 1024 bytes that begins as one does */
static gchar *
fu_uc_cut_machine_read_variable(FuUcCutMachine *self, const gchar *name)
{
	g_autofree gchar *path = g_build_filename(self->disk, "grubenv", NULL);
	g_autofree gchar *text = NULL;
	gsize textsz = 0;
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(path, &text, &textsz, NULL));
	g_assert_cmpuint(textsz, ==, FU_UC_CUT_MACHINE_GRUBENV_SIZE);
	g_assert_true(g_str_has_prefix(text, "# GRUB Environment Block\n"));
	g_assert_nonnull(strstr(text, "\nkept=yes\n"));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (g_str_has_prefix(lines[i], name) && lines[i][strlen(name)] == '=')
			return g_strdup(lines[i] + strlen(name) + 1);
	}
	return g_strdup("");
}

/**
 * fu_uc_cut_machine_read_next:
 * @self: a machine
 *
 * Returns: (transfer full): the slot that GRUB starts, A or B
 **/
gchar *
fu_uc_cut_machine_read_next(FuUcCutMachine *self)
{
	gchar *slot = fu_uc_cut_machine_read_variable(self, "uc_slot");
	g_assert_true(g_str_equal(slot, "A") || g_str_equal(slot, "B"));
	return slot;
}

/**
 * fu_uc_cut_machine_read_running:
 * @self: a machine
 *
 * Returns: (transfer full): the slot that runs, A or B
 **/
gchar *
fu_uc_cut_machine_read_running(FuUcCutMachine *self)
{
	g_autofree gchar *path = g_build_filename(self->base, "proc", "cmdline", NULL);
	g_autofree gchar *text = NULL;

	if (!fu_uc_cut_machine_has_slots(self))
		return g_strdup("A");
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_strndup(strstr(text, "uc.slot=") + strlen("uc.slot="), 1);
}

/**
 * fu_uc_cut_machine_read_version:
 * @self: a machine
 *
 * Returns: (transfer full): the version that runs; without a restart that of what is there
 **/
gchar *
fu_uc_cut_machine_read_version(FuUcCutMachine *self)
{
	g_autofree gchar *path = g_build_filename(self->base, "running", NULL);
	gchar *version = NULL;

	if (self->scenario == FU_UC_CUT_SCENARIO_FILE)
		return g_strdup(fu_uc_cut_machine_find_version(self, "A"));
	g_assert_true(g_file_get_contents(path, &version, NULL, NULL));
	return version;
}

/* as GRUB does it: without a system call */
static void
fu_uc_cut_machine_write_grubenv(FuUcCutMachine *self, const gchar *slot, const gchar *tries)
{
	g_autofree gchar *path = g_build_filename(self->disk, "grubenv", NULL);
	g_autofree gchar *block = g_strnfill(FU_UC_CUT_MACHINE_GRUBENV_SIZE, '#');
	g_autofree gchar *text = NULL;
	gchar *mapped = NULL;
	gint fd = g_open(path, O_RDWR, 0);

	text = g_strdup_printf("# GRUB Environment Block\nkept=yes\nuc_slot=%s\nuc_slot_tries=%s\n",
			       slot,
			       tries);
	memcpy(block, text, strlen(text));
	mapped =
	    mmap(NULL, FU_UC_CUT_MACHINE_GRUBENV_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	g_assert_true(mapped != MAP_FAILED);
	memcpy(mapped, block, FU_UC_CUT_MACHINE_GRUBENV_SIZE);
	(void)munmap(mapped, FU_UC_CUT_MACHINE_GRUBENV_SIZE);
	(void)g_close(fd, NULL);
}

static void
fu_uc_cut_machine_start_slot(FuUcCutMachine *self, const gchar *slot)
{
	g_autofree gchar *cmdline = g_strdup_printf("quiet uc.slot=%s\n", slot);
	g_autofree gchar *path =
	    g_build_filename(self->base, "proc", "sys", "kernel", "random", "boot_id", NULL);
	g_autofree gchar *before = NULL;
	g_autofree gchar *boot_id = NULL;
	const gchar *version = NULL;

	(void)g_file_get_contents(path, &before, NULL, NULL);
	boot_id = g_strdup_printf("%sx", before != NULL ? before : "boot-");
	version = fu_uc_cut_machine_find_version(self, slot);
	g_assert_true(version != NULL || self->scenario == FU_UC_CUT_SCENARIO_PARTITION);
	if (version != NULL)
		fu_uc_test_write(self->base, "running", version);
	fu_uc_test_write(self->base, "proc/cmdline", cmdline);
	fu_uc_test_write(self->base, "proc/sys/kernel/random/boot_id", boot_id);
}

/**
 * fu_uc_cut_machine_restart:
 * @self: a machine
 *
 * What data/grub-ucupdates.cfg does: one try less, and the other slot when none is left. A
 *partition that is half written does not start, and what ran goes on.
 **/
void
fu_uc_cut_machine_restart(FuUcCutMachine *self)
{
	g_autofree gchar *slot = NULL;
	g_autofree gchar *tries = NULL;

	if (!fu_uc_cut_machine_has_slots(self)) {
		fu_uc_cut_machine_start_slot(self, "A");
		return;
	}
	slot = fu_uc_cut_machine_read_next(self);
	tries = fu_uc_cut_machine_read_variable(self, "uc_slot_tries");
	if (g_str_equal(tries, "0")) {
		slot[0] = slot[0] == 'A' ? 'B' : 'A';
		tries[0] = '\0';
		fu_uc_cut_machine_write_grubenv(self, slot, tries);
	} else if (tries[0] != '\0') {
		tries[0]--;
		fu_uc_cut_machine_write_grubenv(self, slot, tries);
	}
	fu_uc_cut_machine_start_slot(self, slot);
}

/**
 * fu_uc_cut_machine_fall_back:
 * @self: a machine
 *
 * The new image does not come up, and the boot loader starts the one before it.
 **/
void
fu_uc_cut_machine_fall_back(FuUcCutMachine *self)
{
	g_autofree gchar *running = fu_uc_cut_machine_read_running(self);
	fu_uc_cut_machine_write_grubenv(self, running, "");
	fu_uc_cut_machine_start_slot(self, running);
}

static void
fu_uc_cut_machine_fill_slot(FuUcCutMachine *self, const gchar *slot, const gchar *version)
{
	g_autofree gchar *path = fu_uc_cut_machine_build_slot_path(self, slot);
	g_autofree gchar *buf = g_malloc0(FU_UC_CUT_MACHINE_SLOT_SIZE);

	memcpy(buf, fu_uc_cut_machine_get_image(version), FU_UC_CUT_IMAGE_SIZE);
	g_assert_true(g_file_set_contents(path, buf, FU_UC_CUT_MACHINE_SLOT_SIZE, NULL));
}

static gchar *
fu_uc_cut_machine_make_config(FuUcCutMachine *self)
{
	const gchar *head = "[Endpoint]\nId=codec\nVendor=acme\nModel=icon400\nVersion=1.0\n";
	g_autofree gchar *target = fu_uc_cut_machine_build_slot_path(self, "A");

	if (!fu_uc_cut_machine_has_slots(self))
		return g_strdup_printf("%s[Install]\nType=file\nTarget=%s\nRestart=%s\n",
				       head,
				       target,
				       self->scenario == FU_UC_CUT_SCENARIO_FILE ? "no" : "yes");
	return g_strdup_printf("%s[Install]\nType=slots\nSlotA=%s/slot-a\nSlotB=%s/slot-b\n"
			       "Boot=grub\nGrubEnv=%s/grubenv\n%s",
			       head,
			       self->disk,
			       self->disk,
			       self->disk,
			       self->scenario == FU_UC_CUT_SCENARIO_TRIAL ||
				       self->scenario == FU_UC_CUT_SCENARIO_SICK
				   ? "ConfirmSec=30\n"
				   : "");
}

/**
 * fu_uc_cut_machine_new:
 * @scenario: what is to happen
 *
 * Also sets the environment by which the installer finds this machine rather than the real one.
 *
 * Returns: (transfer full): a machine that runs 1.0 in slot A
 **/
FuUcCutMachine *
fu_uc_cut_machine_new(FuUcCutScenario scenario)
{
	FuUcCutMachine *self = g_new0(FuUcCutMachine, 1);
	g_autofree gchar *template = NULL;
	g_autofree gchar *procfs = NULL;
	g_autofree gchar *config = NULL;
	g_autofree gchar *grubenv = NULL;

	/* in memory where there is room for it, as each run flushes often */
	template = g_build_filename(g_access("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir(),
				    "uc-cut-XXXXXX",
				    NULL);
	g_assert_nonnull(g_mkdtemp(template));
	self->base = g_steal_pointer(&template);
	self->disk = g_build_filename(self->base, "disk", NULL);
	self->scenario = scenario;
	procfs = g_build_filename(self->base, "proc", NULL);
	(void)g_setenv("FWUPD_PROCFS", procfs, TRUE);
	(void)g_setenv("FWUPD_LOCALSTATEDIR", self->disk, TRUE);
	config = fu_uc_cut_machine_make_config(self);
	fu_uc_test_write(self->base, "codec.conf", config);
	grubenv = g_strnfill(FU_UC_CUT_MACHINE_GRUBENV_SIZE, '#');
	fu_uc_test_write(self->disk, "grubenv", grubenv);
	fu_uc_cut_machine_write_grubenv(self, "A", "");
	fu_uc_cut_machine_fill_slot(self, "A", "1.0");
	if (fu_uc_cut_machine_has_slots(self))
		fu_uc_cut_machine_fill_slot(self, "B", "0.9");
	fu_uc_cut_machine_start_slot(self, "A");
	return self;
}

void
fu_uc_cut_machine_free(FuUcCutMachine *self)
{
	fu_uc_test_remove_directory(self->base);
	g_free(self->disk);
	g_free(self);
}
