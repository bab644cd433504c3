/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon: the words of cues_tbl.h and the phrases of patterns_tbl.h, ready
 * to be looked up.
 *
 * Floor 3, for this folder only.
 */
#ifndef GRAPH_LEXICON_H
#define GRAPH_LEXICON_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CUE_SLOTS 8192u	    /* powers of two, twice the words */
#define PATTERN_SLOTS 2048u
#define PHRASE_WORDS_MAX 4u

enum language {
	LANGUAGE_OTHER, /* and what all of them have in common */
	LANGUAGE_EN,
	LANGUAGE_DE,
	LANGUAGE_FR,
	LANGUAGE_ES,
	LANGUAGE_COUNT
};

#define CUE_ROLES(X) \
	X(STOP) X(DET) X(INDEF) X(COPULA) X(AUX) X(BY) X(LOC) X(TIME) \
	X(JOIN) X(THE) X(AND) X(PARTICLE) X(TITLE) X(PERSON) X(ORG) \
	X(PLACE) X(EVENT) X(WORK) X(PRODUCT) X(ORGEND) X(FORE) X(MONTH) \
	X(WEEKDAY) X(CURRENCY) X(SCALE) X(DOES) X(PRONOUN) X(DOT) X(KIND) \
	X(THING)

enum cue_bit {
#define CUE_BIT(name) CUE_BIT_##name,
	CUE_ROLES(CUE_BIT)
#undef CUE_BIT
	CUE_BIT_COUNT
};

_Static_assert(CUE_BIT_COUNT <= 32, "a cue's roles are one number");

#define CUE_ENUM(name) \
	static const uint32_t CUE_##name __attribute__((unused)) = \
	    1u << CUE_BIT_##name;
CUE_ROLES(CUE_ENUM)
#undef CUE_ENUM

enum label {
	LABEL_NONE,
#define LABEL(name, shown, dated, placed, transitive, subject, object) \
	LABEL_##name,
#include "graph/labels_tbl.h"
	LABEL_COUNT
};

struct label_row {
	const char *shown, *dated, *placed;
	bool is_transitive;
	uint8_t subject, object; /* enum graph_type; CONCEPT: any */
};

struct cue {
	uint64_t hash; /* 0: empty */
	uint32_t roles[LANGUAGE_COUNT];
};

struct pattern {
	uint64_t hash;
	uint8_t labels[LANGUAGE_COUNT];
};

/* Most words are no cues: a bit of each hash tells so without a look at the
 * table, which is larger than a processor's nearest cache. */
#define CUE_FILTER_BITS 32768u

struct lexicon {
	uint64_t filter[CUE_FILTER_BITS / 64];
	struct cue cues[CUE_SLOTS];
	struct pattern patterns[PATTERN_SLOTS];
};

extern const struct label_row label_rows[LABEL_COUNT];

/* Some hundred microseconds. */
void lexicon_init(struct lexicon *lexicon);

/* A word's hash, from its folded bytes. */
uint64_t word_hash(const char *word, size_t len);

/* The hash of a phrase that has one word more. */
static inline uint64_t
phrase_hash(uint64_t phrase, uint64_t word)
{
	phrase = (phrase ^ word) * 0xD6E8FEB86659FD93ULL;
	return phrase ^ phrase >> 29;
}

/* word_hash() of a word with eight zeros behind it. */
static inline uint64_t
word_hash_padded(const char *word, size_t len)
{
	uint64_t hash = len * 0x9E3779B97F4A7C15ULL, bytes;

	for (;; word += 8, len -= 8) {
		memcpy(&bytes, word, 8);
		hash = phrase_hash(hash, le64toh(bytes));
		if (len < 8)
			return hash != 0 ? hash : 1;
	}
}

/* NULL: it is none. */
static inline const struct cue *
lexicon_cue(const struct lexicon *lexicon, uint64_t hash)
{
	size_t slot = hash % CUE_SLOTS, bit = (hash >> 32) % CUE_FILTER_BITS;

	if ((lexicon->filter[bit / 64] >> bit % 64 & 1) == 0)
		return NULL;
	while (lexicon->cues[slot].hash != 0) {
		if (lexicon->cues[slot].hash == hash)
			return &lexicon->cues[slot];
		slot = (slot + 1) % CUE_SLOTS;
	}
	return NULL;
}

/* The label of a phrase in a language, or LABEL_NONE. */
enum label lexicon_label(const struct lexicon *lexicon, uint64_t phrase,
    enum language language);

#endif
