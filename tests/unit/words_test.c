/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/stop.h"
#include "text/words.h"
#include "text/words_scan.h"

/* The terms of a text, joined by "|". */
struct terms {
	struct buf buf;
	const char *text;
	size_t len, last_start, count, stop_after;
};

static int
take(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct terms *terms = arg;

	assert_in_range(len, 1, WORD_BYTES_MAX);
	assert_true(start < end && end <= terms->len);
	assert_true(terms->count == 0 || start > terms->last_start);
	terms->last_start = start;
	if (terms->count++ > 0)
		(void)buf_putc(&terms->buf, '|');
	(void)buf_put(&terms->buf, term, len);
	return terms->count == terms->stop_after ? 7 : 0;
}

static void
expect(const char *text, const char *wanted)
{
	struct terms terms = { .text = text, .len = strlen(text) };
	char padded[256];
	size_t pad;

	/* At any offset from the vector's edge, and with a long tail. */
	for (pad = 0; pad < 20; pad++) {
		memset(padded, ' ', sizeof(padded));
		memcpy(padded + pad, text, terms.len);
		buf_init(&terms.buf, 4096);
		terms.text = padded;
		terms.count = terms.last_start = 0;
		terms.len = pad % 2 == 0 ? pad + strlen(text) :
		    pad + strlen(text) + 40;
		assert_int_equal(words_each(padded, terms.len, take, &terms),
		    0);
		assert_string_equal(buf_text(&terms.buf), wanted);
		buf_fini(&terms.buf);
		terms.len = strlen(text);
	}
}

static void
test_ascii(void **state)
{
	(void)state;
	expect("", "");
	expect("  --- ... ", "");
	expect("Hello, World", "hello|world");
	expect("x86_64 don't A1B2", "x86|64|don|t|a1b2");
	expect("@[`{/:AZaz09", "azaz09");
	expect("internationalization of supercalifragilisticexpialidocious",
	    "internationalization|of|supercalifragilisticexpialidocious");
}

static void
test_folding(void **state)
{
	(void)state;
	expect("Stra\xC3\x9F" "e GR\xC3\x96SSE", "strasse|grosse");
	expect("na\xC3\xAFve e\xCC\x81t\xC3\xA9", "naive|ete");
	expect("\xEF\xAC\x81ne m\xC2\xB2", "fine|m2");
	expect("\xC4\xB0stanbul", "istanbul");
	expect("foo\xC2\xAD" "bar a\xE2\x80\x8B" "b", "foobar|ab");
	/* Greek with a final sigma, Cyrillic with a breve. */
	expect("\xCE\xA3\xCE\x9F\xCE\xA6\xCE\x9F\xCF\x82",
	    "\xCF\x83\xCE\xBF\xCF\x86\xCE\xBF\xCF\x83");
	expect("\xD0\x99\xD0\xBE\xD0\xB4", "\xD0\xB8\xD0\xBE\xD0\xB4");
	/* A vowel sign of Devanagari is no decoration. */
	expect("\xE0\xA4\xB9\xE0\xA4\xBF", "\xE0\xA4\xB9\xE0\xA4\xBF");
	/* Hangul as jamo is the same word as in syllables. */
	expect("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C");
}

static void
test_bigrams(void **state)
{
	(void)state;
	expect("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
	    "\xE6\x97\xA5\xE6\x9C\xAC|\xE6\x9C\xAC\xE8\xAA\x9E");
	expect("\xE4\xB8\xAD", "\xE4\xB8\xAD");
	expect("Python\xE4\xB8\xAD\xE6\x96\x87" "3",
	    "python|\xE4\xB8\xAD\xE6\x96\x87|3");
	/* Half-width ga ga equals full-width ga ga. */
	expect("\xEF\xBD\xB6\xEF\xBE\x9E\xEF\xBD\xB6\xEF\xBE\x9E",
	    "\xE3\x82\xAC\xE3\x82\xAC");
}

