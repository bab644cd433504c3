/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making jobs: over folders, over uploads, over what another job left failed.
 * A job and, where they are known, its items are one transaction: what was
 * answered with an id is there after any crash.
 */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/engine_int.h"
#include "engine/member.h"
#include "engine/writer.h"
#include "source/folder.h"
#include "sys/clock.h"
#include "sys/rng.h"

/* ---- items -------------------------------------------------------------- */

struct first_look {
	const struct item_row *row;
	uint64_t rule;
	int64_t document_id;
	bool is_same;
};

static int
first_look_document(void *arg, const struct document *document)
{
	struct first_look *look = arg;
	const struct item *item = &look->row->item;

	look->document_id = document->id;
	look->is_same = document->revision_id != 0 &&
	    document->rule == look->rule && document->bytes == item->bytes &&
	    document->mtime_us == item->mtime_us && item->mtime_us != 0;
	return 0;
}

static int
plan_replace(struct write_tx *tx, const struct job *job, int64_t document_id)
{
	int err;

	err = document_items_cancel(tx, document_id, job->id,
	    "what it is in was read again, with another document in its "
	    "place");
	if (err == 0)
		err = store_revision_abandon(tx_store(tx), document_id);
	return err;
}

/*
 * Has the job an item of it already?  It is not for document.seen_job to say:
 * that may be another job's by now.  A file may have become readable, or
 * unreadable, since a walk that was broken off came by.
 */
static int
look_for_item(struct write_tx *tx, const struct job *job,
    struct first_look *look, bool *ret_is_seen)
{
	struct store *store = tx_store(tx);
	const struct item_row *row = look->row;
	uint8_t blob[HASH_SIZE];
	int err;

	err = store_document_find(store, job->base_id, row->uri,
	    first_look_document, look);
	if (err == 0)
		err = store_item_of_document(store, job->id,
		    look->document_id, ret_is_seen, blob);
	/* What a member is in was changed since it was read before, in the
	 * same job: those bytes must not be the last word. */
	if (err == 0 && *ret_is_seen && row->item.parent_id != 0 &&
	    row->blob != NULL && memcmp(blob, row->blob, HASH_SIZE) != 0) {
		*ret_is_seen = false;
		return plan_replace(tx, job, look->document_id);
	}
	if ((err == 0 && !*ret_is_seen) || err == ERR_NOT_FOUND)
		err = store_item_unread(store, job->id, look->row->uri,
		    ret_is_seen);
	return err;
}

/* Documents are only made for what can be read, and for members: what an
 * archive lists is there, and belongs to it. */
static int
plan_document(struct write_tx *tx, struct job *job, struct item_row *row,
    const struct first_look *look, bool is_first_look)
{
	struct item *item = &row->item;
	bool are_undone = false;
	int err = 0;

	if (item->code != ITEM_CODE_NONE && item->parent_id == 0)
		return 0;
	if (look->is_same && is_first_look)
		err = members_are_undone(tx_store(tx), look->document_id,
		    &are_undone);
	if (err < 0)
		return err;
	if (look->is_same && is_first_look && !are_undone)
		item->code = ITEM_CODE_UNCHANGED;
	return store_document_put(tx_store(tx), job->base_id, row->uri,
	    row->name, row->metadata, job->id, item->parent_id,
	    tx_now_us(tx), &item->document_id);
}

static void
plan_end(struct item *item, int64_t now_us)
{
	static const enum item_state ends[ITEM_CODE_COUNT] = {
#define ITEM_CODE(name, value, to, text) [ITEM_CODE_##name] = ITEM_##to,
#include "model/item_code_tbl.h"
	};

	if (item->code == ITEM_CODE_NONE)
		return;
	if (item->message[0] == '\0')
		(void)snprintf(item->message, sizeof(item->message), "%s",
		    item_code_text(item->code));
	item_move(item, ends[item->code], now_us);
}

