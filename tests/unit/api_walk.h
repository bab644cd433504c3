/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_walk: lives of jobs and items, for the tests of the dialects' words.
 *
 * A run is made of random allowed moves (a fixed seed each), through the
 * model's own movers; the test looks at the job before and after each step.
 * walk_items() goes through every move of every item there can be.
 */
#ifndef TESTS_UNIT_API_WALK_H
#define TESTS_UNIT_API_WALK_H

#include <stdbool.h>
#include <string.h>

#include "model/item.h"
#include "model/job.h"

#define WALK_ITEMS 5u
#define WALK_START_US 1741267200000000LL
#define WALK_STEPS_MAX 4000u

struct walk {
	struct job job;
	struct item items[WALK_ITEMS];
	unsigned count;
	uint32_t seed;
	int64_t now_us;
};

typedef void walk_job_fn(const struct job *before, const struct job *after);
typedef void walk_item_fn(const struct item *before,
    const struct item *after);

static inline uint32_t
walk_random(struct walk *walk, uint32_t below)
{
	walk->seed = walk->seed * 1664525u + 1013904223u;
	return (walk->seed >> 8) % below;
}

static inline void
walk_init(struct walk *walk, uint32_t seed)
{
	memset(walk, 0, sizeof(*walk));
	walk->seed = seed;
	walk->now_us = WALK_START_US;
	walk->job.state = JOB_PENDING;
	walk->job.kind = (enum job_kind)(JOB_KIND_FOLDER +
	    seed % (JOB_KIND_COUNT - JOB_KIND_FOLDER));
	walk->job.dialect = DIALECT_NATIVE;
	walk->job.attempt = 1;
	walk->job.created_us = WALK_START_US;
	walk->job.updated_us = WALK_START_US;
}

/* item with what state `to` demands of it, then moved. */
static inline void
walk_move(struct item *item, enum item_state to, int64_t now_us)
{
	if (to == ITEM_FAILED)
		item->code = ITEM_CODE_EXTRACTION_FAILED;
	if (to == ITEM_SKIPPED)
		item->code = ITEM_CODE_UNCHANGED;
	if (to == ITEM_CANCELLED)
		item->code = ITEM_CODE_CANCELLED;
	if (to >= ITEM_EMBEDDING && to <= ITEM_FINALIZING)
		item->segments_total = 4;
	if (to == ITEM_FINALIZING)
		item->segments_completed = 2;
	if (to == ITEM_COMPLETED)
		item->segments_completed = item->segments_total;
	item_move(item, to, now_us);
}

/* May item, as it is, make that move?  The table alone would let one that
 * waits go back to an earlier step. */
static inline bool
walk_may(const struct item *item, enum item_state to)
{
	enum stage stage = item_state_stage(to);

	return item_may_become(item->state, to) &&
	    (stage == STAGE_NONE || stage >= item->stage);
}

static inline void
walk_step_item(struct walk *walk)
{
	struct item *item = &walk->items[walk_random(walk, walk->count)], old;
	enum item_state to =
	    (enum item_state)(1 + walk_random(walk, ITEM_STATE_COUNT - 1));

	if (!walk_may(item, to) || to == ITEM_CANCELLED)
		return;
	old = *item;
	walk_move(item, to, walk->now_us);
	job_count(&walk->job, &old, item);
}

static inline void
walk_add(struct walk *walk)
{
	struct item *item = &walk->items[walk->count];

	if (walk->job.scan != SCAN_RUNNING || walk->count == WALK_ITEMS)
		return;
	walk->count++;
	item->id = walk->count;
	item->seq = walk->count;
	item->document_id = walk->count;
	item->state = ITEM_QUEUED;
	item->attempt = 1;
	item->bytes = 100;
	item->queued_us = walk->now_us;
	job_count(&walk->job, NULL, item);
}

static inline void
walk_cancel(struct walk *walk)
{
	struct item old;
	unsigned i;

	walk->job.cancelled_us = walk->now_us;
	for (i = 0; i < walk->count; i++) {
		if (item_state_is_final(walk->items[i].state))
			continue;
		old = walk->items[i];
		walk_move(&walk->items[i], ITEM_CANCELLED, walk->now_us);
		job_count(&walk->job, &old, &walk->items[i]);
	}
}

/* One random thing that may happen to a job. */
static inline void
walk_step(struct walk *walk)
{
	struct job *job = &walk->job;
	bool is_open = job->counts.queued + job->counts.processing > 0;

	walk->now_us += 1 + walk_random(walk, 400000);
	switch (walk_random(walk, 12)) {
	case 0:
		if (job->scan == SCAN_WAITING && !job->is_paused)
			job->scan = SCAN_RUNNING;
		else if (job->scan == SCAN_RUNNING &&
		    walk_random(walk, 4) == 0)
			job->scan = SCAN_DONE;
		break;
	case 1:
		walk_add(walk);
		break;
	case 2:
		if (walk_random(walk, 8) == 0)
			job->is_paused = !job->is_paused;
		break;
	case 3:
		if (walk_random(walk, 300) == 0)
			walk_cancel(walk);
		break;
	case 4:
		if (job->scan == SCAN_DONE && !is_open)
			job->is_finalized = true;
		break;
	default:
		if (walk->count > 0)
			walk_step_item(walk);
		break;
	}
	job_settle(job, walk->now_us);
}

/* Runs of one seed each, to their ends; returns how many ended. */
static inline unsigned
walk_jobs(unsigned runs, walk_job_fn *fn)
{
	struct walk walk;
	struct job before;
	unsigned run, step, ended = 0;

	for (run = 0; run < runs; run++) {
		walk_init(&walk, run);
		for (step = 0; step < WALK_STEPS_MAX; step++) {
			before = walk.job;
			walk_step(&walk);
			fn(&before, &walk.job);
			if (job_state_is_final(walk.job.state)) {
				ended++;
				break;
			}
		}
	}
	return ended;
}

/* What tells two lives of an item apart: state, stage, steps seen. */
static inline unsigned
walk_mark(const struct item *item)
{
	unsigned mark = (unsigned)item->state | (unsigned)item->stage << 4;
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		if (item->steps[i].start_us != 0)
			mark |= 1u << (6 + i);
		if (item->steps[i].end_us != 0)
			mark |= 1u << (12 + i);
	}
	return mark;
}

#define WALK_MARKS (1u << 19)

static inline void
walk_item(const struct item *item, int64_t now_us, uint8_t *seen,
    walk_item_fn *fn)
{
	struct item next;
	int to;

	if (seen[walk_mark(item)]++ != 0)
		return;
	for (to = ITEM_QUEUED; to < ITEM_STATE_COUNT; to++) {
		if (!walk_may(item, (enum item_state)to))
			continue;
		next = *item;
		walk_move(&next, (enum item_state)to, now_us);
		fn(item, &next);
		walk_item(&next, now_us + 1000000, seen, fn);
	}
}

/* Every move of every life of an item. */
static inline void
walk_items(walk_item_fn *fn)
{
	static uint8_t seen[WALK_MARKS];
	struct item item = {.id = 1, .seq = 1, .document_id = 1, .attempt = 1,
	    .state = ITEM_QUEUED, .bytes = 100,
	    .queued_us = WALK_START_US};

	memset(seen, 0, sizeof(seen));
	walk_item(&item, WALK_START_US + 1000000, seen, fn);
}

#endif
