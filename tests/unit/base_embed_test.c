/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that embed again, of which a base has one at a time: one that ends in
 * the very transaction that asks for another is no use to who asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine_world.h"

#include "engine/base_models.h"

/* Longer than any test: a group ends with the first operation that somebody
 * waits for. */
#define COMMIT_MS 600000u

/* The world, with a writer that has a thread. */
struct gathering {
	struct world *w;
	struct writer *other; /* the world's own */
};

static int
gather_up(void **state)
{
	const struct writer_config config = {.commit_ms = COMMIT_MS};
	struct gathering *g = mem_zalloc(sizeof(*g));
	struct engine *engine;

	assert_non_null(g);
	assert_int_equal(world_up(state), 0);
	g->w = *state;
	engine = g->w->engine;
	g->other = engine->writer;
	engine->writer = writer_new(engine->store, engine->board, &config);
	assert_non_null(engine->writer);
	assert_int_equal(writer_start(engine->writer), 0);
	*state = g;
	return 0;
}

static int
gather_down(void **state)
{
	struct gathering *g = *state;
	void *w = g->w;

	writer_stop(g->w->engine->writer);
	writer_free(g->w->engine->writer);
	g->w->engine->writer = g->other;
	mem_free(g);
	return world_down(&w);
}

static struct job
embed(struct world *w)
{
	const struct job old = {.account_id = w->caller.account_id,
	    .base_uuid = w->base, .attempt = 1};
	struct job job;

	assert_int_equal(base_models_retry(w->engine, &old, DIALECT_NATIVE,
			     &job, NULL), 0);
	return job;
}

/* An operation that nobody waits for, so that the next one joins its group. */
struct ending {
	struct write_op op;
	int64_t job_id;
	bool is_cancelled;
};

static int
ending_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct ending *ending = arg;
	struct job *job = tx_job(tx, ending->job_id);

	(void)note;
	assert_non_null(job);
	if (ending->is_cancelled)
		job->cancelled_us = tx_now_us(tx);
	else
		job->is_finalized = true;
	return 0;
}

static struct job
job_get(struct world *w, const struct uuid *uuid)
{
	struct job job;

	assert_int_equal(engine_job_get(w->engine, NULL,
			     w->caller.account_id, uuid, &job), 0);
	return job;
}

static int
scanning_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const int64_t *job_id = arg;

	(void)note;
	tx_job(tx, *job_id)->scan = SCAN_RUNNING;
	return 0;
}

static int
scanned_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const int64_t *job_id = arg;

	(void)note;
	tx_job(tx, *job_id)->scan = SCAN_DONE;
	return 0;
}

static void
scan_run(struct world *w, int64_t job_id)
{
	assert_int_equal(writer_do(w->engine->writer, scanning_apply, &job_id,
			     NULL), 0);
	assert_int_equal(writer_do(w->engine->writer, scanned_apply, &job_id,
			     NULL), 0);
}

static void
end_and_embed(struct world *w, bool is_cancelled, enum job_state ends)
{
	struct job first = embed(w), next;
	struct ending ending = {.op = {.apply = ending_apply},
	    .job_id = first.id, .is_cancelled = is_cancelled};

	assert_int_equal(embed(w).id, first.id);
	scan_run(w, first.id);
	ending.op.arg = &ending;
	writer_post(w->engine->writer, &ending.op);
	next = embed(w);
	assert_int_not_equal(next.id, first.id);
	assert_int_equal(next.state, JOB_PENDING);
	assert_int_equal(job_get(w, &first.uuid).state, ends);
	/* It is the one that is live now. */
	assert_int_equal(embed(w).id, next.id);
}

static void
test_cancelled(void **state)
{
	const struct gathering *g = *state;

	end_and_embed(g->w, true, JOB_CANCELLED);
}

static void
test_finalized(void **state)
{
	const struct gathering *g = *state;

	end_and_embed(g->w, false, JOB_NO_CHANGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_cancelled, gather_up,
		gather_down),
	    cmocka_unit_test_setup_teardown(test_finalized, gather_up,
		gather_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
