/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topk: the best documents for some terms, without looking at all of them.
 *
 * Floor 2, pure.  Scores are BM25 (Robertson and Zaragoza, "The Probabilistic
 * Relevance Framework: BM25 and Beyond", 2009) with
 *
 *	idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5))
 *	score  = sum of weight(t) idf(t) f (k1 + 1) /
 *		(f + k1 (1 - b + b length / average length))
 *
 * with lengths to within 1/16 (part_code.h).  Documents that cannot be among
 * the best are passed over: MaxScore (Turtle and Flood, 1995) over the lists,
 * with the bounds of single blocks (Ding and Suel, "Faster Top-k Document
 * Retrieval Using Block-Max Indexes", 2011).  The outcome is exact and does
 * not depend on how documents are spread over parts, but for what n counts:
 * documents that are gone and not merged away yet.
 *
 * Terms may stand in groups, as what one word is written as: n of each is then
 * the sum over the group (N at most).  A group may be one that must be there.
 * Then the lists that are rare decide what is looked at, theirs or others.
 */
#ifndef INDEX_TOPK_H
#define INDEX_TOPK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/part.h"

#define TOPK_TERMS_MAX 1024u
#define TOPK_PARTS_MAX 256u
#define TOPK_LIMIT_MAX 100000u
#define TOPK_ENOUGH 2

struct topk_term {
	const char *text; /* each once in its group */
	size_t len;
	double weight; /* above 0 */
	/* Of one group are those that stand one behind the other and have the
	 * same number. */
	size_t group;
	bool must; /* the same for all of a group: what has none is no hit */
	bool is_extra; /* the same for all of a group: extra_max holds for it */
};

struct topk_hit {
	int64_t id;
	uint32_t stamp;
	double score;
};

struct topk_request {
	const struct topk_term *terms;
	size_t count;
	size_t limit;
	double k1, b; /* 1.2 and 0.75 */
	/* Groups that more than this share of all documents hold are left
	 * out, unless all are, but for those that must be there; 0: none is. */
	double common_max;
	double extra_max; /* instead of common_max for groups that are extra */
	/* May it be found?  Asked of those that would be among the best as far
	 * as is known then: 1, 0, an error, or TOPK_ENOUGH: neither it nor
	 * any that were not asked for yet.  NULL: all may. */
	int (*accept)(void *arg, int64_t id, uint32_t stamp);
	void *arg;
};

/*
 * Best first, equal scores by id.  hits has room for request->limit;
 * *ret_count is how many there are.  ERR_TOO_BIG over the limits above;
 * ERR_NOMEM, ERR_CORRUPT, what accept says, what a part's source says.
 */
int topk_run(const struct part *const *parts, size_t count,
    const struct topk_request *request, struct topk_hit *hits,
    size_t *ret_count);

#endif
