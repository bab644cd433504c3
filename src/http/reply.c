/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "sys/clock.h"

/* Larger bodies are handed over instead of being copied. */
#define REPLY_COPY_MAX (64 * KIB)
#define REPLY_HEADER_BYTES_MAX 16384u

static struct reply *
reply_from(struct http_reply *pub)
{
	return (struct reply *)(void *)pub;
}

void
reply_init(struct reply *reply)
{
	buf_init(&reply->pub.body, HTTP_REPLY_BYTES_MAX);
	buf_init(&reply->headers, REPLY_HEADER_BYTES_MAX);
	reply->kind = REPLY_BUF;
	reply->fd = -1;
	reply->state = NULL;
	reply->socket = NULL;
	reply_clear(reply);
}

void
reply_clear(struct reply *reply)
{
	size_t max = reply->pub.body.max;

	if (reply->fd >= 0)
		(void)close(reply->fd); /* only read from */
	if (reply->state != NULL)
		reply->ops->free(reply->state);
	socket_free(reply->socket);
	reply->socket = NULL;
	reply->fd = -1;
	reply->state = NULL;
	reply->kind = REPLY_BUF;
	reply->keep = KEEP_NOT;
	reply->header_count = 0;
	reply->pub.status = 200;
	reply->pub.content_type = "application/json";
	buf_clear(&reply->headers);
	if (reply->pub.body.size > HTTP_KEEP_BYTES) {
		buf_fini(&reply->pub.body);
		buf_init(&reply->pub.body, max);
	} else {
		buf_clear(&reply->pub.body);
	}
}

void
reply_fini(struct reply *reply)
{
	reply_clear(reply);
	buf_fini(&reply->pub.body);
	buf_fini(&reply->headers);
}

struct jsonw *
http_reply_json(struct http_reply *pub, int status)
{
	pub->status = status;
	pub->content_type = "application/json";
	buf_clear(&pub->body);
	jsonw_init(&pub->w, &pub->body);
	return &pub->w;
}

void
http_reply_header(struct http_reply *pub, const char *name, const char *value)
{
	struct reply *reply = reply_from(pub);
	struct buf *headers = &reply->headers;
	size_t start;

	ASSERT(reply->header_count < HTTP_HEADERS_MAX);
	reply->header_count++;
	(void)buf_put(headers, name, strlen(name) + 1);
	start = headers->len;
	(void)buf_put(headers, value, strlen(value) + 1);
	if (headers->err < 0)
		return;
	/* A name from outside must not begin a header of its own. */
	for (size_t i = start; headers->data[i] != '\0'; i++)
		if ((unsigned char)headers->data[i] < ' ' ||
		    headers->data[i] == 0x7F)
			headers->data[i] = '?';
}

/* Does If-None-Match name the tag (in quotes), alone or in a list? */
static bool
etag_is_named(const char *header, const char *tag)
{
	size_t len = strlen(tag);
	const char *at = header;

	if (strcmp(header, "*") == 0)
		return true;
	while ((at = strchr(at, '"')) != NULL) {
		if (strncmp(at, tag, len) == 0)
			return true;
		at = strchr(at + 1, '"');
		if (at == NULL)
			return false;
		at++;
	}
	return false;
}

bool
http_reply_etag(struct http_request *request, struct http_reply *reply,
    int64_t rev)
{
	const char *header = http_header(request, "If-None-Match");
	char tag[32];

	(void)snprintf(tag, sizeof(tag), "\"%lld\"", (long long)rev);
	http_reply_header(reply, "ETag", tag);
	if (header == NULL || !etag_is_named(header, tag))
		return false;
	reply->status = 304;
	reply->content_type = NULL;
	return true;
}

void
http_reply_keep_job(struct http_reply *pub, const struct job *job)
{
	struct reply *reply = reply_from(pub);

	if (!job_state_is_final(job->state))
		return;
	reply->keep = KEEP_JOB;
	reply->keep_job = job->uuid;
	reply->keep_rev = job->rev;
	memcpy(reply->keep_name, job->base_name, sizeof(reply->keep_name));
}

void
http_reply_keep_rev(struct http_reply *pub, int64_t rev)
{
	struct reply *reply = reply_from(pub);

	reply->keep = KEEP_REV;
	reply->keep_rev = rev;
}

