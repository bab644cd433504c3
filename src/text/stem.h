/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stem: terms without their endings, so that "indexes" finds "indexing".
 *
 * Floor 2.  Snowball's algorithms, as libstemmer has them.  Terms are those of
 * text/words.h: folded, without diacritics; where a language's rules need some
 * of those, they are put back first (text/stem_tbl.h), and no stem has any.
 * The same term of the same language has the same stem everywhere, for a
 * version of libstemmer.
 */
#ifndef TEXT_STEM_H
#define TEXT_STEM_H

#include <stddef.h>

#include "text/language.h"
#include "text/words.h"

struct stemmer;

/* For one thread at a time; languages are opened when they are first asked
 * for.  Returns owned (stemmer_free), or NULL: no memory. */
struct stemmer *stemmer_new(void);
void stemmer_free(struct stemmer *stemmer);

/*
 * The stem of a term of 1..WORD_BYTES_MAX bytes, as 1..WORD_BYTES_MAX bytes in
 * out, not terminated; out may be term's own place.  As they are stay: terms
 * of LANGUAGE_NONE, with digits, of one or two characters, of another script
 * than the language's, and bigrams.  ERR_NOMEM; out is then not changed.
 */
int stem_term(struct stemmer *stemmer, enum language language,
    const char *term, size_t len, char out[WORD_BYTES_MAX], size_t *ret_len);

#endif
