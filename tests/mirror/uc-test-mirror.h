/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-mirror.h"

/**
 * UcTestDatabase:
 * @database: a new one
 * @other: the same as another program has it
 * @path: its file, in a directory of its own
 */
typedef struct {
	UcDatabase *database;
	UcDatabase *other;
	gchar *path;
} UcTestDatabase;

void
uc_test_database_make(UcTestDatabase *self);
void
uc_test_database_remove(UcTestDatabase *self);
UcMirror *
uc_test_mirror_make(gint64 now_secs);
void
uc_test_mirror_remove(UcMirror *mirror);
