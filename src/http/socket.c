/* SPDX-License-Identifier: Apache-2.0 */
/* One WebSocket: its answer, its texts, and whether its peer is there. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/mem.h"
#include "http/sockets_int.h"
#include "sys/clock.h"

/* A peer that has not taken a text after so many pings is too slow. */
#define SEND_PINGS 3
/* For the peer's answer to a close. */
#define CLOSE_MS 3000
/* Read of one socket before the others have their turn. */
#define TURN_BYTES 65536u

/* ---- the answer ---------------------------------------------------------- */

static int
socket_new(struct http_conn *conn, struct http_socket **ret_socket)
{
	struct http_socket *socket;
	int err;

	err = handshake_check(conn);
	if (err < 0)
		return err;
	if (atomic_load(&conn->server->is_stopping))
		return err_set(&conn->request.note, ERR_CLOSED,
		    "the server is stopping");
	socket = mem_zalloc(sizeof(*socket));
	if (socket == NULL)
		return ERR_NOMEM;
	socket->conn = conn;
	socket->fd = -1;
	buf_init(&socket->early, HTTP_HEADER_BYTES_MAX * 8);
	buf_init(&socket->out, HTTP_SOCKET_TEXT_BYTES_MAX);
	*ret_socket = socket;
	return 0;
}

void
socket_free(struct http_socket *socket)
{
	if (socket == NULL)
		return;
	if (socket->is_counted)
		(void)atomic_fetch_sub(&socket->conn->server->sockets->open,
		    1);
	if (socket->ops != NULL)
		socket->ops->free(socket->state);
	frames_free(socket->frames);
	buf_fini(&socket->early);
	buf_fini(&socket->out);
	mem_free(socket);
}

/* The reply is this socket now. */
static int
socket_reply(struct http_reply *reply, struct http_socket *socket)
{
	char accept[HANDSHAKE_ACCEPT_SIZE];
	int err;

	err = handshake_accept(http_header(&socket->conn->request,
	    "Sec-WebSocket-Key"), accept);
	if (err < 0) {
		socket_free(socket);
		return err;
	}
	http_reply_header(reply, "Upgrade", "websocket");
	http_reply_header(reply, "Sec-WebSocket-Accept", accept);
	reply_socket(reply, socket);
	return 0;
}

int
http_reply_socket(struct http_request *request, struct http_reply *reply,
    const struct http_socket_ops *ops, void *state)
{
	/* Its first member. */
	struct http_conn *conn = (struct http_conn *)(void *)request;
	struct sockets *sockets = conn->server->sockets;
	struct http_socket *socket;
	int err;

	err = socket_new(conn, &socket);
	if (err < 0) {
		ops->free(state);
		return err;
	}
	socket->ops = ops;
	socket->state = state;
	socket->is_counted = true;
	if (atomic_fetch_add(&sockets->open, 1) >= HTTP_SOCKETS_MAX) {
		socket_free(socket);
		return err_set(&request->note, ERR_BUSY,
		    "too many WebSockets are open");
	}
	return socket_reply(reply, socket);
}

int
http_reply_socket_end(struct http_request *request, struct http_reply *reply,
    unsigned code, const char *reason)
{
	struct http_conn *conn = (struct http_conn *)(void *)request;
	struct http_socket *socket;
	int err;

	err = socket_new(conn, &socket);
	if (err < 0)
		return err;
	socket->code = (enum frames_code)code;
	(void)snprintf(socket->reason, sizeof(socket->reason), "%s", reason);
	return socket_reply(reply, socket);
}

struct MHD_Response *
socket_response(struct http_socket *socket)
{
	socket->conn->is_waited = true;
	return MHD_create_response_for_upgrade(sockets_upgrade, socket);
}

/* ---- bytes -------------------------------------------------------------- */

static ptrdiff_t
result(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
	    ? 0 : -1;
}

