/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing the live revision by hand.
 *
 * Each change says that what was posted is lost, changes the rows, and posts
 * what is on again under another stamp, in place of which the old posting is
 * nobody's; then it makes up the accounts: the counters of
 * revision and base, the index's generation, and that the revision is of no
 * content any more.  The last is said twice: the revision's rule is
 * RULE_EDITED, which is no rule's fingerprint, so it is never "unchanged", and
 * the document's hash is NULL, so that it is nobody's duplicate.
 */
#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_graph.h"

_Static_assert((int64_t)RULE_EDITED == -1, "see REVISION_EDITED");

/* A segment as it was. */
struct old {
	struct document_live live;
	struct segment_home home;
	int64_t document_id;
	int64_t chars;
	bool is_on;
};

/* Look at a segment of a live revision; its posting is lost if unposts.
 * ERR_NOT_FOUND. */
static int
old_take(struct store *store, int64_t segment_id, bool unposts,
    struct old *old)
{
	struct q q;
	int got, err;

	q_open(&q, store, STMT_SEGMENT_OLD);
	q_int(&q, segment_id);
	got = q_step(&q);
	if (got <= 0)
		return q_close(&q, got == 0 ? ERR_NOT_FOUND : got);
	old->chars = q_col_int(&q, 2);
	old->is_on = q_col_int(&q, 3) == 0;
	old->document_id = q_col_int(&q, 4);
	old->home.revision_id = q_col_int(&q, 5);
	err = document_live(store, old->document_id, &old->live);
	if (err == 0 && old->live.revision_id != old->home.revision_id)
		err = ERR_CORRUPT;
	err = q_close(&q, err);
	if (err < 0)
		return err;
	old->home.base_id = old->live.base_id;
	old->home.has_vectors = old->live.has_vectors;
	old->home.stems = old->live.stems;
	if (unposts && old->is_on)
		err = index_lose(store, old->home.base_id, segment_id,
		    segment_id);
	return err;
}

/* now_us 0: the document's time of change stays. */
static int
edit_account(struct store *store, int64_t document_id,
    const struct document_live *live, int64_t segments, int64_t characters,
    int64_t now_us)
{
	struct q q;
	int err;

	/* Where segments overlap the revision has less than they have. */
	if (live->characters + characters < 0)
		characters = -live->characters;
	q_open(&q, store, STMT_REVISION_EDITED);
	q_int(&q, live->revision_id);
	q_int(&q, segments);
	q_int(&q, live->characters + characters);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_CORRUPT;
	if (err == 0)
		err = stmt_run_2(store, STMT_DOCUMENT_EDITED, document_id,
		    now_us);
	if (err == 0)
		err = base_grow(store, live->base_id, 0, segments,
		    characters);
	return err;
}

/* Vectors were written that are of one embedder alone. */
static int
edit_unclaim(struct store *store, const struct segment_home *home)
{
	return home->has_vectors
	    ? stmt_run_1(store, STMT_REVISION_UNCLAIM, home->revision_id)
	    : 0;
}

/* The first two numbers of a statement about one row. */
static int
two_of(struct store *store, enum stmt_id id, int64_t of, int64_t *ret_first,
    int64_t *ret_second)
{
	struct q q;
	int got;

	q_open(&q, store, id);
	q_int(&q, of);
	got = q_step(&q);
	if (got > 0) {
		*ret_first = q_col_int(&q, 0);
		*ret_second = q_col_int(&q, 1);
	}
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

/* A document without segments had no text to tell its language by. */
static int
stems_decide(struct store *store, const struct segment *segment,
    struct document_live *live)
{
	struct text_looked looked = {.text = segment->text,
	    .text_len = segment->text_len};
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_SAYS);
	q_int(&q, live->revision_id);
	got = q_step(&q);
	if (got > 0) {
		looked.document_language = q_col_text(&q, 0);
		got = index_stems_decide(store, live->revision_id, &looked,
		    &live->stems);
	}
	return q_close(&q, got);
}

