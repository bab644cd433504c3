/* SPDX-License-Identifier: Apache-2.0 */
/* Items.  The steps' times are one blob: docs/formats/store.md. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"

#define STEPS_SIZE ((STAGE_COUNT - 1) * 2 * 8)

_Static_assert(STEPS_SIZE == 96, "a stored layout: see store.md");

static void
steps_pack(const struct item *item, uint8_t out[STEPS_SIZE])
{
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		le64_put(out, (uint64_t)item->steps[i].start_us);
		le64_put(out + 8, (uint64_t)item->steps[i].end_us);
		out += 16;
	}
}

static void
steps_unpack(struct item *item, const uint8_t *in)
{
	int i;

	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		item->steps[i].start_us = (int64_t)le64_get(in);
		item->steps[i].end_us = (int64_t)le64_get(in + 8);
		in += 16;
	}
}

static int
item_of_document(struct store *store, int64_t document_id, int64_t item_id)
{
	struct q q;

	q_open(&q, store, STMT_ITEM_OF_DOCUMENT);
	q_int(&q, document_id);
	q_int(&q, item_id);
	return q_run(&q);
}

int
store_item_add(struct store *store, const struct item_row *row,
    int64_t *ret_id)
{
	const struct item *item = &row->item;
	uint8_t steps[STEPS_SIZE];
	struct q q;
	int64_t id;
	int err;

	steps_pack(item, steps);
	q_open(&q, store, STMT_ITEM_ADD);
	q_int(&q, item->job_id);
	q_int(&q, item->seq);
	q_int(&q, item->document_id);
	q_text(&q, row->uri);
	q_text(&q, row->name);
	if (row->blob != NULL)
		q_blob(&q, row->blob, HASH_SIZE);
	else
		q_text(&q, NULL);
	q_text(&q, row->metadata);
	q_int(&q, (int64_t)item->bytes);
	q_int(&q, item->mtime_us);
	q_int(&q, item->queued_us);
	q_int(&q, item->state);
	q_int(&q, item->stage);
	q_int(&q, item->attempt);
	q_int(&q, item->interruptions);
	q_int(&q, item->waiting_for);
	q_int(&q, item->due_us);
	q_int(&q, (int64_t)item->bytes_done);
	q_int(&q, item->segments_total);
	q_int(&q, item->segments_completed);
	q_int(&q, item->code);
	q_int(&q, item->error_stage);
	q_text(&q, item->message);
	q_blob(&q, steps, sizeof(steps));
	q_int(&q, item->finished_us);
	q_int(&q, item->updated_us);
	q_int(&q, item->rev);
	q_int(&q, item->parent_id);
	q_int(&q, item->root_id);
	q_int(&q, item->depth);
	q_int(&q, item->source_id);
	q_text(&q, row->etag);
	err = q_run(&q);
	if (err < 0)
		return err;
	id = sqlite3_last_insert_rowid(store->db);
	if (!row->is_aside)
		err = item_of_document(store, item->document_id, id);
	if (err == 0)
		*ret_id = id;
	return err;
}

int
store_item_save(struct store *store, const struct item *item,
    enum item_state from, uint32_t from_attempt)
{
	uint8_t steps[STEPS_SIZE];
	struct q q;
	int err;

	steps_pack(item, steps);
	q_open(&q, store, STMT_ITEM_SAVE);
	q_int(&q, item->id);
	q_int(&q, item->state);
	q_int(&q, item->stage);
	q_int(&q, item->attempt);
	q_int(&q, item->interruptions);
	q_int(&q, item->waiting_for);
	q_int(&q, item->due_us);
	q_int(&q, (int64_t)item->bytes_done);
	q_int(&q, item->segments_total);
	q_int(&q, item->segments_completed);
	q_int(&q, item->code);
	q_int(&q, item->error_stage);
	q_text(&q, item->message);
	q_blob(&q, steps, sizeof(steps));
	q_int(&q, item->finished_us);
	q_int(&q, item->updated_us);
	q_int(&q, item->rev);
	q_int(&q, from);
	q_int(&q, from_attempt);
	q_int(&q, (int64_t)item->bytes);
	q_int(&q, item->mtime_us);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_CONFLICT;
	return err;
}

static int
item_read(struct q *q, struct item *item)
{
	const uint8_t *steps;
	int err;

	item->id = q_col_int(q, 0);
	item->job_id = q_col_int(q, 1);
	item->seq = (uint32_t)q_col_int(q, 2);
	item->document_id = q_col_int(q, 3);
	item->bytes = (uint64_t)q_col_int(q, 8);
	item->mtime_us = q_col_int(q, 9);
	item->queued_us = q_col_int(q, 10);
	err = item_state_parse(q_col_int(q, 11), &item->state);
	if (err == 0)
		err = stage_parse(q_col_int(q, 12), &item->stage);
	item->attempt = (uint32_t)q_col_int(q, 13);
	item->interruptions = (uint32_t)q_col_int(q, 14);
	if (err == 0)
		err = waiting_for_parse(q_col_int(q, 15), &item->waiting_for);
	item->due_us = q_col_int(q, 16);
	item->bytes_done = (uint64_t)q_col_int(q, 17);
	item->segments_total = (uint32_t)q_col_int(q, 18);
	item->segments_completed = (uint32_t)q_col_int(q, 19);
	if (err == 0)
		err = item_code_parse(q_col_int(q, 20), &item->code);
	if (err == 0)
		err = stage_parse(q_col_int(q, 21), &item->error_stage);
	(void)snprintf(item->message, sizeof(item->message), "%s",
	    q_col_text(q, 22));
	steps = q_col_blob(q, 23, STEPS_SIZE);
	if (steps == NULL)
		return ERR_CORRUPT;
	steps_unpack(item, steps);
	item->finished_us = q_col_int(q, 24);
	item->updated_us = q_col_int(q, 25);
	item->rev = q_col_int(q, 26);
	return err;
}

struct item_walk {
	item_row_fn *fn;
	void *arg;
	bool is_found;
};

/* The columns are ITEM_COLUMNS. */
static int
item_walk_row(struct q *q, void *arg)
{
	struct item_walk *walk = arg;
	struct item_row row = {0};
	int err;

	err = item_read(q, &row.item);
	if (err == 0)
		err = q_col_uuid(q, 27, &row.job_uuid);
	if (err == 0)
		err = q_col_uuid(q, 28, &row.base_uuid);
	if (err < 0)
		return err;
	row.item.parent_id = q_col_int(q, 29);
	row.item.root_id = q_col_int(q, 30);
	row.item.depth = (uint32_t)q_col_int(q, 31);
	row.item.source_id = q_col_int(q, 32);
	row.uri = q_col_text(q, 4);
	row.name = q_col_text(q, 5);
	row.blob = q_col_blob(q, 6, HASH_SIZE);
	row.metadata = q_col_text(q, 7);
	row.etag = q_col_text(q, 33);
	walk->is_found = true;
	return walk->fn(walk->arg, &row);
}

