/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topk_int: what the files that look for the best documents share.
 *
 * Floor 2, for this folder only.
 */
#ifndef INDEX_TOPK_INT_H
#define INDEX_TOPK_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/part.h"
#include "index/topk.h"

struct cursor {
	struct part_list list;
	size_t term;   /* of the request */
	double weight; /* times idf and k1 + 1 */
	double bound;  /* of any of the list's postings */
	double below;  /* of all cursors before it and itself */
};

/* The cursors of a group that a document must be in one of. */
struct must {
	struct cursor *cursors;
	size_t count;
};

struct topk {
	const struct topk_request *request;
	const struct part *part; /* under way */
	/* Where each part has each term: term by term, part by part; a count
	 * of 0 where it has none. */
	struct part_term *found;
	const struct part_term *at; /* those of the part under way */
	double *idf;		 /* of each term; 0: it is left out */
	double norms[256];	 /* by the code of a length */
	struct cursor *cursors;
	struct cursor **order; /* those that spare most come first */
	size_t count;	       /* of order */
	size_t first;	       /* the first that a new document must be in */
	/* At most that much have documents up to hope_last, as long as first is
	 * hope_first; SIZE_MAX: nothing is known. */
	double hope;
	uint32_t hope_last;
	size_t hope_first;
	struct must *musts;
	size_t must_count;
	struct topk_hit *hits; /* a heap, the worst first */
	size_t hit_count;
	/* Where the lengths around the last one asked for lie. */
	const uint8_t *lengths;
	uint32_t lengths_begin, lengths_end;
	bool is_ended; /* TOPK_ENOUGH was said */
};

/* ---- the best so far (topk_heap.c) -------------------------------------- */

static inline bool
hit_is_worse(const struct topk_hit *a, const struct topk_hit *b)
{
	if (a->score < b->score || a->score > b->score)
		return a->score < b->score;
	return a->id > b->id;
}

/* What a document needs at least to be among the best. */
static inline double
topk_least(const struct topk *topk)
{
	return topk->hit_count < topk->request->limit ? 0.0
						      : topk->hits[0].score;
}

/* It is among the best: the worst goes when there are too many. */
void topk_put(struct topk *topk, const struct topk_hit *hit);
/* Best first. */
void topk_sort(struct topk *topk);

/* ---- what terms and lengths weigh (topk_weigh.c) ------------------------ */

/* One behind the last term of the group that begins there. */
size_t topk_group_end(const struct topk_request *request, size_t begin);
/* Fill found, norms and idf.  ERR_CORRUPT, what a part's source says. */
int topk_weigh(struct topk *topk, const struct part *const *parts,
    size_t count);

#endif
