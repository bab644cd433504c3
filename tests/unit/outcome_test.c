/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an item's segments when its job is not the only one that
 * has to do with the document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine_world.h"

#include "engine/outcome.h"
#include "engine/run.h"

#define LEXICAL 1 /* the number of that embedder */
#define DIMENSIONS 4

struct planned {
	int64_t job_id;
	struct item item;
};

static int
planned_take(void *arg, const struct item_row *row)
{
	((struct planned *)arg)->item = row->item;
	return 0;
}

static int
planned_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct planned *planned = arg;
	struct item_row row;
	int err;

	(void)note;
	memset(&row, 0, sizeof(row));
	row.uri = "file:///a";
	row.name = "a";
	row.metadata = "{}";
	row.item.bytes = 100;
	err = plan_item(tx, tx_job(tx, planned->job_id), &row, 1, false);
	return err < 0 ? err
		       : store_item_get(tx_store(tx), row.item.id,
			     planned_take, planned);
}

/* One item of the document in a new job. */
static struct run *
run_make(struct world *w, struct published *what)
{
	struct planned planned = {.job_id = make_job(w)};
	struct run *run;

	assert_int_equal(writer_do(w->engine->writer, planned_apply, &planned,
			     NULL), 0);
	run = run_new(w->engine, &planned.item);
	assert_non_null(run);
	memset(what, 0, sizeof(*what));
	what->document_id = planned.item.document_id;
	what->base_id = 1;
	what->rule = 1;
	what->has_vectors = true;
	what->embedder_id = LEXICAL;
	return run;
}

static struct segment_batch *
batch_make(uint32_t first, uint32_t count)
{
	static const float vectors[8 * DIMENSIONS] = {1};
	struct segment_batch *batch = segment_batch_new(8);
	struct segment segment;
	uint32_t i;

	assert_non_null(batch);
	for (i = 0; i < count; i++) {
		memset(&segment, 0, sizeof(segment));
		segment.ordinal = first + i;
		segment.section = "";
		segment.text = "some words";
		segment.text_len = strlen(segment.text);
		assert_int_equal(segment_batch_add(batch, &segment), 0);
	}
	batch->embedder_id = LEXICAL;
	assert_int_equal(segment_batch_seal(batch, vectors, DIMENSIONS), 0);
	return batch;
}

static void
post_batch(struct world *w, struct run *run, const struct published *what,
    uint32_t first, uint32_t count)
{
	struct segment_batch *batch = batch_make(first, count);

	assert_int_equal(outcome_batch(w->engine, run, what, &batch), 0);
}

static void
post_publication(struct world *w, struct run *run, struct published *what,
    uint32_t first, uint32_t count)
{
	struct segment_batch *batch = batch_make(first, count);

	run_set_segments(run, first + count);
	what->keyphrases = mem_strdup("[]");
	assert_non_null(what->keyphrases);
	assert_int_equal(outcome_publish(w->engine, run, what, &batch), 0);
}

/* Apply, commit and tell what was posted. */
static void
let_write(struct world *w)
{
	assert_int_equal(writer_start(w->engine->writer), 0);
	writer_stop(w->engine->writer);
}

static enum item_state
state_of(struct world *w, const struct run *run)
{
	struct planned now;

	assert_int_equal(store_item_get(w->engine->store, run_item(run)->id,
			     planned_take, &now), 0);
	return now.item.state;
}

static uint64_t
segments_of(struct world *w)
{
	struct index_totals totals;

	assert_int_equal(store_audit_base(w->engine->store, 1, &totals), 0);
	assert_int_equal(totals.segments, totals.promised);
	assert_int_equal(totals.segments, totals.postings);
	assert_int_equal(totals.segments, totals.vectors);
	return totals.segments;
}

/* Paused and at once resumed, a worker looks before its own last batch has
 * been stored, and does it again. */
static void
test_a_batch_twice(void **state)
{
	struct world *w = *state;
	struct published what;
	struct run *run = run_make(w, &what);

	post_batch(w, run, &what, 0, 4);
	post_batch(w, run, &what, 0, 4);
	post_batch(w, run, &what, 2, 4);
	post_publication(w, run, &what, 6, 2);
	let_write(w);
	assert_int_equal(state_of(w, run), ITEM_COMPLETED);
	assert_int_equal(segments_of(w), 8);
	run_unref(run);
}

/* What it goes on from was given up: it does not fail, it begins anew. */
static void
test_given_up_under_way(void **state)
{
	struct world *w = *state;
	struct published what, other_what;
	struct run *run = run_make(w, &what);
	struct run *other = run_make(w, &other_what);

	post_batch(w, run, &what, 0, 4);
	assert_int_equal(
	    outcome_end(w->engine, other, ITEM_CODE_NO_TEXT, "", 0), 0);
	post_batch(w, run, &what, 4, 4);
	post_publication(w, run, &what, 8, 2);
	let_write(w);
	assert_int_equal(state_of(w, other), ITEM_FAILED);
	assert_int_equal(state_of(w, run), ITEM_QUEUED);
	assert_true(run_was_torn(run));
	assert_false(run_is_lost(run));

	post_batch(w, run, &what, 0, 8);
	post_publication(w, run, &what, 8, 2);
	let_write(w);
	assert_false(run_was_torn(run));
	assert_int_equal(state_of(w, run), ITEM_COMPLETED);
	assert_int_equal(segments_of(w), 10);
	run_unref(run);
	run_unref(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_batch_twice, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_given_up_under_way,
		world_up, world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
