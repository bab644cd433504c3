/* SPDX-License-Identifier: Apache-2.0 */
/* When a schedule comes next; and that each time has its job once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "pipeline_world.h"

#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/schedule.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/rng.h"

#define SECOND_US 1000000LL
#define MINUTE_US (60 * SECOND_US)
#define DAY_US (1440 * MINUTE_US)
#define EVERY_DAY 0x7fu
#define DAY(n) (1u << (n)) /* 0 Sunday */

/* ---- when --------------------------------------------------------------- */

static int64_t
us(const char *text)
{
	struct tm tm = {0};
	int n;

	n = sscanf(text, "%d-%d-%d %d:%d:%d", &tm.tm_year, &tm.tm_mon,
	    &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	assert_true(n == 6);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm) * SECOND_US;
}

static void
test_next(void **state)
{
	static const struct {
		uint32_t minute, days;
		const char *after, *next;
	} rows[] = {
	    /* Every day: today still, or tomorrow. */
	    {0, EVERY_DAY, "2026-01-05 00:00:01", "2026-01-06 00:00:00"},
	    {90, EVERY_DAY, "2026-01-05 01:29:59", "2026-01-05 01:30:00"},
	    {90, EVERY_DAY, "2026-01-05 01:30:00", "2026-01-06 01:30:00"},
	    {1439, EVERY_DAY, "2026-01-05 23:58:59", "2026-01-05 23:59:00"},
	    {1439, EVERY_DAY, "2026-01-05 23:59:00", "2026-01-06 23:59:00"},
	    /* 2026-01-05 is a Monday. */
	    {600, DAY(1), "2026-01-05 09:59:00", "2026-01-05 10:00:00"},
	    {600, DAY(1), "2026-01-05 10:00:00", "2026-01-12 10:00:00"},
	    {600, DAY(0), "2026-01-05 09:59:00", "2026-01-11 10:00:00"},
	    {600, DAY(6), "2026-01-05 09:59:00", "2026-01-10 10:00:00"},
	    {600, DAY(1) | DAY(3), "2026-01-05 10:00:00",
		"2026-01-07 10:00:00"},
	    {600, DAY(1) | DAY(3), "2026-01-07 10:00:01",
		"2026-01-12 10:00:00"},
	    {600, DAY(0) | DAY(6), "2026-01-10 23:59:59",
		"2026-01-11 10:00:00"},
	    /* Ends of months and years, leap years and none. */
	    {0, EVERY_DAY, "2026-12-31 00:00:00", "2027-01-01 00:00:00"},
	    {30, EVERY_DAY, "2024-02-28 12:00:00", "2024-02-29 00:30:00"},
	    {30, EVERY_DAY, "2024-02-29 12:00:00", "2024-03-01 00:30:00"},
	    {30, EVERY_DAY, "2026-02-28 12:00:00", "2026-03-01 00:30:00"},
	    {30, EVERY_DAY, "2100-02-28 12:00:00", "2100-03-01 00:30:00"},
	    {30, EVERY_DAY, "2000-02-28 12:00:00", "2000-02-29 00:30:00"},
	    /* 2028-02-29 is a Tuesday. */
	    {5, DAY(2), "2028-02-22 00:05:00", "2028-02-29 00:05:00"},
	    {5, DAY(2), "2028-02-29 00:05:00", "2028-03-07 00:05:00"},
	    {5, DAY(5), "2027-12-31 00:05:00", "2028-01-07 00:05:00"},
	    /* The first day of all is a Thursday. */
	    {0, DAY(4), "1970-01-01 00:00:00", "1970-01-08 00:00:00"},
	    {1, DAY(4), "1970-01-01 00:00:00", "1970-01-01 00:01:00"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(schedule_next_us(rows[i].minute,
				     rows[i].days, us(rows[i].after)),
		    us(rows[i].next));
	/* A microsecond before is before. */
	assert_int_equal(schedule_next_us(90, EVERY_DAY,
			     us("2026-01-05 01:30:00") - 1),
	    us("2026-01-05 01:30:00"));
	assert_int_equal(schedule_next_us(0, 0, 0), 0);
	assert_int_equal(schedule_next_us(0, 0x80, 0), 0);
	assert_int_equal(schedule_next_us(1440, EVERY_DAY, 0), 0);
	assert_int_equal(schedule_next_us(0, EVERY_DAY, -1), 0);
	assert_int_equal(schedule_next_us(0, EVERY_DAY, INT64_MAX), 0);
}

/* Against the calendar of the C library, minute and days all ways. */
static void
test_next_by_calendar(void **state)
{
	int64_t after = us("2023-12-20 17:03:11"), next;
	uint32_t days, minute;
	struct tm tm;
	time_t time;
	int i;

	(void)state;
	for (days = 1; days <= EVERY_DAY; days++)
		for (i = 0; i < 80; i++, after += 19 * 60 * MINUTE_US) {
			minute = (uint32_t)(i * 37 + (int)days) % 1440;
			next = schedule_next_us(minute, days, after);
			assert_true(next > after);
			assert_true(next <= after + 7 * DAY_US);
			time = (time_t)(next / SECOND_US);
			assert_non_null(gmtime_r(&time, &tm));
			assert_int_equal(tm.tm_hour * 60 + tm.tm_min, minute);
			assert_int_equal(tm.tm_sec, 0);
			assert_true((days & 1u << tm.tm_wday) != 0);
			/* And none of the days before would have done. */
			for (next -= DAY_US; next > after; next -= DAY_US) {
				time = (time_t)(next / SECOND_US);
				assert_non_null(gmtime_r(&time, &tm));
				assert_true((days & 1u << tm.tm_wday) == 0);
			}
		}
}

/* ---- schedules of bases ------------------------------------------------- */

/* In place of what starts jobs over sources. */
static struct {
	atomic_int calls;
	atomic_int trouble; /* 0, or what it returns */
	atomic_int jobs;
	atomic_bool is_wrong; /* something of a request was */
	int64_t account_id;
} starter;

static int
schedule_up(void **state)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));
	struct err_note note;

	assert_non_null(w);
	world_init(w);
	assert_int_equal(world_open(w, &note), 0);
	world_login(w);
	world_base(w);
	atomic_store(&starter.trouble, 0);
	*state = w;
	return 0;
}

