/* SPDX-License-Identifier: Apache-2.0 */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <string.h>

#include "base/utf8.h"
#include "text/measure.h"

size_t
measure_chars(const char *text, size_t len)
{
	size_t i = 0, count = 0;
#ifdef __SSE2__
	__m128i bytes, heads;
	unsigned mask;

	for (; len - i >= 16; i += 16) {
		bytes = _mm_loadu_si128(
		    (const __m128i *)(const void *)(text + i));
		if (_mm_movemask_epi8(bytes) == 0) {
			count += 16;
			continue;
		}
		heads = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(-65));
		mask = (unsigned)_mm_movemask_epi8(heads);
		count += (unsigned)__builtin_popcount(mask);
	}
#endif
	return count + utf8_count(text + i, len - i);
}

const char *
measure_find(const char *text, size_t len, const char *what, size_t what_len)
{
	size_t at = 0, window = 256 + what_len, here;
	const char *found;

	while (len - at >= what_len) {
		here = len - at < window ? len - at : window;
		found = memmem(text + at, here, what, what_len);
		if (found != NULL || here == len - at)
			return found;
		/* It may begin in this window and end in the next. */
		at += here - what_len + 1;
		window *= 2;
	}
	return NULL;
}

size_t
measure_bytes(const char *text, size_t len, size_t max)
{
	size_t i, chars = 0;

	for (i = 0; i < len; i++) {
		if (((unsigned char)text[i] & 0xC0) != 0x80 && chars++ == max)
			break;
	}
	return i;
}
