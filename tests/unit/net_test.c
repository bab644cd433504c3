/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http_peer.h"
#include "net/address.h"
#include "net/net.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET "the-key-that-nobody-sees"

/* ---- the other side --------------------------------------------------- */

static bool
answer_large(int fd, bool is_chunked)
{
	char chunk[1024];
	size_t i;

	memset(chunk, 'x', sizeof(chunk));
	peer_say(fd, is_chunked ?
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" :
		"HTTP/1.1 200 OK\r\nContent-Length: 262144\r\n\r\n");
	for (i = 0; i < 256; i++) {
		if (is_chunked)
			peer_say(fd, "400\r\n");
		peer_send(fd, chunk, sizeof(chunk));
		if (is_chunked)
			peer_say(fd, "\r\n");
	}
	if (is_chunked)
		peer_say(fd, "0\r\n\r\n");
	return false;
}

static bool
answer_head_without_end(int fd)
{
	int i;

	peer_say(fd, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 4000; i++)
		peer_say(fd, "X-Filler: 0123456789012345678901234567\r\n");
	return false;
}

static const struct {
	const char *path, *status, *headers, *body;
} pages[] = {
    {"/good", "200 OK", "Content-Type: text/plain; charset=utf-8\r\n",
	"hello"},
    {"/empty", "204 No Content", "", ""},
    {"/busy", "429 Too Many Requests", "Retry-After: 17\r\n", "slow down"},
    {"/busy-date", "503 Unavailable",
	"Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n", ""},
    {"/busy-past", "503 Unavailable",
	"retry-after:  Sun, 06 Nov 1994 08:49:37 GMT \r\n", ""},
    {"/busy-odd", "503 Unavailable", "Retry-After: soon\r\n", ""},
    {"/broken", "500 Internal Server Error", "", "no"},
    {"/away", "302 Found",
	"Location: http://169.254.169.254/latest/meta-data/\r\n", ""},
    {"/odd-type", "200 OK", "Content-Type: text/\x01plain\r\n", "x"},
};

