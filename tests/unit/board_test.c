/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/board.h"
#include "model/job.h"

#define READERS 3
#define SHARED_JOBS 8
#define PUTS 30000
#define KEPT 1024 /* final jobs on the board */

/* Uuids of which many share a chain: the last four bytes choose it. */
static struct uuid
uuid_make(uint32_t number, uint32_t chain)
{
	uint8_t bytes[16] = {0};

	memcpy(bytes, &number, sizeof(number));
	memcpy(bytes + 12, &chain, sizeof(chain));
	return uuid_random(bytes);
}

static struct job
job_make(uint32_t number)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.id = number;
	job.uuid = uuid_make(number, number % 4);
	job.base_id = number % 3;
	job.state = JOB_RUNNING;
	(void)snprintf(job.base_name, sizeof(job.base_name), "base %u",
	    number % 3);
	return job;
}

static void
job_end(struct job *job, int64_t now)
{
	job->state = JOB_COMPLETED;
	job->finished_us = now;
	job->percent_hundredths = 10000;
	job->rev++;
}

static void
test_put_and_get(void **state)
{
	struct board *board = board_new();
	struct job job, got;
	uint32_t i;

	(void)state;
	assert_non_null(board);
	job = job_make(1);
	assert_false(board_get(board, &job.uuid, &got));
	assert_null(board_own(board, 1));
	for (i = 1; i <= 1000; i++) {
		job = job_make(i);
		assert_int_equal(board_put(board, &job), 0);
	}
	for (i = 1; i <= 1000; i++) {
		job = job_make(i);
		assert_true(board_get(board, &job.uuid, &got));
		assert_memory_equal(&got, &job, sizeof(job));
		assert_non_null(board_own(board, i));
		assert_int_equal(board_own(board, i)->id, i);
		job.counts.total = job.counts.queued = i;
		job.rev = 5;
		assert_int_equal(board_put(board, &job), 0);
		assert_true(board_get(board, &job.uuid, &got));
		assert_int_equal(got.counts.total, i);
	}
	job = job_make(5000);
	assert_false(board_get(board, &job.uuid, &got));
	board_free(board);
	board_free(NULL);
}

/* Final jobs leave, those that ended first before the others; live ones
 * never. */
static void
test_evict(void **state)
{
	struct board *board = board_new();
	struct job job, got;
	uint32_t i, n = KEPT + 500;

	(void)state;
	assert_non_null(board);
	for (i = 1; i <= 100; i++) {
		job = job_make(1000000 + i);
		assert_int_equal(board_put(board, &job), 0);
	}
	for (i = 1; i <= n; i++) {
		job = job_make(i);
		assert_int_equal(board_put(board, &job), 0);
		/* They end in another order than they began. */
		job_end(&job, (int64_t)(i * 7919 % n) + 1);
		assert_int_equal(board_put(board, &job), 0);
	}
	for (i = 1; i <= 100; i++) {
		job = job_make(1000000 + i);
		assert_true(board_get(board, &job.uuid, &got));
		assert_non_null(board_own(board, 1000000 + i));
	}
	{
		unsigned here = 0;

		for (i = 1; i <= n; i++) {
			job = job_make(i);
			here += board_get(board, &job.uuid, &got);
			assert_int_equal(board_own(board, i) != NULL,
			    board_get(board, &job.uuid, &got));
		}
		assert_int_equal(here, KEPT);
	}
	/* The last to have ended is there whenever it was put. */
	for (i = 1; i <= n; i++) {
		job = job_make(i);
		if ((i * 7919 % n) + 1 == n)
			assert_true(board_get(board, &job.uuid, &got));
	}
	board_free(board);
}

static void
test_forget_and_rename(void **state)
{
	struct board *board = board_new();
	char name[2 * NAME_BYTES_MAX];
	struct job job, got;
	uint32_t i;

	(void)state;
	assert_non_null(board);
	for (i = 1; i <= 300; i++) {
		job = job_make(i);
		if (i % 2 == 0)
			job_end(&job, i);
		assert_int_equal(board_put(board, &job), 0);
	}
	board_rename_base(board, 1, "other");
	board_forget_base(board, 2);
	board_forget_base(board, 77); /* none */
	for (i = 1; i <= 300; i++) {
		job = job_make(i);
		assert_int_equal(board_get(board, &job.uuid, &got),
		    i % 3 != 2);
		assert_int_equal(board_own(board, i) != NULL, i % 3 != 2);
		if (i % 3 != 2)
			assert_string_equal(got.base_name,
			    i % 3 == 1 ? "other" : "base 0");
	}
	/* Their places are used again. */
	for (i = 1001; i <= 1300; i++) {
		job = job_make(i);
		assert_int_equal(board_put(board, &job), 0);
		assert_true(board_get(board, &job.uuid, &got));
	}
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	board_rename_base(board, 0, name);
	job = job_make(3);
	assert_true(board_get(board, &job.uuid, &got));
	assert_int_equal(strlen(got.base_name), NAME_BYTES_MAX);
	board_free(board);
}

static void
test_full(void **state)
{
	struct board *board = board_new();
	struct job job, got;
	uint32_t i;

	(void)state;
	assert_non_null(board);
	for (i = 1; i <= JOBS_LIVE_MAX; i++) {
		job = job_make(i);
		job.uuid = uuid_make(i, i * 2654435761u);
		assert_int_equal(board_put(board, &job), 0);
	}
	job = job_make(i);
	assert_int_equal(board_put(board, &job), ERR_BUSY);
	/* One that is on it may still change, and end. */
	job = job_make(7);
	job.uuid = uuid_make(7, 7 * 2654435761u);
	job_end(&job, 1);
	assert_int_equal(board_put(board, &job), 0);
	assert_true(board_get(board, &job.uuid, &got));
	assert_int_equal(got.state, JOB_COMPLETED);
	job = job_make(i);
	assert_int_equal(board_put(board, &job), 0);
	board_free(board);
}

