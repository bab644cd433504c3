/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binary documents of Word: 6, 95, 97 to 2003.  The order is that of the main
 * text, with notes and comments behind the paragraphs that they hang on, then
 * boxes, headers and footers, then embedded objects.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/doc.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/le.h"
#include "extractor/ole.h"

#define HEADERS_NOT_OF_PAGES 6u /* lines above notes */

/* Tables of one kind of note, and how much stands behind each position. */
static const struct {
	enum doc_part part;
	enum doc_table refs, texts;
	size_t size, size_old;
} note_kinds[DOC_NOTE_KINDS] = {
    {DOC_FOOTNOTES, DOC_TABLE_FOOTNOTE_REFS, DOC_TABLE_FOOTNOTE_TEXTS, 2, 2},
    {DOC_ENDNOTES, DOC_TABLE_ENDNOTE_REFS, DOC_TABLE_ENDNOTE_TEXTS, 2, 2},
    {DOC_COMMENTS, DOC_TABLE_COMMENT_REFS, DOC_TABLE_COMMENT_TEXTS, 30, 20},
};

static int
load_notes(struct doc *doc)
{
	struct doc_notes *notes;
	size_t each, texts;
	unsigned i;
	int err = 0;

	for (i = 0; err == 0 && i < DOC_NOTE_KINDS; i++) {
		notes = &doc->notes[i];
		notes->part = note_kinds[i].part;
		err = doc_load(doc, note_kinds[i].refs, &notes->refs);
		if (err == 0)
			err = doc_load(doc, note_kinds[i].texts,
			    &notes->texts);
		if (err < 0)
			break;
		each = doc->is_old ? note_kinds[i].size_old
				   : note_kinds[i].size;
		if (notes->refs.len < 4 || notes->texts.len < 8)
			continue; /* what there is comes at the end */
		notes->count = (uint32_t)((notes->refs.len - 4) / (4 + each));
		texts = notes->texts.len / 4 - 1;
		if (notes->count > texts)
			notes->count = (uint32_t)texts;
	}
	return err;
}

static int
load(struct doc *doc)
{
	int err;

	err = doc_head(doc);
	if (err == 0)
		err = doc_pieces(doc);
	if (err == 0)
		err = doc_pages_load(doc, DOC_TABLE_PARAGRAPHS,
		    &doc->paragraphs);
	if (err == 0)
		err = doc_pages_load(doc, DOC_TABLE_CHARACTERS,
		    &doc->characters);
	if (err == 0)
		err = doc_styles(doc);
	if (err == 0)
		err = doc_fonts(doc);
	return err < 0 ? err : load_notes(doc);
}

/* Headers and footers of each section, those of the same words once. */
static int
emit_headers(struct doc *doc)
{
	uint32_t at = doc->part_at[DOC_HEADERS], i, cp, cp_end;
	uint32_t len = doc->part_at[DOC_HEADERS + 1] - at, done = 0;
	struct buf table;
	int err;

	buf_init(&table, DOC_TABLE_MAX);
	err = doc_load(doc, DOC_TABLE_HEADERS, &table);
	for (i = HEADERS_NOT_OF_PAGES; err == 0 && 4ull * i + 8 <= table.len;
	     i++) {
		cp = le32(table.data + 4 * (size_t)i);
		cp_end = le32(table.data + 4 * (size_t)i + 4);
		if (cp < done)
			cp = done;
		if (cp_end > len)
			cp_end = len;
		if (cp >= cp_end)
			continue;
		done = cp_end;
		flow_aside_begin(&doc->flow, true);
		err = doc_text(doc, at + cp, at + cp_end, false);
		if (err == 0)
			err = flow_aside_end(&doc->flow);
	}
	buf_fini(&table);
	return err;
}

