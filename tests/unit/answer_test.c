/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from passages: the prompt, the model and what is done without. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "engine/answer.h"
#include "engine_world.h"
#include "http_peer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct passage tides[] = {
    {"tides.md", "# Tides\nThe moon raises the tides. Spring tides come at "
		 "full moon and at new moon,\nwhen sun and moon pull in one "
		 "line. Boats are painted in May.", 148},
    {"harbour.md", "The harbour opens at six. At spring tides the bar is "
		   "closed to boats over 2 m of draught.", 94},
};

static struct passage
passage_of(const char *name, const char *text)
{
	return (struct passage){name, text, strlen(text)};
}

/* ---- without a model ----------------------------------------------------- */

static void
assert_extract(const char *question, const struct passage *passages,
    size_t count, const char *answer)
{
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(answer_extract(question, passages, count, &out), 0);
	assert_string_equal(buf_text(&out), answer);
	buf_fini(&out);
}

static void
test_extract(void **state)
{
	struct passage all[COUNT(tides)];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(tides); i++)
		all[i] = passage_of(tides[i].name, tides[i].text);
	assert_extract("When are spring tides?", all, 2,
	    "Spring tides come at full moon and at new moon, when sun and "
	    "moon pull in one line. [tides.md] At spring tides the bar is "
	    "closed to boats over 2 m of draught. [harbour.md]");
	assert_extract("When does the harbour open?", all, 2,
	    "The harbour opens at six. [harbour.md]");
	/* No word of it: how the best passage begins. */
	assert_extract("Gezeiten?", all, 2,
	    "# Tides The moon raises the tides. [tides.md]");
	assert_extract("Gezeiten?", all, 0, "");
	assert_extract("?", all + 1, 1,
	    "The harbour opens at six. At spring tides the bar is closed to "
	    "boats over 2 m of draught. [harbour.md]");
}

/* Whatever stands in a passage: bounded, valid, and soon done. */
static void
test_extract_rubbish(void **state)
{
	struct passage passage = {.name = "x"};
	struct buf text, out;
	size_t i;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_init(&out, 65536);
	for (i = 0; i < 60000; i++)
		(void)buf_puts(&text, "\xe2\x82\xac tide");
	passage.text = text.data;
	passage.len = text.len;
	assert_int_equal(answer_extract("tide", &passage, 1, &out), 0);
	assert_true(out.len < 1000);
	assert_non_null(strstr(out.data, "\xe2\x80\xa6 [x]"));
	buf_clear(&text);
	for (i = 0; i < 60000; i++)
		(void)buf_puts(&text, "a. ");
	passage.text = text.data;
	passage.len = text.len;
	buf_clear(&out);
	assert_int_equal(answer_extract("a", &passage, 1, &out), 0);
	assert_true(out.len > 0 && out.len < 1000);
	passage.len = 0;
	buf_clear(&out);
	assert_int_equal(answer_extract("a", &passage, 1, &out), 0);
	assert_int_equal(out.len, 0);
	buf_fini(&text);
	buf_fini(&out);
}

/* ---- the prompt ---------------------------------------------------------- */

static void
test_prompt(void **state)
{
	struct passage two[] = {passage_of("a]\n[b", "One."),
	    passage_of("c.md", "Two.")};
	struct answer_request request = {.question = "Why?",
	    .passages = two, .count = 2, .wish = "In rhymes."};
	struct buf system, user;

	(void)state;
	buf_init(&system, 65536);
	buf_init(&user, 65536);
	answer_prompt(&request, &system, &user);
	assert_non_null(strstr(system.data, "as far as the rules above allow "
	    "it:\nIn rhymes.\n"));
	/* A name cannot end its brackets or its line. */
	assert_string_equal(user.data, "<<<PASSAGES\n[a   b]\nOne.\n\n"
	    "[c.md]\nTwo.\n\nPASSAGES>>>\n\nThe question: Why?");
	request.wish = NULL;
	buf_clear(&system);
	answer_prompt(&request, &system, &user);
	assert_null(strstr(system.data, "wishes"));
	buf_fini(&system);
	buf_fini(&user);
}

