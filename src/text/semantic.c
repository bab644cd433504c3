/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks are put together as an outline does it, and cut into units: sentences
 * mostly.  Units gather in a panel, which ends with its section or when it is
 * full; then it is cut (semantic_cut.c).
 *
 *	text	| given out: overlap | units ........ | open unit | not read |
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/measure.h"
#include "text/semantic_int.h"
#include "text/sentence.h"

#define PANEL_BYTES (128 * KIB)
#define TEXT_BYTES (PANEL_BYTES + 64 * KIB)
/* Sentences of fewer characters say too little alone, those of more are cut
 * before an embedding model does it. */
#define UNIT_CHARS_MIN 24u
#define UNIT_CHARS_MAX 1000u
#define UNIT_BYTES_MAX (4 * UNIT_CHARS_MAX)
/* A unit of lines, of code or of a poem. */
#define LINES_CHARS_MIN 200u
/* Whether a sentence ends is not asked before so much is there behind it. */
#define AHEAD_BYTES 64u

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

struct semantic *
semantic_new(const struct chunk_cut *cut, chunk_fn *fn, void *arg)
{
	struct semantic *s;

	s = mem_zalloc(sizeof(*s));
	if (s == NULL)
		return NULL;
	s->cut = *cut;
	s->fn = fn;
	s->arg = arg;
	s->chars_max = cut->chars_max - cut->overlap_chars;
	s->chars_min = s->chars_max / 8;
	s->bytes_max = SEGMENT_BYTES_MAX - OVERLAP_BYTES_MAX;
	s->unit_chars_max = s->chars_max < UNIT_CHARS_MAX ? s->chars_max
							  : UNIT_CHARS_MAX;
	s->text = mem_alloc(TEXT_BYTES);
	s->units = mem_array(NEAR_TEXTS_MAX, sizeof(*s->units));
	if (s->text == NULL || s->units == NULL) {
		semantic_free(s);
		return NULL;
	}
	return s;
}

void
semantic_free(struct semantic *s)
{
	if (s == NULL)
		return;
	mem_free(s->text);
	mem_free(s->units);
	near_fini(&s->near);
	mem_free(s);
}

int
semantic_set_embed(struct semantic *s, size_t dimensions, chunk_embed_fn *fn,
    void *arg)
{
	ASSERT(!s->has_last && s->near.fn == NULL);
	return near_init(&s->near, dimensions, fn, arg);
}

/* ---- units --------------------------------------------------------------- */

static uint32_t
page_at(const struct semantic *s, size_t at)
{
	return at >= s->page_at ? s->page : s->page_before;
}

/* The open unit ends before at, which chars characters are before. */
static int
close_unit(struct semantic *s, size_t at, size_t chars)
{
	struct unit unit = {.start = s->open, .end = at,
	    .start_chars = s->open_chars, .end_chars = chars};

	s->open = at;
	s->open_chars = chars;
	while (unit.end > unit.start && is_blank(s->text[unit.end - 1])) {
		unit.end--;
		unit.end_chars--;
	}
	if (unit.start == unit.end)
		return 0;
	unit.page_start = page_at(s, unit.start);
	unit.page_end = page_at(s, unit.end - 1);
	ASSERT(s->count < NEAR_TEXTS_MAX);
	s->units[s->count++] = unit;
	return s->count == NEAR_TEXTS_MAX || unit.end > PANEL_BYTES
		? semantic_end_panel(s) : 0;
}

/* The open unit is as long as may be: it ends at the last blank of its second
 * half, or here; what is behind is read again. */
static int
close_long(struct semantic *s)
{
	size_t half = s->open + (s->at - s->open) / 2, at = s->at;

	while (at > half && !is_blank(s->text[at - 1]))
		at--;
	if (at > half) {
		s->chars -= measure_chars(s->text + at, s->at - at);
		s->at = at;
	}
	return close_unit(s, s->at, s->chars);
}

/* Does the open unit end before text[at]? */
static bool
is_end(const struct semantic *s)
{
	size_t chars = s->chars - s->open_chars;

	if (s->at <= s->hold || chars < UNIT_CHARS_MIN)
		return false;
	return (s->text[s->at] == '\n' && chars >= LINES_CHARS_MIN) ||
	    sentence_ends(s->text, s->len, s->at);
}

static void
read_char(struct semantic *s)
{
	size_t end = s->len - s->at > 4 ? s->at + 4 : s->len;

	do {
		s->at++;
	} while (s->at < end && ((unsigned char)s->text[s->at] & 0xC0) == 0x80);
	s->chars++;
}

