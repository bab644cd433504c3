/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
test_sizes(void **state)
{
	unsigned char *bytes;
	void *nothing;
	size_t i;

	(void)state;
	nothing = mem_alloc(0);
	assert_non_null(nothing);
	mem_free(nothing);
	mem_free(NULL);
	bytes = mem_zalloc(1000);
	assert_non_null(bytes);
	for (i = 0; i < 1000; i++)
		assert_int_equal(bytes[i], 0);
	mem_free(bytes);
	nothing = mem_array(0, 8);
	assert_non_null(nothing);
	mem_free(nothing);
}

static void
test_overflow(void **state)
{
	char *block = mem_strdup("kept");

	(void)state;
	assert_non_null(block);
	assert_null(mem_array(SIZE_MAX, 2));
	assert_null(mem_array(SIZE_MAX / 8 + 1, 8));
	assert_null(mem_resize(block, SIZE_MAX / 2 + 1, 2));
	assert_string_equal(block, "kept");
	mem_free(block);
}

static void
test_resize(void **state)
{
	uint32_t *numbers = NULL, *grown;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 1000; i++) {
		grown = mem_resize(numbers, i, sizeof(*numbers));
		assert_non_null(grown);
		numbers = grown;
		numbers[i - 1] = i;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i + 1);
	grown = mem_resize(numbers, 0, sizeof(*numbers));
	assert_non_null(grown);
	mem_free(grown);
}

static void
test_copies(void **state)
{
	char *copy = mem_strdup("text");

	(void)state;
	assert_string_equal(copy, "text");
	mem_free(copy);
	copy = mem_strndup("text", 2);
	assert_string_equal(copy, "te");
	mem_free(copy);
	copy = mem_strndup("a\0b", 3);
	assert_memory_equal(copy, "a\0b", 4);
	mem_free(copy);
	copy = mem_strndup("", 0);
	assert_string_equal(copy, "");
	mem_free(copy);
}

static void
test_fail_at(void **state)
{
	void *a, *b;

	(void)state;
	mem_fail_at(2);
	a = mem_alloc(1);
	assert_non_null(a);
	assert_null(mem_zalloc(1));
	b = mem_alloc(1); /* once only */
	assert_non_null(b);
	assert_int_equal(mem_count(), 3);
	mem_free(b);
	mem_fail_at(1);
	assert_null(mem_resize(a, 10, 1));
	mem_fail_at(1);
	assert_null(mem_strdup("x"));
	mem_fail_at(0);
	assert_int_equal(mem_count(), 0);
	mem_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_overflow),
	    cmocka_unit_test(test_resize),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_fail_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
