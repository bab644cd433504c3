/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels for AVX2 and for AVX-512 with VNNI and VPOPCNTDQ.  Each function is
 * compiled for its processor alone (the target attribute), so the rest of the
 * program runs on any; near.c asks the processor before it gives one away.
 *
 * The largest sum, 4096 * 127 * 128, fits into 32 bits, so the order in which
 * lanes are added does not matter and no sum saturates.
 */
#ifdef __x86_64__
#include <immintrin.h>

#include "search/near_int.h"

#define AVX2 __attribute__((target("avx2")))
#define AVX512                                                       \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni," \
			      "avx512vpopcntdq")))

/* ---- AVX2 --------------------------------------------------------------- */

AVX2 static inline int32_t
sum_avx2(__m256i sums)
{
	__m128i x = _mm_add_epi32(_mm256_castsi256_si128(sums),
	    _mm256_extracti128_si256(sums, 1));

	x = _mm_add_epi32(x, _mm_shuffle_epi32(x, 0x4E));
	x = _mm_add_epi32(x, _mm_shuffle_epi32(x, 0xB1));
	return _mm_cvtsi128_si32(x);
}

/* 16 components: widened to 16 bits, multiplied, added in pairs to 32. */
AVX2 static inline __m256i
madd_avx2(const int8_t *query, const int8_t *row)
{
	const __m128i *a = (const __m128i *)(const void *)query;
	const __m128i *b = (const __m128i *)(const void *)row;

	return _mm256_madd_epi16(_mm256_cvtepi8_epi16(_mm_loadu_si128(a)),
	    _mm256_cvtepi8_epi16(_mm_loadu_si128(b)));
}

AVX2 static void
dots_avx2(const int8_t *query, const int8_t *rows, size_t count,
    size_t stride, int32_t *ret_dots)
{
	__m256i even, odd;
	size_t i, j;

	for (i = 0; i < count; i++, rows += stride) {
		even = odd = _mm256_setzero_si256();
		for (j = 0; j < stride; j += 32) {
			even = _mm256_add_epi32(even,
			    madd_avx2(query + j, rows + j));
			odd = _mm256_add_epi32(odd,
			    madd_avx2(query + j + 16, rows + j + 16));
		}
		ret_dots[i] = sum_avx2(_mm256_add_epi32(even, odd));
	}
}

/* Bits set in each byte, by a table for half bytes (Mula, "SSSE3: fast
 * popcount", 2008). */
AVX2 static inline __m256i
bits_avx2(__m256i x)
{
	const __m256i low = _mm256_set1_epi8(15);
	const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2,
	    2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);

	return _mm256_add_epi8(
	    _mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
	    _mm256_shuffle_epi8(table,
		_mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

/* One word of four rows: the planes by their weights, at most 7 * 8 in a byte,
 * then the bytes of each word added. */
AVX2 static inline __m256i
far_avx2(const uint64_t *planes, size_t words, const uint64_t *lanes)
{
	__m256i row, plane, far = _mm256_setzero_si256();
	size_t p;

	row = _mm256_loadu_si256((const __m256i *)(const void *)lanes);
	for (p = NEAR_PLANES; p-- > 0;) {
		plane = _mm256_set1_epi64x((int64_t)planes[p * words]);
		far = _mm256_add_epi8(_mm256_add_epi8(far, far),
		    bits_avx2(_mm256_xor_si256(plane, row)));
	}
	return _mm256_sad_epu8(far, _mm256_setzero_si256());
}

AVX2 static void
differ_avx2(const uint64_t *planes, const uint64_t *blocks, size_t count,
    size_t words, uint16_t *ret_far)
{
	__m256i first, second;
	uint64_t far[NEAR_LANES];
	unsigned lane;
	size_t i, w;

	for (i = 0; i < count; i++) {
		first = second = _mm256_setzero_si256();
		for (w = 0; w < words; w++) {
			first = _mm256_add_epi64(first,
			    far_avx2(planes + w, words, blocks));
			second = _mm256_add_epi64(second,
			    far_avx2(planes + w, words, blocks + 4));
			blocks += NEAR_LANES;
		}
		_mm256_storeu_si256((__m256i *)(void *)far, first);
		_mm256_storeu_si256((__m256i *)(void *)(far + 4), second);
		for (lane = 0; lane < NEAR_LANES; lane++)
			*ret_far++ = (uint16_t)far[lane];
	}
}

static int
is_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* ---- AVX-512 ------------------------------------------------------------ */

/*
 * VNNI multiplies unsigned by signed bytes: with the top bit of a component
 * turned over it is the component + 128, so each sum is too large by 128 times
 * the query's own sum, which is taken off again.
 */
AVX512 static inline __m512i
madd_avx512(__m512i sum, const int8_t *query, const int8_t *row)
{
	const __m512i top = _mm512_set1_epi8((char)-128);

	return _mm512_dpbusd_epi32(sum,
	    _mm512_xor_si512(top, _mm512_loadu_si512(row)),
	    _mm512_loadu_si512(query));
}

/* The sums of the lanes of four. */
AVX512 static inline __m128i
sums_avx512(__m512i a, __m512i b, __m512i c, __m512i d)
{
	__m512i ab, cd, all;
	__m256i half;

	ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b),
	    _mm512_unpackhi_epi32(a, b));
	cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d),
	    _mm512_unpackhi_epi32(c, d));
	all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd),
	    _mm512_unpackhi_epi64(ab, cd));
	half = _mm256_add_epi32(_mm512_castsi512_si256(all),
	    _mm512_extracti64x4_epi64(all, 1));
	return _mm_add_epi32(_mm256_castsi256_si128(half),
	    _mm256_extracti128_si256(half, 1));
}

