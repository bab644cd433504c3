/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text, a run of equal properties at a time.  Marks among its characters end
 * paragraphs, cells and rows, begin and end fields, and stand where notes,
 * pictures and objects are.
 */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/codepage.h"
#include "extractor/doc.h"
#include "extractor/emit.h"
#include "extractor/le.h"
#include "extractor/ole.h"

#define TEXT_AT_ONCE 4096u
#define TEXT_NARROW_MAX 4096u
/* Word 95: characters from here on have two bytes of an East Asian code page,
 * and a byte that is the first of two in each of those. */
#define EAST_FIRST 0x3000u
#define EAST_LEAD 0x90u
#define CODEPAGE_JAPANESE 932u /* has half-width letters in one byte */
/* An instruction with so many paragraphs has lost its end. */
#define INSTRUCTION_PARAGRAPHS_MAX 64u

enum {
	MARK_CELL = 0x07,
	MARK_LINE = 0x0B,
	MARK_PAGE = 0x0C,
	MARK_PARAGRAPH = 0x0D,
	MARK_COLUMN = 0x0E,
	MARK_FIELD = 0x13,
	MARK_FIELD_RESULT = 0x14,
	MARK_FIELD_END = 0x15,
	MARK_HYPHEN = 0x1E,	 /* not to be broken at */
	MARK_SOFT_HYPHEN = 0x1F,
	MARK_SYMBOL = 0x28, /* where the properties name a symbol */
};

/* Where the text is read. */
struct place {
	const struct doc_piece *piece;
	uint32_t fc;
	struct doc_character character;
	bool is_shown;
};

/* ---- characters --------------------------------------------------------- */

static int
flush(struct doc *doc)
{
	if (doc->narrow.len == 0)
		return doc->emit->err;
	buf_clear(&doc->decoded);
	if (codepage_put(doc->narrow_codepage, doc->narrow.data,
		doc->narrow.len, false, &doc->decoded) < 0)
		return doc->emit->err = doc->decoded.err;
	buf_clear(&doc->narrow);
	return flow_put(&doc->flow, buf_text(&doc->decoded), doc->decoded.len,
	    doc->narrow_is_bold);
}

static int
put_char(struct doc *doc, uint32_t c, bool is_bold)
{
	char text[4];

	(void)flush(doc); /* errors stick */
	return flow_put(&doc->flow, text, utf8_encode(c, text), is_bold);
}

static unsigned
font_codepage(const struct doc *doc, uint16_t font)
{
	return font < doc->font_count ? doc->font_codepages[font] : 0;
}

/* A glyph of a symbol font, as F000 and its byte. */
static int
put_symbol(struct doc *doc, uint16_t symbol, const struct place *place)
{
	unsigned page = font_codepage(doc, place->character.font);
	uint32_t c = symbol;

	if (page == CODEPAGE_SYMBOL)
		c = codepage_symbol((unsigned char)symbol);
	else if (page == CODEPAGE_DINGBATS || symbol >= 0xE000)
		c = 0;
	return c < 0x20 ? doc->emit->err
			: put_char(doc, c, place->character.is_bold);
}

static int
put_wide(struct doc *doc, uint16_t unit, const struct place *place)
{
	uint32_t c = unit;

	if (unit >= 0xDC00 && unit < 0xE000) {
		if (doc->high_surrogate == 0)
			return doc->emit->err;
		c = 0x10000 + ((uint32_t)(doc->high_surrogate - 0xD800)
			<< 10) + (unit - 0xDC00u);
	}
	doc->high_surrogate = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
	if (doc->high_surrogate != 0 || (c >= 0x7F && c < 0xA0) ||
	    c == 0xFEFF || c == 0xFFFE || c == 0xFFFF)
		return doc->emit->err;
	if (c >= 0xF000 && c < 0xF100)
		return put_symbol(doc, unit, place);
	return put_char(doc, c, place->character.is_bold);
}

