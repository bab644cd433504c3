/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/captain/captain_view.h"
#include "api_walk.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"

#define SECOND 1000000LL
#define T0 1741267200LL
#define JOB_ID "job_folder_00000000-0000-0000-0000-000000000001"
#define DOCUMENT_ID "00000000-0007-8000-8000-000000000002"

static const struct captain_extra whole = {.seconds_left = -1,
    .files_limit = 50};

static json_t *
render(const struct job *job, const struct item *item,
    const struct captain_extra *extra)
{
	struct uuid document;
	json_t *tree;
	struct jsonw w;
	struct buf out;

	if (item != NULL)
		document = uuid_of_row(&job->base_uuid,
		    (uint64_t)item->document_id);
	buf_init(&out, 1 << 16);
	jsonw_init(&w, &out);
	captain_write_job(&w, job, NULL);
	jsonw_name(&w, "files");
	jsonw_array(&w);
	if (item != NULL)
		captain_write_file(&w, item, &document, "upload://b.md",
		    "b.md");
	jsonw_array_end(&w);
	captain_write_rest(&w, job, extra);
	assert_int_equal(out.err, 0);
	tree = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	buf_fini(&out);
	return tree;
}

static struct job
job_in(enum job_state state)
{
	struct job job = {.state = state, .kind = JOB_KIND_FOLDER,
	    .scan = SCAN_DONE, .created_us = T0 * SECOND,
	    .updated_us = (T0 + 5) * SECOND, .base_name = "my-docs"};

	job.uuid.bytes[15] = 1;
	job.base_uuid.bytes[15] = 2;
	if (state != JOB_PENDING)
		job.started_us = (T0 + 1) * SECOND;
	if (job_state_is_final(state))
		job.finished_us = (T0 + 5) * SECOND;
	return job;
}

static void
expect(const struct job *job, const struct item *item,
    const struct captain_extra *extra, const char *json)
{
	json_t *want = json_loads(json, 0, NULL);
	json_t *tree = render(job, item, extra);

	assert_non_null(want);
	assert_true(json_equal(want, tree));
	json_decref(want);
	json_decref(tree);
}

static void
test_running(void **state)
{
	struct captain_extra extra = {.seconds_left = 6, .files_limit = 1,
	    .next_seq = 2};
	struct job job = job_in(JOB_RUNNING);
	struct item item = {.state = ITEM_CHUNKING, .stage = STAGE_CHUNKING,
	    .document_id = 7, .updated_us = (T0 + 4) * SECOND};

	(void)state;
	job.counts = (struct counts){.total = 3, .completed = 1,
	    .processing = 2};
	job.stages[STAGE_CHUNKING].items = 1;
	job.stages[STAGE_EMBEDDING].items = 1;
	expect(&job, &item, &extra,
	    "{\"job_id\":\"" JOB_ID "\",\"collection_name\":\"my-docs\","
	    "\"job_type\":\"index_folder\",\"status\":\"running\","
	    "\"progress_message\":\"Chunking: 1 of 3 files done\","
	    "\"progress\":{\"current_stage\":\"chunking\","
	    "\"stage_description\":\"Splitting documents into chunks\","
	    "\"files_total\":3,\"files_processed\":1,\"files_failed\":0,"
	    "\"files_skipped\":0,\"files_queued\":0,\"files_processing\":2,"
	    "\"files_cancelled\":0,\"elapsed_seconds\":4},"
	    "\"files\":[{\"uri\":\"upload://b.md\",\"filename\":\"b.md\","
	    "\"document_id\":\"" DOCUMENT_ID "\",\"status\":\"processing\","
	    "\"stage\":\"chunking\","
	    "\"progress_message\":\"Splitting documents into chunks\","
	    "\"error_code\":null,\"error_message\":null,"
	    "\"updated_at\":\"2025-03-06T13:20:04.000000Z\"}],"
	    "\"files_page\":{\"limit\":1,\"next_cursor\":\"AAAAAC\","
	    "\"total_estimated\":3},"
	    "\"result\":null,\"billing\":null,\"error_code\":null,"
	    "\"error_message\":null,\"cancelled_by\":null,"
	    "\"cancelled_at\":null,"
	    "\"created_at\":\"2025-03-06T13:20:00.000000Z\","
	    "\"updated_at\":\"2025-03-06T13:20:05.000000Z\","
	    "\"started_at\":\"2025-03-06T13:20:01.000000Z\","
	    "\"completed_at\":null,\"rolled_back_at\":null,"
	    "\"estimated_time_remaining_seconds\":6}");
}

static void
test_pending(void **state)
{
	struct job job = job_in(JOB_PENDING);
	json_t *tree;

	(void)state;
	job.scan = SCAN_WAITING;
	assert_false(captain_has_files(&job));
	tree = render(&job, NULL, &whole);
	assert_true(json_is_null(json_object_get(tree, "progress")));
	assert_true(json_is_null(json_object_get(tree, "files_page")));
	assert_true(json_is_null(json_object_get(tree, "started_at")));
	assert_null(json_object_get(tree, "estimated_time_remaining_seconds"));
	json_decref(tree);
}

