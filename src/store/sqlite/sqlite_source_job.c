/* SPDX-License-Identifier: Apache-2.0 */
/* What sources do in jobs, their shares, and when: schedules of bases. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_source.h"

/* ---- shares ------------------------------------------------------------- */

/* The order of their columns, from SHARE_FIGURES on. */
#define SHARE_FIGURES 4
#define SHARE_FIGURE_COUNT 13

static const size_t share_figures[SHARE_FIGURE_COUNT] = {
    offsetof(struct share, counts.total),
    offsetof(struct share, counts.queued),
    offsetof(struct share, counts.processing),
    offsetof(struct share, counts.completed),
    offsetof(struct share, counts.failed),
    offsetof(struct share, counts.skipped),
    offsetof(struct share, counts.cancelled),
    offsetof(struct share, removed),
    offsetof(struct share, unchanged),
    offsetof(struct share, empty),
    offsetof(struct share, bytes_total),
    offsetof(struct share, bytes_completed),
    offsetof(struct share, characters),
};

int
store_share_save(struct store *store, const struct share *share)
{
	uint64_t figure;
	struct q q;
	size_t i;

	q_open(&q, store, STMT_SHARE_SAVE);
	q_int(&q, share->job_id);
	q_int(&q, share->source_id);
	q_blob(&q, share->source_uuid.bytes, sizeof(share->source_uuid.bytes));
	q_int(&q, share->scan);
	for (i = 0; i < SHARE_FIGURE_COUNT; i++) {
		memcpy(&figure, (const char *)share + share_figures[i],
		    sizeof(figure));
		q_int(&q, (int64_t)figure);
	}
	q_int(&q, share->code);
	q_text(&q, share->message);
	q_int(&q, share->started_us);
	q_int(&q, share->finished_us);
	return q_run(&q);
}

/* The columns are SHARE_COLUMNS. */
static int
share_read(struct q *q, struct share *share)
{
	const int behind = SHARE_FIGURES + SHARE_FIGURE_COUNT;
	uint64_t figure;
	int err, i;

	memset(share, 0, sizeof(*share));
	share->job_id = q_col_int(q, 0);
	share->source_id = q_col_int(q, 1);
	err = q_col_uuid(q, 2, &share->source_uuid);
	if (err == 0)
		err = scan_state_parse(q_col_int(q, 3), &share->scan);
	for (i = 0; i < SHARE_FIGURE_COUNT; i++) {
		figure = (uint64_t)q_col_int(q, SHARE_FIGURES + i);
		memcpy((char *)share + share_figures[i], &figure,
		    sizeof(figure));
	}
	if (err == 0)
		err = item_code_parse(q_col_int(q, behind), &share->code);
	(void)snprintf(share->message, sizeof(share->message), "%s",
	    q_col_text(q, behind + 1));
	share->started_us = q_col_int(q, behind + 2);
	share->finished_us = q_col_int(q, behind + 3);
	return err;
}

static int
share_one(struct q *q, struct share *ret_share)
{
	struct share share;
	int got;

	got = q_step(q);
	if (got == 0)
		got = ERR_NOT_FOUND;
	else if (got > 0)
		got = share_read(q, &share);
	got = q_close(q, got);
	if (got == 0)
		*ret_share = share;
	return got;
}

int
store_share_get(struct store *store, int64_t job_id, int64_t source_id,
    struct share *ret_share)
{
	struct q q;

	q_open(&q, store, STMT_SHARE_GET);
	q_int(&q, job_id);
	q_int(&q, source_id);
	return share_one(&q, ret_share);
}

int
store_share_newest(struct store *store, int64_t source_id,
    struct share *ret_share)
{
	struct q q;

	q_open(&q, store, STMT_SHARE_NEWEST);
	q_int(&q, source_id);
	return share_one(&q, ret_share);
}

struct share_walk {
	share_fn *fn;
	void *arg;
};

static int
share_row(struct q *q, void *arg)
{
	const struct share_walk *walk = arg;
	struct share share;
	int err;

	err = share_read(q, &share);
	return err < 0 ? err : walk->fn(walk->arg, &share);
}

int
store_shares_each(struct store *store, int64_t job_id, share_fn *fn,
    void *arg)
{
	struct share_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_SHARES);
	q_int(&q, job_id);
	return q_each(&q, share_row, &walk);
}

