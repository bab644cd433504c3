/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flat_hunt: a search that is going on: what scoring rows (flat_search.c) and
 * picking which of them (flat_pick.c) share.
 */
#ifndef SEARCH_FLAT_HUNT_H
#define SEARCH_FLAT_HUNT_H

#include "base/limits.h"
#include "search/flat_int.h"

/* Codes that lie one behind the other, to be looked at: of a chunk's rows, or
 * of a cell's. */
struct span {
	uint64_t *blocks;
	const uint32_t *numbers; /* the row of each; NULL: one after the */
	size_t first;		 /* other, from this one on */
	size_t count;
	size_t whole; /* so many may be read, a block at a time */
};

struct hunt {
	const struct flat *flat;
	const struct flat_query *query;
	const struct near_kernels *kernels;
	struct top *top;
	int8_t row[DIMENSIONS_MAX]; /* the query's */
	/* What was said of the revision that was asked about last. */
	int64_t revision_id;
	bool is_accepted, is_asked;
	/* The segment whose rows come by, and the nearest of them. */
	int64_t segment_id, segment_revision;
	double cosine;
	bool has_segment;
	/* Of the first pass. */
	uint64_t planes[NEAR_PLANES * DIMENSIONS_MAX / 64];
	struct span *spans;
	size_t span_count, span_room;
	size_t in_play; /* rows of all spans */
	uint32_t *sample; /* how many rows are that far, of those looked at */
	size_t sampled;
	uint32_t *picked; /* rows, ascending */
	size_t picked_count, picked_room, picked_segments;
	size_t near_count; /* rows that were near enough to be asked about */
};

/* May a segment of that revision be found? */
bool hunt_accepts(struct hunt *hunt, int64_t revision_id);

/* How many of the chunk's rows the flat has. */
static inline size_t
hunt_chunk_rows(const struct flat *flat, const struct flat_chunk *chunk)
{
	size_t rows = flat->rows - chunk->first;

	return rows < chunk->size ? rows : chunk->size;
}

/* Pick rows to be scored: hunt->picked.  ERR_NOMEM. */
int hunt_pick(struct hunt *hunt);
void hunt_fini(struct hunt *hunt);

#endif
