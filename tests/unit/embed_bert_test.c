/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoders of tests/data/encoder, layer by layer, against what NumPy computed
 * in float64 (tests/data/make_encoder).
 */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/bert.h"
#include "embed/bert_int.h"
#include "embed/embed.h"
#include "embed/folder.h"
#include "embed/tensors.h"
#include "sys/fs.h"

#define DATA "tests/data/encoder/"
#define TOLERANCE 1e-4 /* of the largest value of a stage */
#define PIECES_MAX 8u

/* The texts of make_encoder. */
static const char *const texts[] = { "A ship is a boat, and a boat floats.",
	"Bread!", "the quick brown fox jumps over the lazy dog", "" };
#define TEXTS (sizeof(texts) / sizeof(*texts))

static const char *const kinds[] = { "bert", "roberta", "distilbert" };

/* ---- layer by layer ----------------------------------------------------- */

struct compared {
	const struct tensors *reference;
	size_t hidden;
	double worst; /* for the largest value of its stage */
	unsigned stages;
};

static double
worst_of(const float *got, const float *right, size_t count)
{
	double worst = 0, most = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		/* Not below it for NaN. */
		if (!(fabs((double)got[i] - (double)right[i]) <= worst))
			worst = fabs((double)got[i] - (double)right[i]);
		if (fabs((double)right[i]) > most)
			most = fabs((double)right[i]);
	}
	return worst / most;
}

static void
compare(void *arg, const char *what, size_t layer, const float *rows,
    size_t count)
{
	struct compared *compared = arg;
	const struct tensor *right;
	char name[32];
	double worst;

	(void)snprintf(name, sizeof(name), "%s.%zu", what, layer);
	right = tensors_find(compared->reference, name);
	assert_non_null(right);
	assert_int_equal(right->count, count * compared->hidden);
	worst = worst_of(rows, right->data, right->count);
	if (!(worst <= compared->worst))
		compared->worst = worst;
	compared->stages++;
}

static struct tensors *
reference_of(const char *kind)
{
	struct tensors *tensors = NULL;
	char path[96];

	(void)snprintf(path, sizeof(path), DATA "%s/reference.safetensors",
	    kind);
	assert_int_equal(tensors_open(path, &tensors, NULL), 0);
	return tensors;
}

static void
load(const char *kind, enum dense_numbers numbers, struct bert_model *model)
{
	struct err_note note = { .text = "" };
	char path[96];

	memset(model, 0, sizeof(*model));
	(void)snprintf(path, sizeof(path), DATA "%s", kind);
	if (bert_config_read(path, &model->config, &note) < 0)
		fail_msg("%s", note.text);
	(void)snprintf(path, sizeof(path), DATA "%s/model.safetensors", kind);
	if (bert_model_load(model, path, numbers, &note) < 0)
		fail_msg("%s", note.text);
}

/* All texts of make_encoder at once; vectors: of each. */
static void
run_all(const struct bert_model *model, struct compared *compared,
    float *vectors)
{
	const struct tensor *ids, *lens;
	struct bert_work work = { .watch = compare, .watch_arg = compared };
	size_t sizes[PIECES_MAX], i;
	struct bert_pieces pieces = { .lens = sizes };

	ids = tensors_find(compared->reference, "ids");
	lens = tensors_find(compared->reference, "lens");
	assert_in_range(lens->count, 1, PIECES_MAX);
	for (i = 0; i < lens->count; i++)
		sizes[i] = (size_t)((const int32_t *)lens->data)[i];
	pieces.ids = ids->data;
	pieces.count = lens->count;
	pieces.tokens = ids->count;
	compared->hidden = model->config.hidden;
	assert_int_equal(bert_run(model, &pieces, &work, NULL, vectors), 0);
	bert_work_fini(&work);
}

static double
cosine(const float *a, const float *b, size_t count)
{
	double dot = 0, aa = 0, bb = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		dot += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return dot / sqrt(aa * bb);
}

