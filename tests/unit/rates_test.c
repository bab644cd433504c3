/* SPDX-License-Identifier: Apache-2.0 */
/* What ended in the last hour, minute by minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/rates.h"

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)
#define START (1700000040LL * SECOND) /* a whole minute */

static void
count(struct rates *rates, int64_t account_id, uint64_t items, int64_t at)
{
	struct rate rate = {.items = items, .failed = 1,
	    .bytes = items * 100, .segments = items * 2};

	rates_count(rates, account_id, &rate, at);
}

static uint64_t
items_in(const struct rates_hour *hour)
{
	uint64_t items = 0;

	for (unsigned i = 0; i < RATES_MINUTES; i++)
		items += hour->minutes[i].items;
	return items;
}

static void
test_hour(void **state)
{
	struct rates *rates = rates_new(START);
	struct rates_hour hour;

	(void)state;
	assert_non_null(rates);
	assert_int_equal(START % MINUTE, 0);
	rates_read(rates, 7, START + 5 * SECOND, &hour);
	assert_int_equal(hour.since_us, START);
	assert_int_equal(hour.first_us, START - 59 * MINUTE);
	assert_int_equal(items_in(&hour), 0);
	assert_true(hour.items_per_s == 0 && hour.bytes_per_s == 0);
	count(rates, 7, 3, START);
	count(rates, 7, 4, START + 59 * SECOND);
	count(rates, 7, 5, START + 60 * SECOND);
	count(rates, 8, 100, START + 60 * SECOND);
	rates_read(rates, 7, START + 65 * SECOND, &hour);
	assert_int_equal(hour.first_us, START - 58 * MINUTE);
	assert_int_equal(hour.minutes[58].items, 7);
	assert_int_equal(hour.minutes[58].failed, 2);
	assert_int_equal(hour.minutes[58].bytes, 700);
	assert_int_equal(hour.minutes[58].segments, 14);
	assert_int_equal(hour.minutes[59].items, 5);
	assert_int_equal(items_in(&hour), 12);
	/* The last minute began with a slot: 65 s, of which all count. */
	assert_true(hour.items_per_s == 12.0 / 65);
	assert_true(hour.bytes_per_s == 1200.0 / 65);
	/* An hour on. */
	rates_read(rates, 7, START + 60 * MINUTE, &hour);
	assert_int_equal(hour.first_us, START + MINUTE);
	assert_int_equal(hour.since_us, START);
	assert_int_equal(items_in(&hour), 5);
	assert_true(hour.items_per_s == 0);
	rates_read(rates, 7, START + 90 * MINUTE, &hour);
	assert_int_equal(hour.since_us, START + 30 * MINUTE);
	assert_int_equal(items_in(&hour), 0);
	/* The same slots again, of another hour. */
	count(rates, 7, 1, START + 124 * MINUTE);
	rates_read(rates, 7, START + 124 * MINUTE, &hour);
	assert_int_equal(items_in(&hour), 1);
	rates_free(rates);
}

/* Just started: a second is the least that is told of. */
static void
test_first(void **state)
{
	struct rates *rates = rates_new(START);
	struct rates_hour hour;

	(void)state;
	count(rates, 1, 10, START + 1);
	rates_read(rates, 1, START + 2, &hour);
	assert_true(hour.items_per_s == 10);
	rates_read(rates, 1, START + 4 * SECOND, &hour);
	assert_true(hour.items_per_s == 2.5);
	rates_free(rates);
}

/* More accounts than there are places: who was quiet longest goes. */
static void
test_many(void **state)
{
	struct rates *rates = rates_new(START);
	struct rates_hour hour;
	int64_t i;

	(void)state;
	for (i = 1; i <= 2000; i++) {
		count(rates, i, 1, START + i * SECOND);
		count(rates, 1, 1, START + i * SECOND);
	}
	rates_read(rates, 1, START + 2000 * SECOND, &hour);
	assert_int_equal(items_in(&hour), 2001);
	rates_read(rates, 2, START + 2000 * SECOND, &hour);
	assert_int_equal(items_in(&hour), 0);
	rates_read(rates, 2000, START + 2000 * SECOND, &hour);
	assert_int_equal(items_in(&hour), 1);
	rates_free(rates);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hour),
	    cmocka_unit_test(test_first),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
