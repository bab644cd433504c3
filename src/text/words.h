/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: cuts text into the terms that are searched for.
 *
 * Floor 2, pure.  One definition of a term serves the full-text index, the
 * lexical embedding and the keyphrases, so that they agree.  A term is a run
 * of letters, digits and combining marks, case-folded and stripped of
 * diacritics (NFKD, marks removed, but for those that are vowels or belong to
 * kana and Hangul: they make another word); zero-width joiners and soft
 * hyphens inside a word are passed over.  In scripts without spaces (Han, Kana,
 * Hangul excepted, Thai, Lao, Khmer, Myanmar) every character starts a
 * two-character term (overlapping bigrams; a single one stands alone).
 * ASCII takes a fast path.
 */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_BYTES_MAX 64 /* longer runs are cut: the rest is a new term */

/*
 * Called for each term: term has len bytes (1..WORD_BYTES_MAX), not
 * terminated, valid during the call; the term stands at text[start..end).
 * A nonzero return stops the walk.
 */
typedef int words_fn(void *arg, const char *term, size_t len, size_t start,
    size_t end);

/* Walk over text, which must be valid UTF-8.  Returns 0, or what fn did. */
int words_each(const char *text, size_t len, words_fn *fn, void *arg);

/* Is it a letter, digit or mark that joins others to a term, or one of a
 * script without spaces?  Of others both are false. */
bool words_is_joined(uint32_t c);
bool words_is_paired(uint32_t c);

#endif