static void
test_layers(void **state)
{
	float vectors[PIECES_MAX * 64];
	const struct dense_kernels *kernels;
	const struct tensor *pooled;
	struct compared compared;
	struct tensors *reference;
	struct bert_model model;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		load(kinds[i], DENSE_FLOAT32, &model);
		reference = reference_of(kinds[i]);
		for (k = 0; (kernels = dense_kernels_at(k)) != NULL; k++) {
			memset(&compared, 0, sizeof(compared));
			compared.reference = reference;
			model.kernels = kernels;
			run_all(&model, &compared, vectors);
			assert_int_equal(compared.stages, 5);
			pooled = tensors_find(compared.reference, "pooled");
			assert_true(worst_of(vectors, pooled->data,
				pooled->count) < TOLERANCE);
			if (!(compared.worst < TOLERANCE))
				fail_msg("%s, %s: %g", kinds[i],
				    dense_kernels_name(kernels),
				    compared.worst);
		}
		tensors_close(reference);
		bert_model_fini(&model);
	}
}

/* ---- the embedder ------------------------------------------------------- */

static char folder[] = "/tmp/bert-XXXXXX";

static const char *const files[] = { "config.json", "modules.json",
	"sentence_bert_config.json", "config_sentence_transformers.json",
	"1_Pooling/config.json", "tokenizer.json", "model.safetensors" };
#define FILES (sizeof(files) / sizeof(*files))

static const char *
path_of(const char *file)
{
	static char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	return path;
}

static void
put(const char *file, const void *bytes, size_t len)
{
	assert_int_equal(fs_replace(path_of(file), bytes, len, 0600, NULL), 0);
}

static void
get(const char *kind, const char *file, struct buf *out)
{
	char path[96];

	(void)snprintf(path, sizeof(path), DATA "%s/%s", kind, file);
	buf_init(out, 1 << 20);
	if (fs_read_file(path, out, NULL) < 0)
		out->len = 0;
}

/* The folder as that of kind is. */
static void
fill(const char *kind)
{
	struct buf bytes;
	size_t i;

	for (i = 0; i < FILES; i++) {
		get(kind, files[i], &bytes);
		if (bytes.len > 0)
			put(files[i], bytes.data, bytes.len);
		else
			(void)unlink(path_of(files[i]));
		buf_fini(&bytes);
	}
}

/* The same, with other words in one file in the place of these. */
static void
change(const char *kind, const char *file, const char *from, const char *to)
{
	struct buf bytes, changed;
	const char *at;

	fill(kind);
	get(kind, file, &bytes);
	at = memmem(bytes.data, bytes.len, from, strlen(from));
	if (at == NULL)
		fail_msg("no %s in %s", from, file);
	buf_init(&changed, 1 << 20);
	(void)buf_put(&changed, bytes.data, (size_t)(at - buf_text(&bytes)));
	(void)buf_puts(&changed, to);
	at += strlen(from);
	(void)buf_put(&changed, at,
	    bytes.len - (size_t)(at - buf_text(&bytes)));
	assert_int_equal(changed.err, 0);
	put(file, changed.data, changed.len);
	buf_fini(&bytes);
	buf_fini(&changed);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	return fs_make_folders(path_of("1_Pooling"), 0700, NULL);
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		(void)unlink(path_of(files[i]));
	(void)rmdir(path_of("1_Pooling"));
	return rmdir(folder);
}

