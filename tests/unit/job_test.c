/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "model/job.h"

#define ITEMS 40u
#define WALKS 300

static uint64_t seed;

/* Numbers that are the same in each run. */
static unsigned
dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % sides;
}

static void
test_names(void **state)
{
	enum job_state job_state;
	enum job_kind kind;
	enum dialect dialect;
	enum scan_state scan;
	int i;

	(void)state;
	for (i = JOB_PENDING; i < JOB_STATE_COUNT; i++) {
		assert_int_equal(job_state_parse_name(
				     job_state_name((enum job_state)i),
				     &job_state), 0);
		assert_int_equal(job_state, i);
		assert_int_equal(job_state_parse(i, &job_state), 0);
		assert_int_equal(job_state_is_final((enum job_state)i),
		    i >= JOB_COMPLETED);
	}
	assert_int_equal(job_state_parse_name("done", &job_state),
	    ERR_NOT_FOUND);
	assert_int_equal(job_state_parse(0, &job_state), ERR_CORRUPT);
	assert_int_equal(job_state_parse(11, &job_state), ERR_CORRUPT);
	for (i = JOB_KIND_FOLDER; i < JOB_KIND_COUNT; i++) {
		assert_int_equal(job_kind_parse(i, &kind), 0);
		assert_non_null(job_kind_name((enum job_kind)i));
	}
	assert_int_equal(job_kind_parse(0, &kind), ERR_CORRUPT);
	assert_int_equal(job_kind_parse(JOB_KIND_COUNT, &kind), ERR_CORRUPT);
	for (i = DIALECT_NATIVE; i < DIALECT_COUNT; i++) {
		assert_int_equal(dialect_parse(i, &dialect), 0);
		assert_non_null(dialect_name((enum dialect)i));
	}
	assert_int_equal(dialect_parse(0, &dialect), ERR_CORRUPT);
	assert_int_equal(dialect_parse(DIALECT_COUNT, &dialect), ERR_CORRUPT);
	for (i = SCAN_WAITING; i < SCAN_STATE_COUNT; i++)
		assert_int_equal(scan_state_parse(i, &scan), 0);
	assert_int_equal(scan_state_parse(-1, &scan), ERR_CORRUPT);
	assert_int_equal(scan_state_parse(4, &scan), ERR_CORRUPT);
}

/* What a job is made of, and the state that follows from it. */
struct state_row {
	enum scan_state scan;
	bool is_paused, is_finalized, is_cancelled;
	/* queued, processing, completed, failed, skipped, cancelled */
	uint64_t counts[6];
	uint64_t removed;
	enum job_state wanted;
};

