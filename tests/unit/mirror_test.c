/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors in memory are those of the store, whatever is done to it: a walk
 * over everything that changes them, seen by readers with snapshots of
 * different age; too little memory; several threads.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/mirror.h"
#include "search/flat.h"
#include "store/store_vector.h"
#include "store_world.h"

#define LOTS (64 * MIB)
#define STEPS 400
#define LIST 4096

static uint64_t state;

static uint32_t
next(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

/* ---- what is there ------------------------------------------------------ */

struct view {
	int64_t segments[LIST]; /* each once, with the product of the nearest */
	int32_t dots[LIST];
	int64_t hidden[LIST];
	size_t count, hidden_count;
	struct candidate list[LIST];
	struct top top;
};

static const int8_t query_vector[DIMENSIONS] = {3, 1, -2};

static int
store_put(void *arg, const struct vector_kept *kept)
{
	struct view *view = arg;
	int32_t dot = 0;
	size_t i;

	for (i = 0; i < DIMENSIONS; i++)
		dot += query_vector[i] * kept->bytes[i];
	for (i = 0; i < view->count; i++)
		if (view->segments[i] == kept->segment_id)
			break;
	if (i == view->count) {
		assert_true(view->count < LIST);
		view->segments[view->count] = kept->segment_id;
		view->dots[view->count++] = dot;
	} else if (dot > view->dots[i]) {
		view->dots[i] = dot;
	}
	return 0;
}

static int
hide(void *arg, int64_t revision_id)
{
	struct view *view = arg;

	assert_true(view->hidden_count < LIST);
	view->hidden[view->hidden_count++] = revision_id;
	return 0;
}

static bool
is_found(void *arg, int64_t revision_id)
{
	const struct view *view = arg;
	size_t i;

	for (i = 0; i < view->hidden_count; i++)
		if (view->hidden[i] == revision_id)
			return false;
	return true;
}

/* The reader has begun.  What mirrors_take() says; when that is 0 memory and
 * store must be the same. */
static int
compare(struct mirrors *mirrors, struct store *reader, int64_t base_id)
{
	const struct mirror_want want = {base_id, 0, DIMENSIONS};
	struct view *view;
	struct flat_query query = {.vector = query_vector, .scale = 1,
	    .accept = is_found};
	struct flat *flat = NULL;
	size_t i, j;
	int err;

	err = mirrors_take(mirrors, reader, &want, &flat);
	if (err < 0)
		return err;
	view = mem_zalloc(sizeof(*view));
	assert_non_null(view);
	assert_int_equal(store_vectors_each(reader, base_id, store_put, view),
	    0);
	assert_int_equal(store_revisions_hidden(reader, base_id, hide, view),
	    0);
	query.arg = view;
	top_init(&view->top, view->list, LIST);
	assert_int_equal(flat_search(flat, &query, &view->top), 0);
	assert_int_equal(view->top.count, view->count);
	for (i = 0; i < view->count; i++) {
		for (j = 0; j < view->count; j++)
			if (view->list[i].segment_id == view->segments[j])
				break;
		assert_true(j < view->count);
		assert_int_equal((int)(view->list[i].cosine * 2),
		    view->dots[j]);
	}
	flat_unref(flat);
	mem_free(view);
	return 0;
}

static void
expect_same(struct mirrors *mirrors, struct store *reader, int64_t base_id)
{
	assert_int_equal(store_begin(reader, NULL), 0);
	assert_int_equal(compare(mirrors, reader, base_id), 0);
	store_end(reader);
}

/* ---- a walk ------------------------------------------------------------- */

struct picked {
	int64_t documents[256], segments[512], children[512];
	size_t document_count, segment_count, child_count;
};

static int
child_pick(void *arg, const struct child *child)
{
	struct picked *picked = arg;

	if (picked->child_count < 512)
		picked->children[picked->child_count++] = child->id;
	return 0;
}

static int
segment_pick(void *arg, const struct segment *segment)
{
	struct picked *picked = arg;

	if (picked->segment_count < 512)
		picked->segments[picked->segment_count++] = segment->id;
	return 0;
}

static int
document_pick(void *arg, const struct document *document)
{
	struct picked *picked = arg;

	if (picked->document_count < 256)
		picked->documents[picked->document_count++] = document->id;
	return 0;
}

static int8_t made[DIMENSIONS];

static struct segment
segment_any(const char *text)
{
	size_t i;

	for (i = 0; i < DIMENSIONS; i++)
		made[i] = (int8_t)((int)next(200) - 100);
	return (struct segment){.section = "Part", .text = text,
	    .text_len = strlen(text), .chars = (uint32_t)strlen(text),
	    .vector = made, .dimensions = DIMENSIONS, .scale = 0.5f};
}

static void
edit_segment(struct world *w, int64_t id)
{
	static const int8_t one[DIMENSIONS] = {9, 9}, two[DIMENSIONS] = {-9};
	struct segment segment = segment_any("changed");
	struct child children[2] = {
	    {.text = "a", .text_len = 1, .vector = one, .scale = 0.5f},
	    {.text = "b", .text_len = 1, .vector = two, .scale = 0.5f}};

	segment.id = id;
	if (next(3) == 0) {
		segment.disabled_us = NOW;
		segment.disabled_by = "me";
	}
	segment.children = children;
	segment.child_count = next(3);
	assert_int_equal(store_segment_replace(w->store, &segment, true, NOW),
	    0);
}

static void
edit_child(struct world *w, const struct picked *p)
{
	struct child child = {.text = "child", .text_len = 5, .chars = 5,
	    .vector = made, .scale = 0.5f};
	int64_t id;

	(void)segment_any("");
	if (next(3) == 0 || p->child_count == 0) {
		child.segment_id = p->segments[next(
		    (uint32_t)p->segment_count)];
		assert_int_equal(store_child_insert(w->store, &child,
				     DIMENSIONS, NOW, &id), 0);
		return;
	}
	child.id = p->children[next((uint32_t)p->child_count)];
	if (next(2) == 0)
		assert_int_equal(store_child_replace(w->store, &child,
				     DIMENSIONS, NOW), 0);
	else
		assert_int_equal(store_child_delete(w->store, child.id), 0);
}

static void
put_some(struct world *w, int64_t document_id, bool publishes)
{
	struct revision r;
	struct segment segment;
	uint32_t i, count = 1 + next(4);

	revision_begin(w, document_id, (uint8_t)next(100), &r);
	for (i = 0; i < count; i++) {
		segment = segment_any("text");
		segment.ordinal = i;
		assert_int_equal(store_segments_add(w->store, &r, &segment,
				     1), 0);
	}
	r.segments = r.stored = count;
	if (publishes)
		assert_int_equal(store_revision_publish(w->store, &r, NOW),
		    0);
}

static void
document_edit(struct world *w, const struct picked *p, int64_t id)
{
	struct document_change change = {.disabled_us = next(2) * NOW};
	struct segment segment = segment_any("inserted");
	int64_t made_id;

	switch (next(4)) {
	case 0:
		put_some(w, id, true);
		break;
	case 1:
		put_some(w, id, false);
		break;
	case 2:
		assert_int_equal(store_document_change(w->store, id, &change,
				     NOW), 0);
		break;
	default:
		segment.document_id = id;
		if (p->segment_count > 0)
			assert_int_equal(store_segment_insert(w->store,
					     &segment, NOW, &made_id), 0);
		break;
	}
}

static void
step(struct world *w, unsigned n)
{
	struct document_filter all = {.base_id = w->base_id, .limit = 256};
	struct picked p = {.document_count = 0};
	int64_t document, segment, base_id;
	char name[32];
	bool left;

	assert_int_equal(store_documents_each(w->store, &all, document_pick,
			     &p), 0);
	(void)snprintf(name, sizeof(name), "%u.txt", n);
	if (p.document_count == 0 || next(4) == 0) {
		put_some(w, put_document(w, name, 0), true);
		return;
	}
	document = p.documents[next((uint32_t)p.document_count)];
	assert_int_equal(store_segments_each(w->store, document, 0, 512,
			     segment_pick, &p), 0);
	switch (p.segment_count == 0 ? 5 + next(3) : next(8)) {
	case 0:
	case 1:
	case 2:
		segment = p.segments[next((uint32_t)p.segment_count)];
		edit_segment(w, segment);
		break;
	case 3:
	case 4:
		segment = p.segments[next((uint32_t)p.segment_count)];
		assert_int_equal(store_children_page(w->store, segment, NULL,
				     0, 512, child_pick, &p), 0);
		if (next(4) == 0)
			assert_int_equal(store_segment_delete(w->store,
					     segment), 0);
		else
			edit_child(w, &p);
		break;
	case 5:
		assert_int_equal(store_revision_purge(w->store, 1 + next(5),
				     &base_id, &left), 0);
		break;
	case 6:
		if (next(2) == 0)
			assert_int_equal(store_document_delete(w->store,
					     document), 0);
		break;
	default:
		document_edit(w, &p, document);
		break;
	}
}

/* The old reader's snapshot is of before each step, the new one's of after:
 * the old one is served only with what it has. */
static void
test_walk(void **world)
{
	struct world *w = *world;
	struct store *old = reader(w), *new = reader(w);
	struct mirrors *mirrors = mirrors_new(LOTS);
	unsigned i, served = 0, late = 0;
	int err;

	assert_non_null(mirrors);
	state = 88172645463325252ULL;
	for (i = 0; i < STEPS; i++) {
		assert_int_equal(store_begin(old, NULL), 0);
		begin(w);
		step(w, i);
		if (i % 7 == 6)
			store_rollback(w->store);
		else
			commit(w);
		if (i % 3 != 0)
			expect_same(mirrors, new, w->base_id);
		err = compare(mirrors, old, w->base_id);
		served += err == 0;
		late += err == ERR_CONFLICT;
		assert_true(err == 0 || err == ERR_CONFLICT);
		store_end(old);
		expect_same(mirrors, new, w->base_id);
	}
	assert_true(served > STEPS / 4);
	assert_true(late > STEPS / 4);
	mirrors_free(mirrors);
	store_close(old);
	store_close(new);
}

/* ---- memory ------------------------------------------------------------- */

static void
test_limit(void **world)
{
	struct world *w = *world;
	const struct mirror_want want = {w->base_id, 0, DIMENSIONS};
	struct store *r = reader(w);
	struct mirrors *none = mirrors_new(0), *few = mirrors_new(14000);
	struct mirrors *some = mirrors_new(8000);
	int64_t bases[3], first = w->base_id;
	struct flat *flat = NULL;
	uint64_t bytes;
	size_t count;
	char name[16];
	int i;

	begin(w);
	(void)put_indexed(w, "a", "apple", 100, 1);
	for (i = 0; i < 3; i++) {
		(void)snprintf(name, sizeof(name), "base%d", i);
		w->base_id = bases[i] = add_base(w, (uint8_t)(i + 10), name);
		(void)put_indexed(w, "b", "pear", 5, 2);
	}
	commit(w);
	assert_int_equal(store_begin(r, NULL), 0);
	assert_int_equal(mirrors_take(none, r, &want, &flat), ERR_TOO_BIG);
	assert_int_equal(compare(some, r, first), ERR_TOO_BIG);
	assert_int_equal(compare(some, r, first), ERR_TOO_BIG);
	/* Each has 64 rows of room: two of them fit. */
	for (i = 0; i < 3; i++)
		assert_int_equal(compare(few, r, bases[i]), 0);
	mirrors_measure(few, &count, &bytes);
	assert_int_equal(count, 2);
	assert_true(bytes > 0 && bytes <= 14000);
	mirrors_forget(few, bases[2]);
	mirrors_forget(few, bases[2]);
	mirrors_measure(few, &count, &bytes);
	assert_int_equal(count, 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(compare(few, r, bases[i]), 0);
	/* Another embedder's are left out. */
	assert_int_equal(mirrors_take(few, r,
			     &(struct mirror_want){bases[0], 7, DIMENSIONS},
			     &flat), 0);
	assert_int_equal(flat_rows(flat), 0);
	flat_unref(flat);
	assert_int_equal(compare(few, r, bases[0]), 0);
	store_end(r);
	mirrors_free(none);
	mirrors_free(few);
	mirrors_free(some);
	store_close(r);
}

static void
test_memory_fails(void **world)
{
	struct world *w = *world;
	const struct mirror_want want = {w->base_id, 0, DIMENSIONS};
	struct store *r = reader(w);
	struct mirrors *mirrors = mirrors_new(LOTS);
	unsigned long nth, failed = 0;
	struct flat *flat;
	int err, round;

	for (round = 0; round < 3; round++) {
		begin(w);
		if (round < 2)
			(void)put_indexed(w, round == 0 ? "a" : "b", "apple",
			    70, (uint8_t)round);
		else
			edit_segment(w, 1);
		commit(w);
		assert_int_equal(store_begin(r, NULL), 0);
		for (nth = 1, err = ERR_NOMEM; err == ERR_NOMEM; nth++) {
			flat = NULL;
			mem_fail_at(nth);
			err = mirrors_take(mirrors, r, &want, &flat);
			mem_fail_at(0);
			failed += err == ERR_NOMEM;
			flat_unref(flat);
		}
		assert_int_equal(err, 0);
		assert_int_equal(compare(mirrors, r, w->base_id), 0);
		store_end(r);
	}
	assert_true(failed > 5);
	mirrors_free(mirrors);
	store_close(r);
}

/* ---- several at once ---------------------------------------------------- */

struct many {
	struct mirrors *mirrors;
	struct store *reader;
	int64_t base_id;
	int served;
	atomic_bool *is_over;
};

static void *
ask_much(void *arg)
{
	struct many *many = arg;
	int err;

	do {
		if (store_begin(many->reader, NULL) < 0)
			return NULL;
		err = compare(many->mirrors, many->reader, many->base_id);
		store_end(many->reader);
		if (err < 0 && err != ERR_CONFLICT)
			return NULL;
		many->served += err == 0;
	} while (!atomic_load(many->is_over) || many->served == 0);
	return many;
}

#define THREADS 3

static void
test_threads(void **world)
{
	struct world *w = *world;
	struct mirrors *mirrors = mirrors_new(LOTS);
	atomic_bool is_over = false;
	struct many many[THREADS];
	pthread_t threads[THREADS];
	void *ended;
	int i;

	state = 1234567ULL;
	for (i = 0; i < THREADS; i++) {
		many[i] = (struct many){mirrors, reader(w), w->base_id, 0,
		    &is_over};
		assert_int_equal(pthread_create(&threads[i], NULL, ask_much,
				     &many[i]), 0);
	}
	for (i = 0; i < STEPS / 2; i++) {
		begin(w);
		step(w, (unsigned)i);
		commit(w);
		if (i % 50 == 49)
			mirrors_forget(mirrors, w->base_id);
	}
	atomic_store(&is_over, true);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &ended), 0);
		assert_ptr_equal(ended, &many[i]);
		store_close(many[i].reader);
	}
	mirrors_free(mirrors);
}

