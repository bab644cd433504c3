/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/cognee/cognee_view.h"
#include "api_walk.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "engine/kept.h"

#define ID "5f0c2f4e-02f1-4a63-8d19-bb1c3f0a9d77"

static void
expect(const struct cognee_query *query, const struct base_standing *standing,
    const char *json)
{
	struct uuid id;
	struct jsonw w;
	struct buf out;

	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	assert_int_equal(uuid_parse(ID, strlen(ID), &id), 0);
	jsonw_object(&w);
	cognee_write_dataset(&w, query, &id, standing);
	jsonw_object_end(&w);
	assert_string_equal(buf_text(&out), json);
	buf_fini(&out);
}

static void
test_shapes(void **state)
{
	struct cognee_query flat = {
	    .pipelines = 1u << COGNEE_COGNIFY_PIPELINE};
	struct cognee_query both = {.pipelines = 3u, .distinct = 2};
	struct cognee_query other = {.pipelines = 0, .distinct = 1};
	struct cognee_query add = {.pipelines = 1u << COGNEE_ADD_PIPELINE,
	    .distinct = 1};
	struct base_standing is = {.has_given = true, .has_run = true,
	    .given = {.state = JOB_RUNNING, .scan = SCAN_DONE}};
	struct base_standing none = {.has_given = false};

	(void)state;
	is.run = is.given;
	expect(&flat, &is, "{\"" ID "\":\"DATASET_PROCESSING_STARTED\"}");
	expect(&flat, &none, "{}");
	expect(&other, &is, "{}");
	expect(&add, &is, "{\"" ID "\":\"DATASET_PROCESSING_COMPLETED\"}");
	expect(&both, &none, "{\"" ID "\":{}}");
	expect(&both, &is,
	    "{\"" ID "\":{\"add_pipeline\":\"DATASET_PROCESSING_COMPLETED\","
	    "\"cognify_pipeline\":\"DATASET_PROCESSING_STARTED\"}}");
	/* One that is run here and one that is not: nested. */
	flat.distinct = 2;
	expect(&flat, &is,
	    "{\"" ID "\":{\"cognify_pipeline\":"
	    "\"DATASET_PROCESSING_STARTED\"}}");
	/* Only kept: added, and never indexed. */
	is.has_run = false;
	is.has_held = true;
	is.held_us = 5;
	is.given.kind = JOB_KIND_KEEP;
	is.given.state = JOB_NO_CHANGES;
	expect(&flat, &is, "{\"" ID "\":{}}");
	expect(&both, &is,
	    "{\"" ID "\":{\"add_pipeline\":"
	    "\"DATASET_PROCESSING_COMPLETED\"}}");
	flat.distinct = 1;
	expect(&flat, &is, "{}");
	/* Only asked to be indexed, without anything there. */
	is.has_run = true;
	is.has_held = is.has_given = false;
	is.run.kind = JOB_KIND_KEPT;
	is.run.state = JOB_NO_CHANGES;
	expect(&add, &is, "{}");
	expect(&flat, &is, "{\"" ID "\":\"DATASET_PROCESSING_COMPLETED\"}");
}

static void
test_progress(void **state)
{
	struct cognee_query flat = {.with_progress = true,
	    .pipelines = 1u << COGNEE_COGNIFY_PIPELINE};
	struct base_standing is = {.has_run = true, .run = {
	    .kind = JOB_KIND_KEPT, .state = JOB_RUNNING, .scan = SCAN_DONE,
	    .counts = {.total = 4, .queued = 1, .completed = 1, .failed = 1,
		.processing = 1}}};

	(void)state;
	is.run.stages[STAGE_EMBEDDING].items = 1;
	expect(&flat, &is,
	    "{\"" ID "\":{\"status\":\"DATASET_PROCESSING_STARTED\","
	    "\"progress\":{\"completed_items\":2,\"total_items\":4,"
	    "\"current_stage\":\"extracting\"}}}");
	is.run.state = JOB_COMPLETED;
	is.has_held = true;
	is.held_us = 1;
	expect(&flat, &is,
	    "{\"" ID "\":{\"status\":\"DATASET_PROCESSING_INITIATED\","
	    "\"progress\":null}}");
}

static void
expect_words(const struct job *job, enum cognee_word add,
    enum cognee_word cognify)
{
	assert_int_equal(cognee_word_of(job, COGNEE_ADD_PIPELINE), add);
	assert_int_equal(cognee_word_of(job, COGNEE_COGNIFY_PIPELINE),
	    cognify);
}

static void
test_words(void **state)
{
	struct job job = {.state = JOB_PENDING, .scan = SCAN_WAITING};

	(void)state;
	expect_words(&job, COGNEE_STARTED, COGNEE_INITIATED);
	job.state = JOB_SCANNING;
	job.scan = SCAN_RUNNING;
	expect_words(&job, COGNEE_STARTED, COGNEE_STARTED);
	job.state = JOB_NO_CHANGES;
	job.scan = SCAN_DONE;
	expect_words(&job, COGNEE_COMPLETED, COGNEE_COMPLETED);
	job.state = JOB_COMPLETED_WITH_FAILURES;
	expect_words(&job, COGNEE_COMPLETED, COGNEE_ERRORED);
	job.state = JOB_CANCELLED;
	job.scan = SCAN_RUNNING;
	expect_words(&job, COGNEE_ERRORED, COGNEE_ERRORED);
	job.state = JOB_FAILED;
	job.scan = SCAN_FAILED;
	expect_words(&job, COGNEE_ERRORED, COGNEE_ERRORED);
	assert_int_equal(cognee_parse_pipeline("cognify_pipeline"),
	    COGNEE_COGNIFY_PIPELINE);
	assert_int_equal(cognee_parse_pipeline("memify_pipeline"),
	    COGNEE_NO_PIPELINE);
}

