/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/native/native_cursor.h"
#include "base/err.h"

static void
test_round_trip(void **state)
{
	static const int64_t positions[] = {0, 1, 255, 256, 1000000007,
	    INT64_MAX};
	struct native_cursor cursor = {.list = 'i', .scope = 42};
	char text[NATIVE_CURSOR_SIZE];
	int64_t position;

	(void)state;
	for (size_t i = 0; i < sizeof(positions) / sizeof(*positions); i++) {
		cursor.position = positions[i];
		native_cursor_format(&cursor, text);
		assert_int_equal(strlen(text), NATIVE_CURSOR_SIZE - 1);
		assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789-_"), strlen(text));
		position = -1;
		assert_int_equal(native_cursor_parse(text, 'i', 42,
		    &position), 0);
		assert_true(position == positions[i]);
	}
}

/* The text is a promise to clients that keep it over a restart. */
static void
test_is_stable(void **state)
{
	struct native_cursor cursor = {.list = 'j', .scope = 0,
	    .position = 1842};
	char text[NATIVE_CURSOR_SIZE];

	(void)state;
	native_cursor_format(&cursor, text);
	assert_string_equal(text, "AWoAAAAAAAAAAAAAAAAAAAcyER6BmA");
}

static void
test_refused(void **state)
{
	struct native_cursor cursor = {.list = 'i', .scope = 42,
	    .position = 77};
	char text[NATIVE_CURSOR_SIZE + 1], kept;
	int64_t position = 5;

	(void)state;
	native_cursor_format(&cursor, text);
	assert_int_equal(native_cursor_parse(text, 'j', 42, &position),
	    ERR_SYNTAX);
	assert_int_equal(native_cursor_parse(text, 'i', 43, &position),
	    ERR_SYNTAX);
	for (size_t i = 0; i < NATIVE_CURSOR_SIZE - 1; i++) {
		kept = text[i];
		text[i] = kept == 'A' ? 'B' : 'A';
		assert_int_equal(native_cursor_parse(text, 'i', 42,
		    &position), ERR_SYNTAX);
		text[i] = '=';
		assert_int_equal(native_cursor_parse(text, 'i', 42,
		    &position), ERR_SYNTAX);
		text[i] = kept;
	}
	text[NATIVE_CURSOR_SIZE - 1] = 'A';
	text[NATIVE_CURSOR_SIZE] = '\0';
	assert_int_equal(native_cursor_parse(text, 'i', 42, &position),
	    ERR_SYNTAX);
	assert_int_equal(native_cursor_parse("", 'i', 42, &position),
	    ERR_SYNTAX);
	assert_int_equal(position, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_is_stable),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
