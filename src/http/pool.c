/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of handlers that may wait.  Every connection in the queue is
 * suspended and there only once, so that the queue is as long as there are
 * connections at most.
 */
#include <string.h>

#include "http/http_int.h"
#include "sys/thread.h"

static struct http_conn *
pool_take(struct http_server *server)
{
	struct http_conn *conn;

	(void)pthread_mutex_lock(&server->pool_lock);
	while (server->task_first == NULL && !server->pool_ends)
		thread_wait_us(&server->pool_cond, &server->pool_lock, -1);
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
	struct http_conn *conn;

	while ((conn = pool_take(server)) != NULL) {
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
		}
	}
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
		/* Too late: is_closed is set, it will be told so. */
		(void)pthread_mutex_unlock(&server->pool_lock);
		MHD_resume_connection(conn->mhd);
		return;
	}
	if (server->task_last != NULL)
		server->task_last->task_next = conn;
	else
		server->task_first = conn;
	server->task_last = conn;
	(void)pthread_cond_signal(&server->pool_cond);
	(void)pthread_mutex_unlock(&server->pool_lock);
}

void
pool_stop(struct http_server *server)
{
	(void)pthread_mutex_lock(&server->pool_lock);
	server->pool_ends = true;
	(void)pthread_cond_broadcast(&server->pool_cond);
	(void)pthread_mutex_unlock(&server->pool_lock);
	/* The queue is worked off first: pool_take() looks there before. */
	for (unsigned i = 0; i < server->pool_started; i++)
		(void)pthread_join(server->pool[i], NULL);
	server->pool_started = 0;
}