int
items_walk(struct q *q, item_row_fn *fn, void *arg)
{
	struct item_walk walk = {fn, arg, false};

	return q_each(q, item_walk_row, &walk);
}

int
store_item_get(struct store *store, int64_t item_id, item_row_fn *fn,
    void *arg)
{
	struct item_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, STMT_ITEM_GET);
	q_int(&q, item_id);
	err = q_each(&q, item_walk_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

/* The states that an index of its own has, or shares with others. */
static enum stmt_id
items_stmt(const struct item_filter *filter)
{
	static const struct {
		uint32_t states;
		enum stmt_id stmt;
	} lists[] = {
	    {UINT32_C(1) << ITEM_QUEUED, STMT_ITEMS_QUEUED},
	    {(UINT32_C(1) << ITEM_COMPLETED) - (UINT32_C(1) << ITEM_EXTRACTING),
		STMT_ITEMS_BUSY},
	    {UINT32_C(1) << ITEM_COMPLETED, STMT_ITEMS_COMPLETED},
	    {UINT32_C(1) << ITEM_FAILED, STMT_ITEMS_FAILED},
	    {UINT32_C(1) << ITEM_SKIPPED, STMT_ITEMS_SKIPPED},
	    {UINT32_C(1) << ITEM_CANCELLED, STMT_ITEMS_CANCELLED},
	};
	size_t i;

	if (filter->states == 0 || filter->name != NULL)
		return STMT_ITEMS;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if ((filter->states & ~lists[i].states) == 0)
			return lists[i].stmt;
	return STMT_ITEMS_IN;
}

int
store_items_each(struct store *store, const struct item_filter *filter,
    item_row_fn *fn, void *arg)
{
	int64_t after = filter->after_seq, offset = filter->offset;
	enum stmt_id stmt = items_stmt(filter);
	struct q q;

	/* Without a filter a row is as far down the list as its seq says. */
	if (filter->states == 0 && filter->name == NULL) {
		after += offset;
		offset = 0;
	}
	q_open(&q, store, stmt);
	q_int(&q, filter->job_id);
	q_int(&q, after);
	q_int(&q, filter->states);
	if (stmt == STMT_ITEMS)
		q_text(&q, filter->name);
	q_int(&q, (int64_t)filter->limit);
	q_int(&q, offset);
	return items_walk(&q, fn, arg);
}

int
store_items_open(struct store *store, int64_t job_id, uint32_t after_seq,
    size_t limit, item_row_fn *fn, void *arg)
{
	struct item_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_ITEMS_OPEN);
	q_int(&q, job_id);
	q_int(&q, after_seq);
	q_int(&q, (int64_t)limit);
	return q_each(&q, item_walk_row, &walk);
}

