/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching rows.
 *
 * Up to FLAT_EXACT rows all are scored.  Of more, a first pass over codes
 * (flat_pick.c) picks some, and those are.  A segment that has several rows is
 * scored by all of them as soon as one is picked.
 */
#include "search/flat_hunt.h"

#define RUN_ROWS 512u

bool
hunt_accepts(struct hunt *hunt, int64_t revision_id)
{
	const struct flat_query *query = hunt->query;

	if (query->accept == NULL)
		return true;
	if (!hunt->is_asked || hunt->revision_id != revision_id) {
		hunt->is_accepted = query->accept(query->arg, revision_id);
		hunt->revision_id = revision_id;
		hunt->is_asked = true;
	}
	return hunt->is_accepted;
}

/* ---- scoring ------------------------------------------------------------ */

/* Only what would be among the best is asked whether it may be found. */
static void
segment_end(struct hunt *hunt)
{
	struct top *top = hunt->top;

	if (!hunt->has_segment)
		return;
	hunt->has_segment = false;
	if (top->count == top->size &&
	    (top->size == 0 || hunt->cosine < top->heap[0].cosine))
		return;
	if (hunt_accepts(hunt, hunt->segment_revision))
		top_put(top, hunt->segment_id, hunt->cosine);
}

static void
row_score(struct hunt *hunt, const struct flat_chunk *chunk, size_t i,
    int32_t dot)
{
	double cosine = (double)dot * (double)hunt->query->scale *
	    (double)chunk->scales[i];

	if (hunt->has_segment && hunt->segment_id == chunk->segments[i]) {
		if (cosine > hunt->cosine)
			hunt->cosine = cosine;
		return;
	}
	segment_end(hunt);
	hunt->segment_id = chunk->segments[i];
	hunt->segment_revision = chunk->revisions[i];
	hunt->cosine = cosine;
	hunt->has_segment = true;
}

static void
score_all(struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk;
	int32_t dots[RUN_ROWS];
	size_t c, i, j, rows, run;

	for (c = 0; c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		rows = hunt_chunk_rows(flat, chunk);
		for (i = 0; i < rows; i += run) {
			run = rows - i < RUN_ROWS ? rows - i : RUN_ROWS;
			hunt->kernels->dots(hunt->row,
			    chunk->rows + i * flat->stride, run,
			    flat->stride, dots);
			for (j = 0; j < run; j++)
				if (!flat_is_gone(flat, chunk->first + i + j))
					row_score(hunt, chunk, i + j,
					    dots[j]);
		}
	}
	segment_end(hunt);
}

/* ---- the second pass ---------------------------------------------------- */

/* All rows of the segment that row i of the chunk c is of; returns the number
 * of the first row behind them. */
static size_t
score_segment(struct hunt *hunt, size_t c, size_t i)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk = flat->chunks[c];
	const int64_t segment_id = chunk->segments[i];
	int32_t dot;

	/* Back to the first of them... */
	for (;;) {
		if (i == 0 && c > 0 && flat->chunks[c - 1]->segments
			[flat->chunks[c - 1]->size - 1] == segment_id) {
			chunk = flat->chunks[--c];
			i = chunk->size;
		}
		if (i == 0 || chunk->segments[i - 1] != segment_id)
			break;
		i--;
	}
	/* ...and on to the last. */
	while (chunk->segments[i] == segment_id) {
		if (!flat_is_gone(flat, chunk->first + i)) {
			hunt->kernels->dots(hunt->row,
			    chunk->rows + i * flat->stride, 1, flat->stride,
			    &dot);
			row_score(hunt, chunk, i, dot);
		}
		if (++i < hunt_chunk_rows(flat, chunk))
			continue;
		if (c + 1 == flat->chunk_count)
			break;
		chunk = flat->chunks[++c];
		i = 0;
	}
	segment_end(hunt);
	return chunk->first + i;
}

/* What a processor would wait for when it comes to that row. */
static void
fetch_ahead(const struct flat *flat, size_t c, size_t row)
{
	const struct flat_chunk *chunk;
	const int8_t *bytes;
	size_t i;

	for (; c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		if (row >= chunk->first + chunk->size)
			continue;
		bytes = chunk->rows + (row - chunk->first) * flat->stride;
		for (i = 0; i < flat->stride; i += 64)
			__builtin_prefetch(bytes + i);
		return;
	}
}

#define AHEAD 8u

static void
score_picked(struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	size_t c = 0, i, done = 0, row;

	for (i = 0; i < hunt->picked_count; i++) {
		row = hunt->picked[i];
		while (row >= flat->chunks[c]->first + flat->chunks[c]->size)
			c++;
		if (i + AHEAD < hunt->picked_count)
			fetch_ahead(flat, c, hunt->picked[i + AHEAD]);
		if (row >= done)
			done = score_segment(hunt, c,
			    row - flat->chunks[c]->first);
	}
}

/* ---- all of it ---------------------------------------------------------- */

int
flat_search(const struct flat *flat, const struct flat_query *query,
    struct top *top)
{
	struct hunt hunt = {.flat = flat, .query = query, .top = top,
	    .kernels = near_kernels()};
	int err;

	near_row(query->vector, flat->dimensions, hunt.row);
	if (query->is_exact || flat->rows <= FLAT_EXACT) {
		score_all(&hunt);
		return 0;
	}
	err = hunt_pick(&hunt);
	if (err == 0)
		score_picked(&hunt);
	hunt_fini(&hunt);
	return err;
}
