/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedding: the embedders that can be used here, as steps, edits and queries
 * ask them.
 *
 * Floor 4.  Any thread.  There are the one that needs no weights, that of the
 * folder and, where a service is configured, any model that it has: these are
 * opened when they are asked for, and stay until the engine is closed.  One of
 * all is the default.
 */
#ifndef ENGINE_EMBEDDING_H
#define ENGINE_EMBEDDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "embed/embed.h"

struct engine;
struct engine_config;
struct err_note;
struct store;

/* So many may be open at once, and so many of them on the wish of one account,
 * so that it does not take the others' room; more are ERR_BUSY. */
#define EMBEDDINGS_MAX 1024u
#define EMBEDDINGS_ACCOUNT_MAX 16u

/* An embedder with the number that the store has for it, which stands with
 * every vector that it makes.  Good until engine_close(). */
struct embedding {
	struct embedder *embedder;
	int64_t id;
	int64_t account_id; /* that asked for it first; 0: the server did */
};

/* Make those that the configuration names; before there are threads.
 * ERR_INVALID with words: what it is configured with cannot be used. */
int embedding_open(struct engine *engine, const struct engine_config *config,
    struct err_note *note);
void embedding_close(struct engine *engine);

const struct embedding *embedding_default(const struct engine *engine);
/* By its number.  ERR_NOT_FOUND with words: it cannot be used here any more
 * (reader knows its name). */
int embedding_of(struct engine *engine, struct store *reader, int64_t id,
    const struct embedding **ret_embedding, struct err_note *note);
/* By what a base of the account (0: nobody asks) is asked to be embedded with:
 * NULL is the default.  is_probed: the service is asked about one that is not
 * in use here, with its errors.  ERR_INVALID with words that name what there
 * is; ERR_BUSY. */
int embedding_named(struct engine *engine, int64_t account_id,
    const char *name, size_t dimensions, bool is_probed,
    const struct embedding **ret_embedding, struct err_note *note);

/* How long vectors are: asked once, where the store does not know it, and kept
 * there.  Errors as those of embedding_run(). */
int embedding_ready(struct engine *engine, const struct embedding *embedding,
    struct embed_call *call, size_t *ret_dimensions, struct err_note *note);

/* struct embedder's ask() or run(); embedding_ready() has come before it. */
int embedding_run(const struct embedding *embedding, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note);

/* Was it asked a moment ago, and is out of order?  Says in call, and in note,
 * what embedding_run() would say with ERR_UPSTREAM. */
bool embedding_is_out(const struct embedding *embedding,
    struct embed_call *call, struct err_note *note);
/* After an outage that call tells of, until it may be over, or a second, or
 * call->stop: who takes the next document meets the same. */
void embedding_rest(const struct embed_call *call);

/* Of all that are elsewhere. */
void embedding_stats(const struct engine *engine,
    struct embed_stats *ret_stats);

#endif
