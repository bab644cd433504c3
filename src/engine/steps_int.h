/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps_int: what the files of the steps share.
 *
 * Floor 4, for these files only.
 */
#ifndef ENGINE_STEPS_INT_H
#define ENGINE_STEPS_INT_H

#include "engine/steps.h"

struct block;
struct chunk;
struct segment;
struct segment_batch;

/* Segments of a batch, and texts that are embedded at once. */
#define BATCH_SEGMENTS 256u
/* A larger batch is full with as many bytes. */
#define BATCH_BYTES (8 * MIB)

int step_extract(struct task *task, struct err_note *note);
int step_clean(struct task *task, struct err_note *note);
int step_chunk(struct task *task, struct err_note *note);
int step_tag(struct task *task, struct err_note *note);
int step_embed(struct task *task, struct err_note *note);

/* What was cut, turned into questions with answers; called by step_chunk().
 * Transient errors of the chat model are returned.  (steps_pairs.c) */
int task_ask(struct task *task, struct err_note *note);

/* The chat model can be asked, or it could not be configured: bench->chat is
 * there then.  Errors of chat_client_new().  (steps_pairs.c) */
int bench_chat(struct bench *bench, struct err_note *note);

/* The graph of each segment, into a spool; called by step_tag().  Transient
 * errors of the chat model are returned.  (steps_graph.c) */
int task_graph(struct task *task, struct err_note *note);
/* Give batch, whose last segment is that one, the graph that was made of it;
 * in order.  (steps_graph.c) */
int task_graph_add(struct task *task, uint32_t ordinal,
    struct segment_batch *batch);

/* Room for the vectors of all texts that are embedded at once. */
int bench_vectors(struct bench *bench, size_t dimensions);

/* How many segments of this very content an earlier try has stored, which are
 * not to be made again; 0 where they cannot be taken over.  (steps_embed.c) */
uint32_t task_stored(struct task *task);

/* What was stored of it was given up meanwhile: ERR_BUSY. */
int task_torn(struct task *task, struct err_note *note);

/* ---- records in a spool -------------------------------------------------- */

int spool_block(struct spool *spool, const struct block *block);
/* The next block; ERR_CLOSED after the last. */
int spool_next_block(struct spool *spool, struct block *ret_block);

/* answer is NULL, or terminated. */
int spool_chunk(struct bench *bench, struct spool *spool,
    const struct chunk *chunk, const char *answer);
/*
 * The next segment; ERR_CLOSED after the last.  All of it is valid until the
 * next call.  *ret_children are segment->child_count of struct chunk_child, to
 * be copied out: they may lie at any address.
 */
int spool_next_chunk(struct spool *spool, struct segment *ret_segment,
    const char **ret_children);

#endif
