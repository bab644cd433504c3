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

#define ID "5f0c2f4e-02f1-4a63-8d19-bb1c3f0a9d77"

static void
expect(const struct cognee_query *query, const struct job *job,
    const char *json)
{
	struct uuid id;
	struct jsonw w;
	struct buf out;

	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	assert_int_equal(uuid_parse(ID, strlen(ID), &id), 0);
	jsonw_object(&w);
	cognee_write_dataset(&w, query, &id, job);
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
	struct job job = {.state = JOB_RUNNING, .scan = SCAN_DONE};

	(void)state;
	expect(&flat, &job, "{\"" ID "\":\"DATASET_PROCESSING_STARTED\"}");
	expect(&flat, NULL, "{}");
	expect(&other, &job, "{}");
	expect(&add, &job, "{\"" ID "\":\"DATASET_PROCESSING_COMPLETED\"}");
	expect(&both, NULL, "{\"" ID "\":{}}");
	expect(&both, &job,
	    "{\"" ID "\":{\"add_pipeline\":\"DATASET_PROCESSING_COMPLETED\","
	    "\"cognify_pipeline\":\"DATASET_PROCESSING_STARTED\"}}");
	/* One that is run here and one that is not: nested. */
	flat.distinct = 2;
	expect(&flat, &job,
	    "{\"" ID "\":{\"cognify_pipeline\":"
	    "\"DATASET_PROCESSING_STARTED\"}}");
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
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_never_back),
	    cmocka_unit_test(test_uuids),
	    cmocka_unit_test(test_invalid_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
