/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_int: what the files of graph_extract() share.
 *
 * Floor 3, for these files only.
 */
#ifndef GRAPH_EXTRACT_INT_H
#define GRAPH_EXTRACT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/graph_build.h"
#include "graph/lexicon.h"
#include "graph/scan.h"
#include "text/stop.h"

#define SEEN_SLOTS 16384u /* a power of two */
#define SEEN_PROBES_MAX 16u
#define SENTENCE_MENTIONS_MAX 64u /* what comes behind them is left out */
#define SENTENCE_PAIRS_MAX 64u /* that are mentioned with each other */
#define PHRASE_MAX 3u /* words of a phrase that is a concept for its count */
#define PHRASE_ONCE_MORE 2u /* count of one with several words */
#define PHRASE_ALONE 4u /* count of one word */

/* How a word, or a phrase, is used in the text. */
struct seen {
	uint64_t hash;
	uint32_t stamp; /* of the text it is of */
	uint16_t lower, middle, after_det, phrase;
	bool is_title, is_name;
};

struct mention {
	size_t from, to; /* tokens */
	uint32_t entity;
	enum graph_type type; /* as far as it is known in the sentence */
	bool is_sure; /* of the type */
	bool is_phrase; /* found by its count alone */
};

struct graph_extractor {
	struct lexicon lexicon;
	struct stop_set stops;
	struct seen seen[SEEN_SLOTS];
	uint32_t stamp;
	struct scan scan;
	struct graph_build build;

	/* Of the sentence. */
	struct mention mentions[SENTENCE_MENTIONS_MAX];
	size_t count;
	/* The subject of the one before; GRAPH_NONE: none. */
	struct mention subject;
};

/* What the text has of a word; *make: put it in.  NULL: not seen, or there
 * is no room for more. */
struct seen *extract_seen(struct graph_extractor *x, uint64_t hash,
    bool make);

/* Does no word stand before the token in its sentence or quotation? */
bool extract_is_initial(const struct scan *scan, size_t at);

/* The hash that a phrase is counted by. */
uint64_t extract_phrase(uint64_t phrase, uint64_t word);

/* The label of the longest phrase of a pattern that begins at the token and
 * ends before stop; *ret_words is how many tokens it has. */
enum label extract_label(const struct graph_extractor *x, size_t at,
    size_t stop, size_t *ret_words);

/* Put tokens[from..to) among the sentence's mentions.  0, or ERR_NOMEM;
 * *ret_mention is NULL when it is none, or when there is no room. */
int extract_put(struct graph_extractor *x, size_t from, size_t to,
    struct mention **ret_mention);
void extract_vote(struct graph_extractor *x, const struct mention *mention,
    enum graph_type type, uint32_t votes);

/* What speaks for the type of a thing that is called so. */
void extract_vote_kind(struct graph_extractor *x,
    const struct mention *mention, uint32_t roles);

/* What the sentence says of "she" or "the company" is said of the subject of
 * the one before; NULL: it begins with neither, or there is no subject.  Only
 * mentions up to at are looked at. */
const struct mention *extract_pronoun(const struct graph_extractor *x,
    size_t at);

/* The parts of the work on one sentence, in this order; 0 or ERR_NOMEM. */
int extract_fixed(struct graph_extractor *x);	/* dates, amounts, quotes */
int extract_names(struct graph_extractor *x);	/* capitals */
int extract_phrases(struct graph_extractor *x); /* kinds, and concepts */
int extract_relate(struct graph_extractor *x);

/* Of a name's mention: what its words and neighbours say of its type. */
void extract_judge(struct graph_extractor *x, struct mention *mention);

/* At the end: entities that are the same.  0 or ERR_NOMEM. */
int extract_merge(struct graph_extractor *x);

#endif
