/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "fu-uc-cut-disk.h"
#include "fu-uc-cut.h"
#include "fu-uc-endpoint-partition.h"
#include "fu-uc-endpoint-slot.h"
#include "fu-uc-test.h"

/* A partition that is overwritten in place, here a file: the power is cut, or the disk fails, at
 * each system call that changes the disk. After the next start it has all of the old content or all
 * of the new one, and the next attempt succeeds. */

#define SIZE	(1024 * 1024 + 4096) /* bytes: two pieces */
#define GAVE_UP 3		     /* exit status */

typedef struct {
	gchar *directory;
	gchar *target;
	gchar *keep;
} Machine;

static void
machine_fill(Machine *self, gchar content)
{
	g_autofree gchar *buf = g_malloc(SIZE);

	memset(buf, content, SIZE);
	g_assert_true(g_file_set_contents(self->target, buf, SIZE, NULL));
}

static Machine *
machine_new(void)
{
	Machine *self = g_new0(Machine, 1);

	self->directory = fu_uc_test_make_directory();
	self->target = g_build_filename(self->directory, "partition", NULL);
	self->keep = g_build_filename(self->directory, "codec.old", NULL);
	machine_fill(self, '1');
	return self;
}

static void
machine_free(Machine *self)
{
	fu_uc_test_remove_directory(self->directory);
	g_free(self->target);
	g_free(self->keep);
	g_free(self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

/* what all of it is; NUL if it is not one thing */
static gchar
machine_get_content(Machine *self)
{
	gsize bufsz = 0;
	g_autofree gchar *buf = NULL;

	g_assert_true(g_file_get_contents(self->target, &buf, &bufsz, NULL));
	if (bufsz != SIZE)
		return '\0';
	for (gsize i = 1; i < bufsz; i++) {
		if (buf[i] != buf[0])
			return '\0';
	}
	return buf[0];
}

static gboolean
machine_write(Machine *self, gchar content, GError **error)
{
	g_autofree gchar *buf = g_malloc(SIZE);
	g_autofree gchar *sha256 = NULL;
	g_autoptr(FuProgress) progress = fu_progress_new(G_STRLOC);
	g_autoptr(GInputStream) stream = NULL;

	memset(buf, content, SIZE);
	stream = g_memory_input_stream_new_from_data(buf, SIZE, NULL);
	if (!fu_uc_endpoint_partition_recover(self->target, self->keep, error) ||
	    !fu_uc_endpoint_partition_keep(self->target, self->keep, SIZE, error) ||
	    !fu_uc_endpoint_slot_write(self->target, stream, SIZE, progress, error))
		return FALSE;
	sha256 = fu_uc_endpoint_slot_read_sha256(self->target, SIZE, progress, error);
	return sha256 != NULL && fu_uc_endpoint_partition_drop(self->keep, error);
}

/* what is cut; after a failure of the disk somebody tries once more */
static gint
sequence_cb(gpointer user_data)
{
	Machine *self = user_data;
	g_autoptr(GError) error = NULL;

	if (machine_write(self, '2', &error) || machine_write(self, '2', NULL))
		return machine_get_content(self) == '2' ? 0 : 1;
	return GAVE_UP;
}

static gint
check_cb(gpointer user_data)
{
	Machine *self = user_data;
	gchar content;
	g_autoptr(GError) error = NULL;

	g_assert_true(fu_uc_endpoint_partition_recover(self->target, self->keep, &error));
	content = machine_get_content(self);
	g_assert_true(content == '1' || content == '2');
	g_assert_false(g_file_test(self->keep, G_FILE_TEST_EXISTS));
	g_assert_true(machine_write(self, '3', &error));
	return machine_get_content(self) == '3' ? 0 : 1;
}

static void
check(Machine *self, const gchar *what)
{
	g_autoptr(FuUcCut) cut = fu_uc_cut_run(self->directory, FU_UC_CUT_NONE, 0, check_cb, self);

	if (cut->status != 0)
		g_test_message("%s: not good afterwards", what);
	g_assert_cmpint(cut->status, ==, 0);
}

/* with each combination of what was not flushed lost */
static void
cut_power(guint at)
{
	g_autoptr(Machine) machine = machine_new();
	g_autoptr(FuUcCut) cut =
	    fu_uc_cut_run(machine->directory, FU_UC_CUT_POWER, at, sequence_cb, machine);
	g_autoptr(GHashTable) disk = fu_uc_cut_disk_save(machine->directory);
	g_autofree gchar *aside = g_strconcat(machine->keep, ".new", NULL);

	g_assert_cmpint(cut->status, ==, -1);
	for (guint lost = 0; lost < 4; lost++) {
		g_autofree gchar *what =
		    g_strdup_printf("cut at call %u (%s), lost %u", at, cut->name, lost);
		fu_uc_cut_disk_restore(disk, machine->directory);
		if (lost & 1)
			(void)fu_uc_cut_lose(cut, machine->target);
		if (lost & 2) {
			(void)fu_uc_cut_lose(cut, machine->keep);
			(void)fu_uc_cut_lose(cut, aside);
		}
		check(machine, what);
	}
}

static void
fail_disk(FuUcCutFault fault, guint at)
{
	g_autoptr(Machine) machine = machine_new();
	g_autoptr(FuUcCut) cut = fu_uc_cut_run(machine->directory, fault, at, sequence_cb, machine);
	g_autofree gchar *what =
	    g_strdup_printf("fault %d at call %u (%s)", (gint)fault, at, cut->name);

	g_assert_true(cut->status == 0 || cut->status == GAVE_UP);
	check(machine, what);
}

static void
test_each_call(void)
{
	guint calls;
	{
		g_autoptr(Machine) machine = machine_new();
		g_autoptr(FuUcCut) cut =
		    fu_uc_cut_run(machine->directory, FU_UC_CUT_NONE, 0, sequence_cb, machine);
		g_assert_cmpint(cut->status, ==, 0);
		calls = cut->calls;
	}
	g_assert_cmpuint(calls, >, 8);
	for (guint at = 1; at <= calls; at++) {
		cut_power(at);
		fail_disk(FU_UC_CUT_ENOSPC, at);
		fail_disk(FU_UC_CUT_EIO, at);
	}
	g_test_message("%u points, each with 4 power cuts and 2 failures of the disk", calls);
}

static void
test_no_room(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Machine) machine = machine_new();

	g_assert_false(
	    fu_uc_endpoint_partition_check(machine->target, machine->keep, SIZE + 1, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED);
	g_assert_nonnull(g_strstr_len(error->message, -1, "firmware has 1052673 bytes, "));
	g_clear_error(&error);
	g_assert_true(fu_uc_endpoint_partition_check(machine->target, machine->keep, SIZE, &error));
}

/* the kept file stays for another try, and the sentence names both */
static void
test_cannot_be_put_back(void)
{
	g_autofree gchar *sentence = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Machine) machine = machine_new();

	g_assert_true(fu_uc_endpoint_partition_keep(machine->target, machine->keep, SIZE, &error));
	g_assert_cmpint(g_unlink(machine->target), ==, 0);
	g_assert_false(fu_uc_endpoint_partition_recover(machine->target, machine->keep, &error));
	g_assert_error(error, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND);
	sentence = g_strdup_printf("%s was not written to the end, and what it had before could "
				   "not be put back from %s: ",
				   machine->target,
				   machine->keep);
	g_assert_true(g_str_has_prefix(error->message, sentence));
	g_clear_error(&error);
	machine_fill(machine, '7');
	g_assert_true(fu_uc_endpoint_partition_recover(machine->target, machine->keep, &error));
	g_assert_cmpint(machine_get_content(machine), ==, '1');
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	(void)g_log_set_always_fatal(G_LOG_FATAL_MASK); /* a disk that fails is warned about */
	g_test_add_func("/partition/no-room", test_no_room);
	g_test_add_func("/partition/cannot-be-put-back", test_cannot_be_put_back);
	if (fu_uc_cut_is_supported())
		g_test_add_func("/partition/each-call", test_each_call);
	return g_test_run();
}
