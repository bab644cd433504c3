/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a folder: what its files must agree on, the name that is made of
 * them, and what is told of them.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/bert_int.h"
#include "embed/tokenizer.h"
#include "sys/clock.h"
#include "sys/fs.h"

#define TOKENIZER_BYTES_MAX (64 * MIB)
#define TOKENS_MAX 8192u /* of a piece, whatever the model says */
/* What is stored at once: seconds of work, not minutes. */
#define TEXTS_BEST 32u
#define BYTES_BEST (48u * 1024)
#define RATE_SIZE 1024u

static const struct bert *
bert_of(const struct embedder *embedder)
{
	return (const struct bert *)embedder;
}

static uint64_t
hash_number(uint64_t hash, uint64_t number)
{
	return XXH3_64bits_withSeed(&number, sizeof(number), hash);
}

/* A name that another model never has, and a copy of this one always. */
static int
name_make(struct bert *bert, const char *tokenizer_path,
    struct err_note *note)
{
	const struct bert_config *config = &bert->model.config;
	const struct tensor *tensor;
	struct buf json;
	uint64_t hash = 0, epsilon = (uint64_t)(config->epsilon * 1e15f);
	const uint64_t facts[] = { config->kind, config->hidden,
		config->layers, config->heads, config->first_position,
		epsilon, config->act, config->pooling, config->tokens_max };
	size_t i;
	int err;

	for (i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		hash = hash_number(hash, facts[i]);
	hash = XXH3_64bits_withSeed(config->document_prompt,
	    strlen(config->document_prompt), hash);
	for (i = 0; (tensor = tensors_at(bert->model.tensors, i)) != NULL;
	     i++) {
		hash = XXH3_64bits_withSeed(tensor->name,
		    strlen(tensor->name), hash);
		hash = XXH3_64bits_withSeed(tensor->data, tensor->bytes,
		    hash);
	}
	buf_init(&json, TOKENIZER_BYTES_MAX);
	err = fs_read_plain_file(tokenizer_path, &json, note);
	if (err == 0)
		hash = XXH3_64bits_withSeed(buf_text(&json), json.len, hash);
	buf_fini(&json);
	(void)snprintf(bert->name, sizeof(bert->name), "bert-%016llx%s",
	    (unsigned long long)hash,
	    bert->numbers == DENSE_INT8 ? "-int8" : "");
	return err;
}

/* How many tokens a text has; it is not for long ones. */
static int
count_tokens(const struct bert *bert, const char *text, uint32_t *ret_first,
    size_t *ret_count)
{
	struct tokens tokens = { .ids = NULL };
	int err;

	err = tokenizer_run(bert->tokenizer, text, strlen(text), false, 0,
	    &tokens);
	if (err == 0) {
		*ret_count = tokens.count;
		*ret_first = tokens.count > 0 ? tokens.ids[0] : 0;
	}
	tokens_fini(&tokens);
	return err;
}

/* What texts are made into tokens with fits the model. */
static int
tokenizer_check(struct bert *bert, struct err_note *note)
{
	struct bert_config *config = &bert->model.config;
	uint32_t large = 0, small = 0;
	const uint32_t *ids;
	size_t count, prompt;
	int err;

	if (tokenizer_size(bert->tokenizer) > config->vocab)
		return err_set(note, ERR_UNSUPPORTED, "the tokenizer has %zu "
		    "tokens and the model %zu",
		    tokenizer_size(bert->tokenizer), config->vocab);
	err = count_tokens(bert, config->query_prompt, &small,
	    &bert->query_tokens);
	if (err == 0)
		err = count_tokens(bert, config->document_prompt, &small,
		    &bert->document_tokens);
	if (err == 0)
		err = count_tokens(bert, "A", &large, &count);
	if (err == 0)
		err = count_tokens(bert, "a", &small, &count);
	if (err < 0)
		return err;
	if (config->lowers && large != small)
		return err_set(note, ERR_UNSUPPORTED, "do_lower_case with a "
		    "tokenizer that keeps capitals is not understood");
	if (config->tokens_max > TOKENS_MAX)
		config->tokens_max = TOKENS_MAX;
	bert->around = tokenizer_around(bert->tokenizer, false, &ids);
	bert->around += tokenizer_around(bert->tokenizer, true, &ids);
	prompt = bert->query_tokens > bert->document_tokens
	    ? bert->query_tokens : bert->document_tokens;
	if (2 * (bert->around + prompt) > config->tokens_max)
		return err_set(note, ERR_UNSUPPORTED, "prompts and special "
		    "tokens leave no room for a text: %zu tokens are all",
		    config->tokens_max);
	bert->chunk_tokens = config->tokens_max > BERT_CHUNK_TOKENS
	    ? config->tokens_max : BERT_CHUNK_TOKENS;
	return 0;
}

static int
bert_load(struct bert *bert, const char *folder, struct err_note *note)
{
	struct bert_config *config = &bert->model.config;
	char path[BERT_PATH_SIZE];
	int err;

	err = bert_config_read(folder, config, note);
	if (err == 0)
		err = bert_path(folder, config->path, "tokenizer.json", path,
		    note);
	if (err == 0)
		err = tokenizer_open(path, &bert->tokenizer, note);
	if (err == 0)
		err = tokenizer_check(bert, note);
	if (err == 0)
		err = bert_path(folder, config->path, "model.safetensors",
		    path, note);
	if (err == 0)
		err = bert_model_load(&bert->model, path, bert->numbers,
		    note);
	if (err == 0)
		err = bert_path(folder, config->path, "tokenizer.json", path,
		    note);
	if (err == 0)
		err = name_make(bert, path, note);
	return err;
}

int
embed_bert_new(const char *folder, bool is_int8,
    struct embedder **ret_embedder, struct err_note *note)
{
	struct bert *bert;
	int err;