/* clang-format off */
static const struct state_row state_rows[] = {
	/* scan        paused finalized cancelled  counts              removed */
	{SCAN_WAITING, false, false, false, {0, 0, 0, 0, 0, 0}, 0, JOB_PENDING},
	{SCAN_RUNNING, false, false, false, {0, 0, 0, 0, 0, 0}, 0, JOB_SCANNING},
	{SCAN_RUNNING, false, false, false, {3, 1, 2, 0, 0, 0}, 0, JOB_SCANNING},
	{SCAN_DONE,    false, false, false, {1, 0, 0, 0, 0, 0}, 0, JOB_RUNNING},
	{SCAN_DONE,    false, false, false, {0, 1, 5, 1, 1, 0}, 0, JOB_RUNNING},
	{SCAN_DONE,    false, false, false, {0, 0, 5, 1, 1, 0}, 0, JOB_FINALIZING},
	{SCAN_DONE,    false, false, false, {0, 0, 0, 0, 0, 0}, 0, JOB_FINALIZING},
	{SCAN_FAILED,  false, false, false, {0, 0, 0, 0, 0, 0}, 0, JOB_FINALIZING},
	{SCAN_FAILED,  false, false, false, {1, 0, 0, 0, 0, 0}, 0, JOB_RUNNING},
	/* Paused: while there is something to hold back. */
	{SCAN_WAITING, true,  false, false, {0, 0, 0, 0, 0, 0}, 0, JOB_PAUSED},
	{SCAN_RUNNING, true,  false, false, {2, 0, 0, 0, 0, 0}, 0, JOB_PAUSED},
	{SCAN_DONE,    true,  false, false, {1, 1, 0, 0, 0, 0}, 0, JOB_PAUSED},
	{SCAN_DONE,    true,  false, false, {0, 0, 4, 0, 0, 0}, 0, JOB_FINALIZING},
	{SCAN_FAILED,  true,  false, false, {0, 0, 4, 0, 0, 0}, 0, JOB_FINALIZING},
	/* The ends. */
	{SCAN_DONE,    false, true,  false, {0, 0, 3, 0, 0, 0}, 0, JOB_COMPLETED},
	{SCAN_DONE,    true,  true,  false, {0, 0, 3, 0, 0, 0}, 0, JOB_COMPLETED},
	{SCAN_DONE,    false, true,  false, {0, 0, 3, 0, 2, 0}, 0, JOB_COMPLETED},
	{SCAN_DONE,    false, true,  false, {0, 0, 3, 1, 0, 0}, 0, JOB_COMPLETED_WITH_FAILURES},
	{SCAN_DONE,    false, true,  false, {0, 0, 0, 1, 2, 0}, 0, JOB_COMPLETED_WITH_FAILURES},
	{SCAN_DONE,    false, true,  false, {0, 0, 0, 2, 0, 0}, 0, JOB_FAILED},
	{SCAN_DONE,    false, true,  false, {0, 0, 0, 0, 2, 0}, 0, JOB_NO_CHANGES},
	{SCAN_DONE,    false, true,  false, {0, 0, 0, 0, 0, 0}, 0, JOB_NO_CHANGES},
	{SCAN_DONE,    false, true,  false, {0, 0, 0, 0, 2, 0}, 1, JOB_COMPLETED},
	{SCAN_DONE,    false, true,  false, {0, 0, 0, 0, 0, 0}, 1, JOB_COMPLETED},
	{SCAN_FAILED,  false, true,  false, {0, 0, 3, 0, 0, 0}, 0, JOB_FAILED},
	/* Cancelled: when the last item has acknowledged it. */
	{SCAN_WAITING, false, false, true,  {0, 0, 0, 0, 0, 0}, 0, JOB_CANCELLED},
	{SCAN_RUNNING, false, false, true,  {0, 0, 2, 0, 0, 3}, 0, JOB_CANCELLED},
	{SCAN_RUNNING, false, false, true,  {0, 1, 2, 0, 0, 3}, 0, JOB_SCANNING},
	{SCAN_DONE,    false, false, true,  {0, 1, 2, 0, 0, 3}, 0, JOB_RUNNING},
	{SCAN_DONE,    true,  false, true,  {0, 0, 2, 1, 0, 3}, 0, JOB_CANCELLED},
	{SCAN_DONE,    false, true,  true,  {0, 0, 2, 0, 0, 0}, 0, JOB_CANCELLED},
};
/* clang-format on */

static struct job
job_of_row(const struct state_row *row)
{
	struct job job = {.id = 1, .attempt = 1, .state = JOB_PENDING,
	    .kind = JOB_KIND_FOLDER};

	job.scan = row->scan;
	job.is_paused = row->is_paused;
	job.is_finalized = row->is_finalized;
	job.cancelled_us = row->is_cancelled ? 5 : 0;
	job.counts.queued = row->counts[0];
	job.counts.processing = row->counts[1];
	job.counts.completed = row->counts[2];
	job.counts.failed = row->counts[3];
	job.counts.skipped = row->counts[4];
	job.counts.cancelled = row->counts[5];
	job.counts.total = job.counts.queued + job.counts.processing +
	    job.counts.completed + job.counts.failed + job.counts.skipped +
	    job.counts.cancelled;
	job.removed = row->removed;
	return job;
}

static void
test_state_of(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(state_rows) / sizeof(state_rows[0]); i++) {
		struct job job = job_of_row(&state_rows[i]);

		if (job_state_of(&job) != state_rows[i].wanted)
			fail_msg("row %u: %s", (unsigned)i,
			    job_state_name(job_state_of(&job)));
		/* Each is reached at once from the start, too. */
		job_settle(&job, 100);
		assert_int_equal(job.state, state_rows[i].wanted);
		assert_int_equal(job.updated_us, 100);
	}
}

