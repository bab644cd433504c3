/* SPDX-License-Identifier: Apache-2.0 */
/* The store: what is kept, what may have to be indexed again, and which job of
 * a base counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store_source.h"
#include "store_world.h"

/* ---- documents ----------------------------------------------------------- */

static int
document_note(void *arg, const struct document *document)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s ", document->uri);
}

static void
expect_kept(struct world *w, uint64_t rule, int64_t after_id, size_t limit,
    const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_documents_kept(w->store, w->base_id, rule,
			     after_id, limit, document_note, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static int64_t
held_us(struct world *w)
{
	int64_t us = -1;

	assert_int_equal(store_documents_held(w->store, w->base_id, &us), 0);
	return us;
}

static void
test_held(void **state)
{
	struct world *w = *state;
	struct job job;
	int64_t a, b;

	begin(w);
	a = put_document(w, "a", 0);
	b = put_document(w, "b", 0);
	assert_int_equal(held_us(w), 0);
	assert_int_equal(store_document_hold(w->store, b, NOW + 7), 0);
	assert_int_equal(store_document_hold(w->store, a, NOW + 5), 0);
	assert_true(held_us(w) == NOW + 7);
	expect_kept(w, 1, 0, 10, "a b ");
	/* A newer item takes over. */
	job = add_job(w, 10);
	(void)add_item(w, job.id, 1, "b", NULL);
	assert_true(held_us(w) == NOW + 5);
	expect_kept(w, 1, 0, 10, "a ");
	assert_int_equal(store_document_delete(w->store, a), 0);
	assert_int_equal(held_us(w), 0);
	commit(w);
}

static void
add_ended(struct world *w, int64_t job_id, uint32_t seq, const char *uri,
    enum item_state state)
{
	struct item item = add_item(w, job_id, seq, uri, NULL);

	item.state = state;
	assert_int_equal(store_item_save(w->store, &item, ITEM_QUEUED, 1), 0);
}

/* What may have to be indexed again, and what never has. */
static void
test_kept(void **state)
{
	struct world *w = *state;
	struct document_change change = {.settings = "{\"a\":1}"};
	uint64_t rule = INT64_MAX - 1; /* as put_indexed() has it for 1 */
	int64_t own, member, id;
	struct job job;

	begin(w);
	job = add_job(w, 10);
	(void)put_indexed(w, "same", "w", 1, 1);
	(void)put_indexed(w, "ruled", "w", 1, 2);
	(void)put_document(w, "never", 0);
	add_ended(w, job.id, 1, "failed", ITEM_FAILED);
	add_ended(w, job.id, 2, "cancelled", ITEM_CANCELLED);
	add_ended(w, job.id, 3, "skipped", ITEM_SKIPPED);
	own = put_indexed(w, "own", "w", 1, 1);
	assert_int_equal(store_document_change(w->store, own, &change, NOW),
	    0);
	id = put_indexed(w, "archive", "w", 1, 1);
	assert_int_equal(store_document_put(w->store, w->base_id,
			     "archive#a", "a", "{}", 0, id, NOW, &member), 0);
	assert_int_equal(store_document_hold(w->store, member, NOW), 0);
	id = put_indexed(w, "sourced", "w", 1, 2);
	assert_int_equal(store_document_origin(w->store, id, 9), 0);
	id = put_indexed(w, "given", "w", 1, 2);
	assert_int_equal(store_document_origin(w->store, id, 9), 0);
	assert_int_equal(store_document_hold(w->store, id, NOW), 0);
	expect_kept(w, rule, 0, 100,
	    "ruled failed cancelled own archive given ");
	expect_kept(w, rule, own, 1, "archive ");
	commit(w);
}

static void
test_address(void **state)
{
	struct world *w = *state;
	int64_t a, b;

	begin(w);
	a = put_document(w, "a", 0);
	b = put_document(w, "b", 0);
	assert_int_equal(store_document_address(w->store, a, "b"),
	    ERR_EXISTS);
	assert_int_equal(store_document_address(w->store, a, "a"), 0);
	assert_int_equal(store_document_address(w->store, a, "c"), 0);
	assert_int_equal(store_document_address(w->store, b, "a"), 0);
	assert_int_equal(store_document_find(w->store, w->base_id, "b",
			     document_note, w), ERR_NOT_FOUND);
	commit(w);
}

static void
test_forget(void **state)
{
	struct world *w = *state;
	int64_t a;

	begin(w);
	a = put_indexed(w, "a", "walnut", 3, 1);
	(void)put_indexed(w, "b", "hazel", 2, 2);
	expect_audit(w, 2, 5);
	assert_int_equal(store_document_forget(w->store, a, NOW), 0);
	expect_audit(w, 1, 2);
	assert_true(held_us(w) == NOW);
	expect_kept(w, INT64_MAX - 2, 0, 10, "a ");
	assert_int_equal(store_document_forget(w->store, 4711, NOW),
	    ERR_NOT_FOUND);
	commit(w);
}

/* ---- jobs ---------------------------------------------------------------- */

static struct job
add_kind(struct world *w, uint8_t n, enum job_kind kind,
    enum job_state state, int64_t started_us)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.uuid = uuid_make(n);
	job.account_id = w->account_id;
	job.base_id = w->base_id;
	(void)snprintf(job.batch, sizeof(job.batch), "%020u", n);
	job.kind = kind;
	job.dialect = DIALECT_NATIVE;
	job.state = JOB_PENDING;
	job.attempt = 1;
	job.created_us = NOW + n;
	assert_int_equal(store_job_add(w->store, &job, "{}", &job.id), 0);
	job.state = state;
	job.started_us = started_us;
	job.rev = store_next_rev(w->store);
	assert_int_equal(store_job_save(w->store, &job), 0);
	return job;
}

static void
expect_job(int err, const struct job *got, const struct job *wanted)
{
	if (wanted == NULL) {
		assert_int_equal(err, ERR_NOT_FOUND);
		return;
	}
	assert_int_equal(err, 0);
	assert_int_equal(got->id, wanted->id);
}

static void
expect_jobs(struct world *w, const struct job *given, const struct job *run,
    const struct job *live)
{
	struct job got;
	int err;

	err = store_job_newest_but(w->store, w->base_id, JOB_KIND_KEPT, &got);
	expect_job(err, &got, given);
	err = store_job_newest_but(w->store, w->base_id, JOB_KIND_KEEP, &got);
	expect_job(err, &got, run);
	err = store_job_running(w->store, w->base_id, JOB_KIND_KEEP, &got);
	expect_job(err, &got, live);
}

static void
test_jobs(void **state)
{
	struct world *w = *state;
	struct job keep, kept, folder, late, got;
	int err;

	begin(w);
	expect_jobs(w, NULL, NULL, NULL);
	keep = add_kind(w, 10, JOB_KIND_KEEP, JOB_NO_CHANGES, NOW);
	expect_jobs(w, &keep, NULL, NULL);
	kept = add_kind(w, 11, JOB_KIND_KEPT, JOB_COMPLETED, NOW);
	expect_jobs(w, &keep, &kept, NULL);
	kept = add_kind(w, 12, JOB_KIND_KEPT, JOB_PENDING, 0);
	expect_jobs(w, &keep, &kept, &kept);
	folder = add_kind(w, 13, JOB_KIND_FOLDER, JOB_RUNNING, NOW);
	expect_jobs(w, &folder, &folder, &folder);
	late = add_kind(w, 14, JOB_KIND_KEPT, JOB_PENDING, 0);
	keep = add_kind(w, 15, JOB_KIND_KEEP, JOB_NO_CHANGES, NOW);
	expect_jobs(w, &keep, &late, &folder);
	folder.state = JOB_COMPLETED;
	assert_int_equal(store_job_save(w->store, &folder), 0);
	expect_jobs(w, &keep, &late, &kept);
	err = store_job_next(w->store, w->base_id, JOB_KIND_KEPT, 0, &got);
	expect_job(err, &got, &kept);
	err = store_job_next(w->store, w->base_id, JOB_KIND_KEPT, kept.id,
	    &got);
	expect_job(err, &got, &late);
	err = store_job_next(w->store, w->base_id, JOB_KIND_KEPT, late.id,
	    &got);
	expect_job(err, &got, NULL);
	commit(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_held, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_kept, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_address, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_forget, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_jobs, world_up, world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
