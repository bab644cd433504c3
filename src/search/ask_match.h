/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask_match: do clauses of a query hold for a segment, or for a document?
 *
 * Floor 3, pure.  A phrase stands within one piece of text: one heading, one
 * keyword, the whole of a segment's text.  In scripts without spaces, where
 * terms are pairs of characters, its characters stand side by side; one such
 * character alone is found wherever it stands.  A piece is walked once, for
 * all clauses, in time that is in proportion to its length: each clause has a
 * word of bits, one for each of its words, that says how far each of its
 * beginnings has come (shift-and: Baeza-Yates and Gonnet, "A New Approach to
 * Text Searching", 1992).
 */
#ifndef SEARCH_ASK_MATCH_H
#define SEARCH_ASK_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/ask.h"

#define ASK_SLOTS (2 * ASK_WORDS_MAX)
#define ASK_NO_WORD UINT16_MAX

struct ask_match {
	const struct ask *ask;
	uint16_t slots[ASK_SLOTS]; /* the first word with that hash */
	uint16_t next[ASK_WORDS_MAX];
	/* Of each different word: where it stands in the phrases. */
	uint64_t places[ASK_WORDS_MAX][ASK_CLAUSES_MAX];
	/* Words at the ends of phrases that are a single character. */
	struct {
		uint8_t clause;
		uint16_t word;
	} singles[2 * ASK_CLAUSES_MAX];
	size_t single_count;
	uint64_t states[ASK_CLAUSES_MAX];
	uint32_t found; /* a bit for each clause */
	uint32_t excluded;
};

/* Keeps ask. */
void ask_match_init(struct ask_match *match, const struct ask *ask);
/* The next segment, or document. */
void ask_match_begin(struct ask_match *match);
/* Can a piece of that change the answer? */
bool ask_match_wants(const struct ask_match *match, enum ask_field field);
/* A piece of it: valid UTF-8.  What no clause is about, or cannot change the
 * answer, is not walked. */
void ask_match_put(struct ask_match *match, enum ask_field field,
    const char *text, size_t len);
/* Do all clauses about that hold, as far as they were put? */
bool ask_match_holds(const struct ask_match *match, enum ask_level level);

#endif
