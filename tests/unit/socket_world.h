/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket_world: a server with WebSockets on a loopback socket, over an engine
 * that is made of paper, and a client that sends what it likes.
 */
#ifndef TESTS_UNIT_SOCKET_WORLD_H
#define TESTS_UNIT_SOCKET_WORLD_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/board.h"
#include "http/http.h"
#include "http/server.h"
#include "paper_engine.h"

/* ---- sockets to test with ----------------------------------------------- */

enum kind { COUNT, STAGE, QUIET, BIG, BROKEN, HELD, KIND_COUNT };

#define BIG_BYTES (3 * MIB)
#define STAGES 5

struct teller {
	enum kind kind;
	int said, last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int tellers;  /* that are there; the lock */
static int held;     /* fills that wait; the lock */
static bool is_let;  /* they need not; the lock */
static atomic_int stage;

static inline void
tellers_wait(int count)
{
	(void)pthread_mutex_lock(&lock);
	while (tellers > count)
		(void)pthread_cond_wait(&cond, &lock);
	(void)pthread_mutex_unlock(&lock);
}

static void
hold(void)
{
	(void)pthread_mutex_lock(&lock);
	held++;
	(void)pthread_cond_broadcast(&cond);
	while (!is_let)
		(void)pthread_cond_wait(&cond, &lock);
	held--;
	(void)pthread_mutex_unlock(&lock);
}

static int
teller_count(struct teller *teller, struct buf *out,
    struct http_socket_end *end)
{
	(void)buf_printf(out, "text %d", ++teller->said);
	if (teller->said < teller->last)
		return HTTP_MORE;
	end->code = 1000;
	(void)snprintf(end->reason, sizeof(end->reason), "all said");
	return HTTP_END;
}

static int
teller_stage(struct teller *teller, struct buf *out,
    struct http_socket_end *end)
{
	int now = atomic_load(&stage);

	if (now == teller->said)
		return HTTP_WAIT;
	teller->said = now;
	(void)buf_printf(out, "stage %d", now);
	end->code = 1000;
	return now == STAGES ? HTTP_END : HTTP_WAIT;
}

static int
teller_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out, struct http_socket_end *end)
{
	struct teller *teller = state;

	assert_ptr_equal(engine, &paper);
	assert_null(reader);
	switch (teller->kind) {
	case COUNT:
		return teller_count(teller, out, end);
	case STAGE:
		return teller_stage(teller, out, end);
	case BIG:
		while (out->len < BIG_BYTES)
			(void)buf_puts(out, "0123456789abcdef");
		return HTTP_MORE;
	case BROKEN:
		(void)buf_puts(out, "never sent");
		return ERR_CORRUPT;
	case HELD:
		hold();
		return HTTP_WAIT;
	case QUIET:
	case KIND_COUNT:
		break;
	}
	return HTTP_WAIT;
}

static void
teller_free(void *state)
{
	mem_free(state);
	(void)pthread_mutex_lock(&lock);
	tellers--;
	(void)pthread_cond_broadcast(&cond);
	(void)pthread_mutex_unlock(&lock);
}

static const struct http_socket_ops teller_ops = {
    .fill = teller_fill, .free = teller_free};

static int
on_tell(struct http_request *request, struct http_reply *reply)
{
	struct teller *teller = mem_zalloc(sizeof(*teller));
	uint64_t kind, last;

	if (http_query_number(request, "kind", 0, KIND_COUNT - 1, COUNT,
	    &kind) < 0 || http_query_number(request, "last", 1, 1000, 3,
	    &last) < 0) {
		mem_free(teller);
		return ERR_INVALID;
	}
	teller->kind = (enum kind)kind;
	teller->last = (int)last;
	(void)pthread_mutex_lock(&lock);
	tellers++;
	(void)pthread_mutex_unlock(&lock);
	return http_reply_socket(request, reply, &teller_ops, teller);
}

/* Who may not is told so in the socket. */
static int
on_open(struct http_request *request, struct http_reply *reply)
{
	char reason[64];
	int err = http_authenticate(request);

	if (err == 0)
		return on_tell(request, reply);
	assert_int_equal(request->caller.account_id, 0);
	(void)snprintf(reason, sizeof(reason), "no: %s", err_name(err));
	return http_reply_socket_end(request, reply, 1008, reason);
}

static int
on_hello(struct http_request *request, struct http_reply *reply)
{
	(void)request;
	jsonw_string(http_reply_json(reply, 200), "hello");
	return 0;
}

static void
on_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	(void)request;
	reply->content_type = "text/plain";
	(void)buf_puts(&reply->body, problem->words);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/t/tell", on_tell, 0},
    {HTTP_GET, "/t/open", on_open, HTTP_OPEN},
    {HTTP_GET, "/t/hello", on_hello, HTTP_QUICK | HTTP_OPEN},
};
static const char *const prefixes[] = {"/t", NULL};
static const struct http_dialect dialect = {.name = "test",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(*routes),
    .flags = HTTP_BEARER | HTTP_API_KEY,
    .problem = on_problem,
    .cookie = "who"};
static const struct http_dialect *const dialects[] = {&dialect};

/* ---- a client ----------------------------------------------------------- */

static struct http_server *server;
static unsigned port;

struct client {
	int fd;
	struct buf in;
	size_t at;	/* of in: read so far */
	char text[512]; /* of the frame last read, its beginning */
	size_t len;
	unsigned code; /* of a close frame */
};

#define LINE "GET /t/tell%s HTTP/1.1\r\nHost: x\r\nX-Api-Key: good\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define REST "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"      \
	"Sec-WebSocket-Version: 13\r\n" KEY

