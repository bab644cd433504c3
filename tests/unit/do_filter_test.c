/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of questions, and the cells of a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/digitalocean/digitalocean_filter.h"
#include "api/digitalocean/digitalocean_report.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/err.h"
#include "engine/engine.h"
#include "store/store.h"

static void
expect(const char *text, const char *before, const char *after)
{
	struct do_filter filter;
	struct err_note note = {""};
	json_t *json = json_loads(text, 0, NULL);
	char *got;

	assert_non_null(json);
	if (do_filter_make(json, &filter, &note) < 0)
		fail_msg("%s: %s", text, note.text);
	got = json_dumps(filter.before, JSON_COMPACT);
	assert_string_equal(got, before);
	free(got);
	if (after == NULL) {
		assert_null(filter.after);
	} else {
		got = json_dumps(filter.after, JSON_COMPACT);
		assert_string_equal(got, after);
		free(got);
	}
	do_filter_fini(&filter);
	json_decref(json);
}

#define NAME_IS "{\"document.name\":{\"$eq\":\"a\"}}"
#define PAGE_IS "{\"page_number\":{\"$gt\":3}}"

static void
test_flat(void **state)
{
	(void)state;
	expect("{\"must\":[{\"field\":\"item_name\",\"operator\":\"eq\","
	    "\"value\":\"a\"}]}", "{\"$and\":[" NAME_IS "]}", NULL);
	expect("{\"must\":[],\"must_not\":[{\"field\":\"item_name\","
	    "\"operator\":\"eq\",\"value\":\"a\"}],\"should\":null}",
	    "{\"$and\":[{\"$not\":" NAME_IS "}]}", NULL);
	expect("{\"should\":[{\"field\":\"file_id\",\"operator\":\"in\","
	    "\"value\":[\"x\"]},{\"field\":\"year\","
	    "\"operator\":\"gte\",\"value\":2020}]}",
	    "{\"$or\":[{\"document.id\":{\"$in\":[\"x\"]}},"
	    "{\"year\":{\"$gte\":2020}}]}", NULL);
	expect("{}", "{\"$and\":[]}", NULL);
}

static void
test_named(void **state)
{
	(void)state;
	expect("{\"equals\":{\"item_name\":\"a\"}}", NAME_IS, NULL);
	expect("{\"equals\":{\"key\":\"item_name\",\"value\":\"a\"}}",
	    NAME_IS, NULL);
	expect("{\"or_all\":[{\"equals\":{\"field\":\"item_name\","
	    "\"value\":\"a\"}},{\"and_all\":[{\"starts_with\":"
	    "{\"item_name\":\"b*\"}}]}]}", "{\"$or\":[" NAME_IS
	    ",{\"$and\":[{\"document.name\":{\"$starts\":\"b\"}}]}]}",
	    NULL);
}

/* What only a result knows is asked of it alone, whatever way round. */
static void
test_of_results(void **state)
{
	(void)state;
	expect("{\"greater_than\":{\"page_number\":3}}", "{}", PAGE_IS);
	expect("{\"must\":[{\"field\":\"item_name\",\"value\":\"a\"},"
	    "{\"field\":\"page_number\",\"operator\":\"gt\",\"value\":3}]}",
	    "{\"$and\":[" NAME_IS ",{}]}",
	    "{\"$and\":[" NAME_IS "," PAGE_IS "]}");
	expect("{\"must_not\":[{\"field\":\"page_number\","
	    "\"operator\":\"gt\",\"value\":3},"
	    "{\"field\":\"item_name\",\"value\":\"a\"}]}",
	    "{\"$and\":[{},{\"$not\":" NAME_IS "}]}",
	    "{\"$and\":[{\"$not\":" PAGE_IS "},{\"$not\":" NAME_IS "}]}");
	expect("{\"must_not\":[{\"and_all\":[{\"greater_than\":"
	    "{\"page_number\":3}},{\"equals\":{\"item_name\":\"a\"}}]}]}",
	    "{\"$and\":[{}]}", "{\"$and\":[{\"$not\":{\"$and\":[" PAGE_IS
	    "," NAME_IS "]}}]}");
}

