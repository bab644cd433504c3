/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What terms and lengths weigh.
 *
 * A group is one word that is written in several ways: what it weighs is known
 * from how many documents hold any of them.  Those that hold two are counted
 * twice; to know better, lists would have to be read.
 */
#include <math.h>

#include "base/err.h"
#include "index/part_code.h"
#include "index/topk_int.h"

size_t
topk_group_end(const struct topk_request *request, size_t begin)
{
	size_t end = begin + 1;

	while (end < request->count && request->terms[end].group ==
	    request->terms[begin].group)
		end++;
	return end;
}

/* Looked up once for all that follows. */
static int
find_term(struct topk *topk, size_t which, const struct part *const *parts,
    size_t count, uint64_t *ret_count)
{
	const struct topk_term *term = &topk->request->terms[which];
	struct part_term *found = topk->found + which;
	uint64_t n = 0;
	size_t i;
	int err;

	for (i = 0; i < count; i++, found += topk->request->count) {
		err = part_find(parts[i], term->text, term->len, found);
		if (err < 0 && err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_NOT_FOUND)
			found->count = 0;
		n += found->count;
	}
	*ret_count = n;
	return 0;
}

/* How many documents hold each group, at each of its terms. */
static int
groups_count(struct topk *topk, const struct part *const *parts, size_t count,
    uint64_t docs, double *ret_counts)
{
	const struct topk_request *request = topk->request;
	size_t begin, end, i;
	uint64_t sum, n = 0;
	int err;

	for (begin = 0; begin < request->count; begin = end) {
		end = topk_group_end(request, begin);
		sum = 0;
		for (i = begin; i < end; i++) {
			err = find_term(topk, i, parts, count, &n);
			if (err < 0)
				return err;
			sum += n;
		}
		for (i = begin; i < end; i++)
			ret_counts[i] = (double)(sum < docs ? sum : docs);
	}
	return 0;
}

static bool
is_common(const struct topk_request *request, size_t term, double n,
    double docs)
{
	double max = request->terms[term].is_extra ? request->extra_max
						   : request->common_max;

	return max > 0.0 && !request->terms[term].must && n > max * docs;
}

static void
norms_fill(struct topk *topk, double average)
{
	const struct topk_request *request = topk->request;
	size_t i;

	for (i = 0; i < 256; i++)
		topk->norms[i] = request->k1 * (1.0 - request->b +
		    request->b * length_of((uint8_t)i) / average);
}

static void
idf_fill(struct topk *topk, double docs)
{
	const struct topk_request *request = topk->request;
	bool leaves_out = false;
	size_t i;
	double n;

	/* What nobody asked for, or no document holds, makes up for nothing. */
	for (i = 0; i < request->count; i++)
		leaves_out |= topk->idf[i] > 0.0 &&
		    !request->terms[i].is_extra &&
		    !is_common(request, i, topk->idf[i], docs);
	for (i = 0; i < request->count; i++) {
		n = topk->idf[i];
		topk->idf[i] = is_common(request, i, n, docs) &&
			(leaves_out || request->terms[i].is_extra)
		    ? 0.0
		    : log(1.0 + (docs - n + 0.5) / (n + 0.5));
	}
}

int
topk_weigh(struct topk *topk, const struct part *const *parts, size_t count)
{
	uint64_t docs = 0, length = 0;
	size_t i;
	int err;

	for (i = 0; i < count; i++) {
		docs += parts[i]->doc_count;
		length += parts[i]->length_sum;
	}
	norms_fill(topk, docs == 0 || length == 0
	    ? 1.0 : (double)length / (double)docs);
	err = groups_count(topk, parts, count, docs, topk->idf);
	if (err == 0)
		idf_fill(topk, (double)docs);
	return err;
}
