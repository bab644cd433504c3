/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: the rows that live revisions hang on. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"

static int
document_id(struct store *store, int64_t base_id, const char *uri,
    int64_t *ret_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_DOCUMENT_ID);
	q_int(&q, base_id);
	q_text(&q, uri);
	got = q_step(&q);
	if (got > 0)
		*ret_id = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

/* Not one statement with ON CONFLICT and RETURNING: SQLite opens a statement
 * journal for that. */
int
store_document_put(struct store *store, int64_t base_id, const char *uri,
    const char *name, const char *metadata, int64_t seen_job,
    int64_t parent_id, int64_t now_us, int64_t *ret_id)
{
	struct q q;
	int64_t id = 0;
	bool is_new;
	int err;

	err = document_id(store, base_id, uri, &id);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	is_new = err == ERR_NOT_FOUND;
	if (is_new) {
		err = stmt_run_1(store, STMT_BASE_POSITION, base_id);
		if (err < 0)
			return err;
	}
	q_open(&q, store, is_new ? STMT_DOCUMENT_ADD : STMT_DOCUMENT_SEEN);
	q_int(&q, is_new ? base_id : id);
	if (is_new)
		q_text(&q, uri);
	q_text(&q, name);
	q_text(&q, metadata);
	q_int(&q, seen_job);
	q_int(&q, parent_id);
	if (is_new)
		q_int(&q, now_us);
	err = q_run(&q);
	if (is_new)
		id = sqlite3_last_insert_rowid(store->db);
	if (err == 0)
		*ret_id = id;
	return err;
}

struct document_walk {
	document_fn *fn;
	void *arg;
	bool is_found;
};

/* The columns are DOCUMENT_COLUMNS. */
static int
document_row(struct q *q, void *arg)
{
	struct document_walk *walk = arg;
	struct document d = {0};
	const uint8_t *hash;
	int err;

	d.id = q_col_int(q, 0);
	d.base_id = q_col_int(q, 1);
	err = q_col_uuid(q, 2, &d.base_uuid);
	d.uri = q_col_text(q, 3);
	d.name = q_col_text(q, 4);
	d.metadata = q_col_text(q, 5);
	d.bytes = (uint64_t)q_col_int(q, 6);
	d.mtime_us = q_col_int(q, 7);
	d.revision_id = q_col_int(q, 8);
	hash = q_col_blob(q, 9, HASH_SIZE);
	if (hash != NULL)
		memcpy(d.hash, hash, HASH_SIZE);
	else if (d.revision_id != 0 &&
	    (uint64_t)q_col_int(q, 25) != RULE_EDITED)
		return ERR_CORRUPT;
	d.segments = (uint32_t)q_col_int(q, 10);
	d.characters = (uint64_t)q_col_int(q, 11);
	d.title = q_col_text(q, 12);
	d.media_type = q_col_text(q, 13);
	d.language = q_col_text(q, 14);
	d.keyphrases = q_col_text(q, 15);
	d.summary = q_col_text(q, 16);
	d.pages = (uint32_t)q_col_int(q, 17);
	d.created_us = q_col_int(q, 18);
	d.updated_us = q_col_int(q, 19);
	d.indexed_us = q_col_int(q, 20);
	d.item_id = q_col_int(q, 21);
	d.item_state = ITEM_QUEUED;
	if (err == 0 && sqlite3_column_type(q->stmt, 22) != SQLITE_NULL) {
		err = item_state_parse(q_col_int(q, 22), &d.item_state);
		if (err == 0)
			err = item_code_parse(q_col_int(q, 23), &d.item_code);
		if (err == 0)
			err = stage_parse(q_col_int(q, 27), &d.item_stage);
	} else {
		d.item_id = 0; /* its job went with its base's history */
	}
	if (err < 0)
		return err;
	d.seen_job = q_col_int(q, 24);
	d.rule = (uint64_t)q_col_int(q, 25);
	d.parent_id = q_col_int(q, 26);
	d.settings = q_col_text(q, 28);
	d.position = (uint32_t)q_col_int(q, 29);
	d.disabled_us = q_col_int(q, 30);
	d.disabled_by = q_col_text(q, 31);
	d.is_archived = q_col_int(q, 32) != 0;
	d.is_paused = q_col_int(q, 33) != 0;
	d.has_vectors = q_col_int(q, 34) != 0;
	d.source_id = q_col_int(q, 35);
	d.etag = q_col_text(q, 36);
	d.own_metadata = q_col_text(q, 37);
	d.held_us = q_col_int(q, 38);
	walk->is_found = true;
	return walk->fn(walk->arg, &d);
}

int
document_rows(struct q *q, document_fn *fn, void *arg)
{
	struct document_walk walk = {fn, arg, false};

	return q_each(q, document_row, &walk);
}