static void
test_refused(void **state)
{
	static const char *const rows[] = {
	    "{\"must\":{\"field\":\"a\"}}", "{\"must\":[7]}",
	    "{\"must\":[{\"field\":\"a\",\"operator\":\"like\","
	    "\"value\":1}]}",
	    "{\"must\":[{\"field\":\"a\",\"operator\":\"in\","
	    "\"value\":1}]}",
	    "{\"must\":[{\"field\":\"a\",\"operator\":\"contains\","
	    "\"value\":1}]}",
	    "{\"must\":[{\"field\":\"a\",\"operator\":\"eq\","
	    "\"value\":{}}]}",
	    "{\"must\":[{\"field\":\"$or\",\"operator\":\"eq\","
	    "\"value\":1}]}",
	    "{\"must\":[{\"field\":\"a\"}]}", "{\"x\":1}",
	    "{\"equals\":{\"a\":1,\"b\":2}}",
	    "{\"and_all\":[{\"equals\":{\"a\":1}}],"
	    "\"or_all\":[{\"equals\":{\"a\":1}}]}",
	    "{\"and_all\":[{\"and_all\":[{\"and_all\":[{\"and_all\":["
	    "{\"and_all\":[{\"and_all\":[{\"and_all\":[{\"and_all\":["
	    "{\"and_all\":[{\"equals\":{\"a\":1}}]}]}]}]}]}]}]}]}]}"};
	struct do_filter filter;
	struct err_note note;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json = json_loads(rows[i], 0, NULL);
		assert_non_null(json);
		note.text[0] = '\0';
		if (do_filter_make(json, &filter, &note) != ERR_INVALID)
			fail_msg("%s was taken", rows[i]);
		assert_string_not_equal(note.text, "");
		json_decref(json);
	}
	assert_int_equal(do_filter_make(NULL, &filter, &note), 0);
	assert_null(filter.before);
}

static void
test_result(void **state)
{
	struct document document = {.created_us = 1};
	struct result result = {.name = "a", .uri = "u", .page_start = 4,
	    .metadata = "{\"page_number\":1}", .document = &document};
	struct do_filter filter;
	struct err_note note;
	json_t *json = json_loads("{\"greater_than\":{\"page_number\":3}}",
	    0, NULL);

	(void)state;
	assert_int_equal(do_filter_make(json, &filter, &note), 0);
	assert_true(do_filter_holds(&filter, &result));
	result.page_start = 3;
	assert_false(do_filter_holds(&filter, &result));
	result.page_start = 0;
	assert_false(do_filter_holds(&filter, &result));
	result.metadata = "nothing";
	assert_false(do_filter_holds(&filter, &result));
	do_filter_fini(&filter);
	json_decref(json);
}

static void
test_cells(void **state)
{
	static const char *const rows[][2] = {{"", ""}, {"a b", "a b"},
	    {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""},
	    {"a\nb", "\"a\nb\""}, {"=1+1", "\"'=1+1\""},
	    {"+1", "\"'+1\""}, {"-1", "\"'-1\""}, {"@x", "\"'@x\""},
	    {"\tx", "\"'\tx\""}, {"\r", "\"'\r\""}, {"a=1", "a=1"}};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1024);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&out);
		csv_cell(&out, rows[i][0]);
		assert_string_equal(buf_text(&out), rows[i][1]);
	}
	buf_fini(&out);
}

static void
test_row(void **state)
{
	struct item_row row = {.name = "=a", .uri = "u"};
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	do_csv_head(&out);
	assert_string_equal(buf_text(&out), "data_source_uuid,data_source,"
	    "item_name,item_uri,status,code,message,bytes,segments,tokens,"
	    "queued_at,finished_at,extracting_ms,cleaning_ms,chunking_ms,"
	    "tagging_ms,embedding_ms,finalizing_ms\r\n");
	buf_clear(&out);
	row.item.state = ITEM_SKIPPED;
	row.item.code = ITEM_CODE_UNCHANGED;
	row.item.bytes = 7;
	row.item.queued_us = 1741267200000000;
	do_csv_item(&out, &row, "id", "s", 0);
	assert_string_equal(buf_text(&out), "id,s,\"'=a\",u,unchanged,"
	    "UNCHANGED,unchanged since it was indexed,7,0,0,"
	    "2025-03-06T13:20:00.000000Z,,,,,,,\r\n");
	buf_clear(&out);
	row.name = "a";
	row.item.state = ITEM_COMPLETED;
	row.item.code = ITEM_CODE_NONE;
	row.item.segments_completed = 2;
	row.item.steps[STAGE_EXTRACTING].start_us = 1000;
	row.item.steps[STAGE_EXTRACTING].end_us = 4999;
	do_csv_item(&out, &row, "id", "s", 9);
	assert_string_equal(buf_text(&out), "id,s,a,u,indexed,,,7,2,3,"
	    "2025-03-06T13:20:00.000000Z,,3,,,,,\r\n");
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_flat),
	    cmocka_unit_test(test_named),
	    cmocka_unit_test(test_of_results),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_result),
	    cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
