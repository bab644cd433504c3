/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page has four instants between `waiting` and `completed`; each is shown
 * once its step has been left and never taken back.  A step that was not
 * stored (a small document passes several between two commits) ends when the
 * next one that was stored began.
 */
#include <stddef.h>

#include "api/dify/dify_view.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "model/item.h"
#include "model/job.h"

#define US_PER_SECOND 1000000

static const struct {
	const char *name;
	int rank;
} words[DIFY_WORD_COUNT] = {
#define DIFY_WORD(name, text, rank) [DIFY_##name] = {(text), (rank)},
#include "api/dify/dify_state_tbl.h"
};

static const enum dify_word item_words[ITEM_STATE_COUNT] = {
#define DIFY_ITEM(state, word) [ITEM_##state] = DIFY_##word,
#include "api/dify/dify_state_tbl.h"
};

enum {
	ITEM_STATES_TOLD = 0
#define DIFY_ITEM(state, word) | 1 << ITEM_##state
#include "api/dify/dify_state_tbl.h"
};
_Static_assert(ITEM_STATES_TOLD == (1 << ITEM_STATE_COUNT) - 2,
    "every state of an item has a word");

const char *
dify_word_name(enum dify_word word)
{
	return words[word].name;
}

int
dify_word_rank(enum dify_word word)
{
	return words[word].rank;
}

/* The state whose word an item shows: waiting is not a step of its own. */
static enum item_state
shown_state(const struct item *item)
{
	if (item->state == ITEM_WAITING && item->stage != STAGE_NONE)
		return stage_item_state(item->stage);
	return item->state;
}

enum dify_word
dify_word_of(const struct job *job, const struct item *item)
{
	if (item_state_is_final(item->state)) {
		if (item->state == ITEM_SKIPPED &&
		    item->code == ITEM_CODE_UNSUPPORTED_FILE_TYPE)
			return DIFY_ERROR;
		if (item->state == ITEM_SKIPPED &&
		    item->code == ITEM_CODE_KEPT)
			return DIFY_WAITING;
		return item_words[item->state];
	}
	if (job->state == JOB_PAUSED)
		return DIFY_PAUSED;
	return item_words[shown_state(item)];
}

bool
dify_wants_live(const struct item *item)
{
	return item->state == ITEM_SKIPPED &&
	    (item->code == ITEM_CODE_UNCHANGED ||
		item->code == ITEM_CODE_DUPLICATE);
}

/* When stage began or, if it was not stored, the next one that was; 0 when
 * none was. */
static int64_t
begun_us(const struct item *item, int stage)
{
	for (; stage < STAGE_COUNT; stage++)
		if (item->steps[stage].start_us != 0)
			return item->steps[stage].start_us;
	return 0;
}

/*
 * When stage was left; 0 not yet.  What ended well has left all of them, also
 * those it did not need: clients expect the four instants of a completed
 * document to be there.
 */
static int64_t
left_us(const struct item *item, enum stage stage, bool is_completed)
{
	int64_t us;

	if (!is_completed && item->stage <= stage)
		return 0;
	us = item->steps[stage].end_us;
	if (us == 0)
		us = begun_us(item, (int)stage + 1);
	return us != 0 ? us : item->finished_us;
}

static void
put_seconds(struct jsonw *w, const char *name, int64_t us)
{
	jsonw_name(w, name);
	if (us == 0)
		jsonw_null(w);
	else
		jsonw_int(w, us / US_PER_SECOND);
}

static void
put_times(struct jsonw *w, const struct item *item, bool is_completed)
{
	int64_t us = begun_us(item, STAGE_EXTRACTING);

	if (us == 0 && is_completed)
		us = item->finished_us;
	put_seconds(w, "processing_started_at", us);
	put_seconds(w, "parsing_completed_at",
	    left_us(item, STAGE_EXTRACTING, is_completed));
	put_seconds(w, "cleaning_completed_at",
	    left_us(item, STAGE_CLEANING, is_completed));
	/* Chunks are complete when their tags are. */
	put_seconds(w, "splitting_completed_at",
	    left_us(item, STAGE_TAGGING, is_completed));
	put_seconds(w, "completed_at", is_completed ? item->finished_us : 0);
}

const char *
dify_error_words(const struct item *item)
{
	if (item->message[0] != '\0')
		return item->message;
	if (item->code == ITEM_CODE_NONE && item->state == ITEM_CANCELLED)
		return item_code_text(ITEM_CODE_CANCELLED);
	return item_code_text(item->code);
}

/* Segments are told from the moment the splitting is stored. */
static void
put_segments(struct jsonw *w, const struct item *item, uint32_t live)
{
	uint32_t total = 0, completed = 0;

	if (dify_wants_live(item)) {
		total = live;
		completed = live;
	} else if (item->stage >= STAGE_EMBEDDING ||
	    item->state == ITEM_COMPLETED) {
		total = item->segments_total;
		completed = item->segments_completed;
	}
	ASSERT(completed <= total);
	jsonw_nuint(w, "completed_segments", completed);
	jsonw_nuint(w, "total_segments", total);
}

void
dify_write_status(struct jsonw *w, const struct job *job,
    const struct item *item, const struct uuid *document_id,
    uint32_t live_segments)
{
	enum dify_word word = dify_word_of(job, item);
	char id[UUID_TEXT_SIZE];

	uuid_format(document_id, id);
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "indexing_status", words[word].name);
	put_times(w, item, word == DIFY_COMPLETED);
	put_seconds(w, "paused_at", word == DIFY_PAUSED ? job->paused_us : 0);
	jsonw_nstring(w, "error",
	    word == DIFY_ERROR ? dify_error_words(item) : NULL);
	put_seconds(w, "stopped_at",
	    word == DIFY_ERROR ? item->finished_us : 0);
	put_segments(w, item, live_segments);
	jsonw_object_end(w);
}

void
dify_write_error(struct jsonw *w, const char *code, const char *message,
    int status)
{
	w->ascii = true;
	jsonw_object(w);
	jsonw_nstring(w, "code", code);
	jsonw_nstring(w, "message", message);
	jsonw_nint(w, "status", status);
	jsonw_object_end(w);
	(void)buf_putc(w->out, '\n');
}
