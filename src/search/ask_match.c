/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "search/ask_match.h"
#include "text/words_scan.h"

_Static_assert(ASK_PHRASE_WORDS_MAX <= 64, "a word of bits for each phrase");
_Static_assert(ASK_CLAUSES_MAX <= 32, "a bit for each clause");
_Static_assert(ASK_WORDS_MAX < ASK_NO_WORD, "words have numbers");
_Static_assert((ASK_SLOTS & (ASK_SLOTS - 1)) == 0, "a power of two");

/* The entry of a word with these bytes; ASK_NO_WORD. */
static uint16_t
word_find(const struct ask_match *match, const char *text, size_t len,
    uint64_t hash)
{
	const struct ask_word *words = match->ask->words;
	uint16_t word = match->slots[hash % ASK_SLOTS];

	while (word != ASK_NO_WORD && (words[word].hash != hash ||
	    words[word].len != len || memcmp(words[word].text, text, len) != 0))
		word = match->next[word];
	return word;
}

static void
word_add(struct ask_match *match, size_t clause, size_t place)
{
	const struct ask_clause *of = &match->ask->clauses[clause];
	const struct ask_word *word = &match->ask->words[of->first + place];
	uint16_t *slot = &match->slots[word->hash % ASK_SLOTS];
	uint16_t entry;

	entry = word_find(match, word->text, word->len, word->hash);
	if (entry == ASK_NO_WORD) {
		entry = (uint16_t)(of->first + place);
		match->next[entry] = *slot;
		*slot = entry;
	}
	match->places[entry][clause] |= 1ULL << place;
	if (!word->is_single || (place > 0 && place + 1 < of->count))
		return;
	match->singles[match->single_count].clause = (uint8_t)clause;
	match->singles[match->single_count].word =
	    (uint16_t)(of->first + place);
	match->single_count++;
}

void
ask_match_init(struct ask_match *match, const struct ask *ask)
{
	size_t i, place;

	memset(match, 0, sizeof(*match));
	match->ask = ask;
	for (i = 0; i < ASK_SLOTS; i++)
		match->slots[i] = ASK_NO_WORD;
	for (i = 0; i < ask->clause_count; i++) {
		if (ask->clauses[i].is_excluded)
			match->excluded |= 1u << i;
		for (place = 0; place < ask->clauses[i].count; place++)
			word_add(match, i, place);
	}
}

void
ask_match_begin(struct ask_match *match)
{
	match->found = 0;
}

/* Clauses that the field is looked at for and that are not found yet. */
static uint32_t
clauses_wanted(const struct ask_match *match, enum ask_field field)
{
	bool is_anywhere = ask_field_level(field) == ASK_OF_SEGMENT;
	const struct ask *ask = match->ask;
	uint32_t wanted = 0;
	size_t i;

	/* It has what it must not have: nothing else matters. */
	if ((match->found & match->excluded) != 0)
		return 0;
	for (i = 0; i < ask->clause_count; i++)
		if (ask->clauses[i].field == field ||
		    (is_anywhere && ask->clauses[i].field == ASK_ANYWHERE))
			wanted |= 1u << i;
	return wanted & ~match->found;
}

bool
ask_match_wants(const struct ask_match *match, enum ask_field field)
{
	return clauses_wanted(match, field) != 0;
}

/* A pair that begins with the last character of a phrase, or ends with the
 * first, has it where the phrase wants it. */
static void
singles_put(const struct ask_match *match, const struct words_scan *scan,
    uint64_t places[ASK_CLAUSES_MAX])
{
	const struct ask_clause *clause;
	const struct ask_word *word;
	size_t i, place, behind;

	for (i = 0; i < match->single_count; i++) {
		clause = &match->ask->clauses[match->singles[i].clause];
		word = &match->ask->words[match->singles[i].word];
		place = match->singles[i].word - clause->first;
		if (scan->term_len <= word->len)
			continue;
		behind = scan->term_len - word->len;
		if ((place + 1 == clause->count &&
			memcmp(scan->term, word->text, word->len) == 0) ||
		    (place == 0 && memcmp(scan->term + behind, word->text,
					word->len) == 0))
			places[match->singles[i].clause] |= 1ULL << place;
	}
}

/* The places that the term has in phrases; false: it can have none. */
static bool
term_places(const struct ask_match *match, const struct words_scan *scan,
    uint64_t places[ASK_CLAUSES_MAX])
{
	uint16_t word;

	word = word_find(match, scan->term, scan->term_len,
	    words_scan_hash(scan));
	if (word == ASK_NO_WORD && match->single_count == 0)
		return false;
	if (word == ASK_NO_WORD)
		memset(places, 0, ASK_CLAUSES_MAX * sizeof(*places));
	else
		memcpy(places, match->places[word],
		    ASK_CLAUSES_MAX * sizeof(*places));
	singles_put(match, scan, places);
	return true;
}

/* Phrases go on with the term, begin with it, or are broken off; those of
 * them that are complete now. */
static uint32_t
step(struct ask_match *match, const uint64_t places[ASK_CLAUSES_MAX])
{
	const struct ask *ask = match->ask;
	uint32_t complete = 0;
	uint64_t *state;
	size_t i;

	for (i = 0; i < ask->clause_count; i++) {
		state = &match->states[i];
		*state = (*state << 1 | 1) & places[i];
		if ((*state >> (ask->clauses[i].count - 1) & 1) != 0)
			complete |= 1u << i;
	}
	return complete;
}

void
ask_match_put(struct ask_match *match, enum ask_field field,
    const char *text, size_t len)
{
	uint32_t wanted = clauses_wanted(match, field);
	uint64_t places[ASK_CLAUSES_MAX];
	struct words_scan scan;
	bool is_clear = true;

	memset(match->states, 0, sizeof(match->states));
	words_scan_init(&scan, text, len);
	while (wanted != 0 && words_scan_next(&scan)) {
		if (term_places(match, &scan, places)) {
			match->found |= step(match, places) & wanted;
			wanted = clauses_wanted(match, field);
			is_clear = false;
		} else if (!is_clear) {
			/* Most terms are in no phrase. */
			memset(match->states, 0, sizeof(match->states));
			is_clear = true;
		}
	}
}

bool
ask_match_holds(const struct ask_match *match, enum ask_level level)
{
	const struct ask *ask = match->ask;
	bool is_found;
	size_t i;

	for (i = 0; i < ask->clause_count; i++) {
		is_found = (match->found >> i & 1) != 0;
		if (ask_field_level(ask->clauses[i].field) == level &&
		    is_found == ask->clauses[i].is_excluded)
			return false;
	}
	return true;
}
