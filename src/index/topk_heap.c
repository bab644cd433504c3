/* SPDX-License-Identifier: Apache-2.0 */
/* The best documents so far, as a heap. */
#include <stdlib.h>

#include "index/topk_int.h"

static void
heap_sink(struct topk_hit *hits, size_t count, size_t at)
{
	struct topk_hit hit = hits[at];
	size_t child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count &&
		    hit_is_worse(&hits[child + 1], &hits[child]))
			child++;
		if (!hit_is_worse(&hits[child], &hit))
			break;
		hits[at] = hits[child];
		at = child;
	}
	hits[at] = hit;
}

void
topk_put(struct topk *topk, const struct topk_hit *hit)
{
	struct topk_hit *hits = topk->hits;
	size_t at, parent;

	if (topk->hit_count == topk->request->limit) {
		hits[0] = *hit;
		heap_sink(hits, topk->hit_count, 0);
		return;
	}
	for (at = topk->hit_count++; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!hit_is_worse(hit, &hits[parent]))
			break;
		hits[at] = hits[parent];
	}
	hits[at] = *hit;
}

static int
hit_compare(const void *a, const void *b)
{
	const struct topk_hit *left = a, *right = b;

	return hit_is_worse(left, right) - hit_is_worse(right, left);
}

void
topk_sort(struct topk *topk)
{
	qsort(topk->hits, topk->hit_count, sizeof(*topk->hits), hit_compare);
}
