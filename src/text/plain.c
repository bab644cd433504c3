/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/block.h"
#include "text/measure.h"
#include "text/plain.h"
#include "text/scrub.h"
#include "text/section.h"
#include "text/space.h"
#include "text/split.h"

/* Beyond it the pages stay those of the last one: no text of that size has so
 * many. */
#define MARKS_MAX 1000000u

struct plain {
	const struct chunk_rule *rule;
	chunk_fn *fn;
	void *arg;
	struct err_note *note;

	enum chunk_form form;
	struct buf text; /* as far as it has come */
	struct scrub_mark *marks; /* where its pages begin */
	size_t mark_count, mark_size;
	struct split split;
	struct section section;
	enum block_kind kind; /* of the last block */
	uint32_t ordinal;
	bool has_last; /* a block came already: one may continue it */
	bool has_body; /* the section has more than its heading */
};

static int on_piece(void *arg, size_t start, size_t len);

static bool
is_whole(const struct plain *plain)
{
	return plain->rule->cut.method == CHUNK_WHOLE;
}

struct plain *
plain_new(const struct chunk_rule *rule, chunk_fn *fn, void *arg,
    struct err_note *note)
{
	struct plain *plain;

	plain = mem_zalloc(sizeof(*plain));
	if (plain == NULL)
		return NULL;
	plain->rule = rule;
	plain->fn = fn;
	plain->arg = arg;
	plain->note = note;
	buf_init(&plain->text,
	    is_whole(plain) ? WHOLE_BYTES_MAX : PLAIN_BYTES_MAX);
	if (!is_whole(plain) &&
	    split_init(&plain->split, &rule->cut, on_piece, plain) < 0) {
		plain_free(plain);
		return NULL;
	}
	return plain;
}

void
plain_free(struct plain *plain)
{
	if (plain == NULL)
		return;
	buf_fini(&plain->text);
	mem_free(plain->marks);
	split_fini(&plain->split);
	mem_free(plain);
}

void
plain_set_form(struct plain *plain, enum chunk_form form)
{
	/* Of a length that is fixed, no other border counts. */
	if (plain->rule->cut.method != CHUNK_FIXED)
		plain->form = form;
}

/* ---- pages --------------------------------------------------------------- */

