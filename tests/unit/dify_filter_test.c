/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions are tried on documents: what counts is which they let through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_filter.h"
#include "base/buf.h"
#include "base/err.h"
#include "search/filter.h"

#define SECOND 1000000LL

static const struct {
	const char *name, *metadata;
	int64_t created, updated;
} documents[] = {
    {"alpha.txt", "{\"author\": \"Ada Lovelace\", \"year\": 1843, "
	"\"code\": \"007\"}", 1000, 2000},
    {"beta.md", "{\"author\": \"Babbage\", \"year\": 1871, "
	"\"created_at\": \"1990-01-01T00:00:00Z\", \"note\": \"\"}", 3000,
	4000},
    {"gamma.txt", "{}", 5000, 6000},
};
#define DOCUMENTS (sizeof(documents) / sizeof(documents[0]))

static json_t *
make(const char *json)
{
	json_t *conditions = json_loads(json, 0, NULL), *filter = NULL;
	struct err_note note = {""};
	struct buf out;

	assert_non_null(conditions);
	buf_init(&out, 1 << 16);
	assert_int_equal(dify_form_check(&dify_conditions_form, conditions,
	    &out), 0);
	buf_fini(&out);
	assert_int_equal(dify_filter_make(conditions, &filter, &note), 0);
	json_decref(conditions);
	return filter;
}

/* which: a letter for each document that is found. */
static void
expect(const char *json, const char *which)
{
	struct filter_subject subject;
	json_t *filter = make(json), *metadata;
	char found[DOCUMENTS + 1] = "";
	size_t i, n = 0;

	for (i = 0; i < DOCUMENTS; i++) {
		metadata = json_loads(documents[i].metadata, 0, NULL);
		subject = (struct filter_subject){metadata,
		    documents[i].name, "upload:///x",
		    documents[i].created * SECOND,
		    documents[i].updated * SECOND, NULL};
		if (filter == NULL || filter_holds(filter, &subject))
			found[n++] = documents[i].name[0];
		json_decref(metadata);
	}
	found[n] = '\0';
	json_decref(filter);
	assert_string_equal(found, which);
}

static void
one(const char *name, const char *operator, const char *value,
    const char *which)
{
	char json[512];

	(void)snprintf(json, sizeof(json), "{\"conditions\": [{\"name\": "
	    "\"%s\", \"comparison_operator\": \"%s\", \"value\": %s}]}", name,
	    operator, value);
	expect(json, which);
}

static void
test_texts(void **state)
{
	(void)state;
	one("author", "contains", "\"Love\"", "a");
	one("author", "contains", "\"love\"", ""); /* its very letters */
	one("author", "not contains", "\"Love\"", "b");
	one("author", "start with", "\"Ada\"", "a");
	one("author", "end with", "\"age\"", "b");
	one("author", "is", "\"Babbage\"", "b");
	one("author", "is not", "\"Babbage\"", "a");
	one("author", "in", "[\"Babbage\", \"Ada Lovelace\"]", "ab");
	one("author", "in", "\"Babbage, Nobody\"", "b");
	one("author", "not in", "[\"Babbage\"]", "a");
	one("author", "empty", "null", "g");
	one("author", "not empty", "null", "ab");
	one("note", "empty", "\"\"", "abg");
}

static void
test_numbers(void **state)
{
	(void)state;
	one("year", "=", "1843", "a");
	one("year", "=", "\"1843\"", "a");
	one("year", "\xE2\x89\xA0", "1843", "b");
	one("year", ">", "1843", "b");
	one("year", "\xE2\x89\xA5", "1843", "ab");
	one("year", "<", "\"1871\"", "a");
	one("year", "\xE2\x89\xA4", "1871", "ab");
	one("year", "after", "1850.5", "b");
	one("year", "in", "\"1843, 1900\"", "a");
	/* Digits that are a text stay one. */
	one("code", "is", "\"007\"", "a");
	one("code", "=", "7", "");
}

static void
test_built_in(void **state)
{
	(void)state;
	one("document_name", "end with", "\".txt\"", "ag");
	one("upload_date", "after", "1000", "bg");
	/* The document's own, not what its metadata says. */
	one("upload_date", "before", "\"4000\"", "ab");
	one("last_update_date", "\xE2\x89\xA5", "4000", "bg");
	one("uploader", "is", "\"default\"", "abg");
	one("uploader", "is", "\"somebody\"", "");
	one("source", "is not", "\"file_upload\"", "");
	one("source", "contains", "\"upload\"", "abg");
	one("source", "empty", "null", "");
}

static void
test_together(void **state)
{
	(void)state;
	expect("{\"logical_operator\": \"and\", \"conditions\": ["
	    "{\"name\": \"author\", \"comparison_operator\": \"not empty\"},"
	    "{\"name\": \"year\", \"comparison_operator\": \">\", "
	    "\"value\": 1850}]}", "b");
	expect("{\"logical_operator\": \"or\", \"conditions\": ["
	    "{\"name\": \"author\", \"comparison_operator\": \"empty\"},"
	    "{\"name\": \"year\", \"comparison_operator\": \">\", "
	    "\"value\": 1850}]}", "bg");
	/* A condition without a value is none. */
	expect("{\"conditions\": [{\"name\": \"author\", "
	    "\"comparison_operator\": \"is\", \"value\": null}]}", "abg");
	expect("{\"logical_operator\": \"or\", \"conditions\": ["
	    "{\"name\": \"author\", \"comparison_operator\": \"is\"},"
	    "{\"name\": \"year\", \"comparison_operator\": \"=\", "
	    "\"value\": 1843}]}", "a");
	expect("{\"conditions\": []}", "abg");
	expect("{\"conditions\": null}", "abg");
	expect("{}", "abg");
}

static void
refuse(const char *name, const char *operator, const char *value)
{
	struct err_note note = {""};
	json_t *conditions, *filter = NULL;

	conditions = json_pack("{s:[{s:s, s:s, s:o}]}", "conditions", "name",
	    name, "comparison_operator", operator, "value",
	    json_loads(value, JSON_DECODE_ANY, NULL));
	assert_non_null(conditions);
	assert_int_equal(dify_filter_make(conditions, &filter, &note),
	    ERR_INVALID);
	assert_null(filter);
	assert_true(note.text[0] != '\0');
	json_decref(conditions);
}

static void
test_refused(void **state)
{
	char list[8192];
	size_t len = 1, i;

	(void)state;
	refuse("author", "is", "true");
	refuse("author", "is", "[\"a\"]");
	refuse("author", "in", "[{}]");
	refuse("$or", "is", "\"a\"");
	list[0] = '[';
	for (i = 0; i < 201; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len,
		    "%s\"v%zu\"", i == 0 ? "" : ",", i);
	(void)snprintf(list + len, sizeof(list) - len, "]");
	refuse("author", "in", list);
}

static void
test_words_of_the_form(void **state)
{
	json_t *conditions = json_loads("{\"conditions\": [{\"name\": \"x\", "
	    "\"comparison_operator\": \"like\", \"value\": \"y\"}]}", 0, NULL);
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(dify_form_check(&dify_conditions_form, conditions,
	    &out), 1);
	assert_non_null(strstr(buf_text(&out),
	    "conditions.0.comparison_operator\n  Input should be 'contains', "
	    "'not contains', "));
	buf_fini(&out);
	json_decref(conditions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_built_in),
	    cmocka_unit_test(test_together),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_words_of_the_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
