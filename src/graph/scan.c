/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens.  A word goes on over hyphens and apostrophes between letters;
 * "'s" is cut off and remembered, and so are the elided articles of French.
 * ASCII is read from a table, all else by ICU.
 */
#include <string.h>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "graph/graph_build.h"
#include "graph/scan.h"
#include "text/sentence.h"
#include "text/space.h"
#include "text/words_scan.h"

enum class { CLASS_OTHER, CLASS_LOWER, CLASS_UPPER, CLASS_DIGIT, CLASS_KANA,
	CLASS_IDEO, CLASS_HIRA };

static const uint8_t ascii_class[128] = {
	['a' ... 'z'] = CLASS_LOWER,
	['A' ... 'Z'] = CLASS_UPPER,
	['0' ... '9'] = CLASS_DIGIT,
};

static enum class
class_of(uint32_t c)
{
	uint32_t mask;

	if (c < 0x80)
		return (enum class)ascii_class[c];
	if (c == UTF8_BAD)
		return CLASS_OTHER;
	if ((c >= 0x30A1 && c <= 0x30FF && c != 0x30FB) ||
	    (c >= 0x31F0 && c <= 0x31FF))
		return CLASS_KANA;
	if (c >= 0x3041 && c <= 0x309F)
		return CLASS_HIRA;
	if ((c >= 0x3400 && c <= 0x9FFF) ||
	    c == 0x3005 || c == 0x3007 || (c >= 0xF900 && c <= 0xFAFF) ||
	    (c >= 0x20000 && c <= 0x3FFFD))
		return CLASS_IDEO;
	mask = U_GET_GC_MASK((UChar32)c);
	if ((mask & (U_GC_LU_MASK | U_GC_LT_MASK)) != 0)
		return CLASS_UPPER;
	if ((mask & (U_GC_L_MASK | U_GC_M_MASK)) != 0)
		return CLASS_LOWER;
	return (mask & U_GC_ND_MASK) != 0 ? CLASS_DIGIT : CLASS_OTHER;
}

static enum class
class_at(const struct scan *scan, size_t at, size_t *ret_step)
{
	if (at >= scan->len) {
		*ret_step = 0;
		return CLASS_OTHER;
	}
	if ((unsigned char)scan->text[at] < 0x80) {
		*ret_step = 1;
		return (enum class)ascii_class[(unsigned char)scan->text[at]];
	}
	return class_of(utf8_decode(scan->text + at, scan->len - at,
	    ret_step));
}

static bool
is_letter_class(enum class class)
{
	return class == CLASS_LOWER || class == CLASS_UPPER;
}

static bool
is_word_class(enum class class)
{
	return is_letter_class(class) || class == CLASS_DIGIT;
}

/* The bytes of an apostrophe at text[at], 0: there is none. */
static size_t
apostrophe(const struct scan *scan, size_t at)
{
	if (at < scan->len && scan->text[at] == '\'')
		return 1;
	return at + 3 <= scan->len &&
		memcmp(scan->text + at, "\xE2\x80\x99", 3) == 0 ? 3 : 0;
}

/* A word while it is read. */
struct reading {
	size_t pos;
	unsigned uppers, lowers, digits, letters;
	bool is_code, is_capital;
	char folded[TOKEN_BYTES_MAX + 24];
	size_t folded_len;
};

static void
read_char(struct reading *r, const struct scan *scan, enum class class,
    size_t step)
{
	const char *at = scan->text + r->pos;
	uint32_t c;

	if (class == CLASS_UPPER) {
		r->is_code |= r->lowers > 0 && r->pos > 0 &&
		    at[-1] != '-' && at[-1] != '\'' && at[-1] != '&';
		r->is_capital |= r->letters + r->digits == 0;
		r->uppers++;
	}
	r->lowers += class == CLASS_LOWER;
	r->digits += class == CLASS_DIGIT;
	r->letters += class != CLASS_DIGIT;
	if (r->folded_len < TOKEN_BYTES_MAX) {
		if (step == 1) {
			r->folded[r->folded_len++] = (char)(
			    class == CLASS_UPPER ? *at | 0x20 : *at);
		} else {
			c = utf8_decode(at, step, &step);
			c = (uint32_t)u_foldCase((UChar32)c,
			    U_FOLD_CASE_DEFAULT);
			r->folded_len += utf8_encode(c,
			    r->folded + r->folded_len);
		}
	}
	r->pos += step;
}

static void
reading_init(struct reading *r, size_t pos)
{
	r->pos = pos;
	r->uppers = r->lowers = r->digits = r->letters = 0;
	r->is_code = r->is_capital = false;
	r->folded_len = 0;
}

