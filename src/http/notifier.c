/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread that wakes those who wait, and cuts off those who dawdle.
 *
 * Waiters are suspended connections in server->waiters; the lock guards the
 * list and each waiter in it.  Taking a connection off the list takes it
 * over.  A commit only counts up and writes an eventfd; a waiter that is
 * added counts itself first and then kicks, so that either side sees the
 * other.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/board.h"
#include "http/http_int.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define TICK_MS 1000
/* Two rounds over all waiters are at least this far apart. */
#define ROUND_MS 4

static int64_t
now_ms(void)
{
	return clock_mono_us() / 1000;
}

void
notifier_kick(struct http_server *server)
{
	uint64_t one = 1;
	ssize_t n;

	/* Full only when it was kicked 2^64 times: woken anyway. */
	n = write(server->event_fd, &one, sizeof(one));
	(void)n;
}

void
http_server_notify(struct http_server *server)
{
	if (server == NULL)
		return;
	(void)atomic_fetch_add(&server->commits, 1);
	if (atomic_load(&server->waiting) > 0)
		notifier_kick(server);
	sockets_notify(server->sockets);
}

void
notifier_add(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	struct waiter *waiter = &conn->waiter;

	if (conn->stream != NULL) {
		waiter->is_stream = true;
		waiter->due_ms = now_ms() + HTTP_HEARTBEAT_MS;
		waiter->not_before_ms = conn->stream->ops->is_ready != NULL
		    ? 0
		    : conn->stream->begun_ms + HTTP_STREAM_MS;
		waiter->commits = conn->stream->commits;
	}
	(void)pthread_mutex_lock(&server->waiters_lock);
	if (server->waiters_end) {
		/* Too late: nobody may wait any more, and it will see that. */
		(void)pthread_mutex_unlock(&server->waiters_lock);
		MHD_resume_connection(conn->mhd);
		return;
	}
	waiter->prev = NULL;
	waiter->next = server->waiters;
	if (server->waiters != NULL)
		server->waiters->waiter.prev = conn;
	server->waiters = conn;
	(void)atomic_fetch_add(&server->waiting, 1);
	(void)pthread_mutex_unlock(&server->waiters_lock);
	notifier_kick(server);
}

static void
waiter_unlink(struct http_server *server, struct http_conn *conn)
{
	struct waiter *waiter = &conn->waiter;

	if (waiter->prev != NULL)
		waiter->prev->waiter.next = waiter->next;
	else
		server->waiters = waiter->next;
	if (waiter->next != NULL)
		waiter->next->waiter.prev = waiter->prev;
	(void)atomic_fetch_sub(&server->waiting, 1);
}

/* Has what a long poll waits for come? */
static bool
poll_is_over(const struct http_server *server, const struct waiter *waiter)
{
	struct job job;

	return !board_get(server->board, &waiter->job, &job) ||
	    job.rev > waiter->after_rev || job_state_is_final(job.state);
}

/*
 * Has the client hung up?  MHD does not look while a request is suspended, and
 * a wait may be as long as a job.  Who only says that nothing more will come
 * is answered with what there is, which is no lie.
 */
