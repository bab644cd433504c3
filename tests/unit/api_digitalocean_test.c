/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/digitalocean/digitalocean_view.h"
#include "api_walk.h"
#include "base/buf.h"
#include "base/jsonw.h"

#define SECOND 1000000LL
#define T0 1741267200LL

static json_t *
render_shares(const struct job *job, const struct share *shares,
    size_t count)
{
	json_t *tree;
	struct jsonw w;
	struct buf out;

	buf_init(&out, 1 << 16);
	jsonw_init(&w, &out);
	do_write_job(&w, job, shares, count);
	assert_int_equal(out.err, 0);
	tree = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	buf_fini(&out);
	return tree;
}

static json_t *
render(const struct job *job)
{
	return render_shares(job, NULL, 0);
}

static struct job
job_in(enum job_state state)
{
	struct job job = {.state = state, .kind = JOB_KIND_FOLDER,
	    .scan = SCAN_DONE, .created_us = T0 * SECOND,
	    .updated_us = T0 * SECOND};

	job.uuid.bytes[15] = 1;
	job.base_uuid.bytes[15] = 2;
	if (state != JOB_PENDING)
		job.started_us = (T0 + 1) * SECOND;
	if (job_state_is_final(state))
		job.finished_us = (T0 + 2) * SECOND;
	return job;
}

static void
expect(const struct job *job, const char *json)
{
	json_t *want = json_loads(json, 0, NULL), *tree = render(job);

	assert_non_null(want);
	assert_true(json_equal(want, tree));
	json_decref(want);
	json_decref(tree);
}

#define JOB_ID "\"uuid\":\"00000000-0000-0000-0000-000000000001\","           \
	"\"knowledge_base_uuid\":\"00000000-0000-0000-0000-000000000002\","
#define SOURCE_ID "\"80000000-0001-8000-8000-000000000002\""

/* Unset times are absent; a source that has not started is UNKNOWN. */
static void
test_pending(void **state)
{
	struct job job = job_in(JOB_PENDING);

	(void)state;
	job.scan = SCAN_WAITING;
	expect(&job,
	    "{" JOB_ID "\"data_source_uuids\":[" SOURCE_ID "],"
	    "\"phase\":\"BATCH_JOB_PHASE_PENDING\","
	    "\"status\":\"INDEX_JOB_STATUS_PENDING\","
	    "\"created_at\":\"2025-03-06T13:20:00.000000Z\","
	    "\"updated_at\":\"2025-03-06T13:20:00.000000Z\","
	    "\"total_datasources\":1,\"completed_datasources\":0,"
	    "\"tokens\":0,\"total_tokens\":\"0\","
	    "\"total_items_indexed\":\"0\",\"total_items_failed\":\"0\","
	    "\"total_items_skipped\":\"0\",\"total_items_removed\":\"0\","
	    "\"is_report_available\":false,"
	    "\"data_source_jobs\":[{\"data_source_uuid\":" SOURCE_ID ","
	    "\"status\":\"DATA_SOURCE_STATUS_UNKNOWN\","
	    "\"indexed_file_count\":\"0\",\"indexed_item_count\":\"0\","
	    "\"failed_item_count\":\"0\",\"skipped_item_count\":\"0\","
	    "\"removed_item_count\":\"0\",\"total_file_count\":\"0\","
	    "\"total_bytes\":\"0\",\"total_bytes_indexed\":\"0\"}]}");
}

static void
test_partial(void **state)
{
	struct job job = job_in(JOB_COMPLETED_WITH_FAILURES);

	(void)state;
	job.counts = (struct counts){.total = 7, .completed = 5, .failed = 1,
	    .skipped = 1};
	job.unchanged = 1;
	job.removed = 3;
	job.bytes_total = 5000000000ULL;
	job.bytes_completed = 4999999999ULL;
	job.characters = 4294967296ULL * 8;
	expect(&job,
	    "{" JOB_ID "\"data_source_uuids\":[" SOURCE_ID "],"
	    "\"phase\":\"BATCH_JOB_PHASE_SUCCEEDED\","
	    "\"status\":\"INDEX_JOB_STATUS_PARTIAL\","
	    "\"created_at\":\"2025-03-06T13:20:00.000000Z\","
	    "\"started_at\":\"2025-03-06T13:20:01.000000Z\","
	    "\"finished_at\":\"2025-03-06T13:20:02.000000Z\","
	    "\"updated_at\":\"2025-03-06T13:20:00.000000Z\","
	    "\"total_datasources\":1,\"completed_datasources\":1,"
	    "\"tokens\":4294967295,\"total_tokens\":\"8589934592\","
	    "\"total_items_indexed\":\"5\",\"total_items_failed\":\"1\","
	    "\"total_items_skipped\":\"1\",\"total_items_removed\":\"3\","
	    "\"is_report_available\":true,"
	    "\"data_source_jobs\":[{\"data_source_uuid\":" SOURCE_ID ","
	    "\"status\":\"DATA_SOURCE_STATUS_PARTIALLY_UPDATED\","
	    "\"started_at\":\"2025-03-06T13:20:01.000000Z\","
	    "\"completed_at\":\"2025-03-06T13:20:02.000000Z\","
	    "\"error_msg\":\"FILES_FAILED\","
	    "\"error_details\":\"1 of 7 files failed\","
	    "\"indexed_file_count\":\"5\",\"indexed_item_count\":\"5\","
	    "\"failed_item_count\":\"1\",\"skipped_item_count\":\"1\","
	    "\"removed_item_count\":\"3\",\"total_file_count\":\"7\","
	    "\"total_bytes\":\"5000000000\","
	    "\"total_bytes_indexed\":\"4999999999\"}]}");
}

