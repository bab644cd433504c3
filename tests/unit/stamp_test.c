/* SPDX-License-Identifier: Apache-2.0 */
/* Instants that others wrote down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/jsonw.h"
#include "base/stamp.h"

static void
test_what_is_understood(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2026-11-22T10:15:00Z", 1795342500000000},
	    {"2026-11-22t10:15:00z", 1795342500000000},
	    {"2026-11-22 10:15:00", 1795342500000000},
	    {"2026-11-22T10:15:00.25Z", 1795342500250000},
	    {"2026-11-22T10:15:00.123456789Z", 1795342500123456},
	    {"2026-11-22T11:15:00+01:00", 1795342500000000},
	    {"2026-11-22T04:45:00-05:30", 1795342500000000},
	    {"2024-02-29T00:00:00Z", 1709164800000000},
	    {"2000-02-29T00:00:00Z", 951782400000000},
	    {"2016-12-31T23:59:60Z", 1483228800000000},
	    {"9999-12-31T23:59:59.999999Z", 253402300799999999},
	};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		us = -1;
		assert_int_equal(stamp_parse(rows[i].text, &us), 0);
		assert_true(us == rows[i].us);
	}
}

static void
test_what_is_not(void **state)
{
	static const char *const texts[] = {"", "yesterday", "2026-11-22",
	    "2026-11-22T10:15", "2026-11-22T10:15:00.", "2026-13-01T00:00:00Z",
	    "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
	    "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
	    "2026-11-31T00:00:00Z", "2026-11-22T24:00:00Z",
	    "2026-11-22T10:60:00Z", "2026-11-22T10:15:61Z",
	    "2026-11-22T10:15:00Zx", "2026-11-22T10:15:00+0100",
	    "2026-11-22T10:15:00+24:00", "1969-12-31T23:59:59Z",
	    "1970-01-01T00:00:00+01:00", "1764000000", " 2026-11-22T10:15:00Z",
	    "+026-11-22T10:15:00Z"};
	int64_t us = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(stamp_parse(texts[i], &us), ERR_SYNTAX);
	assert_true(us == 7);
}

/* Each day of some centuries, and back. */
static void
test_both_ways(void **state)
{
	char text[TIME_TEXT_SIZE];
	int64_t day, us;

	(void)state;
	for (day = 0; day < 366 * 500; day++) {
		time_format(day * 86400000000 + 43200000001, text);
		assert_int_equal(stamp_parse(text, &us), 0);
		assert_true(us == day * 86400000000 + 43200000001);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_understood),
	    cmocka_unit_test(test_what_is_not),
	    cmocka_unit_test(test_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
