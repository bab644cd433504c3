/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels for AVX2 with FMA and for AVX-512 with VNNI.  Each function is
 * compiled for its processor alone (the target attribute), so the rest of the
 * program runs on any; dense.c asks the processor before it calls one.
 *
 * A tile's sums stay in registers while its depth passes: with AVX-512 twelve
 * rows of two registers, with AVX2 three rows of four.  The number of rows is
 * a constant in each copy of a tile's loop, or the sums would be in memory.
 */
#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "embed/dense_int.h"

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINED static inline __attribute__((always_inline))

/* gcc does not unroll at -O2 by itself what clang does. */
#ifdef __clang__
#define UNROLLED
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

#define TILE_512 12u
#define TILE_256 3u

_Static_assert(DENSE_PANEL == 32 && TILE_512 <= DENSE_TILE_MAX,
    "two registers of 16, four of 8");

/* ---- AVX2 --------------------------------------------------------------- */

AVX2 INLINED void
floats_256(const float *x, size_t ldx, const size_t rows, const float *panel,
    size_t depth, float *y, size_t ldy)
{
	__m256 sums[TILE_256][4], one;
	size_t r, c, k;

	UNROLLED
	for (r = 0; r < rows; r++)
		UNROLLED
		for (c = 0; c < 4; c++)
			sums[r][c] = _mm256_loadu_ps(y + r * ldy + 8 * c);
	for (k = 0; k < depth; k++, panel += DENSE_PANEL) {
		UNROLLED
		for (r = 0; r < rows; r++) {
			one = _mm256_broadcast_ss(x + r * ldx + k);
			UNROLLED
			for (c = 0; c < 4; c++)
				sums[r][c] = _mm256_fmadd_ps(one,
				    _mm256_loadu_ps(panel + 8 * c),
				    sums[r][c]);
		}
	}
	UNROLLED
	for (r = 0; r < rows; r++)
		UNROLLED
		for (c = 0; c < 4; c++)
			_mm256_storeu_ps(y + r * ldy + 8 * c, sums[r][c]);
}

AVX2 static void
floats_avx2(const float *x, size_t ldx, size_t rows, const float *panel,
    size_t depth, float *y, size_t ldy)
{
	if (rows == 3)
		floats_256(x, ldx, 3, panel, depth, y, ldy);
	else if (rows == 2)
		floats_256(x, ldx, 2, panel, depth, y, ldy);
	else
		floats_256(x, ldx, 1, panel, depth, y, ldy);
}

/* Four bytes of x against four of each of eight columns.  Both are within
 * +-127, so that two products added do not saturate 16 bits. */
