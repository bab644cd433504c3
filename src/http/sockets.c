/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebSockets.  One thread has all of them, from the upgrade to the end:
 *
 *	MHD (on_upgrade) --> sockets thread <--> pool (socket_fill)
 *	                          |  poll: bytes, commits, time
 *	                          +--> MHD (MHD_UPGRADE_ACTION_CLOSE)
 *
 * Whoever has the connection has the socket.  It belongs to MHD until the
 * answer 101 has been sent, to the thread afterwards, and to MHD again with
 * MHD_upgrade_action(), which closes the connection and frees both.  While a
 * text is made a thread of the pool has what is needed for it, and hands that
 * back under the lock; nothing else of a socket is shared.
 *
 * A text is made only when the one before has left: a client that reads slowly
 * misses what was between, and costs one text of memory.
 *
 *	OPEN --close sent or come--> CLOSING --both, or time--> closed
 *	  '------the peer is gone, silent, or too slow----------^
 */
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "http/sockets_int.h"
#include "sys/clock.h"
#include "sys/thread.h"

/* A peer that does not answer a ping until the next one is due is gone. */
#define PING_MS 20000u

static int64_t
now_ms(void)
{
	return clock_mono_us() / 1000;
}

void
sockets_kick(struct sockets *sockets)
{
	uint64_t one = 1;
	ssize_t n;

	/* Full only when it was kicked 2^64 times: woken anyway. */
	n = write(sockets->event_fd, &one, sizeof(one));
	(void)n;
}

void
sockets_notify(struct sockets *sockets)
{
	if (atomic_load(&sockets->open) > 0)
		sockets_kick(sockets);
}

uint64_t
sockets_open(const struct sockets *sockets)
{
	return sockets == NULL ? 0 : atomic_load(&sockets->open);
}

/* ---- the thread ---------------------------------------------------------- */

void
sockets_upgrade(void *cls, struct MHD_Connection *mhd, void *context,
    const char *early, size_t early_len, MHD_socket fd,
    struct MHD_UpgradeResponseHandle *urh)
{
	struct http_socket *socket = cls;
	struct sockets *sockets = socket->conn->server->sockets;
	bool is_late;

	(void)mhd;
	(void)context;
	socket->urh = urh;
	socket->fd = fd;
	/* What does not fit is seen: the peer is refused. */
	(void)buf_put(&socket->early, early, early_len);
	(void)pthread_mutex_lock(&sockets->lock);
	is_late = sockets->has_ended;
	if (!is_late) {
		socket->next = sockets->arrived;
		sockets->arrived = socket;
	}
	(void)pthread_mutex_unlock(&sockets->lock);
	if (is_late)
		(void)MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
	else
		sockets_kick(sockets);
}

/* Takes those that came; false: it is time to end. */
static bool
sockets_take(struct sockets *sockets)
{
	struct http_socket *socket, *arrived;
	bool ends;

	(void)pthread_mutex_lock(&sockets->lock);
	arrived = sockets->arrived;
	sockets->arrived = NULL;
	ends = sockets->ends;
	sockets->has_ended = ends;
	(void)pthread_mutex_unlock(&sockets->lock);
	while ((socket = arrived) != NULL) {
		arrived = socket->next;
		socket->next = sockets->list;
		sockets->list = socket;
		socket_open(sockets, socket);
	}
	return !ends;
}

/* A turn for each.  Those that are over go back to MHD, and all that the pool
 * does not have when everything ends. */
static void
sockets_turn(struct sockets *sockets, bool ends, int64_t *next_ms)
{
	struct http_socket **at = &sockets->list, *socket;
	struct MHD_UpgradeResponseHandle *urh;
	int64_t now = now_ms();

	while ((socket = *at) != NULL) {
		if (socket_turn(sockets, socket, now, next_ms) &&
		    (!ends || socket->has_asked)) {
			at = &socket->next;
			continue;
		}
		*at = socket->next;
		urh = socket->urh;
		/* It may be freed before this returns. */
		(void)MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
	}
}

static void
sockets_poll(struct sockets *sockets, int64_t next_ms)
{
	struct http_socket *socket;
	struct pollfd *fd = sockets->fds;
	int64_t wait_ms = next_ms - now_ms();
	uint64_t count;
	ssize_t n;

	*fd++ = (struct pollfd){.fd = sockets->event_fd, .events = POLLIN};
	for (socket = sockets->list; socket != NULL; socket = socket->next) {
		ASSERT(fd < sockets->fds + HTTP_CONNECTIONS_MAX + 1);
		fd->fd = socket->is_done ? -1 : socket->fd;
		fd->events = POLLIN;
		if (!socket->is_done && frames_wants_write(socket->frames))
			fd->events |= POLLOUT;
		fd->revents = 0;
		fd++;
	}
	wait_ms = wait_ms < 0 ? 0 : wait_ms;
	if (poll(sockets->fds, (nfds_t)(fd - sockets->fds), (int)wait_ms) <= 0)
		return;
	n = read(sockets->event_fd, &count, sizeof(count));
	(void)n; /* nothing in it: it was not that */
	fd = sockets->fds + 1;
	for (socket = sockets->list; socket != NULL; socket = socket->next)
		if ((fd++->revents & ~POLLOUT) != 0) {
			socket->turn = 0;
			frames_read(socket->frames);
		}
}

static void *
sockets_run(void *arg)
{
	struct sockets *sockets = arg;
	int64_t next_ms;
	bool goes_on;

	for (;;) {
		next_ms = now_ms() + sockets->ping_ms;
		goes_on = sockets_take(sockets);
		sockets_turn(sockets, !goes_on, &next_ms);
		if (!goes_on && sockets->list == NULL)
			break;
		sockets_poll(sockets, next_ms);
	}
	return NULL;
}

/* ---- the server's side --------------------------------------------------- */

int
sockets_start(struct http_server *server, unsigned ping_ms)
{
	struct sockets *sockets;
	int err;

	sockets = mem_zalloc(sizeof(*sockets));
	if (sockets == NULL)
		return ERR_NOMEM;
	server->sockets = sockets;
	sockets->server = server;
	sockets->ping_ms = ping_ms == 0 ? PING_MS : ping_ms;
	(void)pthread_mutex_init(&sockets->lock, NULL);
	sockets->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (sockets->event_fd < 0)
		return ERR_IO;
	err = thread_start(&sockets->thread, "http-sockets", sockets_run,
	    sockets);
	sockets->has_thread = err == 0;
	return err;
}

void
sockets_break(struct sockets *sockets)
{
	if (sockets != NULL && sockets->has_thread)
		sockets_kick(sockets);
}

void
sockets_stop(struct sockets *sockets)
{
	if (sockets == NULL || !sockets->has_thread)
		return;
	(void)pthread_mutex_lock(&sockets->lock);
	sockets->ends = true;
	(void)pthread_mutex_unlock(&sockets->lock);
	sockets_kick(sockets);
	(void)pthread_join(sockets->thread, NULL);
	sockets->has_thread = false;
}

void
sockets_free(struct sockets *sockets)
{
	if (sockets == NULL)
		return;
	if (sockets->event_fd >= 0)
		(void)close(sockets->event_fd);
	(void)pthread_mutex_destroy(&sockets->lock);
	mem_free(sockets);
}