int
plan_item(struct write_tx *tx, struct job *job, struct item_row *row,
    uint64_t rule, bool is_first_look)
{
	struct first_look look = {row, rule, 0, false};
	struct item *item = &row->item;
	bool is_seen = false;
	int err;

	err = look_for_item(tx, job, &look, &is_seen);
	if (err < 0 || is_seen)
		return err;
	err = plan_document(tx, job, row, &look, is_first_look);
	if (err < 0)
		return err;
	item->job_id = job->id;
	item->seq = (uint32_t)job->counts.total + 1;
	item->state = ITEM_QUEUED;
	item->attempt = 1;
	item->queued_us = tx_now_us(tx);
	item->updated_us = tx_now_us(tx);
	plan_end(item, tx_now_us(tx));
	item->rev = store_next_rev(tx_store(tx));
	err = store_item_add(tx_store(tx), row, &item->id);
	if (err == 0)
		job_count(job, NULL, item);
	return err;
}

/* ---- jobs --------------------------------------------------------------- */

static int
base_ref_take(void *arg, const struct base *base)
{
	struct base_ref *ref = arg;

	ref->id = base->id;
	ref->uuid = base->uuid;
	memcpy(ref->name, base->name, sizeof(ref->name));
	return 0;
}

int
base_ref_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, struct base_ref *ret_base)
{
	return store_base_find(store, account_id, uuid, NULL, base_ref_take,
	    ret_base);
}

/* 14 digits of UTC time, then six random ones that do not begin with 0. */
static void
batch_make(int64_t now_us, char out[BATCH_SIZE])
{
	char time[TIME_TEXT_SIZE];
	uint32_t random;
	int i, n = 0;

	time_format(now_us, time);
	for (i = 0; n < 14; i++)
		if (time[i] >= '0' && time[i] <= '9')
			out[n++] = time[i];
	rng_bytes(&random, sizeof(random));
	(void)snprintf(out + 14, BATCH_SIZE - 14, "%06u",
	    100000 + random % 900000);
}

/* A job that is asked for, on its way into the store. */
struct plan {
	struct engine *engine;
	struct job_request request;
	enum job_kind kind;
	uint32_t attempt;
	enum scan_state scan;
	const char *source;
	struct upload *const *uploads;
	size_t upload_count;
	const struct job *retried; /* NULL: not a retry */
	bool retry_all;
	struct job job; /* as it was made */
};

/* A second document of the same name in one request gets an address of its
 * own: none of them may get lost. */
static int
plan_upload(struct write_tx *tx, struct plan *plan, struct job *job,
    const struct upload *upload)
{
	const char *scheme = plan->kind == JOB_KIND_TEXT ? "text:" : "upload:";
	uint64_t before = job->counts.total;
	struct item_row row;
	struct buf uri;
	unsigned n;
	int err = 0;

	buf_init(&uri, URI_BYTES_MAX);
	for (n = 1; err == 0 && job->counts.total == before; n++) {
		buf_clear(&uri);
		(void)buf_puts(&uri, scheme);
		err = upload_uri(upload, &uri);
		if (err == 0 && n > 1)
			err = buf_printf(&uri, "?copy=%u", n);
		if (err < 0)
			break;
		memset(&row, 0, sizeof(row));
		row.uri = buf_text(&uri);
		row.name = upload_name(upload);
		row.metadata = upload_metadata(upload);
		row.blob = upload_hash(upload);
		row.item.bytes = upload_bytes(upload);
		err = plan_item(tx, job, &row, plan->engine->rule, false);
	}
	buf_fini(&uri);
	return err;
}

static int
parent_found(void *arg, const struct document *document)
{
	(void)arg;
	(void)document;
	return 0;
}

/* What it was a member of may be gone: then it stands for itself. */
static int
retry_parent(struct write_tx *tx, const struct item *old, struct item *item)
{
	int err;

	if (old->parent_id == 0)
		return 0;
	err = store_document_get(tx_store(tx), old->parent_id, parent_found,
	    NULL);
	if (err == ERR_NOT_FOUND)
		return 0;
	item->parent_id = old->parent_id;
	item->root_id = old->root_id;
	item->depth = old->depth;
	return err;
}

struct retry_walk {
	struct write_tx *tx;
	struct plan *plan;
	struct job *job;
};

static int
retry_row(void *arg, const struct item_row *old)
{
	struct retry_walk *walk = arg;
	struct item_row row;
	int err;

	memset(&row, 0, sizeof(row));
	row.uri = old->uri;
	row.name = old->name;
	row.metadata = old->metadata;
	row.blob = old->blob;
	row.item.bytes = old->item.bytes;
	row.item.mtime_us = old->item.mtime_us;
	err = retry_parent(walk->tx, &old->item, &row.item);
	if (err < 0)
		return err;
	/* A member that did not come out of what it is in has nothing that
	 * could be read: what was said of it still holds. */
	if (old->item.parent_id != 0 && old->blob == NULL) {
		row.item.code = old->item.code;
		memcpy(row.item.message, old->item.message,
		    sizeof(row.item.message));
		row.item.error_stage = old->item.error_stage;
	}
	return plan_item(walk->tx, walk->job, &row, walk->plan->engine->rule,
	    false);
}

