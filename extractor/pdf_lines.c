/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From pieces to lines of text.
 *
 * Pieces that follow each other on one height become one line again; the gaps
 * are remembered, they may be those of a table.  The dots that lead the eye
 * from a chapter's name to its page are left out.
 */
#include <math.h>
#include <string.h>
#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/pdf.h"
#include "extractor/pdf_frag.h"

/* Gaps, in sizes of the font. */
#define GAP_WORD 0.2f
#define GAP_WORD_WIDE 0.8f /* between characters that need no blanks */
#define GAP_CELL 1.0f
#define GAP_LETTERS 1.2f /* s p a c e d letters */

#define FRAGS_OF_LINE_MAX 1000u
#define FONTS_OF_LINE 4u
#define LEADER_DOTS_MIN 5u

void
pdf_work_init(struct pdf_work *work)
{
	memset(work, 0, sizeof(*work));
}

void
pdf_work_fini(struct pdf_work *work)
{
	pdf_glyphs_fini(&work->glyphs);
	mem_free(work->frags);
	mem_free(work->visual);
	if (work->bidi != NULL)
		ubidi_close(work->bidi);
	memset(work, 0, sizeof(*work));
}

void
pdf_page_init(struct pdf_page *page)
{
	memset(page, 0, sizeof(*page));
	buf_init(&page->text, PDF_PAGE_TEXT_MAX);
}

void
pdf_page_fini(struct pdf_page *page)
{
	mem_free(page->lines);
	mem_free(page->cells);
	buf_fini(&page->text);
	pdf_page_init(page);
}

/* ---- text -------------------------------------------------------------- */

/* Characters of scripts that put no blanks between words. */
static bool
is_ideographic(uint32_t c)
{
	return (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xF900 && c <= 0xFAFF) ||
	    (c >= 0xFE30 && c <= 0xFE4F) || (c >= 0xFF00 && c <= 0xFFEF) ||
	    (c >= 0x20000 && c <= 0x3FFFF);
}

/* Symbols of the fonts that every office had, and what is no character of a
 * text (0). */
static uint32_t
real_character(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} symbols[] = {{0xF0B7, 0x2022}, {0xF0A7, 0x25AA}, {0xF0D8, 0x27A2},
	    {0xF0FC, 0x2713}, {0xF06F, 0x25A1}, {0xF0E0, 0x2192},
	    {0xF02D, 0x2212}, {0xF0A8, 0x25AB}, {0xF076, 0x2756}};
	size_t i;

	if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFEFF ||
	    (c & 0xFFFE) == 0xFFFE || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	if (c >= 0xF020 && c <= 0xF0FF)
		for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
			if (symbols[i].from == c)
				return symbols[i].to;
	return c;
}

static uint32_t
next_unit(const UChar *text, int32_t len, int32_t *at)
{
	uint32_t c = text[(*at)++];

	if ((c & 0xFC00) == 0xD800 && *at < len &&
	    (text[*at] & 0xFC00) == 0xDC00)
		c = 0x10000 + ((c - 0xD800) << 10) + text[(*at)++] - 0xDC00;
	return c;
}

/* Shapes that fonts have for letters become the letters. */
static void
put_character(struct buf *text, uint32_t c)
{
	const UNormalizer2 *nfkc;
	UErrorCode status = U_ZERO_ERROR;
	UChar letters[32];
	uint32_t letter;
	char utf8[4];
	int32_t i = 0, n = -1;

	c = pdf_is_blank(c) ? ' ' : real_character(c);
	if (c == 0)
		return;
	if ((c >= 0xFB00 && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFC)) {
		nfkc = unorm2_getNFKCInstance(&status);
		if (U_SUCCESS(status))
			n = unorm2_getDecomposition(nfkc, (UChar32)c, letters,
			    32, &status);
		if (U_FAILURE(status))
			n = -1;
	}
	if (n <= 0) {
		(void)buf_put(text, utf8, utf8_encode(c, utf8));
		return; /* errors stick */
	}
	while (i < n) {
		letter = next_unit(letters, n, &i);
		if (letter > 0 && (letter & 0xFFFFF800) != 0xD800)
			(void)buf_put(text, utf8, utf8_encode(letter, utf8));
	}
}

