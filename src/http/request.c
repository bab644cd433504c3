/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request as handlers see it, and its way through routing and key, all of
 * it without a socket: what a fuzzer drives.
 */
#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/board.h"
#include "http/http_int.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/rng.h"

#define QUERY_NUMBER_DIGITS 19u

static const struct http_conn *
conn_of(const struct http_request *request)
{
	return (const struct http_conn *)(const void *)request;
}

static struct http_conn *
conn_from(struct http_request *request)
{
	return (struct http_conn *)(void *)request;
}

/* ---- what handlers ask for -------------------------------------------- */

const char *
http_header(const struct http_request *request, const char *name)
{
	const struct http_conn *conn = conn_of(request);

	if (conn->mhd == NULL)
		return NULL;
	return MHD_lookup_connection_value(conn->mhd, MHD_HEADER_KIND, name);
}

bool
http_is_type(const struct http_request *request, const char *type)
{
	const char *value = http_header(request, "Content-Type");
	size_t len = strlen(type);

	return value != NULL && strncasecmp(value, type, len) == 0 &&
	    strchr("; \t", value[len]) != NULL;
}

const char *
http_query_next(const struct http_request *request, const char *name,
    size_t *at)
{
	const struct uri *uri = &conn_of(request)->uri;

	while (*at < uri->query_count) {
		const struct uri_pair *pair = &uri->query[(*at)++];

		if (strcmp(pair->name, name) == 0)
			return pair->value;
	}
	return NULL;
}

const char *
http_query(const struct http_request *request, const char *name)
{
	size_t at = 0;

	return http_query_next(request, name, &at);
}

int
http_query_number(struct http_request *request, const char *name,
    uint64_t min, uint64_t max, uint64_t otherwise, uint64_t *ret_number)
{
	const char *text = http_query(request, name), *at;
	uint64_t number = 0;

	if (text == NULL) {
		*ret_number = otherwise;
		return 0;
	}
	for (at = text; *at >= '0' && *at <= '9' &&
	     at - text < (ptrdiff_t)QUERY_NUMBER_DIGITS; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (at == text || *at != '\0' || number < min || number > max)
		return err_set(&request->note, ERR_INVALID, "%s must be a "
		    "number from %llu to %llu", name, (unsigned long long)min,
		    (unsigned long long)max);
	*ret_number = number;
	return 0;
}

/* jansson limits depth, too, but to a number of its own. */
static bool
json_is_too_deep(const char *text, size_t len)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > HTTP_JSON_DEPTH_MAX)
				return true;
		} else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

int
http_json(struct http_request *request, json_t **ret_json)
{
	struct http_conn *conn = conn_from(request);
	json_error_t error;

	if (conn->json == NULL) {
		conn->is_json_bad = true;
		if (json_is_too_deep(request->body, request->body_len))
			return err_set(&request->note, ERR_SYNTAX,
			    "the JSON is nested deeper than %u",
			    HTTP_JSON_DEPTH_MAX);
		conn->json = json_loadb(request->body, request->body_len,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
		if (conn->json == NULL)
			return err_set(&request->note, ERR_SYNTAX,
			    "not JSON: line %d, column %d: %s", error.line,
			    error.column, error.text);
		conn->is_json_bad = false;
	}
	*ret_json = conn->json;
	return 0;
}

const struct http_file *
http_file_at(const struct http_request *request, size_t nth)
{
	const struct http_conn *conn = conn_of(request);

	return conn->form == NULL ? NULL : form_file(conn->form, nth);
}

const char *
http_field(const struct http_request *request, const char *name)
{
	size_t at = 0;

	return http_field_next(request, name, &at);
}

const char *
http_field_next(const struct http_request *request, const char *name,
    size_t *at)
{
	const struct http_conn *conn = conn_of(request);

	return conn->form == NULL ? NULL : form_field(conn->form, name, at);
}

uint64_t
http_upload_file_bytes_max(const struct http_request *request)
{
	return conn_of(request)->server->upload_file_bytes_max;
}

bool
http_upload_any_format(const struct http_request *request)
{
	return conn_of(request)->server->upload_any_format;
}

const char *
http_failures_word(const struct http_request *request)
{
	return conn_of(request)->server->failures_word;
}

int
http_denied_status(const struct http_request *request)
{
	return conn_of(request)->server->denied_status;
}

int
http_reader(struct http_request *request, struct store **ret_reader)
{
	struct http_thread *thread;
	int err = 0;

	thread = http_thread_self(conn_from(request)->server);
	if (thread == NULL)
		return ERR_NOMEM;
	if (thread->reader == NULL)
		err = engine_reader(request->engine, &thread->reader,
		    &request->note);
	if (err < 0)
		return err;
	*ret_reader = thread->reader;
	return 0;
}

int
http_begin(struct http_request *request, struct store **ret_reader)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_begin(reader, &request->note);
	if (err == 0)
		*ret_reader = reader;
	return err;
}

int
http_end(struct http_request *request, struct store *reader, int err)
{
	int64_t rev, generation;
	int stamp_err;

	stamp_err = store_stamp(reader, &rev, &generation);
	store_end(reader);
	if (err == 0 && stamp_err == 0)
		board_wait(engine_board(request->engine), rev);
	return err;
}

