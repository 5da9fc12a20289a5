/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>

#include "fu-uc-cut.h"
#include "fu-uc-endpoint-installer.h"
#include "fu-uc-sha256.h"
#include "fu-uc-test.h"

/* The power is cut, or the disk fails, at every system call that changes the disk, one after the
 * other; afterwards what starts is whole, the state is true, and the next attempt succeeds. */

#define IMAGE_SIZE (1024 * 1024 + 4096) /* bytes: two pieces */
#define SLOT_SIZE  (IMAGE_SIZE + 4096)	/* bytes */

typedef struct {
	gchar *base;
	gchar *disk;	   /* what a power cut is about */
	gboolean fallback; /* the new image does not come up */
	gboolean restarts; /* before it is looked at */
} Machine;

typedef struct {
	Machine *machine;
	FuUcEndpointConfig *config;
	FuUcEndpointInstaller *installer;
} Daemon;

static const gchar *const versions[] = {"0.9", "1.0", "2.0", "3.0", "4.0"};

/* made once: each version has to be compared often */
static const gchar *
get_image(const gchar *version)
{
	static gchar *images[G_N_ELEMENTS(versions)] = {NULL};
	guint idx = 0;

	while (!g_str_equal(versions[idx], version))
		idx++;
	if (images[idx] == NULL) {
		g_autofree gchar *line = g_strdup_printf("UCFW %s\n", version);
		images[idx] = g_malloc(IMAGE_SIZE);
		memset(images[idx], version[0], IMAGE_SIZE);
		memcpy(images[idx], line, strlen(line));
	}
	return images[idx];
}

static gchar *
slot_path(Machine *self, const gchar *slot)
{
	return g_build_filename(self->disk, g_str_equal(slot, "A") ? "slot-a" : "slot-b", NULL);
}

/* the version whose whole image is in a slot; NULL if none is */
static const gchar *
find_version(Machine *self, const gchar *slot)
{
	g_autofree gchar *path = slot_path(self, slot);
	g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);

	g_assert_nonnull(mapped);
	g_assert_cmpuint(g_mapped_file_get_length(mapped), ==, SLOT_SIZE);
	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		const gchar *image = get_image(versions[i]);
		if (memcmp(g_mapped_file_get_contents(mapped), image, IMAGE_SIZE) == 0)
			return versions[i];
	}
	return NULL;
}

/* what GRUB would do: it reads nothing but a block of 1024 bytes that begins as one does */
static gchar *
read_next(Machine *self)
{
	g_autofree gchar *path = g_build_filename(self->disk, "grubenv", NULL);
	g_autofree gchar *text = NULL;
	gchar *found = NULL;
	gsize textsz = 0;

	g_assert_true(g_file_get_contents(path, &text, &textsz, NULL));
	g_assert_cmpuint(textsz, ==, 1024);
	g_assert_true(g_str_has_prefix(text, "# GRUB Environment Block\n"));
	g_assert_nonnull(strstr(text, "\nkept=yes\n"));
	found = strstr(text, "\nuc_slot=");
	g_assert_nonnull(found);
	return g_strndup(found + strlen("\nuc_slot="), 1);
}

static gchar *
read_running(Machine *self)
{
	g_autofree gchar *path = g_build_filename(self->base, "proc", "cmdline", NULL);
	g_autofree gchar *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_strndup(strstr(text, "uc.slot=") + strlen("uc.slot="), 1);
}

