/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_overview.h"

int
store_account_sums(struct store *store, int64_t account_id,
    struct account_sums *ret_sums)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ACCOUNT_SUMS);
	q_int(&q, account_id);
	got = q_step(&q);
	if (got > 0) {
		ret_sums->bases = (uint64_t)q_col_int(&q, 0);
		ret_sums->documents = (uint64_t)q_col_int(&q, 1);
		ret_sums->segments = (uint64_t)q_col_int(&q, 2);
		ret_sums->jobs_live = (uint64_t)q_col_int(&q, 3);
	}
	return q_close(&q, got == 0 ? ERR_INTERNAL : got < 0 ? got : 0);
}

int
store_failures_count(struct store *store, int64_t account_id,
    uint64_t looked, uint64_t *ret_count, bool *ret_is_more)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_FAILURES_COUNT);
	q_int(&q, account_id);
	q_int(&q, (int64_t)looked);
	got = q_step(&q);
	if (got > 0) {
		*ret_count = (uint64_t)q_col_int(&q, 0);
		*ret_is_more = q_col_int(&q, 1) >= (int64_t)looked;
	}
	return q_close(&q, got == 0 ? ERR_INTERNAL : got < 0 ? got : 0);
}

int
store_failures_each(struct store *store, int64_t account_id,
    uint64_t looked, size_t limit, item_row_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_FAILURES);
	q_int(&q, account_id);
	q_int(&q, (int64_t)looked);
	q_int(&q, (int64_t)limit);
	return items_walk(&q, fn, arg);
}

int
store_bytes(struct store *store, uint64_t *ret_bytes)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_STORE_BYTES);
	got = q_step(&q);
	if (got > 0)
		*ret_bytes = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_INTERNAL : got < 0 ? got : 0);
}