static const struct {
	const char *path, *bytes;
} raw[] = {
    {"/chunked",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"},
    {"/cut-length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
    {"/cut-chunk",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"},
    {"/cut-head", "HTTP/1.1 200 OK\r\nContent-Le"},
    {"/silent", ""},
    {"/not-http", "220 mail.example ESMTP\r\n\r\n"},
    {"/lie",
	"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\nx"},
    {"/bad-length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nxxxxx"},
    {"/early",
	"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
};

static bool
behave(struct peer *peer, int fd, const char *path, const char *request)
{
	size_t i;

	(void)request;
	for (i = 0; i < COUNT(pages); i++)
		if (strcmp(path, pages[i].path) == 0)
			return peer_answer(fd, pages[i].status,
			    pages[i].headers, pages[i].body);
	for (i = 0; i < COUNT(raw); i++)
		if (strcmp(path, raw[i].path) == 0) {
			peer_say(fd, raw[i].bytes);
			return false;
		}
	if (strcmp(path, "/large") == 0)
		return answer_large(fd, false);
	if (strcmp(path, "/large-chunked") == 0)
		return answer_large(fd, true);
	if (strcmp(path, "/head") == 0)
		return answer_head_without_end(fd);
	if (strcmp(path, "/hang") == 0) {
		peer_hang(peer);
		return false;
	}
	if (strcmp(path, "/hang-after") == 0) {
		peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
		peer_hang(peer);
		return false;
	}
	return peer_answer(fd, "404 Not Found", "", "");
}

struct world {
	struct peer peer;
	struct net_client *any;	   /* goes anywhere */
	struct net_client *strict; /* public addresses only */
	char url[256];
};

static int
setup(void **state)
{
	struct net_policy any = {.allows_any = true}, strict = {0};
	struct world *world;

	world = mem_zalloc(sizeof(*world));
	assert_non_null(world);
	peer_open(&world->peer, behave, NULL);
	assert_int_equal(net_client_new(&any, &world->any, NULL), 0);
	assert_int_equal(net_client_new(&strict, &world->strict, NULL), 0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	net_client_free(world->any);
	net_client_free(world->strict);
	peer_close(&world->peer);
	mem_free(world);
	return 0;
}

static const char *
url_of(struct world *world, const char *host, const char *path)
{
	(void)snprintf(world->url, sizeof(world->url), "http://%s:%u%s", host,
	    world->peer.port, path);
	return world->url;
}

static int
ask(struct world *world, const char *path, struct net_limits limits,
    struct net_answer *ret_answer, struct err_note *note)
{
	struct net_request request = {
	    .url = url_of(world, "127.0.0.1", path), .limits = limits};

	return net_run(world->any, &request, ret_answer, note);
}

/* ---- answers ---------------------------------------------------------- */

static void
test_answers(void **state)
{
	static const struct {
		const char *path;
		unsigned status;
		const char *type;
		int64_t retry_s;
		const char *body;
	} rows[] = {
	    {"/good", 200, "text/plain; charset=utf-8", -1, "hello"},
	    {"/empty", 204, "", -1, ""},
	    {"/busy", 429, "", 17, "slow down"},
	    {"/busy-date", 503, "", NET_RETRY_SECONDS_MAX, ""},
	    {"/busy-past", 503, "", 0, ""},
	    {"/busy-odd", 503, "", -1, ""},
	    {"/broken", 500, "", -1, "no"},
	    {"/odd-type", 200, "", -1, "x"},
	    {"/chunked", 200, "", -1, "hello world"},
	    {"/early", 200, "", -1, "ok"},
	};
	struct world *world = *state;
	struct net_answer answer;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ask(world, rows[i].path,
				     (struct net_limits){0}, &answer, NULL),
		    0);
		assert_int_equal(answer.status, rows[i].status);
		assert_string_equal(answer.content_type, rows[i].type);
		assert_int_equal(answer.retry_after_s, rows[i].retry_s);
		assert_string_equal(buf_text(&answer.body), rows[i].body);
		net_answer_fini(&answer);
	}
}

static void
test_bad_answers(void **state)
{
	static const struct {
		const char *path;
		int err;
		const char *words;
	} rows[] = {
	    {"/cut-length", ERR_CLOSED,
		"it closed the connection in the middle of its answer"},
	    {"/cut-chunk", ERR_CLOSED,
		"it closed the connection in the middle of its answer"},
	    {"/silent", ERR_CLOSED,
		"it closed the connection without an answer"},
	    {"/not-http", ERR_UPSTREAM, "what it answers is not HTTP"},
	    {"/bad-length", ERR_UPSTREAM, "what it answers is not HTTP"},
	    {"/lie", ERR_TOO_BIG, "its answer is over the limit"},
	    {"/large", ERR_TOO_BIG, "its answer is over the limit"},
	    {"/large-chunked", ERR_TOO_BIG, "its answer is over the limit"},
	    {"/head", ERR_TOO_BIG, "the head of its answer is too long"},
	};
	struct net_limits limits = {.bytes_max = 100000};
	struct world *world = *state;
	struct net_answer answer = {.status = 7};
	struct err_note note;
	char words[200];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		note.text[0] = '\0';
		assert_int_equal(
		    ask(world, rows[i].path, limits, &answer, &note),
		    rows[i].err);
		(void)snprintf(words, sizeof(words), "127.0.0.1:%u: %s",
		    world->peer.port, rows[i].words);
		assert_string_equal(note.text, words);
		assert_int_equal(answer.status, 7);
	}
	/* The client is as good as new. */
	assert_int_equal(ask(world, "/large", (struct net_limits){0}, &answer,
			     NULL),
	    0);
	assert_int_equal(answer.body.len, 262144);
	net_answer_fini(&answer);
}

/* A head that ends early is either: libcurl takes what came for a head. */
static void
test_cut_head(void **state)
{
	struct world *world = *state;
	struct net_answer answer = {0};
	int err;

	err = ask(world, "/cut-head", (struct net_limits){0}, &answer, NULL);
	assert_true(err == ERR_CLOSED || err == ERR_UPSTREAM || err == 0);
	if (err == 0)
		assert_int_equal(answer.body.len, 0);
	net_answer_fini(&answer);
}

static void
test_no_redirect(void **state)
{
	struct world *world = *state;
	struct net_answer answer;

	assert_int_equal(
	    ask(world, "/away", (struct net_limits){0}, &answer, NULL), 0);
	assert_int_equal(answer.status, 302);
	assert_int_equal(answer.body.len, 0);
	assert_int_equal(peer_requests(&world->peer), 1);
	net_answer_fini(&answer);
}

static void
test_reuse(void **state)
{
	struct world *world = *state;
	struct net_answer answer;
	int i;

	for (i = 0; i < 5; i++) {
		assert_int_equal(ask(world, "/good", (struct net_limits){0},
				     &answer, NULL),
		    0);
		net_answer_fini(&answer);
	}
	assert_int_equal(peer_requests(&world->peer), 5);
	assert_int_equal(peer_connections(&world->peer), 1);
}

/* ---- requests --------------------------------------------------------- */

static void
test_requests(void **state)
{
	static const struct net_header headers[] = {
	    {.name = "Authorization", .value = "Bearer " SECRET},
	    {.name = "Content-Type", .value = "application/json"},
	};
	struct world *world = *state;
	struct net_request request = {
	    .url = url_of(world, "127.0.0.1", "/good"),
	    .headers = headers,
	    .header_count = 2,
	    .body = "{\"a\":1}",
	    .body_len = 7,
	};
	struct net_answer answer;

	assert_int_equal(net_run(world->any, &request, &answer, NULL), 0);
	net_answer_fini(&answer);
	assert_true(peer_heard(&world->peer, "POST /good HTTP/1.1\r\n"));
	assert_true(peer_heard(&world->peer,
	    "\r\nAuthorization: Bearer " SECRET "\r\n"));
	assert_true(peer_heard(&world->peer,
	    "\r\nContent-Type: application/json\r\n"));
	assert_true(peer_heard(&world->peer, "\r\nContent-Length: 7\r\n"));
	assert_true(peer_heard(&world->peer, "\r\n\r\n{\"a\":1}"));
	assert_false(peer_heard(&world->peer, "Expect:"));
	/* Nothing of a request stays for the next one. */
	request = (struct net_request){.method = "DELETE",
	    .url = request.url};
	assert_int_equal(net_run(world->any, &request, &answer, NULL), 0);
	net_answer_fini(&answer);
	assert_true(peer_heard(&world->peer, "DELETE /good HTTP/1.1\r\n"));
	assert_false(peer_heard(&world->peer, SECRET));
	assert_false(peer_heard(&world->peer, "Content-Type"));
	request.method = "POST";
	assert_int_equal(net_run(world->any, &request, &answer, NULL), 0);
	net_answer_fini(&answer);
	assert_true(peer_heard(&world->peer, "\r\nContent-Length: 0\r\n"));
	assert_false(peer_heard(&world->peer, "Content-Type"));
	request.method = "HEAD";
	assert_int_equal(net_run(world->any, &request, &answer, NULL), 0);
	assert_int_equal(answer.body.len, 0);
	net_answer_fini(&answer);
	assert_true(peer_heard(&world->peer, "HEAD /good HTTP/1.1\r\n"));
}

static void
test_refused_requests(void **state)
{
	static const char *const urls[] = {"", "example.com", "/x", "http://",
	    "file:///etc/passwd", "ftp://example.com/", "gopher://x/",
	    "http://name:" SECRET "@127.0.0.1/", "http://name@127.0.0.1/",
	    "http://127.0.0.1/a b", "http://127.0.0.1\r\nX: y/",
	    "http://127.0.0.1:99999/", "http://h\xff/",
	    "javascript:alert(1)"};
	static const struct net_header bad[] = {
	    {"X-A", SECRET "\r\nX-B: 1"},
	    {"X-A", SECRET "\n"},
	    {"X-A", ""},
	    {"", "x"},
	    {"X A", "x"},
	    {"X:A", "x"},
	    {"X\r\nA", "x"},
	};
	struct world *world = *state;
	struct net_request request = {0};
	struct net_header many[NET_HEADERS_MAX + 1];
	struct net_answer answer;
	struct err_note note;
	char *text;
	size_t i;

	for (i = 0; i < COUNT(urls); i++) {
		request.url = urls[i];
		note.text[0] = '\0';
		if (net_run(world->any, &request, &answer, &note) !=
			ERR_INVALID ||
		    net_url_check(urls[i], NULL) != ERR_INVALID)
			fail_msg("%s: %s", urls[i], note.text);
		assert_true(note.text[0] != '\0');
		assert_null(strstr(note.text, SECRET));
	}
	request.url = url_of(world, "127.0.0.1", "/good");
	assert_int_equal(net_url_check(request.url, NULL), 0);
	for (i = 0; i < COUNT(bad); i++) {
		request.headers = &bad[i];
		request.header_count = 1;
		assert_int_equal(net_run(world->any, &request, &answer, &note),
		    ERR_INVALID);
		assert_null(strstr(note.text, SECRET));
	}
	for (i = 0; i < COUNT(many); i++)
		many[i] = (struct net_header){.name = "X", .value = "y"};
	request.headers = many;
	request.header_count = COUNT(many);
	assert_int_equal(net_run(world->any, &request, &answer, &note),
	    ERR_INVALID);
	request.header_count = 0;
	request.method = "GET /other";
	assert_int_equal(net_run(world->any, &request, &answer, &note),
	    ERR_INVALID);
	text = mem_alloc(NET_URL_BYTES_MAX + 2);
	assert_non_null(text);
	memset(text, 'a', NET_URL_BYTES_MAX + 1);
	memcpy(text, "http://a/", 9);
	text[NET_URL_BYTES_MAX + 1] = '\0';
	assert_int_equal(net_url_check(text, NULL), ERR_INVALID);
	text[NET_URL_BYTES_MAX] = '\0';
	assert_int_equal(net_url_check(text, NULL), 0);
	mem_free(text);
	assert_int_equal(peer_connections(&world->peer), 0);
}

/* ---- time ------------------------------------------------------------- */

static void
test_timeouts(void **state)
{
	struct world *world = *state;
	struct net_answer answer;
	struct err_note note;
	char words[200];

	assert_int_equal(ask(world, "/hang",
			     (struct net_limits){.total_ms = 50}, &answer,
			     &note),
	    ERR_TIMEOUT);
	(void)snprintf(words, sizeof(words),
	    "127.0.0.1:%u: no whole answer within 50 ms", world->peer.port);
	assert_string_equal(note.text, words);
	assert_int_equal(ask(world, "/hang-after",
			     (struct net_limits){.stall_ms = 50}, &answer,
			     &note),
	    ERR_TIMEOUT);
	(void)snprintf(words, sizeof(words),
	    "127.0.0.1:%u: nothing came for 50 ms", world->peer.port);
	assert_string_equal(note.text, words);
	/* A connection that is full of an old answer is not used again. */
	assert_int_equal(ask(world, "/good", (struct net_limits){0}, &answer,
			     &note),
	    0);
	assert_string_equal(buf_text(&answer.body), "hello");
	net_answer_fini(&answer);
}

struct asking {
	struct world *world;
	const char *path;
	atomic_bool stop;
	int err;
};

static void *
ask_until_stopped(void *arg)
{
	struct asking *asking = arg;
	struct net_request request = {.stop = &asking->stop};
	struct net_answer answer;
	char url[256];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
	    asking->world->peer.port, asking->path);
	request.url = url;
	asking->err = net_run(asking->world->any, &request, &answer, NULL);
	return NULL;
}

static void
test_stop(void **state)
{
	static const char *const paths[] = {"/hang", "/hang-after"};
	struct world *world = *state;
	struct asking asking;
	pthread_t thread;
	size_t i;

	for (i = 0; i < COUNT(paths); i++) {
		asking = (struct asking){.world = world, .path = paths[i]};
		assert_int_equal(pthread_create(&thread, NULL,
				     ask_until_stopped, &asking),
		    0);
		peer_wait_hanging(&world->peer, (unsigned)i + 1);
		atomic_store(&asking.stop, true);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_int_equal(asking.err, ERR_CANCELLED);
	}
	/* Stopped before it began: nobody is asked. */
	asking = (struct asking){.world = world, .path = "/good"};
	atomic_store(&asking.stop, true);
	(void)ask_until_stopped(&asking);
	assert_int_equal(asking.err, ERR_CANCELLED);
	assert_int_equal(peer_requests(&world->peer), 2);
}

static void
test_nobody_listens(void **state)
{
	struct world *world = *state;
	struct net_request request = {0};
	struct net_answer answer;
	struct err_note note;
	struct peer gone;
	char url[64], words[128];

	peer_open(&gone, behave, NULL);
	peer_close(&gone);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", gone.port);
	request.url = url;
	assert_int_equal(net_run(world->any, &request, &answer, &note),
	    ERR_UPSTREAM);
	(void)snprintf(words, sizeof(words),
	    "127.0.0.1:%u: it cannot be connected to: Connection refused",
	    gone.port);
	assert_string_equal(note.text, words);
	/* RFC 6761: a name that nobody ever has.  A resolver without a
	 * network takes its time to say so. */
	request.limits = (struct net_limits){
	    .connect_ms = 120000, .total_ms = 120000, .stall_ms = 120000};
	request.url = "http://nobody.invalid/" SECRET;
	assert_int_equal(net_run(world->any, &request, &answer, &note),
	    ERR_UPSTREAM);
	assert_string_equal(note.text,
	    "nobody.invalid: its address cannot be found");
}

/* ---- streams ---------------------------------------------------------- */

struct listener {
	struct buf heard;
	size_t max; /* ERR_CONFLICT beyond */
	unsigned status;
	unsigned calls;
};

static int
listen_to(void *arg, const struct net_answer *head, const void *bytes,
    size_t len)
{
	struct listener *listener = arg;

	listener->calls++;
	listener->status = head->status;
	assert_null(head->body.data);
	if (listener->heard.len + len > listener->max)
		return ERR_CONFLICT;
	return buf_put(&listener->heard, bytes, len);
}

static void
test_stream(void **state)
{
	struct world *world = *state;
	struct listener listener = {.max = 1000000};
	struct net_request request = {
	    .url = url_of(world, "127.0.0.1", "/large-chunked")};
	struct net_answer answer;

	buf_init(&listener.heard, MIB);
	assert_int_equal(net_stream(world->any, &request, listen_to,
			     &listener, &answer, NULL),
	    0);
	assert_int_equal(listener.heard.len, 262144);
	assert_int_equal(answer.body.len, 0);
	assert_int_equal(answer.status, 200);
	assert_int_equal(listener.status, 200);
	net_answer_fini(&answer);
	/* What fn says goes. */
	listener.calls = 0;
	listener.max = 0;
	assert_int_equal(net_stream(world->any, &request, listen_to,
			     &listener, &answer, NULL),
	    ERR_CONFLICT);
	assert_int_equal(listener.calls, 1);
	request.url = url_of(world, "127.0.0.1", "/busy");
	listener.max = 1000000;
	assert_int_equal(net_stream(world->any, &request, listen_to,
			     &listener, &answer, NULL),
	    0);
	assert_int_equal(listener.status, 429);
	assert_int_equal(answer.retry_after_s, 17);
	net_answer_fini(&answer);
	buf_fini(&listener.heard);
}

/* ---- whom it connects to ---------------------------------------------- */

static const char *
kind_of(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_kind((struct sockaddr *)&in, sizeof(in));
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_kind((struct sockaddr *)&in6, sizeof(in6));
}

static const char *const public[] = {"1.1.1.1", "8.8.8.8",
	    "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
	    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
	    "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
	    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
	    "223.255.255.255", "2000::", "2001:200::1", "2606:4700::1111",
	    "2a00:1450:4001::1", "3ffe::1", "3fff:1000::",
	    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
	    "2001:db9::1", "2606:4700::5efe:808:808"};
static const struct {
	const char *text, *kind;
} others[] = {
	    {"0.0.0.0", "unspecified"},
	    {"0.1.2.3", "unspecified"},
	    {"10.0.0.0", "private"},
	    {"10.255.255.255", "private"},
	    {"100.64.0.0", "private"},
	    {"100.127.255.255", "private"},
	    {"127.0.0.1", "loopback"},
	    {"127.255.255.255", "loopback"},
	    {"169.254.0.0", "link-local"},
	    {"169.254.169.254", "link-local"},
	    {"172.16.0.0", "private"},
	    {"172.31.255.255", "private"},
	    {"192.0.0.8", "reserved"},
	    {"192.0.2.1", "reserved"},
	    {"192.88.99.1", "reserved"},
	    {"192.168.0.0", "private"},
	    {"192.168.255.255", "private"},
	    {"198.18.0.0", "reserved"},
	    {"198.19.255.255", "reserved"},
	    {"198.51.100.7", "reserved"},
	    {"203.0.113.7", "reserved"},
	    {"224.0.0.1", "multicast"},
	    {"239.255.255.255", "multicast"},
	    {"240.0.0.1", "reserved"},
	    {"255.255.255.255", "reserved"},
	    {"::", "unspecified"},
	    {"::1", "loopback"},
	    {"::2", "reserved"},
	    {"::127.0.0.1", "reserved"},
	    {"::8.8.8.8", "reserved"},
	    {"::ffff:127.0.0.1", "loopback"},
	    {"::ffff:10.1.2.3", "private"},
	    {"::ffff:169.254.169.254", "link-local"},
	    {"::ffff:0.0.0.0", "unspecified"},
	    {"::ffff:0:127.0.0.1", "reserved"},
	    {"64:ff9b::127.0.0.1", "loopback"},
	    {"64:ff9b::192.168.1.1", "private"},
	    {"64:ff9b:0:0:1::8.8.8.8", "reserved"},
	    {"64:ff9b:1::8.8.8.8", "private"},
	    {"2002:7f00:1::", "loopback"},
	    {"2002:a01:203::1", "private"},
	    {"2002:a9fe:a9fe::", "link-local"},
	    {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved"},
	    {"2001:10::1", "reserved"},
	    {"2001:1ff::1", "reserved"},
	    {"2001:db8::1", "reserved"},
	    {"3fff::1", "reserved"},
	    {"3fff:fff::1", "reserved"},
	    {"100::1", "reserved"},
	    {"4000::1", "reserved"},
	    {"5f00::1", "reserved"},
	    {"1fff::1", "reserved"},
	    {"fc00::1", "private"},
	    {"fdff::1", "private"},
	    {"fe80::1", "link-local"},
	    {"febf::1", "link-local"},
	    {"fec0::1", "private"},
	    {"ff02::1", "multicast"},
	    {"ffff::1", "multicast"},
	    {"2606:4700::5efe:7f00:1", "loopback"},
	    {"2606:4700::200:5efe:a00:1", "private"},
};

static void
test_addresses(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(0x08080808)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr unix_like = {.sa_family = AF_UNIX};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(public); i++)
		if (kind_of(public[i]) != NULL)
			fail_msg("%s: %s", public[i], kind_of(public[i]));
	for (i = 0; i < COUNT(others); i++) {
		if (kind_of(others[i].text) == NULL)
			fail_msg("%s is public", others[i].text);
		assert_string_equal(kind_of(others[i].text), others[i].kind);
	}
	assert_null(address_kind((struct sockaddr *)&in, sizeof(in)));
	assert_string_equal(
	    address_kind((struct sockaddr *)&in, sizeof(in) - 1), "reserved");
	assert_string_equal(
	    address_kind((struct sockaddr *)&in6, sizeof(in)), "reserved");
	assert_string_equal(address_kind(&unix_like, sizeof(unix_like)),
	    "reserved");
}

static void
test_policy(void **state)
{
	/* Each leads to this machine, if anywhere. */
	static const char *const hosts[] = {"127.0.0.1", "127.1", "127.0.1",
	    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0",
	    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "[::]",
	    "localhost", "LOCALHOST", "localhost.", "%31%32%37.0.0.1",
	    "127.0.0.1."};
	struct world *world = *state;
	struct net_request request = {0};
	struct net_answer answer;
	struct err_note note;
	char words[200];
	size_t i;
	int err;

	for (i = 0; i < COUNT(hosts); i++) {
		note.text[0] = '\0';
		request.url = url_of(world, hosts[i], "/good");
		err = net_run(world->strict, &request, &answer, &note);
		/* Not every resolver takes a name with a dot behind it. */
		if (err != ERR_FORBIDDEN &&
		    (hosts[i][strlen(hosts[i]) - 1] != '.' || err == 0))
			fail_msg("%s: %s: %s", hosts[i], err_name(err),
			    note.text);
	}
	assert_int_equal(peer_connections(&world->peer), 0);
	request.url = url_of(world, "0x7f.1", "/good?" SECRET);
	assert_int_equal(net_run(world->strict, &request, &answer, &note),
	    ERR_FORBIDDEN);
	(void)snprintf(words, sizeof(words), "127.0.0.1:%u: it is at "
	    "127.0.0.1, a loopback address, which is not allowed",
	    world->peer.port);
	assert_string_equal(note.text, words);
	request.url = "http://169.254.169.254/latest/meta-data/";
	assert_int_equal(net_run(world->strict, &request, &answer, &note),
	    ERR_FORBIDDEN);
	assert_string_equal(note.text, "169.254.169.254: it is at "
	    "169.254.169.254, a link-local address, which is not allowed");
}

static void
test_allowed_hosts(void **state)
{
	static const char *const names[] = {"wiki.example", "LocalHost"};
	struct net_policy policy = {.hosts = names, .host_count = 2};
	struct world *world = *state;
	struct net_client *client;
	struct net_request request = {0};
	struct net_answer answer;

	assert_int_equal(net_client_new(&policy, &client, NULL), 0);
	request.url = url_of(world, "localhost", "/good");
	assert_int_equal(net_run(client, &request, &answer, NULL), 0);
	assert_string_equal(buf_text(&answer.body), "hello");
	net_answer_fini(&answer);
	/* The same place under a name that nobody allowed, while a connection
	 * to it is open. */
	request.url = url_of(world, "127.0.0.1", "/good");
	assert_int_equal(net_run(client, &request, &answer, NULL),
	    ERR_FORBIDDEN);
	assert_int_equal(peer_requests(&world->peer), 1);
	net_client_free(client);
}

static void
test_proxy(void **state)
{
	struct net_policy policy = {.uses_env_proxy = true};
	struct world *world = *state;
	struct net_client *client;
	struct net_request request = {0};
	struct net_answer answer;
	struct err_note note;
	struct peer gone;
	char proxy[64], url[64], words[128];

	assert_int_equal(net_client_new(&policy, &client, &note),
	    ERR_INVALID);
	peer_open(&gone, behave, NULL);
	peer_close(&gone);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", gone.port);
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u",
	    world->peer.port);
	assert_int_equal(setenv("http_proxy", proxy, 1), 0);
	assert_int_equal(unsetenv("no_proxy"), 0);
	assert_int_equal(unsetenv("NO_PROXY"), 0);
	/* Unasked it is not used: nobody listens there. */
	request.url = url;
	assert_int_equal(net_run(world->any, &request, &answer, NULL),
	    ERR_UPSTREAM);
	assert_int_equal(net_run(world->strict, &request, &answer, NULL),
	    ERR_FORBIDDEN);
	assert_int_equal(peer_requests(&world->peer), 0);
	policy.allows_any = true;
	assert_int_equal(net_client_new(&policy, &client, NULL), 0);
	assert_int_equal(net_run(client, &request, &answer, NULL), 0);
	assert_int_equal(answer.status, 404); /* an absolute path */
	(void)snprintf(words, sizeof(words), "GET %s HTTP/1.1\r\n", url);
	assert_true(peer_heard(&world->peer, words));
	net_answer_fini(&answer);
	net_client_free(client);
	assert_int_equal(unsetenv("http_proxy"), 0);
}

