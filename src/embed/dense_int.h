/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dense_int: what the kernels of each processor are asked for.
 *
 * A panel holds DENSE_PANEL columns: for each depth, their numbers one behind
 * the other (of bytes: four depths of each column).
 */
#ifndef EMBED_DENSE_INT_H
#define EMBED_DENSE_INT_H

#include <stddef.h>
#include <stdint.h>

#include "embed/dense.h"

/* Bytes of x that are multiplied at once. */
#define DENSE_QUAD 4u
#define DENSE_TILE_MAX 16u /* rows of a tile */

struct dense_kernels {
	const char *name;
	size_t tile; /* rows that are computed at once, at most */
	/* Add x (rows of it, ldx apart) times a panel to y (ldy apart). */
	void (*floats)(const float *x, size_t ldx, size_t rows,
	    const float *panel, size_t depth, float *y, size_t ldy);
	/* Set sums (DENSE_PANEL for each row) to x - 128 times a panel of
	 * bytes; surplus is 128 times the sum of each of its columns, for
	 * those who multiply x as it is.  depth: a multiple of DENSE_QUAD; no
	 * number of the panel is -128, and no byte of x is 0. */
	void (*bytes)(const uint8_t *x, size_t ldx, size_t rows,
	    const int8_t *panel, const int32_t *surplus, size_t depth,
	    int32_t *sums);
	int (*is_here)(void);
};

/* From the slowest to the fastest; a NULL name ends it. */
extern const struct dense_kernels dense_kernels_x86[];

#endif
