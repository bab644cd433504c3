/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_repr.h"
#include "base/buf.h"

#define FURTHER(type)                                                         \
	"\n    For further information visit "                                \
	"https://errors.pydantic.dev/2.12/v/" type

static const char *const colours[] = {"red", "green", "blue", NULL};
static const char *const sides[] = {"left", "right", NULL};
static const struct dify_field inner_fields[] = {
    {.name = "top_k", .type = DIFY_INTEGER, .is_required = true,
	.has_range = true, .min = 1, .max = 10},
};
static const struct dify_form inner = DIFY_FORM("Inner", inner_fields);
static const struct dify_field outer_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = 4},
    {.name = "colour", .type = DIFY_TEXT, .words = colours},
    {.name = "side", .type = DIFY_TEXT, .words = sides},
    {.name = "flag", .type = DIFY_BOOL},
    {.name = "ratio", .type = DIFY_REAL},
    {.name = "inner", .type = DIFY_OBJECT, .of = &inner},
    {.name = "free", .type = DIFY_OBJECT},
    {.name = "ids", .type = DIFY_TEXTS, .has_range = true, .min = 1,
	.max = 2},
    {.name = "list", .type = DIFY_OBJECTS, .of = &inner},
    {.name = "any", .type = DIFY_ANY},
};
static const struct dify_form outer = DIFY_FORM("Outer", outer_fields);

static void
expect(const char *json, unsigned errors, const char *words)
{
	json_t *body = json_loads(json, JSON_DECODE_ANY, NULL);
	struct buf out;

	assert_non_null(body);
	buf_init(&out, 1 << 20);
	assert_int_equal(dify_form_check(&outer, body, &out), errors);
	assert_string_equal(buf_text(&out), words);
	buf_fini(&out);
	json_decref(body);
}

static void
test_good_bodies(void **state)
{
	(void)state;
	expect("{\"name\": \"a\"}", 0, "");
	/* Characters are counted, not bytes. */
	expect("{\"name\": \"\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\"}", 0, "");
	/* null is absent, what is not known is no matter. */
	expect("{\"name\": \"a\", \"colour\": null, \"inner\": null, "
	    "\"ids\": null, \"unknown\": [1]}", 0, "");
	expect("{\"name\": \"a\", \"colour\": \"blue\", \"flag\": \"true\", "
	    "\"ratio\": \"0.5\", \"inner\": {\"top_k\": \"3\"}, "
	    "\"free\": {\"x\": 1}, \"ids\": [\"a\", \"b\"], "
	    "\"list\": [{\"top_k\": 3.0}], \"any\": [true]}", 0, "");
}

static void
test_missing_and_wrong(void **state)
{
	(void)state;
	expect("{}", 1, "1 validation error for Outer\nname\n"
	    "  Field required [type=missing, input_value={}, "
	    "input_type=dict]" FURTHER("missing"));
	expect("{\"name\": null}", 1, "1 validation error for Outer\nname\n"
	    "  Input should be a valid string [type=string_type, "
	    "input_value=None, input_type=NoneType]" FURTHER("string_type"));
	expect("[]", 1, "1 validation error for Outer\n"
	    "  Input should be a valid dictionary or instance of Outer "
	    "[type=model_type, input_value=[], input_type=list]"
	    FURTHER("model_type"));
	expect("{\"name\": \"\", \"colour\": \"pink\"}", 2,
	    "2 validation errors for Outer\nname\n"
	    "  String should have at least 1 character "
	    "[type=string_too_short, input_value='', input_type=str]"
	    FURTHER("string_too_short") "\ncolour\n"
	    "  Input should be 'red', 'green' or 'blue' [type=literal_error, "
	    "input_value='pink', input_type=str]" FURTHER("literal_error"));
	expect("{\"name\": \"abcde\", \"side\": 1}", 2,
	    "2 validation errors for Outer\nname\n"
	    "  String should have at most 4 characters "
	    "[type=string_too_long, input_value='abcde', input_type=str]"
	    FURTHER("string_too_long") "\nside\n"
	    "  Input should be a valid string [type=string_type, "
	    "input_value=1, input_type=int]" FURTHER("string_type"));
}

static void
test_numbers(void **state)
{
	(void)state;
	expect("{\"name\": \"a\", \"inner\": {\"top_k\": 0}}", 1,
	    "1 validation error for Outer\ninner.top_k\n"
	    "  Input should be greater than or equal to 1 "
	    "[type=greater_than_equal, input_value=0, input_type=int]"
	    FURTHER("greater_than_equal"));
	expect("{\"name\": \"a\", \"inner\": {\"top_k\": \"11\"}}", 1,
	    "1 validation error for Outer\ninner.top_k\n"
	    "  Input should be less than or equal to 10 "
	    "[type=less_than_equal, input_value='11', input_type=str]"
	    FURTHER("less_than_equal"));
	expect("{\"name\": \"a\", \"inner\": {\"top_k\": 1.5}}", 1,
	    "1 validation error for Outer\ninner.top_k\n"
	    "  Input should be a valid integer, got a number with a "
	    "fractional part [type=int_from_float, input_value=1.5, "
	    "input_type=float]" FURTHER("int_from_float"));
	expect("{\"name\": \"a\", \"flag\": \"maybe\", \"ratio\": {}}", 2,
	    "2 validation errors for Outer\nflag\n"
	    "  Input should be a valid boolean, unable to interpret input "
	    "[type=bool_parsing, input_value='maybe', input_type=str]"
	    FURTHER("bool_parsing") "\nratio\n"
	    "  Input should be a valid number [type=float_type, "
	    "input_value={}, input_type=dict]" FURTHER("float_type"));
	/* Larger than any number that is exact. */
	expect("{\"name\": \"a\", \"inner\": {\"top_k\": 1e300}}", 1,
	    "1 validation error for Outer\ninner.top_k\n"
	    "  Input should be a valid integer, got a number with a "
	    "fractional part [type=int_from_float, input_value=1e+300, "
	    "input_type=float]" FURTHER("int_from_float"));
}