static struct embedder *
opened(const char *path, bool is_int8)
{
	struct embedder *embedder = NULL;
	struct err_note note = { .text = "" };
	enum folder_kind kind;

	if (embed_folder_new(path, is_int8, &kind, &embedder, &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(kind, FOLDER_BERT);
	return embedder;
}

static void
refused(int err, const char *words)
{
	struct embedder *embedder = NULL;
	struct err_note note = { .text = "" };
	int got = embed_bert_new(folder, false, &embedder, &note);

	if (got != err || strstr(note.text, words) == NULL)
		fail_msg("%d: %s", got, note.text);
}

static void
ask(struct embedder *embedder, const char *text, bool is_query, float *vector)
{
	struct embed_call call = { .is_query = is_query };
	struct embed_text one = { text, strlen(text) };

	assert_int_equal(embedder->ask(embedder, &call, &one, 1, vector,
		NULL), 0);
}

static void
all(struct embedder *embedder, float *vectors)
{
	struct embed_text list[TEXTS];
	size_t i;

	for (i = 0; i < TEXTS; i++)
		list[i] = (struct embed_text){ texts[i], strlen(texts[i]) };
	assert_int_equal(embedder->run(embedder, list, TEXTS, vectors, NULL),
	    0);
}

/* The whole way, from texts; together and one by one. */
static void
test_vectors(void **state)
{
	const size_t hidden = 36;
	float vectors[TEXTS * 36], alone[36];
	struct embedder *embedder = opened(DATA "roberta", false);
	struct embedder *bytes = opened(DATA "roberta", true);
	struct tensors *reference = reference_of("roberta");
	const float *pooled;
	struct bert_info info;
	double squares;
	size_t i, k;

	(void)state;
	pooled = tensors_find(reference, "pooled")->data;
	assert_int_equal(embedder->dimensions, hidden);
	assert_memory_equal(embedder->name, "bert-", 5);
	assert_null(strstr(embedder->name, "int8"));
	assert_non_null(strstr(bytes->name, "-int8"));
	all(embedder, vectors);
	for (i = 0; i < TEXTS; i++) {
		assert_true(cosine(vectors + i * hidden, pooled + i * hidden,
			hidden) > 1 - 1e-6);
		squares = 0;
		for (k = 0; k < hidden; k++)
			squares += pow((double)vectors[i * hidden + k], 2);
		assert_true(fabs(squares - 1) < 1e-6);
		ask(embedder, texts[i], false, alone);
		assert_true(cosine(vectors + i * hidden, alone, hidden) >
		    1 - 1e-6);
	}
	all(bytes, vectors);
	for (i = 0; i < TEXTS; i++)
		assert_true(cosine(vectors + i * hidden, pooled + i * hidden,
			hidden) > 0.999);
	embed_bert_info(embedder, &info);
	assert_string_equal(info.architecture, "RobertaModel");
	assert_string_equal(info.pooling, "cls");
	assert_string_equal(info.numbers, "float16");
	assert_int_equal(info.tokens_max, 32);
	assert_int_equal(info.layers, 2);
	assert_int_equal(info.operations, 2 * 2 * 36 * (4 * 36 + 2 * 50));
	assert_in_range(embed_bert_tokens(embedder), 60, 200);
	embedder->close(embedder);
	bytes->close(bytes);
	tensors_close(reference);
}

/* All kinds as bytes; what they cost of the cosine is small. */
static void
test_bytes(void **state)
{
	float vectors[PIECES_MAX * 64];
	struct compared compared;
	struct tensors *reference;
	struct bert_model model;
	const float *pooled;
	size_t i, k, hidden;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		load(kinds[i], DENSE_INT8, &model);
		reference = reference_of(kinds[i]);
		memset(&compared, 0, sizeof(compared));
		compared.reference = reference;
		run_all(&model, &compared, vectors);
		pooled = tensors_find(reference, "pooled")->data;
		hidden = compared.hidden;
		for (k = 0; k < TEXTS; k++)
			if (!(cosine(vectors + k * hidden,
				pooled + k * hidden, hidden) > 0.999))
				fail_msg("%s, %zu: %g", kinds[i], k,
				    cosine(vectors + k * hidden,
					pooled + k * hidden, hidden));
		tensors_close(reference);
		bert_model_fini(&model);
	}
}

/* What is asked and what is to be found have words of their own before
 * them. */
static void
test_prompts(void **state)
{
	struct embedder *embedder = opened(DATA "bert", false), *plain;
	float asked[32], found[32], same[32];
	char *name;

	(void)state;
	ask(embedder, "ships", true, asked);
	ask(embedder, "ships", false, found);
	assert_true(cosine(asked, found, 32) < 0.9999);
	name = mem_strdup(embedder->name);
	assert_non_null(name);
	embedder->close(embedder);
	fill("bert");
	assert_int_equal(unlink(path_of("config_sentence_transformers.json")),
	    0);
	plain = opened(folder, false);
	assert_string_not_equal(plain->name, name);
	ask(plain, "query: ships", true, same);
	assert_true(cosine(asked, same, 32) > 1 - 1e-6);
	ask(plain, "passage: ships", false, same);
	assert_true(cosine(found, same, 32) > 1 - 1e-6);
	plain->close(plain);
	/* Only the prompt of what is asked differs: the vectors are the
	 * same, and so is the name. */
	change("bert", "config_sentence_transformers.json", "query: ",
	    "a query: ");
	plain = opened(folder, false);
	assert_string_equal(plain->name, name);
	plain->close(plain);
	mem_free(name);
}

/* Cut into pieces of one length, whose vectors have the text's as mean. */
static void
test_long(void **state)
{
	struct embedder *embedder = opened(DATA "roberta", false);
	/* 42 tokens: two pieces of 21, of at most 30. */
	static const char first[] = "a dog is a dog is a dog is a dog is a "
	    "dog is a dog is a dog is", second[] = " a ship is a ship is a "
	    "ship is a ship is a ship is a ship is a ship is";
	float whole[36], one[36], two[36];
	struct buf text;
	size_t i;

	(void)state;
	buf_init(&text, 32 * MIB);
	(void)buf_puts(&text, first);
	(void)buf_puts(&text, second);
	ask(embedder, buf_text(&text), false, whole);
	ask(embedder, first, false, one);
	ask(embedder, second, false, two);
	for (i = 0; i < 36; i++)
		one[i] += two[i];
	assert_true(cosine(whole, one, 36) > 1 - 1e-6);
	/* Of what is endless the beginning counts. */
	while (text.len < 100000)
		(void)buf_puts(&text, first);
	assert_int_equal(text.err, 0);
	ask(embedder, buf_text(&text), false, whole);
	buf_fini(&text);
	embedder->close(embedder);
}

static const struct {
	const char *file, *from, *to;
	int err;
	const char *words;
} hostile[] = {
	{ "config.json", "\"bert\"", "\"gpt2\"", ERR_UNSUPPORTED,
	    "\"gpt2\" is not understood" },
	{ "config.json", "BertModel", "BertForNextSentence",
	    ERR_UNSUPPORTED, "BertForNextSentence" },
	{ "config.json", "\"hidden_size\": 32",
	    "\"hidden_size\": 64", ERR_UNSUPPORTED,
	    "64 dimensions" },
	{ "config.json", "\"intermediate_size\": 72",
	    "\"intermediate_size\": 73", ERR_CORRUPT,
	    "layer.0.intermediate.dense.weight\" are not of the" },
	{ "config.json", "\"hidden_size\": 32",
	    "\"hidden_size\": 4611686018427387904", ERR_TOO_BIG,
	    "hidden_size" },
	{ "config.json", "\"hidden_size\": 32", "\"x\": 32",
	    ERR_UNSUPPORTED, "no \"hidden_size\"" },
	{ "config.json", "\"num_attention_heads\": 4",
	    "\"num_attention_heads\": 5", ERR_UNSUPPORTED,
	    "5 heads" },
	{ "config.json", "\"num_hidden_layers\": 2",
	    "\"num_hidden_layers\": 3", ERR_UNSUPPORTED,
	    "encoder.layer.2" },
	{ "config.json", "\"gelu\"", "\"silu\"", ERR_UNSUPPORTED,
	    "silu" },
	{ "config.json", "absolute", "relative_key", ERR_UNSUPPORTED,
	    "relative_key" },
	{ "config.json", "\"vocab_size\": ", "\"vocab_size\": 1",
	    ERR_CORRUPT, "word_embeddings" },
	{ "config.json", "\"type_vocab_size\": 2",
	    "\"type_vocab_size\": -2", ERR_TOO_BIG,
	    "type_vocab_size" },
	{ "config.json", "1e-12", "-1", ERR_UNSUPPORTED,
	    "layer_norm_eps" },
	{ "config.json", "{", "[", ERR_SYNTAX, "config.json" },
	{ "modules.json", "models.Normalize", "models.Dense",
	    ERR_UNSUPPORTED, "Dense" },
	{ "modules.json", "1_Pooling", "../x", ERR_UNSUPPORTED,
	    "../x" },
	{ "modules.json", "1_Pooling", "2_Pooling", ERR_NOT_FOUND,
	    "2_Pooling" },
	{ "1_Pooling/config.json", "\"pooling_mode_cls_token\": "
	    "false", "\"pooling_mode_cls_token\": true",
	    ERR_UNSUPPORTED, "several poolings" },
	{ "1_Pooling/config.json", "pooling_mode_mean_tokens",
	    "pooling_mode_lasttoken", ERR_UNSUPPORTED,
	    "pooling_mode_lasttoken" },
	{ "1_Pooling/config.json", ": 32", ": 33", ERR_UNSUPPORTED,
	    "32 dimensions" },
	{ "sentence_bert_config.json", ": 32", ": 7",
	    ERR_UNSUPPORTED, "no room" },
	{ "sentence_bert_config.json", ": 32", ": 0",
	    ERR_UNSUPPORTED, "max_seq_length" },
	{ "tokenizer.json", "\"type\": \"WordPiece\",\n  \"unk",
	    "\"type\": \"Other\",\n  \"unk", ERR_UNSUPPORTED,
	    "Other" },
	{ "model.safetensors", "encoder.layer.1.output.dense.weight",
	    "encoder.layer.1.output.dense.weighs", ERR_UNSUPPORTED,
	    "layer.1.output.dense.weight" },
};

static void
test_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		change("bert", hostile[i].file, hostile[i].from,
		    hostile[i].to);
		refused(hostile[i].err, hostile[i].words);
	}
	fill("bert");
	(void)unlink(path_of("model.safetensors"));
	refused(ERR_NOT_FOUND, "model.safetensors");
}

