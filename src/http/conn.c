/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MHD's callbacks: a request's way from its first line to its answer.
 *
 *	conn_target     first line: routed
 *	conn_request    header: key, lengths; an answer that spares a large
 *	                body is given now, which closes the connection;
 *	                everything else in a later call (an answer in this
 *	                first call would close the connection, too)
 *	conn_request    body, as it comes
 *	conn_request    whole: handler, here or in the pool; answer
 *	conn_completed  sent, or the client is gone
 *
 * After MHD_suspend_connection() and handing over, conn is another thread's
 * and may be in its next state already: nothing here touches it again.
 */
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "sys/clock.h"

/* IPv4 as it is written in IPv6; zeros: something else. */
static void
address_of(const struct sockaddr *address, uint8_t out[16])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(out, 0, 16);
	if (address == NULL)
		return;
	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		out[10] = out[11] = 0xFF;
		memcpy(out + 12, &v4.sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		memcpy(out, &v6.sin6_addr, 16);
	}
}

static bool
address_is_loopback(const uint8_t address[16])
{
	static const uint8_t v6[16] = {[15] = 1};
	static const uint8_t v4[13] = {[10] = 0xFF, 0xFF, 127};

	return memcmp(address, v6, sizeof(v6)) == 0 ||
	    memcmp(address, v4, sizeof(v4)) == 0;
}

/* ms 0: none. */
static void
conn_deadline(struct http_conn *conn, int64_t now_us, int64_t ms)
{
	atomic_store_explicit(&conn->deadline_ms,
	    ms == 0 ? 0 : now_us / 1000 + ms, memory_order_relaxed);
}

static struct http_conn *
conn_open(struct http_server *server, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info;
	struct http_conn *conn;

	conn = mem_zalloc(sizeof(*conn));
	if (conn == NULL)
		return NULL;
	conn_init(conn, server);
	conn->mhd = mhd;
	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	conn->fd = info == NULL ? -1 : info->connect_fd;
	info = MHD_get_connection_info(mhd,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	address_of(info == NULL ? NULL : info->client_addr, conn->address);
	conn->is_local = address_is_loopback(conn->address);
	conn_deadline(conn, clock_mono_us(), HTTP_HEADER_MS);
	(void)pthread_mutex_lock(&server->conns_lock);
	conn->next = server->conns;
	if (server->conns != NULL)
		server->conns->prev = conn;
	server->conns = conn;
	(void)pthread_mutex_unlock(&server->conns_lock);
	(void)atomic_fetch_add(&server->connections, 1);
	return conn;
}

static void
conn_close(struct http_conn *conn)
{
	struct http_server *server = conn->server;

	(void)pthread_mutex_lock(&server->conns_lock);
	if (conn->prev != NULL)
		conn->prev->next = conn->next;
	else
		server->conns = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	(void)pthread_mutex_unlock(&server->conns_lock);
	(void)atomic_fetch_sub(&server->connections, 1);
	conn_fini(conn);
	mem_free(conn);
}

void
conn_notify(void *cls, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		*context = conn_open(cls, mhd);
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		if (*context != NULL)
			conn_close(*context);
		*context = NULL;
		break;
	}
}

static struct http_conn *
conn_of_mhd(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info;

	info = MHD_get_connection_info(mhd,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info == NULL ? NULL : info->socket_context;
}

/*
 * The query is taken apart by us (uri.h).  libmicrohttpd 0.9.75 would do it as
 * well, with some 60 bytes for each parameter, and where they do not fit into
 * a connection's memory it answers nothing at all.  So it does not get to see
 * it: target lies in its own buffer, and is its copy to cut.
 */
static void
target_hide_query(const char *target)
{
	char *mark = strchr((char *)(uintptr_t)target, '?');

	if (mark != NULL && mark[1] != '\0')
		mark[1] = '\0';
}

void *
conn_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct http_conn *conn = conn_of_mhd(mhd);

	(void)cls;
	if (conn == NULL)
		return NULL; /* no memory for it: refused in conn_request */
	ASSERT(conn->phase == CONN_IDLE);
	/* NOTIFY_STARTED may come on the thread that accepts; this is the one
	 * that the connection stays with. */
	if (conn->thread == NULL)
		conn->thread = http_thread_self(conn->server);
	if (conn->thread == NULL)
		return NULL;
	conn->begun_us = clock_mono_us();
	conn->phase = CONN_TARGET;
	/* Who polls, asks for the same again and again. */
	conn->is_same = conn->target.len > 0 && conn->target.err == 0 &&
	    strcmp(buf_text(&conn->target), target) == 0;
	if (!conn->is_same) {
		buf_clear(&conn->target);
		(void)buf_puts(&conn->target, target);
	}
	target_hide_query(target);
	metric_add(&conn->thread->metrics.begun, 1);
	return conn;
}