static int
schedule_down(void **state)
{
	world_fini(*state);
	mem_free(*state);
	return 0;
}

static struct schedule
add(struct pipeline *w, const struct uuid *base)
{
	/* Half a day from now, so that no test comes across it. */
	uint32_t minute = (uint32_t)(clock_wall_us() / MINUTE_US + 720) % 1440;
	struct schedule schedule;
	struct err_note note;

	assert_int_equal(engine_schedule_add(w->engine, w->account_id, base,
			     minute, EVERY_DAY, DIALECT_DIFY, &schedule,
			     &note), 0);
	assert_int_equal(schedule.minute, minute);
	return schedule;
}

static struct schedule
stored(struct pipeline *w, const struct schedule *schedule)
{
	struct schedule got;

	assert_int_equal(store_schedule_find(w->reader, w->account_id,
			     &schedule->uuid, &got), 0);
	return got;
}

static int
add_try(struct pipeline *w, int64_t account_id, const struct uuid *base,
    uint32_t minute, uint32_t days)
{
	struct schedule schedule;
	struct err_note note;

	return engine_schedule_add(w->engine, account_id, base, minute, days,
	    DIALECT_NATIVE, &schedule, &note);
}

static void
test_add(void **state)
{
	struct pipeline *w = *state;
	int64_t before = clock_wall_us(), after;
	struct schedule schedule, got;
	struct uuid nowhere = rng_uuid();
	struct err_note note;

	assert_int_equal(add_try(w, w->account_id, &w->base, 1440, 1),
	    ERR_INVALID);
	assert_int_equal(add_try(w, w->account_id, &w->base, 0, 0),
	    ERR_INVALID);
	assert_int_equal(add_try(w, w->account_id, &w->base, 0, 0x80),
	    ERR_INVALID);
	assert_int_equal(add_try(w, w->account_id, &nowhere, 0, 1),
	    ERR_NOT_FOUND);
	assert_int_equal(add_try(w, w->account_id + 1, &w->base, 0, 1),
	    ERR_NOT_FOUND);
	schedule = add(w, &w->base);
	after = clock_wall_us();
	assert_int_equal(add_try(w, w->account_id, &w->base, 0, 1),
	    ERR_EXISTS);
	got = stored(w, &schedule);
	assert_int_equal(got.id, schedule.id);
	assert_true(uuid_is_equal(&got.base_uuid, &w->base));
	assert_true(uuid_is_equal(&schedule.base_uuid, &w->base));
	assert_int_equal(got.minute, schedule.minute);
	assert_int_equal(got.days, EVERY_DAY);
	assert_int_equal(got.dialect, DIALECT_DIFY);
	assert_true(got.is_active);
	assert_int_equal(got.ran_us, 0);
	assert_true(got.created_us >= before && got.created_us <= after);
	assert_int_equal(got.updated_us, got.created_us);
	assert_int_equal(got.next_us, schedule_next_us(
	    got.minute, EVERY_DAY, got.created_us));
	assert_int_equal(schedule.next_us, got.next_us);

	assert_int_equal(engine_schedule_delete(w->engine, w->account_id + 1,
			     &schedule.uuid, &got, &note), ERR_NOT_FOUND);
	memset(&got, 0, sizeof(got));
	assert_int_equal(engine_schedule_delete(w->engine, w->account_id,
			     &schedule.uuid, &got, &note), 0);
	assert_int_equal(got.id, schedule.id);
	assert_int_equal(engine_schedule_delete(w->engine, w->account_id,
			     &schedule.uuid, &got, &note), ERR_NOT_FOUND);
	(void)add(w, &w->base);
}

