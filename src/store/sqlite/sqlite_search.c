/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading vectors, and the audit of an index.
 *
 * Revisions that are not live are few at any time, or as many as were replaced
 * within the hours that they are kept, so a scan holds their ids in memory and
 * leaves their vectors out, instead of joining row by row.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_copy.h"
#include "store/store_vector.h"

struct hidden {
	int64_t *ids; /* ascending */
	size_t count, size;
};

static int
hidden_put(void *arg, int64_t revision_id)
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
	hidden->ids[hidden->count++] = revision_id;
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
	struct vector_kept vector;
	int err;

	err = vector_read(q, &vector);
	if (err < 0)
		return err;
	if (walk->hidden.count > 0 &&
	    bsearch(&vector.revision_id, walk->hidden.ids,
		walk->hidden.count, sizeof(int64_t), id_compare) != NULL)
		return 0;
	return walk->fn(walk->arg, &vector);
}

static int
hidden_read(struct store *store, int64_t base_id, struct hidden *hidden)
{
	int err;

	err = store_revisions_hidden(store, base_id, hidden_put, hidden);
	/* They come from indexes by state. */
	if (err == 0 && hidden->count > 1)
		qsort(hidden->ids, hidden->count, sizeof(int64_t),
		    id_compare);
	return err;
}

int
store_vectors_each(struct store *store, int64_t base_id, vector_fn *fn,
    void *arg)
{
	struct vector_walk walk = {.fn = fn, .arg = arg};
	struct q q;
	int err;

	err = hidden_read(store, base_id, &walk.hidden);
	if (err == 0) {
		q_open(&q, store, STMT_VECTORS);
		q_int(&q, base_id);
		err = q_each(&q, vector_row, &walk);
	}
	if (err == 0) {
		q_open(&q, store, STMT_CHILD_VECTORS);
		q_int(&q, base_id);
		err = q_each(&q, vector_row, &walk);
	}
	mem_free(walk.hidden.ids);
	return err;
}

int
store_vectors_of(struct store *store, int64_t base_id, int64_t segment_id,
    vector_fn *fn, void *arg)
{
	struct vector_walk walk = {.fn = fn, .arg = arg};
	struct q q;

	q_open(&q, store, STMT_CHILD_VECTORS_OF);
	q_int(&q, base_id);
	q_int(&q, segment_id);
	return q_each(&q, vector_row, &walk);
}

int
store_vector_of(struct store *store, int64_t base_id, int64_t segment_id,
    int64_t child_id, vector_fn *fn, void *arg)
{
	struct vector_walk walk = {.fn = fn, .arg = arg};
	struct q q;

	q_open(&q, store, child_id == 0 ? STMT_VECTOR_OF
					: STMT_CHILD_VECTOR_OF);
	q_int(&q, base_id);
	q_int(&q, segment_id);
	if (child_id != 0)
		q_int(&q, child_id);
	return q_each(&q, vector_row, &walk);
}

/* ---- what made them ----------------------------------------------------- */

int
store_embedder(struct store *store, const char *name, int64_t *ret_id,
    size_t *ret_dimensions)
{
	int64_t id = 0, dimensions = 0;
	struct q q;
	int got;

	q_open(&q, store, STMT_EMBEDDER_ADD);
	q_text(&q, name);
	got = q_run(&q);
	if (got < 0)
		return got;
	q_open(&q, store, STMT_EMBEDDER_FIND);
	q_text(&q, name);
	got = q_step(&q);
	if (got > 0) {
		id = q_col_int(&q, 0);
		dimensions = q_col_int(&q, 1);
	}
	got = q_close(&q, got);
	if (got < 0)
		return got;
	if (got == 0 || dimensions < 0 || dimensions > DIMENSIONS_MAX)
		return ERR_CORRUPT;
	*ret_id = id;
	*ret_dimensions = (size_t)dimensions;
	return 0;
}

int
store_embedder_get(struct store *store, int64_t id, char *name, size_t size,
    size_t *ret_dimensions)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_EMBEDDER_GET);
	q_int(&q, id);
	got = q_step(&q);
	if (got > 0) {
		(void)snprintf(name, size, "%s", q_col_text(&q, 0));
		*ret_dimensions = (size_t)q_col_int(&q, 1);
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_embedder_learn(struct store *store, int64_t id, size_t dimensions)
{
	return stmt_run_2(store, STMT_EMBEDDER_LEARN, id,
	    (int64_t)dimensions);
}

/* ---- the audit ---------------------------------------------------------- */

#define NUMBERS_MAX 3

/* The one row of a statement over a base. */
static int
numbers_of(struct store *store, enum stmt_id id, int64_t base_id, int count,
    uint64_t *ret_numbers)
{
	struct q q;
	int i, got;

	q_open(&q, store, id);
	q_int(&q, base_id);
	got = q_step(&q);
	for (i = 0; got > 0 && i < count; i++)
		ret_numbers[i] = (uint64_t)q_col_int(&q, i);
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

int
store_audit_base(struct store *store, int64_t base_id,
    struct index_totals *ret_totals)
{
	uint64_t documents[NUMBERS_MAX], segments[NUMBERS_MAX];
	uint64_t own, childrens, kept[NUMBERS_MAX], strays;
	struct index_totals t;
	int err;

	err = numbers_of(store, STMT_AUDIT_DOCUMENTS, base_id, 3, documents);
	if (err == 0)
		err = numbers_of(store, STMT_AUDIT_SEGMENTS, base_id, 3,
		    segments);
	if (err == 0)
		err = numbers_of(store, STMT_AUDIT_VECTORS, base_id, 1, &own);
	if (err == 0)
		err = numbers_of(store, STMT_AUDIT_CHILD_VECTORS, base_id, 1,
		    &childrens);
	if (err == 0)
		err = numbers_of(store, STMT_AUDIT_KEPT, base_id, 2, kept);
	if (err == 0)
		err = numbers_of(store, STMT_AUDIT_GRAPH, base_id, 1,
		    &strays);
	if (err == 0)
		err = index_count(store, base_id, &t.postings);
	if (err < 0)
		return err;
	t.documents = documents[0];
	t.promised = documents[1];
	t.characters = documents[2];
	t.segments = segments[0];
	t.promised_postings = segments[1];
	t.promised_vectors = segments[2];
	t.vectors = own + childrens;
	t.kept = kept[0];
	t.promised_kept = kept[1];
	t.graph_strays = strays;
	*ret_totals = t;
	return 0;
}