static int
document_one(struct q *q, document_fn *fn, void *arg)
{
	struct document_walk walk = {fn, arg, false};
	int err;

	err = q_each(q, document_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

int
store_document_find(struct store *store, int64_t base_id, const char *uri,
    document_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_DOCUMENT_FIND);
	q_int(&q, base_id);
	q_text(&q, uri);
	return document_one(&q, fn, arg);
}

int
store_document_get(struct store *store, int64_t document_id, document_fn *fn,
    void *arg)
{
	struct q q;

	q_open(&q, store, STMT_DOCUMENT_GET);
	q_int(&q, document_id);
	return document_one(&q, fn, arg);
}

int
store_documents_each(struct store *store,
    const struct document_filter *filter, document_fn *fn, void *arg)
{
	static const enum stmt_id ids[2][2] = {
	    {STMT_DOCUMENTS, STMT_DOCUMENTS_DOWN},
	    {STMT_DOCUMENTS_INSIDE, STMT_DOCUMENTS_INSIDE_DOWN}};
	struct document_walk walk = {fn, arg, false};
	int64_t after_id = filter->after_id;
	struct q q;

	if (filter->is_newest_first && after_id == 0)
		after_id = INT64_MAX;
	q_open(&q, store,
	    ids[filter->parent_id > 0][filter->is_newest_first]);
	q_int(&q, filter->base_id);
	q_int(&q, after_id);
	q_int(&q, filter->states);
	q_text(&q, filter->name);
	q_int(&q, (int64_t)filter->limit);
	q_int(&q, filter->parent_id);
	return q_each(&q, document_row, &walk);
}

int
store_documents_unseen(struct store *store, int64_t base_id,
    const char *prefix, int64_t seen_job, int64_t after_id, size_t limit,
    document_fn *fn, void *arg)
{
	struct document_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_DOCUMENTS_UNSEEN);
	q_int(&q, base_id);
	q_int(&q, after_id);
	q_int(&q, seen_job);
	q_text(&q, prefix);
	q_int(&q, (int64_t)limit);
	return q_each(&q, document_row, &walk);
}

struct id_list {
	int64_t *ids;
	size_t count, size;
};

static int
id_row(struct q *q, void *arg)
{
	struct id_list *list = arg;

	if (list->count < list->size)
		list->ids[list->count++] = q_col_int(q, 0);
	return 0;
}

int
store_document_members(struct store *store, int64_t document_id,
    int64_t except_job, int64_t *ids, size_t size, size_t *ret_count)
{
	struct id_list list = {.ids = ids, .size = size};
	struct q q;
	int err;

	q_open(&q, store, STMT_DOCUMENT_MEMBERS);
	q_int(&q, document_id);
	q_int(&q, except_job);
	q_int(&q, (int64_t)size);
	err = q_each(&q, id_row, &list);
	if (err == 0)
		*ret_count = list.count;
	return err;
}

int
store_documents_last(struct store *store, int64_t base_id, int64_t before_id,
    int64_t *ids, size_t size, size_t *ret_count)
{
	struct id_list list = {.ids = ids, .size = size};
	struct q q;
	int err;

	q_open(&q, store, STMT_DOCUMENTS_LAST);
	q_int(&q, base_id);
	q_int(&q, before_id);
	q_int(&q, (int64_t)size);
	err = q_each(&q, id_row, &list);
	if (err == 0)
		*ret_count = list.count;
	return err;
}

int
store_document_has_ended(struct store *store, int64_t document_id,
    uint32_t codes, bool *ret_has)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_DOCUMENT_ENDED);
	q_int(&q, document_id);
	q_int(&q, codes);
	got = q_step(&q);
	if (got >= 0)
		*ret_has = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_document_by_hash(struct store *store, int64_t base_id,
    const uint8_t hash[HASH_SIZE], int64_t except_id, int64_t *ret_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_DOCUMENT_BY_HASH);
	q_int(&q, base_id);
	q_blob(&q, hash, HASH_SIZE);
	q_int(&q, except_id);
	got = q_step(&q);
	if (got > 0)
		*ret_id = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_document_touch(struct store *store, int64_t document_id, uint64_t bytes,
    int64_t mtime_us, int64_t seen_job)
{
	struct q q;

	q_open(&q, store, STMT_DOCUMENT_TOUCH);
	q_int(&q, document_id);
	q_int(&q, (int64_t)bytes);
	q_int(&q, mtime_us);
	q_int(&q, seen_job);
	return q_run(&q);
}

int
store_document_retag(struct store *store, int64_t document_id,
    int64_t item_id)
{
	return stmt_run_2(store, STMT_DOCUMENT_RETAG, document_id, item_id);
}

int
store_document_unread(struct store *store, int64_t document_id,
    uint64_t rule)
{
	return stmt_run_2(store, STMT_DOCUMENT_UNREAD, document_id,
	    (int64_t)rule);
}

