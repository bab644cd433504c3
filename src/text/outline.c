/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An outline holds the text that is not given out yet, at most an eighth
 * more than a segment:
 *
 *	text	| fresh: repeated already | new ........... | room |
 *
 * When that is full, a segment is cut off its front, at the best border in
 * the second half of what a segment may hold; the rest moves to the front.
 * Because a cut waits for the eighth, what is left at a section's end is
 * never tiny: either all fits in one segment, or it is cut near the middle.
 *
 * Borders are read off the text itself (an empty line, a line's end, the end
 * of a sentence, a blank), so that nothing but the pages is kept beside it.
 */
#include <stdbool.h>
#include <string.h>

#include <unicode/uchar.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/block.h"
#include "text/chunk.h"
#include "text/measure.h"
#include "text/outline.h"
#include "text/section.h"
#include "text/sentence.h"

/* So that a cut always passes the overlap, whatever a character takes. */
#define OVERLAP_BYTES_MAX (SEGMENT_BYTES_MAX / 4)

struct page_mark {
	uint32_t at; /* this page begins here in the text */
	uint32_t page;
};

struct outline {
	struct chunk_cut cut;
	chunk_fn *fn;
	void *arg;

	char *text;
	size_t len, size;
	size_t chars; /* in text */
	size_t fresh; /* bytes in front that were given out before */
	size_t moved; /* bytes that stood before text */
	size_t bytes_full, chars_full;

	struct page_mark *marks;
	size_t mark_count, mark_size;

	enum block_kind kind; /* of the last block */
	uint32_t ordinal;
	bool has_body; /* the section has more than headings */
	bool has_last; /* a block came already: one may continue it */

