/* SPDX-License-Identifier: Apache-2.0 */
/* Events: that jobs have ended, and how. */
#include <stdio.h>

#include "base/err.h"
#include "model/item_code.h"
#include "store/sqlite/sqlite_int.h"
#include "store/sqlite/sqlite_webhook.h"

int
store_event_add(struct store *store, const struct event *event,
    int64_t *ret_id)
{
	const struct job *job = &event->job;
	struct q q;
	int err;

	q_open(&q, store, STMT_EVENT_ADD);
	q_blob(&q, job->uuid.bytes, sizeof(job->uuid.bytes));
	q_int(&q, event->account_id);
	q_int(&q, event->type);
	q_int(&q, event->is_test);
	q_int(&q, event->created_us);
	q_blob(&q, job->base_uuid.bytes, sizeof(job->base_uuid.bytes));
	q_text(&q, job->base_name);
	q_int(&q, job->kind);
	q_int(&q, job->dialect);
	q_text(&q, job->form);
	q_int(&q, job->state);
	q_int(&q, job->scan);
	q_int(&q, (int64_t)job->counts.total);
	q_int(&q, (int64_t)job->counts.completed);
	q_int(&q, (int64_t)job->counts.failed);
	q_int(&q, (int64_t)job->counts.skipped);
	q_int(&q, (int64_t)job->counts.cancelled);
	q_int(&q, (int64_t)job->unchanged);
	q_int(&q, (int64_t)job->removed);
	q_int(&q, job->code);
	q_text(&q, job->message);
	q_text(&q, job->cancelled_by);
	q_int(&q, job->created_us);
	q_int(&q, job->started_us);
	q_int(&q, job->finished_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_changes64(store->db) == 0
		    ? 0
		    : sqlite3_last_insert_rowid(store->db);
	return err;
}

/* What of the job has words or limits of its own. */
static int
job_columns(struct q *q, struct job *job)
{
	int err;

	err = q_col_uuid(q, 1, &job->uuid);
	if (err == 0)
		err = q_col_uuid(q, 6, &job->base_uuid);
	if (err == 0)
		err = job_kind_parse(q_col_int(q, 8), &job->kind);
	if (err == 0)
		err = dialect_parse(q_col_int(q, 9), &job->dialect);
	if (err == 0)
		err = job_state_parse(q_col_int(q, 11), &job->state);
	if (err == 0)
		err = scan_state_parse(q_col_int(q, 12), &job->scan);
	if (err == 0)
		err = item_code_parse(q_col_int(q, 20), &job->code);
	(void)snprintf(job->base_name, sizeof(job->base_name), "%s",
	    q_col_text(q, 7));
	(void)snprintf(job->form, sizeof(job->form), "%s",
	    q_col_text(q, 10));
	(void)snprintf(job->message, sizeof(job->message), "%s",
	    q_col_text(q, 21));
	(void)snprintf(job->cancelled_by, sizeof(job->cancelled_by), "%s",
	    q_col_text(q, 22));
	return err;
}

int
event_columns(struct q *q, struct event *ret_event)
{
	struct event event = {.id = q_col_int(q, 0)};
	struct job *job = &event.job;
	int err;

	err = event_type_parse(q_col_int(q, 3), &event.type);
	if (err == 0)
		err = job_columns(q, job);
	if (err < 0)
		return err;
	event.account_id = job->account_id = q_col_int(q, 2);
	event.is_test = q_col_int(q, 4) != 0;
	event.created_us = q_col_int(q, 5);
	job->counts.total = (uint64_t)q_col_int(q, 13);
	job->counts.completed = (uint64_t)q_col_int(q, 14);
	job->counts.failed = (uint64_t)q_col_int(q, 15);
	job->counts.skipped = (uint64_t)q_col_int(q, 16);
	job->counts.cancelled = (uint64_t)q_col_int(q, 17);
	job->unchanged = (uint64_t)q_col_int(q, 18);
	job->removed = (uint64_t)q_col_int(q, 19);
	job->created_us = q_col_int(q, 23);
	job->started_us = q_col_int(q, 24);
	job->finished_us = q_col_int(q, 25);
	if (job->state == JOB_CANCELLED)
		job->cancelled_us = job->finished_us;
	*ret_event = event;
	return 0;
}

struct event_walk {
	event_fn *fn;
	void *arg;
	bool is_found;
};

static int
event_row(struct q *q, void *arg)
{
	struct event_walk *walk = arg;
	struct event event;
	int err;

	err = event_columns(q, &event);
	if (err < 0)
		return err;
	walk->is_found = true;
	return walk->fn(walk->arg, &event);
}

int
store_event_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, event_fn *fn, void *arg)
{
	struct event_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, STMT_EVENT_FIND);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	err = q_each(&q, event_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

struct missed_walk {
	event_fn *fn;
	void *arg;
	struct event_place last;
	size_t count;
};

static int
missed_row(struct q *q, void *arg)
{
	struct missed_walk *walk = arg;
	struct event event;
	int err;

	err = event_columns(q, &event);
	if (err < 0)
		return err;
	walk->count++;
	walk->last = (struct event_place){event.created_us, event.id};
	return q_col_int(q, EVENT_COLUMN_COUNT) == 0
	    ? 0
	    : walk->fn(walk->arg, &event);
}

int
store_events_missed(struct store *store, int64_t account_id,
    int64_t webhook_id, int64_t since_us, size_t limit, event_fn *fn,
    void *arg, struct event_place *place, bool *ret_more)
{
	struct missed_walk walk = {fn, arg, *place, 0};
	struct q q;
	int err;

	q_open(&q, store, STMT_EVENTS_MISSED);
	q_int(&q, account_id);
	q_int(&q, webhook_id);
	q_int(&q, since_us);
	q_int(&q, place->us);
	q_int(&q, place->id);
	q_int(&q, (int64_t)limit);
	err = q_each(&q, missed_row, &walk);
	if (err == 0) {
		*place = walk.last;
		*ret_more = walk.count == limit;
	}
	return err;
}

int
store_events_are_old(struct store *store, int64_t before_us,
    bool *ret_are_old)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_EVENTS_OLD);
	q_int(&q, before_us);
	q_int(&q, 1);
	got = q_step(&q);
	if (got >= 0)
		*ret_are_old = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

static int
event_delete(struct store *store, int64_t event_id)
{
	int err;

	err = stmt_run_1(store, STMT_EVENT_DELETE_ATTEMPTS, event_id);
	if (err == 0)
		err = stmt_run_1(store, STMT_EVENT_DELETE_DELIVERIES,
		    event_id);
	return err < 0 ? err : stmt_run_1(store, STMT_EVENT_DELETE, event_id);
}

int
store_events_prune(struct store *store, int64_t before_us, size_t limit,
    bool *ret_more)
{
	int64_t ids[ROWS_AT_ONCE];
	size_t count, i;
	struct q q;
	int err;

	if (limit > ROWS_AT_ONCE)
		limit = ROWS_AT_ONCE;
	q_open(&q, store, STMT_EVENTS_OLD);
	q_int(&q, before_us);
	q_int(&q, (int64_t)limit);
	err = ids_take(&q, ids, limit, &count);
	for (i = 0; err == 0 && i < count; i++)
		err = event_delete(store, ids[i]);
	if (err == 0)
		*ret_more = count == limit;
	return err;
}