/* When it was asked for, however often the job is looked at since. */
static void
test_paused_since(void **state)
{
	struct job job = {.id = 1, .attempt = 1, .state = JOB_PENDING,
	    .kind = JOB_KIND_FOLDER, .scan = SCAN_RUNNING};

	(void)state;
	job_settle(&job, 100);
	assert_int_equal(job.paused_us, 0);
	job.is_paused = true;
	job_settle(&job, 200);
	job_settle(&job, 300);
	assert_int_equal(job.paused_us, 200);
	job.is_paused = false;
	job_settle(&job, 400);
	assert_int_equal(job.paused_us, 0);
	job.is_paused = true;
	job_settle(&job, 500);
	assert_int_equal(job.paused_us, 500);
}

/* Whatever is asked of a job at whatever moment, the table has the move. */
static void
test_every_change_is_allowed(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(state_rows) / sizeof(state_rows[0]); i++) {
		struct job from = job_of_row(&state_rows[i]);
		enum job_state before = job_state_of(&from);

		if (job_state_is_final(before))
			continue;
		for (j = 0; j < 3; j++) {
			struct job to = from;

			to.is_paused = j == 0 ? !from.is_paused
					      : from.is_paused;
			if (j == 1)
				to.cancelled_us = 7;
			if (j == 2 && before == JOB_FINALIZING)
				to.is_finalized = true;
			if (job_state_of(&to) != before &&
			    !job_may_become(before, job_state_of(&to)))
				fail_msg("%s -> %s (row %u)",
				    job_state_name(before),
				    job_state_name(job_state_of(&to)),
				    (unsigned)i);
		}
	}
}

static void
test_table(void **state)
{
	int from, to;

	(void)state;
	for (from = JOB_PENDING; from < JOB_STATE_COUNT; from++)
		for (to = JOB_PENDING; to < JOB_STATE_COUNT; to++) {
			bool may = job_may_become((enum job_state)from,
			    (enum job_state)to);

			if (from == to ||
			    job_state_is_final((enum job_state)from))
				assert_false(may);
			else if (job_state_is_final((enum job_state)to))
				assert_true(may);
			else if (from != JOB_PAUSED && to != JOB_PAUSED)
				assert_true(may == (to > from));
		}
}

struct run {
	struct job job;
	struct item items[ITEMS];
	unsigned count; /* found so far */
	int64_t now;
};

static void
run_change(struct run *run, struct item *item, enum item_state to)
{
	struct item before = *item;

	if (to == ITEM_FAILED)
		item->code = (enum item_code)(ITEM_CODE_FILE_TOO_LARGE +
		    dice(4));
	if (to == ITEM_SKIPPED)
		item->code = dice(2) == 0 ? ITEM_CODE_UNCHANGED
					  : ITEM_CODE_EMPTY_CONTENT;
	if (to == ITEM_COMPLETED)
		item->segments_completed = item->segments_total;
	item_move(item, to, run->now);
	job_count(&run->job, &before, item);
}

/* A move that the tables allow, somewhere. */
static void
run_step(struct run *run)
{
	struct item *item = &run->items[dice(run->count)], before = *item;
	enum item_state to = (enum item_state)(1 + dice(12));

	if (item_state_is_final(item->state))
		return;
	if (run->job.cancelled_us != 0) {
		run_change(run, item, ITEM_CANCELLED);
		return;
	}
	if (dice(4) == 0) { /* a sign of life within the state */
		if (item->segments_total == 0)
			item->segments_total = dice(9);
		else if (item->segments_completed < item->segments_total)
			item->segments_completed++;
		if (item->bytes_done < item->bytes)
			item->bytes_done += 1 + dice((unsigned)(item->bytes -
						  item->bytes_done));
		item_move(item, item->state, run->now);
		job_count(&run->job, &before, item);
		return;
	}
	if (!item_may_become(item->state, to) || to == ITEM_CANCELLED ||
	    (item_state_stage(to) != STAGE_NONE &&
		item_state_stage(to) < item->stage))
		return;
	run_change(run, item, to);
}

static void
run_find(struct run *run)
{
	struct item *item = &run->items[run->count++];

	memset(item, 0, sizeof(*item));
	item->seq = run->count;
	item->state = ITEM_QUEUED;
	item->attempt = 1;
	item->bytes = dice(3) == 0 ? 0 : 1 + dice(100000);
	item->queued_us = run->now;
	job_count(&run->job, NULL, item);
}