static void
test_ended(void **state)
{
	struct job job = job_in(JOB_COMPLETED_WITH_FAILURES);
	json_t *tree, *billing;
	int used, pages;

	(void)state;
	job.counts = (struct counts){.total = 3, .completed = 2, .failed = 1};
	job.characters = 9001;
	tree = render(&job, NULL, &whole);
	billing = json_object_get(tree, "billing");
	assert_int_equal(json_unpack(billing,
			     "{s:{s:f,s:s},s:{s:i,s:i},s:{s:f,s:s},s:s,s:i}",
			     "cost", "amount", &(double){0}, "currency",
			     &(const char *){0}, "credits", "used", &used,
			     "remaining", &(int){0}, "rate", "per_credit",
			     &(double){0}, "currency", &(const char *){0},
			     "processing_type", &(const char *){0},
			     "pages_processed", &pages),
	    0);
	assert_int_equal(pages, 4);
	assert_int_equal(used, 4);
	assert_string_equal(json_string_value(json_object_get(tree,
				"status")),
	    "completed_with_failures");
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(tree, "result"),
			     "duration_seconds")),
	    4);
	json_decref(tree);
}

static void
expect_text(json_t *tree, const char *name, const char *text)
{
	assert_string_equal(json_string_value(json_object_get(tree, name)),
	    text);
}

static void
test_failed(void **state)
{
	struct job job = job_in(JOB_FAILED);
	json_t *tree;

	(void)state;
	job.counts = (struct counts){.total = 2, .failed = 2};
	tree = render(&job, NULL, &whole);
	expect_text(tree, "error_code", "NO_FILES_INDEXED");
	expect_text(tree, "error", "none of 2 files was indexed; 2 failed");
	assert_true(json_is_null(json_object_get(tree, "billing")));
	assert_false(json_is_null(json_object_get(tree, "completed_at")));
	json_decref(tree);
	job.code = ITEM_CODE_SOURCE_NOT_FOUND;
	job.scan = SCAN_FAILED;
	tree = render(&job, NULL, &whole);
	expect_text(tree, "error_code", "SOURCE_NOT_FOUND");
	expect_text(json_object_get(tree, "progress"), "current_stage",
	    "scanning");
	json_decref(tree);
}

static void
test_cancelled(void **state)
{
	struct job job = job_in(JOB_CANCELLED);
	json_t *tree;

	(void)state;
	job.cancelled_us = (T0 + 4) * SECOND;
	(void)snprintf(job.cancelled_by, sizeof(job.cancelled_by), "laptop");
	tree = render(&job, NULL, &whole);
	expect_text(tree, "status", "cancelled");
	expect_text(tree, "cancelled_by", "laptop");
	expect_text(tree, "cancelled_at", "2025-03-06T13:20:04.000000Z");
	expect_text(json_object_get(tree, "progress"), "current_stage",
	    "cancelled");
	assert_null(json_object_get(tree, "error"));
	json_decref(tree);
}

static void
test_skipped_file(void **state)
{
	struct job job = job_in(JOB_RUNNING);
	struct item item = {.state = ITEM_SKIPPED, .document_id = 7,
	    .code = ITEM_CODE_UNCHANGED, .updated_us = T0 * SECOND};
	json_t *tree, *file;

	(void)state;
	tree = render(&job, &item, &whole);
	file = json_array_get(json_object_get(tree, "files"), 0);
	expect_text(file, "status", "skipped");
	expect_text(file, "error_code", "ALREADY_INDEXED");
	assert_true(json_is_null(json_object_get(file, "stage")));
	json_decref(tree);
}

static void
job_no_step_back(const struct job *before, const struct job *after)
{
	enum captain_word was = captain_word_of(before);
	enum captain_word is = captain_word_of(after);
	int i;

	assert_true(captain_word_rank(was) <= captain_word_rank(is));
	assert_true(captain_stage_rank(captain_stage_of(before)) <=
	    captain_stage_rank(captain_stage_of(after)));
	assert_int_equal(is == CAPTAIN_PENDING, after->started_us == 0);
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		assert_true(before->stages[i].done <= after->stages[i].done);
		assert_true(before->stages[i].busy_us <=
		    after->stages[i].busy_us);
	}
}

static void
item_no_step_back(const struct item *before, const struct item *after)
{
	assert_true(captain_file_rank(captain_file_of(before)) <=
	    captain_file_rank(captain_file_of(after)));
	assert_true(before->stage <= after->stage);
}

static void
test_never_back(void **state)
{
	(void)state;
	assert_true(walk_jobs(400, job_no_step_back) > 300);
	walk_items(item_no_step_back);
}

/* As store_jobs_each() takes a job by its standing (0005_collections.sql). */
static enum job_state
standing_of(const struct job *job)
{
	if (job->state == JOB_PAUSED && job->started_us == 0)
		return JOB_PENDING;
	if (job->state == JOB_COMPLETED_WITH_FAILURES &&
	    job->counts.completed + job->unchanged == 0)
		return JOB_FAILED;
	return job->state;
}