/* ---- running ------------------------------------------------------------ */

static int
start(struct engine *engine, const struct job_request *request,
    const struct uuid *sources, size_t count, struct job *ret_job,
    struct uuid *ret_running, struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = JOB_KIND_SOURCES,
	    .attempt = 1, .scan = SCAN_DONE, .source = "{}"};
	int err = atomic_load(&starter.trouble);

	if (sources != NULL || count != 0 ||
	    request->account_id != starter.account_id ||
	    request->dialect != DIALECT_DIFY)
		atomic_store(&starter.is_wrong, true);
	*ret_running = request->base;
	if (err < 0)
		(void)err_set(note, err, "because");
	else
		err = plan_run(engine, &plan, ret_job, note);
	if (err == 0)
		(void)atomic_fetch_add(&starter.jobs, 1);
	(void)atomic_fetch_add(&starter.calls, 1);
	return err;
}

/* The engine at work, with our starter. */
static void
begin(struct pipeline *w)
{
	struct err_note note = {""};

	atomic_store(&starter.calls, 0);
	atomic_store(&starter.jobs, 0);
	atomic_store(&starter.is_wrong, false);
	starter.account_id = w->account_id;
	schedules_free(w->engine->schedules);
	w->engine->schedules = schedules_new(w->engine, start);
	assert_non_null(w->engine->schedules);
	if (engine_start(w->engine, &note) < 0)
		fail_msg("no start: %s", note.text);
}

/* The clock goes ahead, and the thread notices. */
static void
pass(struct pipeline *w, int64_t us_ahead)
{
	clock_wall_shift_us(us_ahead);
	schedules_wake(w->engine->schedules);
}

static void
until_calls(struct pipeline *w, int calls)
{
	int i;

	for (i = 0; i < WORLD_WAITS; i++) {
		if (atomic_load(&starter.calls) >= calls)
			return;
		world_rest(w);
	}
	fail_msg("%d of %d calls came", atomic_load(&starter.calls), calls);
}

static struct schedule
until_run(struct pipeline *w, const struct schedule *old)
{
	struct schedule now;
	int i;

	for (i = 0; i < WORLD_WAITS; i++) {
		now = stored(w, old);
		if (now.ran_us != old->ran_us)
			return now;
		world_rest(w);
	}
	fail_msg("the schedule does not run");
	return *old;
}

/* It has run once, some time after it was due. */
static void
expect_ran(const struct schedule *old, const struct schedule *now)
{
	assert_true(now->ran_us >= old->next_us);
	assert_true(now->ran_us <= clock_wall_us());
	assert_int_equal(now->next_us, schedule_next_us(now->minute,
	    now->days, now->ran_us));
	assert_true(now->is_active);
}

static int
job_counted(void *arg, const struct job *job)
{
	int *count = arg;

	assert_int_equal(job->kind, JOB_KIND_SOURCES);
	(*count)++;
	return 0;
}

