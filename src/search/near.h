/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near: one vector against many, as fast as the processor can.
 *
 * Floor 3, pure.  A quantised vector (vector.h) is laid out as a row of
 * near_stride() bytes, zeros behind its components, which change no product.
 *
 * Its code is one bit a component, near_words() words of 64: the signs of the
 * vector after it was turned.  Turning is a random reflection of the axes and
 * a Walsh-Hadamard transform, block by block: it keeps products and spreads
 * each component over many, so that a vector with few components that are not
 * 0 has a code that says as much as any other's.  A query is turned as well,
 * and keeps NEAR_PLANES bits a component: their planes.  Where the signs of a
 * row differ from a plane's, by the planes' weights, the row is far away
 * (after Gao and Long, "RaBitQ", 2024).
 *
 * Codes lie in blocks of NEAR_LANES rows, word by word: word w of lane l is
 * block[w * NEAR_LANES + l], so that one instruction works on many rows.
 *
 * There is a set of functions for each kind of processor, chosen when the
 * program runs; all of them give the same numbers, to the bit, and the one in
 * plain C is always there.
 */
#ifndef SEARCH_NEAR_H
#define SEARCH_NEAR_H

#include <stddef.h>
#include <stdint.h>

#define NEAR_LANES 8u
#define NEAR_STEP 64u /* bytes of rows, and bits of codes, go by these */
#define NEAR_PLANES 3u

/* Bytes of a row, bits of a code: dimensions rounded up. */
static inline size_t
near_stride(size_t dimensions)
{
	return (dimensions + NEAR_STEP - 1) / NEAR_STEP * NEAR_STEP;
}

static inline size_t
near_words(size_t dimensions)
{
	return near_stride(dimensions) / 64;
}

struct near_kernels {
	const char *name;
	/* The products of query with count rows; all of stride bytes, none of
	 * the query's -128. */
	void (*dots)(const int8_t *query, const int8_t *rows, size_t count,
	    size_t stride, int32_t *ret_dots);
	/* How far the codes of count blocks are from the query's planes (of
	 * words words each): NEAR_LANES numbers for each block, at most 7 for
	 * each bit of a code. */
	void (*differ)(const uint64_t *planes, const uint64_t *blocks,
	    size_t count, size_t words, uint16_t *ret_far);
};

/* The fastest that this processor has. */
const struct near_kernels *near_kernels(void);
/* One after the other what it has, plain C first; NULL behind the last. */
const struct near_kernels *near_kernels_at(size_t i);

/* One row alone. */
uint16_t near_differ_lane(const uint64_t *planes, const uint64_t *block,
    unsigned lane, size_t words);

/* Copy a vector into a row of near_stride(dimensions) bytes. */
void near_row(const int8_t *vector, size_t dimensions, int8_t *ret_row);
/* The code of a row of stride bytes, with step words between its words: 1
 * for the code by itself, NEAR_LANES for a lane of a block. */
void near_code(const int8_t *row, size_t stride, size_t step,
    uint64_t *ret_code);
/* The planes of a query's row: NEAR_PLANES codes, the heaviest last. */
void near_planes(const int8_t *row, size_t stride, uint64_t *ret_planes);

#endif
