/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_view.h"
#include "api_walk.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/uuid.h"

#define SECOND 1000000LL
#define T0 1741267200LL

static const char *const keys[] = {"id", "indexing_status",
    "processing_started_at", "parsing_completed_at", "cleaning_completed_at",
    "splitting_completed_at", "completed_at", "paused_at", "error",
    "stopped_at", "completed_segments", "total_segments"};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
#define ID "00000000-002a-8000-8000-000000000000"

static const struct job running = {.state = JOB_RUNNING,
    .scan = SCAN_DONE};

/* The element as a tree, its keys checked for presence and order. */
static json_t *
render(const struct job *job, const struct item *item, uint32_t live)
{
	struct uuid zero = {{0}}, id = uuid_of_row(&zero, 42);
	const char *key;
	json_t *tree, *value;
	struct jsonw w;
	struct buf out;
	size_t i = 0;

	buf_init(&out, 1 << 16);
	jsonw_init(&w, &out);
	w.ascii = true;
	dify_write_status(&w, job, item, &id, live);
	assert_int_equal(out.err, 0);
	tree = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	assert_int_equal(json_object_size(tree), KEY_COUNT);
	json_object_foreach(tree, key, value)
	{
		assert_string_equal(key, keys[i++]);
	}
	assert_string_equal(json_string_value(json_object_get(tree, "id")),
	    ID);
	buf_fini(&out);
	return tree;
}

static void
expect(const struct job *job, const struct item *item, uint32_t live,
    const char *json)
{
	json_t *want = json_loads(json, 0, NULL);
	json_t *tree = render(job, item, live);

	assert_non_null(want);
	assert_true(json_equal(want, tree));
	json_decref(want);
	json_decref(tree);
}

static struct item
item_at(enum item_state state, enum stage stage)
{
	struct item item = {.state = state, .stage = stage, .seq = 1};
	int i;

	for (i = STAGE_EXTRACTING; i <= (int)stage; i++) {
		item.steps[i].start_us = (T0 + i - 1) * SECOND + 999999;
		if (i < (int)stage || item_state_is_final(state))
			item.steps[i].end_us = (T0 + i) * SECOND + 999999;
	}
	if (item_state_is_final(state))
		item.finished_us = (T0 + 8) * SECOND;
	return item;
}

static void
test_queued(void **state)
{
	struct item item = item_at(ITEM_QUEUED, STAGE_NONE);

	(void)state;
	expect(&running, &item, 0,
	    "{\"id\":\"" ID "\",\"indexing_status\":\"waiting\","
	    "\"processing_started_at\":null,\"parsing_completed_at\":null,"
	    "\"cleaning_completed_at\":null,\"splitting_completed_at\":null,"
	    "\"completed_at\":null,\"paused_at\":null,\"error\":null,"
	    "\"stopped_at\":null,\"completed_segments\":0,"
	    "\"total_segments\":0}");
}

/* The example of the contract, with our clock: whole seconds, truncated. */
static void
test_indexing(void **state)
{
	struct item item = item_at(ITEM_EMBEDDING, STAGE_EMBEDDING);

	(void)state;
	item.segments_total = 100;
	item.segments_completed = 24;
	expect(&running, &item, 0,
	    "{\"id\":\"" ID "\",\"indexing_status\":\"indexing\","
	    "\"processing_started_at\":1741267200,"
	    "\"parsing_completed_at\":1741267201,"
	    "\"cleaning_completed_at\":1741267202,"
	    "\"splitting_completed_at\":1741267204,"
	    "\"completed_at\":null,\"paused_at\":null,\"error\":null,"
	    "\"stopped_at\":null,\"completed_segments\":24,"
	    "\"total_segments\":100}");
}

static void
test_completed_in_one_commit(void **state)
{
	struct item item = {.state = ITEM_COMPLETED,
	    .segments_total = 2, .segments_completed = 2,
	    .finished_us = (T0 + 5) * SECOND};

	(void)state;
	/* Only one step was stored: the others are no later than it. */
	item.stage = STAGE_EMBEDDING;
	item.steps[STAGE_EMBEDDING].start_us = (T0 + 2) * SECOND;
	item.steps[STAGE_EMBEDDING].end_us = (T0 + 5) * SECOND;
	expect(&running, &item, 0,
	    "{\"id\":\"" ID "\",\"indexing_status\":\"completed\","
	    "\"processing_started_at\":1741267202,"
	    "\"parsing_completed_at\":1741267202,"
	    "\"cleaning_completed_at\":1741267202,"
	    "\"splitting_completed_at\":1741267202,"
	    "\"completed_at\":1741267205,\"paused_at\":null,\"error\":null,"
	    "\"stopped_at\":null,\"completed_segments\":2,"
	    "\"total_segments\":2}");
}