/* as GRUB does it: without a system call */
static void
write_grubenv(Machine *self, const gchar *slot)
{
	g_autofree gchar *path = g_build_filename(self->disk, "grubenv", NULL);
	gint fd = g_open(path, O_RDWR, 0);
	gchar *mapped = mmap(NULL, 1024, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	g_autofree gchar *block = g_strnfill(1024, '#');
	g_autofree gchar *text = NULL;

	text = g_strdup_printf("# GRUB Environment Block\nkept=yes\nuc_slot=%s\n", slot);
	memcpy(block, text, strlen(text));
	g_assert_true(mapped != MAP_FAILED);
	memcpy(mapped, block, 1024);
	(void)munmap(mapped, 1024);
	(void)g_close(fd, NULL);
}

static void
start_slot(Machine *self, const gchar *slot)
{
	g_autofree gchar *cmdline = g_strdup_printf("quiet uc.slot=%s\n", slot);
	g_autofree gchar *path =
	    g_build_filename(self->base, "proc", "sys", "kernel", "random", "boot_id", NULL);
	g_autofree gchar *before = NULL;
	g_autofree gchar *boot_id = NULL;

	(void)g_file_get_contents(path, &before, NULL, NULL);
	boot_id = g_strdup_printf("%sx", before != NULL ? before : "boot-");
	fu_uc_test_write(self->base, "proc/cmdline", cmdline);
	fu_uc_test_write(self->base, "proc/sys/kernel/random/boot_id", boot_id);
}

static void
restart(Machine *self)
{
	g_autofree gchar *next = read_next(self);
	start_slot(self, next);
}

/* the new image does not come up, and the boot loader starts the one before it */
static void
restart_and_fall_back(Machine *self)
{
	g_autofree gchar *running = read_running(self);
	write_grubenv(self, running);
	start_slot(self, running);
}

static gboolean
daemon_setup(Daemon *self, GError **error)
{
	g_autofree gchar *running = read_running(self->machine);
	const gchar *version = find_version(self->machine, running);

	g_assert_nonnull(version);
	return fu_uc_endpoint_installer_setup(self->installer, version, error);
}

static void
daemon_start(Daemon *self, Machine *machine)
{
	g_autoptr(GError) error = NULL;
	self->machine = machine;
	self->config = fu_uc_endpoint_config_new_from_file(
	    g_intern_string(g_build_filename(machine->base, "codec.conf", NULL)),
	    &error);
	g_assert_no_error(error);
	self->installer = fu_uc_endpoint_installer_new(self->config, &error);
	g_assert_no_error(error);
}

static gboolean
daemon_write(Daemon *self, const gchar *version, GError **error)
{
	const gchar *buf = get_image(version);
	g_autofree gchar *sha256 = fu_uc_sha256_of_buffer((const guint8 *)buf, IMAGE_SIZE);
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data(buf, IMAGE_SIZE, NULL);
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	FuUcEndpointImage image = {
	    .stream = stream,
	    .size = IMAGE_SIZE,
	    .sha256 = sha256,
	    .version = version,
	};
	return fu_uc_endpoint_installer_write(self->installer, &image, progress, error);
}

static gboolean
daemon_activate(Daemon *self, GError **error)
{
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	return fu_uc_endpoint_installer_activate(self->installer, progress, error);
}

/* what the state says about a slot is in that slot, which is not the one that runs */
static void
check_record(Machine *self, const FuUcEndpointRecord *record)
{
	g_autofree gchar *running = read_running(self);

	g_assert_cmpstr(record->slot, !=, running);
	g_assert_cmpstr(find_version(self, record->slot), ==, record->version);
}

static void
check_truth(Daemon *self)
{
	FuUcEndpointState *state = fu_uc_endpoint_installer_get_state(self->installer);
	const FuUcEndpointRecord *staged = fu_uc_endpoint_state_get_staged(state);
	const FuUcEndpointRecord *activated = fu_uc_endpoint_state_get_activated(state);
	g_autofree gchar *next = read_next(self->machine);
	g_autofree gchar *running = read_running(self->machine);

	g_assert_nonnull(find_version(self->machine, next));
	g_assert_nonnull(find_version(self->machine, running));
	g_assert_true(staged == NULL || activated == NULL);
	if (staged != NULL)
		check_record(self->machine, staged);
	if (activated != NULL) {
		check_record(self->machine, activated);
		g_assert_cmpstr(next, ==, activated->slot);
	} else {
		g_assert_cmpstr(next, ==, running);
	}
	if (fu_uc_endpoint_state_get_outcome(state) == FU_UC_ENDPOINT_OUTCOME_FAILED)
		g_assert_true(self->machine->fallback);
}

/* one retry, as a person would */
#define TRY(self, call)                                         \
	G_STMT_START                                            \
	{                                                       \
		g_autoptr(GError) error_first = NULL;           \
		g_autoptr(GError) error_again = NULL;           \
		GError **error = &error_first;                  \
		if (!(call)) {                                  \
			g_assert_nonnull(error_first);          \
			check_truth(self);                      \
			error = &error_again;                   \
			if (!(call))                            \
				g_assert_no_error(error_again); \
		}                                               \
	}                                                       \
	G_STMT_END

/* what is cut: install, activate, install another, activate, restart, look at the outcome */
static gint
sequence_cb(gpointer user_data)
{
	Machine *machine = user_data;
	Daemon self = {NULL};

	daemon_start(&self, machine);
	TRY(&self, daemon_setup(&self, error));
	TRY(&self, daemon_write(&self, "2.0", error));
	check_truth(&self);
	TRY(&self, daemon_activate(&self, error));
	check_truth(&self);
	if (!machine->fallback) {
		TRY(&self, daemon_write(&self, "3.0", error));
		check_truth(&self);
		TRY(&self, daemon_activate(&self, error));
		check_truth(&self);
		restart(machine);
	} else {
		restart_and_fall_back(machine);
	}
	daemon_start(&self, machine);
	TRY(&self, daemon_setup(&self, error));
	check_truth(&self);
	return 0;
}

/* what has to be right afterwards, without a fault */
static gint
check_cb(gpointer user_data)
{
	Machine *machine = user_data;
	Daemon self = {NULL};
	g_autofree gchar *running = NULL;
	FuUcEndpointState *state = NULL;
	g_autoptr(GError) error = NULL;

	if (machine->restarts)
		restart(machine);
	daemon_start(&self, machine);
	g_assert_true(daemon_setup(&self, &error));
	check_truth(&self);
	g_assert_true(daemon_write(&self, "4.0", &error));
	check_truth(&self);
	g_assert_true(daemon_activate(&self, &error));
	check_truth(&self);
	restart(machine);
	running = read_running(machine);
	g_assert_cmpstr(find_version(machine, running), ==, "4.0");
	g_assert_true(daemon_setup(&self, &error));
	state = fu_uc_endpoint_installer_get_state(self.installer);
	g_assert_cmpint(fu_uc_endpoint_state_get_outcome(state),
			==,
			FU_UC_ENDPOINT_OUTCOME_SUCCESS);
	return 0;
}

static void
fill_slot(Machine *self, const gchar *slot, const gchar *version)
{
	g_autofree gchar *path = slot_path(self, slot);
	const gchar *image = get_image(version);
	g_autofree gchar *buf = g_malloc0(SLOT_SIZE);

	memcpy(buf, image, IMAGE_SIZE);
	g_assert_true(g_file_set_contents(path, buf, SLOT_SIZE, NULL));
}

static Machine *
machine_new(gboolean fallback)
{
	Machine *self = g_new0(Machine, 1);
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
	self->fallback = fallback;
	procfs = g_build_filename(self->base, "proc", NULL);
	(void)g_setenv("FWUPD_PROCFS", procfs, TRUE);
	(void)g_setenv("FWUPD_LOCALSTATEDIR", self->disk, TRUE);
	config = g_strdup_printf("[Endpoint]\nId=codec\nVendor=acme\nModel=icon400\nVersion=1.0\n"
				 "[Install]\nType=slots\nSlotA=%s/slot-a\nSlotB=%s/slot-b\n"
				 "Boot=grub\nGrubEnv=%s/grubenv\n",
				 self->disk,
				 self->disk,
				 self->disk);
	fu_uc_test_write(self->base, "codec.conf", config);
	grubenv = g_strnfill(1024, '#');
	fu_uc_test_write(self->disk, "grubenv", grubenv);
	write_grubenv(self, "A");
	fill_slot(self, "A", "1.0");
	fill_slot(self, "B", "0.9");
	start_slot(self, "A");
	return self;
}

static void
machine_free(Machine *self)
{
	fu_uc_test_remove_directory(self->base);
	g_free(self->disk);
	g_free(self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

/* which files lose what was not flushed */
typedef enum { LOSE_NONE, LOSE_BOOT, LOSE_SLOTS, LOSE_STATE, LOSE_ALL, LOSE_LAST } Lose;

static gboolean
lose(FuUcCut *cut, Machine *machine, Lose what)
{
	static const struct {
		Lose what;
		const gchar *name;
	} files[] = {
	    {LOSE_BOOT, "grubenv"},
	    {LOSE_SLOTS, "slot-a"},
	    {LOSE_SLOTS, "slot-b"},
	    {LOSE_STATE, "lib/fwupd/uc-endpoint/codec.state"},
	};
	gboolean lost = FALSE;

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree gchar *path = g_build_filename(machine->disk, files[i].name, NULL);
		if (what == files[i].what || what == LOSE_ALL)
			lost |= fu_uc_cut_lose(cut, path);
	}
	return lost;
}

/* whether everything was as it should be */
static gboolean
run_once(gboolean fallback, FuUcCutFault fault, guint at, guint *calls_out)
{
	g_autoptr(Machine) machine = machine_new(fallback);
	g_autoptr(FuUcCut) cut = fu_uc_cut_run(machine->disk, fault, at, sequence_cb, machine);

	if (calls_out != NULL)
		*calls_out = cut->calls;
	if (cut->status != 0)
		g_test_message("fault %d at call %u (%s)", fault, at, cut->name);
	return cut->status == 0;
}

static gboolean
cut_once(gboolean fallback, guint at, Lose what, gboolean restarts)
{
	g_autoptr(Machine) machine = machine_new(fallback);
	g_autoptr(FuUcCut) cut = NULL;
	g_autoptr(FuUcCut) check = NULL;

	cut = fu_uc_cut_run(machine->disk, FU_UC_CUT_POWER, at, sequence_cb, machine);
	g_assert_cmpint(cut->status, ==, -1);
	if (!lose(cut, machine, what) && what != LOSE_NONE)
		return TRUE;
	machine->restarts = restarts;
	check = fu_uc_cut_run(machine->disk, FU_UC_CUT_NONE, 0, check_cb, machine);
	if (check->status != 0)
		g_test_message("cut at call %u (%s), lost %d, restart %d",
			       at,
			       cut->name,
			       what,
			       restarts);
	return check->status == 0;
}

/* @last_points: how many from the end, as what comes before has been looked at */
static void
run_all(gboolean fallback, guint last_points)
{
	guint all = 0;
	guint points = 0;
	guint bad = 0;

	g_assert_true(run_once(fallback, FU_UC_CUT_NONE, 0, &all));
	g_assert_cmpuint(all, >, 10);
	points = MIN(all, last_points);
	for (guint at = all - points + 1; at <= all; at++) {
		for (guint what = LOSE_NONE; what < LOSE_LAST; what++)
			bad += !cut_once(fallback, at, what, TRUE);
		bad += !cut_once(fallback, at, LOSE_NONE, FALSE);
		for (guint fault = FU_UC_CUT_ENOSPC; fault < FU_UC_CUT_LAST; fault++)
			bad += !run_once(fallback, fault, at, NULL);
	}
	g_test_message("%u points, each with %d power cuts, a kill and %d failures of the disk",
		       points,
		       LOSE_LAST,
		       FU_UC_CUT_LAST - FU_UC_CUT_ENOSPC);
	g_assert_cmpuint(bad, ==, 0);
}

static void
test_sequence(void)
{
	run_all(FALSE, G_MAXUINT);
}

static void
test_fallback(void)
{
	run_all(TRUE, 15);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	(void)g_log_set_always_fatal(G_LOG_FATAL_MASK); /* a disk that fails is warned about */
	for (guint i = 0; i < G_N_ELEMENTS(versions); i++)
		(void)get_image(versions[i]);
	if (!fu_uc_cut_is_supported()) {
		g_print("1..0 # SKIP system calls can be followed on x86-64 only\n");
		return 0;
	}
	g_test_add_func("/power-cut/sequence", test_sequence);
	g_test_add_func("/power-cut/fallback", test_fallback);
	return g_test_run();
}
