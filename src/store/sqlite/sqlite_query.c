/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/standing.h"

static const char *const stmt_sql[STMT_COUNT] = {
#define STMT(name, sql) [STMT_##name] = (sql),
#include "store/sqlite/stmt_tbl.h"
};

int
store_error(struct store *store, int sqlite_code)
{
	(void)store;
	switch (sqlite_code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_FULL:
		return ERR_STORAGE_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return ERR_CORRUPT;
	case SQLITE_CONSTRAINT:
		return ERR_EXISTS;
	case SQLITE_TOOBIG:
		return ERR_TOO_BIG;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		return ERR_IO;
	default:
		return ERR_INTERNAL;
	}
}

int
store_error_note(struct store *store, int sqlite_code, struct err_note *note)
{
	int err = store_error(store, sqlite_code);

	if (err == 0)
		return 0;
	return err_set(note, err, "store: %s",
	    store->db == NULL ? sqlite3_errstr(sqlite_code)
			      : sqlite3_errmsg(store->db));
}

int
store_exec(struct store *store, const char *sql, struct err_note *note)
{
	return store_error_note(store,
	    sqlite3_exec(store->db, sql, NULL, NULL, NULL), note);
}

int
store_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_stmt)
{
	return store_error(store,
	    sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
		ret_stmt, NULL));
}

void
q_open_stmt(struct q *q, struct store *store, sqlite3_stmt *stmt)
{
	memset(q, 0, sizeof(*q));
	q->store = store;
	q->stmt = stmt;
}

void
q_open(struct q *q, struct store *store, enum stmt_id id)
{
	q_open_stmt(q, store, NULL);
	if (store->stmts[id] == NULL)
		q->err = store_prepare(store, stmt_sql[id],
		    &store->stmts[id]);
	q->stmt = store->stmts[id];
}

static void
q_bound(struct q *q, int code)
{
	if (q->err == 0)
		q->err = store_error(q->store, code);
}

void
q_int(struct q *q, int64_t value)
{
	q->at++;
	if (q->err == 0)
		q_bound(q, sqlite3_bind_int64(q->stmt, q->at, value));
}

void
q_textn(struct q *q, const char *text, size_t len)
{
	q->at++;
	if (q->err == 0)
		q_bound(q, sqlite3_bind_text64(q->stmt, q->at, text, len,
			       SQLITE_STATIC, SQLITE_UTF8));
}

void
q_text(struct q *q, const char *text)
{
	if (text == NULL) {
		q->at++;
		if (q->err == 0)
			q_bound(q, sqlite3_bind_null(q->stmt, q->at));
		return;
	}
	q_textn(q, text, strlen(text));
}

void
q_blob(struct q *q, const void *bytes, size_t len)
{
	q->at++;
	if (q->err == 0)
		q_bound(q, sqlite3_bind_blob64(q->stmt, q->at, bytes, len,
			       SQLITE_STATIC));
}

int
q_step(struct q *q)
{
	int code;

	if (q->err < 0)
		return q->err;
	code = sqlite3_step(q->stmt);
	if (code == SQLITE_ROW)
		return 1;
	q_bound(q, code);
	return q->err;
}

int
q_close(struct q *q, int err)
{
	if (q->stmt != NULL) {
		(void)sqlite3_reset(q->stmt); /* the error is known already */
		(void)sqlite3_clear_bindings(q->stmt);
	}
	return err != 0 ? err : q->err;
}

int
q_run(struct q *q)
{
	int got;

	do {
		got = q_step(q);
	} while (got > 0);
	return q_close(q, 0);
}

int
stmt_run_1(struct store *store, enum stmt_id id, int64_t value)
{
	struct q q;

	q_open(&q, store, id);
	q_int(&q, value);
	return q_run(&q);
}

int
stmt_run_2(struct store *store, enum stmt_id id, int64_t first,
    int64_t second)
{
	struct q q;

	q_open(&q, store, id);
	q_int(&q, first);
	q_int(&q, second);
	return q_run(&q);
}

int64_t
q_col_int(struct q *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

const char *
q_col_text(struct q *q, int column)
{
	const char *text;

	text = (const char *)sqlite3_column_text(q->stmt, column);
	return text == NULL ? "" : text;
}

const char *
q_col_text_or_null(struct q *q, int column)
{
	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL
	    ? NULL
	    : q_col_text(q, column);
}

const uint8_t *
q_col_blob(struct q *q, int column, size_t len)
{
	if (sqlite3_column_type(q->stmt, column) != SQLITE_BLOB ||
	    (size_t)sqlite3_column_bytes(q->stmt, column) != len)
		return NULL;
	return sqlite3_column_blob(q->stmt, column);
}

int
q_col_uuid(struct q *q, int column, struct uuid *ret_uuid)
{
	const uint8_t *bytes;

	bytes = q_col_blob(q, column, sizeof(ret_uuid->bytes));
	if (bytes == NULL)
		return ERR_CORRUPT;
	memcpy(ret_uuid->bytes, bytes, sizeof(ret_uuid->bytes));
	return 0;
}

int
q_each(struct q *q, q_row_fn *row, void *arg)
{
	int got, err = 0;

	while (err == 0 && (got = q_step(q)) > 0)
		err = row(q, arg);
	return q_close(q, err);
}

void
le64_put(uint8_t *out, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

uint64_t
le64_get(const uint8_t *in)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value |= (uint64_t)in[i] << (8 * i);
	return value;
}
