/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_overview: an account at a glance, and places in long lists.  Part of
 * store.h's contract; quick whatever is stored.
 */
#ifndef STORE_STORE_OVERVIEW_H
#define STORE_STORE_OVERVIEW_H

#include "store/store.h"

struct account_sums {
	uint64_t bases, documents, segments; /* documents that are indexed */
	uint64_t jobs_live;
};
int store_account_sums(struct store *store, int64_t account_id,
    struct account_sums *ret_sums);

/*
 * Failures are the failed items that are still the newest of their documents.
 * What could not be read at all has no document: such an item is one while its
 * job is the base's newest.
 *
 * How many of the newest `looked` failed items are?  *ret_is_more: there are
 * older ones, which nobody looked at.
 */
int store_failures_count(struct store *store, int64_t account_id,
    uint64_t looked, uint64_t *ret_count, bool *ret_is_more);
/* At most limit of them: those of the newest job first, and of a job those that
 * were found last.  looked: as above. */
int store_failures_each(struct store *store, int64_t account_id,
    uint64_t looked, size_t limit, item_row_fn *fn, void *arg);

/* Bytes of the files that the store consists of, without those that it only
 * names. */
int store_bytes(struct store *store, uint64_t *ret_bytes);

#endif
