/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The mirror's SQLite database: WAL, foreign keys, one transaction for every change of state. Every
 * value goes in as a bound parameter, never as text of a statement.
 */

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "uc-database-schema.h"
#include "uc-database.h"
#include "uc-error.h"
#include "uc-file.h"

#define UC_DATABASE_BUSY_MS 10000
/* so many statements wait, compiled, to be run again */
#define UC_DATABASE_IDLE_MAX 64
/* pages of the log after which it goes into the database, when commits do not wait for the disk */
#define UC_DATABASE_LAZY_LOG_PAGES "8000"

struct _UcDatabase {
	sqlite3 *handle;
	gint synced;	  /* number of changes that are on the disk */
	GHashTable *idle; /* (element-type utf8 UcStatement): by their text, which they own */
};

struct _UcStatement {
	UcDatabase *database; /* not owned */
	sqlite3_stmt *handle;
};

struct _UcTransaction {
	UcDatabase *database; /* not owned */
	gboolean open;
};

/* what to do about it, after what SQLite says */
static const gchar *
uc_database_get_advice(gint rc)
{
	switch (rc) {
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return "; run this as root, or as the user whose mirror it is";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return "; bring it back from the backup (docs/deployment.md, \"Backup\")";
	case SQLITE_FULL:
		return "; make room on the disk and try again";
	default:
		return "";
	}
}

/* the one conversion of a return code of SQLite */
static gboolean
uc_database_fail(UcDatabase *self, const gchar *what, GError **error)
{
	gint rc = sqlite3_errcode(self->handle);
	gboolean busy = rc == SQLITE_BUSY || rc == SQLITE_LOCKED;

	g_set_error(error,
		    UC_ERROR,
		    busy ? UC_ERROR_TEMPORARY : UC_ERROR_FAILED,
		    "the database %s cannot %s: %s%s",
		    sqlite3_db_filename(self->handle, NULL),
		    what,
		    sqlite3_errmsg(self->handle),
		    uc_database_get_advice(rc));
	return FALSE;
}

