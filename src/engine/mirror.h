/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mirror: the vectors of bases in memory.
 *
 * Floor 4.  A base's vectors are read from the store when the first query asks
 * for them; before each query that follows, what was committed since is
 * brought in (store/store_vector.h), so a query finds in memory what its own
 * snapshot has, neither less nor more.  The store is the truth: a mirror can
 * go at any time.
 *
 * A base of many rows is parted (search/cells.h) by a thread in the background,
 * which begins with the first query that would be faster by it.  Nothing waits
 * for that, and nothing depends on it: what is in no cell is looked at as well.
 *
 * Any thread may call what takes a struct mirrors.
 */
#ifndef ENGINE_MIRROR_H
#define ENGINE_MIRROR_H

#include <stddef.h>
#include <stdint.h>

struct flat;
struct mirrors;
struct store;

/* They have bytes_max together: who was not asked for longest goes.  What is
 * being read in, and what running queries hold, can come on top.  0: there are
 * none.  Returns owned (mirrors_free); NULL: no memory. */
struct mirrors *mirrors_new(uint64_t bytes_max);
void mirrors_free(struct mirrors *mirrors);
/* No cells are built from now on; what is being built is let go, within
 * milliseconds.  Queries go on. */
void mirrors_stop(struct mirrors *mirrors);

/* Which of a base's vectors: those of other embedders, or with another number
 * of dimensions, are left out. */
struct mirror_want {
	int64_t base_id, embedder_id;
	size_t dimensions;
};

/*
 * The vectors as reader's snapshot has them; returns owned (flat_unref).  They
 * are those of all revisions: hidden ones are the caller's to leave out
 * (store_revisions_hidden).  ERR_CONFLICT: others have seen a newer snapshot;
 * the caller's next one will do.  ERR_TOO_BIG: there is no room for so many.
 * ERR_NOMEM and the store's errors.
 */
int mirrors_take(struct mirrors *mirrors, struct store *reader,
    const struct mirror_want *want, struct flat **ret_flat);

/* The base is gone. */
void mirrors_forget(struct mirrors *mirrors, int64_t base_id);

/* What they have now. */
void mirrors_measure(struct mirrors *mirrors, size_t *ret_count,
    uint64_t *ret_bytes);

/* How many rows are in cells. */
uint64_t mirrors_parted(struct mirrors *mirrors);

/* For tests and for measuring: from how many rows on a base is parted, set
 * before it is asked for; wait until there are no cells to be built. */
void mirrors_part_from(struct mirrors *mirrors, size_t rows_min);
void mirrors_settle(struct mirrors *mirrors);

#endif
