/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chunker holds the text that is not given out yet, at most an eighth
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

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <unicode/uchar.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/block.h"
#include "text/chunk.h"
#include "text/sentence.h"

#define CHARS_MIN 64u
#define CHARS_MAX 8000u
/* So that a cut always passes the overlap, whatever a character takes. */
#define OVERLAP_BYTES_MAX (SEGMENT_BYTES_MAX / 4)
/* So that six levels and their separators fit in SECTION_BYTES_MAX. */
#define TITLE_BYTES_MAX 164u
#define SECTION_SEPARATOR '\x1F'

_Static_assert(SECTION_DEPTH_MAX * (TITLE_BYTES_MAX + 1) < SECTION_BYTES_MAX,
    "a whole section path fits");

const struct chunk_rule chunk_rule_default = {
	.cut = {.method = CHUNK_STRUCTURE, .chars_max = 1200},
};

struct page_mark {
	uint32_t at; /* this page begins here in the text */
	uint32_t page;
};

struct chunker {
	struct chunk_rule rule;
	chunk_fn *fn;
	void *arg;

	char *text;
	size_t len, size;
	size_t chars; /* in text */
	size_t fresh; /* bytes in front that were given out before */
	size_t bytes_full, chars_full;

	struct page_mark *marks;
	size_t mark_count, mark_size;

	enum block_kind kind; /* of the last block */
	uint32_t ordinal;
	bool has_body; /* the section has more than headings */
	bool has_last; /* a block came already: one may continue it */

	unsigned level; /* of the last heading */
	char titles[SECTION_DEPTH_MAX][TITLE_BYTES_MAX + 1];
	char section[SECTION_BYTES_MAX];
};

/* utf8_count(), sixteen bytes at a time. */
static size_t
count_chars(const char *text, size_t len)
{
	size_t i = 0, count = 0;
#ifdef __SSE2__
	__m128i bytes, heads;
	unsigned mask;

	for (; len - i >= 16; i += 16) {
		bytes = _mm_loadu_si128(
		    (const __m128i *)(const void *)(text + i));
		if (_mm_movemask_epi8(bytes) == 0) {
			count += 16;
			continue;
		}
		heads = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(-65));
		mask = (unsigned)_mm_movemask_epi8(heads);
		count += (unsigned)__builtin_popcount(mask);
	}
#endif
	return count + utf8_count(text + i, len - i);
}