/* All that job_count() keeps is what counting from the start gives. */
static void
run_recount(const struct run *run)
{
	struct job fresh = {.id = 0};
	unsigned i;
	int s;

	for (i = 0; i < run->count; i++)
		job_count(&fresh, NULL, &run->items[i]);
	assert_memory_equal(&fresh.counts, &run->job.counts,
	    sizeof(fresh.counts));
	assert_int_equal(fresh.bytes_total, run->job.bytes_total);
	assert_int_equal(fresh.bytes_done, run->job.bytes_done);
	assert_int_equal(fresh.bytes_completed, run->job.bytes_completed);
	assert_int_equal(fresh.segments_total, run->job.segments_total);
	assert_int_equal(fresh.segments_completed,
	    run->job.segments_completed);
	assert_int_equal(fresh.unchanged, run->job.unchanged);
	assert_int_equal(fresh.empty, run->job.empty);
	for (s = STAGE_NONE; s < STAGE_COUNT; s++)
		assert_memory_equal(&fresh.stages[s], &run->job.stages[s],
		    sizeof(fresh.stages[s]));
}

/* Promises 1 and 2 between one answer and the next. */
static void
run_compare(const struct job *before, const struct job *after)
{
	const struct counts *a = &before->counts, *b = &after->counts;
	int s;

	job_check(after);
	assert_true(before->state == after->state ||
	    job_may_become(before->state, after->state));
	assert_true(b->total >= a->total);
	assert_true(b->completed >= a->completed);
	assert_true(b->failed >= a->failed);
	assert_true(b->skipped >= a->skipped);
	assert_true(b->cancelled >= a->cancelled);
	if (b->total == a->total)
		assert_true(b->queued <= a->queued);
	assert_true(after->percent_hundredths >= before->percent_hundredths);
	assert_int_equal(after->percent_hundredths == 10000,
	    job_state_is_final(after->state));
	assert_true(after->bytes_done >= before->bytes_done);
	assert_true(after->segments_completed >= before->segments_completed);
	for (s = STAGE_EXTRACTING; s < STAGE_COUNT; s++) {
		assert_true(after->stages[s].done >= before->stages[s].done);
		assert_true(after->stages[s].busy_us >=
		    before->stages[s].busy_us);
	}
	/* The stage of pages that show one, once all items are known. */
	if (before->scan == SCAN_DONE && job_stage(after) != STAGE_NONE)
		assert_true(job_stage(after) >= job_stage(before));
	if (b->queued + b->processing == 0)
		assert_int_equal(job_stage(after), STAGE_NONE);
	assert_true(after->started_us == before->started_us ||
	    before->started_us == 0);
}

static void
run_ask(struct run *run, int walk)
{
	struct job *job = &run->job;

	if (job->scan == SCAN_WAITING && dice(3) == 0)
		job->scan = SCAN_RUNNING;
	if (job->scan == SCAN_RUNNING && run->count < ITEMS && dice(2) == 0)
		run_find(run);
	if (job->scan == SCAN_RUNNING && dice(30) == 0)
		job->scan = dice(20) == 0 ? SCAN_FAILED : SCAN_DONE;
	if (dice(25) == 0)
		job->is_paused = !job->is_paused;
	if (walk % 5 == 0 && job->cancelled_us == 0 && dice(200) == 0)
		job->cancelled_us = run->now;
	if (job->state == JOB_FINALIZING && dice(3) == 0)
		job->is_finalized = true;
}

static void
test_random_walks(void **state)
{
	unsigned ends[JOB_STATE_COUNT] = {0};
	static struct run run;
	struct job before;
	int walk, step;

	(void)state;
	seed = 0x2545F4914F6CDD1DULL;
	for (walk = 0; walk < WALKS; walk++) {
		memset(&run, 0, sizeof(run));
		run.job.state = JOB_PENDING;
		run.job.kind = walk % 3 == 0 ? JOB_KIND_UPLOAD
					     : JOB_KIND_FOLDER;
		for (step = 0; !job_state_is_final(run.job.state); step++) {
			assert_true(step < 1000000);
			run.now += 1 + dice(1000);
			before = run.job;
			run_ask(&run, walk);
			if (run.count > 0)
				run_step(&run);
			job_settle(&run.job, run.now);
			run_compare(&before, &run.job);
			run_recount(&run);
		}
		ends[run.job.state]++;
	}
	assert_true(ends[JOB_COMPLETED_WITH_FAILURES] > 0);
	assert_true(ends[JOB_CANCELLED] > 0);
	assert_true(ends[JOB_NO_CHANGES] > 0);
	assert_true(ends[JOB_FAILED] > 0);
}

