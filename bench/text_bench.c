/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_bench: how fast one thread cleans, cuts, tags and embeds a text file.
 *
 *	text_bench FILE [ROUNDS]
 *
 * The file is taken as plain text: paragraphs stand between empty lines, as
 * the extractor has them; finding them is not measured.  Each figure is the
 * best of ROUNDS (default 5) in MB of the file per second of CPU time.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "embed/embed.h"
#include "model/block.h"
#include "text/chunk.h"
#include "text/clean.h"
#include "text/tags.h"
#include "text/words.h"

#define DOCUMENT_BYTES (8 * KIB) /* tags are made for pieces like these */

struct input {
	char *text;
	size_t len;
	struct block *blocks;
	size_t block_count;
};

struct segments {
	struct buf text;
	struct embed_text *rows;
	size_t count, size;
	bool must_keep;
	uint64_t sum;
};

static double
cpu_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "text_bench: %s\n", what);
	exit(1);
}

static void
read_file(const char *path, struct input *input)
{
	struct buf buf;
	char piece[65536];
	size_t n;
	FILE *file;

	file = fopen(path, "rb");
	if (file == NULL)
		die("cannot open the file");
	buf_init(&buf, GIB);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		(void)buf_put(&buf, piece, n);
	(void)fclose(file);
	input->len = buf.len;
	input->text = buf_take(&buf);
	if (input->text == NULL || input->len == 0)
		die("cannot read the file");
	if (!utf8_is_valid(input->text, input->len))
		die("the file is not UTF-8");
}

/* Paragraphs: what stands between empty lines. */
static void
find_blocks(struct input *input)
{
	const char *at = input->text, *end = input->text + input->len, *stop;
	struct block *block;

	input->blocks = mem_array(input->len / 2 + 1, sizeof(*block));
	if (input->blocks == NULL)
		die("out of memory");
	while (at < end) {
		stop = strstr(at, "\n\n");
		if (stop == NULL)
			stop = end;
		if (stop > at) {
			block = &input->blocks[input->block_count++];
			memset(block, 0, sizeof(*block));
			block->kind = BLOCK_PARAGRAPH;
			block->text = at;
			block->len = (size_t)(stop - at);
		}
		at = stop == end ? end : stop + 2;
	}
}

static int
take_chunk(void *arg, const struct chunk *chunk)
{
	struct segments *segments = arg;

	segments->sum += chunk->len;
	if (!segments->must_keep)
		return 0;
	if (segments->count == segments->size)
		die("too many segments");
	segments->rows[segments->count++].len = chunk->len;
	return buf_put(&segments->text, chunk->text, chunk->len);
}

static void
clean_and_chunk(const struct input *input, struct segments *segments)
{
	struct chunker *chunker;
	struct block block;
	struct buf clean;
	size_t i;

	buf_init(&clean, 8 * MIB);
	chunker = chunker_new(&chunk_rule_default, take_chunk, segments);
	if (chunker == NULL)
		die("out of memory");
	for (i = 0; i < input->block_count; i++) {
		block = input->blocks[i];
		buf_clear(&clean);
		if (clean_block(&block, &clean) < 0)
			die("cleaning failed");
		block.text = buf_text(&clean);
		block.len = clean.len;
		if (chunker_add(chunker, &block) < 0)
			die("chunking failed");
	}
	if (chunker_end(chunker) < 0)
		die("chunking failed");
	chunker_free(chunker);
	buf_fini(&clean);
}

static void
clean_only(const struct input *input, struct segments *segments)
{
	struct buf clean;
	size_t i;

	buf_init(&clean, 8 * MIB);
	for (i = 0; i < input->block_count; i++) {
		buf_clear(&clean);
		if (clean_block(&input->blocks[i], &clean) < 0)
			die("cleaning failed");
		segments->sum += clean.len;
	}
	buf_fini(&clean);
}

static int
count_word(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct segments *segments = arg;

	(void)term;
	(void)start;
	(void)end;
	segments->sum += len;
	return 0;
}

