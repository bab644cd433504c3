/* SPDX-License-Identifier: Apache-2.0 */
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
#include "http_peer.h"
#include "rerank/rerank.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY "rk-4711-nobody-sees-this"

/* ---- the other side ------------------------------------------------------ */

/* What it answers next; set while nobody asks. */
struct page {
	const char *status, *body;
	bool hangs;
};

struct world {
	struct peer peer;
	struct page page;
	struct rerank_client *client;
	char url[128], host[64];
};

static bool
behave(struct peer *peer, int fd, const char *path, const char *request)
{
	const struct page *page = peer->arg;

	(void)path;
	(void)request;
	if (page->hangs) {
		peer_hang(peer);
		return false;
	}
	return peer_answer(fd, page->status, "", page->body);
}

static int
setup(void **state)
{
	struct rerank_config config = {.model = "order-1", .key = KEY};
	struct world *world = mem_zalloc(sizeof(*world));

	assert_non_null(world);
	peer_open(&world->peer, behave, &world->page);
	(void)snprintf(world->host, sizeof(world->host), "127.0.0.1:%u",
	    world->peer.port);
	(void)snprintf(world->url, sizeof(world->url), "http://%s",
	    world->host);
	config.url = world->url;
	assert_int_equal(rerank_client_new(&config, &world->client, NULL), 0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	rerank_client_free(world->client);
	peer_close(&world->peer);
	mem_free(world);
	return 0;
}

static int
ask(struct world *world, const char *status, const char *body,
    struct rerank_score scores[3], struct err_note *note)
{
	static const struct rerank_text texts[] = {{"one", 3},
	    {"two \"2\"", 7}, {"three", 5}};

	note->text[0] = '\0';
	peer_wait_idle(&world->peer);
	world->page = (struct page){.status = status, .body = body};
	return rerank_run(world->client, "which?", texts, 3, NULL, scores,
	    note);
}

/* ---- answers ------------------------------------------------------------- */

static void
test_scores(void **state)
{
	static const char *const bodies[] = {
	    "{\"results\":[{\"index\":2,\"relevance_score\":0.9},"
	    "{\"index\":0,\"relevance_score\":-1.5}]}",
	    "{\"object\":\"list\",\"data\":[{\"relevance_score\":0.9,"
	    "\"index\":2,\"document\":\"x\"},{\"index\":0,"
	    "\"relevance_score\":-1.5}],\"usage\":{\"total_tokens\":9}}",
	    "{\"results\":[{\"index\":2,\"score\":0.9},"
	    "{\"index\":0,\"score\":-1.5}]}",
	    "[{\"index\":2,\"score\":0.9},{\"index\":0,\"score\":-1.5}]",
	};
	struct world *world = *state;
	struct rerank_score scores[3];
	struct err_note note;
	size_t i;

	for (i = 0; i < COUNT(bodies); i++) {
		memset(scores, 0xff, sizeof(scores));
		assert_int_equal(ask(world, "200 OK", bodies[i], scores,
		    &note), 0);
		assert_true(scores[0].is_known && scores[2].is_known);
		assert_false(scores[1].is_known);
		assert_float_equal(scores[0].score, -1.5, 0);
		assert_float_equal(scores[2].score, 0.9, 0);
	}
	assert_int_equal(peer_connections(&world->peer), 1);
	assert_true(peer_heard(&world->peer, "POST /v1/rerank HTTP/1.1\r\n"));
	assert_true(peer_heard(&world->peer,
	    "\r\nAuthorization: Bearer " KEY "\r\n"));
	assert_true(peer_heard(&world->peer,
	    "\r\n\r\n{\"model\":\"order-1\",\"query\":\"which?\","
	    "\"documents\":[\"one\",\"two \\\"2\\\"\",\"three\"]}"));
}

static void
test_no_sense(void **state)
{
	static const char no_json[] =
	    "its answer is not the JSON of a ranking";
	static const char none[] = "there is no ranking in its answer";
	static const char odd[] = "an entry of its ranking makes no sense";
	static const struct {
		const char *body, *words;
	} rows[] = {
	    {"", no_json},
	    {"<html>", no_json},
	    {"{\"results\":[{\"index\":0,\"score\":NaN}]}", no_json},
	    {"{\"results\":[{\"index\":0,\"score\":1e999}]}", no_json},
	    {"{}", none},
	    {"{\"results\":{}}", none},
	    {"{\"results\":[]}", none},
	    {"[7]", odd},
	    {"{\"results\":[{\"index\":3,\"score\":1}]}", odd},
	    {"{\"results\":[{\"index\":-1,\"score\":1}]}", odd},
	    {"{\"results\":[{\"index\":18446744073709551615,\"score\":1}]}",
		no_json},
	    {"{\"results\":[{\"index\":0.5,\"score\":1}]}", odd},
	    {"{\"results\":[{\"index\":\"0\",\"score\":1}]}", odd},
	    {"{\"results\":[{\"index\":0}]}", odd},
	    {"{\"results\":[{\"index\":0,\"score\":\"1\"}]}", odd},
	    {"{\"results\":[{\"index\":0,\"score\":1},"
	     "{\"index\":0,\"score\":2}]}", odd},
	};
	struct world *world = *state;
	struct rerank_score scores[3];
	struct err_note note;
	char words[200];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		memset(scores, 0x5a, sizeof(scores));
		assert_int_equal(ask(world, "200 OK", rows[i].body, scores,
		    &note), ERR_UPSTREAM);
		(void)snprintf(words, sizeof(words), "%s: %s", world->host,
		    rows[i].words);
		assert_string_equal(note.text, words);
		/* Nothing of what makes no sense is kept. */
		assert_int_equal(((unsigned char *)scores)[0], 0x5a);
	}
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *status, *body, *words;
		int err;
	} rows[] = {
	    {"429 Too Many Requests", "{\"detail\":\"slow down\"}",
		"HTTP status 429: slow down", ERR_BUSY},
	    {"500 Oops", "", "HTTP status 500", ERR_UPSTREAM},
	    {"401 Unauthorized", "{\"message\":\"bad key " KEY "\"}",
		"HTTP status 401: bad key ***", ERR_INVALID},
	    {"302 Found", "",
		"HTTP status 302: the service is at another address",
		ERR_INVALID},
	};
	struct world *world = *state;
	struct rerank_score scores[3];
	struct err_note note;
	char words[200];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ask(world, rows[i].status, rows[i].body,
		    scores, &note), rows[i].err);
		(void)snprintf(words, sizeof(words), "%s: %s", world->host,
		    rows[i].words);
		assert_string_equal(note.text, words);
	}
}

