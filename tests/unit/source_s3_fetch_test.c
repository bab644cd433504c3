/* SPDX-License-Identifier: Apache-2.0 */
/* One object: whole, in pieces, changed, gone, and too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3_world.h"
#include "sys/thread.h"

#define URI "s3://b/a%20b.txt"
#define TARGET "/b/a%20b.txt"
#define WHOLE_HEADERS                                                         \
	"ETag: \"t1\"\r\nContent-Type: text/plain\r\n"                        \
	"Last-Modified: Mon, 12 Oct 2009 17:50:30 GMT\r\n"
#define CUT "HTTP/1.1 200 OK\r\nETag: \"t1\"\r\nContent-Length: 10\r\n\r\nabcd"
#define RANGE(range) "Content-Range: bytes " range "\r\n"

static int
fetch(struct s3_world *world, const char *etag, uint64_t max,
    struct s3_object *ret_object, struct err_note *note)
{
	const struct s3_fetch one = {
	    .uri = URI, .etag = etag, .bytes_max = max, .fd = world->fd};

	note->text[0] = '\0';
	assert_int_equal(ftruncate(world->fd, 0), 0);
	assert_int_equal(lseek(world->fd, 0, SEEK_SET), 0);
	return s3_fetch(world->client, &one, ret_object, note);
}

static void
check_content(struct s3_world *world, const char *expected)
{
	char bytes[64];
	ssize_t n = pread(world->fd, bytes, sizeof(bytes) - 1, 0);

	assert_true(n >= 0);
	bytes[n] = '\0';
	assert_string_equal(bytes, expected);
}

/* All steps are taken, and give this object and this many pauses. */
static void
check_fetch(struct s3_world *world, const struct step *steps, size_t count,
    const char *etag, const char *expected, size_t waits)
{
	struct s3_object object = {.bytes = 4711};
	struct err_note note;

	world_expect(world, steps, count);
	if (fetch(world, etag, 10, &object, &note) < 0)
		fail_msg("%s %s", note.text, world->surprise);
	world_check(world);
	check_content(world, expected);
	assert_int_equal(object.bytes, strlen(expected));
	assert_int_equal(world->wait_count, waits);
}

static void
check_failure(struct s3_world *world, const struct step *steps, size_t count,
    const char *etag, int err, const char *words)
{
	struct s3_object object = {.bytes = 4711};
	struct err_note note;

	world_expect(world, steps, count);
	assert_int_equal(fetch(world, etag, 10, &object, &note), err);
	assert_string_equal(note.text, words);
	world_check(world);
	assert_int_equal(object.bytes, 4711);
}

/* ---- what goes well ------------------------------------------------------ */

static void
test_whole(void **state)
{
	static const struct step any = {.target = TARGET,
	    .hasnt = "If-Match",
	    .status = "200 OK",
	    .headers = WHOLE_HEADERS,
	    .answer = "0123456789"};
	static const struct step same = {.target = TARGET,
	    .has = "\r\nIf-Match: \"t1\"\r\n",
	    .hasnt = "Range:",
	    .status = "200 OK",
	    .headers = WHOLE_HEADERS,
	    .answer = "0123456789"};
	static const struct step empty = {
	    .target = TARGET, .status = "200 OK", .headers = WHOLE_HEADERS};
	static const struct step chunked = {.target = TARGET,
	    .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "3\r\nabc\r\n0\r\n\r\n"};
	struct s3_world *world = *state;
	struct s3_object object;
	struct err_note note;

	world_connect(world);
	world_expect(world, &any, 1);
	assert_int_equal(fetch(world, NULL, 0, &object, &note), 0);
	world_check(world);
	check_content(world, "0123456789");
	assert_int_equal(object.bytes, 10);
	assert_int_equal(object.mtime_us, 1255369830000000);
	assert_string_equal(object.etag, "t1");
	assert_string_equal(object.content_type, "text/plain");
	check_fetch(world, &same, 1, "t1", "0123456789", 0);
	check_fetch(world, &same, 1, "\"t1\"", "0123456789", 0);
	check_fetch(world, &empty, 1, "t1", "", 0);
	check_fetch(world, &chunked, 1, "t1", "abc", 0);
}

