/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making jobs: over folders, over what another job left failed.  A job and,
 * where they are known, its items are one transaction: what was answered with
 * an id is there after any crash.
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
#include "engine/base_models.h"
#include "engine/board.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/schedule.h"
#include "engine/writer.h"
#include "source/folder.h"
#include "store/store_source.h"
#include "sys/clock.h"
#include "sys/rng.h"

static int
base_ref_take(void *arg, const struct base *base)
{
	struct base_ref *ref = arg;

	ref->id = base->id;
	ref->embedder_id = base->embedder_id;
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
	err = request_key_find(tx, plan, note);
	if (err < 0 || plan->is_repeated)
		return err;
	err = tx_job_room(tx);
	if (err < 0)
		return err_set(note, err, "there are %u jobs under way",
		    JOBS_LIVE_MAX);
	if (plan->prepare != NULL)
		err = plan->prepare(tx, plan, &base, note);
	if (err == 0 && plan->is_repeated)
		return 0;
	if (err == 0 && plan->request.schedule_id != 0)
		err = schedule_ran(tx, base.id, plan->request.schedule_id);
	if (err < 0)
		return err;
	memset(&job, 0, sizeof(job));
	job.uuid = plan->uuid;
	job.account_id = plan->request.account_id;
	job.base_id = base.id;
	job.base_uuid = base.uuid;
	memcpy(job.base_name, base.name, sizeof(base.name));
	if (plan->batch != NULL)
		(void)snprintf(job.batch, sizeof(job.batch), "%s",
		    plan->batch);
	else
		batch_make(tx_now_us(tx), job.batch);
	job.kind = plan->kind;
	job.dialect = plan->request.dialect;
	(void)snprintf(job.form, sizeof(job.form), "%s",
	    plan->request.form == NULL ? "" : plan->request.form);
	job.keeps_replaced = plan->request.keeps_replaced &&
	    plan->engine->undo_us > 0;
	job.attempt = plan->attempt;
	job.created_us = tx_now_us(tx);
	job.updated_us = job.created_us;
	job.state = JOB_PENDING;
	job.scan = plan->scan;
	err = store_job_add(tx_store(tx), &job, plan->source, &job.id);
	if (err == 0)
		err = request_key_put(tx, plan, job.id);
	if (err == 0)
		err = tx_job_new(tx, &job);
	if (err < 0)
		return err;
	own = tx_job(tx, job.id);
	ASSERT(own != NULL);
	plan->job.uuid = job.uuid;
	plan->job.id = job.id;
	return plan->items == NULL ? 0 : plan->items(tx, plan, own, note);
}

int
plan_run(struct engine *engine, struct plan *plan, struct job *ret_job,
    struct err_note *note)
{
	struct store *reader = NULL;
	int err;

	plan->engine = engine;
	plan->uuid = rng_uuid();
	err = writer_do(engine->writer, plan_apply, plan, note);
	if (err < 0)
		return err;
	/* Committed before it was told, so it is on the board, unless a
	 * thousand other jobs have ended after it already. */
	err = engine_job_get(engine, NULL, plan->request.account_id,
	    &plan->job.uuid, ret_job);
	if (err != ERR_NOT_FOUND)
		return err;
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = engine_job_get(engine, reader,
		    plan->request.account_id, &plan->job.uuid, ret_job);
	store_close(reader);
	return err;
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

/* ---- retries ------------------------------------------------------------ */

static int
document_found(void *arg, const struct document *document)
{
	(void)arg;
	(void)document;
	return 0;
}

int
plan_parent(struct write_tx *tx, const struct item *old, struct item *item)
{
	int err;

	if (old->parent_id == 0)
		return 0;
	err = store_document_get(tx_store(tx), old->parent_id, document_found,
	    NULL);
	if (err == ERR_NOT_FOUND)
		return 0;
	item->parent_id = old->parent_id;
	item->root_id = old->root_id;
	item->depth = old->depth;
	return err;
}

struct retry {
	const struct job *old;
	bool all_items;
};

struct retry_walk {
	struct write_tx *tx;
	struct plan *plan;
	struct job *job;
};

/* What was changed of the document since is not taken back. */
static int
retry_metadata(struct write_tx *tx, const struct item_row *old,
    struct item_row *row)
{
	int err;

