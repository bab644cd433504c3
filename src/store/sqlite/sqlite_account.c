/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, keys and bases. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_model.h"
#include "store/store_grant.h"

/* A row's number has at most 19 digits. */
#define PAGE_TAGS_BYTES_MAX (32 * PAGE_TAGS_MAX)

static int64_t
last_row(struct store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

int
store_account_add(struct store *store, const struct account *account,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_ACCOUNT_ADD);
	q_blob(&q, account->uuid.bytes, sizeof(account->uuid.bytes));
	q_text(&q, account->name);
	q_int(&q, account->created_us);
	q_blob(&q, account->organization.bytes,
	    sizeof(account->organization.bytes));
	q_text(&q, environment_name(account->environment));
	err = q_run(&q);
	if (err == 0)
		*ret_id = last_row(store);
	return err;
}

int
store_account_first(struct store *store, int64_t *ret_id,
    struct uuid *ret_uuid)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ACCOUNT_FIRST);
	got = q_step(&q);
	if (got > 0) {
		*ret_id = q_col_int(&q, 0);
		got = q_col_uuid(&q, 1, ret_uuid);
	} else if (got == 0) {
		got = ERR_NOT_FOUND;
	}
	return q_close(&q, got);
}

/* The row that q stands on.  The columns are ACCOUNT_COLUMNS. */
static int
account_row(struct q *q, struct account *ret_account)
{
	struct account account = {.id = q_col_int(q, 0)};
	int err;

	err = q_col_uuid(q, 1, &account.uuid);
	if (err == 0)
		err = q_col_uuid(q, 2, &account.organization);
	if (err == 0 && environment_parse(q_col_text(q, 3),
	    &account.environment) < 0)
		err = ERR_CORRUPT;
	(void)snprintf(account.name, sizeof(account.name), "%s",
	    q_col_text(q, 4));
	account.created_us = q_col_int(q, 5);
	if (err == 0)
		*ret_account = account;
	return err;
}

static int
account_one(struct q *q, struct account *ret_account)
{
	int got;

	got = q_step(q);
	if (got > 0)
		got = account_row(q, ret_account);
	else if (got == 0)
		got = ERR_NOT_FOUND;
	return q_close(q, got);
}

int
store_account_get(struct store *store, int64_t account_id,
    struct account *ret_account)
{
	struct q q;

	q_open(&q, store, STMT_ACCOUNT_GET);
	q_int(&q, account_id);
	return account_one(&q, ret_account);
}

int
store_account_find(struct store *store, const struct uuid *uuid,
    struct account *ret_account)
{
	struct q q;

	q_open(&q, store, STMT_ACCOUNT_FIND);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	return account_one(&q, ret_account);
}

int
store_account_of(struct store *store, const struct uuid *organization,
    enum environment environment, struct account *ret_account)
{
	struct q q;

	q_open(&q, store, STMT_ACCOUNT_OF);
	q_blob(&q, organization->bytes, sizeof(organization->bytes));
	q_text(&q, environment_name(environment));
	return account_one(&q, ret_account);
}

int
store_key_add(struct store *store, const struct api_key *key, int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_KEY_ADD);
	q_blob(&q, key->uuid.bytes, sizeof(key->uuid.bytes));
	q_int(&q, key->account_id);
	q_blob(&q, key->hash, sizeof(key->hash));
	q_text(&q, key->label);
	q_text(&q, key->prefix);
	q_int(&q, key->created_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = last_row(store);
	return err;
}

int
store_key_revoke(struct store *store, int64_t account_id,
    const struct uuid *uuid, int64_t now_us)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_KEY_REVOKE);
	q_int(&q, account_id);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	q_int(&q, now_us);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) == 0)
		err = ERR_NOT_FOUND;
	return err;
}

struct key_walk {
	api_key_fn *fn;
	void *arg;
};