/* How many bytes the first max characters take. */
static size_t
bytes_of_chars(const char *text, size_t len, size_t max)
{
	size_t i, chars = 0;

	for (i = 0; i < len; i++) {
		if (((unsigned char)text[i] & 0xC0) != 0x80 && chars++ == max)
			break;
	}
	return i;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

struct chunker *
chunker_new(const struct chunk_rule *rule, chunk_fn *fn, void *arg)
{
	struct chunker *chunker;

	ASSERT(rule->cut.chars_max >= CHARS_MIN &&
	    rule->cut.chars_max <= CHARS_MAX);
	ASSERT(rule->cut.overlap_chars <= rule->cut.chars_max / 2);
	chunker = mem_zalloc(sizeof(*chunker));
	if (chunker == NULL)
		return NULL;
	chunker->rule = *rule;
	chunker->fn = fn;
	chunker->arg = arg;
	chunker->chars_full = rule->cut.chars_max + rule->cut.chars_max / 8;
	chunker->bytes_full = SEGMENT_BYTES_MAX + SEGMENT_BYTES_MAX / 8;
	if (chunker->bytes_full > 4 * chunker->chars_full)
		chunker->bytes_full = 4 * chunker->chars_full;
	/* One fill may pass the mark by a few characters, and a separator. */
	chunker->size = chunker->bytes_full + 128;
	/* Each mark needs a character, and a separator before the next. */
	chunker->mark_size = chunker->chars_full / 2 + 64;
	chunker->text = mem_alloc(chunker->size);
	chunker->marks = mem_array(chunker->mark_size,
	    sizeof(*chunker->marks));
	if (chunker->text == NULL || chunker->marks == NULL) {
		chunker_free(chunker);
		return NULL;
	}
	return chunker;
}

void
chunker_free(struct chunker *chunker)
{
	if (chunker == NULL)
		return;
	mem_free(chunker->text);
	mem_free(chunker->marks);
	mem_free(chunker);
}

static uint32_t
page_at(const struct chunker *chunker, size_t at)
{
	uint32_t page = 0;
	size_t i;

	for (i = 0; i < chunker->mark_count; i++) {
		if (chunker->marks[i].at > at)
			break;
		page = chunker->marks[i].page;
	}
	return page;
}

/* Give out text[0..end) without the blanks at its edges. */
static int
give(struct chunker *chunker, size_t end)
{
	struct chunk chunk = { 0 };
	size_t begin = 0;

	while (end > 0 && is_blank(chunker->text[end - 1]))
		end--;
	while (begin < end && chunker->text[begin] == '\n')
		begin++;
	if (begin == end)
		return 0;
	if (chunker->ordinal >= SEGMENTS_MAX)
		return ERR_TOO_BIG;
	chunk.ordinal = chunker->ordinal++;
	chunk.page_start = page_at(chunker, begin);
	chunk.page_end = page_at(chunker, end - 1);
	chunk.text = chunker->text + begin;
	chunk.len = end - begin;
	chunk.chars = (uint32_t)count_chars(chunk.text, chunk.len);
	chunk.section = chunker->section;
	return chunker->fn(chunker->arg, &chunk);
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
find_cut(const struct chunker *chunker, size_t chars)
{
	const char *text = chunker->text;
	size_t len = chunker->len, max, lo, cut;

	ASSERT(len > chunker->fresh);

	max = chunker->chars == len ? chars : bytes_of_chars(text, len, chars);
	if (max > SEGMENT_BYTES_MAX)
		max = utf8_floor(text, len, SEGMENT_BYTES_MAX);
	if (max > len)
		max = len;
	lo = max / 2 > chunker->fresh ? max / 2 : chunker->fresh;
	cut = best_border(text, len, lo, max);
	if (cut == 0 && lo > chunker->fresh)
		cut = best_border(text, len, chunker->fresh, lo);
	if (cut == 0)
		cut = char_border(text, len, chunker->fresh, max);
	/* Only text that is not UTF-8 gets here with less. */
	return cut > chunker->fresh ? cut : len;
}

/* Where the overlap of a segment that ends at cut begins: at a word. */
static size_t
find_overlap(const struct chunker *chunker, size_t cut)
{
	const char *text = chunker->text;
	size_t chars, from, at;

	if (chunker->rule.cut.overlap_chars == 0)
		return cut;
	chars = count_chars(text, cut);
	if (chars <= chunker->rule.cut.overlap_chars)
		return cut;
	from = bytes_of_chars(text, cut,
	    chars - chunker->rule.cut.overlap_chars);
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
move_up(struct chunker *chunker, size_t keep, size_t cut)
{
	uint32_t page = page_at(chunker, keep);
	size_t i, left = 0;

	if (chunker->mark_count > 0) {
		for (i = 0; i < chunker->mark_count; i++) {
			if (chunker->marks[i].at <= keep)
				continue;
			chunker->marks[left] = chunker->marks[i];
			chunker->marks[left++].at -= (uint32_t)keep;
		}
		memmove(chunker->marks + 1, chunker->marks,
		    left * sizeof(*chunker->marks));
		chunker->marks[0] = (struct page_mark){ 0, page };
		chunker->mark_count = left + 1;
	}
	chunker->chars = chunker->chars == chunker->len ?
	    chunker->chars - keep :
	    chunker->chars - count_chars(chunker->text, keep);
	memmove(chunker->text, chunker->text + keep, chunker->len - keep);
	chunker->len -= keep;
	chunker->fresh = cut - keep;
}

/* Give out one segment of at most chars characters, keep the rest. */
static int
cut_off(struct chunker *chunker, size_t chars)
{
	size_t cut, keep, next;
	int err;

	cut = find_cut(chunker, chars);
	err = give(chunker, cut);
	if (err < 0)
		return err;
	keep = find_overlap(chunker, cut);
	/* The border itself goes; an indent behind a line's end stays. */
	next = cut;
	if (next < chunker->len && chunker->text[next] == '\n') {
		while (next < chunker->len && chunker->text[next] == '\n')
			next++;
	} else {
		while (next < chunker->len && chunker->text[next] == ' ')
			next++;
	}
	if (keep == cut)
		keep = cut = next;
	move_up(chunker, keep, cut);
	return 0;
}

/* Give out all that is held; the next block begins a new segment. */
static int
flush(struct chunker *chunker)
{
	size_t chars;
	int err;

	while (chunker->chars > chunker->rule.cut.chars_max ||
	    chunker->len > SEGMENT_BYTES_MAX) {
		chars = chunker->rule.cut.chars_max;
		/* The half, and room to find a border behind it. */
		if (chunker->chars <= chunker->chars_full)
			chars = chunker->chars / 2 + chunker->chars / 8;
		err = cut_off(chunker, chars);
		if (err < 0)
			return err;
	}
	if (chunker->len > chunker->fresh) {
		err = give(chunker, chunker->len);
		if (err < 0)
			return err;
	}
	chunker->len = chunker->chars = chunker->fresh = 0;
	chunker->mark_count = 0;
	return 0;
}

static bool
is_full(const struct chunker *chunker)
{
	return chunker->chars > chunker->chars_full ||
	    chunker->len > chunker->bytes_full;
}

/* Put text behind what is held, giving out segments as it fills. */
static int
put_text(struct chunker *chunker, const char *text, size_t len)
{
	size_t step, room;
	int err;

	while (len > 0) {
		room = chunker->chars_full + 1 - chunker->chars;
		if (room < 64)
			room = 64;
		if (room > chunker->size - chunker->len)
			room = chunker->size - chunker->len;
		step = utf8_floor(text, len, room);
		if (step == 0) /* not UTF-8: against the contract */
			step = room < len ? room : len;
		memcpy(chunker->text + chunker->len, text, step);
		chunker->len += step;
		chunker->chars += count_chars(text, step);
		text += step;
		len -= step;
		while (is_full(chunker)) {
			err = cut_off(chunker, chunker->rule.cut.chars_max);
			if (err < 0)
				return err;
		}
	}
	return 0;
}

static void
mark_page(struct chunker *chunker, uint32_t page)
{
	struct page_mark *last;

	if (chunker->mark_count > 0) {
		last = &chunker->marks[chunker->mark_count - 1];
		if (last->page == page)
			return;
		if (last->at == chunker->len) {
			last->page = page;
			return;
		}
	} else if (page == 0) {
		return;
	}
	if (chunker->mark_count == chunker->mark_size)
		return;
	chunker->marks[chunker->mark_count++] =
	    (struct page_mark){ (uint32_t)chunker->len, page };
}

static void
set_section(struct chunker *chunker, const struct block *block)
{
	size_t len, i, used = 0;
	unsigned level;
	char *title;

	level = block->level < 1 ? 1 : block->level;
	if (level > SECTION_DEPTH_MAX)
		level = SECTION_DEPTH_MAX;
	for (i = level; i < SECTION_DEPTH_MAX; i++)
		chunker->titles[i][0] = '\0';
	title = chunker->titles[level - 1];
	len = utf8_floor(block->text, block->len, TITLE_BYTES_MAX);
	for (i = 0; i < len; i++)
		title[i] = (unsigned char)block->text[i] < ' ' ?
		    ' ' : block->text[i];
	title[len] = '\0';
	chunker->level = level;
	for (i = 0; i < level; i++) {
		len = strlen(chunker->titles[i]);
		if (len == 0)
			continue;
		if (used > 0)
			chunker->section[used++] = SECTION_SEPARATOR;
		memcpy(chunker->section + used, chunker->titles[i], len);
		used += len;
	}
	chunker->section[used] = '\0';
}

/* Decide what stands between the block before and this one. */
static int
begin_block(struct chunker *chunker, const struct block *block)
{
	unsigned level = block->level < 1 ? 1 : block->level;
	const char *separator = "\n\n";
	int err;

	if (block->kind == BLOCK_HEADING) {
		/* A heading right below its parent joins it. */
		if (chunker->has_body || level <= chunker->level) {
			err = flush(chunker);
			if (err < 0)
				return err;
		}
		/* Titles over the limit may have been cut off already: what
		 * was given out has its own section. */
		set_section(chunker, block);
		chunker->has_body = false;
	} else {
		chunker->has_body = true;
		if (block->kind == chunker->kind &&
		    block->kind != BLOCK_PARAGRAPH)
			separator = "\n";
	}
	chunker->kind = block->kind;
	if (chunker->len == 0)
		return 0;
	return put_text(chunker, separator, strlen(separator));
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
chunker_add(struct chunker *chunker, const struct block *block)
{
	int err;

	if (!block->is_continued || !chunker->has_last) {
		if (is_all_blank(block))
			return 0;
		err = begin_block(chunker, block);
		if (err < 0)
			return err;
	}
	chunker->has_last = true;
	mark_page(chunker, block->page);
	return put_text(chunker, block->text, block->len);
}

int
chunker_end(struct chunker *chunker)
{
	return flush(chunker);
}
