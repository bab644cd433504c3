/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store holds what is read before the text and sent behind the paragraph
 * that refers to it; and here blocks leave.
 */
#include <glib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/docx.h"
#include "extractor/drawing.h"
#include "extractor/emit.h"
#include "extractor/markup.h"
#include "extractor/ooxml.h"

/* Lines of code are paragraphs in Word and one block here. */
static void
send_code(struct emit *emit, const char *text, size_t len)
{
	if (emit->is_open && emit->kind == BLOCK_CODE)
		(void)emit_put(emit, "\n", 1); /* errors stick */
	else
		(void)emit_open(emit, BLOCK_CODE, 0);
	(void)emit_put(emit, text, len);
}

int
docx_send(struct docx *docx, const struct buf *pile, size_t at, size_t end,
    bool has_pages)
{
	struct emit *emit = docx->emit;
	struct docx_record record;
	const char *text;

	while (at < end && emit->err == 0) {
		text = docx_record(pile, at, &record);
		at += sizeof(record) + record.len;
		if (has_pages && record.page != emit->page) {
			(void)emit_close(emit);
			emit->page = record.page;
		}
		if (record.kind == BLOCK_CODE) {
			send_code(emit, text, record.len);
			continue;
		}
		(void)emit_close(emit);
		(void)emit_block(emit, record.kind, record.level, text,
		    record.len);
	}
	return emit->err;
}

int
docx_store(struct docx *docx, uint64_t key, enum docx_what what,
    const char *bytes, size_t len)
{
	struct docx_stored *stored;
	size_t size;

	if (docx->stored_count == DOCX_STORED_MAX)
		return err_set(docx->note, ERR_TOO_BIG,
		    "the document has more than %u notes", DOCX_STORED_MAX);
	if (docx->stored_count == docx->stored_size) {
		size = docx->stored_size == 0 ? 64 : 2 * docx->stored_size;
		stored = mem_resize(docx->stored, size, sizeof(*stored));
		if (stored == NULL)
			return ERR_NOMEM;
		docx->stored = stored;
		docx->stored_size = size;
	}
	stored = &docx->stored[docx->stored_count++];
	memset(stored, 0, sizeof(*stored));
	stored->key = key;
	stored->what = what;
	stored->at = docx->stored_bytes.len;
	stored->len = len;
	docx->is_sorted = false;
	(void)buf_put(&docx->stored_bytes, bytes, len);
	if (docx->stored_bytes.err == ERR_TOO_BIG)
		return err_set(docx->note, ERR_TOO_BIG,
		    "the notes have more than %llu bytes", DOCX_PILE_MAX);
	return docx->stored_bytes.err;
}

/* Of one key in their order. */
static gint
by_key(const void *a, const void *b, void *arg)
{
	const struct docx_stored *one = a, *other = b;

	(void)arg;
	if (one->key != other->key)
		return one->key > other->key ? 1 : -1;
	return (one->at > other->at) - (one->at < other->at);
}

static gint
by_place(const void *a, const void *b, void *arg)
{
	const struct docx_stored *one = a, *other = b;

	(void)arg;
	return (one->at > other->at) - (one->at < other->at);
}

/* Not qsort(), which asks the system how much memory there is. */
static void
sort_stored(struct docx *docx, GCompareDataFunc order)
{
	if (docx->stored_count > 1)
		g_qsort_with_data(docx->stored, (gint)docx->stored_count,
		    sizeof(*docx->stored), order, NULL);
}

/* The first of that key, or the count of all. */
static size_t
first_of(const struct docx *docx, uint64_t key)
{
	size_t low = 0, high = docx->stored_count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (docx->stored[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < docx->stored_count && docx->stored[low].key == key
	    ? low
	    : docx->stored_count;
}

int
docx_want(struct docx *docx, uint64_t key)
{
	struct docx_stored *stored;
	uint32_t index;
	size_t i;

	if (docx->stored_count == 0)
		return 0;
	if (!docx->is_sorted)
		sort_stored(docx, by_key);
	docx->is_sorted = true;
	/* Each is sent once, whoever asks for it again. */
	for (i = first_of(docx, key); i < docx->stored_count &&
	     docx->stored[i].key == key && !docx->stored[i].is_sent; i++) {
		stored = &docx->stored[i];
		stored->is_sent = true;
		docx->words += stored->len;
		index = (uint32_t)i;
		if (buf_put(&docx->wanted, &index, sizeof(index)) < 0)
			return docx->wanted.err;
	}
	return 0;
}

static int
send_part(struct docx *docx, enum docx_what what, const char *part)
{
	struct drawing_out out = {.emit = docx->emit};
	struct relation_map relations;
	struct drawing drawing;
	int err;

	/* The parser that calls us must not lose what it heard so far. */
	if (markup_has_starved())
		return ERR_NOMEM;
	(void)emit_close(docx->emit); /* errors stick */
	if (what == DOCX_CHART) {
		err = chart_read(docx->package, part, &out, NULL);
	} else {
		relation_map_init(&relations);
		drawing_init(&drawing, docx->package, &out, &relations, NULL);
		err = drawing_read(&drawing, part, DRAWING_DIAGRAM);
		drawing_fini(&drawing);
		relation_map_fini(&relations);
	}
	if (docx->emit->err < 0)
		return docx->emit->err;
	(void)emit_close(docx->emit);
	/* A damaged picture does not make the text unreadable. */
	return err == ERR_NOMEM ? err : docx->emit->err;
}

static int
send_stored(struct docx *docx, const struct docx_stored *stored)
{
	char part[OOXML_NAME_SIZE];

	if (stored->what == DOCX_NOTE)
		return docx_send(docx, &docx->stored_bytes, stored->at,
		    stored->at + stored->len, false);
	if (stored->len >= sizeof(part))
		return 0;
	memcpy(part, docx->stored_bytes.data + stored->at, stored->len);
	part[stored->len] = '\0';
	return send_part(docx, stored->what, part);
}

int
docx_send_wanted(struct docx *docx)
{
	uint32_t index;
	size_t i;
	int err = 0;

	for (i = 0; i < docx->wanted.len && err == 0; i += sizeof(index)) {
		memcpy(&index, docx->wanted.data + i, sizeof(index));
		err = send_stored(docx, &docx->stored[index]);
	}
	buf_clear(&docx->wanted);
	return err;
}

int
docx_send_rest(struct docx *docx)
{
	size_t i;
	int err = 0;

	sort_stored(docx, by_place);
	docx->is_sorted = false;
	for (i = 0; i < docx->stored_count && err == 0; i++) {
		if (docx->stored[i].is_sent)
			continue;
		docx->stored[i].is_sent = true;
		err = send_stored(docx, &docx->stored[i]);
	}
	return err;
}
