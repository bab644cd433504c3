/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that wait for other services.  A pipe's thread writes, a stream
 * (stream.c) reads:
 *
 *	run (own thread) --pipe_put--> pipe --kick--> notifier --> pool
 *	                                     (pipe_fill) --> MHD
 *
 * The pipe belongs to both sides, the last one frees it.  The writer never
 * waits for the reader: what it writes is bounded, and a client that reads
 * slowly must not keep a thread.  That a client has gone is seen at the next
 * write; the reader's end then sets stop.
 *
 * All running pipes are in server->pipes; the lock guards the list and, in
 * each pipe, what its comment says.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "sys/thread.h"

#define PIECE_BYTES 65536u

struct http_pipe {
	struct http_server *server;
	const struct http_pipe_ops *ops;
	void *state;
	struct http_pipe *prev, *next; /* server->pipes_lock */
	struct http_stream_ops stream_ops;
	atomic_bool stop;

	pthread_mutex_t lock; /* guards what follows */
	struct buf out;
	size_t taken; /* of out, by the reader */
	int err;      /* the writer's, once it has ended */
	bool is_ended;
	unsigned owners;
};

static void
pipe_leave(struct http_pipe *pipe)
{
	bool is_last;

	(void)pthread_mutex_lock(&pipe->lock);
	is_last = --pipe->owners == 0;
	(void)pthread_mutex_unlock(&pipe->lock);
	if (!is_last)
		return;
	pipe->ops->free(pipe->state);
	buf_fini(&pipe->out);
	(void)pthread_mutex_destroy(&pipe->lock);
	mem_free(pipe);
}

/* ---- the writer's side -------------------------------------------------- */

int
http_pipe_put(struct http_pipe *pipe, const void *bytes, size_t len)
{
	int err;

	if (atomic_load(&pipe->stop))
		return ERR_CANCELLED;
	(void)pthread_mutex_lock(&pipe->lock);
	if (pipe->taken == pipe->out.len) {
		buf_clear(&pipe->out);
		pipe->taken = 0;
	}
	err = buf_put(&pipe->out, bytes, len);
	(void)pthread_mutex_unlock(&pipe->lock);
	notifier_kick(pipe->server);
	return err;
}

const atomic_bool *
http_pipe_stop(const struct http_pipe *pipe)
{
	return &pipe->stop;
}

static int
pipe_enter(struct http_pipe *pipe)
{
	struct http_server *server = pipe->server;
	bool is_full;

	(void)pthread_mutex_lock(&server->pipes_lock);
	is_full = server->pipe_count >= HTTP_PIPES_MAX ||
	    atomic_load(&server->is_stopping);
	if (!is_full) {
		server->pipe_count++;
		pipe->next = server->pipes;
		if (pipe->next != NULL)
			pipe->next->prev = pipe;
		server->pipes = pipe;
	}
	(void)pthread_mutex_unlock(&server->pipes_lock);
	return is_full ? ERR_BUSY : 0;
}

/* Nobody can break it off any more. */
static void
pipe_unlink(struct http_pipe *pipe)
{
	struct http_server *server = pipe->server;

	(void)pthread_mutex_lock(&server->pipes_lock);
	if (pipe->prev != NULL)
		pipe->prev->next = pipe->next;
	else
		server->pipes = pipe->next;
	if (pipe->next != NULL)
		pipe->next->prev = pipe->prev;
	(void)pthread_mutex_unlock(&server->pipes_lock);
}

/* The last that a thread does with the server. */
static void
pipe_count_down(struct http_server *server)
{
	(void)pthread_mutex_lock(&server->pipes_lock);
	server->pipe_count--;
	(void)pthread_cond_broadcast(&server->pipes_cond);
	(void)pthread_mutex_unlock(&server->pipes_lock);
}

static void *
pipe_run(void *arg)
{
	struct http_pipe *pipe = arg;
	struct http_server *server = pipe->server;
	int err;

	err = pipe->ops->run(pipe->state, server->engine, pipe);
	(void)pthread_mutex_lock(&pipe->lock);
	pipe->err = err < 0 ? err : pipe->out.err;
	pipe->is_ended = true;
	(void)pthread_mutex_unlock(&pipe->lock);
	notifier_kick(server);
	pipe_unlink(pipe);
	pipe_leave(pipe);
	pipe_count_down(server);
	return NULL;
}

