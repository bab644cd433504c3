/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From lines to blocks.
 *
 * A line goes on a paragraph unless something speaks against it: a wider step
 * down, another font, an indent, a marker, or that its first word would have
 * found room on the line before, which means that somebody ended that line on
 * purpose.
 *
 * Headings are what the outline says and what is set larger than the text, or
 * bold and alone on a line.
 */
#include <math.h>
#include <string.h>
#include <unicode/uchar.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/pdf.h"
#include "extractor/pdf_marker.h"

#define HEADING_RATIO 1.15f /* to the body's size */
#define HEADING_LINES_MAX 4u
#define HEADING_CHARS_MAX 250u
#define BOLD_CHARS_MAX 100u
#define LIST_DEPTH_MAX 8u
#define CODE_INDENT_MAX 80.0f

struct flow {
	struct pdf_reader *reader;
	struct pdf_page *page;
	struct buf text;
	float indents[LIST_DEPTH_MAX];
	unsigned depth; /* of the list that is open; 0: none */
	size_t next;	/* behind the block that is being made */
};

void
pdf_count_fonts(struct pdf_reader *reader, const struct pdf_page *page)
{
	const struct pdf_line *line;
	size_t i, slot, most = 0;

	for (i = 0; i < page->line_count; i++) {
		line = page->lines + i;
		slot = line->size <= 0 ? 0 : (size_t)(line->size * 2 + 0.5f);
		if (slot >= PDF_SIZES)
			slot = PDF_SIZES - 1;
		reader->size_chars[slot] += line->chars;
		reader->all_chars += line->chars;
		reader->mono_chars += line->is_mono ? line->chars : 0;
		reader->bold_chars += line->is_bold ? line->chars : 0;
	}
	for (i = 1; i < PDF_SIZES; i++)
		if (reader->size_chars[i] > reader->size_chars[most])
			most = i;
	reader->body_size = (float)most / 2;
	reader->is_mono = reader->mono_chars * 2 > reader->all_chars;
	reader->is_bold = reader->bold_chars * 2 > reader->all_chars;
}

static const char *
text_of(const struct pdf_page *page, const struct pdf_line *line)
{
	return buf_text(&page->text) + line->text;
}

static enum pdf_marker
marker_of(const struct pdf_page *page, const struct pdf_line *line,
    size_t *ret_len)
{
	const struct pdf_cell *cell = page->cells + line->cell;
	const char *text = text_of(page, line);
	enum pdf_marker marker = pdf_marker_of(text, line->len, ret_len);

	/* A word processor's second bullet, told from a word by the gap. */
	if (marker == MARKER_NONE && line->cells > 1 && line->len > 2 &&
	    text[0] == 'o' && text[1] == ' ' && cell->len <= 2) {
		*ret_len = 2;
		return MARKER_BULLET;
	}
	return marker;
}

/* ---- the edges of lines ------------------------------------------------- */

static uint32_t
first_character(const struct pdf_page *page, const struct pdf_line *line)
{
	size_t step;

	return line->len == 0 ? 0
			      : utf8_decode(text_of(page, line), line->len,
				    &step);
}

static uint32_t
last_character(const struct pdf_page *page, const struct pdf_line *line)
{
	const char *text = text_of(page, line);
	size_t at = line->len, step;

	if (at == 0)
		return 0;
	do
		at--;
	while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80);
	return utf8_decode(text + at, line->len - at, &step);
}

/* Lines of these scripts are joined without a blank. */
static bool
joins_bare(uint32_t c)
{
	return (c >= 0x2E80 && c <= 0x312F) || (c >= 0x3190 && c <= 0x9FFF) ||
	    (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F) ||
	    (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x20000 && c <= 0x3FFFF);
}

static bool
ends_sentence(uint32_t c)
{
	return c == '.' || c == '!' || c == '?' || c == ':' || c == ';' ||
	    c == 0x2026 || c == 0x3002 || c == 0xFF01 || c == 0xFF1F ||
	    c == 0x61F || c == 0x6D4 || c == 0x964 || c == '"' ||
	    c == 0x201D || c == ')';
}

static bool
would_fit(const struct pdf_page *page, const struct pdf_line *prev,
    const struct pdf_line *line)
{
	float width = line->first_width;

	if (joins_bare(first_character(page, line)))
		width = line->size;
	width += 0.75f * line->size;
	return prev->is_rtl ? prev->x1 - width > prev->left
			    : prev->x2 + width < prev->right;
}

