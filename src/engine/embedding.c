/* SPDX-License-Identifier: Apache-2.0 */
/* Asking an embedder; which there are is in embedding_list.c. */
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "engine/embedding.h"
#include "engine/embedding_int.h"
#include "engine/engine_int.h"
#include "engine/write_tx.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define REST_US 1000000
#define LOOK_US 50000

struct learn {
	const struct embedding *embedding;
};

static int
learn_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct learn *learn = arg;

	(void)note;
	return store_embedder_learn(tx_store(tx), learn->embedding->id,
	    learn->embedding->embedder->dimensions);
}

int
embedding_ready(struct engine *engine, const struct embedding *embedding,
    struct embed_call *call, size_t *ret_dimensions, struct err_note *note)
{
	struct embedder *embedder = embedding->embedder;
	struct learn learn = {embedding};
	int err;

	if (embedder->dimensions == 0) {
		err = embedder->learn(embedder, call, note);
		if (err == 0)
			err = writer_do_surely(engine->writer, learn_apply,
			    &learn, note);
		if (err < 0)
			return err;
	}
	*ret_dimensions = embedder->dimensions;
	return 0;
}

int
embedding_run(const struct embedding *embedding, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note)
{
	struct embedder *embedder = embedding->embedder;

	call->is_outage = false;
	call->wait_us = 0;
	call->refused = count;
	return embedder->ask == NULL
	    ? embedder->run(embedder, texts, count, vectors, note)
	    : embedder->ask(embedder, call, texts, count, vectors, note);
}

bool
embedding_is_out(const struct embedding *embedding, struct embed_call *call,
    struct err_note *note)
{
	struct embedder *embedder = embedding->embedder;
	struct embed_stats stats = {0};

	if (embedder->stats != NULL)
		embedder->stats(embedder, &stats);
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

/* One is down: so is what stands for all of them. */
void
embedding_stats(const struct engine *engine, struct embed_stats *ret_stats)
{
	struct embeddings *embeddings = engine->embeddings;
	struct embedder *embedder;
	struct embed_stats one;
	size_t i;

	memset(ret_stats, 0, sizeof(*ret_stats));
	(void)pthread_mutex_lock(&embeddings->lock);
	for (i = 0; i < embeddings->count; i++) {
		embedder = embeddings->list[i].embedder;
		if (embedder->stats == NULL)
			continue;
		memset(&one, 0, sizeof(one));
		embedder->stats(embedder, &one);
		ret_stats->requests += one.requests;
		ret_stats->failures += one.failures;
		ret_stats->texts += one.texts;
		ret_stats->tokens += one.tokens;
		ret_stats->is_down |= one.is_down;
	}
	(void)pthread_mutex_unlock(&embeddings->lock);
}
