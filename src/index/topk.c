/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "index/topk_int.h"

/* Bounds are rounded up by so much: sums in another order differ in their
 * last bits. */
#define SLACK (1.0 + 1e-9)

/* ---- lengths ------------------------------------------------------------ */

/* Lengths are at the part's beginning, so that pages of them are whole. */
static int
length_read(struct topk *topk, uint32_t doc, uint8_t *ret_code)
{
	const struct part *part = topk->part;
	uint32_t begin = 0, end = part->doc_count;
	size_t len = 0;
	int err = 0;

	topk->lengths = part->bytes;
	if (part->source.get != NULL) {
		begin = doc - doc % PART_PAGE_BYTES;
		if (end - begin > PART_PAGE_BYTES)
			end = begin + PART_PAGE_BYTES;
		topk->lengths = part->source.get(part->source.arg,
		    doc / PART_PAGE_BYTES, &len, &err);
		if (topk->lengths == NULL)
			return err;
		if (len < end - begin)
			return ERR_CORRUPT;
	}
	topk->lengths_begin = begin;
	topk->lengths_end = end;
	*ret_code = topk->lengths[doc - begin];
	return 0;
}

static int
length_get(struct topk *topk, uint32_t doc, uint8_t *ret_code)
{
	if (doc < topk->lengths_begin || doc >= topk->lengths_end)
		return length_read(topk, doc, ret_code);
	*ret_code = topk->lengths[doc - topk->lengths_begin];
	return 0;
}

/* ---- cursors ------------------------------------------------------------ */

static double
part_of(const struct topk *topk, const struct cursor *cursor,
    uint32_t frequency, uint8_t length)
{
	return cursor->weight * frequency /
	    (frequency + topk->norms[length]);
}

/*
 * The lists at the front need not be walked as long as their bounds together
 * are less than what is wanted.  What they spare is their postings: so those
 * with many postings for their bound come first.  A word that nobody asked for
 * has a small bound and a short list; it is better walked than a long one.
 */
static int
cursor_compare(const void *a, const void *b)
{
	const struct cursor *left = *(struct cursor *const *)a;
	const struct cursor *right = *(struct cursor *const *)b;
	double l = left->bound * right->list.term.count;
	double r = right->bound * left->list.term.count;

	if (l < r || l > r)
		return l < r ? -1 : 1;
	return (left->term > right->term) - (left->term < right->term);
}

static int
open_cursor(struct topk *topk, size_t i)
{
	const struct topk_request *request = topk->request;
	struct cursor *cursor = &topk->cursors[topk->count];
	const struct part_term *term = &topk->at[i];

	if (term->count == 0)
		return 0;
	part_list_init(&cursor->list, topk->part, term);
	if (cursor->list.err < 0)
		return cursor->list.err;
	cursor->term = i;
	cursor->weight = request->terms[i].weight * topk->idf[i] *
	    (request->k1 + 1.0);
	cursor->bound = part_of(topk, cursor, term->frequency_max,
	    term->count == 1 ? cursor->list.bound_length
			     : term->length_min) * SLACK;
	topk->order[topk->count++] = cursor;
	return 0;
}

/* Of all terms that are not left out; none of them when the part has nothing
 * of a group that must be there. */
static int
open_cursors(struct topk *topk)
{
	const struct topk_request *request = topk->request;
	size_t begin, end, i, before;
	int err = 0;

	topk->count = topk->must_count = 0;
	for (begin = 0; err == 0 && begin < request->count; begin = end) {
		end = topk_group_end(request, begin);
		before = topk->count;
		for (i = begin; err == 0 && i < end; i++)
			if (topk->idf[i] > 0.0)
				err = open_cursor(topk, i);
		if (err < 0 || !request->terms[begin].must)
			continue;
		if (topk->count == before) {
			topk->count = 0;
			break;
		}
		topk->musts[topk->must_count++] = (struct must){
		    &topk->cursors[before], topk->count - before};
	}
	return err;
}

static void
order_cursors(struct topk *topk)
{
	double below = 0.0;
	size_t i;

	qsort(topk->order, topk->count, sizeof(struct cursor *),
	    cursor_compare);
	for (i = 0; i < topk->count; i++) {
		below += topk->order[i]->bound;
		topk->order[i]->below = below;
	}
}

/* ---- one part ----------------------------------------------------------- */