/* ---- the reader's side -------------------------------------------------- */

static bool
pipe_is_ready(void *state)
{
	struct http_pipe *pipe = state;
	bool is_ready;

	(void)pthread_mutex_lock(&pipe->lock);
	is_ready = pipe->is_ended || pipe->taken < pipe->out.len;
	(void)pthread_mutex_unlock(&pipe->lock);
	return is_ready;
}

static int
pipe_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct http_pipe *pipe = state;
	size_t len;
	int more;

	(void)engine;
	(void)reader;
	(void)pthread_mutex_lock(&pipe->lock);
	len = pipe->out.len - pipe->taken;
	if (len > PIECE_BYTES)
		len = PIECE_BYTES;
	if (len > 0)
		(void)buf_put(out, pipe->out.data + pipe->taken, len);
	pipe->taken += len;
	if (pipe->taken < pipe->out.len)
		more = HTTP_MORE;
	else if (!pipe->is_ended)
		more = HTTP_WAIT;
	else
		more = pipe->err < 0 ? pipe->err : HTTP_END;
	(void)pthread_mutex_unlock(&pipe->lock);
	return more;
}

static void
pipe_free(void *state)
{
	struct http_pipe *pipe = state;

	atomic_store(&pipe->stop, true);
	pipe_leave(pipe);
}

/* ---- both ---------------------------------------------------------------- */

static int
pipe_new(struct http_server *server, const struct http_pipe_ops *ops,
    void *state, struct http_pipe **ret_pipe)
{
	struct http_pipe *pipe;

	pipe = mem_zalloc(sizeof(*pipe));
	if (pipe == NULL) {
		ops->free(state);
		return ERR_NOMEM;
	}
	pipe->server = server;
	pipe->ops = ops;
	pipe->state = state;
	pipe->owners = 1;
	pipe->stream_ops = (struct http_stream_ops){.fill = pipe_fill,
	    .free = pipe_free, .heartbeat = ops->heartbeat,
	    .is_ready = pipe_is_ready};
	atomic_init(&pipe->stop, false);
	(void)pthread_mutex_init(&pipe->lock, NULL);
	buf_init(&pipe->out, HTTP_REPLY_BYTES_MAX);
	*ret_pipe = pipe;
	return 0;
}

int
http_reply_pipe(struct http_request *request, struct http_reply *reply,
    const struct http_pipe_ops *ops, void *state)
{
	/* Its first member. */
	struct http_conn *conn = (struct http_conn *)(void *)request;
	struct http_pipe *pipe;
	pthread_t thread;
	int err;

	err = pipe_new(conn->server, ops, state, &pipe);
	if (err < 0)
		return err;
	err = pipe_enter(pipe);
	if (err < 0) {
		pipe_leave(pipe);
		return err_set(&request->note, err,
		    "too many requests wait for other services");
	}
	pipe->owners++; /* nobody else knows of it yet */
	err = thread_start(&thread, "http-pipe", pipe_run, pipe);
	if (err < 0) {
		pipe_unlink(pipe);
		pipe_count_down(conn->server);
		pipe->owners--;
		pipe_leave(pipe);
		return err;
	}
	(void)pthread_detach(thread);
	http_reply_stream(reply, &pipe->stream_ops, pipe);
	return 0;
}

/* ---- the server's side -------------------------------------------------- */

void
pipes_init(struct http_server *server)
{
	(void)pthread_mutex_init(&server->pipes_lock, NULL);
	thread_cond_init(&server->pipes_cond);
}

void
pipes_break(struct http_server *server)
{
	struct http_pipe *pipe;

	(void)pthread_mutex_lock(&server->pipes_lock);
	for (pipe = server->pipes; pipe != NULL; pipe = pipe->next)
		atomic_store(&pipe->stop, true);
	(void)pthread_mutex_unlock(&server->pipes_lock);
}

void
pipes_wait(struct http_server *server)
{
	(void)pthread_mutex_lock(&server->pipes_lock);
	while (server->pipe_count > 0)
		thread_wait_us(&server->pipes_cond, &server->pipes_lock, -1);
	(void)pthread_mutex_unlock(&server->pipes_lock);
}

void
pipes_fini(struct http_server *server)
{
	(void)pthread_cond_destroy(&server->pipes_cond);
	(void)pthread_mutex_destroy(&server->pipes_lock);
}
