/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/histogram.h"
#include "engine/board.h"
#include "engine/totals.h"
#include "net/meter.h"

static uint64_t
sum(const uint64_t *list, int count)
{
	uint64_t all = 0;
	int i;

	for (i = 0; i < count; i++)
		all += list[i];
	return all;
}

static struct job
job_of(int64_t id)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.id = id;
	job.base_id = 1;
	job.uuid.bytes[0] = (uint8_t)id;
	job.state = JOB_RUNNING;
	return job;
}

/* Two live jobs, one of which ends, and then the base of the other goes. */
static void
test_board(void **state)
{
	struct board *board = board_new();
	struct job a = job_of(1), b = job_of(2);
	struct totals totals;

	(void)state;
	assert_non_null(board);
	/* There already when the server starts: that has not ended since. */
	a.counts = (struct counts){.total = 5, .queued = 2, .processing = 2,
	    .completed = 1};
	a.stages[STAGE_EMBEDDING].items = 1; /* the other has begun no step */
	a.rev = 1;
	assert_int_equal(board_put(board, &a), 0);
	board_begin(board);
	board_set_rev(board, 1, 0);
	board_totals(board, &totals);
	assert_int_equal(totals.jobs[JOB_RUNNING], 1);
	assert_int_equal(totals.items[ITEM_QUEUED], 2);
	assert_int_equal(totals.items[ITEM_EMBEDDING], 1);
	assert_int_equal(totals.items[ITEM_WAITING], 1);
	assert_int_equal(totals.items_all, 5);
	assert_int_equal(sum(totals.items, ITEM_STATE_COUNT), 5);
	assert_int_equal(sum(totals.items_ended, ITEM_STATE_COUNT), 0);

	b.counts = (struct counts){.total = 3, .queued = 3};
	b.base_id = 2;
	b.rev = 2;
	assert_int_equal(board_put(board, &b), 0);
	a.counts = (struct counts){.total = 5, .completed = 3, .failed = 1,
	    .skipped = 1};
	a.stages[STAGE_EMBEDDING].items = 0;
	a.state = JOB_COMPLETED_WITH_FAILURES;
	a.rev = 3;
	assert_int_equal(board_put(board, &a), 0);
	/* Not shown before its revision is. */
	board_totals(board, &totals);
	assert_int_equal(totals.items_all, 5);
	board_set_rev(board, 3, 0);
	board_totals(board, &totals);
	assert_int_equal(totals.items_all, 3);
	assert_int_equal(sum(totals.items, ITEM_STATE_COUNT), 3);
	assert_int_equal(sum(totals.jobs, JOB_STATE_COUNT), 1);
	assert_int_equal(totals.jobs_ended[JOB_COMPLETED_WITH_FAILURES], 1);
	assert_int_equal(totals.items_ended[ITEM_COMPLETED], 2);
	assert_int_equal(totals.items_ended[ITEM_FAILED], 1);
	assert_int_equal(totals.items_ended[ITEM_SKIPPED], 1);

	/* What has ended may be put once more, and ends no second time. */
	a.rev = 4;
	assert_int_equal(board_put(board, &a), 0);
	board_forget_base(board, 1);
	board_forget_base(board, 2);
	board_set_rev(board, 4, 0);
	board_totals(board, &totals);
	assert_int_equal(sum(totals.jobs, JOB_STATE_COUNT), 0);
	assert_int_equal(sum(totals.items, ITEM_STATE_COUNT), 0);
	assert_int_equal(totals.items_all, 0);
	assert_int_equal(sum(totals.jobs_ended, JOB_STATE_COUNT), 1);
	assert_int_equal(sum(totals.items_ended, ITEM_STATE_COUNT), 4);
	board_free(board);
}

static void
test_buckets(void **state)
{
	static const struct histogram_scale *const scales[] = {
	    &histogram_answers, &histogram_work, &histogram_counts};
	struct histogram histogram;
	size_t i, j;

	(void)state;
	for (i = 0; i < 3; i++)
		for (j = 0; j < HISTOGRAM_BUCKETS; j++) {
			if (j > 0)
				assert_true(scales[i]->ends[j] >
				    scales[i]->ends[j - 1]);
			/* The end belongs to its bucket (le). */
			assert_int_equal(histogram_bucket(scales[i],
			    scales[i]->ends[j]), j);
			assert_int_equal(histogram_bucket(scales[i],
			    scales[i]->ends[j] + 1), j + 1);
		}
	memset(&histogram, 0, sizeof(histogram));
	histogram_add(&histogram, &histogram_work, -5);
	histogram_add(&histogram, &histogram_work, 1001);
	histogram_add(&histogram, &histogram_work, INT64_MAX);
	assert_int_equal(atomic_load(&histogram.buckets[0]), 1);
	assert_int_equal(atomic_load(&histogram.buckets[1]), 1);
	assert_int_equal(atomic_load(&histogram.buckets[HISTOGRAM_BUCKETS]),
	    1);
}

static void
request(struct net_meter *meter, int err)
{
	net_meter_end(meter, net_meter_begin(meter), err, 3);
}

static void
test_meter(void **state)
{
	struct net_meter meter;

	(void)state;
	memset(&meter, 0, sizeof(meter));
	request(&meter, 0);
	request(&meter, ERR_BUSY);
	request(&meter, ERR_UPSTREAM); /* again, in vain */
	request(&meter, ERR_CANCELLED); /* again, and broken off */
	request(&meter, 0);	       /* again */
	request(&meter, ERR_INVALID);  /* refused for good */
	request(&meter, 0);
	assert_int_equal(atomic_load(&meter.requests), 7);
	assert_int_equal(atomic_load(&meter.failures), 3);
	assert_int_equal(atomic_load(&meter.retries), 3);
	assert_int_equal(atomic_load(&meter.tokens), 21);
	assert_false(atomic_load(&meter.is_failing));
	net_meter_end(NULL, net_meter_begin(NULL), 0, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_board),
	    cmocka_unit_test(test_buckets),
	    cmocka_unit_test(test_meter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
