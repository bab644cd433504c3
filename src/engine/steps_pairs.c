/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was cut is turned into questions with answers by a chat model: each
 * pair is a segment.  They gather in a spool of their own and take the place
 * of what they were made of when all are there: an error in between leaves
 * nothing behind, and the next try begins anew.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/utf8.h"
#include "chat/chat.h"
#include "chat/qa.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "text/chunk.h"

/* Of one document: they are kept until all of them can be stored. */
#define PAIRS_MAX 16384u

_Static_assert(QA_QUESTION_BYTES_MAX <= SEGMENT_BYTES_MAX,
    "a question fits in a segment");
_Static_assert(QA_ANSWER_BYTES_MAX <= ANSWER_BYTES_MAX, "an answer fits");

int
bench_chat(struct bench *bench, struct err_note *note)
{
	const struct chat_config config = {.url = bench->engine->chat_url,
	    .model = bench->engine->chat_model,
	    .key = bench->engine->chat_key,
	    .meter = &bench->engine->counters.chat};

	if (bench->chat != NULL)
		return 0;
	return chat_client_new(&config, &bench->chat, note);
}

/* The pairs of one segment become segments. */
static int
pairs_put(struct task *task, const struct segment *from,
    const struct qa_pairs *pairs, uint32_t *count)
{
	struct bench *bench = task->bench;
	struct chunk chunk = {.page_start = from->page_start,
	    .page_end = from->page_end, .section = from->section};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < pairs->count; i++) {
		if (*count == PAIRS_MAX)
			return task_end(task, ITEM_CODE_EXTRACTION_LIMIT,
			    "the document gives more than %u questions",
			    PAIRS_MAX);
		chunk.ordinal = (*count)++;
		chunk.text = pairs->items[i].question;
		chunk.len = strlen(chunk.text);
		chunk.chars = (uint32_t)utf8_count(chunk.text, chunk.len);
		task->what.characters += chunk.chars;
		err = spool_chunk(bench, &bench->pairs, &chunk,
		    pairs->items[i].answer);
	}
	return err;
}

static int
ask_one(struct task *task, const struct segment *segment, uint32_t *count,
    struct err_note *note)
{
	const atomic_bool *stop = work_stop(task->work);
	struct qa_pairs pairs = {NULL, 0, 0};
	int err;

	if (run_is_lost(task->run) || atomic_load(stop))
		return ERR_CANCELLED;
	task->is_asking = true;
	err = qa_make(task->bench->chat, segment->text, segment->text_len,
	    task->rule.questions, stop, &pairs, note);
	if (err < 0)
		return err;
	task->is_asking = false;
	err = pairs_put(task, segment, &pairs, count);
	qa_pairs_fini(&pairs);
	return err;
}

int
task_ask(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	uint32_t count = 0, asked = task->chunk_count;
	struct segment segment;
	const char *children;
	struct spool done;
	int err;

	task->is_asking = true; /* a config that is wrong is its error, too */
	err = bench_chat(bench, note);
	if (err < 0)
		return err;
	task->is_asking = false;
	task->what.characters = 0;
	spool_rewind(&bench->chunks);
	while ((err = spool_next_chunk(&bench->chunks, &segment,
		    &children)) == 0) {
		err = ask_one(task, &segment, &count, note);
		if (err != 0)
			return err;
	}
	if (err != ERR_CLOSED)
		return err_set(note, err, "reading the segments back");
	if (asked > 0 && count == 0)
		return task_end(task, ITEM_CODE_CHAT_REJECTED,
		    "the chat model made no questions of the text");
	done = bench->chunks;
	bench->chunks = bench->pairs;
	bench->pairs = done;
	spool_clear(&bench->pairs);
	task->chunk_count = count;
	return 0;
}
