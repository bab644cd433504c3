/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole pipeline over a small folder while the first, second, third ...
 * allocation, change of a file or write fails.  Whatever it was: the job comes
 * to its end by itself, nothing failed for it, and everything is found.
 *
 * And a disk that is full for a while: the job says that it waits for it,
 * loses nothing, and goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "fault.h"

#include "../unit/pipeline_world.h"

#include "engine/writer.h"
#include "sys/clock.h"

#define FILES 6 /* small ones, beside one that is stored in batches */
/* Each kind of failure has so long; what comes later in the run is left to
 * larger steps. */
#define KIND_US 5000000

static void
folder_make(struct pipeline *w)
{
	char name[32], text[64];
	unsigned i;

	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "small-%u.txt", i);
		(void)snprintf(text, sizeof(text), "ebb and flood%u.\n\n", i);
		world_put(w, name, text, 3);
	}
	world_put(w, "large.txt",
	    "The water of the harbour comes and goes, twice a day, and the "
	    "boats lie in the mud between. Nobody hurries.\n\n", 4000);
	world_put(w, "data.json", "{\"tide\": [\"spring\", \"neap\"]}", 1);
}

static void
folder_is_found(struct pipeline *w, const struct job *job)
{
	struct audit_totals totals;
	char word[32];
	unsigned i;

	assert_int_equal(job->state, JOB_COMPLETED);
	assert_int_equal(job->counts.completed, FILES + 2);
	assert_int_equal(job->segments_completed, job->segments_total);
	for (i = 0; i < FILES; i++) {
		(void)snprintf(word, sizeof(word), "flood%u", i);
		assert_int_equal(world_found(w, word), 1);
	}
	assert_true(world_found(w, "harbour") > 0);
	assert_int_equal(world_found(w, "neap"), 1);
	totals = world_audit(w);
	assert_int_equal(totals.index.documents, FILES + 2);
	assert_int_equal(totals.index.segments, job->segments_completed);
}

/* True when the failure came before the job's end. */
static bool
run_with(enum fault fault, unsigned long nth)
{
	struct pipeline w;
	struct job job;
	bool has_happened;
	int err, i;

	world_init(&w);
	folder_make(&w);
	world_start(&w);
	world_base(&w);
	fault_set(fault, nth);
	for (i = 0; (err = world_index(&w, &job)) < 0 && i < WORLD_WAITS; i++)
		world_rest(&w);
	assert_int_equal(err, 0);
	job = world_until(&w, &job.uuid, NULL);
	has_happened = fault_happened(fault);
	fault_clear();
	folder_is_found(&w, &job);
	/* The same after a start. */
	world_stop(&w);
	world_start(&w);
	job = world_job(&w, &job.uuid);
	folder_is_found(&w, &job);
	world_fini(&w);
	return has_happened;
}

static void
run_all(enum fault fault)
{
	int64_t until = clock_mono_us() + KIND_US;
	unsigned long nth = 1;

	while (run_with(fault, nth))
		nth += clock_mono_us() < until ? 1 + nth / 4 : nth;
}

static void
test_memory(void **state)
{
	(void)state;
	run_all(FAULT_MEMORY);
}

static void
test_sqlite_memory(void **state)
{
	(void)state;
	run_all(FAULT_SQLITE_MEMORY);
}

static void
test_disk_full(void **state)
{
	(void)state;
	run_all(FAULT_DISK_FULL);
}

static void
test_disk_broken(void **state)
{
	(void)state;
	run_all(FAULT_DISK_BROKEN);
}

static void
test_write(void **state)
{
	(void)state;
	run_all(FAULT_WRITE);
}