static void
test_failed(void **state)
{
	struct item item = item_at(ITEM_FAILED, STAGE_CLEANING);

	(void)state;
	item.code = ITEM_CODE_EXTRACTION_FAILED;
	(void)snprintf(item.message, sizeof(item.message),
	    "b\303\244d.json: \"}\" missing");
	expect(&running, &item, 0,
	    "{\"id\":\"" ID "\",\"indexing_status\":\"error\","
	    "\"processing_started_at\":1741267200,"
	    "\"parsing_completed_at\":1741267201,"
	    "\"cleaning_completed_at\":null,\"splitting_completed_at\":null,"
	    "\"completed_at\":null,\"paused_at\":null,"
	    "\"error\":\"b\\u00e4d.json: \\\"}\\\" missing\","
	    "\"stopped_at\":1741267208,\"completed_segments\":0,"
	    "\"total_segments\":0}");
}

static void
expect_word(const struct job *job, const struct item *item,
    const char *word)
{
	json_t *tree = render(job, item, 7);

	assert_string_equal(json_string_value(json_object_get(tree,
				"indexing_status")),
	    word);
	json_decref(tree);
}

static void
expect_segments(const struct item *item, uint32_t live, int completed,
    int total)
{
	json_t *tree = render(&running, item, live);

	assert_int_equal(json_integer_value(json_object_get(tree,
			     "completed_segments")),
	    completed);
	assert_int_equal(json_integer_value(json_object_get(tree,
			     "total_segments")),
	    total);
	json_decref(tree);
}

static void
test_skipped(void **state)
{
	struct item item = item_at(ITEM_SKIPPED, STAGE_NONE);

	(void)state;
	item.code = ITEM_CODE_UNCHANGED;
	expect_word(&running, &item, "completed");
	expect_segments(&item, 7, 7, 7);
	item.code = ITEM_CODE_EMPTY_CONTENT;
	expect_word(&running, &item, "completed");
	expect_segments(&item, 7, 0, 0);
	/* Not in the index: `completed` would promise that it is found. */
	item.code = ITEM_CODE_UNSUPPORTED_FILE_TYPE;
	expect_word(&running, &item, "error");
	item.code = ITEM_CODE_KEPT;
	expect_word(&running, &item, "waiting");
}

static void
test_words(void **state)
{
	struct job paused = running;
	struct item item = item_at(ITEM_WAITING, STAGE_TAGGING);
	json_t *tree;

	(void)state;
	paused.state = JOB_PAUSED;
	paused.paused_us = (T0 + 9) * SECOND;
	expect_word(&running, &item, "splitting");
	item = item_at(ITEM_WAITING, STAGE_NONE);
	expect_word(&running, &item, "waiting");
	item = item_at(ITEM_EXTRACTING, STAGE_EXTRACTING);
	expect_word(&running, &item, "parsing");
	expect_word(&paused, &item, "paused");
	tree = render(&paused, &item, 0);
	assert_int_equal(json_integer_value(json_object_get(tree,
			     "paused_at")),
	    T0 + 9);
	json_decref(tree);
	item = item_at(ITEM_COMPLETED, STAGE_FINALIZING);
	expect_word(&paused, &item, "completed");
	item = item_at(ITEM_CANCELLED, STAGE_EMBEDDING);
	expect_word(&running, &item, "error");
	/* Chunks are told when they are stored, not before. */
	item = item_at(ITEM_TAGGING, STAGE_TAGGING);
	item.segments_total = 9;
	expect_segments(&item, 0, 0, 0);
}

static unsigned moves;

static void
no_step_back(const struct item *before, const struct item *after)
{
	json_t *was, *is, *old, *new;
	size_t i;

	moves++;
	assert_true(dify_word_rank(dify_word_of(&running, before)) <=
	    dify_word_rank(dify_word_of(&running, after)));
	was = render(&running, before, 4);
	is = render(&running, after, 4);
	for (i = 2; i < KEY_COUNT; i++) {
		old = json_object_get(was, keys[i]);
		new = json_object_get(is, keys[i]);
		if (i < 10 && json_is_null(old))
			continue;
		assert_int_equal(json_typeof(old), json_typeof(new));
		if (i < 10) /* a time, once told, stays */
			assert_true(json_equal(old, new));
		else
			assert_true(json_integer_value(old) <=
			    json_integer_value(new));
	}
	json_decref(was);
	json_decref(is);
}

static void
test_never_back(void **state)
{
	(void)state;
	walk_items(no_step_back);
	assert_true(moves > 500);
}

static void
test_error_body(void **state)
{
	struct jsonw w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	dify_write_error(&w, "not_found", "Documents not found.", 404);
	assert_string_equal(buf_text(&out),
	    "{\"code\":\"not_found\",\"message\":\"Documents not found.\","
	    "\"status\":404}\n");
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queued),
	    cmocka_unit_test(test_indexing),
	    cmocka_unit_test(test_completed_in_one_commit),
	    cmocka_unit_test(test_failed),
	    cmocka_unit_test(test_skipped),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_never_back),
	    cmocka_unit_test(test_error_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
