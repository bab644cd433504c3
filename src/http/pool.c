/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of handlers that may wait.  Every connection in the queue is
 * suspended and there only once, so that the queue is as long as there are
 * connections at most.
 *
 * There are many, because requests that wait for a commit share it only when
 * all of them are waiting.  Whoever became idle last is called first: a server
 * that has little to do is served by few threads, and the caches of the others'
 * readers stay small.
 */
#include <string.h>

#include "http/http_int.h"
#include "sys/thread.h"

/* Where an idle thread waits; its own. */
struct pool_seat {
	struct pool_seat *next; /* idle for longer */
	pthread_cond_t cond;
	bool is_called;
};

/* Called with the lock held. */
static void
pool_call(struct http_server *server)
{
	struct pool_seat *seat = server->pool_idle;

	if (seat == NULL)
		return;
	server->pool_idle = seat->next;
	seat->is_called = true;
	(void)pthread_cond_signal(&seat->cond);
}

static void
pool_rest(struct http_server *server, struct pool_seat *seat)
{
	seat->is_called = false;
	seat->next = server->pool_idle;
	server->pool_idle = seat;
	while (!seat->is_called)
		thread_wait_us(&seat->cond, &server->pool_lock, -1);
}

static struct http_conn *
pool_take(struct http_server *server, struct pool_seat *seat)
{
	struct http_conn *conn;

	(void)pthread_mutex_lock(&server->pool_lock);
	while (server->task_first == NULL && !server->pool_ends)
		pool_rest(server, seat);
	conn = server->task_first;
	if (conn != NULL) {
		server->task_first = conn->task_next;
		if (server->task_first == NULL)
			server->task_last = NULL;
	}
	(void)pthread_mutex_unlock(&server->pool_lock);
	return conn;
}

static void
pool_handle(struct http_conn *conn)
{
	if (!conn_handle(conn)) {
		conn->phase = CONN_HANDLE;
		notifier_add(conn);
		return; /* conn is the notifier's now */
	}
	conn->phase = CONN_READY;
	MHD_resume_connection(conn->mhd);
}

static void *
pool_run(void *arg)
{
	struct http_server *server = arg;
	struct pool_seat seat;
	struct http_conn *conn;

	thread_cond_init(&seat.cond);
	while ((conn = pool_take(server, &seat)) != NULL) {
		switch (conn->task) {
		case TASK_HANDLE:
			pool_handle(conn);
			break;
		case TASK_FORM:
			form_work(conn->form);
			MHD_resume_connection(conn->mhd);
			break;
		case TASK_FILL:
			stream_fill(conn);
			break;
		case TASK_SOCKET:
			socket_fill(conn);
			break;
		}
	}
	(void)pthread_cond_destroy(&seat.cond);
	return NULL;
}

int
pool_start(struct http_server *server)
{
	int err;

	while (server->pool_started < server->pool_size) {
		err = thread_start(&server->pool[server->pool_started],
		    "http-pool", pool_run, server);
		if (err < 0)
			return err;
		server->pool_started++;
	}
	return 0;
}

void
pool_put(struct http_conn *conn, enum task_kind kind)
{
	struct http_server *server = conn->server;

	conn->task = kind;
	conn->task_next = NULL;
	(void)pthread_mutex_lock(&server->pool_lock);
	if (server->pool_ends) {
		/* Too late: is_closed is set, it will be told so.  Of sockets
		 * none comes: their thread has ended before. */
		(void)pthread_mutex_unlock(&server->pool_lock);
		MHD_resume_connection(conn->mhd);
		return;
	}
	if (server->task_last != NULL)
		server->task_last->task_next = conn;
	else
		server->task_first = conn;
	server->task_last = conn;
	pool_call(server);
	(void)pthread_mutex_unlock(&server->pool_lock);
}

void
pool_stop(struct http_server *server)
{
	(void)pthread_mutex_lock(&server->pool_lock);
	server->pool_ends = true;
	while (server->pool_idle != NULL)
		pool_call(server);
	(void)pthread_mutex_unlock(&server->pool_lock);
	/* The queue is worked off first: pool_take() looks there before. */
	for (unsigned i = 0; i < server->pool_started; i++)
		(void)pthread_join(server->pool[i], NULL);
	server->pool_started = 0;
}
