/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: cuts a text into sentences of tokens with their shapes.
 *
 * Floor 3, for this folder only.  Other than the terms of text/words.h, tokens
 * keep what makes names: capitals, points of initials, hyphens, punctuation.
 */
#ifndef GRAPH_SCAN_H
#define GRAPH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/lexicon.h"
#include "text/stop.h"

#define SENTENCE_TOKENS_MAX 400u /* longer sentences are cut */
#define TOKEN_BYTES_MAX 256u	 /* longer runs are no words */

enum token_kind {
	TOKEN_WORD,   /* of a script with letters between blanks */
	TOKEN_NUMBER, /* "1,250.5"; also "3." in front of a word */
	TOKEN_PUNCT,
	TOKEN_KANA,  /* a run of katakana, with its middle dots */
	TOKEN_IDEO, /* a run of Han, or of hiragana */
	TOKEN_ADDRESS /* of mail or the web */
};

enum token_shape {
	SHAPE_CAPITAL = 1, /* begins with a capital */
	SHAPE_UPPER = 2,   /* two capitals or more, and no small letter */
	SHAPE_INITIAL = 4, /* "J." */
	SHAPE_OWNER = 8,   /* "'s" stood behind it */
	SHAPE_GLUED = 16,  /* no blank before it */
	SHAPE_ELIDED = 32, /* "l'" */
	SHAPE_DIGIT = 64,  /* a word with digits */
	SHAPE_CODE = 128   /* has "_" or a capital behind a small letter */
};

struct token {
	uint32_t start, end;
	uint64_t hash;	/* of the folded word */
	const struct cue *cue; /* NULL: none */
	uint32_t roles; /* in the text's language */
	uint32_t c;	/* of punctuation; the value of a number to 9999 */
	uint32_t owner; /* the mention it is part of, or GRAPH_NONE */
	uint8_t kind, shape;
	bool is_stop;
};

struct scan {
	const char *text;
	size_t len, pos;
	const struct lexicon *lexicon;
	const struct stop_set *stops;
	enum language language;

	/* The sentence, after scan_sentence() returned true. */
	struct token tokens[SENTENCE_TOKENS_MAX];
	size_t count;
	bool is_heading; /* a line of capitals without an end */
	bool is_shouted; /* no small letters to speak of */
};

void scan_init(struct scan *scan, const struct lexicon *lexicon,
    const struct stop_set *stops, enum language language, const char *text,
    size_t len);
/* The next sentence of at least one token; false: the text has ended. */
bool scan_sentence(struct scan *scan);

static inline bool
token_is(const struct token *token, uint32_t roles)
{
	return (token->roles & roles) != 0;
}

static inline bool
token_has(const struct token *token, unsigned shape)
{
	return (token->shape & shape) != 0;
}

static inline bool
token_is_punct(const struct token *token, uint32_t c)
{
	return token->kind == TOKEN_PUNCT && token->c == c;
}

#endif
