/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of several texts stand one behind the other, so dense layers see
 * one tall matrix and there is no padding; attention goes text by text and
 * head by head.
 *
 * Where a row has a number that is none, normalizing spreads it over the row,
 * and attention over the text: the vector is not finite, which the caller looks
 * for.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/bert_int.h"
#include "embed/lanes.h"

#define SCORE_ROWS 96u /* of attention at once: they stay in a cache */

/* Where things are in work->floats. */
struct places {
	float *rows;  /* tokens of hidden numbers: what goes from layer to
		       * layer */
	float *other; /* likewise */
	float *wide;  /* query, key and value; or the inner numbers */
	float *keys, *values; /* packed, of one head */
	float *scores;
};

struct run {
	const struct bert_model *model;
	const struct bert_pieces *pieces;
	struct bert_work *work;
	struct places places;
};

void
bert_work_fini(struct bert_work *work)
{
	mem_free(work->floats);
	mem_free(work->scratch);
	work->floats = NULL;
	work->scratch = NULL;
	work->size = work->scratch_bytes = 0;
}

/* Rooms are multiples of a cache line, as everything is read by these. */
static size_t
room(size_t floats)
{
	return (floats + 15) / 16 * 16;
}

static size_t
largest(const struct bert_pieces *pieces)
{
	size_t most = 0, i;

	for (i = 0; i < pieces->count; i++)
		most = pieces->lens[i] > most ? pieces->lens[i] : most;
	return most;
}

static int
scratch_take(struct run *run)
{
	const struct bert_layer *layer = &run->model->layers[0];
	size_t up = dense_scratch(layer->up);
	size_t down = dense_scratch(layer->down);
	size_t bytes = up > down ? up : down;

	if (bytes <= run->work->scratch_bytes)
		return 0;
	mem_free(run->work->scratch);
	run->work->scratch = mem_alloc(bytes);
	run->work->scratch_bytes = run->work->scratch == NULL ? 0 : bytes;
	return run->work->scratch == NULL ? ERR_NOMEM : 0;
}

static int
places_take(struct run *run)
{
	const struct bert_config *config = &run->model->config;
	size_t tokens = run->pieces->tokens, len = largest(run->pieces);
	size_t head = config->hidden / config->heads;
	size_t wide = 3 * config->hidden > config->inner ? 3 * config->hidden
							 : config->inner;
	size_t sizes[] = { room(tokens * config->hidden),
		room(tokens * config->hidden), room(tokens * wide),
		room(dense_packed(head, len)), room(dense_packed(len, head)),
		room(SCORE_ROWS * len) };
	float **const places[] = { &run->places.rows, &run->places.other,
		&run->places.wide, &run->places.keys, &run->places.values,
		&run->places.scores };
	size_t all = 0, i;
	float *at;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		all += sizes[i];
	if (all > run->work->size) {
		mem_free(run->work->floats);
		run->work->floats = mem_array(all, sizeof(float));
		run->work->size = run->work->floats == NULL ? 0 : all;
	}
	if (run->work->floats == NULL)
		return ERR_NOMEM;
	at = run->work->floats;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		*places[i] = at;
		at += sizes[i];
	}
	return scratch_take(run);
}

static void
show(const struct run *run, const char *what, size_t layer)
{
	if (run->work->watch != NULL)
		run->work->watch(run->work->watch_arg, what, layer,
		    run->places.rows, run->pieces->tokens);
}

/* places.rows += more, normalized. */
static void
norm_run(const struct run *run, const struct bert_norm *norm,
    const float *more)
{
	size_t hidden = run->model->config.hidden, i;

	for (i = 0; i < run->pieces->tokens; i++)
		lanes_norm(run->places.rows + i * hidden,
		    more == NULL ? NULL : more + i * hidden, hidden,
		    norm->weight, norm->bias, run->model->config.epsilon);
}

static int
embeddings_run(const struct run *run)
{
	const struct bert_model *model = run->model;
	size_t hidden = model->config.hidden, piece, i, at = 0, k;
	const float *position;
	float *row;
	int err = 0;

	for (piece = 0; piece < run->pieces->count; piece++) {
		position = model->positions +
		    model->config.first_position * hidden;
		for (i = 0; err == 0 && i < run->pieces->lens[piece];
		     i++, at++, position += hidden) {
			row = run->places.rows + at * hidden;
			err = tensor_floats(model->words,
			    run->pieces->ids[at] * hidden, hidden, row);
			for (k = 0; k < hidden; k++)
				row[k] += position[k];
		}
	}
	norm_run(run, &model->norm, NULL);
	return err;
}

