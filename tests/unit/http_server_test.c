/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server on a loopback socket, over an engine of paper (paper_engine.h).
 * Everything is ordered by answers, not by time.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
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

/* ---- a dialect to test with ------------------------------------------- */

static _Atomic int calls;

static int
on_hello(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 200);
	const char *name = http_query(request, "name");

	jsonw_object(w);
	jsonw_nint(w, "account", request->caller.account_id);
	jsonw_nstring(w, "name", name);
	jsonw_nint(w, "calls", atomic_fetch_add(&calls, 1) + 1);
	jsonw_object_end(w);
	return 0;
}

static int
on_kept(struct http_request *request, struct http_reply *reply)
{
	int64_t rev = board_rev(paper.board);
	int err = on_hello(request, reply);

	http_reply_keep_rev(reply, rev);
	return err;
}

static int
on_kept_job(struct http_request *request, struct http_reply *reply)
{
	struct job job;

	if (!board_get(paper.board, &request->params[0].uuid, &job))
		return ERR_NOT_FOUND;
	if (http_reply_etag(request, reply, job.rev))
		return 0;
	http_reply_keep_job(reply, &job);
	return on_hello(request, reply);
}

static int
on_wait(struct http_request *request, struct http_reply *reply)
{
	struct job job;
	uint64_t after;
	int err;

	err = http_query_number(request, "after", 0, 1000, 0, &after);
	if (err < 0)
		return err;
	if (!board_get(paper.board, &request->params[0].uuid, &job))
		return ERR_NOT_FOUND;
	if (job.rev <= (int64_t)after && http_reply_wait(request, reply,
	    &job.uuid, (int64_t)after, 60000))
		return 0;
	jsonw_int(http_reply_json(reply, 200), job.rev);
	return 0;
}

static int
on_echo(struct http_request *request, struct http_reply *reply)
{
	json_t *json;
	char *text;
	int err;

	err = http_json(request, &json);
	if (err < 0)
		return err;
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	(void)http_reply_json(reply, 201);
	(void)buf_puts(&reply->body, text);
	free(text);
	return 0;
}

static int
on_upload(struct http_request *request, struct http_reply *reply)
{
	const struct http_file *file;
	const char *label = http_field(request, "label");
	size_t n = 0;

	reply->content_type = "text/plain";
	(void)buf_printf(&reply->body, "label=%s", label == NULL ? "-"
								 : label);
	for (; (file = http_file_at(request, n)) != NULL; n++)
		(void)buf_printf(&reply->body, ";%s=%zu%s", file->name,
		    file->upload->bytes.len,
		    file->upload->is_finished ? "" : "?");
	return 0;
}

static int
on_fail(struct http_request *request, struct http_reply *reply)
{
	(void)buf_puts(&reply->body, "to be forgotten");
	http_reply_header(reply, "X-Forgotten", "yes");
	return err_set(&request->note, ERR_CONFLICT, "words of %s",
	    request->path);
}

struct count_state {
	int next, last, wait_at;
};

static int
count_fill(void *arg, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct count_state *state = arg;

	(void)engine;
	(void)reader;
	if (state->next > state->last)
		return HTTP_END;
	(void)buf_printf(out, "piece %d\n", state->next);
	return state->next++ == state->wait_at ? HTTP_WAIT : HTTP_MORE;
}

static const struct http_stream_ops count_ops = {
    .fill = count_fill, .free = mem_free, .heartbeat = ":\n"};

static int
on_count(struct http_request *request, struct http_reply *reply)
{
	struct count_state *state = mem_zalloc(sizeof(*state));
	uint64_t last, wait_at;
	int err;

	err = http_query_number(request, "last", 1, 1000000, 3, &last);
	if (err == 0)
		err = http_query_number(request, "wait_at", 0, 1000000, 0,
		    &wait_at);
	if (err < 0) {
		mem_free(state);
		return err;
	}
	state->next = 1;
	state->last = (int)last;
	state->wait_at = (int)wait_at;
	reply->content_type = "text/plain";
	http_reply_stream(reply, &count_ops, state);
	return 0;
}

static int
on_file(struct http_request *request, struct http_reply *reply)
{
	char path[] = "/tmp/http_server_test_XXXXXX";
	int fd = mkstemp(path);

	(void)request;
	assert_true(fd >= 0);
	(void)unlink(path);
	assert_int_equal(write(fd, "of a file", 9), 9);
	http_reply_header(reply, "X-Name", "two\r\nX-Evil: lines");
	http_reply_file(reply, &fd, 9);
	return 0;
}

