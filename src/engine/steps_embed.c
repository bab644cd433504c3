/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From segments to batches with vectors.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "sys/crash.h"
#include "text/chunk.h"

/* A batch with children is full with as many of these. */
#define BATCH_CHILDREN 4096u

/*
 * Questions do not come out the same twice: what was stored of them by an
 * earlier try is no beginning of this one, so they go with the publication.
 * There are at most PAIRS_MAX.
 */
static bool
is_whole(const struct task *task)
{
	return task->rule.questions[0] != '\0';
}

/* An embedder that is elsewhere gets a batch in one request: what it gave is
 * stored before the next one, which may fail. */
static size_t
batch_texts(const struct task *task)
{
	size_t best = task->embedding == NULL
	    ? 0
	    : task->embedding->embedder->texts_best;

	return best == 0 || best > BATCH_SEGMENTS ? BATCH_SEGMENTS : best;
}

/* Are so many texts as many as it likes to have at once? */
static bool
is_best(const struct task *task, size_t texts, size_t bytes)
{
	const struct embedder *embedder;

	if (task->embedding == NULL)
		return false;
	embedder = task->embedding->embedder;
	return embedder->texts_best > 0 && texts > 0 &&
	    (texts >= embedder->texts_best ||
		bytes + bytes / texts > embedder->bytes_best);
}

/* It goes with its publication. */
static bool
is_single(struct task *task)
{
	const struct embedder *embedder = task->embedding == NULL
	    ? NULL
	    : task->embedding->embedder;

	if (is_whole(task))
		return true;
	if (task->chunk_count > batch_texts(task) ||
	    task->rule.chunk.child.chars_max != 0 ||
	    task->graphs_from != 0 || task->graphs_err != 0 ||
	    task->graphs_bytes > BATCH_BYTES)
		return false;
	/* How many go into a request is a setting: it may have been another
	 * one when the first batches of this were stored. */
	return embedder == NULL || embedder->texts_best == 0 ||
	    (task->what.characters <= embedder->bytes_best &&
		task_stored(task) == 0);
}

/* How many segments are to be stored in this try. */
static uint32_t
segments_ready(const struct task *task)
{
	return task->graphs_err < 0 ? task->graphs_until : task->chunk_count;
}

static size_t
batch_size(const struct task *task)
{
	return task->is_single && task->chunk_count > BATCH_SEGMENTS
		? task->chunk_count : batch_texts(task);
}

static bool
is_full(const struct task *task, const struct segment_batch *batch)
{
	return batch->count == batch->size ||
	    (!task->is_single && (batch->child_count >= BATCH_CHILDREN ||
		segment_batch_bytes(batch) >= BATCH_BYTES ||
		is_best(task, segment_batch_vectors(batch),
		    batch->data.len)));
}

/* For how long a document waits for a model that cannot be used: until somebody
 * configures it again, which only another start of the program does. */
#define UNUSABLE_US 60000000

int
task_embedding(struct task *task, struct err_note *note)
{
	int err;

	task->embedding = NULL;
	if (!task->rule.has_vectors &&
	    task->rule.chunk.cut.method != CHUNK_SEMANTIC)
		return 0;
	err = embedding_of(task->bench->engine, task->bench->reader,
	    task->embedder_id, &task->embedding, note);
	if (err == ERR_NOT_FOUND) {
		task->embed.is_outage = true;
		task->embed.wait_us = UNUSABLE_US;
	} else if (err < 0) {
		return err;
	} else if (!embedding_is_out(task->embedding, &task->embed, note)) {
		return 0;
	}
	task->is_embedding = true;
	return ERR_UPSTREAM;
}

int
task_embed(struct task *task, const struct embed_text *texts, size_t count,
    float *vectors, struct err_note *note)
{
	int err;

	task->embed.stop = work_stop(task->work);
	err = embedding_run(task->embedding, &task->embed, texts, count,
	    vectors, note);
	run_add_tokens(task->run, task->embed.tokens);
	task->embed.tokens = 0;
	task->is_embedding = err < 0;
	return err;
}

int
bench_vectors(struct bench *bench, size_t dimensions)
{
	if (bench->vectors_dimensions == dimensions)
		return 0;
	mem_free(bench->vectors);
	bench->vectors_dimensions = 0;
	bench->vectors = mem_array(BATCH_SEGMENTS * dimensions,
	    sizeof(*bench->vectors));
	if (bench->vectors == NULL)
		return ERR_NOMEM;
	bench->vectors_dimensions = dimensions;
	return 0;
}

/* The vectors of count texts of batch, from that one on. */
static int
batch_run(struct task *task, struct segment_batch *batch, size_t first,
    size_t count, struct err_note *note)
{
	struct embed_text texts[BATCH_SEGMENTS] = {{NULL, 0}};
	size_t i;
	int err;

	for (i = 0; i < count; i++)
		texts[i].text = segment_batch_text(batch, first + i,
		    &texts[i].len);
	err = task_embed(task, texts, count, task->bench->vectors, note);
	if (err < 0) {
		if (task->embed.refused < count && !batch->of_children)
			err_wrap(note, "segment %u", batch->segments[first +
			    task->embed.refused].ordinal + 1);
		return err;
	}
	for (i = 0; i < count; i++)
		segment_batch_vector(batch, first + i,
		    task->bench->vectors + i * batch->dimensions);
	return 0;
}

