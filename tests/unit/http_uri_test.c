/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "http/uri.h"

static char text[8192];
static struct uri uri;

static int
parse(const char *target)
{
	assert_true(strlen(target) < sizeof(text));
	memcpy(text, target, strlen(target) + 1);
	return uri_parse(text, &uri);
}

static void
test_path(void **state)
{
	(void)state;
	assert_int_equal(parse("/v1/a%2Fb/c%20d"), 0);
	assert_int_equal(uri.segment_count, 3);
	assert_string_equal(uri.segments[0].text, "v1");
	assert_string_equal(uri.segments[1].text, "a/b");
	assert_string_equal(uri.segments[2].text, "c d");
	assert_int_equal(uri.segments[2].len, 3);
	assert_false(uri.has_slash);
	assert_int_equal(parse("/"), 0);
	assert_int_equal(uri.segment_count, 0);
	assert_int_equal(parse("/a/"), 0);
	assert_int_equal(uri.segment_count, 1);
	assert_true(uri.has_slash);
	assert_int_equal(parse("/a//b"), 0);
	assert_int_equal(uri.segment_count, 3);
	assert_int_equal(uri.segments[1].len, 0);
	assert_int_equal(parse("http://host:1/x?y=1"), 0);
	assert_string_equal(uri.segments[0].text, "x");
	assert_string_equal(uri.query[0].value, "1");
	assert_int_equal(parse("/a+b"), 0);
	assert_string_equal(uri.segments[0].text, "a+b");
}

static void
test_bad_path(void **state)
{
	(void)state;
	assert_int_equal(parse("/a%zz"), ERR_SYNTAX);
	assert_int_equal(parse("/a%2"), ERR_SYNTAX);
	assert_int_equal(parse("/a%00b"), ERR_SYNTAX);
	assert_int_equal(parse("*"), ERR_SYNTAX);
	assert_int_equal(parse("/a?b=%00"), ERR_SYNTAX);
	assert_int_equal(parse("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"),
	    0);
	assert_int_equal(uri.segment_count, HTTP_SEGMENTS_MAX + 1);
}

static void
test_query(void **state)
{
	(void)state;
	assert_int_equal(parse("/x?a=1&b=two+words&&c&a=%C3%A4&=e&d=5%"), 0);
	assert_int_equal(uri.query_count, 6);
	assert_string_equal(uri.query[0].name, "a");
	assert_string_equal(uri.query[1].value, "two words");
	assert_string_equal(uri.query[2].name, "c");
	assert_string_equal(uri.query[2].value, "");
	assert_string_equal(uri.query[3].value, "\xC3\xA4");
	assert_string_equal(uri.query[4].name, "");
	assert_string_equal(uri.query[5].value, "5%");
}

static void
test_query_many(void **state)
{
	char target[4096] = "/x?";
	size_t len = 3;

	(void)state;
	for (unsigned i = 0; i < HTTP_QUERY_MAX; i++)
		len += (size_t)snprintf(target + len, sizeof(target) - len,
		    "a=%u&", i);
	assert_int_equal(parse(target), 0);
	assert_int_equal(uri.query_count, HTTP_QUERY_MAX);
	(void)snprintf(target + len, sizeof(target) - len, "b=1");
	assert_int_equal(parse(target), ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_path),
	    cmocka_unit_test(test_bad_path),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_query_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