static void
on_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	(void)request;
	reply->content_type = "text/plain";
	(void)buf_printf(&reply->body, "kind %d auth %d: %s", problem->kind,
	    problem->kind == HTTP_PROBLEM_AUTH ? (int)problem->auth : 0,
	    problem->words);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/t/hello", on_hello, HTTP_QUICK},
    {HTTP_GET, "/t/slow", on_hello, 0},
    {HTTP_GET, "/t/kept", on_kept, HTTP_QUICK},
    {HTTP_GET, "/t/jobs/{uuid}", on_kept_job, HTTP_QUICK},
    {HTTP_GET, "/t/jobs/{uuid}/wait", on_wait, HTTP_QUICK},
    {HTTP_GET, "/t/jobs/{uuid}/slow-wait", on_wait, 0},
    {HTTP_GET, "/t/fail", on_fail, 0},
    {HTTP_GET, "/t/count", on_count, 0},
    {HTTP_GET, "/t/file", on_file, 0},
    {HTTP_POST, "/t/echo", on_echo, 0},
    {HTTP_POST, "/t/upload", on_upload, HTTP_UPLOAD},
};
static const char *const prefixes[] = {"/t", NULL};
static const struct http_dialect dialect = {.name = "test",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(*routes),
    .flags = HTTP_BEARER | HTTP_API_KEY,
    .problem = on_problem};
static const struct http_dialect *const dialects[] = {&dialect};

/* ---- a client --------------------------------------------------------- */

static struct http_server *server;
static unsigned port;
static struct buf answer;
static int fd = -1;

static void
client_open(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};

	if (fd >= 0)
		(void)close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
}

static void
client_send(const char *text)
{
	size_t len = strlen(text);

	assert_true(send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len);
}

/* Read on until the answer holds needle (or, NULL, to its end). */
static void
client_until(const char *needle)
{
	char piece[4096];
	ssize_t n;

	while (needle == NULL || strstr(buf_text(&answer), needle) == NULL) {
		n = recv(fd, piece, sizeof(piece), 0);
		if (n <= 0) {
			assert_null(needle);
			return;
		}
		assert_int_equal(buf_put(&answer, piece, (size_t)n), 0);
	}
}

/* Read one answer with a Content-Length. */
static const char *
client_answer(void)
{
	const char *head, *length;
	size_t need;

	buf_clear(&answer);
	client_until("\r\n\r\n");
	head = strstr(buf_text(&answer), "\r\n\r\n") + 4;
	need = (size_t)(head - buf_text(&answer));
	length = strstr(buf_text(&answer), "Content-Length: ");
	if (length != NULL)
		need += strtoul(length + 16, NULL, 10);
	while (answer.len < need) {
		char c;

		assert_int_equal(recv(fd, &c, 1, 0), 1);
		assert_int_equal(buf_putc(&answer, c), 0);
	}
	return buf_text(&answer);
}

#define HOST "Host: x\r\n"
#define KEY HOST "Authorization: Bearer good\r\n"

static const char *
get(const char *path, const char *headers)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n%s\r\n", path,
	    headers);
	client_send(text);
	return client_answer();
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void
put_job(int64_t rev, enum job_state state)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.id = 1;
	assert_int_equal(uuid_parse("0b1f4a52-7f0e-4c67-9c0e-3f1d8a5e6b21",
	    36, &job.uuid), 0);
	job.state = state;
	job.rev = rev;
	job.account_id = 1;
	assert_int_equal(board_put(paper.board, &job), 0);
	board_set_rev(paper.board, rev, 0);
	http_server_notify(server);
}
#define JOB "/t/jobs/0B1F4A52-7f0e-4c67-9c0e-3f1d8a5e6b21"

/* ---- tests ------------------------------------------------------------ */

static int
setup(void **state)
{
	struct http_options options = {.listen = "127.0.0.1:0",
	    .dialects = dialects, .dialect_count = 1, .version = "9"};
	struct err_note note = {""};

	(void)state;
	buf_init(&answer, 64 * MIB);
	paper.board = board_new();
	assert_non_null(paper.board);
	assert_int_equal(http_server_open(&options, &paper, &server, &port,
	    &note), 0);
	assert_true(port != 0);
	client_open();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (fd >= 0)
		(void)close(fd);
	fd = -1;
	http_server_close(server);
	server = NULL;
	board_free(paper.board);
	buf_fini(&answer);
	assert_int_equal(atomic_load(&uploads_open), 0);
	return 0;
}