static bool
is_centred(const struct pdf_line *prev, const struct pdf_line *line)
{
	return fabsf(prev->x1 + prev->x2 - line->x1 - line->x2) < line->size &&
	    fabsf(prev->x1 - line->x1) > line->size;
}

/* A line with a gap that is no blank that was stretched. */
static bool
is_row(const struct pdf_page *page, const struct pdf_line *line)
{
	const struct pdf_cell *cell = page->cells + line->cell;
	size_t i;

	if (line->x1 - line->left < 1 && line->right - line->x2 < 1)
		return false;
	for (i = 0; i + 1 < line->cells; i++)
		if (cell[i + 1].x1 - cell[i].x2 > 3 * line->size)
			return true;
	return false;
}

/* ---- what goes together ------------------------------------------------- */

/* A paragraph may go on at the top of the next column. */
static bool
goes_on_above(const struct pdf_page *page, const struct pdf_line *prev,
    const struct pdf_line *line)
{
	uint32_t last = last_character(page, prev);

	return !would_fit(page, prev, line) && prev->cells == 1 &&
	    !ends_sentence(last) &&
	    u_islower((UChar32)first_character(page, line));
}

/* How far a line begins behind the start of another, in reading direction. */
static float
indent_of(const struct pdf_line *line, const struct pdf_line *other)
{
	return line->is_rtl ? other->x2 - line->x2 : line->x1 - other->x1;
}

/* Does the indent of line say that it begins a paragraph? */
static bool
is_indented(const struct pdf_page *page, size_t first, size_t at, bool is_item)
{
	const struct pdf_line *lines = page->lines, *line = lines + at;
	const struct pdf_line *prev = line - 1, *next = line + 1;
	float d = indent_of(line, prev), size = line->size;

	if (is_centred(prev, line))
		return false;
	if (d > 0.8f * size) {
		if (first + 1 == at && is_item)
			return false;
		/* The first line hangs out, the others are indented. */
		return !(first + 1 == at && at + 1 < page->line_count &&
		    fabsf(indent_of(next, line)) < 0.2f * size &&
		    next->y1 > line->y1 && !would_fit(page, prev, line));
	}
	if (d < -0.8f * size) {
		if (is_item)
			return indent_of(line, lines + first) < 0.5f * size;
		/* Back to where the first line of the entry hung out. */
		return first + 1 < at &&
		    indent_of(line, lines + first) < 0.5f * size;
	}
	return false;
}

static bool
goes_on(const struct pdf_page *page, size_t first, size_t at,
    enum pdf_marker marker)
{
	const struct pdf_line *line = page->lines + at, *prev = line - 1;
	enum pdf_marker own;
	bool is_fresh;
	float step = line->y2 - prev->y2;
	size_t len;

	if (line->is_dropped || line->turn != prev->turn || line->level > 0 ||
	    prev->has_leader ||
	    fabsf(line->size - prev->size) > 0.08f * prev->size ||
	    line->is_mono != prev->is_mono || line->is_rtl != prev->is_rtl)
		return false;
	own = marker_of(page, line, &len);
	if (own == MARKER_BULLET || is_row(page, line) || is_row(page, prev))
		return false;
	is_fresh = !u_islower((UChar32)first_character(page, line));
	if (line->is_bold != prev->is_bold &&
	    (is_fresh || would_fit(page, prev, line)))
		return false;
	if (step < 0.3f * line->size)
		return goes_on_above(page, prev, line);
	if (step > 1.25f * fminf(line->pitch, 2.5f * line->size) + 0.5f ||
	    line->x1 > prev->x2 || line->x2 < prev->x1)
		return false;
	if (own != MARKER_NONE &&
	    (would_fit(page, prev, line) ||
		(marker != MARKER_NONE &&
		    fabsf(indent_of(line, page->lines + first)) < 2)))
		return false;
	if (is_indented(page, first, at, marker != MARKER_NONE))
		return false;
	return is_centred(prev, line) || !would_fit(page, prev, line) ||
	    !(is_fresh || ends_sentence(last_character(page, prev)));
}

/* ---- headings ----------------------------------------------------------- */

static bool
is_large(const struct pdf_reader *reader, const struct pdf_line *line)
{
	return line->size >= HEADING_RATIO * reader->body_size &&
	    line->size - reader->body_size >= 0.9f && !line->has_leader &&
	    (!line->is_mono || reader->is_mono);
}

