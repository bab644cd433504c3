/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping cells, and which of them a query is nearest to.
 */
#include "base/assert.h"
#include "base/mem.h"
#include "search/cells_int.h"

_Static_assert(CELLS_ROWS_MIN == FLAT_EXACT, "who searches by codes");

struct cells *
cells_ref(struct cells *cells)
{
	(void)atomic_fetch_add(&cells->refs, 1);
	return cells;
}

void
cells_clear(struct cells *cells)
{
	mem_free(cells->centres);
	mem_free(cells->scales);
	mem_free(cells->starts);
	mem_free(cells->sizes);
	mem_free(cells->numbers);
	mem_free(cells->blocks);
	cells->centres = NULL;
	cells->scales = NULL;
	cells->starts = cells->sizes = cells->numbers = NULL;
	cells->blocks = NULL;
	cells->count = cells->rows = cells->places = 0;
	cells->bytes = sizeof(*cells);
}

void
cells_unref(struct cells *cells)
{
	if (cells == NULL || atomic_fetch_sub(&cells->refs, 1) != 1)
		return;
	cells_clear(cells);
	mem_free(cells);
}

size_t
cells_bytes(const struct cells *cells)
{
	return cells->bytes;
}

size_t
cells_rows(const struct cells *cells)
{
	return cells->rows;
}

size_t
cells_bytes_for(const struct flat *flat)
{
	size_t places = flat->rows + CELLS_MAX * NEAR_LANES;

	return places * (sizeof(uint32_t) + flat->words * sizeof(uint64_t)) +
	    CELLS_MAX * flat->stride;
}

void
flat_adopt(struct flat *draft, struct cells *cells)
{
	ASSERT(cells == NULL || (cells->rows <= draft->rows &&
				    cells->words == draft->words));
	if (draft->cells != NULL)
		draft->bytes -= draft->cells->bytes;
	cells_unref(draft->cells);
	draft->cells = cells == NULL ? NULL : cells_ref(cells);
	if (cells != NULL)
		draft->bytes += cells->bytes;
}

size_t
flat_outside(const struct flat *flat)
{
	return flat->cells == NULL ? flat->rows
				   : flat->rows - flat->cells->rows;
}

/* ---- which are nearest -------------------------------------------------- */

/* Equal ones by their numbers, so that the same is found each time. */
static bool
is_nearer(const struct cells_rank *a, const struct cells_rank *b)
{
	return a->near > b->near || (a->near == b->near && a->cell < b->cell);
}

static void
rank_sink(struct cells_rank *heap, size_t count, size_t at)
{
	struct cells_rank moved = heap[at];
	size_t child;

	for (; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count &&
		    is_nearer(&heap[child + 1], &heap[child]))
			child++;
		if (!is_nearer(&heap[child], &moved))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
}

void
cells_rank(const struct cells *cells, const int8_t *row,
    struct cells_rank *ret_heap)
{
	int32_t dots[CELLS_MAX];
	size_t i;

	near_kernels()->dots(row, cells->centres, cells->count,
	    cells->stride, dots);
	for (i = 0; i < cells->count; i++) {
		ret_heap[i].near = (float)dots[i] * cells->scales[i];
		ret_heap[i].cell = (uint32_t)i;
	}
	for (i = cells->count / 2; i-- > 0;)
		rank_sink(ret_heap, cells->count, i);
}

size_t
cells_rank_next(struct cells_rank *heap, size_t *left)
{
	size_t cell = heap[0].cell;

	heap[0] = heap[--*left];
	if (*left > 0)
		rank_sink(heap, *left, 0);
	return cell;
}
