/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a run go into the paragraph that is open; runs may end anywhere,
 * in the middle of words as well, so that white space is folded across them.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "extractor/docx.h"
#include "extractor/emit.h"

#define OUTLINE_HEADINGS 6

struct docx_paragraph *
docx_paragraph(struct docx *docx)
{
	return docx->open == 0 ? NULL : &docx->paragraphs[docx->open - 1];
}

/* ---- the pile ----------------------------------------------------------- */

const char *
docx_record(const struct buf *pile, size_t at, struct docx_record *ret_record)
{
	ASSERT(at + sizeof(*ret_record) <= pile->len);
	memcpy(ret_record, pile->data + at, sizeof(*ret_record));
	ASSERT(ret_record->len <= pile->len - at - sizeof(*ret_record));
	return pile->data + at + sizeof(*ret_record);
}

static int
pile_error(struct docx *docx, int err)
{
	if (err != ERR_TOO_BIG)
		return err;
	return err_set(docx->note, err,
	    "a table row or a note has more than %llu bytes", DOCX_PILE_MAX);
}

int
docx_pile(struct docx *docx, enum block_kind kind, unsigned level,
    uint32_t page, const char *text, size_t len)
{
	struct docx_record record = {
	    .len = (uint32_t)len,
	    .page = page,
	    .kind = (uint8_t)kind,
	    .level = (uint8_t)level,
	};

	if (len > DOCX_PILE_MAX)
		return pile_error(docx, ERR_TOO_BIG);
	(void)buf_put(&docx->pile, &record, sizeof(record)); /* sticks */
	(void)buf_put(&docx->pile, text, len);
	return pile_error(docx, docx->pile.err);
}

/* Put a block on the pile before what is there from at on. */
static int
pile_below(struct docx *docx, size_t at, enum block_kind kind, unsigned level,
    uint32_t page, const char *text, size_t len)
{
	size_t above = docx->pile.len - at, size;
	int err;

	/* A copy of it at the end first: that makes the room. */
	err = docx_pile(docx, kind, level, page, text, len);
	if (err < 0 || above == 0)
		return err;
	size = docx->pile.len - at - above;
	buf_clear(&docx->scratch);
	if (buf_put(&docx->scratch, docx->pile.data + at + above, size) < 0)
		return docx->scratch.err;
	memmove(docx->pile.data + at + size, docx->pile.data + at, above);
	memcpy(docx->pile.data + at, docx->scratch.data, size);
	return 0;
}

int
docx_flush(struct docx *docx)
{
	size_t end = docx->pile.len;
	int err = 0;

	if (docx->mode == DOCX_HOLD || docx->open > 0 ||
	    docx->tables_open > 1 ||
	    (docx->tables_open == 1 && docx->tables[0].is_in_row))
		return 0;
	if (end > 0)
		err = docx_send(docx, &docx->pile, 0, end, docx->is_paged);
	buf_clear(&docx->pile);
	if (err == 0 && docx->wanted.len > 0)
		err = docx_send_wanted(docx);
	return err;
}

/* ---- words -------------------------------------------------------------- */

/* A paragraph as long as a book is sent as it comes. */
static int
paragraph_spill(struct docx *docx, struct docx_paragraph *paragraph)
{
	struct emit *emit = docx->emit;

	if (docx->text.len - paragraph->text_at < DOCX_SPILL_AT ||
	    docx->open > 1 || docx->tables_open > 0 ||
	    docx->mode == DOCX_HOLD)
		return 0;
	if (!paragraph->is_spilled) {
		(void)emit_close(emit); /* errors stick */
		emit->page = docx->is_paged ? paragraph->page : 0;
		(void)emit_open(emit, BLOCK_PARAGRAPH, 0);
	}
	paragraph->is_spilled = true;
	(void)emit_put(emit, docx->text.data + paragraph->text_at,
	    docx->text.len - paragraph->text_at);
	docx->text.len = paragraph->text_at;
	return emit->err;
}

static void
put_gap(struct docx *docx, struct docx_paragraph *paragraph)
{
	if (docx->text.len > paragraph->text_at || paragraph->is_spilled) {
		if (paragraph->has_break)
			(void)buf_putc(&docx->text, '\n');
		else if (paragraph->has_space)
			(void)buf_putc(&docx->text, ' ');
	}
	paragraph->has_break = paragraph->has_space = false;
	if (!paragraph->has_page) {
		paragraph->has_page = true;
		paragraph->page = docx->page;
	}
	docx->is_after_break = false;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* U+00AD, a place where a line may end inside a word. */
static bool
is_soft_hyphen(const char *text, size_t len)
{
	return len >= 2 && (unsigned char)text[0] == 0xC2 &&
	    (unsigned char)text[1] == 0xAD;
}

/* The length of words with single spaces between them at text. */
static size_t
words_len(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] > ' ' &&
		    (unsigned char)text[i] != 0xC2)
			continue;
		if (is_soft_hyphen(text + i, len - i))
			break;
		if (text[i] == ' ' && i + 1 < len && !is_space(text[i + 1]))
			continue;
		if (is_space(text[i]))
			break;
	}
	return i;
}

static void
put_words(struct docx *docx, struct docx_paragraph *paragraph,
    const char *text, size_t len)
{
	size_t i = 0, n;

	while (i < len) {
		if (is_space(text[i])) {
			paragraph->has_space = true;
			i++;
			continue;
		}
		if (is_soft_hyphen(text + i, len - i)) {
			i += 2;
			continue;
		}
		n = words_len(text + i, len - i);
		put_gap(docx, paragraph);
		(void)buf_put(&docx->text, text + i, n); /* errors stick */
		docx->words += n;
		i += n;
	}
}

