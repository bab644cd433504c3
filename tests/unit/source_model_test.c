/* SPDX-License-Identifier: Apache-2.0 */
/* Sources' shares of jobs: counters, times, and that they are the job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "model/source.h"

static void
test_kinds(void **state)
{
	static const char *const names[] = {"upload", "s3", "web",
	    "links", "absent"};
	enum source_kind kind;
	int i;

	(void)state;
	for (i = SOURCE_UPLOAD; i < SOURCE_KIND_COUNT; i++) {
		assert_int_equal(source_kind_parse(i, &kind), 0);
		assert_int_equal(kind, i);
		assert_string_equal(source_kind_name(kind), names[i - 1]);
	}
	kind = SOURCE_WEB;
	assert_int_equal(source_kind_parse(0, &kind), ERR_CORRUPT);
	assert_int_equal(source_kind_parse(6, &kind), ERR_CORRUPT);
	assert_int_equal(source_kind_parse(-1, &kind), ERR_CORRUPT);
	assert_int_equal(source_kind_parse(1LL << 33 | 1, &kind),
	    ERR_CORRUPT);
	assert_int_equal(kind, SOURCE_WEB);
}

static struct item
item_of(enum item_state state, enum item_code code, uint64_t bytes)
{
	struct item item;

	memset(&item, 0, sizeof(item));
	item.state = state;
	item.code = code;
	item.bytes = bytes;
	return item;
}

static void
test_counts(void **state)
{
	struct item queued = item_of(ITEM_QUEUED, ITEM_CODE_NONE, 10);
	struct item busy = item_of(ITEM_EMBEDDING, ITEM_CODE_NONE, 12);
	struct item done = item_of(ITEM_COMPLETED, ITEM_CODE_NONE, 12);
	struct item same = item_of(ITEM_SKIPPED, ITEM_CODE_UNCHANGED, 5);
	struct item empty = item_of(ITEM_SKIPPED, ITEM_CODE_EMPTY_CONTENT, 0);
	struct item twin = item_of(ITEM_SKIPPED, ITEM_CODE_DUPLICATE, 7);
	struct item failed = item_of(ITEM_FAILED, ITEM_CODE_NO_TEXT, 3);
	struct share share, want;

	(void)state;
	memset(&share, 0, sizeof(share));
	memset(&want, 0, sizeof(want));
	share_count(&share, NULL, &queued);
	want.counts.total = want.counts.queued = 1;
	want.bytes_total = 10;
	assert_memory_equal(&share, &want, sizeof(share));

	/* It had more bytes than the listing said. */
	share_count(&share, &queued, &busy);
	want.counts.queued = 0;
	want.counts.processing = 1;
	want.bytes_total = 12;
	assert_memory_equal(&share, &want, sizeof(share));
	share_count(&share, &busy, &done);
	want.counts.processing = 0;
	want.counts.completed = 1;
	want.bytes_completed = 12;
	assert_memory_equal(&share, &want, sizeof(share));

	share_count(&share, NULL, &same);
	share_count(&share, NULL, &empty);
	share_count(&share, NULL, &twin);
	share_count(&share, NULL, &failed);
	want.counts.total = 5;
	want.counts.skipped = 3;
	want.counts.failed = 1;
	want.unchanged = want.empty = 1;
	want.bytes_total = 27;
	assert_memory_equal(&share, &want, sizeof(share));
	share_check(&share);
}

static void
test_times(void **state)
{
	struct item item = item_of(ITEM_QUEUED, ITEM_CODE_NONE, 1), was;
	struct share share;

	(void)state;
	memset(&share, 0, sizeof(share));
	share_settle(&share, false, 10);
	assert_int_equal(share.started_us, 0);
	assert_int_equal(share.finished_us, 0);
	assert_false(share_is_done(&share));
	share.scan = SCAN_RUNNING;
	share_settle(&share, false, 20);
	share_settle(&share, false, 30);
	assert_int_equal(share.started_us, 20);
	share_count(&share, NULL, &item);
	share.scan = SCAN_DONE;
	share_settle(&share, false, 40);
	assert_false(share_is_done(&share));
	assert_int_equal(share.finished_us, 0);
	was = item;
	item.state = ITEM_COMPLETED;
	share_count(&share, &was, &item);
	assert_true(share_is_done(&share));
	share_settle(&share, false, 50);
	share_settle(&share, false, 60);
	assert_int_equal(share.started_us, 20);
	assert_int_equal(share.finished_us, 50);
}