/* Opening fails as a whole, or not at all. */
static void
test_open(void **state)
{
	static const enum fault faults[] = {FAULT_MEMORY,
	    FAULT_SQLITE_MEMORY, FAULT_DISK_FULL, FAULT_WRITE};
	struct pipeline w;
	bool has_happened;
	struct err_note note;
	unsigned long nth;
	size_t i;
	int err;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		has_happened = true;
		for (nth = 1; has_happened; nth += 1 + nth / 3) {
			world_init(&w);
			fault_set(faults[i], nth);
			err = world_open(&w, &note);
			if (err == 0)
				err = engine_start(w.engine, &note);
			has_happened = fault_happened(faults[i]);
			fault_clear();
			assert_true(err == 0 || has_happened);
			engine_close(w.engine);
			w.engine = NULL;
			world_start(&w);
			world_fini(&w);
		}
	}
}

static bool
waits_for_storage(const struct job *job)
{
	return job->waiting_for == WAITING_STORAGE;
}

/* Full from the nth change on, until it has space again. */
static void
full_from(unsigned long nth)
{
	struct pipeline w;
	struct engine_stats stats;
	struct job job, before, waiting;

	world_init(&w);
	folder_make(&w);
	world_start(&w);
	world_base(&w);
	assert_int_equal(world_index(&w, &before), 0);
	fault_disk_stays_full(nth);
	waiting = world_until(&w, &before.uuid, waits_for_storage);
	engine_stats(w.engine, &stats);
	assert_true(stats.is_storage_waiting);
	assert_false(job_state_is_final(waiting.state));
	fault_clear();
	job = world_until(&w, &before.uuid, NULL);
	assert_true(job.counts.completed >= waiting.counts.completed);
	folder_is_found(&w, &job);
	engine_stats(w.engine, &stats);
	assert_false(stats.is_storage_waiting);
	world_fini(&w);
}

static void
test_disk_stays_full(void **state)
{
	(void)state;
	full_from(1);
	full_from(5);
	full_from(12);
}

/* The program is told to stop while the disk is full: what was committed is
 * there, the rest is done by the next start. */
static void
test_stop_while_full(void **state)
{
	struct pipeline w;
	struct job job;

	(void)state;
	world_init(&w);
	folder_make(&w);
	world_start(&w);
	world_base(&w);
	assert_int_equal(world_index(&w, &job), 0);
	fault_disk_stays_full(3);
	(void)world_until(&w, &job.uuid, waits_for_storage);
	world_stop(&w);
	fault_clear();
	world_start(&w);
	job = world_until(&w, &job.uuid, NULL);
	folder_is_found(&w, &job);
	world_fini(&w);
}

/* An upload that does not fit is refused, and leaves nothing behind. */
static int
upload_once(struct pipeline *w, struct job *ret_job)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	struct upload *upload = NULL;
	struct err_note note;
	int err;

	err = engine_upload_open(w->engine, JOB_KIND_UPLOAD, "a.txt", NULL,
	    &upload, &note);
	if (err == 0)
		err = engine_upload_write(upload, "slack water\n", 12);
	if (err == 0)
		err = engine_upload_finish(upload, &note);
	if (err == 0)
		err = engine_job_uploads(w->engine, &request, JOB_KIND_UPLOAD,
		    &upload, 1, ret_job, &note);
	engine_upload_free(upload);
	return err;
}

static void
test_uploads(void **state)
{
	static const enum fault faults[] = {FAULT_MEMORY, FAULT_WRITE};
	struct pipeline w;
	struct job job;
	bool has_happened;
	unsigned long nth;
	size_t i;
	int err;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		has_happened = true;
		for (nth = 1; has_happened && nth < 60; nth++) {
			fault_set(faults[i], nth);
			err = upload_once(&w, &job);
			has_happened = fault_happened(faults[i]);
			fault_clear();
			if (err < 0)
				assert_int_equal(upload_once(&w, &job), 0);
			job = world_until(&w, &job.uuid, NULL);
			assert_int_equal(job.counts.failed, 0);
		}
	}
	assert_int_equal(world_found(&w, "slack"), 1);
	(void)world_audit(&w);
	world_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_sqlite_memory),
	    cmocka_unit_test(test_disk_full),
	    cmocka_unit_test(test_disk_broken),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_disk_stays_full),
	    cmocka_unit_test(test_stop_while_full),
	    cmocka_unit_test(test_uploads),
	};

	fault_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