/* The small ASCII letters from here on: most of a text. */
static inline void
read_ascii(struct reading *r, const struct scan *scan)
{
	const char *at = scan->text + r->pos;
	size_t max = scan->len - r->pos, i;

	if (r->folded_len >= TOKEN_BYTES_MAX)
		return;
	if (max > TOKEN_BYTES_MAX - r->folded_len)
		max = TOKEN_BYTES_MAX - r->folded_len;
	for (i = 0; i < max && at[i] >= 'a' && at[i] <= 'z'; i++)
		r->folded[r->folded_len + i] = at[i];
	r->folded_len += i;
	r->pos += i;
	r->lowers += (unsigned)i;
	r->letters += (unsigned)i;
}

/* Does the word go on behind what stands at pos?  Returns the bytes of the
 * joint, 0: it ends. */
static size_t
joint(const struct scan *scan, const struct reading *r)
{
	size_t at = r->pos, step, bytes;
	enum class next;
	char c;

	if (at >= scan->len)
		return 0;
	c = scan->text[at];
	bytes = apostrophe(scan, at);
	if (bytes == 0 && c != '-' && c != '&' && c != '_' && c != '.')
		return 0;
	next = class_at(scan, at + (bytes > 0 ? bytes : 1), &step);
	if (c == '_')
		return 1;
	if (c == '-')
		return is_word_class(next) ? 1 : 0;
	if (c == '&')
		return next == CLASS_UPPER && r->uppers == r->letters ? 1 : 0;
	/* "U.S.", "e.V.": single letters with points. */
	if (c == '.')
		return is_letter_class(next) && (r->letters == 1 ||
		    (r->pos > 1 && scan->text[r->pos - 2] == '.')) &&
		    at + 1 + step < scan->len &&
		    scan->text[at + 1 + step] == '.' ? 1 : 0;
	/* "O'Brien", "D'Angelo"; not "l'eau". */
	return next == CLASS_UPPER && r->letters == 1 && r->uppers == 1 &&
		(scan->text[at - 1] == 'O' || scan->language ==
		    LANGUAGE_OTHER) ? bytes : 0;
}

static unsigned
shape_of(const struct reading *r)
{
	unsigned shape = 0;

	if (r->is_capital)
		shape |= SHAPE_CAPITAL;
	if (r->uppers >= 2 && r->lowers == 0)
		shape |= SHAPE_UPPER;
	if (r->digits > 0)
		shape |= SHAPE_DIGIT;
	if (r->is_code)
		shape |= SHAPE_CODE;
	return shape;
}

/* What stands at the word's end: a point that is its own, an apostrophe. */
static void
read_tail(struct scan *scan, struct token *token, const struct reading *r)
{
	size_t at = r->pos, bytes = apostrophe(scan, at), step;
	bool is_end;

	if (at < scan->len && scan->text[at] == '.') {
		is_end = at + 1 >= scan->len || (scan->text[at + 1] == ' ' &&
		    sentence_ends(scan->text, scan->len, at + 1));
		if (r->letters == 1 && r->uppers == 1 && r->digits == 0 &&
		    !is_end) {
			token->shape |= SHAPE_INITIAL;
			token->end++;
			scan->pos++;
		} else if (r->pos - token->start > 2 &&
		    scan->text[at - 2] == '.') {
			token->end++; /* "U.S." */
			scan->pos++;
		} else if (token_is(token, CUE_DOT) && !is_end) {
			scan->pos++;
		}
		return;
	}
	if (bytes == 0)
		return;
	if (at + bytes < scan->len && scan->text[at + bytes] == 's' &&
	    !is_word_class(class_at(scan, at + bytes + 1, &step))) {
		token->shape |= SHAPE_OWNER;
		scan->pos += bytes + 1;
	} else if (r->letters <= 2 &&
	    is_letter_class(class_at(scan, at + bytes, &step))) {
		token->shape |= SHAPE_ELIDED;
		scan->pos += bytes;
	}
}