static inline void
client_open(struct client *client)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};

	memset(client, 0, sizeof(*client));
	buf_init(&client->in, 64 * MIB);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	assert_int_equal(connect(client->fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
}

static inline void
client_close(struct client *client)
{
	(void)close(client->fd);
	buf_fini(&client->in);
}

static inline void
client_send(struct client *client, const void *bytes, size_t len)
{
	assert_true(send(client->fd, bytes, len, MSG_NOSIGNAL) ==
	    (ssize_t)len);
}

/* False at the end. */
static inline bool
client_more(struct client *client)
{
	char piece[65536];
	ssize_t n = recv(client->fd, piece, sizeof(piece), 0);

	if (n <= 0)
		return false;
	assert_int_equal(buf_put(&client->in, piece, (size_t)n), 0);
	return true;
}

/* The head of the answer, up to the empty line. */
static inline const char *
client_head(struct client *client)
{
	const char *end;

	while ((end = strstr(buf_text(&client->in), "\r\n\r\n")) == NULL)
		assert_true(client_more(client));
	client->at = (size_t)(end - buf_text(&client->in)) + 4;
	return buf_text(&client->in);
}

static inline void
client_ask(struct client *client, const char *line, const char *headers)
{
	char text[2048];
	int len;

	client_open(client);
	len = snprintf(text, sizeof(text), "%s%s\r\n", line, headers);
	client_send(client, text, (size_t)len);
}

/* A WebSocket at /t/tell with that query. */
static inline void
client_tell(struct client *client, const char *query)
{
	char line[512];

	(void)snprintf(line, sizeof(line), LINE, query);
	client_ask(client, line, REST);
	assert_non_null(strstr(client_head(client),
	    "HTTP/1.1 101 Switching Protocols\r\n"));
}

/* A frame as it is; mask: with one of zeros. */
static inline void
client_frame(struct client *client, unsigned first, bool is_masked,
    const void *bytes, size_t len)
{
	unsigned char head[14] = {(unsigned char)first};
	size_t at = 2;

	if (len < 126) {
		head[1] = (unsigned char)len;
	} else {
		assert_true(len < 65536);
		head[1] = 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)(len & 0xFF);
		at = 4;
	}
	if (is_masked) {
		head[1] |= 0x80;
		at += 4;
	}
	client_send(client, head, at);
	if (len > 0)
		client_send(client, bytes, len);
}

static inline bool
client_has(struct client *client, size_t len)
{
	while (client->in.len - client->at < len)
		if (!client_more(client))
			return false;
	return true;
}

/* The next frame's first byte; 0: the connection has ended.  Text stays valid
 * until the next call. */
static inline unsigned
client_read(struct client *client)
{
	const unsigned char *head;
	size_t len, size = 2, text;

	if (!client_has(client, 2))
		return 0;
	head = (const unsigned char *)client->in.data + client->at;
	len = head[1];
	assert_true(len < 128); /* a server does not mask */
	size += len == 127 ? 8 : len == 126 ? 2 : 0;
	assert_true(client_has(client, size));
	head = (const unsigned char *)client->in.data + client->at;
	for (size_t i = 2; i < size; i++)
		len = i == 2 ? head[i] : len << 8 | head[i];
	assert_true(client_has(client, size + len));
	head = (const unsigned char *)client->in.data + client->at;
	client->len = len;
	text = len < sizeof(client->text) ? len : sizeof(client->text) - 1;
	client->code = 0;
	if ((head[0] & 0x0F) == 8 && len >= 2) {
		client->code = (unsigned)head[size] << 8 | head[size + 1];
		memcpy(client->text, head + size + 2, len - 2);
		client->text[len - 2] = '\0';
	} else {
		memcpy(client->text, head + size, text);
		client->text[text] = '\0';
	}
	client->at += size + len;
	return head[0];
}

/* The next frame that is no ping. */
static inline unsigned
client_next(struct client *client)
{
	unsigned first;

	do
		first = client_read(client);
	while (first == 0x89);
	return first;
}

static inline void
assert_text(struct client *client, const char *text)
{
	assert_int_equal(client_next(client), 0x81);
	assert_string_equal(client->text, text);
}

/* It is closed with that code; then the connection ends. */
static inline void
assert_closed(struct client *client, unsigned code, const char *reason)
{
	unsigned char answer[2] = {(unsigned char)(code >> 8),
	    (unsigned char)(code & 0xFF)};
	unsigned char frame[8] = {0x88, 0x82};

	assert_int_equal(client_next(client), 0x88);
	assert_int_equal(client->code, code);
	assert_string_equal(client->text, reason);
	memcpy(frame + 6, answer, 2);
	/* It does not wait for this for ever. */
	(void)send(client->fd, frame, sizeof(frame), MSG_NOSIGNAL);
	assert_int_equal(client_read(client), 0);
	client_close(client);
}

static inline void
start(unsigned ping_ms)
{
	struct http_options options = {.listen = "127.0.0.1:0",
	    .dialects = dialects,
	    .dialect_count = 1,
	    .version = "9",
	    .socket_ping_ms = ping_ms};
	struct err_note note;

	paper.board = board_new();
	assert_non_null(paper.board);
	atomic_store(&stage, 0);
	is_let = false;
	assert_int_equal(http_server_open(&options, &paper, &server, &port,
	    &note), 0);
}

static inline void
finish(void)
{
	http_server_close(server);
	server = NULL;
	assert_int_equal(tellers, 0);
	board_free(paper.board);
}

#endif