static ptrdiff_t
socket_read(void *arg, void *bytes, size_t len)
{
	struct http_socket *socket = arg;
	size_t left = socket->early.len - socket->early_read;
	ssize_t n;

	if (left > 0) {
		len = len < left ? len : left;
		memcpy(bytes, socket->early.data + socket->early_read, len);
		socket->early_read += len;
		return (ptrdiff_t)len;
	}
	if (socket->turn >= TURN_BYTES)
		return 0;
	n = recv(socket->fd, bytes, len, MSG_DONTWAIT);
	if (n == 0)
		return -1;
	if (n > 0)
		socket->turn += (size_t)n;
	return result(n);
}

static ptrdiff_t
socket_write(void *arg, const void *bytes, size_t len, bool goes_on)
{
	struct http_socket *socket = arg;

	return result(send(socket->fd, bytes, len, MSG_DONTWAIT |
	    MSG_NOSIGNAL | (goes_on ? MSG_MORE : 0)));
}

void
socket_open(struct sockets *sockets, struct http_socket *socket)
{
	static const struct frames_io io = {.read = socket_read,
	    .write = socket_write};
	int one = 1;

	socket->frames = frames_new(&io, socket);
	if (socket->frames == NULL)
		return;
	/* A text is worth its own packet; if it cannot be, it is late. */
	(void)setsockopt(socket->fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof(one));
	socket->ping_ms = clock_mono_us() / 1000 + sockets->ping_ms;
	socket->wants_fill = true;
	if (socket->early.err < 0)
		frames_close(socket->frames, FRAMES_POLICY,
		    "too much was sent before the answer");
	else if (socket->ops == NULL)
		frames_close(socket->frames, socket->code, socket->reason);
	frames_read(socket->frames);
}

/* ---- texts -------------------------------------------------------------- */

/* A pool thread's turn. */
void
socket_fill(struct http_conn *conn)
{
	struct http_socket *socket = conn->socket;
	struct sockets *sockets = conn->server->sockets;
	struct store *reader;
	int more;

	more = http_reader(&conn->request, &reader);
	if (more == 0)
		more = socket->ops->fill(socket->state, conn->server->engine,
		    reader, &socket->out, &socket->end);
	if (socket->out.err < 0)
		more = socket->out.err;
	socket->more = more;
	(void)pthread_mutex_lock(&sockets->lock);
	socket->is_filled = true;
	(void)pthread_mutex_unlock(&sockets->lock);
	sockets_kick(sockets);
}

/* What came of it. */
static void
socket_filled(struct http_socket *socket, const struct sockets *sockets,
    int64_t now)
{
	size_t len = socket->out.len;
	char *text = NULL;

	if (frames_is_closing(socket->frames))
		return;
	if (socket->more >= 0 && len > 0)
		text = buf_take(&socket->out);
	if (text != NULL) {
		frames_text(socket->frames, &text, len);
		socket->send_by_ms = now + SEND_PINGS * sockets->ping_ms;
	}
	socket->wants_fill = socket->more == HTTP_MORE;
	if (socket->more == HTTP_END)
		frames_close(socket->frames,
		    (enum frames_code)socket->end.code, socket->end.reason);
	else if (socket->more < 0)
		frames_close(socket->frames, FRAMES_INTERNAL,
		    err_text(socket->more));
}

/* Make the next text if there is one to be made; else lower *next_ms to when
 * it is time to look again. */
static void
socket_ask(struct sockets *sockets, struct http_socket *socket, int64_t now,
    int64_t *next_ms)
{
	struct http_server *server = sockets->server;
	uint64_t commits = atomic_load(&server->commits);

	if (frames_wants_write(socket->frames))
		return;
	if (!socket->wants_fill) {
		if (commits == socket->commits)
			return;
		if (now < socket->not_before_ms) {
			if (socket->not_before_ms < *next_ms)
				*next_ms = socket->not_before_ms;
			return;
		}
	}
	socket->wants_fill = false;
	socket->commits = commits;
	socket->not_before_ms = now + HTTP_STREAM_MS;
	socket->has_asked = true;
	buf_clear(&socket->out);
	pool_put(socket->conn, TASK_SOCKET);
}

