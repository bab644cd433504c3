/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks: where accounts want to be told. */
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/sqlite/sqlite_webhook.h"

static void
q_sealed(struct q *q, const void *bytes, size_t len)
{
	if (bytes != NULL)
		q_blob(q, bytes, len);
	else
		q_text(q, NULL);
}

/* What WEBHOOK_ADD and WEBHOOK_SAVE end with. */
static int
webhook_run(struct q *q, const struct webhook *webhook)
{
	q_text(q, webhook->url);
	q_text(q, webhook->description);
	q_sealed(q, webhook->secret, webhook->secret_len);
	q_sealed(q, webhook->old_secret, webhook->old_secret_len);
	q_int(q, webhook->old_until_us);
	q_int(q, webhook->types);
	q_text(q, webhook->bases);
	q_int(q, webhook->is_silent);
	q_text(q, webhook->settings);
	q_int(q, webhook->stop);
	q_int(q, webhook->stopped_us);
	q_int(q, webhook->succeeded_us);
	q_int(q, webhook->updated_us);
	return q_run(q);
}

int
store_webhook_add(struct store *store, const struct webhook *webhook,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_WEBHOOK_ADD);
	q_blob(&q, webhook->uuid.bytes, sizeof(webhook->uuid.bytes));
	q_int(&q, webhook->account_id);
	q_int(&q, webhook->dialect);
	q_int(&q, webhook->created_us);
	err = webhook_run(&q, webhook);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_webhook_save(struct store *store, const struct webhook *webhook)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_WEBHOOK_SAVE);
	q_int(&q, webhook->id);
	err = webhook_run(&q, webhook);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

int
store_webhook_delete(struct store *store, int64_t webhook_id)
{
	int err;

	err = stmt_run_1(store, STMT_WEBHOOK_DELETE, webhook_id);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

int
store_webhook_succeeded(struct store *store, int64_t webhook_id,
    int64_t now_us)
{
	return stmt_run_2(store, STMT_WEBHOOK_SUCCEEDED, webhook_id, now_us);
}

int
store_webhook_stop(struct store *store, int64_t webhook_id,
    enum webhook_stop stop, int64_t now_us)
{
	struct q q;

	q_open(&q, store, STMT_WEBHOOK_STOP);
	q_int(&q, webhook_id);
	q_int(&q, stop);
	q_int(&q, now_us);
	return q_run(&q);
}

/* ---- reading ------------------------------------------------------------ */

struct webhook_walk {
	webhook_fn *fn;
	void *arg;
	bool is_found;
};

/* NULL for what is NULL. */
static const void *
q_col_sealed(struct q *q, int column, size_t *ret_len)
{
	*ret_len = (size_t)sqlite3_column_bytes(q->stmt, column);
	return sqlite3_column_type(q->stmt, column) == SQLITE_BLOB
	    ? sqlite3_column_blob(q->stmt, column)
	    : NULL;
}

/* The columns are WEBHOOK_COLUMNS. */
static int
webhook_row(struct q *q, void *arg)
{
	struct webhook_walk *walk = arg;
	struct webhook webhook = {.id = q_col_int(q, 0)};
	int64_t stop = q_col_int(q, 13);
	int err;

	err = q_col_uuid(q, 1, &webhook.uuid);
	if (err == 0)
		err = dialect_parse(q_col_int(q, 3), &webhook.dialect);
	if (err == 0 && (stop < 0 || stop >= WEBHOOK_STOP_COUNT))
		err = ERR_CORRUPT;
	if (err < 0)
		return err;
	webhook.account_id = q_col_int(q, 2);
	webhook.url = q_col_text(q, 4);
	webhook.description = q_col_text(q, 5);
	webhook.secret = q_col_sealed(q, 6, &webhook.secret_len);
	webhook.old_secret = q_col_sealed(q, 7, &webhook.old_secret_len);
	webhook.old_until_us = q_col_int(q, 8);
	webhook.types = (uint32_t)q_col_int(q, 9) & EVENT_TYPES_ALL;
	webhook.bases = q_col_text(q, 10);
	webhook.is_silent = q_col_int(q, 11) != 0;
	webhook.settings = q_col_text(q, 12);
	webhook.stop = (enum webhook_stop)stop;
	webhook.stopped_us = q_col_int(q, 14);
	webhook.succeeded_us = q_col_int(q, 15);
	webhook.created_us = q_col_int(q, 16);
	webhook.updated_us = q_col_int(q, 17);
	walk->is_found = true;
	return walk->fn(walk->arg, &webhook);
}

static int
webhook_one(struct q *q, webhook_fn *fn, void *arg)
{
	struct webhook_walk walk = {fn, arg, false};
	int err;

	err = q_each(q, webhook_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

int
store_webhook_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, webhook_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_WEBHOOK_FIND);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	return webhook_one(&q, fn, arg);
}

int
store_webhook_get(struct store *store, int64_t webhook_id, webhook_fn *fn,
    void *arg)
{
	struct q q;

	q_open(&q, store, STMT_WEBHOOK_GET);
	q_int(&q, webhook_id);
	return webhook_one(&q, fn, arg);
}

int
store_webhooks_each(struct store *store, int64_t account_id, webhook_fn *fn,
    void *arg)
{
	struct webhook_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_WEBHOOKS);
	q_int(&q, account_id);
	return q_each(&q, webhook_row, &walk);
}

/* The number in the only row, 0 for NULL. */
static int
number_of(struct q *q, int64_t *ret_number)
{
	int got;

	got = q_step(q);
	if (got > 0)
		*ret_number = q_col_int(q, 0);
	return q_close(q, got < 0 ? got : got == 0 ? ERR_CORRUPT : 0);
}

int
store_webhooks_count(struct store *store, int64_t account_id,
    uint64_t *ret_count)
{
	int64_t count = 0;
	struct q q;
	int err;

	q_open(&q, store, STMT_WEBHOOKS_COUNT);
	q_int(&q, account_id);
	err = number_of(&q, &count);
	if (err == 0)
		*ret_count = (uint64_t)count;
	return err;
}

/* ---- what is due -------------------------------------------------------- */

int
store_webhooks_due(struct store *store, int64_t now_us, int64_t after_id,
    int64_t *ids, size_t limit, size_t *ret_count)
{
	struct q q;

	q_open(&q, store, STMT_WEBHOOKS_DUE);
	q_int(&q, now_us);
	q_int(&q, after_id);
	q_int(&q, (int64_t)limit);
	return ids_take(&q, ids, limit, ret_count);
}

int
store_webhooks_next(struct store *store, int64_t now_us, int64_t *ret_next_us)
{
	struct q q;

	q_open(&q, store, STMT_WEBHOOKS_NEXT);
	q_int(&q, now_us);
	return number_of(&q, ret_next_us);
}
