/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening an item's file, and the looks that may save the work: its size, its
 * content's hash, the same content under another name.  Before that, what the
 * base and the document say of how it is to be indexed.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/fetch.h"
#include "engine/run.h"
#include "engine/steps.h"
#include "engine/writer.h"
#include "source/folder.h"
#include "sys/fs.h"
#include "sys/sha256.h"

static int64_t
mtime_us(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000 +
	    st->st_mtim.tv_nsec / 1000;
}

/* The roots that the job was started with. */
static int
open_below_roots(const struct work *work, const char *path,
    struct err_note *note)
{
	const char *roots[64];
	json_t *source, *list;
	size_t i, count = 0;
	int fd;

	source = json_loads(work_source(work), JSON_REJECT_DUPLICATES, NULL);
	list = json_object_get(source, "roots");
	for (i = 0; i < json_array_size(list) && count < 64; i++)
		if (json_is_string(json_array_get(list, i)))
			roots[count++] =
			    json_string_value(json_array_get(list, i));
	/* More than that were given one by one: the file is one of them. */
	if (json_array_size(list) > 64) {
		roots[0] = path;
		count = 1;
	}
	fd = folder_open_file(roots, count, path, note);
	json_decref(source);
	return fd;
}

static int
open_in_place(struct task *task, struct err_note *note)
{
	struct buf path;
	int fd, err;

	buf_init(&path, URI_BYTES_MAX);
	err = folder_path_of_uri(task->work->uri, &path);
	fd = err < 0 ? err
		     : open_below_roots(task->work, buf_text(&path), note);
	buf_fini(&path);
	return fd;
}

