/* SPDX-License-Identifier: Apache-2.0 */
/* What clients keep and what was asked, over an engine without threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/buf.h"
#include "engine/memos.h"
#include "engine/users.h"
#include "engine_world.h"


static struct uuid
keep(struct world *w, int64_t account_id, const char *session,
    const char *kind, const char *text)
{
	struct memo memo = {.session = session, .kind = kind, .text = text,
	    .body = "{\"a\":1}"};
	struct err_note note = {""};
	struct uuid uuid;

	assert_int_equal(engine_memo_add(w->engine, account_id, &memo, &uuid,
			     &note), 0);
	return uuid;
}

static int
put_found(void *arg, const struct memo *memo, double score)
{
	return buf_printf(arg, "%s:%.2f ", memo->text, score);
}

static void
expect_at(struct world *w, int64_t account_id, const struct memo_wish *wish,
    const char *wanted)
{
	struct buf out;

	buf_init(&out, MIB);
	assert_int_equal(engine_memos_find(w->engine->store, account_id,
			     wish, put_found, &out), 0);
	assert_string_equal(buf_text(&out), wanted);
	buf_fini(&out);
}

static void
expect(struct world *w, const struct memo_wish *wish, const char *wanted)
{
	expect_at(w, w->caller.account_id, wish, wanted);
}

/* ---- finding ------------------------------------------------------------- */

static void
memos_are_found_by_their_words(void **state)
{
	struct world *w = *state;
	int64_t me = w->caller.account_id;

	(void)keep(w, me, "s", "qa", "green boat");
	(void)keep(w, me, "s", "qa", "green boat at sea");
	(void)keep(w, me, "s", "qa", "GREEN");
	(void)keep(w, me, "s", "trace", "green sea");
	(void)keep(w, me, "t", "qa", "green elsewhere");
	expect(w, &(struct memo_wish){.session = "s", .kind = "qa",
	    .question = "Is the boat green?", .limit = 9},
	    "green boat at sea:1.00 green boat:1.00 GREEN:0.50 ");
	expect(w, &(struct memo_wish){.session = "s", .kind = "qa",
	    .question = "the sea boat", .limit = 1},
	    "green boat at sea:1.00 ");
	expect(w, &(struct memo_wish){.session = "s", .question = "sea",
	    .limit = 9}, "green sea:1.00 green boat at sea:1.00 ");
	expect(w, &(struct memo_wish){.question = "elsewhere zebra",
	    .limit = 9}, "green elsewhere:0.50 ");
	/* Words that say nothing count where there are no others. */
	expect(w, &(struct memo_wish){.question = "at", .limit = 9},
	    "green boat at sea:1.00 ");
	expect(w, &(struct memo_wish){.session = "s", .question = "zebra",
	    .limit = 9}, "");
	expect(w, &(struct memo_wish){.session = "none", .limit = 9}, "");
	expect_at(w, me + 1, &(struct memo_wish){.limit = 9}, "");
}

static void
without_a_question_the_newest_come_first(void **state)
{
	struct world *w = *state;
	int64_t me = w->caller.account_id;

	(void)keep(w, me, "s", "qa", "one");
	(void)keep(w, me, "s", "qa", "two");
	(void)keep(w, me, "s", "trace", "three");
	(void)keep(w, me, "s", "qa", "four");
	expect(w, &(struct memo_wish){.session = "s", .limit = 9},
	    "four:0.00 three:0.00 two:0.00 one:0.00 ");
	expect(w, &(struct memo_wish){.session = "s", .kind = "qa",
	    .limit = 2}, "four:0.00 two:0.00 ");
	expect(w, &(struct memo_wish){.question = "?!", .limit = 1},
	    "four:0.00 ");
	expect(w, &(struct memo_wish){.limit = 0}, "");
}

static int
stop_there(void *arg, const struct memo *memo, double score)
{
	(void)memo;
	(void)score;
	(*(int *)arg)++;
	return 7;
}

