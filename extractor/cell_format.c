/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Codes are taken apart once and kept as they are: cell_text.c walks over
 * the tokens again for each number, guided by what was counted here.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "extractor/cell_format.h"
#include "extractor/cell_token.h"

/* ---- tokens ------------------------------------------------------------- */

static struct cell_token
token_of(enum cell_token_kind kind, char c, const char *text, size_t len)
{
	struct cell_token token = {.kind = kind, .c = c, .text = text,
	    .len = len};

	return token;
}

/* From the opening sign at *at to the closing one, which may be missing. */
static struct cell_token
token_enclosed(enum cell_token_kind kind, char closing, const char *code,
    size_t end, size_t *at)
{
	size_t from = *at + 1, to = from;

	while (to < end && code[to] != closing)
		to++;
	*at = to < end ? to + 1 : end;
	return token_of(kind, 0, code + from, to - from);
}

/* The character behind the backslash (or "_" or "*") at *at. */
static struct cell_token
token_escaped(enum cell_token_kind kind, const char *code, size_t end,
    size_t *at)
{
	size_t from = *at + 1, len = 0;

	if (from < end)
		(void)utf8_decode(code + from, end - from, &len);
	*at = from + len;
	return token_of(kind, 0, code + from, len);
}

/* Letters: dates, or words that stand there without quotes. */
static struct cell_token
token_letter(const char *code, size_t end, size_t *at)
{
	const char *text = code + *at;
	size_t left = end - *at, n = 1;
	char c = (char)(*text | 0x20);

	if (left >= 7 && strncasecmp(text, "general", 7) == 0) {
		*at += 7;
		return token_of(CELL_TOKEN_GENERAL, 0, text, 7);
	}
	if (left >= 5 && strncasecmp(text, "am/pm", 5) == 0) {
		*at += 5;
		return token_of(CELL_TOKEN_HALF, 0, text, 5);
	}
	if (left >= 3 && strncasecmp(text, "a/p", 3) == 0) {
		*at += 3;
		return token_of(CELL_TOKEN_HALF, 0, text, 3);
	}
	if (c == 'e' && left >= 2 && (text[1] == '+' || text[1] == '-')) {
		*at += 2;
		return token_of(CELL_TOKEN_EXPONENT, text[1], text, 2);
	}
	while (n < left && (text[n] | 0x20) == c)
		n++;
	if (strchr("ymdhsebg", c) == NULL && !(c == 'a' && n >= 3)) {
		*at += 1;
		return token_of(CELL_TOKEN_LITERAL, 0, text, 1);
	}
	*at += n;
	return token_of(CELL_TOKEN_DATE, c, text, n);
}

struct cell_token
cell_token_next(const char *code, size_t end, size_t *at)
{
	static const struct {
		char c;
		enum cell_token_kind kind;
	} signs[] = {
	    {';', CELL_TOKEN_SECTION}, {'0', CELL_TOKEN_DIGIT},
	    {'#', CELL_TOKEN_DIGIT}, {'?', CELL_TOKEN_DIGIT},
	    {'.', CELL_TOKEN_POINT}, {',', CELL_TOKEN_COMMA},
	    {'%', CELL_TOKEN_PERCENT}, {'/', CELL_TOKEN_SLASH},
	    {'@', CELL_TOKEN_TEXT},
	};
	const char *text = code + *at;
	size_t i, len;

	if (*at >= end)
		return token_of(CELL_TOKEN_END, 0, code + end, 0);
	if (*text == '"')
		return token_enclosed(CELL_TOKEN_LITERAL, '"', code, end, at);
	if (*text == '[')
		return token_enclosed(CELL_TOKEN_BRACKET, ']', code, end, at);
	if (*text == '\\' || *text == '!')
		return token_escaped(CELL_TOKEN_LITERAL, code, end, at);
	if (*text == '_')
		return token_escaped(CELL_TOKEN_SPACE, code, end, at);
	if (*text == '*')
		return token_escaped(CELL_TOKEN_NOTHING, code, end, at);
	if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z'))
		return token_letter(code, end, at);
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (*text == signs[i].c) {
			*at += 1;
			return token_of(signs[i].kind, *text, text, 1);
		}
	(void)utf8_decode(text, end - *at, &len);
	*at += len;
	return token_of(CELL_TOKEN_LITERAL, 0, text, len);
}

/* ---- sections ----------------------------------------------------------- */

/* What was seen of a section so far. */
struct scan {
	struct cell_section *section;
	bool has_point, has_slash, has_exponent, has_general, has_text;
	bool is_behind_minutes; /* the last part was "m" and meant a month */
	bool is_behind_hours, is_behind_seconds;
	unsigned commas; /* since the last placeholder */
	unsigned letters; /* of dates */
	unsigned points_of_seconds;
};

