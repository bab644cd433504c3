/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Embedding again what is stored: its texts, without a look at the content that
 * they came from, and only those that have no vector of the embedder that the
 * base wants.  What one try has stored the next one does not find, so a restart
 * goes on where it stopped.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/outcome_again.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "store/store_model.h"
#include "sys/crash.h"

/* What is to be done for one document. */
struct again_task {
	struct task *task;
	int64_t revision_id;
	/* Behind which text the next batch begins. */
	int64_t ordinal, child_id;
	struct again_batch *batch; /* being filled */
	size_t bytes_max;
	bool is_last; /* nothing is behind it */
};

static int
live_take(void *arg, const struct document *document)
{
	struct again_task *again = arg;

	again->revision_id = document->revision_id;
	again->task->what.base_id = document->base_id;
	again->task->what.has_vectors = document->has_vectors;
	run_set_file(again->task->run, document->bytes, document->mtime_us);
	return 0;
}

static int
unchanged(struct task *task, const char *words)
{
	return task_end(task, ITEM_CODE_UNCHANGED, "%s", words);
}

/* The live revision, what it has, and by which embedder it is to be embedded;
 * ERR_NOT_FOUND: there is none. */
static int
live_look(struct again_task *again, struct revision_embedders *ret_has)
{
	struct task *task = again->task;
	struct store *reader = task->bench->reader;
	int64_t answering;
	int err;

	err = store_document_get(reader, task->work->item.document_id,
	    live_take, again);
	if (err == 0 && again->revision_id == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = store_base_embedders(reader, task->what.base_id,
		    &answering, &task->embedder_id);
	if (err < 0)
		return err;
	err = store_revision_embedders(reader, again->revision_id, ret_has);
	/* Taken for gone it would be looked for time and again. */
	return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* In one snapshot: the revision may be replaced at any time. */
static int
again_look(struct again_task *again, struct err_note *note)
{
	struct task *task = again->task;
	struct revision_embedders has;
	int err;

	err = store_begin(task->bench->reader, note);
	if (err < 0)
		return err;
	err = live_look(again, &has);
	store_end(task->bench->reader);
	if (err == ERR_NOT_FOUND)
		return unchanged(task, "nothing of it is indexed any more");
	if (err < 0)
		return err_set(note, err, "cannot look up the document");
	if (!has.has_vectors || has.embedder_ids[0] == task->embedder_id ||
	    has.embedder_ids[1] == task->embedder_id)
		return unchanged(task, "it has the vectors of that model");
	task->rule.has_vectors = true;
	return task_embedding(task, note);
}

/* ---- a batch ------------------------------------------------------------- */

#define BATCH_FULL 1 /* ends the walk */

static int
text_take(void *arg, const struct text_kept *text)
{
	struct again_task *again = arg;
	struct again_batch *batch = again->batch;
	int err;

	if (batch->count == batch->size ||
	    (batch->count > 0 &&
		batch->data.len + text->text_len > again->bytes_max))
		return BATCH_FULL;
	err = again_batch_add(batch, text);
	if (err < 0)
		return err;
	batch->segments += (int64_t)text->ordinal != again->ordinal;
	again->ordinal = text->ordinal;
	again->child_id = text->child_id;
	return 0;
}

static int
batch_fill(struct again_task *again)
{
	const struct embedder *embedder = again->task->embedding->embedder;
	size_t size = embedder->texts_best;
	int err;

	if (size == 0 || size > BATCH_SEGMENTS)
		size = BATCH_SEGMENTS;
	again->bytes_max = embedder->bytes_best == 0 ? BATCH_BYTES
						     : embedder->bytes_best;
	again->batch = again_batch_new(size);
	if (again->batch == NULL)
		return ERR_NOMEM;
	again->batch->base_id = again->task->what.base_id;
	again->batch->revision_id = again->revision_id;
	again->batch->embedder_id = again->task->embedder_id;
	err = store_texts_unembedded(again->task->bench->reader,
	    again->task->what.base_id, again->revision_id,
	    again->task->embedder_id, again->ordinal, again->child_id,
	    text_take, again);
	again->is_last = err == 0;
	return err < 0 ? err : 0;
}

static int
batch_embed(struct again_task *again, struct err_note *note)
{
	struct task *task = again->task;
	struct again_batch *batch = again->batch;
	struct embed_text texts[BATCH_SEGMENTS] = {{NULL, 0}};
	size_t i, dimensions;
	int err;

	ASSERT(batch->count <= BATCH_SEGMENTS);
	task->embed.stop = work_stop(task->work);
	err = embedding_ready(task->bench->engine, task->embedding,
	    &task->embed, &dimensions, note);
	task->is_embedding = err < 0;
	if (err == 0)
		err = bench_vectors(task->bench, dimensions);
	if (err == 0)
		err = again_batch_room(batch, dimensions);
	for (i = 0; err == 0 && i < batch->count; i++)
		texts[i] = (struct embed_text){batch->list[i].of.text,
		    batch->list[i].of.text_len};
	if (err == 0 && batch->count > 0) {
		err = task_embed(task, texts, batch->count,
		    task->bench->vectors, note);
		if (err < 0 && task->embed.refused < batch->count)
			err_wrap(note, "segment %u", batch->list[
			    task->embed.refused].of.ordinal + 1);
	}
	for (i = 0; err == 0 && i < batch->count; i++)
		again_batch_vector(batch, i,
		    task->bench->vectors + i * dimensions);
	return err;
}

/* ---- all of them --------------------------------------------------------- */

static int
again_batches(struct again_task *again, struct err_note *note)
{
	struct task *task = again->task;
	int err;

	do {
		if (run_is_lost(task->run) ||
		    atomic_load(work_stop(task->work)))
			return ERR_CANCELLED;
		err = batch_fill(again);
		if (err == 0)
			err = batch_embed(again, note);
		if (err == 0)
			err = outcome_again(task->bench->engine, task->run,
			    &again->batch, again->is_last);
		again_batch_free(again->batch);
		again->batch = NULL;
		CRASH_POINT("embedded-again");
	} while (err == 0 && !again->is_last);
	return err;
}

int
task_reembed(struct task *task, struct err_note *note)
{
	struct again_task again = {.task = task, .ordinal = -1};
	uint64_t lacks = 0;
	int err;

	err = again_look(&again, note);
	if (err != 0)
		return err;
	err = store_revision_lacks(task->bench->reader, task->what.base_id,
	    again.revision_id, task->embedder_id, &lacks);
	if (err < 0)
		return err_set(note, err, "cannot look up the document");
	run_set_segments(task->run,
	    (uint32_t)(run_item(task->run)->segments_completed + lacks));
	run_enter(task->run, STAGE_EMBEDDING);
	return again_batches(&again, note);
}
