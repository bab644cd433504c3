/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paragraphs, and what stands in the middle of them.
 *
 * A record of what waits behind a level is its kind, its level, the length of
 * its text (RECORD_HEAD bytes) and the text; an object has its address for a
 * text.
 */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/odf.h"

#define RECORD_HEAD 6u
#define RECORD_OBJECT 0u /* no kind of block */
#define SPACES_MAX 1000
/* What surrounds a page's number in a header: "page 3 of 7". */
#define HEADER_NUMBER_WORDS 10u
#define HEADERS_MAX 4000u

/* ---- levels ------------------------------------------------------------- */

struct odf_level *
odf_top(struct odf *odf)
{
	return odf->level_count == 0 ? NULL
				     : &odf->levels[odf->level_count - 1];
}

struct odf_level *
odf_push(struct odf *odf, enum odf_level_kind kind)
{
	struct odf_level *level;

	if (odf->level_count == ODF_LEVELS_MAX)
		return NULL;
	level = &odf->levels[odf->level_count++];
	level->kind = kind;
	level->block = BLOCK_PARAGRAPH;
	level->block_level = 0;
	level->is_direct = level->is_hidden = level->is_cell_due = false;
	level->paragraphs = 0;
	level->asides = odf->asides;
	buf_clear(&level->text);
	buf_clear(&level->later);
	return level;
}

/* What did not fit was lost: the document is over a limit. */
static void
check_buf(struct odf *odf, const struct buf *buf)
{
	if (buf->err < 0 && odf->emit->err == 0)
		odf->emit->err = buf->err;
}

static void
record_put(struct odf *odf, struct buf *later, unsigned kind, unsigned level,
    const char *text, size_t len)
{
	uint32_t bytes = (uint32_t)len;

	if (len == 0)
		return;
	(void)buf_putc(later, (char)kind);
	(void)buf_putc(later, (char)(level > 255 ? 255 : level));
	(void)buf_put(later, &bytes, sizeof(bytes));
	(void)buf_put(later, text, len);
	check_buf(odf, later);
}

static void
records_send(struct odf *odf, struct buf *later)
{
	struct emit *emit = odf->emit;
	const char *at = later->data;
	size_t left = later->len;
	uint32_t len;
	unsigned kind, level;

	while (left > RECORD_HEAD && emit->err == 0) {
		kind = (unsigned char)at[0];
		level = (unsigned char)at[1];
		memcpy(&len, at + 2, sizeof(len));
		at += RECORD_HEAD;
		left -= RECORD_HEAD;
		if (len > left)
			break; /* the end did not fit: err says so */
		if (kind == RECORD_OBJECT) {
			(void)odf_object_read(odf, at, len); /* sticks */
		} else {
			(void)emit_open(emit, (enum block_kind)kind, level);
			if (kind == BLOCK_CODE)
				(void)emit_put(emit, at, len);
			else
				(void)emit_words(emit, at, len);
			(void)emit_close(emit);
		}
		at += len;
		left -= len;
	}
	buf_clear(later);
}

static bool
is_listed(const struct buf *headers, const char *text, size_t len)
{
	const char *at = headers->data;
	size_t left = headers->len, n;

	while (left > 0) {
		n = strlen(at);
		if (n == len && memcmp(at, text, len) == 0)
			return true;
		at += n + 1;
		left -= n + 1;
	}
	return false;
}

/* A header or footer stands on many pages and in many styles of pages: it is
 * sent once, and not if it only says which page that is. */
static void
header_send(struct odf *odf, const struct odf_level *level)
{
	const char *text = buf_text(&level->text);
	size_t len = level->text.len, i, letters = 0;

	for (i = 0; i < len; i++)
		letters += (unsigned char)text[i] > '/' &&
		    ((unsigned char)text[i] & 0xC0) != 0x80;
	if (letters == 0 || (odf->has_field && letters <= HEADER_NUMBER_WORDS))
		return;
	/* Each is compared with all before it: there is an end to that. */
	if (odf->header_count == HEADERS_MAX)
		return;
	odf->header_count++;
	if (is_listed(&odf->headers, text, len))
		return;
	if (buf_reserve(&odf->headers, len + 1) == 0) {
		(void)buf_put(&odf->headers, text, len);
		(void)buf_putc(&odf->headers, '\0');
	} else {
		buf_clear(&odf->headers); /* it may come a second time */
	}
	(void)emit_open(odf->emit, BLOCK_PARAGRAPH, 0);
	(void)emit_words(odf->emit, text, len);
	(void)emit_close(odf->emit);
}

