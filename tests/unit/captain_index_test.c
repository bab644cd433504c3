/* SPDX-License-Identifier: Apache-2.0 */
/* Captain's index requests, what of them is pure: addresses, metadata, hashes;
 * and what a job is called that was asked for so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/captain/captain_index.h"
#include "api/captain/captain_view.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "sys/sha256.h"

/* ---- addresses ----------------------------------------------------------- */

static void
test_object_key(void **state)
{
	static const struct {
		const char *scheme, *uri, *key; /* NULL: it is none */
	} rows[] = {
	    {"s3", "s3://docs/a.pdf", "a.pdf"},
	    {"s3", "s3://docs/a b/%20/c+d?e#f", "a b/%20/c+d?e#f"},
	    {"s3", "s3://docs//a", "/a"},
	    {"s3", "s3://docs/a/", "a/"},
	    {"r2", "r2://docs/a", "a"},
	    {"s3", "r2://docs/a", NULL},
	    {"s3", "S3://docs/a", NULL},
	    {"s3", "s3://doc/a", NULL},
	    {"s3", "s3://docs2/a", NULL},
	    {"s3", "s3://docs/", NULL},
	    {"s3", "s3://docs", NULL},
	    {"s3", "s3:/docs/a", NULL},
	    {"s3", "a.pdf", NULL},
	    {"s3", "", NULL},
	};
	struct buf out;
	int err;

	(void)state;
	buf_init(&out, 2000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&out);
		err = captain_object_key(rows[i].scheme, "docs", rows[i].uri,
		    &out);
		assert_int_equal(err, rows[i].key == NULL ? ERR_INVALID : 0);
		assert_string_equal(buf_text(&out),
		    rows[i].key == NULL ? "" : rows[i].key);
	}
	buf_fini(&out);
}

static void
test_directory_prefix(void **state)
{
	static const struct {
		const char *path, *prefix; /* NULL: it is none */
	} rows[] = {
	    {"", ""},
	    {"/", ""},
	    {"//", ""},
	    {"a", "a/"},
	    {"a/", "a/"},
	    {"/a/b//", "a/b/"},
	    {"a b/%20", "a b/%20/"},
	    {"s3://docs", ""},
	    {"s3://docs/", ""},
	    {"s3://docs/a/b", "a/b/"},
	    {"crawls/https://x.test", "crawls/https://x.test/"},
	    {"s3://other/a", NULL},
	    {"s3://docsx/a", NULL},
	    {"r2://docs/a", NULL},
	    {"https://docs/a", NULL},
	};
	struct buf out;
	int err;

	(void)state;
	buf_init(&out, 2000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&out);
		err = captain_directory_prefix("s3", "docs", rows[i].path,
		    &out);
		assert_int_equal(err,
		    rows[i].prefix == NULL ? ERR_INVALID : 0);
		assert_string_equal(buf_text(&out),
		    rows[i].prefix == NULL ? "" : rows[i].prefix);
	}
	buf_fini(&out);
}

/* A key of 1,024 bytes is one, of one more is not. */
static void
test_long_keys(void **state)
{
	static const char before[] = "s3://docs/";
	char uri[1100], path[1100];
	struct buf out;

	(void)state;
	buf_init(&out, 2000);
	(void)snprintf(uri, sizeof(uri), "%s%0*d", before, 1024, 0);
	assert_int_equal(captain_object_key("s3", "docs", uri, &out), 0);
	assert_int_equal(out.len, 1024);
	(void)snprintf(uri, sizeof(uri), "%s%0*d", before, 1025, 0);
	assert_int_equal(captain_object_key("s3", "docs", uri, &out),
	    ERR_TOO_BIG);
	buf_clear(&out);
	(void)snprintf(path, sizeof(path), "%0*d", 1023, 0);
	assert_int_equal(captain_directory_prefix("s3", "docs", path, &out),
	    0);
	assert_int_equal(out.len, 1024);
	(void)snprintf(path, sizeof(path), "%0*d", 1024, 0);
	assert_int_equal(captain_directory_prefix("s3", "docs", path, &out),
	    ERR_TOO_BIG);
	buf_fini(&out);
}

/* ---- metadata ------------------------------------------------------------ */

