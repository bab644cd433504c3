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
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

#define PATHS_MAX 16
#define SAMPLES_MAX 1000000u
#define ANSWER_BYTES_MAX (16 * MIB)
#define SECOND_NS 1000000000ll

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

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "rate_client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static void
sleep_until(int64_t at_ns)
{
	struct timespec ts = {at_ns / SECOND_NS, at_ns % SECOND_NS};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
		;
}

static void
asker_connect(struct asker *asker)
{
	struct sockaddr_in address = {0};
	int one = 1;

	address.sin_family = AF_INET;
	address.sin_port = htons(asker->port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	asker->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (asker->fd < 0 || connect(asker->fd, (struct sockaddr *)&address,
		sizeof(address)) < 0)
		die("cannot connect");
	(void)setsockopt(asker->fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof(one));
}

/* Is the answer complete?  JSON has no bare line ends within texts, so the
 * last piece of a chunked answer is found by its end. */
static bool
answer_is_whole(const char *answer, size_t len)
{
	static const char last[] = "\r\n0\r\n\r\n";
	const char *head_end = strstr(answer, "\r\n\r\n"), *length;
	size_t head;

	if (head_end == NULL)
		return false;
	head = (size_t)(head_end - answer) + 4;
	length = strcasestr(answer, "\r\nContent-Length:");
	if (length != NULL && length < head_end)
		return len >= head + strtoul(length + 17, NULL, 10);
	return len >= head + sizeof(last) - 1 &&
	    strcmp(answer + len - (sizeof(last) - 1), last) == 0;
}

static void
asker_ask(struct asker *asker)
{
	size_t len = 0;
	ssize_t n;

	if (send(asker->fd, asker->request, asker->request_len,
		MSG_NOSIGNAL) != (ssize_t)asker->request_len)
		die("cannot send");
	do {
		n = recv(asker->fd, asker->answer + len,
		    ANSWER_BYTES_MAX - len, 0);
		if (n <= 0)
			die("no answer");
		len += (size_t)n;
		asker->answer[len] = '\0';
	} while (!answer_is_whole(asker->answer, len));
	if (strncmp(asker->answer, "HTTP/1.1 200", 12) != 0)
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

static int
sample_order(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
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
	asker->answer = mem_alloc(ANSWER_BYTES_MAX + 1);
	asker->samples_us = mem_array(SAMPLES_MAX, sizeof(uint32_t));
	if (asker->request_len >= sizeof(asker->request) ||
	    asker->answer == NULL || asker->samples_us == NULL)
		die("no memory");
	asker_connect(asker);
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