static void
test_percent(void **state)
{
	struct job job = {.state = JOB_PENDING, .scan = SCAN_RUNNING,
	    .kind = JOB_KIND_FOLDER};
	struct item item = {.state = ITEM_QUEUED, .seq = 1, .attempt = 1,
	    .bytes = 1000000000}, before;

	(void)state;
	job_count(&job, NULL, &item);
	job_settle(&job, 1);
	assert_int_equal(job.percent_hundredths, 0);
	job.scan = SCAN_DONE;
	job_settle(&job, 2);
	assert_int_equal(job.percent_hundredths, 0);
	before = item;
	item_move(&item, ITEM_EMBEDDING, 3);
	item.bytes_done = 500000000;
	job_count(&job, &before, &item);
	job_settle(&job, 3);
	assert_in_range(job.percent_hundredths, 4990, 5000);
	/* A file that turns out larger than it was does not take it back. */
	before = item;
	item.bytes *= 4;
	job_count(&job, &before, &item);
	job_settle(&job, 4);
	assert_in_range(job.percent_hundredths, 4990, 5000);
	before = item;
	item_move(&item, ITEM_COMPLETED, 5);
	job_count(&job, &before, &item);
	job_settle(&job, 5);
	assert_int_equal(job.state, JOB_FINALIZING);
	assert_int_equal(job.percent_hundredths, 9990);
	job.is_finalized = true;
	job_settle(&job, 6);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.percent_hundredths, 10000);
	assert_int_equal(job.finished_us, 6);
	/* Settling again changes nothing but the time of looking. */
	job_settle(&job, 7);
	assert_int_equal(job.finished_us, 6);
}

/* Only a folder is looked through for what has vanished. */
static void
test_ends_with_last_item(void **state)
{
	struct job job = {.state = JOB_PENDING, .scan = SCAN_DONE,
	    .kind = JOB_KIND_UPLOAD};
	struct item item = {.state = ITEM_QUEUED, .seq = 1, .attempt = 1},
		    before;

	(void)state;
	job_count(&job, NULL, &item);
	job_settle(&job, 1);
	assert_int_equal(job.state, JOB_RUNNING);
	before = item;
	item_move(&item, ITEM_COMPLETED, 2);
	job_count(&job, &before, &item);
	job_settle(&job, 2);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_true(job.is_finalized);
}

/* A code beside a scan that is done: a source that could not be read. */
static void
test_bad_source(void **state)
{
	static const struct {
		enum scan_state scan;
		/* completed, failed, skipped */
		uint64_t counts[3];
		enum job_state wanted;
	} rows[] = {
	    {SCAN_DONE, {3, 0, 0}, JOB_COMPLETED_WITH_FAILURES},
	    {SCAN_DONE, {0, 0, 3}, JOB_COMPLETED_WITH_FAILURES},
	    {SCAN_DONE, {0, 0, 0}, JOB_COMPLETED_WITH_FAILURES},
	    {SCAN_DONE, {1, 1, 0}, JOB_COMPLETED_WITH_FAILURES},
	    {SCAN_DONE, {0, 2, 0}, JOB_FAILED},
	    {SCAN_FAILED, {0, 0, 0}, JOB_FAILED},
	};
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		job = (struct job){.state = JOB_SCANNING,
		    .scan = rows[i].scan, .kind = JOB_KIND_SOURCES,
		    .code = ITEM_CODE_SOURCE_ACCESS_DENIED};
		job.counts.completed = rows[i].counts[0];
		job.counts.failed = rows[i].counts[1];
		job.counts.skipped = rows[i].counts[2];
		job.counts.total = job.counts.completed + job.counts.failed +
		    job.counts.skipped;
		job_settle(&job, 1);
		assert_true(job.is_finalized);
		assert_int_equal(job.state, rows[i].wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_state_of),
	    cmocka_unit_test(test_paused_since),
	    cmocka_unit_test(test_every_change_is_allowed),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_random_walks),
	    cmocka_unit_test(test_percent),
	    cmocka_unit_test(test_ends_with_last_item),
	    cmocka_unit_test(test_bad_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
