/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From blocks to segments, and what they say of the document.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/assert.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "model/block.h"
#include "text/chunk.h"
#include "text/language.h"
#include "text/tags.h"

static int
chunk_put(void *arg, const struct chunk *chunk)
{
	struct task *task = arg;

	ASSERT(chunk->ordinal == task->chunk_count);
	task->chunk_count++;
	task->what.characters += chunk->chars;
	return spool_chunk(task->bench, &task->bench->chunks, chunk, NULL);
}

/* Sentences that are compared, and where the embedder's words go. */
struct comparing {
	struct task *task;
	struct err_note *note;
};

static int
chunk_embed(void *arg, const struct chunk_text *texts, size_t count,
    float *ret_vectors)
{
	const struct comparing *comparing = arg;
	struct task *task = comparing->task;
	struct embed_text to_embed[CHUNK_EMBED_MAX] = {{NULL, 0}};
	size_t i;
	int err;

	ASSERT(count <= CHUNK_EMBED_MAX);
	if (run_is_lost(task->run) || atomic_load(work_stop(task->work)))
		return ERR_CANCELLED;
	for (i = 0; i < count; i++)
		to_embed[i] = (struct embed_text){texts[i].text,
		    texts[i].len};
	err = task_embed(task, to_embed, count, ret_vectors,
	    comparing->note);
	task->is_comparing = err < 0;
	return err;
}

/* What of a document is a text of its own, by what it is. */
static enum chunk_form
form_of(const char *media_type)
{
	static const struct {
		const char *media_type;
		enum chunk_form form;
	} forms[] = {
	    {"text/markdown", CHUNK_FORM_SECTIONS},
	    {"text/csv", CHUNK_FORM_ROWS},
	    {"application/vnd.ms-excel", CHUNK_FORM_ROWS},
	    {"application/vnd.openxmlformats-officedocument"
	     ".spreadsheetml.sheet", CHUNK_FORM_ROWS},
	    {"application/vnd.oasis.opendocument.spreadsheet",
	     CHUNK_FORM_ROWS},
	};
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(media_type, forms[i].media_type) == 0)
			return forms[i].form;
	}
	return CHUNK_FORM_RUNNING;
}

static int
cut_blocks(struct task *task, struct chunker *chunker)
{
	struct spool *cleaned = &task->bench->cleaned;
	struct block block;
	int err;

	chunker_set_form(chunker, form_of(task->what.media_type));
	spool_rewind(cleaned);
	while ((err = spool_next_block(cleaned, &block)) == 0) {
		err = chunker_add(chunker, &block);
		if (err < 0)
			return err;
	}
	return err == ERR_CLOSED ? chunker_end(chunker) : err;
}

int
step_chunk(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	struct comparing comparing = {task, note};
	struct chunker *chunker;
	size_t dimensions = 1;
	int err;

	/* Who compares no sentences does not wait for an embedder. */
	if (task->rule.chunk.cut.method == CHUNK_SEMANTIC) {
		task->embed.stop = work_stop(task->work);
		err = embedding_ready(bench->engine, task->embedding,
		    &task->embed, &dimensions, note);
		task->is_comparing = task->is_embedding = err < 0;
		if (err < 0)
			return err;
	}
	chunker = chunker_new(&task->rule.chunk, chunk_put, task);
	if (chunker == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	err = chunker_set_embed(chunker, dimensions, chunk_embed,
	    &comparing);
	if (err == 0)
		err = cut_blocks(task, chunker);
	if (err == ERR_TOO_BIG && !task->is_comparing)
		err = task_end(task, ITEM_CODE_EXTRACTION_LIMIT, "%s",
		    chunker_words(chunker));
	chunker_free(chunker);
	spool_clear(&bench->cleaned);
	if (task->is_comparing || err == ERR_CANCELLED)
		return err;
	if (err < 0)
		return err_set(note, err, "cutting the text into segments");
	if (err == 0 && task->rule.questions[0] != '\0')
		err = task_ask(task, note);
	if (err != 0)
		return err;
	if (task->chunk_count == 0 && !task->rule.keeps_empty)
		return task_end(task, ITEM_CODE_EMPTY_CONTENT,
		    "there is no text in the file");
	run_set_segments(task->run, task->chunk_count);
	return 0;
}

/* ---- tagging ------------------------------------------------------------ */

static int
tags_keep(struct task *task, const struct tags *tags)
{
	struct buf json;
	struct jsonw w;
	size_t i;

	buf_init(&json, METADATA_BYTES_MAX);
	jsonw_init(&w, &json);
	jsonw_array(&w);
	for (i = 0; i < tags->keyphrase_count; i++)
		jsonw_string(&w, tags->keyphrases[i]);
	jsonw_array_end(&w);
	mem_free(task->what.keyphrases);
	task->what.keyphrases = buf_take(&json);
	buf_fini(&json);
	memcpy(task->what.summary, tags->summary, sizeof(tags->summary));
	return task->what.keyphrases == NULL ? ERR_NOMEM : 0;
}

/* By whose rules its words are stemmed.  Where there is nothing to tell by, it
 * is English: few words of other languages have its endings. */
static unsigned
stems_of(const struct task *task)
{
	enum language language = language_decide(
	    tagger_tally(task->bench->tagger),
	    language_of_tag(task->what.language));

	return language == LANGUAGE_NONE ? LANGUAGE_ENGLISH : language;
}

int
step_tag(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	struct segment segment;
	const char *children;
	struct tags tags;
	int err;

	spool_rewind(&bench->chunks);
	while ((err = spool_next_chunk(&bench->chunks, &segment,
		    &children)) == 0) {
		err = tagger_add(bench->tagger, segment.text,
		    segment.text_len);
		if (err < 0)
			break;
	}
	if (err == ERR_CLOSED)
		err = tagger_end(bench->tagger, &tags);
	if (err == 0)
		err = tags_keep(task, &tags);
	task->what.stems = stems_of(task);
	if (err < 0)
		return err_set(note, err, "tagging the document");
	return task->what.graph == GRAPH_OF_NOBODY ? 0
						   : task_graph(task, note);
}