/* Set the last numbers of the weights, which are those of the last norm, or
 * of what comes last by name. */
static void
weights_spoil(float number)
{
	struct buf bytes;

	fill("bert");
	get("bert", "model.safetensors", &bytes);
	memcpy(bytes.data + bytes.len - sizeof(number), &number,
	    sizeof(number));
	put("model.safetensors", bytes.data, bytes.len);
	buf_fini(&bytes);
}

static void
test_not_finite(void **state)
{
	struct embed_text list[2] = { { "a ship", 6 }, { "bread", 5 } };
	struct embed_call call = { .stop = NULL };
	struct err_note note = { .text = "" };
	struct bert_config config;
	struct embedder *embedder;
	float vectors[2 * 32];

	(void)state;
	weights_spoil(NAN);
	refused(ERR_CORRUPT, "is none to add up");
	weights_spoil(INFINITY);
	refused(ERR_CORRUPT, "is none to add up");
	assert_int_equal(bert_config_read(folder, &config, NULL), 0);
	assert_int_equal(config.layers, 2);
	/* Numbers that are none come of large ones. */
	change("bert", "config.json", "1e-12", "0");
	embedder = opened(folder, false);
	((struct bert *)embedder)->model.norm.weight[3] = 3e38f;
	((struct bert *)embedder)->model.norm.bias[3] = 3e38f;
	assert_int_equal(embedder->ask(embedder, &call, list, 2, vectors,
		&note), ERR_INVALID);
	assert_in_range(call.refused, 0, 1);
	assert_string_equal(note.text,
	    "the model gives no numbers for this text");
	embedder->close(embedder);
}