	struct section section;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

struct outline *
outline_new(const struct chunk_cut *cut, chunk_fn *fn, void *arg)
{
	struct outline *outline;

	outline = mem_zalloc(sizeof(*outline));
	if (outline == NULL)
		return NULL;
	outline->cut = *cut;
	outline->fn = fn;
	outline->arg = arg;
	outline->chars_full = cut->chars_max + cut->chars_max / 8;
	outline->bytes_full = SEGMENT_BYTES_MAX + SEGMENT_BYTES_MAX / 8;
	if (outline->bytes_full > 4 * outline->chars_full)
		outline->bytes_full = 4 * outline->chars_full;
	/* One fill may pass the mark by a few characters, and a separator. */
	outline->size = outline->bytes_full + 128;
	/* Each mark needs a character, and a separator before the next. */
	outline->mark_size = outline->chars_full / 2 + 64;
	outline->text = mem_alloc(outline->size);
	outline->marks = mem_array(outline->mark_size,
	    sizeof(*outline->marks));
	if (outline->text == NULL || outline->marks == NULL) {
		outline_free(outline);
		return NULL;
	}
	return outline;
}

void
outline_free(struct outline *outline)
{
	if (outline == NULL)
		return;
	mem_free(outline->text);
	mem_free(outline->marks);
	mem_free(outline);
}

static uint32_t
page_at(const struct outline *outline, size_t at)
{
	uint32_t page = 0;
	size_t i;

	for (i = 0; i < outline->mark_count; i++) {
		if (outline->marks[i].at > at)
			break;
		page = outline->marks[i].page;
	}
	return page;
}

/* Give out text[0..end) without the blanks at its edges. */
static int
give(struct outline *outline, size_t end)
{
	struct chunk chunk = { 0 };
	size_t begin = 0;

	while (end > 0 && is_blank(outline->text[end - 1]))
		end--;
	while (begin < end && outline->text[begin] == '\n')
		begin++;
	if (begin == end)
		return 0;
	if (outline->ordinal >= SEGMENTS_MAX)
		return ERR_TOO_BIG;
	chunk.ordinal = outline->ordinal++;
	chunk.page_start = page_at(outline, begin);
	chunk.page_end = page_at(outline, end - 1);
	chunk.text = outline->text + begin;
	chunk.len = end - begin;
	chunk.chars = (uint32_t)measure_chars(chunk.text, chunk.len);
	chunk.section = outline->section.path;
	return outline->fn(outline->arg, &chunk);
}

/*
 * Where a segment of at most max bytes ends best, behind lo.  The kinds of
 * borders in falling order; of one kind the last one.
 */
static size_t
best_border(const char *text, size_t len, size_t lo, size_t max)
{
	size_t at, line = 0, word = 0, sentence = 0;

	for (at = max; at > lo; at--) {
		if (at == len || !is_blank(text[at])) {
			if (sentence == 0 && at < len &&
			    (unsigned char)text[at - 1] >= 0x80 &&
			    ((unsigned char)text[at] & 0xC0) != 0x80 &&
			    sentence_ends(text, len, at))
				sentence = at;
			continue;
		}
		if (word == 0)
			word = at;
		if (text[at] == '\n') {
			if (text[at - 1] == '\n' && at - 1 > lo)
				return at - 1;
			if (line == 0)
				line = at;
		} else if (sentence == 0 && text[at] == ' ' &&
		    sentence_ends(text, len, at)) {
			sentence = at;
		}
	}
	return line != 0 ? line : sentence != 0 ? sentence : word;
}

/* The last place at or before max where a character may be split off. */
static size_t
char_border(const char *text, size_t len, size_t lo, size_t max)
{
	size_t at = utf8_floor(text, len, max), step;
	unsigned tries;
	uint32_t c;

	for (tries = 0; tries < 16 && at < len; tries++) {
		c = utf8_decode(text + at, len - at, &step);
		if (c < 0x300 || (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) == 0)
			return at;
		if (at <= lo + 4)
			break;
		at = utf8_floor(text, len, at - 1);
	}
	return utf8_floor(text, len, max);
}

/* Where to cut when a segment may have chars characters; > fresh. */
static size_t
find_cut(const struct outline *outline, size_t chars)
{
	const char *text = outline->text;
	size_t len = outline->len, max, lo, cut;

	ASSERT(len > outline->fresh);

	max = outline->chars == len ? chars : measure_bytes(text, len, chars);
	if (max > SEGMENT_BYTES_MAX)
		max = utf8_floor(text, len, SEGMENT_BYTES_MAX);
	if (max > len)
		max = len;
	lo = max / 2 > outline->fresh ? max / 2 : outline->fresh;
	cut = best_border(text, len, lo, max);
	if (cut == 0 && lo > outline->fresh)
		cut = best_border(text, len, outline->fresh, lo);
	if (cut == 0)
		cut = char_border(text, len, outline->fresh, max);
	/* Only text that is not UTF-8 gets here with less. */
	return cut > outline->fresh ? cut : len;
}

/* Where the overlap of a segment that ends at cut begins: at a word. */
static size_t
find_overlap(const struct outline *outline, size_t cut)
{
	const char *text = outline->text;
	size_t chars, from, at;

	if (outline->cut.overlap_chars == 0)
		return cut;
	chars = measure_chars(text, cut);
	if (chars <= outline->cut.overlap_chars)
		return cut;
	from = measure_bytes(text, cut,
	    chars - outline->cut.overlap_chars);
	if (cut - from > OVERLAP_BYTES_MAX)
		from = utf8_floor(text, cut, cut - OVERLAP_BYTES_MAX);
	for (at = from; at < cut; at++) {
		if (is_blank(text[at - 1]) && !is_blank(text[at]))
			return at;
	}
	/* No blanks: a script without them, any character will do. */
	return (unsigned char)text[from] >= 0x80 ? from : cut;
}

/* Drop text[0..keep); what stands before cut was given out. */
static void
move_up(struct outline *outline, size_t keep, size_t cut)
{
	uint32_t page = page_at(outline, keep);
	size_t i, left = 0;

	if (outline->mark_count > 0) {
		for (i = 0; i < outline->mark_count; i++) {
			if (outline->marks[i].at <= keep)
				continue;
			outline->marks[left] = outline->marks[i];
			outline->marks[left++].at -= (uint32_t)keep;
		}
		memmove(outline->marks + 1, outline->marks,
		    left * sizeof(*outline->marks));
		outline->marks[0] = (struct page_mark){ 0, page };
		outline->mark_count = left + 1;
	}
	outline->chars = outline->chars == outline->len ?
	    outline->chars - keep :
	    outline->chars - measure_chars(outline->text, keep);
	memmove(outline->text, outline->text + keep, outline->len - keep);
	outline->len -= keep;
	outline->moved += keep;
	outline->fresh = cut - keep;
}

/* Give out one segment of at most chars characters, keep the rest. */
static int
cut_off(struct outline *outline, size_t chars)
{
	size_t cut, keep, next;
	int err;

	cut = find_cut(outline, chars);
	err = give(outline, cut);
	if (err < 0)
		return err;
	keep = find_overlap(outline, cut);
	/* The border itself goes; an indent behind a line's end stays. */
	next = cut;
	if (next < outline->len && outline->text[next] == '\n') {
		while (next < outline->len && outline->text[next] == '\n')
			next++;
	} else {
		while (next < outline->len && outline->text[next] == ' ')
			next++;
	}
	if (keep == cut)
		keep = cut = next;
	move_up(outline, keep, cut);
	return 0;
}

/* Give out all that is held; the next block begins a new segment. */
static int
flush(struct outline *outline)
{
	size_t chars;
	int err;

	while (outline->chars > outline->cut.chars_max ||
	    outline->len > SEGMENT_BYTES_MAX) {
		chars = outline->cut.chars_max;
		/* The half, and room to find a border behind it. */
		if (outline->chars <= outline->chars_full)
			chars = outline->chars / 2 + outline->chars / 8;
		err = cut_off(outline, chars);
		if (err < 0)
			return err;
	}
	if (outline->len > outline->fresh) {
		err = give(outline, outline->len);
		if (err < 0)
			return err;
	}
	outline->len = outline->chars = outline->fresh = 0;
	outline->mark_count = 0;
	return 0;
}

static bool
is_full(const struct outline *outline)
{
	return outline->chars > outline->chars_full ||
	    outline->len > outline->bytes_full;
}

/* Put text behind what is held, giving out segments as it fills. */
static int
put_text(struct outline *outline, const char *text, size_t len)
{
	size_t step, room;
	int err;

	while (len > 0) {
		room = outline->chars_full + 1 - outline->chars;
		if (room < 64)
			room = 64;
		if (room > outline->size - outline->len)
			room = outline->size - outline->len;
		step = utf8_floor(text, len, room);
		if (step == 0) /* not UTF-8: against the contract */
			step = room < len ? room : len;
		memcpy(outline->text + outline->len, text, step);
		outline->len += step;
		outline->chars += measure_chars(text, step);
		text += step;
		len -= step;
		while (is_full(outline)) {
			err = cut_off(outline, outline->cut.chars_max);
			if (err < 0)
				return err;
		}
	}
	return 0;
}

static void
mark_page(struct outline *outline, uint32_t page)
{
	struct page_mark *last;

	if (outline->mark_count > 0) {
		last = &outline->marks[outline->mark_count - 1];
		if (last->page == page)
			return;
		if (last->at == outline->len) {
			last->page = page;
			return;
		}
	} else if (page == 0) {
		return;
	}
	if (outline->mark_count == outline->mark_size)
		return;
	outline->marks[outline->mark_count++] =
	    (struct page_mark){ (uint32_t)outline->len, page };
}

/* Decide what stands between the block before and this one. */
static int
begin_block(struct outline *outline, const struct block *block)
{
	unsigned level = block->level < 1 ? 1 : block->level;
	const char *separator = "\n\n";
	int err;

	if (block->kind == BLOCK_HEADING) {
		/* A heading right below its parent joins it. */
		if (outline->has_body || level <= outline->section.level) {
			err = flush(outline);
			if (err < 0)
				return err;
		}
		/* Titles over the limit may have been cut off already: what
		 * was given out has its own section. */
		section_set(&outline->section, block);
		outline->has_body = false;
	} else {
		outline->has_body = true;
		if (block->kind == outline->kind &&
		    block->kind != BLOCK_PARAGRAPH)
			separator = "\n";
	}
	outline->kind = block->kind;
	if (outline->len == 0)
		return 0;
	return put_text(outline, separator, strlen(separator));
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
outline_add(struct outline *outline, const struct block *block)
{
	int err;

	if (!block->is_continued || !outline->has_last) {
		if (is_all_blank(block))
			return 0;
		err = begin_block(outline, block);
		if (err < 0)
			return err;
	}
	outline->has_last = true;
	mark_page(outline, block->page);
	return put_text(outline, block->text, block->len);
}

int
outline_end(struct outline *outline)
{
	return flush(outline);
}

size_t
outline_start(const struct outline *outline, const struct chunk *chunk)
{
	return outline->moved + (size_t)(chunk->text - outline->text);
}

void
outline_clear(struct outline *outline)
{
	ASSERT(outline->len == 0);
	memset(&outline->section, 0, sizeof(outline->section));
	outline->kind = BLOCK_PARAGRAPH;
	outline->ordinal = 0;
	outline->moved = 0;
	outline->has_body = outline->has_last = false;
}