static void
test_lists(void **state)
{
	(void)state;
	expect("{\"name\": \"a\", \"ids\": []}", 1,
	    "1 validation error for Outer\nids\n"
	    "  List should have at least 1 item after validation, not 0 "
	    "[type=too_short, input_value=[], input_type=list]"
	    FURTHER("too_short"));
	expect("{\"name\": \"a\", \"ids\": [\"x\", 5]}", 1,
	    "1 validation error for Outer\nids.1\n"
	    "  Input should be a valid string [type=string_type, "
	    "input_value=5, input_type=int]" FURTHER("string_type"));
	expect("{\"name\": \"a\", \"list\": [{\"top_k\": 1}, {}]}", 1,
	    "1 validation error for Outer\nlist.1.top_k\n"
	    "  Field required [type=missing, input_value={}, "
	    "input_type=dict]" FURTHER("missing"));
	expect("{\"name\": \"a\", \"list\": 3}", 1,
	    "1 validation error for Outer\nlist\n"
	    "  Input should be a valid list [type=list_type, input_value=3, "
	    "input_type=int]" FURTHER("list_type"));
}

/* A list of a million wrong members costs twenty of them. */
static void
test_many_errors(void **state)
{
	json_t *body = json_pack("{s:s, s:[]}", "name", "a", "list");
	json_t *list = json_object_get(body, "list");
	struct buf out;
	unsigned i;

	(void)state;
	for (i = 0; i < 1000000; i++)
		(void)json_array_append_new(list, json_integer(i));
	buf_init(&out, 1 << 20);
	assert_int_equal(dify_form_check(&outer, body, &out),
	    DIFY_ERRORS_MAX);
	assert_true(out.len < 8192);
	buf_fini(&out);
	json_decref(body);
}

static void
expect_repr(const char *json, const char *words)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	struct buf out;

	assert_non_null(value);
	buf_init(&out, 1 << 16);
	dify_repr(&out, value);
	assert_string_equal(buf_text(&out), words);
	buf_fini(&out);
	json_decref(value);
}

static void
test_repr(void **state)
{
	(void)state;
	expect_repr("{\"a\": [1, 2.5, true, null], \"b\": \"it's\"}",
	    "{'a': [1, 2.5, True, None], 'b': \"it's\"}");
	expect_repr("\"'\\\"\"", "'\\'\"'");
	expect_repr("\"line\\nend\\u0007\"", "'line\\nend\\x07'");
	expect_repr("3.0", "3.0");
	expect_repr("0.1", "0.1");
	/* 50 characters are shown whole, 51 with their middle left out. */
	expect_repr("\"aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbb\"",
	    "'aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbb'");
	expect_repr("\"aaaaaaaaaaaaaaaaaaaaaaaaXbbbbbbbbbbbbbbbbbbbbbbbb\"",
	    "'aaaaaaaaaaaaaaaaaaaaaaaa...bbbbbbbbbbbbbbbbbbbbbbb'");
	/* Three bytes are one character. */
	expect_repr("\"\xE6\xBD\xAE\xE6\xBD\xAE\"", "'\xE6\xBD\xAE"
	    "\xE6\xBD\xAE'");
}

static void
test_repr_of_much(void **state)
{
	static char text[2 * 1000 * 1000 + 3];
	json_t *list = json_array();
	struct buf out;
	size_t i;

	(void)state;
	text[0] = text[sizeof(text) - 2] = '"';
	memset(text + 1, 'x', sizeof(text) - 3);
	expect_repr(text, "'xxxxxxxxxxxxxxxxxxxxxxxx..."
	    "xxxxxxxxxxxxxxxxxxxxxxx'");
	for (i = 0; i < 100000; i++)
		(void)json_array_append_new(list, json_integer(9));
	buf_init(&out, 1 << 16);
	dify_repr(&out, list);
	assert_string_equal(buf_text(&out), "[9, 9, 9, 9, 9, 9, 9, 9, ..."
	    " 9, 9, 9, 9, 9, 9, 9, 9]");
	buf_fini(&out);
	json_decref(list);
}

static void
test_members(void **state)
{
	json_t *body = json_loads("{\"t\": \"x\", \"b\": \"false\", "
	    "\"i\": \"12\", \"r\": 0.25, \"o\": {}, \"n\": null}", 0, NULL);

	(void)state;
	assert_string_equal(dify_text(body, "t"), "x");
	assert_null(dify_text(body, "n"));
	assert_null(dify_text(body, "o"));
	assert_null(dify_text(NULL, "t"));
	assert_false(dify_bool(body, "b", true));
	assert_true(dify_bool(body, "n", true));
	assert_int_equal(dify_integer(body, "i", 1), 12);
	assert_int_equal(dify_integer(body, "t", 1), 1);
	assert_true(dify_real(body, "r", 0) > 0.24 &&
	    dify_real(body, "r", 0) < 0.26);
	assert_non_null(dify_object(body, "o"));
	assert_null(dify_object(body, "t"));
	json_decref(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_bodies),
	    cmocka_unit_test(test_missing_and_wrong),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_many_errors),
	    cmocka_unit_test(test_repr),
	    cmocka_unit_test(test_repr_of_much),
	    cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
