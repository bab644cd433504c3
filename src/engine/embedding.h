/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding: the engine's embedder, as steps, edits and queries ask it.
 *
 * Floor 4.  Any thread.
 */
#ifndef ENGINE_EMBEDDING_H
#define ENGINE_EMBEDDING_H

#include <stddef.h>

#include "embed/embed.h"

struct engine;
struct engine_config;
struct err_note;

/* Make it, and look up in the store who it is; before there are threads.
 * ERR_INVALID with words: what it is configured with cannot be used. */
int embedding_open(struct engine *engine, const struct engine_config *config,
    struct err_note *note);

/* How long vectors are: asked once, where the store does not know it, and kept
 * there.  Errors as those of embedding_run(). */
int embedding_ready(struct engine *engine, struct embed_call *call,
    size_t *ret_dimensions, struct err_note *note);

/* struct embedder's ask() or run(); embedding_ready() has come before it. */
int embedding_run(struct engine *engine, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note);

/* Was it asked a moment ago, and is out of order?  Says in call, and in note,
 * what embedding_run() would say with ERR_UPSTREAM. */
bool embedding_is_out(const struct engine *engine, struct embed_call *call,
    struct err_note *note);
/* After an outage that call tells of, until it may be over, or a second, or
 * call->stop: who takes the next document meets the same. */
void embedding_rest(const struct embed_call *call);

/* Zeros for one that is not elsewhere. */
void embedding_stats(const struct engine *engine,
    struct embed_stats *ret_stats);

#endif