static int
mark_page(struct plain *plain, uint32_t page)
{
	struct scrub_mark *more;
	size_t size;

	if (plain->mark_count > 0
		? plain->marks[plain->mark_count - 1].page == page
		: page == 0)
		return 0;
	if (plain->mark_count == MARKS_MAX)
		return 0;
	if (plain->mark_count == plain->mark_size) {
		size = plain->mark_size < 64 ? 64 : 2 * plain->mark_size;
		more = mem_resize(plain->marks, size, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		plain->marks = more;
		plain->mark_size = size;
	}
	plain->marks[plain->mark_count++] =
	    (struct scrub_mark){plain->text.len, page};
	return 0;
}

static uint32_t
page_at(const struct plain *plain, size_t at)
{
	size_t low = 0, high = plain->mark_count, middle;

	/* The last one that begins at or before it. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (plain->marks[middle].at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? 0 : plain->marks[low - 1].page;
}

/* ---- pieces -------------------------------------------------------------- */

/* What a list, a heading or the rest of a sentence begins with, and nobody
 * searches for. */
static bool
is_leading_mark(uint32_t c)
{
	if (c < 0x80)
		return c != 0 && strchr("\"#$%&'()*+,./:;<=>?@^_`~",
			(int)c) != NULL;
	return (c >= 0x2000 && c <= 0x206F && c != 0x2026) ||
	    (c >= 0x2E00 && c <= 0x2E7F) || (c >= 0x3000 && c <= 0x303F &&
		c != 0x3010 && c != 0x3011);
}

static size_t
leading_marks(const char *text, size_t len)
{
	size_t at = 0, step;

	while (at < len &&
	    is_leading_mark(utf8_decode(text + at, len - at, &step)))
		at += step;
	return at;
}

static int
give(struct plain *plain, size_t start, size_t end)
{
	struct chunk chunk = {0};

	space_trim(plain->text.data, &start, &end);
	if (start == end)
		return 0;
	if (plain->ordinal >= SEGMENTS_MAX)
		return err_set(plain->note, ERR_TOO_BIG,
		    "the document has more than %u segments", SEGMENTS_MAX);
	chunk.ordinal = plain->ordinal++;
	chunk.page_start = page_at(plain, start);
	chunk.page_end = page_at(plain, end - 1);
	chunk.text = plain->text.data + start;
	chunk.len = end - start;
	chunk.chars = (uint32_t)measure_chars(chunk.text, chunk.len);
	chunk.section = plain->form == CHUNK_FORM_RUNNING
		? "" : plain->section.path;
	return plain->fn(plain->arg, &chunk);
}

static int
on_piece(void *arg, size_t start, size_t len)
{
	struct plain *plain = arg;
	const char *text = plain->text.data + start;
	size_t marks = 0;

	if (plain->rule->cut.method != CHUNK_FIXED)
		marks = plain->rule->child.chars_max > 0
			? split_leading_stop(text, len)
			: leading_marks(text, len);
	return give(plain, start + marks, start + len);
}

/* The text is complete. */
static int
end_text(struct plain *plain)
{
	struct buf *text = &plain->text;
	int err;

	text->len = text->len == 0 ? 0 : scrub_text(text->data, text->len,
	    plain->rule->squeezes_blanks, plain->rule->drops_addresses,
	    plain->marks, plain->mark_count);
	plain->note->text[0] = '\0';
	err = split_text(&plain->split, text->data, text->len);
	if (err == ERR_TOO_BIG && plain->note->text[0] == '\0')
		err = err_set(plain->note, err, "the overlap of %u "
		    "characters would repeat the text more than %u times",
		    plain->rule->cut.overlap_chars, SPLIT_REPEAT_MAX);
	/* The page goes on. */
	if (plain->mark_count > 0) {
		plain->marks[0].page =
		    plain->marks[plain->mark_count - 1].page;
		plain->marks[0].at = 0;
		plain->mark_count = 1;
	}
	buf_clear(text);
	return err;
}

/* ---- blocks -------------------------------------------------------------- */

static int
put(struct plain *plain, const char *text, size_t len)
{
	int err = buf_put(&plain->text, text, len);

	if (err != ERR_TOO_BIG)
		return err;
	return is_whole(plain)
		? err_set(plain->note, err, "the document has more than %llu "
		    "bytes of text, too many for a single segment",
		    (unsigned long long)WHOLE_BYTES_MAX)
		: err_set(plain->note, err, "the document has more than %llu "
		    "bytes of text, too many to be cut as plain text",
		    (unsigned long long)PLAIN_BYTES_MAX);
}

/* Another text begins with this block; of one segment they are lines. */
static int
begin_text(struct plain *plain)
{
	if (plain->text.len == 0)
		return 0;
	return is_whole(plain) ? put(plain, "\n", 1) : end_text(plain);
}

static int
put_heading(struct plain *plain, const struct block *block)
{
	int err;

	err = begin_text(plain);
	section_set(&plain->section, block);
	plain->has_body = false;
	/* Of a table it is no text, but what its rows stand under. */
	if (err < 0 || plain->form == CHUNK_FORM_ROWS)
		return err;
	err = put(plain, "\n\n", 2);
	if (err == 0)
		err = mark_page(plain, block->page);
	if (err == 0)
		err = put(plain, block->text, block->len);
	return err < 0 ? err : put(plain, "\n", 1);
}

/* What stands between this block and the one before, of kind. */
static int
put_border(struct plain *plain, const struct block *block,
    enum block_kind kind)
{
	bool has_body = plain->has_body;

	plain->has_body = true;
	if (plain->form == CHUNK_FORM_ROWS)
		return begin_text(plain);
	if (plain->text.len == 0 ||
	    (plain->form == CHUNK_FORM_SECTIONS && !has_body))
		return 0;
	if (block->kind == kind && kind != BLOCK_PARAGRAPH &&
	    kind != BLOCK_HEADING)
		return put(plain, "\n", 1);
	return put(plain, "\n\n", 2);
}

static bool
is_blank(const struct block *block)
{
	size_t start = 0, end = block->len;

	space_trim(block->text, &start, &end);
	return start == end;
}

int
plain_add(struct plain *plain, const struct block *block)
{
	bool is_new = !block->is_continued || !plain->has_last;
	enum block_kind kind = plain->kind;
	int err = 0;

	/* White space between blocks says nothing, in verbatim text it may. */
	if (is_new && block->kind != BLOCK_VERBATIM && is_blank(block))
		return 0;
	plain->has_last = true;
	plain->kind = block->kind;
	if (is_new && block->kind == BLOCK_HEADING &&
	    plain->form != CHUNK_FORM_RUNNING)
		return put_heading(plain, block);
	if (is_new)
		err = put_border(plain, block, kind);
	if (err < 0)
		return err;
	err = mark_page(plain, block->page);
	return err < 0 ? err : put(plain, block->text, block->len);
}

int
plain_end(struct plain *plain)
{
	return is_whole(plain) ? give(plain, 0, plain->text.len)
			       : end_text(plain);
}
