/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "model/job.h"

enum job_life { JOB_LIFE_INITIAL, JOB_LIFE_LIVE, JOB_LIFE_FINAL };

struct job_row {
	uint32_t may_become;
	enum job_life life;
};

#define TO(state) (1u << JOB_##state)

static const struct job_row job_rows[JOB_STATE_COUNT] = {
#define JOB(name, value, to, kind) [JOB_##name] = {(to), JOB_LIFE_##kind},
#include "model/job_tbl.h"
};

_Static_assert(JOB_STATE_COUNT == 11, "a state without a row, or a gap");

static const char *const job_names[JOB_STATE_COUNT] = {
    [JOB_PENDING] = "pending",
    [JOB_SCANNING] = "scanning",
    [JOB_RUNNING] = "running",
    [JOB_PAUSED] = "paused",
    [JOB_FINALIZING] = "finalizing",
    [JOB_COMPLETED] = "completed",
    [JOB_COMPLETED_WITH_FAILURES] = "completed_with_failures",
    [JOB_NO_CHANGES] = "no_changes",
    [JOB_FAILED] = "failed",
    [JOB_CANCELLED] = "cancelled",
};

static const char *const kind_names[JOB_KIND_COUNT] = {
    [JOB_KIND_FOLDER] = "folder",
    [JOB_KIND_UPLOAD] = "upload",
    [JOB_KIND_TEXT] = "text",
    [JOB_KIND_SOURCES] = "sources",
    [JOB_KIND_IMPORT] = "import",
    [JOB_KIND_KEEP] = "keep",
    [JOB_KIND_KEPT] = "kept",
    [JOB_KIND_EMBED] = "embed",
};

_Static_assert(JOB_KIND_COUNT == 9, "a kind without a name");

static const char *const dialect_names[DIALECT_COUNT] = {
    [DIALECT_NATIVE] = "native",
    [DIALECT_DIFY] = "dify",
    [DIALECT_DIGITALOCEAN] = "digitalocean",
    [DIALECT_CAPTAIN] = "captain",
    [DIALECT_COGNEE] = "cognee",
};

/* An item weighs as this many bytes beside its own, so that many small or
 * empty files move the bar too. */
#define ITEM_WEIGHT 4096.0
#define PERCENT_ALL 10000u
/* Shown at most while a job is not final: 100 % means finished. */
#define PERCENT_UNFINISHED 9990u

const char *
job_state_name(enum job_state state)
{
	return job_names[state];
}

const char *
job_kind_name(enum job_kind kind)
{
	return kind_names[kind];
}

const char *
dialect_name(enum dialect dialect)
{
	return dialect_names[dialect];
}

bool
job_kind_has_shares(enum job_kind kind)
{
	return kind == JOB_KIND_SOURCES || kind == JOB_KIND_IMPORT;
}

int
job_state_parse_name(const char *name, enum job_state *ret_state)
{
	int i;

	for (i = JOB_PENDING; i < JOB_STATE_COUNT; i++)
		if (strcmp(job_names[i], name) == 0) {
			*ret_state = (enum job_state)i;
			return 0;
		}
	return ERR_NOT_FOUND;
}

int
job_state_parse(long long stored, enum job_state *ret_state)
{
	if (stored < JOB_PENDING || stored >= JOB_STATE_COUNT)
		return ERR_CORRUPT;
	*ret_state = (enum job_state)stored;
	return 0;
}

int
job_kind_parse(long long stored, enum job_kind *ret_kind)
{
	if (stored < JOB_KIND_FOLDER || stored >= JOB_KIND_COUNT)
		return ERR_CORRUPT;
	*ret_kind = (enum job_kind)stored;
	return 0;
}

int
dialect_parse(long long stored, enum dialect *ret_dialect)
{
	if (stored < DIALECT_NATIVE || stored >= DIALECT_COUNT)
		return ERR_CORRUPT;
	*ret_dialect = (enum dialect)stored;
	return 0;
}

