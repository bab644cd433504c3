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

#include "base/assert.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/rule.h"
#include "engine/run.h"
#include "engine/steps.h"
#include "extract/extract.h"
#include "model/block.h"
#include "sys/crash.h"
#include "text/chunk.h"
#include "text/clean.h"
#include "text/tags.h"

#define SPOOL_MEMORY (1 * MIB)
#define BATCH_SEGMENTS 256u
/* Cleaning may make text longer (NFC, up to three times). */
#define CLEANED_BYTES_MAX (3 * BLOCK_BYTES_MAX + 4096)

struct block_head {
	uint32_t kind, level, is_continued, page;
	uint64_t len;
};

struct chunk_head {
	uint32_t ordinal, page_start, page_end, chars;
	uint64_t section_len, text_len;
};

int
bench_open(struct bench *bench, struct engine *engine, struct err_note *note)
{
	int err;

	memset(bench, 0, sizeof(*bench));
	bench->engine = engine;
	spool_init(&bench->blocks, engine->tmp_dir, SPOOL_MEMORY);
	spool_init(&bench->cleaned, engine->tmp_dir, SPOOL_MEMORY);
	spool_init(&bench->chunks, engine->tmp_dir, SPOOL_MEMORY);
	buf_init(&bench->scratch, CLEANED_BYTES_MAX);
	buf_init(&bench->properties, METADATA_BYTES_MAX);
	members_init(&bench->members, engine);
	bench->extractor = extractor_new(engine->extractor);
	bench->tagger = tagger_new();
	bench->vectors = mem_array(BATCH_SEGMENTS *
		engine->embedder->dimensions, sizeof(float));
	if (bench->extractor == NULL || bench->tagger == NULL ||
	    bench->vectors == NULL) {
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
	buf_fini(&bench->scratch);
	buf_fini(&bench->properties);
	members_clear(&bench->members);
	memset(bench, 0, sizeof(*bench));
}

void
bench_clear(struct bench *bench)
{
	spool_clear(&bench->blocks);
	spool_clear(&bench->cleaned);
	spool_clear(&bench->chunks);
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

/* ---- extracting --------------------------------------------------------- */

static int
spool_block(struct spool *spool, const struct block *block)
{
	struct block_head head = {block->kind, block->level,
	    block->is_continued, block->page, block->len};
	int err;

	err = spool_put(spool, &head, sizeof(head));
	return err < 0 ? err : spool_put(spool, block->text, block->len);
}

/* The next block; ERR_CLOSED after the last. */
static int
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

static int
extract_block(void *arg, const struct block *block)
{
	struct task *task = arg;

	return spool_block(&task->bench->blocks, block);
}

static int
extract_property(void *arg, enum property property, const char *words)
{
	struct task *task = arg;
	struct jsonw *w = &task->bench->properties_json;

	jsonw_name(w, property_name(property));
	jsonw_string(w, words);
	return task->bench->properties.err;
}

static int
extract_member(void *arg, const char *name)
{
	struct task *task = arg;

	return members_add(&task->bench->members, name);
}

static int
extract_member_bytes(void *arg, const void *bytes, size_t len)
{
	struct task *task = arg;

	return members_bytes(&task->bench->members, bytes, len);
}

static int
extract_member_end(void *arg, enum item_code code, const char *message)
{
	struct task *task = arg;

	return members_end(&task->bench->members, code, message);
}

static const struct extract_sink extract_sink = {extract_block,
    extract_property, extract_member, extract_member_bytes,
    extract_member_end};

static void
properties_begin(struct bench *bench)
{
	buf_clear(&bench->properties);
	jsonw_init(&bench->properties_json, &bench->properties);
	jsonw_object(&bench->properties_json);
}

static void
properties_put(struct jsonw *w, const char *name, const char *words)
{
	if (words[0] == '\0')
		return;
	jsonw_name(w, name);
	jsonw_string(w, words);
}

/* What has a place of its own is among the metadata all the same: filters
 * look there. */
static int
properties_keep(struct task *task)
{
	struct jsonw *w = &task->bench->properties_json;
	struct buf *json = &task->bench->properties;

	properties_put(w, "title", task->what.title);
	properties_put(w, "language", task->what.language);
	if (task->what.pages > 0) {
		jsonw_name(w, "page_count");
		jsonw_uint(w, task->what.pages);
	}
	jsonw_object_end(w);
	mem_free(task->what.properties);
	task->what.properties = json->err < 0 ? NULL
					      : mem_strdup(buf_text(json));
	return task->what.properties == NULL ? ERR_NOMEM : 0;
}

static int
extract_file(struct task *task, struct extractor *extractor,
    const struct extract_limits *limits, struct extract_result *result,
    struct err_note *note)
{
	struct bench *bench = task->bench;
	uint64_t starts;
	int err;

	memset(result, 0, sizeof(*result));
	spool_clear(&bench->blocks);
	properties_begin(bench);
	members_clear(&bench->members);
	members_begin(&bench->members, task->work, task->run, bench->reader);
	starts = extractor_starts(extractor);
	err = extractor_run(extractor, task->fd, task->work->name, limits,
	    work_stop(task->work), &extract_sink, task, result, note);
	starts = extractor_starts(extractor) - starts;
	atomic_fetch_add(&bench->engine->counters.extractor_starts, starts);
	return err;
}

/* Has it pictures where there should be text? */
static bool
is_picture(const struct extract_result *result)
{
	return (result->code == ITEM_CODE_NONE && result->pages_bare > 0) ||
	    result->code == ITEM_CODE_NO_TEXT ||
	    (result->code == ITEM_CODE_UNSUPPORTED_FILE_TYPE &&
		strncmp(result->media_type, "image/", 6) == 0);
}

/*
 * Few documents need OCR, and what it loads is large: the usual extractor
 * finds out which, and another one reads them again.
 */
static int
extract_picture(struct task *task, struct extract_result *result,
    struct err_note *note)
{
	struct bench *bench = task->bench;

	if (bench->ocr == NULL)
		bench->ocr = extractor_new_ocr(bench->engine->extractor,
		    bench->engine->ocr_languages);
	if (bench->ocr == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	return extract_file(task, bench->ocr, &extract_limits_ocr, result,
	    note);
}

static int
step_extract(struct task *task, struct err_note *note)
{
	struct extract_result result;
	int err;

	err = extract_file(task, task->bench->extractor,
	    &extract_limits_default, &result, note);
	if (err == 0 && task->bench->engine->ocr_languages != NULL &&
	    is_picture(&result))
		err = extract_picture(task, &result, note);
	if (task->bench->members.is_too_deep)
		return task_end(task, ITEM_CODE_EXTRACTION_LIMIT,
		    "documents are nested deeper than %u", MEMBER_DEPTH_MAX);
	if (task->bench->members.is_over) {
		/* Those that came before are documents like others. */
		err = members_post(&task->bench->members);
		return err < 0 ? err : task_end(task,
		    ITEM_CODE_EXTRACTION_LIMIT, MEMBERS_TOO_MANY_FORMAT,
		    MEMBERS_MAX, (unsigned long long)MEMBERS_BYTES_MAX);
	}
	if (err == 0)
		err = task_recheck(task, note);
	/* Also of an archive that is damaged further on. */
	if (err == 0)
		err = members_post(&task->bench->members);
	if (err < 0)
		return err;
	if (result.code != ITEM_CODE_NONE)
		return task_end(task, result.code, "%s", result.message);
	(void)snprintf(task->what.title, sizeof(task->what.title), "%s",
	    result.title);
	(void)snprintf(task->what.media_type, sizeof(task->what.media_type),
	    "%s", result.media_type);
	(void)snprintf(task->what.language, sizeof(task->what.language), "%s",
	    result.language);
	task->what.pages = result.pages;
	task->pages_bare = result.pages_bare;
	task->has_members = result.members > 0;
	return properties_keep(task);
}

/* ---- cleaning ----------------------------------------------------------- */

static int
clean_one(struct task *task, struct block *block)
{
	struct buf *out = &task->bench->scratch;
	int err;

	buf_clear(out);
	err = clean_block(block, out);
	if (err < 0)
		return err;
	if (out->len == 0)
		return 0;
	block->text = out->data;
	block->len = out->len;
	return spool_block(&task->bench->cleaned, block);
}

static int
step_clean(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	struct block block;
	int err;

	spool_rewind(&bench->blocks);
	while ((err = spool_next_block(&bench->blocks, &block)) == 0) {
		err = clean_one(task, &block);
		if (err < 0)
			break;
	}
	if (err != ERR_CLOSED)
		return err_set(note, err, "cleaning the text");
	spool_clear(&bench->blocks); /* its file takes room */
	if (bench->cleaned.len > 0)
		return 0;
	if (task->pages_bare > 0)
		return task_end(task, ITEM_CODE_NO_TEXT, "%s",
		    item_code_text(ITEM_CODE_NO_TEXT));
	return task_end(task, ITEM_CODE_EMPTY_CONTENT, "%s",
	    task->has_members
		? "there is no text in the file but that of the documents "
		  "inside"
		: "there is no text in the file");
}

/* ---- chunking ----------------------------------------------------------- */

static int
chunk_put(void *arg, const struct chunk *chunk)
{
	struct task *task = arg;
	struct spool *spool = &task->bench->chunks;
	struct chunk_head head = {chunk->ordinal, chunk->page_start,
	    chunk->page_end, chunk->chars, strlen(chunk->section) + 1,
	    chunk->len};
	int err;

	ASSERT(chunk->ordinal == task->chunk_count);
	task->chunk_count++;
	task->what.characters += chunk->chars;
	err = spool_put(spool, &head, sizeof(head));
	if (err == 0)
		err = spool_put(spool, chunk->section, head.section_len);
	if (err == 0)
		err = spool_put(spool, chunk->text, chunk->len);
	return err;
}

/*
 * The next segment; ERR_CLOSED after the last.  The section is copied to
 * section (SECTION_BYTES_MAX + 1): a spool shows one piece at a time.
 */
static int
spool_next_chunk(struct spool *spool, char *section,
    struct segment *ret_segment)
{
	struct chunk_head head;
	const char *bytes;
	int err;

	err = spool_get(spool, sizeof(head), &bytes);
	if (err < 0)
		return err;
	memcpy(&head, bytes, sizeof(head));
	if (head.section_len > SECTION_BYTES_MAX + 1)
		return ERR_CORRUPT;
	err = spool_get(spool, head.section_len, &bytes);
	if (err < 0)
		return ERR_CORRUPT;
	memcpy(section, bytes, head.section_len);
	err = spool_get(spool, head.text_len, &bytes);
	if (err < 0)
		return ERR_CORRUPT;
	memset(ret_segment, 0, sizeof(*ret_segment));
	ret_segment->ordinal = head.ordinal;
	ret_segment->page_start = head.page_start;
	ret_segment->page_end = head.page_end;
	ret_segment->chars = head.chars;
	ret_segment->section = section;
	ret_segment->text = bytes;
	ret_segment->text_len = head.text_len;
	return 0;
}

static int
step_chunk(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	struct chunker *chunker;
	struct block block;
	int err;

	chunker = chunker_new(&task->rule.chunk, chunk_put, task);
	if (chunker == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	spool_rewind(&bench->cleaned);
	while ((err = spool_next_block(&bench->cleaned, &block)) == 0) {
		err = chunker_add(chunker, &block);
		if (err < 0)
			break;
	}
	if (err == ERR_CLOSED)
		err = chunker_end(chunker);
	chunker_free(chunker);
	spool_clear(&bench->cleaned);
	if (err == ERR_TOO_BIG)
		return task_end(task, ITEM_CODE_EXTRACTION_LIMIT,
		    "the document has more than %u segments", SEGMENTS_MAX);
	if (err < 0)
		return err_set(note, err, "cutting the text into segments");
	if (task->chunk_count == 0)
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

static int
step_tag(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	char section[SECTION_BYTES_MAX + 1];
	struct segment segment;
	struct tags tags;
	int err;

	spool_rewind(&bench->chunks);
	while ((err = spool_next_chunk(&bench->chunks, section, &segment)) ==
	    0) {
		err = tagger_add(bench->tagger, segment.text,
		    segment.text_len);
		if (err < 0)
			break;
	}
	if (err == ERR_CLOSED)
		err = tagger_end(bench->tagger, &tags);
	if (err == 0)
		err = tags_keep(task, &tags);
	return err < 0 ? err_set(note, err, "tagging the document") : 0;
}

/* ---- embedding ---------------------------------------------------------- */

static int
batch_embed(struct task *task, struct segment_batch *batch,
    struct err_note *note)
{
	struct embedder *embedder = task->bench->engine->embedder;
	struct embed_text texts[BATCH_SEGMENTS];
	size_t i;
	int err;

	segment_batch_texts(batch);
	for (i = 0; i < batch->count; i++) {
		texts[i].text = batch->segments[i].text;
		texts[i].len = batch->segments[i].text_len;
	}
	err = embedder->run(embedder, texts, batch->count,
	    task->bench->vectors, note);
	if (err < 0)
		return err;
	return segment_batch_seal(batch, task->bench->vectors,
	    embedder->dimensions);
}

/* How many segments of this very content an earlier try has stored. */
static uint32_t
stored_already(struct task *task)
{
	struct revision revision;
	int err;

	err = store_revision_building(task->bench->reader,
	    task->what.document_id, task->what.hash, task->what.rule,
	    &revision);
	return err == 0 ? revision.stored : 0;
}

/* Fill batch with what comes next; 0 with an empty batch at the end. */
static int
batch_fill(struct task *task, uint32_t skip, struct segment_batch *batch)
{
	char section[SECTION_BYTES_MAX + 1];
	struct segment segment;
	int err = 0;

	while (batch->count < BATCH_SEGMENTS) {
		err = spool_next_chunk(&task->bench->chunks, section,
		    &segment);
		if (err < 0)
			break;
		if (segment.ordinal < skip)
			continue;
		err = segment_batch_add(batch, &segment);
		if (err < 0)
			break;
	}
	return err == ERR_CLOSED ? 0 : err;
}

static int
task_torn(struct task *task, struct err_note *note)
{
	return err_set(note, ERR_BUSY,
	    "what was stored of %s was given up meanwhile", task->work->name);
}

/*
 * A document of one batch goes with its publication; of a larger one each
 * batch is stored as it is ready, and a restart goes on behind the last.
 */
static int
step_embed(struct task *task, struct err_note *note)
{
	struct engine *engine = task->bench->engine;
	struct segment_batch *batch;
	uint32_t done = 0;
	int err = 0;

	if (task->chunk_count > BATCH_SEGMENTS)
		done = stored_already(task);
	spool_rewind(&task->bench->chunks);
	for (;;) {
		batch = segment_batch_new(BATCH_SEGMENTS);
		if (batch == NULL)
			return err_set(note, ERR_NOMEM, "out of memory");
		err = batch_fill(task, done, batch);
		if (err == 0 && batch->count > 0)
			err = batch_embed(task, batch, note);
		if (err < 0)
			break;
		done += (uint32_t)batch->count;
		if (done >= task->chunk_count) {
			task->last = batch;
			return 0;
		}
		err = outcome_batch(engine, task->run, &task->what, &batch);
		if (err < 0)
			break;
		CRASH_POINT("batch");
		if (run_was_torn(task->run)) {
			err = task_torn(task, note);
			break;
		}
		if (run_is_lost(task->run) ||
		    atomic_load(work_stop(task->work))) {
			err = ERR_CANCELLED;
			break;
		}
	}
	segment_batch_free(batch);
	return err;
}

/* ---- finalizing --------------------------------------------------------- */

static int
nothing_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	(void)tx;
	(void)arg;
	(void)note;
	return 0;
}

/* A document of several batches is let go of when all of them are stored: what
 * one of them went on from may have been given up. */
static int
step_finalize(struct task *task, struct err_note *note)
{
	struct engine *engine = task->bench->engine;
	int err;

	CRASH_POINT("before-publish");
	err = outcome_publish(engine, task->run, &task->what, &task->last);
	if (err < 0 || task->chunk_count <= BATCH_SEGMENTS)
		return err;
	/* Fails at the program's end only; then nobody begins anew. */
	(void)writer_do_surely(engine->writer, nothing_apply, NULL, NULL);
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