static void
test_folders(void **state)
{
	struct embedder *embedder = NULL;
	struct err_note note = { .text = "" };
	enum folder_kind kind;

	(void)state;
	/* Without the files of sentence-transformers: the mean, and all the
	 * positions there are. */
	fill("distilbert");
	(void)unlink(path_of("modules.json"));
	(void)unlink(path_of("sentence_bert_config.json"));
	embedder = opened(folder, false);
	assert_int_equal(((struct bert *)embedder)->model.config.pooling,
	    BERT_POOLING_MEAN);
	assert_int_equal(((struct bert *)embedder)->model.config.tokens_max,
	    40);
	embedder->close(embedder);
	change("bert", "config.json", "\"bert\"", "\"model2vec\"");
	assert_int_equal(embed_folder_new(folder, true, &kind, &embedder,
		&note), ERR_UNSUPPORTED);
	assert_string_equal(note.text,
	    "a static model has no use for int8");
	assert_int_equal(embed_folder_new(folder, false, &kind, &embedder,
		&note), ERR_UNSUPPORTED);
	assert_non_null(strstr(note.text, "model of another kind"));
}

static void *
embed_many(void *arg)
{
	struct embedder *embedder = arg;
	float vectors[TEXTS * 32], first[TEXTS * 32];
	size_t i, wrong = 0;

	all(embedder, first);
	for (i = 0; i < 20; i++) {
		all(embedder, vectors);
		wrong += memcmp(vectors, first, sizeof(first)) != 0;
	}
	return (void *)(uintptr_t)wrong;
}

