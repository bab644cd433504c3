/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_format: numbers of spreadsheets as a person sees them.
 *
 * A cell holds a number and the code of a format, "#,##0.00 \"kg\"" or
 * "dd.mm.yyyy"; what is looked for is what the format makes of it.  Dates and
 * times come out in ISO form whatever the order of their parts, because the
 * order depends on who looks.  Digits are rounded in decimal, after the 15
 * that spreadsheets keep.
 */
#ifndef EXTRACTOR_CELL_FORMAT_H
#define EXTRACTOR_CELL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CELL_CODE_MAX 255u  /* bytes of a code; a longer one is "General" */
#define CELL_SECTIONS_MAX 4u
#define CELL_TEXT_MAX 1024u /* bytes of a formatted number */

enum cell_kind {
	CELL_GENERAL,
	CELL_NUMBER,
	CELL_SCIENTIFIC,
	CELL_FRACTION,
	CELL_DATE, /* or a time, or both */
};

/* What stands between two semicolons. */
struct cell_section {
	double limit;	 /* of the condition */
	uint8_t compare; /* '<', '>', '=', 'l' (<=), 'g' (>=), 'n' (<>), or 0 */
	uint8_t kind;	 /* enum cell_kind */
	uint8_t start, end; /* in code */
	uint8_t whole;	    /* placeholders before the point */
	uint8_t decimals;   /* after it; of a time: digits of the second */
	uint8_t percents, thousands; /* signs; commas that scale */
	uint8_t denominator;	     /* its placeholders; 0: it is fixed */
	uint8_t date_parts;
	bool is_grouped;
};

/* In the caller's memory; nothing needs to be freed. */
struct cell_format {
	char code[CELL_CODE_MAX + 1];
	uint8_t count;
	struct cell_section sections[CELL_SECTIONS_MAX];
};

/* By its code (valid UTF-8). */
void cell_format_parse(struct cell_format *format, const char *code,
    size_t len);

/* One of those that every spreadsheet knows by number; the same numbers in
 * .xls and .xlsx.  Unknown: "General". */
void cell_format_builtin(struct cell_format *format, unsigned id);

/* Does the format show value as a date or a time? */
bool cell_format_is_date(const struct cell_format *format, double value);

/*
 * Format value; days count from 1904 on when is_1904.  Returns the length of
 * what is in out: valid UTF-8, terminated, perhaps with spaces around it, and
 * empty when the format hides the number.
 */
size_t cell_format_number(const struct cell_format *format, double value,
    bool is_1904, char out[CELL_TEXT_MAX]);

/* A number without a format, in its shortest form. */
size_t cell_general(double value, char out[CELL_TEXT_MAX]);

#endif
