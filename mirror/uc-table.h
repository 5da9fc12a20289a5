/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _UcTable UcTable;

UcTable *
uc_table_new(const gchar *title, ...) G_GNUC_NULL_TERMINATED G_GNUC_WARN_UNUSED_RESULT;
void
uc_table_free(UcTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTable, uc_table_free)

UcTable *
uc_table_new_strv(const gchar *const *titles) G_GNUC_WARN_UNUSED_RESULT;
void
uc_table_add_strv(UcTable *self, const gchar *const *cells);
void
uc_table_add_row(UcTable *self, const gchar *cell, ...) G_GNUC_NULL_TERMINATED;
gchar *
uc_table_to_string(UcTable *self, guint columns) G_GNUC_WARN_UNUSED_RESULT;
void
uc_table_print(UcTable *self);
