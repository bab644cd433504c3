/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cells_int: what building cells (cells_build.c), measuring them (cells_tune.c)
 * and looking into them (flat_pick.c) share.
 */
#ifndef SEARCH_CELLS_INT_H
#define SEARCH_CELLS_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "search/cells.h"
#include "search/flat_int.h"

#define CELLS_MAX 4096u
#define CELLS_UNUSED UINT32_MAX /* in place of a row: behind a cell's last */
/* How many rows are to be seen, by how many segments are wanted. */
#define CELLS_TUNES 2u
#define CELLS_WANTED_FEW 100u
#define CELLS_WANTED_MANY 1000u

struct cells {
	atomic_uint refs;
	size_t stride, words, count;
	/* Of the flat, up to here; a multiple of NEAR_LANES.  0: no cells, what
	 * was measured is all there is. */
	size_t rows;
	size_t places; /* that rows lie at; so is where a cell begins */
	size_t bytes;
	size_t measured; /* the same, but never 0 */
	size_t probe[CELLS_TUNES]; /* rows to be seen; 0: all */
	size_t pick[CELLS_TUNES];  /* rows to be scored, of measured ones */
	int8_t *centres; /* count rows of stride bytes */
	float *scales;	 /* theirs */
	uint32_t *starts; /* count + 1: where each begins */
	uint32_t *sizes; /* rows of each */
	uint32_t *numbers; /* the row at each place, ascending in a cell */
	uint64_t *blocks;  /* their codes, as in a flat's chunks */
};

/* Cells by how near a query is to them: a heap of all, from which the nearest
 * are taken; left is how many are in it, which cells->count are at first. */
struct cells_rank {
	float near;
	uint32_t cell;
};

void cells_rank(const struct cells *cells, const int8_t *row,
    struct cells_rank *ret_heap);
size_t cells_rank_next(struct cells_rank *heap, size_t *left);

/* Of one that nobody else has: only what was measured is left. */
void cells_clear(struct cells *cells);

/* Set how many rows are to be seen, and to be scored.  ERR_CANCELLED,
 * ERR_NOMEM. */
int cells_tune(struct cells *cells, const struct flat *flat,
    const atomic_bool *stop);

/* Numbers without order, the same each time (splitmix64). */
static inline uint64_t
cells_hash(uint64_t n)
{
	uint64_t x = (n + 1) * 0x9E3779B97F4A7C15ULL;

	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
	return x ^ (x >> 31);
}

#endif