/* A list that is asked for by a word has the jobs that are told by it. */
static void
test_asked(void **state)
{
	uint32_t states = 0, others = 0;
	struct job job;
	int s, n, word;

	(void)state;
	for (s = JOB_PENDING; s < JOB_STATE_COUNT; s++)
		for (n = 0; n < 4; n++) {
			job = job_in((enum job_state)s);
			job.started_us = n % 2;
			job.counts.completed = (uint64_t)(n / 2);
			for (word = 0; word < CAPTAIN_WORD_COUNT; word++) {
				assert_int_equal(captain_asked_states(
				    captain_word_name((enum captain_word)word),
				    &states), 0);
				assert_int_equal(states >>
					standing_of(&job) & 1,
				    captain_word_of(&job) ==
					(enum captain_word)word);
			}
		}
	assert_int_equal(captain_asked_states("running", &states), 0);
	assert_int_equal(captain_asked_states("processing", &others), 0);
	assert_int_equal(states, others);
	assert_int_equal(captain_asked_states("completed_with_failures",
			     &states), 0);
	assert_int_equal(captain_asked_states("completed_with_errors",
			     &others), 0);
	assert_int_equal(states, others);
	assert_int_equal(captain_asked_states("timed_out", &states), 0);
	assert_int_equal(states, 0);
	assert_int_equal(captain_asked_states("done", &states),
	    ERR_NOT_FOUND);
}

static void
test_said(void **state)
{
	struct job job = job_in(JOB_COMPLETED_WITH_FAILURES);
	struct buf out;
	struct jsonw w;

	(void)state;
	job.counts = (struct counts){.total = 3, .completed = 2, .failed = 1};
	assert_string_equal(captain_word_said(CAPTAIN_COMPLETED,
	    CAPTAIN_WITH_ERRORS), "completed");
	assert_string_equal(captain_word_said(CAPTAIN_COMPLETED_WITH_FAILURES,
	    NULL), "completed_with_failures");
	buf_init(&out, 1 << 16);
	jsonw_init(&w, &out);
	captain_write_job_row(&w, &job, "staging", CAPTAIN_WITH_ERRORS);
	assert_string_equal(buf_text(&out),
	    "{\"job_id\":\"" JOB_ID "\","
	    "\"status\":\"completed_with_errors\","
	    "\"job_type\":\"index_folder\",\"collection_name\":\"my-docs\","
	    "\"environment\":\"staging\","
	    "\"created_at\":\"2025-03-06T13:20:00.000000Z\","
	    "\"files_indexed\":2,\"files_total\":3,\"files_failed\":1,"
	    "\"error\":null}");
	buf_fini(&out);
}

static void
test_ids(void **state)
{
	struct job job = job_in(JOB_RUNNING);
	char id[CAPTAIN_ID_SIZE];
	struct uuid uuid;

	(void)state;
	captain_format_id(&job, id);
	assert_string_equal(id, JOB_ID);
	assert_int_equal(captain_parse_id(id, &uuid), 0);
	assert_true(uuid_is_equal(&uuid, &job.uuid));
	assert_int_equal(captain_parse_id(&id[11], &uuid), 0);
	assert_int_equal(captain_parse_id("job_s3_abc123", &uuid), ERR_SYNTAX);
	assert_int_equal(captain_parse_id("", &uuid), ERR_SYNTAX);
}

static void
test_cursors(void **state)
{
	static const uint32_t seqs[] = {1, 63, 64, 65536, UINT32_MAX};
	char text[CAPTAIN_CURSOR_SIZE];
	uint32_t seq;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		captain_format_cursor(seqs[i], text);
		assert_int_equal(captain_parse_cursor(text, &seq), 0);
		assert_int_equal(seq, seqs[i]);
	}
	assert_int_equal(captain_parse_cursor("", &seq), ERR_SYNTAX);
	assert_int_equal(captain_parse_cursor("AAAAA", &seq), ERR_SYNTAX);
	assert_int_equal(captain_parse_cursor("AAAA=A", &seq), ERR_SYNTAX);
	assert_int_equal(captain_parse_cursor("______", &seq), ERR_SYNTAX);
}

static void
test_fixed_bodies(void **state)
{
	struct jsonw w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	captain_write_placeholder(&w, "job_text_x");
	assert_string_equal(buf_text(&out),
	    "{\"job_id\":\"job_text_x\",\"status\":\"running\","
	    "\"progress\":null,\"progress_message\":\"Fetching job status "
	    "\342\200\224 please retry in a few seconds\","
	    "\"estimated_time_remaining_seconds\":30}");
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_running),
	    cmocka_unit_test(test_pending),
	    cmocka_unit_test(test_ended),
	    cmocka_unit_test(test_failed),
	    cmocka_unit_test(test_cancelled),
	    cmocka_unit_test(test_skipped_file),
	    cmocka_unit_test(test_never_back),
	    cmocka_unit_test(test_asked),
	    cmocka_unit_test(test_said),
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_cursors),
	    cmocka_unit_test(test_fixed_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