static void
test_cut_and_stop(void **state)
{
	struct terms terms = { .len = 150 };
	char text[150];

	(void)state;
	memset(text, 'a', sizeof(text));
	buf_init(&terms.buf, 4096);
	assert_int_equal(words_each(text, 150, take, &terms), 0);
	assert_int_equal(terms.count, 3);
	assert_int_equal(terms.buf.len, 152);
	buf_clear(&terms.buf);
	terms.count = 0;
	terms.stop_after = 2;
	assert_int_equal(words_each(text, 150, take, &terms), 7);
	assert_int_equal(terms.count, 2);
	buf_fini(&terms.buf);
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Random characters of all planes, and bytes that are no UTF-8. */
static size_t
random_text(uint64_t *seed, char *text, size_t size, int is_valid)
{
	size_t len = 0;
	uint32_t c;

	while (len + 4 < size) {
		c = (uint32_t)next_random(seed);
		switch (c >> 28) {
		case 0: c &= 0xFFFFF; break;
		case 1: c &= 0xFFFF; break;
		case 2: c = 0x3000 + (c & 0xFF); break;
		case 3: c = 0x1100 + (c & 0xFF); break;
		case 4: c = 0x300 + (c & 0x6F); break;
		case 5: c = 0x2000 + (c & 0x6F); break;
		case 6: c = 0xFB00 + (c & 0x3FF); break;
		case 7: c &= 0x7FF; break;
		default: c &= 0x7F; break;
		}
		if (c >= 0xD800 && c < 0xE000)
			continue;
		if (is_valid)
			len += utf8_encode(c, text + len);
		else
			text[len++] = (char)c;
	}
	return len;
}

/* The fast path is only faster. */
static void
compare_slow(const char *text, size_t len)
{
	struct words_scan fast, slow;

	words_scan_init(&fast, text, len);
	words_scan_init(&slow, text, len);
	while (words_scan_next(&fast)) {
		assert_true(words_scan_slow(&slow));
		assert_int_equal(fast.start, slow.start);
		assert_int_equal(fast.end, slow.end);
		assert_int_equal(fast.term_len, slow.term_len);
		assert_memory_equal(fast.term, slow.term, fast.term_len);
	}
	assert_false(words_scan_slow(&slow));
}

static void
test_random(void **state)
{
	struct terms terms = { 0 };
	uint64_t seed = 0x1234567;
	size_t size;
	char *text;
	int round;

	(void)state;
	for (round = 0; round < 3000; round++) {
		/* The exact size, so that a sanitizer sees an overrun. */
		size = next_random(&seed) % 200 + 5;
		text = mem_alloc(size);
		assert_non_null(text);
		terms.len = random_text(&seed, text, size, round % 4 != 0);
		terms.count = terms.last_start = 0;
		buf_init(&terms.buf, 65536);
		assert_int_equal(words_each(text, terms.len, take, &terms), 0);
		assert_true(utf8_is_valid(buf_text(&terms.buf),
		    terms.buf.len));
		compare_slow(text, terms.len);
		buf_fini(&terms.buf);
		mem_free(text);
	}
}

static int
is_stop(const struct stop_set *set, const char *word)
{
	struct words_scan scan;

	words_scan_init(&scan, word, strlen(word));
	assert_true(words_scan_next(&scan));
	return stop_set_has(set, words_scan_hash(&scan));
}

static void
test_stop_words(void **state)
{
	static struct stop_set set;

	(void)state;
	stop_set_init(&set);
	assert_true(is_stop(&set, "The"));
	assert_true(is_stop(&set, "f\xC3\xBCr"));
	assert_true(is_stop(&set, "tambi\xC3\xA9n"));
	assert_false(is_stop(&set, "database"));
	assert_false(is_stop(&set, "war"));
}

/* The hash names features that are stored: it must not change. */
static void
test_hash_is_stable(void **state)
{
	struct words_scan scan;
	const char *text = "Tidemark internationalization-of-things";

	(void)state;
	words_scan_init(&scan, text, strlen(text));
	assert_true(words_scan_next(&scan));
	assert_int_equal(words_scan_hash(&scan), 0x99d3f877b5c779e2ULL);
	assert_true(words_scan_next(&scan));
	assert_int_equal(words_scan_hash(&scan), 0xe1e4c73500d86b3eULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_bigrams),
		cmocka_unit_test(test_cut_and_stop),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_stop_words),
		cmocka_unit_test(test_hash_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
