/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_peer: a little HTTP server on loopback that behaves as badly as a
 * test wants, by the path that it is asked for.
 *
 * One thread accepts; each connection has a thread of its own and is served
 * until one side closes it.  What hangs waits on a condition for
 * peer_release() or peer_close(), never for time.
 */
#ifndef TESTS_HTTP_PEER_H
#define TESTS_HTTP_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/limits.h"

#define PEER_CONNECTIONS_MAX 64
#define PEER_REQUEST_MAX (2 * MIB)
#define PEER_REQUEST_USUAL (16 * KIB)

struct peer;

/*
 * Answer the request (head and body as they came) on fd; true: the
 * connection may be used again.
 */
typedef bool peer_fn(struct peer *peer, int fd, const char *path,
    const char *request);

struct peer_connection {
	struct peer *peer;
	pthread_t thread;
	struct buf in;
	int fd;
};

struct peer {
	peer_fn *fn;
	void *arg;
	int listen_fd;
	int wake[2]; /* its end says that all is over */
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t cond;
	struct peer_connection connections[PEER_CONNECTIONS_MAX];
	unsigned connection_count;
	unsigned request_count;
	unsigned busy;	  /* requests that are being answered */
	unsigned hanging; /* requests that wait for the release */
	bool is_released;
	struct buf last; /* the last request */
};

/* The client may be gone: that is what some tests are about. */
static inline void
peer_send(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static inline void
peer_say(int fd, const char *text)
{
	peer_send(fd, text, strlen(text));
}

/* A whole answer; headers: lines with \r\n, or "". */
static inline bool
peer_answer(int fd, const char *status, const char *headers,
    const char *body)
{
	char head[2048];

	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status,
	    strlen(body), headers);
	peer_say(fd, head);
	peer_say(fd, body);
	return true;
}

/* Wait until the test lets go. */
static inline void
peer_hang(struct peer *peer)
{
	(void)pthread_mutex_lock(&peer->lock);
	peer->hanging++;
	(void)pthread_cond_broadcast(&peer->cond);
	while (!peer->is_released)
		(void)pthread_cond_wait(&peer->cond, &peer->lock);
	(void)pthread_mutex_unlock(&peer->lock);
}

static inline void
peer_wait_hanging(struct peer *peer, unsigned count)
{
	(void)pthread_mutex_lock(&peer->lock);
	while (peer->hanging < count)
		(void)pthread_cond_wait(&peer->cond, &peer->lock);
	(void)pthread_mutex_unlock(&peer->lock);
}

/* Until nobody looks at what it is to answer: a client may have its answer,
 * or have gone, before that. */
static inline void
peer_wait_idle(struct peer *peer)
{
	(void)pthread_mutex_lock(&peer->lock);
	while (peer->busy > 0)
		(void)pthread_cond_wait(&peer->cond, &peer->lock);
	(void)pthread_mutex_unlock(&peer->lock);
}

static inline void
peer_release(struct peer *peer)
{
	(void)pthread_mutex_lock(&peer->lock);
	peer->is_released = true;
	(void)pthread_cond_broadcast(&peer->cond);
	(void)pthread_mutex_unlock(&peer->lock);
}

static inline unsigned
peer_requests(struct peer *peer)
{
	unsigned count;

	(void)pthread_mutex_lock(&peer->lock);
	count = peer->request_count;
	(void)pthread_mutex_unlock(&peer->lock);
	return count;
}

static inline unsigned
peer_connections(struct peer *peer)
{
	unsigned count;

	(void)pthread_mutex_lock(&peer->lock);
	count = peer->connection_count;
	(void)pthread_mutex_unlock(&peer->lock);
	return count;
}

/* Does the last request hold these bytes? */
static inline bool
peer_heard(struct peer *peer, const char *text)
{
	bool is_there;

	(void)pthread_mutex_lock(&peer->lock);
	is_there = strstr(buf_text(&peer->last), text) != NULL;
	(void)pthread_mutex_unlock(&peer->lock);
	return is_there;
}

/* The length of the request in buf, 0 while it is not whole. */
static inline size_t
peer_request_len(const struct buf *buf)
{
	const char *end = strstr(buf_text(buf), "\r\n\r\n");
	const char *length = strcasestr(buf_text(buf), "\r\ncontent-length:");
	size_t len;

	if (end == NULL)
		return 0;
	len = (size_t)(end - buf->data) + 4;
	if (length != NULL && length < end)
		len += strtoul(length + 17, NULL, 10);
	return buf->len >= len ? len : 0;
}

