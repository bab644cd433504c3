/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_world.h"

#include "engine/dispatch.h"
#include "sys/clock.h"

#define MANY 150 /* more than two pages */

/* Who asks, and what it has: one test's. */
struct desk {
	struct world *w;
	struct dispatch *dispatch;
	struct store *reader;
};

static int
desk_up(void **state)
{
	struct desk *desk = mem_zalloc(sizeof(*desk));
	void *world;

	assert_non_null(desk);
	assert_int_equal(world_up(&world), 0);
	desk->w = world;
	desk->dispatch = dispatch_new();
	assert_non_null(desk->dispatch);
	desk->reader = reader(desk->w);
	*state = desk;
	return 0;
}

static int
desk_down(void **state)
{
	struct desk *desk = *state;
	void *world = desk->w;

	dispatch_free(desk->dispatch);
	store_close(desk->reader);
	mem_free(desk);
	return world_down(&world);
}

/* A job with items of these names (each a letter), and its lane. */
static struct job
job_open(struct desk *desk, uint8_t n, const char *names)
{
	struct job job;
	char name[2] = "";
	uint32_t seq = 0;

	begin(desk->w);
	job = add_job(desk->w, n);
	for (; *names != '\0'; names++) {
		name[0] = *names;
		(void)add_item(desk->w, job.id, ++seq, name, NULL);
	}
	commit(desk->w);
	assert_int_equal(dispatch_job(desk->dispatch, &job, "{\"n\":1}"), 0);
	return job;
}

static struct work *
take(struct desk *desk)
{
	struct work *work = dispatch_next(desk->dispatch, desk->reader);

	assert_non_null(work);
	return work;
}

static void
expect(struct desk *desk, const char *names)
{
	struct work *work;

	for (; *names != '\0'; names++) {
		work = take(desk);
		assert_int_equal(work->name[0], *names);
		dispatch_done(desk->dispatch, work);
	}
}

static bool
must_stop(const struct work *work)
{
	return atomic_load(work_stop(work));
}

/* Nothing is to be had now: what would wait is told to stop. */
static void
expect_no_more(struct desk *desk)
{
	dispatch_stop(desk->dispatch);
	assert_null(dispatch_next(desk->dispatch, desk->reader));
}

static void
test_turns(void **state)
{
	struct desk *desk = *state;

	(void)job_open(desk, 1, "abcd");
	(void)job_open(desk, 2, "xy");
	expect(desk, "axbycd");
	expect_no_more(desk);
}

static void
test_many_in_order(void **state)
{
	struct desk *desk = *state;
	struct work *work;
	struct job job;
	char name[16];
	uint32_t i;

	begin(desk->w);
	job = add_job(desk->w, 1);
	for (i = 1; i <= MANY; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		(void)add_item(desk->w, job.id, i, name, NULL);
	}
	commit(desk->w);
	assert_int_equal(dispatch_job(desk->dispatch, &job, "{}"), 0);
	for (i = 1; i <= MANY; i++) {
		work = take(desk);
		assert_int_equal(work->item.seq, i);
		assert_string_equal(work_source(work), "{}");
		dispatch_done(desk->dispatch, work);
	}
}

static void
test_more(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "a");

	expect(desk, "a");
	begin(desk->w);
	(void)add_item(desk->w, job.id, 2, "b", NULL);
	commit(desk->w);
	dispatch_more(desk->dispatch, job.id);
	expect(desk, "b");
	dispatch_more(desk->dispatch, 999); /* nobody's */
}

/* The lane there is stays; no item is loaded twice. */
static void
test_opened_twice(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "ab");

	expect(desk, "a");
	assert_int_equal(dispatch_job(desk->dispatch, &job, "{}"), 0);
	expect(desk, "b");
	expect_no_more(desk);
}

static void
test_pause(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "abc");
	struct work *work = take(desk);

	(void)job_open(desk, 2, "xy");
	assert_false(must_stop(work));
	dispatch_pause(desk->dispatch, job.id, true);
	assert_true(must_stop(work));
	assert_true(dispatch_is_paused(desk->dispatch, work));
	dispatch_return(desk->dispatch, work);
	expect(desk, "xy");
	dispatch_pause(desk->dispatch, job.id, false);
	/* What was put back is first. */
	work = take(desk);
	assert_int_equal(work->name[0], 'a');
	assert_false(must_stop(work));
	dispatch_done(desk->dispatch, work);
	expect(desk, "bc");
}

/* A pause on its way holds like one; news of the job do not lift it. */
static void
test_hold(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "abc");
	struct work *work = take(desk);

	(void)job_open(desk, 2, "x");
	dispatch_hold(desk->dispatch, job.id, true);
	dispatch_hold(desk->dispatch, job.id, true);
	dispatch_pause(desk->dispatch, job.id, false);
	assert_true(must_stop(work));
	assert_true(dispatch_is_paused(desk->dispatch, work));
	dispatch_return(desk->dispatch, work);
	expect(desk, "x");
	dispatch_hold(desk->dispatch, job.id, false);
	dispatch_pause(desk->dispatch, job.id, true);
	dispatch_hold(desk->dispatch, job.id, false);
	dispatch_hold(desk->dispatch, 999, false);
	dispatch_pause(desk->dispatch, job.id, false);
	expect(desk, "abc");
}

