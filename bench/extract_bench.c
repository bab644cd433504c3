/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_bench: how fast files become blocks: the extractor alone, as the
 * server uses it, nothing stored.
 *
 *	extract_bench EXTRACTOR THREADS FILE...
 *
 * Each thread has a warm extractor of its own and takes the next file when it
 * is done with one.  Prints the seconds from the first request to the last
 * answer, the files that could be read, and the bytes of their text.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "extract/extract.h"
#include "model/block.h"

#define THREADS_MAX 64

struct work {
	const char *program;
	char **files;
	size_t count;
	atomic_size_t next;
	atomic_uint_least64_t read, bytes;
	pthread_barrier_t ready;
};

static int
take_block(void *arg, const struct block *block)
{
	struct work *work = arg;

	atomic_fetch_add(&work->bytes, block->len);
	return 0;
}

static int
take_property(void *arg, enum property property, const char *words)
{
	(void)arg;
	(void)property;
	(void)words;
	return 0;
}

static int
take_member(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 0;
}

static int
take_member_bytes(void *arg, const void *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
	return 0;
}

static int
take_member_end(void *arg, enum item_code code, const char *message)
{
	(void)arg;
	(void)code;
	(void)message;
	return 0;
}

static const struct extract_sink sink = {take_block, take_property,
    take_member, take_member_bytes, take_member_end};

static _Noreturn void
die(const char *what, const char *words)
{
	(void)fprintf(stderr, "extract_bench: %s: %s\n", what, words);
	exit(1);
}

static void
run_file(struct work *work, struct extractor *extractor, const char *path)
{
	struct extract_result result;
	struct err_note note = {""};
	const char *name = strrchr(path, '/');
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path, "cannot be opened");
	err = extractor_run(extractor, fd, name == NULL ? path : name + 1,
	    &extract_limits_default, NULL, &sink, work, &result, &note);
	if (err < 0)
		die(path, err_words(&note, err));
	if (result.code == ITEM_CODE_NONE)
		atomic_fetch_add(&work->read, 1);
	else
		(void)fprintf(stderr, "%s: %s\n", path, result.message);
	(void)close(fd); /* only read */
}

static void *
run(void *arg)
{
	struct work *work = arg;
	struct extractor *extractor = extractor_new(work->program);
	struct err_note note = {""};
	size_t i;

	if (extractor == NULL || extractor_probe(extractor, &note) < 0)
		die(work->program, note.text);
	(void)pthread_barrier_wait(&work->ready);
	while ((i = atomic_fetch_add(&work->next, 1)) < work->count)
		run_file(work, extractor, work->files[i]);
	(void)pthread_barrier_wait(&work->ready);
	extractor_close(extractor);
	return NULL;
}

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int
main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	unsigned i, count;
	struct work work;
	double begin, taken;

	count = argc < 4 ? 0 : (unsigned)strtoul(argv[2], NULL, 10);
	if (count < 1 || count > THREADS_MAX) {
		(void)fputs("usage: extract_bench EXTRACTOR THREADS FILE...\n",
		    stderr);
		return 2;
	}
	memset(&work, 0, sizeof(work));
	work.program = argv[1];
	work.files = argv + 3;
	work.count = (size_t)argc - 3;
	(void)pthread_barrier_init(&work.ready, NULL, count + 1);
	for (i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, run, &work) != 0)
			die("threads", "cannot be started");
	(void)pthread_barrier_wait(&work.ready);
	begin = seconds();
	(void)pthread_barrier_wait(&work.ready);
	taken = seconds() - begin;
	for (i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&work.ready);
	(void)printf("%.6f %llu %llu\n", taken,
	    (unsigned long long)work.read, (unsigned long long)work.bytes);
	return 0;
}