static void
who_has_seen_enough_says_so(void **state)
{
	struct world *w = *state;
	struct memo_wish wish = {.question = "one", .limit = 9};
	int seen = 0;

	(void)keep(w, w->caller.account_id, "s", "qa", "one");
	(void)keep(w, w->caller.account_id, "s", "qa", "one");
	assert_int_equal(engine_memos_find(w->engine->store,
			     w->caller.account_id, &wish, stop_there, &seen),
	    7);
	wish.question = NULL;
	assert_int_equal(engine_memos_find(w->engine->store,
			     w->caller.account_id, &wish, stop_there, &seen),
	    7);
	assert_int_equal(seen, 2);
}

/* ---- keeping ------------------------------------------------------------- */

static void
expect_refused(struct world *w, struct memo memo, int wanted)
{
	struct err_note note = {""};
	struct uuid uuid;

	assert_int_equal(engine_memo_add(w->engine, w->caller.account_id,
			     &memo, &uuid, &note), wanted);
	assert_true(note.text[0] != '\0');
}

static void
limits_are_kept(void **state)
{
	struct world *w = *state;
	char *big = mem_alloc(MEMO_BODY_BYTES_MAX + 2);
	const struct memo good = {.session = "s", .kind = "k", .text = "",
	    .body = "{}"};
	struct memo memo;

	assert_non_null(big);
	memset(big, 'x', MEMO_BODY_BYTES_MAX + 1);
	big[MEMO_BODY_BYTES_MAX + 1] = '\0';
	memo = good;
	memo.body = big;
	expect_refused(w, memo, ERR_TOO_BIG);
	memo = good;
	memo.text = big;
	expect_refused(w, memo, ERR_TOO_BIG);
	big[MEMO_SESSION_BYTES_MAX + 1] = '\0';
	memo = good;
	memo.session = big;
	expect_refused(w, memo, ERR_TOO_BIG);
	memo = good;
	memo.kind = big;
	expect_refused(w, memo, ERR_TOO_BIG);
	memo = good;
	memo.session = "";
	expect_refused(w, memo, ERR_INVALID);
	memo = good;
	memo.text = "\xff";
	expect_refused(w, memo, ERR_INVALID);
	mem_free(big);
}

/* ---- changing ------------------------------------------------------------ */

static int
set_b(void *arg, const struct memo *memo, json_t *body,
    struct err_note *note)
{
	(void)memo;
	if (arg != NULL)
		return err_set(note, *(const int *)arg, "not today");
	return json_object_set_new(body, "b", json_integer(2)) < 0 ? ERR_NOMEM
								   : 0;
}

static int
put_body(void *arg, const struct memo *memo)
{
	return buf_printf(arg, "%s %s", memo->text, memo->body);
}

