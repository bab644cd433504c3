/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weights by their names, each of the shape that the config says, and each
 * number looked at: one that is none would give vectors that are near to
 * nothing.  Matrices are packed for the kernels and need not stay mapped; the
 * tokens' table, of which a text needs a few rows, is read where it lies.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/bert_int.h"

/* As many of these add up to no more than a float holds. */
#define NUMBER_MAX 1e15f
#define TENSOR_NAME_SIZE 160u
#define CHECK_NUMBERS 4096u /* at once */

static const char *const prefixes[] = {
#define KIND(kind, type, architecture, prefix, behind) prefix,
#include "embed/bert_tbl.h"
};

enum part {
#define PART(part, name, distil_name) PART_##part,
#include "embed/bert_tbl.h"
};

static const char *const parts[][2] = {
#define PART(part, name, distil_name) { name, distil_name },
#include "embed/bert_tbl.h"
};

struct load {
	struct bert_model *model;
	enum dense_numbers numbers;
	struct err_note *note;
};

/* ---- tensors ------------------------------------------------------------ */

/* By its name, with the prefix or without. */
static const struct tensor *
named(const struct load *load, const char *name)
{
	const struct bert_model *model = load->model;
	char whole[TENSOR_NAME_SIZE];
	const struct tensor *tensor = tensors_find(model->tensors, name);

	if (tensor != NULL)
		return tensor;
	(void)snprintf(whole, sizeof(whole), "%s%s",
	    prefixes[model->config.kind], name);
	return tensors_find(model->tensors, whole);
}

/* columns 0: a vector of rows numbers. */
static int
shaped(const struct load *load, const char *name, size_t rows,
    size_t columns, const struct tensor **ret_tensor)
{
	const struct tensor *tensor = named(load, name);

	if (tensor == NULL)
		return err_set(load->note, ERR_UNSUPPORTED,
		    "there are no weights \"%.100s\"", name);
	if (tensor->rank != (columns == 0 ? 1u : 2u) ||
	    tensor->shape[0] != rows ||
	    (columns != 0 && tensor->shape[1] != columns))
		return err_set(load->note, ERR_CORRUPT,
		    "the weights \"%.100s\" are not of the shape that "
		    "config.json says", name);
	if (tensor->type != TENSOR_F32 && tensor->type != TENSOR_F16 &&
	    tensor->type != TENSOR_BF16)
		return err_set(load->note, ERR_UNSUPPORTED,
		    "the weights \"%.100s\" are not of float32, float16 or "
		    "bfloat16", name);
	*ret_tensor = tensor;
	return 0;
}

static int
numbers_check(const struct load *load, const char *name,
    const float *numbers, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		/* False for NaN. */
		if (!(fabsf(numbers[i]) <= NUMBER_MAX))
			return err_set(load->note, ERR_CORRUPT,
			    "a number of \"%.100s\" is none to add up", name);
	}
	return 0;
}

/* Its numbers as floats. */
static int
numbers_read(const struct load *load, const char *name, size_t rows,
    size_t columns, float *floats)
{
	const struct tensor *tensor;
	int err;

	err = shaped(load, name, rows, columns, &tensor);
	if (err == 0)
		err = tensor_floats(tensor, 0, tensor->count, floats);
	if (err < 0)
		return err;
	return numbers_check(load, name, floats, tensor->count);
}

/* ---- layers ------------------------------------------------------------- */

static void
part_name(const struct load *load, size_t layer, enum part part,
    const char *what, char name[TENSOR_NAME_SIZE])
{
	bool is_distil = load->model->config.kind == BERT_KIND_DISTILBERT;

	(void)snprintf(name, TENSOR_NAME_SIZE, "%s.layer.%zu.%s.%s",
	    is_distil ? "transformer" : "encoder", layer,
	    parts[part][is_distil], what);
}

static int
norm_read(const struct load *load, const char *weight, const char *bias,
    struct bert_norm *norm)
{
	size_t hidden = load->model->config.hidden;
	int err;

	norm->weight = mem_array(hidden, sizeof(float));
	norm->bias = mem_array(hidden, sizeof(float));
	if (norm->weight == NULL || norm->bias == NULL)
		return ERR_NOMEM;
	load->model->bytes += 2 * hidden * sizeof(float);
	err = numbers_read(load, weight, hidden, 0, norm->weight);
	if (err == 0)
		err = numbers_read(load, bias, hidden, 0, norm->bias);
	return err;
}

static int
layer_norm_read(const struct load *load, size_t layer, enum part part,
    struct bert_norm *norm)
{
	char weight[TENSOR_NAME_SIZE], bias[TENSOR_NAME_SIZE];

	part_name(load, layer, part, "weight", weight);
	part_name(load, layer, part, "bias", bias);
	return norm_read(load, weight, bias, norm);
}

