/* SPDX-License-Identifier: Apache-2.0 */
/* Models of bases in the store: vectors of two embedders, turning, sweeping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include "store/store_model.h"
#include "store_world.h"

#define OLD 1 /* the numbers of two embedders */
#define NEW 7
#define SEGMENTS 40u

/* A document of so many segments by the old one, in a base that answers by
 * it. */
static int64_t
fill(struct world *w)
{
	struct base_model model = {.wanted_id = OLD};
	struct revision r;
	struct segment segment = {.section = "S", .text = "one word",
	    .text_len = 8, .chars = 8, .dimensions = 2, .embedder_id = OLD};
	static const int8_t vector[2] = {3, 4};
	int64_t id;
	uint32_t i;

	memset(&r, 0, sizeof(r));
	begin(w);
	assert_int_equal(store_base_model(w->store, w->base_id, &model, NOW),
	    0);
	assert_int_equal(store_base_answer(w->store, w->base_id), 0);
	assert_int_equal(store_document_put(w->store, w->base_id, "test:a",
			     "a", "{}", 0, 0, NOW, &id), 0);
	r.document_id = id;
	r.base_id = w->base_id;
	r.has_vectors = true;
	r.embedder_id = OLD;
	r.title = r.media_type = r.language = r.summary = "";
	r.keyphrases = "[]";
	assert_int_equal(store_revision_add(w->store, &r, &r.id), 0);
	segment.vector = vector;
	segment.scale = 0.5f;
	for (i = 0; i < SEGMENTS; i++) {
		segment.ordinal = i;
		assert_int_equal(store_segments_add(w->store, &r, &segment,
				     1), 0);
	}
	r.segments = r.stored = SEGMENTS;
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	return r.id;
}

static void
want(struct world *w, int64_t embedder_id)
{
	struct base_model model = {.wanted_id = embedder_id};

	begin(w);
	assert_int_equal(store_base_model(w->store, w->base_id, &model, NOW),
	    0);
	commit(w);
}

struct embedding_walk {
	struct world *w;
	int64_t revision_id, embedder_id;
	size_t left; /* so many are embedded at most */
	int64_t ids[SEGMENTS];
	size_t count;
};

static int
text_seen(void *arg, const struct text_kept *text)
{
	struct embedding_walk *walk = arg;

	assert_int_equal(text->child_id, 0);
	if (walk->left == 0)
		return 1;
	walk->left--;
	walk->ids[walk->count++] = text->segment_id;
	return 0;
}

/* Give at most so many texts their vectors; returns how many. */
static size_t
embed(struct world *w, int64_t revision_id, int64_t embedder_id, size_t most)
{
	static const int8_t vector[3] = {1, 2, 3};
	struct embedding_walk walk = {.w = w, .revision_id = revision_id,
	    .embedder_id = embedder_id, .left = most};
	struct revision_place place = {.base_id = w->base_id,
	    .revision_id = revision_id, .embedder_id = embedder_id};
	struct text_vector row = {.bytes = vector, .dimensions = 3,
	    .scale = 1};
	uint64_t left;
	bool is_put;
	size_t i;

	assert_true(store_texts_unembedded(w->store, w->base_id, revision_id,
	    embedder_id, -1, 0, text_seen, &walk) >= 0);
	begin(w);
	for (i = 0; i < walk.count; i++) {
		row.of = (struct text_kept){.segment_id = walk.ids[i],
		    .text = "one word", .text_len = 8};
		assert_int_equal(store_text_vector_put(w->store, &place, &row,
				     &is_put), 0);
		assert_true(is_put);
	}
	assert_int_equal(store_revision_lacks(w->store, w->base_id,
			     revision_id, embedder_id, &left), 0);
	if (left == 0)
		assert_int_equal(store_revision_embedded(w->store,
				     w->base_id, revision_id, embedder_id),
		    0);
	commit(w);
	return walk.count;
}

static bool
lacks(struct world *w, int64_t embedder_id)
{
	bool lacks = false;

	assert_int_equal(store_base_lacks(w->store, w->base_id, embedder_id,
			     &lacks), 0);
	return lacks;
}

static void
expect_vectors(struct world *w, uint64_t promised)
{
	struct index_totals t;

	assert_int_equal(store_audit_base(w->store, w->base_id, &t), 0);
	assert_int_equal(t.promised_vectors, promised);
	assert_int_equal(t.vectors, promised);
}

static int
count_vector(void *arg, const struct vector_kept *vector)
{
	size_t *counts = arg;

	counts[vector->embedder_id == NEW]++;
	return 0;
}

static void
expect_rows(struct world *w, size_t old, size_t new)
{
	size_t counts[2] = {0, 0};

	assert_int_equal(store_vectors_each(w->store, w->base_id,
			     count_vector, counts), 0);
	assert_int_equal(counts[0], old);
	assert_int_equal(counts[1], new);
}

