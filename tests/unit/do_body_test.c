/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies as the original's clients write them, and those nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_chunking.h"
#include "api/digitalocean/digitalocean_schedule.h"
#include "api/digitalocean/digitalocean_source.h"
#include "base/err.h"

static json_t *
json_of(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(json);
	return json;
}

static void
test_blank(void **state)
{
	static const struct {
		const char *text;
		bool is_blank;
	} rows[] = {
	    {"null", true}, {"\"\"", true}, {"[]", true}, {"{}", true},
	    {"{\"a\":\"\",\"b\":null,\"c\":[],\"d\":false}", true},
	    {"{\"a\":\"UNKNOWN\"}", true},
	    {"{\"a\":\"OPEN_SEARCH_PLAN_SIZE_UNSPECIFIED\"}", true},
	    {"{\"a\":\"x\"}", false}, {"{\"a\":0}", false},
	    {"{\"a\":true}", false}, {"0", false}, {"false", false},
	    {"[null]", false}, {"\"x\"", false},
	};
	json_t *json;
	size_t i;

	(void)state;
	assert_true(do_is_blank(NULL));
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json = json_of(rows[i].text);
		if (do_is_blank(json) != rows[i].is_blank)
			fail_msg("%s", rows[i].text);
		json_decref(json);
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t number;
	} rows[] = {
	    {"{\"n\":5}", 0, 5}, {"{\"n\":\"5\"}", 0, 5},
	    {"{\"n\":5.0}", 0, 5}, {"{\"n\":\"\"}", 0, 0},
	    {"{\"n\":null}", 0, 0}, {"{}", 0, 0},
	    {"{\"n\":\"9223372036854775807\"}", 0, INT64_MAX},
	    {"{\"n\":\"9223372036854775808\"}", ERR_INVALID, 0},
	    {"{\"n\":\"99999999999999999999\"}", ERR_INVALID, 0},
	    {"{\"n\":-1}", ERR_INVALID, 0}, {"{\"n\":5.5}", ERR_INVALID, 0},
	    {"{\"n\":1e300}", ERR_INVALID, 0},
	    {"{\"n\":\"5x\"}", ERR_INVALID, 0},
	    {"{\"n\":\" 5\"}", ERR_INVALID, 0},
	    {"{\"n\":true}", ERR_INVALID, 0},
	    {"{\"n\":[5]}", ERR_INVALID, 0},
	};
	struct err_note note;
	uint64_t number;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json = json_of(rows[i].text);
		if (do_number(json, "n", INT64_MAX, &number, &note) !=
		    rows[i].err || number != rows[i].number)
			fail_msg("%s", rows[i].text);
		json_decref(json);
	}
	assert_int_equal(do_number(NULL, "n", 1, &number, &note), 0);
}

static void
test_days(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint32_t days;
	} rows[] = {
	    {"[1]", 0, 2}, {"[0,7]", 0, 1}, {"[1,2,3,4,5]", 0, 62},
	    {"[]", ERR_INVALID, 0}, {"[8]", ERR_INVALID, 0},
	    {"[-1]", ERR_INVALID, 0}, {"[\"1\"]", ERR_INVALID, 0},
	};
	struct err_note note;
	uint32_t days, minute;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		days = 0;
		json = json_of(rows[i].text);
		assert_int_equal(do_days_read(json, &days, &note),
		    rows[i].err);
		assert_int_equal(days, rows[i].days);
		json_decref(json);
	}
	assert_true(do_minute_parse("00:00", &minute) && minute == 0);
	assert_true(do_minute_parse("23:59", &minute) && minute == 1439);
	assert_true(do_minute_parse("03:30:00", &minute) && minute == 210);
	assert_false(do_minute_parse("24:00", &minute));
	assert_false(do_minute_parse("03:60", &minute));
	assert_false(do_minute_parse("3:30", &minute));
	assert_false(do_minute_parse("03:30:01", &minute));
	assert_false(do_minute_parse("03", &minute));
	assert_false(do_minute_parse("", &minute));
}

/* ---- chunking ----------------------------------------------------------- */

static void
expect_json(const json_t *tree, const char *name, const char *json)
{
	char *text = json_dumps(json_object_get(tree, name), JSON_COMPACT |
	    JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));

	assert_non_null(text);
	assert_string_equal(text, json);
	free(text);
}