bool
http_is_stopping(const struct http_request *request)
{
	return atomic_load(&conn_of(request)->server->is_stopping);
}

const char *
http_version(const struct http_request *request)
{
	return conn_of(request)->server->version;
}

const char *
http_request_id(struct http_request *request)
{
	struct http_conn *conn = conn_from(request);
	struct uuid uuid;

	if (conn->request_id[0] == '\0') {
		uuid = rng_uuid();
		uuid_format(&uuid, conn->request_id);
	}
	return conn->request_id;
}

/* ---- the life of a request -------------------------------------------- */

void
conn_init(struct http_conn *conn, struct http_server *server)
{
	conn->server = server;
	conn->phase = CONN_IDLE;
	buf_init(&conn->target, HTTP_HEADER_BYTES_MAX);
	buf_init(&conn->work, 2 * HTTP_HEADER_BYTES_MAX + 1);
	buf_init(&conn->scratch, HTTP_REPLY_BYTES_MAX);
	buf_init(&conn->body, HTTP_JSON_BYTES_MAX);
	reply_init(&conn->reply);
	conn->uri.segment_count = conn->uri.query_count = 0;
	conn->uri.has_slash = false;
	conn->fd = -1;
}

static void
buf_shrink(struct buf *buf)
{
	size_t max = buf->max;

	if (buf->size > HTTP_KEEP_BYTES) {
		buf_fini(buf);
		buf_init(buf, max);
	} else {
		buf_clear(buf);
	}
}

void
conn_reset(struct http_conn *conn)
{
	if (conn->body_charged > 0)
		(void)atomic_fetch_sub(&conn->server->bodies,
		    conn->body_charged);
	conn->body_charged = conn->body_taken = 0;
	form_free(conn->form);
	conn->form = NULL;
	engine_upload_free(conn->raw);
	conn->raw = NULL;
	json_decref(conn->json);
	conn->json = NULL;
	if (conn->request.state_free != NULL)
		conn->request.state_free(conn->request.state);
	conn->request.state = NULL;
	conn->request.state_free = NULL;
	conn->is_json_bad = conn->is_waited = conn->is_gone = false;
	conn->request_id[0] = '\0';
	conn->problem.status = 0;
	conn->refused_status = 0;
	socket_free(conn->socket);
	conn->socket = NULL;
	conn->wait_until_ms = 0;
	conn->status = 0;
	conn->sent = 0;
	conn->stream = NULL;
	buf_shrink(&conn->scratch);
	buf_shrink(&conn->body);
	reply_clear(&conn->reply);
	conn->phase = CONN_IDLE;
}

void
conn_fini(struct http_conn *conn)
{
	conn_reset(conn);
	reply_fini(&conn->reply);
	buf_fini(&conn->target);
	buf_fini(&conn->work);
	buf_fini(&conn->scratch);
	buf_fini(&conn->body);
}

void
conn_problem(struct http_conn *conn, enum http_problem_kind kind, int err,
    const char *words)
{
	static const int status_of[] = {
	    [HTTP_PROBLEM_AUTH] = 401, [HTTP_PROBLEM_ROUTE] = 404,
	    [HTTP_PROBLEM_METHOD] = 405, [HTTP_PROBLEM_JSON] = 400,
	    [HTTP_PROBLEM_TOO_BIG] = 413, [HTTP_PROBLEM_ERROR] = 0};

	conn->problem.kind = kind;
	conn->problem.err = err;
	conn->problem.status = status_of[kind] != 0 ? status_of[kind]
						    : err_http(err);
	conn->problem.words = words != NULL && words[0] != '\0'
	    ? words : err_text(err);
}

/* What a browser asks before a page of another origin may call: that the
 * method is none of a route's is no problem then. */
static bool
conn_answers_options(const struct http_conn *conn)
{
	return conn->problem.kind == HTTP_PROBLEM_METHOD &&
	    conn->request.dialect->options != NULL &&
	    strcmp(conn->method, "OPTIONS") == 0;
}

static void
conn_write_options(struct http_conn *conn)
{
	const char *const *header = conn->request.dialect->options;

	for (; *header != NULL; header += 2)
		http_reply_header(&conn->reply.pub, header[0], header[1]);
	conn->reply.pub.status = 200;
	conn->reply.pub.content_type = NULL;
}