static bool
sweep(struct world *w, size_t limit)
{
	bool is_more;

	begin(w);
	assert_int_equal(store_vectors_sweep(w->store, limit, &is_more), 0);
	expect_vectors(w, SEGMENTS);
	commit(w);
	return is_more;
}

/* At every moment the audit counts what the base answers by. */
static void
test_turn(void **state)
{
	struct world *w = *state;
	int64_t revision_id = fill(w), generation[2], rev;
	bool has = true;
	unsigned pieces = 0;

	expect_vectors(w, SEGMENTS);
	assert_false(lacks(w, OLD));
	assert_true(lacks(w, NEW));
	want(w, NEW);
	assert_int_equal(embed(w, revision_id, NEW, 15), 15);
	assert_true(lacks(w, NEW));
	expect_vectors(w, SEGMENTS);
	expect_rows(w, SEGMENTS, 15);
	/* Goes on where it was. */
	assert_int_equal(embed(w, revision_id, NEW, SEGMENTS), SEGMENTS - 15);
	assert_false(lacks(w, NEW));
	assert_false(lacks(w, OLD));
	expect_vectors(w, SEGMENTS);
	assert_int_equal(store_vectors_have_waste(w->store, &has), 0);
	assert_false(has);
	assert_int_equal(store_stamp(w->store, &rev, &generation[0]), 0);
	begin(w);
	assert_int_equal(store_base_answer(w->store, w->base_id), 0);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &generation[1]), 0);
	assert_int_equal(generation[1], generation[0] + 1);
	expect_vectors(w, SEGMENTS);
	assert_int_equal(store_vectors_have_waste(w->store, &has), 0);
	assert_true(has);
	while (sweep(w, 8))
		pieces++;
	assert_true(pieces > 3);
	expect_rows(w, 0, SEGMENTS);
	assert_true(lacks(w, OLD));
	assert_int_equal(store_vectors_have_waste(w->store, &has), 0);
	assert_false(has);
}

/* What is left of waste is good when it is wanted again. */
static void
test_back(void **state)
{
	struct world *w = *state;
	int64_t revision_id = fill(w);
	size_t again;

	want(w, NEW);
	assert_int_equal(embed(w, revision_id, NEW, SEGMENTS), SEGMENTS);
	begin(w);
	assert_int_equal(store_base_answer(w->store, w->base_id), 0);
	commit(w);
	assert_true(sweep(w, 8));
	assert_true(lacks(w, OLD));
	want(w, OLD);
	again = embed(w, revision_id, OLD, SEGMENTS);
	assert_true(again > 0 && again < SEGMENTS);
	assert_false(sweep(w, 8));
	expect_rows(w, SEGMENTS, SEGMENTS);
	/* Not wanted any more before it came to anything. */
	want(w, NEW);
	while (sweep(w, 1000))
		continue;
	expect_rows(w, 0, SEGMENTS);
}

/* A segment that is changed by hand has the vectors of who answers alone, and
 * what was made of its old text comes too late. */
static void
test_edit(void **state)
{
	static const int8_t vector[2] = {5, 6};
	struct world *w = *state;
	int64_t revision_id = fill(w);
	struct embedding_walk walk = {.w = w, .left = 1};
	struct revision_place place = {.base_id = w->base_id,
	    .revision_id = revision_id, .embedder_id = NEW};
	struct text_vector row = {.bytes = vector, .dimensions = 2,
	    .scale = 1};
	struct segment segment = {.text = "other", .text_len = 5, .chars = 5,
	    .vector = vector, .dimensions = 2, .scale = 1,
	    .embedder_id = OLD};
	bool is_put = true;

	want(w, NEW);
	assert_true(store_texts_unembedded(w->store, w->base_id, revision_id,
	    NEW, -1, 0, text_seen, &walk) > 0);
	assert_int_equal(embed(w, revision_id, NEW, SEGMENTS), SEGMENTS);
	begin(w);
	segment.id = walk.ids[0];
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), 0);
	row.of = (struct text_kept){.segment_id = walk.ids[0],
	    .text = "one word", .text_len = 8};
	assert_int_equal(store_text_vector_put(w->store, &place, &row,
			     &is_put), 0);
	assert_false(is_put);
	commit(w);
	expect_vectors(w, SEGMENTS);
	expect_rows(w, SEGMENTS, SEGMENTS - 1);
	assert_true(lacks(w, NEW));
	assert_false(lacks(w, OLD));
	row.of.text = "other";
	row.of.text_len = 5;
	begin(w);
	assert_int_equal(store_text_vector_put(w->store, &place, &row,
			     &is_put), 0);
	assert_true(is_put);
	assert_int_equal(store_revision_embedded(w->store, w->base_id,
			     revision_id, NEW), 0);
	commit(w);
	assert_false(lacks(w, NEW));
	expect_vectors(w, SEGMENTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_turn, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_back, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_edit, world_up, world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
