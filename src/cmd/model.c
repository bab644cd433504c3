/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models in folders, looked at without a server.
 *
 * The speed is that of one thread here, by the time that it has a processor,
 * over text of made-up words that are as often as words are (Zipf's law), cut
 * as documents are.  An encoder is opened twice, with its weights as they are
 * and rounded to bytes, and the vectors of both are compared.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/term.h"
#include "embed/bert.h"
#include "embed/embed.h"
#include "embed/folder.h"
#include "embed/static.h"
#include "sys/clock.h"

#define TEXT_BYTES (1u << 20)
#define PIECE_BYTES 1200u
#define WORDS_KNOWN 20000u
#define MEASURE_US 500000
#define RATE_MS 300u
#define TEXTS 4u /* embedded at once */

/* A word that a number stands for: the same one each time. */
static void
word_put(struct buf *out, uint32_t word)
{
	static const char consonants[] = "bcdfghklmnprstvz";
	static const char vowels[] = "aeio";

	do {
		(void)buf_putc(out, consonants[word & 15]);
		(void)buf_putc(out, vowels[word >> 4 & 3]);
		word >>= 6;
	} while (word != 0);
	(void)buf_putc(out, ' ');
}

static int
text_make(struct buf *out)
{
	uint32_t random = 1, rank, spread;

	while (out->len < TEXT_BYTES && out->err == 0) {
		random = random * 1664525u + 1013904223u;
		/* Each doubling of the rank has as many words of a text. */
		spread = 1u << (random >> 16) % 15;
		rank = spread + (random >> 8) % spread;
		word_put(out, rank % WORDS_KNOWN);
	}
	return out->err;
}

struct measured {
	double bytes, tokens; /* in a second; tokens of encoders */
	double operations;    /* of dense layers in a second; likewise */
	double rate;	      /* the same of a large matrix product */
	float *vectors;	      /* of the first texts; owned */
};

/* Embed for some time, text after text. */
static int
texts_run(struct embedder *embedder, const struct buf *words,
    struct measured *measured, struct err_note *note)
{
	size_t dimensions = embedder->dimensions, at = 0, runs = 0, i;
	struct embed_text texts[TEXTS];
	int64_t begin_us = clock_thread_us(), us = 0;
	float *vectors;
	int err = 0;

	measured->vectors = mem_array(TEXTS * dimensions, sizeof(float));
	vectors = mem_array(TEXTS * dimensions, sizeof(float));
	if (measured->vectors == NULL || vectors == NULL)
		err = ERR_NOMEM;
	while (err == 0 && us < MEASURE_US) {
		for (i = 0; i < TEXTS; i++) {
			texts[i].text = buf_text(words) + at;
			texts[i].len = PIECE_BYTES;
			at = (at + PIECE_BYTES) % (TEXT_BYTES - PIECE_BYTES);
		}
		err = embedder->run(embedder, texts, TEXTS,
		    runs == 0 ? measured->vectors : vectors, note);
		runs++;
		us = clock_thread_us() - begin_us;
	}
	if (err == 0)
		measured->bytes = (double)(runs * TEXTS * PIECE_BYTES) * 1e6 /
		    (double)us;
	mem_free(vectors);
	return err;
}

static int
speed_measure(struct embedder *embedder, enum folder_kind kind,
    struct measured *measured, struct err_note *note)
{
	struct bert_info info;
	struct buf words;
	int64_t begin_us;
	double us;
	int err;

	buf_init(&words, 2 * TEXT_BYTES);
	err = text_make(&words);
	begin_us = clock_thread_us();
	if (err == 0)
		err = texts_run(embedder, &words, measured, note);
	us = (double)(clock_thread_us() - begin_us);
	buf_fini(&words);
	if (err < 0 || kind != FOLDER_BERT)
		return err;
	embed_bert_info(embedder, &info);
	measured->tokens = (double)embed_bert_tokens(embedder) * 1e6 / us;
	measured->operations = measured->tokens * (double)info.operations;
	return embed_bert_rate(embedder, RATE_MS, &measured->rate);
}

/* ---- static ------------------------------------------------------------- */

static void
static_print(const struct embedder *embedder, const struct static_info *info,
    double speed)
{
	(void)printf("a static model that will work: embedding_folder\n");
	(void)printf("  name        %s\n", embedder->name);
	(void)printf("  dimensions  %zu\n", info->dimensions);
	(void)printf("  table       %zu rows of %s, %.1f MB, %s\n", info->rows,
	    info->numbers, (double)info->table_bytes / 1e6,
	    info->is_mapped ? "mapped" : "converted into memory");
	(void)printf("  tokenizer   %s, %zu tokens\n", info->tokenizer,
	    info->tokens);
	(void)printf("  speed       %.0f MB of text a second, on one thread "
		     "here\n", speed);
}

static int
static_print_json(const struct embedder *embedder,
    const struct static_info *info, double speed)
{
	struct buf out;
	struct jsonw w;
	int err;

	buf_init(&out, 64 * KIB);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_nstring(&w, "kind", "static");
	jsonw_nstring(&w, "name", embedder->name);
	jsonw_nuint(&w, "dimensions", info->dimensions);
	jsonw_nuint(&w, "rows", info->rows);
	jsonw_nstring(&w, "numbers", info->numbers);
	jsonw_nuint(&w, "table_bytes", info->table_bytes);
	jsonw_nbool(&w, "mapped", info->is_mapped);
	jsonw_nstring(&w, "tokenizer", info->tokenizer);
	jsonw_nuint(&w, "tokens", info->tokens);
	jsonw_nreal(&w, "megabytes_per_second", speed, 1);
	jsonw_object_end(&w);
	err = out.err;
	if (err == 0)
		(void)printf("%s\n", buf_text(&out));
	buf_fini(&out);
	return err;
}

/* ---- encoders ----------------------------------------------------------- */

/* One folder, opened twice. */
struct encoders {
	struct embedder *floats, *bytes;
	struct bert_info info, bytes_info;
	struct measured of_floats, of_bytes;
	double cosine, worst; /* of the vectors of both */
};

static void
vectors_compare(struct encoders *encoders)
{
	size_t hidden = encoders->info.hidden, i, k;
	double cosine;

	encoders->worst = 1;
	for (i = 0; i < TEXTS; i++) {
		cosine = 0;
		for (k = i * hidden; k < (i + 1) * hidden; k++)
			cosine += (double)encoders->of_floats.vectors[k] *
			    (double)encoders->of_bytes.vectors[k];
		encoders->cosine += cosine / TEXTS;
		encoders->worst = fmin(encoders->worst, cosine);
	}
}

static void
speed_print(const char *name, const struct bert_info *info,
    const struct measured *measured)
{
	(void)printf("  %-12s%.0f tokens a second on one thread here: %.1f "
		     "GFLOP/s in dense layers,\n              %.0f %% of the "
		     "%.1f of a large matrix product; %.1f MB in memory\n",
	    name, measured->tokens, measured->operations / 1e9,
	    100 * measured->operations / measured->rate, measured->rate / 1e9,
	    (double)info->bytes / 1e6);
}

static void
prompt_print(const char *name, const char *prompt)
{
	if (prompt[0] != '\0')
		(void)printf("  %-12s\"%s\" is put before it\n", name, prompt);
}

static void
encoders_print(const struct encoders *encoders)
{
	const struct bert_info *info = &encoders->info;

	(void)printf("an encoder that will work: embedding_folder\n");
	(void)printf("  name        %s\n", encoders->floats->name);
	(void)printf("  kind        %s, %zu layers of %zu and %zu, %zu heads, "
		     "%s\n", info->architecture, info->layers, info->hidden,
	    info->inner, info->heads, info->numbers);
	(void)printf("  dimensions  %zu, pooled by %s\n", info->hidden,
	    info->pooling);
	(void)printf("  tokenizer   %s, %zu tokens; %zu of a text at once\n",
	    info->tokenizer, info->tokens, info->tokens_max);
	prompt_print("query", info->query_prompt);
	prompt_print("document", info->document_prompt);
	(void)printf("  processor   %s\n", info->kernels);
	speed_print("float32", info, &encoders->of_floats);
	speed_print("int8", &encoders->bytes_info, &encoders->of_bytes);
	(void)printf("  int8 gives vectors with a cosine of %.5f to those of "
		     "float32, %.5f at worst\n", encoders->cosine,
	    encoders->worst);
}

static void
speed_put(struct jsonw *w, const char *name, const struct bert_info *info,
    const struct measured *measured)
{
	jsonw_name(w, name);
	jsonw_object(w);
	jsonw_nuint(w, "memory_bytes", info->bytes);
	jsonw_nreal(w, "tokens_per_second", measured->tokens, 1);
	jsonw_nreal(w, "gflops", measured->operations / 1e9, 2);
	jsonw_nreal(w, "matrix_gflops", measured->rate / 1e9, 2);
	jsonw_object_end(w);
}

static void
encoders_put(struct jsonw *w, const struct encoders *encoders)
{
	const struct bert_info *info = &encoders->info;

	jsonw_nstring(w, "kind", "bert");
	jsonw_nstring(w, "name", encoders->floats->name);
	jsonw_nstring(w, "architecture", info->architecture);
	jsonw_nuint(w, "layers", info->layers);
	jsonw_nuint(w, "heads", info->heads);
	jsonw_nuint(w, "dimensions", info->hidden);
	jsonw_nuint(w, "inner", info->inner);
	jsonw_nstring(w, "numbers", info->numbers);
	jsonw_nstring(w, "pooling", info->pooling);
	jsonw_nstring(w, "tokenizer", info->tokenizer);
	jsonw_nuint(w, "tokens", info->tokens);
	jsonw_nuint(w, "tokens_max", info->tokens_max);
	jsonw_nstring(w, "query_prompt", info->query_prompt);
	jsonw_nstring(w, "document_prompt", info->document_prompt);
	jsonw_nstring(w, "processor", info->kernels);
	speed_put(w, "float32", info, &encoders->of_floats);
	speed_put(w, "int8", &encoders->bytes_info, &encoders->of_bytes);
	jsonw_nreal(w, "megabytes_per_second",
	    encoders->of_floats.bytes / 1e6, 3);
	jsonw_nreal(w, "int8_cosine", encoders->cosine, 6);
	jsonw_nreal(w, "int8_cosine_worst", encoders->worst, 6);
}

static int
encoders_print_json(const struct encoders *encoders)
{
	struct buf out;
	struct jsonw w;
	int err;

	buf_init(&out, 64 * KIB);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	encoders_put(&w, encoders);
	jsonw_object_end(&w);
	err = out.err;
	if (err == 0)
		(void)printf("%s\n", buf_text(&out));
	buf_fini(&out);
	return err;
}

/* ---- the command -------------------------------------------------------- */

static int
static_check(struct embedder *embedder, bool is_json, struct err_note *note)
{
	struct measured measured = { .vectors = NULL };
	struct static_info info;
	int err;

	err = speed_measure(embedder, FOLDER_STATIC, &measured, note);
	embed_static_info(embedder, &info);
	if (err == 0 && is_json)
		err = static_print_json(embedder, &info, measured.bytes / 1e6);
	else if (err == 0)
		static_print(embedder, &info, measured.bytes / 1e6);
	mem_free(measured.vectors);
	return err;
}

static int
encoder_check(const char *folder, struct embedder *embedder, bool is_json,
    struct err_note *note)
{
	struct encoders encoders = { .floats = embedder };
	int err;

	embed_bert_info(encoders.floats, &encoders.info);
	err = speed_measure(encoders.floats, FOLDER_BERT,
	    &encoders.of_floats, note);
	if (err == 0)
		err = embed_bert_new(folder, true, &encoders.bytes, note);
	if (err == 0)
		err = speed_measure(encoders.bytes, FOLDER_BERT,
		    &encoders.of_bytes, note);
	if (err == 0) {
		embed_bert_info(encoders.bytes, &encoders.bytes_info);
		vectors_compare(&encoders);
		if (is_json)
			err = encoders_print_json(&encoders);
		else
			encoders_print(&encoders);
	}
	if (encoders.bytes != NULL)
		encoders.bytes->close(encoders.bytes);
	mem_free(encoders.of_floats.vectors);
	mem_free(encoders.of_bytes.vectors);
	return err;
}

int
cmd_model(const struct args *args)
{
	struct err_note note = { .text = "" };
	struct embedder *embedder = NULL;
	bool is_json = args_has(args, OPT(JSON));
	enum folder_kind kind;
	int err;

	if (args->word_count != 2 || strcmp(args->words[0], "check") != 0) {
		(void)err_set(&note, ERR_INVALID,
		    "usage: tidemark model check DIR");
		return cmd_error("model", ERR_INVALID, &note);
	}
	err = embed_folder_new(args->words[1], false, &kind, &embedder,
	    &note);
	if (err == 0)
		err = kind == FOLDER_STATIC
		    ? static_check(embedder, is_json, &note)
		    : encoder_check(args->words[1], embedder, is_json, &note);
	if (embedder != NULL)
		embedder->close(embedder);
	/* A folder that will not do is an answer, not a wrong argument. */
	return err < 0 ? cmd_error("model", err, &note) : CMD_DONE;
}
