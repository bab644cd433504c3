/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From texts to pieces of so many tokens, and from their vectors to those of
 * the texts.
 *
 * As many pieces as have about BERT_CHUNK_TOKENS are run at once.  What a
 * thread needs for it is lent to it for a call: there are as many as ever ran
 * at once, up to a limit.
 */
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/bert_int.h"
#include "embed/tokenizer.h"

#define CHUNK_PIECES 256u
#define IDLE_FLOATS_MAX (16u << 20) /* of one that is kept */

struct bert_bench {
	struct tokens tokens;
	struct buf joined; /* prompt and text */
	uint32_t *ids;	   /* of the chunk, chunk_tokens of them at most */
	size_t lens[CHUNK_PIECES], texts[CHUNK_PIECES];
	size_t count, id_count;
	float *vectors; /* of its pieces */
	struct bert_work work;
};

/* One call. */
struct asked {
	struct bert *bert;
	struct bert_bench *bench;
	struct embed_call *call;
	float *vectors;
	const char *prompt;
	size_t prompt_tokens;
};

/* ---- benches ------------------------------------------------------------ */

static void
bench_free(struct bert_bench *bench)
{
	if (bench == NULL)
		return;
	tokens_fini(&bench->tokens);
	buf_fini(&bench->joined);
	bert_work_fini(&bench->work);
	mem_free(bench->ids);
	mem_free(bench->vectors);
	mem_free(bench);
}

static struct bert_bench *
bench_new(const struct bert *bert)
{
	struct bert_bench *bench = mem_zalloc(sizeof(*bench));

	if (bench == NULL)
		return NULL;
	buf_init(&bench->joined, TOKENIZER_TEXT_BYTES_MAX + BERT_PROMPT_SIZE);
	bench->ids = mem_array(bert->chunk_tokens, sizeof(*bench->ids));
	bench->vectors = mem_array(CHUNK_PIECES * bert->model.config.hidden,
	    sizeof(*bench->vectors));
	if (bench->ids != NULL && bench->vectors != NULL)
		return bench;
	bench_free(bench);
	return NULL;
}

static struct bert_bench *
bench_take(struct bert *bert)
{
	struct bert_bench *bench = NULL;

	(void)pthread_mutex_lock(&bert->lock);
	if (bert->idle_count > 0)
		bench = bert->idle[--bert->idle_count];
	(void)pthread_mutex_unlock(&bert->lock);
	return bench != NULL ? bench : bench_new(bert);
}

static void
bench_give(struct bert *bert, struct bert_bench *bench)
{
	bench->count = bench->id_count = 0;
	if (bench->work.size > IDLE_FLOATS_MAX)
		bert_work_fini(&bench->work);
	(void)pthread_mutex_lock(&bert->lock);
	if (bert->idle_count < BERT_IDLE_MAX) {
		bert->idle[bert->idle_count++] = bench;
		bench = NULL;
	}
	(void)pthread_mutex_unlock(&bert->lock);
	bench_free(bench);
}

/* ---- pieces ------------------------------------------------------------- */

/* Of unit length; false: a number of it is none, or all are 0. */
static bool
unit_make(float *vector, size_t dimensions)
{
	double squares = 0, scale;
	size_t i;

	for (i = 0; i < dimensions; i++)
		squares += (double)vector[i] * vector[i];
	if (!(squares > 0) || !isfinite(squares))
		return false;
	scale = 1.0 / sqrt(squares);
	for (i = 0; i < dimensions; i++)
		vector[i] = (float)(vector[i] * scale);
	return true;
}

/* Run the pieces of the chunk, and add their vectors to those of their
 * texts. */
static int
chunk_run(struct asked *asked)
{
	size_t hidden = asked->bert->model.config.hidden, i, k;
	struct bert_bench *bench = asked->bench;
	const struct bert_pieces pieces = { .ids = bench->ids,
		.lens = bench->lens, .count = bench->count,
		.tokens = bench->id_count };
	float *from, *to;
	int err;

	if (bench->count == 0)
		return 0;
	err = bert_run(&asked->bert->model, &pieces, &bench->work,
	    asked->call->stop, bench->vectors);
	if (err < 0)
		return err;
	atomic_fetch_add(&asked->bert->tokens, bench->id_count);
	asked->call->tokens += bench->id_count;
	for (i = 0; i < bench->count; i++) {
		from = bench->vectors + i * hidden;
		to = asked->vectors + bench->texts[i] * hidden;
		/* One that is not finite makes the text's the same. */
		(void)unit_make(from, hidden);
		for (k = 0; k < hidden; k++)
			to[k] += from[k];
	}
	bench->count = bench->id_count = 0;
	return 0;
}

static void
ids_put(struct bert_bench *bench, const uint32_t *ids, size_t count)
{
	memcpy(bench->ids + bench->id_count, ids, count * sizeof(*ids));
	bench->id_count += count;
}