static void
test_threads(void **state)
{
	struct embedder *embedder = opened(DATA "bert", false);
	pthread_t threads[4];
	void *wrong;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, embed_many,
			embedder), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	embedder->close(embedder);
}

static void
test_stopped(void **state)
{
	struct embedder *embedder = opened(DATA "bert", false);
	struct embed_text one = { "a ship", 6 };
	atomic_bool stop = true;
	struct embed_call call = { .stop = &stop };
	float vector[32], again[32];
	struct embed_stats stats = { .requests = 0 };
	double rate = 0;

	(void)state;
	assert_int_equal(embedder->ask(embedder, &call, &one, 1, vector,
		NULL), ERR_CANCELLED);
	assert_int_equal(call.tokens, 0);
	/* Nothing of it is left for the next one. */
	ask(embedder, "a dog", false, vector);
	ask(embedder, "a dog", false, again);
	assert_memory_equal(vector, again, sizeof(vector));
	embedder->stats(embedder, &stats);
	assert_int_equal(stats.requests, 3);
	assert_int_equal(stats.texts, 2);
	/* [CLS] passage : a dog [SEP] */
	assert_int_equal(stats.tokens, 2 * 6);
	/* The call that made them is told, beside what it was told before. */
	stop = false;
	call.tokens = 100;
	assert_int_equal(embedder->ask(embedder, &call, &one, 1, vector,
		NULL), 0);
	assert_int_equal(call.tokens, 100 + 6);
	assert_int_equal(embed_bert_rate(embedder, 1, &rate), 0);
	assert_true(rate > 0);
	embedder->close(embedder);
}

static void
test_memory(void **state)
{
	struct embedder *embedder = NULL;
	struct embed_text text = { "a ship", 6 };
	enum folder_kind kind;
	float vector[32];
	unsigned long nth;
	int err;

	(void)state;
	for (nth = 1; nth < 10000; nth++) {
		mem_fail_at(nth);
		err = embed_folder_new(DATA "bert", true, &kind, &embedder,
		    NULL);
		mem_fail_at(0);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_in_range(nth, 50, 9999);
	for (nth = 1; nth < 1000; nth++) {
		mem_fail_at(nth);
		err = embedder->run(embedder, &text, 1, vector, NULL);
		mem_fail_at(0);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_in_range(nth, 2, 999);
	embedder->close(embedder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_prompts),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_finite),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