static int
jobs_count(struct pipeline *w)
{
	struct job_filter filter = {.account_id = w->account_id,
	    .limit = UINT32_MAX};
	int count = 0;

	assert_int_equal(store_jobs_each(w->reader, &filter, job_counted,
			     &count), 0);
	return count;
}

static void
test_each_day_once(void **state)
{
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now;
	int day;

	begin(w);
	for (day = 1; day <= 3; day++) {
		pass(w, DAY_US);
		now = until_run(w, &schedule);
		expect_ran(&schedule, &now);
		assert_int_equal(now.next_us, schedule.next_us + DAY_US);
		schedule = now;
		until_calls(w, day);
		/* Nothing comes of looking again. */
		schedules_wake(w->engine->schedules);
		schedules_wake(w->engine->schedules);
	}
	world_stop(w);
	assert_int_equal(atomic_load(&starter.jobs), 3);
	assert_int_equal(atomic_load(&starter.calls), 3);
	assert_false(atomic_load(&starter.is_wrong));
	world_start(w);
	assert_int_equal(jobs_count(w), 3);
}

/* Ten days without a server are one job; what is due later is not. */
static void
test_missed(void **state)
{
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now;

	world_stop(w);
	clock_wall_shift_us(10 * DAY_US);
	assert_int_equal(world_open(w, NULL), 0);
	world_login(w);
	begin(w);
	now = until_run(w, &schedule);
	expect_ran(&schedule, &now);
	assert_int_equal(now.next_us, schedule.next_us + 10 * DAY_US);
	until_calls(w, 1);
	world_stop(w);
	assert_int_equal(atomic_load(&starter.calls), 1);
	/* Nor another one when it comes up again. */
	assert_int_equal(world_open(w, NULL), 0);
	world_login(w);
	begin(w);
	world_stop(w);
	assert_int_equal(atomic_load(&starter.calls), 0);
	assert_int_equal(world_open(w, NULL), 0);
	world_login(w);
	assert_int_equal(jobs_count(w), 1);
	assert_int_equal(stored(w, &schedule).ran_us, now.ran_us);
}

/* A job is running, the base has no sources: done for that day. */
static void
test_left_out(void **state)
{
	static const int causes[] = {ERR_CONFLICT, ERR_INVALID};
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now;
	int i;

	begin(w);
	for (i = 0; i < 2; i++) {
		atomic_store(&starter.trouble, causes[i]);
		pass(w, DAY_US);
		now = until_run(w, &schedule);
		expect_ran(&schedule, &now);
		schedule = now;
		schedules_wake(w->engine->schedules);
	}
	atomic_store(&starter.trouble, 0);
	pass(w, DAY_US);
	now = until_run(w, &schedule);
	until_calls(w, 3);
	assert_int_equal(atomic_load(&starter.calls), 3);
	assert_int_equal(atomic_load(&starter.jobs), 1);
}

/* What may be over in a moment leaves it due. */
static void
test_trouble(void **state)
{
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now;

	begin(w);
	atomic_store(&starter.trouble, ERR_BUSY);
	pass(w, DAY_US);
	until_calls(w, 1);
	now = stored(w, &schedule);
	assert_int_equal(now.ran_us, 0);
	assert_int_equal(now.next_us, schedule.next_us);
	atomic_store(&starter.trouble, 0);
	schedules_wake(w->engine->schedules);
	now = until_run(w, &schedule);
	expect_ran(&schedule, &now);
	until_calls(w, 2);
	assert_int_equal(atomic_load(&starter.jobs), 1);
}

/* More than are looked up at once, and one that is deleted meanwhile. */
static void
test_many(void **state)
{
	struct pipeline *w = *state;
	struct schedule list[150], got;
	struct err_note note;
	struct uuid base;
	char name[32];
	int i;

	for (i = 0; i < 150; i++) {
		(void)snprintf(name, sizeof(name), "base %d", i);
		assert_int_equal(engine_base_create(w->engine, w->account_id,
				     name, NULL, NULL, &base, &note), 0);
		list[i] = add(w, &base);
	}
	assert_int_equal(engine_schedule_delete(w->engine, w->account_id,
			     &list[77].uuid, &got, &note), 0);
	/* With the base its schedule goes. */
	assert_int_equal(engine_base_delete(w->engine, w->account_id,
			     &list[78].base_uuid, &note), 0);
	begin(w);
	pass(w, DAY_US);
	until_calls(w, 148);
	for (i = 0; i < 150; i++) {
		if (i == 77 || i == 78)
			continue;
		got = until_run(w, &list[i]);
		expect_ran(&list[i], &got);
	}
	assert_int_equal(atomic_load(&starter.calls), 148);
	assert_int_equal(atomic_load(&starter.jobs), 148);
}

