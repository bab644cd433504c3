/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Halves of queries on other threads: who is taken, who is not, and that none
 * is lost.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/beside.h"
#include "sys/thread.h"

#define ROUNDS 2000
#define ASKERS 4

/* Stays until it is let go. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t turned;
	bool is_reached, is_open;
};

static void
gate_init(struct gate *gate)
{
	(void)pthread_mutex_init(&gate->lock, NULL);
	thread_cond_init(&gate->turned);
	gate->is_reached = gate->is_open = false;
}

static void
gate_fini(struct gate *gate)
{
	(void)pthread_cond_destroy(&gate->turned);
	(void)pthread_mutex_destroy(&gate->lock);
}

static int
gate_pass(void *arg)
{
	struct gate *gate = arg;

	(void)pthread_mutex_lock(&gate->lock);
	gate->is_reached = true;
	(void)pthread_cond_broadcast(&gate->turned);
	while (!gate->is_open)
		thread_wait_us(&gate->turned, &gate->lock, -1);
	(void)pthread_mutex_unlock(&gate->lock);
	return ERR_BUSY;
}

static void
gate_await(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	while (!gate->is_reached)
		thread_wait_us(&gate->turned, &gate->lock, -1);
	(void)pthread_mutex_unlock(&gate->lock);
}

static void
gate_open(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->lock);
	gate->is_open = true;
	(void)pthread_cond_broadcast(&gate->turned);
	(void)pthread_mutex_unlock(&gate->lock);
}

static int
add_one(void *arg)
{
	(*(int *)arg)++;
	return 0;
}

static void
test_without_threads(void **state)
{
	struct beside *beside = NULL;
	int count = 0;
	struct beside_half half = {.fn = add_one, .arg = &count};

	(void)state;
	assert_int_equal(beside_new(0, &beside, NULL), 0);
	assert_false(beside_begin(beside, &half));
	beside_free(beside);
	beside_free(NULL);
	assert_int_equal(count, 0);
}

static void
test_as_many_as_threads(void **state)
{
	struct beside *beside = NULL;
	struct gate gates[2];
	struct beside_half halves[2], third;
	int count = 0;
	size_t i;

	(void)state;
	assert_int_equal(beside_new(2, &beside, NULL), 0);
	for (i = 0; i < 2; i++) {
		gate_init(&gates[i]);
		halves[i] = (struct beside_half){.fn = gate_pass,
		    .arg = &gates[i]};
		assert_true(beside_begin(beside, &halves[i]));
	}
	third = (struct beside_half){.fn = add_one, .arg = &count};
	assert_false(beside_begin(beside, &third));
	gate_await(&gates[0]);
	gate_await(&gates[1]);
	assert_false(beside_begin(beside, &third));
	/* The second is done first. */
	gate_open(&gates[1]);
	assert_int_equal(beside_end(beside, &halves[1]), ERR_BUSY);
	assert_true(beside_begin(beside, &third));
	assert_int_equal(beside_end(beside, &third), 0);
	assert_int_equal(count, 1);
	gate_open(&gates[0]);
	assert_int_equal(beside_end(beside, &halves[0]), ERR_BUSY);
	beside_free(beside);
	for (i = 0; i < 2; i++)
		gate_fini(&gates[i]);
}

struct asker {
	struct beside *beside;
	int here, there; /* halves that were done */
};

static void *
ask_many(void *arg)
{
	struct asker *asker = arg;
	struct beside_half half = {.fn = add_one, .arg = &asker->there};
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!beside_begin(asker->beside, &half))
			asker->here++;
		else if (beside_end(asker->beside, &half) != 0)
			return asker;
	}
	return NULL;
}

static void
test_many_ask(void **state)
{
	struct asker askers[ASKERS];
	pthread_t threads[ASKERS];
	struct beside *beside = NULL;
	void *failed;
	size_t i;

	(void)state;
	assert_int_equal(beside_new(2, &beside, NULL), 0);
	for (i = 0; i < ASKERS; i++) {
		askers[i] = (struct asker){.beside = beside};
		assert_int_equal(thread_start(&threads[i], "asker", ask_many,
				     &askers[i]), 0);
	}
	for (i = 0; i < ASKERS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
		assert_int_equal(askers[i].here + askers[i].there, ROUNDS);
	}
	beside_free(beside);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_threads),
		cmocka_unit_test(test_as_many_as_threads),
		cmocka_unit_test(test_many_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
