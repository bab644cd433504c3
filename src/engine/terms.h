/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms: the words that a query is asked with.
 *
 * Floor 4, pure.
 */
#ifndef ENGINE_TERMS_H
#define ENGINE_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#include "text/stop.h"
#include "text/words.h"

#define TERMS_MAX 64

struct terms {
	char text[TERMS_MAX][WORD_BYTES_MAX + 1];
	const char *list[TERMS_MAX]; /* into text */
	size_t count;
};

/*
 * The different terms of text (text/words.h), the first TERMS_MAX of them;
 * function words (text/stop.h) come last, so that they take no place of others.
 * Terms point into themselves: do not copy the struct.
 */
void terms_of(const char *text, const struct stop_set *stops,
    struct terms *ret_terms);
/* The same without function words (text/stop.h), unless there are no others:
 * to compare two texts by, where there is no index that knows which words are
 * frequent. */
void terms_of_content(const char *text, struct terms *ret_terms);

/* Is the term of len bytes a function word? */
bool term_is_stop(const struct stop_set *stops, const char *term, size_t len);

#endif
