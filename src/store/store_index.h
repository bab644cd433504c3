/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_index: full text: asking it, and keeping it in few parts.
 *
 * Floor 3.  The index of a base is made of parts (index/part.h).  Each commit
 * writes one for what it brings, so that what is published is found with it;
 * small parts become larger ones within later commits.  Large ones take time:
 * a thread with a reader makes the new part, piece by piece, each of which is
 * an operation of the writer, and the last operation puts it in the place of
 * the old ones.
 */
#ifndef STORE_STORE_INDEX_H
#define STORE_STORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* ---- asking ------------------------------------------------------------ */

struct search_term {
	const char *text; /* as text/words.h makes it */
	double weight;	  /* above 0 */
	bool is_stem; /* as store_segment_terms() gives it: it stays so */
	bool must;    /* who has none of its stems is no hit */
	bool is_extra; /* nobody asked for it: extra_max holds */
};

#define SEARCH_ENOUGH 2

struct search_request {
	int64_t base_id;
	const struct search_term *terms; /* each text once */
	size_t count;
	size_t limit;
	/* Terms that more than this share of all segments hold are left out,
	 * unless all are, but for those that must be there; 0: none is.  In a
	 * base of less than some hundred segments none is, either. */
	double common_max;
	double extra_max; /* instead of it for terms that are extra */
	/* May a segment of that live revision be among the hits?  1, 0, an
	 * error, or SEARCH_ENOUGH: no more hits, whatever there may be.  NULL:
	 * all may. */
	int (*accept)(void *arg, int64_t segment_id, int64_t revision_id);
	void *accept_arg;
};

/* score: BM25 over all of the base (index/topk.h), with k1 1.2 and b 0.75;
 * words of headings count twice. */
typedef int hit_fn(void *arg, int64_t segment_id, double score);

/* Best first: live segments of the base that hold any of the terms.
 * ERR_TOO_BIG: more than TOPK_TERMS_MAX (index/topk.h) with all their
 * stems; ERR_INVALID: one is longer than a word. */
int store_search_terms(struct store *store,
    const struct search_request *request, hit_fn *fn, void *arg);

/* The terms of a live segment as full text has them, each as often as it
 * stands there; weight: how many times that counts.  ERR_NOT_FOUND, and what
 * fn says. */
typedef int term_fn(void *arg, const char *term, size_t len, uint32_t weight);
int store_segment_terms(struct store *store, int64_t segment_id, term_fn *fn,
    void *arg);

/* ---- merging ------------------------------------------------------------ */

#define MERGE_PARTS_MAX 16u
/* Of one call of merge_put_fn. */
#define MERGE_PIECE_BYTES (1024u * 1024u)

enum merge_want {
	MERGE_LOST,  /* one that has lost something: deleted words go */
	MERGE_MANY,  /* large ones of about the same size */
	MERGE_CROWD, /* the same, when there are that many that it cannot wait
		      * for quiet */
};

struct merge_plan {
	int64_t base_id;
	size_t count; /* 0: there is nothing to do */
	struct {
		int64_t id, lost;
		uint64_t bytes;
	} parts[MERGE_PARTS_MAX];
	int64_t first_id, last_id;
	uint32_t languages; /* as parts have them */
};

/* Of the base; base_id 0 with MERGE_LOST and MERGE_MANY: of any. */
int store_merge_plan(struct store *store, int64_t base_id,
    enum merge_want want, struct merge_plan *ret_plan);

/* Some pages of the new part, in order; first is the number of the first. */
typedef int merge_put_fn(void *arg, uint32_t first, const void *bytes,
    size_t len);
struct merge_made {
	uint64_t docs, bytes; /* both 0: nothing is left */
	/* All that was lost stays in other parts: the one that was looked at
	 * is good as it is, and nothing was put. */
	bool is_same;
};
/* Reader, not in a transaction: make what is planned.  ERR_NOT_FOUND: a part
 * has gone meanwhile. */
int store_merge_make(struct store *store, const struct merge_plan *plan,
    merge_put_fn *put, void *arg, struct merge_made *ret_made);

/* Writer: the row of a new part, pages of it, and its place among those that
 * are live instead of the plan's.  ERR_NOT_FOUND: the part, or one of those
 * that it is made of, has gone meanwhile. */
int store_merge_begin(struct store *store, const struct merge_plan *plan,
    int64_t *ret_part_id);
int store_merge_put(struct store *store, int64_t part_id, uint32_t first,
    const void *bytes, size_t len);
int store_merge_end(struct store *store, const struct merge_plan *plan,
    int64_t part_id, const struct merge_made *made);
/* What was begun and will not be ended. */
int store_merge_drop(struct store *store, int64_t part_id);
/* Delete some pages of parts that are no use any more; *ret_more: there are
 * more. */
int store_merge_sweep(struct store *store, bool *ret_more);
/* Is there anything to sweep?  For a reader. */
int store_merge_has_waste(struct store *store, bool *ret_has);

#endif
