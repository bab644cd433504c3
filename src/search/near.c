/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels in plain C, and choosing between kinds.  What other processors have
 * of their own goes into files like near_x86.c.
 */
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "search/near.h"
#include "search/near_int.h"

/* ---- plain C ------------------------------------------------------------ */

static void
dots_plain(const int8_t *query, const int8_t *rows, size_t count,
    size_t stride, int32_t *ret_dots)
{
	int32_t sum;
	size_t i, j;

	for (i = 0; i < count; i++, rows += stride) {
		sum = 0;
		for (j = 0; j < stride; j++)
			sum += query[j] * rows[j];
		ret_dots[i] = sum;
	}
}

/* Bits set, by adding neighbours: no instruction for it is taken for
 * granted. */
static unsigned
bits_set(uint64_t x)
{
	x -= (x >> 1) & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
	return (unsigned)((x * 0x0101010101010101ULL) >> 56);
}

uint16_t
near_differ_lane(const uint64_t *planes, const uint64_t *block,
    unsigned lane, size_t words)
{
	unsigned far = 0;
	size_t p, w;

	for (p = 0; p < NEAR_PLANES; p++)
		for (w = 0; w < words; w++)
			far += bits_set(planes[p * words + w] ^
				   block[w * NEAR_LANES + lane])
			    << p;
	return (uint16_t)far;
}

static void
differ_plain(const uint64_t *planes, const uint64_t *blocks, size_t count,
    size_t words, uint16_t *ret_far)
{
	unsigned lane;
	size_t i;

	for (i = 0; i < count; i++) {
		for (lane = 0; lane < NEAR_LANES; lane++)
			ret_far[lane] = near_differ_lane(planes, blocks, lane,
			    words);
		blocks += words * NEAR_LANES;
		ret_far += NEAR_LANES;
	}
}

static const struct near_kernels near_plain = {
	.name = "plain", .dots = dots_plain, .differ = differ_plain};

/* ---- choosing ----------------------------------------------------------- */

const struct near_kernels *
near_kernels_at(size_t i)
{
#ifdef __x86_64__
	const struct near_kind *kind;

	if (i == 0)
		return &near_plain;
	for (kind = near_kinds_x86; kind->kernels.name != NULL; kind++)
		if (kind->is_here() && --i == 0)
			return &kind->kernels;
	return NULL;
#else
	return i == 0 ? &near_plain : NULL;
#endif
}

const struct near_kernels *
near_kernels(void)
{
	const struct near_kernels *best = &near_plain, *next;
	size_t i;

	for (i = 1; (next = near_kernels_at(i)) != NULL; i++)
		best = next;
	return best;
}

/* ---- rows and codes ----------------------------------------------------- */

void
near_row(const int8_t *vector, size_t dimensions, int8_t *ret_row)
{
	memcpy(ret_row, vector, dimensions);
	memset(ret_row + dimensions, 0, near_stride(dimensions) - dimensions);
}

/* The reflection of 64 components, a bit each: the same for all vectors for
 * ever, as codes are compared.  A hash of the word's number (Steele and others,
 * "Fast Splittable Pseudorandom Number Generators", 2014). */
static uint64_t
reflection(size_t word)
{
	uint64_t x = (word + 1) * 0x9E3779B97F4A7C15ULL;

	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
	return x ^ (x >> 31);
}

/* Eight numbers at once, on any processor. */
typedef int32_t turned8 __attribute__((vector_size(32), may_alias));

static void
butterflies(int32_t *values, size_t half)
{
	turned8 *low, *high, sum;
	size_t i;
	int32_t x;

	if (half < 8) {
		for (i = 0; i < half; i++) {
			x = values[i];
			values[i] = x + values[i + half];
			values[i + half] = x - values[i + half];
		}
		return;
	}
	low = (turned8 *)(void *)values;
	high = (turned8 *)(void *)(values + half);
	for (i = 0; i < half / 8; i++) {
		sum = low[i] + high[i];
		high[i] = low[i] - high[i];
		low[i] = sum;
	}
}

/* In blocks of the largest power of two that divides stride: 4096 * 127 at
 * most comes out of it. */
static void
turn(const int8_t *row, size_t stride, int32_t *ret_turned)
{
	size_t block = stride & (~stride + 1), half, i;
	uint64_t signs = 0;

	for (i = 0; i < stride; i++, signs >>= 1) {
		if (i % 64 == 0)
			signs = reflection(i / 64);
		ret_turned[i] = (signs & 1) != 0 ? -row[i] : row[i];
	}
	for (half = 1; half < block; half *= 2)
		for (i = 0; i < stride; i += 2 * half)
			butterflies(ret_turned + i, half);
}

void
near_code(const int8_t *row, size_t stride, size_t step, uint64_t *ret_code)
{
	int32_t turned[DIMENSIONS_MAX] __attribute__((aligned(32)));
	uint64_t word;
	size_t w, i;

	ASSERT(stride % NEAR_STEP == 0 && stride <= DIMENSIONS_MAX);
	turn(row, stride, turned);
	for (w = 0; w < stride / 64; w++) {
		word = 0;
		for (i = 0; i < 64; i++)
			word |= (uint64_t)(turned[w * 64 + i] > 0) << i;
		ret_code[w * step] = word;
	}
}

void
near_planes(const int8_t *row, size_t stride, uint64_t *ret_planes)
{
	const size_t words = stride / 64;
	int32_t turned[DIMENSIONS_MAX] __attribute__((aligned(32)));
	int32_t largest = 1, level;
	size_t i, p;

	ASSERT(stride % NEAR_STEP == 0 && stride <= DIMENSIONS_MAX);
	turn(row, stride, turned);
	for (i = 0; i < stride; i++) {
		if (turned[i] > largest)
			largest = turned[i];
		if (-turned[i] > largest)
			largest = -turned[i];
	}
	memset(ret_planes, 0, NEAR_PLANES * words * sizeof(*ret_planes));
	/* 8 levels of one width from -largest to largest. */
	for (i = 0; i < stride; i++) {
		level = (turned[i] + largest) * 4 / largest;
		if (level > 7)
			level = 7;
		for (p = 0; p < NEAR_PLANES; p++)
			ret_planes[p * words + i / 64] |=
			    (uint64_t)((level >> p) & 1) << (i % 64);
	}
}
