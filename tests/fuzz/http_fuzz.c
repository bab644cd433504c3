/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client can make the server parse before anything else looks at it:
 * target, cursor, JSON body, form.  The first byte chooses.
 *
 *	clang-14 -fsanitize=fuzzer,address,undefined
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "api/native/native_cursor.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "http/multipart.h"
#include "store/store.h"

#include "../unit/paper_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
handler(struct http_request *request, struct http_reply *reply)
{
	uint64_t number;

	(void)reply;
	(void)http_query_number(request, "limit", 1, 1000, 50, &number);
	return 0;
}

static void
problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *what)
{
	jsonw_string(http_reply_json(reply, what->status), request->path);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/v1/datasets/{uuid}/documents/{}/indexing-status", handler,
	0},
    {HTTP_GET, "/v1/{}", handler, 0},
    {HTTP_POST, "/v1/{}/{}/{}/{}", handler, 0},
};
static const char *const prefixes[] = {"/v1", NULL};
static const struct http_dialect dialect = {.name = "fuzz",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(*routes),
    .flags = HTTP_SLASH,
    .problem = problem};
static const struct http_dialect *const dialects[] = {&dialect};

static struct http_server server;
static struct http_conn conn;

static void
fuzz_target(const char *text)
{
	uint64_t number;

	conn_reset(&conn);
	buf_clear(&conn.target);
	if (buf_puts(&conn.target, text) < 0)
		return;
	conn_route(&conn, "GET");
	(void)http_query(&conn.request, "limit");
	(void)http_query_number(&conn.request, "limit", 1, 1000, 50,
	    &number);
	if (conn.problem.status != 0)
		conn_write_problem(&conn);
	ASSERT(conn.problem.status != 0 || conn.request.route != NULL);
}

static void
fuzz_cursor(const char *text)
{
	struct native_cursor cursor = {.list = 'i', .scope = 1};
	char again[NATIVE_CURSOR_SIZE];

	if (native_cursor_parse(text, 'i', 1, &cursor.position) < 0)
		return;
	native_cursor_format(&cursor, again);
	ASSERT(strcmp(again, text) == 0);
}

static void
fuzz_json(const char *text, size_t len)
{
	json_t *json;

	conn_reset(&conn);
	conn.request.body = text;
	conn.request.body_len = len;
	if (http_json(&conn.request, &json) == 0)
		ASSERT(json != NULL);
}

struct parts {
	unsigned open, begun, ended;
	size_t bytes;
};

static int
on_begin(void *arg, const struct multipart_part *part)
{
	struct parts *parts = arg;

	ASSERT(part->name != NULL && parts->open == 0);
	parts->open = 1;
	parts->begun++;
	return 0;
}

static int
on_data(void *arg, const char *bytes, size_t len)
{
	struct parts *parts = arg;

	ASSERT(parts->open == 1 && bytes != NULL);
	parts->bytes += len;
	return 0;
}

static int
on_end(void *arg)
{
	struct parts *parts = arg;

	ASSERT(parts->open == 1);
	parts->open = 0;
	parts->ended++;
	return 0;
}

/* However it is cut in pieces, a body means the same. */
static int
feed(const char *text, size_t len, size_t step, struct parts *parts)
{
	static const struct multipart_events events = {
	    .begin = on_begin, .data = on_data, .end = on_end};
	struct multipart *multipart;
	size_t n;
	int err = 0;

	memset(parts, 0, sizeof(*parts));
	if (multipart_new("multipart/form-data; boundary=b", &events, parts,
	    &multipart) < 0)
		return ERR_NOMEM;
	for (size_t at = 0; at < len && err == 0; at += n) {
		n = len - at < step ? len - at : step;
		err = multipart_feed(multipart, text + at, n);
	}
	if (err == 0)
		err = multipart_finish(multipart);
	multipart_free(multipart);
	return err;
}

static void
fuzz_form(const char *text, size_t len)
{
	struct parts whole, cut;
	int err;

	err = feed(text, len, len + 1, &whole);
	ASSERT(feed(text, len, 3, &cut) == err);
	if (err == 0)
		ASSERT(cut.begun == whole.begun && cut.ended == whole.ended &&
		    cut.bytes == whole.bytes && whole.open == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0 || size > 65536)
		return 0;
	if (server.router == NULL) {
		ASSERT(router_new(dialects, 1, &server.router, NULL) == 0);
		conn_init(&conn, &server);
	}
	text = mem_strndup((const char *)data + 1, size - 1);
	ASSERT(text != NULL);
	switch (data[0] % 4) {
	case 0:
		fuzz_target(text);
		break;
	case 1:
		fuzz_cursor(text);
		break;
	case 2:
		fuzz_json(text, strlen(text));
		break;
	case 3:
		/* Zero bytes and all. */
		memcpy(text, data + 1, size - 1);
		fuzz_form(text, size - 1);
		break;
	}
	mem_free(text);
	return 0;
}
