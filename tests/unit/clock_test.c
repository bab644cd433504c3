/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks and the random bytes of sys/. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/uuid.h"
#include "sys/clock.h"
#include "sys/rng.h"

#define THREADS 4
#define READS 100000

static void *
clock_reader(void *arg)
{
	int64_t wall = clock_wall_us(), mono = clock_mono_us(), now;
	int *went_back = arg;
	int i;

	for (i = 0; i < READS; i++) {
		now = clock_wall_us();
		*went_back += now < wall;
		wall = now;
		now = clock_mono_us();
		*went_back += now < mono;
		mono = now;
	}
	return NULL;
}

static void
test_never_back(void **state)
{
	int went_back[THREADS] = {0};
	pthread_t threads[THREADS];
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
				     clock_reader, &went_back[i]), 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(went_back[i], 0);
	}
}

static void
test_units(void **state)
{
	int64_t before = clock_mono_us();
	struct timespec at = clock_after_us(2500000);
	int64_t after = clock_mono_us();
	int64_t us = (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;

	(void)state;
	assert_in_range(at.tv_nsec, 0, 999999999);
	assert_true(us >= before + 2500000 && us <= after + 2500000);
	/* After 2020, before 2500: microseconds, not another unit. */
	assert_true(clock_wall_us() > 1577836800000000LL);
	assert_true(clock_wall_us() < 16725225600000000LL);
}

static void
test_shift(void **state)
{
	const int64_t day = 86400000000LL;
	int64_t before = clock_wall_us();

	(void)state;
	clock_wall_shift_us(day);
	assert_true(clock_wall_us() >= before + day);
	/* It is not set back: then it stands until the time has come. */
	before = clock_wall_us();
	clock_wall_shift_us(-day);
	assert_int_equal(clock_wall_us(), before);
}

static void
test_random(void **state)
{
	uint8_t a[256], b[256];
	struct uuid one = rng_uuid(), two = rng_uuid();
	size_t i, zeros = 0;

	(void)state;
	assert_false(uuid_is_equal(&one, &two));
	assert_int_equal(one.bytes[6] >> 4, 4);
	rng_bytes(a, sizeof(a));
	rng_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	assert_true(zeros < 64);
	memset(a, 7, sizeof(a));
	rng_bytes(a, 1);
	for (i = 1; i < sizeof(a); i++)
		assert_int_equal(a[i], 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_never_back),
	    cmocka_unit_test(test_units),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_shift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