/* A file that nobody can change any more: who reads it may be untrusted. */
static int
open_memory(const struct buf *bytes)
{
	static const int seals =
	    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd, err;

	fd = memfd_create("upload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return err_from_errno(errno);
	err = bytes->len == 0 ? 0 : fs_write(fd, bytes->data, bytes->len);
	if (err == 0 && (fcntl(fd, F_ADD_SEALS, seals) < 0 ||
		lseek(fd, 0, SEEK_SET) < 0))
		err = err_from_errno(errno);
	if (err == 0)
		return fd;
	(void)close(fd);
	return err;
}

int
engine_blob_open(struct engine *engine, struct store *reader,
    const uint8_t hash[HASH_SIZE], struct err_note *note)
{
	char path[URI_BYTES_MAX];
	struct buf small;
	int fd;

	buf_init(&small, SMALL_BLOB_BYTES_MAX);
	fd = store_small_blob_get(reader, hash, &small);
	if (fd == 0)
		fd = open_memory(&small);
	buf_fini(&small);
	if (fd != ERR_NOT_FOUND)
		return fd < 0 ? err_set(note, fd,
				    "the upload cannot be opened: %s",
				    err_text(fd))
			      : fd;
	fd = blob_path(engine, hash, path);
	if (fd < 0)
		return fd;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(note, err_from_errno(errno),
		    "the uploaded file cannot be opened: %s",
		    strerror(errno));
	return fd;
}

static int
open_file(struct task *task, struct err_note *note)
{
	int fd;

	if (task_is_remote(task))
		return task_fetch(task, note);
	fd = task->work->has_blob
	    ? engine_blob_open(task->bench->engine, task->bench->reader,
		  task->work->blob, note)
	    : open_in_place(task, note);
	if (fd == ERR_NOT_FOUND)
		return task_end(task, ITEM_CODE_SOURCE_NOT_FOUND,
		    "%s is not there any more", task->work->name);
	if (fd == ERR_FORBIDDEN)
		return task_end(task, ITEM_CODE_SOURCE_ACCESS_DENIED, "%s",
		    err_words(note, fd));
	if (fd < 0)
		return fd;
	task->fd = fd;
	task->is_frozen = task->work->has_blob;
	return 0;
}

/* When an upload came, as near as is known: it may be no file. */
static int64_t
given_us(const struct item *item)
{
	return item->mtime_us != 0 ? item->mtime_us : item->queued_us;
}

static int
look_at_size(struct task *task, struct err_note *note)
{
	struct engine *engine = task->bench->engine;
	struct stat st;

	if (fstat(task->fd, &st) < 0)
		return err_set(note, err_from_errno(errno), "%s: %s",
		    task->work->name, strerror(errno));
	task->what.bytes = (uint64_t)st.st_size;
	task->what.mtime_us = task->is_frozen
	    ? given_us(&task->work->item) : mtime_us(&st);
	run_set_file(task->run, task->what.bytes, task->what.mtime_us);
	if (st.st_size == 0 && !task->rule.keeps_empty)
		return task_end(task, ITEM_CODE_EMPTY_CONTENT, "%s is empty",
		    task->work->name);
	if (task->what.bytes > engine->file_bytes_max)
		return task_end(task, ITEM_CODE_FILE_TOO_LARGE,
		    "%s has %llu bytes, the limit is %llu", task->work->name,
		    (unsigned long long)task->what.bytes,
		    (unsigned long long)engine->file_bytes_max);
	return 0;
}

/* ---- what is known of the document -------------------------------------- */

struct known {
	struct task *task;
	struct uuid base;
	char *settings; /* owned */
	char *source_settings; /* owned; NULL: none */
	int64_t source_id;
	uint8_t hash[HASH_SIZE];
	uint64_t rule;
	bool is_indexed;
	struct err_note *note;
};

static int
known_document(void *arg, const struct document *document)
{
	struct known *known = arg;

	known->base = document->base_uuid;
	known->is_indexed = document->revision_id != 0;
	known->rule = document->rule;
	known->source_id = document->source_id;
	memcpy(known->hash, document->hash, HASH_SIZE);
	known->settings = mem_strdup(document->settings);
	return known->settings == NULL ? ERR_NOMEM : 0;
}

static int
known_base(void *arg, const struct base *base)
{
	struct known *known = arg;
	struct task *task = known->task;
	int err;

	task->embedder_id = base->embedder_id;
	err = rule_read(base->settings, known->source_settings,
	    known->settings, &task->rule, known->note);
	buf_clear(&task->bench->orders);
	if (err == 0 && task->rule.graph_orders != 0)
		err = rule_graph_orders(base->settings,
		    known->source_settings, known->settings,
		    &task->bench->orders, known->note);
	return err;
}

/* What is asked for needs a chat model, and there is none. */
static int
end_without_chat(struct task *task, const char *what)
{
	return task_end(task, ITEM_CODE_INVALID_SETTINGS,
	    "%s, and the server has no chat model: set chat_url and "
	    "chat_model", what);
}

/* By what rule it is to be indexed, and whether it is already. */
static int
look_at_rule(struct task *task, struct err_note *note)
{
	struct known known = {.task = task, .note = note};
	struct store *reader = task->bench->reader;
	int err;

	err = store_document_get(reader, task->what.document_id,
	    known_document, &known);
	if (err == 0)
		err = rule_source_settings(reader, known.source_id,
		    &known.source_settings);
	if (err == 0)
		err = store_base_find(reader, 0, &known.base, NULL,
		    known_base, &known);
	mem_free(known.settings);
	mem_free(known.source_settings);
	if (err == ERR_INVALID)
		return task_end(task, ITEM_CODE_INVALID_SETTINGS, "%s",
		    err_words(note, err));
	/* Deleted this moment: so is the item. */
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NOT_FOUND)
		task->rule = rule_default;
	task->what.graph = rule_graph_maker(task->bench->engine,
	    &task->rule);
	if (!engine_has_chat(task->bench->engine)) {
		if (task->rule.questions[0] != '\0')
			return end_without_chat(task,
			    "it is to be turned into questions");
		if (task->what.graph == GRAPH_OF_MODEL)
			return end_without_chat(task,
			    "a model is to make its graph");
	}
	task->what.rule = rule_fingerprint(task->bench->engine, &task->rule);
	task->what.has_vectors = task->rule.has_vectors;
	task->what.embedder_id = task->rule.has_vectors ? task->embedder_id
							: 0;
	task->source_id = known.source_id;
	task->is_same_rule = known.is_indexed &&
	    known.rule == task->what.rule;
	memcpy(task->live_hash, known.hash, HASH_SIZE);
	return 0;
}

/* Was the job started with that? */
static bool
work_has(const struct work *work, const char *name)
{
	json_t *source;
	bool has;

	if (strcmp(work_source(work), "{}") == 0)
		return false;
	source = json_loads(work_source(work), JSON_REJECT_DUPLICATES, NULL);
	has = json_is_true(json_object_get(source, name));
	json_decref(source);
	return has;
}

bool
task_is_forced(const struct task *task)
{
	return work_has(task->work, "is_forced");
}

int
task_look_again(struct task *task, struct err_note *note)
{
	writer_settle(task->bench->engine->writer);
	return look_at_rule(task, note);
}

/* Is it indexed already, by this rule, and not to be indexed all the same? */
static bool
is_indexed_so(const struct task *task)
{
	return task->is_same_rule && memcmp(task->live_hash, task->what.hash,
	    HASH_SIZE) == 0 && !task_is_forced(task);
}

/*
 * The item before this one may have indexed the same content by another rule,
 * and what it publishes may still be on its way to the store: then this one
 * would be unchanged beside a revision that is replaced the next moment.  A
 * walk over folders does not put one document into the queue twice; jobs over
 * sources of their own may do so together.
 */
