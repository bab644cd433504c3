/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work is to look up words and to add rows: both are bound by memory, so
 * rows are added where they lie, and tokens of the words that were seen are
 * kept (embed/tokenizer.c).  What a thread needs for that is lent to it for a
 * run: there are as many as ever ran at once, up to a limit.
 *
 * All numbers are looked at when the model is opened: a table with a NaN in it
 * would otherwise give vectors that are near to nothing, years later.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/rows.h"
#include "embed/static.h"
#include "embed/tensors.h"
#include "embed/tokenizer.h"
#include "sys/fs.h"

#define PATH_BYTES_MAX 4096u
#define IDLE_MAX 16u /* sets of buffers that are kept */
#define TOKENIZER_BYTES_MAX (64 * MIB)
/* As many of these add up to no more than a float holds. */
#define NUMBER_MAX 1e15f
#define NAME_SIZE 32

struct static_model {
	struct embedder embedder; /* the first member */
	char name[NAME_SIZE];
	struct tensors *tensors;
	struct tokenizer *tokenizer;
	const struct tensor *source;
	const float *table; /* in the mapping, or converted */
	float *converted;   /* owned; NULL: mapped */
	size_t rows, dimensions, tokens;
	float *weights; /* of each token; NULL: all are alike */
	uint32_t *mapping; /* its row; NULL: its number */
	bool has_unknown;
	uint32_t unknown;

	pthread_mutex_t lock;
	struct tokens idle[IDLE_MAX]; /* under the lock */
	size_t idle_count;
};

static const struct static_model *
model_of(const struct embedder *embedder)
{
	return (const struct static_model *)embedder;
}

/* What the tokens stand for, in their place: rows of the table. */
static void
rows_find(const struct static_model *model, struct tokens *tokens,
    float *sums)
{
	size_t i, k, count = 0;
	const float *row;
	uint32_t id;

	memset(sums, 0, model->dimensions * sizeof(*sums));
	for (i = 0; i < tokens->count; i++) {
		id = tokens->ids[i];
		if (model->has_unknown && id == model->unknown)
			continue;
		tokens->ids[count] =
		    model->mapping == NULL ? id : model->mapping[id];
		if (model->weights == NULL) {
			count++;
			continue;
		}
		row = model->table +
		    (size_t)tokens->ids[count] * model->dimensions;
		for (k = 0; k < model->dimensions; k++)
			sums[k] += model->weights[id] * row[k];
	}
	tokens->count = count;
}

/* A text that the model knows nothing of: found again by the same one. */
static void
bytes_vector(const struct embed_text *text, size_t dimensions, float *vector)
{
	memset(vector, 0, dimensions * sizeof(*vector));
	vector[XXH3_64bits(text->text, text->len) % dimensions] = 1.0f;
}

static void
vector_make(const struct static_model *model, struct tokens *tokens,
    const struct embed_text *text, float *vector)
{
	double squares = 0, scale;
	size_t i;

	rows_find(model, tokens, vector);
	rows_sum(model->table, model->dimensions, tokens->ids, tokens->count,
	    vector);
	for (i = 0; i < model->dimensions; i++)
		squares += (double)vector[i] * vector[i];
	if (!(squares > 0) || !isfinite(squares)) {
		bytes_vector(text, model->dimensions, vector);
		return;
	}
	scale = 1.0 / sqrt(squares);
	for (i = 0; i < model->dimensions; i++)
		vector[i] = (float)(vector[i] * scale);
}

static struct tokens
tokens_take(struct static_model *model)
{
	struct tokens tokens = { .ids = NULL };

	(void)pthread_mutex_lock(&model->lock);
	if (model->idle_count > 0)
		tokens = model->idle[--model->idle_count];
	(void)pthread_mutex_unlock(&model->lock);
	return tokens;
}

static void
tokens_give(struct static_model *model, struct tokens *tokens)
{
	(void)pthread_mutex_lock(&model->lock);
	if (model->idle_count < IDLE_MAX) {
		model->idle[model->idle_count++] = *tokens;
		*tokens = (struct tokens){ .ids = NULL };
	}
	(void)pthread_mutex_unlock(&model->lock);
	tokens_fini(tokens);
}