/* ---- answering -------------------------------------------------------- */

/* Does the answer depend on nothing but account, path and query?  One that is
 * given to a page names its origin. */
static bool
conn_may_keep(const struct http_conn *conn)
{
	const char *header = conn->request.dialect->varies_by;

	return (conn->match.route->flags & HTTP_QUICK) != 0 &&
	    conn->request.method == HTTP_GET &&
	    (header == NULL || http_header(&conn->request, header) == NULL) &&
	    !cors_depends(&conn->request);
}

static enum MHD_Result
conn_queue(struct http_conn *conn)
{
	struct reply *reply = &conn->reply;
	uint64_t bytes = reply->kind == REPLY_FILE ? reply->fd_bytes
						   : reply->pub.body.len;
	struct MHD_Response *response;
	struct http_thread *thread = conn->thread;
	enum MHD_Result result;

	response = reply_response(reply, conn);
	if (response == NULL)
		return MHD_NO;
	conn->status = reply->pub.status;
	if (reply->kind == REPLY_BUF || reply->kind == REPLY_FILE)
		conn->sent = bytes;
	result = MHD_queue_response(conn->mhd, (unsigned)conn->status,
	    response);
	conn->phase = CONN_SENT;
	if (reply->keep != KEEP_NOT && reply->kind == REPLY_BUF &&
	    result == MHD_YES && conn_may_keep(conn) &&
	    !atomic_load(&conn->server->is_stopping)) {
		if (thread->cache == NULL)
			thread->cache = cache_new();
		if (thread->cache != NULL &&
		    cache_put(thread->cache, conn, response, (size_t)bytes))
			return result;
	}
	MHD_destroy_response(response);
	return result;
}

/* An answer kept from before, if there is one that holds. */
static bool
conn_queue_kept(struct http_conn *conn, enum MHD_Result *ret_result)
{
	struct http_server *server = conn->server;
	struct http_thread *thread = conn->thread;
	struct MHD_Response *response;
	int status;

	if (!conn_may_keep(conn))
		return false;
	if (thread->cache == NULL ||
	    atomic_load_explicit(&server->is_stopping, memory_order_relaxed))
		return false;
	response = cache_get(thread->cache, conn, &status);
	if (response == NULL ||
	    conn->headers[HEADER_IF_NONE_MATCH] != NULL)
		return false;
	conn->status = status;
	*ret_result = MHD_queue_response(conn->mhd, (unsigned)status,
	    response);
	conn->phase = CONN_SENT;
	metric_add(&thread->metrics.kept, 1);
	return true;
}

static enum MHD_Result
conn_answer(struct http_conn *conn)
{
	enum MHD_Result result;
	bool is_quick;

	if (conn->phase == CONN_HANDLE && conn->problem.status == 0 &&
	    atomic_load_explicit(&conn->server->is_closed,
	    memory_order_relaxed))
		conn_problem(conn, HTTP_PROBLEM_ERROR, ERR_CLOSED,
		    "the server is stopping");
	if (conn->phase == CONN_READY)
		return conn_queue(conn);
	if (conn->problem.status != 0) {
		conn_write_problem(conn);
		return conn_queue(conn);
	}
	if (conn_queue_kept(conn, &result))
		return result;
	is_quick = (conn->match.route->flags & HTTP_QUICK) != 0;
	if (!is_quick) {
		MHD_suspend_connection(conn->mhd);
		pool_put(conn, TASK_HANDLE);
		return MHD_YES;
	}
	if (!conn_handle(conn)) {
		MHD_suspend_connection(conn->mhd);
		notifier_add(conn);
		return MHD_YES;
	}
	return conn_queue(conn);
}

/* ---- receiving -------------------------------------------------------- */

/* Is the answer an error that should be sent without reading the body? */
static bool
conn_spares_body(const struct http_conn *conn, uint64_t length,
    bool is_chunked)
{
	return conn->problem.status != 0 &&
	    (is_chunked || length > HTTP_SWALLOW_BYTES);
}

static uint64_t
length_parse(const char *text)
{
	uint64_t length = 0;

	if (text == NULL)
		return 0;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (length > UINT64_MAX / 10 - 1)
			return UINT64_MAX;
		length = length * 10 + (uint64_t)(*text - '0');
	}
	return length;
}

