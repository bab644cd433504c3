/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/openai.h"
#include "http_peer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY "ek-4711-nobody-sees-this"
#define TEXTS 4u

/* ---- the other side ------------------------------------------------------ */

/* What it answers; set while nobody asks. */
struct page {
	/* NULL: as many vectors as there are texts. */
	const char *status, *headers, *body;
	const char *poison; /* a text with that is refused; NULL: none is */
	const char *poison_status;
	unsigned size_max; /* more texts are refused; 0: never */
	bool hangs;
};

struct world {
	struct peer peer;
	struct page page;
	struct embedder *embedder;
	char url[128], host[64];
};

/* How many texts there are in the request: the strings behind "input". */
static unsigned
texts_in(const char *request)
{
	const char *at = strstr(request, "\"input\":[");
	unsigned quotes = 0;

	assert_non_null(at);
	for (at += strlen("\"input\":["); *at != ']'; at++)
		quotes += *at == '"' && at[-1] != '\\';
	return quotes / 2;
}

static bool
behave(struct peer *peer, int fd, const char *path, const char *request)
{
	const struct page *page = peer->arg;
	unsigned count = texts_in(request), i;
	char body[2048];
	size_t len = 0;

	(void)path;
	if (page->hangs) {
		peer_hang(peer);
		return false;
	}
	if (page->status != NULL)
		return peer_answer(fd, page->status,
		    page->headers == NULL ? "" : page->headers, page->body);
	if (page->poison != NULL && strstr(request, page->poison) != NULL)
		return peer_answer(fd, page->poison_status, "", "{}");
	if (page->size_max > 0 && count > page->size_max)
		return peer_answer(fd, "413 Too Large", "", "{}");
	/* Backwards. */
	for (i = count; i-- > 0;)
		len += (size_t)snprintf(body + len, sizeof(body) - len,
		    "%s{\"index\":%u,\"embedding\":[%u,4]}",
		    i == count - 1 ? "{\"data\":[" : ",", i, 3 * (i + 1));
	(void)snprintf(body + len, sizeof(body) - len,
	    "],\"usage\":{\"prompt_tokens\":%u}}", count * 7);
	return peer_answer(fd, "200 OK", "", body);
}