/* ---- cells --------------------------------------------------------------- */

#define CORNERS 16u
#define PER_CORNER 180u

/* A document around each corner of a cube of four dimensions. */
static void
corners_put(struct world *w)
{
	struct revision r;
	struct segment segment;
	uint32_t c, i, j;
	char name[16];

	begin(w);
	for (c = 0; c < CORNERS; c++) {
		(void)snprintf(name, sizeof(name), "corner%u", c);
		revision_begin(w, put_document(w, name, 0), (uint8_t)c, &r);
		for (i = 0; i < PER_CORNER; i++) {
			segment = segment_any("corner");
			segment.ordinal = i;
			for (j = 0; j < DIMENSIONS; j++)
				made[j] = (int8_t)(made[j] / 5 +
				    (j > 3 ? 0 : (c >> j) & 1 ? 90 : -90));
			assert_int_equal(store_segments_add(w->store, &r,
					     &segment, 1), 0);
		}
		r.segments = r.stored = PER_CORNER;
		assert_int_equal(store_revision_publish(w->store, &r, NOW),
		    0);
	}
	commit(w);
}

/* Each query sees what is committed, whatever is being built. */
static void
test_cells(void **world)
{
	struct world *w = *world;
	struct store *r = reader(w);
	struct mirrors *mirrors = mirrors_new(LOTS);
	uint64_t parted;
	unsigned i, forgotten = 0;

	state = 88172645463325252ULL;
	mirrors_part_from(mirrors, 1000);
	corners_put(w);
	for (i = 0; i < 45; i++) {
		begin(w);
		step(w, i);
		commit(w);
		expect_same(mirrors, r, w->base_id);
		if (i % 20 == 9) {
			mirrors_forget(mirrors, w->base_id);
			forgotten++;
		} else if (i % 20 == 19) {
			mirrors_settle(mirrors);
			expect_same(mirrors, r, w->base_id);
		}
	}
	assert_int_equal(forgotten, 2);
	mirrors_settle(mirrors);
	parted = mirrors_parted(mirrors);
	assert_true(parted >= 1000 && parted % 8 == 0);
	expect_same(mirrors, r, w->base_id);
	mirrors_stop(mirrors);
	mirrors_settle(mirrors);
	mirrors_forget(mirrors, w->base_id);
	assert_int_equal(mirrors_parted(mirrors), 0);
	/* Nobody builds any more; queries go on. */
	expect_same(mirrors, r, w->base_id);
	assert_int_equal(mirrors_parted(mirrors), 0);
	mirrors_free(mirrors);
	/* In the middle of it. */
	mirrors = mirrors_new(LOTS);
	mirrors_part_from(mirrors, 1000);
	expect_same(mirrors, r, w->base_id);
	mirrors_free(mirrors);
	store_close(r);
}

/* Vectors go before cells. */
static void
test_no_room_for_cells(void **world)
{
	struct world *w = *world;
	struct store *r = reader(w);
	struct mirrors *mirrors = mirrors_new(LOTS), *tight;
	uint64_t bytes;
	size_t count;

	state = 88172645463325252ULL;
	corners_put(w);
	expect_same(mirrors, r, w->base_id);
	mirrors_measure(mirrors, &count, &bytes);
	mirrors_free(mirrors);
	tight = mirrors_new(bytes);
	mirrors_part_from(tight, 1000);
	expect_same(tight, r, w->base_id);
	expect_same(tight, r, w->base_id);
	mirrors_settle(tight);
	assert_int_equal(mirrors_parted(tight), 0);
	mirrors_free(tight);
	store_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_walk, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_limit, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_memory_fails, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_threads, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_cells, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_no_room_for_cells, world_up,
		world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