static int
static_ask(struct embedder *self, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note)
{
	struct static_model *model = (struct static_model *)self;
	struct tokens tokens = tokens_take(model);
	size_t i;
	int err = 0;

	call->is_outage = false;
	call->refused = count;
	for (i = 0; i < count && err == 0; i++) {
		if (call->stop != NULL && atomic_load(call->stop)) {
			err = ERR_CANCELLED;
			break;
		}
		tokens.count = 0;
		err = tokenizer_run(model->tokenizer, texts[i].text,
		    texts[i].len, false, 0, &tokens);
		if (err == ERR_TOO_BIG) {
			call->refused = i;
			(void)err_set(note, err,
			    "a text of %zu bytes is too long for the model",
			    texts[i].len);
		}
		if (err < 0)
			break;
		call->tokens += tokens.count;
		vector_make(model, &tokens, &texts[i],
		    vectors + i * model->dimensions);
	}
	tokens_give(model, &tokens);
	return err;
}

static int
static_run(struct embedder *self, const struct embed_text *texts,
    size_t count, float *vectors, struct err_note *note)
{
	struct embed_call call = { .stop = NULL };

	return static_ask(self, &call, texts, count, vectors, note);
}

static void
static_close(struct embedder *self)
{
	struct static_model *model = (struct static_model *)self;
	size_t i;

	for (i = 0; i < model->idle_count; i++)
		tokens_fini(&model->idle[i]);
	(void)pthread_mutex_destroy(&model->lock);
	tensors_close(model->tensors);
	tokenizer_free(model->tokenizer);
	mem_free(model->converted);
	mem_free(model->weights);
	mem_free(model->mapping);
	mem_free(model);
}

static int
table_find(struct static_model *model, struct err_note *note)
{
	const struct tensor *table;

	table = tensors_find(model->tensors, "embeddings");
	if (table == NULL)
		table = tensors_find(model->tensors, "embedding.weight");
	if (table == NULL)
		return err_set(note, ERR_UNSUPPORTED, "%s",
		    tensors_count(model->tensors) > 3 ?
			"has no table \"embeddings\": it is a model of "
			"another kind, not a static one" :
			"has no table \"embeddings\"");
	if (table->rank != 2 || table->shape[0] == 0 || table->shape[1] == 0)
		return err_set(note, ERR_UNSUPPORTED,
		    "the table \"%.40s\" is not one of rows and columns",
		    table->name);
	if (table->shape[1] > DIMENSIONS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the table has %zu dimensions, over %u", table->shape[1],
		    DIMENSIONS_MAX);
	if (table->type != TENSOR_F32 && table->type != TENSOR_F16 &&
	    table->type != TENSOR_BF16)
		return err_set(note, ERR_UNSUPPORTED, "the table is not of "
		    "float32, float16 or bfloat16");
	model->source = table;
	model->rows = table->shape[0];
	model->dimensions = table->shape[1];
	return 0;
}

static int
numbers_check(const float *numbers, size_t count, const char *name,
    struct err_note *note)
{
	size_t i;

	for (i = 0; i < count; i++) {
		/* False for NaN. */
		if (!(fabsf(numbers[i]) <= NUMBER_MAX))
			return err_set(note, ERR_CORRUPT,
			    "number %zu of \"%.40s\" is none to add up", i,
			    name);
	}
	return 0;
}

static int
table_load(struct static_model *model, struct err_note *note)
{
	const struct tensor *source = model->source;
	int err;

	model->table = source->data;
	if (source->type != TENSOR_F32) {
		model->converted = mem_array(source->count, sizeof(float));
		if (model->converted == NULL)
			return ERR_NOMEM;
		err = tensor_floats(source, 0, source->count,
		    model->converted);
		if (err < 0)
			return err;
		model->table = model->converted;
	}
	return numbers_check(model->table, source->count, source->name, note);
}

/* How much each token weighs, where the model says so. */
static int
weights_load(struct static_model *model, struct err_note *note)
{
	const struct tensor *weights = tensors_find(model->tensors, "weights");
	int err;

	if (weights == NULL)
		return 0;
	if (weights->rank != 1 || weights->count < model->tokens)
		return err_set(note, ERR_UNSUPPORTED,
		    "\"weights\" has not one for each token");
	model->weights = mem_array(weights->count, sizeof(float));
	if (model->weights == NULL)
		return ERR_NOMEM;
	err = tensor_floats(weights, 0, weights->count, model->weights);
	if (err < 0)
		return err_set(note, err, "\"weights\" is not of floats");
	return numbers_check(model->weights, weights->count, "weights", note);
}