/* Documents in none but the lists before the first cannot be among the
 * best. */
static void
move_first(struct topk *topk)
{
	double wanted = topk_least(topk);

	while (topk->first < topk->count &&
	    topk->order[topk->first]->below < wanted)
		topk->first++;
}

static uint32_t
next_doc(const struct topk *topk)
{
	uint32_t doc = PART_NO_DOC;
	size_t i;

	for (i = topk->first; i < topk->count; i++)
		if (topk->order[i]->list.doc < doc)
			doc = topk->order[i]->list.doc;
	return doc;
}

/* The first document from doc on that a group has; PART_NO_DOC none. */
static uint32_t
must_seek(const struct must *must, uint32_t doc)
{
	uint32_t first = PART_NO_DOC;
	size_t i;

	for (i = 0; i < must->count; i++) {
		part_list_seek(&must->cursors[i].list, doc);
		if (must->cursors[i].list.doc < first)
			first = must->cursors[i].list.doc;
	}
	return first;
}

/*
 * The next document that can be among the best and has all that it must.  Each
 * goes on from where the other is, so what is rare makes the steps: among the
 * lists that a document must be in one of, or among the groups.
 */
static uint32_t
next_with_musts(struct topk *topk)
{
	uint32_t doc, at;
	size_t i;

	while ((doc = next_doc(topk)) != PART_NO_DOC) {
		at = doc;
		for (i = 0; i < topk->must_count && at == doc; i++)
			at = must_seek(&topk->musts[i], doc);
		if (at == doc)
			break;
		if (at == PART_NO_DOC)
			return PART_NO_DOC;
		for (i = topk->first; i < topk->count; i++)
			part_list_seek(&topk->order[i]->list, at);
	}
	return doc;
}

/* What the blocks around doc can give at most, and up to which document that
 * holds. */
static void
look_ahead(struct topk *topk, uint32_t doc)
{
	double bound = topk->first == 0
	    ? 0.0 : topk->order[topk->first - 1]->below;
	uint32_t last = PART_NO_DOC;
	struct cursor *cursor;
	size_t i;

	for (i = topk->first; i < topk->count; i++) {
		cursor = topk->order[i];
		part_list_bound(&cursor->list, doc);
		if (cursor->list.bound_frequency > 0)
			bound += part_of(topk, cursor,
			    cursor->list.bound_frequency,
			    cursor->list.bound_length) * SLACK;
		if (cursor->list.bound_last < last)
			last = cursor->list.bound_last;
	}
	topk->hope = bound;
	topk->hope_last = last;
	topk->hope_first = topk->first;
}

/* False: neither doc nor the documents up to hope_last can be among the
 * best. */
static bool
is_hopeful(struct topk *topk, uint32_t doc)
{
	if (topk->first != topk->hope_first || doc > topk->hope_last)
		look_ahead(topk, doc);
	return topk->hope >= topk_least(topk);
}

/* Go on behind last with the lists that a document must be in. */
static void
pass_over(struct topk *topk, uint32_t last)
{
	size_t i;

	for (i = topk->first; i < topk->count; i++) {
		if (last == PART_NO_DOC)
			topk->order[i]->list.doc = PART_NO_DOC;
		else
			part_list_seek(&topk->order[i]->list, last + 1);
	}
}

/* With the lists that need not hold it, as long as there is hope. */
static bool
reach(struct topk *topk, uint32_t doc, uint8_t length, double score)
{
	double wanted = topk_least(topk), rest;
	struct cursor *cursor;
	size_t i;

	for (i = topk->first; i > 0; i--) {
		cursor = topk->order[i - 1];
		if (score * SLACK + cursor->below < wanted)
			return false;
		rest = i > 1 ? topk->order[i - 2]->below : 0.0;
		part_list_bound(&cursor->list, doc);
		if (cursor->list.bound_frequency > 0)
			rest += part_of(topk, cursor,
			    cursor->list.bound_frequency,
			    cursor->list.bound_length) * SLACK;
		if (score * SLACK + rest < wanted)
			return false;
		part_list_seek(&cursor->list, doc);
		if (cursor->list.doc == doc)
			score += part_of(topk, cursor,
			    cursor->list.frequency, length);
	}
	return score * SLACK >= wanted;
}