int
store_segment_insert(struct store *store, const struct segment *segment,
    int64_t now_us, int64_t *ret_id)
{
	struct segment row = *segment;
	struct document_live live;
	struct segment_home home;
	int64_t last, count, id;
	int err;

	err = document_live(store, segment->document_id, &live);
	if (err == 0 && live.revision_id == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = two_of(store, STMT_SEGMENT_LAST, live.revision_id,
		    &last, &count);
	if (err == 0 && (last >= UINT32_MAX || count >= SEGMENTS_MAX))
		err = ERR_TOO_BIG;
	if (err < 0)
		return err;
	if (count == 0)
		err = stems_decide(store, segment, &live);
	if (err < 0)
		return err;
	home = (struct segment_home){live.base_id, live.revision_id,
	    live.has_vectors, live.stems};
	row.ordinal = (uint32_t)(last + 1);
	row.page_start = row.page_end = 0;
	row.created_us = row.updated_us = now_us;
	row.graph = NULL;
	err = segment_write(store, &home, &row, &id);
	if (err == 0 && segment->graph != NULL)
		err = store_segment_graph(store, id, segment->graph);
	if (err == 0)
		err = edit_unclaim(store, &home);
	if (err == 0)
		err = edit_account(store, segment->document_id, &live, 1,
		    segment->chars, now_us);
	if (err == 0)
		*ret_id = id;
	return err;
}

static int
row_replace(struct store *store, const struct segment *segment,
    int64_t now_us)
{
	struct q q;

	q_open(&q, store, STMT_SEGMENT_REPLACE);
	q_int(&q, segment->id);
	q_int(&q, segment->chars);
	q_textn(&q, segment->text, segment->text_len);
	q_text(&q, segment->answer);
	q_text(&q, segment->keywords);
	q_int(&q, segment->disabled_us);
	q_text(&q, segment->disabled_by);
	q_int(&q, now_us);
	return q_run(&q);
}

/* Vectors that are not right any more: its own always, its children's when
 * they go or it is off. */
static int
vectors_drop(struct store *store, const struct segment_home *home,
    const struct segment *segment, bool replaces_children)
{
	int err;

	if (!replaces_children && segment->disabled_us == 0)
		return stmt_run_2(store, STMT_VECTOR_DELETE, home->base_id,
		    segment->id);
	err = segment_vectors_delete(store, home->base_id, segment->id);
	if (err == 0 && replaces_children)
		err = stmt_run_1(store, STMT_CHILDREN_DELETE, segment->id);
	return err;
}

/* A graph is of a text, and goes with it. */
static int
graph_drop(struct store *store, const struct segment *segment)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_SEGMENT_SAYS);
	q_int(&q, segment->id);
	q_textn(&q, segment->text, segment->text_len);
	q_text(&q, segment->answer);
	got = q_step(&q);
	got = q_close(&q, got);
	return got == 0 ? graph_erase(store, segment->id) : got < 0 ? got : 0;
}

struct section_walk {
	struct store *store;
	const struct segment_home *home;
	const struct segment *segment;
	bool has_children;
};

/* Its section stays, so it is read from the row that has changed already. */
static int
reindex_row(struct q *q, void *arg)
{
	const struct section_walk *walk = arg;
	struct segment segment = *walk->segment;
	struct posted posted = {.segment_id = segment.id};

	segment.section = q_col_text(q, 0);
	posted.stamp = (uint32_t)q_col_int(q, 1);
	return segment_index(walk->store, walk->home, &posted, &segment,
	    walk->has_children);
}

static int
reindex(struct store *store, const struct segment_home *home,
    const struct segment *segment, bool has_children)
{
	struct section_walk walk = {store, home, segment, has_children};
	struct q q;

	q_open(&q, store, STMT_SEGMENT_OLD);
	q_int(&q, segment->id);
	return q_each(&q, reindex_row, &walk);
}

int
store_segment_replace(struct store *store, const struct segment *segment,
    bool replaces_children, int64_t now_us)
{
	int64_t last, children;
	struct old old;
	int err;

	err = old_take(store, segment->id, true, &old);
	if (err == 0)
		err = graph_drop(store, segment);
	if (err == 0)
		err = row_replace(store, segment, now_us);
	if (err == 0)
		err = vectors_drop(store, &old.home, segment,
		    replaces_children);
	if (err == 0 && replaces_children)
		err = children_write(store, &old.home, segment->id, segment);
	if (err == 0)
		err = two_of(store, STMT_CHILD_LAST, segment->id, &last,
		    &children);
	if (err == 0)
		err = reindex(store, &old.home, segment, children > 0);
	if (err == 0)
		err = vectors_changed(store, old.home.base_id, segment->id);
	if (err == 0)
		err = edit_unclaim(store, &old.home);
	if (err == 0)
		err = edit_account(store, old.document_id, &old.live, 0,
		    (int64_t)segment->chars - old.chars, now_us);
	return err;
}