static int
setup(void **state)
{
	struct openai_config config = {.model = "vectors-1", .key = KEY,
	    .texts_max = TEXTS, .tokens_max = 10, .concurrency = 1};
	struct world *world = mem_zalloc(sizeof(*world));

	assert_non_null(world);
	peer_open(&world->peer, behave, &world->page);
	(void)snprintf(world->host, sizeof(world->host), "127.0.0.1:%u",
	    world->peer.port);
	(void)snprintf(world->url, sizeof(world->url), "http://%s",
	    world->host);
	config.url = world->url;
	assert_int_equal(embed_openai_new(&config, &world->embedder, NULL),
	    0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	world->embedder->close(world->embedder);
	peer_close(&world->peer);
	mem_free(world);
	return 0;
}

static struct embed_text
text_of(const char *text)
{
	return (struct embed_text){text, strlen(text)};
}

static void
learn(struct world *world)
{
	struct embed_call call = {.stop = NULL};

	assert_int_equal(world->embedder->dimensions, 0);
	assert_int_equal(world->embedder->learn(world->embedder, &call, NULL),
	    0);
	assert_int_equal(world->embedder->dimensions, 2);
}

static int
ask(struct world *world, struct embed_call *call, const char *const *texts,
    size_t count, float *vectors, struct err_note *note)
{
	struct embed_text list[16];
	size_t i;

	assert_true(count <= COUNT(list));
	for (i = 0; i < count; i++)
		list[i] = text_of(texts[i]);
	note->text[0] = '\0';
	peer_wait_idle(&world->peer);
	return world->embedder->ask(world->embedder, call, list, count,
	    vectors, note);
}

/* ---- what goes well ------------------------------------------------------ */

static void
test_vectors(void **state)
{
	static const char *const texts[] = {"one", "two \"2\"", "three"};
	struct world *world = *state;
	struct embed_call call = {.stop = NULL};
	struct embed_stats stats = {0};
	struct err_note note;
	float vectors[6];
	size_t i;

	assert_string_equal(world->embedder->name, "openai vectors-1");
	learn(world);
	assert_int_equal(ask(world, &call, texts, 3, vectors, &note), 0);
	for (i = 0; i < 3; i++) {
		double x = 3.0 * (double)(i + 1), length = sqrt(x * x + 16);

		assert_float_equal(vectors[2 * i], (float)(x / length),
		    1e-6f);
		assert_float_equal(vectors[2 * i + 1], (float)(4 / length),
		    1e-6f);
	}
	assert_true(peer_heard(&world->peer,
	    "POST /v1/embeddings HTTP/1.1\r\n"));
	assert_true(peer_heard(&world->peer,
	    "\r\nAuthorization: Bearer " KEY "\r\n"));
	assert_true(peer_heard(&world->peer, "\r\n\r\n{\"model\":\"vectors-1\""
	    ",\"input\":[\"one\",\"two \\\"2\\\"\",\"three\"]}"));
	world->embedder->stats(world->embedder, &stats);
	assert_int_equal(stats.requests, 2);
	assert_int_equal(stats.failures, 0);
	assert_int_equal(stats.texts, 4);
	assert_int_equal(stats.tokens, 28);
	assert_false(stats.is_down);
}

/* As many texts, and as many bytes, as a request may have. */
static void
test_requests(void **state)
{
	static const char *const texts[] = {"1", "2", "3", "4", "5",
	    "0123456789012345678901234567890123456789", "7", "8"};
	struct world *world = *state;
	struct embed_call call = {.stop = NULL};
	struct err_note note;
	float vectors[16];

	learn(world);
	assert_int_equal(ask(world, &call, texts, 8, vectors, &note), 0);
	/* One to learn; four, one, the long one, two. */
	assert_int_equal(peer_requests(&world->peer), 5);
	/* Too many: halved, and fewer from then on. */
	world->page.size_max = 2;
	assert_int_equal(ask(world, &call, texts, 4, vectors, &note), 0);
	assert_int_equal(peer_requests(&world->peer), 8);
	assert_int_equal(ask(world, &call, texts, 4, vectors, &note), 0);
	assert_int_equal(peer_requests(&world->peer), 10);
}

/* ---- what does not ------------------------------------------------------- */

static void
test_refused(void **state)
{
	static const char *const texts[] = {"1", "2", "poison", "4"};
	struct world *world = *state;
	struct embed_call call = {.stop = NULL};
	struct err_note note;
	float vectors[8];
	char words[128];

	learn(world);
	world->page.poison = "poison";
	world->page.poison_status = "400 No";
	assert_int_equal(ask(world, &call, texts, 4, vectors, &note),
	    ERR_INVALID);
	assert_int_equal(call.refused, 2);
	assert_false(call.is_outage);
	(void)snprintf(words, sizeof(words), "%s: HTTP status 400",
	    world->host);
	assert_string_equal(note.text, words);
	/* It breaks down over the text, and over no other: that is a failure,
	 * but no outage. */
	world->page.poison_status = "500 Broken";
	assert_int_equal(ask(world, &call, texts, 4, vectors, &note),
	    ERR_UPSTREAM);
	assert_int_equal(call.refused, 2);
	assert_false(call.is_outage);
	/* The others go on. */
	assert_int_equal(ask(world, &call, texts, 2, vectors, &note), 0);
	/* Not about a text: nothing is halved. */
	world->page = (struct page){.status = "401 No", .body =
	    "{\"error\":{\"message\":\"not " KEY "\"}}"};
	assert_int_equal(ask(world, &call, texts, 4, vectors, &note),
	    ERR_INVALID);
	assert_int_equal(call.refused, 4);
	(void)snprintf(words, sizeof(words), "%s: HTTP status 401: not ***",
	    world->host);
	assert_string_equal(note.text, words);
}

/* The gate: after a failure nobody asks for a while. */
static void
test_outage(void **state)
{
	static const char *const texts[] = {"1"};
	struct world *world = *state;
	struct embed_call call = {.stop = NULL};
	struct embed_call query = {.is_awaited = true};
	struct embed_stats stats = {0};
	struct err_note note, again;
	float vectors[2];
	unsigned requests;

	learn(world);
	/* Told to wait: queries may try. */
	world->page = (struct page){.status = "429 Slowly",
	    .headers = "Retry-After: 100\r\n", .body = "{}"};
	assert_int_equal(ask(world, &call, texts, 1, vectors, &note),
	    ERR_BUSY);
	assert_true(call.is_outage);
	assert_true(call.wait_us > 99 * 1000000LL &&
	    call.wait_us <= 101 * 1000000LL);
	requests = peer_requests(&world->peer);
	assert_int_equal(ask(world, &call, texts, 1, vectors, &again),
	    ERR_BUSY);
	assert_true(call.is_outage && call.wait_us > 99 * 1000000LL);
	assert_string_equal(again.text, note.text);
	assert_int_equal(peer_requests(&world->peer), requests);
	world->page = (struct page){.status = NULL};
	assert_int_equal(ask(world, &query, texts, 1, vectors, &note), 0);
	/* What it said holds nevertheless. */
	assert_int_equal(ask(world, &call, texts, 1, vectors, &note),
	    ERR_BUSY);
	world->embedder->stats(world->embedder, &stats);
	assert_true(stats.is_down && stats.wait_us > 0);
	/* A query that fails is not repeated at once. */
	world->page = (struct page){.status = "503 Out", .body = ""};
	assert_int_equal(ask(world, &query, texts, 1, vectors, &note),
	    ERR_UPSTREAM);
	assert_true(query.wait_us > 0 && query.wait_us <= 5000000);
	requests = peer_requests(&world->peer);
	assert_int_equal(ask(world, &query, texts, 1, vectors, &note),
	    ERR_UPSTREAM);
	assert_int_equal(peer_requests(&world->peer), requests);
}

static void *
stop_later(void *arg)
{
	struct world *world = ((void **)arg)[0];
	atomic_bool *stop = ((void **)arg)[1];

	peer_wait_hanging(&world->peer, 1);
	atomic_store(stop, true);
	return NULL;
}

static void
test_stopped(void **state)
{
	static const char *const texts[] = {"1"};
	struct world *world = *state;
	atomic_bool stop = false;
	struct embed_call call = {.stop = &stop};
	void *args[] = {world, &stop};
	struct embed_stats stats = {0};
	struct err_note note;
	pthread_t thread;
	float vectors[2];

	learn(world);
	world->page.hangs = true;
	assert_int_equal(pthread_create(&thread, NULL, stop_later, args), 0);
	assert_int_equal(ask(world, &call, texts, 1, vectors, &note),
	    ERR_CANCELLED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	world->embedder->stats(world->embedder, &stats);
	assert_false(stats.is_down);
}

/* ---- bodies -------------------------------------------------------------- */

static void
test_bodies(void **state)
{
	static const struct {
		const char *body;
		int err;
		size_t at;
	} rows[] = {
	    {"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[3,4]}]}", 0,
		2},
	    {"{\"data\":[{\"index\":1,\"embedding\":[1,2]},"
	     "{\"index\":0,\"embedding\":[0,-1e-30]}]}", 0, 2},
	    {"", ERR_UPSTREAM, 2},
	    {"<html>", ERR_UPSTREAM, 2},
	    {"{}", ERR_INVALID, 2},
	    {"{\"data\":{}}", ERR_INVALID, 2},
	    {"{\"data\":[{\"embedding\":[1,2]}]}", ERR_INVALID, 2},
	    {"{\"data\":[{\"index\":0,\"embedding\":[1,2]},"
	     "{\"index\":0,\"embedding\":[1,2]}]}", ERR_INVALID, 2},
	    {"{\"data\":[{\"index\":2,\"embedding\":[1,2]},"
	     "{\"index\":0,\"embedding\":[1,2]}]}", ERR_INVALID, 2},
	    {"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[1]}]}",
		ERR_INVALID, 1},
	    {"{\"data\":[{\"embedding\":[]},{\"embedding\":[]}]}",
		ERR_INVALID, 0},
	    {"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[1,\"2\"]}]}",
		ERR_INVALID, 1},
	    {"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[1,null]}]}",
		ERR_INVALID, 1},
	    {"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[0,0]}]}",
		ERR_INVALID, 1},
	    {"{\"data\":[{\"embedding\":[1,1e39]},{\"embedding\":[1,0]}]}",
		ERR_INVALID, 0},
	    {"{\"data\":[{\"embedding\":[1,NaN]},{\"embedding\":[1,0]}]}",
		ERR_INVALID, 2},
	    {"{\"data\":[{\"embedding\":[1,1e999]},{\"embedding\":[1,0]}]}",
		ERR_INVALID, 2},
	    {"{\"data\":[7,8]}", ERR_INVALID, 2},
	};
	float vectors[2 * 8];
	uint64_t tokens;
	size_t i, at, dimensions;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		dimensions = 2;
		assert_int_equal(openai_body_read(rows[i].body,
		    strlen(rows[i].body), 2, &dimensions, vectors, &tokens,
		    &at, NULL), rows[i].err);
		assert_int_equal(at, rows[i].at);
	}
}

static void
test_config(void **state)
{
	static const struct openai_config rows[] = {
	    {.url = "x", .model = "m"},
	    {.url = "http://x", .model = ""},
	    {.url = "http://x", .model = "m", .key = "a b"},
	    {.url = "http://x", .model = "m",
		.dimensions = DIMENSIONS_MAX + 1},
	    {.url = "http://x", .model = "m",
		.concurrency = EMBED_CONCURRENCY_MAX + 1},
	    {.url = "http://x", .model = "m",
		.texts_max = EMBED_TEXTS_MAX + 1},
	};
	struct openai_config good = {.url = "http://x", .model = "m",
	    .dimensions = 512};
	struct embedder *embedder = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(embed_openai_new(&rows[i], &embedder, NULL),
		    ERR_INVALID);
		assert_null(embedder);
	}
	assert_int_equal(embed_openai_new(&good, &embedder, NULL), 0);
	assert_string_equal(embedder->name, "openai m 512");
	assert_int_equal(embedder->dimensions, 512);
	embedder->close(embedder);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_vectors),
	    WORLD_TEST(test_requests),
	    WORLD_TEST(test_refused),
	    WORLD_TEST(test_outage),
	    WORLD_TEST(test_stopped),
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
