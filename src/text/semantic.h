/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semantic: cuts a document where its matter changes (CHUNK_SEMANTIC of
 * chunk.h).
 *
 * Floor 2, pure, for this folder only.  Memory is bounded, whatever the
 * document's size: some hundred KiB and NEAR_TEXTS_MAX vectors.
 */
#ifndef TEXT_SEMANTIC_H
#define TEXT_SEMANTIC_H

#include "text/chunk.h"

struct semantic;

/* fn and arg are kept.  Returns owned (semantic_free); NULL: no memory. */
struct semantic *semantic_new(const struct chunk_cut *cut, chunk_fn *fn,
    void *arg);
void semantic_free(struct semantic *semantic);
/* Before the first block: where vectors come from.  0 or ERR_NOMEM. */
int semantic_set_embed(struct semantic *semantic, size_t dimensions,
    chunk_embed_fn *fn, void *arg);
/* 0, ERR_TOO_BIG over SEGMENTS_MAX, or what either fn returned. */
int semantic_add(struct semantic *semantic, const struct block *block);
int semantic_end(struct semantic *semantic);

#endif