/* Four rows at a time, as adding up lanes takes as long as a row else. */
AVX512 static void
dots_avx512(const int8_t *query, const int8_t *rows, size_t count,
    size_t stride, int32_t *ret_dots)
{
	const __m512i top = _mm512_set1_epi8((char)-128);
	__m512i sum, second, third, fourth;
	int32_t surplus;
	size_t i, j;

	sum = _mm512_setzero_si512();
	for (j = 0; j < stride; j += 64)
		sum = _mm512_dpbusd_epi32(sum, top,
		    _mm512_loadu_si512(query + j));
	surplus = _mm512_reduce_add_epi32(sum);
	for (i = 0; i + 4 <= count; i += 4, rows += 4 * stride) {
		sum = second = third = fourth = _mm512_setzero_si512();
		for (j = 0; j < stride; j += 64) {
			sum = madd_avx512(sum, query + j, rows + j);
			second = madd_avx512(second, query + j,
			    rows + stride + j);
			third = madd_avx512(third, query + j,
			    rows + 2 * stride + j);
			fourth = madd_avx512(fourth, query + j,
			    rows + 3 * stride + j);
		}
		_mm_storeu_si128((__m128i *)(void *)(ret_dots + i),
		    _mm_sub_epi32(sums_avx512(sum, second, third, fourth),
			_mm_set1_epi32(surplus)));
	}
	for (; i < count; i++, rows += stride) {
		sum = _mm512_setzero_si512();
		for (j = 0; j < stride; j += 64)
			sum = madd_avx512(sum, query + j, rows + j);
		ret_dots[i] = _mm512_reduce_add_epi32(sum) - surplus;
	}
}

/* The bits of one word of eight rows that differ from that of a plane. */
AVX512 static inline __m512i
bits_avx512(uint64_t plane, __m512i row)
{
	return _mm512_popcnt_epi64(
	    _mm512_xor_si512(_mm512_set1_epi64((int64_t)plane), row));
}

_Static_assert(NEAR_PLANES == 3, "differ_avx512 has a sum for each");

AVX512 static void
differ_avx512(const uint64_t *planes, const uint64_t *blocks, size_t count,
    size_t words, uint16_t *ret_far)
{
	__m512i sum0, sum1, sum2, row;
	size_t i, w;

	for (i = 0; i < count; i++) {
		sum0 = sum1 = sum2 = _mm512_setzero_si512();
		for (w = 0; w < words; w++) {
			row = _mm512_loadu_si512(blocks);
			sum0 = _mm512_add_epi64(sum0,
			    bits_avx512(planes[w], row));
			sum1 = _mm512_add_epi64(sum1,
			    bits_avx512(planes[words + w], row));
			sum2 = _mm512_add_epi64(sum2,
			    bits_avx512(planes[2 * words + w], row));
			blocks += NEAR_LANES;
		}
		sum1 = _mm512_add_epi64(sum1, _mm512_slli_epi64(sum2, 1));
		sum0 = _mm512_add_epi64(sum0, _mm512_slli_epi64(sum1, 1));
		_mm_storeu_si128((__m128i *)(void *)ret_far,
		    _mm512_cvtepi64_epi16(sum0));
		ret_far += NEAR_LANES;
	}
}

static int
is_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512vnni") &&
	    __builtin_cpu_supports("avx512vpopcntdq");
}

/* clang-format off */
const struct near_kind near_kinds_x86[] = {
	{{.name = "avx2", .dots = dots_avx2, .differ = differ_avx2}, is_avx2},
	{{.name = "avx512", .dots = dots_avx512, .differ = differ_avx512},
	 is_avx512},
	{.is_here = NULL},
};
/* clang-format on */
#endif
