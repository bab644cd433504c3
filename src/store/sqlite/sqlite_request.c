/* SPDX-License-Identifier: Apache-2.0 */
/* Names of requests. */
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_request.h"

static int
request_read(struct q *q, struct request_row *row, struct uuid *ret_job)
{
	const uint8_t *hash = q_col_blob(q, 0, HASH_SIZE);

	if (hash == NULL)
		return ERR_CORRUPT;
	memcpy(row->hash, hash, HASH_SIZE);
	row->job_id = q_col_int(q, 1);
	row->created_us = q_col_int(q, 2);
	return q_col_uuid(q, 3, ret_job);
}

int
store_request_find(struct store *store, struct request_row *row,
    int64_t after_us, struct uuid *ret_job)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REQUEST_FIND);
	q_int(&q, row->account_id);
	q_text(&q, row->name);
	q_int(&q, after_us);
	got = q_step(&q);
	if (got == 0)
		got = ERR_NOT_FOUND;
	else if (got > 0)
		got = request_read(&q, row, ret_job);
	return q_close(&q, got);
}

int
store_request_put(struct store *store, const struct request_row *row)
{
	struct q q;

	q_open(&q, store, STMT_REQUEST_PUT);
	q_int(&q, row->account_id);
	q_text(&q, row->name);
	q_blob(&q, row->hash, HASH_SIZE);
	q_int(&q, row->job_id);
	q_int(&q, row->created_us);
	return q_run(&q);
}

int
store_requests_collect(struct store *store, int64_t before_us, size_t limit,
    bool *ret_more)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_REQUESTS_COLLECT);
	q_int(&q, before_us);
	q_int(&q, (int64_t)limit);
	err = q_run(&q);
	if (err == 0)
		*ret_more = sqlite3_changes64(store->db) >= (int64_t)limit;
	return err;
}

int
store_requests_have(struct store *store, int64_t before_us, bool *ret_have)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REQUESTS_HAVE);
	q_int(&q, before_us);
	got = q_step(&q);
	if (got >= 0)
		*ret_have = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}
