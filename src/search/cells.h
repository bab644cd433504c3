/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cells: the rows of a flat, parted by nearness, so that a search need not
 * look at all of them.
 *
 * Floor 3, pure.  Each row lies in the cell whose centre it is nearest to; a
 * search looks at the nearest cells until it has seen so many rows, and at all
 * rows that came later than the partition: what is added is found at once.
 * How many rows are to be seen, and how many of those scored, is measured on
 * the rows themselves when the partition is made.  Where too many had to be
 * seen there are no cells, only what was measured: all codes of vectors that
 * have no order are looked at, and more of them are scored.
 *
 * A struct cells never changes; any number of flats, and threads, share it.
 */
#ifndef SEARCH_CELLS_H
#define SEARCH_CELLS_H

#include <stdatomic.h>
#include <stddef.h>

struct cells;
struct flat;

/* Fewer rows are scored one and all: FLAT_EXACT. */
#define CELLS_ROWS_MIN 65536u

/*
 * Part the rows that flat has; returns owned (cells_unref).  Takes seconds for
 * a million; once stop is true it ends within milliseconds: ERR_CANCELLED.
 * The same rows give the same cells.  ERR_NOT_FOUND: hardly any of these
 * vectors says anything.  ERR_NOMEM.
 */
int cells_build(const struct flat *flat, const atomic_bool *stop,
    struct cells **ret_cells);
/* About what cells_build() would give, in bytes. */
size_t cells_bytes_for(const struct flat *flat);

struct cells *cells_ref(struct cells *cells);
void cells_unref(struct cells *cells); /* NULL is fine */
size_t cells_bytes(const struct cells *cells);
/* Rows up to this one are in cells, or were gone; 0: there are no cells. */
size_t cells_rows(const struct cells *cells);

/* Of a draft of the flat that they were built of, or of drafts of that:
 * searches go by cells from now on, or, if they are NULL, no longer.  Keeps a
 * reference. */
void flat_adopt(struct flat *draft, struct cells *cells);
/* Rows that are in no cell: all, where there are no cells. */
size_t flat_outside(const struct flat *flat);

#endif