/* What body does the route take?  Sets problem when this one is too big. */
static void
conn_expect(struct http_conn *conn, uint64_t length)
{
	const char *type;
	uint64_t max = HTTP_JSON_BYTES_MAX;
	int err;

	if (conn->raw != NULL)
		max = UPLOAD_BYTES_MAX;
	if ((conn->match.route->flags & HTTP_UPLOAD) != 0 &&
	    http_is_type(&conn->request, "multipart/form-data")) {
		max = UPLOAD_BYTES_MAX;
		type = http_header(&conn->request, "Content-Type");
		err = form_new(conn, type);
		if (err < 0)
			conn_problem(conn, HTTP_PROBLEM_ERROR, err,
			    "the multipart body has no boundary");
	}
	if (conn->problem.status == 0 && length > max)
		conn_problem(conn, HTTP_PROBLEM_TOO_BIG, ERR_TOO_BIG,
		    "the body is over the limit");
}

static bool
conn_is_open(const struct http_conn *conn)
{
	unsigned flags = conn->match.route->flags;

	if ((flags & HTTP_OPEN) != 0)
		return true;
	return (flags & HTTP_OPEN_LOCAL) != 0 && conn->request.is_loopback &&
	    !conn->server->metrics_need_key;
}

static enum MHD_Result
on_header(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	static const struct {
		const char *name;
		size_t len;
	} known[HEADER_COUNT] = {
#define KNOWN(id, text) [HEADER_##id] = {text, sizeof(text) - 1}
	    KNOWN(API_KEY, "X-Api-Key"),
	    KNOWN(AUTHORIZATION, "Authorization"),
	    KNOWN(CONTENT_LENGTH, "Content-Length"),
	    KNOWN(COOKIE, "Cookie"),
	    KNOWN(FORWARDED, "Forwarded"),
	    KNOWN(IF_NONE_MATCH, "If-None-Match"),
	    KNOWN(TRANSFER_ENCODING, "Transfer-Encoding"),
	    KNOWN(X_FORWARDED_FOR, "X-Forwarded-For"),
#undef KNOWN
	};
	struct http_conn *conn = cls;
	size_t len = strlen(name);

	(void)kind;
	conn->head_bytes += len + (value == NULL ? 0 : strlen(value)) + 4;
	for (size_t i = 0; i < HEADER_COUNT; i++)
		if (known[i].len == len &&
		    strcasecmp(known[i].name, name) == 0) {
			if (conn->headers[i] == NULL)
				conn->headers[i] = value == NULL ? "" : value;
			else if (i == HEADER_CONTENT_LENGTH)
				conn->is_length_twice = true;
			break;
		}
	return MHD_YES;
}

static enum MHD_Result
conn_begin(struct http_conn *conn, const char *method, const char *version)
{
	const char *length_text;
	uint64_t length;
	bool is_chunked;

	conn_deadline(conn, 0, 0);
	conn->phase = CONN_BODY;
	memset(conn->headers, 0, sizeof(conn->headers));
	conn->is_length_twice = false;
	conn->is_http11 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
	conn->head_bytes = conn->target.len;
	(void)MHD_get_connection_values(conn->mhd, MHD_HEADER_KIND, on_header,
	    conn);
	conn_route(conn, method);
	if (conn->target.err < 0)
		conn_problem(conn, HTTP_PROBLEM_ERROR, conn->target.err,
		    "the address is too long");
	if (conn->head_bytes > HTTP_HEADER_BYTES_MAX) {
		conn_problem(conn, HTTP_PROBLEM_ERROR, ERR_TOO_BIG,
		    "the headers are over the limit");
		conn->problem.status = 431;
	}
	/* Behind a proxy of this machine everybody seems to be local. */
	conn->request.is_loopback = conn->is_local &&
	    conn->headers[HEADER_X_FORWARDED_FOR] == NULL &&
	    conn->headers[HEADER_FORWARDED] == NULL;
	if (conn->problem.status == 0 && !conn_is_open(conn))
		conn_authenticate(conn);
	if (conn->problem.status == 0 &&
	    (conn->match.route->flags & HTTP_RAW) != 0)
		raw_begin(conn);
	length_text = conn->headers[HEADER_CONTENT_LENGTH];
	is_chunked = conn->headers[HEADER_TRANSFER_ENCODING] != NULL;
	if (length_text == NULL && !is_chunked)
		return MHD_YES;
	/* A proxy in front may see another end of this request than we do:
	 * answered at once, so that the connection closes behind it. */
	if (conn->is_length_twice || (length_text != NULL && is_chunked)) {
		conn_problem(conn, HTTP_PROBLEM_ERROR, ERR_INVALID,
		    "the length of the body is given twice");
		return conn_answer(conn);
	}
	length = length_parse(length_text);
	if (conn->problem.status == 0)
		conn_expect(conn, length);
	if (conn_spares_body(conn, length, is_chunked))
		return conn_answer(conn);
	atomic_store_explicit(&conn->received, 0, memory_order_relaxed);
	atomic_store_explicit(&conn->is_receiving, true,
	    memory_order_relaxed);
	return MHD_YES;
}

