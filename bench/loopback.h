/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loopback: what the clients of benchmarks share: a connection to a server of
 * this machine, an answer read to its end, times.  A client that cannot go on
 * says why and ends the program.
 */
#ifndef BENCH_LOOPBACK_H
#define BENCH_LOOPBACK_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000ll

static inline _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static inline void
sleep_until(int64_t at_ns)
{
	struct timespec ts = {at_ns / SECOND_NS, at_ns % SECOND_NS};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
		;
}

static inline int
loopback_connect(in_port_t port)
{
	struct sockaddr_in address = {0};
	int one = 1, fd;

	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address,
		sizeof(address)) < 0)
		die("cannot connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* Is the answer complete?  JSON has no bare line ends within texts, so the
 * last piece of a chunked answer is found by its end. */
static inline bool
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

/* Send a request and read its answer, terminated, to the end: the status. */
static inline int
loopback_ask(int fd, const char *request, size_t len, char *answer,
    size_t size)
{
	size_t got = 0;
	ssize_t n;

	if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("cannot send");
	do {
		n = recv(fd, answer + got, size - 1 - got, 0);
		if (n <= 0)
			die("no answer");
		got += (size_t)n;
		answer[got] = '\0';
	} while (!answer_is_whole(answer, got));
	return strncmp(answer, "HTTP/1.1 ", 9) == 0
	    ? (int)strtol(answer + 9, NULL, 10) : 0;
}

static inline int
sample_order(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

#endif
