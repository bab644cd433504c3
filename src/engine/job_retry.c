/* SPDX-License-Identifier: Apache-2.0 */
/* A job that has ended, tried again: all its items, those that failed, or those
 * that somebody chose. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/base_models.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/writer.h"
#include "model/item_code.h"
#include "store/store_source.h"

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
	/* Those alone, in their order, each once; NULL: by their state. */
	const struct uuid *items;
	int64_t *rows;
	int64_t *sources; /* of these, when they were looked at */
	size_t count;
	size_t looked;
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

/* ---- those that were chosen ---------------------------------------------- */

static int
row_order(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* From ids to rows; what is another job's is not there. */
static int
chosen_rows(struct retry *retry, struct err_note *note)
{
	struct uuid uuid;
	size_t i, count = 0;
	uint64_t row;

	for (i = 0; i < retry->count; i++) {
		row = uuid_row(&retry->items[i]);
		uuid = uuid_of_row(&retry->old->uuid, row);
		if (row == 0 || !uuid_is_equal(&uuid, &retry->items[i]))
			return err_set(note, ERR_INVALID,
			    "the job has no item with one of the ids");
		retry->rows[i] = (int64_t)row;
	}
	qsort(retry->rows, retry->count, sizeof(*retry->rows), row_order);
	for (i = 0; i < retry->count; i++)
		if (count == 0 || retry->rows[count - 1] != retry->rows[i])
			retry->rows[count++] = retry->rows[i];
	retry->count = count;
	return 0;
}

static int
chosen_look(void *arg, const struct item_row *row)
{
	struct retry *retry = arg;

	if (row->item.job_id != retry->old->id)
		return ERR_NOT_FOUND;
	if (row->item.state != ITEM_FAILED &&
	    row->item.state != ITEM_CANCELLED &&
	    row->item.state != ITEM_SKIPPED)
		return ERR_INVALID;
	retry->sources[retry->looked++] = row->item.source_id;
	return 0;
}

static int
chosen_check(struct write_tx *tx, struct retry *retry, struct err_note *note)
{
	int err = 0;
	size_t i;

	retry->looked = 0;
	for (i = 0; err == 0 && i < retry->count; i++)
		err = store_item_get(tx_store(tx), retry->rows[i],
		    chosen_look, retry);
	if (err == ERR_NOT_FOUND)
		return err_set(note, ERR_INVALID,
		    "the job has no item with one of the ids");
	if (err == ERR_INVALID)
		return err_set(note, ERR_INVALID, "only items that failed, "
		    "were skipped or were cancelled are tried again");
	return err;
}

static bool
is_wanted(const struct retry *retry, const struct share *share)
{
	size_t i;

	if (retry->rows == NULL)
		return (retry->all_items ? share->counts.total
					 : share->counts.failed) > 0;
	for (i = 0; i < retry->count; i++)
		if (retry->sources[i] == share->source_id)
			return true;
	return false;
}

/* ---- the new job's items ------------------------------------------------- */

/* Those of the sources that something is tried again of. */
static int
retry_share(void *arg, const struct share *old)
{
	const struct retry_walk *walk = arg;
	const struct retry *retry = walk->plan->arg;
	struct share share;
	int err = 0;

	if (!is_wanted(retry, old))
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
	struct retry *retry = plan->arg;
	struct retry_walk walk = {tx, plan, job};
	struct item_filter filter = {.job_id = retry->old->id,
	    .limit = UINT32_MAX};
	int err = 0;
	size_t i;

	if (retry->rows != NULL)
		err = chosen_check(tx, retry, note);
	if (err == 0)
		err = store_shares_each(tx_store(tx), retry->old->id,
		    retry_share, &walk);
	for (i = 0; err == 0 && retry->rows != NULL && i < retry->count; i++)
		err = store_item_get(tx_store(tx), retry->rows[i], retry_row,
		    &walk);
	if (err < 0 || retry->rows != NULL)
		return err;
	if (!retry->all_items)
		filter.states = 1u << ITEM_FAILED;
	return store_items_each(tx_store(tx), &filter, retry_row, &walk);
}

/* Two jobs over a base's sources would read them twice. */
static int
retry_sources(struct write_tx *tx, struct plan *plan,
    const struct base_ref *base, struct err_note *note)
{
	const struct retry *retry = plan->arg;
	struct uuid running;

	return plan->kind == JOB_KIND_IMPORT
	    ? retry_import(tx, retry->old,
		  retry->all_items || retry->rows != NULL, note)
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

/* May it be tried again, and is there anything? */
static int
retry_check(const struct retry *retry, struct err_note *note)
{
	const struct job *old = retry->old;
	bool has_any = retry->rows != NULL ||
	    (retry->all_items ? old->counts.total : old->counts.failed) > 0;

	if (!job_state_is_final(old->state))
		return err_set(note, ERR_CONFLICT, "the job is still %s",
		    job_state_name(old->state));
	if (!has_any || old->kind == JOB_KIND_KEEP)
		return err_set(note, ERR_INVALID,
		    "there is nothing to try again");
	if (retry->rows != NULL && (old->kind == JOB_KIND_EMBED ||
	    old->kind == JOB_KIND_KEPT))
		return err_set(note, ERR_INVALID,
		    "all that failed in a job of its kind is tried again, "
		    "not single items");
	return 0;
}

static int
retry_run(struct engine *engine, struct store *reader, struct retry *retry,
    enum dialect dialect, struct job *ret_job, struct err_note *note)
{
	const struct job *old = retry->old;
	struct plan plan = {.scan = SCAN_DONE, .items = retry_items,
	    .arg = retry};
	char *source = NULL;
	int err;

	err = retry_check(retry, note);
	if (err == 0 && retry->rows != NULL)
		err = chosen_rows(retry, note);
	if (err < 0)
		return err;
	if (old->kind == JOB_KIND_EMBED)
		return base_models_retry(engine, old, dialect, ret_job, note);
	if (old->kind == JOB_KIND_KEPT)
		return kept_retry(engine, old, dialect, ret_job, note);
	err = retry_source(engine, reader, old, &source);
	if (err < 0)
		return err;
	plan.request = (struct job_request){.account_id = old->account_id,
	    .base = old->base_uuid, .dialect = dialect, .form = old->form,
	    .keeps_replaced = old->keeps_replaced};
	plan.kind = old->kind;
	plan.attempt = old->attempt + 1;
	plan.source = source;
	if (job_kind_has_shares(old->kind))
		plan.prepare = retry_sources;
	err = plan_run(engine, &plan, ret_job, note);
	mem_free(source);
	return err;
}

static int
retry_begin(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct retry *retry, enum dialect dialect,
    struct job *ret_job, struct err_note *note)
{
	struct store *reader = NULL;
	struct job old;
	int err;

	err = engine_reader(engine, &reader, note);
	if (err < 0)
		return err;
	err = engine_job_get(engine, reader, account_id, uuid, &old);
	retry->old = &old;
	err = err < 0 ? err_set(note, err, "there is no such job")
		      : retry_run(engine, reader, retry, dialect, ret_job,
			    note);
	store_close(reader);
	return err;
}

int
engine_job_retry(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, bool all_items, enum dialect dialect,
    struct job *ret_job, struct err_note *note)
{
	struct retry retry = {.all_items = all_items};

	return retry_begin(engine, account_id, uuid, &retry, dialect, ret_job,
	    note);
}

int
engine_job_retry_items(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const struct uuid *items, size_t count,
    enum dialect dialect, struct job *ret_job, struct err_note *note)
{
	struct retry retry = {.items = items, .count = count};
	int err;

	if (count == 0 || count > RETRY_ITEMS_MAX)
		return err_set(note, ERR_INVALID, "1 to %u items can be tried "
		    "again at once", RETRY_ITEMS_MAX);
	retry.rows = mem_array(count, sizeof(*retry.rows));
	retry.sources = mem_array(count, sizeof(*retry.sources));
	err = retry.rows == NULL || retry.sources == NULL
	    ? ERR_NOMEM : retry_begin(engine, account_id, uuid, &retry,
		  dialect, ret_job, note);
	mem_free(retry.sources);
	mem_free(retry.rows);
	return err;
}
