/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outline ("bookmarks") names headings and the pages where they stand.
 * Poppler reads a level of it at a time; a level may be its own child.
 */
#include <poppler.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/pdf.h"
#include "model/block.h"

#define OUTLINE_DEPTH_MAX 12u
#define OUTLINE_MAX 20000u

static unsigned
page_of(PopplerDocument *document, const PopplerAction *action)
{
	const PopplerDest *dest;
	PopplerDest *found;
	unsigned page = 0;

	if (action->type != POPPLER_ACTION_GOTO_DEST ||
	    action->goto_dest.dest == NULL)
		return 0;
	dest = action->goto_dest.dest;
	if (dest->type == POPPLER_DEST_NAMED) {
		if (dest->named_dest == NULL)
			return 0;
		found = poppler_document_find_dest(document,
		    dest->named_dest);
		if (found != NULL) {
			page = found->page_num > 0 ? (unsigned)found->page_num
						   : 0;
			poppler_dest_free(found);
		}
	} else if (dest->page_num > 0) {
		page = (unsigned)dest->page_num;
	}
	return page;
}

static int
add_entry(struct pdf_outline *outline, PopplerDocument *document,
    PopplerIndexIter *iter, unsigned level)
{
	PopplerAction *action = poppler_index_iter_get_action(iter);
	struct pdf_entry entry = {0}, *more;
	const char *title;

	if (action == NULL)
		return 0;
	title = action->any.title;
	if (title != NULL && utf8_is_valid(title, strlen(title)))
		entry.key = pdf_key(title, strlen(title));
	entry.page = page_of(document, action);
	entry.level = (uint8_t)(level < SECTION_DEPTH_MAX ? level
							  : SECTION_DEPTH_MAX);
	poppler_action_free(action);
	if (entry.page == 0 || entry.key == 0 || entry.key == PDF_KEY_NONE)
		return 0;
	if ((outline->count & (outline->count - 1)) == 0) {
		more = mem_resize(outline->entries,
		    outline->count == 0 ? 1 : 2 * outline->count,
		    sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		outline->entries = more;
	}
	outline->entries[outline->count++] = entry;
	return 0;
}

/* Takes iter. */
static int
add_level(struct pdf_outline *outline, PopplerDocument *document,
    PopplerIndexIter *iter, unsigned level, unsigned *seen)
{
	PopplerIndexIter *child;
	int err = 0;

	while (iter != NULL && err == 0) {
		if (++*seen > OUTLINE_MAX)
			break;
		err = add_entry(outline, document, iter, level);
		if (err == 0 && level < OUTLINE_DEPTH_MAX) {
			child = poppler_index_iter_get_child(iter);
			if (child != NULL)
				err = add_level(outline, document, child,
				    level + 1, seen);
		}
		if (!poppler_index_iter_next(iter))
			break;
	}
	poppler_index_iter_free(iter);
	return err;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct pdf_entry *one = a, *other = b;

	return (one->page > other->page) - (one->page < other->page);
}

int
pdf_outline_load(struct pdf_outline *outline, PopplerDocument *document)
{
	PopplerIndexIter *iter = poppler_index_iter_new(document);
	unsigned seen = 0;
	int err = 0;

	if (iter != NULL)
		err = add_level(outline, document, iter, 1, &seen);
	if (outline->count > 1)
		qsort(outline->entries, outline->count,
		    sizeof(*outline->entries), compare_entries);
	return err;
}

void
pdf_outline_fini(struct pdf_outline *outline)
{
	mem_free(outline->entries);
	memset(outline, 0, sizeof(*outline));
}

uint8_t
pdf_outline_level(const struct pdf_outline *outline, unsigned page,
    uint64_t key)
{
	size_t low = 0, high = outline->count, middle;

	if (key == PDF_KEY_NONE)
		return 0;
	while (low < high) {
		middle = (low + high) / 2;
		if (outline->entries[middle].page < page)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < outline->count && outline->entries[low].page == page;
	    low++)
		if (outline->entries[low].key == key)
			return outline->entries[low].level;
	return 0;
}