/* A byte, or both of one character, in a code page. */
static int
put_bytes(struct doc *doc, unsigned page, const char *bytes, size_t len,
    const struct place *place)
{
	if (doc->narrow.len > 0 && (page != doc->narrow_codepage ||
		doc->narrow_is_bold != place->character.is_bold ||
		doc->narrow.len + len > TEXT_NARROW_MAX))
		(void)flush(doc); /* errors stick */
	doc->narrow_codepage = page;
	doc->narrow_is_bold = place->character.is_bold;
	if (buf_put(&doc->narrow, bytes, len) < 0)
		return doc->emit->err = doc->narrow.err;
	return doc->emit->err;
}

static int
put_narrow(struct doc *doc, unsigned char byte, const struct place *place)
{
	const char text = (char)byte;
	unsigned page = doc->codepage;

	if (doc->is_old) {
		page = font_codepage(doc, place->character.font);
		if (page == CODEPAGE_SYMBOL || page == CODEPAGE_DINGBATS)
			return put_symbol(doc, 0xF000 | byte, place);
		if (page == 0)
			page = doc->codepage;
	}
	return put_bytes(doc, page, &text, 1, place);
}

/* The code page of the East Asian letters here; 0: there are none. */
static unsigned
east_codepage(const struct doc *doc, const struct place *place)
{
	unsigned page = font_codepage(doc, place->character.font);
	uint32_t i;

	if (codepage_is_lead(page, EAST_LEAD))
		return page;
	if (codepage_is_lead(doc->codepage, EAST_LEAD))
		return doc->codepage;
	for (i = 0; i < doc->font_count; i++)
		if (codepage_is_lead(doc->font_codepages[i], EAST_LEAD))
			return doc->font_codepages[i];
	return 0;
}

/*
 * Two bytes of a document of Word 95: both bytes of a character in an East
 * Asian code page, the first in the upper half; or below that a byte of
 * Western text, with something else beside it.
 */
static int
put_wide_old(struct doc *doc, uint16_t unit, const struct place *place)
{
	const char text[2] = {(char)(unit >> 8), (char)unit};
	unsigned page = east_codepage(doc, place);

	if (page == 0)
		return put_wide(doc, unit, place);
	if (unit < EAST_FIRST)
		return put_bytes(doc, unit >= 0xA1 && unit < 0xE0 &&
		    page == CODEPAGE_JAPANESE ? page : CODEPAGE_LATIN,
		    text + 1, 1, place);
	if ((unit & 0xFF) < 0x40) /* no second byte */
		return doc->emit->err;
	return put_bytes(doc, page, text, 2, place);
}

/* ---- marks -------------------------------------------------------------- */

static void
field_begin(struct doc_fields *fields)
{
	if (fields->depth == DOC_FIELDS_MAX) {
		fields->deeper++;
		return;
	}
	fields->is_instruction[fields->depth++] = true;
	fields->instructions++;
	fields->paragraphs = 0;
}

static void
field_result(struct doc_fields *fields)
{
	if (fields->deeper > 0 || fields->depth == 0 ||
	    !fields->is_instruction[fields->depth - 1])
		return;
	fields->is_instruction[fields->depth - 1] = false;
	fields->instructions--;
}

static void
field_end(struct doc_fields *fields)
{
	if (fields->deeper > 0) {
		fields->deeper--;
	} else if (fields->depth > 0) {
		field_result(fields);
		fields->depth--;
	}
}