/* ---- Retry-After ------------------------------------------------------ */

static void
test_retry_after(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
	    {"0", 0},
	    {"17", 17},
	    {"86400", 86400},
	    {"86401", 86400},
	    {"99999999999999999999999999", 86400},
	    {"Sun, 06 Nov 1994 08:49:37 GMT", 10},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", 10},
	    {"Sun Nov  6 08:49:37 1994", 10},
	    {"Sun, 06 Nov 1994 08:49:27 GMT", 0},
	    {"Sun, 06 Nov 1993 08:49:37 GMT", 0},
	    {"Sun, 06 Nov 2094 08:49:37 GMT", 86400},
	    {"", -1},
	    {"-1", -1},
	    {"1.5", -1},
	    {"17 s", -1},
	    {"soon", -1},
	    {"Sunday", -1},
	    {"19941106 08:49:37", -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (net_retry_after(rows[i].text, 784111767) !=
		    rows[i].seconds)
			fail_msg("%s: %lld", rows[i].text,
			    (long long)net_retry_after(rows[i].text,
				784111767));
}

/* ---- no memory -------------------------------------------------------- */

static void
test_memory(void **state)
{
	static const struct net_header header = {"X-A", "b"};
	static const char *const names[] = {"localhost", "127.0.0.1"};
	struct net_policy policy = {.hosts = names, .host_count = 2};
	struct world *world = *state;
	struct net_request request = {
	    .url = url_of(world, "127.0.0.1", "/good"),
	    .headers = &header,
	    .header_count = 1,
	};
	struct net_client *client;
	struct net_answer answer;
	unsigned long nth;
	int err = ERR_NOMEM;

	for (nth = 1; err < 0; nth++) {
		assert_true(nth < 100);
		client = NULL;
		mem_fail_at(nth);
		err = net_client_new(&policy, &client, NULL);
		if (err == 0)
			err = net_run(client, &request, &answer, NULL);
		if (err < 0)
			assert_int_equal(err, ERR_NOMEM);
		else
			net_answer_fini(&answer);
		net_client_free(client);
	}
	mem_fail_at(0);
	assert_true(nth > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers),
		TEST(test_bad_answers),
		TEST(test_cut_head),
		TEST(test_no_redirect),
		TEST(test_reuse),
		TEST(test_requests),
		TEST(test_refused_requests),
		TEST(test_timeouts),
		TEST(test_stop),
		TEST(test_nobody_listens),
		TEST(test_stream),
		cmocka_unit_test(test_addresses),
		TEST(test_policy),
		TEST(test_allowed_hosts),
		TEST(test_proxy),
		cmocka_unit_test(test_retry_after),
		TEST(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