/* A unit begins behind the blanks; an indent behind a line's end stays. */
static bool
skips(const struct semantic *s)
{
	char c = s->text[s->at];

	return s->at == s->open && (c == '\n' ||
	    (c == ' ' && (s->at == 0 || s->text[s->at - 1] != '\n')));
}

/* Read on; unless nothing follows, not to the end. */
static int
read_text(struct semantic *s, bool is_final)
{
	size_t limit;
	int err;

	for (;;) {
		/* A panel may end and the text move at any time. */
		limit = is_final ? s->len : s->len > AHEAD_BYTES
			? s->len - AHEAD_BYTES : 0;
		if (s->at >= limit)
			return 0;
		err = 0;
		if (skips(s)) {
			s->open = ++s->at;
			s->open_chars = ++s->chars;
		} else if (s->at > s->open && is_end(s)) {
			err = close_unit(s, s->at, s->chars);
		} else {
			read_char(s);
			if (s->chars - s->open_chars >= s->unit_chars_max ||
			    s->at - s->open >= UNIT_BYTES_MAX)
				err = close_long(s);
		}
		if (err < 0)
			return err;
	}
}

/* ---- blocks -------------------------------------------------------------- */

static int
put_text(struct semantic *s, const char *text, size_t len)
{
	size_t room, step;
	int err;

	while (len > 0) {
		room = TEXT_BYTES - s->len;
		ASSERT(room > 8);
		step = utf8_floor(text, len, room);
		if (step == 0) /* not UTF-8: against the contract */
			step = room < len ? room : len;
		memcpy(s->text + s->len, text, step);
		s->len += step;
		text += step;
		len -= step;
		err = read_text(s, false);
		if (err < 0)
			return err;
	}
	return 0;
}

static void
mark_page(struct semantic *s, uint32_t page)
{
	if (page == s->page)
		return;
	s->page_before = s->page;
	s->page_at = s->len;
	s->page = page;
}

/* Give out all that is held; the next block begins a new segment. */
static int
end_section(struct semantic *s)
{
	int err;

	err = read_text(s, true);
	if (err == 0)
		err = close_unit(s, s->len, s->chars);
	if (err == 0)
		err = semantic_give_rest(s);
	s->len = s->at = s->chars = s->open = s->open_chars = 0;
	s->hold = s->page_at = 0;
	return err;
}

/* The block before has ended: so does its last unit, unless it is a heading,
 * which stays with what is below, or too short. */
static int
end_block(struct semantic *s)
{
	int err;

	err = read_text(s, true);
	if (err < 0 || s->kind == BLOCK_HEADING ||
	    s->chars - s->open_chars < UNIT_CHARS_MIN)
		return err;
	return close_unit(s, s->len, s->chars);
}

/* Decide what stands between the block before and this one. */
static int
begin_block(struct semantic *s, const struct block *block)
{
	unsigned level = block->level < 1 ? 1 : block->level;
	bool is_heading = block->kind == BLOCK_HEADING;
	const char *separator = "\n\n";
	int err;

	/* A heading right below its parent joins it. */
	if (is_heading && (s->has_body || level <= s->section.level))
		err = end_section(s);
	else
		err = end_block(s);
	if (err < 0)
		return err;
	if (is_heading)
		section_set(&s->section, block);
	else if (block->kind == s->kind && block->kind != BLOCK_PARAGRAPH)
		separator = "\n";
	s->has_body = !is_heading;
	if (s->len > 0) {
		err = put_text(s, separator, strlen(separator));
		if (err < 0)
			return err;
	}
	if (is_heading)
		s->hold = SIZE_MAX;
	else if (s->kind == BLOCK_HEADING)
		s->hold = s->len;
	s->kind = block->kind;
	return 0;
}

static bool
is_all_blank(const struct block *block)
{
	size_t i;

	for (i = 0; i < block->len; i++) {
		if (!is_blank(block->text[i]))
			return false;
	}
	return true;
}

int
semantic_add(struct semantic *s, const struct block *block)
{
	int err;

	ASSERT(s->near.fn != NULL);
	if (!block->is_continued || !s->has_last) {
		if (is_all_blank(block))
			return 0;
		err = begin_block(s, block);
		if (err < 0)
			return err;
	}
	s->has_last = true;
	mark_page(s, block->page);
	return put_text(s, block->text, block->len);
}

int
semantic_end(struct semantic *s)
{
	return end_section(s);
}
