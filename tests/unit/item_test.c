/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "model/item.h"

#define T0 1000000

/* A copy in state, by the mover; through stage when it waits. */
static struct item
item_in(enum item_state state, enum stage stage)
{
	struct item item = {.id = 1, .seq = 1, .state = ITEM_QUEUED,
	    .attempt = 1, .bytes = 100, .segments_total = 3,
	    .queued_us = T0};

	if (stage != STAGE_NONE)
		item_move(&item, stage_item_state(stage), T0 + 1);
	if (state == ITEM_FAILED)
		item.code = ITEM_CODE_EXTRACTION_FAILED;
	if (state == ITEM_SKIPPED)
		item.code = ITEM_CODE_UNCHANGED;
	if (state == ITEM_COMPLETED)
		item.segments_completed = item.segments_total;
	item_move(&item, state, T0 + 2);
	return item;
}

static bool
is_step(enum item_state state)
{
	return item_state_stage(state) != STAGE_NONE;
}

/* The drawing at the head of item_tbl.h, in words. */
static bool
may_become_by_drawing(enum item_state from, enum item_state to)
{
	if (item_state_is_final(from) || from == to || to == ITEM_QUEUED)
		return false;
	if (item_state_is_final(to))
		return true;
	if (to == ITEM_WAITING)
		return from != ITEM_WAITING;
	if (from == ITEM_WAITING || from == ITEM_QUEUED)
		return is_step(to);
	return is_step(to) && to > from;
}

static void
test_table(void **state)
{
	int from, to;

	(void)state;
	for (from = ITEM_QUEUED; from < ITEM_STATE_COUNT; from++)
		for (to = ITEM_QUEUED; to < ITEM_STATE_COUNT; to++)
			if (item_may_become((enum item_state)from,
				(enum item_state)to) !=
			    may_become_by_drawing((enum item_state)from,
				(enum item_state)to))
				fail_msg("%s -> %s",
				    item_state_name((enum item_state)from),
				    item_state_name((enum item_state)to));
}

static void
expect_move(enum item_state from, enum item_state to, enum stage through)
{
	struct item item = item_in(from, through), before = item;
	enum stage entered = item_state_stage(to);
	int64_t now = T0 + 500;

	if (to == ITEM_FAILED)
		item.code = ITEM_CODE_INTERNAL_ERROR;
	if (to == ITEM_SKIPPED)
		item.code = ITEM_CODE_DUPLICATE;
	if (to == ITEM_COMPLETED)
		item.segments_completed = item.segments_total;
	if (from == ITEM_WAITING) {
		item.waiting_for = WAITING_RETRY;
		item.due_us = now;
	}
	item_move(&item, to, now);
	assert_int_equal(item.state, to);
	assert_int_equal(item.updated_us, now);
	assert_true(item.stage >= before.stage);
	if (to != ITEM_WAITING) {
		assert_int_equal(item.waiting_for, WAITING_NOTHING);
		assert_int_equal(item.due_us, 0);
	}
	if (entered != STAGE_NONE) {
		assert_int_equal(item.stage, entered);
		assert_true(item.steps[entered].start_us != 0);
		assert_int_equal(item.steps[entered].end_us, 0);
	}
	/* The step that it was in ends when it goes on, not when it waits. */
	if (before.stage != STAGE_NONE && before.stage != entered)
		assert_int_equal(item.steps[before.stage].end_us,
		    to == ITEM_WAITING ? 0 : now);
	assert_int_equal(item.finished_us,
	    item_state_is_final(to) ? now : 0);
	assert_int_equal(item.bytes_done,
	    item_state_is_final(to) ? item.bytes : 0);
}

static void
test_every_allowed_move(void **state)
{
	int from, to, through, moves = 0;

	(void)state;
	for (from = ITEM_QUEUED; from < ITEM_STATE_COUNT; from++)
		for (to = ITEM_QUEUED; to < ITEM_STATE_COUNT; to++) {
			enum item_state a = (enum item_state)from;
			enum item_state b = (enum item_state)to;
			enum stage last = STAGE_NONE;

			if (!item_may_become(a, b))
				continue;
			if (a == ITEM_WAITING)
				last = is_step(b) ? item_state_stage(b)
						  : STAGE_FINALIZING;
			for (through = STAGE_NONE; through <= (int)last;
			    through++) {
				expect_move(a, b, (enum stage)through);
				moves++;
			}
		}
	assert_true(moves > 70);
}

/* A move that the table does not have ends the process. */
static void
expect_death(const struct item *item, enum item_state to)
{
	struct item copy = *item;
	int status, null;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		null = open("/dev/null", O_WRONLY);
		(void)dup2(null, STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		copy.code = ITEM_CODE_INTERNAL_ERROR;
		item_move(&copy, to, T0 + 9);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status))
		fail_msg("%s -> %s", item_state_name(item->state),
		    item_state_name(to));
}

static void
test_forbidden_moves(void **state)
{
	struct item item;
	int from, to;

	(void)state;
	for (from = ITEM_QUEUED; from < ITEM_STATE_COUNT; from++) {
		item = item_in((enum item_state)from, STAGE_NONE);
		for (to = ITEM_QUEUED; to < ITEM_STATE_COUNT; to++)
			if (from != to &&
			    !item_may_become((enum item_state)from,
				(enum item_state)to))
				expect_death(&item, (enum item_state)to);
	}
	/* Nor may it come back to an earlier step out of a wait. */
	item = item_in(ITEM_WAITING, STAGE_EMBEDDING);
	expect_death(&item, ITEM_CHUNKING);
	/* Completed with a segment missing. */
	item = item_in(ITEM_FINALIZING, STAGE_NONE);
	expect_death(&item, ITEM_COMPLETED);
}