/* The texts that vectors are made of, so many at a time. */
static int
batch_embed(struct task *task, struct segment_batch *batch,
    struct err_note *note)
{
	struct engine *engine = task->bench->engine;
	size_t first, count, all, dimensions;
	int err;

	if (!task->rule.has_vectors) {
		segment_batch_texts(batch);
		return 0;
	}
	task->embed.stop = work_stop(task->work);
	err = embedding_ready(engine, task->embedding, &task->embed,
	    &dimensions, note);
	task->is_embedding = err < 0;
	if (err == 0)
		err = bench_vectors(task->bench, dimensions);
	batch->embedder_id = task->embedding->id;
	if (err == 0)
		err = segment_batch_room(batch, dimensions);
	all = segment_batch_vectors(batch);
	for (first = 0; err == 0 && first < all; first += count) {
		count = all - first < BATCH_SEGMENTS ? all - first
						     : BATCH_SEGMENTS;
		err = batch_run(task, batch, first, count, note);
		if (err == 0 && atomic_load(work_stop(task->work)))
			return ERR_CANCELLED;
	}
	return err;
}

uint32_t
task_stored(struct task *task)
{
	struct revision revision;
	int err;

	if (is_whole(task))
		return 0;
	err = store_revision_building(task->bench->reader,
	    task->what.document_id, task->what.hash, task->what.rule,
	    task->what.embedder_id, &revision);
	return err == 0 ? revision.stored : 0;
}

static int
batch_add(struct segment_batch *batch, const struct segment *segment,
    const char *children)
{
	struct chunk_child child;
	size_t i;
	int err;

	err = segment_batch_add(batch, segment);
	for (i = 0; err == 0 && i < segment->child_count; i++) {
		memcpy(&child, children + i * sizeof(child), sizeof(child));
		ASSERT(child.start <= segment->text_len &&
		    child.len <= segment->text_len - child.start);
		err = segment_batch_child(batch, segment->text + child.start,
		    child.len, child.chars);
	}
	return err;
}

/* Fill batch with what comes next; 0 with an empty batch at the end. */
static int
batch_fill(struct task *task, uint32_t skip, struct segment_batch *batch)
{
	struct segment segment;
	const char *children;
	int err = 0;

	batch->of_children = task->rule.chunk.child.chars_max > 0 &&
	    task->rule.questions[0] == '\0';
	while (!is_full(task, batch) &&
	    skip + batch->count < segments_ready(task)) {
		err = spool_next_chunk(&task->bench->chunks, &segment,
		    &children);
		if (err < 0)
			break;
		if (segment.ordinal < skip)
			continue;
		err = batch_add(batch, &segment, children);
		if (err == 0 && task->what.graph != GRAPH_OF_NOBODY)
			err = task_graph_add(task, segment.ordinal, batch);
		if (err < 0)
			break;
	}
	return err == ERR_CLOSED ? 0 : err;
}

int
task_torn(struct task *task, struct err_note *note)
{
	return err_set(note, ERR_BUSY,
	    "what was stored of %s was given up meanwhile", task->work->name);
}

/* All is stored that has a graph: the model's error is that of the item. */
static int
graphs_end(struct task *task, struct err_note *note)
{
	ASSERT(task->graphs_err < 0);
	task->is_asking = true;
	*note = task->graphs_note;
	return task->graphs_err;
}

/*
 * A document of one batch goes with its publication; of a larger one each
 * batch is stored as it is ready, and a restart goes on behind the last.
 */
int
step_embed(struct task *task, struct err_note *note)
{
	struct engine *engine = task->bench->engine;
	struct segment_batch *batch;
	uint32_t done = 0;
	int err = 0;

	task->is_single = is_single(task);
	if (!task->is_single)
		done = task_stored(task);
	if (done < task->graphs_from)
		return task_torn(task, note);
	task->has_batches = done > 0;
	spool_rewind(&task->bench->chunks);
	spool_rewind(&task->bench->graphs);
	for (;;) {
		batch = segment_batch_new(batch_size(task));
		if (batch == NULL)
			return err_set(note, ERR_NOMEM, "out of memory");
		err = batch_fill(task, done, batch);
		if (err == 0 && batch->count > 0)
			err = batch_embed(task, batch, note);
		if (err < 0)
			break;
		done += (uint32_t)batch->count;
		if (done >= task->chunk_count) {
			task->last = batch;
			return 0;
		}
		if (batch->count == 0) {
			err = graphs_end(task, note);
			break;
		}
		task->has_batches = true;
		err = outcome_batch(engine, task->run, &task->what, &batch);
		if (err < 0)
			break;
		CRASH_POINT("batch");
		if (run_was_torn(task->run)) {
			err = task_torn(task, note);
			break;
		}
		if (run_is_lost(task->run) ||
		    atomic_load(work_stop(task->work))) {
			err = ERR_CANCELLED;
			break;
		}
	}
	segment_batch_free(batch);
	return err;
}
