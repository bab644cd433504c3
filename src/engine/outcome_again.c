/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/outcome.h"
#include "engine/outcome_again.h"
#include "engine/run.h"
#include "engine/writer.h"
#include "search/vector.h"

/* ---- batches ------------------------------------------------------------- */

struct again_batch *
again_batch_new(size_t size)
{
	struct again_batch *batch;

	batch = mem_zalloc(sizeof(*batch));
	if (batch == NULL)
		return NULL;
	buf_init(&batch->data, SIZE_MAX / 2);
	batch->list = mem_array(size, sizeof(*batch->list));
	batch->size = size;
	if (batch->list != NULL)
		return batch;
	again_batch_free(batch);
	return NULL;
}

void
again_batch_free(struct again_batch *batch)
{
	if (batch == NULL)
		return;
	mem_free(batch->list);
	buf_fini(&batch->data);
	mem_free(batch);
}

int
again_batch_add(struct again_batch *batch, const struct text_kept *text)
{
	struct text_vector *row = &batch->list[batch->count];
	int err;

	ASSERT(batch->count < batch->size);
	memset(row, 0, sizeof(*row));
	row->of = *text;
	row->of.text = NULL;
	err = buf_put(&batch->data, text->text, text->text_len);
	if (err == 0)
		batch->count++;
	return err;
}

int
again_batch_room(struct again_batch *batch, size_t dimensions)
{
	const char *at;
	size_t i;
	int err;

	err = buf_reserve(&batch->data, batch->count * dimensions);
	if (err < 0)
		return err;
	batch->vectors_at = batch->data.len;
	batch->dimensions = dimensions;
	batch->data.len += batch->count * dimensions;
	for (i = 0, at = batch->data.data; i < batch->count; i++) {
		batch->list[i].of.text = at;
		at += batch->list[i].of.text_len;
	}
	return 0;
}

void
again_batch_vector(struct again_batch *batch, size_t i, const float *vector)
{
	struct text_vector *row = &batch->list[i];
	int8_t *to = (int8_t *)batch->data.data + batch->vectors_at +
	    i * batch->dimensions;

	vector_quantise(vector, batch->dimensions, to, &row->scale);
	row->bytes = to;
	row->dimensions = batch->dimensions;
}

/* ---- the operation ------------------------------------------------------- */

struct again {
	struct write_op op; /* first: see again_done */
	struct engine *engine;
	struct run *run;
	struct again_batch *batch;
	bool ends;
	uint64_t tokens;
	struct item result; /* as it was staged */
};

static void
again_free(struct again *again)
{
	again_batch_free(again->batch);
	run_unref(again->run);
	mem_free(again);
}

/* The worker's view, with what only these operations count. */
static struct item
again_item(struct again *again, struct write_tx *tx)
{
	struct item from = run_staged(again->run, tx);
	struct item to = run_snapshot(again->run);

	to.segments_completed = from.segments_completed +
	    again->batch->segments;
	if (to.segments_total < to.segments_completed)
		to.segments_total = to.segments_completed;
	to.bytes_done = to.segments_total == 0
	    ? 0
	    : (uint64_t)((double)to.bytes * to.segments_completed /
		  to.segments_total);
	if (to.bytes_done < from.bytes_done)
		to.bytes_done = from.bytes_done;
	return to;
}

static int
vectors_put(struct again *again, struct write_tx *tx, bool is_answering)
{
	const struct again_batch *batch = again->batch;
	const struct revision_place place = {.base_id = batch->base_id,
	    .revision_id = batch->revision_id,
	    .embedder_id = batch->embedder_id, .is_answering = is_answering};
	bool is_put;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < batch->count; i++)
		err = store_text_vector_put(tx_store(tx), &place,
		    &batch->list[i], &is_put);
	return err;
}

/* All of it may be there now; if it is not, the job will come by again. */
static int
revision_end(struct again *again, struct write_tx *tx, bool is_answering)
{
	const struct again_batch *batch = again->batch;
	struct store *store = tx_store(tx);
	uint64_t left = 0;
	int err;

	err = store_revision_lacks(store, batch->base_id, batch->revision_id,
	    batch->embedder_id, &left);
	if (err < 0 || left > 0)
		return err;
	err = store_revision_embedded(store, batch->base_id,
	    batch->revision_id, batch->embedder_id);
	/* Queries find by nearness what they did not. */
	if (err == 0 && is_answering)
		err = store_base_touch(store, batch->base_id);
	return err;
}

static int
again_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct again *again = arg;
	struct item to = again_item(again, tx);
	int64_t answering = 0, wanted = 0;
	bool is_of_use;
	struct job *job;
	int err;

	(void)note;
	if (again->ends) {
		to.segments_completed = to.segments_total;
		to.bytes_done = to.bytes;
		item_move(&to, ITEM_COMPLETED, tx_now_us(tx));
	}
	/* The guard first: nothing may be written for a lost item. */
	err = run_store(again->run, tx, &to);
	if (err == 0)
		err = store_base_embedders(tx_store(tx),
		    again->batch->base_id, &answering, &wanted);
	/* The base may have been asked for another one since. */
	is_of_use = again->batch->embedder_id == answering ||
	    again->batch->embedder_id == wanted;
	if (err == 0 && is_of_use)
		err = vectors_put(again, tx,
		    again->batch->embedder_id == answering);
	if (err == 0 && is_of_use && again->ends)
		err = revision_end(again, tx,
		    again->batch->embedder_id == answering);
	if (err < 0)
		return err;
	job = tx_job(tx, to.job_id);
	if (job != NULL)
		job->embedding_tokens += again->tokens;
	again->result = to;
	return 0;
}

static void
again_done(struct write_op *op, int err, const struct err_note *note)
{
	struct again *again = (struct again *)op;
	struct item item;

	if (err == ERR_CONFLICT)
		run_refused(again->run);
	if (err == 0) {
		run_committed(again->run);
		if (again->ends)
			outcome_count(again->engine, &again->result);
	} else if (!run_is_lost(again->run) &&
	    err_class(err) == ERR_CLASS_PERMANENT) {
		item = run_snapshot(again->run);
		outcome_log(again->engine, LOG_ERROR,
		    "an item's vectors were not stored", &item,
		    err_words(note, err));
		outcome_fail(again->engine, again->run, err_words(note, err));
	}
	again_free(again);
}

int
outcome_again(struct engine *engine, struct run *run,
    struct again_batch **batch, bool ends)
{
	struct again *again;

	again = mem_zalloc(sizeof(*again));
	if (again == NULL)
		return ERR_NOMEM;
	again->engine = engine;
	again->run = run;
	run_ref(run);
	again->batch = *batch;
	*batch = NULL;
	again->ends = ends;
	again->tokens = run_take_tokens(run);
	again->op.apply = again_apply;
	again->op.done = again_done;
	again->op.arg = again;
	again->op.bytes = sizeof(*again) + again->batch->data.len +
	    again->batch->count * sizeof(*again->batch->list);
	writer_post(engine->writer, &again->op);
	return 0;
}
