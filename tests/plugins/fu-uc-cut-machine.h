/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#define FU_UC_CUT_IMAGE_SIZE (1024 * 1024 + 4096) /* bytes: two pieces */

typedef enum {
	FU_UC_CUT_SCENARIO_SLOTS,
	FU_UC_CUT_SCENARIO_FALLBACK, /* the new image does not come up */
	FU_UC_CUT_SCENARIO_TRIAL,    /* and is confirmed */
	FU_UC_CUT_SCENARIO_SICK,     /* and is found not to be healthy */
	FU_UC_CUT_SCENARIO_FILE,     /* one file rather than two slots */
	FU_UC_CUT_SCENARIO_RESTART,  /* one file, which runs after the next restart */
	FU_UC_CUT_SCENARIO_PARTITION /* one partition, overwritten in place, the same */
} FuUcCutScenario;

typedef struct {
	FuUcCutScenario scenario;
	gchar *base;
	gchar *disk;	   /* what a power cut is about */
	gboolean restarts; /* before it is looked at */
	gboolean gives_up; /* the daemon ends at the first error, and is started again */
} FuUcCutMachine;

FuUcCutMachine *
fu_uc_cut_machine_new(FuUcCutScenario scenario) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_cut_machine_free(FuUcCutMachine *self);
gboolean
fu_uc_cut_machine_has_slots(FuUcCutMachine *self);
const gchar *
fu_uc_cut_machine_get_image(const gchar *version);
const gchar *
fu_uc_cut_machine_find_version(FuUcCutMachine *self, const gchar *slot);
gchar *
fu_uc_cut_machine_read_version(FuUcCutMachine *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_cut_machine_read_next(FuUcCutMachine *self) G_GNUC_WARN_UNUSED_RESULT;
gchar *
fu_uc_cut_machine_read_running(FuUcCutMachine *self) G_GNUC_WARN_UNUSED_RESULT;
void
fu_uc_cut_machine_restart(FuUcCutMachine *self);
void
fu_uc_cut_machine_fall_back(FuUcCutMachine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcCutMachine, fu_uc_cut_machine_free)
