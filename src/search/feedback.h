/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feedback: what the best finds of a query have in common, as more words to
 * ask for.
 *
 * Floor 3, pure.  The relevance model RM3 (Lavrenko and Croft, "Relevance-Based
 * Language Models", 2001; Abdul-Jaleel et al., "UMass at TREC 2004"): with
 * segments s at places 1, 2, ... of a first ranking,
 *
 *	W(s) = (score(s) / score(first))^8 / place(s)
 *	R(t) = sum of W(s) tf(t, s) / length(s)
 *
 * of which the FEEDBACK_TERMS greatest are kept, without stop words and terms
 * of one byte, and scaled so that they are a share x of the whole query.  The
 * power lets one segment that stands out speak for itself.  x depends on how
 * sure the first ranking is: with f the mean of score(s) / score(first) over
 * the places from 2 on (those that nothing is at count 0), and n words asked,
 *
 *	x = min(1, n / 4) (0.4 - 0.3 clamp((f - 0.75) / 0.2))
 *
 * as where all are as good as the first, or little was asked, what they have
 * in common may be anything (decision 0046 has the measurements).
 */
#ifndef SEARCH_FEEDBACK_H
#define SEARCH_FEEDBACK_H

#include <stddef.h>
#include <stdint.h>

#define FEEDBACK_SEGMENTS 6u
#define FEEDBACK_TERMS 16u
#define FEEDBACK_TERM_BYTES_MAX 64u
/* Of a segment's terms; the others are not looked at. */
#define FEEDBACK_BYTES_MAX 4096u

struct feedback;
struct stop_set;

struct feedback_term {
	char text[FEEDBACK_TERM_BYTES_MAX + 1];
	double weight; /* above 0 */
};

/* Keeps stops.  Returns owned (feedback_free); NULL: no memory. */
struct feedback *feedback_new(const struct stop_set *stops);
void feedback_free(struct feedback *feedback);

/* The segment at the next place has this score, above 0 and not above that of
 * the one before; those after FEEDBACK_SEGMENTS are passed over. */
void feedback_segment(struct feedback *feedback, double score);

/* A term of that segment stands in it count times more; it is a valid one of
 * 1..FEEDBACK_TERM_BYTES_MAX bytes.  1: enough of this segment, else 0. */
int feedback_put(struct feedback *feedback, const char *term, size_t len,
    uint32_t count);

/*
 * The terms, heaviest first, with weights that fit words asked with weights
 * whose sum is asked.  terms has room for FEEDBACK_TERMS; returns how many
 * there are.  Ends it: nothing can be put any more.
 */
size_t feedback_end(struct feedback *feedback, double asked,
    struct feedback_term *terms);

#endif