static int
plan_retry(struct write_tx *tx, struct plan *plan, struct job *job)
{
	struct retry_walk walk = {tx, plan, job};
	struct item_filter filter = {.job_id = plan->retried->id,
	    .limit = UINT32_MAX};

	if (!plan->retry_all)
		filter.states = 1u << ITEM_FAILED;
	return store_items_each(tx_store(tx), &filter, retry_row, &walk);
}

static int
plan_items(struct write_tx *tx, struct plan *plan, struct job *job)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < plan->upload_count; i++)
		err = plan_upload(tx, plan, job, plan->uploads[i]);
	if (err == 0 && plan->retried != NULL)
		err = plan_retry(tx, plan, job);
	return err;
}

static int
plan_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct plan *plan = arg;
	struct base_ref base;
	struct job job, *own;
	int err;

	err = base_ref_find(tx_store(tx), plan->request.account_id,
	    &plan->request.base, &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = tx_job_room(tx);
	if (err < 0)
		return err_set(note, err, "there are %u jobs under way",
		    JOBS_LIVE_MAX);
	memset(&job, 0, sizeof(job));
	job.uuid = plan->job.uuid;
	job.account_id = plan->request.account_id;
	job.base_id = base.id;
	job.base_uuid = base.uuid;
	memcpy(job.base_name, base.name, sizeof(base.name));
	batch_make(tx_now_us(tx), job.batch);
	job.kind = plan->kind;
	job.dialect = plan->request.dialect;
	job.attempt = plan->attempt;
	job.created_us = tx_now_us(tx);
	job.updated_us = job.created_us;
	job.state = JOB_PENDING;
	job.scan = plan->scan;
	err = store_job_add(tx_store(tx), &job, plan->source, &job.id);
	if (err == 0)
		err = tx_job_new(tx, &job);
	if (err < 0)
		return err;
	own = tx_job(tx, job.id);
	ASSERT(own != NULL);
	err = plan_items(tx, plan, own);
	plan->job.id = job.id;
	return err;
}

static int
plan_run(struct engine *engine, struct plan *plan, struct job *ret_job,
    struct err_note *note)
{
	int err;

	plan->engine = engine;
	plan->job.uuid = rng_uuid();
	err = writer_do(engine->writer, plan_apply, plan, note);
	if (err < 0)
		return err;
	/* Committed before it was told, so it is on the board. */
	return engine_job_get(engine, NULL, plan->request.account_id,
	    &plan->job.uuid, ret_job);
}

/* ---- folders ------------------------------------------------------------ */

static int
root_check(const struct engine *engine, const char *path, bool is_local,
    char out[PATH_MAX], struct err_note *note)
{
	if (path[0] != '/')
		return err_set(note, ERR_INVALID, "not an absolute path: %s",
		    path);
	if (strlen(path) >= URI_BYTES_MAX / 4)
		return err_set(note, ERR_TOO_BIG, "the path is too long");
	/* Whether it is there is not told to who may not look. */
	if (realpath(path, out) == NULL) {
		if (!is_local)
			return err_set(note, ERR_FORBIDDEN,
			    "%s is not below a folder that may be indexed in "
			    "place", path);
		(void)snprintf(out, PATH_MAX, "%s", path);
		return 0;
	}
	if (is_local ||
	    folder_is_below(
		(const char *const *)engine->folder_roots,
		engine->folder_root_count, out))
		return 0;
	return err_set(note, ERR_FORBIDDEN,
	    "%s is not below a folder that may be indexed in place", path);
}

static void
write_list(struct jsonw *w, const char *name, const char *const *list,
    size_t count)
{
	size_t i;

	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < count; i++)
		jsonw_string(w, list[i]);
	jsonw_array_end(w);
}

