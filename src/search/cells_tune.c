/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many rows a search must see, and score.
 *
 * Some of the rows are asked for as queries, each compared with all rows.  What
 * is nearest lies in cells, and each of these is seen after so many rows, when
 * cells are looked at from the nearest on; it has a code, and so many rows have
 * codes that are as near.  The numbers within which TARGET of all the nearest
 * lie are what searches go by from then on: few where the vectors lie in
 * clusters, and more, not worse answers, where they do not.  When an eighth of
 * the rows and more would have to be seen, the cells are thrown away.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "search/cells_int.h"
#include "search/fuse.h"

#define QUERIES 128u
#define TARGET 0.99
#define SHARE_MAX 8u
#define PICK_SHARE 8u /* more than that is not scored */
#define RUN_ROWS 256u

struct tuning {
	struct cells *cells;
	const struct flat *flat;
	const struct near_kernels *kernels;
	const int8_t *queries[QUERIES];
	uint64_t *planes; /* of each */
	uint32_t *far; /* how many rows are that far from each, by codes */
	size_t plane_words, far_max;
	size_t query_rows[QUERIES], query_count;
	struct top tops[QUERIES];
	struct candidate *heaps;
	uint32_t *of; /* the cell of each row */
	uint32_t *needed; /* rows, for each of all the nearest */
	struct cells_rank ranks[CELLS_MAX];
	uint32_t at[CELLS_MAX]; /* how many rows are seen with each cell */
};

/* ---- the nearest of all rows ------------------------------------------- */

/* A scale that is no number makes none that is nearer than others. */
static void
nearest_put(struct top *top, size_t row, double cosine)
{
	if (cosine > -INFINITY &&
	    (top->count < top->size || cosine > top->heap[0].cosine))
		top_put(top, (int64_t)row, cosine);
}

/* Rows i to i + run - 1 of the chunk, to all queries. */
static void
run_compare(struct tuning *t, const struct flat_chunk *chunk, size_t i,
    size_t run)
{
	const size_t stride = t->flat->stride, words = t->flat->words;
	int32_t dots[RUN_ROWS];
	uint16_t far[RUN_ROWS];
	size_t j, q, row;

	for (q = 0; q < t->query_count; q++) {
		t->kernels->dots(t->queries[q], chunk->rows + i * stride, run,
		    stride, dots);
		t->kernels->differ(t->planes + q * t->plane_words,
		    chunk->blocks + i * words, run / NEAR_LANES, words, far);
		for (j = 0; j < run; j++) {
			row = chunk->first + i + j;
			if (row == t->query_rows[q] ||
			    t->of[row] == CELLS_UNUSED)
				continue;
			t->far[q * t->far_max + far[j]]++;
			nearest_put(&t->tops[q], row, (double)dots[j] *
				(double)chunk->scales[i + j]);
		}
	}
}

static int
nearest_find(struct tuning *t, const atomic_bool *stop)
{
	const struct flat_chunk *chunk;
	size_t c, i, run, rows;

	for (c = 0; c < t->flat->chunk_count; c++) {
		chunk = t->flat->chunks[c];
		if (chunk->first >= t->cells->rows)
			break;
		rows = t->cells->rows - chunk->first;
		if (rows > chunk->size)
			rows = chunk->size;
		for (i = 0; i < rows; i += run) {
			if (atomic_load_explicit(stop, memory_order_relaxed))
				return ERR_CANCELLED;
			run = rows - i < RUN_ROWS ? rows - i : RUN_ROWS;
			run_compare(t, chunk, i, run);
		}
	}
	return 0;
}

/* ---- how soon they are seen -------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static int
by_nearness(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	return (left->cosine < right->cosine) -
	    (left->cosine > right->cosine);
}

/* Within how many rows are TARGET of count nearest? */
static size_t
within(struct tuning *t, size_t count)
{
	size_t at = (size_t)((double)count * TARGET);

	if (count == 0)
		return 0;
	qsort(t->needed, count, sizeof(*t->needed), by_number);
	return t->needed[at < count ? at : count - 1];
}

/* Of cells, for the best wanted of each query. */
static size_t
rows_to_see(struct tuning *t, size_t wanted)
{
	const struct cells *cells = t->cells;
	size_t q, i, seen, count = 0, left, cell;

	for (q = 0; q < t->query_count; q++) {
		cells_rank(cells, t->queries[q], t->ranks);
		for (seen = 0, left = cells->count; left > 0;) {
			cell = cells_rank_next(t->ranks, &left);
			seen += cells->sizes[cell];
			t->at[cell] = (uint32_t)seen;
		}
		for (i = 0; i < t->tops[q].count && i < wanted; i++)
			t->needed[count++] = t->at[t->of[
			    t->tops[q].heap[i].segment_id]];
	}
	return within(t, count);
}