static void
cut_words(const struct input *input, struct segments *segments)
{
	(void)words_each(input->text, input->len, count_word, segments);
}

static void
make_tags(const struct input *input, struct segments *segments)
{
	struct tagger *tagger = tagger_new();
	static struct tags tags;
	size_t i, bytes = 0;

	(void)input;
	if (tagger == NULL)
		die("out of memory");
	for (i = 0; i < segments->count; i++) {
		if (tagger_add(tagger, segments->rows[i].text,
			segments->rows[i].len) < 0)
			die("tagging failed");
		bytes += segments->rows[i].len;
		if (bytes < DOCUMENT_BYTES && i + 1 < segments->count)
			continue;
		if (tagger_end(tagger, &tags) < 0)
			die("tagging failed");
		segments->sum += tags.keyphrase_count;
		tagger_clear(tagger);
		bytes = 0;
	}
	tagger_free(tagger);
}

static void
embed(const struct input *input, struct segments *segments)
{
	struct embedder *embedder = embed_lexical_new();
	static float vectors[16 * DIMENSIONS_MAX];
	size_t i, n;

	(void)input;
	if (embedder == NULL)
		die("out of memory");
	for (i = 0; i < segments->count; i += n) {
		n = segments->count - i < 16 ? segments->count - i : 16;
		if (embedder->run(embedder, segments->rows + i, n, vectors,
			NULL) < 0)
			die("embedding failed");
	}
	embedder->close(embedder);
}

static double
measure(const char *name, void (*run)(const struct input *, struct segments *),
    const struct input *input, struct segments *segments, int rounds)
{
	double best = 0, begin, taken;
	int i;

	for (i = 0; i < rounds; i++) {
		begin = cpu_seconds();
		run(input, segments);
		taken = cpu_seconds() - begin;
		if (i == 0 || taken < best)
			best = taken;
	}
	(void)printf("%-20s %8.1f MB/s %7.2f ns/byte\n", name,
	    (double)input->len / best / 1e6,
	    best * 1e9 / (double)input->len);
	return best;
}

int
main(int argc, char **argv)
{
	struct segments segments = { 0 };
	struct input input = { 0 };
	double tags, vectors;
	size_t i, at = 0;
	int rounds;

	if (argc < 2 || argc > 3)
		die("usage: text_bench FILE [ROUNDS]");
	rounds = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 5;
	if (rounds < 1)
		rounds = 1;
	read_file(argv[1], &input);
	find_blocks(&input);
	buf_init(&segments.text, 2 * GIB);
	segments.size = input.len / 16 + 16;
	segments.rows = mem_array(segments.size, sizeof(*segments.rows));
	if (segments.rows == NULL)
		die("out of memory");
	segments.must_keep = true;
	clean_and_chunk(&input, &segments);
	segments.must_keep = false;
	for (i = 0; i < segments.count; i++) {
		segments.rows[i].text = segments.text.data + at;
		at += segments.rows[i].len;
	}
	(void)printf("%zu bytes, %zu paragraphs, %zu segments\n", input.len,
	    input.block_count, segments.count);
	(void)measure("clean", clean_only, &input, &segments, rounds);
	(void)measure("clean + chunk", clean_and_chunk, &input, &segments,
	    rounds);
	(void)measure("words", cut_words, &input, &segments, rounds);
	tags = measure("tags", make_tags, &input, &segments, rounds);
	vectors = measure("embed (lexical)", embed, &input, &segments, rounds);
	(void)printf("%-20s %8.1f MB/s %7.2f ns/byte\n", "tags + embed",
	    (double)input.len / (tags + vectors) / 1e6,
	    (tags + vectors) * 1e9 / (double)input.len);
	/* So that no compiler finds the work to be in vain. */
	(void)printf("checksum %llu\n", (unsigned long long)segments.sum);
	buf_fini(&segments.text);
	mem_free(segments.rows);
	mem_free(input.blocks);
	mem_free(input.text);
	return 0;
}