static void
test_prompt_is_bounded(void **state)
{
	struct passage many[40];
	struct answer_request request = {.question = "Why?",
	    .passages = many, .count = COUNT(many)};
	struct buf text, system, user;
	size_t i;

	(void)state;
	buf_init(&text, 1 << 20);
	for (i = 0; i < 20000; i++)
		(void)buf_puts(&text, "\xe2\x82\xac");
	for (i = 0; i < COUNT(many); i++)
		many[i] = (struct passage){"n", text.data, text.len};
	request.wish = text.data;
	buf_init(&system, 1 << 20);
	buf_init(&user, 1 << 20);
	answer_prompt(&request, &system, &user);
	assert_int_equal(system.err, 0);
	assert_true(system.len < ANSWER_WISH_BYTES_MAX + 4096);
	assert_true(user.len < ANSWER_PASSAGES_BYTES_MAX + 1024);
	assert_true(user.len > ANSWER_PASSAGES_BYTES_MAX - 1024);
	buf_fini(&text);
	buf_fini(&system);
	buf_fini(&user);
}

/* ---- with a model -------------------------------------------------------- */

struct page {
	const char *status, *headers, *body;
};

struct scene {
	struct peer peer;
	struct page page;
	struct engine engine; /* nothing of it but the services */
	char url[64];
	struct buf heard;
	struct passage passages[2];
};

static bool
behave(struct peer *peer, int fd, const char *path, const char *request)
{
	const struct page *page = peer->arg;

	(void)path;
	(void)request;
	return peer_answer(fd, page->status, page->headers, page->body);
}

static int
scene_up(void **state)
{
	static char model[] = "small-1";
	struct scene *scene = mem_zalloc(sizeof(*scene));
	size_t i;

	assert_non_null(scene);
	log_set_level(LOG_ERROR);
	peer_open(&scene->peer, behave, &scene->page);
	(void)snprintf(scene->url, sizeof(scene->url),
	    "http://127.0.0.1:%u", scene->peer.port);
	scene->engine.chat_url = scene->url;
	scene->engine.chat_model = model;
	scene->engine.rerank_url = scene->url;
	scene->engine.rerank_model = model;
	buf_init(&scene->heard, 65536);
	for (i = 0; i < 2; i++)
		scene->passages[i] =
		    passage_of(tides[i].name, tides[i].text);
	*state = scene;
	return 0;
}

static int
scene_down(void **state)
{
	struct scene *scene = *state;

	peer_close(&scene->peer);
	buf_fini(&scene->heard);
	mem_free(scene);
	return 0;
}

static int
hear(void *arg, const char *text, size_t len)
{
	struct scene *scene = arg;

	(void)buf_put(&scene->heard, text, len);
	return buf_putc(&scene->heard, '|');
}

#define EVENTS "Content-Type: text/event-stream\r\n"
#define PIECE(text)                                                           \
	"data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"

static int
ask(struct scene *scene, bool is_streamed, const char *status,
    const char *headers, const char *body, struct answer *ret_answer)
{
	struct answer_request request = {
	    .question = "When does the harbour open?",
	    .passages = scene->passages, .count = 2,
	    .fn = is_streamed ? hear : NULL, .arg = scene};

	peer_wait_idle(&scene->peer);
	buf_clear(&scene->heard);
	scene->page = (struct page){status, headers, body};
	return engine_answer(&scene->engine, &request, ret_answer);
}

static void
test_model(void **state)
{
	struct scene *scene = *state;
	struct answer answer;

	assert_int_equal(ask(scene, false, "200 OK", "",
	    "{\"choices\":[{\"message\":{\"content\":\"At six.\"}}],"
	    "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,"
	    "\"total_tokens\":7}}", &answer), 0);
	assert_string_equal(answer.text, "At six.");
	assert_int_equal(answer.maker, ANSWER_BY_MODEL);
	assert_int_equal(answer.usage.prompt, 5);
	assert_int_equal(answer.usage.completion, 2);
	assert_int_equal(answer.usage.total, 7);
	assert_true(peer_heard(&scene->peer, "The question: When does the "
	    "harbour open?"));
	answer_fini(&answer);
	assert_int_equal(ask(scene, true, "200 OK", EVENTS,
	    PIECE("At ") ": a comment\r\n" PIECE("six.")
	    "data: [DONE]\n\n" PIECE("Or so.") "data: bye\n", &answer), 0);
	assert_string_equal(answer.text, "At six.");
	assert_string_equal(buf_text(&scene->heard), "At |six.|");
	answer_fini(&answer);
	/* A service that does not stream. */
	assert_int_equal(ask(scene, true, "200 OK",
	    "Content-Type: application/json\r\n",
	    "{\"choices\":[{\"message\":{\"content\":\"At six.\"}}]}",
	    &answer), 0);
	assert_string_equal(buf_text(&scene->heard), "At six.|");
	answer_fini(&answer);
}

