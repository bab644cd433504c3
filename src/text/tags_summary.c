/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing the summary: of the sentences near the start the one whose words
 * were counted most, each weighed against the sentence's length and its
 * place.  Lines that are no sentences do not take part.
 */
#include <string.h>

#include "base/utf8.h"
#include "text/sentence.h"
#include "text/tags_int.h"
#include "text/words_scan.h"

#define SUMMARY_BYTES_MIN 20u
#define SEARCH_BYTES 3072u /* of the begin */
#define WORD_COUNT_MAX 20u /* a word does not count more than so often */

static bool
ends_as_sentence(const char *text, size_t len)
{
	size_t step, at;
	uint32_t c;

	while (len > 0 && strchr("\"')]", text[len - 1]) != NULL &&
	    text[len - 1] != '\0')
		len--;
	if (len == 0)
		return false;
	if (strchr(".?!", text[len - 1]) != NULL)
		return text[len - 1] != '\0';
	at = utf8_floor(text, len, len - 1);
	c = utf8_decode(text + at, len - at, &step);
	return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0x964 ||
	    c == 0x61F || c == 0x6D4;
}

/* What a byte says about its line, each in its own bits of one sum. */
#define LETTER 1u	 /* or blank, or not ASCII */
#define PAIR (1u << 10)	 /* separates what tables and settings list */
#define ODD (1u << 20)	 /* seen in code and drawings */

_Static_assert(SUMMARY_BYTES_MAX < 1u << 10, "the sums do not overflow");

static const uint32_t byte_says[256] = {
	[0] = ODD, ['\t'] = ODD, ['{'] = ODD, ['}'] = ODD, ['|'] = ODD,
	[';'] = PAIR, [':'] = PAIR, [' '] = LETTER, ['a' ... 'z'] = LETTER,
	['A' ... 'Z'] = LETTER, [0x80 ... 0xFF] = LETTER,
};

/* Tables, lists of settings, code and drawings are no sentences. */
static bool
reads_as_sentence(const char *text, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	if (len < SUMMARY_BYTES_MIN || len > SUMMARY_BYTES_MAX ||
	    !ends_as_sentence(text, len))
		return false;
	for (i = 0; i < len; i++)
		sum += byte_says[(unsigned char)text[i]];
	return (sum & 1023) * 10 >= len * 8 && (sum >> 10 & 1023) < 3 &&
	    sum >> 20 == 0;
}

/* What the sentence is worth; before are the sentences in front of it: a
 * text's first ones usually say what it is about. */
static uint64_t
worth_of(const struct tagger *tagger, const char *text, size_t len,
    size_t before)
{
	struct words_scan scan;
	uint64_t sum = 0, hash;
	uint32_t count;
	size_t words = 0;

	words_scan_init(&scan, text, len);
	while (words_scan_next(&scan)) {
		words++;
		hash = words_scan_hash(&scan);
		if (!tagger_is_content(tagger, &scan, hash))
			continue;
		count = tagger_count(tagger, phrase_print(hash));
		sum += count < WORD_COUNT_MAX ? count : WORD_COUNT_MAX;
	}
	if (words < 4)
		return 0;
	return sum * 65536 / (words + 8) * (before + 2) / (before + 1) + 1;
}

/* Blanks and the mark of a list item stand before the sentence. */
static size_t
skip_marks(const char *text, size_t at, size_t end)
{
	while (at < end) {
		if (strchr(" \n*-+", text[at]) != NULL && text[at] != '\0')
			at++;
		else if (end - at > 3 && memcmp(text + at, "\xE2\x80\xA2",
			3) == 0)
			at += 3;
		else
			break;
	}
	return at;
}

/* Where the sentence that begins at text[at] ends, or its line. */
static size_t
find_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len; at++) {
		/* Inside words, where most of the time is spent. */
		if ((byte_says[(unsigned char)text[at - 1]] & LETTER) != 0 &&
		    ((text[at - 1] | text[at]) & 0x80) == 0 &&
		    text[at] != '\n')
			continue;
		if (text[at] == '\n')
			break;
		if (((unsigned char)text[at] & 0xC0) != 0x80 &&
		    sentence_ends(text, len, at))
			break;
	}
	return at;
}

void
tagger_summarize(const struct tagger *tagger, struct tags *tags)
{
	const char *text = tagger->kept, *best = text;
	size_t len = tagger->kept_len, begin = 0, end, best_len = 0, size;
	size_t before = 0;
	uint64_t worth, most = 0;

	if (len > SEARCH_BYTES)
		len = utf8_floor(text, len, SEARCH_BYTES);
	for (; begin < len; begin = end) {
		end = find_end(text, len, begin);
		/* The text goes on behind what is searched: no end. */
		if (end == len && len < tagger->kept_len)
			break;
		begin = skip_marks(text, begin, end);
		size = end - begin;
		if (!reads_as_sentence(text + begin, size))
			continue;
		worth = worth_of(tagger, text + begin, size, before++);
		if (worth > most) {
			most = worth;
			best = text + begin;
			best_len = size;
		}
	}
	memcpy(tags->summary, best, best_len);
	tags->summary[best_len] = '\0';
}
