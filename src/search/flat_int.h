/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flat_int: what keeping rows (flat.c) and searching them (flat_search.c)
 * share.
 */
#ifndef SEARCH_FLAT_INT_H
#define SEARCH_FLAT_INT_H

#include <stdatomic.h>

#include "search/flat.h"
#include "search/near.h"

#define FLAT_CHUNK_ROWS_MIN 64u
#define FLAT_CHUNK_ROWS_MAX 65536u

/*
 * A piece of the rows, shared by drafts.  Rows behind what a flat counts are
 * the next draft's to write; so is the range of ids, which flats that others
 * see do not read.
 */
struct flat_chunk {
	atomic_uint refs;
	size_t first, size; /* the number of its first row; of its rows */
	int64_t segment_min, segment_max, revision_min, revision_max;
	/* All in one block of memory, which the first of them begins. */
	int8_t *rows;	  /* stride bytes each */
	uint64_t *blocks; /* their codes */
	int64_t *segments, *revisions;
	float *scales;
};

struct cells;

struct flat {
	atomic_uint refs;
	size_t dimensions, stride, words;
	struct flat_chunk **chunks;
	size_t chunk_count, chunk_room;
	size_t rows, dead, bytes;
	/* A bit for each row, dead_words of them; NULL: none is gone. */
	uint64_t *gone;
	size_t gone_words;
	struct cells *cells; /* of the first of its rows; NULL: none */
};

static inline bool
flat_is_gone(const struct flat *flat, size_t row)
{
	return row / 64 < flat->gone_words &&
	    ((flat->gone[row / 64] >> (row % 64)) & 1) != 0;
}

/* The chunk that a row is in. */
static inline size_t
flat_chunk_of(const struct flat *flat, size_t row)
{
	size_t low = 0, high = flat->chunk_count, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (flat->chunks[middle]->first <= row)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The first word of a row's code; the others are NEAR_LANES apart. */
static inline uint64_t *
flat_code(uint64_t *blocks, size_t words, size_t i)
{
	return blocks + i / NEAR_LANES * NEAR_LANES * words + i % NEAR_LANES;
}

#endif