static void
read_word(struct scan *scan, struct token *token)
{
	struct words_scan word;
	struct reading r;
	enum class class;
	size_t step, bytes;

	/* Their buffers are not emptied for every word. */
	reading_init(&r, scan->pos);
	for (;;) {
		read_ascii(&r, scan);
		class = class_at(scan, r.pos, &step);
		if (is_word_class(class)) {
			read_char(&r, scan, class, step);
			continue;
		}
		bytes = joint(scan, &r);
		if (bytes == 0)
			break;
		r.is_code |= scan->text[r.pos] == '_';
		if (r.folded_len < TOKEN_BYTES_MAX)
			r.folded[r.folded_len++] = scan->text[r.pos];
		r.pos += bytes;
	}
	scan->pos = r.pos;
	token->kind = TOKEN_WORD;
	token->end = (uint32_t)r.pos;
	token->shape |= (uint8_t)shape_of(&r);
	if (r.pos - token->start > TOKEN_BYTES_MAX)
		token->shape = SHAPE_CODE;
	memset(r.folded + r.folded_len, 0, 16);
	token->hash = word_hash_padded(r.folded, r.folded_len);
	token->cue = lexicon_cue(scan->lexicon, token->hash);
	if (token->cue != NULL)
		token->roles = token->cue->roles[scan->language];
	if (r.folded_len < WORD_BYTES_MAX) {
		word.term = r.folded;
		word.term_len = r.folded_len;
		token->is_stop = stop_set_has(scan->stops,
		    words_scan_hash(&word));
	}
	token->is_stop |= token_is(token, CUE_STOP);
	read_tail(scan, token, &r);
}

static void
read_number(struct scan *scan, struct token *token)
{
	size_t at = scan->pos, step, digits = 0;
	uint32_t value = 0;
	char c;

	while (at < scan->len) {
		c = scan->text[at];
		if (c >= '0' && c <= '9') {
			value = digits++ < 4 ? value * 10 + (uint32_t)(c - '0')
					     : UINT32_MAX;
			at++;
			continue;
		}
		if ((c != '.' && c != ',' && c != '-' && c != '/' &&
			c != ':') || at + 1 >= scan->len ||
		    scan->text[at + 1] < '0' || scan->text[at + 1] > '9')
			break;
		value = UINT32_MAX;
		digits = 5;
		at++;
	}
	if (digits == 0) {
		/* Of another script. */
		(void)class_at(scan, at, &step);
		at += step;
		value = UINT32_MAX;
	}
	token->kind = TOKEN_NUMBER;
	token->c = value;
	token->end = (uint32_t)at;
	scan->pos = at;
}

static void
read_run(struct scan *scan, struct token *token, enum class want)
{
	size_t at = scan->pos, step, next;
	enum class class;

	while ((class = class_at(scan, at, &step)) == want ||
	    (want == CLASS_KANA && at > scan->pos &&
		at + 3 <= scan->len &&
		memcmp(scan->text + at, "\xE3\x83\xBB", 3) == 0 &&
		class_at(scan, at + 3, &next) == CLASS_KANA))
		at += step;
	token->kind = want == CLASS_KANA ? TOKEN_KANA : TOKEN_IDEO;
	token->end = (uint32_t)at;
	scan->pos = at;
	(void)class;
}

static bool
is_address_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || (c != '\0' &&
		    strchr("-._~:/?#@!$&*+;=%", c) != NULL);
}

/* An address of the web from here on: its end, or 0. */
static size_t
web_address(const struct scan *scan)
{
	const char *text = scan->text + scan->pos;
	size_t left = scan->len - scan->pos, at;

	if ((*text | 0x20) != 'h' && *text != 'w' && *text != 'f')
		return 0;
	if (left > 8 && memcmp(text, "https://", 8) == 0)
		at = 8;
	else if (left > 7 && memcmp(text, "http://", 7) == 0)
		at = 7;
	else if (left > 6 && memcmp(text, "ftp://", 6) == 0)
		at = 6;
	else if (left > 4 && memcmp(text, "www.", 4) == 0)
		at = 4;
	else
		return 0;
	while (at < left && is_address_char(text[at]))
		at++;
	while (at > 0 && strchr(".,:;!?", text[at - 1]) != NULL)
		at--;
	return scan->pos + at;
}

static bool
is_mail_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
		c == '+' || c == '%';
}

/*
 * At an "@": take back the tokens that its left side was cut into, and put
 * the mail address in their stead.  False: it is none.
 */
static bool
read_mail(struct scan *scan)
{
	size_t start = scan->pos, end = scan->pos + 1, dots = 0;
	struct token *token;

	while (start > 0 && scan->pos - start < 64 &&
	    is_mail_char(scan->text[start - 1]))
		start--;
	while (end < scan->len && end - scan->pos < 255 &&
	    is_mail_char(scan->text[end])) {
		dots += scan->text[end] == '.' && end > scan->pos + 1;
		end++;
	}
	while (end > scan->pos + 1 && scan->text[end - 1] == '.') {
		dots--;
		end--;
	}
	if (start == scan->pos || dots == 0 || scan->count == 0)
		return false;
	while (scan->count > 0 && scan->tokens[scan->count - 1].start > start)
		scan->count--;
	if (scan->count == 0 || scan->tokens[scan->count - 1].start != start)
		return false;
	token = &scan->tokens[scan->count - 1];
	memset(token, 0, sizeof(*token));
	token->start = (uint32_t)start;
	token->end = (uint32_t)end;
	token->kind = TOKEN_ADDRESS;
	token->owner = GRAPH_NONE;
	scan->pos = end;
	return true;
}

