/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words_scan: words_each() turned inside out, for callers in a hurry.
 *
 * Floor 2, pure.  A cursor gives the same terms as words_each(), without a
 * call through a pointer for each: ASCII words are found sixteen bytes at a
 * time and inlined, everything else goes to words_scan_slow().
 */
#ifndef TEXT_WORDS_SCAN_H
#define TEXT_WORDS_SCAN_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "text/words.h"

struct words_scan {
	const char *text; /* kept */
	size_t len;
	size_t pos; /* what is before it has been cut already */

	/* The term, after words_scan_next() returned true.  Bytes behind it
	 * may be read up to WORD_BYTES_MAX + 16, but mean nothing. */
	const char *term;
	size_t term_len;
	size_t start, end; /* where it stands */
	char bytes[WORD_BYTES_MAX + 32];
};

static inline void
words_scan_init(struct words_scan *scan, const char *text, size_t len)
{
	scan->text = text;
	scan->len = len;
	scan->pos = 0;
	memset(scan->bytes, 0, sizeof(scan->bytes));
}

/* The next term the slow way: any script, any length, the text's end. */
bool words_scan_slow(struct words_scan *scan);

#ifdef __SSE2__
/*
 * Lower case of sixteen bytes; ret_word has a bit for each that is an ASCII
 * letter or digit, ret_high for each that is not ASCII.
 */
static inline __m128i
words_scan_classify(const char *text, unsigned *ret_word, unsigned *ret_high)
{
	__m128i bytes, upper, lower, letter, digit;

	/* A range test costs one signed comparison when the range is first
	 * moved to the bottom of the signed numbers. */
	bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
	upper = _mm_cmplt_epi8(
	    _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - 'A'))),
	    _mm_set1_epi8((char)(0x80 + 26)));
	lower = _mm_or_si128(bytes,
	    _mm_and_si128(upper, _mm_set1_epi8(0x20)));
	letter = _mm_cmplt_epi8(
	    _mm_add_epi8(lower, _mm_set1_epi8((char)(0x80 - 'a'))),
	    _mm_set1_epi8((char)(0x80 + 26)));
	digit = _mm_cmplt_epi8(
	    _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - '0'))),
	    _mm_set1_epi8((char)(0x80 + 10)));
	*ret_word = (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit));
	*ret_high = (unsigned)_mm_movemask_epi8(bytes);
	return lower;
}
#endif

/* Move to the next term; false at the end of the text. */
static inline bool
words_scan_next(struct words_scan *scan)
{
#ifdef __SSE2__
	unsigned word, high, first, count;
	__m128i lower;

	while (scan->len - scan->pos > 16) {
		lower = words_scan_classify(scan->text + scan->pos, &word,
		    &high);
		if ((word | high) == 0) {
			scan->pos += 16;
			continue;
		}
		first = (unsigned)__builtin_ctz(word | high);
		if (first > 4) {
			/* Words that begin late would often not fit. */
			scan->pos += first;
			continue;
		}
		count = (unsigned)__builtin_ctz(~(word >> first));
		/* It must end inside, and not at a byte that may belong. */
		if (first + count >= 16) {
			if (first == 0)
				break;
			scan->pos += first;
			continue;
		}
		if ((high >> (first + count) & 1) != 0)
			break;
		_mm_storeu_si128((__m128i *)(void *)scan->bytes, lower);
		scan->term = scan->bytes + first;
		scan->term_len = count;
		scan->start = scan->pos + first;
		scan->end = scan->start + count;
		scan->pos = scan->end;
		return true;
	}
#endif
	return words_scan_slow(scan);
}

/* Eight bytes at text as a number, those from len on zeroed. */
static inline uint64_t
words_scan_load(const char *text, size_t len)
{
	uint64_t bytes;

	memcpy(&bytes, text, 8);
	bytes = le64toh(bytes);
	return len >= 8 ? bytes : bytes & ((1ULL << (8 * len)) - 1);
}

/* A hash of the term the cursor stands on, the same on every machine. */
static inline uint64_t
words_scan_hash(const struct words_scan *scan)
{
	size_t len = scan->term_len, i;
	uint64_t hash;

	/* Without a branch for the first sixteen bytes: words' lengths are
	 * what a processor cannot foresee. */
	hash = (len * 0x9E3779B97F4A7C15ULL ^
		words_scan_load(scan->term, len)) * 0xD6E8FEB86659FD93ULL;
	hash = (hash ^ hash >> 32 ^
		words_scan_load(scan->term + 8, len < 8 ? 0 : len - 8)) *
	    0xD6E8FEB86659FD93ULL;
	for (i = 16; i < len; i += 8)
		hash = (hash ^ hash >> 32 ^
			words_scan_load(scan->term + i, len - i)) *
		    0xD6E8FEB86659FD93ULL;
	return hash ^ hash >> 32;
}

#endif