void
conn_write_problem(struct http_conn *conn)
{
	static const struct {
		enum http_method method;
		const char *name;
	} methods[] = {{HTTP_GET, "GET, HEAD"}, {HTTP_POST, "POST"},
	    {HTTP_PUT, "PUT"}, {HTTP_PATCH, "PATCH"},
	    {HTTP_DELETE, "DELETE"}};
	char allow[64] = "";
	size_t len = 0;

	reply_clear(&conn->reply);
	if ((conn->problem.kind == HTTP_PROBLEM_METHOD ||
	    conn->problem.kind == HTTP_PROBLEM_ROUTE) &&
	    cors_is_asked(&conn->request, conn->method)) {
		cors_answer(&conn->request, &conn->reply.pub);
		return;
	}
	conn->reply.pub.status = conn->problem.status;
	if (conn->problem.kind == HTTP_PROBLEM_METHOD) {
		for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
			if ((conn->match.allowed & methods[i].method) != 0)
				len += (size_t)snprintf(allow + len,
				    sizeof(allow) - len, "%s%s",
				    len == 0 ? "" : ", ", methods[i].name);
		http_reply_header(&conn->reply.pub, "Allow", allow);
	}
	if (conn_answers_options(conn)) {
		conn_write_options(conn);
		return;
	}
	if (conn->problem.status == 426) {
		http_reply_header(&conn->reply.pub, "Upgrade", "websocket");
		http_reply_header(&conn->reply.pub, "Sec-WebSocket-Version",
		    "13");
	}
	conn->request.dialect->problem(&conn->request, &conn->reply.pub,
	    &conn->problem);
	if (conn->problem.status >= 500)
		log_with(LOG_WARN, conn->problem.words,
		    LOG_TEXT("request", http_request_id(&conn->request)),
		    LOG_TEXT("route", conn->match.route == NULL
			? NULL : conn->match.route->pattern),
		    LOG_NUMBER("status", conn->problem.status),
		    LOG_TEXT("error", err_name(conn->problem.err)));
}

/* The method's bit; HEAD counts as GET; 0 for those that no route has. */
static unsigned
method_of(const char *method)
{
	static const struct {
		const char *name;
		enum http_method method;
	} names[] = {{"GET", HTTP_GET}, {"HEAD", HTTP_GET},
	    {"POST", HTTP_POST}, {"PUT", HTTP_PUT}, {"PATCH", HTTP_PATCH},
	    {"DELETE", HTTP_DELETE}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].name, method) == 0)
			return (unsigned)names[i].method;
	return 0;
}

/* Cut the target up and find its route; sets problem when it has none. */
static void
conn_find(struct http_conn *conn)
{
	struct http_request *request = &conn->request;
	const char *path;
	size_t path_len;
	int err, bad;

	buf_clear(&conn->work);
	path = uri_path(buf_text(&conn->target), &path_len);
	/* The path as it was sent, and behind it the target to cut up. */
	(void)buf_put(&conn->work, path, path_len);
	(void)buf_putc(&conn->work, '\0');
	bad = buf_put(&conn->work, conn->target.data, conn->target.len);
	conn->uri.segment_count = HTTP_SEGMENTS_MAX + 1;
	if (bad == 0)
		bad = uri_parse(conn->work.data + path_len + 1, &conn->uri);
	err = router_find(conn->server->router, (unsigned)request->method,
	    &conn->uri, path, path_len, &conn->match);
	if (bad < 0) {
		/* Whose route it would have been tells who answers. */
		conn->match.route = NULL;
		conn->match.index = 0;
		conn_problem(conn, HTTP_PROBLEM_ERROR, bad,
		    "the address is malformed");
	} else if (err == ERR_NOT_FOUND) {
		conn_problem(conn, HTTP_PROBLEM_ROUTE, ERR_NOT_FOUND,
		    "there is nothing at this path");
	} else if (err < 0) {
		conn_problem(conn, HTTP_PROBLEM_METHOD, err,
		    "this path does not know the method");
	}
}

void
conn_route(struct http_conn *conn, const char *method)
{
	struct http_request *request = &conn->request;
	bool is_same = conn->is_same && conn->match.route != NULL &&
	    strcmp(conn->method, method) == 0;

	memset(&request->caller, 0, sizeof(request->caller));
	request->has_cookie = false;
	request->method = (enum http_method)method_of(method);
	request->engine = conn->server->engine;
	request->scratch = &conn->scratch;
	request->body = "";
	request->body_len = 0;
	request->note.text[0] = '\0';
	if (!is_same) {
		conn_find(conn);
		(void)snprintf(conn->method, sizeof(conn->method), "%s",
		    method);
	}
	memcpy(request->params, conn->match.params, sizeof(request->params));
	request->dialect = conn->match.dialect;
	request->route = conn->match.route;
	request->path = buf_text(&conn->work);
}

bool
conn_handle(struct http_conn *conn)
{
	struct http_request *request = &conn->request;
	struct reply *reply = &conn->reply;
	int err;

	ASSERT(conn->problem.status == 0);
	reply_clear(reply);
	request->note.text[0] = '\0';
	buf_clear(&conn->scratch);
	conn->rev = board_rev(conn->server->board);
	err = request->route->handler(request, &reply->pub);
	if (err == 0 && reply->kind == REPLY_LATER)
		return false;
	if (err == 0)
		err = reply->pub.body.err;
	if (err == 0)
		err = reply->headers.err;
	if (err == ERR_SYNTAX && conn->is_json_bad)
		conn_problem(conn, HTTP_PROBLEM_JSON, err,
		    request->note.text);
	else if (err < 0)
		conn_problem(conn, HTTP_PROBLEM_ERROR, err,
		    request->note.text);
	if (err < 0 && conn->refused_status != 0)
		conn->problem.status = conn->refused_status;
	if (err < 0)
		conn_write_problem(conn);
	return true;
}
