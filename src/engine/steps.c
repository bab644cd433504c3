/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between two steps lies a spool of records, each a fixed head and its bytes:
 * in memory for a usual document, in an unlinked file for a large one.  So a
 * step sees the whole document in order, knows what it says it knows (the
 * number of segments before the first is embedded), and needs memory for one
 * record only.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "chat/chat.h"
#include "embed/embed.h"
#include "engine/engine_int.h"
#include "engine/graph_pack.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "engine/writer.h"
#include "extract/extract.h"
#include "model/block.h"
#include "sys/crash.h"
#include "text/chunk.h"
#include "text/tags.h"

#define SPOOL_MEMORY (1 * MIB)
/* Cleaning may make text longer (NFC, up to three times). */
#define CLEANED_BYTES_MAX (3 * BLOCK_BYTES_MAX + 4096)
/* A segment with all that belongs to it. */
#define RECORD_BYTES_MAX                                                      \
	(WHOLE_BYTES_MAX + ANSWER_BYTES_MAX + 64 * KIB +                      \
	    CHILDREN_MAX * sizeof(struct chunk_child))

int
bench_open(struct bench *bench, struct engine *engine, struct err_note *note)
{
	int err;

	memset(bench, 0, sizeof(*bench));
	bench->engine = engine;
	spool_init(&bench->blocks, engine->tmp_dir, SPOOL_MEMORY);
	spool_init(&bench->cleaned, engine->tmp_dir, SPOOL_MEMORY);
	spool_init(&bench->chunks, engine->tmp_dir, SPOOL_MEMORY);
	spool_init(&bench->pairs, engine->tmp_dir, SPOOL_MEMORY);
	spool_init(&bench->graphs, engine->tmp_dir, SPOOL_MEMORY);
	buf_init(&bench->orders, CHAT_GRAPH_PROMPT_BYTES_MAX);
	buf_init(&bench->packed, GRAPH_PACK_BYTES_MAX);
	buf_init(&bench->record, RECORD_BYTES_MAX);
	buf_init(&bench->scratch, CLEANED_BYTES_MAX);
	buf_init(&bench->properties, METADATA_BYTES_MAX);
	members_init(&bench->members, engine);
	bench->extractor = extractor_new(engine->extractor);
	bench->tagger = tagger_new();
	if (bench->extractor == NULL || bench->tagger == NULL) {
		err = err_set(note, ERR_NOMEM, "out of memory");
		goto out;
	}
	err = engine_reader(engine, &bench->reader, note);
out:
	if (err < 0)
		bench_close(bench);
	return err;
}

void
bench_close(struct bench *bench)
{
	extractor_close(bench->extractor);
	extractor_close(bench->ocr);
	tagger_free(bench->tagger);
	mem_free(bench->vectors);
	store_close(bench->reader);
	spool_fini(&bench->blocks);
	spool_fini(&bench->cleaned);
	spool_fini(&bench->chunks);
	spool_fini(&bench->pairs);
	spool_fini(&bench->graphs);
	buf_fini(&bench->orders);
	buf_fini(&bench->packed);
	buf_fini(&bench->record);
	chat_client_free(bench->chat);
	graph_extractor_free(bench->grapher);
	buf_fini(&bench->scratch);
	buf_fini(&bench->properties);
	members_clear(&bench->members);
	remote_kept_fini(&bench->remote);
	memset(bench, 0, sizeof(*bench));
}

void
bench_clear(struct bench *bench)
{
	spool_clear(&bench->blocks);
	spool_clear(&bench->cleaned);
	spool_clear(&bench->chunks);
	spool_clear(&bench->pairs);
	spool_clear(&bench->graphs);
	tagger_clear(bench->tagger);
	members_clear(&bench->members);
}

int
task_end(struct task *task, enum item_code code, const char *format, ...)
{
	va_list args;

	task->code = code;
	va_start(args, format);
	(void)vsnprintf(task->message, sizeof(task->message), format, args);
	va_end(args);
	return STEP_ENDED;
}

/* ---- records ------------------------------------------------------------- */

struct block_head {
	uint32_t kind, level, is_continued, page;
	uint64_t len;
};

/* Behind it, as one piece: children, section (terminated), text, answer. */
struct chunk_head {
	uint32_t ordinal, page_start, page_end, chars;
	uint32_t child_count, section_len;
	uint64_t text_len, answer_len;
};

