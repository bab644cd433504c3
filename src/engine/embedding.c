/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store gives each embedder a number by its name, which stands with every
 * vector: so vectors of two embedders are never compared, however many
 * dimensions they have.
 */
#include <string.h>

#include "base/err.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "engine/write_tx.h"

/* The store's row of it, which may be new. */
static int
number_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct engine *engine = arg;
	size_t dimensions = 0;
	int err;

	(void)note;
	err = store_embedder(tx_store(tx), engine->embedder->name,
	    &engine->embedder_id, &dimensions);
	if (err == 0 && engine->embedder->dimensions == 0)
		engine->embedder->dimensions = dimensions;
	return err;
}

int
embedding_open(struct engine *engine, const struct engine_config *config,
    struct err_note *note)
{
	(void)config;
	engine->embedder = embed_lexical_new();
	if (engine->embedder == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	return writer_do(engine->writer, number_apply, engine, note);
}

static int
learn_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct engine *engine = arg;

	(void)note;
	return store_embedder_learn(tx_store(tx), engine->embedder_id,
	    engine->embedder->dimensions);
}

int
embedding_ready(struct engine *engine, struct embed_call *call,
    size_t *ret_dimensions, struct err_note *note)
{
	struct embedder *embedder = engine->embedder;
	int err;

	if (embedder->dimensions == 0) {
		err = embedder->learn(embedder, call, note);
		if (err == 0)
			err = writer_do_surely(engine->writer, learn_apply,
			    engine, note);
		if (err < 0)
			return err;
	}
	*ret_dimensions = embedder->dimensions;
	return 0;
}

int
embedding_run(struct engine *engine, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note)
{
	struct embedder *embedder = engine->embedder;

	call->is_outage = false;
	call->wait_us = 0;
	call->refused = count;
	return embedder->ask == NULL
	    ? embedder->run(embedder, texts, count, vectors, note)
	    : embedder->ask(embedder, call, texts, count, vectors, note);
}

void
embedding_stats(const struct engine *engine, struct embed_stats *ret_stats)
{
	memset(ret_stats, 0, sizeof(*ret_stats));
	if (engine->embedder->stats != NULL)
		engine->embedder->stats(engine->embedder, ret_stats);
}
