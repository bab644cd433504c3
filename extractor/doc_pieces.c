/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/doc.h"
#include "extractor/le.h"
#include "extractor/ole.h"

#define PIECE_CHANGES 1u /* marks in the table */
#define PIECE_TABLE 2u
#define PIECE_SIZE 8u
#define PIECE_NARROW 0x40000000u
#define PIECE_FC 0x3FFFFFFFu

/* Old documents that were not saved fast have no table. */
static int
one_piece(struct doc *doc)
{
	uint32_t chars = doc->part_at[DOC_PARTS];
	struct doc_piece *piece = &doc->pieces[0];
	uint64_t size = ole_stream_size(doc->text);

	if (!doc->is_old)
		return err_set(doc->note, ERR_SYNTAX, "the Word document's "
		    "table of pieces is missing: it is damaged or cut off");
	if (doc->first >= size)
		return err_set(doc->note, ERR_SYNTAX, "the Word document has "
		    "no text: it is damaged or cut off");
	piece->cp = 0;
	piece->fc = doc->first;
	piece->change = 0;
	piece->is_wide = doc->is_wide;
	if (chars > (size - doc->first) / (piece->is_wide ? 2 : 1))
		chars = (uint32_t)((size - doc->first) /
		    (piece->is_wide ? 2 : 1));
	piece->cp_end = chars;
	doc->piece_count = 1;
	return 0;
}

/*
 * count pieces: positions, of which there is one more than pieces, and eight
 * bytes for each.  Positions must rise; those beyond the parts of the text are
 * not needed.
 */
static void
read_pieces(struct doc *doc, const unsigned char *table, uint32_t count)
{
	const unsigned char *entry = table + 4 * ((size_t)count + 1);
	uint32_t end = doc->part_at[DOC_PARTS], i, fc;
	struct doc_piece *piece;

	for (i = 0; i < count; i++, entry += PIECE_SIZE) {
		piece = &doc->pieces[doc->piece_count];
		piece->cp = le32(table + 4 * (size_t)i);
		piece->cp_end = le32(table + 4 * (size_t)i + 4);
		if (piece->cp_end > end)
			piece->cp_end = end;
		if (piece->cp >= piece->cp_end)
			continue;
		if (doc->piece_count > 0 && piece->cp < piece[-1].cp_end)
			break;
		fc = le32(entry + 2);
		piece->change = le16(entry + 6);
		if (doc->is_old) {
			piece->is_wide = doc->is_wide;
			piece->fc = fc;
		} else {
			piece->is_wide = (fc & PIECE_NARROW) == 0;
			piece->fc = fc & PIECE_FC;
			if (!piece->is_wide)
				piece->fc /= 2;
		}
		doc->piece_count++;
	}
}

int
doc_pieces(struct doc *doc)
{
	const unsigned char *table;
	struct buf *bytes = &doc->piece_table;
	uint32_t place[2], count = 0;
	size_t at = 0, len;
	int err;

	err = doc_load(doc, DOC_TABLE_PIECES, bytes);
	if (err < 0)
		return err;
	while (bytes->len - at >= 3 && bytes->data[at] == PIECE_CHANGES) {
		len = le16(bytes->data + at + 1);
		if (len > bytes->len - at - 3)
			break;
		place[0] = (uint32_t)(at + 3);
		place[1] = (uint32_t)len;
		err = buf_put(&doc->piece_changes, place, sizeof(place));
		if (err < 0)
			return err;
		at += 3 + len;
	}
	if (bytes->len - at >= 5 + 4 + 4 + PIECE_SIZE &&
	    bytes->data[at] == PIECE_TABLE) {
		len = le32(bytes->data + at + 1);
		at += 5;
		if (len > bytes->len - at)
			len = bytes->len - at;
		if (len > 4)
			count = (uint32_t)((len - 4) / (4 + PIECE_SIZE));
	}
	doc->pieces = mem_array((size_t)count + 1, sizeof(*doc->pieces));
	if (doc->pieces == NULL)
		return ERR_NOMEM;
	if (count == 0)
		return one_piece(doc);
	table = (const unsigned char *)bytes->data + at;
	read_pieces(doc, table, count);
	if (doc->piece_count == 0 && doc->part_at[DOC_PARTS] > 0)
		return err_set(doc->note, ERR_SYNTAX,
		    "the Word document's table of pieces is damaged");
	return 0;
}

const struct doc_piece *
doc_piece_find(const struct doc *doc, uint32_t cp)
{
	uint32_t low = 0, high = doc->piece_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (doc->pieces[middle].cp_end <= cp)
			low = middle + 1;
		else
			high = middle;
	}
	/* There may be a hole before it. */
	return low < doc->piece_count ? &doc->pieces[low] : NULL;
}
