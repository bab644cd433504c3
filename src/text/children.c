/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/block.h"
#include "text/children.h"
#include "text/measure.h"
#include "text/outline.h"
#include "text/space.h"

static int
children_grow(struct children *children)
{
	struct chunk_child *more;
	size_t size;

	if (children->count < children->size)
		return 0;
	size = children->size < 16 ? 16 : 2 * children->size;
	more = mem_resize(children->list, size, sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	children->list = more;
	children->size = size;
	return 0;
}

static int
children_put(struct children *children, size_t start, size_t end)
{
	int err;

	if (children->count == CHILDREN_MAX)
		return ERR_TOO_BIG;
	err = children_grow(children);
	if (err < 0)
		return err;
	children->list[children->count++] = (struct chunk_child){start,
	    end - start, (uint32_t)measure_chars(children->text + start,
		end - start)};
	return 0;
}

static int
on_piece(void *arg, size_t start, size_t len)
{
	struct children *children = arg;
	size_t end = start + len;

	if (children->cut.method != CHUNK_FIXED)
		start += split_leading_stop(children->text + start, len);
	space_trim(children->text, &start, &end);
	return start == end ? 0 : children_put(children, start, end);
}

static int
on_chunk(void *arg, const struct chunk *chunk)
{
	struct children *children = arg;
	size_t start = outline_start(children->outline, chunk);

	return children_put(children, start, start + chunk->len);
}

int
children_init(struct children *children, const struct chunk_cut *cut)
{
	memset(children, 0, sizeof(*children));
	children->cut = *cut;
	if (cut->method == CHUNK_STRUCTURE) {
		children->outline = outline_new(cut, on_chunk, children);
		return children->outline == NULL ? ERR_NOMEM : 0;
	}
	return split_init(&children->split, cut, on_piece, children);
}

void
children_fini(struct children *children)
{
	split_fini(&children->split);
	outline_free(children->outline);
	mem_free(children->list);
	memset(children, 0, sizeof(*children));
}

/* The text of a segment has its borders in it: it is one block. */
static int
cut_outline(struct children *children, const char *text, size_t len)
{
	const struct block block = {.kind = BLOCK_PARAGRAPH, .text = text,
	    .len = len};
	int err;

	outline_clear(children->outline);
	err = outline_add(children->outline, &block);
	return err < 0 ? err : outline_end(children->outline);
}

int
children_cut(struct children *children, const char *text, size_t len,
    struct err_note *note)
{
	int err;

	children->text = text;
	children->count = 0;
	err = children->outline != NULL
		? cut_outline(children, text, len)
		: split_text(&children->split, text, len);
	if (err != ERR_TOO_BIG)
		return err;
	if (children->count == CHILDREN_MAX)
		return err_set(note, err,
		    "a segment has more than %u parts", CHILDREN_MAX);
	return err_set(note, err, "the overlap of %u characters would repeat "
	    "the parts of a segment more than %u times",
	    children->cut.overlap_chars, SPLIT_REPEAT_MAX);
}