static void
expect_words(const struct job *job, const char *phase, const char *status,
    const char *source)
{
	enum do_word word = do_word_of(job);

	assert_string_equal(do_phase(word), phase);
	assert_string_equal(do_status(word), status);
	assert_string_equal(do_source_status(word), source);
}

static void
test_words(void **state)
{
	struct job job = job_in(JOB_COMPLETED);

	(void)state;
	job.counts = (struct counts){.total = 4, .completed = 2, .skipped = 2};
	job.unchanged = 1;
	job.empty = 1;
	expect_words(&job, "SUCCEEDED", "COMPLETED", "UPDATED");
	job.empty = 0; /* left out for a cause */
	expect_words(&job, "SUCCEEDED", "PARTIAL", "PARTIALLY_UPDATED");
	job = job_in(JOB_NO_CHANGES);
	expect_words(&job, "SUCCEEDED", "NO_CHANGES", "NOT_UPDATED");
	job = job_in(JOB_FAILED);
	job.code = ITEM_CODE_SOURCE_NOT_FOUND;
	expect_words(&job, "FAILED", "FAILED", "FAILED");
	job.code = ITEM_CODE_INTERNAL_ERROR;
	expect_words(&job, "ERROR", "FAILED", "FAILED");
	job = job_in(JOB_CANCELLED);
	expect_words(&job, "CANCELLED", "CANCELLED", "CANCELLED");
	/* One failed, none is in the index, but for an empty one. */
	job = job_in(JOB_COMPLETED_WITH_FAILURES);
	job.counts = (struct counts){.total = 2, .failed = 1, .skipped = 1};
	job.empty = 1;
	expect_words(&job, "FAILED", "FAILED", "FAILED");
	job.empty = 0;
	job.unchanged = 1;
	expect_words(&job, "SUCCEEDED", "PARTIAL", "PARTIALLY_UPDATED");
	job = job_in(JOB_PAUSED);
	expect_words(&job, "RUNNING", "IN_PROGRESS", "IN_PROGRESS");
	job.started_us = 0;
	expect_words(&job, "PENDING", "PENDING", "UNKNOWN");
}

static void
no_step_back(const struct job *before, const struct job *after)
{
	enum do_word was = do_word_of(before), is = do_word_of(after);

	assert_true(do_rank(was) <= do_rank(is));
	assert_true(before->counts.completed <= after->counts.completed);
	/* Final together, and only then is there an end. */
	assert_int_equal(do_rank(is) == 2, job_state_is_final(after->state));
	assert_int_equal(do_rank(is) == 2, after->finished_us != 0);
	assert_int_equal(do_rank(is) == 0, after->started_us == 0);
}

static void
test_never_back(void **state)
{
	(void)state;
	assert_true(walk_jobs(400, no_step_back) > 300);
}

/* ---- jobs over sources ------------------------------------------------- */

static struct share
share_in(enum scan_state scan, bool is_over)
{
	struct share share = {.scan = scan};

	share.source_uuid.bytes[15] = 9;
	if (scan != SCAN_WAITING)
		share.started_us = (T0 + 1) * SECOND;
	if (is_over)
		share.finished_us = (T0 + 2) * SECOND;
	return share;
}

static void
expect_share(const struct share *share, const char *status)
{
	assert_string_equal(do_source_status(do_word_of_share(share)),
	    status);
}

