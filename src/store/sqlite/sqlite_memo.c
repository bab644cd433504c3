/* SPDX-License-Identifier: Apache-2.0 */
/* What clients keep of conversations, and what was asked. */
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_memo.h"

/* NULL where there is none. */
static void
q_uuid_or_null(struct q *q, bool has, const struct uuid *uuid)
{
	q_blob(q, has ? uuid->bytes : NULL, has ? sizeof(uuid->bytes) : 0);
}

static int
q_col_uuid_or_null(struct q *q, int column, bool *ret_has,
    struct uuid *ret_uuid)
{
	*ret_has = sqlite3_column_type(q->stmt, column) != SQLITE_NULL;
	return *ret_has ? q_col_uuid(q, column, ret_uuid) : 0;
}

static int64_t
limit_of(size_t limit)
{
	return limit > INT64_MAX ? INT64_MAX : (int64_t)limit;
}

/* ---- memos --------------------------------------------------------------- */

int
store_memo_add(struct store *store, const struct memo *memo, int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_MEMO_ADD);
	q_blob(&q, memo->uuid.bytes, sizeof(memo->uuid.bytes));
	q_int(&q, memo->account_id);
	q_uuid_or_null(&q, memo->has_base, &memo->base);
	q_text(&q, memo->session);
	q_text(&q, memo->kind);
	q_text(&q, memo->text);
	q_text(&q, memo->body);
	q_int(&q, memo->created_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_memo_save(struct store *store, const struct memo *memo)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_MEMO_SAVE);
	q_int(&q, memo->id);
	q_text(&q, memo->text);
	q_text(&q, memo->body);
	err = q_run(&q);
	return err == 0 && sqlite3_changes64(store->db) == 0 ? ERR_NOT_FOUND
							     : err;
}

struct memo_walk {
	memo_fn *fn;
	void *arg;
};

/* The columns are MEMO_COLUMNS. */
static int
memo_row(struct q *q, void *arg)
{
	const struct memo_walk *walk = arg;
	struct memo memo = {.id = q_col_int(q, 0)};
	int err;

	err = q_col_uuid(q, 1, &memo.uuid);
	if (err == 0)
		err = q_col_uuid_or_null(q, 3, &memo.has_base, &memo.base);
	if (err < 0)
		return err;
	memo.account_id = q_col_int(q, 2);
	memo.session = q_col_text(q, 4);
	memo.kind = q_col_text(q, 5);
	memo.text = q_col_text(q, 6);
	memo.body = q_col_text(q, 7);
	memo.created_us = q_col_int(q, 8);
	return walk->fn(walk->arg, &memo);
}

int
store_memo_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, memo_fn *fn, void *arg)
{
	struct memo_walk walk = {fn, arg};
	struct q q;
	int got;

	q_open(&q, store, STMT_MEMO_FIND);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	got = q_step(&q);
	if (got > 0)
		got = memo_row(&q, &walk);
	else if (got == 0)
		got = ERR_NOT_FOUND;
	return q_close(&q, got);
}

int
store_memos_each(struct store *store, int64_t account_id,
    const char *session, int64_t before_id, size_t limit, memo_fn *fn,
    void *arg)
{
	struct memo_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store,
	    session == NULL ? STMT_MEMOS : STMT_MEMOS_OF_SESSION);
	q_int(&q, account_id);
	q_int(&q, before_id == 0 ? INT64_MAX : before_id);
	q_int(&q, limit_of(limit));
	if (session != NULL)
		q_text(&q, session);
	return q_each(&q, memo_row, &walk);
}

int
store_memos_trim(struct store *store, int64_t account_id, size_t keep)
{
	return stmt_run_2(store, STMT_MEMOS_TRIM, account_id, limit_of(keep));
}

/* ---- what was asked ------------------------------------------------------ */

int
store_asked_add(struct store *store, const struct asked *asked)
{
	struct q q;

	q_open(&q, store, STMT_ASKED_ADD);
	q_blob(&q, asked->uuid.bytes, sizeof(asked->uuid.bytes));
	q_int(&q, asked->account_id);
	q_uuid_or_null(&q, asked->has_base, &asked->base);
	q_int(&q, asked->is_answer);
	q_text(&q, asked->text);
	q_int(&q, asked->created_us);
	return q_run(&q);
}

struct asked_walk {
	asked_fn *fn;
	void *arg;
};

static int
asked_row(struct q *q, void *arg)
{
	const struct asked_walk *walk = arg;
	struct asked asked = {.id = q_col_int(q, 0)};
	int err;

	err = q_col_uuid(q, 1, &asked.uuid);
	if (err == 0)
		err = q_col_uuid_or_null(q, 3, &asked.has_base, &asked.base);
	if (err < 0)
		return err;
	asked.account_id = q_col_int(q, 2);
	asked.is_answer = q_col_int(q, 4) != 0;
	asked.text = q_col_text(q, 5);
	asked.created_us = q_col_int(q, 6);
	return walk->fn(walk->arg, &asked);
}

int
store_asked_each(struct store *store, int64_t account_id, size_t limit,
    asked_fn *fn, void *arg)
{
	struct asked_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_ASKED);
	q_int(&q, account_id);
	q_int(&q, limit_of(limit));
	return q_each(&q, asked_row, &walk);
}

int
store_asked_trim(struct store *store, int64_t account_id, size_t keep)
{
	return stmt_run_2(store, STMT_ASKED_TRIM, account_id, limit_of(keep));
}

/* ---- what goes ----------------------------------------------------------- */

int
store_account_forget_words(struct store *store, int64_t account_id)
{
	int err;

	err = stmt_run_1(store, STMT_MEMOS_OF_ACCOUNT_DELETE, account_id);
	return err < 0 ? err
		       : stmt_run_1(store, STMT_ASKED_OF_ACCOUNT_DELETE,
			     account_id);
}
