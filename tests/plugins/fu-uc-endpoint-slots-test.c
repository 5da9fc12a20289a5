/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "fu-uc-endpoint-boot.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-sha256.h"
#include "fu-uc-test.h"

#define SLOT_SIZE 64 /* bytes */

typedef struct {
	gchar *directory;
	FuUcEndpointConfig *config;
	FuUcEndpointInstaller *installer;
} Fixture;

static void
set_running(Fixture *self, const gchar *slot, const gchar *boot_id)
{
	g_autofree gchar *cmdline = g_strdup_printf("quiet uc.slot=X uc.slot=%s\n", slot);
	fu_uc_test_write(self->directory, "proc/cmdline", cmdline);
	fu_uc_test_write(self->directory, "proc/sys/kernel/random/boot_id", boot_id);
}

static void
set_up(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *old = g_strnfill(SLOT_SIZE, 'o');
	g_autofree gchar *grubenv = NULL;
	g_autofree gchar *procfs = NULL;
	g_autofree gchar *padding = g_strnfill(1024, '#');
	g_autoptr(GError) error = NULL;

	self->directory = fu_uc_test_make_directory();
	procfs = g_build_filename(self->directory, "proc", NULL);
	(void)g_setenv("FWUPD_PROCFS", procfs, TRUE);
	(void)g_setenv("FWUPD_LOCALSTATEDIR", self->directory, TRUE);
	fu_uc_test_write(self->directory, "slot-a", old);
	fu_uc_test_write(self->directory, "slot-b", old);
	memcpy(padding,
	       "# GRUB Environment Block\nkept=yes\nuc_slot=A\n",
	       strlen("# GRUB Environment Block\nkept=yes\nuc_slot=A\n"));
	fu_uc_test_write(self->directory, "grubenv", padding);
	set_running(self, "A", "boot-1");
	self->config = fu_uc_test_make_config(self->directory, "");
	self->installer = fu_uc_endpoint_installer_new(self->config, &error);
	g_assert_no_error(error);
	g_assert_true(fu_uc_endpoint_installer_setup(self->installer, "1.0", &error));
}

static void
tear_down(Fixture *self, gconstpointer user_data)
{
	g_clear_object(&self->installer);
	g_clear_object(&self->config);
	fu_uc_test_remove_directory(self->directory);
}

static gboolean
write_image(Fixture *self, const gchar *text, const gchar *sha256, GError **error)
{
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data(text, -1, NULL);
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	g_autofree gchar *sum = fu_uc_sha256_of_buffer((const guint8 *)text, strlen(text));
	FuUcEndpointImage image = {
	    .stream = stream,
	    .size = strlen(text),
	    .sha256 = sha256 != NULL ? sha256 : sum,
	    .version = "2.0",
	};
	return fu_uc_endpoint_installer_write(self->installer, &image, progress, error);
}

static gboolean
activate(Fixture *self, GError **error)
{
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	return fu_uc_endpoint_installer_activate(self->installer, progress, error);
}

static void
assert_next(Fixture *self, const gchar *slot)
{
	g_autoptr(FuUcEndpointBoot) boot = fu_uc_endpoint_boot_new(self->config, NULL);
	g_autofree gchar *next = fu_uc_endpoint_boot_get_next(boot, NULL);
	g_assert_cmpstr(next, ==, slot);
}

static void
test_life(Fixture *self, gconstpointer user_data)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);
	g_autofree gchar *before = fu_uc_test_read_sha256(self->directory, "slot-a");
	g_autofree gchar *after = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(write_image(self, "new image", NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(fu_uc_endpoint_state_get_staged(state)->slot, ==, "B");
	assert_next(self, "A");
	g_assert_true(activate(self, &error));
	g_assert_no_error(error);
	assert_next(self, "B");
	g_assert_nonnull(fu_uc_endpoint_state_get_activated(state));

	/* installing again takes the activation back first */
	g_assert_true(write_image(self, "newer image", NULL, &error));
	assert_next(self, "A");
	g_assert_true(activate(self, &error));
	set_running(self, "B", "boot-2");
	g_assert_true(fu_uc_endpoint_installer_setup(self->installer, "2.0", &error));
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			FU_UC_ENDPOINT_OUTCOME_SUCCESS);
	after = fu_uc_test_read_sha256(self->directory, "slot-a");
	g_assert_cmpstr(before, ==, after);
}

