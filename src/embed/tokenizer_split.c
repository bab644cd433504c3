/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-tokenizers: each cuts the spans of a text further.  Two of them write
 * the text anew: bytes become letters that stand for them, blanks a mark.
 *
 * A step that looks for something (a class of characters, a literal) finds
 * matches and what is between them; its behaviour says where matches go.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "embed/tokenizer_int.h"

int
spans_grow(struct spans *spans)
{
	size_t size = spans->size == 0 ? 256 : 2 * spans->size;
	struct span *list;

	list = mem_resize(spans->list, size, sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	spans->list = list;
	spans->size = size;
	return 0;
}

/* The bytes from at on that have one of the classes, or have none. */
static size_t
run_end(const struct tokenizer *tokenizer, const char *text, size_t at,
    size_t end, unsigned classes, bool has)
{
	size_t step;

	for (; at < end; at += step) {
		if (((char_classes_of(tokenizer, char_at(text + at, end - at,
			    &step)) & classes) != 0) != has)
			break;
	}
	return at;
}

/* Words between white space, and each sign by itself. */
static int
split_bert(const struct tokenizer *tokenizer, const char *text, size_t at,
    size_t end, struct spans *out)
{
	size_t start = at, step;
	unsigned classes;
	int err = 0;

	for (; at < end && err == 0; at += step) {
		classes = char_classes_of(tokenizer, char_at(text + at,
		    end - at, &step));
		if ((classes & (CHAR_SPACE | CHAR_PUNCT)) == 0)
			continue;
		err = spans_add(out, start, at);
		start = at + step;
		if (err == 0 && (classes & CHAR_SPACE) == 0)
			err = spans_add(out, at, start);
	}
	return err == 0 ? spans_add(out, start, end) : err;
}

static int
split_whitespace(const struct tokenizer *tokenizer, const char *text,
    size_t at, size_t end, struct spans *out)
{
	size_t next;
	int err = 0;

	while (at < end && err == 0) {
		at = run_end(tokenizer, text, at, end, CHAR_SPACE, true);
		next = run_end(tokenizer, text, at, end, CHAR_WORD, true);
		if (next == at)
			next = run_end(tokenizer, text, at, end,
			    CHAR_WORD | CHAR_SPACE, false);
		err = spans_add(out, at, next);
		at = next;
	}
	return err;
}

/* The next match at or behind at; *ret_start is end when there is none. */
static void
match_next(const struct tokenizer *tokenizer, const struct split_step *step,
    const char *text, size_t at, size_t end, size_t *ret_start,
    size_t *ret_end)
{
	const char *found;
	size_t width;

	if (step->kind == SPLIT_CLASS) {
		at = run_end(tokenizer, text, at, end, step->classes, false);
		*ret_start = *ret_end = at;
		if (at < end) {
			(void)char_at(text + at, end - at, &width);
			*ret_end = at + width;
		}
		return;
	}
	found = at < end ?
		memmem(text + at, end - at, step->text, step->text_len) :
		NULL;
	*ret_start = found == NULL ? end : (size_t)(found - text);
	*ret_end = found == NULL ? end : *ret_start + step->text_len;
}

static int
split_matches(const struct tokenizer *tokenizer, const struct split_step *step,
    const char *text, size_t at, size_t end, struct spans *out)
{
	size_t open = at, from, to, next_from, next_to;
	int err = 0;

	while (err == 0) {
		match_next(tokenizer, step, text, at, end, &from, &to);
		if (from == end)
			break;
		while (step->behavior == SPLIT_CONTIGUOUS) {
			match_next(tokenizer, step, text, to, end, &next_from,
			    &next_to);
			if (next_from != to || next_to == to)
				break;
			to = next_to;
		}
		switch (step->behavior) {
		case SPLIT_REMOVED:
			err = spans_add(out, open, from);
			open = to;
			break;
		case SPLIT_CONTIGUOUS:
		case SPLIT_ISOLATED:
			err = spans_add(out, open, from);
			if (err == 0)
				err = spans_add(out, from, to);
			open = to;
			break;
		case SPLIT_WITH_PREVIOUS:
			err = spans_add(out, open, to);
			open = to;
			break;
		case SPLIT_WITH_NEXT:
			err = spans_add(out, open, from);
			open = from;
			break;
		}
		at = to;
	}
	return err == 0 ? spans_add(out, open, end) : err;
}

/* How many bytes at "'" are an English ending; 0: none. */
static size_t
contraction(const char *text, size_t len)
{
	static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m",
		"'ll", "'d" };
	size_t i, width;

	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		width = strlen(endings[i]);
		if (width <= len && memcmp(text, endings[i], width) == 0)
			return width;
	}
	return 0;
}

/*
 * The end of the piece at at, as GPT-2's pattern has it: an English ending;
 * a blank and a run of letters, of numbers or of signs; a run of white space,
 * without its last one where something follows, which may belong to that.
 */