/* What was seen from left to right, as it is read. */
static int
put_right_to_left(struct pdf_work *work, struct buf *text, size_t len,
    bool is_mostly)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar *read = work->visual + work->visual_size;
	int32_t i = 0, n;

	if (work->bidi == NULL)
		work->bidi = ubidi_open();
	if (work->bidi == NULL)
		return ERR_NOMEM;
	ubidi_setReorderingMode(work->bidi,
	    UBIDI_REORDER_INVERSE_LIKE_DIRECT);
	ubidi_setPara(work->bidi, work->visual, (int32_t)len,
	    is_mostly ? 1 : 0, NULL, &status);
	n = ubidi_writeReordered(work->bidi, read,
	    (int32_t)work->visual_size, UBIDI_KEEP_BASE_COMBINING, &status);
	if (status == U_MEMORY_ALLOCATION_ERROR)
		return ERR_NOMEM;
	if (U_FAILURE(status)) {
		n = (int32_t)len;
		read = work->visual;
	}
	while (i < n)
		put_character(text, next_unit(read, n, &i));
	return text->err;
}

/* The counts of a line's glyphs that decide what it is. */
struct line_count {
	float sizes[FONTS_OF_LINE];
	size_t chars[FONTS_OF_LINE];
	size_t all, bold, mono, right, left;
};

static void
count_glyph(struct line_count *count, const struct pdf_glyphs *glyphs,
    const struct pdf_glyph *glyph)
{
	const struct pdf_font *font = NULL;
	UCharDirection direction;
	float size = glyph->y2 - glyph->y1;
	size_t i = 0;

	if (glyph->font < glyphs->font_count) {
		font = glyphs->fonts + glyph->font;
		size = font->size;
		count->bold += font->is_bold;
		count->mono += font->is_mono;
	}
	while (i + 1 < FONTS_OF_LINE && count->chars[i] > 0 &&
	    fabsf(count->sizes[i] - size) > 0.25f)
		i++;
	if (count->chars[i]++ == 0)
		count->sizes[i] = size;
	count->all++;
	if (glyph->c < 0x80) {
		count->left += (glyph->c | 0x20) >= 'a' &&
		    (glyph->c | 0x20) <= 'z';
		return;
	}
	direction = u_charDirection((UChar32)glyph->c);
	count->left += direction == U_LEFT_TO_RIGHT;
	count->right += pdf_is_right_to_left(glyph->c);
}

/* What stands between two glyphs of a line: 0 nothing, ' ' a blank, '|' a gap
 * as wide as between cells. */
static char
between(const struct pdf_glyph *left, const struct pdf_glyph *right,
    float size, bool has_blank, bool is_spaced)
{
	float gap = right->x1 - left->x2;

	if (is_spaced)
		return gap > GAP_LETTERS * size ? ' ' : 0;
	if (gap > GAP_CELL * size)
		return '|';
	if (has_blank)
		return ' ';
	if (is_ideographic(left->c) || is_ideographic(right->c))
		return gap > GAP_WORD_WIDE * size ? ' ' : 0;
	return gap > GAP_WORD * size ? ' ' : 0;
}

/* A line that is being put together from pieces. */
struct line_maker {
	struct pdf_work *work;
	struct pdf_page *page;
	struct pdf_line *line;
	struct line_count count;
	const struct pdf_glyph *last;
	size_t visual_len;
	bool has_blank, is_rtl;
};

static int
begin_cell(struct line_maker *maker, float x1)
{
	struct pdf_page *page = maker->page;
	int err;

	err = pdf_room_for_one((void **)&page->cells, &page->cells_size,
	    page->cell_count, sizeof(*page->cells));
	if (err < 0)
		return err;
	page->cells[page->cell_count++] =
	    (struct pdf_cell){.x1 = x1, .x2 = x1, .text = page->text.len};
	maker->line->cells++;
	return 0;
}

static void
end_cell(struct line_maker *maker)
{
	struct pdf_cell *cell =
	    maker->page->cells + maker->page->cell_count - 1;

	cell->len = maker->page->text.len - cell->text;
	cell->x2 = maker->last->x2;
}

static void
put_glyph(struct line_maker *maker, uint32_t c)
{
	struct pdf_work *work = maker->work;
	size_t n = maker->visual_len;

	if (!maker->is_rtl) {
		put_character(&maker->page->text, c);
		return;
	}
	if (real_character(c) == 0 || n + 2 > work->visual_size)
		return;
	if (c > 0xFFFF) {
		work->visual[n++] = U16_LEAD((UChar32)c);
		c = U16_TRAIL((UChar32)c);
	}
	work->visual[n++] = (uint16_t)c;
	maker->visual_len = n;
}