/* By codes; t->far are sums by now. */
static size_t
rows_to_score(struct tuning *t, size_t wanted)
{
	const struct flat_chunk *chunk;
	size_t q, i, at, row, count = 0;
	uint16_t far;

	for (q = 0; q < t->query_count; q++)
		for (i = 0; i < t->tops[q].count && i < wanted; i++) {
			row = (size_t)t->tops[q].heap[i].segment_id;
			chunk = t->flat->chunks[flat_chunk_of(t->flat, row)];
			at = row - chunk->first;
			far = near_differ_lane(t->planes + q * t->plane_words,
			    chunk->blocks + at / NEAR_LANES * NEAR_LANES *
				t->flat->words,
			    (unsigned)(at % NEAR_LANES), t->flat->words);
			t->needed[count++] = t->far[q * t->far_max + far];
		}
	return within(t, count);
}

static void
far_sum(struct tuning *t)
{
	size_t q, i;

	for (q = 0; q < t->query_count; q++)
		for (i = 1; i < t->far_max; i++)
			t->far[q * t->far_max + i] +=
			    t->far[q * t->far_max + i - 1];
}

static void
queries_choose(struct tuning *t)
{
	const struct flat *flat = t->flat;
	const struct flat_chunk *chunk;
	size_t i, row;

	for (i = 0; i < QUERIES; i++) {
		row = (i * t->cells->rows + cells_hash(i) % t->cells->rows) /
		    QUERIES;
		if (t->of[row] == CELLS_UNUSED)
			continue;
		chunk = flat->chunks[flat_chunk_of(flat, row)];
		t->query_rows[t->query_count] = row;
		t->queries[t->query_count] = chunk->rows +
		    (row - chunk->first) * flat->stride;
		near_planes(t->queries[t->query_count], flat->stride,
		    t->planes + t->query_count * t->plane_words);
		top_init(&t->tops[t->query_count],
		    t->heaps + t->query_count * CELLS_WANTED_MANY,
		    CELLS_WANTED_MANY);
		t->query_count++;
	}
}

static void
cells_of_rows(struct tuning *t)
{
	const struct cells *cells = t->cells;
	size_t c, i;

	memset(t->of, 0xFF, cells->rows * sizeof(*t->of));
	for (c = 0; c < cells->count; c++)
		for (i = 0; i < cells->sizes[c]; i++)
			t->of[cells->numbers[cells->starts[c] + i]] =
			    (uint32_t)c;
}

static int
tuning_make(struct tuning *t)
{
	const size_t nearest = QUERIES * CELLS_WANTED_MANY;

	t->kernels = near_kernels();
	t->plane_words = NEAR_PLANES * t->flat->words;
	t->far_max = 7 * t->flat->stride + 1;
	t->of = mem_array(t->cells->rows, sizeof(*t->of));
	t->heaps = mem_array(nearest, sizeof(*t->heaps));
	t->needed = mem_array(nearest, sizeof(*t->needed));
	t->planes = mem_array(QUERIES * t->plane_words, sizeof(*t->planes));
	t->far = mem_array(QUERIES * t->far_max, sizeof(*t->far));
	if (t->of == NULL || t->heaps == NULL || t->needed == NULL ||
	    t->planes == NULL || t->far == NULL)
		return ERR_NOMEM;
	memset(t->far, 0, QUERIES * t->far_max * sizeof(*t->far));
	return 0;
}

static void
tuning_set(struct tuning *t)
{
	static const size_t wanted[CELLS_TUNES] = {CELLS_WANTED_FEW,
	    CELLS_WANTED_MANY};
	struct cells *cells = t->cells;
	size_t i, q;

	for (q = 0; q < t->query_count; q++)
		qsort(t->tops[q].heap, t->tops[q].count,
		    sizeof(*t->tops[q].heap), by_nearness);
	far_sum(t);
	for (i = 0; i < CELLS_TUNES; i++) {
		cells->probe[i] = rows_to_see(t, wanted[i]);
		if (cells->probe[i] > cells->rows / SHARE_MAX)
			cells->probe[i] = 0;
		cells->pick[i] = rows_to_score(t, wanted[i]);
		if (cells->pick[i] > cells->rows / PICK_SHARE)
			cells->pick[i] = cells->rows / PICK_SHARE;
	}
}

int
cells_tune(struct cells *cells, const struct flat *flat,
    const atomic_bool *stop)
{
	struct tuning *t = mem_zalloc(sizeof(*t));
	int err;

	if (t == NULL)
		return ERR_NOMEM;
	t->cells = cells;
	t->flat = flat;
	err = tuning_make(t);
	if (err < 0)
		goto out;
	cells_of_rows(t);
	queries_choose(t);
	err = nearest_find(t, stop);
	if (err == 0)
		tuning_set(t);
out:
	mem_free(t->of);
	mem_free(t->heaps);
	mem_free(t->needed);
	mem_free(t->planes);
	mem_free(t->far);
	mem_free(t);
	return err;
}
