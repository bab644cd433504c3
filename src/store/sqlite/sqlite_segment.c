/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments and their children: rows, postings and vectors, and reading them.
 *
 * A segment that is on has a posting and, in a revision with vectors, either a
 * vector of its own or, when it has children, one for each of these.  One that
 * is switched off has neither; its graph stays, and readers leave it out.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"

#define VECTOR_HEAD 4 /* the scale: a little-endian IEEE 754 single */

/* ---- writing ------------------------------------------------------------ */

int
vector_write(struct store *store, const struct segment_home *home,
    int64_t segment_id, int64_t child_id, const struct vector *vector)
{
	uint8_t value[VECTOR_HEAD + DIMENSIONS_MAX];
	uint32_t bits;
	struct q q;
	int i;

	if (vector->bytes == NULL)
		return ERR_INVALID;
	ASSERT(vector->dimensions <= DIMENSIONS_MAX);
	memcpy(&bits, &vector->scale, sizeof(bits));
	for (i = 0; i < VECTOR_HEAD; i++)
		value[i] = (uint8_t)(bits >> (8 * i));
	memcpy(value + VECTOR_HEAD, vector->bytes, vector->dimensions);
	q_open(&q, store,
	    child_id == 0 ? STMT_VECTOR_ADD : STMT_CHILD_VECTOR_ADD);
	q_int(&q, home->base_id);
	q_int(&q, segment_id);
	q_int(&q, home->revision_id);
	q_blob(&q, value, VECTOR_HEAD + vector->dimensions);
	q_int(&q, vector->embedder_id);
	if (child_id != 0)
		q_int(&q, child_id);
	return q_run(&q);
}

int
child_vector_write(struct store *store, const struct segment_home *home,
    const struct child *child, size_t dimensions)
{
	const struct vector vector = {child->vector, dimensions,
	    child->scale, child->embedder_id};

	return vector_write(store, home, child->segment_id, child->id,
	    &vector);
}

int
child_write(struct store *store, const struct child *child, int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_CHILD_ADD);
	q_int(&q, child->segment_id);
	q_int(&q, child->ordinal);
	q_int(&q, child->chars);
	q_int(&q, child->is_custom);
	q_textn(&q, child->text, child->text_len);
	q_int(&q, child->created_us);
	q_int(&q, child->updated_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
children_write(struct store *store, const struct segment_home *home,
    int64_t segment_id, const struct segment *segment)
{
	struct child child;
	size_t i;
	int err = 0;

	if (segment->child_count > CHILDREN_MAX)
		return ERR_TOO_BIG;
	for (i = 0; err == 0 && i < segment->child_count; i++) {
		child = segment->children[i];
		child.segment_id = segment_id;
		child.ordinal = (uint32_t)i;
		child.embedder_id = segment->embedder_id;
		err = child_write(store, &child, &child.id);
		if (err == 0 && home->has_vectors && segment->disabled_us == 0)
			err = child_vector_write(store, home, &child,
			    segment->dimensions);
	}
	return err;
}

int
segment_index(struct store *store, const struct segment_home *home,
    const struct posted *posted, const struct segment *segment,
    bool has_children)
{
	const struct posting posting = {home->base_id, posted->segment_id,
	    posted->stamp, segment->section, segment->text, segment->text_len,
	    segment->keywords, home->stems};
	const struct vector vector = {segment->vector, segment->dimensions,
	    segment->scale, segment->embedder_id};
	int err;

	if (segment->disabled_us != 0)
		return 0;
	err = index_add(store, &posting);
	if (err == 0 && home->has_vectors && !has_children)
		err = vector_write(store, home, posted->segment_id, 0,
		    &vector);
	return err;
}

int
segment_write(struct store *store, const struct segment_home *home,
    const struct segment *segment, int64_t *ret_id)
{
	struct posted posted = {.stamp = 0};
	struct q q;
	int64_t id;
	int err;

	q_open(&q, store, STMT_SEGMENT_ADD);
	q_int(&q, home->revision_id);
	q_int(&q, segment->ordinal);
	q_int(&q, segment->page_start);
	q_int(&q, segment->page_end);
	q_int(&q, segment->chars);
	q_text(&q, segment->section);
	q_textn(&q, segment->text, segment->text_len);
	q_text(&q, segment->answer);
	q_text(&q, segment->keywords);
	q_int(&q, segment->disabled_us);
	q_text(&q, segment->disabled_by);
	q_int(&q, segment->created_us);
	q_int(&q, segment->updated_us);
	err = q_run(&q);
	if (err < 0)
		return err;
	id = sqlite3_last_insert_rowid(store->db);
	posted.segment_id = id;
	err = segment_index(store, home, &posted, segment,
	    segment->child_count > 0);
	if (err == 0)
		err = children_write(store, home, id, segment);
	if (err == 0 && segment->graph != NULL)
		err = graph_write(store, home->base_id, id, segment->graph);
	if (err == 0)
		*ret_id = id;
	return err;
}

int
segment_vectors_delete(struct store *store, int64_t base_id,
    int64_t segment_id)
{
	int err;

	err = stmt_run_2(store, STMT_VECTOR_DELETE, base_id, segment_id);
	return err < 0
	    ? err
	    : stmt_run_2(store, STMT_CHILD_VECTORS_DELETE, base_id,
		  segment_id);
}

int
segment_erase(struct store *store, int64_t base_id, int64_t segment_id)
{
	int err;

	err = segment_vectors_delete(store, base_id, segment_id);
	if (err == 0)
		err = stmt_run_1(store, STMT_CHILDREN_DELETE, segment_id);
	if (err == 0)
		err = graph_erase(store, segment_id);
	if (err == 0)
		err = stmt_run_1(store, STMT_SEGMENT_DELETE, segment_id);
	return err;
}

/* ---- reading segments --------------------------------------------------- */

struct segment_walk {
	segment_fn *fn;
	void *arg;
	bool is_found;
};

/* The columns are SEGMENT_COLUMNS. */
static int
segment_row(struct q *q, void *arg)
{
	struct segment_walk *walk = arg;
	struct segment s = {0};

	s.id = q_col_int(q, 0);
	s.revision_id = q_col_int(q, 1);
	s.document_id = q_col_int(q, 2);
	s.ordinal = (uint32_t)q_col_int(q, 3);
	s.page_start = (uint32_t)q_col_int(q, 4);
	s.page_end = (uint32_t)q_col_int(q, 5);
	s.chars = (uint32_t)q_col_int(q, 6);
	s.section = q_col_text(q, 7);
	s.text = q_col_text(q, 8);
	s.text_len = (size_t)sqlite3_column_bytes(q->stmt, 8);
	s.answer = q_col_text_or_null(q, 9);
	s.keywords = q_col_text_or_null(q, 10);
	s.disabled_us = q_col_int(q, 11);
	s.disabled_by = q_col_text(q, 12);
	s.created_us = q_col_int(q, 13);
	s.updated_us = q_col_int(q, 14);
	walk->is_found = true;
	return walk->fn(walk->arg, &s);
}

int
store_segments_each(struct store *store, int64_t document_id, uint32_t first,
    size_t limit, segment_fn *fn, void *arg)
{
	struct segment_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_SEGMENTS);
	q_int(&q, document_id);
	q_int(&q, first);
	q_int(&q, (int64_t)limit);
	return q_each(&q, segment_row, &walk);
}