/* The score, summed up in the order of the terms. */
static double
exact(const struct topk *topk, uint32_t doc, uint8_t length)
{
	const struct cursor *cursor;
	double score = 0.0;
	size_t i;

	for (i = 0; i < topk->count; i++) {
		cursor = &topk->cursors[i];
		if (cursor->list.doc == doc)
			score += part_of(topk, cursor,
			    cursor->list.frequency, length);
	}
	return score;
}

static int
consider(struct topk *topk, uint32_t doc)
{
	const struct topk_request *request = topk->request;
	struct topk_hit hit;
	double score = 0.0;
	uint8_t length = 0;
	size_t i;
	int err, may = 1;

	err = length_get(topk, doc, &length);
	if (err < 0)
		return err;
	for (i = topk->first; i < topk->count; i++)
		if (topk->order[i]->list.doc == doc)
			score += part_of(topk, topk->order[i],
			    topk->order[i]->list.frequency, length);
	if (!reach(topk, doc, length, score))
		return 0;
	hit.score = exact(topk, doc, length);
	err = part_doc_id(topk->part, doc, &hit.id);
	if (err < 0 || (topk->hit_count == request->limit &&
		!hit_is_worse(&topk->hits[0], &hit)))
		return err;
	err = part_doc_stamp(topk->part, doc, &hit.stamp);
	if (err == 0 && request->accept != NULL)
		may = request->accept(request->arg, hit.id, hit.stamp);
	if (err < 0 || may <= 0)
		return err < 0 ? err : may;
	topk->is_ended = may == TOPK_ENOUGH;
	if (topk->is_ended)
		return 0;
	topk_put(topk, &hit);
	move_first(topk);
	return 0;
}

static int
cursors_err(const struct topk *topk)
{
	size_t i;

	for (i = 0; i < topk->count; i++)
		if (topk->cursors[i].list.err < 0)
			return topk->cursors[i].list.err;
	return 0;
}

static int
search_part(struct topk *topk)
{
	uint32_t doc;
	size_t i;
	int err;

	topk->lengths_begin = topk->lengths_end = 0;
	topk->first = 0;
	topk->hope_first = SIZE_MAX;
	err = open_cursors(topk);
	if (err < 0)
		return err;
	order_cursors(topk);
	move_first(topk);
	while (!topk->is_ended &&
	    (doc = next_with_musts(topk)) != PART_NO_DOC) {
		if (!is_hopeful(topk, doc)) {
			pass_over(topk, topk->hope_last);
			continue;
		}
		err = consider(topk, doc);
		if (err < 0)
			return err;
		for (i = 0; i < topk->count; i++)
			if (topk->order[i]->list.doc == doc)
				part_list_next(&topk->order[i]->list);
	}
	return cursors_err(topk);
}

/* ---- all of it ---------------------------------------------------------- */

int
topk_run(const struct part *const *parts, size_t count,
    const struct topk_request *request, struct topk_hit *hits,
    size_t *ret_count)
{
	struct topk topk = {.request = request, .hits = hits};
	size_t i;
	int err = 0;

	if (request->count > TOPK_TERMS_MAX || count > TOPK_PARTS_MAX ||
	    request->limit > TOPK_LIMIT_MAX)
		return ERR_TOO_BIG;
	topk.found = mem_array(count * request->count,
	    sizeof(struct part_term));
	topk.idf = mem_array(request->count, sizeof(double));
	topk.cursors = mem_array(request->count, sizeof(struct cursor));
	topk.order = mem_array(request->count, sizeof(struct cursor *));
	topk.musts = mem_array(request->count, sizeof(struct must));
	if (topk.found == NULL || topk.idf == NULL || topk.cursors == NULL ||
	    topk.order == NULL || topk.musts == NULL)
		err = ERR_NOMEM;
	if (err == 0)
		err = topk_weigh(&topk, parts, count);
	for (i = 0; err == 0 && request->limit > 0 && i < count &&
	    !topk.is_ended; i++) {
		topk.part = parts[i];
		topk.at = topk.found + i * request->count;
		err = search_part(&topk);
	}
	if (err == 0) {
		topk_sort(&topk);
		*ret_count = topk.hit_count;
	}
	mem_free(topk.found);
	mem_free(topk.idf);
	mem_free(topk.cursors);
	mem_free(topk.order);
	mem_free(topk.musts);
	return err;
}
