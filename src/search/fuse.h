/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse: one ranking from two.
 *
 * Floor 3, pure.  Candidates come from words (BM25) and from vectors
 * (cosine).  BM25 has no upper bound, so it is divided by the best score of
 * this query; a cosine below zero counts as zero.  The fused score is their
 * weighted mean, 0..1 (convex combination: Bruch et al., "An Analysis of
 * Fusion Functions for Hybrid Retrieval", 2023).
 */
#ifndef SEARCH_FUSE_H
#define SEARCH_FUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct candidate {
	int64_t segment_id;
	double lexical; /* BM25, as found; 0 when words did not find it */
	double cosine;	/* 0 when vectors did not find it */
	double score;	/* fused */
	bool is_lexical, is_vector;
};

/* The best `size` of many, by a score that is put in one at a time. */
struct top {
	struct candidate *heap; /* caller's, size of them; worst first */
	size_t count, size;
};

void top_init(struct top *top, struct candidate *heap, size_t size);
/* Keep (segment_id, cosine) if it is among the best so far. */
void top_put(struct top *top, int64_t segment_id, double cosine);

/*
 * Join lexical_count and vector_count candidates (each segment at most once
 * per list) in candidates, which has room for both: the lexical ones first.
 * Fuses, sorts best first (equal scores by segment_id) and returns how many
 * different ones there are.
 */
size_t fuse(struct candidate *candidates, size_t lexical_count,
    size_t vector_count, double semantic_ratio);

#endif