static unsigned
level_of_size(const struct pdf_reader *reader, const struct pdf_line *line)
{
	float ratio = line->size / fmaxf(reader->body_size, 1);

	return ratio >= 1.6f ? 1 : ratio >= 1.3f ? 2 : 3;
}

/* Lines of one heading: of one font, close together. */
static bool
is_same_heading(const struct pdf_line *prev, const struct pdf_line *line)
{
	float step = line->y2 - prev->y2;

	return !line->is_dropped && line->turn == prev->turn &&
	    fabsf(line->size - prev->size) < 0.03f * prev->size &&
	    line->is_bold == prev->is_bold && step > 0.3f * line->size &&
	    step < 1.6f * line->size && line->x1 < prev->x2 &&
	    line->x2 > prev->x1;
}

/* The outline's heading that begins here may go over several lines. */
static unsigned
outline_heading(struct flow *flow, size_t at)
{
	const struct pdf_page *page = flow->page;
	const struct pdf_line *line = page->lines + at;
	size_t i, len = line->len;
	unsigned level;

	flow->next = at + 1;
	if (line->level > 0 || flow->reader->outline.count == 0)
		return line->level;
	for (i = at + 1; i < page->line_count && i < at + HEADING_LINES_MAX &&
	    is_same_heading(page->lines + i - 1, page->lines + i);
	    i++) {
		len = page->lines[i].text + page->lines[i].len - line->text;
		level = pdf_outline_level(&flow->reader->outline,
		    page->number, pdf_key(text_of(page, line), len));
		if (level > 0) {
			flow->next = i + 1;
			return level;
		}
	}
	return 0;
}

static unsigned
large_heading(struct flow *flow, size_t at)
{
	const struct pdf_page *page = flow->page;
	size_t i, chars = page->lines[at].chars;

	if (!is_large(flow->reader, page->lines + at) ||
	    page->lines[at].key == PDF_KEY_NONE || page->lines[at].chars < 2)
		return 0;
	for (i = at + 1; i < page->line_count &&
	    page->lines[i].level == 0 &&
	    is_same_heading(page->lines + i - 1, page->lines + i);
	    i++)
		chars += page->lines[i].chars;
	if (i - at > HEADING_LINES_MAX || chars > HEADING_CHARS_MAX)
		return 0;
	flow->next = i;
	return level_of_size(flow->reader, page->lines + at);
}

/* Bold, alone, set off from what is above. */
static unsigned
bold_heading(struct flow *flow, size_t at)
{
	const struct pdf_page *page = flow->page;
	const struct pdf_line *line = page->lines + at, *prev, *next;
	uint32_t last;
	size_t len;

	if (!line->is_bold || flow->reader->is_bold || line->cells > 1 ||
	    line->has_leader ||
	    line->chars < 3 || line->chars > BOLD_CHARS_MAX ||
	    line->key == PDF_KEY_NONE ||
	    line->size < 0.95f * flow->reader->body_size ||
	    marker_of(page, line, &len) == MARKER_BULLET)
		return 0;
	last = last_character(page, line);
	if (last == '.' || last == ',' || last == ';' || last == ':')
		return 0;
	if (at > 0) {
		prev = line - 1;
		if (prev->turn == line->turn && line->y2 > prev->y2 &&
		    line->y2 - prev->y2 < 1.15f * prev->pitch)
			return 0;
	}
	next = line + 1;
	if (at + 1 == page->line_count || next->is_bold ||
	    next->turn != line->turn || next->y2 <= line->y2 ||
	    next->y2 - line->y2 > 4 * line->size)
		return 0;
	flow->next = at + 1;
	return 4;
}

/* ---- out ---------------------------------------------------------------- */

/* The text of lines from at to flow->next. */
static void
gather(struct flow *flow, size_t at, size_t skip, char between)
{
	const struct pdf_page *page = flow->page;
	const struct pdf_line *line = page->lines + at, *prev;

	buf_clear(&flow->text);
	(void)buf_put(&flow->text, text_of(page, line) + skip,
	    line->len - skip); /* errors stick */
	for (at++; at < flow->next; at++) {
		prev = line;
		line = page->lines + at;
		if (!joins_bare(last_character(page, prev)) ||
		    !joins_bare(first_character(page, line)))
			(void)buf_putc(&flow->text, between);
		(void)buf_put(&flow->text, text_of(page, line), line->len);
	}
}