int
store_items_of_document(struct store *store, int64_t document_id,
    size_t limit, item_row_fn *fn, void *arg)
{
	struct item_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_ITEMS_OF_DOCUMENT);
	q_int(&q, document_id);
	q_int(&q, (int64_t)limit);
	return q_each(&q, item_walk_row, &walk);
}

int
store_items_changed(struct store *store, int64_t account_id, int64_t job_id,
    int64_t after_rev, size_t limit, item_row_fn *fn, void *arg)
{
	struct item_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_ITEMS_CHANGED);
	q_int(&q, account_id);
	q_int(&q, job_id);
	q_int(&q, after_rev);
	q_int(&q, (int64_t)limit);
	return q_each(&q, item_walk_row, &walk);
}

int
store_item_members(struct store *store, int64_t job_id, int64_t root_id,
    int64_t except_parent, uint64_t *ret_count, uint64_t *ret_bytes)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ITEM_MEMBERS);
	q_int(&q, job_id);
	q_int(&q, root_id);
	q_int(&q, except_parent);
	got = q_step(&q);
	if (got > 0) {
		*ret_count = (uint64_t)q_col_int(&q, 0);
		*ret_bytes = (uint64_t)q_col_int(&q, 1);
	}
	return q_close(&q, got == 0 ? ERR_INTERNAL : got < 0 ? got : 0);
}

int
store_item_of_document(struct store *store, int64_t job_id,
    int64_t document_id, bool *ret_exists, uint8_t ret_blob[HASH_SIZE])
{
	const uint8_t *blob;
	struct q q;
	int got;

	q_open(&q, store, STMT_ITEM_OF);
	q_int(&q, job_id);
	q_int(&q, document_id);
	got = q_step(&q);
	if (got >= 0)
		*ret_exists = got > 0;
	if (got > 0 && ret_blob != NULL) {
		blob = q_col_blob(&q, 0, HASH_SIZE);
		if (blob != NULL)
			memcpy(ret_blob, blob, HASH_SIZE);
		else
			memset(ret_blob, 0, HASH_SIZE);
	}
	return q_close(&q, got < 0 ? got : 0);
}

int
store_item_unread(struct store *store, int64_t job_id, const char *uri,
    bool *ret_exists)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ITEM_UNREAD);
	q_int(&q, job_id);
	q_text(&q, uri);
	got = q_step(&q);
	if (got >= 0)
		*ret_exists = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

static int
recount_row(void *arg, const struct item_row *row)
{
	job_count(arg, NULL, &row->item);
	return 0;
}

int
store_items_recount(struct store *store, int64_t job_id, struct job *ret_job)
{
	struct item_filter filter = {.job_id = job_id, .limit = UINT32_MAX};
	struct job job;
	int err;

	memset(&job, 0, sizeof(job));
	job.id = job_id;
	err = store_items_each(store, &filter, recount_row, &job);
	if (err == 0)
		*ret_job = job;
	return err;
}