/* Which row a token has, where several share one. */
static int
mapping_load(struct static_model *model, struct err_note *note)
{
	const struct tensor *mapping = tensors_find(model->tensors, "mapping");
	int64_t row;
	size_t i;

	if (mapping == NULL && model->tokens > model->rows)
		return err_set(note, ERR_UNSUPPORTED,
		    "the tokenizer has %zu tokens and the table %zu rows",
		    model->tokens, model->rows);
	if (mapping == NULL)
		return 0;
	if (mapping->rank != 1 || mapping->count < model->tokens ||
	    (mapping->type != TENSOR_I64 && mapping->type != TENSOR_I32))
		return err_set(note, ERR_UNSUPPORTED,
		    "\"mapping\" has not a number for each token");
	model->mapping = mem_array(mapping->count, sizeof(uint32_t));
	if (model->mapping == NULL)
		return ERR_NOMEM;
	for (i = 0; i < mapping->count; i++) {
		row = mapping->type == TENSOR_I64 ?
			((const int64_t *)mapping->data)[i] :
			((const int32_t *)mapping->data)[i];
		if (row < 0 || (uint64_t)row >= model->rows)
			return err_set(note, ERR_CORRUPT,
			    "\"mapping\" leads outside of the table");
		model->mapping[i] = (uint32_t)row;
	}
	return 0;
}

/* A name that another model never has, and a copy of this one always. */
static int
name_make(struct static_model *model, const char *tokenizer_path,
    struct err_note *note)
{
	const struct tensor *tensor;
	struct buf json;
	uint64_t hash = 0;
	size_t i;
	int err;

	for (i = 0; (tensor = tensors_at(model->tensors, i)) != NULL; i++) {
		hash = XXH3_64bits_withSeed(tensor->name,
		    strlen(tensor->name), hash);
		hash = XXH3_64bits_withSeed(tensor->shape,
		    tensor->rank * sizeof(*tensor->shape), hash);
		hash = XXH3_64bits_withSeed(tensor->data, tensor->bytes,
		    hash);
	}
	buf_init(&json, TOKENIZER_BYTES_MAX);
	err = fs_read_plain_file(tokenizer_path, &json, note);
	if (err == 0)
		hash = XXH3_64bits_withSeed(buf_text(&json), json.len, hash);
	buf_fini(&json);
	(void)snprintf(model->name, sizeof(model->name), "static-%016llx",
	    (unsigned long long)hash);
	return err;
}

static int
path_make(const char *folder, const char *file, char path[PATH_BYTES_MAX],
    struct err_note *note)
{
	int len = snprintf(path, PATH_BYTES_MAX, "%s/%s", folder, file);

	if (len < 0 || (size_t)len >= PATH_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG, "the path is too long");
	return 0;
}

static int
model_load(struct static_model *model, const char *folder,
    struct err_note *note)
{
	char path[PATH_BYTES_MAX];
	int err;

	err = path_make(folder, "model.safetensors", path, note);
	if (err == 0)
		err = tensors_open(path, &model->tensors, note);
	if (err == 0)
		err = table_find(model, note);
	if (err == 0)
		err = table_load(model, note);
	if (err == 0)
		err = path_make(folder, "tokenizer.json", path, note);
	if (err == 0)
		err = tokenizer_open(path, &model->tokenizer, note);
	if (err < 0)
		return err;
	model->tokens = tokenizer_size(model->tokenizer);
	model->has_unknown = tokenizer_unknown(model->tokenizer,
	    &model->unknown) == 0;
	err = weights_load(model, note);
	if (err == 0)
		err = mapping_load(model, note);
	if (err == 0)
		err = name_make(model, path, note);
	return err;
}

int
embed_static_new(const char *folder, struct embedder **ret_embedder,
    struct err_note *note)
{
	struct static_model *model;
	int err;

	model = mem_zalloc(sizeof(*model));
	if (model == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_init(&model->lock, NULL);
	model->embedder.name = model->name;
	model->embedder.run = static_run;
	model->embedder.ask = static_ask;
	model->embedder.close = static_close;
	err = model_load(model, folder, note);
	if (err < 0) {
		static_close(&model->embedder);
		return err;
	}
	model->embedder.dimensions = model->dimensions;
	*ret_embedder = &model->embedder;
	return 0;
}

void
embed_static_info(const struct embedder *embedder,
    struct static_info *ret_info)
{
	const struct static_model *model = model_of(embedder);

	*ret_info = (struct static_info){
		.tokenizer = tokenizer_model(model->tokenizer),
		.numbers = model->source->type == TENSOR_F32 ? "float32" :
			model->source->type == TENSOR_F16    ? "float16" :
							       "bfloat16",
		.tokens = model->tokens,
		.rows = model->rows,
		.dimensions = model->dimensions,
		.table_bytes = model->source->bytes,
		.is_mapped = model->converted == NULL,
	};
}
