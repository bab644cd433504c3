/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flat: vectors in memory, one after the other, to be scanned.
 *
 * Floor 3, pure.  A struct flat never changes once others can see it, so any
 * number of threads may search one at once.  What comes after it is made as a
 * draft, which shares its rows, gets new ones, and passes over those that are
 * gone; only one draft of one flat at a time, and only of the newest.  The
 * rows of a segment lie one behind the other: its own, or its children's.
 *
 * Up to FLAT_EXACT rows all are scored.  Of more, the codes (near.h) of all
 * are looked at, or those in the nearest cells (cells.h), and the nearest few
 * thousand are scored: how many of the best are found like that is in
 * docs/decisions/0044.  Scores are exact either way.
 */
#ifndef SEARCH_FLAT_H
#define SEARCH_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/fuse.h"

struct flat;

#define FLAT_ROWS_MAX UINT32_MAX
#define FLAT_EXACT 65536u

struct flat_row {
	int64_t segment_id, revision_id;
	const int8_t *vector; /* dimensions of them */
	float scale;
};

/* Without rows; returns owned (flat_unref), as flat_draft.  1 to
 * DIMENSIONS_MAX dimensions.  ERR_NOMEM. */
int flat_new(size_t dimensions, struct flat **ret_flat);
int flat_draft(struct flat *flat, struct flat **ret_draft);

/* Of a draft.  Rows of one segment come one behind the other.  ERR_NOMEM,
 * ERR_TOO_BIG: over FLAT_ROWS_MAX rows.  On error the draft is of no use. */
int flat_add(struct flat *draft, const struct flat_row *row);
/* The rows that are there of these segments, or of these revisions, are
 * passed over from now on; ids ascending. */
int flat_kill_segments(struct flat *draft, const int64_t *ids, size_t count);
int flat_kill_revisions(struct flat *draft, const int64_t *ids,
    size_t count);

/* Any thread.  unref: NULL is fine. */
struct flat *flat_ref(struct flat *flat);
void flat_unref(struct flat *flat);

size_t flat_dimensions(const struct flat *flat);
size_t flat_rows(const struct flat *flat);
size_t flat_dead(const struct flat *flat); /* rows that are passed over */
/* Of memory; what drafts share with what they were made of is in both. */
size_t flat_bytes(const struct flat *flat);

struct flat_query {
	const int8_t *vector; /* as many dimensions as the rows */
	float scale;
	/* May a segment of that revision be found?  NULL: all may. */
	bool (*accept)(void *arg, int64_t revision_id);
	void *arg;
	/* Score all rows, however many: for measuring. */
	bool is_exact;
};

/* Put what is nearest into top, each segment once with the cosine of the
 * nearest of its rows.  ERR_NOMEM. */
int flat_search(const struct flat *flat, const struct flat_query *query,
    struct top *top);

#endif