	err = store_document_get(tx_store(tx), old->item.document_id,
	    document_found, NULL);
	row->metadata = err == 0 ? NULL : old->metadata;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
source_found(void *arg, const struct source *source)
{
	(void)arg;
	(void)source;
	return 0;
}

/* With its source the documents went, and are not made again: what the old
 * item was about is not there any more. */
static int
retry_origin(struct write_tx *tx, struct item *item)
{
	int err;

	err = store_source_get(tx_store(tx), item->source_id, source_found,
	    NULL);
	if (err != ERR_NOT_FOUND)
		return err;
	item->code = ITEM_CODE_SOURCE_NOT_FOUND;
	item->parent_id = item->root_id = 0;
	item->depth = 0;
	(void)snprintf(item->message, sizeof(item->message), "%s",
	    "the source it came from was deleted");
	return 0;
}

static int
retry_row(void *arg, const struct item_row *old)
{
	struct retry_walk *walk = arg;
	struct item_row row;
	int err;

	memset(&row, 0, sizeof(row));
	row.uri = old->uri;
	row.name = old->name;
	row.blob = old->blob;
	row.etag = old->etag;
	row.item.source_id = old->item.source_id;
	row.item.bytes = old->item.bytes;
	row.item.mtime_us = old->item.mtime_us;
	err = plan_parent(walk->tx, &old->item, &row.item);
	if (err == 0)
		err = retry_metadata(walk->tx, old, &row);
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
	if (row.item.source_id != 0)
		err = retry_origin(walk->tx, &row.item);
	if (err < 0)
		return err;
	return plan_item(walk->tx, walk->job, &row, walk->plan->engine->rule,
	    false);
}

/* Those of the sources that something is tried again of. */
static int
retry_share(void *arg, const struct share *old)
{
	const struct retry_walk *walk = arg;
	const struct retry *retry = walk->plan->arg;
	struct share share;
	int err = 0;

	if ((retry->all_items ? old->counts.total : old->counts.failed) == 0)
		return 0;
	memset(&share, 0, sizeof(share));
	share.job_id = walk->job->id;
	share.source_id = old->source_id;
	share.source_uuid = old->source_uuid;
	share.scan = SCAN_DONE;
	if (walk->job->kind == JOB_KIND_IMPORT)
		err = retry_import_adopt(walk->tx, old->source_id,
		    walk->job->id);
	return err < 0 ? err : tx_share_new(walk->tx, &share);
}

static int
retry_items(struct write_tx *tx, struct plan *plan, struct job *job,
    struct err_note *note)
{
	const struct retry *retry = plan->arg;
	struct retry_walk walk = {tx, plan, job};
	struct item_filter filter = {.job_id = retry->old->id,
	    .limit = UINT32_MAX};
	int err;

	(void)note;
	if (!retry->all_items)
		filter.states = 1u << ITEM_FAILED;
	err = store_shares_each(tx_store(tx), retry->old->id, retry_share,
	    &walk);
	return err < 0 ? err : store_items_each(tx_store(tx), &filter,
				   retry_row, &walk);
}

/* Two jobs over a base's sources would read them twice. */
static int
retry_sources(struct write_tx *tx, struct plan *plan,
    const struct base_ref *base, struct err_note *note)
{
	const struct retry *retry = plan->arg;
	struct uuid running;

	return plan->kind == JOB_KIND_IMPORT
	    ? retry_import(tx, retry->old, retry->all_items, note)
	    : plan_alone(tx, plan, base, &running, note);
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
	struct retry retry = {.all_items = all_items};
	struct plan plan = {.scan = SCAN_DONE, .items = retry_items,
	    .arg = &retry};
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
	if ((all_items ? old.counts.total : old.counts.failed) == 0 ||
	    old.kind == JOB_KIND_KEEP) {
		err = err_set(note, ERR_INVALID,
		    "there is nothing to try again");
		goto out;
	}
	if (old.kind == JOB_KIND_EMBED) {
		err = base_models_retry(engine, &old, dialect, ret_job, note);
		goto out;
	}
	if (old.kind == JOB_KIND_KEPT) {
		err = kept_retry(engine, &old, dialect, ret_job, note);
		goto out;
	}
	err = retry_source(engine, reader, &old, &source);
	if (err < 0)
		goto out;
	plan.request = (struct job_request){.account_id = account_id,
	    .base = old.base_uuid, .dialect = dialect, .form = old.form,
	    .keeps_replaced = old.keeps_replaced};
	plan.kind = old.kind;
	plan.attempt = old.attempt + 1;
	plan.source = source;
	retry.old = &old;
	if (job_kind_has_shares(old.kind))
		plan.prepare = retry_sources;
	err = plan_run(engine, &plan, ret_job, note);
out:
	mem_free(source);
	store_close(reader);
	return err;
}
