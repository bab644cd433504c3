/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse: one ranking from two.
 *
 * Floor 3, pure.  Candidates come from words (BM25) and from vectors
 * (cosine).  Both rules give 0..1, and 1 to what is best in all that counts:
 *
 *	FUSION_SUM	words: BM25 / that of the best; nearness: the cosine,
 *			0 below zero (convex combination: Bruch et al., "An
 *			Analysis of Fusion Functions for Hybrid Retrieval",
 *			2023; BM25 has no upper bound of its own)
 *	FUSION_RANK	each: 61 / (60 + place in its list) (reciprocal rank
 *			fusion: Cormack et al., 2009)
 *
 * The score is their mean, weighted with 1 - r and r; who is missing in a list
 * has 0 of it.  A list that found nothing has no say where both were asked.
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

/* FUSION(name, text) */
#define FUSIONS                                                               \
	FUSION(SUM, "sum")                                                    \
	FUSION(RANK, "rrf")

enum fusion {
#define FUSION(name, text) FUSION_##name,
	FUSIONS
#undef FUSION
	FUSION_COUNT
};

const char *fusion_name(enum fusion fusion);
/* ERR_INVALID: there is none of that name. */
int fusion_parse(const char *name, enum fusion *ret_fusion);

/*
 * What a ratio of 0..1 means for nearness of spelling, which finds what words
 * find: 1/16 of what it means for nearness of meaning, against words.  0 stays
 * 0, and 1 is 1.
 */
double fuse_spelling_ratio(double semantic_ratio);

/*
 * Join lexical_count and vector_count candidates (each segment at most once
 * per list) in candidates, which has room for both: the lexical ones first.
 * Fuses, sorts best first (equal scores by segment_id) and returns how many
 * different ones there are.
 */
size_t fuse(struct candidate *candidates, size_t lexical_count,
    size_t vector_count, enum fusion fusion, double semantic_ratio);

#endif