static void
test_self(void **state)
{
	(void)state;
	assert_has(get("/", HOST), "HTTP/1.1 404");
	assert_has(get("/health", HOST), "{\"status\":\"ready\","
	    "\"health\":\"healthy\",\"version\":\"9\","
	    "\"embedding\":\"paper\"}");
	assert_has(get("/health", HOST), "HTTP/1.1 200");
	assert_has(get("/metrics", HOST), "tidemark_http_requests_total{"
	    "method=\"GET\",route=\"/health\",status=\"200\"} 2");
	assert_has(get("/metrics", HOST "X-Forwarded-For: 1.2.3.4\r\n"),
	    "HTTP/1.1 401");
	assert_has(get("/metrics", KEY "X-Forwarded-For: 1.2.3.4\r\n"),
	    "HTTP/1.1 200");
	assert_has(get("/nobody", HOST), "\"code\":\"NOT_FOUND\"");
	assert_has(get("/bad%zz", HOST), "HTTP/1.1 400");
}

static void
test_auth(void **state)
{
	(void)state;
	assert_has(get("/t/hello", KEY), "\"account\":1");
	assert_has(get("/t/hello", HOST "X-Api-Key: also\r\n"),
	    "\"account\":2");
	assert_has(get("/t/hello", HOST "authorization: bearer  good\r\n"),
	    "\"account\":1");
	assert_has(get("/t/hello", HOST), "kind 0 auth 1");
	assert_has(get("/t/hello", HOST "Authorization: good\r\n"),
	    "kind 0 auth 2");
	assert_has(get("/t/hello", HOST "Authorization: Basic good\r\n"),
	    "kind 0 auth 3");
	assert_has(get("/t/hello", HOST "Authorization: Bearer bad\r\n"),
	    "kind 0 auth 4");
	assert_has(get("/t/hello", HOST "X-Api-Key: bad\r\n"),
	    "HTTP/1.1 401");
}

static void
test_routes(void **state)
{
	(void)state;
	assert_has(get("/t/nothing", KEY), "kind 1");
	assert_has(get("/t/echo", KEY), "HTTP/1.1 405");
	assert_has(buf_text(&answer), "Allow: POST\r\n");
	client_send("HEAD /t/hello HTTP/1.1\r\n" KEY "\r\n");
	client_until("\r\n\r\n");
	client_send("PUT /t/hello HTTP/1.1\r\n" KEY "Content-Length: 2\r\n"
	    "\r\nxx");
	client_open();
	assert_has(get("/t/slow?name=a%20b&name=c", KEY), "\"name\":\"a b\"");
	assert_has(get("/t/fail?x", KEY), "HTTP/1.1 409");
	assert_has(buf_text(&answer), "kind 5 auth 0: words of /t/fail");
	assert_null(strstr(buf_text(&answer), "orgotten"));
	assert_has(get("/t/file", KEY), "of a file");
	assert_has(buf_text(&answer), "X-Name: two??X-Evil: lines\r\n");
}

static void
test_json(void **state)
{
	(void)state;
#define POST "POST /t/echo HTTP/1.1\r\n" KEY
	client_send(POST "Content-Length: 7\r\n\r\n{\"a\":1}");
	assert_has(client_answer(), "{\"a\":1}");
	client_send(POST "Content-Length: 13\r\n\r\n{\"a\":1,\"a\":2}");
	assert_has(client_answer(), "kind 3");
	client_send(POST "Content-Length: 0\r\n\r\n");
	assert_has(client_answer(), "kind 3");
	client_send(POST "Transfer-Encoding: chunked\r\n\r\n"
	    "2\r\n[1\r\n3\r\n,2]\r\n0\r\n\r\n");
	assert_has(client_answer(), "[1,2]");
	/* Deeper than the limit, but not than the parser's own. */
	client_send(POST "Content-Length: 140\r\n\r\n");
	for (int i = 0; i < 140; i++)
		client_send(i < 70 ? "[" : "]");
	assert_has(client_answer(), "nested deeper");
}