int
store_document_last(struct store *store, int64_t document_id,
    struct document_last *ret_last)
{
	struct document_last last;
	struct q q;
	int got, err;

	q_open(&q, store, STMT_DOCUMENT_LAST);
	q_int(&q, document_id);
	got = q_step(&q);
	err = got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0;
	if (err == 0) {
		last.unread_rule = (uint64_t)q_col_int(&q, 0);
		err = item_code_parse(q_col_int(&q, 1), &last.code);
		last.bytes = (uint64_t)q_col_int(&q, 2);
		last.mtime_us = q_col_int(&q, 3);
		(void)snprintf(last.etag, sizeof(last.etag), "%s",
		    q_col_text(&q, 4));
		(void)snprintf(last.message, sizeof(last.message), "%s",
		    q_col_text(&q, 5));
	}
	if (err == 0)
		*ret_last = last;
	return q_close(&q, err);
}

int
store_document_origin(struct store *store, int64_t document_id,
    int64_t source_id)
{
	return stmt_run_2(store, STMT_DOCUMENT_ORIGIN, document_id, source_id);
}

int
store_documents_page(struct store *store, const struct document_page *page,
    document_fn *fn, void *arg)
{
	struct document_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, page->standings == 0
		? STMT_DOCUMENTS_PAGE
		: STMT_DOCUMENTS_PAGE_STANDING);
	q_int(&q, page->base_id);
	q_text(&q, page->name);
	q_int(&q, page->standings);
	q_int(&q, (int64_t)page->offset);
	q_int(&q, (int64_t)page->limit);
	return q_each(&q, document_row, &walk);
}

int
store_documents_span(struct store *store, const struct document_span *span,
    document_fn *fn, void *arg)
{
	struct document_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_DOCUMENTS_SPAN);
	q_int(&q, span->base_id);
	q_int(&q, span->only_indexed);
	q_int(&q, (int64_t)span->offset);
	q_int(&q, (int64_t)span->limit);
	return q_each(&q, document_row, &walk);
}

static int
number_one(struct q *q, uint64_t *ret_number)
{
	int got;

	got = q_step(q);
	if (got > 0)
		*ret_number = (uint64_t)q_col_int(q, 0);
	return q_close(q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_documents_count(struct store *store, const struct document_page *page,
    uint64_t *ret_count)
{
	struct q q;

	q_open(&q, store, page->standings == 0
		? STMT_DOCUMENTS_COUNT
		: STMT_DOCUMENTS_COUNT_STANDING);
	q_int(&q, page->base_id);
	q_text(&q, page->name);
	if (page->standings != 0)
		q_int(&q, page->standings);
	return number_one(&q, ret_count);
}

int
store_document_by_name(struct store *store, int64_t base_id, const char *name,
    document_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_DOCUMENT_BY_NAME);
	q_int(&q, base_id);
	q_text(&q, name);
	return document_one(&q, fn, arg);
}

int
store_document_totals(struct store *store, int64_t base_id,
    struct document_totals *ret_totals)
{
	struct document_page page = {.base_id = base_id};
	struct document_totals totals;
	struct q q;
	int err;

	q_open(&q, store, STMT_BASE_CHARACTERS);
	q_int(&q, base_id);
	err = number_one(&q, &totals.characters);
	if (err == 0)
		err = store_documents_count(store, &page, &totals.documents);
	page.standings = 1u << DOCUMENT_AVAILABLE;
	if (err == 0)
		err = store_documents_count(store, &page, &totals.available);
	if (err == 0)
		*ret_totals = totals;
	return err;
}

/* Its postings and vectors stay where they are: queries leave them out. */
static int
revision_switch(struct store *store, int64_t revision_id, bool is_off)
{
	return stmt_run_2(store, STMT_REVISION_SWITCH, revision_id,
	    is_off ? REVISION_OFF : REVISION_LIVE);
}

int
store_document_change(struct store *store, int64_t document_id,
    const struct document_change *change, int64_t now_us)
{
	struct document_live live;
	struct q q;
	int err;

	err = document_live(store, document_id, &live);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_DOCUMENT_CHANGE);
	q_int(&q, document_id);
	q_text(&q, change->name);
	q_text(&q, change->metadata);
	q_text(&q, change->settings);
	q_int(&q, change->disabled_us);
	q_text(&q, change->disabled_by);
	q_int(&q, change->is_archived);
	q_int(&q, now_us);
	err = q_run(&q);
	if (err == 0 && live.revision_id != 0)
		err = revision_switch(store, live.revision_id,
		    change->disabled_us != 0 || change->is_archived);
	/* Name and metadata are part of what queries answer, too. */
	if (err == 0)
		err = base_grow(store, live.base_id, 0, 0, 0);
	return err;
}
