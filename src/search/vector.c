/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "search/vector.h"

void
vector_quantise(const float *components, size_t dimensions, int8_t *values,
    float *ret_scale)
{
	float largest = 0, inverse;
	size_t i;

	for (i = 0; i < dimensions; i++)
		if (fabsf(components[i]) > largest)
			largest = fabsf(components[i]);
	inverse = largest > 0 ? 127.0f / largest : 0;
	for (i = 0; i < dimensions; i++)
		values[i] = (int8_t)lrintf(components[i] * inverse);
	*ret_scale = largest / 127.0f;
}

#ifdef __SSE2__
/* 16 components at once: widened to 16 bits, multiplied and added in pairs
 * to 32.  4096 * 127 * 127 fits. */
static int32_t
vector_dot_sse2(const int8_t *a, const int8_t *b, size_t blocks)
{
	__m128i sum = _mm_setzero_si128(), zero = _mm_setzero_si128();
	__m128i x, y, xs, ys;
	int32_t lanes[4];
	size_t i;

	for (i = 0; i < blocks; i++) {
		x = _mm_loadu_si128((const void *)(a + 16 * i));
		y = _mm_loadu_si128((const void *)(b + 16 * i));
		xs = _mm_cmpgt_epi8(zero, x);
		ys = _mm_cmpgt_epi8(zero, y);
		sum = _mm_add_epi32(sum,
		    _mm_madd_epi16(_mm_unpacklo_epi8(x, xs),
			_mm_unpacklo_epi8(y, ys)));
		sum = _mm_add_epi32(sum,
		    _mm_madd_epi16(_mm_unpackhi_epi8(x, xs),
			_mm_unpackhi_epi8(y, ys)));
	}
	_mm_storeu_si128((__m128i *)(void *)lanes, sum);
	return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}
#endif

int32_t
vector_dot(const int8_t *a, const int8_t *b, size_t dimensions)
{
	int32_t sum = 0;
	size_t i = 0;

#ifdef __SSE2__
	i = dimensions / 16 * 16;
	sum = vector_dot_sse2(a, b, dimensions / 16);
#endif
	for (; i < dimensions; i++)
		sum += a[i] * b[i];
	return sum;
}