bool
http_reply_wait(struct http_request *request, struct http_reply *pub,
    const struct uuid *job, int64_t after_rev, int64_t wait_ms)
{
	struct http_conn *conn = (struct http_conn *)(void *)request;
	struct reply *reply = reply_from(pub);
	int64_t now_ms = clock_mono_us() / 1000;

	if (conn->wait_until_ms == 0)
		conn->wait_until_ms = now_ms + wait_ms;
	if (now_ms >= conn->wait_until_ms || conn->is_gone ||
	    atomic_load(&conn->server->is_stopping))
		return false;
	conn->waiter.is_stream = false;
	conn->waiter.job = *job;
	conn->waiter.after_rev = after_rev;
	conn->waiter.due_ms = conn->wait_until_ms;
	conn->is_waited = true;
	reply->kind = REPLY_LATER;
	return true;
}

void
http_reply_file(struct http_reply *pub, int *fd, uint64_t bytes)
{
	struct reply *reply = reply_from(pub);

	ASSERT(reply->kind == REPLY_BUF && *fd >= 0);
	reply->kind = REPLY_FILE;
	reply->fd = *fd;
	reply->fd_bytes = bytes;
	*fd = -1;
}

void
http_reply_stream(struct http_reply *pub, const struct http_stream_ops *ops,
    void *state)
{
	struct reply *reply = reply_from(pub);

	ASSERT(reply->kind == REPLY_BUF && state != NULL);
	reply->kind = REPLY_STREAM;
	reply->ops = ops;
	reply->state = state;
}

void
reply_socket(struct http_reply *pub, struct http_socket *socket)
{
	struct reply *reply = reply_from(pub);

	ASSERT(reply->kind == REPLY_BUF && reply->socket == NULL);
	reply->kind = REPLY_SOCKET;
	reply->socket = socket;
	pub->status = 101;
	pub->content_type = NULL;
}

static struct MHD_Response *
response_of_body(struct buf *body)
{
	struct MHD_Response *response;
	size_t len = body->len;
	char *data;

	if (len <= REPLY_COPY_MAX)
		return MHD_create_response_from_buffer(len, body->data,
		    MHD_RESPMEM_MUST_COPY);
	data = buf_take(body);
	if (data == NULL)
		return NULL;
	response = MHD_create_response_from_buffer_with_free_callback(len,
	    data, mem_free);
	if (response == NULL)
		mem_free(data);
	return response;
}

static void
response_dialect(struct MHD_Response *response, const char *const *headers)
{
	for (; headers != NULL && *headers != NULL; headers += 2)
		(void)MHD_add_response_header(response, headers[0],
		    headers[1]);
}

struct MHD_Response *
reply_response(struct reply *reply, struct http_conn *conn)
{
	struct MHD_Response *response = NULL;
	const char *at, *end, *value;

	switch (reply->kind) {
	case REPLY_BUF:
		response = response_of_body(&reply->pub.body);
		break;
	case REPLY_FILE:
		response = MHD_create_response_from_fd64(reply->fd_bytes,
		    reply->fd);
		if (response != NULL)
			reply->fd = -1;
		break;
	case REPLY_STREAM:
		response = stream_response(conn);
		break;
	case REPLY_SOCKET:
		response = socket_response(reply->socket);
		if (response != NULL) {
			conn->socket = reply->socket;
			reply->socket = NULL;
		}
		break;
	case REPLY_LATER:
		ASSERT(reply->kind != REPLY_LATER);
	}
	if (response == NULL)
		return NULL;
	if (reply->pub.content_type != NULL)
		(void)MHD_add_response_header(response, "Content-Type",
		    reply->pub.content_type);
	response_dialect(response, conn->request.dialect->headers);
	cors_headers(&conn->request, response);
	at = buf_text(&reply->headers);
	end = at + reply->headers.len;
	for (; at < end; at = value + strlen(value) + 1) {
		value = at + strlen(at) + 1;
		(void)MHD_add_response_header(response, at, value);
	}
	/* Not of a stream, which may be broken off: there are clients (node's
	 * fetch) that take what came for all of it when they were told that
	 * the connection would close. */
	if (reply->kind != REPLY_STREAM && reply->kind != REPLY_SOCKET &&
	    atomic_load_explicit(&conn->server->is_stopping,
		memory_order_relaxed))
		(void)MHD_add_response_header(response, "Connection",
		    "close");
	return response;
}