/* The lowest level, whose text was sent as it came. */
static void
pop_direct(struct odf *odf, struct odf_level *level)
{
	struct emit *emit = odf->emit;

	if (level->is_hidden) {
		buf_clear(&emit->text);
		buf_clear(&level->later);
	}
	if (level->block == BLOCK_HEADING)
		emit_title(emit, buf_text(&emit->text), emit->text.len);
	/* Many programs name a slide by its title. */
	if (level->block == BLOCK_HEADING && odf->slide_name[0] != '\0' &&
	    strcmp(buf_text(&emit->text), odf->slide_name) == 0)
		buf_clear(&emit->text);
	if (level->block == BLOCK_CODE && level->later.len == 0)
		odf->is_code_open = true;
	else
		(void)emit_close(emit); /* the error sticks */
}

void
odf_pop(struct odf *odf)
{
	struct odf_level *level = odf_top(odf);
	struct buf *later;

	odf->level_count--;
	if (level->is_hidden) {
		buf_clear(&level->text);
		if (!level->is_direct)
			buf_clear(&level->later);
	}
	if (level->is_direct)
		pop_direct(odf, level);
	if (odf->level_count > 0) {
		later = &odf->levels[odf->level_count - 1].later;
		record_put(odf, later, level->block, level->block_level,
		    buf_text(&level->text), level->text.len);
		(void)buf_put(later, buf_text(&level->later),
		    level->later.len);
		check_buf(odf, later);
		return;
	}
	if (odf->is_header)
		header_send(odf, level);
	records_send(odf, &level->later);
	odf_turn_pages(odf);
}

void
odf_settle(struct odf *odf)
{
	if (odf->is_code_open)
		(void)emit_close(odf->emit); /* the error sticks */
	odf->is_code_open = false;
}

void
odf_turn_pages(struct odf *odf)
{
	if (odf->level_count > 0 || odf->breaks == 0)
		return;
	odf_settle(odf);
	if (odf->has_pages)
		odf->emit->page += odf->breaks;
	odf->breaks = 0;
}

void
odf_break_before(struct odf *odf, unsigned style)
{
	if (odf->level_count > 0 || odf->asides > 0 || odf->tables > 0)
		return;
	if (odf->is_begun &&
	    (style & (ODF_STYLE_BREAK_BEFORE | ODF_STYLE_MASTER)) != 0)
		odf->breaks++;
	odf->is_begun = true;
	odf_turn_pages(odf);
	/* Not turned before this one ends. */
	if ((style & ODF_STYLE_BREAK_AFTER) != 0)
		odf->breaks++;
}

void
odf_object_note(struct odf *odf, const char *href, size_t len)
{
	struct odf_level *top = odf_top(odf);

	if (odf->is_header || odf->package == NULL)
		return;
	if (top != NULL) {
		record_put(odf, &top->later, RECORD_OBJECT, 0, href, len);
		return;
	}
	odf_settle(odf);
	(void)odf_object_read(odf, href, len); /* the error sticks */
}

/* ---- paragraphs --------------------------------------------------------- */

bool
odf_is_in_cell(struct odf *odf)
{
	const struct odf_level *top = odf_top(odf);

	return top != NULL && top->kind != ODF_LEVEL_PARAGRAPH &&
	    odf->asides == top->asides;
}

static enum odf_end
paragraph_in_cell(struct odf *odf, unsigned style)
{
	struct odf_level *row = odf_top(odf);

	if ((style & ODF_STYLE_TABLE_HEADING) != 0)
		odf->is_cell_heading = true;
	row->paragraphs++;
	odf_put(odf, " ", 1);
	return ODF_END_CELL_PARAGRAPH;
}

/* All paragraphs of a slide's title are one heading. */
static bool
title_goes_on(struct odf *odf)
{
	const struct odf_level *top = odf_top(odf);

	return odf->is_title_open && odf->level_count == 1 &&
	    top->asides == odf->asides;
}

static size_t
trimmed_len(const struct buf *text)
{
	size_t len = text->len;

	while (len > 0 && strchr(" \t\n", text->data[len - 1]) != NULL)
		len--;
	return len;
}

static void
creator_put(struct odf *odf)
{
	size_t len = trimmed_len(&odf->creator);

	if (!odf->is_creator_due)
		return;
	odf->is_creator_due = false;
	if (len == 0)
		return;
	odf_put(odf, buf_text(&odf->creator), len);
	odf_put(odf, ": ", 2);
}

static void
direct_start(struct odf *odf, struct odf_level *level)
{
	level->is_direct = true;
	if (odf->is_code_open && level->block == BLOCK_CODE) {
		(void)emit_put(odf->emit, "\n", 1); /* errors stick */
		return;
	}
	odf_settle(odf);
	(void)emit_open(odf->emit, level->block, level->block_level);
}

