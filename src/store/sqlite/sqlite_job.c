/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs.  The stages' figures are one blob: docs/formats/store.md. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"

#define STAGES_SIZE ((STAGE_COUNT - 1) * 3 * 8)

_Static_assert(STAGES_SIZE == 144, "a stored layout: see store.md");

int
store_job_add(struct store *store, const struct job *job, const char *source,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_JOB_ADD);
	q_blob(&q, job->uuid.bytes, sizeof(job->uuid.bytes));
	q_int(&q, job->account_id);
	q_int(&q, job->base_id);
	q_text(&q, job->batch);
	q_int(&q, job->kind);
	q_int(&q, job->dialect);
	q_text(&q, source);
	q_int(&q, job->attempt);
	q_int(&q, job->created_us);
	q_int(&q, job->state);
	q_text(&q, job->form);
	q_int(&q, job->keeps_replaced);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

static void
stages_pack(const struct job *job, uint8_t out[STAGES_SIZE])
{
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		le64_put(out, job->stages[i].items);
		le64_put(out + 8, job->stages[i].done);
		le64_put(out + 16, job->stages[i].busy_us);
		out += 24;
	}
}

static void
stages_unpack(struct job *job, const uint8_t *in)
{
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		job->stages[i].items = le64_get(in);
		job->stages[i].done = le64_get(in + 8);
		job->stages[i].busy_us = le64_get(in + 16);
		in += 24;
	}
}

static void
q_count(struct q *q, uint64_t value)
{
	q_int(q, (int64_t)value);
}

int
store_job_save(struct store *store, const struct job *job)
{
	uint8_t stages[STAGES_SIZE];
	struct q q;
	int err;

	stages_pack(job, stages);
	q_open(&q, store, STMT_JOB_SAVE);
	q_int(&q, job->id);
	q_int(&q, job->state);
	q_int(&q, job->scan);
	q_int(&q, job->is_paused);
	q_int(&q, job->is_finalized);
	q_count(&q, job->counts.total);
	q_count(&q, job->counts.queued);
	q_count(&q, job->counts.processing);
	q_count(&q, job->counts.completed);
	q_count(&q, job->counts.failed);
	q_count(&q, job->counts.skipped);
	q_count(&q, job->counts.cancelled);
	q_count(&q, job->removed);
	q_count(&q, job->unchanged);
	q_count(&q, job->empty);
	q_count(&q, job->bytes_total);
	q_count(&q, job->bytes_done);
	q_count(&q, job->bytes_completed);
	q_count(&q, job->segments_total);
	q_count(&q, job->segments_completed);
	q_count(&q, job->characters);
	q_blob(&q, stages, sizeof(stages));
	q_int(&q, job->percent_hundredths);
	q_int(&q, job->code);
	q_text(&q, job->message);
	q_text(&q, job->cancelled_by);
	q_int(&q, job->started_us);
	q_int(&q, job->updated_us);
	q_int(&q, job->finished_us);
	q_int(&q, job->cancelled_us);
	q_int(&q, job->rev);
	q_int(&q, job->generation);
	q_int(&q, job->paused_us);
	q_int(&q, job->undone_us);
	q_count(&q, job->embedding_tokens);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

static int
job_head(struct q *q, struct job *job)
{
	int err;

	job->id = q_col_int(q, 0);
	err = q_col_uuid(q, 1, &job->uuid);
	if (err == 0)
		err = q_col_uuid(q, 4, &job->base_uuid);
	job->account_id = q_col_int(q, 2);
	job->base_id = q_col_int(q, 3);
	(void)snprintf(job->base_name, sizeof(job->base_name), "%s",
	    q_col_text(q, 5));
	(void)snprintf(job->batch, sizeof(job->batch), "%s",
	    q_col_text(q, 6));
	if (err == 0)
		err = job_kind_parse(q_col_int(q, 7), &job->kind);
	if (err == 0)
		err = dialect_parse(q_col_int(q, 8), &job->dialect);
	job->attempt = (uint32_t)q_col_int(q, 9);
	job->created_us = q_col_int(q, 10);
	if (err == 0)
		err = job_state_parse(q_col_int(q, 11), &job->state);
	if (err == 0)
		err = scan_state_parse(q_col_int(q, 12), &job->scan);
	job->is_paused = q_col_int(q, 13) != 0;
	job->is_finalized = q_col_int(q, 14) != 0;
	return err;
}

static void
job_figures(struct q *q, struct job *job)
{
	uint64_t *const members[] = {
	    &job->counts.total, &job->counts.queued, &job->counts.processing,
	    &job->counts.completed, &job->counts.failed, &job->counts.skipped,
	    &job->counts.cancelled, &job->removed, &job->unchanged,
	    &job->empty, &job->bytes_total, &job->bytes_done,
	    &job->bytes_completed, &job->segments_total,
	    &job->segments_completed, &job->characters,
	};
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		*members[i] = (uint64_t)q_col_int(q, 15 + (int)i);
}

/* The columns are JOB_COLUMNS. */
static int
job_read(struct q *q, struct job *job)
{
	const uint8_t *stages;
	int err;

	memset(job, 0, sizeof(*job));
	err = job_head(q, job);
	if (err < 0)
		return err;
	job_figures(q, job);
	stages = q_col_blob(q, 31, STAGES_SIZE);
	if (stages != NULL)
		stages_unpack(job, stages);
	else if (sqlite3_column_bytes(q->stmt, 31) != 0)
		return ERR_CORRUPT;
	job->percent_hundredths = (uint32_t)q_col_int(q, 32);
	err = item_code_parse(q_col_int(q, 33), &job->code);
	(void)snprintf(job->message, sizeof(job->message), "%s",
	    q_col_text(q, 34));
	(void)snprintf(job->cancelled_by, sizeof(job->cancelled_by), "%s",
	    q_col_text(q, 35));
	job->started_us = q_col_int(q, 36);
	job->updated_us = q_col_int(q, 37);
	job->finished_us = q_col_int(q, 38);
	job->cancelled_us = q_col_int(q, 39);
	job->rev = q_col_int(q, 40);
	job->generation = q_col_int(q, 41);
	job->paused_us = q_col_int(q, 42);
	(void)snprintf(job->form, sizeof(job->form), "%s", q_col_text(q, 43));
	job->keeps_replaced = q_col_int(q, 44) != 0;
	job->undone_us = q_col_int(q, 45);
	job->embedding_tokens = (uint64_t)q_col_int(q, 46);
	return err;
}

static int
job_one(struct q *q, struct job *ret_job)
{
	struct job job;
	int got;

	got = q_step(q);
	if (got == 0)
		got = ERR_NOT_FOUND;
	else if (got > 0)
		got = job_read(q, &job);
	got = q_close(q, got);
	if (got == 0)
		*ret_job = job;
	return got;
}

int
store_job_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct job *ret_job)
{
	struct q q;

	q_open(&q, store, STMT_JOB_BY_UUID);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	return job_one(&q, ret_job);
}