/* What a body makes of the default, as the rule that is stored. */
static void
expect_rule(const char *body, const char *rule, const char *words)
{
	struct do_chunking chunking = do_chunking_default;
	json_t *json = json_of(body), *settings = json_object();
	json_t *own = json_object();
	struct err_note note = {""};
	int err;

	err = do_chunking_change(&chunking, json, &note);
	if (rule == NULL) {
		assert_int_equal(err, ERR_INVALID);
		assert_string_equal(note.text, words);
	} else {
		assert_int_equal(err, 0);
		assert_int_equal(do_chunking_store(&chunking, settings, own),
		    0);
		expect_json(settings, "chunking", rule);
		expect_json(own, "chunking_options", words);
	}
	json_decref(json);
	json_decref(settings);
	json_decref(own);
}

static void
test_chunking(void **state)
{
	(void)state;
	expect_rule("{}", "{\"chars_max\":1200,\"method\":\"structure\"}",
	    "{\"max_chunk_size\":300}");
	expect_rule("{\"chunking_algorithm\":\"CHUNKING_ALGORITHM_UNKNOWN\","
	    "\"chunking_options\":{\"max_chunk_size\":\"750\","
	    "\"semantic_threshold\":0.5,\"parent_chunk_size\":0}}",
	    "{\"chars_max\":3000,\"method\":\"structure\"}",
	    "{\"max_chunk_size\":750}");
	expect_rule("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_HIERARCHICAL\",\"chunking_options\":"
	    "{\"parent_chunk_size\":1000,\"child_chunk_size\":350}}",
	    "{\"chars_max\":4000,\"child\":{\"chars_max\":1400,"
	    "\"method\":\"recursive\"},\"method\":\"structure\"}",
	    "{\"child_chunk_size\":350,\"parent_chunk_size\":1000}");
	expect_rule("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_SEMANTIC\"}",
	    "{\"chars_max\":2800,\"method\":\"semantic\","
	    "\"threshold\":0.5}",
	    "{\"max_chunk_size\":700,\"semantic_threshold\":0.5}");
	expect_rule("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_FIXED_LENGTH\","
	    "\"chunking_options\":{\"max_chunk_size\":100}}",
	    "{\"chars_max\":400,\"method\":\"fixed\"}",
	    "{\"max_chunk_size\":100}");
}

static void
test_chunking_limits(void **state)
{
	(void)state;
	expect_rule("{\"chunking_options\":{\"max_chunk_size\":99}}", NULL,
	    "max_chunk_size must be from 100 to 2000 tokens");
	expect_rule("{\"chunking_options\":{\"max_chunk_size\":2001}}", NULL,
	    "max_chunk_size must be at most 2000");
	expect_rule("{\"chunking_options\":{\"semantic_threshold\":1.5}}",
	    NULL, "semantic_threshold must be from 0 to 1");
	expect_rule("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_HIERARCHICAL\",\"chunking_options\":"
	    "{\"parent_chunk_size\":300}}", NULL,
	    "parent_chunk_size must be larger than child_chunk_size");
	expect_rule("{\"chunking_algorithm\":\"SEMANTIC\"}", NULL,
	    "chunking_algorithm must be one of "
	    "CHUNKING_ALGORITHM_SECTION_BASED, "
	    "CHUNKING_ALGORITHM_HIERARCHICAL, "
	    "CHUNKING_ALGORITHM_SEMANTIC, CHUNKING_ALGORITHM_FIXED_LENGTH");
	expect_rule("{\"chunking_options\":[1]}", NULL,
	    "chunking_options must be an object");
}