/* ---- what breaks --------------------------------------------------------- */

static void
test_resumed(void **state)
{
	static const struct step steps[] = {
	    {.target = TARGET, .answer = CUT},
	    {.target = TARGET,
		.has = "\r\nRange: bytes=4-\r\n",
		.status = "503 Busy"},
	    {.target = TARGET,
		.has = "\r\nRange: bytes=4-\r\n",
		.answer = "HTTP/1.1 206 Partial Content\r\nETag: \"t1\"\r\n"
			  "Content-Length: 6\r\n" RANGE("4-9/10") "\r\nef"},
	    /* A service may send less than what was asked for. */
	    {.target = TARGET,
		.has = "\r\nRange: bytes=6-\r\n",
		.status = "206 Partial Content",
		.headers = RANGE("6-7/10"),
		.answer = "gh"},
	    {.target = TARGET,
		.has = "\r\nIf-Match: \"t1\"\r\n",
		.status = "206 Partial Content",
		.headers = WHOLE_HEADERS RANGE("8-9/10"),
		.answer = "ij"},
	};
	struct s3_world *world = *state;

	world_connect(world);
	/* The ETag that was listed, or the one that came. */
	check_fetch(world, steps, COUNT(steps), "t1", "abcdefghij", 4);
	check_fetch(world, steps, COUNT(steps), "", "abcdefghij", 4);
}

/* Where it cannot go on it begins again, and nothing is there twice. */
static void
test_restarted(void **state)
{
	static const struct step ignored[] = {
	    {.target = TARGET, .answer = CUT},
	    {.target = TARGET,
		.has = "Range: bytes=4-",
		.status = "200 OK",
		.headers = WHOLE_HEADERS,
		.answer = "0123"},
	};
	static const struct step untagged[] = {
	    {.target = TARGET,
		.answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd"},
	    {.target = TARGET,
		.hasnt = "Range:",
		.status = "200 OK",
		.answer = "0123"},
	};
	static const struct step beyond[] = {
	    {.target = TARGET, .answer = CUT},
	    {.target = TARGET,
		.has = "Range: bytes=4-",
		.status = "416 Range Not Satisfiable"},
	    {.target = TARGET,
		.hasnt = "Range:",
		.status = "200 OK",
		.headers = WHOLE_HEADERS,
		.answer = "01"},
	};
	struct s3_world *world = *state;

	world_connect(world);
	check_fetch(world, ignored, COUNT(ignored), "t1", "0123", 1);
	check_fetch(world, untagged, COUNT(untagged), NULL, "0123", 1);
	check_fetch(world, beyond, COUNT(beyond), "t1", "01", 2);
}

/* A transfer that gets nowhere ends; so many tries and no more. */
static void
test_nowhere(void **state)
{
	static const struct step cut = {.target = TARGET, .answer = CUT};
	static const struct step more = {.target = TARGET,
	    .has = "Range: bytes=4-",
	    .answer = "HTTP/1.1 206 Partial Content\r\n"
		      "Content-Length: 6\r\n" RANGE("4-9/10") "\r\n"};
	struct step steps[S3_TRIES_MAX] = {cut, more, more, more, more};
	struct s3_world *world = *state;
	char words[128];

	world_connect(world);
	(void)snprintf(words, sizeof(words),
	    "127.0.0.1:%u: it closed the connection in the middle of its "
	    "answer",
	    world->peer.port);
	check_failure(world, steps, COUNT(steps), "t1", ERR_CLOSED, words);
	assert_int_equal(world->wait_count, S3_TRIES_MAX - 1);
}

/* The first answer stops in the middle and the connection stays; those after
 * it are as they should be, however often they are asked for. */
static bool
answer_with_a_stall(struct peer *peer, int fd, const char *path,
    const char *request)
{
	struct s3_world *world = peer->arg;
	bool is_first;

	(void)path;
	(void)pthread_mutex_lock(&peer->lock);
	is_first = world->step++ == 0;
	(void)pthread_mutex_unlock(&peer->lock);
	if (is_first) {
		peer_say(fd, CUT);
		peer_hang(peer);
		return false;
	}
	if (strstr(request, "Range: bytes=4-") != NULL)
		return peer_answer(fd, "206 Partial Content",
		    RANGE("4-9/10"), "efghij");
	return peer_answer(fd, "200 OK", WHOLE_HEADERS, "abcdefghij");
}

static int
stall_setup(void **state)
{
	return world_setup_with(state, answer_with_a_stall);
}

static void
test_stalled(void **state)
{
	struct s3_world *world = *state;
	struct s3_object object;
	struct err_note note;

	world->config.stall_ms = 100;
	world_connect(world);
	if (fetch(world, "t1", 10, &object, &note) < 0)
		fail_msg("%s", note.text);
	check_content(world, "abcdefghij");
	assert_true(world->wait_count > 0);
}

#define PIECE (S3_PROGRESS_BYTES + 1)
#define PIECES 8u

/* Piece by piece: each answer breaks off after more than a little. */
static bool
answer_in_pieces(struct peer *peer, int fd, const char *path,
    const char *request)
{
	const char *range = strstr(request, "Range: bytes=");
	size_t at = range == NULL ? 0 : strtoul(range + 13, NULL, 10);
	char head[256], *piece;

	(void)peer;
	(void)path;
	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nETag: \"t\"\r\nContent-Length: %llu\r\n"
	    "Content-Range: bytes %zu-%llu/%llu\r\n\r\n",
	    range == NULL ? "200 OK" : "206 Partial Content",
	    PIECES * PIECE - at, at, PIECES * PIECE - 1, PIECES * PIECE);
	peer_say(fd, head);
	piece = mem_alloc(PIECE);
	memset(piece, (int)('a' + at / PIECE), PIECE);
	peer_send(fd, piece, PIECE);
	mem_free(piece);
	return false;
}