int
store_job_find_batch(struct store *store, int64_t base_id, const char *batch,
    struct job *ret_job)
{
	struct q q;

	q_open(&q, store, STMT_JOB_BY_BATCH);
	q_int(&q, base_id);
	q_text(&q, batch);
	return job_one(&q, ret_job);
}

_Static_assert(JOB_KIND_COUNT == 9, "STMT_JOB_NEWEST_BUT and "
    "STMT_JOB_ENDED_LAST list the kinds but that which embeds again");

static int
job_one_of(struct store *store, enum stmt_id id, int64_t base_id,
    enum job_kind kind, struct job *ret_job)
{
	struct q q;

	q_open(&q, store, id);
	q_int(&q, base_id);
	q_int(&q, kind);
	return job_one(&q, ret_job);
}

int
store_job_newest_but(struct store *store, int64_t base_id,
    enum job_kind kind, struct job *ret_job)
{
	return job_one_of(store, STMT_JOB_NEWEST_BUT, base_id, kind, ret_job);
}

int
store_job_ended_last(struct store *store, int64_t base_id,
    enum job_kind but, struct job *ret_job)
{
	return job_one_of(store, STMT_JOB_ENDED_LAST, base_id, but, ret_job);
}

int
store_job_running(struct store *store, int64_t base_id, enum job_kind but,
    struct job *ret_job)
{
	return job_one_of(store, STMT_JOB_RUNNING, base_id, but, ret_job);
}

int
store_job_next(struct store *store, int64_t base_id, enum job_kind kind,
    int64_t after_id, struct job *ret_job)
{
	struct q q;

	q_open(&q, store, STMT_JOB_NEXT);
	q_int(&q, base_id);
	q_int(&q, kind);
	q_int(&q, after_id);
	return job_one(&q, ret_job);
}

int
store_job_source(struct store *store, int64_t job_id, char **ret_source)
{
	char *source = NULL;
	struct q q;
	int got;

	q_open(&q, store, STMT_JOB_SOURCE);
	q_int(&q, job_id);
	got = q_step(&q);
	if (got == 0)
		got = ERR_NOT_FOUND;
	if (got > 0) {
		source = mem_strdup(q_col_text(&q, 0));
		got = source == NULL ? ERR_NOMEM : 0;
	}
	got = q_close(&q, got);
	if (got == 0)
		*ret_source = source;
	else
		mem_free(source);
	return got;
}

struct job_walk {
	job_fn *fn;
	void *arg;
};

static int
job_row(struct q *q, void *arg)
{
	const struct job_walk *walk = arg;
	struct job job;
	int err;

	err = job_read(q, &job);
	return err < 0 ? err : walk->fn(walk->arg, &job);
}

static void
jobs_open(struct q *q, struct store *store, enum stmt_id id,
    const struct job_filter *filter)
{
	q_open(q, store, id);
	q_int(q, filter->account_id);
	q_int(q, filter->before_id);
	q_int(q, filter->states);
	q_int(q, (int64_t)filter->limit);
	q_int(q, (int64_t)filter->offset);
	q_int(q, filter->base_id);
	q_int(q, filter->by_standing);
}

int
store_jobs_each(struct store *store, const struct job_filter *filter,
    job_fn *fn, void *arg)
{
	struct job_walk walk = {fn, arg};
	struct q q;

	jobs_open(&q, store,
	    filter->base_id != 0 ? STMT_JOBS_OF_BASE : STMT_JOBS, filter);
	return q_each(&q, job_row, &walk);
}

int
store_jobs_count(struct store *store, const struct job_filter *filter,
    uint64_t *ret_count)
{
	struct q q;
	int got;

	jobs_open(&q, store, filter->base_id != 0 ? STMT_JOBS_COUNT_OF_BASE
						  : STMT_JOBS_COUNT, filter);
	got = q_step(&q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got < 0 ? got : 0);
}

int
store_jobs_live(struct store *store, job_fn *fn, void *arg)
{
	struct job_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_JOBS_LIVE);
	return q_each(&q, job_row, &walk);
}

int
store_jobs_changed(struct store *store, int64_t account_id, int64_t after_rev,
    size_t limit, job_fn *fn, void *arg)
{
	struct job_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_JOBS_CHANGED);
	q_int(&q, account_id);
	q_int(&q, after_rev);
	q_int(&q, (int64_t)limit);
	return q_each(&q, job_row, &walk);
}