enum odf_end
odf_paragraph_start(struct odf *odf, enum block_kind block, unsigned level,
    unsigned style)
{
	struct odf_level *top;

	if (title_goes_on(odf)) {
		odf_put(odf, " ", 1);
		return ODF_END_NOTHING;
	}
	if (odf_is_in_cell(odf)) {
		if (block != BLOCK_HEADING || odf->level_count > 1)
			return paragraph_in_cell(odf, style);
		odf_row_leave(odf);
	}
	odf_break_before(odf, style);
	top = odf_push(odf, ODF_LEVEL_PARAGRAPH);
	if (top == NULL) {
		odf->glued++;
		odf_put(odf, " ", 1);
		return ODF_END_GLUED;
	}
	top->block = block;
	top->block_level = level;
	top->is_hidden = (style & ODF_STYLE_HIDDEN) != 0;
	if (odf->title_asides > 0 && odf->level_count == 1) {
		top->block = BLOCK_HEADING;
		top->block_level = 1;
		odf->is_title_open = true;
	}
	odf->has_field = false;
	if (odf->level_count == 1 && !odf->is_header)
		direct_start(odf, top);
	creator_put(odf);
	return odf->is_title_open && odf->level_count == 1
	    ? ODF_END_NOTHING
	    : ODF_END_PARAGRAPH;
}

void
odf_paragraph_end(struct odf *odf, enum odf_end end)
{
	struct odf_level *top = odf_top(odf);

	if (end == ODF_END_GLUED) {
		odf_put(odf, " ", 1);
		odf->glued--;
	} else if (end == ODF_END_CELL_PARAGRAPH) {
		if (top != NULL && top->paragraphs > 0)
			top->paragraphs--;
	} else {
		odf_pop(odf);
	}
}

void
odf_title_end(struct odf *odf)
{
	odf->title_asides = 0;
	if (!odf->is_title_open)
		return;
	odf->is_title_open = false;
	odf_pop(odf);
}

/* ---- text --------------------------------------------------------------- */

/* A very long cell goes on in another one of the same column. */
static void
cell_put(struct odf *odf, const char *text, size_t len)
{
	struct buf *cell = &odf->table.cell;
	size_t piece;

	while (len > 0 && odf->emit->err == 0) {
		if (cell->len >= BLOCK_BYTES_MAX / 2) {
			(void)markup_cell_end(&odf->table, odf->emit, false);
			odf->table.column--;
			odf->row_filled++;
		}
		piece = utf8_floor(text, len, BLOCK_BYTES_MAX / 4);
		(void)buf_put(cell, text, piece);
		check_buf(odf, cell);
		text += piece;
		len -= piece;
	}
}

/* Where a line's white space counts, that of the XML counts as one space. */
static void
code_put(struct odf *odf, struct odf_level *level, const char *text,
    size_t len)
{
	size_t i = 0, begun;
	bool is_space;

	while (i < len) {
		begun = i;
		is_space = strchr(" \t\n\r", text[i]) != NULL;
		while (i < len &&
		    (strchr(" \t\n\r", text[i]) != NULL) == is_space)
			i++;
		if (level->is_direct)
			(void)emit_put(odf->emit,
			    is_space ? " " : text + begun,
			    is_space ? 1 : i - begun); /* errors stick */
		else
			(void)buf_put(&level->text,
			    is_space ? " " : text + begun,
			    is_space ? 1 : i - begun);
	}
}

static bool
is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\n", text[len - 1]) != NULL)
		len--;
	return len == 0;
}

static void
level_put(struct odf *odf, struct odf_level *level, const char *text,
    size_t len)
{
	if (level->kind == ODF_LEVEL_ROW) {
		cell_put(odf, text, len);
		return;
	}
	if (level->is_cell_due) {
		if (is_blank(text, len))
			return;
		level->is_cell_due = false;
		level->text.len = trimmed_len(&level->text);
		if (level->text.len > 0)
			(void)buf_puts(&level->text, "; ");
	}
	if (level->block == BLOCK_CODE)
		code_put(odf, level, text, len);
	else if (level->is_direct)
		(void)emit_words(odf->emit, text, len); /* errors stick */
	else
		(void)buf_put(&level->text, text, len);
	check_buf(odf, &level->text);
}

/* White space between elements is in no paragraph. */
static struct odf_level *
level_of_text(struct odf *odf)
{
	struct odf_level *top = odf_top(odf);

	if (top == NULL)
		return NULL;
	if (odf->glued > 0)
		return top;
	if (odf->asides != top->asides ||
	    (top->kind != ODF_LEVEL_PARAGRAPH && top->paragraphs == 0))
		return NULL;
	return top;
}

void
odf_put(struct odf *odf, const char *text, size_t len)
{
	struct odf_level *level = level_of_text(odf);

	if (level != NULL)
		level_put(odf, level, text, len);
}

void
odf_put_space(struct odf *odf, char c, long count)
{
	struct odf_level *level = level_of_text(odf);

	if (level == NULL)
		return;
	if (level->block != BLOCK_CODE) {
		level_put(odf, level, " ", 1);
		return;
	}
	if (count > SPACES_MAX)
		count = SPACES_MAX;
	for (; count > 0; count--) {
		if (level->is_direct)
			(void)emit_put(odf->emit, &c, 1); /* errors stick */
		else
			(void)buf_putc(&level->text, c);
	}
	check_buf(odf, &level->text);
}