int
store_segment_get(struct store *store, int64_t segment_id, segment_fn *fn,
    void *arg)
{
	struct segment_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, STMT_SEGMENT_GET);
	q_int(&q, segment_id);
	err = q_each(&q, segment_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}

static void
segment_page_open(struct q *q, struct store *store, enum stmt_id id,
    const struct segment_page *page)
{
	q_open(q, store, id);
	q_int(q, page->document_id);
	q_text(q, page->text);
	q_int(q, page->switched);
}

int
store_segments_page(struct store *store, const struct segment_page *page,
    segment_fn *fn, void *arg)
{
	struct segment_walk walk = {fn, arg, false};
	struct q q;

	segment_page_open(&q, store, STMT_SEGMENTS_PAGE, page);
	q_int(&q, (int64_t)page->offset);
	q_int(&q, (int64_t)page->limit);
	return q_each(&q, segment_row, &walk);
}

static int
count_one(struct q *q, uint64_t *ret_count)
{
	int got;

	got = q_step(q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(q, 0);
	return q_close(q, got < 0 ? got : 0);
}

int
store_segments_count(struct store *store, const struct segment_page *page,
    uint64_t *ret_count)
{
	struct q q;

	segment_page_open(&q, store, STMT_SEGMENTS_COUNT, page);
	return count_one(&q, ret_count);
}

/* ---- reading children --------------------------------------------------- */

struct child_walk {
	child_fn *fn;
	void *arg;
	bool is_found;
};

/* The columns are CHILD_COLUMNS. */
static int
child_row(struct q *q, void *arg)
{
	struct child_walk *walk = arg;
	struct child c = {0};

	c.id = q_col_int(q, 0);
	c.segment_id = q_col_int(q, 1);
	c.ordinal = (uint32_t)q_col_int(q, 2);
	c.chars = (uint32_t)q_col_int(q, 3);
	c.is_custom = q_col_int(q, 4) != 0;
	c.text = q_col_text(q, 5);
	c.text_len = (size_t)sqlite3_column_bytes(q->stmt, 5);
	c.created_us = q_col_int(q, 6);
	c.updated_us = q_col_int(q, 7);
	walk->is_found = true;
	return walk->fn(walk->arg, &c);
}

int
store_children_page(struct store *store, int64_t segment_id, const char *text,
    size_t offset, size_t limit, child_fn *fn, void *arg)
{
	struct child_walk walk = {fn, arg, false};
	struct q q;

	q_open(&q, store, STMT_CHILDREN_PAGE);
	q_int(&q, segment_id);
	q_text(&q, text);
	q_int(&q, (int64_t)offset);
	q_int(&q, (int64_t)limit);
	return q_each(&q, child_row, &walk);
}

int
store_children_count(struct store *store, int64_t segment_id,
    const char *text, uint64_t *ret_count)
{
	struct q q;

	q_open(&q, store, STMT_CHILDREN_COUNT);
	q_int(&q, segment_id);
	q_text(&q, text);
	return count_one(&q, ret_count);
}

int
store_child_get(struct store *store, int64_t child_id, child_fn *fn,
    void *arg)
{
	struct child_walk walk = {fn, arg, false};
	struct q q;
	int err;

	q_open(&q, store, STMT_CHILD_GET);
	q_int(&q, child_id);
	err = q_each(&q, child_row, &walk);
	return err == 0 && !walk.is_found ? ERR_NOT_FOUND : err;
}
