/* SPDX-License-Identifier: Apache-2.0 */
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
#include "embed/embed.h"
#include "embed/rows.h"
#include "embed/static.h"
#include "sys/fs.h"

#define ROWS 4u
#define COLUMNS 70u /* a tile of the sums, and a rest */

static char folder[] = "/tmp/static-XXXXXX";

static const char tokenizer[] = "{\"normalizer\":{\"type\":\"Lowercase\"},"
    "\"pre_tokenizer\":{\"type\":\"Whitespace\"},\"model\":{\"type\":"
    "\"WordPiece\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"a\":1,\"b\":2,"
    "\"##c\":3}}}";

static const char *
path_of(const char *file)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	return path;
}

static void
put(const char *file, const void *bytes, size_t len)
{
	assert_int_equal(fs_replace(path_of(file), bytes, len, 0600, NULL), 0);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path_of("model.safetensors"));
	(void)unlink(path_of("tokenizer.json"));
	return rmdir(folder);
}

static float
cell(size_t row, size_t column)
{
	return (float)(int)(row * 7 + column * 3 % 11) - 8;
}

/* A header and its numbers. */
static void
model_put(const char *header, const void *data, size_t bytes)
{
	struct buf file;
	uint64_t len = (strlen(header) + 7) / 8 * 8;

	buf_init(&file, 1 << 20);
	(void)buf_put(&file, &len, 8);
	(void)buf_puts(&file, header);
	while (file.len < 8 + len)
		(void)buf_putc(&file, ' ');
	(void)buf_put(&file, data, bytes);
	assert_int_equal(file.err, 0);
	put("model.safetensors", file.data, file.len);
	buf_fini(&file);
}

static void
table_put(float first)
{
	float table[ROWS * COLUMNS];
	char header[256];
	size_t i;

	for (i = 0; i < ROWS * COLUMNS; i++)
		table[i] = cell(i / COLUMNS, i % COLUMNS);
	table[0] = first;
	(void)snprintf(header, sizeof(header), "{\"embeddings\":{\"dtype\":"
	    "\"F32\",\"shape\":[%u,%u],\"data_offsets\":[0,%zu]}}", ROWS,
	    COLUMNS, sizeof(table));
	model_put(header, table, sizeof(table));
}

static struct embedder *
opened(void)
{
	struct embedder *embedder = NULL;
	struct err_note note = { .text = "" };

	if (embed_static_new(folder, &embedder, &note) < 0)
		fail_msg("%s", note.text);
	return embedder;
}

static void
refused(int err, const char *words)
{
	struct embedder *embedder = NULL;
	struct err_note note = { .text = "" };

	assert_int_equal(embed_static_new(folder, &embedder, &note), err);
	if (strstr(note.text, words) == NULL)
		fail_msg("%s", note.text);
}

static void
embed(struct embedder *embedder, const char *text, float *vector)
{
	struct embed_text one = { text, strlen(text) };

	assert_int_equal(embedder->run(embedder, &one, 1, vector, NULL), 0);
}

/* The vector of a text is the sum of its tokens' rows, of unit length. */
static void
expect(struct embedder *embedder, const char *text, const double *weights)
{
	double sums[COLUMNS], squares = 0;
	float vector[COLUMNS];
	size_t i, row;

	for (i = 0; i < COLUMNS; i++) {
		sums[i] = 0;
		for (row = 0; row < ROWS; row++)
			sums[i] += weights[row] * (double)cell(row, i);
		squares += sums[i] * sums[i];
	}
	embed(embedder, text, vector);
	for (i = 0; i < COLUMNS; i++)
		assert_true(fabs((double)vector[i] - sums[i] / sqrt(squares)) <
		    1e-6);
}