int
spool_block(struct spool *spool, const struct block *block)
{
	struct block_head head = {block->kind, block->level,
	    block->is_continued, block->page, block->len};
	int err;

	err = spool_put(spool, &head, sizeof(head));
	return err < 0 ? err : spool_put(spool, block->text, block->len);
}

int
spool_next_block(struct spool *spool, struct block *ret_block)
{
	struct block_head head;
	const char *bytes;
	int err;

	err = spool_get(spool, sizeof(head), &bytes);
	if (err < 0)
		return err;
	memcpy(&head, bytes, sizeof(head));
	err = spool_get(spool, head.len, &bytes);
	if (err < 0)
		return err == ERR_CLOSED ? ERR_CORRUPT : err;
	ret_block->kind = (enum block_kind)head.kind;
	ret_block->level = (uint8_t)head.level;
	ret_block->is_continued = (uint8_t)head.is_continued;
	ret_block->page = head.page;
	ret_block->text = bytes;
	ret_block->len = head.len;
	return 0;
}

int
spool_chunk(struct bench *bench, struct spool *spool,
    const struct chunk *chunk, const char *answer)
{
	struct chunk_head head = {chunk->ordinal, chunk->page_start,
	    chunk->page_end, chunk->chars, (uint32_t)chunk->child_count,
	    (uint32_t)strlen(chunk->section) + 1, chunk->len,
	    answer == NULL ? 0 : strlen(answer) + 1};
	struct buf *record = &bench->record;
	int err;

	buf_clear(record);
	(void)buf_put(record, chunk->children,
	    chunk->child_count * sizeof(*chunk->children));
	(void)buf_put(record, chunk->section, head.section_len);
	(void)buf_put(record, chunk->text, chunk->len);
	err = buf_put(record, answer == NULL ? "" : answer, head.answer_len);
	if (err == 0)
		err = spool_put(spool, &head, sizeof(head));
	return err < 0 ? err : spool_put(spool, record->data, record->len);
}

int
spool_next_chunk(struct spool *spool, struct segment *ret_segment,
    const char **ret_children)
{
	struct chunk_head head;
	const char *bytes;
	size_t children_len;
	int err;

	err = spool_get(spool, sizeof(head), &bytes);
	if (err < 0)
		return err;
	memcpy(&head, bytes, sizeof(head));
	if (head.section_len > SECTION_BYTES_MAX + 1 ||
	    head.child_count > CHILDREN_MAX ||
	    head.text_len > WHOLE_BYTES_MAX ||
	    head.answer_len > ANSWER_BYTES_MAX + 1)
		return ERR_CORRUPT;
	children_len = head.child_count * sizeof(struct chunk_child);
	err = spool_get(spool, children_len + head.section_len +
		head.text_len + head.answer_len, &bytes);
	if (err < 0)
		return err == ERR_CLOSED ? ERR_CORRUPT : err;
	memset(ret_segment, 0, sizeof(*ret_segment));
	ret_segment->ordinal = head.ordinal;
	ret_segment->page_start = head.page_start;
	ret_segment->page_end = head.page_end;
	ret_segment->chars = head.chars;
	ret_segment->child_count = head.child_count;
	ret_segment->section = bytes + children_len;
	ret_segment->text = ret_segment->section + head.section_len;
	ret_segment->text_len = head.text_len;
	if (head.answer_len > 0)
		ret_segment->answer = ret_segment->text + head.text_len;
	*ret_children = bytes;
	return 0;
}

/* ---- finalizing --------------------------------------------------------- */

/* A document of several batches is let go of when all of them are stored: what
 * one of them went on from may have been given up. */
static int
step_finalize(struct task *task, struct err_note *note)
{
	struct engine *engine = task->bench->engine;
	int err;

	CRASH_POINT("before-publish");
	err = outcome_publish(engine, task->run, &task->what, &task->last);
	if (err < 0 || !task->has_batches)
		return err;
	writer_settle(engine->writer);
	return run_was_torn(task->run) ? task_torn(task, note) : 0;
}

const struct step steps[STEP_COUNT] = {
    {STAGE_EXTRACTING, step_extract},
    {STAGE_CLEANING, step_clean},
    {STAGE_CHUNKING, step_chunk},
    {STAGE_TAGGING, step_tag},
    {STAGE_EMBEDDING, step_embed},
    {STAGE_FINALIZING, step_finalize},
};
