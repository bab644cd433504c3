/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near: how near the texts on both sides of a gap are, and how much less near
 * than those around it.
 *
 * Floor 2, pure, for this folder only.  Texts have vectors; between text i - 1
 * and text i is gap i.  The vectors of a few texts on either side are summed
 * up, and compared by the cosine.  A gap's drop is how far it lies below what
 * is near on both sides of it, as a valley lies below its hills, measured by
 * how far texts of this document are from being the same; where it is not the
 * lowest place around the drop is 0 or less.  How large a drop means something
 * is learned from all drops of the document so far.
 */
#ifndef TEXT_NEAR_H
#define TEXT_NEAR_H

#include <stddef.h>

#include "text/chunk.h"

#define NEAR_TEXTS_MAX 512u

struct near {
	size_t dimensions;
	chunk_embed_fn *fn;
	void *arg;
	size_t count; /* of texts that have vectors */
	float *vectors;
	float *left, *right; /* sums of some of them */
	float weights[NEAR_TEXTS_MAX];
	/* Of gaps, after near_measure(). */
	double cosines[NEAR_TEXTS_MAX], drops[NEAR_TEXTS_MAX];
	/* Of the drops seen so far. */
	double seen, sum, squares;
};

/* 0 or ERR_NOMEM; fn and arg are kept.  A zeroed one may be finished. */
int near_init(struct near *near, size_t dimensions, chunk_embed_fn *fn,
    void *arg);
void near_fini(struct near *near);

/* As for the next document. */
void near_clear(struct near *near);

/* Get the vectors of count more texts, at most NEAR_TEXTS_MAX together; longer
 * ones weigh more.  0, or what fn returned. */
int near_add(struct near *near, const struct chunk_text *texts, size_t count);

/* Measure the gaps first + 1..count - 1, as if there were nothing before
 * first. */
void near_measure(struct near *near, size_t first);

/* Learn from the drops of the gaps first + 1..stop - 1. */
void near_learn(struct near *near, size_t first, size_t stop);

/* The drop that is large enough, by a threshold of 0..1: more of it, and
 * smaller drops are. */
double near_cutoff(const struct near *near, double threshold);

/* Forget the first so many texts; the others move up. */
void near_forget(struct near *near, size_t count);

#endif