static void
test_vectors(void **state)
{
	struct embedder *embedder, *copy;
	struct static_info info;
	float vector[COLUMNS], again[COLUMNS];
	double squares = 0;
	size_t i;

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	table_put(cell(0, 0));
	embedder = opened();
	assert_int_equal(embedder->dimensions, COLUMNS);
	assert_memory_equal(embedder->name, "static-", 7);
	embed_static_info(embedder, &info);
	assert_string_equal(info.tokenizer, "WordPiece");
	assert_string_equal(info.numbers, "float32");
	assert_int_equal(info.tokens, ROWS);
	assert_true(info.is_mapped);
	expect(embedder, "A", (double[]){ 0, 1, 0, 0 });
	expect(embedder, "a b bc", (double[]){ 0, 1, 2, 1 });
	/* What is unknown is left out. */
	expect(embedder, "a zzz ? b", (double[]){ 0, 1, 1, 0 });
	/* Nothing is known: a vector all the same, and not everybody's. */
	embed(embedder, "", vector);
	for (i = 0; i < COLUMNS; i++)
		squares += (double)vector[i] * (double)vector[i];
	assert_true(squares == 1);
	embed(embedder, "zzz", vector);
	embed(embedder, "yyy", again);
	assert_memory_not_equal(vector, again, sizeof(vector));
	embed(embedder, "zzz", again);
	assert_memory_equal(vector, again, sizeof(vector));
	/* The same files are the same model, others another one. */
	copy = opened();
	assert_string_equal(copy->name, embedder->name);
	copy->close(copy);
	table_put(0.5f);
	copy = opened();
	assert_string_not_equal(copy->name, embedder->name);
	copy->close(copy);
	embedder->close(embedder);
}

static void
test_halves(void **state)
{
	/* -1, 2 and 0.5, 3 */
	const uint16_t table[4] = { 0xBC00, 0x4000, 0x3800, 0x4200 };
	const char small[] = "{\"model\":{\"type\":\"WordPiece\",\"vocab\":"
	    "{\"a\":0,\"b\":1}}}";
	struct embedder *embedder;
	struct static_info info;
	float vector[2];

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	model_put("{\"embedding.weight\":{\"dtype\":\"F16\",\"shape\":[2,2],"
		  "\"data_offsets\":[0,8]}}", table, sizeof(table));
	refused(ERR_UNSUPPORTED, "4 tokens and the table 2 rows");
	put("tokenizer.json", small, strlen(small));
	embedder = opened();
	embed_static_info(embedder, &info);
	assert_string_equal(info.numbers, "float16");
	assert_false(info.is_mapped);
	embed(embedder, "a", vector);
	assert_true(fabsf(vector[0] + 0.44721360f) < 1e-6f);
	assert_true(fabsf(vector[1] - 0.89442719f) < 1e-6f);
	embedder->close(embedder);
}

/* Several tokens share a row, and weigh differently. */
static void
test_weights(void **state)
{
	struct {
		double weights[4];
		int64_t mapping[4];
		float table[4];
	} data = { { 1, 2, 0.5, 1 }, { 0, 0, 1, 1 }, { 3, 4, -8, 6 } };
	struct embedder *embedder;
	float vector[2];

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	model_put("{\"weights\":{\"dtype\":\"F64\",\"shape\":[4],"
		  "\"data_offsets\":[0,32]},\"mapping\":{\"dtype\":\"I64\","
		  "\"shape\":[4],\"data_offsets\":[32,64]},\"embeddings\":{"
		  "\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[64,80]"
		  "}}", &data, sizeof(data));
	embedder = opened();
	embed(embedder, "a b", vector);
	/* 2 * (3, 4) + 0.5 * (-8, 6) = (2, 11) */
	assert_true(fabsf(vector[0] - 0.17888544f) < 1e-6f);
	assert_true(fabsf(vector[1] - 0.98386991f) < 1e-6f);
	embedder->close(embedder);
	data.mapping[3] = 2;
	model_put("{\"weights\":{\"dtype\":\"F64\",\"shape\":[4],"
		  "\"data_offsets\":[0,32]},\"mapping\":{\"dtype\":\"I64\","
		  "\"shape\":[4],\"data_offsets\":[32,64]},\"embeddings\":{"
		  "\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[64,80]"
		  "}}", &data, sizeof(data));
	refused(ERR_CORRUPT, "mapping");
}

