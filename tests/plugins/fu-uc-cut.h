/*
 * Copyright 2026 The ucupdates authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

typedef enum {
	FU_UC_CUT_NONE,	 /* only count */
	FU_UC_CUT_POWER, /* every process is killed before the call does anything */
	FU_UC_CUT_ENOSPC,
	FU_UC_CUT_EIO,
	FU_UC_CUT_SHORT, /* half of what was to be written is */
	FU_UC_CUT_TORN,	 /* the same, and then every process is killed */
	FU_UC_CUT_LAST,
} FuUcCutFault;

/* what is run; its result is the exit status of the process */
typedef gint (*FuUcCutFunc)(gpointer user_data);

typedef struct {
	guint calls;	       /* that change the disk, up to the cut if there was one */
	gint status;	       /* of the process; -1 if it was killed */
	gchar *name;	       /* (nullable): of the system call that the fault was in */
	gboolean can_be_short; /* whether that call can do half of its work */
	GHashTable *durable; /* (element-type utf8 GBytes): what files certainly have on the disk */
	GHashTable *renamed; /* the same, where only the name is not certain yet */
} FuUcCut;

gboolean
fu_uc_cut_is_supported(void);
FuUcCut *
fu_uc_cut_run(const gchar *directory,
	      FuUcCutFault fault,
	      guint at,
	      FuUcCutFunc func,
	      gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
gboolean
fu_uc_cut_lose(FuUcCut *self, const gchar *path);
void
fu_uc_cut_free(FuUcCut *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuUcCut, fu_uc_cut_free)