/* Keep a piece of the body; what fails becomes the answer. */
static void
conn_take(struct http_conn *conn, const char *bytes, size_t len)
{
	struct http_server *server = conn->server;
	int err;

	if (conn->raw != NULL) {
		raw_take(conn, bytes, len);
		return;
	}
	if (conn->form != NULL) {
		err = conn->body_taken > UPLOAD_BYTES_MAX
		    ? ERR_TOO_BIG : form_feed(conn->form, bytes, len);
		if (err < 0)
			conn_problem(conn, err == ERR_TOO_BIG
			    ? HTTP_PROBLEM_TOO_BIG : HTTP_PROBLEM_ERROR, err,
			    form_words(conn->form));
		return;
	}
	if (atomic_fetch_add(&server->bodies, len) + len >
	    HTTP_BODIES_BYTES_MAX) {
		(void)atomic_fetch_sub(&server->bodies, len);
		conn_problem(conn, HTTP_PROBLEM_ERROR, ERR_BUSY,
		    "too much is being received at once");
		return;
	}
	conn->body_charged += len;
	err = buf_put(&conn->body, bytes, len);
	if (err == ERR_TOO_BIG)
		conn_problem(conn, HTTP_PROBLEM_TOO_BIG, err,
		    "the body is over the limit");
	else if (err < 0)
		conn_problem(conn, HTTP_PROBLEM_ERROR, err, NULL);
}

static enum MHD_Result
conn_receive(struct http_conn *conn, const char *bytes, size_t *len)
{
	conn->body_taken += *len;
	atomic_store_explicit(&conn->received, conn->body_taken,
	    memory_order_relaxed);
	metric_add(&conn->thread->metrics.received, *len);
	if (conn->problem.status == 0) {
		conn_take(conn, bytes, *len);
		if (conn->problem.status != 0)
			conn->body_taken = 0; /* now counts what is lost */
	} else if (conn->body_taken > HTTP_DISCARD_BYTES) {
		return MHD_NO;
	}
	*len = 0;
	if (conn->form != NULL && conn->problem.status == 0 &&
	    form_has_work(conn->form) &&
	    !atomic_load(&conn->server->is_closed)) {
		MHD_suspend_connection(conn->mhd);
		pool_put(conn, TASK_FORM);
	}
	return MHD_YES;
}

/* The body is whole. */
static enum MHD_Result
conn_received(struct http_conn *conn)
{
	atomic_store_explicit(&conn->is_receiving, false,
	    memory_order_relaxed);
	conn->phase = CONN_HANDLE;
	conn->request.body = buf_text(&conn->body);
	conn->request.body_len = conn->body.len;
	if (conn->form != NULL && conn->problem.status == 0 &&
	    form_end(conn->form) < 0)
		conn_problem(conn, HTTP_PROBLEM_ERROR,
		    form_end(conn->form), form_words(conn->form));
	return conn_answer(conn);
}

enum MHD_Result
conn_request(void *cls, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *bytes, size_t *len,
    void **context)
{
	struct http_conn *conn = *context;

	(void)cls;
	(void)mhd;
	(void)url;
	if (conn == NULL)
		return MHD_NO;
	switch (conn->phase) {
	case CONN_TARGET:
		return conn_begin(conn, method, version);
	case CONN_BODY:
		if (*len > 0)
			return conn_receive(conn, bytes, len);
		return conn_received(conn);
	case CONN_HANDLE:
	case CONN_READY:
		return conn_answer(conn);
	case CONN_IDLE:
	case CONN_SENT:
		break;
	}
	return MHD_NO;
}

void
conn_completed(void *cls, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct http_conn *conn = *context;
	int64_t now_us;

	(void)cls;
	(void)mhd;
	(void)code;
	*context = NULL;
	if (conn == NULL || conn->phase == CONN_IDLE)
		return;
	now_us = clock_mono_us();
	if (conn->status != 0) {
		if (strcmp(conn->method, "HEAD") == 0)
			conn->sent = 0; /* the length alone */
		metrics_count(conn, now_us - conn->begun_us);
		if (log_is_on(conn->server->request_level))
			request_log(conn, now_us - conn->begun_us);
	}
	atomic_store_explicit(&conn->is_receiving, false,
	    memory_order_relaxed);
	conn_reset(conn);
	conn_deadline(conn, now_us, HTTP_KEEPALIVE_MS);
	metric_add(&conn->thread->metrics.ended, 1);
}
