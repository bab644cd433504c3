/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_token: the pieces of a number format's code, and of what comes out, for
 * cell_format's own files.
 */
#ifndef EXTRACTOR_CELL_TOKEN_H
#define EXTRACTOR_CELL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum cell_token_kind {
	CELL_TOKEN_END,
	CELL_TOKEN_SECTION, /* the semicolon */
	CELL_TOKEN_DIGIT,   /* 0, # or ? */
	CELL_TOKEN_POINT,
	CELL_TOKEN_COMMA,
	CELL_TOKEN_PERCENT,
	CELL_TOKEN_SLASH,
	CELL_TOKEN_EXPONENT, /* E+ or E- */
	CELL_TOKEN_GENERAL,
	CELL_TOKEN_TEXT, /* @ */
	CELL_TOKEN_DATE, /* a run of one letter, which is in lower case */
	CELL_TOKEN_HALF, /* AM/PM or A/P */
	CELL_TOKEN_BRACKET, /* text is what is inside */
	CELL_TOKEN_LITERAL,
	CELL_TOKEN_SPACE, /* as wide as some character */
	CELL_TOKEN_NOTHING, /* repeated to fill the cell */
};

struct cell_token {
	enum cell_token_kind kind;
	char c; /* of DIGIT and DATE, the sign of EXPONENT */
	const char *text;
	size_t len;
};

/* The token at *at of code, which ends at end; *at goes behind it. */
struct cell_token cell_token_next(const char *code, size_t end, size_t *at);

enum cell_date_part {
	CELL_YEAR = 1,
	CELL_MONTH = 2,
	CELL_DAY = 4, /* of the month or the week */
	CELL_HOUR = 8,
	CELL_MINUTE = 16,
	CELL_SECOND = 32,
	CELL_ELAPSED = 64, /* the first of the time's parts goes on and on */
	CELL_EITHER = 128, /* date or time: depends on where one lives */
};

#define CELL_DATE_PARTS (CELL_YEAR | CELL_MONTH | CELL_DAY)
#define CELL_TIME_PARTS (CELL_HOUR | CELL_MINUTE | CELL_SECOND)

#define CELL_DAY_MAX 2958465 /* 9999-12-31 */

struct cell_section;

/* A text that grows up to CELL_TEXT_MAX bytes. */
struct cell_out {
	char *text;
	size_t len;
};

void cell_put(struct cell_out *out, const char *text, size_t len);
void cell_putc(struct cell_out *out, char c);
void cell_put_number(struct cell_out *out, int width, long long number);

/* value as a date or a time or both: 0 <= value < CELL_DAY_MAX + 1. */
void cell_put_date(struct cell_out *out, const struct cell_section *section,
    double value, bool is_1904);

#endif
