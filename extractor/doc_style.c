/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Styles and fonts.  A style has a number of Word's own (1 to 9 are the
 * headings), the style that it is based on, a name, and changes to that for
 * paragraphs and for characters.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/codepage.h"
#include "extractor/doc.h"
#include "extractor/le.h"

#define STYLE_NONE 0xFFFu
#define STYLE_HEADINGS 9u
#define STYLE_TITLE 62u
#define STYLE_OF_PARAGRAPH 1u
#define STYLE_OF_CHARACTERS 2u
#define FONT_NAME_AT 40u
#define FONT_NAME_AT_OLD 6u

/* Changes with their length before them: false when there are no more. */
static bool
next_changes(const struct buf *table, size_t *at, size_t end,
    uint32_t *ret_at, uint32_t *ret_len)
{
	size_t len;

	*at += *at & 1;
	if (end < *at || end - *at < 2)
		return false;
	len = le16(table->data + *at);
	*at += 2;
	if (len > end - *at)
		return false;
	*ret_at = (uint32_t)*at;
	*ret_len = (uint32_t)len;
	*at += len;
	return true;
}

/* len bytes at at; its places are even counted from there. */
static void
read_style(struct doc *doc, size_t at, size_t len, size_t base_len,
    struct doc_style *style)
{
	const struct buf *table = &doc->style_table;
	const char *base = table->data + at;
	size_t end = at + len, name;
	unsigned kind;

	if (len < 8 || base_len < 8 || base_len > len - 2)
		return;
	style->kind = le16(base) & 0xFFF;
	style->base = le16(base + 2) >> 4;
	kind = le16(base + 2) & 0xF;
	style->is_known = true;
	style->is_paragraph = kind == STYLE_OF_PARAGRAPH;
	name = doc->is_old
	    ? 1u + (unsigned char)base[base_len] + 1
	    : 2u + 2u * le16(base + base_len) + 2;
	if (name > len - base_len)
		return;
	at += base_len + name;
	/* Old tables are not aligned to the file but to the style. */
	if (((at - (size_t)(base - table->data)) & 1) != 0)
		at++;
	if ((at & 1) != 0) { /* styles have even lengths: it is damaged */
		return;
	}
	if (style->is_paragraph && next_changes(table, &at, end,
		&style->paragraph_at, &style->paragraph_len)) {
		/* They begin with the style's own number. */
		if (style->paragraph_len < 2) {
			style->paragraph_len = 0;
		} else {
			style->paragraph_at += 2;
			style->paragraph_len -= 2;
		}
	}
	if (style->is_paragraph || kind == STYLE_OF_CHARACTERS)
		(void)next_changes(table, &at, end, &style->character_at,
		    &style->character_len);
}

int
doc_styles(struct doc *doc)
{
	struct buf *table = &doc->style_table;
	size_t at, len, base_len;
	uint32_t i;
	int err;

	err = doc_load(doc, DOC_TABLE_STYLES, table);
	if (err < 0 || table->len < 6)
		return err;
	len = le16(table->data);
	at = 2 + len;
	doc->style_count = le16(table->data + 2);
	base_len = le16(table->data + 4);
	if (doc->style_count > DOC_STYLES_MAX)
		doc->style_count = DOC_STYLES_MAX;
	doc->styles = mem_zalloc(
	    (doc->style_count + 1ul) * sizeof(*doc->styles));
	if (doc->styles == NULL)
		return ERR_NOMEM;
	for (i = 0; i < doc->style_count; i++) {
		if (table->len < at || table->len - at < 2)
			break;
		len = le16(table->data + at);
		at += 2;
		if (len > table->len - at)
			break;
		read_style(doc, at, len, base_len, &doc->styles[i]);
		at += len;
	}
	return 0;
}

/* The style and those below it, the lowest last: how many. */
static unsigned
style_chain(const struct doc *doc, uint16_t style,
    const struct doc_style *chain[DOC_STYLE_DEPTH_MAX])
{
	unsigned n = 0;

	while (n < DOC_STYLE_DEPTH_MAX && style < doc->style_count &&
	    doc->styles[style].is_known) {
		chain[n++] = &doc->styles[style];
		if (doc->styles[style].base == STYLE_NONE)
			break;
		style = doc->styles[style].base;
	}
	return n;
}

void
doc_style_paragraph(struct doc *doc, uint16_t style,
    struct doc_paragraph *ret_paragraph)
{
	const struct doc_style *chain[DOC_STYLE_DEPTH_MAX];
	struct doc_paragraph paragraph = {.style = style,
	    .outline = DOC_BODY};
	unsigned n = style_chain(doc, style, chain);

	if (n == 0 && style >= 1 && style <= STYLE_HEADINGS)
		paragraph.outline = (uint8_t)(style - 1);
	while (n > 0) {
		n--;
		if (chain[n]->kind >= 1 && chain[n]->kind <= STYLE_HEADINGS)
			paragraph.outline = (uint8_t)(chain[n]->kind - 1);
		else if (chain[n]->kind == STYLE_TITLE)
			paragraph.outline = 0;
		doc_change_paragraph(doc, (const unsigned char *)
		    doc->style_table.data + chain[n]->paragraph_at,
		    chain[n]->paragraph_len, &paragraph);
	}
	*ret_paragraph = paragraph;
}

void
doc_style_character(struct doc *doc, uint16_t style,
    struct doc_character *ret_character)
{
	const struct doc_style *chain[DOC_STYLE_DEPTH_MAX];
	struct doc_character character = {0}, below;
	unsigned n = style_chain(doc, style, chain);

	while (n > 0) {
		n--;
		below = character;
		doc_change_character(doc, (const unsigned char *)
		    doc->style_table.data + chain[n]->character_at,
		    chain[n]->character_len, &below, &character);
	}
	*ret_character = character;
}

/* ---- fonts -------------------------------------------------------------- */

/* One font of len bytes: what its letters are encoded in. */
static uint16_t
font_codepage(const struct doc *doc, const unsigned char *font, size_t len)
{
	size_t at = doc->is_old ? FONT_NAME_AT_OLD : FONT_NAME_AT;
	char name[32];
	size_t n = 0;

	for (; at < len && n + 1 < sizeof(name); at += doc->is_old ? 1 : 2) {
		if (font[at] == 0)
			break;
		name[n++] = (char)font[at];
	}
	name[n] = '\0';
	/* 0 is what the writer's machine had, not Latin. */
	return (uint16_t)codepage_of_font(len > 4 && font[4] != 0 ? font[4]
								  : 1, name);
}

int
doc_fonts(struct doc *doc)
{
	const unsigned char *bytes;
	struct buf table;
	size_t at, len;
	uint32_t most;
	int err;

	buf_init(&table, DOC_TABLE_MAX);
	err = doc_load(doc, DOC_TABLE_FONTS, &table);
	if (err < 0 || table.len < 4)
		goto out;
	bytes = (const unsigned char *)table.data;
	most = doc->is_old ? DOC_FONTS_MAX : le16(bytes);
	if (most > DOC_FONTS_MAX)
		most = DOC_FONTS_MAX;
	at = doc->is_old ? 2 : 4;
	while (doc->font_count < most && at < table.len) {
		len = 1u + bytes[at];
		if (len > table.len - at)
			break;
		doc->font_codepages[doc->font_count++] =
		    font_codepage(doc, bytes + at, len);
		at += len;
	}
out:
	buf_fini(&table);
	return err;
}
