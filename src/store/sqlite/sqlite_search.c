/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading vectors, and the audit of an index.
 *
 * Revisions that are not live are few at any time, so a scan holds their ids
 * in memory and leaves their vectors out, instead of joining row by row.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"

struct hidden {
	int64_t *ids; /* ascending */
	size_t count, size;
};

static int
hidden_row(struct q *q, void *arg)
{
	struct hidden *hidden = arg;
	int64_t *ids;
	size_t size;

	if (hidden->count == hidden->size) {
		size = hidden->size == 0 ? 64 : hidden->size * 2;
		ids = mem_resize(hidden->ids, size, sizeof(*ids));
		if (ids == NULL)
			return ERR_NOMEM;
		hidden->ids = ids;
		hidden->size = size;
	}
	hidden->ids[hidden->count++] = q_col_int(q, 0);
	return 0;
}

static int
id_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

struct vector_walk {
	struct hidden hidden;
	vector_fn *fn;
	void *arg;
};

static int
vector_row(struct q *q, void *arg)
{
	struct vector_walk *walk = arg;
	int64_t revision_id = q_col_int(q, 1);
	const uint8_t *value;
	uint32_t bits = 0;
	float scale;
	int i, len;

	if (walk->hidden.count > 0 &&
	    bsearch(&revision_id, walk->hidden.ids, walk->hidden.count,
		sizeof(int64_t), id_compare) != NULL)
		return 0;
	value = sqlite3_column_blob(q->stmt, 2);
	len = sqlite3_column_bytes(q->stmt, 2);
	if (value == NULL || len <= 4 || len > 4 + (int)DIMENSIONS_MAX)
		return ERR_CORRUPT;
	for (i = 0; i < 4; i++)
		bits |= (uint32_t)value[i] << (8 * i);
	memcpy(&scale, &bits, sizeof(scale));
	return walk->fn(walk->arg, q_col_int(q, 0), 0, revision_id,
	    (const int8_t *)(value + 4), (size_t)(len - 4), scale);
}

int
store_vectors_each(struct store *store, int64_t base_id, vector_fn *fn,
    void *arg)
{
	struct vector_walk walk = {.fn = fn, .arg = arg};
	struct q q;
	int err;

	q_open(&q, store, STMT_REVISIONS_HIDDEN);
	err = q_each(&q, hidden_row, &walk.hidden);
	if (err == 0) {
		/* They come from an index by state. */
		if (walk.hidden.count > 1)
			qsort(walk.hidden.ids, walk.hidden.count,
			    sizeof(int64_t), id_compare);
		q_open(&q, store, STMT_VECTORS);
		q_int(&q, base_id);
		err = q_each(&q, vector_row, &walk);
	}
	mem_free(walk.hidden.ids);
	return err;
}

int
store_blob_is_used(struct store *store, const uint8_t hash[HASH_SIZE],
    bool *ret_is_used)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_BLOB_IS_USED);
	q_blob(&q, hash, HASH_SIZE);
	got = q_step(&q);
	if (got >= 0)
		*ret_is_used = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

static int
count_of(struct store *store, enum stmt_id id, int64_t base_id,
    uint64_t *ret_count, uint64_t *ret_sum)
{
	struct q q;
	int got;

	q_open(&q, store, id);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0) {
		*ret_count = (uint64_t)q_col_int(&q, 0);
		if (ret_sum != NULL)
			*ret_sum = (uint64_t)q_col_int(&q, 1);
	}
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

int
store_audit_base(struct store *store, int64_t base_id,
    struct index_totals *ret_totals)
{
	struct index_totals t = {0};
	int err;

	err = count_of(store, STMT_AUDIT_DOCUMENTS, base_id, &t.documents,
	    &t.promised);
	if (err == 0)
		err = count_of(store, STMT_AUDIT_SEGMENTS, base_id,
		    &t.segments, NULL);
	if (err == 0)
		err = count_of(store, STMT_AUDIT_VECTORS, base_id, &t.vectors,
		    NULL);
	if (err == 0)
		err = fts_count(store, base_id, &t.postings);
	if (err == 0)
		*ret_totals = t;
	return err;
}
