/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanes: what an encoder does with each number by itself, or with the numbers
 * of a row.
 *
 * Floor 3, for this folder only.  Pure.  Compiled for AVX2 and for any
 * processor from the same lines, so results differ by rounding at most.
 */
#ifndef EMBED_LANES_H
#define EMBED_LANES_H

#include <stddef.h>
#include <stdint.h>

/* The largest of a signed byte whose negative is one, too. */
#define DENSE_BYTE_MAX 127

/* x = x / 2 * (1 + erf(x / sqrt(2))), within 1e-6 for each |x| of 1. */
void lanes_gelu(float *x, size_t count);
/* The same by tanh (Hendrycks and Gimpel, 2016). */
void lanes_gelu_tanh(float *x, size_t count);
void lanes_relu(float *x, size_t count);

/* x = exp(scale * x) / (sum of these), without overflow. */
void lanes_softmax(float *x, size_t count, float scale);

/* x = x + more (NULL: nothing), then of mean 0 and variance 1, times weight,
 * plus bias. */
void lanes_norm(float *x, const float *more, size_t count,
    const float *weight, const float *bias, float epsilon);

/*
 * Bytes of x as 1 to 255 with 128 for 0, and 128s up to a multiple of
 * LANES_BLOCK; returns what a step of them is worth, which is no number when
 * one of x is none.  They are written as registers have them: the kth is at
 * lanes_place(k).
 */
#define LANES_BLOCK 32u
float lanes_bytes(const float *x, size_t count, uint8_t *bytes);
static inline size_t
lanes_place(size_t k)
{
	return k / 32 * 32 + k % 8 * 4 + k % 32 / 8;
}
/* y = sums * scale * scales + bias, DENSE_PANEL numbers of each. */
void lanes_scale(const int32_t *sums, float scale, const float *scales,
    const float *bias, float *y);

#endif