static int
key_row(struct q *q, void *arg)
{
	const struct key_walk *walk = arg;
	struct api_key key = {0};
	const uint8_t *hash;
	int err;

	key.id = q_col_int(q, 0);
	err = q_col_uuid(q, 1, &key.uuid);
	if (err < 0)
		return err;
	key.account_id = q_col_int(q, 2);
	hash = q_col_blob(q, 3, sizeof(key.hash));
	if (hash == NULL)
		return ERR_CORRUPT;
	memcpy(key.hash, hash, sizeof(key.hash));
	(void)snprintf(key.label, sizeof(key.label), "%s", q_col_text(q, 4));
	(void)snprintf(key.prefix, sizeof(key.prefix), "%s",
	    q_col_text(q, 5));
	key.created_us = q_col_int(q, 6);
	key.revoked_us = q_col_int(q, 7);
	if (environment_parse(q_col_text(q, 8), &key.environment) < 0)
		return ERR_CORRUPT;
	return walk->fn(walk->arg, &key);
}

int
store_keys_each(struct store *store, int64_t account_id, api_key_fn *fn,
    void *arg)
{
	struct key_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_KEYS);
	q_int(&q, account_id);
	return q_each(&q, key_row, &walk);
}

int
store_base_add(struct store *store, const struct base *base, int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_BASE_ADD);
	q_blob(&q, base->uuid.bytes, sizeof(base->uuid.bytes));
	q_int(&q, base->account_id);
	q_text(&q, base->name);
	q_text(&q, base->description);
	q_text(&q, base->settings);
	q_int(&q, base->created_us);
	q_text(&q, base->embedding_model);
	q_int(&q, (int64_t)base->embedding_dimensions);
	q_int(&q, base->embedder_id);
	q_int(&q, base->wanted_id);
	err = q_run(&q);
	if (err < 0)
		return err;
	*ret_id = last_row(store);
	return 0;
}

int
store_base_save(struct store *store, const struct base *base)
{
	struct q q;

	q_open(&q, store, STMT_BASE_SAVE);
	q_int(&q, base->id);
	q_text(&q, base->name);
	q_text(&q, base->description);
	q_text(&q, base->settings);
	q_int(&q, base->updated_us);
	return q_run(&q);
}

int
store_base_delete(struct store *store, int64_t base_id)
{
	static const enum stmt_id steps[] = {
	    STMT_BASE_DELETE_MEMOS,
	    STMT_BASE_DELETE_ASKED,
	    STMT_BASE_DELETE_TAGS,
	    STMT_BASE_DELETE_GRANTS,
	    STMT_BASE_DELETE_VECTORS,
	    STMT_BASE_DELETE_CHILD_VECTORS,
	    STMT_BASE_DELETE_WASTE,
	    STMT_BASE_DELETE_CHILDREN,
	    STMT_BASE_DELETE_RELATIONS,
	    STMT_BASE_DELETE_MENTIONS,
	    STMT_BASE_DELETE_ENTITIES,
	    STMT_BASE_DELETE_SEGMENTS,
	    STMT_BASE_DELETE_REVISIONS,
	    STMT_BASE_DELETE_DOCUMENTS,
	    STMT_BASE_DELETE_ITEMS,
	    STMT_BASE_DELETE_SHARES,
	    STMT_BASE_DELETE_REPLACED,
	    STMT_BASE_DELETE_SCHEDULES,
	    STMT_BASE_DELETE_SOURCES,
	    STMT_BASE_DELETE_JOBS,
	    STMT_BASE_DELETE,
	};
	size_t i;
	int err;

	err = index_base_drop(store, base_id);
	for (i = 0; err == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = stmt_run_1(store, steps[i], base_id);
	store->is_index_changed = true;
	return err;
}

struct base_walk {
	base_fn *fn;
	void *arg;
	bool is_found;
};

static int
base_row(struct q *q, void *arg)
{
	struct base_walk *walk = arg;
	struct base base = {0};
	int err;

	base.id = q_col_int(q, 0);
	err = q_col_uuid(q, 1, &base.uuid);
	if (err < 0)
		return err;
	base.account_id = q_col_int(q, 2);
	(void)snprintf(base.name, sizeof(base.name), "%s", q_col_text(q, 3));
	base.description = q_col_text(q, 4);
	base.settings = q_col_text(q, 5);
	base.created_us = q_col_int(q, 6);
	base.updated_us = q_col_int(q, 7);
	base.documents = (uint64_t)q_col_int(q, 8);
	base.segments = (uint64_t)q_col_int(q, 9);
	base.characters = (uint64_t)q_col_int(q, 10);
	base.embedding_model = q_col_text_or_null(q, 11);
	base.embedding_dimensions = (size_t)q_col_int(q, 12);
	base.embedder_id = q_col_int(q, 13);
	base.wanted_id = q_col_int(q, 14);
	base.embedder = q_col_text(q, 15);
	base.wanted = q_col_text(q, 16);
	walk->is_found = true;
	return walk->fn(walk->arg, &base);
}

int
store_base_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, const char *name, base_fn *fn, void *arg)
{
	struct base_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, uuid != NULL ? STMT_BASE_BY_UUID : STMT_BASE_BY_NAME);
	q_int(&q, account_id);
	if (uuid != NULL)
		q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	else
		q_text(&q, name);
	err = q_each(&q, base_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

int
store_base_generation(struct store *store, int64_t base_id,
    int64_t *ret_generation)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_BASE_GENERATION);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0)
		*ret_generation = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_bases_all(struct store *store, int64_t after_id, size_t limit,
    base_fn *fn, void *arg)
{
	struct base_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_BASES_ALL);
	q_int(&q, after_id);
	q_int(&q, (int64_t)limit);
	return q_each(&q, base_row, &walk);
}