/* Wait for bytes or the end of the test: false when there is no more. */
static inline bool
peer_read(struct peer_connection *connection, struct buf *in)
{
	struct pollfd fds[2] = {
	    {.fd = connection->fd, .events = POLLIN},
	    {.fd = connection->peer->wake[0], .events = POLLIN},
	};
	char bytes[16384];
	ssize_t n;

	if (poll(fds, 2, -1) < 0 || fds[0].revents == 0)
		return false;
	n = recv(connection->fd, bytes, sizeof(bytes), 0);
	return n > 0 && buf_put(in, bytes, (size_t)n) == 0;
}

static inline void *
peer_serve(void *arg)
{
	struct peer_connection *connection = arg;
	struct peer *peer = connection->peer;
	struct buf *in = &connection->in;
	char path[256];
	bool goes_on = true;

	while (goes_on) {
		buf_clear(in);
		while (peer_request_len(in) == 0)
			if (!peer_read(connection, in))
				goto out;
		path[0] = '\0';
		(void)sscanf(in->data, "%*s %255s", path);
		(void)pthread_mutex_lock(&peer->lock);
		peer->request_count++;
		peer->busy++;
		buf_clear(&peer->last);
		(void)buf_put(&peer->last, in->data, in->len);
		(void)pthread_mutex_unlock(&peer->lock);
		goes_on = peer->fn(peer, connection->fd, path, in->data);
		(void)pthread_mutex_lock(&peer->lock);
		peer->busy--;
		(void)pthread_cond_broadcast(&peer->cond);
		(void)pthread_mutex_unlock(&peer->lock);
	}
out:
	(void)close(connection->fd);
	return NULL;
}

static inline void *
peer_accept(void *arg)
{
	struct peer *peer = arg;
	struct pollfd fds[2] = {
	    {.fd = peer->listen_fd, .events = POLLIN},
	    {.fd = peer->wake[0], .events = POLLIN},
	};
	struct peer_connection *connection;
	int fd;

	while (poll(fds, 2, -1) >= 0 && fds[1].revents == 0) {
		fd = accept4(peer->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			break;
		(void)pthread_mutex_lock(&peer->lock);
		ASSERT(peer->connection_count < PEER_CONNECTIONS_MAX);
		connection = &peer->connections[peer->connection_count++];
		connection->peer = peer;
		connection->fd = fd;
		if (pthread_create(&connection->thread, NULL, peer_serve,
			connection) != 0)
			ASSERT(false);
		(void)pthread_mutex_unlock(&peer->lock);
	}
	return NULL;
}

static inline void
peer_open(struct peer *peer, peer_fn *fn, void *arg)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	unsigned i;

	*peer = (struct peer){.fn = fn, .arg = arg};
	/* Allocated now: later the test may be letting allocations fail. */
	buf_init(&peer->last, PEER_REQUEST_MAX);
	(void)buf_reserve(&peer->last, PEER_REQUEST_USUAL);
	for (i = 0; i < PEER_CONNECTIONS_MAX; i++) {
		buf_init(&peer->connections[i].in, PEER_REQUEST_MAX);
		(void)buf_reserve(&peer->connections[i].in,
		    PEER_REQUEST_USUAL);
	}
	(void)pthread_mutex_init(&peer->lock, NULL);
	(void)pthread_cond_init(&peer->cond, NULL);
	peer->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer->listen_fd < 0 ||
	    bind(peer->listen_fd, (struct sockaddr *)&address, len) < 0 ||
	    listen(peer->listen_fd, 16) < 0 ||
	    getsockname(peer->listen_fd, (struct sockaddr *)&address, &len) <
		0 ||
	    pipe(peer->wake) < 0 ||
	    pthread_create(&peer->thread, NULL, peer_accept, peer) != 0)
		ASSERT(false);
	peer->port = ntohs(address.sin_port);
}

/* All clients should be closed: what they have not read is lost. */
static inline void
peer_close(struct peer *peer)
{
	unsigned i;

	peer_release(peer);
	(void)close(peer->wake[1]);
	(void)pthread_join(peer->thread, NULL);
	for (i = 0; i < peer->connection_count; i++)
		(void)pthread_join(peer->connections[i].thread, NULL);
	(void)close(peer->listen_fd);
	(void)close(peer->wake[0]);
	for (i = 0; i < PEER_CONNECTIONS_MAX; i++)
		buf_fini(&peer->connections[i].in);
	buf_fini(&peer->last);
	(void)pthread_cond_destroy(&peer->cond);
	(void)pthread_mutex_destroy(&peer->lock);
}

#endif
