/* SPDX-License-Identifier: Apache-2.0 */
/* Datasets from rows whose settings anybody may have written, and shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_dataset_view.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_metadata.h"

#define SECOND 1000000LL
#define T0 1741267200LL

static struct dify_dataset
dataset_of(const char *settings, uint64_t documents)
{
	struct base base = {.id = 7, .description = "about \"tides\"",
	    .settings = settings, .created_us = T0 * SECOND + 999999,
	    .documents = documents};
	struct dify_dataset dataset;

	(void)snprintf(base.name, sizeof(base.name), "Docs");
	base.uuid = uuid_of_row(&(struct uuid){{0}}, 42);
	assert_int_equal(dify_dataset_take(&base, &dataset), 0);
	return dataset;
}

static json_t *
render(const struct dify_dataset *dataset,
    const struct dify_dataset_facts *facts)
{
	struct jsonw w;
	struct buf out;
	json_t *tree;

	buf_init(&out, 1 << 20);
	jsonw_init(&w, &out);
	w.ascii = true;
	dify_write_dataset(&w, dataset, facts);
	assert_int_equal(out.err, 0);
	tree = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	buf_fini(&out);
	return tree;
}

static void
expect(const json_t *tree, const char *name, const char *json)
{
	char *text = json_dumps(json_object_get(tree, name),
	    JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	assert_string_equal(text, json);
	free(text);
}

static const struct dify_dataset_facts facts = {
    .totals = {.documents = 3, .available = 2, .characters = 99},
    .account = "ad313dd6-ef04-4dd1-a5b0-c0f0b9e2e7e4",
    .embedder = "lexical",
    .tags = "{\"id\":\"a\"},{\"id\":\"b\"}",
    .tags_len = 21,
};

static void
test_of_another_dialect(void **state)
{
	struct dify_dataset dataset = dataset_of("{}", 3);
	json_t *tree = render(&dataset, &facts);

	(void)state;
	expect(tree, "name", "\"Docs\"");
	expect(tree, "description", "\"about \\\"tides\\\"\"");
	expect(tree, "indexing_technique", "\"high_quality\"");
	expect(tree, "doc_form", "\"text_model\"");
	expect(tree, "permission", "\"only_me\"");
	expect(tree, "data_source_type", "\"upload_file\"");
	expect(tree, "document_count", "3");
	expect(tree, "total_available_documents", "2");
	expect(tree, "word_count", "99");
	expect(tree, "created_at", "1741267200");
	expect(tree, "updated_at", "1741267200");
	expect(tree, "embedding_model", "\"lexical\"");
	expect(tree, "embedding_available", "true");
	expect(tree, "tags", "[{\"id\":\"a\"},{\"id\":\"b\"}]");
	expect(tree, "external_retrieval_model", "{\"top_k\":2,"
	    "\"score_threshold\":0.0,\"score_threshold_enabled\":null}");
	assert_null(json_object_get(tree, "partial_member_list"));
	json_decref(tree);
	dify_dataset_close(&dataset);
	dataset = dataset_of("{\"vectors\":false}", 0);
	assert_true(dify_dataset_is_economy(&dataset));
	assert_null(dify_dataset_form(&dataset));
	dify_dataset_close(&dataset);
}

/* Whoever writes settings of a base by hand breaks no answer. */
static void
test_settings_of_any_kind(void **state)
{
	static const char *const settings[] = {"[]", "nothing", "{\"dify\":5}",
	    "{\"dify\":{\"indexing_technique\":5,\"permission\":[],"
	    "\"retrieval_model\":\"x\",\"metadata_fields\":{},"
	    "\"partial_member_list\":7,\"doc_form\":{}}}",
	    "{\"dify\":{\"metadata_fields\":[5,{},{\"name\":7},"
	    "{\"name\":\"n\"},{\"id\":\"i\",\"type\":[]}],"
	    "\"retrieval_model\":{\"top_k\":[],\"weights\":[],"
	    "\"score_threshold\":\"x\",\"reranking_model\":1},"
	    "\"summary_index_setting\":{\"enable\":\"x\"},"
	    "\"partial_member_list\":[1,{},{\"user_id\":2}]}}"};
	struct dify_dataset_facts all = facts;
	struct dify_dataset dataset;
	json_t *tree;
	size_t i;

	(void)state;
	all.has_members = all.is_single = true;
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		dataset = dataset_of(settings[i], 0);
		tree = render(&dataset, &all);
		expect(tree, "app_count", "0");
		json_decref(tree);
		dify_dataset_close(&dataset);
	}
}