	bert = mem_zalloc(sizeof(*bert));
	if (bert == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_init(&bert->lock, NULL);
	bert->numbers = is_int8 ? DENSE_INT8 : DENSE_FLOAT32;
	bert->embedder.name = bert->name;
	bert->embedder.texts_best = TEXTS_BEST;
	bert->embedder.bytes_best = BYTES_BEST;
	bert->embedder.run = bert_run_all;
	bert->embedder.ask = bert_ask;
	bert->embedder.stats = bert_stats;
	bert->embedder.close = bert_close;
	err = bert_load(bert, folder, note);
	if (err < 0) {
		bert_close(&bert->embedder);
		return err;
	}
	bert->embedder.dimensions = bert->model.config.hidden;
	*ret_embedder = &bert->embedder;
	return 0;
}

/* ---- what it is --------------------------------------------------------- */

void
embed_bert_info(const struct embedder *embedder, struct bert_info *ret_info)
{
	const struct bert *bert = bert_of(embedder);
	const struct bert_config *config = &bert->model.config;
	enum tensor_type type = bert->model.words->type;

	*ret_info = (struct bert_info){
		.architecture = config->architecture,
		.tokenizer = tokenizer_model(bert->tokenizer),
		.numbers = type == TENSOR_F32 ? "float32" :
			type == TENSOR_F16    ? "float16" :
						"bfloat16",
		.pooling = bert_pooling_name(config->pooling),
		.kernels = dense_kernels_name(bert->model.kernels),
		.query_prompt = config->query_prompt,
		.document_prompt = config->document_prompt,
		.layers = config->layers,
		.heads = config->heads,
		.hidden = config->hidden,
		.inner = config->inner,
		.tokens = tokenizer_size(bert->tokenizer),
		.tokens_max = config->tokens_max,
		.bytes = bert->model.bytes,
		.operations = bert_model_operations(&bert->model),
		.is_int8 = bert->numbers == DENSE_INT8,
	};
}

uint64_t
embed_bert_tokens(const struct embedder *embedder)
{
	return atomic_load(&bert_of(embedder)->tokens);
}

int
embed_bert_rate(const struct embedder *embedder, unsigned ms,
    double *ret_rate)
{
	const size_t n = RATE_SIZE;
	const struct bert *bert = bert_of(embedder);
	float *x = mem_zalloc(n * n * sizeof(*x));
	float *y = mem_zalloc(n * n * sizeof(*y));
	struct dense *dense = NULL;
	void *scratch = NULL;
	int64_t begin_us, us = 1;
	size_t i, runs = 0;
	int err = ERR_NOMEM;

	if (x == NULL || y == NULL)
		goto out;
	for (i = 0; i < n * n; i++)
		x[i] = (float)(i % 17) - 8;
	dense = dense_new(x, NULL, n, n, bert->numbers);
	if (dense == NULL)
		goto out;
	scratch = mem_alloc(dense_scratch(dense));
	if (scratch == NULL)
		goto out;
	begin_us = clock_thread_us();
	do {
		dense_run(dense, bert->model.kernels, x, n, n, y, n, scratch);
		runs++;
		us = clock_thread_us() - begin_us;
	} while (us < 1000 * (int64_t)ms || us == 0);
	*ret_rate = 2.0 * (double)(n * n * n) * (double)runs * 1e6 /
	    (double)us;
	err = 0;
out:
	dense_free(dense);
	mem_free(scratch);
	mem_free(x);
	mem_free(y);
	return err;
}
