/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "model/item.h"

enum item_kind { ITEM_KIND_INITIAL, ITEM_KIND_STEP, ITEM_KIND_REST,
	ITEM_KIND_FINAL };

struct item_row {
	const char *name;
	uint32_t may_become;
	enum item_kind kind;
};

#define TO(state) (1u << ITEM_##state)

static const struct item_row item_rows[ITEM_STATE_COUNT] = {
#define ITEM(name, value, to, counter, kind)                                  \
	[ITEM_##name] = {#name, (to), ITEM_KIND_##kind},
#include "model/item_tbl.h"
};

_Static_assert(ITEM_STATE_COUNT == 13, "a state without a row, or a gap");
_Static_assert((int)ITEM_FINALIZING - (int)ITEM_EXTRACTING ==
	(int)STAGE_FINALIZING - (int)STAGE_EXTRACTING,
    "steps and stages run in parallel");

static const char *const item_names[ITEM_STATE_COUNT] = {
    [ITEM_QUEUED] = "queued",
    [ITEM_EXTRACTING] = "extracting",
    [ITEM_CLEANING] = "cleaning",
    [ITEM_CHUNKING] = "chunking",
    [ITEM_TAGGING] = "tagging",
    [ITEM_EMBEDDING] = "embedding",
    [ITEM_FINALIZING] = "finalizing",
    [ITEM_WAITING] = "waiting",
    [ITEM_COMPLETED] = "completed",
    [ITEM_FAILED] = "failed",
    [ITEM_SKIPPED] = "skipped",
    [ITEM_CANCELLED] = "cancelled",
};

static const char *const waiting_names[WAITING_COUNT] = {
    [WAITING_NOTHING] = NULL,
    [WAITING_WORKER] = "worker",
    [WAITING_UPSTREAM] = "upstream",
    [WAITING_STORAGE] = "storage",
    [WAITING_RETRY] = "retry",
    [WAITING_PAUSED] = "paused",
    [WAITING_SOURCE] = "source",
    [WAITING_EMBEDDING] = "embedding",
};

const char *
item_state_name(enum item_state state)
{
	return item_names[state];
}

const char *
stage_name(enum stage stage)
{
	return stage == STAGE_NONE ? "none"
				   : item_names[stage_item_state(stage)];
}

const char *
waiting_for_name(enum waiting_for waiting_for)
{
	return waiting_names[waiting_for];
}

int
item_state_parse_name(const char *name, enum item_state *ret_state)
{
	int i;

	for (i = ITEM_QUEUED; i < ITEM_STATE_COUNT; i++)
		if (strcmp(item_names[i], name) == 0) {
			*ret_state = (enum item_state)i;
			return 0;
		}
	return ERR_NOT_FOUND;
}

int
item_state_parse(long long stored, enum item_state *ret_state)
{
	if (stored < ITEM_QUEUED || stored >= ITEM_STATE_COUNT)
		return ERR_CORRUPT;
	*ret_state = (enum item_state)stored;
	return 0;
}

int
stage_parse(long long stored, enum stage *ret_stage)
{
	if (stored < STAGE_NONE || stored >= STAGE_COUNT)
		return ERR_CORRUPT;
	*ret_stage = (enum stage)stored;
	return 0;
}

int
waiting_for_parse(long long stored, enum waiting_for *ret_waiting_for)
{
	if (stored < WAITING_NOTHING || stored >= WAITING_COUNT)
		return ERR_CORRUPT;
	*ret_waiting_for = (enum waiting_for)stored;
	return 0;
}

bool
item_may_become(enum item_state from, enum item_state to)
{
	return (item_rows[from].may_become & (1u << to)) != 0;
}

bool
item_state_is_final(enum item_state state)
{
	return item_rows[state].kind == ITEM_KIND_FINAL;
}

enum stage
item_state_stage(enum item_state state)
{
	if (item_rows[state].kind != ITEM_KIND_STEP)
		return STAGE_NONE;
	return (enum stage)((int)state - ITEM_EXTRACTING + STAGE_EXTRACTING);
}

enum item_state
stage_item_state(enum stage stage)
{
	ASSERT(stage > STAGE_NONE && stage < STAGE_COUNT);
	return (enum item_state)((int)stage - STAGE_EXTRACTING +
	    ITEM_EXTRACTING);
}

void
item_move(struct item *item, enum item_state to, int64_t now_us)
{
	enum stage left, entered;

	item->updated_us = now_us;
	if (item->state == to)
		return;
	ASSERT(item_may_become(item->state, to));
	/* An item that waits is still in its step: the step's end, once
	 * shown, is never taken back, and so goes no counter made of it. */
	left = item->state == ITEM_WAITING ? item->stage
					   : item_state_stage(item->state);
	entered = item_state_stage(to);
	if (to != ITEM_WAITING && left != STAGE_NONE && left != entered &&
	    item->steps[left].end_us == 0)
		item->steps[left].end_us = now_us;
	if (entered != STAGE_NONE) {
		ASSERT(entered >= item->stage);
		if (item->steps[entered].start_us == 0)
			item->steps[entered].start_us = now_us;
		item->stage = entered;
	}
	item->state = to;
	if (to != ITEM_WAITING) {
		item->waiting_for = WAITING_NOTHING;
		item->due_us = 0;
	}
	if (item_state_is_final(to)) {
		item->finished_us = now_us;
		item->bytes_done = item->bytes;
	}
	item_check(item);
}

void
item_check(const struct item *item)
{
	ASSERT(item->state >= ITEM_QUEUED && item->state < ITEM_STATE_COUNT);
	ASSERT(item->segments_completed <= item->segments_total);
	ASSERT(item->bytes_done <= item->bytes);
	ASSERT(item_state_is_final(item->state) == (item->finished_us != 0));
	if (item->state == ITEM_COMPLETED) {
		ASSERT(item->code == ITEM_CODE_NONE);
		ASSERT(item->segments_completed == item->segments_total);
	}
	if (item->state == ITEM_FAILED || item->state == ITEM_SKIPPED)
		ASSERT(item->code != ITEM_CODE_NONE);
}
