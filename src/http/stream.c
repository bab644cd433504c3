/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that are made piece by piece.  A piece is made on a thread of the
 * pool while the connection is suspended; then MHD reads it on its own
 * thread, comes back for more, and is suspended again:
 *
 *	MHD (stream_read) --suspend--> pool (stream_fill) --resume--> MHD
 *	                  --suspend--> notifier, until a commit --> pool
 *
 * Whoever has the connection has the stream.  MHD frees it with the response
 * when the answer is over, whichever side ended it; that a suspended client
 * has gone is seen at the next write: the heartbeat.
 */
#include <string.h>
#include <sys/types.h>

#include "base/mem.h"
#include "http/http_int.h"
#include "sys/clock.h"

#define STREAM_BLOCK 16384u
#define STREAM_PIECE_MAX (8 * MIB)
/* A piece this large is sent before the next is made. */
#define STREAM_SEND_BYTES 65536u

static ssize_t
stream_read(void *cls, uint64_t at, char *out, size_t max)
{
	struct http_stream *stream = cls;
	struct http_conn *conn = stream->conn;
	size_t len = stream->out.len - stream->sent;

	(void)at;
	if (len > 0) {
		len = len < max ? len : max;
		memcpy(out, stream->out.data + stream->sent, len);
		stream->sent += len;
		conn->sent += len;
		return (ssize_t)len;
	}
	if (stream->is_broken || atomic_load(&conn->server->is_closed))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (stream->is_ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	buf_clear(&stream->out);
	stream->sent = 0;
	MHD_suspend_connection(conn->mhd);
	if (stream->is_waiting_next)
		notifier_add(conn);
	else
		pool_put(conn, TASK_FILL);
	return 0;
}

static void
stream_free(void *cls)
{
	struct http_stream *stream = cls;

	(void)atomic_fetch_sub(&stream->conn->server->streams, 1);
	if (stream->conn->stream == stream)
		stream->conn->stream = NULL;
	stream->ops->free(stream->state);
	buf_fini(&stream->out);
	mem_free(stream);
}

struct MHD_Response *
stream_response(struct http_conn *conn)
{
	struct reply *reply = &conn->reply;
	struct http_stream *stream;
	struct MHD_Response *response;

	stream = mem_zalloc(sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->ops = reply->ops;
	stream->state = reply->state;
	stream->conn = conn;
	buf_init(&stream->out, STREAM_PIECE_MAX);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
	    STREAM_BLOCK, stream_read, stream, stream_free);
	if (response == NULL) {
		mem_free(stream);
		return NULL;
	}
	reply->state = NULL;
	conn->stream = stream;
	conn->is_waited = true;
	(void)atomic_fetch_add(&conn->server->streams, 1);
	return response;
}

/* One call of fill; true: again at once. */
static bool
stream_piece(struct http_conn *conn, struct http_stream *stream)
{
	struct store *reader;
	int more;

	more = http_reader(&conn->request, &reader);
	if (more == 0)
		more = stream->ops->fill(stream->state, conn->server->engine,
		    reader, &stream->out);
	if (stream->out.err < 0)
		more = stream->out.err;
	stream->is_waiting_next = more == HTTP_WAIT;
	stream->is_ended = more == HTTP_END;
	stream->is_broken = more < 0;
	/* Who still waits for commits when the server stops, has all. */
	if (more == HTTP_WAIT && stream->ops->is_ready == NULL &&
	    atomic_load(&conn->server->is_stopping))
		stream->is_ended = true;
	return more == HTTP_MORE && stream->out.len < STREAM_SEND_BYTES;
}

void
stream_fill(struct http_conn *conn)
{
	struct http_stream *stream = conn->stream;

	stream->begun_ms = clock_mono_us() / 1000;
	stream->commits = atomic_load(&conn->server->commits);
	while (stream_piece(conn, stream))
		;
	if (stream->is_waiting_next && !stream->is_ended &&
	    stream->out.len == 0)
		notifier_add(conn);
	else
		MHD_resume_connection(conn->mhd);
}

void
stream_heartbeat(struct http_conn *conn)
{
	const char *heartbeat = conn->stream->ops->heartbeat;

	if (heartbeat != NULL)
		(void)buf_puts(&conn->stream->out, heartbeat);
	MHD_resume_connection(conn->mhd);
}
