/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: which are used, and those of few bytes, which lie in here. */
#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "store/sqlite/sqlite_int.h"

static int
hash_exists(struct store *store, enum stmt_id id,
    const uint8_t hash[HASH_SIZE], bool *ret_exists)
{
	struct q q;
	int got;

	q_open(&q, store, id);
	q_blob(&q, hash, HASH_SIZE);
	got = q_step(&q);
	if (got >= 0)
		*ret_exists = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_blob_is_used(struct store *store, const uint8_t hash[HASH_SIZE],
    bool *ret_is_used)
{
	return hash_exists(store, STMT_BLOB_IS_USED, hash, ret_is_used);
}

int
store_small_blob_put(struct store *store, const uint8_t hash[HASH_SIZE],
    const void *bytes, size_t len)
{
	bool is_there = false;
	struct q q;
	int err;

	if (len > SMALL_BLOB_BYTES_MAX)
		return ERR_TOO_BIG;
	err = hash_exists(store, STMT_SMALL_BLOB_HAS, hash, &is_there);
	if (err < 0 || is_there)
		return err;
	q_open(&q, store, STMT_SMALL_BLOB_PUT);
	q_blob(&q, hash, HASH_SIZE);
	/* A NULL pointer would be stored as NULL. */
	q_blob(&q, len == 0 ? "" : bytes, len);
	return q_run(&q);
}

int
store_small_blob_get(struct store *store, const uint8_t hash[HASH_SIZE],
    struct buf *out)
{
	struct q q;
	int got, len;

	q_open(&q, store, STMT_SMALL_BLOB_GET);
	q_blob(&q, hash, HASH_SIZE);
	got = q_step(&q);
	if (got == 0)
		got = ERR_NOT_FOUND;
	if (got > 0) {
		len = sqlite3_column_bytes(q.stmt, 0);
		got = len == 0 ? 0
			       : buf_put(out, sqlite3_column_blob(q.stmt, 0),
				     (size_t)len);
	}
	return q_close(&q, got);
}

struct look {
	struct store *store;
	enum stmt_id drop;
	size_t count;
	int64_t last;
};

/* Deleting the row that a walk by rowid stands on does not disturb it. */
static int
look_row(struct q *q, void *arg)
{
	struct look *look = arg;

	look->count++;
	look->last = q_col_int(q, 0);
	return q_col_int(q, 1) == 0
	    ? 0
	    : stmt_run_1(look->store, look->drop, look->last);
}

int
collect_rows(struct store *store, const struct collect *collect, size_t limit,
    int64_t *cursor, bool *ret_more)
{
	struct look look = {.store = store, .drop = collect->drop};
	struct q q;
	int err;

	ASSERT(limit > 0);
	q_open(&q, store, collect->look);
	q_int(&q, *cursor);
	q_int(&q, (int64_t)limit);
	if (collect->before_us != 0)
		q_int(&q, collect->before_us);
	err = q_each(&q, look_row, &look);
	if (err < 0)
		return err;
	*cursor = look.count == limit ? look.last : 0;
	*ret_more = look.count == limit;
	return 0;
}

int
has_rows(struct store *store, enum stmt_id id, bool *ret_have)
{
	struct q q;
	int got;

	q_open(&q, store, id);
	got = q_step(&q);
	if (got >= 0)
		*ret_have = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_small_blobs_collect(struct store *store, size_t limit, bool *ret_more)
{
	static const struct collect collect = {STMT_SMALL_BLOBS_LOOK,
	    STMT_SMALL_BLOB_DELETE, 0};

	return collect_rows(store, &collect, limit, &store->blob_looked,
	    ret_more);
}

int
store_small_blobs_have(struct store *store, bool *ret_have)
{
	return has_rows(store, STMT_SMALL_BLOBS_HAVE, ret_have);
}
