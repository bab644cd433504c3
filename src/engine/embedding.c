/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store gives each embedder a number by its name, which stands with every
 * vector: so vectors of two embedders are never compared, however many
 * dimensions they have.
 */
#include <string.h>

#include "base/err.h"
#include "embed/folder.h"
#include "embed/openai.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "engine/write_tx.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define REST_US 1000000
#define LOOK_US 50000

/* The store's row of it, which may be new.  The writer does not run yet, and a
 * start that finds all as it was is no operation of it. */
static int
number_take(struct engine *engine, struct err_note *note)
{
	size_t dimensions = 0;
	int err;

	err = store_begin(engine->store, note);
	if (err < 0)
		return err;
	err = store_embedder(engine->store, engine->embedder->name,
	    &engine->embedder_id, &dimensions);
	if (err < 0) {
		store_rollback(engine->store);
		return err_set(note, err, "the store's embedders: %s",
		    err_text(err));
	}
	if (engine->embedder->dimensions == 0)
		engine->embedder->dimensions = dimensions;
	return store_commit(engine->store, note);
}

static int
folder_open(const struct engine_config *config,
    struct embedder **ret_embedder, struct err_note *note)
{
	enum folder_kind kind;
	int err = embed_folder_new(config->embedding_folder,
	    config->is_embedding_int8, &kind, ret_embedder, note);

	if (err < 0 && err != ERR_NOMEM)
		err_wrap(note, "embedding_folder");
	return err;
}

int
embedding_open(struct engine *engine, const struct engine_config *config,
    struct err_note *note)
{
	const struct openai_config openai = {.url = config->embedding_url,
	    .model = config->embedding_model, .key = config->embedding_key,
	    .dimensions = config->embedding_dimensions,
	    .concurrency = config->embedding_concurrency,
	    .texts_max = config->embedding_texts,
	    .tokens_max = config->embedding_tokens};
	int err = 0;

	if (config->embedding_url != NULL)
		err = embed_openai_new(&openai, &engine->embedder, note);
	else if (config->embedding_folder != NULL)
		err = folder_open(config, &engine->embedder, note);
	else
		engine->embedder = embed_lexical_new();
	if (err == 0 && engine->embedder == NULL)
		err = err_set(note, ERR_NOMEM, "out of memory");
	if (err < 0)
		return err;
	return number_take(engine, note);
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

bool
embedding_is_out(const struct engine *engine, struct embed_call *call,
    struct err_note *note)
{
	struct embed_stats stats;

	embedding_stats(engine, &stats);
	if (stats.wait_us == 0)
		return false;
	call->is_outage = true;
	call->wait_us = stats.wait_us;
	(void)err_set(note, ERR_UPSTREAM, "%s", stats.why.text);
	return true;
}

/* Nobody signals the condition: stop is looked at. */
void
embedding_rest(const struct embed_call *call)
{
	int64_t until_us = clock_mono_us() +
	    (call->wait_us < REST_US ? call->wait_us : REST_US);
	pthread_mutex_t lock;
	pthread_cond_t never;

	(void)pthread_mutex_init(&lock, NULL);
	thread_cond_init(&never);
	(void)pthread_mutex_lock(&lock);
	while (clock_mono_us() < until_us && !atomic_load(call->stop))
		thread_wait_us(&never, &lock, LOOK_US);
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_cond_destroy(&never);
	(void)pthread_mutex_destroy(&lock);
}

void
embedding_stats(const struct engine *engine, struct embed_stats *ret_stats)
{
	memset(ret_stats, 0, sizeof(*ret_stats));
	if (engine->embedder->stats != NULL)
		engine->embedder->stats(engine->embedder, ret_stats);
}
