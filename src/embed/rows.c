/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sixty-four columns at a time stay in registers while all rows pass: the
 * sums are not read and written for each row, and no load waits for another,
 * so that rows which are not in a cache are fetched ahead.  Each column is
 * added up in the order of the rows, with vectors and without.
 */
#include <stdbool.h>

#include "embed/rows.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_WIDE 1
#define TILE 64u

/* Eight numbers, wherever they lie. */
typedef float eight
    __attribute__((vector_size(32), aligned(4), may_alias));

__attribute__((target("avx2"))) static void
tile_sum(const float *table, size_t dimensions, const uint32_t *rows,
    size_t count, float *sums)
{
	eight *to = (eight *)(void *)sums;
	eight a = to[0], b = to[1], c = to[2], d = to[3];
	eight e = to[4], f = to[5], g = to[6], h = to[7];
	const eight *row;
	size_t i;

	for (i = 0; i < count; i++) {
		row = (const eight *)(const void *)(table +
		    (size_t)rows[i] * dimensions);
		a += row[0];
		b += row[1];
		c += row[2];
		d += row[3];
		e += row[4];
		f += row[5];
		g += row[6];
		h += row[7];
	}
	to[0] = a;
	to[1] = b;
	to[2] = c;
	to[3] = d;
	to[4] = e;
	to[5] = f;
	to[6] = g;
	to[7] = h;
}
#endif

void
rows_sum(const float *table, size_t dimensions, const uint32_t *rows,
    size_t count, float *sums)
{
	const float *row;
	size_t first = 0, i, k;

#ifdef HAS_WIDE
	if (__builtin_cpu_supports("avx2")) {
		for (; dimensions - first >= TILE; first += TILE)
			tile_sum(table + first, dimensions, rows, count,
			    sums + first);
	}
#endif
	for (i = 0; first < dimensions && i < count; i++) {
		row = table + (size_t)rows[i] * dimensions;
		for (k = first; k < dimensions; k++)
			sums[k] += row[k];
	}
}
