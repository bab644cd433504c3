/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate_client: how long answers take when requests come at a fixed rate.
 *
 *	rate_client KEY [PORT RATE PATH]...
 *
 * Each PATH gets a thread and a connection of its own on 127.0.0.1 and is
 * asked RATE times a second until standard input ends.  The time of an answer
 * counts from when its request was due, not from when it was sent: an answer
 * that is late makes the following ones late as well, as it would for people.
 * Prints a line per PATH: requests, median, 99 of 100, slowest (microseconds),
 * answers that were not 200.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "loopback.h"

#define PATHS_MAX 16
#define SAMPLES_MAX 1000000u
#define REPLY_BYTES_MAX (16 * MIB)

struct asker {
	pthread_t thread;
	const char *path;
	in_port_t port;
	int64_t gap_ns;
	char request[4096];
	size_t request_len;
	int fd;
	char *answer;
	uint32_t *samples_us;
	size_t count;
	unsigned bad;
};

static atomic_bool is_over;

static void
asker_ask(struct asker *asker)
{
	if (loopback_ask(asker->fd, asker->request, asker->request_len,
		asker->answer, REPLY_BYTES_MAX + 1) != 200)
		asker->bad++;
}

static void *
asker_run(void *arg)
{
	struct asker *asker = arg;
	int64_t due = now_ns();

	while (!atomic_load(&is_over) && asker->count < SAMPLES_MAX) {
		due += asker->gap_ns;
		sleep_until(due);
		asker_ask(asker);
		asker->samples_us[asker->count++] =
		    (uint32_t)((now_ns() - due) / 1000);
	}
	return NULL;
}

static void
asker_print(struct asker *asker)
{
	size_t n = asker->count;

	if (n == 0)
		die("nothing was asked");
	qsort(asker->samples_us, n, sizeof(uint32_t), sample_order);
	(void)printf("%zu %u %u %u %u\n", n, asker->samples_us[n / 2],
	    asker->samples_us[n * 99 / 100], asker->samples_us[n - 1],
	    asker->bad);
}

static void
asker_start(struct asker *asker, const char *key, char **words)
{
	asker->port = (in_port_t)strtoul(words[0], NULL, 10);
	asker->gap_ns = SECOND_NS / strtol(words[1], NULL, 10);
	asker->path = words[2];
	asker->request_len = (size_t)snprintf(asker->request,
	    sizeof(asker->request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Authorization: Bearer %s\r\n\r\n", asker->path, key);
	asker->answer = mem_alloc(REPLY_BYTES_MAX + 1);
	asker->samples_us = mem_array(SAMPLES_MAX, sizeof(uint32_t));
	if (asker->request_len >= sizeof(asker->request) ||
	    asker->answer == NULL || asker->samples_us == NULL)
		die("no memory");
	asker->fd = loopback_connect(asker->port);
	asker_ask(asker);
	if (pthread_create(&asker->thread, NULL, asker_run, asker) != 0)
		die("cannot start a thread");
}

int
main(int argc, char **argv)
{
	static struct asker askers[PATHS_MAX];
	size_t i, count = argc < 5 ? 0 : (size_t)(argc - 2) / 3;
	char byte;

	if (count == 0 || count > PATHS_MAX || (argc - 2) % 3 != 0) {
		(void)fprintf(stderr,
		    "usage: rate_client KEY [PORT RATE PATH]...\n");
		return 2;
	}
	for (i = 0; i < count; i++)
		asker_start(&askers[i], argv[1], argv + 2 + 3 * i);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&is_over, true);
	for (i = 0; i < count; i++) {
		(void)pthread_join(askers[i].thread, NULL);
		asker_print(&askers[i]);
		(void)close(askers[i].fd);
		mem_free(askers[i].answer);
		mem_free(askers[i].samples_us);
	}
	return 0;
}
