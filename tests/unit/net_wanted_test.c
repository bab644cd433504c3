/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a caller may want of an answer's head, and paths that are asked for
 * as they stand.
 */
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
#include "net/net.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *path, *status, *headers, *body;
} pages[] = {
    {"/tagged", "206 Partial Content",
	"ETag:  \"abc-2\" \r\ncontent-range: bytes 0-4/10\r\n"
	"X-Long: 0123456789\r\nX-Odd: a\x01z\r\nX-Two: a\r\nx-two: b\r\n",
	"hello"},
    {"/bare", "200 OK", "", "hello"},
    {"/a/../b/./page?x=1", "200 OK", "ETag: literal\r\n", ""},
    {"/b/page?x=1", "200 OK", "ETag: squashed\r\n", ""},
};

static bool
behave(struct peer *peer, int fd, const char *path, const char *request)
{
	size_t i;

	(void)peer;
	(void)request;
	for (i = 0; i < COUNT(pages); i++)
		if (strcmp(path, pages[i].path) == 0)
			return peer_answer(fd, pages[i].status,
			    pages[i].headers, pages[i].body);
	if (strcmp(path, "/early") == 0)
		peer_say(fd,
		    "HTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\n\r\n"
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	if (strcmp(path, "/cut") == 0)
		peer_say(fd,
		    "HTTP/1.1 200 OK\r\nETag: \"cut\"\r\n"
		    "Content-Length: 10\r\n\r\nhalf");
	return false;
}

struct world {
	struct peer peer;
	struct net_client *client;
	char url[256];
};

static int
setup(void **state)
{
	struct net_policy any = {.allows_any = true};
	struct world *world;

	world = mem_zalloc(sizeof(*world));
	assert_non_null(world);
	peer_open(&world->peer, behave, NULL);
	assert_int_equal(net_client_new(&any, &world->client, NULL), 0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	net_client_free(world->client);
	peer_close(&world->peer);
	mem_free(world);
	return 0;
}

/* Ask for path; the answer's body goes to fn, or nowhere. */
static int
ask(struct world *world, struct net_request *request, const char *path,
    net_bytes_fn *fn, void *arg, struct err_note *note)
{
	struct net_answer answer;
	int err;

	(void)snprintf(world->url, sizeof(world->url),
	    "http://127.0.0.1:%u%s", world->peer.port, path);
	request->url = world->url;
	err = fn == NULL ? net_run(world->client, request, &answer, note) :
			   net_stream(world->client, request, fn, arg,
			       &answer, note);
	if (err == 0)
		net_answer_fini(&answer);
	return err;
}

static int
see_tag(void *arg, const struct net_answer *head, const void *bytes,
    size_t len)
{
	const char *tag = arg;

	(void)bytes;
	assert_int_equal(head->status, 206);
	assert_int_equal(len, 5);
	assert_string_equal(tag, "\"abc-2\"");
	return 0;
}

/* Headers are there when the body comes, and gone with the next answer. */
static void
test_wanted(void **state)
{
	struct world *world = *state;
	char tag[16] = "?", range[32] = "?", longer[8] = "?", odd[8] = "?",
	     two[2] = "?", none[1] = "";
	const struct net_wanted wanted[] = {
	    {.name = "ETag", .value = tag, .size = sizeof(tag)},
	    {.name = "Content-Range", .value = range, .size = sizeof(range)},
	    {.name = "X-Long", .value = longer, .size = sizeof(longer)},
	    {.name = "X-Odd", .value = odd, .size = sizeof(odd)},
	    {.name = "X-Two", .value = two, .size = sizeof(two)},
	    {.name = "X-None", .value = none, .size = sizeof(none)},
	};
	struct net_request request = {
	    .wanted = wanted, .wanted_count = COUNT(wanted)};

	assert_int_equal(
	    ask(world, &request, "/tagged", see_tag, tag, NULL), 0);
	assert_string_equal(tag, "\"abc-2\"");
	assert_string_equal(range, "bytes 0-4/10");
	assert_string_equal(longer, "");
	assert_string_equal(odd, "");
	assert_string_equal(two, "b");
	assert_string_equal(none, "");
	assert_int_equal(ask(world, &request, "/bare", NULL, NULL, NULL), 0);
	assert_string_equal(tag, "");
	assert_string_equal(range, "");
	assert_int_equal(ask(world, &request, "/early", NULL, NULL, NULL), 0);
	assert_string_equal(tag, "");
	assert_int_equal(ask(world, &request, "/cut", NULL, NULL, NULL),
	    ERR_CLOSED);
	assert_string_equal(tag, "\"cut\"");
}

static void
test_too_many(void **state)
{
	struct world *world = *state;
	struct net_wanted many[NET_WANTED_MAX + 1];
	char tag[16] = "?";
	struct net_request request = {
	    .wanted = many, .wanted_count = COUNT(many)};
	struct err_note note = {""};
	size_t i;

	for (i = 0; i < COUNT(many); i++)
		many[i] = (struct net_wanted){
		    .name = "ETag", .value = tag, .size = sizeof(tag)};
	assert_int_equal(ask(world, &request, "/bare", NULL, NULL, &note),
	    ERR_INVALID);
	assert_string_equal(note.text, "more than 16 headers of an answer");
	assert_int_equal(peer_requests(&world->peer), 0);
}

static void
test_literal_path(void **state)
{
	struct world *world = *state;
	char tag[16];
	const struct net_wanted wanted = {
	    .name = "etag", .value = tag, .size = sizeof(tag)};
	struct net_request request = {.wanted = &wanted, .wanted_count = 1};

	assert_int_equal(
	    ask(world, &request, "/a/../b/./page?x=1", NULL, NULL, NULL), 0);
	assert_string_equal(tag, "squashed");
	request.is_path_literal = true;
	assert_int_equal(
	    ask(world, &request, "/a/../b/./page?x=1", NULL, NULL, NULL), 0);
	assert_string_equal(tag, "literal");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_wanted),
		TEST(test_too_many),
		TEST(test_literal_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
