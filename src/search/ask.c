/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over the text.  Where a clause may begin one is tried: when it is
 * none, its first character is text like any other.  A quotation that is none
 * for its length is passed over as a whole, so that its end does not begin
 * another; and only the last quote of a text can be in want of an end: so the
 * walk takes time in proportion to the text.
 */
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "search/ask.h"
#include "text/words_scan.h"

struct field_row {
	const char *text;
	enum ask_level level;
};

static const struct field_row field_rows[ASK_FIELDS] = {
	[ASK_ANYWHERE] = {"", ASK_OF_SEGMENT},
#define ASK_FIELD(name, row_text, row_level)                                  \
	[ASK_##name] = {                                                      \
		.text = row_text,                                             \
		.level = row_level,                                           \
	},
#include "search/ask_field_tbl.h"
};

struct parser {
	const char *text;
	size_t len, pos;
	uint32_t before; /* the character before pos; a blank at first */
	struct ask *ask;
	size_t sought_len;
};

/* What may be a clause: from pos to end; its words within value. */
struct attempt {
	enum ask_field field;
	bool is_excluded;
	size_t value, value_end, end;
};

static bool
is_blank(uint32_t c)
{
	return c <= ' ' || u_isUWhiteSpace((UChar32)c);
}

/* The quotes of typewriters, of English and of German; who types is not asked
 * to know which begin and which end. */
static bool
is_quote(uint32_t c)
{
	return c == '"' || (c >= 0x201C && c <= 0x201F) || c == 0xFF02;
}

static uint32_t
char_at(const struct parser *parser, size_t pos, size_t *ret_step)
{
	*ret_step = 0;
	if (pos >= parser->len)
		return ' ';
	return utf8_decode(parser->text + pos, parser->len - pos, ret_step);
}

/* ---- what is looked for -------------------------------------------------- */

/* No more than what was read, so there is room. */
static void
sought_put(struct parser *parser, size_t from, size_t to)
{
	memcpy(parser->ask->sought + parser->sought_len, parser->text + from,
	    to - from);
	parser->sought_len += to - from;
}

static void
sought_put_blank(struct parser *parser)
{
	parser->ask->sought[parser->sought_len++] = ' ';
}

/* One blank where a clause has left several, none at the ends. */
static void
sought_squeeze(struct parser *parser)
{
	char *sought = parser->ask->sought;
	size_t i, n = 0;

	for (i = 0; i < parser->sought_len; i++)
		if (sought[i] != ' ' || (n > 0 && sought[n - 1] != ' '))
			sought[n++] = sought[i];
	if (n > 0 && sought[n - 1] == ' ')
		n--;
	parser->sought_len = n;
}

/* Go on behind what is text. */
static void
pass(struct parser *parser, size_t to)
{
	size_t at = parser->pos, step;

	sought_put(parser, at, to);
	for (; at < to; at += step)
		parser->before = char_at(parser, at, &step);
	parser->pos = to;
}

/* ---- clauses ------------------------------------------------------------- */

/* The words of a value; false: it has none, or too many. */
static bool
words_take(struct parser *parser, const struct attempt *attempt,
    struct ask_clause *clause)
{
	struct ask *ask = parser->ask;
	struct words_scan scan;
	struct ask_word *word;
	size_t step;

	clause->first = ask->word_count;
	clause->count = 0;
	words_scan_init(&scan, parser->text + attempt->value,
	    attempt->value_end - attempt->value);
	while (words_scan_next(&scan)) {
		if (clause->count == ASK_PHRASE_WORDS_MAX ||
		    clause->first + clause->count == ASK_WORDS_MAX)
			return false;
		word = &ask->words[clause->first + clause->count++];
		memcpy(word->text, scan.term, scan.term_len);
		word->text[scan.term_len] = '\0';
		word->len = (uint8_t)scan.term_len;
		word->hash = words_scan_hash(&scan);
		word->is_single = words_is_paired(utf8_decode(word->text,
				      word->len, &step)) && step == word->len;
	}
	return clause->count > 0;
}

/* Up to the next quote, whichever; false: there is none. */
static bool
find_quoted(const struct parser *parser, size_t at, struct attempt *attempt)
{
	size_t step;
	uint32_t c;

	(void)char_at(parser, at, &step);
	attempt->value = at + step;
	for (at += step; at < parser->len; at += step) {
		c = char_at(parser, at, &step);
		if (is_quote(c)) {
			attempt->value_end = at;
			attempt->end = at + step;
			return true;
		}
	}
	return false;
}