static int
emit_text(struct doc *doc)
{
	unsigned i;
	int err;

	err = doc_text(doc, 0, doc->part_at[DOC_MAIN + 1], true);
	for (i = 0; err == 0 && i < DOC_NOTE_KINDS; i++)
		err = doc_text(doc, doc->part_at[doc->notes[i].part] +
		    doc->notes[i].cp, doc->part_at[doc->notes[i].part + 1],
		    false);
	if (err == 0)
		err = doc_text(doc, doc->part_at[DOC_BOXES],
		    doc->part_at[DOC_PARTS], false);
	if (err == 0)
		err = emit_headers(doc);
	return err < 0 ? err : flow_end(&doc->flow);
}

static int
emit_object(void *arg, const char *name, bool is_folder, uint64_t size)
{
	struct doc *doc = arg;
	char path[OLE_NAME_SIZE + 16];
	int err;

	(void)size;
	if (!is_folder)
		return 0;
	(void)snprintf(path, sizeof(path), "ObjectPool/%s", name);
	err = ole_embedded(doc->ole, path, doc->emit, doc->note);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static void
doc_free(struct doc *doc)
{
	unsigned i;

	if (doc == NULL)
		return;
	flow_fini(&doc->flow);
	for (i = 0; i < DOC_NOTE_KINDS; i++) {
		buf_fini(&doc->notes[i].refs);
		buf_fini(&doc->notes[i].texts);
	}
	buf_fini(&doc->piece_table);
	buf_fini(&doc->piece_changes);
	buf_fini(&doc->paragraphs.table);
	buf_fini(&doc->characters.table);
	buf_fini(&doc->style_table);
	buf_fini(&doc->huge);
	buf_fini(&doc->narrow);
	buf_fini(&doc->decoded);
	mem_free(doc->pieces);
	mem_free(doc->styles);
	if (doc->table != doc->text)
		ole_stream_close(doc->table);
	ole_stream_close(doc->text);
	ole_stream_close(doc->data);
	ole_close(doc->ole);
	mem_free(doc);
}

static struct doc *
doc_new(struct emit *emit, struct err_note *note)
{
	struct doc *doc = mem_zalloc(sizeof(*doc));
	unsigned i;

	if (doc == NULL)
		return NULL;
	doc->emit = emit;
	doc->note = note;
	flow_init(&doc->flow, emit);
	for (i = 0; i < DOC_NOTE_KINDS; i++) {
		buf_init(&doc->notes[i].refs, DOC_TABLE_MAX);
		buf_init(&doc->notes[i].texts, DOC_TABLE_MAX);
	}
	buf_init(&doc->piece_table, DOC_TABLE_MAX);
	buf_init(&doc->piece_changes, DOC_TABLE_MAX);
	buf_init(&doc->paragraphs.table, DOC_TABLE_MAX);
	buf_init(&doc->characters.table, DOC_TABLE_MAX);
	buf_init(&doc->style_table, DOC_TABLE_MAX);
	buf_init(&doc->huge, 64 * KIB);
	buf_init(&doc->narrow, 64 * KIB);
	buf_init(&doc->decoded, MIB);
	return doc;
}

int
read_doc(struct input *input, struct emit *emit, struct err_note *note)
{
	struct doc *doc = doc_new(emit, note);
	int err;

	if (doc == NULL)
		return ERR_NOMEM;
	err = ole_open(input, &doc->ole, note);
	if (err == 0)
		err = ole_stream_open(doc->ole, "WordDocument", &doc->text);
	if (err == ERR_NOT_FOUND)
		err = err_set(note, ERR_SYNTAX,
		    "the compound file has no Word document in it");
	if (err == 0)
		err = load(doc);
	if (err == 0)
		err = ole_properties(doc->ole, emit, note);
	if (err == 0)
		err = emit_text(doc);
	if (err == 0)
		err = ole_each(doc->ole, "ObjectPool", emit_object, doc);
	if (err == ERR_NOT_FOUND)
		err = 0; /* no objects */
	if (err == 0 && doc->is_cut)
		err = err_set(note, ERR_SYNTAX,
		    "the Word document is cut off: some of its text is gone");
	doc_free(doc);
	return err;
}