/* ---- limits -------------------------------------------------------------- */

static void
test_limits(void **state)
{
	struct world *world = *state;
	struct rerank_text texts[RERANK_DOCUMENTS_MAX + 1];
	struct rerank_score scores[RERANK_DOCUMENTS_MAX + 1];
	struct err_note note;
	char *large;
	size_t i;

	/* Three bytes a character, so that the cut is inside of one. */
	large = mem_alloc(3 * RERANK_TEXT_BYTES_MAX);
	assert_non_null(large);
	for (i = 0; i < RERANK_TEXT_BYTES_MAX; i++)
		memcpy(large + 3 * i, "\xe2\x82\xac", 3);
	for (i = 0; i < COUNT(texts); i++)
		texts[i] = (struct rerank_text){large,
		    3 * RERANK_TEXT_BYTES_MAX};
	peer_wait_idle(&world->peer);
	world->page = (struct page){.status = "200 OK",
	    .body = "[{\"index\":99,\"score\":4}]"};
	assert_int_equal(rerank_run(world->client, "q", texts,
	    RERANK_DOCUMENTS_MAX, NULL, scores, &note), 0);
	assert_true(scores[99].is_known && !scores[0].is_known);
	/* 8190 bytes of each. */
	assert_true(peer_heard(&world->peer, "\r\nContent-Length: 819345\r\n"));
	assert_int_equal(rerank_run(world->client, "q", texts,
	    RERANK_DOCUMENTS_MAX + 1, NULL, scores, &note), ERR_INVALID);
	assert_int_equal(rerank_run(world->client, "q", texts, 0, NULL,
	    scores, &note), ERR_INVALID);
	mem_free(large);
}

static void
test_stop(void **state)
{
	static const struct rerank_text text = {"a", 1};
	struct world *world = *state;
	struct rerank_score score;
	atomic_bool stop = true;
	struct err_note note;

	world->page = (struct page){.hangs = true};
	assert_int_equal(rerank_run(world->client, "q", &text, 1, &stop,
	    &score, &note), ERR_CANCELLED);
	peer_release(&world->peer);
}

static void
test_config(void **state)
{
	static const struct {
		const char *url, *model, *key;
	} rows[] = {
	    {"ftp://x", "m", NULL}, {"x", "m", NULL}, {"http://x", "", NULL},
	    {"http://x", "\xff", NULL}, {"http://x", "m", "a b"},
	};
	struct rerank_client *client = NULL;
	struct rerank_config config;
	struct err_note note;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		config = (struct rerank_config){.url = rows[i].url,
		    .model = rows[i].model, .key = rows[i].key};
		assert_int_equal(rerank_client_new(&config, &client, &note),
		    ERR_INVALID);
		assert_null(client);
	}
}

static void
test_memory(void **state)
{
	static const struct rerank_text text = {"a", 1};
	struct world *world = *state;
	struct rerank_score score;
	unsigned long n;
	int err = ERR_NOMEM;

	world->page = (struct page){.status = "200 OK",
	    .body = "[{\"index\":0,\"score\":4}]"};
	for (n = 1; err == ERR_NOMEM; n++) {
		mem_fail_at(n);
		err = rerank_run(world->client, "q", &text, 1, NULL, &score,
		    NULL);
		mem_fail_at(0);
		peer_wait_idle(&world->peer);
	}
	assert_int_equal(err, 0);
	assert_true(n > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_scores, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_sense, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	    cmocka_unit_test(test_config),
	    cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