static void
expect_word(const struct base_standing *standing, enum cognee_word wanted)
{
	enum cognee_word word;

	assert_true(cognee_dataset_word(standing, COGNEE_COGNIFY_PIPELINE,
	    &word));
	assert_int_equal(word, wanted);
}

/* What is kept makes a run that ended INITIATED again; one that is live, and
 * one that broke off before anything came, it does not. */
static void
test_held(void **state)
{
	struct base_standing is = {.has_run = true, .has_held = true,
	    .held_us = 5, .run = {.state = JOB_COMPLETED, .scan = SCAN_DONE,
	    .created_us = 7}};

	(void)state;
	expect_word(&is, COGNEE_INITIATED);
	is.run.state = JOB_NO_CHANGES;
	expect_word(&is, COGNEE_INITIATED);
	is.run.state = JOB_CANCELLED;
	expect_word(&is, COGNEE_ERRORED);
	is.held_us = 8;
	expect_word(&is, COGNEE_INITIATED);
	is.run.state = JOB_RUNNING;
	expect_word(&is, COGNEE_STARTED);
	is.run.state = JOB_COMPLETED_WITH_FAILURES;
	expect_word(&is, COGNEE_INITIATED);
	is.has_held = false;
	expect_word(&is, COGNEE_ERRORED);
	is.run.state = JOB_COMPLETED;
	expect_word(&is, COGNEE_COMPLETED);
}

static void
test_runs(void **state)
{
	struct job job = {.kind = JOB_KIND_KEEP};

	(void)state;
	assert_true(cognee_has_run(&job, COGNEE_ADD_PIPELINE));
	assert_false(cognee_has_run(&job, COGNEE_COGNIFY_PIPELINE));
	job.kind = JOB_KIND_KEPT;
	assert_false(cognee_has_run(&job, COGNEE_ADD_PIPELINE));
	assert_true(cognee_has_run(&job, COGNEE_COGNIFY_PIPELINE));
	job.kind = JOB_KIND_UPLOAD;
	assert_true(cognee_has_run(&job, COGNEE_ADD_PIPELINE));
	assert_true(cognee_has_run(&job, COGNEE_COGNIFY_PIPELINE));
}

static void
no_step_back(const struct job *before, const struct job *after)
{
	int i;

	for (i = 0; i < COGNEE_PIPELINE_COUNT; i++)
		assert_true(cognee_word_rank(cognee_word_of(before,
				(enum cognee_pipeline)i)) <=
		    cognee_word_rank(cognee_word_of(after,
			(enum cognee_pipeline)i)));
}

static void
test_never_back(void **state)
{
	(void)state;
	assert_true(walk_jobs(400, no_step_back) > 300);
}

static void
expect_uuid(const char *text, const char *why)
{
	struct uuid uuid;
	struct buf out;
	char back[UUID_TEXT_SIZE];
	int err;

	buf_init(&out, 1024);
	err = cognee_parse_uuid(text, &uuid, &out);
	assert_string_equal(buf_text(&out), why);
	if (why[0] == '\0') {
		assert_int_equal(err, 0);
		uuid_format(&uuid, back);
		assert_string_equal(back, ID);
	} else {
		assert_int_equal(err, ERR_SYNTAX);
	}
	buf_fini(&out);
}

static void
test_uuids(void **state)
{
	(void)state;
	expect_uuid(ID, "");
	expect_uuid("5F0C2F4E-02F1-4A63-8D19-BB1C3F0A9D77", "");
	expect_uuid("5f0c2f4e02f14a638d19bb1c3f0a9d77", "");
	expect_uuid("{" ID "}", "");
	expect_uuid("urn:uuid:" ID, "");
	expect_uuid("",
	    "invalid length: expected length 32 for simple format, found 0");
	expect_uuid("abc",
	    "invalid length: expected length 32 for simple format, found 3");
	expect_uuid("not-a-uuid",
	    "invalid character: expected an optional prefix of `urn:uuid:` "
	    "followed by [0-9a-fA-F-], found `n` at 1");
	expect_uuid("5f0c-02f1",
	    "invalid group count: expected 5, found 2");
	expect_uuid("5f0c2f4-02f1-4a63-8d19-bb1c3f0a9d77",
	    "invalid group length in group 0: expected 8, found 7");
	expect_uuid("5f0c2f4e-02f1-4a63-8d19-bb1c3f0a9d7",
	    "invalid group length in group 4: expected 12, found 11");
	expect_uuid("5f0c2f4e02f14a638d19bb1c3f0a9d7\303\244",
	    "invalid character: expected an optional prefix of `urn:uuid:` "
	    "followed by [0-9a-fA-F-], found `\303\244` at 32");
	expect_uuid("--------------------------------",
	    "invalid group count: expected 5, found 33");
}

static void
test_invalid_body(void **state)
{
	struct jsonw w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	cognee_write_invalid_uuid(&w, "dataset", 1, "x\"", "why");
	assert_string_equal(buf_text(&out),
	    "{\"type\":\"uuid_parsing\",\"loc\":[\"query\",\"dataset\",1],"
	    "\"msg\":\"Input should be a valid UUID, why\","
	    "\"input\":\"x\\\"\",\"ctx\":{\"error\":\"why\"}}");
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_progress),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_held),
	    cmocka_unit_test(test_runs),
	    cmocka_unit_test(test_never_back),
	    cmocka_unit_test(test_uuids),
	    cmocka_unit_test(test_invalid_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