/* Another algorithm begins anew, the same one keeps what is not told. */
static void
test_chunking_again(void **state)
{
	struct do_chunking chunking = do_chunking_default;
	struct err_note note;
	json_t *json;

	(void)state;
	json = json_of("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_SEMANTIC\",\"chunking_options\":"
	    "{\"max_chunk_size\":250}}");
	assert_int_equal(do_chunking_change(&chunking, json, &note), 0);
	json_decref(json);
	json = json_of("{\"chunking_options\":{\"semantic_threshold\":0.8}}");
	assert_int_equal(do_chunking_change(&chunking, json, &note), 0);
	json_decref(json);
	assert_int_equal(chunking.cut, DO_CUT_SEMANTIC);
	assert_int_equal(chunking.max, 250);
	assert_true(chunking.threshold > 0.79 && chunking.threshold < 0.81);
	json = json_of("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_FIXED_LENGTH\"}");
	assert_int_equal(do_chunking_change(&chunking, json, &note), 0);
	json_decref(json);
	assert_int_equal(chunking.max, 500);
	/* What cannot be is not half done. */
	json = json_of("{\"chunking_algorithm\":"
	    "\"CHUNKING_ALGORITHM_SEMANTIC\",\"chunking_options\":"
	    "{\"max_chunk_size\":1}}");
	assert_int_equal(do_chunking_change(&chunking, json, &note),
	    ERR_INVALID);
	json_decref(json);
	assert_int_equal(chunking.cut, DO_CUT_FIXED_LENGTH);
}

/* Whoever writes settings by hand breaks no answer. */
static void
test_chunking_stored(void **state)
{
	static const char *const rows[] = {"null", "[]", "{}", "7",
	    "{\"chunking_algorithm\":7,\"chunking_options\":\"x\"}",
	    "{\"chunking_options\":{\"max_chunk_size\":[]}}"};
	struct do_chunking chunking;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json = json_of(rows[i]);
		do_chunking_load(json, &chunking);
		assert_int_equal(chunking.cut, DO_CUT_SECTION_BASED);
		assert_int_equal(chunking.max, 300);
		json_decref(json);
	}
}

/* ---- sources ------------------------------------------------------------ */

#define NOT_ONE                                                               \
	"CreateKnowledgeBaseDataSource must have exactly 1 data source."

static void
expect_source(const char *body, enum source_kind kind, const char *config,
    const char *secret)
{
	struct do_source_input input = {.name = NULL};
	struct err_note note = {""};
	json_t *json = json_of(body), *want, *got;

	assert_int_equal(do_source_read(json, &input, &note), 0);
	assert_int_equal(input.kind, kind);
	want = json_of(config);
	got = json_of(input.config);
	if (!json_equal(want, got))
		fail_msg("%s: %s", body, input.config);
	json_decref(want);
	json_decref(got);
	if (secret == NULL) {
		assert_null(input.secret);
	} else {
		want = json_of(secret);
		got = json_of(input.secret);
		assert_true(json_equal(want, got));
		json_decref(want);
		json_decref(got);
	}
	assert_null(strstr(input.settings, "secret"));
	do_source_input_fini(&input);
	json_decref(json);
}

static void
test_sources(void **state)
{
	(void)state;
	expect_source("{\"spaces_data_source\":{\"bucket_name\":\"b\","
	    "\"item_path\":\"/docs\",\"region\":\"fra1\"},"
	    "\"web_crawler_data_source\":null}", SOURCE_S3,
	    "{\"bucket\":\"b\",\"prefix\":\"docs/\",\"region\":\"fra1\","
	    "\"provider\":\"spaces\"}", NULL);
	expect_source("{\"aws_data_source\":{\"bucket_name\":\"b\","
	    "\"key_id\":\"k\",\"secret_key\":\"s\"}}", SOURCE_S3,
	    "{\"bucket\":\"b\",\"prefix\":\"\",\"region\":\"us-east-1\","
	    "\"provider\":\"aws\"}",
	    "{\"key_id\":\"k\",\"secret_key\":\"s\"}");
	expect_source("{\"bucket_name\":\"b\",\"bucket_region\":\"nyc3\","
	    "\"item_path\":\"a.pdf\"}", SOURCE_S3,
	    "{\"bucket\":\"b\",\"prefix\":\"a.pdf\",\"region\":\"nyc3\","
	    "\"provider\":\"spaces\"}", NULL);
	expect_source("{\"web_crawler_data_source\":{\"base_url\":"
	    "\"https://a.example/\",\"crawling_option\":\"UNKNOWN\","
	    "\"embed_media\":false},\"spaces_data_source\":{"
	    "\"bucket_name\":\"\",\"item_path\":\"\",\"region\":\"\"}}",
	    SOURCE_WEB, "{\"url\":\"https://a.example/\","
	    "\"scope\":\"page\",\"media\":false,\"exclude_tags\":[]}",
	    NULL);
	expect_source("{\"web_crawler_data_source\":{\"base_url\":"
	    "\"https://a.example/\",\"crawling_option\":\"SITEMAP\","
	    "\"embed_media\":true,\"exclude_tags\":[\"nav\"]}}",
	    SOURCE_WEB, "{\"url\":\"https://a.example/\","
	    "\"scope\":\"sitemap\",\"media\":true,"
	    "\"exclude_tags\":[\"nav\"]}", NULL);
	expect_source("{\"file_upload_data_source\":{\"stored_object_key\":"
	    "\"1-x-a.pdf\",\"original_file_name\":\"a.pdf\","
	    "\"size_in_bytes\":123}}", SOURCE_UPLOAD,
	    "{\"key\":\"1-x-a.pdf\",\"name\":\"a.pdf\"}", NULL);
}