static int
paragraph_end(struct doc *doc, const struct place *place)
{
	struct doc_fields *fields = &doc->fields;
	enum block_kind kind = BLOCK_PARAGRAPH;
	struct doc_paragraph paragraph;
	unsigned level = 0;
	int err;

	(void)flush(doc); /* errors stick */
	if (fields->instructions > 0) {
		if (++fields->paragraphs > INSTRUCTION_PARAGRAPHS_MAX)
			memset(fields, 0, sizeof(*fields));
		return doc->emit->err;
	}
	err = doc_paragraph_at(doc, place->piece, place->fc, &paragraph);
	if (err < 0)
		return err;
	if (paragraph.is_inner_row_end)
		return flow_inner_row(&doc->flow);
	if (paragraph.is_inner_cell)
		return flow_inner_cell(&doc->flow);
	if (place->character.is_deleted)
		return doc->emit->err; /* the next one goes on */
	if (paragraph.outline < DOC_BODY) {
		kind = BLOCK_HEADING;
		level = paragraph.outline + 1u;
	} else if (paragraph.is_list) {
		kind = BLOCK_LIST_ITEM;
		level = paragraph.list_level + 1u;
	}
	return flow_paragraph(&doc->flow, kind, level, paragraph.is_in_table);
}

static int
cell_end(struct doc *doc, const struct place *place)
{
	struct doc_paragraph paragraph;
	int err;

	(void)flush(doc); /* errors stick */
	err = doc_paragraph_at(doc, place->piece, place->fc, &paragraph);
	if (err < 0)
		return err;
	return paragraph.is_row_end
	    ? flow_row(&doc->flow, paragraph.is_header)
	    : flow_cell(&doc->flow);
}

/* A character below the space. */
static int
mark(struct doc *doc, unsigned c, const struct place *place)
{
	switch (c) {
	case MARK_PARAGRAPH:
	case MARK_PAGE:
		return paragraph_end(doc, place);
	case MARK_CELL:
		return cell_end(doc, place);
	case MARK_FIELD:
		field_begin(&doc->fields);
		break;
	case MARK_FIELD_RESULT:
		field_result(&doc->fields);
		break;
	case MARK_FIELD_END:
		field_end(&doc->fields);
		break;
	default:
		break;
	}
	if (!place->is_shown || doc->fields.instructions > 0)
		return doc->emit->err;
	switch (c) {
	case '\t':
		return put_char(doc, '\t', true);
	case MARK_LINE:
		return put_char(doc, '\n', true);
	case MARK_COLUMN:
		return put_char(doc, ' ', true);
	case MARK_HYPHEN:
		return put_char(doc, 0x2011, true);
	default:
		return doc->emit->err;
	}
}

static int
character(struct doc *doc, unsigned c, const struct place *place)
{
	if (c < 0x20)
		return mark(doc, c, place);
	if (!place->is_shown || doc->fields.instructions > 0)
		return doc->emit->err;
	if (place->character.symbol != 0 && c == MARK_SYMBOL &&
	    place->character.is_special)
		return put_symbol(doc, place->character.symbol, place);
	if (!place->piece->is_wide)
		return put_narrow(doc, (unsigned char)c, place);
	return doc->is_old ? put_wide_old(doc, (uint16_t)c, place)
			   : put_wide(doc, (uint16_t)c, place);
}

/* ---- notes -------------------------------------------------------------- */

/* The next position that a note hangs on; UINT32_MAX: none. */
static uint32_t
next_note(const struct doc *doc, unsigned *ret_kind)
{
	uint32_t next = UINT32_MAX, cp;
	unsigned i;

	for (i = 0; i < DOC_NOTE_KINDS; i++) {
		if (doc->notes[i].next >= doc->notes[i].count)
			continue;
		cp = le32(doc->notes[i].refs.data +
		    4 * (size_t)doc->notes[i].next);
		if (cp < next) {
			next = cp;
			*ret_kind = i;
		}
	}
	return next;
}