static void
test_rev(void **state)
{
	struct board *board = board_new();

	(void)state;
	assert_non_null(board);
	assert_int_equal(board_rev(board), 0);
	board_set_rev(board, 17, 4);
	assert_int_equal(board_rev(board), 17);
	assert_int_equal(board_generation(board), 4);
	board_wait(board, 17); /* does not wait */
	board_wait(board, 3);
	board_free(board);
}

static void
test_no_memory(void **state)
{
	struct board *board;
	struct job job = job_make(1), got;

	(void)state;
	mem_fail_at(1);
	assert_null(board_new());
	mem_fail_at(0);
	board = board_new();
	assert_non_null(board);
	mem_fail_at(1);
	assert_int_equal(board_put(board, &job), ERR_NOMEM);
	mem_fail_at(0);
	assert_false(board_get(board, &job.uuid, &got));
	assert_int_equal(board_put(board, &job), 0);
	assert_true(board_get(board, &job.uuid, &got));
	board_free(board);
}

struct shared {
	struct board *board;
	atomic_bool is_done;
	atomic_uint torn, back, lost;
};

/* All figures of a job in this test follow from its rev. */
static void
job_fill(struct job *job, int64_t rev)
{
	uint64_t n = (uint64_t)rev;

	job->rev = rev;
	job->counts.total = n;
	job->counts.queued = n / 2;
	job->counts.completed = n - n / 2;
	job->bytes_total = n * 3;
	job->bytes_done = n;
	job->generation = rev;
	job->updated_us = rev;
	(void)snprintf(job->message, sizeof(job->message), "%lld",
	    (long long)rev);
}

static bool
job_is_whole(const struct job *job)
{
	struct job wanted = *job;

	job_fill(&wanted, job->rev);
	return memcmp(&wanted, job, sizeof(wanted)) == 0 &&
	    job->counts.total == job->counts.queued + job->counts.completed;
}

static void *
board_reader(void *arg)
{
	struct shared *shared = arg;
	int64_t seen[SHARED_JOBS] = {0}, floor;
	struct job got;
	uint32_t i;

	while (!atomic_load(&shared->is_done))
		for (i = 0; i < SHARED_JOBS; i++) {
			struct uuid uuid = uuid_make(i + 1, (i + 1) % 4);

			/* A job is on the board before the rev it came
			 * with, and never leaves it while it lives. */
			floor = board_rev(shared->board);
			if (!board_get(shared->board, &uuid, &got)) {
				atomic_fetch_add(&shared->lost, floor > 0);
				continue;
			}
			atomic_fetch_add(&shared->torn, !job_is_whole(&got));
			atomic_fetch_add(&shared->back, got.rev < seen[i]);
			/* Jobs are written in turn: none is older than one
			 * round before what the board says it has. */
			atomic_fetch_add(&shared->back,
			    got.rev < floor - SHARED_JOBS);
			seen[i] = got.rev;
		}
	return NULL;
}

/* Beside them final jobs come and go in the same chains, so that readers meet
 * slots that are unlinked and used again. */
static void
test_threads(void **state)
{
	struct shared shared = {.board = board_new()};
	struct job jobs[SHARED_JOBS], other;
	pthread_t readers[READERS];
	int64_t rev = 0;
	uint32_t i, n;

	(void)state;
	assert_non_null(shared.board);
	for (i = 0; i < SHARED_JOBS; i++) {
		jobs[i] = job_make(i + 1);
		jobs[i].base_id = 9;
		job_fill(&jobs[i], ++rev);
		assert_int_equal(board_put(shared.board, &jobs[i]), 0);
	}
	board_set_rev(shared.board, rev, rev);
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL,
				     board_reader, &shared), 0);
	for (n = 0; n < PUTS; n++) {
		job_fill(&jobs[n % SHARED_JOBS], ++rev);
		assert_int_equal(board_put(shared.board,
				     &jobs[n % SHARED_JOBS]), 0);
		board_set_rev(shared.board, rev, rev);
		if (n % 8 == 0) {
			other = job_make(1000 + n);
			other.base_id = n % 2;
			job_fill(&other, rev);
			job_end(&other, rev);
			job_fill(&other, rev);
			assert_int_equal(board_put(shared.board, &other), 0);
		}
		if (n % 1000 == 0)
			board_forget_base(shared.board, 1);
	}
	atomic_store(&shared.is_done, true);
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_join(readers[i], NULL), 0);
	assert_int_equal(shared.torn, 0);
	assert_int_equal(shared.back, 0);
	assert_int_equal(shared.lost, 0);
	board_free(shared.board);
}

static void *
board_waiter(void *arg)
{
	struct shared *shared = arg;

	board_wait(shared->board, 5);
	if (board_rev(shared->board) < 5)
		atomic_fetch_add(&shared->back, 1);
	return NULL;
}

static void
test_wait(void **state)
{
	struct shared shared = {.board = board_new()};
	pthread_t waiter;
	int64_t rev;

	(void)state;
	assert_non_null(shared.board);
	assert_int_equal(pthread_create(&waiter, NULL, board_waiter, &shared),
	    0);
	for (rev = 1; rev <= 5; rev++)
		board_set_rev(shared.board, rev, 0);
	assert_int_equal(pthread_join(waiter, NULL), 0);
	assert_int_equal(shared.back, 0);
	board_free(shared.board);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_put_and_get),
	    cmocka_unit_test(test_evict),
	    cmocka_unit_test(test_forget_and_rename),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_rev),
	    cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