static void
test_mismatch(Fixture *self, gconstpointer user_data)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);
	g_autofree gchar *wrong = g_strnfill(64, '0');
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) error_activate = NULL;

	g_assert_false(write_image(self, "new image", wrong, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_WRITE);
	g_assert_null(fu_uc_endpoint_state_get_staged(state));
	g_assert_false(activate(self, &error_activate));
	g_assert_error(error_activate, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO);
	assert_next(self, "A");
}

static void
test_too_small(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *before = fu_uc_test_read_sha256(self->directory, "slot-b");
	g_autofree gchar *after = NULL;
	g_autofree gchar *text = g_strnfill(SLOT_SIZE + 1, 'n');
	g_autofree gchar *expected = NULL;
	g_autoptr(GError) error = NULL;

	expected =
	    g_strdup_printf("firmware has 65 bytes, slot B (%s/slot-b) only 64", self->directory);
	g_assert_false(fu_uc_endpoint_installer_check(self->installer, SLOT_SIZE + 1, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
	g_assert_cmpstr(error->message, ==, expected);
	g_assert_false(write_image(self, text, NULL, NULL));
	after = fu_uc_test_read_sha256(self->directory, "slot-b");
	g_assert_cmpstr(before, ==, after);
}

/* the staged image is changed behind our back */
static void
test_changed_slot(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *text = g_strnfill(SLOT_SIZE, 'x');
	g_autoptr(GError) error = NULL;

	g_assert_true(write_image(self, "new image", NULL, &error));
	fu_uc_test_write(self->directory, "slot-b", text);
	g_assert_false(activate(self, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_WRITE);
	assert_next(self, "A");
}

static void
test_unknown_slot(Fixture *self, gconstpointer user_data)
{
	g_autoptr(GError) error = NULL;

	set_running(self, "C", "boot-1");
	g_assert_false(write_image(self, "new image", NULL, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
	g_assert_cmpstr(error->message,
			==,
			"the kernel command line says uc.slot=C, expected A or B");
}

/* B is another name of A: the slot that runs must never be written */
static void
test_same_slot(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *path_a = g_build_filename(self->directory, "slot-a", NULL);
	g_autofree gchar *path_b = g_build_filename(self->directory, "slot-b", NULL);
	g_autofree gchar *before = fu_uc_test_read_sha256(self->directory, "slot-a");
	g_autofree gchar *after = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(unlink(path_b), ==, 0);
	g_assert_cmpint(symlink(path_a, path_b), ==, 0);
	g_assert_false(write_image(self, "new image", NULL, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
	after = fu_uc_test_read_sha256(self->directory, "slot-a");
	g_assert_cmpstr(before, ==, after);
}

static void
set_next(Fixture *self, const gchar *slot, gboolean trial)
{
	g_autoptr(FuUcEndpointBoot) boot = fu_uc_endpoint_boot_new(self->config, NULL);
	g_autoptr(GError) error = NULL;
	gboolean found = !trial;

	g_assert_true(fu_uc_endpoint_boot_set_next(boot, slot, trial, &error));
	g_assert_no_error(error);
	assert_next(self, slot);
	g_assert_true(fu_uc_endpoint_boot_get_trial(boot, &found, &error));
	g_assert_cmpint(found, ==, trial);
}

static guint64
get_inode(Fixture *self)
{
	struct stat st = {0};
	g_autofree gchar *path = g_build_filename(self->directory, "grubenv", NULL);
	g_autofree gchar *aside = g_strconcat(path, ".uc-new", NULL);

	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpuint((guint)st.st_size, ==, 1024);
	g_assert_false(g_file_test(aside, G_FILE_TEST_EXISTS));
	return (guint64)st.st_ino;
}

/* GRUB replays no journal: after a power cut it may find only the file that was there before */
static void
test_grub_in_place(Fixture *self, gconstpointer user_data)
{
	guint64 before = get_inode(self);

	set_next(self, "B", TRUE);
	g_assert_cmpuint(get_inode(self), ==, before);
	set_next(self, "B", FALSE);
	g_assert_cmpuint(get_inode(self), ==, before);
}

/* two sectors cannot change at once where they are */
static void
test_grub_two_sectors(Fixture *self, gconstpointer user_data)
{
	guint64 before = 0;
	g_autofree gchar *other = g_strnfill(600, 'x');
	g_autofree gchar *head =
	    g_strdup_printf("# GRUB Environment Block\nuc_slot=A\nother=%s\n", other);
	g_autofree gchar *padding = g_strnfill(1024, '#');

	memcpy(padding, head, strlen(head));
	fu_uc_test_write(self->directory, "grubenv", padding);
	before = get_inode(self);
	set_next(self, "B", TRUE);
	g_assert_cmpuint(get_inode(self), !=, before);
}

/* a boot loader in two files, `next` and `trial`; ucupdates-confirm finds the slot that runs not to
 * be healthy as soon as the plugin has asked for what @when names */
static void
set_up_boot_program(Fixture *self, const gchar *when)
{
	g_autofree gchar *program = g_build_filename(self->directory, "boot", NULL);
	g_autofree gchar *config = g_build_filename(self->directory, "codec.conf", NULL);
	g_autofree gchar *text = NULL;
	g_autofree gchar *script = g_strdup_printf(
	    "#!/bin/sh\n"
	    "cd %s || exit 1\n"
	    "case $1 in\n"
	    "get) cat next ;;\n"
	    "trial) cat trial ;;\n"
	    "set) echo $2 >next; echo no >trial; exit ;;\n"
	    "try) echo $2 >next; echo yes >trial; exit ;;\n"
	    "esac\n"
	    "[ ! -e running ] || [ $1 != %s ] || { echo A >next; echo no >trial; }\n",
	    self->directory,
	    when);
	g_autoptr(GError) error = NULL;

	fu_uc_test_write(self->directory, "boot", script);
	g_assert_cmpint(g_chmod(program, 0755), ==, 0);
	fu_uc_test_write(self->directory, "next", "A\n");
	fu_uc_test_write(self->directory, "trial", "no\n");
	text = g_strdup_printf("[Endpoint]\nId=codec\nVendor=acme\nModel=icon400\nVersion=2.0\n"
			       "[Install]\nType=slots\nSlotA=%s/slot-a\nSlotB=%s/slot-b\n"
			       "Boot=command\nBootProgram=%s\nConfirmSec=60\n",
			       self->directory,
			       self->directory,
			       program);
	fu_uc_test_write(self->directory, "codec.conf", text);
	g_clear_object(&self->config);
	g_clear_object(&self->installer);
	self->config = fu_uc_endpoint_config_new_from_file(config, &error);
	g_assert_no_error(error);
	self->installer = fu_uc_endpoint_installer_new(self->config, &error);
	g_assert_no_error(error);
	g_assert_true(fu_uc_endpoint_installer_setup(self->installer, "1.0", &error));
	g_assert_no_error(error);
}

/* Whoever reads the slot first and whether there is a trial after that sees a slot that was on
 * trial and a trial that has ended, and calls it a success. */
static void
test_refused_in_between(Fixture *self, gconstpointer user_data)
{
	FuUcEndpointState *state = NULL;
	g_autoptr(GError) error = NULL;

	set_up_boot_program(self, user_data);
	state = fu_uc_endpoint_installer_get_state(self->installer);
	g_assert_true(write_image(self, "new image", NULL, &error));
	g_assert_no_error(error);
	g_assert_true(activate(self, &error));
	g_assert_no_error(error);
	set_running(self, "B", "boot-2");
	fu_uc_test_write(self->directory, "running", "");
	for (guint i = 0; i < 2; i++) {
		g_assert_true(fu_uc_endpoint_installer_setup(self->installer, "2.0", &error));
		g_assert_no_error(error);
		g_assert_true(fu_uc_endpoint_state_is_trial(state));
		g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
				==,
				FU_UC_ENDPOINT_OUTCOME_NONE);
		assert_next(self, "A");
	}
	set_running(self, "A", "boot-3");
	g_assert_true(fu_uc_endpoint_installer_setup(self->installer, "1.0", &error));
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state), ==, FU_UC_ENDPOINT_OUTCOME_FAILED);
}

static void
make_link(Fixture *self, const gchar *target, const gchar *name)
{
	g_autofree gchar *path = g_build_filename(self->directory, name, NULL);

	(void)g_unlink(path);
	g_assert_cmpint(symlink(target, path), ==, 0);
}

/* as /dev/disk/by-partlabel has them: they stay, and what they point to is written */
static void
test_links(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *path_b = g_build_filename(self->directory, "slot-b", NULL);
	g_autofree gchar *old = g_strnfill(SLOT_SIZE, 'o');
	g_autofree gchar *text = NULL;
	g_autoptr(GError) error = NULL;

	fu_uc_test_write(self->directory, "disk/a", old);
	fu_uc_test_write(self->directory, "disk/b", old);
	make_link(self, "disk/a", "slot-a");
	make_link(self, "by-partlabel", "slot-b");
	make_link(self, "disk/b", "by-partlabel");
	g_assert_true(write_image(self, "new image", NULL, &error));
	g_assert_no_error(error);
	g_assert_true(activate(self, &error));
	g_assert_no_error(error);
	assert_next(self, "B");
	g_assert_true(g_file_test(path_b, G_FILE_TEST_IS_SYMLINK));
	g_assert_true(g_file_get_contents(path_b, &text, NULL, NULL));
	g_assert_true(g_str_has_prefix(text, "new imageooo"));
}

/* whoever could lead a link elsewhere would have root write there; that of the slot that runs says
 * which one must not be written */
static void
test_link_of_others(Fixture *self, gconstpointer user_data)
{
	const gchar *name = user_data;
	g_autofree gchar *path = g_build_filename(self->directory, name, NULL);
	g_autofree gchar *old = g_strnfill(SLOT_SIZE, 'o');
	g_autofree gchar *before = fu_uc_test_read_sha256(self->directory, name);
	g_autofree gchar *after = NULL;
	g_autofree gchar *expected =
	    g_strdup_printf("%s is a link of the user 65534, expected one of root", path);
	g_autoptr(GError) error = NULL;

	if (geteuid() != 0) {
		g_test_skip("only root makes links of other users");
		return;
	}
	fu_uc_test_write(self->directory, "disk", old);
	make_link(self, "disk", name);
	g_assert_cmpint(lchown(path, 65534, 65534), ==, 0);
	g_assert_false(write_image(self, "new image", NULL, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
	g_assert_cmpstr(error->message, ==, expected);
	after = fu_uc_test_read_sha256(self->directory, "disk");
	g_assert_cmpstr(before, ==, after);
}

static void
test_link_to_nothing(Fixture *self, gconstpointer user_data)
{
	g_autofree gchar *expected =
	    g_strdup_printf("%s/slot-b is a link to %s/gone, which is not there",
			    self->directory,
			    self->directory);
	g_autoptr(GError) error = NULL;

	make_link(self, "gone", "slot-b");
	g_assert_false(write_image(self, "new image", NULL, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND);
	g_assert_cmpstr(error->message, ==, expected);
}

#define ADD_WITH(name, data, func) \
	g_test_add("/slots/" name, Fixture, data, set_up, func, tear_down)
#define ADD(name, func) ADD_WITH(name, NULL, func)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("life", test_life);
	ADD("mismatch", test_mismatch);
	ADD("too-small", test_too_small);
	ADD("changed-slot", test_changed_slot);
	ADD("unknown-slot", test_unknown_slot);
	ADD("same-slot", test_same_slot);
	ADD_WITH("refused-in-between/get", "get", test_refused_in_between);
	ADD_WITH("refused-in-between/trial", "trial", test_refused_in_between);
	ADD("link/stays", test_links);
	ADD("link/to-nothing", test_link_to_nothing);
	ADD_WITH("link/of-others/a", "slot-a", test_link_of_others);
	ADD_WITH("link/of-others/b", "slot-b", test_link_of_others);
	ADD("grub/in-place", test_grub_in_place);
	ADD("grub/two-sectors", test_grub_two_sectors);
	return g_test_run();
}