/* Put a piece of that text's tokens into the chunk, with what is around it. */
static int
piece_add(struct asked *asked, size_t text, size_t first, size_t count)
{
	struct bert_bench *bench = asked->bench;
	size_t before = bench->id_count, special;
	size_t all = asked->bert->around + asked->prompt_tokens + count;
	const uint32_t *ids;
	int err;

	if (bench->count == CHUNK_PIECES ||
	    (bench->count > 0 && before + all > BERT_CHUNK_TOKENS)) {
		err = chunk_run(asked);
		if (err < 0)
			return err;
		before = 0;
	}
	if (all == 0)
		return 0;
	special = tokenizer_around(asked->bert->tokenizer, false, &ids);
	ids_put(bench, ids, special);
	ids_put(bench, bench->tokens.ids, asked->prompt_tokens);
	ids_put(bench, bench->tokens.ids + first, count);
	special = tokenizer_around(asked->bert->tokenizer, true, &ids);
	ids_put(bench, ids, special);
	bench->texts[bench->count] = text;
	bench->lens[bench->count++] = bench->id_count - before;
	return 0;
}

static int
text_tokens(struct asked *asked, const struct embed_text *text, size_t max)
{
	struct bert_bench *bench = asked->bench;
	const char *bytes = text->text;
	size_t len = text->len;

	if (asked->prompt[0] != '\0') {
		buf_clear(&bench->joined);
		(void)buf_puts(&bench->joined, asked->prompt);
		(void)buf_put(&bench->joined, text->text, text->len);
		if (bench->joined.err < 0)
			return bench->joined.err;
		bytes = buf_text(&bench->joined);
		len = bench->joined.len;
	}
	bench->tokens.count = 0;
	return tokenizer_run(asked->bert->tokenizer, bytes, len, false, max,
	    &bench->tokens);
}

/* Cut into pieces that differ by a token at most. */
static int
text_add(struct asked *asked, const struct embed_text *texts, size_t nth)
{
	const struct bert *bert = asked->bert;
	size_t prompt = asked->prompt_tokens, count, pieces, i, first, len;
	size_t room = bert->model.config.tokens_max - bert->around - prompt;
	int err;

	err = text_tokens(asked, &texts[nth], prompt + BERT_TEXT_TOKENS_MAX);
	if (err < 0)
		return err;
	/* Letters that run together may make the whole shorter. */
	count = asked->bench->tokens.count;
	if (count < prompt)
		asked->prompt_tokens = count;
	first = asked->prompt_tokens;
	count -= first;
	pieces = count == 0 ? 1 : (count + room - 1) / room;
	for (i = 0; err == 0 && i < pieces; i++) {
		len = count / pieces + (i < count % pieces);
		err = piece_add(asked, nth, first, len);
		first += len;
	}
	asked->prompt_tokens = prompt;
	return err;
}

/* A text without a token has no vector but one by its bytes. */
static int
vectors_end(struct asked *asked, const struct embed_text *texts, size_t count,
    struct err_note *note)
{
	size_t hidden = asked->bert->model.config.hidden, i, k;
	float *vector = asked->vectors;

	for (i = 0; i < count; i++, vector += hidden) {
		for (k = 0; k < hidden && vector[k] == 0; k++)
			continue;
		if (k == hidden)
			vector[XXH3_64bits(texts[i].text, texts[i].len) %
			    hidden] = 1.0f;
		if (!unit_make(vector, hidden)) {
			asked->call->refused = i;
			return err_set(note, ERR_INVALID,
			    "the model gives no numbers for this text");
		}
	}
	return 0;
}

/* ---- the embedder ------------------------------------------------------- */

int
bert_ask(struct embedder *self, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note)
{
	struct bert *bert = (struct bert *)self;
	const struct bert_config *config = &bert->model.config;
	struct asked asked = { .bert = bert, .call = call,
		.vectors = vectors,
		.prompt = call->is_query ? config->query_prompt
					 : config->document_prompt,
		.prompt_tokens = call->is_query ? bert->query_tokens
						: bert->document_tokens };
	size_t i;
	int err = 0;

	call->is_outage = false;
	call->refused = count;
	asked.bench = bench_take(bert);
	if (asked.bench == NULL)
		return ERR_NOMEM;
	memset(vectors, 0, count * config->hidden * sizeof(*vectors));
	for (i = 0; i < count && err == 0; i++) {
		err = text_add(&asked, texts, i);
		if (err == ERR_TOO_BIG) {
			call->refused = i;
			(void)err_set(note, err, "a text of %zu bytes is too "
			    "long for the model", texts[i].len);
		}
	}
	if (err == 0)
		err = chunk_run(&asked);
	if (err == 0)
		err = vectors_end(&asked, texts, count, note);
	bench_give(bert, asked.bench);
	atomic_fetch_add(&bert->calls, 1);
	if (err == 0)
		atomic_fetch_add(&bert->texts, count);
	return err;
}

int
bert_run_all(struct embedder *self, const struct embed_text *texts,
    size_t count, float *vectors, struct err_note *note)
{
	struct embed_call call = { .stop = NULL };

	return bert_ask(self, &call, texts, count, vectors, note);
}

void
bert_stats(struct embedder *self, struct embed_stats *ret_stats)
{
	struct bert *bert = (struct bert *)self;

	ret_stats->requests = atomic_load(&bert->calls);
	ret_stats->texts = atomic_load(&bert->texts);
	ret_stats->tokens = atomic_load(&bert->tokens);
}

void
bert_close(struct embedder *self)
{
	struct bert *bert = (struct bert *)self;
	size_t i;

	for (i = 0; i < bert->idle_count; i++)
		bench_free(bert->idle[i]);
	(void)pthread_mutex_destroy(&bert->lock);
	bert_model_fini(&bert->model);
	tokenizer_free(bert->tokenizer);
	mem_free(bert);
}
