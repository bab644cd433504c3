/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of the stream WordDocument (FIB): flags, the lengths of the parts
 * of the text, and a list of (offset, length) of all tables.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/codepage.h"
#include "extractor/doc.h"
#include "extractor/le.h"
#include "extractor/ole.h"

#define HEAD_SIZE 898u /* with all tables that are used */
#define HEAD_OLDEST 101u /* Word 6 */
#define HEAD_NEW 106u	 /* after Word 95 */
#define FLAG_ENCRYPTED 0x0100u
#define FLAG_SECOND_TABLE 0x0200u
#define FLAG_WIDE 0x1000u /* of old files */

/* Of Word 97 and later; the sizes of the parts in between are in the file. */
#define WORDS_AT 32u
#define PARTS_IN_LONGS 3u

/* Of Word 6 and 95. */
#define OLD_PARTS_AT 0x34u
#define OLD_TABLES_AT 0x58u
#define OLD_TABLES 34u /* of those in the same order */
#define OLD_MACINTOSH 256u

/* Lengths, one after the other, become positions. */
static void
set_parts(struct doc *doc, const unsigned char *lengths, uint64_t most)
{
	uint64_t at = 0;
	unsigned i;

	for (i = 0; i < DOC_PARTS; i++) {
		doc->part_at[i] = (uint32_t)at;
		if (i != DOC_MACROS || doc->is_old)
			at += le32(lengths + 4 * i);
		if (at > most) { /* each has a byte at least */
			at = most;
			doc->is_cut = true;
		}
	}
	doc->part_at[DOC_PARTS] = (uint32_t)at;
}

static int
head_new(struct doc *doc, const unsigned char *head, size_t len)
{
	size_t longs_at = WORDS_AT + 2 + 2u * le16(head + WORDS_AT), at;

	if (longs_at + 2 > len)
		return ERR_SYNTAX;
	at = longs_at + 2 + 4u * le16(head + longs_at);
	if (le16(head + longs_at) < PARTS_IN_LONGS + DOC_PARTS ||
	    at + 2 > len)
		return ERR_SYNTAX;
	set_parts(doc, head + longs_at + 2 + 4 * PARTS_IN_LONGS,
	    ole_stream_size(doc->text));
	doc->tables = le16(head + at);
	doc->tables_at = (uint32_t)at + 2;
	return 0;
}

static int
open_tables(struct doc *doc, unsigned flags)
{
	static const char *const names[] = {"0Table", "1Table"};
	unsigned which = (flags & FLAG_SECOND_TABLE) != 0;
	int err;

	err = ole_stream_open(doc->ole, names[which], &doc->table);
	if (err == ERR_NOT_FOUND)
		err = ole_stream_open(doc->ole, names[!which], &doc->table);
	if (err == ERR_NOT_FOUND)
		return err_set(doc->note, ERR_SYNTAX, "the Word document has "
		    "lost its tables: it is damaged or cut off");
	if (err < 0)
		return err;
	err = ole_stream_open(doc->ole, "Data", &doc->data);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int
doc_head(struct doc *doc)
{
	unsigned char head[HEAD_SIZE];
	unsigned version, flags;
	long n;

	n = ole_stream_read_at(doc->text, 0, head, sizeof(head));
	if (n < 0)
		return (int)n;
	if (n < OLD_TABLES_AT)
		return err_set(doc->note, ERR_SYNTAX,
		    "the Word document is cut off in its head");
	version = le16(head + 2);
	flags = le16(head + 10);
	if ((flags & FLAG_ENCRYPTED) != 0)
		return err_set(doc->note, ERR_FORBIDDEN,
		    "the document needs a password to be read");
	if (version < HEAD_OLDEST)
		return err_set(doc->note, ERR_UNSUPPORTED,
		    "documents of Word before version 6 are not supported");
	doc->is_old = version < HEAD_NEW;
	doc->first = le32(head + 24);
	if (!doc->is_old) {
		doc->codepage = CODEPAGE_LATIN;
		if (head_new(doc, head, (size_t)n) < 0)
			return err_set(doc->note, ERR_SYNTAX,
			    "the Word document's head is damaged");
		return open_tables(doc, flags);
	}
	doc->codepage = le16(head + 20) == OLD_MACINTOSH
	    ? CODEPAGE_MACINTOSH
	    : codepage_of_language(le16(head + 6));
	set_parts(doc, head + OLD_PARTS_AT, ole_stream_size(doc->text));
	/* The flag alone says only that there may be such letters. */
	doc->is_wide = (flags & FLAG_WIDE) != 0 &&
	    doc->part_at[DOC_PARTS] > 0 && le32(head + 28) > doc->first &&
	    (le32(head + 28) - doc->first) / 2 >= doc->part_at[DOC_PARTS];
	doc->tables_at = OLD_TABLES_AT;
	doc->tables = OLD_TABLES;
	doc->table = doc->text;
	return 0;
}

int
doc_load(struct doc *doc, enum doc_table table, struct buf *out)
{
	unsigned char place[8];
	uint64_t size = ole_stream_size(doc->table);
	uint32_t at, len;
	long n;
	int err;

	buf_clear(out);
	if ((unsigned)table >= doc->tables)
		return 0;
	n = ole_stream_read_at(doc->text, doc->tables_at + 8ull * table,
	    place, sizeof(place));
	if (n < (long)sizeof(place))
		return n < 0 ? (int)n : 0;
	at = le32(place);
	len = le32(place + 4);
	if (len == 0 || at >= size || len > size - at)
		return 0;
	if (len > DOC_TABLE_MAX)
		return err_set(doc->note, ERR_TOO_BIG,
		    "a table of the Word document has %u bytes", len);
	err = buf_reserve(out, len);
	if (err < 0)
		return err;
	n = ole_stream_read_at(doc->table, at, out->data, len);
	if (n < 0)
		return (int)n;
	out->len = (size_t)n;
	out->data[out->len] = '\0';
	return 0;
}