/* How many glyphs from g on are a line of dots; 0: fewer than make one. */
static size_t
leader_len(const struct pdf_glyph *g, size_t count)
{
	size_t i, dots = 0, len = 0;

	for (i = 0; i < count && (g[i].c == '.' || pdf_is_blank(g[i].c)); i++)
		if (g[i].c == '.') {
			dots++;
			len = i + 1;
		}
	return dots < LEADER_DOTS_MIN ? 0 : len;
}

static int
put_frag(struct line_maker *maker, const struct pdf_frag *frag)
{
	const struct pdf_glyphs *glyphs = &maker->work->glyphs;
	const struct pdf_glyph *g = glyphs->list + frag->glyph;
	struct pdf_line *line = maker->line;
	char gap;
	size_t i, len;
	int err;

	for (i = 0; i < frag->count; i++, g++) {
		len = g->c == '.' ? leader_len(g, frag->count - i) : 0;
		if (len > 0 && maker->last != NULL) {
			i += len - 1;
			g += len - 1;
			maker->last = g;
			maker->has_blank = line->has_leader = true;
			continue;
		}
		if (pdf_is_blank(g->c)) {
			maker->has_blank = true;
			continue;
		}
		gap = maker->last == NULL ? 0
		    : between(maker->last, g, frag->size, maker->has_blank,
			  frag->is_spaced && i > 0);
		if (gap != 0 && line->first_width <= 0)
			line->first_width = maker->last->x2 - line->x1;
		if (gap == '|' && !maker->is_rtl) {
			end_cell(maker);
			put_glyph(maker, ' ');
			err = begin_cell(maker, g->x1);
			if (err < 0)
				return err;
		} else if (gap != 0) {
			put_glyph(maker, ' ');
		}
		put_glyph(maker, g->c);
		count_glyph(&maker->count, glyphs, g);
		maker->last = g;
		maker->has_blank = false;
	}
	return maker->page->text.err;
}

/* ---- lines ------------------------------------------------------------- */

uint64_t
pdf_key(const char *text, size_t len)
{
	uint64_t key = PDF_KEY_NONE;
	size_t i, step;
	uint32_t c;

	for (i = 0; i < len; i += step) {
		c = utf8_decode(text + i, len - i, &step);
		if (c < 0x80) {
			c |= 0x20;
			if (c < 'a' || c > 'z')
				continue;
		} else if (c == UTF8_BAD || !u_isUAlphabetic((UChar32)c)) {
			continue;
		} else {
			c = (uint32_t)u_foldCase((UChar32)c,
			    U_FOLD_CASE_DEFAULT);
		}
		key = (key ^ c) * 0x100000001B3u;
	}
	return key;
}

static void
judge_line(struct pdf_line *line, const struct line_count *count)
{
	size_t i, most = 0;

	for (i = 1; i < FONTS_OF_LINE; i++)
		if (count->chars[i] > count->chars[most])
			most = i;
	line->size = count->sizes[most];
	line->chars = count->all;
	line->is_bold = count->bold * 10 >= count->all * 9;
	line->is_mono = count->mono * 10 >= count->all * 9;
	line->is_rtl = count->right > count->left;
}

