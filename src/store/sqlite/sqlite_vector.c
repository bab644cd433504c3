/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of vectors in memory, and what changes them; see store_vector.h. */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_vector.h"

/* ---- noting -------------------------------------------------------------- */

static int
change_add(struct store *store, int64_t base_id, int64_t segment_id,
    int64_t revision_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_VECTOR_CHANGE_ADD);
	q_int(&q, base_id);
	q_int(&q, segment_id);
	q_int(&q, revision_id);
	err = q_run(&q);
	return err < 0
	    ? err
	    : stmt_run_1(store, STMT_VECTOR_CHANGE_TRIM,
		  sqlite3_last_insert_rowid(store->db) - VECTOR_CHANGES_MAX);
}

int
vectors_changed(struct store *store, int64_t base_id, int64_t segment_id)
{
	return change_add(store, base_id, segment_id, 0);
}

int
vectors_gone(struct store *store, int64_t base_id, int64_t revision_id)
{
	return change_add(store, base_id, 0, revision_id);
}

/* ---- reading ------------------------------------------------------------- */

int
vector_read(struct q *q, struct vector_kept *ret_vector)
{
	struct vector_kept vector = {.segment_id = q_col_int(q, 0),
	    .child_id = q_col_int(q, 1), .revision_id = q_col_int(q, 2),
	    .embedder_id = q_col_int(q, 4)};
	const uint8_t *value;
	uint32_t bits = 0;
	int i, len;

	value = sqlite3_column_blob(q->stmt, 3);
	len = sqlite3_column_bytes(q->stmt, 3);
	if (value == NULL || len <= 4 || len > 4 + (int)DIMENSIONS_MAX)
		return ERR_CORRUPT;
	for (i = 0; i < 4; i++)
		bits |= (uint32_t)value[i] << (8 * i);
	memcpy(&vector.scale, &bits, sizeof(vector.scale));
	vector.bytes = (const int8_t *)(value + 4);
	vector.dimensions = (size_t)(len - 4);
	*ret_vector = vector;
	return 0;
}

struct plain_walk {
	vector_fn *fn;
	void *arg;
};

static int
plain_row(struct q *q, void *arg)
{
	const struct plain_walk *walk = arg;
	struct vector_kept vector;
	int err;

	err = vector_read(q, &vector);
	return err < 0 ? err : walk->fn(walk->arg, &vector);
}

static int
plain_run(struct store *store, enum stmt_id id, int64_t base_id,
    int64_t segment_id, struct plain_walk *walk)
{
	struct q q;

	q_open(&q, store, id);
	q_int(&q, base_id);
	q_int(&q, segment_id);
	return q_each(&q, plain_row, walk);
}

int
store_vectors_after(struct store *store, int64_t base_id, int64_t after_id,
    vector_fn *fn, void *arg)
{
	struct plain_walk walk = {fn, arg};
	int err;

	err = plain_run(store, STMT_VECTORS_AFTER, base_id, after_id, &walk);
	return err != 0 ? err
			: plain_run(store, STMT_CHILD_VECTORS_AFTER, base_id,
			      after_id, &walk);
}

int
store_vectors_now(struct store *store, int64_t base_id, int64_t segment_id,
    vector_fn *fn, void *arg)
{
	struct plain_walk walk = {fn, arg};
	int err;

	err = plain_run(store, STMT_VECTOR_OF, base_id, segment_id, &walk);
	return err != 0 ? err
			: plain_run(store, STMT_CHILD_VECTORS_OF, base_id,
			      segment_id, &walk);
}

struct change_walk {
	vector_change_fn *fn;
	void *arg;
};

static int
change_row(struct q *q, void *arg)
{
	const struct change_walk *walk = arg;
	struct vector_change change = {.segment_id = q_col_int(q, 0),
	    .revision_id = q_col_int(q, 1)};

	return walk->fn(walk->arg, &change);
}

int
store_vector_changes(struct store *store, int64_t base_id, int64_t after_id,
    vector_change_fn *fn, void *arg)
{
	struct change_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_VECTOR_CHANGES);
	q_int(&q, base_id);
	q_int(&q, after_id);
	return q_each(&q, change_row, &walk);
}

int
store_vector_change_last(struct store *store, int64_t *ret_id)
{
	struct q q;
	int64_t id = 0;
	int got;

	q_open(&q, store, STMT_VECTOR_CHANGE_LAST);
	got = q_step(&q);
	if (got > 0)
		id = q_col_int(&q, 0);
	got = q_close(&q, got < 0 ? got : 0);
	if (got == 0)
		*ret_id = id;
	return got;
}

/* ---- what is not found --------------------------------------------------- */

struct hidden_walk {
	revision_id_fn *fn;
	void *arg;
};

static int
hidden_row(struct q *q, void *arg)
{
	const struct hidden_walk *walk = arg;

	return walk->fn(walk->arg, q_col_int(q, 0));
}

/* Of all bases what is being built or dead, of this one what is switched off,
 * or replaced and kept. */
int
store_revisions_hidden(struct store *store, int64_t base_id,
    revision_id_fn *fn, void *arg)
{
	struct hidden_walk walk = {fn, arg};
	struct q q;
	int err;

	q_open(&q, store, STMT_REVISIONS_HIDDEN);
	err = q_each(&q, hidden_row, &walk);
	if (err == 0) {
		q_open(&q, store, STMT_REVISIONS_OFF);
		q_int(&q, base_id);
		err = q_each(&q, hidden_row, &walk);
	}
	if (err == 0) {
		q_open(&q, store, STMT_REVISIONS_KEPT);
		q_int(&q, base_id);
		err = q_each(&q, hidden_row, &walk);
	}
	return err;
}
