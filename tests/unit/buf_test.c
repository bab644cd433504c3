/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

static void
test_grows(void **state)
{
	struct buf buf;
	size_t i;

	(void)state;
	buf_init(&buf, 100000);
	assert_null(buf.data);
	assert_string_equal(buf_text(&buf), "");
	for (i = 0; i < 100000; i++)
		assert_int_equal(buf_putc(&buf, (char)('a' + i % 26)), 0);
	assert_int_equal(buf.len, 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	assert_int_equal(buf.data[100000], '\0');
	buf_fini(&buf);
	assert_null(buf.data);
	buf_fini(&buf);
}

static void
test_puts(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	/* Room alone is an empty string. */
	assert_int_equal(buf_reserve(&buf, 10), 0);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf_puts(&buf, "ab"), 0);
	assert_int_equal(buf_put(&buf, "c\0d", 3), 0);
	assert_int_equal(buf_put(&buf, NULL, 0), 0);
	assert_int_equal(buf_printf(&buf, "-%d-%s", 42, "x"), 0);
	assert_int_equal(buf.len, 10);
	assert_memory_equal(buf.data, "abc\0d-42-x", 11);
	buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_text(&buf), "");
	/* Longer than what is left of the block. */
	assert_int_equal(buf_printf(&buf, "%0700d", 7), 0);
	assert_int_equal(buf.len, 700);
	assert_int_equal(strlen(buf_text(&buf)), 700);
	buf_fini(&buf);
}

static void
test_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	assert_int_equal(buf_puts(&buf, "1234"), 0);
	assert_int_equal(buf_puts(&buf, ""), 0);
	assert_int_equal(buf_putc(&buf, '5'), ERR_TOO_BIG);
	/* It sticks, and what was there stays. */
	assert_int_equal(buf_puts(&buf, ""), ERR_TOO_BIG);
	assert_int_equal(buf_printf(&buf, "x"), ERR_TOO_BIG);
	assert_int_equal(buf.err, ERR_TOO_BIG);
	assert_string_equal(buf_text(&buf), "1234");
	assert_null(buf_take(&buf));
	buf_clear(&buf);
	assert_int_equal(buf.err, 0);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX), ERR_TOO_BIG);
	buf_clear(&buf);
	assert_int_equal(buf_puts(&buf, "123"), 0);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX - 1), ERR_TOO_BIG);
	buf_fini(&buf);

	buf_init(&buf, 0);
	assert_int_equal(buf_puts(&buf, ""), 0);
	assert_int_equal(buf_putc(&buf, 'x'), ERR_TOO_BIG);
	buf_fini(&buf);
}

static void
test_take(void **state)
{
	struct buf buf;
	char *text;

	(void)state;
	buf_init(&buf, 1000);
	text = buf_take(&buf); /* nothing, terminated */
	assert_string_equal(text, "");
	mem_free(text);
	assert_int_equal(buf_puts(&buf, "abc"), 0);
	text = buf_take(&buf);
	assert_string_equal(text, "abc");
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf_puts(&buf, "again"), 0);
	assert_string_equal(buf_text(&buf), "again");
	buf_fini(&buf);
	mem_free(text);
}

static void
test_no_memory(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000000);
	assert_int_equal(buf_puts(&buf, "abc"), 0);
	mem_fail_at(1);
	assert_int_equal(buf_reserve(&buf, 5000), ERR_NOMEM);
	mem_fail_at(0);
	assert_int_equal(buf_puts(&buf, "d"), ERR_NOMEM);
	assert_string_equal(buf_text(&buf), "abc");
	buf_clear(&buf);
	assert_int_equal(buf_puts(&buf, "d"), 0);
	buf_fini(&buf);

	buf_init(&buf, 10);
	mem_fail_at(1);
	assert_null(buf_take(&buf));
	mem_fail_at(0);
	buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grows),
	    cmocka_unit_test(test_puts),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
