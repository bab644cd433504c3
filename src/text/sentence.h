/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sentence: where one sentence ends and the next one begins.
 *
 * Floor 2, pure; shared by chunk and tags.  A quick rule, not a parser: it
 * rather misses a border than sees one inside a sentence.
 */
#ifndef TEXT_SENTENCE_H
#define TEXT_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True when a sentence ends before text[at] and another begins there or
 * behind the blank at text[at].  0 < at < len; text is valid UTF-8.
 */
bool sentence_ends(const char *text, size_t len, size_t at);

#endif