/* One after the other, count parts that read the same numbers. */
static int
dense_read(const struct load *load, size_t layer, enum part first,
    size_t count, size_t in, size_t out, struct dense **ret_dense)
{
	size_t block = in * out, i;
	char name[TENSOR_NAME_SIZE];
	struct dense *dense = NULL;
	float *weights, *bias;
	int err = 0;

	weights = mem_array(count * block, sizeof(float));
	bias = mem_array(count * out, sizeof(float));
	if (weights == NULL || bias == NULL)
		err = ERR_NOMEM;
	for (i = 0; err == 0 && i < count; i++) {
		part_name(load, layer, (enum part)(first + i), "weight",
		    name);
		err = numbers_read(load, name, out, in, weights + i * block);
		part_name(load, layer, (enum part)(first + i), "bias", name);
		if (err == 0)
			err = numbers_read(load, name, out, 0,
			    bias + i * out);
	}
	if (err == 0) {
		dense = dense_new(weights, bias, in, count * out,
		    load->numbers);
		err = dense == NULL ? ERR_NOMEM : 0;
	}
	if (err == 0) {
		load->model->bytes += dense_bytes(dense);
		*ret_dense = dense;
	}
	mem_free(weights);
	mem_free(bias);
	return err;
}

static int
layer_read(const struct load *load, size_t nth)
{
	const struct bert_config *config = &load->model->config;
	struct bert_layer *layer = &load->model->layers[nth];
	size_t hidden = config->hidden, inner = config->inner;
	int err;

	err = dense_read(load, nth, PART_QUERY, 3, hidden, hidden,
	    &layer->qkv);
	if (err == 0)
		err = dense_read(load, nth, PART_OUT, 1, hidden, hidden,
		    &layer->out);
	if (err == 0)
		err = layer_norm_read(load, nth, PART_NORM1, &layer->norm1);
	if (err == 0)
		err = dense_read(load, nth, PART_UP, 1, hidden, inner,
		    &layer->up);
	if (err == 0)
		err = dense_read(load, nth, PART_DOWN, 1, inner, hidden,
		    &layer->down);
	if (err == 0)
		err = layer_norm_read(load, nth, PART_NORM2, &layer->norm2);
	return err;
}

/* ---- tables ------------------------------------------------------------- */

static int
words_read(const struct load *load)
{
	static const char name[] = "embeddings.word_embeddings.weight";
	struct bert_model *model = load->model;
	float numbers[CHECK_NUMBERS];
	size_t i, count;
	int err;

	err = shaped(load, name, model->config.vocab, model->config.hidden,
	    &model->words);
	for (i = 0; err == 0 && i < model->words->count; i += count) {
		count = model->words->count - i < CHECK_NUMBERS
		    ? model->words->count - i : CHECK_NUMBERS;
		err = tensor_floats(model->words, i, count, numbers);
		if (err == 0)
			err = numbers_check(load, name, numbers, count);
	}
	return err;
}

/* All texts are of the first type, so its row is part of each position. */
static int
positions_read(const struct load *load)
{
	struct bert_model *model = load->model;
	const struct bert_config *config = &model->config;
	size_t hidden = config->hidden, i;
	float *types = NULL;
	int err;

	model->positions = mem_array(config->positions * hidden,
	    sizeof(float));
	if (model->positions == NULL)
		return ERR_NOMEM;
	model->bytes += config->positions * hidden * sizeof(float);
	err = numbers_read(load, "embeddings.position_embeddings.weight",
	    config->positions, hidden, model->positions);
	if (err < 0 || config->types == 0)
		return err;
	types = mem_array(config->types * hidden, sizeof(float));
	err = types == NULL ? ERR_NOMEM
		: numbers_read(load, "embeddings.token_type_embeddings.weight",
		    config->types, hidden, types);
	for (i = 0; err == 0 && i < config->positions * hidden; i++)
		model->positions[i] += types[i % hidden];
	mem_free(types);
	return err;
}

int
bert_model_load(struct bert_model *model, const char *path,
    enum dense_numbers numbers, struct err_note *note)
{
	const struct load load = { model, numbers, note };
	size_t i;
	int err;

	model->kernels = dense_kernels();
	err = tensors_open(path, &model->tensors, note);
	if (err == 0)
		err = words_read(&load);
	if (err == 0)
		err = positions_read(&load);
	if (err == 0)
		err = norm_read(&load, "embeddings.LayerNorm.weight",
		    "embeddings.LayerNorm.bias", &model->norm);
	if (err < 0)
		return err;
	model->layers = mem_zalloc(model->config.layers *
	    sizeof(*model->layers));
	if (model->layers == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < model->config.layers; i++)
		err = layer_read(&load, i);
	return err;
}

static void
norm_fini(struct bert_norm *norm)
{
	mem_free(norm->weight);
	mem_free(norm->bias);
}

void
bert_model_fini(struct bert_model *model)
{
	struct bert_layer *layer;
	size_t i;

	for (i = 0; model->layers != NULL && i < model->config.layers; i++) {
		layer = &model->layers[i];
		dense_free(layer->qkv);
		dense_free(layer->out);
		dense_free(layer->up);
		dense_free(layer->down);
		norm_fini(&layer->norm1);
		norm_fini(&layer->norm2);
	}
	mem_free(model->layers);
	mem_free(model->positions);
	norm_fini(&model->norm);
	tensors_close(model->tensors);
}

uint64_t
bert_model_operations(const struct bert_model *model)
{
	const struct bert_config *config = &model->config;

	return 2 * (uint64_t)config->layers * config->hidden *
	    (4 * (uint64_t)config->hidden + 2 * (uint64_t)config->inner);
}
