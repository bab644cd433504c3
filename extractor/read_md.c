/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Markdown, by md4c.  It wants the document in memory, so a large one is read
 * in pieces that are cut at a heading, or else at a blank line.  Permissive
 * autolinks stay off: they are quadratic.
 */
#include <md4c.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "extractor/bytes.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/markup.h"

#define MD_PIECE_MAX (4 * MIB)
#define MD_FRONT_MAX (64 * KIB)

struct md {
	struct emit *emit;
	struct markup_table table;
	unsigned list_depth;
	unsigned cell_depth;  /* > 0: inside a cell of a table */
	bool is_item_new;     /* nothing of the list item was seen yet */
	bool is_code, is_html;
	bool is_in_tag;	      /* of raw HTML */
	bool is_in_comment;
};

static int
md_text_out(struct md *md, const char *text, size_t len)
{
	if (md->cell_depth > 0)
		return buf_put(&md->table.cell, text, len);
	if (md->is_code)
		return emit_put(md->emit, text, len);
	if (!md->emit->is_open)
		(void)emit_open(md->emit,
		    md->is_item_new ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH,
		    md->is_item_new ? md->list_depth : 0);
	md->is_item_new = false;
	return emit_words(md->emit, text, len);
}

/* Text between tags; a block of raw HTML comes line by line. */
static int
md_html(struct md *md, const char *text, size_t len)
{
	const char *end;
	size_t n;
	int err = 0;

	while (len > 0 && err == 0) {
		if (md->is_in_comment) {
			end = bytes_find(text, len, "-->", 3);
			n = end == NULL ? len : (size_t)(end - text) + 3;
			md->is_in_comment = end == NULL;
		} else if (md->is_in_tag) {
			end = memchr(text, '>', len);
			n = end == NULL ? len : (size_t)(end - text) + 1;
			md->is_in_tag = end == NULL;
		} else if (len >= 4 && memcmp(text, "<!--", 4) == 0) {
			md->is_in_comment = true;
			n = 4;
		} else if (*text == '<') {
			md->is_in_tag = true;
			n = 1;
			/* A tag parts words, as <br> and <td> do. */
			if (md->cell_depth == 0)
				md->emit->has_space = true;
		} else {
			end = memchr(text, '<', len);
			n = end == NULL ? len : (size_t)(end - text);
			if (md->is_html)
				err = md_text_out(md, text, n);
		}
		text += n;
		len -= n;
	}
	return err;
}

static int
md_enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct md *md = arg;
	struct emit *emit = md->emit;

	switch (type) {
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		(void)emit_close(emit); /* errors stick */
		md->list_depth++;
		break;
	case MD_BLOCK_LI:
		(void)emit_close(emit);
		md->is_item_new = true;
		break;
	case MD_BLOCK_H:
		(void)emit_open(emit, BLOCK_HEADING,
		    ((const MD_BLOCK_H_DETAIL *)detail)->level);
		md->is_item_new = false;
		break;
	case MD_BLOCK_CODE:
		(void)emit_open(emit, BLOCK_CODE, 0);
		md->is_code = true;
		md->is_item_new = false;
		break;
	case MD_BLOCK_HTML:
		(void)emit_close(emit);
		md->is_html = true;
		md->is_in_tag = md->is_in_comment = false;
		break;
	case MD_BLOCK_P:
	case MD_BLOCK_QUOTE:
	case MD_BLOCK_HR:
		(void)emit_close(emit);
		break;
	case MD_BLOCK_TABLE:
		(void)emit_close(emit);
		markup_table_begin(&md->table);
		break;
	case MD_BLOCK_TR:
		(void)markup_row_begin(&md->table, emit);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		md->cell_depth++;
		break;
	case MD_BLOCK_DOC:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
		break;
	}
	return emit->err;
}

static int
md_leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct md *md = arg;
	struct emit *emit = md->emit;

	switch (type) {
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		(void)emit_close(emit);
		md->list_depth--;
		md->is_item_new = false;
		break;
	case MD_BLOCK_H:
		if (((const MD_BLOCK_H_DETAIL *)detail)->level == 1)
			emit_title(emit, buf_text(&emit->text),
			    emit->text.len);
		(void)emit_close(emit);
		break;
	case MD_BLOCK_CODE:
		md->is_code = false;
		(void)emit_close(emit);
		break;
	case MD_BLOCK_HTML:
		md->is_html = false;
		(void)emit_close(emit);
		break;
	case MD_BLOCK_LI:
		md->is_item_new = false;
		(void)emit_close(emit);
		break;
	case MD_BLOCK_P:
	case MD_BLOCK_QUOTE:
		(void)emit_close(emit);
		break;
	case MD_BLOCK_TABLE:
		(void)markup_table_end(&md->table, emit);
		break;
	case MD_BLOCK_TR:
		(void)markup_row_end(&md->table, emit);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		md->cell_depth--;
		(void)markup_cell_end(&md->table, emit, type == MD_BLOCK_TH);
		break;
	case MD_BLOCK_HR:
	case MD_BLOCK_DOC:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
		break;
	}
	return emit->err;
}

