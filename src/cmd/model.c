/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models in folders, looked at without a server.
 *
 * The speed is that of one thread here and now, over text of made-up words
 * that are as often as words are (Zipf's law), cut as documents are.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/term.h"
#include "embed/embed.h"
#include "embed/static.h"
#include "sys/clock.h"

#define TEXT_BYTES (1u << 20)
#define PIECE_BYTES 1200u
#define WORDS_KNOWN 20000u
#define MEASURE_US 500000

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

/* MB of text in a second. */
static int
speed_measure(struct embedder *embedder, double *ret_speed,
    struct err_note *note)
{
	size_t dimensions = embedder->dimensions, at = 0;
	struct embed_text text = { .len = PIECE_BYTES };
	struct buf words;
	uint64_t bytes = 0;
	int64_t begin_us, us = 0;
	float *vector;
	int err;

	buf_init(&words, 2 * TEXT_BYTES);
	vector = mem_array(dimensions, sizeof(*vector));
	err = vector == NULL ? ERR_NOMEM : text_make(&words);
	begin_us = clock_mono_us();
	while (err == 0 && us < MEASURE_US) {
		text.text = buf_text(&words) + at;
		err = embedder->run(embedder, &text, 1, vector, note);
		bytes += PIECE_BYTES;
		at = (at + PIECE_BYTES) % (TEXT_BYTES - PIECE_BYTES);
		us = clock_mono_us() - begin_us;
	}
	if (err == 0)
		*ret_speed = (double)bytes / (double)us;
	mem_free(vector);
	buf_fini(&words);
	return err;
}

static void
model_print(const struct embedder *embedder, const struct static_info *info,
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
model_print_json(const struct embedder *embedder,
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

int
cmd_model(const struct args *args)
{
	struct err_note note = { .text = "" };
	struct embedder *embedder = NULL;
	struct static_info info;
	double speed = 0;
	int err;

	if (args->word_count != 2 || strcmp(args->words[0], "check") != 0) {
		(void)err_set(&note, ERR_INVALID,
		    "usage: tidemark model check DIR");
		return cmd_error("model", ERR_INVALID, &note);
	}
	err = embed_static_new(args->words[1], &embedder, &note);
	if (err == 0)
		err = speed_measure(embedder, &speed, &note);
	if (err == 0) {
		embed_static_info(embedder, &info);
		if (args_has(args, OPT(JSON)))
			err = model_print_json(embedder, &info, speed);
		else
			model_print(embedder, &info, speed);
	}
	if (embedder != NULL)
		embedder->close(embedder);
	/* A folder that will not do is an answer, not a wrong argument. */
	return err < 0 ? cmd_error("model", err, &note) : CMD_DONE;
}