static void
a_body_is_changed_in_place(void **state)
{
	struct world *w = *state;
	int64_t me = w->caller.account_id;
	struct uuid uuid = keep(w, me, "s", "qa", "one");
	struct err_note note = {""};
	int refusal = ERR_FORBIDDEN;
	struct buf out;

	buf_init(&out, MIB);
	assert_int_equal(engine_memo_change(w->engine, me, &uuid, set_b,
			     NULL, &note), 0);
	assert_int_equal(engine_memo_change(w->engine, me, &uuid, set_b,
			     &refusal, &note), ERR_FORBIDDEN);
	assert_int_equal(engine_memo_change(w->engine, me + 1, &uuid, set_b,
			     NULL, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_memo_change(w->engine, me, &w->base, set_b,
			     NULL, &note), ERR_NOT_FOUND);
	assert_int_equal(store_memo_find(w->engine->store, me, &uuid,
			     put_body, &out), 0);
	assert_string_equal(buf_text(&out), "one {\"a\":1,\"b\":2}");
	buf_fini(&out);
}

/* ---- histories ----------------------------------------------------------- */

static int
put_asked(void *arg, const struct asked *asked)
{
	return buf_printf(arg, "%s%s%.9s ", asked->is_answer ? "=" : "?",
	    asked->has_base ? "" : "*", asked->text);
}

static void
expect_history(struct world *w, const char *wanted)
{
	struct buf out;

	buf_init(&out, MIB);
	assert_int_equal(store_asked_each(w->engine->store,
			     w->caller.account_id, ASKED_MAX, put_asked,
			     &out), 0);
	assert_string_equal(buf_text(&out), wanted);
	buf_fini(&out);
}

static void
ask(struct world *w, const struct uuid *base, const char *question,
    const struct uuid *answering)
{
	struct asked_answer answer = {answering, "answer"};
	struct err_note note = {""};

	assert_int_equal(engine_asked_add(w->engine, w->caller.account_id,
			     base, question, &answer, answering == NULL ? 0 : 1,
			     &note), 0);
}

static void
histories_go_with_their_base(void **state)
{
	struct world *w = *state;
	struct err_note note = {""};
	struct uuid other;

	assert_int_equal(engine_base_create(w->engine, w->caller.account_id,
			     "other", NULL, NULL, &other, &note), 0);
	ask(w, &w->base, "one", &w->base);
	ask(w, NULL, "both", &w->base);
	ask(w, NULL, "both2", &other);
	ask(w, &other, "two", NULL);
	expect_history(w,
	    "?one =answer ?*both =answer ?*both2 =answer ?two ");
	assert_int_equal(engine_base_delete(w->engine, w->caller.account_id,
			     &w->base, &note), 0);
	expect_history(w, "?*both ?*both2 =answer ?two ");
	/* What answered when it was deleted leaves nothing behind. */
	ask(w, &w->base, "late", &w->base);
	ask(w, NULL, "later", &w->base);
	expect_history(w, "?*both ?*both2 =answer ?two ?*later ");
}

static void
long_words_are_cut_between_characters(void **state)
{
	struct world *w = *state;
	char *text = mem_alloc(ASKED_BYTES_MAX + 9);
	struct buf out;

	assert_non_null(text);
	memset(text, 'x', ASKED_BYTES_MAX - 1);
	memcpy(text + ASKED_BYTES_MAX - 1, "\xc3\xa4", 3);
	ask(w, NULL, text, NULL);
	text[ASKED_BYTES_MAX - 1] = '\0';
	buf_init(&out, MIB);
	assert_int_equal(buf_printf(&out, "?*%.9s ", text), 0);
	expect_history(w, buf_text(&out));
	buf_fini(&out);
	mem_free(text);
}

static void
put_many_asked(struct world *w, unsigned count)
{
	struct asked asked = {.account_id = w->caller.account_id,
	    .text = "x"};
	struct store *store = w->engine->store;
	unsigned i;

	assert_int_equal(store_begin(store, NULL), 0);
	for (i = 0; i < count; i++) {
		memcpy(asked.uuid.bytes, &i, sizeof(i));
		assert_int_equal(store_asked_add(store, &asked), 0);
	}
	assert_int_equal(store_commit(store, NULL), 0);
}

static int
count_asked(void *arg, const struct asked *asked)
{
	unsigned *counts = arg;

	counts[0]++;
	counts[1] = asked->text[0] == 'n';
	return 0;
}

static void
of_histories_the_oldest_go(void **state)
{
	struct world *w = *state;
	unsigned counts[2] = {0, 0};

	put_many_asked(w, ASKED_MAX);
	ask(w, &w->base, "new", &w->base);
	ask(w, &w->base, "newest", NULL);
	assert_int_equal(store_asked_each(w->engine->store,
			     w->caller.account_id, SIZE_MAX, count_asked,
			     counts), 0);
	assert_int_equal(counts[0], ASKED_MAX);
	assert_int_equal(counts[1], 1);
}

static void
of_memos_the_oldest_go(void **state)
{
	struct world *w = *state;
	struct store *store = w->engine->store;
	struct memo memo = {.account_id = w->caller.account_id,
	    .session = "s", .kind = "qa", .text = "old", .body = "{}"};
	struct memo other = memo;
	int64_t id;
	unsigned i;

	assert_int_equal(store_begin(store, NULL), 0);
	other.account_id++;
	memset(other.uuid.bytes, 0xFF, sizeof(other.uuid.bytes));
	assert_int_equal(store_memo_add(store, &other, &id), 0);
	for (i = 0; i < MEMOS_MAX; i++) {
		memcpy(memo.uuid.bytes, &i, sizeof(i));
		memo.text = i < 2 ? "oldest" : "old";
		memo.session = i < 2 ? "first" : "s";
		assert_int_equal(store_memo_add(store, &memo, &id), 0);
	}
	assert_int_equal(store_commit(store, NULL), 0);
	expect(w, &(struct memo_wish){.session = "first", .limit = 9},
	    "oldest:0.00 oldest:0.00 ");
	(void)keep(w, w->caller.account_id, "s", "qa", "new");
	expect(w, &(struct memo_wish){.session = "first", .limit = 9},
	    "oldest:0.00 ");
	(void)keep(w, w->caller.account_id, "s", "qa", "new");
	expect(w, &(struct memo_wish){.session = "first", .limit = 9}, "");
	expect_at(w, other.account_id, &(struct memo_wish){.limit = 9},
	    "old:0.00 ");
}

/* ---- whose --------------------------------------------------------------- */

static void
a_user_takes_all_of_it_along(void **state)
{
	struct world *w = *state;
	struct user_new new = {.email = "a@example.com",
	    .password = "a password of tests"};
	struct err_note note = {""};
	struct user user;

	assert_int_equal(engine_user_add(w->engine, &new, &user, &note), 0);
	(void)keep(w, user.account_id, "s", "qa", "mine");
	(void)keep(w, w->caller.account_id, "s", "qa", "yours");
	assert_int_equal(engine_asked_add(w->engine, user.account_id, NULL,
			     "mine", NULL, 0, &note), 0);
	expect_at(w, user.account_id, &(struct memo_wish){.limit = 9},
	    "mine:0.00 ");
	assert_int_equal(engine_user_delete(w->engine, &user.uuid, &note),
	    0);
	expect_at(w, user.account_id, &(struct memo_wish){.limit = 9}, "");
	expect(w, &(struct memo_wish){.limit = 9}, "yours:0.00 ");
	w->caller.account_id = user.account_id;
	expect_history(w, "");
}

static void
memos_about_a_base_go_with_it(void **state)
{
	struct world *w = *state;
	struct memo memo = {.session = "s", .kind = "qa", .text = "about",
	    .body = "{}", .has_base = true, .base = w->base};
	struct err_note note = {""};
	struct uuid uuid;

	assert_int_equal(engine_memo_add(w->engine, w->caller.account_id,
			     &memo, &uuid, &note), 0);
	/* Of whatever account. */
	assert_int_equal(engine_memo_add(w->engine, w->caller.account_id + 1,
			     &memo, &uuid, &note), 0);
	(void)keep(w, w->caller.account_id, "s", "qa", "other");
	assert_int_equal(engine_base_delete(w->engine, w->caller.account_id,
			     &w->base, &note), 0);
	expect(w, &(struct memo_wish){.limit = 9}, "other:0.00 ");
	expect_at(w, w->caller.account_id + 1,
	    &(struct memo_wish){.limit = 9}, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(memos_are_found_by_their_words),
	    TEST(without_a_question_the_newest_come_first),
	    TEST(who_has_seen_enough_says_so),
	    TEST(limits_are_kept),
	    TEST(a_body_is_changed_in_place),
	    TEST(histories_go_with_their_base),
	    TEST(long_words_are_cut_between_characters),
	    TEST(of_histories_the_oldest_go),
	    TEST(of_memos_the_oldest_go),
	    TEST(a_user_takes_all_of_it_along),
	    TEST(memos_about_a_base_go_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