static void
test_model_fails(void **state)
{
	static const char extract[] =
	    "The harbour opens at six. [harbour.md]";
	static const struct {
		const char *status, *headers, *body;
	} rows[] = {
	    {"500 Oops", "", ""}, {"401 No", "", "{}"}, {"200 OK", "", "{}"},
	    {"200 OK", "", "{\"choices\":[{\"message\":{\"content\":\"\"}}]}"},
	    {"200 OK", EVENTS, "data: {\"error\":{\"message\":\"no\"}}\n\n"},
	    {"200 OK", EVENTS, "data: [DONE]\n"}, {"200 OK", EVENTS, ""},
	    {"200 OK", EVENTS, "data: {{\n\n"},
	};
	struct scene *scene = *state;
	struct answer answer;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ask(scene, i >= 4, rows[i].status,
		    rows[i].headers, rows[i].body, &answer), 0);
		assert_string_equal(answer.text, extract);
		assert_int_equal(answer.maker,
		    ANSWER_BY_EXTRACT_AFTER_FAILURE);
		if (i >= 4)
			assert_memory_equal(scene->heard.data, extract,
			    strlen(extract));
		answer_fini(&answer);
	}
	/* Once it has begun there is no way back. */
	memset(&answer, 0, sizeof(answer));
	assert_int_equal(ask(scene, true, "200 OK", EVENTS, PIECE("At "),
	    &answer), ERR_UPSTREAM);
	assert_string_equal(buf_text(&scene->heard), "At |");
	assert_null(answer.text);
}

static void
test_no_model(void **state)
{
	struct scene *scene = *state;
	struct answer_request request = {.question = "the harbour",
	    .passages = scene->passages};
	struct answer answer;

	assert_int_equal(engine_answer(&scene->engine, &request, &answer), 0);
	assert_int_equal(answer.maker, ANSWER_BY_NOBODY);
	assert_string_equal(answer.text, "");
	answer_fini(&answer);
	scene->engine.chat_url = NULL;
	request.count = 2;
	assert_int_equal(engine_answer(&scene->engine, &request, &answer), 0);
	assert_int_equal(answer.maker, ANSWER_BY_EXTRACT);
	assert_string_equal(answer.text,
	    "The harbour opens at six. [harbour.md]");
	answer_fini(&answer);
	assert_int_equal(peer_requests(&scene->peer), 0);
}

/* ---- order --------------------------------------------------------------- */

static void
test_order(void **state)
{
	struct scene *scene = *state;
	struct passage four[4];
	double scores[4];
	size_t order[4], i;

	for (i = 0; i < 4; i++)
		four[i] = passage_of("n", "t");
	scene->page = (struct page){"200 OK", "",
	    "{\"results\":[{\"index\":1,\"score\":0.25},"
	    "{\"index\":3,\"score\":0.75},{\"index\":2,\"score\":0.25}]}"};
	assert_int_equal(engine_rerank(&scene->engine, "q", four, 4, NULL,
	    scores, order), 0);
	assert_true(isnan(scores[0]));
	assert_float_equal(scores[3], 0.75, 0);
	assert_int_equal(order[0], 3);
	assert_int_equal(order[1], 1);
	assert_int_equal(order[2], 2);
	assert_int_equal(order[3], 0);
	scene->page.status = "503 Busy";
	assert_int_equal(engine_rerank(&scene->engine, "q", four, 4, NULL,
	    scores, order), ERR_UPSTREAM);
	scene->engine.rerank_url = NULL;
	assert_int_equal(engine_rerank(&scene->engine, "q", four, 4, NULL,
	    scores, order), ERR_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_extract),
	    cmocka_unit_test(test_extract_rubbish),
	    cmocka_unit_test(test_prompt),
	    cmocka_unit_test(test_prompt_is_bounded),
	    cmocka_unit_test_setup_teardown(test_model, scene_up, scene_down),
	    cmocka_unit_test_setup_teardown(test_model_fails, scene_up,
		scene_down),
	    cmocka_unit_test_setup_teardown(test_no_model, scene_up,
		scene_down),
	    cmocka_unit_test_setup_teardown(test_order, scene_up, scene_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
