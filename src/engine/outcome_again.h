/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome_again: vectors of texts that are stored already, on their way to the
 * store.
 *
 * Floor 4.
 */
#ifndef ENGINE_OUTCOME_AGAIN_H
#define ENGINE_OUTCOME_AGAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/store_model.h"

struct engine;
struct run;

/* Some texts of a revision, in order; texts and vectors lie in data. */
struct again_batch {
	int64_t base_id, revision_id, embedder_id;
	struct text_vector *list;
	size_t count, size;
	uint32_t segments; /* that begin in it */
	size_t dimensions, vectors_at;
	struct buf data;
};

/* Room for size texts.  Returns owned (again_batch_free), NULL: no memory. */
struct again_batch *again_batch_new(size_t size);
void again_batch_free(struct again_batch *batch);
/* Copies the text; batch has room. */
int again_batch_add(struct again_batch *batch, const struct text_kept *text);
/* Room for vectors: nothing is added any more, and texts can be read. */
int again_batch_room(struct again_batch *batch, size_t dimensions);
void again_batch_vector(struct again_batch *batch, size_t i,
    const float *vector);

/*
 * Store them with the item's progress; ends: and the item has come to its end.
 * A text that was changed meanwhile is left out: who looks for what is not
 * embedded will find it again.  Takes *batch.  Blocks while the writer is
 * behind.
 */
int outcome_again(struct engine *engine, struct run *run,
    struct again_batch **batch, bool ends);

#endif
