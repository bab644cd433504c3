/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "search/fuse.h"

#define RANK_K 60.0 /* as Cormack et al. */
#define SPELLING_TRUST (1.0 / 16)

void
top_init(struct top *top, struct candidate *heap, size_t size)
{
	top->heap = heap;
	top->count = 0;
	top->size = size;
}

/* Is a worse than b?  Equal ones: the later segment is the worse. */
static bool
is_worse(const struct candidate *a, const struct candidate *b)
{
	if (a->cosine != b->cosine)
		return a->cosine < b->cosine;
	return a->segment_id > b->segment_id;
}

static void
swap(struct candidate *a, struct candidate *b)
{
	struct candidate c = *a;

	*a = *b;
	*b = c;
}

static void
sift_up(struct top *top, size_t i)
{
	size_t parent;

	while (i > 0) {
		parent = (i - 1) / 2;
		if (!is_worse(&top->heap[i], &top->heap[parent]))
			break;
		swap(&top->heap[i], &top->heap[parent]);
		i = parent;
	}
}

static void
sift_down(struct top *top)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < top->count) {
		if (child + 1 < top->count &&
		    is_worse(&top->heap[child + 1], &top->heap[child]))
			child++;
		if (!is_worse(&top->heap[child], &top->heap[i]))
			break;
		swap(&top->heap[child], &top->heap[i]);
		i = child;
	}
}

void
top_put(struct top *top, int64_t segment_id, double cosine)
{
	struct candidate c = {.segment_id = segment_id, .cosine = cosine,
	    .is_vector = true};

	if (top->size == 0)
		return;
	if (top->count < top->size) {
		top->heap[top->count] = c;
		sift_up(top, top->count++);
	} else if (is_worse(&top->heap[0], &c)) {
		top->heap[0] = c;
		sift_down(top);
	}
}

static int
by_segment(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return (a->segment_id > b->segment_id) -
	    (a->segment_id < b->segment_id);
}

static int
by_score(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return by_segment(left, right);
}

/* Put the two entries of a segment that both lists have into one. */
static size_t
join(struct candidate *c, size_t count)
{
	size_t i, n = 0;

	if (count > 1)
		qsort(c, count, sizeof(*c), by_segment);
	for (i = 0; i < count; i++) {
		if (n > 0 && c[n - 1].segment_id == c[i].segment_id) {
			if (c[i].is_lexical)
				c[n - 1].lexical = c[i].lexical;
			if (c[i].is_vector)
				c[n - 1].cosine = c[i].cosine;
			c[n - 1].is_lexical |= c[i].is_lexical;
			c[n - 1].is_vector |= c[i].is_vector;
		} else {
			c[n++] = c[i];
		}
	}
	return n;
}

/* ---- rules --------------------------------------------------------------- */

static const char *const names[] = {
#define FUSION(name, text) [FUSION_##name] = (text),
	FUSIONS
#undef FUSION
};

const char *
fusion_name(enum fusion fusion)
{
	return names[fusion];
}

int
fusion_parse(const char *name, enum fusion *ret_fusion)
{
	unsigned i;

	for (i = 0; i < FUSION_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_fusion = (enum fusion)i;
			return 0;
		}
	}
	return ERR_INVALID;
}

double
fuse_spelling_ratio(double semantic_ratio)
{
	double trusted = semantic_ratio * SPELLING_TRUST;

	return trusted / (trusted + 1 - semantic_ratio);
}

static void
score_sums(struct candidate *c, size_t count, double ratio)
{
	double best = 0, words, nearness;
	size_t i;

	for (i = 0; i < count; i++)
		if (c[i].lexical > best)
			best = c[i].lexical;
	for (i = 0; i < count; i++) {
		words = best > 0 && c[i].lexical > 0 ? c[i].lexical / best : 0;
		nearness = c[i].cosine < 0 ? 0
		    : c[i].cosine > 1	   ? 1
					   : c[i].cosine;
		c[i].score = (1 - ratio) * words + ratio * nearness;
	}
}

static int
by_lexical(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->is_lexical != b->is_lexical)
		return a->is_lexical ? -1 : 1;
	if (a->lexical != b->lexical)
		return a->lexical < b->lexical ? 1 : -1;
	return by_segment(left, right);
}

static int
by_cosine(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->is_vector != b->is_vector)
		return a->is_vector ? -1 : 1;
	if (a->cosine != b->cosine)
		return a->cosine < b->cosine ? 1 : -1;
	return by_segment(left, right);
}

static void
score_ranks(struct candidate *c, size_t count, double ratio)
{
	size_t i;

	if (count > 1)
		qsort(c, count, sizeof(*c), by_lexical);
	for (i = 0; i < count; i++)
		c[i].score = c[i].is_lexical
		    ? (1 - ratio) * (RANK_K + 1) / (RANK_K + 1 + (double)i)
		    : 0;
	if (count > 1)
		qsort(c, count, sizeof(*c), by_cosine);
	for (i = 0; i < count && c[i].is_vector; i++)
		c[i].score += ratio * (RANK_K + 1) / (RANK_K + 1 + (double)i);
}

size_t
fuse(struct candidate *candidates, size_t lexical_count, size_t vector_count,
    enum fusion fusion, double semantic_ratio)
{
	struct candidate *c = candidates;
	double ratio = semantic_ratio;
	size_t n;

	if (ratio > 0 && ratio < 1 && lexical_count == 0)
		ratio = 1;
	else if (ratio > 0 && ratio < 1 && vector_count == 0)
		ratio = 0;
	n = join(c, lexical_count + vector_count);
	switch (fusion) {
	case FUSION_SUM:
		score_sums(c, n, ratio);
		break;
	case FUSION_RANK:
		score_ranks(c, n, ratio);
		break;
	case FUSION_COUNT:
		break;
	}
	if (n > 1)
		qsort(c, n, sizeof(*c), by_score);
	return n;
}