static void
test_refused(void **state)
{
	const float bad[2] = { 1, NAN };

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	table_put(NAN);
	refused(ERR_CORRUPT, "number 0");
	table_put(1e16f);
	refused(ERR_CORRUPT, "number 0");
	model_put("{\"embeddings\":{\"dtype\":\"F32\",\"shape\":[2],"
		  "\"data_offsets\":[0,8]}}", bad, 8);
	refused(ERR_UNSUPPORTED, "rows and columns");
	model_put("{\"embeddings\":{\"dtype\":\"I8\",\"shape\":[8,1],"
		  "\"data_offsets\":[0,8]}}", bad, 8);
	refused(ERR_UNSUPPORTED, "float32");
	model_put("{\"other\":{\"dtype\":\"F32\",\"shape\":[2],"
		  "\"data_offsets\":[0,8]}}", bad, 8);
	refused(ERR_UNSUPPORTED, "has no table");
	table_put(0);
	put("tokenizer.json", "{", 1);
	refused(ERR_SYNTAX, "tokenizer.json");
	(void)unlink(path_of("tokenizer.json"));
	refused(ERR_NOT_FOUND, "tokenizer.json");
	(void)unlink(path_of("model.safetensors"));
	refused(ERR_NOT_FOUND, "model.safetensors");
}

/* The call is told of the tokens, beside what it was told before. */
static void
test_tokens(void **state)
{
	const struct embed_text list[] = { { "a bc", 4 }, { "zzz", 3 },
		{ "", 0 } };
	atomic_bool stop = false;
	struct embed_call call = { .stop = &stop, .tokens = 100 };
	struct embedder *embedder;
	float asked[3 * COLUMNS], run[3 * COLUMNS];

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	table_put(1);
	embedder = opened();
	assert_non_null(embedder->ask);
	assert_int_equal(embedder->ask(embedder, &call, list, 3, asked, NULL),
	    0);
	/* a, b and ##c; and one that is unknown. */
	assert_int_equal(call.tokens, 100 + 3 + 1);
	assert_int_equal(embedder->run(embedder, list, 3, run, NULL), 0);
	assert_memory_equal(asked, run, sizeof(run));
	stop = true;
	assert_int_equal(embedder->ask(embedder, &call, list, 3, asked, NULL),
	    ERR_CANCELLED);
	assert_int_equal(call.tokens, 100 + 3 + 1);
	embedder->close(embedder);
}

static void *
embed_many(void *arg)
{
	struct embedder *embedder = arg;
	float vector[COLUMNS], first[COLUMNS];
	size_t i, wrong = 0;

	embed(embedder, "a bc b a", first);
	for (i = 0; i < 2000; i++) {
		embed(embedder, i % 2 == 0 ? "a bc b a" : "b a b", vector);
		wrong += i % 2 == 0 &&
			memcmp(vector, first, sizeof(first)) != 0;
	}
	return (void *)(uintptr_t)wrong;
}

static void
test_threads(void **state)
{
	struct embedder *embedder;
	pthread_t threads[4];
	void *wrong;
	size_t i;

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	table_put(1);
	embedder = opened();
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
test_memory(void **state)
{
	struct embedder *embedder = NULL;
	struct embed_text text = { "a bc", 4 };
	float vector[COLUMNS];
	unsigned long nth;
	int err;

	(void)state;
	put("tokenizer.json", tokenizer, strlen(tokenizer));
	table_put(1);
	for (nth = 1; nth < 1000; nth++) {
		mem_fail_at(nth);
		err = embed_static_new(folder, &embedder, NULL);
		mem_fail_at(0);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_in_range(nth, 2, 999);
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

/* Any width: columns by the tile, and those behind it. */
static void
test_rows(void **state)
{
	static float table[5 * 200];
	const uint32_t rows[4] = { 4, 0, 4, 2 };
	float sums[200];
	size_t width, i;

	(void)state;
	for (i = 0; i < 1000; i++)
		table[i] = (float)(int)(i % 97) - 40;
	for (width = 1; width <= 200; width += width < 4 ? 1 : 49) {
		for (i = 0; i < width; i++)
			sums[i] = 1;
		rows_sum(table, width, rows, 4, sums);
		for (i = 0; i < width; i++)
			assert_true(sums[i] == 1 + 2 * table[4 * width + i] +
				table[i] + table[2 * width + i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