int
docx_put(struct docx *docx, const char *text, size_t len)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);
	struct docx_table *table;
	uint64_t words = docx->words;
	int err;

	/* Text between paragraphs is white space. */
	if (paragraph == NULL || paragraph->is_hidden)
		return 0;
	err = docx_carried_end(docx);
	if (err < 0)
		return err;
	if (paragraph->style->code == 1) {
		put_gap(docx, paragraph);
		(void)buf_put(&docx->text, text, len);
		docx->words += len;
	} else {
		put_words(docx, paragraph, text, len);
	}
	if (docx->words > words && !paragraph->is_bold) {
		table = docx_table(docx);
		if (table != NULL)
			table->has_plain = true;
	}
	if (docx->text.err < 0)
		return pile_error(docx, docx->text.err);
	return paragraph_spill(docx, paragraph);
}

/* ---- paragraphs --------------------------------------------------------- */

int
docx_paragraph_begin(struct docx *docx)
{
	struct docx_paragraph *paragraph;

	if (docx->open == DOCX_PARAGRAPHS_MAX)
		return err_set(docx->note, ERR_TOO_BIG,
		    "text boxes are nested deeper than %u",
		    DOCX_PARAGRAPHS_MAX);
	paragraph = &docx->paragraphs[docx->open++];
	memset(paragraph, 0, sizeof(*paragraph));
	paragraph->style = docx_style_find(&docx->styles, "");
	paragraph->outline = paragraph->list = SAYS_NOTHING;
	paragraph->list_level = SAYS_NOTHING;
	paragraph->text_at = docx->text.len;
	paragraph->pile_at = docx->pile.len;
	paragraph->page = docx->page;
	if (docx->is_carried) {
		docx->is_carried = false;
		paragraph->text_at = docx->carried_at;
		paragraph->pile_at = docx->carried_pile_at;
		paragraph->has_space = docx->carries_space;
	}
	if (docx->prefix[0] != '\0') {
		(void)docx_put(docx, docx->prefix, strlen(docx->prefix));
		docx->prefix[0] = '\0';
	}
	return docx->text.err;
}

static enum block_kind
paragraph_kind(const struct docx_paragraph *paragraph, unsigned *ret_level)
{
	const struct docx_style *style = paragraph->style;
	int outline, level;
	bool is_list;

	outline = paragraph->outline == SAYS_NOTHING ? style->outline
						     : paragraph->outline;
	*ret_level = 0;
	if (outline >= 0 && outline < DOCX_OUTLINE_BODY) {
		*ret_level = (unsigned)outline + 1;
		if (*ret_level > OUTLINE_HEADINGS)
			*ret_level = OUTLINE_HEADINGS;
		return BLOCK_HEADING;
	}
	if (style->code == 1)
		return BLOCK_CODE;
	is_list = paragraph->list == SAYS_NOTHING ? style->list == 1
						  : paragraph->list == 1;
	if (!is_list)
		return BLOCK_PARAGRAPH;
	level = paragraph->list_level;
	if (style->list_level > level)
		level = style->list_level;
	*ret_level = level < 0 ? 1 : (unsigned)level + 1;
	return BLOCK_LIST_ITEM;
}

/* A header or footer without its page numbers may be "- -". */
static bool
has_words(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80 ||
		    (text[i] >= '0' && text[i] <= '9') ||
		    (text[i] >= 'A' && text[i] <= 'Z') ||
		    (text[i] >= 'a' && text[i] <= 'z'))
			return true;
	return false;
}

static int
paragraph_pile(struct docx *docx, const struct docx_paragraph *paragraph)
{
	size_t len = docx->text.len - paragraph->text_at, i;
	enum block_kind kind;
	unsigned level;
	char *text;

	if (len == 0)
		return 0;
	text = docx->text.data + paragraph->text_at;
	if (docx->is_in_header && !has_words(text, len))
		return 0;
	kind = paragraph_kind(paragraph, &level);
	for (i = 0; kind == BLOCK_HEADING && i < len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	if (paragraph->style->title == 1 && docx->is_in_text)
		emit_title(docx->emit, text, len);
	return pile_below(docx, paragraph->pile_at, kind, level,
	    paragraph->page, text, len);
}

int
docx_carried_end(struct docx *docx)
{
	int err;

	if (!docx->is_carried)
		return 0;
	err = docx_paragraph_begin(docx); /* takes it over */
	return err < 0 ? err : docx_paragraph_end(docx);
}

int
docx_paragraph_end(struct docx *docx)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);
	int err;

	if (docx->is_carried) {
		err = docx_carried_end(docx);
		if (err < 0)
			return err;
	}
	if (paragraph->is_joined && !paragraph->is_spilled) {
		docx->is_carried = true;
		docx->carries_space = paragraph->has_space;
		docx->carried_at = paragraph->text_at;
		docx->carried_pile_at = paragraph->pile_at;
		docx->open--;
		return 0;
	}
	if (paragraph->is_spilled) {
		(void)emit_put(docx->emit,
		    buf_text(&docx->text) + paragraph->text_at,
		    docx->text.len - paragraph->text_at);
		err = emit_close(docx->emit);
	} else {
		err = paragraph_pile(docx, paragraph);
	}
	docx->text.len = paragraph->text_at;
	docx->open--;
	return err < 0 ? err : docx_flush(docx);
}
