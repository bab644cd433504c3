/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing keyphrases.  A phrase's score grows with its count, its words, the
 * length of its words (the rare ones are long) and the part of the text it is
 * spread over.  The best are then taken in order, passing over those that
 * only repeat one taken already: a part of it, the whole of it, its plural.
 */
#include <string.h>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "text/tags_int.h"

#define BEST_MAX 40u

struct best {
	const struct phrase *phrase;
	uint64_t score;
};

static uint64_t
score_of(const struct tagger *tagger, const struct phrase *phrase)
{
	/* By words; seen once, a triple is an accident as often as not. */
	static const uint32_t often[] = { 0, 8, 22, 34 };
	static const uint32_t once[] = { 0, 5, 9, 8 };
	uint32_t size = phrase->len / phrase->words, spread, early;

	if (size > 10)
		size = 10;
	spread = (uint32_t)(8 * (uint64_t)(phrase->last - phrase->start) /
	    (tagger->kept_len + 1));
	early = phrase->start < tagger->kept_len / 8 ? 5 : 4;
	return (uint64_t)phrase->count *
	    (phrase->count > 1 ? often : once)[phrase->words] * (size + 3) *
	    (8 + spread) * early;
}

static bool
is_better(const struct best *a, const struct best *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	if (a->phrase->start != b->phrase->start)
		return a->phrase->start < b->phrase->start;
	return a->phrase->len > b->phrase->len;
}

/* The best ones in falling order. */
static size_t
find_best(const struct tagger *tagger, struct best *best)
{
	size_t count = 0, i, at;
	struct best one;

	for (i = 0; i < tagger->used_count; i++) {
		one.phrase = &tagger->phrases[tagger->used[i]];
		one.score = score_of(tagger, one.phrase);
		if (count == BEST_MAX && !is_better(&one, &best[count - 1]))
			continue;
		at = count < BEST_MAX ? count++ : count - 1;
		for (; at > 0 && is_better(&one, &best[at - 1]); at--)
			best[at] = best[at - 1];
		best[at] = one;
	}
	return count;
}

/* Are all words of part, in their order, side by side in whole? */
static bool
has_part(const struct phrase *whole, const struct phrase *part)
{
	size_t i;

	for (i = 0; i + part->words <= whole->words; i++) {
		if (memcmp(whole->prints + i, part->prints,
			part->words * sizeof(*part->prints)) == 0)
			return true;
	}
	return false;
}

/* Acronyms and names with capitals inside keep their letters. */
static bool
keeps_case(const char *word, size_t len)
{
	size_t i, upper = 0, lower = 0;

	for (i = 0; i < len; i++) {
		upper += word[i] >= 'A' && word[i] <= 'Z';
		lower += word[i] >= 'a' && word[i] <= 'z';
	}
	return upper >= 2 && (len <= 5 || lower > 0);
}

static bool
is_border(char c)
{
	return c == ' ' || c == '-';
}

/* Write the phrase as it is shown. */
static void
show(const struct tagger *tagger, const struct phrase *phrase, char *out)
{
	const char *text = tagger->kept + phrase->start;
	size_t i, step, used = 0, word = 0, end;
	bool keeps = false;
	uint32_t c;

	for (i = 0; i < phrase->len; i += step) {
		if (i == word) {
			for (end = i; end < phrase->len &&
			    !is_border(text[end]); end++)
				;
			keeps = keeps_case(text + i, end - i);
			word = end + 1;
		}
		c = utf8_decode(text + i, phrase->len - i, &step);
		if (c == UTF8_BAD)
			continue;
		if (!keeps)
			c = (uint32_t)u_tolower((UChar32)c);
		if (used + 4 >= KEYPHRASE_BYTES_MAX)
			break;
		used += utf8_encode(c, out + used);
	}
	out[used] = '\0';
}

static bool
is_plural_ending(const char *text)
{
	return strcmp(text, "s") == 0 || strcmp(text, "es") == 0;
}

/* The same word but for a plural's ending. */
static bool
is_plural(const char *a, const char *b)
{
	size_t len = 0;

	while (a[len] != '\0' && a[len] == b[len])
		len++;
	if (len < 3)
		return false;
	if (a[len] == '\0')
		return b[len] == '\0' || is_plural_ending(b + len);
	return b[len] == '\0' && is_plural_ending(a + len);
}

void
tagger_pick(const struct tagger *tagger, struct tags *tags)
{
	const struct phrase *taken[KEYPHRASES_MAX], *phrase;
	struct best best[BEST_MAX];
	char text[KEYPHRASE_BYTES_MAX];
	size_t count, i, k, n = 0;

	count = find_best(tagger, best);
	for (i = 0; i < count && n < KEYPHRASES_MAX; i++) {
		phrase = best[i].phrase;
		show(tagger, phrase, text);
		for (k = 0; k < n; k++) {
			if (has_part(taken[k], phrase) &&
			    phrase->count < 3 * taken[k]->count)
				break;
			if (has_part(phrase, taken[k]) &&
			    phrase->count < taken[k]->count)
				break;
			if (is_plural(text, tags->keyphrases[k]))
				break;
		}
		if (k < n || text[0] == '\0')
			continue;
		taken[n] = phrase;
		memcpy(tags->keyphrases[n++], text, sizeof(text));
	}
	tags->keyphrase_count = n;
}
