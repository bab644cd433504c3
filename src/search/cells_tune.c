/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many rows a search must see.
 *
 * Some of the rows are asked for as queries: what is nearest to each of all
 * rows lies in cells, and each of these cells is seen after so many rows, when
 * cells are looked at from the nearest on.  The number of rows within which
 * TARGET of all the nearest lie is what a search sees from then on: few where
 * the vectors lie in clusters, and more, not worse answers, where they do not.
 * When a third of the rows and more would have to be seen, a pass over all is
 * as good.
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
#define RUN_ROWS 256u

struct tuning {
	struct cells *cells;
	const struct flat *flat;
	const struct near_kernels *kernels;
	const int8_t *queries[QUERIES];
	size_t query_rows[QUERIES], query_count;
	struct top tops[QUERIES];
	struct candidate *heaps;
	uint32_t *of; /* the cell of each row */
	uint32_t *seen; /* how many rows are, when a neighbour is */
	size_t seen_count;
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
	const size_t stride = t->flat->stride;
	int32_t dots[RUN_ROWS];
	size_t j, q, row;

	for (q = 0; q < t->query_count; q++) {
		t->kernels->dots(t->queries[q], chunk->rows + i * stride, run,
		    stride, dots);
		for (j = 0; j < run; j++) {
			row = chunk->first + i + j;
			if (row != t->query_rows[q] &&
			    t->of[row] != CELLS_UNUSED)
				nearest_put(&t->tops[q], row,
				    (double)dots[j] *
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

/* Of the best wanted of each query. */
static size_t
rows_needed(struct tuning *t, size_t wanted)
{
	const struct cells *cells = t->cells;
	size_t q, i, seen, count = 0, at, left, cell;

	for (q = 0; q < t->query_count; q++) {
		cells_rank(cells, t->queries[q], t->ranks);
		for (seen = 0, left = cells->count; left > 0;) {
			cell = cells_rank_next(t->ranks, &left);
			seen += cells->sizes[cell];
			t->at[cell] = (uint32_t)seen;
		}
		for (i = 0; i < t->tops[q].count && i < wanted; i++)
			t->seen[count++] = t->at[t->of[
			    t->tops[q].heap[i].segment_id]];
	}
	if (count == 0)
		return 0;
	qsort(t->seen, count, sizeof(*t->seen), by_number);
	at = (size_t)((double)count * TARGET);
	seen = t->seen[at < count ? at : count - 1];
	return seen;
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

int
cells_tune(struct cells *cells, const struct flat *flat,
    const atomic_bool *stop)
{
	static const size_t wanted[CELLS_TUNES] = {CELLS_WANTED_FEW,
	    CELLS_WANTED_MANY};
	struct tuning *t = mem_zalloc(sizeof(*t));
	size_t i, q;
	int err = ERR_NOMEM;

	if (t == NULL)
		return ERR_NOMEM;
	t->cells = cells;
	t->flat = flat;
	t->kernels = near_kernels();
	t->of = mem_array(cells->rows, sizeof(*t->of));
	t->heaps = mem_array(QUERIES * CELLS_WANTED_MANY, sizeof(*t->heaps));
	t->seen = mem_array(QUERIES * CELLS_WANTED_MANY, sizeof(*t->seen));
	if (t->of == NULL || t->heaps == NULL || t->seen == NULL)
		goto out;
	cells_of_rows(t);
	queries_choose(t);
	err = nearest_find(t, stop);
	if (err < 0)
		goto out;
	for (q = 0; q < t->query_count; q++)
		qsort(t->tops[q].heap, t->tops[q].count,
		    sizeof(*t->tops[q].heap), by_nearness);
	for (i = 0; i < CELLS_TUNES; i++) {
		cells->probe[i] = rows_needed(t, wanted[i]);
		if (cells->probe[i] > cells->rows / SHARE_MAX)
			cells->probe[i] = 0;
	}
	if (cells->probe[0] == 0)
		err = ERR_NOT_FOUND;
out:
	mem_free(t->of);
	mem_free(t->heaps);
	mem_free(t->seen);
	mem_free(t);
	return err;
}
