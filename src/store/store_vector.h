/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_vector: the vectors of a base for who keeps a copy of them in memory,
 * and what of it must change.
 *
 * Floor 3.  Errors and rows as in store.h.  What is committed between two
 * snapshots is, of a base: vectors of segments with ids above all that were
 * there, and what store_vector_changes() tells.
 */
#ifndef STORE_STORE_VECTOR_H
#define STORE_STORE_VECTOR_H

#include <stdint.h>

#include "store/store.h"

/* So many are kept, of all bases: who has missed more begins anew. */
#define VECTOR_CHANGES_MAX 65536

/* Vectors of base's segments with ids above after_id, whatever their revisions
 * are, by rising ids: first all that are a segment's own, then those of
 * children, a segment's one after the other. */
int store_vectors_after(struct store *store, int64_t base_id,
    int64_t after_id, vector_fn *fn, void *arg);
/* All that a segment has now: its own, or its children's. */
int store_vectors_now(struct store *store, int64_t base_id,
    int64_t segment_id, vector_fn *fn, void *arg);

struct vector_change {
	int64_t segment_id;  /* 0: none, but */
	int64_t revision_id; /* that this one is gone */
};
typedef int vector_change_fn(void *arg, const struct vector_change *change);
/* What has changed after the change numbered after_id. */
int store_vector_changes(struct store *store, int64_t base_id,
    int64_t after_id, vector_change_fn *fn, void *arg);
/* The number of the newest change, of any base; 0: there was none. */
int store_vector_change_last(struct store *store, int64_t *ret_id);

typedef int revision_id_fn(void *arg, int64_t revision_id);
/* The revisions that queries over base do not find, in any order; among them
 * may be some of other bases. */
int store_revisions_hidden(struct store *store, int64_t base_id,
    revision_id_fn *fn, void *arg);

#endif
