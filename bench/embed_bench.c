/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed_bench: how fast one thread embeds a text by a static model.
 *
 *	embed_bench MODEL FILE [ROUNDS]
 *
 * The file is cut at blanks into pieces of about 1,200 bytes, as segments are.
 * Prints the best of ROUNDS (default 5) in MB of the file per second of
 * processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/static.h"
#include "sys/fs.h"

#define PIECE_BYTES 1200u
#define PIECES 64u /* in one run */
#define ROUNDS_MAX 1000

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "embed_bench: %s\n", what);
	exit(1);
}

static double
cpu_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static size_t
piece_end(const char *text, size_t len, size_t at)
{
	for (at += PIECE_BYTES; at < len; at++)
		if (text[at] == ' ' || text[at] == '\n')
			return at;
	return len;
}

static double
round_run(struct embedder *embedder, const char *text, size_t len,
    float *vectors)
{
	struct embed_text pieces[PIECES];
	double begun = cpu_seconds();
	size_t at = 0, end, count;

	while (at < len) {
		for (count = 0; count < PIECES && at < len; count++) {
			end = piece_end(text, len, at);
			pieces[count] =
			    (struct embed_text){text + at, end - at};
			at = end;
		}
		if (embedder->run(embedder, pieces, count, vectors, NULL) < 0)
			die("not embedded");
	}
	return (double)len / 1e6 / (cpu_seconds() - begun);
}

int
main(int argc, char **argv)
{
	struct err_note note = {.text = ""};
	struct embedder *embedder;
	double speed, best = 0;
	struct buf text;
	float *vectors;
	int i, rounds = 5;

	if (argc < 3)
		die("usage: embed_bench MODEL FILE [ROUNDS]");
	if (argc > 3)
		rounds = (int)strtol(argv[3], NULL, 10);
	if (rounds < 1 || rounds > ROUNDS_MAX)
		die("so many rounds are not made");
	buf_init(&text, GIB);
	if (fs_read_file(argv[2], &text, &note) < 0 ||
	    embed_static_new(argv[1], &embedder, &note) < 0)
		die(note.text);
	vectors = mem_array(PIECES * embedder->dimensions, sizeof(*vectors));
	if (vectors == NULL || text.len == 0)
		die("nothing to embed");
	for (i = 0; i < rounds; i++) {
		speed = round_run(embedder, buf_text(&text), text.len,
		    vectors);
		best = speed > best ? speed : best;
	}
	(void)printf("%zu dimensions %.1f MB/s\n",
	    (size_t)embedder->dimensions, best);
	mem_free(vectors);
	embedder->close(embedder);
	buf_fini(&text);
	return 0;
}