static void
scan_condition(struct cell_section *section, const char *text, size_t len)
{
	char number[32];
	size_t n = 1;

	section->compare = (uint8_t)text[0];
	if (len >= 2 && text[1] == '=') {
		section->compare = text[0] == '<' ? 'l' : 'g';
		n = 2;
	} else if (len >= 2 && text[0] == '<' && text[1] == '>') {
		section->compare = 'n';
		n = 2;
	}
	len -= n;
	if (len >= sizeof(number))
		len = sizeof(number) - 1;
	memcpy(number, text + n, len);
	number[len] = '\0';
	section->limit = strtod(number, NULL);
}

static void
scan_bracket(struct scan *scan, const char *text, size_t len)
{
	size_t i;

	if (len == 0)
		return;
	if (strchr("<>=", text[0]) != NULL && text[0] != '\0') {
		scan_condition(scan->section, text, len);
		return;
	}
	/* [h], [mm] and the like go on behind 24 and 59. */
	for (i = 1; i < len; i++)
		if ((text[i] | 0x20) != (text[0] | 0x20))
			return;
	switch (text[0] | 0x20) {
	case 'h':
		scan->section->date_parts |= CELL_ELAPSED | CELL_HOUR;
		break;
	case 'm':
		scan->section->date_parts |= CELL_ELAPSED | CELL_MINUTE;
		break;
	case 's':
		scan->section->date_parts |= CELL_ELAPSED | CELL_SECOND;
		scan->is_behind_seconds = true;
		break;
	default:
		return;
	}
	scan->is_behind_hours = (text[0] | 0x20) == 'h';
	scan->letters++;
}

/* "m" is a minute behind hours and before seconds, otherwise a month. */
static void
scan_date(struct scan *scan, char c)
{
	struct cell_section *section = scan->section;
	bool was_behind_hours = scan->is_behind_hours;
	bool was_behind_minutes = scan->is_behind_minutes;

	scan->letters++;
	scan->is_behind_hours = scan->is_behind_minutes = false;
	scan->is_behind_seconds = false;
	switch (c) {
	case 'h':
		section->date_parts |= CELL_HOUR;
		scan->is_behind_hours = true;
		break;
	case 'm':
		scan->is_behind_minutes = !was_behind_hours &&
		    (section->date_parts & CELL_MONTH) == 0;
		section->date_parts |= was_behind_hours ? CELL_MINUTE
							: CELL_MONTH;
		break;
	case 's':
		section->date_parts |= CELL_SECOND;
		if (was_behind_minutes) {
			section->date_parts &= (uint8_t)~CELL_MONTH;
			section->date_parts |= CELL_MINUTE;
		}
		scan->is_behind_seconds = true;
		break;
	case 'd':
	case 'a':
		section->date_parts |= CELL_DAY;
		break;
	default:
		section->date_parts |= CELL_YEAR;
		break;
	}
}

static void
scan_digit(struct scan *scan)
{
	struct cell_section *section = scan->section;

	/* A comma between placeholders groups, behind all of them it scales. */
	if (scan->commas > 0 && !scan->has_point && section->whole > 0)
		section->is_grouped = true;
	scan->commas = 0;
	if (scan->has_slash)
		section->denominator++;
	else if (scan->has_point)
		section->decimals++;
	else if (!scan->has_exponent)
		section->whole++;
	if (scan->points_of_seconds > 0)
		scan->points_of_seconds++;
}

static void
scan_token(struct scan *scan, const struct cell_token *token)
{
	switch (token->kind) {
	case CELL_TOKEN_DIGIT:
		if (!scan->has_exponent)
			scan_digit(scan);
		break;
	case CELL_TOKEN_POINT:
		if (scan->is_behind_seconds)
			scan->points_of_seconds = 1;
		scan->has_point = true;
		if (scan->commas > 0) {
			scan->section->thousands =
			    (uint8_t)(scan->section->thousands + scan->commas);
			scan->commas = 0;
		}
		break;
	case CELL_TOKEN_COMMA:
		scan->commas++;
		break;
	case CELL_TOKEN_PERCENT:
		scan->section->percents++;
		break;
	case CELL_TOKEN_SLASH:
		scan->has_slash = true;
		break;
	case CELL_TOKEN_EXPONENT:
		scan->has_exponent = true;
		break;
	case CELL_TOKEN_GENERAL:
		scan->has_general = true;
		break;
	case CELL_TOKEN_TEXT:
		scan->has_text = true;
		break;
	case CELL_TOKEN_DATE:
		scan_date(scan, token->c);
		break;
	case CELL_TOKEN_BRACKET:
		scan_bracket(scan, token->text, token->len);
		break;
	case CELL_TOKEN_HALF:
		scan->section->date_parts |= CELL_HOUR;
		scan->letters++;
		break;
	case CELL_TOKEN_END:
	case CELL_TOKEN_SECTION:
	case CELL_TOKEN_LITERAL:
	case CELL_TOKEN_SPACE:
	case CELL_TOKEN_NOTHING:
		break;
	}
}

