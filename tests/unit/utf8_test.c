/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf8.h"

/* Every scalar value goes out and comes back; with a byte less it is bad. */
static void
test_all(void **state)
{
	char text[4];
	size_t len, got;
	uint32_t c;

	(void)state;
	for (c = 0; c <= 0x10FFFF; c++) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		len = utf8_encode(c, text);
		if (utf8_decode(text, len, &got) != c || got != len)
			fail_msg("U+%04X", c);
		if (!utf8_is_valid(text, len) || utf8_count(text, len) != 1)
			fail_msg("U+%04X", c);
		if (len > 1 && (utf8_decode(text, len - 1, &got) != UTF8_BAD ||
				   got != 1))
			fail_msg("U+%04X cut", c);
	}
	assert_int_equal(utf8_encode(0x7F, text), 1);
	assert_int_equal(utf8_encode(0x80, text), 2);
	assert_int_equal(utf8_encode(0x7FF, text), 2);
	assert_int_equal(utf8_encode(0x800, text), 3);
	assert_int_equal(utf8_encode(0xFFFF, text), 3);
	assert_int_equal(utf8_encode(0x10000, text), 4);
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {
	    "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", /* tails, overlong */
	    "\xC3", "\xC3(", "\xE2\x82", "\xE2(\xAC", "\xE2\x82(",
	    "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", /* surrogates */
	    "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
	    "\xF0\x9F\x98", "\xF0\x9F\x98(", "\xFE", "\xFF",
	};
	size_t i, got;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		got = 99;
		assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &got),
		    UTF8_BAD);
		assert_int_equal(got, 1);
		assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
	}
}

/* All pairs of two bytes after seven plain ones, so that the fast way over
 * eight at once meets each byte at each place. */
static void
test_valid_everywhere(void **state)
{
	char text[24];
	size_t at;
	int c;

	(void)state;
	for (at = 0; at < 22; at++)
		for (c = 0; c < 256; c++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(utf8_is_valid(text, sizeof(text)),
			    c < 0x80);
			text[at + 1] = (char)0x80;
			assert_int_equal(utf8_is_valid(text, sizeof(text)),
			    c >= 0xC2 && c <= 0xDF);
		}
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("a\0b", 3));
}

static void
test_floor(void **state)
{
	static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
	static const size_t floors[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
	size_t max;

	(void)state;
	for (max = 0; max < sizeof(floors) / sizeof(floors[0]); max++)
		assert_int_equal(utf8_floor(text, 10, max), floors[max]);
	assert_int_equal(utf8_count(text, 10), 4);
	assert_int_equal(utf8_count("", 0), 0);
	assert_int_equal(utf8_floor("", 0, 5), 0);
}

static void
expect_trim(const char *text, const char *wanted)
{
	char *copy = mem_strdup(text);

	assert_non_null(copy);
	utf8_trim(copy);
	assert_string_equal(copy, wanted);
	mem_free(copy);
}

static void
test_trim(void **state)
{
	(void)state;
	expect_trim("", "");
	expect_trim("abc", "abc");
	expect_trim("ab\xC3", "ab");
	expect_trim("ab\xC3\xA4", "ab\xC3\xA4");
	expect_trim("\xE2\x82", "");
	expect_trim("a\xE2\x82\xAC", "a\xE2\x82\xAC");
	expect_trim("a\xF0\x9F\x98", "a");
	expect_trim("a\xF0\x9F", "a");
	expect_trim("a\xF0", "a");
	expect_trim("a\xF0\x9F\x98\x80", "a\xF0\x9F\x98\x80");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_valid_everywhere),
	    cmocka_unit_test(test_floor),
	    cmocka_unit_test(test_trim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