/* ---- time --------------------------------------------------------------- */

/* Is it still there?  False: no. */
static bool
socket_look(struct sockets *sockets, struct http_socket *socket, int64_t now,
    int64_t *next_ms)
{
	uint64_t heard = frames_heard(socket->frames);

	if (heard != socket->heard) {
		socket->heard = heard;
		socket->is_pinged = false;
		socket->ping_ms = now + sockets->ping_ms;
	}
	if (!frames_wants_write(socket->frames))
		socket->send_by_ms = 0;
	if (socket->send_by_ms != 0 && now >= socket->send_by_ms)
		return false;
	if (now >= socket->ping_ms) {
		if (socket->is_pinged)
			return false;
		/* Behind a text that is on its way it could not be answered. */
		if (socket->send_by_ms == 0) {
			frames_ping(socket->frames);
			socket->is_pinged = true;
		}
		socket->ping_ms = now + sockets->ping_ms;
	}
	if (socket->ping_ms < *next_ms)
		*next_ms = socket->ping_ms;
	if (socket->send_by_ms != 0 && socket->send_by_ms < *next_ms)
		*next_ms = socket->send_by_ms;
	return true;
}

/* The same while it is closed: there is time for what is on its way, then for
 * the peer's answer. */
static bool
socket_look_closing(const struct sockets *sockets,
    struct http_socket *socket, int64_t now, int64_t *next_ms)
{
	int64_t *by_ms = &socket->close_by_ms;

	if (frames_wants_write(socket->frames)) {
		by_ms = &socket->send_by_ms;
		if (*by_ms == 0)
			*by_ms = now + SEND_PINGS * sockets->ping_ms;
	} else if (*by_ms == 0) {
		*by_ms = now + CLOSE_MS;
	}
	if (now >= *by_ms)
		return false;
	if (frames_is_refused(socket->frames) && !socket->is_shut) {
		/* What it still sends is read: a connection with unread bytes
		 * is reset, and the refusal lost. */
		(void)shutdown(socket->fd, SHUT_WR);
		socket->is_shut = true;
	}
	if (*by_ms < *next_ms)
		*next_ms = *by_ms;
	return true;
}

/* ---- its turn ------------------------------------------------------------ */

/* Has the pool nothing of it (any more)? */
static bool
socket_is_free(struct sockets *sockets, struct http_socket *socket,
    int64_t now)
{
	bool is_filled;

	if (!socket->has_asked)
		return true;
	(void)pthread_mutex_lock(&sockets->lock);
	is_filled = socket->is_filled;
	socket->is_filled = false;
	(void)pthread_mutex_unlock(&sockets->lock);
	if (!is_filled)
		return false;
	socket->has_asked = false;
	socket_filled(socket, sockets, now);
	return true;
}

bool
socket_turn(struct sockets *sockets, struct http_socket *socket, int64_t now,
    int64_t *next_ms)
{
	bool is_free;

	if (socket->frames == NULL)
		return false;
	is_free = socket_is_free(sockets, socket, now);
	if (socket->is_done)
		return !is_free;
	if (atomic_load(&sockets->server->is_stopping))
		frames_close(socket->frames, FRAMES_GOING_AWAY,
		    "the server is stopping");
	frames_write(socket->frames);
	if (is_free && !frames_is_closing(socket->frames))
		socket_ask(sockets, socket, now, next_ms);
	if (frames_is_closing(socket->frames))
		socket->is_done = !socket_look_closing(sockets, socket, now,
		    next_ms);
	else
		socket->is_done = !socket_look(sockets, socket, now, next_ms);
	frames_write(socket->frames);
	if (frames_is_over(socket->frames))
		socket->is_done = true;
	return !socket->is_done || socket->has_asked;
}
