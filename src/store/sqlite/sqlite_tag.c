/* SPDX-License-Identifier: Apache-2.0 */
/* Tags: names that an account gives to bases. */
#include <stdio.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"

int
tag_id(struct store *store, int64_t account_id, const struct uuid *uuid,
    int64_t *ret_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_TAG_ID);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	got = q_step(&q);
	if (got > 0)
		*ret_id = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_tag_add(struct store *store, int64_t account_id, const struct tag *tag,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_TAG_ADD);
	q_blob(&q, tag->uuid.bytes, sizeof(tag->uuid.bytes));
	q_int(&q, account_id);
	q_text(&q, tag->name);
	q_int(&q, tag->created_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_tag_rename(struct store *store, int64_t account_id,
    const struct uuid *uuid, const char *name)
{
	struct q q;
	int64_t id = 0;
	int err;

	err = tag_id(store, account_id, uuid, &id);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_TAG_RENAME);
	q_int(&q, id);
	q_text(&q, name);
	return q_run(&q);
}

int
store_tag_delete(struct store *store, int64_t account_id,
    const struct uuid *uuid)
{
	int64_t id = 0;
	int err;

	err = tag_id(store, account_id, uuid, &id);
	if (err == 0)
		err = stmt_run_1(store, STMT_TAG_UNBIND_ALL, id);
	if (err == 0)
		err = stmt_run_1(store, STMT_TAG_DELETE, id);
	return err;
}

struct tag_walk {
	tag_fn *fn;
	void *arg;
};

/* The columns are TAG_COLUMNS. */
static int
tag_row(struct q *q, void *arg)
{
	const struct tag_walk *walk = arg;
	struct tag tag = {0};
	int err;

	tag.id = q_col_int(q, 0);
	err = q_col_uuid(q, 1, &tag.uuid);
	if (err < 0)
		return err;
	(void)snprintf(tag.name, sizeof(tag.name), "%s", q_col_text(q, 2));
	tag.created_us = q_col_int(q, 3);
	tag.bases = (uint64_t)q_col_int(q, 4);
	return walk->fn(walk->arg, &tag);
}

int
store_tags_each(struct store *store, int64_t account_id, int64_t base_id,
    tag_fn *fn, void *arg)
{
	struct tag_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, base_id == 0 ? STMT_TAGS : STMT_TAGS_OF_BASE);
	q_int(&q, account_id);
	if (base_id != 0)
		q_int(&q, base_id);
	return q_each(&q, tag_row, &walk);
}

static int
tag_is_bound(struct store *store, int64_t base_id, int64_t id,
    bool *ret_is_bound)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_TAG_IS_BOUND);
	q_int(&q, base_id);
	q_int(&q, id);
	got = q_step(&q);
	if (got >= 0)
		*ret_is_bound = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_tag_bind(struct store *store, int64_t account_id,
    const struct uuid *tag, int64_t base_id, bool is_bound)
{
	bool is_now = false;
	int64_t id = 0;
	int err;

	err = tag_id(store, account_id, tag, &id);
	if (err == 0)
		err = tag_is_bound(store, base_id, id, &is_now);
	if (err < 0 || is_now == is_bound)
		return err;
	return stmt_run_2(store, is_bound ? STMT_TAG_BIND : STMT_TAG_UNBIND,
	    base_id, id);
}