int
scan_state_parse(long long stored, enum scan_state *ret_scan)
{
	if (stored < SCAN_WAITING || stored >= SCAN_STATE_COUNT)
		return ERR_CORRUPT;
	*ret_scan = (enum scan_state)stored;
	return 0;
}

bool
job_may_become(enum job_state from, enum job_state to)
{
	return (job_rows[from].may_become & (1u << to)) != 0;
}

bool
job_state_is_final(enum job_state state)
{
	return job_rows[state].life == JOB_LIFE_FINAL;
}

static enum job_state
job_end_state(const struct job *job)
{
	const struct counts *c = &job->counts;

	if (job->cancelled_us != 0)
		return JOB_CANCELLED;
	if (job->scan == SCAN_FAILED)
		return JOB_FAILED;
	if (c->failed > 0 && c->completed + c->skipped == 0)
		return JOB_FAILED;
	/* A code beside a scan that is done: one of several sources could
	 * not be read. */
	if (c->failed > 0 || job->code != ITEM_CODE_NONE)
		return JOB_COMPLETED_WITH_FAILURES;
	if (c->completed == 0 && job->removed == 0)
		return JOB_NO_CHANGES;
	return JOB_COMPLETED;
}

enum job_state
job_state_of(const struct job *job)
{
	bool is_open = job->counts.queued + job->counts.processing > 0;

	if (job->cancelled_us != 0 && !is_open)
		return job_end_state(job);
	if (job->is_finalized)
		return job_end_state(job);
	/* With nothing left to hold a pause holds nothing: a job that is
	 * being closed does not go back. */
	if (job->is_paused && (is_open || job->scan == SCAN_WAITING ||
		job->scan == SCAN_RUNNING))
		return JOB_PAUSED;
	if (job->scan == SCAN_WAITING)
		return JOB_PENDING;
	if (job->scan == SCAN_RUNNING)
		return JOB_SCANNING;
	/* It may find that there is more to do. */
	return is_open || job->kind == JOB_KIND_EMBED ? JOB_RUNNING
						      : JOB_FINALIZING;
}

bool
job_is_closing(const struct job *job)
{
	return !job_state_is_final(job->state) && !job->is_finalized &&
	    job->cancelled_us == 0 && job->scan >= SCAN_DONE &&
	    job->counts.queued + job->counts.processing == 0;
}

static uint64_t *
counts_of(struct counts *counts, enum item_state state)
{
	enum counter { QUEUED, PROCESSING, COMPLETED, FAILED, SKIPPED,
		CANCELLED };
	static const enum counter counters[ITEM_STATE_COUNT] = {
#define ITEM(name, value, to, counter, kind) [ITEM_##name] = counter,
#include "model/item_tbl.h"
	};

	switch (counters[state]) {
	case QUEUED:
		return &counts->queued;
	case PROCESSING:
		return &counts->processing;
	case COMPLETED:
		return &counts->completed;
	case FAILED:
		return &counts->failed;
	case SKIPPED:
		return &counts->skipped;
	case CANCELLED:
		return &counts->cancelled;
	}
	ASSERT(false && "a state without a counter");
	return NULL;
}

void
counts_add(struct counts *counts, enum item_state state, uint64_t one)
{
	counts->total += one;
	*counts_of(counts, state) += one;
}

static void
count_stages(struct job *job, const struct item *item, int sign)
{
	/* One that waits is in its step still: without it the earliest
	 * stage of a job would fall when the wait is over. */
	enum stage stage = item->state == ITEM_WAITING
	    ? item->stage
	    : item_state_stage(item->state);
	const struct step_time *step;
	int i;

	if (stage != STAGE_NONE)
		job->stages[stage].items += (uint64_t)(int64_t)sign;
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		step = &item->steps[i];
		if (step->end_us == 0)
			continue;
		job->stages[i].done += (uint64_t)(int64_t)sign;
		if (step->end_us > step->start_us)
			job->stages[i].busy_us += (uint64_t)(int64_t)sign *
			    (uint64_t)(step->end_us - step->start_us);
	}
}

