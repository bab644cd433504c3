/* SPDX-License-Identifier: Apache-2.0 */
/* The engine as a whole, with its threads and the extractor, without HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline_world.h"

static int
pipeline_up(void **state)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));

	assert_non_null(w);
	world_init(w);
	world_start(w);
	world_base(w);
	*state = w;
	return 0;
}

static int
pipeline_down(void **state)
{
	world_fini(*state);
	mem_free(*state);
	return 0;
}

/* Index the folder to the end. */
static struct job
index_all(struct pipeline *w)
{
	struct job job;

	assert_int_equal(world_index(w, &job), 0);
	return world_until(w, &job.uuid, NULL);
}

static struct job
order(struct pipeline *w, const struct uuid *uuid, enum job_order what)
{
	struct err_note note;
	struct job job;

	assert_int_equal(engine_job_order(w->engine, w->account_id, uuid,
			     what, "test", &job, &note), 0);
	job_check(&job);
	return job;
}

static void
test_each_end(void **state)
{
	struct pipeline *w = *state;
	struct job job;

	world_put(w, "good.txt", "The ebb runs strongly.\n", 1);
	world_put(w, "twin.txt", "The ebb runs strongly.\n", 1);
	world_put(w, "empty.txt", "", 0);
	world_put(w, "broken.json", "{\"a\": ", 1);
	world_put(w, "program.exe", "MZ\x01\x02\x03\x04", 1);
	job = index_all(w);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.counts.total, 5);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.counts.failed, 1);
	assert_int_equal(job.counts.skipped, 3);
	assert_int_equal(job.empty, 1);
	assert_int_equal(world_found(w, "ebb"), 1);
	assert_int_equal(world_audit(w).index.documents, 1);
}

static void
test_second_run(void **state)
{
	struct pipeline *w = *state;
	char path[160];
	struct job job;

	world_put(w, "kept.txt", "Kept at the pier.\n", 1);
	world_put(w, "changed.txt", "An oldword here.\n", 1);
	world_put(w, "gone.txt", "A goneword here.\n", 1);
	assert_int_equal(index_all(w).state, JOB_COMPLETED);
	job = index_all(w);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 3);

	world_put(w, "changed.txt", "A newword here, longer.\n", 1);
	(void)snprintf(path, sizeof(path), "%s/gone.txt", w->docs);
	assert_int_equal(unlink(path), 0);
	job = index_all(w);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.removed, 1);
	assert_int_equal(world_found(w, "oldword"), 0);
	assert_int_equal(world_found(w, "goneword"), 0);
	assert_int_equal(world_found(w, "newword"), 1);
	assert_int_equal(world_audit(w).index.documents, 2);
}

static bool
has_batches(const struct job *job)
{
	return job->segments_completed > 0;
}

/* Stopped between two batches of a large document, in an orderly way: the next
 * start goes on, and nothing is told twice. */
static void
test_stop_between_batches(void **state)
{
	struct pipeline *w = *state;
	struct job job, before;

	world_put(w, "large.txt",
	    "The water of the harbour comes and goes, twice a day, and the "
	    "boats lie in the mud between. Nobody hurries.\n\n", 20000);
	assert_int_equal(world_index(w, &job), 0);
	before = world_until(w, &job.uuid, has_batches);
	world_stop(w);
	world_start(w);
	job = world_job(w, &job.uuid);
	assert_true(job.segments_completed >= before.segments_completed);
	assert_true(job.rev >= before.rev);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.segments_completed, job.segments_total);
	assert_int_equal(world_audit(w).index.segments, job.segments_total);
}

/* Cancelled between two batches: nothing of it is found, or left over once
 * the janitor has been there.  The document is much more than a queue and a
 * group hold, so that it cannot be done before the cancel is applied. */
static void
test_cancel_between_batches(void **state)
{
	struct pipeline *w = *state;
	struct job job, again;
	bool has_dead = true;
	int i;

	world_put(w, "large.txt",
	    "The water of the harbour comes and goes, twice a day, and the "
	    "boats lie in the mud between. Nobody hurries.\n\n", 200000);
	assert_int_equal(world_index(w, &job), 0);
	(void)world_until(w, &job.uuid, has_batches);
	job = order(w, &job.uuid, JOB_ORDER_CANCEL);
	assert_int_equal(job.state, JOB_CANCELLED);
	assert_int_equal(job.counts.cancelled, 1);
	assert_string_equal(job.cancelled_by, "test");
	again = order(w, &job.uuid, JOB_ORDER_CANCEL);
	assert_int_equal(again.rev, job.rev);
	assert_int_equal(order(w, &job.uuid, JOB_ORDER_PAUSE).rev, job.rev);
	assert_int_equal(world_found(w, "harbour"), 0);
	for (i = 0; has_dead && i < WORLD_WAITS; i++) {
		assert_int_equal(store_revision_has_dead(w->reader,
				     &has_dead), 0);
		if (has_dead)
			world_rest(w);
	}
	assert_false(has_dead);
	assert_int_equal(world_audit(w).index.segments, 0);
}

/* A pause lasts over a stop and a start. */
static void
test_pause_and_stop(void **state)
{
	struct pipeline *w = *state;
	char name[32], text[64];
	struct job job;
	int i;

	for (i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof(name), "n%d.txt", i);
		(void)snprintf(text, sizeof(text), "Pile %d stands.\n", i);
		world_put(w, name, text, 1);
	}
	assert_int_equal(world_index(w, &job), 0);
	job = order(w, &job.uuid, JOB_ORDER_PAUSE);
	if (job_state_is_final(job.state) || job.state == JOB_FINALIZING)
		skip(); /* it was faster than the pause */
	assert_int_equal(job.state, JOB_PAUSED);
	assert_int_equal(job.waiting_for, WAITING_PAUSED);
	world_stop(w);
	world_start(w);
	job = world_job(w, &job.uuid);
	assert_true(job.is_paused);
	job = order(w, &job.uuid, JOB_ORDER_RESUME);
	assert_false(job.is_paused);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 60);
	(void)world_audit(w);
}

int
main(void)
{
#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, pipeline_up, pipeline_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_end),
	    TEST(test_second_run),
	    TEST(test_stop_between_batches),
	    TEST(test_cancel_between_batches),
	    TEST(test_pause_and_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