static gboolean
uc_database_exec(UcDatabase *self, const gchar *sql, const gchar *what, GError **error)
{
	if (sqlite3_exec(self->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
		return TRUE;
	return uc_database_fail(self, what, error);
}

static void
uc_statement_finalize(UcStatement *statement)
{
	sqlite3_finalize(statement->handle);
	g_free(statement);
}

void
uc_database_free(UcDatabase *self)
{
	g_hash_table_unref(self->idle);
	sqlite3_close(self->handle);
	g_free(self);
}

static UcDatabase *
uc_database_open_file(const gchar *path, gint flags, GError **error)
{
	g_autoptr(UcDatabase) self = g_new0(UcDatabase, 1);

	self->idle = g_hash_table_new_full(g_str_hash,
					   g_str_equal,
					   NULL,
					   (GDestroyNotify)uc_statement_finalize);
	if (sqlite3_open_v2(path, &self->handle, flags, NULL) != SQLITE_OK) {
		if (self->handle == NULL)
			g_error("no memory for a database");
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "the database %s cannot be opened: %s%s",
			    path,
			    sqlite3_errmsg(self->handle),
			    uc_database_get_advice(sqlite3_errcode(self->handle)));
		return NULL;
	}
	sqlite3_busy_timeout(self->handle, UC_DATABASE_BUSY_MS);
	if (!uc_database_exec(self,
			      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			      "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;",
			      "be set up",
			      error))
		return NULL;
	return g_steal_pointer(&self);
}

static gboolean
uc_database_get_number(UcDatabase *self, const gchar *sql, gint64 *value_out, GError **error)
{
	g_autoptr(UcStatement) statement = NULL;
	gboolean row = FALSE;

	statement = uc_database_query(self, error, sql, "");
	if (statement == NULL || !uc_statement_next(statement, &row, error))
		return FALSE;
	*value_out = row ? uc_statement_get_int64(statement, 0) : 0;
	return TRUE;
}

static gboolean
uc_database_get_version(UcDatabase *self, gint64 *version_out, GError **error)
{
	return uc_database_get_number(self, "PRAGMA user_version", version_out, error);
}

/* to the present schema in one transaction; of two programs at once the second finds it done */
static gboolean
uc_database_migrate(UcDatabase *self, GError **error)
{
	g_autoptr(UcTransaction) transaction = uc_transaction_begin(self, error);
	gint64 version = 0;

	if (transaction == NULL || !uc_database_get_version(self, &version, error))
		return FALSE;
	for (; version < UC_DATABASE_SCHEMA_VERSION; version++) {
		g_autofree gchar *sql =
		    g_strdup_printf("%s PRAGMA user_version=%" G_GINT64_FORMAT ";",
				    uc_database_schema_get_step((guint)version),
				    version + 1);

		if (!uc_database_exec(self, sql, "be made or migrated", error))
			return FALSE;
	}
	return uc_transaction_commit(transaction, error);
}

/**
 * uc_database_create:
 * @path: a file that does not exist yet
 * @error: set to %UC_ERROR_FAILED
 *
 * Returns: (transfer full): an empty database with the present schema
 */
UcDatabase *
uc_database_create(const gchar *path, GError **error)
{
	g_autoptr(UcDatabase) self = NULL;

	self = uc_database_open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
	if (self == NULL || !uc_database_migrate(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_database_open:
 * @path: a file made by uc_database_create(), of this version or an older one, which is migrated
 * @error: set to %UC_ERROR_FAILED, also if its schema is of a newer version
 *
 * Returns: (transfer full): the database
 */
UcDatabase *
uc_database_open(const gchar *path, GError **error)
{
	g_autoptr(UcDatabase) self = uc_database_open_file(path, SQLITE_OPEN_READWRITE, error);
	gint64 version = 0;

	if (self == NULL || !uc_database_get_version(self, &version, error))
		return NULL;
	if (version < 1 || version > UC_DATABASE_SCHEMA_VERSION) {
		g_set_error(error,
			    UC_ERROR,
			    UC_ERROR_FAILED,
			    "the database %s has schema version %" G_GINT64_FORMAT
			    ", this program knows 1 to %d; use the program that made it",
			    path,
			    version,
			    UC_DATABASE_SCHEMA_VERSION);
		return NULL;
	}
	if (version < UC_DATABASE_SCHEMA_VERSION && !uc_database_migrate(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * uc_database_set_lazy:
 * @error: set to %UC_ERROR_FAILED
 *
 * From now on a commit does not wait for the disk; uc_database_sync() does. What is on the disk is
 * consistent at any time, as SQLite's WAL promises. The log may grow to 32 MiB between two moves
 * into the database, each of which waits for the disk.
 */
gboolean
uc_database_set_lazy(UcDatabase *self, GError **error)
{
	return uc_database_exec(self,
				"PRAGMA synchronous=NORMAL;"
				"PRAGMA wal_autocheckpoint=" UC_DATABASE_LAZY_LOG_PAGES ";",
				"be set up",
				error);
}

/**
 * uc_database_get_path:
 *
 * Returns: (transfer none): of its file, absolute
 */
const gchar *
uc_database_get_path(UcDatabase *self)
{
	return sqlite3_db_filename(self->handle, NULL);
}

/**
 * uc_database_sync:
 * @error: set to %UC_ERROR_FAILED
 *
 * Waits until all that was committed since the last call is on the disk; without a change it does
 * nothing. SQLite holds no lock on the log itself, so that it may be opened and closed.
 */
gboolean
uc_database_sync(UcDatabase *self, GError **error)
{
	g_autofree gchar *path = g_strconcat(sqlite3_db_filename(self->handle, NULL), "-wal", NULL);
	gint changes = sqlite3_total_changes(self->handle);

	if (changes == self->synced)
		return TRUE;
	/* a log that is gone was put into the database, and synchronised, by another program */
	if (g_file_test(path, G_FILE_TEST_EXISTS) && !uc_file_sync(path, error))
		return FALSE;
	self->synced = changes;
	return TRUE;
}

/**
 * uc_statement_free:
 *
 * Ends it and keeps it compiled for the next that has the same text.
 */
void
uc_statement_free(UcStatement *statement)
{
	GHashTable *idle = statement->database->idle;
	const gchar *sql = sqlite3_sql(statement->handle);

	sqlite3_reset(statement->handle);
	sqlite3_clear_bindings(statement->handle);
	if (sql == NULL || g_hash_table_size(idle) >= UC_DATABASE_IDLE_MAX ||
	    g_hash_table_contains(idle, sql))
		uc_statement_finalize(statement);
	else
		g_hash_table_insert(idle, (gpointer)sql, statement);
}

/**
 * uc_statement_take_texts:
 * @query: (transfer full) (nullable): an uc_database_query()
 * @error: set to %UC_ERROR_FAILED, and set already if there is no @query
 *
 * Returns: (transfer full) (element-type utf8): its first column, or %NULL
 */
GPtrArray *
uc_statement_take_texts(UcStatement *query, GError **error)
{
	g_autoptr(UcStatement) statement = query;
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	gboolean row = FALSE;

	if (statement == NULL)
		return NULL;
	while (TRUE) {
		if (!uc_statement_next(statement, &row, error))
			return NULL;
		if (!row)
			return g_steal_pointer(&texts);
		g_ptr_array_add(texts, g_strdup(uc_statement_get_text(statement, 0)));
	}
}

/* (transfer full): one that was compiled before or, for the first time, now */
static UcStatement *
uc_database_compile(UcDatabase *self, const gchar *sql, GError **error)
{
	gpointer found = NULL;
	sqlite3_stmt *handle = NULL;
	UcStatement *statement = NULL;

	if (g_hash_table_steal_extended(self->idle, sql, NULL, &found))
		return found;
	if (sqlite3_prepare_v3(self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL) !=
	    SQLITE_OK) {
		(void)uc_database_fail(self, "prepare a statement", error);
		return NULL;
	}
	statement = g_new0(UcStatement, 1);
	statement->database = self;
	statement->handle = handle;
	return statement;
}

static gboolean
uc_statement_bind(UcStatement *self, const gchar *types, va_list args, GError **error)
{
	gint rc = SQLITE_OK;

	for (gint i = 0; rc == SQLITE_OK && types[i] != '\0'; i++) {
		if (types[i] == 's')
			rc = sqlite3_bind_text(self->handle,
					       i + 1,
					       va_arg(args, const gchar *),
					       -1,
					       SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_int64(self->handle, i + 1, va_arg(args, gint64));
	}
	return rc == SQLITE_OK || uc_database_fail(self->database, "prepare a statement", error);
}

static UcStatement *
uc_database_prepare(UcDatabase *self,
		    const gchar *sql,
		    const gchar *types,
		    va_list args,
		    GError **error)
{
	g_autoptr(UcStatement) statement = uc_database_compile(self, sql, error);

	if (statement == NULL || !uc_statement_bind(statement, types, args, error))
		return NULL;
	return g_steal_pointer(&statement);
}

/**
 * uc_database_query:
 * @self: a database
 * @error: set to %UC_ERROR_FAILED
 * @sql: a statement with a `?` for each parameter
 * @types: a letter for each parameter: `s` for a nullable string, `i` for a #gint64
 * @...: the parameters
 *
 * Returns: (transfer full): the statement, before its first row
 */
UcStatement *
uc_database_query(UcDatabase *self, GError **error, const gchar *sql, const gchar *types, ...)
{
	UcStatement *statement = NULL;
	va_list args;

	va_start(args, types);
	statement = uc_database_prepare(self, sql, types, args, error);
	va_end(args);
	return statement;
}

/**
 * uc_database_run:
 * @self: a database
 * @error: set to %UC_ERROR_FAILED, or %UC_ERROR_TEMPORARY when it stayed locked for 10 s
 * @sql: a statement without a result
 * @types: as of uc_database_query()
 * @...: the parameters
 *
 * Returns: whether it was done
 */
gboolean
uc_database_run(UcDatabase *self, GError **error, const gchar *sql, const gchar *types, ...)
{
	g_autoptr(UcStatement) statement = NULL;
	gboolean row = FALSE;
	va_list args;

	va_start(args, types);
	statement = uc_database_prepare(self, sql, types, args, error);
	va_end(args);
	return statement != NULL && uc_statement_next(statement, &row, error);
}

/**
 * uc_database_get_data_version:
 * @version_out: (out): another number after another program, or another connection of this one,
 *   has changed the database; never after a change by this connection
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 */
gboolean
uc_database_get_data_version(UcDatabase *self, gint64 *version_out, GError **error)
{
	return uc_database_get_number(self, "PRAGMA data_version", version_out, error);
}

gint64
uc_database_get_last_id(UcDatabase *self)
{
	return sqlite3_last_insert_rowid(self->handle);
}

gint64
uc_database_get_changes(UcDatabase *self)
{
	return sqlite3_changes(self->handle);
}

/**
 * uc_statement_next:
 * @statement: a statement
 * @row_out: (out): whether there is another row
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 *
 * Returns: %FALSE on an error only
 */
gboolean
uc_statement_next(UcStatement *statement, gboolean *row_out, GError **error)
{
	gint rc = sqlite3_step(statement->handle);

	*row_out = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return TRUE;
	return uc_database_fail(statement->database, "run a statement", error);
}

/**
 * uc_statement_run:
 * @statement: one without a result
 * @error: set to %UC_ERROR_FAILED or %UC_ERROR_TEMPORARY
 * @types: as of uc_database_query()
 * @...: the parameters
 *
 * Runs it, for the first time or once more; for thousands of rows this is cheaper than
 * uc_database_run() for each.
 *
 * Returns: whether it was done
 */
gboolean
uc_statement_run(UcStatement *statement, GError **error, const gchar *types, ...)
{
	gboolean bound = FALSE;
	gboolean row = FALSE;
	va_list args;

	sqlite3_reset(statement->handle);
	va_start(args, types);
	bound = uc_statement_bind(statement, types, args, error);
	va_end(args);
	return bound && uc_statement_next(statement, &row, error);
}

/**
 * uc_statement_get_text:
 *
 * Returns: (transfer none): the text of a column until the next row; never %NULL
 */
const gchar *
uc_statement_get_text(UcStatement *statement, gint column)
{
	const gchar *text = (const gchar *)sqlite3_column_text(statement->handle, column);

	return text != NULL ? text : "";
}

gint64
uc_statement_get_int64(UcStatement *statement, gint column)
{
	return sqlite3_column_int64(statement->handle, column);
}

/**
 * uc_transaction_begin:
 * @error: set to %UC_ERROR_TEMPORARY when another process wrote for 10 s
 *
 * Returns: (transfer full): a transaction that may write; it must not outlive @database
 */
UcTransaction *
uc_transaction_begin(UcDatabase *database, GError **error)
{
	UcTransaction *self = NULL;

	if (!uc_database_run(database, error, "BEGIN IMMEDIATE", ""))
		return NULL;
	self = g_new0(UcTransaction, 1);
	self->database = database;
	self->open = TRUE;
	return self;
}

gboolean
uc_transaction_commit(UcTransaction *self, GError **error)
{
	if (!uc_database_run(self->database, error, "COMMIT", ""))
		return FALSE;
	self->open = FALSE;
	return TRUE;
}

void
uc_transaction_free(UcTransaction *self)
{
	if (self->open)
		sqlite3_exec(self->database->handle, "ROLLBACK", NULL, NULL, NULL);
	g_free(self);
}

gboolean
uc_database_set_meta(UcDatabase *self, const gchar *key, const gchar *value, GError **error)
{
	return uc_database_run(self,
			       error,
			       "INSERT INTO meta (key, value) VALUES (?, ?)"
			       " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
			       "ss",
			       key,
			       value);
}

/**
 * uc_database_get_meta:
 * @value_out: (out) (transfer full): the value; empty when there is none
 */
gboolean
uc_database_get_meta(UcDatabase *self, const gchar *key, gchar **value_out, GError **error)
{
	g_autoptr(UcStatement) statement = NULL;
	gboolean row = FALSE;

	statement =
	    uc_database_query(self, error, "SELECT value FROM meta WHERE key = ?", "s", key);
	if (statement == NULL || !uc_statement_next(statement, &row, error))
		return FALSE;
	*value_out = g_strdup(row ? uc_statement_get_text(statement, 0) : "");
	return TRUE;
}

/**
 * uc_database_get_meta_int:
 * @value_out: (out): the value; 0 when there is none
 */
gboolean
uc_database_get_meta_int(UcDatabase *self, const gchar *key, gint64 *value_out, GError **error)
{
	g_autofree gchar *text = NULL;

	if (!uc_database_get_meta(self, key, &text, error))
		return FALSE;
	*value_out = g_ascii_strtoll(text, NULL, 10);
	return TRUE;
}