static void
test_metadata(void **state)
{
	static const struct {
		const char *json;
		int err;
	} rows[] = {
	    {"{}", 0},
	    {"{\"a\":\"b\",\"c\":1,\"d\":0.5,\"e\":true,\"f\":[]}", 0},
	    {"{\"a\":[\"b\",\"c\"]}", 0},
	    {"{\"a\":null}", ERR_INVALID},
	    {"{\"a\":{}}", ERR_INVALID},
	    {"{\"a\":[1]}", ERR_INVALID},
	    {"{\"a\":[[]]}", ERR_INVALID},
	    {"{\"a\":\"b\",\"c\":[\"d\",null]}", ERR_INVALID},
	};
	char text[65537];
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json = json_loads(rows[i].json, 0, NULL);
		assert_non_null(json);
		assert_int_equal(captain_metadata_check(json), rows[i].err);
		json_decref(json);
	}
	/* {"a":"..."}: eight bytes more than the text. */
	memset(text, 'x', sizeof(text));
	text[65536 - 8] = '\0';
	json = json_pack("{s:s}", "a", text);
	assert_int_equal(captain_metadata_check(json), 0);
	json_decref(json);
	text[65536 - 8] = 'x';
	text[65536 - 7] = '\0';
	json = json_pack("{s:s}", "a", text);
	assert_int_equal(captain_metadata_check(json), ERR_TOO_BIG);
	json_decref(json);
}

/* ---- hashes -------------------------------------------------------------- */

static void
digest(enum captain_index_kind kind, const char *text,
    uint8_t out[SHA256_SIZE])
{
	struct sha256 *hash = sha256_new();
	json_t *body = json_loads(text, 0, NULL);

	assert_non_null(hash);
	assert_non_null(body);
	assert_int_equal(captain_digest_fields(hash, body,
			     captain_index_fields(
		    (enum captain_index_kind)kind)), 0);
	assert_int_equal(captain_digest_fields(hash, body,
			     captain_index_common()), 0);
	sha256_end(hash, out);
	sha256_free(hash);
	json_decref(body);
}

static bool
is_same(enum captain_index_kind kind, const char *a, const char *b)
{
	uint8_t left[SHA256_SIZE], right[SHA256_SIZE];

	digest(kind, a, left);
	digest(kind, b, right);
	return memcmp(left, right, sizeof(left)) == 0;
}

static void
test_digest(void **state)
{
	(void)state;
	assert_true(is_same(CAPTAIN_INDEX_TEXT,
	    "{\"content\":\"a\",\"filename\":\"b\",\"nobody\":1}",
	    "{\"filename\":\"b\",\"mask_pii\":null,\"content\":\"a\"}"));
	assert_false(is_same(CAPTAIN_INDEX_TEXT,
	    "{\"content\":\"a\",\"filename\":\"b\"}",
	    "{\"content\":\"b\",\"filename\":\"a\"}"));
	assert_false(is_same(CAPTAIN_INDEX_TEXT, "{\"content\":\"a\"}",
	    "{\"content\":\"a\",\"skip_existing\":false}"));
	assert_false(is_same(CAPTAIN_INDEX_TEXT,
	    "{\"content\":\"a\",\"custom_metadata\":{\"b\":1}}",
	    "{\"content\":\"a\",\"custom_metadata\":{\"b\":2}}"));
	/* Nothing is stored that follows from what opens a bucket. */
	assert_true(is_same(CAPTAIN_INDEX_S3,
	    "{\"bucket_name\":\"a\",\"aws_secret_access_key\":\"b\"}",
	    "{\"bucket_name\":\"a\",\"aws_secret_access_key\":\"c\","
	    "\"aws_access_key_id\":\"d\",\"auth\":{}}"));
	assert_false(is_same(CAPTAIN_INDEX_S3, "{\"bucket_name\":\"a\"}",
	    "{\"bucket_name\":\"b\"}"));
	assert_false(is_same(CAPTAIN_INDEX_S3_FILE,
	    "{\"bucket_name\":\"a\",\"file_uri\":\"s3://a/b\"}",
	    "{\"bucket_name\":\"a\",\"file_uri\":\"s3://a/c\"}"));
}

/* ---- kinds --------------------------------------------------------------- */

static size_t
fields_count(const struct captain_field *fields, const char *name)
{
	size_t count = 0;

	for (; fields->name != NULL; fields++)
		count += name == NULL || strcmp(fields->name, name) == 0;
	return count;
}