/* A job that is paused when it is opened. */
static void
test_opened_paused(void **state)
{
	struct desk *desk = *state;
	struct job job;

	begin(desk->w);
	job = add_job(desk->w, 1);
	(void)add_item(desk->w, job.id, 1, "a", NULL);
	commit(desk->w);
	job.is_paused = true;
	assert_int_equal(dispatch_job(desk->dispatch, &job, "{}"), 0);
	(void)job_open(desk, 2, "x");
	expect(desk, "x");
	dispatch_pause(desk->dispatch, job.id, false);
	expect(desk, "a");
}

static void
test_one_document_at_a_time(void **state)
{
	struct desk *desk = *state;
	struct work *first, *second;

	(void)job_open(desk, 1, "abc");
	(void)job_open(desk, 2, "a");
	first = take(desk);
	assert_int_equal(first->name[0], 'a');
	/* The other job's turn, but its document is out. */
	second = take(desk);
	assert_int_equal(second->name[0], 'b');
	assert_int_equal(dispatch_busy(desk->dispatch), 2);
	dispatch_done(desk->dispatch, first);
	first = take(desk);
	assert_int_equal(first->name[0], 'a');
	dispatch_done(desk->dispatch, first);
	dispatch_done(desk->dispatch, second);
	assert_int_equal(dispatch_busy(desk->dispatch), 0);
	expect(desk, "c");
}

static void
test_later(void **state)
{
	struct desk *desk = *state;
	struct work *work;
	int64_t due_us;

	(void)job_open(desk, 1, "abc");
	work = take(desk);
	work->due_us = clock_wall_us() + 3600000000;
	dispatch_later(desk->dispatch, work);
	work = take(desk);
	assert_int_equal(work->name[0], 'b');
	due_us = work->due_us = clock_wall_us() + 30000;
	dispatch_later(desk->dispatch, work);
	expect(desk, "c");
	/* It waits for the one that is due first, and not for less. */
	work = take(desk);
	assert_int_equal(work->name[0], 'b');
	assert_true(clock_wall_us() >= due_us);
	dispatch_done(desk->dispatch, work);
	expect_no_more(desk); /* one is left, and freed with the rest */
}

/* What is due goes before what is new, but not while its job is paused. */
static void
test_due_first(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "abc");
	struct work *work = take(desk);

	work->due_us = 1;
	dispatch_later(desk->dispatch, work);
	(void)job_open(desk, 2, "xyz");
	dispatch_pause(desk->dispatch, job.id, true);
	expect(desk, "xy");
	dispatch_pause(desk->dispatch, job.id, false);
	expect(desk, "a");
}

static void
test_end(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "abcde");
	struct work *held[4];
	int i;

	for (i = 0; i < 4; i++)
		held[i] = take(desk);
	held[0]->due_us = clock_wall_us() + 3600000000;
	dispatch_later(desk->dispatch, held[0]);
	assert_true(dispatch_has(desk->dispatch, job.id));
	dispatch_end(desk->dispatch, job.id);
	dispatch_end(desk->dispatch, 999);
	/* Its workers stop, and hold it until they have given back theirs. */
	assert_true(must_stop(held[1]));
	assert_false(dispatch_is_paused(desk->dispatch, held[1]));
	dispatch_return(desk->dispatch, held[1]);
	held[2]->due_us = 1;
	dispatch_later(desk->dispatch, held[2]);
	dispatch_done(desk->dispatch, held[3]);
	assert_false(dispatch_has(desk->dispatch, job.id));
	(void)job_open(desk, 2, "x");
	expect(desk, "x");
	expect_no_more(desk);
}

static void
test_end_base(void **state)
{
	struct desk *desk = *state;
	struct job first = job_open(desk, 1, "ab"), second;

	second = job_open(desk, 2, "xy");
	expect(desk, "a");
	dispatch_end_base(desk->dispatch, first.base_id + 1);
	assert_true(dispatch_has(desk->dispatch, first.id));
	dispatch_end_base(desk->dispatch, first.base_id);
	assert_false(dispatch_has(desk->dispatch, first.id));
	assert_false(dispatch_has(desk->dispatch, second.id));
	expect_no_more(desk);
}

static void
test_stop(void **state)
{
	struct desk *desk = *state;
	struct job job = job_open(desk, 1, "ab");
	struct work *work = take(desk);

	dispatch_stop(desk->dispatch);
	assert_true(must_stop(work));
	/* Nothing that comes later lets anybody go on. */
	dispatch_pause(desk->dispatch, job.id, true);
	dispatch_pause(desk->dispatch, job.id, false);
	assert_true(must_stop(work));
	assert_null(dispatch_next(desk->dispatch, desk->reader));
	dispatch_return(desk->dispatch, work);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_up, desk_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_turns),
	    TEST(test_many_in_order),
	    TEST(test_more),
	    TEST(test_opened_twice),
	    TEST(test_pause),
	    TEST(test_hold),
	    TEST(test_opened_paused),
	    TEST(test_one_document_at_a_time),
	    TEST(test_later),
	    TEST(test_due_first),
	    TEST(test_end),
	    TEST(test_end_base),
	    TEST(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
