/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting.  A run of content words (no stop word, number or punctuation in
 * between) gives its words, pairs and triples as candidate phrases.  They are
 * counted in one table of bounded size; when it is full, those seen least are
 * dropped (lossy counting: Manku and Motwani, 2002), which costs rare phrases
 * of long documents, never frequent ones.
 *
 * A phrase is remembered by hashes of its words and by the place where it was
 * seen first: the text read is kept, so that no phrase is stored as a string.
 * Of long documents the first HEAD_BYTES are read, then samples that grow
 * rarer as the document grows.
 */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/tags_int.h"
#include "text/words_scan.h"

/* The words of the run that the cursor is in, the latest last. */
struct run {
	size_t words; /* 0..PHRASE_WORDS_MAX */
	uint32_t prints[PHRASE_WORDS_MAX];
	size_t starts[PHRASE_WORDS_MAX];
};

struct tagger *
tagger_new(void)
{
	struct tagger *tagger;

	tagger = mem_zalloc(sizeof(*tagger));
	if (tagger != NULL) {
		stop_set_init(&tagger->stops);
		language_set_init(&tagger->languages);
	}
	return tagger;
}

void
tagger_free(struct tagger *tagger)
{
	mem_free(tagger);
}

void
tagger_clear(struct tagger *tagger)
{
	size_t i;

	for (i = 0; i < tagger->used_count; i++)
		tagger->phrases[tagger->used[i]].count = 0;
	tagger->used_count = 0;
	tagger->kept_len = 0;
	tagger->bytes_seen = 0;
	tagger->next_sample = 0;
	memset(&tagger->tally, 0, sizeof(tagger->tally));
}

static inline uint32_t
slot_of(const uint32_t *prints)
{
	uint64_t mix;

	mix = prints[0] * 0x9E3779B97F4A7C15ULL;
	mix = (mix ^ mix >> 32 ^ prints[1]) * 0xD6E8FEB86659FD93ULL;
	mix = (mix ^ mix >> 32 ^ prints[2]) * 0xD6E8FEB86659FD93ULL;
	return (uint32_t)(mix >> 48) % PHRASE_SLOTS;
}

static inline bool
is_same(const struct phrase *phrase, const uint32_t *prints)
{
	return phrase->prints[0] == prints[0] &&
	    phrase->prints[1] == prints[1] && phrase->prints[2] == prints[2];
}

uint32_t
tagger_count(const struct tagger *tagger, uint32_t print)
{
	const uint32_t prints[PHRASE_WORDS_MAX] = { print, 0, 0 };
	uint32_t slot = slot_of(prints);

	while (tagger->phrases[slot].count != 0) {
		if (is_same(&tagger->phrases[slot], prints))
			return tagger->phrases[slot].count;
		slot = (slot + 1) % PHRASE_SLOTS;
	}
	return 0;
}

/* Drop the phrases seen least, until a quarter of the table is free. */
static void
drop_rare(struct tagger *tagger)
{
	size_t count = tagger->used_count, left, i;
	uint32_t least = 1, slot;

	for (i = 0; i < count; i++) {
		tagger->spare[i] = tagger->phrases[tagger->used[i]];
		tagger->phrases[tagger->used[i]].count = 0;
	}
	do {
		least++;
		for (i = left = 0; i < count; i++) {
			if (tagger->spare[i].count >= least)
				tagger->spare[left++] = tagger->spare[i];
		}
		count = left;
	} while (count > PHRASES_MAX / 4 * 3);
	for (i = 0; i < count; i++) {
		slot = slot_of(tagger->spare[i].prints);
		while (tagger->phrases[slot].count != 0)
			slot = (slot + 1) % PHRASE_SLOTS;
		tagger->phrases[slot] = tagger->spare[i];
		tagger->used[i] = (uint16_t)slot;
	}
	tagger->used_count = count;
}

