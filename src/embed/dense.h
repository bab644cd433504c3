/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dense: many rows times a matrix of weights, which is nearly all that an
 * encoder does.
 *
 * Floor 3, for this folder only.  Pure: weights are packed once, any number of
 * threads may multiply with them at once, each on its own core.  Which
 * instructions do it is asked of the processor; plain C is always there.
 * Sums of float32 are added up in another order by each set of kernels, so
 * they agree but for rounding; those of int8 are the same everywhere.
 */
#ifndef EMBED_DENSE_H
#define EMBED_DENSE_H

#include <stddef.h>
#include <stdint.h>

/* Columns that are computed at once: what is packed has a multiple of it. */
#define DENSE_PANEL 32u
/* Sums of so many products of bytes fit into 31 bits. */
#define DENSE_IN_MAX 65536u
#define DENSE_OUT_MAX 1048576u

struct dense;
struct dense_kernels;

enum dense_numbers { DENSE_FLOAT32, DENSE_INT8 };

/* The best that run here; NULL kernels in a call below: these. */
const struct dense_kernels *dense_kernels(void);
/* The ith of those that run here, the slowest first; NULL: no more. */
const struct dense_kernels *dense_kernels_at(size_t i);
/* "plain", "avx2", "avx512" */
const char *dense_kernels_name(const struct dense_kernels *kernels);

/*
 * A layer y = x W^T + bias.  weights: out rows of in numbers; bias: out
 * numbers, NULL: none.  As int8 each row of weights has a scale of its own,
 * and each row of x gets one.  Returns owned (dense_free); NULL: no memory, or
 * over the limits above.
 */
struct dense *dense_new(const float *weights, const float *bias, size_t in,
    size_t out, enum dense_numbers numbers);
void dense_free(struct dense *dense);
size_t dense_bytes(const struct dense *dense);

/* Bytes of scratch that dense_run() needs. */
size_t dense_scratch(const struct dense *dense);

/* rows of x, ldx numbers from one to the next, to rows of y, ldy apart; they
 * do not overlap.  scratch: aligned as mem_alloc() gives it. */
void dense_run(const struct dense *dense, const struct dense_kernels *kernels,
    const float *x, size_t ldx, size_t rows, float *y, size_t ldy,
    void *scratch);

/* ---- matrices that are made as one goes -------------------------------- */

/* Numbers of a packed matrix. */
size_t dense_packed(size_t in, size_t out);
/* The rows of a matrix (out of them, ld apart, in numbers long) as weights:
 * y = x M^T... */
void dense_pack_rows(const float *matrix, size_t ld, size_t in, size_t out,
    float *panels);
/* ...or its columns (in rows, ld apart, out numbers long): y = x M. */
void dense_pack_columns(const float *matrix, size_t ld, size_t in, size_t out,
    float *panels);
/* y = x times what was packed, plus bias (a multiple of DENSE_PANEL numbers;
 * NULL: none). */
void dense_multiply(const struct dense_kernels *kernels, const float *x,
    size_t ldx, size_t rows, const float *panels, const float *bias,
    size_t in, size_t out, float *y, size_t ldy);

#endif
