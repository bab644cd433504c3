/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tags.c (counts), tags_pick.c (chooses keyphrases) and tags_summary.c
 * (chooses the sentence) share.
 */
#ifndef TEXT_TAGS_INT_H
#define TEXT_TAGS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "text/language.h"
#include "text/stop.h"
#include "text/tags.h"
#include "text/words_scan.h"

#define PHRASE_WORDS_MAX 3u
#define PHRASES_MAX 4096u
#define PHRASE_SLOTS 8192u /* a power of two, twice as many */

/* So much of a document's begin is read wholly, then samples. */
#define HEAD_BYTES (64 * KIB)
#define KEPT_BYTES_MAX (192 * KIB)

/* Function words are looked for among the first words of a document, and of
 * each further segment. */
#define TALLIED_FIRST 128u
#define TALLIED_EACH 24u

struct phrase {
	uint32_t prints[PHRASE_WORDS_MAX]; /* of its words; 0: fewer */
	uint32_t count;			   /* 0: an empty slot */
	uint32_t start;			   /* of the first one, in kept */
	uint32_t last;			   /* of the last one, in kept */
	uint16_t len;			   /* of the first one */
	uint16_t words;
};

struct tagger {
	struct stop_set stops;
	struct language_set languages;
	struct language_tally tally;
	uint64_t bytes_seen;
	uint64_t next_sample; /* in bytes seen */
	size_t kept_len;
	size_t used_count;
	uint16_t used[PHRASES_MAX]; /* slots in use */
	struct phrase phrases[PHRASE_SLOTS];
	struct phrase spare[PHRASES_MAX]; /* while singletons are dropped */
	char kept[KEPT_BYTES_MAX + 16];
};

/* Prints of words: never 0. */
static inline uint32_t
phrase_print(uint64_t hash)
{
	return (uint32_t)(hash >> 24) | 1;
}

/* Hiragana, of which the first byte was looked at. */
static inline bool
tagger_is_kana(const char *c)
{
	return (unsigned char)c[1] == 0x81 ||
	    ((unsigned char)c[1] == 0x82 && (unsigned char)c[2] < 0xA0);
}

/* May the term the cursor stands on be part of a keyphrase? */
static inline bool
tagger_is_content(const struct tagger *tagger, const struct words_scan *scan,
    uint64_t hash)
{
	const char *term = scan->term;

	/* Letters alone and numbers say nothing; kana are mostly endings. */
	if (scan->term_len < 2 || (term[0] >= '0' && term[0] <= '9'))
		return false;
	if ((unsigned char)term[0] == 0xE3 && tagger_is_kana(term))
		return false;
	if (scan->term_len == 6 && (unsigned char)term[3] == 0xE3 &&
	    tagger_is_kana(term + 3))
		return false;
	return !stop_set_has(&tagger->stops, hash);
}

/* How often the word with this print was counted, as far as is known. */
uint32_t tagger_count(const struct tagger *tagger, uint32_t print);

void tagger_pick(const struct tagger *tagger, struct tags *tags);
void tagger_summarize(const struct tagger *tagger, struct tags *tags);

#endif