static int
pieces_setup(void **state)
{
	return world_setup_with(state, answer_in_pieces);
}

static void
test_pieces(void **state)
{
	struct s3_world *world = *state;
	struct s3_object object;
	struct err_note note;
	unsigned i;
	char c[2];

	world_connect(world);
	if (fetch(world, "t", 0, &object, &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(object.bytes, PIECES * PIECE);
	assert_int_equal(peer_requests(&world->peer), PIECES);
	for (i = 1; i < PIECES; i++) {
		assert_int_equal(
		    pread(world->fd, c, 2, (off_t)(i * PIECE - 1)), 2);
		assert_int_equal(c[0], 'a' + (int)i - 1);
		assert_int_equal(c[1], 'a' + (int)i);
	}
	/* Each pause is a first one, as each time there was progress. */
	for (i = 0; i < world->wait_count; i++)
		assert_in_range(world->waits[i], 100000, 200000);
}

/* ---- what is refused ----------------------------------------------------- */

static void
test_changed(void **state)
{
	static const char words[] = "it was changed while it was read";
	static const struct step refused = {.target = TARGET,
	    .status = "412 Precondition Failed",
	    .answer = "<Error><Code>PreconditionFailed</Code></Error>"};
	static const struct step other = {.target = TARGET,
	    .status = "200 OK",
	    .headers = "ETag: \"t2\"\r\n",
	    .answer = "0123"};
	static const struct step later[] = {
	    {.target = TARGET, .answer = CUT},
	    {.target = TARGET,
		.status = "206 Partial Content",
		.headers = "ETag: \"t2\"\r\n" RANGE("4-9/10"),
		.answer = "efghij"},
	};
	static const struct step empty = {.target = TARGET,
	    .status = "200 OK",
	    .headers = "ETag: \"t2\"\r\n"};
	struct s3_world *world = *state;

	world_connect(world);
	check_failure(world, &refused, 1, "t1", ERR_CONFLICT, words);
	check_failure(world, &other, 1, "t1", ERR_CONFLICT, words);
	check_failure(world, &empty, 1, "t1", ERR_CONFLICT, words);
	check_failure(world, later, COUNT(later), "", ERR_CONFLICT, words);
	check_content(world, "abcd");
}

static void
test_too_big(void **state)
{
	static const char words[] = "it is larger than 10 bytes";
	static const struct step announced = {.target = TARGET,
	    .status = "200 OK",
	    .answer = "0123456789X"};
	static const struct step chunked = {.target = TARGET,
	    .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "6\r\nabcdef\r\n5\r\nghijk\r\n0\r\n\r\n"};
	static const struct step grown[] = {
	    {.target = TARGET, .answer = CUT},
	    {.target = TARGET,
		.status = "206 Partial Content",
		.headers = RANGE("4-9/11"),
		.answer = "efghij"},
	};
	struct s3_world *world = *state;

	world_connect(world);
	check_failure(world, &announced, 1, NULL, ERR_TOO_BIG, words);
	check_content(world, "");
	check_failure(world, &chunked, 1, NULL, ERR_TOO_BIG, words);
	check_failure(world, grown, COUNT(grown), "", ERR_TOO_BIG, words);
}

static void
test_wrong_parts(void **state)
{
	static const char *const ranges[] = {"", RANGE("3-9/10"),
	    RANGE("5-9/10"), RANGE("4-10/10"), RANGE("4-3/10"),
	    RANGE("4-9/*"), RANGE("4-9"), RANGE("4-9/99999999999999999999"),
	    "Content-Range: items 4-9/10\r\n"};
	static const char words[] =
	    "the S3 service sends another part than it was asked for";
	static const struct step unasked = {.target = TARGET,
	    .status = "206 Partial Content",
	    .headers = RANGE("0-5/6"),
	    .answer = "efghij"};
	struct s3_world *world = *state;
	struct step steps[2] = {{.target = TARGET, .answer = CUT}};
	size_t i;

	world_connect(world);
	for (i = 0; i < COUNT(ranges); i++) {
		steps[1] = (struct step){.target = TARGET,
		    .status = "206 Partial Content",
		    .headers = ranges[i],
		    .answer = "efghij"};
		check_failure(world, steps, 2, "t1", ERR_UPSTREAM, words);
	}
	check_failure(world, &unasked, 1, "t1", ERR_UPSTREAM, words);
}

static void
test_refused(void **state)
{
	static const struct step gone = {.target = TARGET,
	    .status = "404 Not Found",
	    .answer = "<Error><Code>NoSuchKey</Code>"
		      "<Message>The key does not exist.</Message></Error>"};
	static const struct step forbidden = {.target = TARGET,
	    .status = "403 Forbidden",
	    .answer = "<Error><Code>InvalidObjectState</Code></Error>"};
	struct s3_world *world = *state;
	struct step step = {.target = TARGET, .status = "403 Forbidden"};
	struct buf body;
	size_t i;

	world_connect(world);
	check_failure(world, &gone, 1, "t1", ERR_NOT_FOUND,
	    "bucket \"b\": NoSuchKey: The key does not exist. (HTTP 404)");
	check_failure(world, &forbidden, 1, "t1", ERR_FORBIDDEN,
	    "bucket \"b\": InvalidObjectState (HTTP 403)");
	check_content(world, "");
	/* One that is far too long says what its beginning says. */
	buf_init(&body, MIB);
	(void)buf_puts(&body, "<Error><Code>AccessDenied</Code>");
	for (i = 0; i < 2 * S3_REASON_BYTES_MAX; i++)
		(void)buf_putc(&body, 'x');
	step.answer = buf_text(&body);
	world_expect(world, &step, 1);
	check_failure(world, &step, 1, "t1", ERR_FORBIDDEN,
	    "bucket \"b\": AccessDenied (HTTP 403)");
	buf_fini(&body);
}

static void
test_bad_addresses(void **state)
{
	static const struct {
		const char *uri;
		int err;
		const char *words;
	} rows[] = {
	    {"s3://other/a", ERR_INVALID,
		"the object is not of the bucket \"b\""},
	    {"s3://b/", ERR_SYNTAX,
		"this is no address of an object: s3://BUCKET/KEY"},
	    {"http://b/a", ERR_SYNTAX,
		"this is no address of an object: s3://BUCKET/KEY"},
	    {"s3://b/a#0", ERR_SYNTAX,
		"this is no address of an object: s3://BUCKET/KEY"},
	};
	struct s3_world *world = *state;
	struct s3_object object;
	struct err_note note;
	size_t i;

	world_connect(world);
	for (i = 0; i < COUNT(rows); i++) {
		const struct s3_fetch one = {
		    .uri = rows[i].uri, .fd = world->fd};

		assert_int_equal(
		    s3_fetch(world->client, &one, &object, &note),
		    rows[i].err);
		assert_string_equal(note.text, rows[i].words);
	}
	assert_int_equal(peer_requests(&world->peer), 0);
}

/* ---- what is ours -------------------------------------------------------- */

static void
test_disk(void **state)
{
	static const struct step step = {.target = TARGET,
	    .status = "200 OK",
	    .answer = "0123456789"};
	struct s3_world *world = *state;
	struct s3_object object;
	struct err_note note;

	world_connect(world);
	world_expect(world, &step, 1);
	fs_fail_at(1);
	assert_int_equal(fetch(world, NULL, 0, &object, &note),
	    ERR_STORAGE_FULL);
	fs_fail_at(0);
	assert_string_equal(note.text,
	    "a temporary file cannot be written to: the storage is full");
	world_check(world);
}

struct stopping {
	struct peer *peer;
	atomic_bool stop;
};

static void *
stop_when_hanging(void *arg)
{
	struct stopping *stopping = arg;

	peer_wait_hanging(stopping->peer, 1);
	atomic_store(&stopping->stop, true);
	return NULL;
}

static void
test_stop(void **state)
{
	static const struct step step = {
	    .target = TARGET, .answer = CUT, .hangs = true};
	struct s3_world *world = *state;
	struct stopping stopping = {.peer = &world->peer};
	const struct s3_fetch one = {
	    .uri = URI, .fd = world->fd, .stop = &stopping.stop};
	struct s3_object object;
	pthread_t thread;

	world_connect(world);
	world_expect(world, &step, 1);
	assert_int_equal(
	    thread_start(&thread, "stop", stop_when_hanging, &stopping), 0);
	assert_int_equal(s3_fetch(world->client, &one, &object, NULL),
	    ERR_CANCELLED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	peer_release(&world->peer);
	world_check(world);
}

static void
test_memory(void **state)
{
	static const struct step steps[] = {
	    {.target = TARGET, .answer = CUT},
	    {.target = TARGET,
		.status = "206 Partial Content",
		.headers = RANGE("4-9/10"),
		.answer = "efghij"},
	};
	struct s3_world *world = *state;
	struct s3_object object;
	struct err_note note;
	unsigned long nth;
	int err = ERR_NOMEM;

	world_connect(world);
	for (nth = 1; err < 0; nth++) {
		assert_true(nth < 100);
		world_expect(world, steps, COUNT(steps));
		mem_fail_at(nth);
		err = fetch(world, "t1", 10, &object, &note);
		mem_fail_at(0);
		if (err < 0)
			assert_int_equal(err, ERR_NOMEM);
	}
	world_check(world);
	check_content(world, "abcdefghij");
	assert_true(nth > 5);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_resumed),
		TEST(test_restarted),
		TEST(test_nowhere),
		cmocka_unit_test_setup_teardown(test_stalled, stall_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(test_pieces, pieces_setup,
		    world_teardown),
		TEST(test_changed),
		TEST(test_too_big),
		TEST(test_wrong_parts),
		TEST(test_refused),
		TEST(test_bad_addresses),
		TEST(test_disk),
		TEST(test_stop),
		TEST(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