static bool
waiter_is_gone(const struct http_conn *conn)
{
	char byte;
	ssize_t n;

	if (conn->fd < 0)
		return false;
	n = recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static bool
stream_has_news(const struct http_conn *conn, bool is_stopping)
{
	const struct http_stream *stream = conn->stream;

	if (stream->ops->is_ready != NULL)
		return stream->ops->is_ready(stream->state);
	return is_stopping ||
	    atomic_load(&conn->server->commits) != conn->waiter.commits;
}

/*
 * Wake conn if it is time; else lower *next_ms to when it will be.  The
 * connection is not ours any more when it was woken.
 */
static void
waiter_look(struct http_server *server, struct http_conn *conn, int64_t now,
    bool is_stopping, bool is_tick, int64_t *next_ms)
{
	struct waiter *waiter = &conn->waiter;
	bool is_due = now >= waiter->due_ms, has_news;

	if (!waiter->is_stream) {
		conn->is_gone = is_tick && waiter_is_gone(conn);
		if (is_due || is_stopping || conn->is_gone ||
		    poll_is_over(server, waiter)) {
			waiter_unlink(server, conn);
			MHD_resume_connection(conn->mhd);
			return;
		}
	} else {
		has_news = stream_has_news(conn, is_stopping);
		if (has_news && (is_stopping || now >= waiter->not_before_ms)) {
			waiter_unlink(server, conn);
			pool_put(conn, TASK_FILL);
			return;
		}
		if (is_due) {
			waiter_unlink(server, conn);
			stream_heartbeat(conn);
			return;
		}
		if (has_news && waiter->not_before_ms < *next_ms)
			*next_ms = waiter->not_before_ms;
	}
	if (waiter->due_ms < *next_ms)
		*next_ms = waiter->due_ms;
}

static void
notifier_round(struct http_server *server, bool is_tick, int64_t *next_ms)
{
	bool is_stopping = atomic_load(&server->is_stopping);
	struct http_conn *conn, *next;
	int64_t now = now_ms();

	(void)pthread_mutex_lock(&server->waiters_lock);
	for (conn = server->waiters; conn != NULL; conn = next) {
		next = conn->waiter.next;
		waiter_look(server, conn, now, is_stopping, is_tick, next_ms);
	}
	(void)pthread_mutex_unlock(&server->waiters_lock);
}

/* Is the body coming too slowly?  Looked at once a second. */
static bool
body_dawdles(struct http_conn *conn, int64_t now)
{
	uint64_t received;

	if (!atomic_load_explicit(&conn->is_receiving,
	    memory_order_relaxed)) {
		conn->window_ms = 0;
		return false;
	}
	received = atomic_load_explicit(&conn->received,
	    memory_order_relaxed);
	if (conn->window_ms == 0 || received < conn->window_received ||
	    received - conn->window_received >= HTTP_BODY_WINDOW_BYTES) {
		conn->window_ms = now;
		conn->window_received = received;
		return false;
	}
	return now - conn->window_ms > HTTP_BODY_WINDOW_MS;
}

/*
 * MHD's own timeout starts again with every byte; this one does not.  The
 * descriptor is open: a connection leaves the list, under the lock, before
 * MHD closes it.
 */
static void
reap(struct http_server *server, int64_t now)
{
	struct http_conn *conn;
	int64_t deadline;

	(void)pthread_mutex_lock(&server->conns_lock);
	for (conn = server->conns; conn != NULL; conn = conn->next) {
		deadline = atomic_load_explicit(&conn->deadline_ms,
		    memory_order_relaxed);
		if ((deadline != 0 && now >= deadline) ||
		    body_dawdles(conn, now))
			(void)shutdown(conn->fd, SHUT_RDWR);
	}
	(void)pthread_mutex_unlock(&server->conns_lock);
}

static void *
notifier_run(void *arg)
{
	struct http_server *server = arg;
	struct pollfd pollfd = {.fd = server->event_fd, .events = POLLIN};
	int64_t next_ms, tick_ms = now_ms() + TICK_MS, wait_ms;
	struct timespec pause = {.tv_nsec = ROUND_MS * 1000000};
	uint64_t count;
	bool is_tick;

	while (!atomic_load(&server->notifier_ends)) {
		next_ms = tick_ms;
		is_tick = now_ms() >= tick_ms;
		notifier_round(server, is_tick, &next_ms);
		if (is_tick) {
			reap(server, now_ms());
			tick_ms = now_ms() + TICK_MS;
		}
		(void)nanosleep(&pause, NULL);
		wait_ms = next_ms - now_ms();
		(void)poll(&pollfd, 1, wait_ms < 0 ? 0 : (int)wait_ms);
		if (read(server->event_fd, &count, sizeof(count)) < 0)
			continue; /* time was up */
	}
	return NULL;
}

int
notifier_start(struct http_server *server)
{
	int err;

	server->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (server->event_fd < 0)
		return ERR_IO;
	err = thread_start(&server->notifier, "http-notify", notifier_run,
	    server);
	server->has_notifier = err == 0;
	return err;
}

void
notifier_stop(struct http_server *server)
{
	struct http_conn *conn;

	if (server->has_notifier) {
		atomic_store(&server->notifier_ends, true);
		notifier_kick(server);
		(void)pthread_join(server->notifier, NULL);
		server->has_notifier = false;
	}
	/* Nobody may be suspended when MHD stops. */
	(void)pthread_mutex_lock(&server->waiters_lock);
	server->waiters_end = true;
	while ((conn = server->waiters) != NULL) {
		waiter_unlink(server, conn);
		MHD_resume_connection(conn->mhd);
	}
	(void)pthread_mutex_unlock(&server->waiters_lock);
}