static void
scan_finish(struct scan *scan)
{
	struct cell_section *section = scan->section;

	if (scan->letters > 0) {
		section->kind = CELL_DATE;
		section->decimals = (uint8_t)(scan->points_of_seconds > 1
			? scan->points_of_seconds - 1
			: 0);
	} else if (scan->has_general || scan->has_text) {
		section->kind = CELL_GENERAL;
	} else if (scan->has_exponent) {
		section->kind = CELL_SCIENTIFIC;
	} else if (scan->has_slash && section->whole > 0) {
		section->kind = CELL_FRACTION;
	} else {
		section->kind = CELL_NUMBER;
		if (section->whole > 0 || section->decimals > 0)
			section->thousands =
			    (uint8_t)(section->thousands + scan->commas);
	}
}

void
cell_format_parse(struct cell_format *format, const char *code, size_t len)
{
	struct cell_token token;
	struct scan scan = {0};
	size_t at = 0;

	memset(format, 0, sizeof(*format));
	if (len == 0 || len > CELL_CODE_MAX || memchr(code, 0, len) != NULL) {
		code = "General";
		len = strlen(code);
	}
	memcpy(format->code, code, len);
	do {
		scan = (struct scan){
		    .section = &format->sections[format->count]};
		scan.section->start = (uint8_t)at;
		do {
			scan.section->end = (uint8_t)at;
			token = cell_token_next(format->code, len, &at);
			scan_token(&scan, &token);
		} while (token.kind != CELL_TOKEN_END &&
		    token.kind != CELL_TOKEN_SECTION);
		scan_finish(&scan);
		format->count++;
	} while (token.kind == CELL_TOKEN_SECTION &&
	    format->count < CELL_SECTIONS_MAX);
}

/* ---- known by number ---------------------------------------------------- */

/* Amounts below zero have a minus here, not brackets: which of them is seen
 * depends on the country, and the minus says what is meant. */
void
cell_format_builtin(struct cell_format *format, unsigned id)
{
	static const char *const codes[] = {
	    [1] = "0", [2] = "0.00", [3] = "#,##0", [4] = "#,##0.00",
	    [5] = "$#,##0;-$#,##0", [6] = "$#,##0;-$#,##0",
	    [7] = "$#,##0.00;-$#,##0.00", [8] = "$#,##0.00;-$#,##0.00",
	    [9] = "0%", [10] = "0.00%", [11] = "0.00E+00", [12] = "# ?/?",
	    [13] = "# ?\?/?\?", [14] = "yyyy-mm-dd", [15] = "yyyy-mm-dd",
	    [16] = "mm-dd", [17] = "yyyy-mm", [18] = "h:mm", [19] = "h:mm:ss",
	    [20] = "h:mm", [21] = "h:mm:ss", [22] = "yyyy-mm-dd h:mm",
	    [27] = "yyyy-mm-dd", [28] = "yyyy-mm-dd", [29] = "yyyy-mm-dd",
	    [30] = "yyyy-mm-dd", [31] = "yyyy-mm-dd", [32] = "h:mm",
	    [33] = "h:mm:ss", [34] = "h:mm", [35] = "h:mm:ss",
	    [36] = "yyyy-mm-dd", [37] = "#,##0;-#,##0",
	    [38] = "#,##0;-#,##0", [39] = "#,##0.00;-#,##0.00",
	    [40] = "#,##0.00;-#,##0.00", [41] = "#,##0;-#,##0",
	    [42] = "$#,##0;-$#,##0", [43] = "#,##0.00;-#,##0.00",
	    [44] = "$#,##0.00;-$#,##0.00", [45] = "mm:ss", [46] = "[h]:mm:ss",
	    [47] = "mm:ss.0", [48] = "##0.0E+0", [50] = "yyyy-mm-dd",
	    [51] = "yyyy-mm-dd", [52] = "yyyy-mm-dd", [53] = "yyyy-mm-dd",
	    [54] = "yyyy-mm-dd", [55] = "yyyy-mm-dd", [56] = "yyyy-mm-dd",
	    [57] = "yyyy-mm-dd", [58] = "yyyy-mm-dd",
	    [59] = "0", [60] = "0.00", [61] = "#,##0", [62] = "#,##0.00",
	    [67] = "0%", [68] = "0.00%", [69] = "# ?/?", [70] = "# ?\?/?\?",
	    [71] = "yyyy-mm-dd", [72] = "yyyy-mm-dd", [73] = "yyyy-mm-dd",
	    [74] = "yyyy-mm", [75] = "h:mm", [76] = "h:mm:ss",
	    [77] = "yyyy-mm-dd h:mm", [78] = "mm:ss", [79] = "[h]:mm:ss",
	    [80] = "mm:ss.0", [81] = "yyyy-mm-dd",
	};
	const char *code = NULL;

	if (id < sizeof(codes) / sizeof(codes[0]))
		code = codes[id];
	if (code == NULL)
		code = "General";
	cell_format_parse(format, code, strlen(code));
	/* What these are depends on the language of the program. */
	if ((id >= 32 && id <= 35) || (id >= 51 && id <= 56))
		format->sections[0].date_parts |= CELL_EITHER;
}