/* The text of a line from its pieces, which are sorted from left to right. */
static int
fill_line(struct pdf_work *work, struct pdf_page *page, struct pdf_line *line,
    const struct pdf_frag *frags, size_t count)
{
	struct line_maker maker = {.work = work, .page = page, .line = line};
	size_t i, glyphs = 0;
	uint16_t *more;
	int err;

	for (i = 0; i < count; i++) {
		glyphs += frags[i].count;
		maker.is_rtl = maker.is_rtl || frags[i].is_rtl;
	}
	/* Each glyph may have a blank before it and be two units. */
	if (maker.is_rtl && work->visual_size < 3 * glyphs) {
		more = mem_resize(work->visual, 6 * glyphs, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		work->visual = more;
		work->visual_size = 3 * glyphs;
	}
	line->text = page->text.len;
	line->cell = page->cell_count;
	err = begin_cell(&maker, line->x1);
	for (i = 0; i < count && err == 0; i++)
		err = put_frag(&maker, frags + i);
	if (err < 0)
		return err;
	judge_line(line, &maker.count);
	if (maker.is_rtl)
		err = put_right_to_left(work, &page->text, maker.visual_len,
		    line->is_rtl);
	if (err < 0)
		return err;
	end_cell(&maker);
	if (line->first_width <= 0)
		line->first_width = line->x2 - line->x1;
	line->len = page->text.len - line->text;
	line->key = pdf_key(buf_text(&page->text) + line->text,
	    line->len);
	return page->text.err;
}

/* Does the piece go on the line? */
static bool
is_on_line(const struct pdf_line *line, const struct pdf_frag *frag)
{
	float height = fminf(line->y2 - line->y1, frag->y2 - frag->y1);
	float both = fminf(line->y2, frag->y2) - fmaxf(line->y1, frag->y1);
	float slack = 0.3f * frag->size;

	if (frag->turn != line->turn || both < 0.5f * height)
		return false;
	if (frag->x1 >= line->x2 - slack)
		return true;
	return frag->is_rtl && frag->x2 <= line->x1 + slack;
}

static void
sort_frags(struct pdf_frag *frags, size_t count)
{
	struct pdf_frag frag;
	size_t i, j;

	for (i = 1; i < count; i++) {
		frag = frags[i];
		for (j = i; j > 0 && frags[j - 1].x1 > frag.x1; j--)
			frags[j] = frags[j - 1];
		frags[j] = frag;
	}
}

static void
grow_line(struct pdf_line *line, const struct pdf_frag *frag)
{
	line->x1 = fminf(line->x1, frag->x1);
	line->y1 = fminf(line->y1, frag->y1);
	line->x2 = fmaxf(line->x2, frag->x2);
	line->y2 = fmaxf(line->y2, frag->y2);
}

/*
 * Lines of one column follow each other downwards in about the same steps.
 * Tell how far to the right they may go, and the step.
 */
static void
measure_columns(struct pdf_line *lines, size_t count)
{
	size_t from = 0, i, j;
	float left, right, pitch, step, size;

	for (i = 1; i <= count; i++) {
		size = lines[i - 1].size;
		if (i < count && lines[i].turn == lines[i - 1].turn &&
		    lines[i].y1 > lines[i - 1].y1 &&
		    lines[i].y1 - lines[i - 1].y2 < 2.5f * size &&
		    fabsf(lines[i].size - size) < 0.1f * size &&
		    lines[i].x1 < lines[i - 1].x2 &&
		    lines[i].x2 > lines[i - 1].x1)
			continue;
		left = lines[from].x1;
		right = lines[from].x2;
		pitch = 0;
		for (j = from + 1; j < i; j++) {
			left = fminf(left, lines[j].x1);
			right = fmaxf(right, lines[j].x2);
			step = lines[j].y2 - lines[j - 1].y2;
			if (step > 0.8f * lines[j].size &&
			    (pitch <= 0 || step < pitch))
				pitch = step;
		}
		for (j = from; j < i; j++) {
			lines[j].left = left;
			lines[j].right = right;
			lines[j].pitch = pitch > 0 ? pitch
						   : 1.3f * lines[j].size;
		}
		from = i;
	}
}

/* Poppler's lines as they are, one below the other. */
static void
place_anyhow(struct pdf_glyphs *glyphs)
{
	float x = 0, y = 0;
	size_t i;

	glyphs->font_count = 0;
	for (i = 0; i < glyphs->count; i++) {
		glyphs->list[i].x1 = x;
		glyphs->list[i].x2 = x += 5;
		glyphs->list[i].y1 = y;
		glyphs->list[i].y2 = y + 10;
		glyphs->list[i].font = UINT32_MAX;
		if (glyphs->list[i].c == '\n') {
			x = 0;
			y += 12;
		}
	}
}

int
pdf_lines_make(struct pdf_work *work, struct pdf_page *page)
{
	struct pdf_frag *frags;
	struct pdf_line *line;
	size_t i, from;
	int err;

	if (!page->has_places)
		place_anyhow(&work->glyphs);
	err = pdf_frags_make(work, page);
	frags = work->frags;
	for (from = 0; from < work->frag_count && err == 0; from = i) {
		err = pdf_room_for_one((void **)&page->lines, &page->lines_size,
		    page->line_count, sizeof(*line));
		if (err < 0)
			break;
		line = page->lines + page->line_count;
		*line = (struct pdf_line){
		    .x1 = frags[from].x1,
		    .y1 = frags[from].y1,
		    .x2 = frags[from].x2,
		    .y2 = frags[from].y2,
		    .turn = frags[from].turn,
		};
		for (i = from + 1; i < work->frag_count &&
		    i - from < FRAGS_OF_LINE_MAX &&
		    is_on_line(line, frags + i);
		    i++)
			grow_line(line, frags + i);
		sort_frags(frags + from, i - from);
		err = fill_line(work, page, line, frags + from, i - from);
		if (err == 0 && line->len > 0)
			page->line_count++;
	}
	if (err == 0)
		measure_columns(page->lines, page->line_count);
	return err;
}
