/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of properties: how many runs in the last byte, from its start where
 * each begins (FC, one more than runs), then for each the place of its list of
 * changes in the page, in words.  For paragraphs 12 bytes (old: 6) that cache
 * their height come after the place, and the changes begin with the style.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/doc.h"
#include "extractor/le.h"
#include "extractor/ole.h"

int
doc_pages_load(struct doc *doc, enum doc_table table, struct doc_pages *pages)
{
	size_t each = doc->is_old ? 4 + 2 : 4 + 4;
	int err;

	err = doc_load(doc, table, &pages->table);
	if (err < 0)
		return err;
	pages->count = pages->table.len < 4 + each
	    ? 0
	    : (uint32_t)((pages->table.len - 4) / each);
	return 0;
}

static uint32_t
page_fc(const struct doc_pages *pages, uint32_t i)
{
	return le32(pages->table.data + 4 * (size_t)i);
}

static uint32_t
page_number(const struct doc *doc, const struct doc_pages *pages, uint32_t i)
{
	const char *numbers = pages->table.data +
	    4 * ((size_t)pages->count + 1);

	return doc->is_old ? le16(numbers + 2 * (size_t)i)
			   : le32(numbers + 4 * (size_t)i) & 0x3FFFFF;
}

/* The changes of run i of the page. */
static void
run_changes(const struct doc *doc, struct doc_pages *pages, unsigned i,
    bool is_paragraph)
{
	const unsigned char *page = pages->bytes;
	size_t runs = page[DOC_PAGE_SIZE - 1], at, len, each;

	each = !is_paragraph ? 1 : doc->is_old ? 7 : 13;
	at = 2u * page[4 * (runs + 1) + each * i];
	if (at == 0 || at >= DOC_PAGE_SIZE - 1)
		return;
	len = page[at++];
	if (is_paragraph) {
		if (len == 0 && !doc->is_old)
			len = 2u * page[at++];
		else
			len = 2 * len - (doc->is_old ? 0 : 1);
	}
	if (len > DOC_PAGE_SIZE - 1 - at)
		len = DOC_PAGE_SIZE - 1 - at;
	if (is_paragraph) {
		if (len < 2)
			return;
		pages->style = le16(page + at);
		at += 2;
		len -= 2;
	}
	pages->changes = page + at;
	pages->changes_len = len;
}

/* Look for fc in the page; runs between there and fc_end are unknown. */
static void
find_run(const struct doc *doc, struct doc_pages *pages, uint32_t fc,
    bool is_paragraph)
{
	const unsigned char *page = pages->bytes;
	unsigned runs = page[DOC_PAGE_SIZE - 1], low = 0, high = runs, middle;
	size_t each = !is_paragraph ? 1 : doc->is_old ? 7 : 13;

	if (4 * (runs + 1) + each * runs > DOC_PAGE_SIZE - 1)
		return;
	while (low < high) {
		middle = (low + high) / 2;
		if (le32(page + 4 * (middle + 1)) <= fc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == runs || le32(page + 4 * low) > fc)
		return;
	pages->fc = le32(page + 4 * low);
	pages->fc_end = le32(page + 4 * (low + 1));
	run_changes(doc, pages, low, is_paragraph);
}

int
doc_pages_find(struct doc *doc, struct doc_pages *pages, uint32_t fc,
    bool is_paragraph)
{
	uint32_t low = 0, high = pages->count, middle, number;
	long n;

	if (fc >= pages->fc && fc < pages->fc_end)
		return 0;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (page_fc(pages, middle + 1) <= fc)
			low = middle + 1;
		else
			high = middle;
	}
	pages->changes_len = 0;
	pages->style = 0;
	pages->fc = fc;
	if (low == pages->count || page_fc(pages, low) > fc) {
		pages->fc_end = low < pages->count ? page_fc(pages, low)
						   : UINT32_MAX;
		return 0;
	}
	pages->fc_end = fc + 1; /* the next character may be known */
	number = page_number(doc, pages, low);
	if (!pages->is_loaded || pages->number != number) {
		n = ole_stream_read_at(doc->text,
		    (uint64_t)number * DOC_PAGE_SIZE, pages->bytes,
		    DOC_PAGE_SIZE);
		if (n < 0)
			return (int)n;
		if (n < (long)DOC_PAGE_SIZE)
			pages->bytes[DOC_PAGE_SIZE - 1] = 0;
		pages->number = number;
		pages->is_loaded = true;
	}
	find_run(doc, pages, fc, is_paragraph);
	return 0;
}

/* ---- what they come to -------------------------------------------------- */

/* The changes that the piece makes to all that is in it. */
static const unsigned char *
piece_changes(const struct doc *doc, const struct doc_piece *piece,
    size_t *ret_len)
{
	size_t i = piece->change >> 1;
	uint32_t place[2];

	*ret_len = 0;
	if ((piece->change & 1) == 0 ||
	    (i + 1) * sizeof(place) > doc->piece_changes.len)
		return NULL;
	memcpy(place, doc->piece_changes.data + i * sizeof(place),
	    sizeof(place));
	*ret_len = place[1];
	return (const unsigned char *)doc->piece_table.data + place[0];
}

int
doc_paragraph_at(struct doc *doc, const struct doc_piece *piece, uint32_t fc,
    struct doc_paragraph *ret_paragraph)
{
	struct doc_paragraph paragraph;
	const unsigned char *changes;
	size_t len;
	int err;

	err = doc_pages_find(doc, &doc->paragraphs, fc, true);
	if (err < 0)
		return err;
	doc_style_paragraph(doc, doc->paragraphs.style, &paragraph);
	doc_change_paragraph(doc, doc->paragraphs.changes,
	    doc->paragraphs.changes_len, &paragraph);
	changes = piece_changes(doc, piece, &len);
	doc_change_paragraph(doc, changes, len, &paragraph);
	*ret_paragraph = paragraph;
	return 0;
}

int
doc_character_at(struct doc *doc, const struct doc_piece *piece, uint32_t fc,
    struct doc_character *ret_character, uint32_t *ret_fc_end)
{
	struct doc_character style, character;
	const unsigned char *changes;
	size_t len;
	int err;

	err = doc_pages_find(doc, &doc->paragraphs, fc, true);
	if (err == 0)
		err = doc_pages_find(doc, &doc->characters, fc, false);
	if (err < 0)
		return err;
	doc_style_character(doc, doc->paragraphs.style, &style);
	character = style;
	doc_change_character(doc, doc->characters.changes,
	    doc->characters.changes_len, &style, &character);
	changes = piece_changes(doc, piece, &len);
	doc_change_character(doc, changes, len, &style, &character);
	*ret_character = character;
	*ret_fc_end = doc->characters.fc_end < doc->paragraphs.fc_end
	    ? doc->characters.fc_end
	    : doc->paragraphs.fc_end;
	return 0;
}