/* Unsigned arithmetic wraps, so that adding (uint64_t)-1 takes one away. */
static void
count_one(struct job *job, const struct item *item, int sign)
{
	uint64_t one = (uint64_t)(int64_t)sign;

	counts_add(&job->counts, item->state, one);
	job->bytes_total += one * item->bytes;
	job->bytes_done += one * item->bytes_done;
	job->segments_total += one * item->segments_total;
	job->segments_completed += one * item->segments_completed;
	if (item->state == ITEM_COMPLETED)
		job->bytes_completed += one * item->bytes;
	if (item->state == ITEM_SKIPPED && item->code == ITEM_CODE_UNCHANGED)
		job->unchanged += one;
	if (item->state == ITEM_SKIPPED &&
	    item->code == ITEM_CODE_EMPTY_CONTENT)
		job->empty += one;
	count_stages(job, item, sign);
}

void
job_count(struct job *job, const struct item *from, const struct item *to)
{
	if (from != NULL)
		count_one(job, from, -1);
	count_one(job, to, 1);
}

static uint32_t
percent_of(const struct job *job)
{
	const struct counts *c = &job->counts;
	double all, done;
	uint32_t percent;

	if (job_state_is_final(job->state))
		return PERCENT_ALL;
	/* Before the scan has ended the whole is not known. */
	if (job->scan != SCAN_DONE || c->total == 0)
		return 0;
	all = (double)job->bytes_total + ITEM_WEIGHT * (double)c->total;
	done = (double)job->bytes_done +
	    ITEM_WEIGHT * (double)(c->total - c->queued - c->processing);
	percent = (uint32_t)(done / all * PERCENT_ALL);
	return percent > PERCENT_UNFINISHED ? PERCENT_UNFINISHED : percent;
}

void
job_settle(struct job *job, int64_t now_us)
{
	enum job_state to;
	uint32_t percent;

	/* These have something to do after their last item: looking for what
	 * has vanished, or was changed meanwhile. */
	if (job->kind != JOB_KIND_FOLDER && job->kind != JOB_KIND_EMBED &&
	    job->scan >= SCAN_DONE &&
	    job->counts.queued + job->counts.processing == 0)
		job->is_finalized = true;
	to = job_state_of(job);
	if (to != job->state) {
		ASSERT(job_may_become(job->state, to));
		job->state = to;
	}
	if (job->started_us == 0 && to != JOB_PENDING && to != JOB_PAUSED)
		job->started_us = now_us;
	if (job_state_is_final(to) && job->finished_us == 0)
		job->finished_us = now_us;
	if (!job->is_paused)
		job->paused_us = 0;
	else if (job->paused_us == 0)
		job->paused_us = now_us;
	if (now_us > job->updated_us)
		job->updated_us = now_us;
	percent = percent_of(job);
	if (percent > job->percent_hundredths)
		job->percent_hundredths = percent;
	job_check(job);
}

void
job_check(const struct job *job)
{
	const struct counts *c = &job->counts;

	ASSERT(c->total == c->queued + c->processing + c->completed +
		c->failed + c->skipped + c->cancelled);
	ASSERT(job->bytes_done <= job->bytes_total);
	ASSERT(job->segments_completed <= job->segments_total);
	if (job_state_is_final(job->state)) {
		ASSERT(c->queued + c->processing == 0);
		ASSERT(job->finished_us != 0);
		ASSERT(job->percent_hundredths == PERCENT_ALL);
	}
}

enum stage
job_stage(const struct job *job)
{
	uint64_t begun = 0;
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++)
		begun += job->stages[i].items;
	/* What is not in a stage yet, queued or waiting, has all before it. */
	if (job->counts.queued + job->counts.processing > begun)
		return STAGE_EXTRACTING;
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++)
		if (job->stages[i].items > 0)
			return (enum stage)i;
	return STAGE_NONE;
}