/* Each kind's fields have their room, and each has its name once. */
static void
test_fields(void **state)
{
	const struct captain_field *lists[3];
	size_t total, times;
	int kind;

	(void)state;
	for (kind = 0; kind < CAPTAIN_INDEX_COUNT; kind++) {
		lists[0] = captain_index_fields(
		    (enum captain_index_kind)kind);
		lists[1] = captain_index_secrets(
		    (enum captain_index_kind)kind);
		lists[2] = captain_index_common();
		total = 0;
		for (size_t i = 0; i < 3; i++) {
			total += fields_count(lists[i], NULL);
			for (const struct captain_field *field = lists[i];
			     field->name != NULL; field++) {
				times = 0;
				for (size_t j = 0; j < 3; j++)
					times += fields_count(lists[j],
					    field->name);
				assert_int_equal(times, 1);
			}
		}
		assert_true(total <= CAPTAIN_INDEX_FIELDS_MAX);
	}
}

/* ---- jobs ---------------------------------------------------------------- */

static void
expect_words(struct job *job, const char *form, const char *type,
    const char *processing)
{
	(void)snprintf(job->form, sizeof(job->form), "%s", form);
	assert_string_equal(captain_job_type(job), type);
	assert_string_equal(captain_processing(job), processing);
}

static void
test_form(void **state)
{
	static const char *const types[] = {
#define CAPTAIN_INDEX(name, path, job_type, start, fields, secrets, flags)    \
	(job_type),
#include "api/captain/captain_index_tbl.h"
	};
	struct job job = {.kind = JOB_KIND_IMPORT,
	    .dialect = DIALECT_CAPTAIN};
	char form[JOB_FORM_SIZE];

	(void)state;
	for (size_t i = 0; i < CAPTAIN_INDEX_COUNT; i++) {
		assert_true(snprintf(form, sizeof(form), "%s advanced",
				types[i]) < (int)sizeof(form));
		expect_words(&job, form, types[i], "advanced");
	}
	expect_words(&job, "index_s3 auto", "index_s3", "auto");
	expect_words(&job, "index_s3 basic", "index_s3", "basic");
	expect_words(&job, "index_s3", "index_s3", "basic");
	expect_words(&job, "index_s3  advanced", "index_s3", "basic");
	expect_words(&job, "index_s3 best", "index_s3", "basic");
	expect_words(&job, "index_s3_fil basic", "index_sources", "basic");
	expect_words(&job, "", "index_sources", "basic");
	job.kind = JOB_KIND_TEXT;
	expect_words(&job, "index", "index_text", "basic");
	/* The words of another dialect say nothing here. */
	job.dialect = DIALECT_NATIVE;
	expect_words(&job, "index_s3 advanced", "index_text", "basic");
}

static void
test_billing(void **state)
{
	static const struct {
		const char *form;
		double used;
	} rows[] = {{"index_text basic", 4}, {"index_text advanced", 10},
	    {"index_text auto", 4}};
	struct captain_extra extra = {.seconds_left = -1, .files_limit = 50};
	struct job job = {.state = JOB_COMPLETED, .kind = JOB_KIND_TEXT,
	    .dialect = DIALECT_CAPTAIN, .scan = SCAN_DONE, .characters = 9001,
	    .created_us = 1, .started_us = 1, .updated_us = 1,
	    .finished_us = 1, .base_name = "x",
	    .counts = {.total = 1, .completed = 1}};
	const json_t *billing, *credits;
	struct buf out;
	struct jsonw w;
	json_t *tree;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		(void)snprintf(job.form, sizeof(job.form), "%s",
		    rows[i].form);
		buf_init(&out, 1 << 16);
		jsonw_init(&w, &out);
		captain_write_job(&w, &job, NULL);
		captain_write_rest(&w, &job, &extra);
		tree = json_loads(buf_text(&out), 0, NULL);
		billing = json_object_get(tree, "billing");
		credits = json_object_get(billing, "credits");
		assert_true(json_number_value(json_object_get(credits,
				"used")) - rows[i].used < 1e-9 &&
		    rows[i].used - json_number_value(json_object_get(credits,
			"used")) < 1e-9);
		assert_string_equal(json_string_value(json_object_get(billing,
					"processing_type")),
		    rows[i].form + strlen("index_text "));
		assert_int_equal(json_integer_value(json_object_get(billing,
				     "pages_processed")), 4);
		json_decref(tree);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_object_key),
	    cmocka_unit_test(test_directory_prefix),
	    cmocka_unit_test(test_long_keys),
	    cmocka_unit_test(test_metadata),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_form),
	    cmocka_unit_test(test_billing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