/* ---- in the store ------------------------------------------------------- */

struct save {
	struct schedule schedule;
};

static int
save_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct save *save = arg;

	(void)note;
	return store_schedule_save(tx_store(tx), &save->schedule);
}

static void
store_as(struct pipeline *w, const struct schedule *schedule)
{
	struct save save = {*schedule};

	assert_int_equal(writer_do(w->engine->writer, save_apply, &save,
			     NULL), 0);
}

/* Only who is due makes a job, and only once. */
static void
test_guard(void **state)
{
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now;
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_DIFY,
	    .schedule_id = schedule.id};
	struct uuid running;
	struct err_note note;
	struct job job;

	starter.account_id = w->account_id;
	assert_int_equal(start(w->engine, &request, NULL, 0, &job, &running,
			     &note), ERR_CANCELLED);
	assert_int_equal(jobs_count(w), 0);
	now = schedule;
	now.next_us = schedule.next_us - 2 * DAY_US;
	store_as(w, &now);
	assert_int_equal(start(w->engine, &request, NULL, 0, &job, &running,
			     &note), 0);
	assert_int_equal(job.dialect, DIALECT_DIFY);
	now = stored(w, &schedule);
	assert_int_equal(now.next_us, schedule.next_us);
	assert_int_equal(now.ran_us, job.created_us);
	assert_int_equal(start(w->engine, &request, NULL, 0, &job, &running,
			     &note), ERR_CANCELLED);
	/* Another one of the same base, or switched off. */
	now.next_us = 1;
	store_as(w, &now);
	request.schedule_id++;
	assert_int_equal(start(w->engine, &request, NULL, 0, &job, &running,
			     &note), ERR_CANCELLED);
	request.schedule_id--;
	now.is_active = false;
	store_as(w, &now);
	assert_int_equal(start(w->engine, &request, NULL, 0, &job, &running,
			     &note), ERR_CANCELLED);
	assert_int_equal(jobs_count(w), 1);
}

/* Stored by somebody who knew no day. */
static void
test_never(void **state)
{
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now;
	int i;

	schedule.next_us = 1;
	schedule.days = 0;
	store_as(w, &schedule);
	begin(w);
	for (i = 0; i < WORLD_WAITS; i++) {
		now = stored(w, &schedule);
		if (!now.is_active)
			break;
		world_rest(w);
	}
	assert_false(now.is_active);
	assert_int_equal(now.next_us, 0);
	assert_int_equal(atomic_load(&starter.calls), 0);
}

/* The clock stood in another year when it was reckoned. */
static void
test_clock_set_back(void **state)
{
	struct pipeline *w = *state;
	struct schedule schedule = add(w, &w->base), now, other;
	int64_t right_us = schedule.next_us;
	struct err_note note;
	struct uuid base;
	int i;

	assert_int_equal(engine_base_create(w->engine, w->account_id, "other",
			     NULL, NULL, &base, &note), 0);
	other = add(w, &base);
	schedule.next_us += 365 * DAY_US;
	store_as(w, &schedule);
	/* By an hour over the border: it has run that day. */
	other.next_us += DAY_US;
	store_as(w, &other);
	begin(w);
	for (i = 0; i < WORLD_WAITS; i++) {
		now = stored(w, &schedule);
		if (now.next_us != schedule.next_us)
			break;
		world_rest(w);
	}
	assert_int_equal(now.next_us, right_us);
	assert_int_equal(stored(w, &other).next_us, other.next_us);
	assert_int_equal(atomic_load(&starter.calls), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, schedule_up, schedule_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_next_by_calendar),
	    TEST(test_add),
	    TEST(test_guard),
	    TEST(test_never),
	    TEST(test_clock_set_back),
	    /* These set the clock ahead. */
	    TEST(test_each_day_once),
	    TEST(test_left_out),
	    TEST(test_trouble),
	    TEST(test_many),
	    TEST(test_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
