/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known by its form alone: addresses, dates, amounts of money, shares
 * in percent, numbers of standards, and titles in quotation marks.
 */
#include <string.h>

#include "base/utf8.h"
#include "graph/extract_int.h"

#define YEAR_MIN 1000u
#define YEAR_MAX 2199u
#define TITLE_TOKENS_MAX 12u

/* Typed by its form: no other evidence counts. */
static int
put(struct graph_extractor *x, size_t from, size_t to, enum graph_type type)
{
	struct mention *mention;
	int err = extract_put(x, from, to, &mention);

	if (mention != NULL) {
		mention->type = type;
		mention->is_sure = true;
		extract_vote(x, mention, type, 100);
	}
	return err;
}

static const struct token *
token_at(const struct scan *scan, size_t at)
{
	static const struct token none = { .kind = TOKEN_PUNCT,
		.owner = GRAPH_NONE };

	return at < scan->count ? &scan->tokens[at] : &none;
}

static bool
is_day(const struct token *token)
{
	return token->kind == TOKEN_NUMBER && token->c >= 1 && token->c <= 31;
}

static bool
is_year(const struct token *token)
{
	return token->kind == TOKEN_NUMBER && token->c >= YEAR_MIN &&
	    token->c <= YEAR_MAX;
}

static bool
is_month(const struct token *token)
{
	return token->kind == TOKEN_WORD && token_is(token, CUE_MONTH);
}

/* "2024-05-01", "01.05.2024", "5/1/2024". */
static bool
is_written_date(const struct scan *scan, const struct token *token)
{
	const char *text = scan->text + token->start;
	size_t len = token->end - token->start, i, part = 0, parts = 0;
	size_t longest = 0;
	char mark = '\0';

	if (token->kind != TOKEN_NUMBER || len < 8 || len > 10)
		return false;
	for (i = 0; i <= len; i++) {
		if (i < len && text[i] >= '0' && text[i] <= '9') {
			part++;
			continue;
		}
		if (part == 0 || part == 3 || part > 4)
			return false;
		if (part == 4)
			longest++;
		part = 0;
		parts++;
		if (i == len)
			break;
		if (mark != '\0' && text[i] != mark)
			return false;
		mark = text[i];
	}
	return parts == 3 && longest == 1 &&
	    (mark == '-' || mark == '.' || mark == '/');
}

/* Skip "de" of Spanish, "." of German days, "," of English ones. */
static size_t
skip_date_word(const struct scan *scan, size_t at)
{
	const struct token *token = token_at(scan, at);

	if (token->kind == TOKEN_PUNCT && (token->c == '.' || token->c == ','))
		return at + 1;
	if (token->kind == TOKEN_WORD && scan->language == LANGUAGE_ES &&
	    token->end - token->start >= 2 && token->end - token->start <= 3 &&
	    scan->text[token->start] == 'd')
		return at + 1;
	return at;
}

/* A date with a month from at on: the token behind it, or at. */
static size_t
month_date(const struct scan *scan, size_t at)
{
	size_t i = at, next;
	bool has_day = false;

	if (is_day(token_at(scan, i))) {
		has_day = true;
		i++;
		if (token_is_punct(token_at(scan, i), '.') ||
		    (token_at(scan, i)->kind == TOKEN_WORD &&
			token_has(token_at(scan, i), SHAPE_GLUED)) ||
		    scan->language == LANGUAGE_ES)
			i = i + (size_t)!is_month(token_at(scan, i));
	}
	if (!is_month(token_at(scan, i)))
		return at;
	i++;
	if (!has_day && is_day(token_at(scan, i)) &&
	    scan->language == LANGUAGE_EN) {
		has_day = true;
		i++;
	}
	next = skip_date_word(scan, i);
	if (is_year(token_at(scan, next)))
		return next + 1;
	return has_day ? i : at;
}

static bool
is_ideo(const struct token *token, const char *text, const char *what)
{
	return token->kind == TOKEN_IDEO &&
	    token->end - token->start == 3 &&
	    memcmp(text + token->start, what, 3) == 0;
}

/* "2024年5月1日", or the first parts of it. */
static size_t
ideo_date(const struct scan *scan, size_t at)
{
	static const char *const units[] = { "年", "月", "日" };
	size_t i;

	for (i = 0; i < 3; i++, at += 2) {
		if (!(i == 0 ? is_year(token_at(scan, at)) :
			is_day(token_at(scan, at))) ||
		    !is_ideo(token_at(scan, at + 1), scan->text, units[i]))
			break;
	}
	return at;
}

/* A year that stands alone: said to be a time, or nothing follows that it
 * would count. */
static bool
is_lone_year(const struct scan *scan, size_t at)
{
	const struct token *next = token_at(scan, at + 1), *before;

	if (!is_year(&scan->tokens[at]) ||
	    scan->tokens[at].end - scan->tokens[at].start != 4)
		return false;
	if (at > 0) {
		before = &scan->tokens[at - 1];
		if (before->kind == TOKEN_WORD && token_is(before, CUE_TIME))
			return true;
		if (token_is_punct(before, '(') || token_is_punct(before,
			0x2013))
			return next->kind == TOKEN_PUNCT;
		if (before->kind != TOKEN_WORD)
			return false;
	}
	return next->kind == TOKEN_PUNCT || next->is_stop;
}

static bool
is_currency_sign(uint32_t c)
{
	return c == '$' || c == 0xA3 || c == 0xA5 || c == 0x20AC ||
	    c == 0x20B9 || c == 0x20BD;
}

