/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_segment.h"

#define SECOND 1000000LL
#define T0 1741267200LL
#define ACCOUNT "ad313dd6-ef04-4dd1-a5b0-c0f0b9e2e7e4"

static const struct document document = {.id = 7,
    .base_uuid = {{1, 2, 3}}, .indexed_us = T0 * SECOND, .name = "a.txt",
    .metadata = "{}", .settings = "{}"};

static json_t *
show(const char *settings, const struct segment *segment, bool is_result,
    struct buf *out)
{
	struct dify_dataset dataset = {.id = 1};
	struct dify_segment_view view = {.dataset = &dataset,
	    .document = &document, .segment = segment, .account = ACCOUNT,
	    .is_result = is_result};
	struct jsonw w;
	json_t *tree;

	dataset.settings = json_loads(settings, 0, NULL);
	dataset.dify = json_object_get(dataset.settings, "dify");
	buf_clear(out);
	jsonw_init(&w, out);
	w.ascii = true;
	jsonw_object(&w);
	dify_write_segment(&w, &view);
	jsonw_object_end(&w);
	assert_int_equal(out->err, 0);
	json_decref(dataset.settings);
	tree = json_loads(buf_text(out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	return tree;
}

static void
expect_text(const json_t *tree, const char *name, const char *text)
{
	const json_t *value = json_object_get(tree, name);

	assert_non_null(value);
	if (text == NULL)
		assert_true(json_is_null(value));
	else
		assert_string_equal(json_string_value(value), text);
}

static void
expect_int(const json_t *tree, const char *name, long long number)
{
	const json_t *value = json_object_get(tree, name);

	assert_true(json_is_integer(value));
	assert_true(json_integer_value(value) == number);
}

#define HIGH "{\"dify\":{\"indexing_technique\":\"high_quality\"}}"
#define ECONOMY "{\"dify\":{\"indexing_technique\":\"economy\"}}"

static void
test_segment(void **state)
{
	static const char *const keys[] = {"id", "position", "document_id",
	    "content", "sign_content", "answer", "word_count", "tokens",
	    "keywords", "index_node_id", "index_node_hash", "hit_count",
	    "enabled", "disabled_at", "disabled_by", "status", "created_by",
	    "created_at", "updated_at", "updated_by", "indexing_at",
	    "completed_at", "error", "stopped_at"};
	const struct segment segment = {.id = 9, .document_id = 7,
	    .ordinal = 4, .chars = 5, .text = "hello", .text_len = 5};
	struct buf out;
	const char *key;
	json_t *tree, *value;
	size_t i = 0;

	(void)state;
	buf_init(&out, 1 << 16);
	tree = show(HIGH, &segment, false, &out);
	assert_int_equal(json_object_size(tree),
	    sizeof(keys) / sizeof(keys[0]));
	json_object_foreach(tree, key, value)
	{
		assert_string_equal(key, keys[i++]);
	}
	expect_int(tree, "position", 5);
	expect_text(tree, "content", "hello");
	expect_text(tree, "sign_content", "hello");
	expect_text(tree, "answer", NULL);
	expect_text(tree, "keywords", NULL);
	expect_int(tree, "word_count", 5);
	expect_int(tree, "tokens", 2);
	expect_text(tree, "index_node_hash",
	    "c0a2ae6e305366764fa6ba9ff8811afa22429dff0be3e5ad30e2ee9e738efcee");
	expect_text(tree, "status", "completed");
	expect_int(tree, "created_at", T0);
	expect_int(tree, "updated_at", T0);
	expect_text(tree, "updated_by", NULL);
	assert_true(json_is_true(json_object_get(tree, "enabled")));
	assert_string_not_equal(
	    json_string_value(json_object_get(tree, "index_node_id")),
	    json_string_value(json_object_get(tree, "id")));
	json_decref(tree);
	buf_fini(&out);
}

static void
test_edited(void **state)
{
	const struct segment segment = {.id = 9, .document_id = 7,
	    .chars = 4, .text = "when", .text_len = 4, .answer = "n\xC3\xBCn",
	    .keywords = "[\"tide\"]", .disabled_us = (T0 + 3) * SECOND,
	    .created_us = (T0 + 1) * SECOND, .updated_us = (T0 + 2) * SECOND};
	struct buf out;
	json_t *tree;

	(void)state;
	buf_init(&out, 1 << 16);
	tree = show(HIGH, &segment, false, &out);
	expect_int(tree, "word_count", 7);
	expect_text(tree, "answer", "n\xC3\xBCn");
	expect_text(tree, "disabled_by", ACCOUNT);
	assert_string_equal(json_string_value(json_array_get(
	    json_object_get(tree, "keywords"), 0)), "tide");
	expect_int(tree, "disabled_at", T0 + 3);
	expect_int(tree, "created_at", T0 + 1);
	expect_int(tree, "updated_at", T0 + 2);
	expect_text(tree, "updated_by", ACCOUNT);
	assert_true(json_is_false(json_object_get(tree, "enabled")));
	json_decref(tree);
	buf_fini(&out);
}

static void
test_results(void **state)
{
	const struct segment segment = {.id = 9, .document_id = 7,
	    .chars = 4, .text = "tide", .text_len = 4};
	struct buf out;
	json_t *tree;

	(void)state;
	buf_init(&out, 1 << 16);
	tree = show(HIGH, &segment, true, &out);
	assert_true(json_is_array(json_object_get(tree, "keywords")));
	assert_null(json_object_get(tree, "updated_at"));
	assert_null(json_object_get(tree, "updated_by"));
	json_decref(tree);
	tree = show(ECONOMY, &segment, false, &out);
	assert_int_equal(json_array_size(json_object_get(tree, "keywords")),
	    1);
	expect_int(tree, "tokens", 0);
	json_decref(tree);
	buf_fini(&out);
}

static void
expect_keywords(const char *text, const char *json)
{
	struct buf out;
	struct jsonw w;

	buf_init(&out, 1 << 16);
	jsonw_init(&w, &out);
	dify_write_keywords(&w, text, strlen(text));
	assert_string_equal(buf_text(&out), json);
	buf_fini(&out);
}

static void
test_keywords(void **state)
{
	(void)state;
	expect_keywords("", "[]");
	expect_keywords("the of and", "[]");
	expect_keywords("a b c", "[]");
	/* The most frequent first; of equal ones the earlier. */
	expect_keywords("Harbour and moon. The tide, the Tide, the harbour; "
	    "TIDE.", "[\"tide\",\"Harbour\",\"moon\"]");
	expect_keywords("w01 w02 w03 w04 w05 w06 w07 w08 w09 w10 w11 w12",
	    "[\"w01\",\"w02\",\"w03\",\"w04\",\"w05\",\"w06\",\"w07\","
	    "\"w08\",\"w09\",\"w10\"]");
}

/* More words than are counted: none is waited for. */
static void
test_many_words(void **state)
{
	struct buf text, out;
	struct jsonw w;
	json_t *tree;
	unsigned i;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_init(&out, 1 << 16);
	for (i = 0; i < 20000; i++)
		(void)buf_printf(&text, "word%u ", i);
	jsonw_init(&w, &out);
	dify_write_keywords(&w, text.data, text.len);
	tree = json_loads(buf_text(&out), 0, NULL);
	assert_int_equal(json_array_size(tree), 10);
	json_decref(tree);
	buf_fini(&text);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_segment),
	    cmocka_unit_test(test_edited),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_keywords),
	    cmocka_unit_test(test_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
