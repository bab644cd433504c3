/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask: what a query demands beside what it looks for.
 *
 * Floor 3, pure.  A clause must hold for each result, or must not:
 *
 *	"exact words"		these words, one after the other
 *	-word  -"exact words"	not these
 *	name:word  text:"..."	there, and not somewhere (ask_field_tbl.h)
 *	-name:word		not there
 *
 * Words are those of text/words.h: case, diacritics and signs do not matter,
 * another form of a word is another word.  A clause begins at the text's
 * beginning or behind a blank; a quotation may begin wherever no letter or
 * digit is before it.  A value without quotes goes up to the next blank.
 * What makes no clause is looked for as it stands: quotes that are not closed,
 * a minus before a blank, a digit or another minus, a field without a value
 * or of another name, what has no words or too many of them, and what comes
 * after ASK_CLAUSES_MAX clauses.  So every text can be asked.
 */
#ifndef SEARCH_ASK_H
#define SEARCH_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/words.h"

#define ASK_CLAUSES_MAX 16u
#define ASK_PHRASE_WORDS_MAX 64u /* a longer quotation is no clause */
#define ASK_WORDS_MAX 256u	 /* of all clauses */

enum ask_level { ASK_OF_SEGMENT, ASK_OF_DOCUMENT };

enum ask_field {
	ASK_ANYWHERE, /* text, section or keyword */
#define ASK_FIELD(name, text, level) ASK_##name,
#include "search/ask_field_tbl.h"
	ASK_FIELDS
};

struct ask_word {
	char text[WORD_BYTES_MAX + 1];
	uint8_t len;
	/* One character of a script without spaces: full text has none that
	 * stand alone where others are around them. */
	bool is_single;
	uint64_t hash; /* words_scan_hash() */
};

struct ask_clause {
	enum ask_field field;
	bool is_excluded; /* must not hold */
	size_t first, count; /* of words; at least one */
};

struct ask {
	struct ask_clause clauses[ASK_CLAUSES_MAX];
	struct ask_word words[ASK_WORDS_MAX];
	size_t clause_count, word_count;
	/* What is looked for: the text without what it excludes, without what
	 * it says of documents, and without quotes and names of fields.
	 * Without clauses it is the text.  Terminated. */
	char sought[];
};

/* Text, len bytes of it; more than QUERY_BYTES_MAX, or what is not UTF-8, has
 * no clauses.  Returns owned (ask_free); NULL: no memory. */
struct ask *ask_new(const char *text, size_t len);
void ask_free(struct ask *ask);

enum ask_level ask_field_level(enum ask_field field);
/* Is there a clause about that? */
bool ask_has(const struct ask *ask, enum ask_level level);
/* Is there one about that which must hold? */
bool ask_demands(const struct ask *ask, enum ask_level level);

#endif
