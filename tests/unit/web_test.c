/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages that are in the program, and who gets them: the server on a
 * loopback socket, over an engine of paper (paper_engine.h).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/http.h"
#include "http/server.h"
#include "paper_engine.h"
#include "sys/sha256.h"
#include "web/web.h"

#define GREETING "{\"message\":\"Hello, World, I am alive!\"}"

static struct http_server *server;
static unsigned port;
static struct buf answer;

/* One request, and the connection's whole answer. */
static const char *
ask(const char *method, const char *path, const char *headers)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	char text[1024], piece[4096];
	ssize_t n;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	(void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n%s\r\n", method, path, headers);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
	buf_clear(&answer);
	while ((n = recv(fd, piece, sizeof(piece), 0)) > 0)
		assert_int_equal(buf_put(&answer, piece, (size_t)n), 0);
	assert_int_equal(n, 0);
	(void)close(fd);
	return buf_text(&answer);
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static const char *
body_of(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");

	assert_non_null(body);
	return body + 4;
}

static int
setup(void **state)
{
	static const struct http_dialect *const dialects[] = {&web_dialect};
	struct http_options options = {.listen = "127.0.0.1:0",
	    .dialects = dialects, .dialect_count = 1, .version = "9"};
	struct err_note note = {""};

	(void)state;
	buf_init(&answer, 64 * MIB);
	paper.board = board_new();
	assert_non_null(paper.board);
	assert_int_equal(http_server_open(&options, &paper, &server, &port,
	    &note), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_close(server);
	board_free(paper.board);
	buf_fini(&answer);
	return 0;
}

/* ---- tests ------------------------------------------------------------- */

static void
test_accept(void **state)
{
	static const struct {
		const char *accept;
		bool wants_page;
	} cases[] = {
	    {NULL, false}, {"", false}, {"*/*", false}, {"text/*", false},
	    {"application/json", false},
	    {"application/json, text/plain, */*", false},
	    {"text/html", true}, {"TEXT/HTML", true}, {" text/html ", true},
	    {"text/html,application/xhtml+xml,application/xml;q=0.9,"
	     "image/avif,image/webp,*/*;q=0.8", true},
	    {"application/json, text/html", true},
	    {"application/json, text/html;q=0.9", false},
	    {"text/html;q=0.9, application/json;q=0.8", true},
	    {"text/html;level=1;q=0.5, application/json;q=0.501", false},
	    {"text/html; Q=0.25 , application/json;q=0.25", true},
	    {"text/html;q=0", false}, {"text/html;q=0.000", false},
	    {"text/html;q=7", true}, {"text/html;q=0.x", true},
	    {"text/html;q=0.0000001", true}, {"text/html;q=", true},
	    {"text/html;q=1.9", true}, {"text/htmlx", false},
	    {"text/htm", false}, {",,;;,", false}, {";q=1", false},
	    {"application/json;q=0, text/html;q=0.001", true},
	    {"a, b;q=1;c=\"text/html\"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (web_wants_page(cases[i].accept) != cases[i].wants_page)
			fail_msg("Accept: %s", cases[i].accept);
}

/* The table is sorted and says what is true. */
static void
test_files(void **state)
{
	const struct web_file *file;
	uint8_t hash[SHA256_SIZE];
	uint64_t tag;

	(void)state;
	for (file = web_files; file->name != NULL; file++) {
		assert_ptr_equal(web_file_find(file->name), file);
		assert_true(file == web_files ||
		    strcmp(file[-1].name, file->name) < 0);
		assert_null(strchr(file->name, '/'));
		sha256_of(file->bytes, file->len, hash);
		tag = 0;
		for (size_t i = 0; i < sizeof(tag); i++)
			tag = tag << 8 | hash[i];
		assert_int_equal(file->tag, tag >> 4);
	}
	assert_non_null(web_file_find("index.html"));
	assert_string_equal(web_file_find("index.html")->type,
	    "text/html; charset=utf-8");
	assert_null(web_file_find("none.js"));
	assert_null(web_file_find(""));
	assert_null(web_file_find("index"));
}

static void
test_root(void **state)
{
	const struct web_file *page = web_file_find("index.html");
	const char *text;

	(void)state;
	assert_string_equal(body_of(ask("GET", "/", "")), GREETING);
	text = ask("GET", "/", "Accept: */*\r\n");
	assert_string_equal(body_of(text), GREETING);
	assert_has(text, "HTTP/1.1 200");
	assert_has(text, "Content-Type: application/json\r\n");
	assert_has(text, "Vary: Accept\r\n");
	assert_null(strstr(text, "ETag"));
	text = ask("GET", "/", "Accept: text/html,*/*;q=0.8\r\n");
	assert_has(text, "HTTP/1.1 200");
	assert_has(text, "Content-Type: text/html; charset=utf-8\r\n");
	assert_has(text, "Vary: Accept\r\n");
	assert_has(text, "Cache-Control: no-cache\r\n");
	assert_has(text, "X-Content-Type-Options: nosniff\r\n");
	assert_has(text, "Referrer-Policy: no-referrer\r\n");
	assert_has(text, "Cross-Origin-Opener-Policy: same-origin\r\n");
	assert_has(text, "Content-Security-Policy: default-src 'none'; "
	    "script-src 'self'; style-src 'self'; img-src 'self' data:; "
	    "connect-src 'self'; font-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'; "
	    "require-trusted-types-for 'script'; trusted-types 'none'\r\n");
	assert_int_equal(strlen(body_of(text)), page->len);
	assert_memory_equal(body_of(text), page->bytes, page->len);
}

static void
test_ui(void **state)
{
	const struct web_file *page = web_file_find("index.html");
	char header[80];
	const char *text;

	(void)state;
	text = ask("GET", "/ui/index.html", "");
	assert_memory_equal(body_of(text), page->bytes, page->len);
	(void)snprintf(header, sizeof(header), "ETag: \"%lld\"\r\n",
	    (long long)page->tag);
	assert_has(text, header);
	text = ask("HEAD", "/ui/index.html", "");
	assert_has(text, header);
	assert_string_equal(body_of(text), "");
	(void)snprintf(header, sizeof(header), "If-None-Match: \"%lld\"\r\n",
	    (long long)page->tag);
	text = ask("GET", "/ui/index.html", header);
	assert_has(text, "HTTP/1.1 304");
	assert_has(text, "Cache-Control: no-cache\r\n");
	assert_string_equal(body_of(text), "");
	assert_has(ask("GET", "/ui/none.js", ""), "HTTP/1.1 404");
	assert_has(ask("GET", "/ui/none.js", ""),
	    "\"code\":\"NOT_FOUND\",\"message\":\"there is no such page\"");
	assert_has(ask("GET", "/ui/none.js", ""),
	    "Content-Security-Policy: default-src 'none'");
	assert_has(ask("GET", "/ui/..%2Findex.html", ""), "HTTP/1.1 404");
	assert_has(ask("GET", "/ui/index.html/x", ""), "HTTP/1.1 404");
	assert_has(ask("POST", "/ui/index.html", ""), "HTTP/1.1 405");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accept),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test_setup_teardown(test_root, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_ui, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