/* One head of one text: what each token sees of the others. */
static void
head_run(const struct run *run, const float *qkv, size_t len, float *seen)
{
	const struct bert_model *model = run->model;
	const struct places *places = &run->places;
	size_t hidden = model->config.hidden;
	size_t head = hidden / model->config.heads, first, count, i;
	float scale = 1.0f / sqrtf((float)head);

	dense_pack_rows(qkv + hidden, 3 * hidden, head, len, places->keys);
	dense_pack_columns(qkv + 2 * hidden, 3 * hidden, len, head,
	    places->values);
	for (first = 0; first < len; first += count) {
		count = len - first < SCORE_ROWS ? len - first : SCORE_ROWS;
		dense_multiply(model->kernels, qkv + first * 3 * hidden,
		    3 * hidden, count, places->keys, NULL, head, len,
		    places->scores, len);
		for (i = 0; i < count; i++)
			lanes_softmax(places->scores + i * len, len, scale);
		dense_multiply(model->kernels, places->scores, len, count,
		    places->values, NULL, len, head, seen + first * hidden,
		    hidden);
	}
}

static void
attention_run(const struct run *run, const struct bert_layer *layer)
{
	const struct bert_model *model = run->model;
	const struct bert_pieces *pieces = run->pieces;
	size_t hidden = model->config.hidden, piece, h, at = 0;
	size_t head = hidden / model->config.heads;
	const struct places *places = &run->places;

	dense_run(layer->qkv, model->kernels, places->rows, hidden,
	    pieces->tokens, places->wide, 3 * hidden, run->work->scratch);
	for (piece = 0; piece < pieces->count; piece++) {
		for (h = 0; h < model->config.heads; h++)
			head_run(run, places->wide + at * 3 * hidden +
				h * head, pieces->lens[piece],
			    places->other + at * hidden + h * head);
		at += pieces->lens[piece];
	}
	/* The wide room is free again. */
	dense_run(layer->out, model->kernels, places->other, hidden,
	    pieces->tokens, places->wide, hidden, run->work->scratch);
	norm_run(run, &layer->norm1, places->wide);
}

static void
inner_run(const struct run *run, const struct bert_layer *layer)
{
	const struct bert_config *config = &run->model->config;
	const struct places *places = &run->places;
	size_t tokens = run->pieces->tokens;
	size_t count = tokens * config->inner;

	dense_run(layer->up, run->model->kernels, places->rows,
	    config->hidden, tokens, places->wide, config->inner,
	    run->work->scratch);
	switch (config->act) {
	case BERT_ACT_GELU:
		lanes_gelu(places->wide, count);
		break;
	case BERT_ACT_GELU_TANH:
		lanes_gelu_tanh(places->wide, count);
		break;
	case BERT_ACT_RELU:
		lanes_relu(places->wide, count);
		break;
	}
	dense_run(layer->down, run->model->kernels, places->wide,
	    config->inner, tokens, places->other, config->hidden,
	    run->work->scratch);
	norm_run(run, &layer->norm2, places->other);
}

static void
pool(enum bert_pooling pooling, const float *rows, size_t len, size_t hidden,
    float *vector)
{
	float poison = rows[0] * 0.0f;
	size_t i, k;

	memcpy(vector, rows, hidden * sizeof(*vector));
	for (i = 1; i < len && pooling != BERT_POOLING_CLS; i++) {
		rows += hidden;
		/* A maximum would pass over it. */
		poison += rows[0] * 0.0f;
		for (k = 0; k < hidden; k++) {
			if (pooling == BERT_POOLING_MEAN)
				vector[k] += rows[k];
			else if (rows[k] > vector[k])
				vector[k] = rows[k];
		}
	}
	vector[0] += poison;
	for (k = 0; pooling == BERT_POOLING_MEAN && k < hidden; k++)
		vector[k] /= (float)len;
}

int
bert_run(const struct bert_model *model, const struct bert_pieces *pieces,
    struct bert_work *work, const atomic_bool *stop, float *vectors)
{
	struct run run = { .model = model, .pieces = pieces, .work = work };
	size_t hidden = model->config.hidden, i, at = 0;
	int err;

	err = places_take(&run);
	if (err == 0)
		err = embeddings_run(&run);
	if (err < 0)
		return err;
	show(&run, "embeddings", 0);
	for (i = 0; i < model->config.layers; i++) {
		if (stop != NULL && atomic_load(stop))
			return ERR_CANCELLED;
		attention_run(&run, &model->layers[i]);
		show(&run, "attention", i);
		inner_run(&run, &model->layers[i]);
		show(&run, "layer", i);
	}
	for (i = 0; i < pieces->count; i++) {
		pool(model->config.pooling, run.places.rows + at * hidden,
		    pieces->lens[i], hidden, vectors + i * hidden);
		at += pieces->lens[i];
	}
	return 0;
}