static bool
is_currency(const struct token *token)
{
	return token->kind == TOKEN_PUNCT ? is_currency_sign(token->c) :
		token->kind == TOKEN_WORD && token_is(token, CUE_CURRENCY);
}

/* An amount from at on: the token behind it, or at. */
static size_t
amount(const struct scan *scan, size_t at)
{
	size_t i = at;
	bool has_sign = is_currency(&scan->tokens[at]);

	if (has_sign)
		i++;
	if (token_at(scan, i)->kind != TOKEN_NUMBER)
		return at;
	i++;
	if (token_at(scan, i)->kind == TOKEN_WORD &&
	    token_is(token_at(scan, i), CUE_SCALE))
		i++;
	if (has_sign)
		return i;
	if (token_is_punct(token_at(scan, i), '%') ||
	    is_currency(token_at(scan, i)))
		return i + 1;
	/* "millones de dólares", "millions d'euros". */
	if (i > at + 1 && token_at(scan, i)->is_stop &&
	    is_currency(token_at(scan, i + 1)))
		return i + 2;
	return at;
}

/* "RFC 9110", "ISO 27001", "CVE-2021-44228", "10.1000/182". */
static size_t
identifier(const struct scan *scan, size_t at)
{
	const struct token *token = &scan->tokens[at];
	const struct token *next = token_at(scan, at + 1);
	size_t len = token->end - token->start;

	if (token->kind != TOKEN_WORD || !token_has(token, SHAPE_UPPER))
		return at;
	if (token_has(token, SHAPE_DIGIT) && len >= 8 &&
	    memchr(scan->text + token->start, '-', len) != NULL)
		return at + 1;
	if (!token_has(token, SHAPE_DIGIT) && len <= 5 &&
	    next->kind == TOKEN_NUMBER &&
	    !token_has(next, SHAPE_GLUED) && next->end - next->start >= 3 &&
	    !token_is(token, CUE_CURRENCY) && !is_lone_year(scan, at + 1))
		return at + 2;
	return at;
}

static uint32_t
closing_of(uint32_t c)
{
	switch (c) {
	case '"':
		return '"';
	case 0x201C:
		return 0x201D;
	case 0x201E:
		return 0x201C;
	case 0xAB:
		return 0xBB;
	case 0xBB:
		return 0xAB;
	case 0x300E:
		return 0x300F;
	case 0x300A:
		return 0x300B;
	}
	return 0;
}

/* Do the words between marks read as a title, not as speech? */
static bool
is_title(const struct graph_extractor *x, size_t open, size_t close)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	size_t words = 0, capitals = 0, i;
	bool is_called = false;

	if (scan->tokens[open].c >= 0x3000)
		return close - open <= TITLE_TOKENS_MAX * 2;
	for (i = open > 3 ? open - 3 : 0; i < open; i++)
		is_called |= token_is(&scan->tokens[i], CUE_WORK) ||
		    extract_label(x, i, open, &words) == LABEL_WROTE;
	words = 0;
	for (i = open + 1; i < close; i++) {
		token = &scan->tokens[i];
		if (token->kind == TOKEN_PUNCT &&
		    (token->c == '.' || token->c == ';' ||
			(token->c == ',' && !is_called)))
			return false;
		if (token->kind != TOKEN_WORD || token->is_stop)
			continue;
		words++;
		capitals += token_has(token, SHAPE_CAPITAL);
	}
	token = &scan->tokens[open + 1];
	if (!token_has(token, SHAPE_CAPITAL) && token->kind != TOKEN_NUMBER)
		return false;
	return is_called || (words >= 2 && capitals == words) ||
	    (words == 1 && capitals == 1);
}

/* A title in quotation marks that open at at; *ret_next is behind it. */
static int
quoted(struct graph_extractor *x, size_t at, size_t *ret_next)
{
	const struct scan *scan = &x->scan;
	uint32_t close = closing_of(scan->tokens[at].c);
	size_t i;

	for (i = at + 1; i < scan->count && i <= at + 2 * TITLE_TOKENS_MAX &&
	    !token_is_punct(&scan->tokens[i], close); i++)
		;
	if (i >= scan->count || i == at + 1 ||
	    !token_is_punct(&scan->tokens[i], close) || !is_title(x, at, i))
		return 0;
	*ret_next = i + 1;
	return put(x, at + 1, i, GRAPH_WORK);
}

int
extract_fixed(struct graph_extractor *x)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	enum graph_type type;
	size_t i, next;
	int err = 0;

	for (i = 0; i < scan->count && err == 0; i = next) {
		token = &scan->tokens[i];
		next = i;
		type = GRAPH_DATE;
		if (token->kind == TOKEN_ADDRESS) {
			type = GRAPH_IDENTIFIER;
			next = i + 1;
		} else if (token->kind == TOKEN_NUMBER || is_month(token)) {
			next = is_written_date(scan, token) ? i + 1 :
				month_date(scan, i);
			if (next == i)
				next = ideo_date(scan, i);
			if (next == i && is_lone_year(scan, i))
				next = i + 1;
			if (next == i) {
				type = GRAPH_AMOUNT;
				next = amount(scan, i);
			}
		} else if (is_currency(token)) {
			type = GRAPH_AMOUNT;
			next = amount(scan, i);
		} else if (token->kind == TOKEN_WORD) {
			type = GRAPH_IDENTIFIER;
			next = identifier(scan, i);
		} else if (closing_of(token->c) != 0) {
			err = quoted(x, i, &next);
			next += next == i;
			continue;
		}
		if (next > i)
			err = put(x, i, next, type);
		else
			next = i + 1;
	}
	return err;
}
