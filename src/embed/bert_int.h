/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bert_int: what the files of that embedder share.
 *
 * Floor 3, for these files and their tests.
 */
#ifndef EMBED_BERT_INT_H
#define EMBED_BERT_INT_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "embed/bert.h"
#include "embed/dense.h"
#include "embed/embed.h"
#include "embed/tensors.h"

struct err_note;
struct tokenizer;

#define BERT_LAYERS_MAX 128u
#define BERT_HEADS_MAX 256u
#define BERT_INNER_MAX 32768u
#define BERT_POSITIONS_MAX 16384u
#define BERT_VOCAB_MAX 4000000u
#define BERT_TYPES_MAX 64u
#define BERT_NAME_SIZE 64u
#define BERT_PROMPT_SIZE 1024u
#define BERT_PATH_SIZE 4096u

enum bert_kind {
#define KIND(kind, type, architecture, prefix, behind) BERT_KIND_##kind,
#include "embed/bert_tbl.h"
};

enum bert_act { BERT_ACT_GELU, BERT_ACT_GELU_TANH, BERT_ACT_RELU };

enum bert_pooling {
#define POOLING(pooling, name, key) BERT_POOLING_##pooling,
#include "embed/bert_tbl.h"
};

/* ---- bert_config.c: what the folder's small files say ------------------- */

struct bert_config {
	enum bert_kind kind;
	char architecture[BERT_NAME_SIZE];
	size_t hidden, layers, heads, inner, positions, vocab;
	size_t types;	   /* 0: it has none */
	size_t first_position; /* of a text */
	float epsilon;
	enum bert_act act;
	enum bert_pooling pooling;
	size_t tokens_max; /* of a piece, with what is around it */
	bool lowers;	   /* whatever the tokenizer does */
	char query_prompt[BERT_PROMPT_SIZE], document_prompt[BERT_PROMPT_SIZE];
	char path[BERT_NAME_SIZE]; /* of the model in the folder: "", "x/" */
};

/* Read them all.  ERR_NOT_FOUND, ERR_IO, ERR_SYNTAX, ERR_UNSUPPORTED,
 * ERR_TOO_BIG with words; ERR_NOMEM. */
int bert_config_read(const char *folder, struct bert_config *ret_config,
    struct err_note *note);
/* The value of one of these files; *ret_root is NULL when it is not there and
 * need not be.  Owned (json_decref). */
int bert_json_read(const char *folder, const char *path, const char *file,
    bool is_needed, json_t **ret_root, struct err_note *note);
const char *bert_pooling_name(enum bert_pooling pooling);
/* folder, path in it and file, joined; ERR_TOO_BIG. */
int bert_path(const char *folder, const char *path, const char *file,
    char ret_path[BERT_PATH_SIZE], struct err_note *note);

/* ---- bert_model.c: weights ---------------------------------------------- */

struct bert_norm {
	float *weight, *bias;
};

struct bert_layer {
	struct dense *qkv; /* query, key, value side by side */
	struct dense *out, *up, *down;
	struct bert_norm norm1, norm2;
};

struct bert_model {
	struct bert_config config;
	const struct dense_kernels *kernels;
	struct tensors *tensors;
	const struct tensor *words; /* a row for each token */
	float *positions;	    /* with the first type's row added */
	struct bert_norm norm;
	struct bert_layer *layers;
	uint64_t bytes; /* of all of it but what is mapped */
};

/* Load path (model.safetensors) into a zeroed model with its config; to be
 * finished with bert_model_fini(), also after an error. */
int bert_model_load(struct bert_model *model, const char *path,
    enum dense_numbers numbers, struct err_note *note);
void bert_model_fini(struct bert_model *model);
/* Of dense layers, for a token. */
uint64_t bert_model_operations(const struct bert_model *model);

/* ---- bert_run.c: tokens into vectors ------------------------------------ */

/* What a thread needs meanwhile; zeroed at first (bert_work_fini). */
struct bert_work {
	float *floats;
	size_t size; /* of floats */
	void *scratch;
	size_t scratch_bytes;
	/* For tests: is shown rows of hidden numbers, "embeddings",
	 * "attention" or "layer" of that number. */
	void (*watch)(void *arg, const char *what, size_t layer,
	    const float *rows, size_t count);
	void *watch_arg;
};
void bert_work_fini(struct bert_work *work);

/* So many tokens of each piece, one behind the other. */
struct bert_pieces {
	const uint32_t *ids;
	const size_t *lens;
	size_t count, tokens;
};

/* The pooled vector of each piece, hidden numbers of it.  Every id is below
 * config.vocab, every length at most config.tokens_max and none 0.  stop: true
 * breaks it off (NULL: nobody does): ERR_CANCELLED; ERR_NOMEM. */
int bert_run(const struct bert_model *model, const struct bert_pieces *pieces,
    struct bert_work *work, const atomic_bool *stop, float *vectors);

/* ---- bert.c: texts into pieces, and vectors of these into theirs -------- */

/* As many tokens are run at once: enough for dense layers to be as fast as
 * they can be, few enough for what goes between them to stay in a cache. */
#define BERT_CHUNK_TOKENS 1024u
#define BERT_IDLE_MAX 16u /* benches that are kept */
#define BERT_OWN_NAME_SIZE 40u

/* What a thread needs meanwhile. */
struct bert_bench;

struct bert {
	struct embedder embedder; /* the first member */
	char name[BERT_OWN_NAME_SIZE];
	struct bert_model model;
	struct tokenizer *tokenizer;
	enum dense_numbers numbers;
	size_t query_tokens, document_tokens; /* of the prompts */
	size_t around;	     /* special tokens of a piece */
	size_t chunk_tokens; /* room for them */
	/* Of all calls. */
	_Atomic uint64_t calls, texts, tokens;

	pthread_mutex_t lock;
	struct bert_bench *idle[BERT_IDLE_MAX]; /* under the lock */
	size_t idle_count;
};

int bert_ask(struct embedder *self, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note);
int bert_run_all(struct embedder *self, const struct embed_text *texts,
    size_t count, float *vectors, struct err_note *note);
void bert_stats(struct embedder *self, struct embed_stats *ret_stats);
/* Also of one that was opened in part. */
void bert_close(struct embedder *self);

#endif
