/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _UcDatabase UcDatabase;
typedef struct _UcStatement UcStatement;

UcDatabase *
uc_database_create(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
UcDatabase *
uc_database_open(const gchar *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_database_free(UcDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcDatabase, uc_database_free)

gboolean
uc_database_set_lazy(UcDatabase *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_database_sync(UcDatabase *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean
uc_database_run(UcDatabase *self, GError **error, const gchar *sql, const gchar *types, ...)
    G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_database_get_path(UcDatabase *self);
gboolean
uc_database_get_data_version(UcDatabase *self,
			     gint64 *version_out,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_database_get_last_id(UcDatabase *self);
gint64
uc_database_get_changes(UcDatabase *self);

UcStatement *
uc_database_query(UcDatabase *self, GError **error, const gchar *sql, const gchar *types, ...)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_statement_next(UcStatement *statement,
		  gboolean *row_out,
		  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_statement_run(UcStatement *statement, GError **error, const gchar *types, ...)
    G_GNUC_WARN_UNUSED_RESULT;
const gchar *
uc_statement_get_text(UcStatement *statement, gint column);
gint64
uc_statement_get_int64(UcStatement *statement, gint column);
GPtrArray *
uc_statement_take_texts(UcStatement *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_statement_free(UcStatement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcStatement, uc_statement_free)

/**
 * UcTransaction:
 *
 * A transaction that is rolled back when it goes out of scope without uc_transaction_commit().
 */
typedef struct _UcTransaction UcTransaction;

UcTransaction *
uc_transaction_begin(UcDatabase *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_transaction_commit(UcTransaction *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void
uc_transaction_free(UcTransaction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcTransaction, uc_transaction_free)

gboolean
uc_database_set_meta(UcDatabase *self, const gchar *key, const gchar *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_database_get_meta(UcDatabase *self, const gchar *key, gchar **value_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_database_get_meta_int(UcDatabase *self, const gchar *key, gint64 *value_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