static void
read_token(struct scan *scan, bool is_glued)
{
	struct token *token = &scan->tokens[scan->count];
	enum class class;
	size_t step, end;

	if (scan->text[scan->pos] == '@' && is_glued && read_mail(scan))
		return;
	memset(token, 0, sizeof(*token));
	token->start = (uint32_t)scan->pos;
	token->owner = GRAPH_NONE;
	token->shape = is_glued ? SHAPE_GLUED : 0;
	scan->count++;
	end = web_address(scan);
	if (end > 0) {
		token->kind = TOKEN_ADDRESS;
		token->end = (uint32_t)end;
		scan->pos = end;
		return;
	}
	class = class_at(scan, scan->pos, &step);
	switch (class) {
	case CLASS_LOWER:
	case CLASS_UPPER:
		read_word(scan, token);
		break;
	case CLASS_DIGIT:
		read_number(scan, token);
		break;
	case CLASS_KANA:
	case CLASS_IDEO:
	case CLASS_HIRA:
		read_run(scan, token, class);
		break;
	case CLASS_OTHER:
		token->kind = TOKEN_PUNCT;
		token->c = utf8_decode(scan->text + scan->pos,
		    scan->len - scan->pos, &step);
		scan->pos += step;
		token->end = (uint32_t)scan->pos;
		break;
	}
}

/* Lines of capitals: a heading tells nothing of what is a name in it. */
static void
judge(struct scan *scan)
{
	const struct token *token;
	size_t words = 0, capitals = 0, uppers = 0, i;

	for (i = 0; i < scan->count; i++) {
		token = &scan->tokens[i];
		if (token->kind != TOKEN_WORD)
			continue;
		uppers += token_has(token, SHAPE_UPPER);
		words += !token->is_stop;
		capitals += !token->is_stop && token_has(token, SHAPE_CAPITAL);
	}
	token = &scan->tokens[scan->count - 1];
	scan->is_shouted = words >= 3 && uppers * 4 >= words * 3;
	scan->is_heading = words >= 2 && capitals * 5 >= words * 4 &&
	    (token->kind != TOKEN_PUNCT ||
		(token->c < 0x80 && strchr(".!?", (int)token->c) == NULL));
}

void
scan_init(struct scan *scan, const struct lexicon *lexicon,
    const struct stop_set *stops, enum language language, const char *text,
    size_t len)
{
	scan->text = text;
	scan->len = len;
	scan->pos = 0;
	scan->lexicon = lexicon;
	scan->stops = stops;
	scan->language = language;
	scan->count = 0;
}

/* "14. März": the full stop of an ordinal number, of which the survey does
 * not know yet in what language it would be one. */
static bool
is_ordinal(const struct scan *scan)
{
	const struct token *token;

	if (scan->count < 2 || (scan->language != LANGUAGE_DE &&
		scan->language != LANGUAGE_OTHER))
		return false;
	token = &scan->tokens[scan->count - 2];
	return token_is_punct(&token[1], '.') &&
	    token->kind == TOKEN_NUMBER && token->c >= 1 && token->c <= 31;
}

/* Does a sentence end at the blank at pos?  What ends one is punctuation. */
static bool
is_stopped(const struct scan *scan)
{
	return scan->tokens[scan->count - 1].kind == TOKEN_PUNCT &&
	    sentence_ends(scan->text, scan->len, scan->pos);
}

bool
scan_sentence(struct scan *scan)
{
	bool is_glued = false;
	uint32_t c;
	size_t step;

	scan->count = 0;
	while (scan->pos < scan->len && scan->count < SENTENCE_TOKENS_MAX) {
		step = (unsigned char)(scan->text[scan->pos] - 0x21) < 0x5E ?
			0 : space_len(scan->text + scan->pos,
			    scan->len - scan->pos);
		if (step > 0) {
			if (scan->count > 0 &&
			    (scan->text[scan->pos] == '\n' ||
				(is_stopped(scan) && !is_ordinal(scan))))
				break;
			scan->pos += step;
			is_glued = false;
			continue;
		}
		read_token(scan, is_glued);
		is_glued = true;
		c = scan->tokens[scan->count - 1].c;
		if (scan->tokens[scan->count - 1].kind == TOKEN_PUNCT &&
		    (c == 0x3002 || c == 0xFF01 || c == 0xFF1F))
			break;
	}
	if (scan->count == 0)
		return false;
	judge(scan);
	return true;
}