int
store_segment_delete(struct store *store, int64_t segment_id)
{
	struct old old;
	int err;

	err = old_take(store, segment_id, true, &old);
	if (err == 0)
		err = segment_erase(store, old.home.base_id, segment_id);
	if (err == 0)
		err = vectors_changed(store, old.home.base_id, segment_id);
	if (err == 0)
		err = edit_account(store, old.document_id, &old.live, -1,
		    -old.chars, 0);
	return err;
}

/* ---- children ----------------------------------------------------------- */

int
store_child_insert(struct store *store, const struct child *child,
    size_t dimensions, int64_t now_us, int64_t *ret_id)
{
	struct child row = *child;
	int64_t last, count;
	struct old old;
	int err;

	err = old_take(store, child->segment_id, false, &old);
	if (err == 0)
		err = two_of(store, STMT_CHILD_LAST, child->segment_id,
		    &last, &count);
	if (err == 0 && (last >= UINT32_MAX || count >= CHILDREN_MAX))
		err = ERR_TOO_BIG;
	if (err < 0)
		return err;
	row.ordinal = (uint32_t)(last + 1);
	row.created_us = row.updated_us = now_us;
	err = child_write(store, &row, &row.id);
	if (err == 0)
		err = stmt_run_2(store, STMT_VECTOR_DELETE, old.home.base_id,
		    child->segment_id);
	if (err == 0 && old.is_on && old.home.has_vectors)
		err = child_vector_write(store, &old.home, &row, dimensions);
	if (err == 0)
		err = vectors_changed(store, old.home.base_id,
		    child->segment_id);
	if (err == 0)
		err = edit_unclaim(store, &old.home);
	if (err == 0)
		err = edit_account(store, old.document_id, &old.live, 0, 0,
		    now_us);
	if (err == 0)
		*ret_id = row.id;
	return err;
}

/* The segment of a child, as it is, and the child's vector goes, or changes
 * within the same transaction. */
static int
child_take(struct store *store, int64_t child_id, int64_t *ret_segment_id,
    struct old *old)
{
	struct q q;
	int got, err;

	q_open(&q, store, STMT_CHILD_SEGMENT);
	q_int(&q, child_id);
	got = q_step(&q);
	if (got > 0)
		*ret_segment_id = q_col_int(&q, 0);
	err = q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
	if (err == 0)
		err = old_take(store, *ret_segment_id, false, old);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_CHILD_VECTOR_DELETE);
	q_int(&q, old->home.base_id);
	q_int(&q, *ret_segment_id);
	q_int(&q, child_id);
	err = q_run(&q);
	return err < 0 ? err
		       : vectors_changed(store, old->home.base_id,
			     *ret_segment_id);
}

int
store_child_replace(struct store *store, const struct child *child,
    size_t dimensions, int64_t now_us)
{
	struct child row = *child;
	struct old old;
	struct q q;
	int err;

	err = child_take(store, child->id, &row.segment_id, &old);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_CHILD_REPLACE);
	q_int(&q, child->id);
	q_int(&q, child->chars);
	q_int(&q, child->is_custom);
	q_textn(&q, child->text, child->text_len);
	q_int(&q, now_us);
	err = q_run(&q);
	if (err == 0 && old.is_on && old.home.has_vectors)
		err = child_vector_write(store, &old.home, &row, dimensions);
	if (err == 0)
		err = edit_unclaim(store, &old.home);
	if (err == 0)
		err = edit_account(store, old.document_id, &old.live, 0, 0,
		    now_us);
	return err;
}

int
store_child_delete(struct store *store, int64_t child_id)
{
	int64_t segment_id;
	struct old old;
	int err;

	err = child_take(store, child_id, &segment_id, &old);
	if (err == 0)
		err = stmt_run_1(store, STMT_CHILD_DELETE, child_id);
	if (err == 0)
		err = edit_account(store, old.document_id, &old.live, 0, 0, 0);
	return err;
}