/* Its text, as an aside.  Texts rise, so that none is read twice. */
static int
note(struct doc *doc, unsigned kind)
{
	struct doc_notes *notes = &doc->notes[kind];
	struct doc_fields fields = doc->fields;
	uint32_t at = doc->part_at[notes->part], cp, cp_end;
	const char *texts = notes->texts.data + 4 * (size_t)notes->next;
	uint64_t part_len = doc->part_at[notes->part + 1] - at;
	int err;

	notes->next++;
	cp = le32(texts);
	cp_end = le32(texts + 4);
	if (cp < notes->cp)
		cp = notes->cp;
	if (cp_end > part_len)
		cp_end = (uint32_t)part_len;
	if (cp >= cp_end)
		return 0;
	notes->cp = cp_end;
	(void)flush(doc); /* errors stick */
	flow_aside_begin(&doc->flow, false);
	memset(&doc->fields, 0, sizeof(doc->fields));
	err = doc_text(doc, at + cp, at + cp_end, false);
	doc->fields = fields;
	return err < 0 ? err : flow_aside_end(&doc->flow);
}

/* All that hang on positions before cp. */
static int
notes_before(struct doc *doc, uint32_t cp)
{
	unsigned kind = 0;
	int err = 0;

	while (err == 0 && next_note(doc, &kind) < cp)
		err = note(doc, kind);
	return err;
}

/* ---- runs --------------------------------------------------------------- */

/* Up to most characters at cp, as many as have the same properties. */
static int
run(struct doc *doc, const struct doc_piece *piece, uint32_t cp,
    uint32_t most, uint32_t *ret_count)
{
	unsigned char bytes[TEXT_AT_ONCE];
	unsigned width = piece->is_wide ? 2 : 1;
	struct place place = {.piece = piece};
	uint32_t fc_end, count, i;
	uint64_t fc;
	long n;
	int err;

	fc = piece->fc + (uint64_t)(cp - piece->cp) * width;
	if (fc > UINT32_MAX - TEXT_AT_ONCE)
		return ERR_SYNTAX;
	place.fc = (uint32_t)fc;
	err = doc_character_at(doc, piece, place.fc, &place.character,
	    &fc_end);
	if (err < 0)
		return err;
	place.is_shown = !place.character.is_hidden &&
	    !place.character.is_deleted;
	count = (fc_end - place.fc) / width;
	if (count == 0)
		count = 1;
	if (count > most)
		count = most;
	if (count > TEXT_AT_ONCE / width)
		count = TEXT_AT_ONCE / width;
	n = ole_stream_read_at(doc->text, fc, bytes, (size_t)count * width);
	if (n < 0)
		return (int)n;
	if (n < (long)width)
		return ERR_SYNTAX;
	count = (uint32_t)n / width;
	for (i = 0; err == 0 && i < count; i++, place.fc += width)
		err = character(doc, width == 2 ? le16(bytes + 2 * (size_t)i)
						: bytes[i], &place);
	*ret_count = count;
	return err;
}

int
doc_text(struct doc *doc, uint32_t cp, uint32_t cp_end, bool is_main)
{
	const struct doc_piece *piece;
	uint32_t most, count, next;
	unsigned kind;
	int err = 0;

	while (err == 0 && cp < cp_end) {
		piece = doc_piece_find(doc, cp);
		if (piece == NULL || piece->cp >= cp_end)
			break;
		if (cp < piece->cp)
			cp = piece->cp;
		most = (piece->cp_end < cp_end ? piece->cp_end : cp_end) - cp;
		if (is_main) {
			err = notes_before(doc, cp);
			next = next_note(doc, &kind);
			if (err == 0 && next - cp < most)
				most = next - cp + 1;
		}
		if (err == 0)
			err = run(doc, piece, cp, most, &count);
		if (err == ERR_SYNTAX) { /* the piece is not in the file */
			err = 0;
			count = most;
			doc->is_cut = true;
		}
		cp += count;
	}
	if (err == 0 && is_main)
		err = notes_before(doc, cp_end);
	if (err == 0)
		err = flush(doc);
	if (err == 0 && flow_has_text(&doc->flow))
		err = flow_paragraph(&doc->flow, BLOCK_PARAGRAPH, 0, false);
	memset(&doc->fields, 0, sizeof(doc->fields));
	return err;
}
