/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the views write is read back with another library's parser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/native/native_view.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "engine/engine.h"
#include "model/job.h"
#include "store/store.h"

#define HOSTILE "a\"b\\c\n\x01</script>\xE2\x80\xA8\xFF\xC3(\xF0\x9F\x98\x80"
#define HOSTILE_READ                                                          \
	"a\"b\\c\n\x01</script>\xE2\x80\xA8\xEF\xBF\xBD\xEF\xBF\xBD("         \
	"\xF0\x9F\x98\x80"

static struct buf out;
static struct jsonw w;

static void
begin(void)
{
	buf_clear(&out);
	jsonw_init(&w, &out);
}

static json_t *
end(void)
{
	json_error_t error;
	json_t *json;

	assert_int_equal(out.err, 0);
	assert_true(utf8_is_valid(out.data, out.len));
	assert_null(strchr(out.data, '\n'));
	json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(json);
	return json;
}

static const char *
text_at(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static long long
number_at(const json_t *json, const char *name)
{
	assert_true(json_is_integer(json_object_get(json, name)));
	return json_integer_value(json_object_get(json, name));
}

/* Names of an object's members, in the order in which they stand. */
static void
assert_members(const json_t *json, const char *const *names, size_t count)
{
	const char *name;
	json_t *value;
	size_t i = 0;

	json_object_foreach ((json_t *)(uintptr_t)json, name, value) {
		assert_true(i < count);
		assert_string_equal(name, names[i++]);
	}
	assert_int_equal(i, count);
}

static void
make_job(struct job *job)
{
	memset(job, 0, sizeof(*job));
	assert_int_equal(uuid_parse("0b1f4a52-7f0e-4c67-9c0e-3f1d8a5e6b21",
	    36, &job->uuid), 0);
	assert_int_equal(uuid_parse("5f0c2f4e-02f1-4a63-8d19-bb1c3f0a9d77",
	    36, &job->base_uuid), 0);
	memcpy(job->base_name, HOSTILE, sizeof(HOSTILE));
	memcpy(job->batch, "20261122101500123456", BATCH_SIZE);
	job->kind = JOB_KIND_FOLDER;
	job->dialect = DIALECT_NATIVE;
	job->state = JOB_RUNNING;
	job->rev = 9007199254740993;
	job->generation = 97;
	job->counts = (struct counts){.total = 602, .queued = 311,
	    .processing = 4, .completed = 281, .failed = 2, .skipped = 4};
	job->bytes_total = 15478341;
	job->stages[STAGE_EXTRACTING] = (struct stage_stats){2, 289, 3100000};
	job->percent_hundredths = 4760;
	job->attempt = 1;
	job->created_us = 1795342500123456;
}

static void
test_job(void **state)
{
	static const char *const names[] = {"id", "base", "base_id", "batch",
	    "kind", "dialect", "state", "revision", "generation", "counts",
	    "bytes", "segments", "embedding_tokens", "stages", "percent", "eta",
	    "throughput",
	    "waiting_for", "attempt", "cancelled_by", "error", "created_at",
	    "started_at", "updated_at", "finished_at", "undone_at",
	    "undo_until", "links"};
	static const char *const links[] = {"self", "items", "events",
	    "report", "dify", "digitalocean", "captain", "cognee"};
	struct job_pace pace = {.is_known = true, .seconds = 4, .low = 3.26,
	    .high = 7, .items_per_second = 71.23, .bytes_per_second = 1810220};
	struct job job;
	json_t *json, *part;

	(void)state;
	make_job(&job);
	begin();
	native_view_job(&w, &job, &pace);
	json = end();
	assert_members(json, names, sizeof(names) / sizeof(*names));
	assert_string_equal(text_at(json, "base"), HOSTILE_READ);
	assert_true(number_at(json, "revision") == 9007199254740993);
	assert_string_equal(text_at(json, "state"), "running");
	assert_int_equal(number_at(json_object_get(json, "counts"), "total"),
	    602);
	assert_int_equal(json_array_size(json_object_get(json, "stages")), 6);
	part = json_array_get(json_object_get(json, "stages"), 0);
	assert_string_equal(text_at(part, "name"), "extracting");
	assert_true(json_number_value(json_object_get(part, "seconds")) ==
	    3.1);
	assert_true(json_number_value(json_object_get(json, "percent")) ==
	    47.6);
	part = json_object_get(json, "eta");
	assert_int_equal(number_at(part, "seconds"), 4);
	assert_true(json_number_value(json_object_get(part, "low")) == 3.3);
	assert_string_equal(text_at(json, "created_at"),
	    "2026-11-22T10:15:00.123456Z");
	assert_true(json_is_null(json_object_get(json, "finished_at")));
	assert_true(json_is_null(json_object_get(json, "waiting_for")));
	assert_true(json_is_null(json_object_get(json, "error")));
	part = json_object_get(json, "links");
	assert_members(part, links, sizeof(links) / sizeof(*links));
	assert_string_equal(text_at(part, "captain"),
	    "/v2/jobs/job_folder_0b1f4a52-7f0e-4c67-9c0e-3f1d8a5e6b21");
	assert_string_equal(text_at(part, "dify"),
	    "/v1/datasets/5f0c2f4e-02f1-4a63-8d19-bb1c3f0a9d77/documents/"
	    "20261122101500123456/indexing-status");
	json_decref(json);
}

static void
test_job_failed(void **state)
{
	struct job_pace pace = {.is_known = true, .seconds = 1};
	struct job job;
	json_t *json, *part;

	(void)state;
	make_job(&job);
	job.state = JOB_FAILED;
	job.code = ITEM_CODE_SOURCE_NOT_FOUND;
	job.waiting_for = WAITING_STORAGE;
	memcpy(job.cancelled_by, "me", 3);
	begin();
	native_view_job(&w, &job, &pace);
	json = end();
	part = json_object_get(json, "error");
	assert_string_equal(text_at(part, "code"), "SOURCE_NOT_FOUND");
	assert_string_equal(text_at(part, "message"),
	    item_code_text(ITEM_CODE_SOURCE_NOT_FOUND));
	assert_string_equal(text_at(json, "waiting_for"), "storage");
	assert_string_equal(text_at(json, "cancelled_by"), "me");
	/* What has ended has no time left. */
	assert_true(json_is_null(json_object_get(json, "eta")));
	json_decref(json);
}

/* Every state, kind and dialect has a word. */
static void
test_all_words(void **state)
{
	struct job job;

	(void)state;
	for (int i = JOB_PENDING; i < JOB_STATE_COUNT; i++)
		for (int j = JOB_KIND_FOLDER; j < JOB_KIND_COUNT; j++) {
			make_job(&job);
			job.state = (enum job_state)i;
			job.kind = (enum job_kind)j;
			job.dialect = (enum dialect)(1 + (i + j) %
			    (DIALECT_COUNT - 1));
			begin();
			native_view_job(&w, &job, NULL);
			json_decref(end());
		}
}

static void
make_item(struct item_row *row)
{
	memset(row, 0, sizeof(*row));
	row->uri = "file:///srv/a.pdf";
	row->name = HOSTILE;
	row->metadata = "{}";
	row->item.id = 5;
	row->item.document_id = 9;
	row->item.seq = 17;
	row->item.state = ITEM_FAILED;
	row->item.stage = STAGE_EXTRACTING;
	row->item.attempt = 1;
	row->item.bytes = 20480;
	row->item.code = ITEM_CODE_ENCRYPTED_DOCUMENT;
	row->item.error_stage = STAGE_EXTRACTING;
	row->item.queued_us = 1795342500123456;
	row->item.steps[STAGE_EXTRACTING].start_us = 1795342501000000;
	row->item.finished_us = 1795342502000000;
	row->item.updated_us = 1795342502000000;
}

static void
test_item(void **state)
{
	static const char *const names[] = {"id", "seq", "uri", "name",
	    "document_id", "parent_id", "state", "stage", "attempt",
	    "bytes", "segments", "waiting_for", "error", "times", "updated_at"};
	static const char *const times[] = {"queued_at", "extracting_at",
	    "finished_at"};
	struct item_row row;
	struct uuid uuid;
	char id[UUID_TEXT_SIZE];
	json_t *json, *part;

	(void)state;
	make_item(&row);
	begin();
	native_view_item(&w, &row);
	json = end();
	assert_members(json, names, sizeof(names) / sizeof(*names));
	assert_string_equal(text_at(json, "name"), HOSTILE_READ);
	uuid = uuid_of_row(&row.job_uuid, 5);
	uuid_format(&uuid, id);
	assert_string_equal(text_at(json, "id"), id);
	part = json_object_get(json, "error");
	assert_string_equal(text_at(part, "code"), "ENCRYPTED_DOCUMENT");
	assert_string_equal(text_at(part, "stage"), "extracting");
	assert_string_equal(text_at(part, "advice"),
	    "save a copy without a password, then retry");
	assert_members(json_object_get(json, "times"), times, 3);
	json_decref(json);

	row.item.code = ITEM_CODE_NONE;
	row.item.stage = STAGE_NONE;
	row.item.state = ITEM_QUEUED;
	row.item.document_id = 0;
	begin();
	native_view_item(&w, &row);
	json = end();
	assert_true(json_is_null(json_object_get(json, "error")));
	assert_true(json_is_null(json_object_get(json, "stage")));
	assert_true(json_is_null(json_object_get(json, "document_id")));
	json_decref(json);
}

static void
test_document(void **state)
{
	struct native_document_more more = {.shows_item = true};
	struct document document;
	struct item_row row;
	json_t *json;

	(void)state;
	memset(&document, 0, sizeof(document));
	document.id = 3;
	document.uri = "upload:x";
	document.name = HOSTILE;
	document.metadata = "{\"a\":[1,2]}";
	document.keyphrases = "[\"tide\"]";
	document.title = document.media_type = document.language = "";
	document.summary = HOSTILE;
	begin();
	native_view_document(&w, &document, &more);
	json = end();
	assert_true(json_is_null(json_object_get(json, "state")));
	assert_true(json_is_null(json_object_get(json, "error")));
	assert_true(json_is_false(json_object_get(json, "has_members")));
	assert_true(json_is_false(json_object_get(json, "is_indexed")));
	assert_null(json_object_get(json, "summary"));
	json_decref(json);

	document.revision_id = 1;
	document.item_id = 5;
	document.item_state = ITEM_COMPLETED;
	document.hash[0] = 0xAB;
	make_item(&row);
	more.has_members = true;
	more.item = &row;
	begin();
	native_view_document(&w, &document, &more);
	json = end();
	assert_true(json_is_true(json_object_get(json, "has_members")));
	assert_string_equal(text_at(json, "state"), "completed");
	assert_string_equal(text_at(json, "summary"), HOSTILE_READ);
	assert_int_equal(strlen(text_at(json, "sha256")), 64);
	assert_memory_equal(text_at(json, "sha256"), "ab00", 4);
	assert_true(json_is_null(json_object_get(json, "title")));
	assert_int_equal(json_array_size(json_object_get(json,
	    "keyphrases")), 1);
	assert_true(json_is_object(json_object_get(json, "item")));
	json_decref(json);
}

static void
test_result(void **state)
{
	struct result result;
	json_t *json, *section;

	(void)state;
	memset(&result, 0, sizeof(result));
	result.name = result.uri = HOSTILE;
	result.section = "Setup\x1FLinux\x1F" HOSTILE;
	result.text = "half of it";
	result.text_len = 4;
	result.score = 0.83;
	result.page_end = 2;
	result.is_vector = true;
	begin();
	native_view_result(&w, &result);
	json = end();
	section = json_object_get(json, "section");
	assert_int_equal(json_array_size(section), 3);
	assert_string_equal(json_string_value(json_array_get(section, 1)),
	    "Linux");
	assert_string_equal(text_at(json, "text"), "half");
	assert_true(json_is_null(json_object_get(json, "page_start")));
	assert_int_equal(number_at(json, "page_end"), 2);
	assert_int_equal(json_object_size(json_object_get(json, "metadata")),
	    0);
	assert_int_equal(json_array_size(json_object_get(json, "match")), 1);
	json_decref(json);
}

static void
test_csv(void **state)
{
	static const struct {
		const char *text, *cell;
	} cells[] = {
	    {"", ""}, {"plain", "plain"}, {"a,b", "\"a,b\""},
	    {"say \"x\"", "\"say \"\"x\"\"\""}, {"a\nb", "\"a\nb\""},
	    {"=1+1", "\"'=1+1\""}, {"+1", "\"'+1\""}, {"-1", "\"'-1\""},
	    {"@x", "\"'@x\""}, {"\tx", "\"'\tx\""}, {"a=1", "a=1"},
	};
	struct item_row row;
	const char *line;

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		buf_clear(&out);
		csv_cell(&out, cells[i].text);
		assert_string_equal(buf_text(&out), cells[i].cell);
	}
	make_item(&row);
	row.name = "=cmd()";
	buf_clear(&out);
	native_view_csv_head(&out);
	native_view_csv_item(&out, &row);
	line = strstr(buf_text(&out), "\r\n") + 2;
	assert_memory_equal(line, "17,\"'=cmd()\",file:///srv/a.pdf,failed,"
	    "extracting,ENCRYPTED_DOCUMENT,", 68);
	assert_int_equal(out.data[out.len - 1], '\n');
}

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1000000);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_job),
	    cmocka_unit_test(test_job_failed),
	    cmocka_unit_test(test_all_words),
	    cmocka_unit_test(test_item),
	    cmocka_unit_test(test_document),
	    cmocka_unit_test(test_result),
	    cmocka_unit_test(test_csv),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
