/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/cognee/cognee_data_view.h"
#include "api/cognee/cognee_view.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "engine/kept.h"
#include "model/job.h"
#include "store/store.h"

#define ID "5f0c2f4e-02f1-4a63-8d19-bb1c3f0a9d77"

/* The document as it is written; owned. */
static json_t *
written(const struct document *document)
{
	struct jsonw w;
	struct buf out;
	json_t *json;

	buf_init(&out, 16384);
	jsonw_init(&w, &out);
	assert_int_equal(cognee_write_data(&w, ID, document), 0);
	assert_int_equal(out.err, 0);
	json = json_loads(buf_text(&out), 0, NULL);
	assert_non_null(json);
	buf_fini(&out);
	return json;
}

static const char *
text(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static const struct document plain = {.id = 7, .uri = "upload:a.txt",
    .name = "a.txt", .own_metadata = "{}", .created_us = 1};

static void
test_names(void **state)
{
	static const struct {
		const char *name, *type, *stem, *extension;
	} rows[] = {
	    {"a.txt", "text/plain", "a", "txt"},
	    {"b/a.tar.GZ", "application/gzip", "b/a.tar", "GZ"},
	    {"a", "text/plain", "a", "txt"},
	    {"a", "text/html", "a", ""},
	    {"a", NULL, "a", ""},
	    {".profile", "text/html", ".profile", ""},
	    {"x/.profile", "text/html", "x/.profile", ""},
	    {"a.", "text/html", "a.", ""},
	    {".", "text/html", ".", ""},
	    {"", "text/html", "", ""},
	    {"see 4.2 below", "text/html", "see 4.2 below", ""},
	    {"v1.2/read", "text/html", "v1.2/read", ""},
	    {"a.abcdefghijklmnop", "text/html", "a", "abcdefghijklmnop"},
	    {"a.abcdefghijklmnopq", "text/html", "a.abcdefghijklmnopq", ""},
	};
	struct document document = plain;
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		document.name = rows[i].name;
		document.media_type = rows[i].type;
		json = written(&document);
		assert_string_equal(text(json, "name"), rows[i].stem);
		assert_string_equal(text(json, "extension"),
		    rows[i].extension);
		assert_string_equal(text(json, "mimeType"),
		    rows[i].type == NULL ? "application/octet-stream"
					 : rows[i].type);
		json_decref(json);
	}
}

/* What lies on this machine is told by its id alone. */
static void
test_locations(void **state)
{
	static const struct {
		const char *uri;
		bool is_told;
	} rows[] = {
	    {"s3://bucket/key", true},
	    {"r2://bucket/key", true},
	    {"https://example.com/a", true},
	    {"http://example.com/a", true},
	    {"file:///srv/tide/a.txt", false},
	    {"upload:a.txt", false},
	    {"text:a", false},
	    {"", false},
	};
	struct document document = plain;
	struct uuid own = uuid_of_row(&document.base_uuid, 7);
	char id[UUID_TEXT_SIZE], here[256];
	json_t *json;

	(void)state;
	uuid_format(&own, id);
	(void)snprintf(here, sizeof(here),
	    "tidemark:/api/v1/datasets/" ID "/data/%s/raw", id);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		document.uri = rows[i].uri;
		json = written(&document);
		assert_string_equal(text(json, "id"), id);
		assert_string_equal(text(json, "rawDataLocation"),
		    rows[i].is_told ? rows[i].uri : here);
		json_decref(json);
	}
}

static void
test_metadata(void **state)
{
	static const struct {
		const char *own, *label, *external; /* NULL: null */
	} rows[] = {
	    {"{}", NULL, NULL},
	    {"{\"label\":\"x\"}", "x", NULL},
	    {"{\"label\":\"\",\"a\":[1]}", "", "{\"a\":[1]}"},
	    {"{\"label\":null}", NULL, "{\"label\":null}"},
	    {"{\"label\":{\"a\":1}}", NULL, "{\"label\":{\"a\":1}}"},
	    {"{\"node_set\":[\"a\"]}", NULL, "{\"node_set\":[\"a\"]}"},
	    {"[]", NULL, NULL},
	    {"", NULL, NULL},
	};
	struct document document = plain;
	json_t *json, *external;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		document.own_metadata = rows[i].own;
		json = written(&document);
		external = rows[i].external == NULL ? json_null()
		    : json_loads(rows[i].external, 0, NULL);
		assert_true(json_equal(external,
		    json_object_get(json, "externalMetadata")));
		if (rows[i].label == NULL)
			assert_true(json_is_null(
			    json_object_get(json, "label")));
		else
			assert_string_equal(text(json, "label"),
			    rows[i].label);
		json_decref(external);
		json_decref(json);
	}
}

static void
expect(const struct cognee_query *query, const struct job *job,
    const char *json)
{
	struct base_standing standing = {.has_given = job != NULL,
	    .has_run = job != NULL};
	struct jsonw w;
	struct uuid id;
	struct buf out;

	if (job != NULL)
		standing.given = standing.run = *job;
	buf_init(&out, 4096);
	jsonw_init(&w, &out);
	assert_int_equal(uuid_parse(ID, strlen(ID), &id), 0);
	jsonw_object(&w);
	cognee_write_dataset(&w, query, &id, &standing);
	jsonw_object_end(&w);
	assert_string_equal(buf_text(&out), json);
	buf_fini(&out);
}

static void
test_progress(void **state)
{
	struct cognee_query flat = {.with_progress = true,
	    .pipelines = 1u << COGNEE_COGNIFY_PIPELINE};
	struct cognee_query both = {.with_progress = true, .pipelines = 3u,
	    .distinct = 2};
	struct job job = {.state = JOB_RUNNING, .scan = SCAN_DONE,
	    .counts = {.total = 8, .processing = 1,
		.completed = 4, .failed = 1, .skipped = 2}};

	(void)state;
	job.stages[STAGE_EMBEDDING].items = 1;
	expect(&flat, &job,
	    "{\"" ID "\":{\"status\":\"DATASET_PROCESSING_STARTED\","
	    "\"progress\":{\"completed_items\":7,\"total_items\":8,"
	    "\"current_stage\":\"embedding\"}}}");
	expect(&both, &job,
	    "{\"" ID "\":{\"add_pipeline\":{\"status\":"
	    "\"DATASET_PROCESSING_COMPLETED\",\"progress\":"
	    "{\"completed_items\":8,\"total_items\":8,"
	    "\"current_stage\":null}},\"cognify_pipeline\":{\"status\":"
	    "\"DATASET_PROCESSING_STARTED\",\"progress\":"
	    "{\"completed_items\":7,\"total_items\":8,"
	    "\"current_stage\":\"embedding\"}}}}");
	job.state = JOB_PENDING;
	expect(&flat, &job,
	    "{\"" ID "\":{\"status\":\"DATASET_PROCESSING_INITIATED\","
	    "\"progress\":null}}");
	expect(&flat, NULL, "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_locations),
	    cmocka_unit_test(test_metadata),
	    cmocka_unit_test(test_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