/* ---- schedules ---------------------------------------------------------- */

int
store_schedule_add(struct store *store, const struct schedule *schedule,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_SCHEDULE_ADD);
	q_blob(&q, schedule->uuid.bytes, sizeof(schedule->uuid.bytes));
	q_int(&q, schedule->base_id);
	q_int(&q, schedule->minute);
	q_int(&q, schedule->days);
	q_int(&q, schedule->is_active);
	q_int(&q, schedule->created_us);
	q_int(&q, schedule->updated_us);
	q_int(&q, schedule->ran_us);
	q_int(&q, schedule->next_us);
	q_int(&q, schedule->dialect);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_schedule_save(struct store *store, const struct schedule *schedule)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_SCHEDULE_SAVE);
	q_int(&q, schedule->id);
	q_int(&q, schedule->minute);
	q_int(&q, schedule->days);
	q_int(&q, schedule->is_active);
	q_int(&q, schedule->updated_us);
	q_int(&q, schedule->ran_us);
	q_int(&q, schedule->next_us);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

int
store_schedule_delete(struct store *store, int64_t schedule_id)
{
	int err;

	err = stmt_run_1(store, STMT_SCHEDULE_DELETE, schedule_id);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

/* The columns are SCHEDULE_COLUMNS. */
static int
schedule_read(struct q *q, struct schedule *schedule)
{
	int err;

	memset(schedule, 0, sizeof(*schedule));
	schedule->id = q_col_int(q, 0);
	err = q_col_uuid(q, 1, &schedule->uuid);
	schedule->account_id = q_col_int(q, 2);
	schedule->base_id = q_col_int(q, 3);
	if (err == 0)
		err = q_col_uuid(q, 4, &schedule->base_uuid);
	schedule->minute = (uint32_t)q_col_int(q, 5);
	schedule->days = (uint32_t)q_col_int(q, 6);
	schedule->is_active = q_col_int(q, 7) != 0;
	schedule->created_us = q_col_int(q, 8);
	schedule->updated_us = q_col_int(q, 9);
	schedule->ran_us = q_col_int(q, 10);
	schedule->next_us = q_col_int(q, 11);
	return err < 0 ? err : dialect_parse(q_col_int(q, 12),
				   &schedule->dialect);
}

static int
schedule_one(struct q *q, struct schedule *ret_schedule)
{
	struct schedule schedule;
	int got;

	got = q_step(q);
	if (got == 0)
		got = ERR_NOT_FOUND;
	else if (got > 0)
		got = schedule_read(q, &schedule);
	got = q_close(q, got);
	if (got == 0)
		*ret_schedule = schedule;
	return got;
}

int
store_schedule_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct schedule *ret_schedule)
{
	struct q q;

	q_open(&q, store, STMT_SCHEDULE_FIND);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	return schedule_one(&q, ret_schedule);
}

int
store_schedule_of_base(struct store *store, int64_t base_id,
    struct schedule *ret_schedule)
{
	struct q q;

	q_open(&q, store, STMT_SCHEDULE_OF_BASE);
	q_int(&q, base_id);
	return schedule_one(&q, ret_schedule);
}

struct schedule_walk {
	schedule_fn *fn;
	void *arg;
};

static int
schedule_row(struct q *q, void *arg)
{
	const struct schedule_walk *walk = arg;
	struct schedule schedule;
	int err;

	err = schedule_read(q, &schedule);
	return err < 0 ? err : walk->fn(walk->arg, &schedule);
}

int
store_schedules_due(struct store *store, int64_t now_us, schedule_fn *fn,
    void *arg)
{
	struct schedule_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_SCHEDULES_DUE);
	q_int(&q, now_us);
	return q_each(&q, schedule_row, &walk);
}

int
store_schedule_next(struct store *store, int64_t *ret_next_us)
{
	int64_t next = 0;
	struct q q;
	int got;

	q_open(&q, store, STMT_SCHEDULE_NEXT);
	got = q_step(&q);
	if (got > 0)
		next = q_col_int(&q, 0);
	got = q_close(&q, got < 0 ? got : 0);
	if (got == 0)
		*ret_next_us = next;
	return got;
}