/* Every way that clients write a path. */
static void
test_paths(void **state)
{
	static const char *const rows[][2] = {{"", ""}, {"/", ""},
	    {"//", ""}, {"*", ""}, {"/*", ""}, {"docs", "docs/"},
	    {"docs/", "docs/"}, {"/docs/", "docs/"}, {"docs/*", "docs/"},
	    {"docs*", "docs"}, {"a/b", "a/b/"}, {"a/b.pdf", "a/b.pdf"},
	    {"a.d/b", "a.d/b/"}, {"docs/**", "docs/"}};
	struct do_source_input input;
	struct err_note note;
	json_t *body, *config;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		memset(&input, 0, sizeof(input));
		body = json_pack("{s:{s:s, s:s}}", "spaces_data_source",
		    "bucket_name", "b", "item_path", rows[i][0]);
		assert_int_equal(do_source_read(body, &input, &note), 0);
		config = json_of(input.config);
		assert_string_equal(json_string_value(json_object_get(config,
		    "prefix")), rows[i][1]);
		json_decref(config);
		json_decref(body);
		do_source_input_fini(&input);
	}
}

static void
test_no_sources(void **state)
{
	static const char *const rows[][2] = {
	    {"{}", NOT_ONE}, {"null", NOT_ONE}, {"[]", NOT_ONE},
	    {"{\"spaces_data_source\":null}", NOT_ONE},
	    {"{\"spaces_data_source\":{\"bucket_name\":\"b\"},"
	     "\"aws_data_source\":{\"bucket_name\":\"b\"}}", NOT_ONE},
	    {"{\"spaces_data_source\":7}",
	     "spaces_data_source must be an object"},
	    {"{\"spaces_data_source\":{\"region\":\"x\"}}",
	     "bucket_name is required"},
	    {"{\"aws_data_source\":{\"bucket_name\":\"b\","
	     "\"key_id\":\"k\"}}",
	     "key_id and secret_key belong together"},
	    {"{\"web_crawler_data_source\":{\"embed_media\":true}}",
	     "base_url is required"},
	    {"{\"web_crawler_data_source\":{\"base_url\":\"x\","
	     "\"crawling_option\":\"ALL\"}}", "crawling_option must be one "
	     "of SCOPED, PATH, DOMAIN, SUBDOMAINS, SITEMAP"},
	    {"{\"file_upload_data_source\":{\"original_file_name\":\"x\"}}",
	     "stored_object_key is required"},
	    {"{\"dropbox_data_source\":{\"folder\":\"/\"}}",
	     "Dropbox cannot be read from here; upload the files or put them "
	     "into a bucket"},
	    {"{\"google_drive_data_source\":{\"folder_id\":\"x\"}}",
	     "Google Drive cannot be read from here; upload the files or put "
	     "them into a bucket"},
	};
	struct do_source_input input;
	struct err_note note;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json = json_of(rows[i][0]);
		assert_int_equal(do_source_read(json, &input, &note),
		    ERR_INVALID);
		assert_string_equal(note.text, rows[i][1]);
		json_decref(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_blank),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_days),
	    cmocka_unit_test(test_chunking),
	    cmocka_unit_test(test_chunking_limits),
	    cmocka_unit_test(test_chunking_again),
	    cmocka_unit_test(test_chunking_stored),
	    cmocka_unit_test(test_sources),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_no_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
