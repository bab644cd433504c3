/* SPDX-License-Identifier: Apache-2.0 */
/* Sources, and objects that were uploaded ahead of them. */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_source.h"

_Static_assert(SOURCE_UPLOAD == 1, "SOURCE_KEY says 1");

/* ---- sources ----------------------------------------------------------- */

static void
q_secret(struct q *q, const struct source *source)
{
	if (source->secret != NULL)
		q_blob(q, source->secret, source->secret_len);
	else
		q_text(q, NULL);
}

int
store_source_add(struct store *store, const struct source *source,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_SOURCE_ADD);
	q_blob(&q, source->uuid.bytes, sizeof(source->uuid.bytes));
	q_int(&q, source->base_id);
	q_int(&q, source->kind);
	q_text(&q, source->name);
	q_text(&q, source->config);
	q_secret(&q, source);
	q_text(&q, source->settings);
	q_int(&q, source->created_us);
	q_int(&q, source->updated_us);
	q_int(&q, source->job_id);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_source_save(struct store *store, const struct source *source)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_SOURCE_SAVE);
	q_int(&q, source->id);
	q_text(&q, source->name);
	q_text(&q, source->config);
	q_secret(&q, source);
	q_text(&q, source->settings);
	q_int(&q, source->updated_us);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

int
store_source_delete(struct store *store, int64_t source_id)
{
	int err;

	err = stmt_run_1(store, STMT_SOURCE_DELETE, source_id);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_NOT_FOUND;
	return err;
}

struct source_walk {
	source_fn *fn;
	void *arg;
	bool is_found;
};

/* The columns are SOURCE_COLUMNS. */
static int
source_row(struct q *q, void *arg)
{
	struct source_walk *walk = arg;
	struct source source = {0};
	int err;

	source.id = q_col_int(q, 0);
	err = q_col_uuid(q, 1, &source.uuid);
	source.base_id = q_col_int(q, 2);
	if (err == 0)
		err = q_col_uuid(q, 3, &source.base_uuid);
	if (err == 0)
		err = source_kind_parse(q_col_int(q, 4), &source.kind);
	if (err < 0)
		return err;
	source.name = q_col_text(q, 5);
	source.config = q_col_text(q, 6);
	source.secret = sqlite3_column_blob(q->stmt, 7);
	source.secret_len = (size_t)sqlite3_column_bytes(q->stmt, 7);
	source.is_forgotten = source.secret_len == 0 &&
	    sqlite3_column_type(q->stmt, 7) != SQLITE_NULL;
	source.settings = q_col_text(q, 8);
	source.created_us = q_col_int(q, 9);
	source.updated_us = q_col_int(q, 10);
	source.job_id = q_col_int(q, 11);
	walk->is_found = true;
	return walk->fn(walk->arg, &source);
}

static int
source_one(struct q *q, source_fn *fn, void *arg)
{
	struct source_walk walk = {fn, arg, false};
	int err;

	err = q_each(q, source_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

int
store_source_get(struct store *store, int64_t source_id, source_fn *fn,
    void *arg)
{
	struct q q;

	q_open(&q, store, STMT_SOURCE_GET);
	q_int(&q, source_id);
	return source_one(&q, fn, arg);
}

int
store_source_find(struct store *store, int64_t base_id,
    const struct uuid *uuid, source_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_SOURCE_FIND);
	q_int(&q, base_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	return source_one(&q, fn, arg);
}

int
store_sources_page(struct store *store, int64_t base_id, size_t offset,
    size_t limit, source_fn *fn, void *arg)
{
	struct source_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_SOURCES_PAGE);
	q_int(&q, base_id);
	q_int(&q, (int64_t)offset);
	q_int(&q, (int64_t)limit);
	return q_each(&q, source_row, &walk);
}

int
store_sources_count(struct store *store, int64_t base_id, uint64_t *ret_count)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_SOURCES_COUNT);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got < 0 ? got : 0);
}

/* ---- of a single job ---------------------------------------------------- */

int
store_source_adopt(struct store *store, int64_t source_id, int64_t job_id)
{
	return stmt_run_2(store, STMT_SOURCE_ADOPT, source_id, job_id);
}

