/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of the whole store.
 *
 * sqlite3_backup begins afresh when somebody writes to its source between two
 * steps, unless its source has a transaction open: so one is, from the first
 * step to the last.  VACUUM INTO is not taken: it renumbers the rows of some
 * tables, says nothing of how far it is, and cannot be done in steps.
 *
 * The copy is synced by nobody: it lives as long as the process that reads it
 * back.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_backup.h"

#define SNAP_STEP_PAGES 1024
#define SNAP_BUSY_MS 5000

struct store_snap {
	sqlite3 *db, *to;
	sqlite3_backup *backup;
	uint64_t bytes;
};

static int
db_error(sqlite3 *db, int code, struct err_note *note)
{
	int err = store_error(NULL, code);

	if (err == 0)
		return 0;
	return err_set(note, err, "store: %s",
	    db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(db));
}

static int
db_open(const char *path, int flags, sqlite3 **ret_db, struct err_note *note)
{
	sqlite3 *db = NULL;
	int code, err;

	code = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE, NULL);
	err = db_error(db, code, note);
	if (err < 0) {
		(void)sqlite3_close_v2(db);
		return err;
	}
	(void)sqlite3_busy_timeout(db, SNAP_BUSY_MS);
	*ret_db = db;
	return 0;
}

static int
db_exec(sqlite3 *db, const char *sql, struct err_note *note)
{
	return db_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL), note);
}

/* The number that the statement gives first. */
static int
db_number(sqlite3 *db, const char *sql, int64_t *ret_number,
    struct err_note *note)
{
	sqlite3_stmt *stmt = NULL;
	int code, err;

	code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	err = db_error(db, code, note);
	if (err == 0 && code != SQLITE_ROW)
		err = err_set(note, ERR_CORRUPT, "the store lacks a row");
	if (err == 0)
		*ret_number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return err;
}

static int
store_path(const char *dir, char out[URI_BYTES_MAX], struct err_note *note)
{
	int len = snprintf(out, URI_BYTES_MAX, "%s/tidemark.db", dir);

	return len < 0 || (size_t)len >= URI_BYTES_MAX
	    ? err_set(note, ERR_TOO_BIG, "path too long")
	    : 0;
}

int
store_settle(const char *dir, struct err_note *note)
{
	char path[URI_BYTES_MAX];
	sqlite3 *db = NULL;
	int err;

	err = store_path(dir, path, note);
	if (err == 0)
		err = db_open(path, SQLITE_OPEN_READWRITE, &db, note);
	if (err == 0)
		err = db_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", note);
	(void)sqlite3_close_v2(db);
	return err;
}

/* ---- copying ------------------------------------------------------------ */

int
store_snap_open(const char *dir, struct store_snap **ret_snap,
    struct err_note *note)
{
	char path[URI_BYTES_MAX];
	struct store_snap *snap;
	int64_t pages = 0, size = 0;
	int err;

	snap = mem_zalloc(sizeof(*snap));
	if (snap == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	err = store_path(dir, path, note);
	if (err == 0)
		err = db_open(path, SQLITE_OPEN_READWRITE, &snap->db, note);
	/* The first read is what pins it, not BEGIN. */
	if (err == 0)
		err = db_exec(snap->db, "PRAGMA wal_autocheckpoint = 0;"
		    "PRAGMA cache_size = -8192; BEGIN;"
		    "SELECT value FROM meta LIMIT 1", note);
	if (err == 0)
		err = db_number(snap->db, "PRAGMA page_count", &pages, note);
	if (err == 0)
		err = db_number(snap->db, "PRAGMA page_size", &size, note);
	if (err < 0)
		goto out;
	snap->bytes = (uint64_t)pages * (uint64_t)size;
	*ret_snap = snap;
	snap = NULL;
out:
	store_snap_close(snap);
	return err;
}

void
store_snap_close(struct store_snap *snap)
{
	if (snap == NULL)
		return;
	if (snap->backup != NULL)
		(void)sqlite3_backup_finish(snap->backup);
	(void)sqlite3_close_v2(snap->to);
	(void)sqlite3_close_v2(snap->db); /* ends the transaction */
	mem_free(snap);
}

uint64_t
store_snap_bytes(const struct store_snap *snap)
{
	return snap->bytes;
}

static int
snap_begin(struct store_snap *snap, const char *path, struct err_note *note)
{
	int err;

	err = db_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	    &snap->to, note);
	if (err == 0)
		err = db_exec(snap->to, "PRAGMA journal_mode = OFF;"
		    "PRAGMA synchronous = OFF", note);
	if (err < 0)
		return err;
	snap->backup = sqlite3_backup_init(snap->to, "main", snap->db,
	    "main");
	return snap->backup == NULL
	    ? db_error(snap->to, sqlite3_errcode(snap->to), note)
	    : 0;
}

int
store_snap_copy(struct store_snap *snap, const char *path, bool *ret_is_done,
    struct err_note *note)
{
	int code, err = 0;

	if (snap->to == NULL)
		err = snap_begin(snap, path, note);
	if (err < 0)
		return err;
	code = sqlite3_backup_step(snap->backup, SNAP_STEP_PAGES);
	if (code == SQLITE_OK) {
		*ret_is_done = false;
		return 0;
	}
	if (code != SQLITE_DONE)
		return err_set(note, store_error(NULL, code),
		    "the copy of the store: %s", sqlite3_errstr(code));
	code = sqlite3_backup_finish(snap->backup);
	snap->backup = NULL;
	err = db_error(snap->to, code, note);
	if (err == 0)
		*ret_is_done = true;
	return err;
}