static size_t
piece_end(const struct tokenizer *tokenizer, const char *text, size_t at,
    size_t end)
{
	size_t first = at, step, next, last;
	unsigned classes;

	step = text[at] == '\'' ? contraction(text + at, end - at) : 0;
	if (step > 0)
		return at + step;
	if (text[at] == ' ' && at + 1 < end)
		first = at + 1;
	classes = char_classes_of(tokenizer, char_at(text + first,
	    end - first, &step));
	if ((classes & CHAR_LETTER) != 0)
		return run_end(tokenizer, text, first, end, CHAR_LETTER, true);
	if ((classes & CHAR_NUMBER) != 0)
		return run_end(tokenizer, text, first, end, CHAR_NUMBER, true);
	if ((classes & CHAR_SPACE) == 0)
		return run_end(tokenizer, text, first, end,
		    CHAR_LETTER | CHAR_NUMBER | CHAR_SPACE, false);
	next = last = at;
	while (next < end && (char_classes_of(tokenizer, char_at(text + next,
		    end - next, &step)) & CHAR_SPACE) != 0) {
		last = next;
		next += step;
	}
	return next == end || last == at ? next : last;
}

/* The letter that stands for a byte: itself where it can be seen, else one
 * of those behind Latin-1. */
static uint32_t
letter_of(unsigned char byte)
{
	unsigned nth;

	if ((byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) ||
	    byte >= 0xAE)
		return byte;
	if (byte <= 0x20)
		nth = byte;
	else if (byte <= 0xA0)
		nth = byte - 0x7Fu + 0x21;
	else
		nth = 0x43; /* the soft hyphen */
	return 0x100 + nth;
}

static int
split_bytes(const struct tokenizer *tokenizer, const struct split_step *step,
    const char *text, size_t len, struct token_scratch *scratch)
{
	struct buf *out = &scratch->other;
	size_t at = 0, next, start, i;
	char bytes[4];
	int err = 0;

	/* A blank before the text makes its first word one like others. */
	if (step->prepend == PREPEND_ALWAYS && text[0] != ' ') {
		buf_clear(&scratch->prefixed);
		(void)buf_putc(&scratch->prefixed, ' ');
		if (buf_put(&scratch->prefixed, text, len) < 0)
			return scratch->prefixed.err;
		text = scratch->prefixed.data;
		len++;
	}
	while (at < len && err == 0) {
		next = step->splits ? piece_end(tokenizer, text, at, len) :
				      len;
		start = out->len;
		for (i = at; i < next; i++)
			(void)buf_put(out, bytes, utf8_encode(
			    letter_of((unsigned char)text[i]), bytes));
		err = out->err < 0 ? out->err :
			spans_add(&scratch->other_spans, start, out->len);
		at = next;
	}
	return err;
}

/* Blanks become the mark, and each mark begins a span. */
static int
split_metaspace(const struct tokenizer *tokenizer,
    const struct split_step *step, const char *text, size_t len,
    bool is_first, struct token_scratch *scratch)
{
	struct buf *out = &scratch->other;
	size_t start = out->len, i;

	if ((step->prepend == PREPEND_ALWAYS ||
		(step->prepend == PREPEND_FIRST && is_first)) &&
	    text[0] != ' ' && (len < step->text_len ||
		memcmp(text, step->text, step->text_len) != 0))
		(void)buf_put(out, step->text, step->text_len);
	for (i = 0; i < len; i++) {
		if (text[i] == ' ')
			(void)buf_put(out, step->text, step->text_len);
		else
			(void)buf_putc(out, text[i]);
	}
	if (out->err < 0)
		return out->err;
	if (!step->splits)
		return spans_add(&scratch->other_spans, start, out->len);
	return split_matches(tokenizer, step, out->data, start, out->len,
	    &scratch->other_spans);
}

static int
split_span(const struct tokenizer *tokenizer, const struct split_step *step,
    const struct span *span, bool is_first, struct token_scratch *scratch)
{
	const char *text = scratch->text.data;
	size_t at = span->start, end = at + span->len;

	switch (step->kind) {
	case SPLIT_BERT:
		return split_bert(tokenizer, text, at, end,
		    &scratch->other_spans);
	case SPLIT_WHITESPACE:
		return split_whitespace(tokenizer, text, at, end,
		    &scratch->other_spans);
	case SPLIT_CLASS:
	case SPLIT_LITERAL:
		return split_matches(tokenizer, step, text, at, end,
		    &scratch->other_spans);
	case SPLIT_BYTE_LEVEL:
		return split_bytes(tokenizer, step, text + at, span->len,
		    scratch);
	case SPLIT_METASPACE:
		return split_metaspace(tokenizer, step, text + at, span->len,
		    is_first, scratch);
	}
	return ERR_INTERNAL;
}

int
splits_run(const struct tokenizer *tokenizer, bool is_first,
    struct token_scratch *scratch)
{
	const struct split_step *step;
	struct spans spans;
	struct buf swap;
	size_t i, nth;
	int err;

	scratch->spans.count = 0;
	err = spans_add(&scratch->spans, 0, scratch->text.len);
	for (i = 0; err == 0 && i < tokenizer->split_count; i++) {
		step = &tokenizer->splits[i];
		scratch->other_spans.count = 0;
		buf_clear(&scratch->other);
		for (nth = 0; err == 0 && nth < scratch->spans.count; nth++)
			err = split_span(tokenizer, step,
			    &scratch->spans.list[nth], is_first && nth == 0,
			    scratch);
		spans = scratch->spans;
		scratch->spans = scratch->other_spans;
		scratch->other_spans = spans;
		if (step->kind != SPLIT_BYTE_LEVEL &&
		    step->kind != SPLIT_METASPACE)
			continue;
		swap = scratch->text;
		scratch->text = scratch->other;
		scratch->other = swap;
	}
	return err;
}