static int
source_write(const struct engine *engine, const struct folder_source *source,
    bool is_local, struct buf *out, struct err_note *note)
{
	char path[PATH_MAX];
	struct jsonw w;
	size_t i;
	int err;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_name(&w, "roots");
	jsonw_array(&w);
	for (i = 0; i < source->path_count; i++) {
		err = root_check(engine, source->paths[i], is_local, path,
		    note);
		if (err < 0)
			return err;
		jsonw_string(&w, path);
	}
	jsonw_array_end(&w);
	write_list(&w, "include", source->include, source->include_count);
	write_list(&w, "exclude", source->exclude, source->exclude_count);
	jsonw_object_end(&w);
	return out->err < 0
	    ? err_set(note, out->err, "the source is too large")
	    : 0;
}

int
engine_job_folder(struct engine *engine, const struct job_request *request,
    const struct folder_source *source, bool is_local, struct job *ret_job,
    struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = JOB_KIND_FOLDER,
	    .attempt = 1, .scan = SCAN_WAITING};
	struct buf json;
	int err;

	if (source->path_count == 0)
		return err_set(note, ERR_INVALID, "no path was given");
	if (source->path_count > FOLDER_PATHS_MAX ||
	    source->include_count > PATTERNS_MAX ||
	    source->exclude_count > PATTERNS_MAX)
		return err_set(note, ERR_TOO_BIG, "too many paths or patterns");
	buf_init(&json, HTTP_JSON_BYTES_MAX);
	err = source_write(engine, source, is_local, &json, note);
	if (err == 0) {
		plan.source = buf_text(&json);
		err = plan_run(engine, &plan, ret_job, note);
	}
	buf_fini(&json);
	return err;
}

/* ---- uploads and retries ------------------------------------------------ */

int
engine_job_uploads(struct engine *engine, const struct job_request *request,
    enum job_kind kind, struct upload *const *uploads, size_t count,
    struct job *ret_job, struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = kind, .attempt = 1,
	    .scan = SCAN_DONE, .source = "{}", .uploads = uploads,
	    .upload_count = count};
	int err;

	if (count == 0)
		return err_set(note, ERR_INVALID, "no document was given");
	if (count > UPLOAD_FILES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u documents in one request",
		    UPLOAD_FILES_MAX);
	err = uploads_store(uploads, count, note);
	if (err < 0)
		return err;
	return plan_run(engine, &plan, ret_job, note);
}

static int
retry_source(struct engine *engine, struct store *reader,
    const struct job *job, char **ret_source)
{
	json_t *json;
	char *source;
	int err;

	(void)engine;
	err = store_job_source(reader, job->id, &source);
	if (err < 0)
		return err;
	json = json_loads(source, 0, NULL);
	mem_free(source);
	/* What it does not look at has not vanished. */
	if (json == NULL ||
	    json_object_set_new(json, "is_retry", json_true()) < 0) {
		json_decref(json);
		return json == NULL ? ERR_CORRUPT : ERR_NOMEM;
	}
	source = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (source == NULL)
		return ERR_NOMEM;
	*ret_source = mem_strdup(source);
	free(source); /* jansson's own */
	return *ret_source == NULL ? ERR_NOMEM : 0;
}

int
engine_job_retry(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, bool all_items, enum dialect dialect,
    struct job *ret_job, struct err_note *note)
{
	struct plan plan = {.scan = SCAN_DONE, .retry_all = all_items};
	struct store *reader = NULL;
	char *source = NULL;
	struct job old;
	int err;

	err = engine_reader(engine, &reader, note);
	if (err < 0)
		return err;
	err = engine_job_get(engine, reader, account_id, uuid, &old);
	if (err < 0) {
		err = err_set(note, err, "there is no such job");
		goto out;
	}
	if (!job_state_is_final(old.state)) {
		err = err_set(note, ERR_CONFLICT, "the job is still %s",
		    job_state_name(old.state));
		goto out;
	}
	if ((all_items ? old.counts.total : old.counts.failed) == 0) {
		err = err_set(note, ERR_INVALID,
		    "there is nothing to try again");
		goto out;
	}
	err = retry_source(engine, reader, &old, &source);
	if (err < 0)
		goto out;
	plan.request = (struct job_request){account_id, old.base_uuid,
	    dialect};
	plan.kind = old.kind;
	plan.attempt = old.attempt + 1;
	plan.source = source;
	plan.retried = &old;
	err = plan_run(engine, &plan, ret_job, note);
out:
	mem_free(source);
	store_close(reader);
	return err;
}