static void
test_metadata(void **state)
{
	struct dify_dataset dataset = dataset_of("{\"dify\":{"
	    "\"metadata_fields\":[{\"id\":\"1\",\"name\":\"author\","
	    "\"type\":\"string\"},{\"id\":\"2\",\"name\":\"a \\\"b\\\"\","
	    "\"type\":\"number\"}],\"built_in_field_enabled\":true}}", 1);
	struct document document = {.metadata = "{\"author\":\"Ada\","
	    "\"a \\\"b\\\"\":1.5,\"title\":\"T\",\"publisher\":\"P\","
	    "\"other\":[1]}", .own_metadata = "{\"author\":\"Ada\","
	    "\"title\":\"T\",\"other\":[1]}", .name = "one.txt",
	    .created_us = T0 * SECOND, .updated_us = (T0 + 1) * SECOND};
	json_t *own;
	struct jsonw w;
	struct buf out;
	char *text;

	(void)state;
	buf_init(&out, 1 << 16);
	jsonw_init(&w, &out);
	dify_write_values(&w, &dataset, &document);
	assert_string_equal(buf_text(&out), "{\"author\":\"Ada\","
	    "\"a \\\"b\\\"\":1.5,\"document_name\":\"one.txt\","
	    "\"uploader\":\"default\",\"upload_date\":1741267200,"
	    "\"last_update_date\":1741267201,\"source\":\"file_upload\"}");
	/* What the content says of itself is not written back. */
	own = dify_own_metadata(&document);
	text = json_dumps(own, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"author\":\"Ada\",\"other\":[1],"
	    "\"title\":\"T\"}");
	free(text);
	json_decref(own);
	(void)json_object_del(dataset.dify, "built_in_field_enabled");
	document.metadata = "{}";
	buf_clear(&out);
	jsonw_init(&w, &out);
	jsonw_array(&w);
	dify_write_metadata(&w, &dataset, &document, true);
	dify_write_metadata(&w, &dataset, &document, false);
	dify_write_values(&w, &dataset, &document);
	jsonw_array_end(&w);
	assert_string_equal(buf_text(&out), "[null,[],null]");
	buf_fini(&out);
	dify_dataset_close(&dataset);
}

static void
keeps(const char *type, const char *given, const char *kept)
{
	json_t *json = json_loads(given, JSON_DECODE_ANY, NULL);
	json_t *value = dify_value_of(type, json);
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(text, kept);
	free(text);
	json_decref(value);
	json_decref(json);
}

static void
test_values(void **state)
{
	(void)state;
	keeps("string", "\"12\"", "\"12\"");
	keeps("number", "\"12\"", "12");
	keeps("number", "\"-1.5\"", "-1.5");
	keeps("time", "\"1741267200\"", "1741267200");
	keeps("time", "\"2025-03-06\"", "\"2025-03-06\"");
	keeps("number", "\"\"", "\"\"");
	keeps("number", "\"1e999\"", "\"1e999\"");
	keeps("string", "7", "7");
	keeps(NULL, "\"7\"", "\"7\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_of_another_dialect),
	    cmocka_unit_test(test_settings_of_any_kind),
	    cmocka_unit_test(test_metadata),
	    cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
