/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "text/scrub.h"
#include "text/space.h"

static void
expect(bool squeezes, bool drops, const char *text, const char *expected)
{
	char copy[512];
	size_t len = strlen(text);

	assert_true(len < sizeof(copy));
	memcpy(copy, text, len);
	len = scrub_text(copy, len, squeezes, drops, NULL, 0);
	copy[len] = '\0';
	assert_string_equal(copy, expected);
	assert_true(utf8_is_valid(copy, len));
}

static void
test_odd(void **state)
{
	(void)state;
	expect(false, false, "", "");
	expect(false, false, "<|im|>", "<im>");
	expect(false, false, "<|>", "<>");
	expect(false, false, "<||>", "<>");
	expect(false, false, "|<|>", "|<>");
	expect(false, false, "<\x01|", "<|");
	expect(false, false, "| >", "| >");
	expect(false, false, "a\tb\r\nc\x0B\x0C\x1F\x7F" "d", "a\tb\r\ncd");
	expect(false, false, "x\xEF\xBF\xBEy\xEF\xBF\xBD", "xy\xEF\xBF\xBD");
	/* The letters whose numbers are the bytes of that one stay. */
	expect(false, false, "\xC3\xAF\xC2\xBF\xC2\xBE",
	    "\xC3\xAF\xC2\xBF\xC2\xBE");
	expect(false, false, "a  b\n\n\n\nc", "a  b\n\n\n\nc");
}

static void
test_blanks(void **state)
{
	(void)state;
	expect(true, false, "a\n\n\nb\n\nc\nd\n\n\n\n\n", "a\n\nb\n\nc\nd\n\n");
	expect(true, false, "a \t b\tc \xC2\xA0" "d\xE3\x80\x80\xE3\x80\x80"
	    "e\xE3\x80\x80" "f", "a b\tc d e\xE3\x80\x80" "f");
	expect(true, false, "\r\n\r\n\r\n", "\r\n\r\n\r\n");
	expect(true, false, "a \n \n \nb", "a \n \n \nb");
	expect(true, false, "\xE2\x80\x80\xE2\x80\x8A\xE1\xA0\x8E"
	    "\xE1\x9A\x80\xE2\x80\xAF\xE2\x81\x9F" "x", " x");
	/* A line separator is none of them. */
	expect(true, false, "\xE2\x80\xA8\xE2\x80\xA8",
	    "\xE2\x80\xA8\xE2\x80\xA8");
}

static void
test_addresses(void **state)
{
	(void)state;
	expect(false, true, "mail me@x.org or http://a.b/c?d=1, see "
	    "![pic](https://h/i.png) and [t](https://k/l)",
	    "mail  or  see ![pic](https://h/i.png) and [t](https://k/l)");
	expect(false, true, "a@b c@d. e@f.g. h", "a@b c@d.  h");
	expect(false, true, "a@b@c.d x", "a@ x");
	expect(false, true, "a@b.cd@e.f", "@e.f");
	expect(false, true, "@x.y", "@x.y");
	expect(false, true, "http:// https:/x xhttps://y\nz", "http:// "
	    "https:/x x\nz");
	expect(false, true, "[http://a](http://b) http://c[t](http://d)",
	    "[http://a](http://b) [t](http://d)");
	expect(false, true, "[a [b](http://c) [d](e) [f](http://", "[a [b]"
	    "(http://c) [d](e) [f](http://");
	expect(false, true, "[f](http://g", "[f](");
	expect(false, true, "http://a\xE3\x80\x80" "b", "\xE3\x80\x80" "b");
	expect(false, false, "a@b.c http://d", "a@b.c http://d");
	expect(true, true, "x  a@b.c\n\n\n  y", "x \n\n y");
}

static void
test_marks(void **state)
{
	struct scrub_mark marks[] = {{0, 1}, {3, 2}, {4, 3}, {12, 4}, {19, 5},
	    {20, 6}};
	char text[] = "<|\x01" "abc    a@b.cd yz<|x";
	size_t len;

	(void)state;
	len = scrub_text(text, strlen(text), true, true, marks, 6);
	assert_int_equal(len, 10);
	assert_memory_equal(text, "<abc  yz<x", 10);
	assert_int_equal(marks[0].at, 0);
	assert_int_equal(marks[1].at, 1); /* "abc" */
	assert_int_equal(marks[2].at, 2); /* "bc" */
	assert_int_equal(marks[3].at, 5); /* within what went */
	assert_int_equal(marks[4].at, 8); /* "<|" */
	assert_int_equal(marks[5].at, 9); /* "x", behind the "|" that went */
}

static void
test_trim(void **state)
{
	const char *text = " \n\xC2\xA0x \xE3\x80\x80\xE9\xA3\x9F\xE2\x80\xA8";
	size_t start = 0, end = strlen(text);

	(void)state;
	space_trim(text, &start, &end);
	assert_int_equal(start, 4);
	assert_int_equal(end, 12);
	end = 4;
	start = 0;
	space_trim(text, &start, &end);
	assert_int_equal(start, end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_trim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
