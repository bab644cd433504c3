/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixed: cuts text into pieces of one length (CHUNK_FIXED of chunk.h).
 *
 * Floor 2, pure, for this folder only.  Time is linear in the text, and no
 * memory is needed.
 */
#ifndef TEXT_FIXED_H
#define TEXT_FIXED_H

#include <stddef.h>

#include "text/split.h"

/* Give out the pieces of text in order, without white space at their edges.
 * 0, or what fn returned. */
int fixed_text(const struct chunk_cut *cut, const char *text, size_t len,
    split_fn *fn, void *arg);

#endif