static void
test_too_big(void **state)
{
	(void)state;
	client_send(POST "Content-Length: 99999999\r\n\r\n");
	assert_has(client_answer(), "HTTP/1.1 413");
	client_open();
	client_send("POST /t/echo HTTP/1.1\r\n" HOST
	    "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
	assert_has(client_answer(), "HTTP/1.1 401");
	/* A small body is swallowed; the connection goes on. */
	client_open();
	client_send("POST /t/echo HTTP/1.1\r\n" HOST
	    "Content-Length: 2\r\n\r\n[]");
	assert_has(client_answer(), "HTTP/1.1 401");
	assert_has(get("/t/hello", KEY), "HTTP/1.1 200");
}

#define UPLOAD "POST /t/upload HTTP/1.1\r\n" KEY                              \
	"Content-Type: multipart/form-data; boundary=b\r\n"
#define PART(name) "--b\r\nContent-Disposition: form-data; name=\"file\"; "   \
	"filename=\"" name "\"\r\n\r\n"

static void
upload(const char *body)
{
	char head[512];

	(void)snprintf(head, sizeof(head), UPLOAD "Content-Length: %zu\r\n"
	    "\r\n", strlen(body));
	client_send(head);
	client_send(body);
	(void)client_answer();
}

static void
test_upload(void **state)
{
	char *big = mem_zalloc(1000000);

	(void)state;
	upload(PART("a") "\r\n" PART("b") "12345\r\n"
	    "--b\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\n"
	    "me\r\n--b--\r\n");
	assert_has(buf_text(&answer), "label=me;a=0;b=5");
	upload(PART("a") "cut off");
	assert_has(buf_text(&answer), "HTTP/1.1 400");
	upload(PART("refused") "x\r\n--b--");
	assert_has(buf_text(&answer), "no room for it");
	assert_has(buf_text(&answer), "HTTP/1.1 507");
	(void)snprintf(big, 1000000, PART("big"));
	memset(big + strlen(big), 'x', 900000);
	(void)snprintf(big + strlen(big), 1000, "\r\n" PART("c")
	    "1\r\n--b--");
	upload(big);
	assert_has(buf_text(&answer), ";big=900000;c=1");
	mem_free(big);
	/* JSON on the same route is no form. */
	client_send("POST /t/upload HTTP/1.1\r\n" KEY
	    "Content-Length: 2\r\n\r\n{}");
	assert_has(client_answer(), "label=-");
}

static void
test_kept(void **state)
{
	int before;

	(void)state;
	put_job(5, JOB_COMPLETED);
	(void)get("/t/kept?a=1", KEY);
	before = atomic_load(&calls);
	/* Each of the two threads asks once at most: this connection is with
	 * one of them. */
	assert_has(get("/t/kept?a=1", KEY), "HTTP/1.1 200");
	assert_int_equal(atomic_load(&calls), before);
	(void)get("/t/kept?a=1", HOST "X-Api-Key: also\r\n");
	assert_int_equal(atomic_load(&calls), before + 1);
	(void)get("/t/kept?a=2", KEY);
	assert_int_equal(atomic_load(&calls), before + 2);
	(void)get(JOB, KEY);
	assert_has(get(JOB, KEY), "ETag: \"5\"");
	assert_int_equal(atomic_load(&calls), before + 3);
	assert_has(get(JOB, KEY "If-None-Match: W/\"5\", \"6\"\r\n"),
	    "HTTP/1.1 304");
	/* Something else was committed: the job's page still holds. */
	board_set_rev(paper.board, 6, 0);
	(void)get(JOB, KEY);
	assert_int_equal(atomic_load(&calls), before + 3);
	(void)get("/t/kept?a=1", KEY);
	assert_int_equal(atomic_load(&calls), before + 4);
	put_job(7, JOB_COMPLETED);
	assert_has(get(JOB, KEY), "ETag: \"7\"");
	assert_int_equal(atomic_load(&calls), before + 5);
}

static void
test_long_poll(void **state)
{
	static const char *const paths[] = {
	    "wait", "slow-wait"};
	char path[128], text[512];
	int rev = 10;

	(void)state;
	for (size_t i = 0; i < 2; i++, rev += 2) {
		put_job(rev, JOB_RUNNING);
		(void)snprintf(path, sizeof(path), JOB "/%s?after=%d",
		    paths[i], rev - 1);
		assert_has(get(path, KEY), "\r\n\r\n1");
		(void)snprintf(path, sizeof(path), JOB "/%s?after=%d",
		    paths[i], rev);
		(void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" KEY
		    "\r\n", path);
		client_send(text);
		put_job(rev + 1, JOB_RUNNING);
		(void)snprintf(text, sizeof(text), "\r\n\r\n%d", rev + 1);
		assert_has(client_answer(), text);
	}
}

static void
test_stream(void **state)
{
	(void)state;
	client_send("GET /t/count?last=3 HTTP/1.1\r\n" KEY "\r\n");
	buf_clear(&answer);
	client_until("0\r\n\r\n");
	assert_has(buf_text(&answer), "piece 1\npiece 2\npiece 3\n");
	/* Large, in many pieces, on the same connection. */
	client_send("GET /t/count?last=200000 HTTP/1.1\r\n" KEY "\r\n");
	buf_clear(&answer);
	client_until("piece 200000\n");
	client_until("\r\n0\r\n\r\n");
	/* Waits after the second piece until something is committed. */
	client_send("GET /t/count?last=3&wait_at=2 HTTP/1.1\r\n" KEY "\r\n");
	buf_clear(&answer);
	client_until("piece 2\n");
	http_server_notify(server);
	client_until("piece 3\n");
	client_until("0\r\n\r\n");
}

/* The client goes while its stream waits, or is being made. */
static void
test_gone(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		client_open();
		client_send(i % 2 == 0
		    ? "GET /t/count?last=9&wait_at=1 HTTP/1.1\r\n" KEY "\r\n"
		    : "GET /t/count?last=900000 HTTP/1.1\r\n" KEY "\r\n");
		buf_clear(&answer);
		client_until("piece 1\n");
		http_server_notify(server);
	}
	client_open();
	assert_has(get("/t/hello", KEY), "HTTP/1.1 200");
}