AVX2 INLINED __m256i
quads_256(__m256i sum, __m256i size, __m256i one, const int8_t *panel)
{
	const __m256i column =
	    _mm256_loadu_si256((const __m256i *)(const void *)panel);
	const __m256i pairs =
	    _mm256_maddubs_epi16(size, _mm256_sign_epi8(column, one));

	return _mm256_add_epi32(sum,
	    _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* The signed bytes of x are used as they are: there is no surplus. */
AVX2 INLINED void
bytes_256(const uint8_t *x, size_t ldx, const size_t rows,
    const int8_t *panel, size_t depth, int32_t *sums_to)
{
	const __m256i top = _mm256_set1_epi8((char)-128);
	__m256i sums[TILE_256][4], one, size;
	int32_t quad;
	size_t r, c, k;

	UNROLLED
	for (r = 0; r < rows; r++)
		UNROLLED
		for (c = 0; c < 4; c++)
			sums[r][c] = _mm256_setzero_si256();
	for (k = 0; k < depth; k += DENSE_QUAD) {
		UNROLLED
		for (r = 0; r < rows; r++) {
			memcpy(&quad, x + r * ldx + k, sizeof(quad));
			one = _mm256_xor_si256(_mm256_set1_epi32(quad), top);
			size = _mm256_abs_epi8(one);
			UNROLLED
			for (c = 0; c < 4; c++)
				sums[r][c] = quads_256(sums[r][c], size, one,
				    panel + 32 * c);
		}
		panel += (size_t)DENSE_QUAD * DENSE_PANEL;
	}
	UNROLLED
	for (r = 0; r < rows; r++)
		UNROLLED
		for (c = 0; c < 4; c++)
			_mm256_storeu_si256((__m256i *)(void *)(sums_to +
				r * DENSE_PANEL + 8 * c), sums[r][c]);
}

AVX2 static void
bytes_avx2(const uint8_t *x, size_t ldx, size_t rows, const int8_t *panel,
    const int32_t *surplus, size_t depth, int32_t *sums)
{
	(void)surplus;
	if (rows == 3)
		bytes_256(x, ldx, 3, panel, depth, sums);
	else if (rows == 2)
		bytes_256(x, ldx, 2, panel, depth, sums);
	else
		bytes_256(x, ldx, 1, panel, depth, sums);
}

static int
is_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/* ---- AVX-512 ------------------------------------------------------------ */

AVX512 INLINED void
floats_512(const float *x, size_t ldx, const size_t rows, const float *panel,
    size_t depth, float *y, size_t ldy)
{
	__m512 low[TILE_512], high[TILE_512], one, a, b;
	size_t r, k;

	UNROLLED
	for (r = 0; r < rows; r++) {
		low[r] = _mm512_loadu_ps(y + r * ldy);
		high[r] = _mm512_loadu_ps(y + r * ldy + 16);
	}
	for (k = 0; k < depth; k++, panel += DENSE_PANEL) {
		a = _mm512_loadu_ps(panel);
		b = _mm512_loadu_ps(panel + 16);
		UNROLLED
		for (r = 0; r < rows; r++) {
			one = _mm512_set1_ps(x[r * ldx + k]);
			low[r] = _mm512_fmadd_ps(one, a, low[r]);
			high[r] = _mm512_fmadd_ps(one, b, high[r]);
		}
	}
	UNROLLED
	for (r = 0; r < rows; r++) {
		_mm512_storeu_ps(y + r * ldy, low[r]);
		_mm512_storeu_ps(y + r * ldy + 16, high[r]);
	}
}

AVX512 INLINED void
bytes_512(const uint8_t *x, size_t ldx, const size_t rows,
    const int8_t *panel, const int32_t *surplus, size_t depth, int32_t *sums)
{
	__m512i low[TILE_512], high[TILE_512], one, a, b;
	int32_t quad;
	size_t r, k;

	a = _mm512_sub_epi32(_mm512_setzero_si512(),
	    _mm512_loadu_si512(surplus));
	b = _mm512_sub_epi32(_mm512_setzero_si512(),
	    _mm512_loadu_si512(surplus + 16));
	UNROLLED
	for (r = 0; r < rows; r++) {
		low[r] = a;
		high[r] = b;
	}
	for (k = 0; k < depth; k += DENSE_QUAD) {
		a = _mm512_loadu_si512(panel);
		b = _mm512_loadu_si512(panel + 64);
		panel += (size_t)DENSE_QUAD * DENSE_PANEL;
		UNROLLED
		for (r = 0; r < rows; r++) {
			memcpy(&quad, x + r * ldx + k, sizeof(quad));
			one = _mm512_set1_epi32(quad);
			low[r] = _mm512_dpbusd_epi32(low[r], one, a);
			high[r] = _mm512_dpbusd_epi32(high[r], one, b);
		}
	}
	UNROLLED
	for (r = 0; r < rows; r++) {
		_mm512_storeu_si512(sums + r * DENSE_PANEL, low[r]);
		_mm512_storeu_si512(sums + r * DENSE_PANEL + 16, high[r]);
	}
}

#define EACH_TILE_512(X) \
	X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)

AVX512 static void
floats_avx512(const float *x, size_t ldx, size_t rows, const float *panel,
    size_t depth, float *y, size_t ldy)
{
	switch (rows) {
#define TILE(n)                                                   \
	case n:                                                   \
		floats_512(x, ldx, n, panel, depth, y, ldy);      \
		break;
		EACH_TILE_512(TILE)
#undef TILE
	}
}

AVX512 static void
bytes_avx512(const uint8_t *x, size_t ldx, size_t rows, const int8_t *panel,
    const int32_t *surplus, size_t depth, int32_t *sums)
{
	switch (rows) {
#define TILE(n)                                                   \
	case n:                                                   \
		bytes_512(x, ldx, n, panel, surplus, depth, sums);\
		break;
		EACH_TILE_512(TILE)
#undef TILE
	}
}

static int
is_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vnni");
}

/* clang-format off */
const struct dense_kernels dense_kernels_x86[] = {
	{.name = "avx2", .tile = TILE_256, .floats = floats_avx2,
	 .bytes = bytes_avx2, .is_here = is_avx2},
	{.name = "avx512", .tile = TILE_512, .floats = floats_avx512,
	 .bytes = bytes_avx512, .is_here = is_avx512},
	{.name = NULL},
};
/* clang-format on */
#endif
