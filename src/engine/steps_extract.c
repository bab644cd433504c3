/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the file to clean blocks.
 */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "extract/extract.h"
#include "model/block.h"
#include "text/clean.h"

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
	uint64_t before[EXTRACTOR_END_COUNT], after[EXTRACTOR_END_COUNT];
	struct bench *bench = task->bench;
	struct engine_counters *counters = &bench->engine->counters;
	uint64_t starts;
	size_t i;
	int err;

	memset(result, 0, sizeof(*result));
	spool_clear(&bench->blocks);
	properties_begin(bench);
	members_clear(&bench->members);
	members_begin(&bench->members, task->work, task->run, bench->reader);
	starts = extractor_starts(extractor);
	extractor_ends(extractor, before);
	extractor_set_reading(extractor, task->rule.is_text,
	    chunk_method_is_plain(task->rule.chunk.cut.method));
	err = extractor_run(extractor, task->fd, task->work->name, limits,
	    work_stop(task->work), &extract_sink, task, result, note);
	starts = extractor_starts(extractor) - starts;
	atomic_fetch_add(&counters->extractor_starts, starts);
	extractor_ends(extractor, after);
	for (i = 0; i < EXTRACTOR_END_COUNT; i++)
		atomic_fetch_add(&counters->extractor_ends[i],
		    after[i] - before[i]);
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

/* Is it without text, and to be indexed so? */
static bool
is_empty(const struct task *task, const struct extract_result *result)
{
	return task->rule.keeps_empty &&
	    (result->code == ITEM_CODE_EMPTY_CONTENT ||
		result->code == ITEM_CODE_NO_TEXT);
}

int
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
	if (is_empty(task, &result))
		result.code = ITEM_CODE_NONE;
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

	/* It is scrubbed when it is cut (text/scrub.h). */
	if (block->kind == BLOCK_VERBATIM)
		return spool_block(&task->bench->cleaned, block);
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

int
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
	if (bench->cleaned.len > 0 || task->rule.keeps_empty)
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