/* Stopping answers who waits, ends streams, and returns. */
static void
test_stop_waiting(void **state)
{
	int poll_fd;

	(void)state;
	put_job(30, JOB_RUNNING);
	client_send("GET " JOB "/wait?after=30 HTTP/1.1\r\n" KEY "\r\n");
	poll_fd = fd;
	fd = -1;
	client_open();
	client_send("GET /t/count?last=9&wait_at=1 HTTP/1.1\r\n" KEY "\r\n");
	buf_clear(&answer);
	client_until("piece 1\n");
	http_server_stop(server, 10000);
	client_until(NULL);
	(void)close(fd);
	fd = poll_fd;
	/* The request may have been too late to be read. */
	buf_clear(&answer);
	client_until(NULL);
	if (answer.len > 0)
		assert_has(buf_text(&answer), "\r\n\r\n30");
}

/* Without any grace: what is under way is cut off, nothing hangs. */
static void
test_stop_hard(void **state)
{
	(void)state;
	client_send("GET /t/count?last=1000000 HTTP/1.1\r\n" KEY "\r\n");
	buf_clear(&answer);
	client_until("piece 1\n");
	http_server_stop(server, 0);
	client_until(NULL);
}

static void *
crowd_run(void *arg)
{
	static const char request[] = "GET /t/hello HTTP/1.1\r\n" KEY "\r\n"
	    "GET /t/slow HTTP/1.1\r\n" KEY "\r\n"
	    "GET /t/kept HTTP/1.1\r\n" KEY "\r\n"
	    "GET /t/count HTTP/1.1\r\n" KEY "Connection: close\r\n\r\n";
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	char piece[4096];
	size_t *total = arg;
	ssize_t n;
	int mine;

	for (int i = 0; i < 20; i++) {
		mine = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (mine < 0 || connect(mine, (struct sockaddr *)&address,
		    sizeof(address)) < 0 || send(mine, request,
		    sizeof(request) - 1, MSG_NOSIGNAL) < 0)
			return NULL;
		while ((n = recv(mine, piece, sizeof(piece), 0)) > 0)
			*total += (size_t)n;
		(void)close(mine);
		http_server_notify(server);
	}
	return arg;
}

/* Several clients at once: for the thread sanitizer's eyes. */
static void
test_crowd(void **state)
{
	pthread_t threads[4];
	size_t totals[4] = {0};
	void *result;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_run,
		    &totals[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		(void)pthread_join(threads[i], &result);
		assert_ptr_equal(result, &totals[i]);
		assert_true(totals[i] > 20 * 400);
	}
}

static void
test_listen(void **state)
{
	static const char *const bad[] = {"", "x", "127.0.0.1", "127.0.0.1:",
	    "example.org:80", "127.0.0.1:70000", "127.0.0.1:8x", ":80"};
	struct http_options options = {.dialects = dialects,
	    .dialect_count = 1};
	struct http_server *other;
	struct err_note note;
	char taken[32];
	unsigned other_port;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		options.listen = bad[i];
		assert_int_equal(http_server_open(&options, &paper, &other,
		    &other_port, &note), ERR_INVALID);
	}
	(void)snprintf(taken, sizeof(taken), "localhost:%u", port);
	options.listen = taken;
	assert_int_equal(http_server_open(&options, &paper, &other,
	    &other_port, &note), ERR_BUSY);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_self),
	    TEST(test_auth),
	    TEST(test_routes),
	    TEST(test_json),
	    TEST(test_too_big),
	    TEST(test_upload),
	    TEST(test_kept),
	    TEST(test_long_poll),
	    TEST(test_stream),
	    TEST(test_gone),
	    TEST(test_stop_waiting),
	    TEST(test_stop_hard),
	    TEST(test_crowd),
	    TEST(test_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
