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

struct flat {
	atomic_uint refs;
	size_t dimensions, stride, words;
	struct flat_chunk **chunks;
	size_t chunk_count, chunk_room;
	size_t rows, dead, bytes;
	/* A bit for each row, dead_words of them; NULL: none is gone. */
	uint64_t *gone;
	size_t gone_words;
};

static inline bool
flat_is_gone(const struct flat *flat, size_t row)
{
	return row / 64 < flat->gone_words &&
	    ((flat->gone[row / 64] >> (row % 64)) & 1) != 0;
}

#endif