struct forget {
	struct store *store;
	int64_t now_us;
};

/* One by one: a statement over several rows opens a journal of its own (see
 * store_document_put()). */
static int
forget_row(struct q *q, void *arg)
{
	const struct forget *forget = arg;

	return stmt_run_2(forget->store, STMT_SOURCE_FORGET, q_col_int(q, 0),
	    forget->now_us);
}

int
store_sources_forget(struct store *store, int64_t job_id, int64_t now_us)
{
	struct forget forget = {store, now_us};
	struct q q;

	q_open(&q, store, STMT_SOURCES_KEYED);
	q_int(&q, job_id);
	return q_each(&q, forget_row, &forget);
}

int
store_job_sources_collect(struct store *store, size_t limit, bool *ret_more)
{
	static const struct collect collect = {STMT_JOB_SOURCES_LOOK,
	    STMT_SOURCE_DELETE, 0};

	return collect_rows(store, &collect, limit, &store->source_looked,
	    ret_more);
}

int
store_job_sources_have(struct store *store, bool *ret_have)
{
	return has_rows(store, STMT_JOB_SOURCES_HAVE, ret_have);
}

int
store_items_found(struct store *store, int64_t job_id, uint64_t *ret_count)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ITEMS_FOUND);
	q_int(&q, job_id);
	got = q_step(&q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got < 0 ? got : 0);
}

int
store_item_tag(struct store *store, int64_t item_id, const char *etag)
{
	struct q q;

	q_open(&q, store, STMT_ITEM_TAG);
	q_int(&q, item_id);
	q_text(&q, etag);
	return q_run(&q);
}

/* ---- objects ------------------------------------------------------------ */

int
store_object_put(struct store *store, const struct object *object)
{
	struct q q;

	if (strlen(object->key) >= OBJECT_KEY_BYTES_MAX)
		return ERR_TOO_BIG;
	q_open(&q, store, STMT_OBJECT_PUT);
	q_int(&q, object->account_id);
	q_text(&q, object->key);
	q_text(&q, object->name);
	q_blob(&q, object->hash, HASH_SIZE);
	q_int(&q, (int64_t)object->bytes);
	q_int(&q, object->created_us);
	return q_run(&q);
}

struct object_walk {
	object_fn *fn;
	void *arg;
	bool is_found;
};

static int
object_row(struct q *q, void *arg)
{
	struct object_walk *walk = arg;
	struct object object = {0};
	const uint8_t *hash;

	object.account_id = q_col_int(q, 0);
	object.key = q_col_text(q, 1);
	object.name = q_col_text(q, 2);
	hash = q_col_blob(q, 3, HASH_SIZE);
	if (hash == NULL)
		return ERR_CORRUPT;
	memcpy(object.hash, hash, HASH_SIZE);
	object.bytes = (uint64_t)q_col_int(q, 4);
	object.created_us = q_col_int(q, 5);
	walk->is_found = true;
	return walk->fn(walk->arg, &object);
}

int
store_object_get(struct store *store, int64_t account_id, const char *key,
    object_fn *fn, void *arg)
{
	struct object_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, STMT_OBJECT_GET);
	q_int(&q, account_id);
	q_text(&q, key);
	err = q_each(&q, object_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

int
store_objects_collect(struct store *store, int64_t before_us, size_t limit,
    bool *ret_more)
{
	struct collect collect = {STMT_OBJECTS_LOOK, STMT_OBJECT_DELETE,
	    before_us};

	return collect_rows(store, &collect, limit, &store->object_looked,
	    ret_more);
}

int
store_objects_have(struct store *store, bool *ret_have)
{
	return has_rows(store, STMT_OBJECTS_HAVE, ret_have);
}

int
store_source_documents(struct store *store, int64_t source_id,
    int64_t unseen_job, int64_t after_id, size_t limit, document_fn *fn,
    void *arg)
{
	struct q q;

	q_open(&q, store, STMT_SOURCE_DOCUMENTS);
	q_int(&q, source_id);
	q_int(&q, unseen_job);
	q_int(&q, after_id);
	q_int(&q, (int64_t)limit);
	return document_rows(&q, fn, arg);
}