int
store_bases_each(struct store *store, int64_t account_id, int64_t after_id,
    size_t limit, base_fn *fn, void *arg)
{
	struct base_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_BASES);
	q_int(&q, account_id);
	q_int(&q, after_id);
	q_int(&q, (int64_t)limit);
	return q_each(&q, base_row, &walk);
}

/* The rows of the tags as a JSON array; a tag that is not there has no base,
 * and no row is 0. */
static int
page_tags(struct store *store, const struct base_page *page, struct buf *out)
{
	int64_t id;
	size_t i;
	int err = 0;

	if (page->tag_count > PAGE_TAGS_MAX)
		return ERR_TOO_BIG;
	(void)buf_putc(out, '[');
	for (i = 0; err == 0 && i < page->tag_count; i++) {
		id = 0;
		err = tag_id(store, page->account_id, &page->tags[i], &id);
		if (err == ERR_NOT_FOUND)
			err = 0;
		(void)buf_printf(out, "%s%lld", i == 0 ? "" : ",",
		    (long long)id);
	}
	(void)buf_putc(out, ']');
	return err < 0 ? err : out->err;
}

/* tags must stay until the statement is closed. */
static int
page_open(struct q *q, struct store *store, enum stmt_id id,
    const struct base_page *page, struct buf *tags)
{
	int err;

	err = page_tags(store, page, tags);
	if (err < 0)
		return err;
	q_open(q, store, id);
	q_int(q, page->account_id);
	q_text(q, page->name);
	q_textn(q, buf_text(tags), tags->len);
	return 0;
}

int
store_bases_page(struct store *store, const struct base_page *page,
    base_fn *fn, void *arg)
{
	struct base_walk walk = {fn, arg, false};
	struct buf tags;
	struct q q;
	int err;

	buf_init(&tags, PAGE_TAGS_BYTES_MAX);
	err = page_open(&q, store, STMT_BASES_PAGE, page, &tags);
	if (err == 0) {
		q_int(&q, (int64_t)page->offset);
		q_int(&q, (int64_t)page->limit);
		err = q_each(&q, base_row, &walk);
	}
	buf_fini(&tags);
	return err;
}

int
store_bases_count(struct store *store, const struct base_page *page,
    uint64_t *ret_count)
{
	struct buf tags;
	struct q q;
	int err, got;

	buf_init(&tags, PAGE_TAGS_BYTES_MAX);
	err = page_open(&q, store, STMT_BASES_COUNT, page, &tags);
	if (err == 0) {
		got = q_step(&q);
		if (got > 0)
			*ret_count = (uint64_t)q_col_int(&q, 0);
		err = q_close(&q, got < 0 ? got : 0);
	}
	buf_fini(&tags);
	return err;
}