static void
test_same_state(void **state)
{
	struct item item = item_in(ITEM_TAGGING, STAGE_NONE), before = item;

	(void)state;
	item_move(&item, ITEM_TAGGING, T0 + 77);
	assert_int_equal(item.updated_us, T0 + 77);
	item.updated_us = before.updated_us;
	assert_memory_equal(&item, &before, sizeof(item));
	item = before = item_in(ITEM_COMPLETED, STAGE_NONE);
	item_move(&item, ITEM_COMPLETED, T0 + 78);
	item.updated_us = before.updated_us;
	assert_memory_equal(&item, &before, sizeof(item));
}

/* A step that is waited in is one step: one start, one end. */
static void
test_wait_in_step(void **state)
{
	struct item item = item_in(ITEM_EMBEDDING, STAGE_NONE);

	(void)state;
	item_move(&item, ITEM_WAITING, T0 + 10);
	item.waiting_for = WAITING_UPSTREAM;
	item_move(&item, ITEM_EMBEDDING, T0 + 20);
	assert_int_equal(item.steps[STAGE_EMBEDDING].start_us, T0 + 2);
	assert_int_equal(item.steps[STAGE_EMBEDDING].end_us, 0);
	item_move(&item, ITEM_FINALIZING, T0 + 30);
	assert_int_equal(item.steps[STAGE_EMBEDDING].end_us, T0 + 30);
	assert_int_equal(item.steps[STAGE_FINALIZING].start_us, T0 + 30);
	/* Steps that were left out have no times. */
	assert_int_equal(item.steps[STAGE_CLEANING].start_us, 0);
}

static void
test_names(void **state)
{
	enum item_state read;
	enum stage stage;
	enum waiting_for waiting;
	int i;

	(void)state;
	for (i = ITEM_QUEUED; i < ITEM_STATE_COUNT; i++) {
		assert_int_equal(item_state_parse_name(
				     item_state_name((enum item_state)i),
				     &read), 0);
		assert_int_equal(read, i);
		assert_int_equal(item_state_parse(i, &read), 0);
		assert_int_equal(read, i);
	}
	assert_int_equal(item_state_parse_name("QUEUED", &read),
	    ERR_NOT_FOUND);
	assert_int_equal(item_state_parse_name("", &read), ERR_NOT_FOUND);
	assert_int_equal(item_state_parse(0, &read), ERR_CORRUPT);
	assert_int_equal(item_state_parse(13, &read), ERR_CORRUPT);
	assert_int_equal(item_state_parse(-1, &read), ERR_CORRUPT);
	assert_int_equal(item_state_parse(1LL << 32 | 1, &read), ERR_CORRUPT);
	for (i = STAGE_NONE; i < STAGE_COUNT; i++) {
		assert_non_null(stage_name((enum stage)i));
		assert_int_equal(stage_parse(i, &stage), 0);
		assert_int_equal(stage, i);
		if (i != STAGE_NONE)
			assert_int_equal(item_state_stage(stage_item_state(
					     (enum stage)i)), i);
	}
	assert_string_equal(stage_name(STAGE_NONE), "none");
	assert_string_equal(stage_name(STAGE_EMBEDDING), "embedding");
	assert_int_equal(stage_parse(STAGE_COUNT, &stage), ERR_CORRUPT);
	for (i = WAITING_NOTHING; i < WAITING_COUNT; i++) {
		assert_int_equal(waiting_for_parse(i, &waiting), 0);
		assert_int_equal(waiting_for_name((enum waiting_for)i) == NULL,
		    i == WAITING_NOTHING);
	}
	assert_int_equal(waiting_for_parse(WAITING_COUNT, &waiting),
	    ERR_CORRUPT);
}

static void
test_codes(void **state)
{
	static const enum item_state ends[ITEM_CODE_COUNT] = {
#define ITEM_CODE(name, value, ends, text, advice)                            \
	[ITEM_CODE_##name] = ITEM_##ends,
#include "model/item_code_tbl.h"
	};
	enum item_code code;
	int i, j;

	(void)state;
	assert_int_equal(ITEM_CODE_COUNT, 26);
	for (i = 1; i < ITEM_CODE_COUNT; i++) {
		enum item_code c = (enum item_code)i;

		assert_true(item_state_is_final(ends[i]));
		assert_true(ends[i] != ITEM_COMPLETED);
		assert_true(strlen(item_code_text(c)) > 0);
		assert_true(strlen(item_code_advice(c)) > 0);
		assert_int_equal(item_code_find(item_code_name(c)), c);
		assert_int_equal(item_code_parse(i, &code), 0);
		assert_int_equal(code, i);
		for (j = 0; j < i; j++)
			assert_string_not_equal(item_code_name(c),
			    item_code_name((enum item_code)j));
	}
	assert_string_equal(item_code_name(ITEM_CODE_NONE), "NONE");
	assert_int_equal(item_code_find("NONE"), ITEM_CODE_NONE);
	assert_int_equal(item_code_parse(0, &code), 0);
	assert_int_equal(item_code_parse(ITEM_CODE_COUNT, &code), ERR_CORRUPT);
	assert_int_equal(item_code_parse(-1, &code), ERR_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_every_allowed_move),
	    cmocka_unit_test(test_forbidden_moves),
	    cmocka_unit_test(test_same_state),
	    cmocka_unit_test(test_wait_in_step),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
