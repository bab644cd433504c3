/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries of events to webhooks, and the attempts to make them. */
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/sqlite/sqlite_webhook.h"

int
ids_take(struct q *q, int64_t *ids, size_t limit, size_t *ret_count)
{
	size_t count = 0;
	int got = 0;

	while (count < limit && (got = q_step(q)) > 0)
		ids[count++] = q_col_int(q, 0);
	got = q_close(q, got < 0 ? got : 0);
	if (got == 0)
		*ret_count = count;
	return got;
}

/* What DELIVERY_ADD and DELIVERY_SAVE end with. */
static int
delivery_run(struct q *q, const struct delivery *delivery)
{
	q_int(q, delivery->state);
	q_int(q, delivery->attempts);
	q_int(q, delivery->tries);
	q_int(q, delivery->is_manual);
	q_int(q, delivery->due_us);
	q_int(q, delivery->finished_us);
	return q_run(q);
}

int
store_delivery_add(struct store *store, const struct delivery *delivery,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_DELIVERY_ADD);
	q_int(&q, delivery->webhook_id);
	q_int(&q, delivery->event_id);
	q_int(&q, delivery->created_us);
	err = delivery_run(&q, delivery);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_delivery_save(struct store *store, const struct delivery *delivery)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_DELIVERY_SAVE);
	q_int(&q, delivery->id);
	err = delivery_run(&q, delivery);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

/* ---- reading ------------------------------------------------------------ */

/* DELIVERY_COLUMNS from column at on. */
static int
delivery_columns(struct q *q, int at, struct delivery *delivery)
{
	int64_t state = q_col_int(q, at + 3);

	if (state < DELIVERY_DUE || state >= DELIVERY_STATE_COUNT)
		return ERR_CORRUPT;
	*delivery = (struct delivery){.id = q_col_int(q, at),
	    .webhook_id = q_col_int(q, at + 1),
	    .event_id = q_col_int(q, at + 2),
	    .state = (enum delivery_state)state,
	    .attempts = (uint32_t)q_col_int(q, at + 4),
	    .tries = (uint32_t)q_col_int(q, at + 5),
	    .is_manual = q_col_int(q, at + 6) != 0,
	    .due_us = q_col_int(q, at + 7),
	    .created_us = q_col_int(q, at + 8),
	    .finished_us = q_col_int(q, at + 9)};
	return 0;
}

static int
delivery_one(struct q *q, struct delivery *ret_delivery)
{
	struct delivery delivery;
	int got;

	got = q_step(q);
	if (got > 0)
		got = delivery_columns(q, 0, &delivery);
	else if (got == 0)
		got = ERR_NOT_FOUND;
	got = q_close(q, got);
	if (got == 0)
		*ret_delivery = delivery;
	return got;
}

int
store_delivery_get(struct store *store, int64_t delivery_id,
    struct delivery *ret_delivery)
{
	struct q q;

	q_open(&q, store, STMT_DELIVERY_GET);
	q_int(&q, delivery_id);
	return delivery_one(&q, ret_delivery);
}

int
store_delivery_find(struct store *store, int64_t webhook_id, int64_t event_id,
    struct delivery *ret_delivery)
{
	struct q q;

	q_open(&q, store, STMT_DELIVERY_FIND);
	q_int(&q, webhook_id);
	q_int(&q, event_id);
	return delivery_one(&q, ret_delivery);
}

struct delivery_walk {
	delivery_fn *fn;
	void *arg;
	bool is_found;
};

static int
delivery_row(struct q *q, void *arg)
{
	struct delivery_walk *walk = arg;
	struct delivery delivery;
	struct event event;
	int err;

	err = event_columns(q, &event);
	if (err == 0)
		err = delivery_columns(q, EVENT_COLUMN_COUNT, &delivery);
	if (err < 0)
		return err;
	walk->is_found = true;
	return walk->fn(walk->arg, &delivery, &event);
}

int
store_delivery_next(struct store *store, int64_t webhook_id, int64_t now_us,
    delivery_fn *fn, void *arg)
{
	struct delivery_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, STMT_DELIVERY_NEXT);
	q_int(&q, webhook_id);
	q_int(&q, now_us);
	err = q_each(&q, delivery_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

int
store_deliveries_page(struct store *store, int64_t webhook_id,
    int64_t before_event, size_t limit, delivery_fn *fn, void *arg)
{
	struct delivery_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_DELIVERIES_PAGE);
	q_int(&q, webhook_id);
	q_int(&q, before_event == 0 ? INT64_MAX : before_event);
	q_int(&q, (int64_t)limit);
	return q_each(&q, delivery_row, &walk);
}

int
store_deliveries_drop(struct store *store, int64_t webhook_id, size_t limit,
    bool *ret_more)
{
	int64_t ids[ROWS_AT_ONCE];
	size_t count, i;
	struct q q;
	int err;

	if (limit > ROWS_AT_ONCE)
		limit = ROWS_AT_ONCE;
	q_open(&q, store, STMT_DELIVERIES_OF);
	q_int(&q, webhook_id);
	q_int(&q, (int64_t)limit);
	err = ids_take(&q, ids, limit, &count);
	for (i = 0; err == 0 && i < count; i++) {
		err = stmt_run_1(store, STMT_DELIVERY_DELETE_ATTEMPTS,
		    ids[i]);
		if (err == 0)
			err = stmt_run_1(store, STMT_DELIVERY_DELETE,
			    ids[i]);
	}
	if (err == 0)
		*ret_more = count == limit;
	return err;
}

/* ---- attempts ----------------------------------------------------------- */

int
store_attempt_add(struct store *store,
    const struct delivery_attempt *attempt)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_ATTEMPT_ADD);
	q_int(&q, attempt->delivery_id);
	q_int(&q, attempt->seq);
	q_int(&q, attempt->is_manual);
	q_int(&q, attempt->began_us);
	q_int(&q, attempt->took_us);
	q_int(&q, attempt->status);
	q_text(&q, attempt->message);
	err = q_run(&q);
	if (err < 0 || attempt->seq <= DELIVERY_ATTEMPTS_KEPT)
		return err;
	return stmt_run_2(store, STMT_ATTEMPT_FORGET, attempt->delivery_id,
	    attempt->seq - DELIVERY_ATTEMPTS_KEPT);
}

struct attempt_walk {
	attempt_fn *fn;
	void *arg;
};

static int
attempt_row(struct q *q, void *arg)
{
	struct attempt_walk *walk = arg;
	struct delivery_attempt attempt = {.delivery_id = q_col_int(q, 0),
	    .seq = (uint32_t)q_col_int(q, 1),
	    .is_manual = q_col_int(q, 2) != 0,
	    .began_us = q_col_int(q, 3),
	    .took_us = q_col_int(q, 4),
	    .status = (unsigned)q_col_int(q, 5),
	    .message = q_col_text(q, 6)};

	return walk->fn(walk->arg, &attempt);
}

int
store_attempts_page(struct store *store, int64_t delivery_id,
    uint32_t before_seq, size_t limit, attempt_fn *fn, void *arg)
{
	struct attempt_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_ATTEMPTS_PAGE);
	q_int(&q, delivery_id);
	q_int(&q, before_seq == 0 ? INT64_MAX : (int64_t)before_seq);
	q_int(&q, (int64_t)limit);
	return q_each(&q, attempt_row, &walk);
}
