/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching by cells against scoring all: clusters, vectors without order,
 * rows that come and go after the cells were built, filters; building that is
 * stopped, or has no memory; vectors that are none.
 */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "search/cells.h"
#include "search/flat.h"
#include "search/vector.h"

#define DIMENSIONS 64u
#define CENTRES 300u
#define MANY 66000u /* more than FLAT_EXACT */
#define BEST 100u
#define QUERIES 20u

static uint64_t state;
static int8_t centres[CENTRES][DIMENSIONS];
static atomic_bool never;
/* MANY and a few in clusters, in cells: built once, as nobody changes it. */
static struct flat *shared;

static uint32_t
next(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

/* Around one of the centres; spread 0: it alone. */
static float
vector_near(size_t centre, unsigned spread, int8_t *vector)
{
	float components[DIMENSIONS], squares = 0, scale;
	size_t i;

	for (i = 0; i < DIMENSIONS; i++) {
		components[i] = (float)centres[centre][i] +
		    (float)next(2 * spread + 1) - (float)spread;
		squares += components[i] * components[i];
	}
	for (i = 0; i < DIMENSIONS; i++)
		components[i] /= sqrtf(squares);
	vector_quantise(components, DIMENSIONS, vector, &scale);
	return scale;
}

static void
add(struct flat *flat, int64_t id, size_t centre, unsigned spread)
{
	int8_t vector[DIMENSIONS];
	struct flat_row row = {.segment_id = id, .revision_id = id / 10,
	    .vector = vector};

	row.scale = vector_near(centre, spread, vector);
	assert_int_equal(flat_add(flat, &row), 0);
}

static struct flat *
clusters(size_t rows, uint32_t count)
{
	struct flat *flat = NULL;
	size_t i;

	state = 88172645463325252ULL;
	for (i = 0; i < sizeof(centres); i++)
		centres[i / DIMENSIONS][i % DIMENSIONS] =
		    (int8_t)((int)next(127) - 63);
	assert_int_equal(flat_new(DIMENSIONS, &flat), 0);
	for (i = 0; i < rows; i++)
		add(flat, (int64_t)i + 1, next(count), 40);
	return flat;
}

/* A draft that goes by cells; its flat is let go. */
static struct flat *
part(struct flat *flat)
{
	struct cells *cells = NULL;
	struct flat *draft = NULL;
	size_t bytes;

	assert_int_equal(cells_build(flat, &never, &cells), 0);
	assert_int_equal(flat_draft(flat, &draft), 0);
	assert_int_equal(flat_outside(draft), flat_outside(flat));
	flat_adopt(draft, NULL);
	assert_int_equal(flat_outside(draft), flat_rows(flat));
	bytes = flat_bytes(draft);
	flat_adopt(draft, cells);
	assert_int_equal(flat_outside(draft),
	    flat_rows(flat) - cells_rows(cells));
	assert_int_equal(flat_bytes(draft), bytes + cells_bytes(cells));
	assert_true(cells_bytes(cells) <= cells_bytes_for(flat));
	cells_unref(cells);
	flat_unref(flat);
	return draft;
}

static int
shared_up(void **unused)
{
	(void)unused;
	/* A block is not begun by the last of them. */
	shared = part(clusters(MANY + 5, CENTRES));
	return 0;
}

static int
shared_down(void **unused)
{
	(void)unused;
	flat_unref(shared);
	return 0;
}

/* ---- asking ------------------------------------------------------------- */

static int
order(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	return (left->segment_id > right->segment_id) -
	    (left->segment_id < right->segment_id);
}

static size_t
ask(const struct flat *flat, const struct flat_query *query, size_t size,
    struct candidate *list)
{
	struct top top;

	top_init(&top, list, size);
	assert_int_equal(flat_search(flat, query, &top), 0);
	qsort(list, top.count, sizeof(*list), order);
	return top.count;
}

/* How many of the best of all are found; those that are have the same
 * score. */
static size_t
recalled(const struct flat *flat, const struct flat_query *query, size_t size)
{
	struct candidate *some = mem_array(2 * size, sizeof(*some)), *found;
	struct candidate *all = some + size;
	struct flat_query exact = *query;
	size_t i, count, total = 0;

	assert_non_null(some);
	exact.is_exact = true;
	count = ask(flat, query, size, some);
	assert_int_equal(ask(flat, &exact, size, all), count);
	for (i = 0; i < count; i++) {
		found = bsearch(&all[i], some, count, sizeof(*some), order);
		total += found != NULL;
		if (found != NULL)
			assert_true(found->cosine == all[i].cosine);
	}
	mem_free(some);
	return total;
}

static size_t
recalled_of_many(const struct flat *flat, struct flat_query *query,
    size_t size)
{
	static int8_t vector[DIMENSIONS];
	size_t i, total = 0;

	query->vector = vector;
	for (i = 0; i < QUERIES; i++) {
		query->scale = vector_near(next(CENTRES), 40, vector);
		total += recalled(flat, query, size);
	}
	return total;
}

/* The same ones each time, in any direction. */
static size_t
recalled_of_any(const struct flat *flat, struct flat_query *query)
{
	static int8_t vector[DIMENSIONS];
	size_t i, total = 0;

	state = 1234567ULL;
	query->vector = vector;
	for (i = 0; i < QUERIES; i++) {
		query->scale = vector_near(0, 127, vector);
		total += recalled(flat, query, BEST);
	}
	return total;
}

static bool
is_of_half(void *arg, int64_t revision_id)
{
	(void)arg;
	return revision_id % 2 == 0;
}

static bool
is_of_tenth(void *arg, int64_t revision_id)
{
	(void)arg;
	return revision_id % 10 == 3;
}

static bool
is_of_hundredth(void *arg, int64_t revision_id)
{
	(void)arg;
	return revision_id % 100 == 3;
}

static void
test_recall(void **unused)
{
	struct flat_query query = {.scale = 1};

	(void)unused;
	assert_int_equal(flat_outside(shared), 5);
	assert_true(recalled_of_many(shared, &query, 10) >= 198);
	assert_true(recalled_of_many(shared, &query, BEST) >= 1960);
	/* Those of other clusters are all as far away as each other. */
	assert_true(recalled_of_many(shared, &query, 1000) >= 19000);
	query.accept = is_of_half;
	assert_true(recalled_of_many(shared, &query, BEST) >= 1950);
	query.accept = is_of_tenth;
	assert_true(recalled_of_many(shared, &query, BEST) >= 1960);
	query.accept = is_of_hundredth;
	assert_true(recalled_of_many(shared, &query, BEST) >= 1960);
}

/* The best is known: it is the centre itself. */
static void
expect_best(const struct flat *flat, size_t centre, int64_t id)
{
	struct candidate list[1];
	int8_t vector[DIMENSIONS];
	struct flat_query query = {.vector = vector};

	query.scale = vector_near(centre, 0, vector);
	assert_int_equal(ask(flat, &query, 1, list), 1);
	assert_int_equal(list[0].segment_id, id);
}

static void
test_rows_come_and_go(void **unused)
{
	struct flat *flat = NULL, *draft = NULL;
	const int64_t first = MANY + 100;
	int64_t gone[CENTRES], i;

	(void)unused;
	assert_int_equal(flat_draft(shared, &draft), 0);
	for (i = 0; i < CENTRES; i++)
		add(draft, first + i, (size_t)i, 0);
	assert_int_equal(flat_outside(draft), 5 + CENTRES);
	for (i = 0; i < CENTRES; i++)
		expect_best(draft, (size_t)i, first + i);
	/* The same rows, in cells. */
	flat = part(draft);
	assert_true(flat_outside(flat) < 8);
	for (i = 0; i < CENTRES; i++)
		expect_best(flat, (size_t)i, first + i);
	assert_int_equal(flat_draft(flat, &draft), 0);
	for (i = 0; i < CENTRES; i++)
		gone[i] = first + i;
	assert_int_equal(flat_kill_segments(draft, gone, CENTRES), 0);
	for (i = 0; i < CENTRES; i++) {
		struct candidate list[BEST];
		int8_t vector[DIMENSIONS];
		struct flat_query query = {.vector = vector};
		size_t j;

		query.scale = vector_near((size_t)i, 0, vector);
		assert_int_equal(ask(draft, &query, BEST, list), BEST);
		for (j = 0; j < BEST; j++)
			assert_true(list[j].segment_id < first);
	}
	flat_adopt(draft, NULL);
	assert_int_equal(flat_outside(draft), flat_rows(draft));
	flat_unref(draft);
	flat_unref(flat);
}

/* Rows of a segment in many cells: it is found once, by its best. */
static void
test_segments_of_many_rows(void **unused)
{
	struct flat *flat = NULL;
	struct flat_query query = {.scale = 1};
	size_t i;

	(void)unused;
	assert_int_equal(flat_new(DIMENSIONS, &flat), 0);
	for (i = 0; i < MANY; i++)
		add(flat, (int64_t)i / 10 + 1, next(CENTRES), 40);
	flat = part(flat);
	assert_true(recalled_of_many(flat, &query, BEST) >= 1950);
	flat_unref(flat);
}

/* No cell helps to find what is near; it is found by looking at all codes and
 * scoring more. */
static void
test_no_order(void **unused)
{
	struct flat *flat = NULL;
	struct flat_query query = {.scale = 1};
	size_t before;

	(void)unused;
	assert_int_equal(flat_new(DIMENSIONS, &flat), 0);
	memset(centres, 0, sizeof(centres));
	while (flat_rows(flat) < MANY)
		add(flat, (int64_t)flat_rows(flat) + 1, 0, 127);
	before = recalled_of_any(flat, &query);
	flat = part(flat);
	assert_int_equal(flat_outside(flat), MANY);
	assert_true(before < QUERIES * BEST * 93 / 100);
	assert_true(recalled_of_any(flat, &query) >=
	    QUERIES * BEST * 98 / 100);
	flat_unref(flat);
}

/* ---- building ----------------------------------------------------------- */

struct building {
	struct flat *flat;
	atomic_bool stop;
	int err;
};

static void *
build(void *arg)
{
	struct building *b = arg;
	struct cells *cells = NULL;

	do {
		b->err = cells_build(b->flat, &b->stop, &cells);
		cells_unref(cells);
		cells = NULL;
	} while (b->err == 0);
	return NULL;
}

static void
test_stop(void **unused)
{
	struct building b = {.flat = shared};
	pthread_t thread;
	unsigned i;

	(void)unused;
	assert_int_equal(pthread_create(&thread, NULL, build, &b), 0);
	for (i = 0; i < 1000; i++)
		(void)sched_yield();
	atomic_store(&b.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(b.err, ERR_CANCELLED);
}

/* Others search, and a draft gets rows, while cells are built and adopted. */
static void
test_threads(void **unused)
{
	struct building b = {.flat = shared};
	struct flat *draft = NULL;
	pthread_t thread;
	int64_t i;

	(void)unused;
	assert_int_equal(pthread_create(&thread, NULL, build, &b), 0);
	assert_int_equal(flat_draft(b.flat, &draft), 0);
	for (i = 0; i < 200; i++)
		add(draft, MANY + 100 + i, (size_t)i, 0);
	for (i = 0; i < 200; i++)
		expect_best(draft, (size_t)i, MANY + 100 + i);
	atomic_store(&b.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(b.err, ERR_CANCELLED);
	flat_unref(draft);
}

static void
test_memory_fails(void **unused)
{
	struct flat *flat = clusters(6000, 16);
	struct cells *cells = NULL;
	unsigned long nth;
	int err = ERR_NOMEM;

	(void)unused;
	for (nth = 1; err == ERR_NOMEM; nth++) {
		mem_fail_at(nth);
		err = cells_build(flat, &never, &cells);
		mem_fail_at(0);
	}
	assert_int_equal(err, 0);
	assert_true(nth > 20);
	cells_unref(cells);
	cells_unref(NULL);
	flat_unref(flat);
	for (nth = 1, err = ERR_NOMEM; err == ERR_NOMEM; nth++) {
		struct candidate list[BEST];
		struct flat_query query = {.vector = centres[0], .scale = 1};
		struct top top;

		top_init(&top, list, BEST);
		mem_fail_at(nth);
		err = flat_search(shared, &query, &top);
		mem_fail_at(0);
		if (err == 0)
			assert_int_equal(top.count, BEST);
	}
	assert_int_equal(err, 0);
	assert_true(nth > 5);
}

/* ---- what nobody should give -------------------------------------------- */

enum {
	EQUAL,
	ZERO,
	NAN_SCALES,
	EXTREMES,
	KINDS
};

static void
odd_vector(int kind, size_t dimensions, struct flat_row *row, int8_t *vector)
{
	size_t i;

	row->scale = kind == NAN_SCALES ? NAN : 0.01f;
	for (i = 0; i < dimensions; i++)
		vector[i] = kind == EQUAL ? 7
		    : kind == ZERO	  ? 0
		    : kind == EXTREMES	  ? (next(2) == 0 ? -128 : 127)
					  : (int8_t)((int)next(255) - 127);
	row->vector = vector;
}

/* Whatever it is, a search finds as many as there are. */
static void
check_odd(int kind, size_t dimensions, size_t rows)
{
	static int8_t vector[DIMENSIONS];
	struct candidate list[BEST];
	struct flat_row row = {.segment_id = 0};
	struct flat_query query = {.vector = vector, .scale = 1};
	struct flat *flat = NULL;
	struct cells *cells = NULL;
	size_t i;
	int err;

	assert_int_equal(flat_new(dimensions, &flat), 0);
	for (i = 0; i < rows; i++) {
		odd_vector(kind, dimensions, &row, vector);
		row.segment_id = row.revision_id = (int64_t)i + 1;
		assert_int_equal(flat_add(flat, &row), 0);
	}
	err = cells_build(flat, &never, &cells);
	assert_true(err == 0 || err == ERR_NOT_FOUND);
	if (err == 0)
		flat_adopt(flat, cells);
	cells_unref(cells);
	i = ask(flat, &query, BEST, list);
	assert_int_equal(i, rows < BEST ? rows : BEST);
	flat_unref(flat);
}

static void
test_odd(void **unused)
{
	static const size_t rows[] = {0, 1, 7, 8, 100, 3000};
	size_t i;
	int kind;

	(void)unused;
	state = 88172645463325252ULL;
	for (kind = 0; kind < KINDS; kind++)
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			check_odd(kind, 1, rows[i]);
			check_odd(kind, 3, rows[i]);
		}
	/* So many that codes are looked at. */
	check_odd(EQUAL, 1, 66000);
	check_odd(NAN_SCALES, 3, 66000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recall),
	    cmocka_unit_test(test_rows_come_and_go),
	    cmocka_unit_test(test_segments_of_many_rows),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_memory_fails),
	    cmocka_unit_test(test_odd),
	    /* The last, as centres are no more. */
	    cmocka_unit_test(test_no_order),
	};

	return cmocka_run_group_tests(tests, shared_up, shared_down);
}
