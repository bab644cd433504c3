/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outline: cuts a document by its structure (CHUNK_STRUCTURE of chunk.h).
 *
 * Floor 2, pure, for this folder only.  Memory is bounded by the rule's size,
 * not by the document.
 */
#ifndef TEXT_OUTLINE_H
#define TEXT_OUTLINE_H

#include "text/chunk.h"

struct outline;

/* fn and arg are kept.  Returns owned (outline_free); NULL: no memory. */
struct outline *outline_new(const struct chunk_cut *cut, chunk_fn *fn,
    void *arg);
void outline_free(struct outline *outline);
/* 0, ERR_TOO_BIG over SEGMENTS_MAX, or what fn returned. */
int outline_add(struct outline *outline, const struct block *block);
int outline_end(struct outline *outline);

/* While fn has chunk: where it begins in the text of all blocks, when there is
 * no more than one, however often it is continued. */
size_t outline_start(const struct outline *outline,
    const struct chunk *chunk);
/* After outline_end(): begin another document. */
void outline_clear(struct outline *outline);

#endif
