/* SPDX-License-Identifier: Apache-2.0 */
/* One object that is looked at, accounts that have buckets at an address of
 * their own, and names that are whole keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3_world.h"

#define TARGET "/b/docs/a%20b.txt"
#define FACTS                                                                 \
	"ETag: \"t1\"\r\n"                                                    \
	"Last-Modified: Mon, 12 Oct 2009 17:50:30 GMT\r\n"
#define SEEN(bytes)                                                           \
	"s3://b/docs/a%20b.txt|a b.txt|" bytes "|1255369830000000|t1|NONE|\n"

static int
look(struct s3_world *world, const struct step *steps, size_t count,
    struct err_note *note)
{
	note->text[0] = '\0';
	world_expect(world, steps, count);
	return s3_look(world->client, NULL, world_note_entry, world, note);
}

static void
test_look(void **state)
{
	static const struct {
		struct step step;
		const char *seen;
	} rows[] = {
	    {{.target = TARGET, .has = "Range: bytes=0-0\r\n",
		 .status = "206 Partial Content",
		 .headers = FACTS "Content-Range: bytes 0-0/4711\r\n",
		 .answer = "a"}, SEEN("4711")},
	    /* Who knows no parts sends all of it. */
	    {{.target = TARGET, .status = "200 OK", .headers = FACTS,
		 .answer = "abcdefghij"}, SEEN("10")},
	    {{.target = TARGET, .status = "200 OK", .headers = FACTS},
		SEEN("0")},
	    /* Without a byte there is no first one. */
	    {{.target = TARGET, .status = "416 Range Not Satisfiable",
		 .headers = FACTS "Content-Range: bytes */0\r\n"},
		SEEN("0")},
	};
	struct s3_world *world = *state;
	struct err_note note;
	size_t i;

	world->config.prefix = "docs/a b.txt";
	world_connect(world);
	for (i = 0; i < COUNT(rows); i++) {
		if (look(world, &rows[i].step, 1, &note) < 0)
			fail_msg("%s %s", note.text, world->surprise);
		world_check(world);
		assert_string_equal(buf_text(&world->seen), rows[i].seen);
	}
}

static void
test_look_again(void **state)
{
	static const struct step steps[] = {
	    {.target = TARGET, .status = "503 Slow Down"},
	    {.target = TARGET, .status = "206 Partial Content",
		.headers = FACTS "Content-Range: bytes 0-0/3\r\n",
		.answer = "a"},
	};
	struct s3_world *world = *state;
	struct err_note note;

	world->config.prefix = "docs/a b.txt";
	world_connect(world);
	assert_int_equal(look(world, steps, COUNT(steps), &note), 0);
	world_check(world);
	assert_int_equal(world->wait_count, 1);
	assert_string_equal(buf_text(&world->seen), SEEN("3"));
}

static void
test_look_refused(void **state)
{
	static const struct {
		const char *status;
		int err;
	} rows[] = {
	    {"404 Not Found", ERR_NOT_FOUND},
	    {"403 Forbidden", ERR_FORBIDDEN},
	    {"400 Bad Request", ERR_INVALID},
	};
	struct s3_world *world = *state;
	struct err_note note;
	size_t i;

	world->config.prefix = "docs/a b.txt";
	world_connect(world);
	for (i = 0; i < COUNT(rows); i++) {
		struct step step = {.target = TARGET,
		    .status = rows[i].status};

		assert_int_equal(look(world, &step, 1, &note), rows[i].err);
		world_check(world);
		assert_string_equal(buf_text(&world->seen), "");
		assert_non_null(strstr(note.text, "\"b\""));
	}
	world->config.prefix = "";
	world_connect(world);
	assert_int_equal(look(world, NULL, 0, &note), ERR_INVALID);
}

/* A folder's marker is no document. */
static void
test_look_marker(void **state)
{
	static const struct step step = {.target = "/b/docs/",
	    .status = "416 Range Not Satisfiable",
	    .headers = FACTS "Content-Range: bytes */0\r\n"};
	struct s3_world *world = *state;
	struct err_note note;

	world->config.prefix = "docs/";
	world_connect(world);
	assert_int_equal(look(world, &step, 1, &note), 0);
	world_check(world);
	assert_string_equal(buf_text(&world->seen), "");
}

static void
test_whole_names(void **state)
{
	static const struct step step = {
	    .target = "/b/?" LIST "&prefix=docs",
	    .status = "200 OK",
	    .answer = RESULT "<Contents><Key>docs/a.txt</Key><Size>1</Size>"
		"</Contents><IsTruncated>false</IsTruncated>" RESULT_END};
	struct s3_world *world = *state;
	struct err_note note = {""};

	world->config.prefix = "docs";
	world->config.is_prefix_whole = true;
	world->config.is_name_whole = true;
	world->config.scheme = "r2";
	world_connect(world);
	world_expect(world, &step, 1);
	if (world_list(world, &note) < 0)
		fail_msg("%s %s", note.text, world->surprise);
	world_check(world);
	assert_string_equal(buf_text(&world->seen),
	    "r2://b/docs/a.txt|docs/a.txt|1|0||NONE|\n");
}

static void
test_accounts(void **state)
{
	static const struct {
		const char *account, *jurisdiction, *origin;
	} rows[] = {
	    {"0123abcDEF", NULL,
		"https://0123abcdef.r2.cloudflarestorage.com"},
	    {"a", "", "https://a.r2.cloudflarestorage.com"},
	    {"a", "default", "https://a.r2.cloudflarestorage.com"},
	    {"a", "eu", "https://a.eu.r2.cloudflarestorage.com"},
	    {"a", "fedramp", "https://a.fedramp.r2.cloudflarestorage.com"},
	};
	static const struct {
		const char *account, *jurisdiction, *words;
	} bad[] = {
	    {NULL, NULL, "an account is 1 to 63 letters and digits"},
	    {"a.b", NULL, "an account is 1 to 63 letters and digits"},
	    {"a/", NULL, "an account is 1 to 63 letters and digits"},
	    {"a", "e.u", "a jurisdiction is 1 to 16 letters and digits"},
	    {"a", "eu/", "a jurisdiction is 1 to 16 letters and digits"},
	};
	struct s3_world *world = *state;
	struct s3_client *client = NULL;
	struct err_note note;
	size_t i;

	world->config.provider = S3_PROVIDER_R2;
	world->config.endpoint = NULL;
	for (i = 0; i < COUNT(rows); i++) {
		world->config.account = rows[i].account;
		world->config.jurisdiction = rows[i].jurisdiction;
		world_connect(world);
		assert_string_equal(buf_text(&world->client->origin),
		    rows[i].origin);
		assert_string_equal(buf_text(&world->client->path), "/b");
		assert_string_equal(world->client->region, "auto");
		assert_string_equal(world->client->scheme, "r2");
	}
	for (i = 0; i < COUNT(bad); i++) {
		world->config.account = bad[i].account;
		world->config.jurisdiction = bad[i].jurisdiction;
		assert_int_equal(s3_client_new(&world->config, &client,
				     &note), ERR_INVALID);
		assert_string_equal(note.text, bad[i].words);
		assert_null(client);
	}
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_look),
	    TEST(test_look_again),
	    TEST(test_look_refused),
	    TEST(test_look_marker),
	    TEST(test_whole_names),
	    TEST(test_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
