/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A word weighs UNIT, divided by the languages that have it: "de" says little
 * in a text that may be in one of seven.  The sum must say three things: that
 * there is evidence at all (two words of one's own, or more that are shared),
 * that there is enough of it for the text's length (a list of names with one
 * "and" in it is not English), and that no other language has as much.
 *
 * A word's place is found by its hash; prints of 31 bits make a wrong hit one
 * in a million words, which the thresholds do not see.
 */
#include <string.h>

#include "base/assert.h"
#include "text/language.h"
#include "text/words_scan.h"

#define UNIT 60u
#define WEIGHT_MIN (2 * UNIT)
#define HITS_MIN 2u
/* Of all terms, one in so many must be a word of the language's own. */
#define TERMS_PER_UNIT_MAX 12u
/* The second one may have so many hundredths of the first one's weight. */
#define RIVAL_PERCENT_MAX 90u
/* So many times the weight of the one that was declared. */
#define CLEARLY 2u

static const struct row {
	const char *code, *algorithm, *words;
} rows[LANGUAGE_COUNT] = {
#define LANGUAGE(name, value, code_, algorithm_, words_)                      \
	[value] = { .code = code_, .algorithm = algorithm_, .words = words_ },
#include "text/language_tbl.h"
};

_Static_assert(LANGUAGE_COUNT <= 16, "a mask has a bit for each");

/* The slot of a print, or the empty one where it belongs. */
static size_t
slot_of(const struct language_set *set, uint64_t hash)
{
	uint32_t print = (uint32_t)(hash >> 32) | 1;
	size_t slot = (uint32_t)hash % LANGUAGE_SLOTS;

	while (set->prints[slot] != 0 && set->prints[slot] != print)
		slot = (slot + 1) % LANGUAGE_SLOTS;
	return slot;
}

void
language_set_init(struct language_set *set)
{
	struct words_scan scan;
	unsigned language;
	size_t slot, count = 0;
	uint64_t hash;

	memset(set, 0, sizeof(*set));
	for (language = 1; language < LANGUAGE_COUNT; language++) {
		ASSERT(rows[language].words != NULL);
		words_scan_init(&scan, rows[language].words,
		    strlen(rows[language].words));
		while (words_scan_next(&scan)) {
			hash = words_scan_hash(&scan);
			slot = slot_of(set, hash);
			count += set->prints[slot] == 0;
			ASSERT(count < LANGUAGE_SLOTS / 2);
			set->prints[slot] = (uint32_t)(hash >> 32) | 1;
			set->masks[slot] = (uint16_t)(set->masks[slot] |
			    1u << language);
			set->weights[slot] = (uint8_t)(UNIT /
			    (unsigned)__builtin_popcount(set->masks[slot]));
		}
	}
}

void
language_add(struct language_tally *tally, const struct language_set *set,
    uint64_t hash)
{
	size_t slot = slot_of(set, hash);
	unsigned mask, weight, language;

	tally->terms++;
	if (set->prints[slot] == 0)
		return;
	mask = set->masks[slot];
	weight = set->weights[slot];
	for (; mask != 0; mask &= mask - 1) {
		language = (unsigned)__builtin_ctz(mask);
		tally->hits[language]++;
		tally->weights[language] += weight;
	}
}

enum language
language_best(const struct language_tally *tally)
{
	unsigned language, best = 0, second = 0;

	/* 0 stands for none and has no weight. */
	for (language = 1; language < LANGUAGE_COUNT; language++) {
		if (tally->weights[language] > tally->weights[best]) {
			second = best;
			best = language;
		} else if (tally->weights[language] >
		    tally->weights[second]) {
			second = language;
		}
	}
	if (tally->weights[best] < WEIGHT_MIN || tally->hits[best] < HITS_MIN)
		return LANGUAGE_NONE;
	if (tally->weights[best] * TERMS_PER_UNIT_MAX < tally->terms * UNIT)
		return LANGUAGE_NONE;
	if (tally->weights[second] * 100 >
	    tally->weights[best] * RIVAL_PERCENT_MAX)
		return LANGUAGE_NONE;
	return (enum language)best;
}

enum language
language_decide(const struct language_tally *tally, enum language declared)
{
	enum language best = language_best(tally);

	if (declared == LANGUAGE_NONE || best == LANGUAGE_NONE)
		return declared == LANGUAGE_NONE ? best : declared;
	return tally->weights[best] > CLEARLY * tally->weights[declared]
	    ? best : declared;
}

enum language
language_of(const struct language_set *set, const char *text, size_t len)
{
	struct language_tally tally = { .terms = 0 };
	struct words_scan scan;

	words_scan_init(&scan, text, len);
	while (tally.terms < LANGUAGE_TERMS_MAX && words_scan_next(&scan))
		language_add(&tally, set, words_scan_hash(&scan));
	return language_best(&tally);
}

const char *
language_code(enum language language)
{
	if (language <= LANGUAGE_NONE || language >= LANGUAGE_COUNT)
		return "";
	return rows[language].code;
}

enum language
language_find(const char *code)
{
	unsigned language;

	for (language = 1; language < LANGUAGE_COUNT; language++) {
		if (strcmp(rows[language].code, code) == 0)
			return (enum language)language;
	}
	return LANGUAGE_NONE;
}

enum language
language_of_tag(const char *tag)
{
	char code[3] = "";
	size_t i;

	for (i = 0; i < 2; i++) {
		code[i] = tag[i];
		if (tag[i] >= 'A' && tag[i] <= 'Z')
			code[i] = (char)(tag[i] - 'A' + 'a');
		else if (tag[i] < 'a' || tag[i] > 'z')
			return LANGUAGE_NONE;
	}
	return tag[2] == '\0' || tag[2] == '-' || tag[2] == '_'
	    ? language_find(code) : LANGUAGE_NONE;
}

const char *
language_algorithm(enum language language)
{
	if (language <= LANGUAGE_NONE || language >= LANGUAGE_COUNT)
		return NULL;
	return rows[language].algorithm;
}
