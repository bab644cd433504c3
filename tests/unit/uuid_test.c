/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/uuid.h"

static void
test_random(void **state)
{
	uint8_t zeros[16] = {0}, ones[16];
	char text[UUID_TEXT_SIZE];
	struct uuid uuid;

	(void)state;
	memset(ones, 0xFF, sizeof(ones));
	uuid = uuid_random(zeros);
	uuid_format(&uuid, text);
	assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
	assert_int_equal(uuid_row(&uuid), 0);
	uuid = uuid_random(ones);
	uuid_format(&uuid, text);
	assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	assert_int_equal(uuid_row(&uuid), 0);
}

static void
test_row(void **state)
{
	static const uint64_t rows[] = {1, 2, 255, 256, 0x123456789ABCULL,
	    0xFFFFFFFFFFFFULL};
	static const uint8_t random_a[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	    12, 13, 14, 15, 16};
	uint8_t random_b[16];
	struct uuid a = uuid_random(random_a), b, of_a, of_b;
	size_t i, bit;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		of_a = uuid_of_row(&a, rows[i]);
		assert_int_equal(of_a.bytes[6] >> 4, 8);
		assert_int_equal(of_a.bytes[8] >> 6, 2);
		assert_true(uuid_row(&of_a) == rows[i]);
		/* Another parent, whichever bit it differs in, gives another
		 * uuid to the same row: the versions' own bits aside. */
		for (bit = 0; bit < 128; bit++) {
			memcpy(random_b, random_a, sizeof(random_b));
			random_b[bit / 8] ^= (uint8_t)(1u << bit % 8);
			b = uuid_random(random_b);
			if (uuid_is_equal(&a, &b))
				continue;
			of_b = uuid_of_row(&b, rows[i]);
			assert_false(uuid_is_equal(&of_a, &of_b));
		}
	}
}

/* Documents, their segments and the children of these: none has the name of
 * another, small as their numbers are. */
static void
test_levels(void **state)
{
	static const uint8_t random[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	    12, 13, 14, 15, 16};
	struct uuid base = uuid_random(random), all[3 * 8 * 8 * 8];
	struct uuid document, segment;
	size_t count = 0, i, j;
	uint64_t a, b, c;

	(void)state;
	for (a = 1; a <= 8; a++) {
		document = uuid_of_row(&base, a);
		all[count++] = document;
		all[count++] = uuid_of_kind(&base, UUID_KIND_ENTITY, a);
		assert_true(uuid_row(&all[count - 1]) == a);
		all[count++] = uuid_of_kind(&base, UUID_KIND_TYPE, a);
		for (b = 1; b <= 8; b++) {
			segment = uuid_of_row(&document, b);
			all[count++] = segment;
			for (c = 1; c <= 8; c++)
				all[count++] = uuid_of_child(&segment, c);
			assert_true(uuid_row(&all[count - 1]) == 8);
		}
	}
	for (i = 0; i < count; i++)
		for (j = i + 1; j < count; j++)
			assert_false(uuid_is_equal(&all[i], &all[j]));
}

static void
test_text(void **state)
{
	static const char text[] = "0123ABCD-4567-89ab-cdEF-0123456789ab";
	char out[UUID_TEXT_SIZE];
	struct uuid uuid, again;

	(void)state;
	assert_int_equal(uuid_parse(text, 36, &uuid), 0);
	uuid_format(&uuid, out);
	assert_string_equal(out, "0123abcd-4567-89ab-cdef-0123456789ab");
	assert_int_equal(uuid_parse(out, 36, &again), 0);
	assert_true(uuid_is_equal(&uuid, &again));
}

static void
test_bad_text(void **state)
{
	static const char good[] = "01234567-89ab-cdef-0123-456789abcdef";
	struct uuid uuid, before;
	char text[37];
	size_t i;
	int c;

	(void)state;
	memset(&uuid, 7, sizeof(uuid));
	before = uuid;
	for (i = 0; i < 36; i++)
		for (c = 0; c < 256; c++) {
			bool is_hex = (c >= '0' && c <= '9') ||
			    (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
			bool is_dash = good[i] == '-';

			if (is_dash ? c == '-' : is_hex)
				continue;
			memcpy(text, good, sizeof(text));
			text[i] = (char)c;
			assert_int_equal(uuid_parse(text, 36, &uuid),
			    ERR_SYNTAX);
		}
	for (i = 0; i < 36; i++)
		assert_int_equal(uuid_parse(good, i, &uuid), ERR_SYNTAX);
	assert_int_equal(uuid_parse(good, 37, &uuid), ERR_SYNTAX);
	assert_true(uuid_is_equal(&uuid, &before));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_row),
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_bad_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
