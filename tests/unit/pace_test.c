/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a job goes; and the tables of codes and log levels. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "model/item_code.h"
#include "model/job.h"
#include "model/pace.h"

#define SECOND 1000000LL
#define START (1000 * SECOND)

/* Half of 100 equal files done in ten seconds. */
static struct job
half_done(void)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.state = JOB_RUNNING;
	job.scan = SCAN_DONE;
	job.started_us = START;
	job.counts.total = 100;
	job.counts.completed = 50;
	job.counts.queued = 50;
	job.bytes_total = 100000;
	job.bytes_done = job.bytes_completed = 50000;
	return job;
}

static void
test_half(void **state)
{
	struct job job = half_done();
	struct job_pace pace;

	(void)state;
	job_pace(&job, START + 10 * SECOND, &pace);
	assert_true(pace.is_known);
	assert_true(fabs(pace.seconds - 10) < 1e-6);
	assert_true(pace.low < 10 && pace.high > 10);
	assert_true(fabs(pace.items_per_second - 5) < 1e-6);
	assert_true(fabs(pace.bytes_per_second - 5000) < 1e-6);
}

static void
test_interval_narrows(void **state)
{
	struct job few = half_done(), many = half_done();
	struct job_pace a, b;

	(void)state;
	few.counts.total = 8;
	few.counts.completed = few.counts.queued = 4;
	many.counts.total = 8000;
	many.counts.completed = many.counts.queued = 4000;
	job_pace(&few, START + 10 * SECOND, &a);
	job_pace(&many, START + 10 * SECOND, &b);
	assert_true(a.is_known && b.is_known);
	assert_true(a.high / a.low > b.high / b.low);
}

static void
test_unknown(void **state)
{
	struct job job = half_done();
	struct job_pace pace;

	(void)state;
	job_pace(&job, START + SECOND / 10, &pace); /* too soon */
	assert_false(pace.is_known);
	job.counts.completed = 2;
	job.counts.queued = 98;
	job_pace(&job, START + 10 * SECOND, &pace); /* too few */
	assert_false(pace.is_known);
	job = half_done();
	job.state = JOB_PAUSED;
	job_pace(&job, START + 10 * SECOND, &pace);
	assert_false(pace.is_known);
	job.started_us = 0;
	job_pace(&job, START, &pace);
	assert_false(pace.is_known);
	assert_true(pace.items_per_second == 0.0);
}

static void
test_finished(void **state)
{
	struct job job = half_done();
	struct job_pace pace;

	(void)state;
	job.counts.completed = 100;
	job.counts.queued = 0;
	job.bytes_done = job.bytes_completed = job.bytes_total;
	job.state = JOB_COMPLETED;
	job.finished_us = START + 20 * SECOND;
	/* A day later it is still the speed that it had. */
	job_pace(&job, START + 86400 * SECOND, &pace);
	assert_false(pace.is_known);
	assert_true(fabs(pace.items_per_second - 5) < 1e-6);
}

static void
test_item_codes(void **state)
{
	enum item_code code = ITEM_CODE_NONE;
	int i, j;

	(void)state;
	for (i = 0; i < ITEM_CODE_COUNT; i++) {
		assert_int_equal(item_code_parse(i, &code), 0);
		assert_int_equal(code, i);
		assert_non_null(item_code_name(code));
		assert_true(i == 0 || item_code_text(code)[0] != '\0');
		for (j = 0; j < i; j++)
			assert_string_not_equal(item_code_name(code),
			    item_code_name((enum item_code)j));
	}
	assert_int_equal(item_code_parse(-1, &code), ERR_CORRUPT);
	assert_int_equal(item_code_parse(ITEM_CODE_COUNT, &code),
	    ERR_CORRUPT);
}

static void
test_log_levels(void **state)
{
	static const char *const names[] = {"error", "warn", "info",
	    "debug"};
	enum log_level level;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(log_level_parse(names[i], &level), 0);
		assert_int_equal(level, i);
	}
	assert_int_equal(log_level_parse("loud", &level), ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_half),
	    cmocka_unit_test(test_interval_narrows),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_finished),
	    cmocka_unit_test(test_item_codes),
	    cmocka_unit_test(test_log_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