static void
test_shares(void **state)
{
	struct share share = share_in(SCAN_WAITING, false);

	(void)state;
	expect_share(&share, "UNKNOWN");
	share = share_in(SCAN_RUNNING, false);
	expect_share(&share, "IN_PROGRESS");
	/* The job was cancelled, before it came to it or half-way. */
	share = share_in(SCAN_WAITING, true);
	expect_share(&share, "CANCELLED");
	share = share_in(SCAN_DONE, true);
	share.counts = (struct counts){.total = 3, .completed = 2,
	    .cancelled = 1};
	expect_share(&share, "CANCELLED");
	/* Unchanged and empty ones are no reason for anything. */
	share.counts = (struct counts){.total = 3, .skipped = 3};
	share.unchanged = 2;
	share.empty = 1;
	expect_share(&share, "NOT_UPDATED");
	share.counts.completed = 1;
	share.counts.total = 4;
	expect_share(&share, "UPDATED");
	share.counts.skipped = 4;
	share.counts.total = 5;
	expect_share(&share, "PARTIALLY_UPDATED");
	/* Something has gone, and nothing else has changed. */
	share = share_in(SCAN_DONE, true);
	share.removed = 1;
	expect_share(&share, "UPDATED");
	share = share_in(SCAN_DONE, true);
	share.counts = (struct counts){.total = 2, .failed = 2};
	expect_share(&share, "FAILED");
	share.counts.completed = 1;
	share.counts.total = 3;
	expect_share(&share, "PARTIALLY_UPDATED");
	share = share_in(SCAN_FAILED, true);
	share.code = ITEM_CODE_SOURCE_ACCESS_DENIED;
	expect_share(&share, "FAILED");
}

static void
expect_job(const struct job *job, const struct share *shares, size_t count,
    const char *phase, const char *status)
{
	enum do_word word = do_word_of_job(job, shares, count);

	assert_string_equal(do_phase(word), phase);
	assert_string_equal(do_status(word), status);
}

/* The job's word is that of its sources together, but only at its end. */
static void
test_shares_together(void **state)
{
	struct job job = job_in(JOB_COMPLETED);
	struct share shares[2] = {share_in(SCAN_DONE, true),
	    share_in(SCAN_DONE, true)};

	(void)state;
	job.kind = JOB_KIND_SOURCES;
	shares[0].counts = (struct counts){.total = 1, .completed = 1};
	expect_job(&job, shares, 2, "SUCCEEDED", "COMPLETED");
	shares[0].counts = shares[1].counts;
	expect_job(&job, shares, 2, "SUCCEEDED", "NO_CHANGES");
	shares[1] = share_in(SCAN_FAILED, true);
	shares[1].code = ITEM_CODE_FETCH_FAILED;
	expect_job(&job, shares, 2, "SUCCEEDED", "PARTIAL");
	job.state = JOB_FAILED;
	job.code = ITEM_CODE_FETCH_FAILED;
	expect_job(&job, shares, 2, "SUCCEEDED", "PARTIAL");
	expect_job(&job, shares + 1, 1, "FAILED", "FAILED");
	job.code = ITEM_CODE_INTERNAL_ERROR;
	expect_job(&job, shares, 2, "ERROR", "FAILED");
	job = job_in(JOB_CANCELLED);
	job.kind = JOB_KIND_SOURCES;
	expect_job(&job, shares, 2, "CANCELLED", "CANCELLED");
	job = job_in(JOB_RUNNING);
	job.kind = JOB_KIND_SOURCES;
	expect_job(&job, shares, 2, "RUNNING", "IN_PROGRESS");
}

static void
test_shares_shown(void **state)
{
	struct job job = job_in(JOB_CANCELLED);
	struct share shares[2] = {share_in(SCAN_DONE, true),
	    share_in(SCAN_WAITING, true)};
	json_t *tree, *list;

	(void)state;
	job.kind = JOB_KIND_SOURCES;
	shares[0].counts = (struct counts){.total = 1, .completed = 1};
	shares[1].source_uuid.bytes[15] = 10;
	tree = render_shares(&job, shares, 2);
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "total_datasources")), 2);
	/* What was not read has not been completed. */
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "completed_datasources")), 1);
	list = json_object_get(tree, "data_source_uuids");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_array_get(list, 1)),
	    "00000000-0000-0000-0000-00000000000a");
	list = json_object_get(tree, "data_source_jobs");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 0), "status")),
	    "DATA_SOURCE_STATUS_UPDATED");
	assert_null(json_object_get(json_array_get(list, 1), "started_at"));
	json_decref(tree);
}

static void
test_source_uuid(void **state)
{
	struct uuid base = {{0}}, folder, text, document;

	(void)state;
	base.bytes[3] = 77;
	folder = do_source_uuid(&base, JOB_KIND_FOLDER);
	text = do_source_uuid(&base, JOB_KIND_TEXT);
	document = uuid_of_row(&base, JOB_KIND_FOLDER);
	assert_false(uuid_is_equal(&folder, &text));
	assert_false(uuid_is_equal(&folder, &document));
	assert_int_equal(folder.bytes[6] >> 4, 8);
}

static void
test_tokens(void **state)
{
	(void)state;
	assert_int_equal(do_tokens(0), 0);
	assert_int_equal(do_tokens(1), 1);
	assert_int_equal(do_tokens(8), 2);
	assert_int_equal(do_tokens(9), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pending),
	    cmocka_unit_test(test_partial),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_never_back),
	    cmocka_unit_test(test_shares),
	    cmocka_unit_test(test_shares_together),
	    cmocka_unit_test(test_shares_shown),
	    cmocka_unit_test(test_source_uuid),
	    cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