static bool
find_value(const struct parser *parser, size_t at, struct attempt *attempt)
{
	size_t step;
	uint32_t c;

	c = char_at(parser, at, &step);
	if (is_quote(c))
		return find_quoted(parser, at, attempt);
	attempt->value = at;
	for (; at < parser->len; at += step) {
		c = char_at(parser, at, &step);
		if (is_blank(c))
			break;
	}
	attempt->value_end = attempt->end = at;
	return attempt->value < at;
}

/* The field that is named at that place, and where its value begins. */
static enum ask_field
find_field(const struct parser *parser, size_t at, size_t *ret_value)
{
	const char *text = parser->text + at;
	size_t left = parser->len - at, i, len;

	for (i = ASK_ANYWHERE + 1; i < ASK_FIELDS; i++) {
		len = strlen(field_rows[i].text);
		if (left > len && text[len] == ':' &&
		    strncasecmp(text, field_rows[i].text, len) == 0) {
			*ret_value = at + len + 1;
			return (enum ask_field)i;
		}
	}
	*ret_value = at;
	return ASK_ANYWHERE;
}

/* What begins at pos, if anything does. */
static bool
find_attempt(const struct parser *parser, struct attempt *ret_attempt)
{
	struct attempt attempt = {.field = ASK_ANYWHERE};
	size_t at = parser->pos, step;
	uint32_t c;

	c = char_at(parser, at, &step);
	if (is_quote(c) && !words_is_joined(parser->before)) {
		*ret_attempt = attempt;
		return find_quoted(parser, at, ret_attempt);
	}
	if (!is_blank(parser->before))
		return false;
	if (c == '-') {
		attempt.is_excluded = true;
		c = char_at(parser, ++at, &step);
		/* Numbers have signs, and programs options. */
		if (c == '-' || (c >= '0' && c <= '9'))
			return false;
	}
	attempt.field = find_field(parser, at, &at);
	if (attempt.field == ASK_ANYWHERE && !attempt.is_excluded)
		return false;
	*ret_attempt = attempt;
	return find_value(parser, at, ret_attempt);
}

static void
attempt_take(struct parser *parser, const struct attempt *attempt)
{
	struct ask_clause clause = {.field = attempt->field,
	    .is_excluded = attempt->is_excluded};
	struct ask *ask = parser->ask;

	if (!words_take(parser, attempt, &clause)) {
		pass(parser, attempt->end);
		return;
	}
	ask->clauses[ask->clause_count++] = clause;
	ask->word_count += clause.count;
	/* Quotes and names are two bytes at least when they are something. */
	if (!clause.is_excluded &&
	    field_rows[clause.field].level == ASK_OF_SEGMENT) {
		sought_put_blank(parser);
		sought_put(parser, attempt->value, attempt->value_end);
		if (attempt->end > attempt->value_end)
			sought_put_blank(parser);
	}
	parser->pos = attempt->end;
	/* As a letter is: what follows an end begins nothing. */
	parser->before = 'a';
}

static void
parse(struct parser *parser)
{
	struct attempt attempt;
	size_t step;

	while (parser->pos < parser->len) {
		if (parser->ask->clause_count < ASK_CLAUSES_MAX &&
		    find_attempt(parser, &attempt)) {
			attempt_take(parser, &attempt);
			continue;
		}
		(void)char_at(parser, parser->pos, &step);
		pass(parser, parser->pos + step);
	}
}

/* ---- all of it ----------------------------------------------------------- */

struct ask *
ask_new(const char *text, size_t len)
{
	struct parser parser = {.text = text, .len = len, .before = ' '};
	struct ask *ask;

	ask = mem_zalloc(sizeof(*ask) + len + 1);
	if (ask == NULL)
		return NULL;
	parser.ask = ask;
	if (len <= QUERY_BYTES_MAX && utf8_is_valid(text, len))
		parse(&parser);
	if (ask->clause_count > 0) {
		sought_squeeze(&parser);
	} else {
		memcpy(ask->sought, text, len);
		parser.sought_len = len;
	}
	ask->sought[parser.sought_len] = '\0';
	return ask;
}

void
ask_free(struct ask *ask)
{
	mem_free(ask);
}

enum ask_level
ask_field_level(enum ask_field field)
{
	return field_rows[field].level;
}

bool
ask_has(const struct ask *ask, enum ask_level level)
{
	size_t i;

	for (i = 0; i < ask->clause_count; i++)
		if (ask_field_level(ask->clauses[i].field) == level)
			return true;
	return false;
}

bool
ask_demands(const struct ask *ask, enum ask_level level)
{
	size_t i;

	for (i = 0; i < ask->clause_count; i++)
		if (ask_field_level(ask->clauses[i].field) == level &&
		    !ask->clauses[i].is_excluded)
			return true;
	return false;
}