/* Given up counts as read; what has items has begun, as a retry has. */
static void
test_other_ends(void **state)
{
	struct item item = item_of(ITEM_QUEUED, ITEM_CODE_NONE, 1);
	struct share failed, retried, cancelled;

	(void)state;
	memset(&failed, 0, sizeof(failed));
	memset(&retried, 0, sizeof(retried));
	memset(&cancelled, 0, sizeof(cancelled));
	failed.scan = SCAN_FAILED;
	share_settle(&failed, false, 5);
	assert_true(share_is_done(&failed));
	assert_int_equal(failed.finished_us, 5);

	share_count(&retried, NULL, &item);
	share_settle(&retried, false, 6);
	assert_int_equal(retried.started_us, 6);
	assert_int_equal(retried.finished_us, 0);
	/* One of its items is in a worker's hands still. */
	share_settle(&retried, true, 7);
	assert_int_equal(retried.finished_us, 0);

	/* It never came to its turn. */
	share_settle(&cancelled, true, 8);
	assert_int_equal(cancelled.started_us, 0);
	assert_int_equal(cancelled.finished_us, 8);
	assert_false(share_is_done(&cancelled));
}

static uint32_t
dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

#define ITEMS 60
#define SHARES 3

static void
expect_sum(const struct job *job, const struct share *shares)
{
	struct share sum;
	int i;

	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < SHARES; i++) {
		share_check(&shares[i]);
		share_sum(&sum, &shares[i]);
	}
	assert_memory_equal(&sum.counts, &job->counts, sizeof(sum.counts));
	assert_int_equal(sum.unchanged, job->unchanged);
	assert_int_equal(sum.empty, job->empty);
	assert_int_equal(sum.bytes_total, job->bytes_total);
	assert_int_equal(sum.bytes_completed, job->bytes_completed);
}

/* Whatever the items do, the shares together are what the job counts. */
static void
test_shares_are_the_job(void **state)
{
	static const enum item_code codes[] = {ITEM_CODE_UNCHANGED,
	    ITEM_CODE_EMPTY_CONTENT, ITEM_CODE_DUPLICATE};
	struct item items[ITEMS], to;
	struct share shares[SHARES];
	struct job job;
	uint32_t seed = 1, i, step;

	(void)state;
	memset(&job, 0, sizeof(job));
	memset(shares, 0, sizeof(shares));
	for (i = 0; i < ITEMS; i++) {
		items[i] = item_of(ITEM_QUEUED, ITEM_CODE_NONE,
		    dice(&seed, 1000));
		items[i].source_id = i % SHARES;
		share_count(&shares[i % SHARES], NULL, &items[i]);
		job_count(&job, NULL, &items[i]);
		expect_sum(&job, shares);
	}
	for (step = 0; step < 4000; step++) {
		i = dice(&seed, ITEMS);
		to = items[i];
		to.state = (enum item_state)(1 +
		    dice(&seed, ITEM_STATE_COUNT - 1));
		if (!item_may_become(items[i].state, to.state))
			continue;
		if (to.state == ITEM_SKIPPED)
			to.code = codes[dice(&seed, 3)];
		if (to.state == ITEM_EXTRACTING)
			to.bytes = dice(&seed, 1000);
		share_count(&shares[i % SHARES], &items[i], &to);
		job_count(&job, &items[i], &to);
		items[i] = to;
		expect_sum(&job, shares);
	}
	assert_int_equal(job.counts.total, ITEMS);
	assert_true(job.counts.completed > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_other_ends),
	    cmocka_unit_test(test_shares_are_the_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
