/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/err.h"
#include "search/filter.h"

struct row {
	const char *filter;
	int holds; /* -1: refused */
};

static const char subject[] =
    "{\"year\": 2024, \"tags\": [\"red\", \"blue\"], \"lang\": \"en\","
    " \"price\": 9.5, \"draft\": false, \"none\": null}";

static const struct row rows[] = {
    {"{}", 1},
    {"{\"year\": 2024}", 1},
    {"{\"year\": 2024.0}", 1},
    {"{\"year\": \"2024\"}", 0},
    {"{\"year\": 2023}", 0},
    {"{\"year\": [2023, 2024]}", 1},
    {"{\"year\": []}", 0},
    {"{\"tags\": \"red\"}", 1},
    {"{\"tags\": [\"green\", \"blue\"]}", 1},
    {"{\"tags\": \"green\"}", 0},
    {"{\"draft\": false}", 1},
    {"{\"draft\": true}", 0},
    {"{\"none\": null}", 1},
    {"{\"missing\": null}", 0},
    {"{\"name\": \"a.md\"}", 1},
    {"{\"uri\": {\"$gte\": \"file:\"}}", 1},
    {"{\"year\": {\"$gte\": 2020, \"$lt\": 2025}}", 1},
    {"{\"year\": {\"$gt\": 2024}}", 0},
    {"{\"year\": {\"$lte\": 2024}}", 1},
    {"{\"price\": {\"$gt\": 9}}", 1},
    {"{\"lang\": {\"$gt\": 3}}", 0},
    {"{\"lang\": {\"$ne\": \"de\"}}", 1},
    {"{\"missing\": {\"$ne\": \"de\"}}", 1},
    {"{\"missing\": {\"$nin\": [1]}}", 1},
    {"{\"missing\": {\"$gt\": 1}}", 0},
    {"{\"lang\": {\"$in\": [\"de\", \"en\"]}}", 1},
    {"{\"lang\": {\"$nin\": [\"de\", \"en\"]}}", 0},
    {"{\"lang\": {\"$exists\": true}, \"x\": {\"$exists\": false}}", 1},
    {"{\"lang\": {\"$contains\": \"n\"}}", 1},
    {"{\"lang\": {\"$contains\": \"N\"}}", 0},
    {"{\"lang\": {\"$ncontains\": \"x\"}}", 1},
    {"{\"tags\": {\"$contains\": \"lu\"}}", 1},
    {"{\"tags\": {\"$ncontains\": \"lu\"}}", 0},
    {"{\"year\": {\"$contains\": \"2\"}}", 0},
    {"{\"missing\": {\"$ncontains\": \"2\"}}", 1},
    {"{\"name\": {\"$starts\": \"a.\"}}", 1},
    {"{\"name\": {\"$starts\": \".md\"}}", 0},
    {"{\"name\": {\"$ends\": \".md\"}}", 1},
    {"{\"name\": {\"$ends\": \"xxa.md\"}}", 0},
    {"{\"year\": {\"$ends\": \"4\"}}", 0},
    {"{\"missing\": {\"$empty\": true}}", 1},
    {"{\"none\": {\"$empty\": true}}", 1},
    {"{\"lang\": {\"$empty\": true}}", 0},
    {"{\"draft\": {\"$empty\": false}}", 1},
    {"{\"created_at\": 1700000000}", 1},
    {"{\"document.created_at\": 1700000000}", 1},
    {"{\"document.name\": \"a.md\"}", 1},
    {"{\"document.year\": {\"$exists\": true}}", 0},
    {"{\"updated_at\": {\"$gt\": 1700000000}}", 1},
    {"{\"created_at\": {\"$gt\": 1700000000}}", 0},
    {"{\"lang\": {\"$starts\": 1}}", -1},
    {"{\"lang\": {\"$empty\": 1}}", -1},
    {"{\"$or\": [{\"lang\": \"de\"}, {\"year\": 2024}]}", 1},
    {"{\"$or\": []}", 0},
    {"{\"$and\": []}", 1},
    {"{\"$not\": {\"lang\": \"de\"}}", 1},
    {"{\"$not\": {\"lang\": \"en\"}}", 0},
    {"{\"$not\": {\"missing\": {\"$gt\": 1}}}", 1},
    {"{\"$not\": {}}", 0},
    {"{\"$not\": {\"$not\": {\"year\": 2024}}}", 1},
    {"{\"$or\": [{\"$not\": {\"year\": 2024}}, {\"lang\": \"en\"}]}", 1},
    {"{\"$not\": [{\"year\": 2024}]}", -1},
    {"{\"$not\": {\"year\": {\"$near\": 1}}}", -1},
    {"{\"document.id\": \"0b1f4a52-1c6f-8a0e-9a33-2f5d0e6c7b11\"}", 1},
    {"{\"id\": {\"$starts\": \"0b1f\"}}", 1},
    {"{\"document.id\": \"x\"}", 0},
    {"{\"$and\": [{\"lang\": \"en\"}, {\"year\": 1}]}", 0},
    {"[]", -1},
    {"{\"$or\": {}}", -1},
    {"{\"$nor\": []}", -1},
    {"{\"year\": {\"$near\": 1}}", -1},
    {"{\"year\": {\"$in\": 1}}", -1},
    {"{\"year\": {\"$gt\": [1]}}", -1},
    {"{\"year\": {\"$exists\": 1}}", -1},
    {"{\"$and\": [{\"$and\": [{\"$and\": [{\"$and\": [{\"$and\": [{\"$and\":"
     " [{\"$and\": [{\"$and\": [{\"a\": 1}]}]}]}]}]}]}]}]}",
	-1},
};

static void
test_rows(void **state)
{
	json_t *metadata = json_loads(subject, 0, NULL), *filter;
	struct filter_subject document = {.metadata = metadata,
	    .name = "a.md", .uri = "file:///a.md",
	    .created_us = 1700000000999999, .updated_us = 1700000001000000,
	    .id = "0b1f4a52-1c6f-8a0e-9a33-2f5d0e6c7b11"};
	struct err_note note = {""};
	size_t i;
	int got;

	(void)state;
	assert_non_null(metadata);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		filter = json_loads(rows[i].filter, 0, NULL);
		assert_non_null(filter);
		got = filter_check(filter, &note);
		if (got == 0)
			got = filter_holds(filter, &document);
		else
			got = -1;
		if (got != rows[i].holds)
			fail_msg("%s gave %d", rows[i].filter, got);
		json_decref(filter);
	}
	json_decref(metadata);
}

static void
test_many_terms(void **state)
{
	json_t *filter = json_object();
	struct err_note note = {""};
	char name[16];
	int i;

	(void)state;
	for (i = 0; i <= FILTER_TERMS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		assert_int_equal(json_object_set_new(filter, name,
				     json_integer(i)),
		    0);
	}
	assert_int_equal(filter_check(filter, &note), ERR_INVALID);
	json_decref(filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_many_terms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
