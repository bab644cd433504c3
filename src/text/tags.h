/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tags: statistical keyphrases and a one-sentence extractive summary.
 *
 * Floor 2, pure.  No model, no word lists but stop words: candidates are runs
 * of content words (RAKE: Rose et al., "Automatic keyword extraction from
 * individual documents", 2010), weighed by frequency and spread; the summary
 * is the sentence near the start that holds most of them.  Memory is bounded
 * whatever the document's length.  Deterministic.
 */
#ifndef TEXT_TAGS_H
#define TEXT_TAGS_H

#include <stddef.h>

#include "base/limits.h"

struct tagger;

#define KEYPHRASE_BYTES_MAX 80

struct tags {
	size_t keyphrase_count;
	char keyphrases[KEYPHRASES_MAX][KEYPHRASE_BYTES_MAX]; /* best first */
	char summary[SUMMARY_BYTES_MAX + 1]; /* "" when there is none */
};

/* Returns owned (tagger_free); NULL: no memory. */
struct tagger *tagger_new(void);
void tagger_free(struct tagger *tagger);
/* Forget everything, keep the memory: ready for the next document. */
void tagger_clear(struct tagger *tagger);

/* The next segment's text (valid UTF-8).  0 or ERR_NOMEM. */
int tagger_add(struct tagger *tagger, const char *text, size_t len);

/* The function words of what of it was looked at (text/language.h). */
struct language_tally;
const struct language_tally *tagger_tally(const struct tagger *tagger);

/* The result over all that was added. */
int tagger_end(struct tagger *tagger, struct tags *ret_tags);

#endif