static int
look_again(struct task *task, struct err_note *note)
{
	if (!task->work->has_blob && task->work->item.source_id == 0 &&
	    !work_has(task->work, "is_retry"))
		return 0;
	return task_look_again(task, note);
}

struct other {
	char name[NAME_BYTES_MAX + 1];
};

static int
other_name(void *arg, const struct document *document)
{
	struct other *other = arg;

	(void)snprintf(other->name, sizeof(other->name), "%s",
	    document->name);
	return 0;
}

int
duplicate_explain(struct store *store, int64_t other_id, char out[256])
{
	struct other other = {""};
	struct err_note words;
	int err;

	err = store_document_get(store, other_id, other_name, &other);
	if (err < 0)
		return err;
	/* A note is cut at a character when the name is long. */
	(void)err_set(&words, 0, "the same content is indexed already as %s",
	    other.name);
	memcpy(out, words.text, sizeof(words.text));
	return 0;
}

static int
look_for_duplicate(struct task *task)
{
	struct store *reader = task->bench->reader;
	char words[256];
	int64_t other_id;
	int err;

	task->what.may_be_duplicate = true;
	err = store_document_by_hash(reader, task->what.base_id,
	    task->what.hash, task->what.document_id, &other_id);
	if (err == ERR_NOT_FOUND)
		return 0;
	if (err == 0)
		err = duplicate_explain(reader, other_id, words);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	return task_end(task, ITEM_CODE_DUPLICATE, "%s", words);
}

static int
look_at_content(struct task *task, struct err_note *note)
{
	uint64_t bytes = 0;
	bool are_undone = false;
	int err = 0;

	if (task->work->has_blob && !task->is_cut) {
		memcpy(task->what.hash, task->work->blob, HASH_SIZE);
	} else {
		err = sha256_of_fd(task->fd, task->what.hash, &bytes);
		if (err < 0)
			return err_set(note, err, "cannot read %s",
			    task->work->name);
		if (bytes != task->what.bytes)
			return err_set(note, ERR_BUSY,
			    "%s is being written to", task->work->name);
	}
	if (is_indexed_so(task)) {
		err = look_again(task, note);
		if (err != 0)
			return err;
	}
	if (is_indexed_so(task))
		err = members_are_undone(task->bench->reader,
		    task->what.document_id, &are_undone);
	if (err < 0)
		return err_set(note, err, "cannot look up the document");
	if (is_indexed_so(task) && !are_undone)
		return task_end(task, ITEM_CODE_UNCHANGED, "%s",
		    item_code_text(ITEM_CODE_UNCHANGED));
	return task->rule.keeps_duplicates ? 0 : look_for_duplicate(task);
}

struct rivals {
	int64_t item_id;
	bool are_there;
};

static int
rivals_row(void *arg, const struct item_row *row)
{
	struct rivals *rivals = arg;

	rivals->are_there |= row->item.id != rivals->item_id;
	return 0;
}

/*
 * Two jobs over sources of their own may have an item of this document each.
 * What the other one has done with it may be on its way to the store; without
 * it the same content would be fetched and indexed twice.
 */
static int
rivals_settle(struct task *task, struct err_note *note)
{
	struct rivals rivals = {.item_id = task->work->item.id};
	int err;

	if (task->work->item.source_id == 0 || task->work->has_blob)
		return 0;
	err = store_items_of_document(task->bench->reader,
	    task->what.document_id, 2, rivals_row, &rivals);
	if (err < 0)
		return err_set(note, err, "cannot look up the document");
	if (rivals.are_there)
		writer_settle(task->bench->engine->writer);
	return 0;
}

int
task_open(struct task *task, struct err_note *note)
{
	int err;

	task->what.document_id = task->work->item.document_id;
	task->what.base_id = task->work->base_id;
	err = rivals_settle(task, note);
	if (err == 0)
		err = look_at_rule(task, note);
	if (err == 0)
		err = open_file(task, note);
	if (err == 0)
		err = task_cut_page(task, note);
	if (err == 0)
		err = look_at_size(task, note);
	if (err == 0)
		err = look_at_content(task, note);
	return err;
}

int
task_recheck(struct task *task, struct err_note *note)
{
	struct stat st;

	if (task->is_frozen)
		return 0;
	if (fstat(task->fd, &st) < 0)
		return err_from_errno(errno);
	if ((uint64_t)st.st_size == task->what.bytes &&
	    mtime_us(&st) == task->what.mtime_us)
		return 0;
	return err_set(note, ERR_BUSY, "%s was changed while it was read",
	    task->work->name);
}