static int
put_block(struct flow *flow, enum block_kind kind, unsigned level)
{
	struct emit *emit = flow->reader->emit;

	if (flow->text.err < 0 && emit->err == 0)
		return emit->err = flow->text.err;
	return emit_block(emit, kind, level, buf_text(&flow->text),
	    flow->text.len);
}

/* Lines of a typewriter's font, with their indents. */
static bool
put_code(struct flow *flow, size_t at)
{
	const struct pdf_page *page = flow->page;
	const struct pdf_line *line = page->lines + at;
	float left = line->x1, width, indent;
	size_t i, end, chars;

	if (!line->is_mono || flow->reader->is_mono)
		return false;
	for (end = at + 1; end < page->line_count; end++) {
		line = page->lines + end;
		if (!line->is_mono || line->is_dropped || line->level > 0 ||
		    line->turn != line[-1].turn || line->y1 <= line[-1].y1 ||
		    line->y2 - line[-1].y2 > 4 * line->size)
			break;
		left = fminf(left, line->x1);
	}
	if (end - at < 2)
		return false;
	buf_clear(&flow->text);
	for (i = at; i < end; i++) {
		line = page->lines + i;
		if (i > at)
			(void)buf_puts(&flow->text,
			    line->y2 - line[-1].y2 > 1.7f * line->pitch
				? "\n\n"
				: "\n");
		chars = utf8_count(text_of(page, line), line->len);
		width = chars == 0 ? 1 : (line->x2 - line->x1) / (float)chars;
		indent = (line->x1 - left) / fmaxf(width, 1) + 0.5f;
		(void)buf_printf(&flow->text, "%*s",
		    (int)fminf(indent, CODE_INDENT_MAX), "");
		(void)buf_put(&flow->text, text_of(page, line), line->len);
	}
	flow->next = end;
	(void)put_block(flow, BLOCK_CODE, 0); /* the error sticks */
	return true;
}

/* The depth of an item that begins at x. */
static unsigned
list_depth(struct flow *flow, const struct pdf_line *line)
{
	float x = line->is_rtl ? -line->x2 : line->x1;

	while (flow->depth > 0 && flow->indents[flow->depth - 1] > x + 2)
		flow->depth--;
	if (flow->depth == 0 || (flow->indents[flow->depth - 1] < x - 2 &&
				    flow->depth < LIST_DEPTH_MAX))
		flow->indents[flow->depth++] = x;
	return flow->depth;
}

static int
put_text(struct flow *flow, size_t at)
{
	const struct pdf_page *page = flow->page;
	enum pdf_marker marker;
	unsigned level;
	size_t len;

	level = outline_heading(flow, at);
	if (level == 0)
		level = large_heading(flow, at);
	if (level == 0)
		level = bold_heading(flow, at);
	if (level > 0) {
		flow->depth = 0;
		gather(flow, at, 0, ' ');
		return put_block(flow, BLOCK_HEADING, level);
	}
	if (put_code(flow, at)) {
		flow->depth = 0;
		return flow->reader->emit->err;
	}
	marker = marker_of(page, page->lines + at, &len);
	for (flow->next = at + 1; flow->next < page->line_count &&
	    goes_on(page, at, flow->next, marker);
	    flow->next++)
		continue;
	gather(flow, at, marker == MARKER_NUMBER ? 0 : len, '\n');
	if (marker != MARKER_NONE)
		return put_block(flow, BLOCK_LIST_ITEM,
		    list_depth(flow, page->lines + at));
	flow->depth = 0;
	return put_block(flow, BLOCK_PARAGRAPH, 0);
}

int
pdf_blocks_emit(struct pdf_reader *reader, struct pdf_page *page)
{
	struct flow flow = {.reader = reader, .page = page};
	size_t at, rows, looked = 0;
	struct emit *emit = reader->emit;

	buf_init(&flow.text, PDF_PAGE_TEXT_MAX);
	for (at = 0; at < page->line_count && emit->err == 0; at = flow.next) {
		flow.next = at + 1;
		if (page->lines[at].is_dropped)
			continue;
		rows = at < looked ? 0
				   : pdf_table_emit(reader, page, at, &looked);
		if (rows > 0) {
			flow.next = at + rows;
			flow.depth = 0;
		} else {
			(void)put_text(&flow, at); /* the error sticks */
		}
	}
	buf_fini(&flow.text);
	return emit->err;
}