static int
md_span(MD_SPANTYPE type, void *detail, void *arg)
{
	(void)type;
	(void)detail;
	(void)arg;
	return 0;
}

static int
md_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *arg)
{
	struct md *md = arg;
	char out[4];
	size_t len;

	switch (type) {
	case MD_TEXT_BR:
	case MD_TEXT_SOFTBR:
		return md_text_out(md, "\n", 1);
	case MD_TEXT_ENTITY:
		len = markup_entity(text, size, out);
		return len == 0 ? md_text_out(md, text, size)
				: md_text_out(md, out, len);
	case MD_TEXT_HTML:
		return md_html(md, text, size);
	case MD_TEXT_NULLCHAR:
		return 0;
	case MD_TEXT_NORMAL:
	case MD_TEXT_CODE:
	case MD_TEXT_LATEXMATH:
		break;
	}
	return md_text_out(md, text, size);
}

static int
md_piece(struct md *md, const char *text, size_t len)
{
	MD_PARSER parser = {
	    .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
		MD_FLAG_TASKLISTS,
	    .enter_block = md_enter_block,
	    .leave_block = md_leave_block,
	    .enter_span = md_span,
	    .leave_span = md_span,
	    .text = md_text,
	};
	int err;

	err = md_parse(text, (MD_SIZE)len, &parser, md);
	if (md->emit->err < 0)
		return md->emit->err;
	/* What is left: -1 is out of memory, ours are negative as well. */
	return err == 0 ? 0 : err == -1 ? ERR_NOMEM : err;
}

/* "title: x" of the front matter; quotes are taken off. */
static void
front_line(struct md *md, const char *line, size_t len)
{
	size_t i;

	if (len < 7 || (memcmp(line, "title:", 6) != 0 &&
			   memcmp(line, "title ", 6) != 0))
		return;
	for (i = 6; i < len && strchr(" \t='\"", line[i]) != NULL; i++)
		continue;
	while (len > i && strchr(" \t'\"", line[len - 1]) != NULL)
		len--;
	emit_title(md->emit, line + i, len - i);
}

/*
 * Metadata between two lines of --- or +++ at the very beginning: the title is
 * the document's, and all of it is a block of its own.  Returns how many
 * bytes it takes.
 */
static size_t
front_matter(struct md *md, const char *text, size_t len)
{
	const char *end, *line, *feed;
	char fence[6] = "\n";

	if (len < 8 || text[3] != '\n' ||
	    (memcmp(text, "---", 3) != 0 && memcmp(text, "+++", 3) != 0))
		return 0;
	memcpy(fence + 1, text, 4);
	if (len > MD_FRONT_MAX)
		len = MD_FRONT_MAX;
	end = bytes_find(text + 3, len - 3, fence, 5);
	if (end == NULL)
		return 0;
	for (line = text + 4; line < end; line = feed + 1) {
		feed = memchr(line, '\n', (size_t)(end - line) + 1);
		front_line(md, line, (size_t)(feed - line));
	}
	if (end > text + 4)
		(void)emit_block(md->emit, BLOCK_CODE, 0, text + 4,
		    (size_t)(end - text) - 4);
	return (size_t)(end - text) + 5;
}

/* Where to cut a piece that is not the last: before the last heading in its
 * second half, or after the last blank line, or where it ends. */
static size_t
cut_piece(const char *text, size_t len)
{
	size_t i;

	for (i = len - 1; i > len / 2; i--)
		if (text[i] == '#' && text[i - 1] == '\n')
			return i;
	for (i = len - 1; i > len / 2; i--)
		if (text[i] == '\n' && text[i - 1] == '\n')
			return i + 1;
	return len;
}

static int
md_read(struct md *md, struct input *input, struct buf *text)
{
	size_t at, piece;
	bool is_first = true;
	int err;

	for (;;) {
		err = buf_put(text, input_text(input), input_len(input));
		input_eat(input, input_len(input));
		if (err == 0 && !input->is_end && text->len < MD_PIECE_MAX) {
			err = input_more(input);
			if (err == 0)
				continue;
		}
		if (err < 0 || text->len == 0)
			return err;
		at = is_first ? front_matter(md, text->data, text->len) : 0;
		is_first = false;
		piece = input->is_end ? text->len
				      : cut_piece(text->data, text->len);
		err = md_piece(md, text->data + at, piece - at);
		if (err < 0 || input->is_end)
			return err;
		memmove(text->data, text->data + piece, text->len - piece);
		text->len -= piece;
	}
}

int
read_md(struct input *input, struct emit *emit, struct err_note *note)
{
	struct md md = {.emit = emit};
	struct buf text;
	int err;

	(void)note;
	markup_table_init(&md.table);
	buf_init(&text, MD_PIECE_MAX + 2 * INPUT_KEEP_MAX + MIB);
	err = md_read(&md, input, &text);
	if (err == 0)
		err = emit_close(emit);
	buf_fini(&text);
	markup_table_fini(&md.table);
	return err;
}