static inline void
count_phrase(struct tagger *tagger, const uint32_t *prints, size_t words,
    size_t start, size_t end)
{
	struct phrase *phrase;
	uint32_t slot;

	if (end - start >= KEYPHRASE_BYTES_MAX)
		return;
	for (slot = slot_of(prints);; slot = (slot + 1) % PHRASE_SLOTS) {
		phrase = &tagger->phrases[slot];
		if (phrase->count == 0)
			break;
		if (is_same(phrase, prints)) {
			phrase->count++;
			phrase->last = (uint32_t)start;
			return;
		}
	}
	phrase->prints[0] = prints[0];
	phrase->prints[1] = prints[1];
	phrase->prints[2] = prints[2];
	phrase->count = 1;
	phrase->start = phrase->last = (uint32_t)start;
	phrase->len = (uint16_t)(end - start);
	phrase->words = (uint16_t)words;
	tagger->used[tagger->used_count++] = (uint16_t)slot;
	if (tagger->used_count == PHRASES_MAX)
		drop_rare(tagger);
}

/* One more word of a run: all the phrases that end with it. */
static inline void
count_run(struct tagger *tagger, struct run *run, uint32_t print,
    size_t start, size_t end)
{
	uint32_t prints[PHRASE_WORDS_MAX] = { print, 0, 0 };

	count_phrase(tagger, prints, 1, start, end);
	if (run->words >= 1) {
		prints[0] = run->prints[1];
		prints[1] = print;
		count_phrase(tagger, prints, 2, run->starts[1], end);
	}
	if (run->words >= 2) {
		prints[0] = run->prints[0];
		prints[1] = run->prints[1];
		prints[2] = print;
		count_phrase(tagger, prints, 3, run->starts[0], end);
	}
	run->prints[0] = run->prints[1];
	run->starts[0] = run->starts[1];
	run->prints[1] = print;
	run->starts[1] = start;
	if (run->words < 2)
		run->words++;
}

/* Count the phrases of kept[from..to). */
static void
count_text(struct tagger *tagger, size_t from, size_t to)
{
	const char *text = tagger->kept + from;
	struct run run = { 0 };
	struct words_scan scan;
	size_t end = 0, looked = 0;
	uint64_t hash;

	words_scan_init(&scan, text, to - from);
	while (words_scan_next(&scan)) {
		/* Bigrams of a script without blanks overlap: a run. */
		if (scan.start > end &&
		    (scan.start != end + 1 ||
			(text[end] != ' ' && text[end] != '-')))
			run.words = 0;
		end = scan.end;
		hash = words_scan_hash(&scan);
		if (tagger->tally.terms < TALLIED_FIRST ||
		    looked++ < TALLIED_EACH)
			language_add(&tagger->tally, &tagger->languages,
			    hash);
		if (!tagger_is_content(tagger, &scan, hash)) {
			run.words = 0;
			continue;
		}
		count_run(tagger, &run, phrase_print(hash), from + scan.start,
		    from + scan.end);
	}
}

int
tagger_add(struct tagger *tagger, const char *text, size_t len)
{
	size_t from = tagger->kept_len, part;

	tagger->bytes_seen += len;
	if (tagger->bytes_seen - len < tagger->next_sample)
		return 0;
	/* A line's end keeps segments apart. */
	part = utf8_floor(text, len, KEPT_BYTES_MAX - from);
	if (part == 0)
		return 0;
	memcpy(tagger->kept + from, text, part);
	tagger->kept[from + part] = '\n';
	tagger->kept_len += part;
	if (tagger->kept_len < KEPT_BYTES_MAX)
		tagger->kept_len++;
	/* An eighth further each time: 100 samples reach some GiB. */
	if (tagger->bytes_seen > HEAD_BYTES)
		tagger->next_sample = tagger->bytes_seen +
		    tagger->bytes_seen / 8;
	count_text(tagger, from, from + part);
	return 0;
}

const struct language_tally *
tagger_tally(const struct tagger *tagger)
{
	return &tagger->tally;
}

int
tagger_end(struct tagger *tagger, struct tags *ret_tags)
{
	memset(ret_tags, 0, sizeof(*ret_tags));
	tagger_pick(tagger, ret_tags);
	tagger_summarize(tagger, ret_tags);
	return 0;
}
