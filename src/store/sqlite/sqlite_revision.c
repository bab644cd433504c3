/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revisions: what a document's content became.
 *
 * Segments of a revision that is being built are stored, posted and durable,
 * but found by nobody: every search leaves out revisions that are not live.
 * Publishing turns one row, so a document of any size becomes visible at once;
 * so does switching a document off and on.  Dead revisions are purged a piece
 * at a time.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"

/*
 * A document has one or two revisions that are neither dead nor kept for who
 * undoes what replaced them.  They are killed row by row: an UPDATE of possibly
 * many rows would make SQLite open a statement journal, each time.
 */
#define ALIVE_MAX 16

struct alive {
	int64_t except_id;
	bool only_building;
	int64_t ids[ALIVE_MAX];
	size_t count;
};

static int
alive_row(struct q *q, void *arg)
{
	struct alive *alive = arg;
	int64_t id = q_col_int(q, 0);

	if (id == alive->except_id ||
	    (alive->only_building && q_col_int(q, 1) != REVISION_BUILDING))
		return 0;
	alive->ids[alive->count++] = id;
	return alive->count == ALIVE_MAX ? 1 : 0;
}

static int
revisions_kill(struct store *store, enum stmt_id which, int64_t document_id,
    int64_t except_id, bool only_building)
{
	struct alive alive;
	struct q q;
	size_t i;
	int err;

	do {
		alive.except_id = except_id;
		alive.only_building = only_building;
		alive.count = 0;
		q_open(&q, store, which);
		q_int(&q, document_id);
		err = q_each(&q, alive_row, &alive);
		for (i = 0; err >= 0 && i < alive.count; i++) {
			q_open(&q, store, STMT_REVISION_KILL);
			q_int(&q, alive.ids[i]);
			err = q_run(&q);
		}
	} while (err >= 0 && alive.count == ALIVE_MAX);
	return err < 0 ? err : 0;
}

int
store_revision_abandon(struct store *store, int64_t document_id)
{
	return revisions_kill(store, STMT_REVISIONS_ALIVE, document_id, 0,
	    true);
}

int
revisions_alive_end(struct store *store, int64_t document_id)
{
	return revisions_kill(store, STMT_REVISIONS_ALIVE, document_id, 0,
	    false);
}

int
revisions_kept_end(struct store *store, int64_t document_id)
{
	return revisions_kill(store, STMT_REVISIONS_KEPT_OF, document_id, 0,
	    false);
}

int
store_revision_building(struct store *store, int64_t document_id,
    const uint8_t hash[HASH_SIZE], uint64_t rule, int64_t embedder_id,
    struct revision *ret_revision)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_BUILDING);
	q_int(&q, document_id);
	q_blob(&q, hash, HASH_SIZE);
	q_int(&q, (int64_t)rule);
	q_int(&q, embedder_id);
	got = q_step(&q);
	if (got > 0) {
		ret_revision->id = q_col_int(&q, 0);
		ret_revision->stored = (uint32_t)q_col_int(&q, 1);
		ret_revision->has_vectors = q_col_int(&q, 2) != 0;
		ret_revision->stems = (unsigned)q_col_int(&q, 3);
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_revision_add(struct store *store, const struct revision *revision,
    int64_t *ret_id)
{
	struct q q;
	int64_t id;
	int err;

	err = store_revision_abandon(store, revision->document_id);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_REVISION_ADD);
	q_int(&q, revision->document_id);
	q_int(&q, revision->base_id);
	q_blob(&q, revision->hash, HASH_SIZE);
	q_int(&q, (int64_t)revision->rule);
	q_int(&q, revision->has_vectors);
	q_int(&q, revision->stems);
	q_int(&q, revision->embedder_id);
	err = q_run(&q);
	id = sqlite3_last_insert_rowid(store->db);
	if (err == 0)
		*ret_id = id;
	return err;
}

int
store_segments_add(struct store *store, const struct revision *revision,
    const struct segment *segments, size_t count)
{
	const struct segment_home home = {revision->base_id, revision->id,
	    revision->has_vectors, revision->stems};
	struct q q;
	int64_t id;
	size_t i;
	int err = 0;

	if (count == 0)
		return 0;
	q_open(&q, store, STMT_REVISION_STORED);
	q_int(&q, revision->id);
	q_int(&q, (int64_t)count);
	q_int(&q, segments[0].ordinal);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_CONFLICT;
	for (i = 0; err == 0 && i < count; i++) {
		ASSERT(segments[i].ordinal == segments[0].ordinal + i);
		err = segment_write(store, &home, &segments[i], &id);
	}
	return err;
}

int
document_live(struct store *store, int64_t document_id,
    struct document_live *ret_live)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_DOCUMENT_LIVE);
	q_int(&q, document_id);
	got = q_step(&q);
	if (got > 0) {
		ret_live->revision_id = q_col_int(&q, 0);
		ret_live->base_id = q_col_int(&q, 1);
		ret_live->segments = q_col_int(&q, 2);
		ret_live->characters = q_col_int(&q, 3);
		ret_live->has_vectors = q_col_int(&q, 4) != 0;
		ret_live->is_off = q_col_int(&q, 5) != 0;
		ret_live->stems = (unsigned)q_col_int(&q, 6);
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
base_grow(struct store *store, int64_t base_id, int64_t documents,
    int64_t segments, int64_t characters)
{
	struct q q;

	q_open(&q, store, STMT_BASE_GROW);
	q_int(&q, base_id);
	q_int(&q, documents);
	q_int(&q, segments);
	q_int(&q, characters);
	q_int(&q, store->generation + 1); /* as the commit will have it */
	store->is_index_changed = true;
	return q_run(&q);
}

static int
revision_turn(struct store *store, const struct revision *r,
    enum revision_state state)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_REVISION_PUBLISH);
	q_int(&q, r->id);
	q_int(&q, (int64_t)r->characters);
	q_text(&q, r->title);
	q_text(&q, r->media_type);
	q_text(&q, r->language);
	q_text(&q, r->keyphrases);
	q_text(&q, r->summary);
	q_int(&q, r->pages);
	q_int(&q, r->segments);
	q_text(&q, r->properties == NULL ? "{}" : r->properties);
	q_int(&q, state);
	q_int(&q, r->graph);
	err = q_run(&q);
	if (err == 0 && sqlite3_changes64(store->db) != 1)
		err = ERR_CONFLICT;
	return err;
}

int
store_revision_publish(struct store *store, const struct revision *r,
    int64_t now_us)
{
	struct document_live old;
	struct q q;
	int err;

	err = document_live(store, r->document_id, &old);
	if (err == 0)
		err = revision_turn(store, r,
		    old.is_off ? REVISION_OFF : REVISION_LIVE);
	if (err == 0 && r->keeper != 0)
		err = replaced_publish(store, r->keeper, r->document_id,
		    old.revision_id, r->id);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_DOCUMENT_PUBLISH);
	q_int(&q, r->document_id);
	q_int(&q, r->id);
	q_blob(&q, r->hash, HASH_SIZE);
	q_int(&q, (int64_t)r->bytes);
	q_int(&q, r->mtime_us);
	q_int(&q, now_us);
	q_int(&q, r->item_id);
	err = q_run(&q);
	if (err == 0)
		err = revisions_kill(store, STMT_REVISIONS_ALIVE,
		    r->document_id, r->id, false);
	if (err == 0)
		err = base_grow(store, old.base_id, old.revision_id == 0,
		    (int64_t)r->segments - old.segments,
		    (int64_t)r->characters - old.characters);
	return err;
}

int
store_document_delete(struct store *store, int64_t document_id)
{
	struct document_live live;
	int err;

	err = document_live(store, document_id, &live);
	if (err == 0)
		err = revisions_alive_end(store, document_id);
	if (err == 0)
		err = revisions_kept_end(store, document_id);
	if (err == 0)
		err = stmt_run_1(store, STMT_REPLACED_FORGET, document_id);
	/* One that was never indexed is gone from the lists, too. */
	if (err == 0)
		err = base_grow(store, live.base_id,
		    live.revision_id != 0 ? -1 : 0, -live.segments,
		    -live.characters);
	if (err == 0)
		err = stmt_run_1(store, STMT_ASKED_OF_DOCUMENT_DELETE,
		    document_id);
	return err < 0
	    ? err
	    : stmt_run_1(store, STMT_DOCUMENT_DELETE, document_id);
}

/* So many rows of a segment's graph are as much work as a segment. */
#define PURGE_ROWS 32u
#define PURGE_FULL 1 /* ends a walk: that is enough for one piece */

struct purge {
	struct store *store;
	int64_t base_id;
	size_t count, size; /* of ids */
	uint64_t work, work_max; /* in segments */
	int64_t *ids;
};

/* Collects ids first: rows must not go while the walk stands on them. */
static int
purge_row(struct q *q, void *arg)
{
	struct purge *purge = arg;
	int64_t id = q_col_int(q, 0);
	uint64_t rows = 0;
	int err;

	if (purge->work >= purge->work_max)
		return PURGE_FULL;
	ASSERT(purge->count < purge->size);
	err = graph_rows(purge->store, id, &rows);
	if (err < 0)
		return err;
	purge->work += 1 + rows / PURGE_ROWS;
	purge->ids[purge->count++] = id;
	return 0;
}

/* Postings of segments that go are lost: of some that were added one after the
 * other, as a rule. */
static int
purge_lose(const struct purge *purge)
{
	int64_t first = purge->ids[0], last = purge->ids[0];
	size_t i;

	for (i = 1; i < purge->count; i++) {
		if (purge->ids[i] < first)
			first = purge->ids[i];
		if (purge->ids[i] > last)
			last = purge->ids[i];
	}
	return index_lose(purge->store, purge->base_id, first, last);
}

/* Some segments of it; when there are no more it is gone itself. */
static int
purge_revision(struct purge *purge, int64_t revision_id)
{
	struct q q;
	size_t i;
	int err, got;

	purge->count = 0;
	q_open(&q, purge->store, STMT_SEGMENTS_OF);
	q_int(&q, revision_id);
	q_int(&q, (int64_t)purge->size);
	got = q_each(&q, purge_row, purge);
	err = got < 0 ? got : 0;
	if (err == 0 && purge->count > 0)
		err = purge_lose(purge);
	for (i = 0; err == 0 && i < purge->count; i++)
		err = segment_erase(purge->store, purge->base_id,
		    purge->ids[i]);
	if (err < 0 || got == PURGE_FULL || purge->count == purge->size)
		return err;
	q_open(&q, purge->store, STMT_REVISION_DELETE);
	q_int(&q, revision_id);
	err = q_run(&q);
	return err < 0 ? err
		       : vectors_gone(purge->store, purge->base_id,
			     revision_id);
}

/* The oldest dead one; ERR_NOT_FOUND. */
static int
revision_dead(struct store *store, int64_t *ret_id, int64_t *ret_base_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_DEAD);
	got = q_step(&q);
	if (got > 0) {
		*ret_id = q_col_int(&q, 0);
		*ret_base_id = q_col_int(&q, 1);
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

/* Many small revisions at a time as well as a piece of a large one: each call
 * is a commit. */
int
store_revision_purge(struct store *store, size_t limit,
    int64_t *ret_base_id, bool *ret_left)
{
	struct purge purge = {.store = store, .size = limit,
	    .work_max = limit};
	int64_t revision_id = 0, base_id = 0;
	int err;

	purge.ids = mem_array(limit, sizeof(*purge.ids));
	if (purge.ids == NULL)
		return ERR_NOMEM;
	for (;;) {
		err = revision_dead(store, &revision_id, &base_id);
		if (purge.base_id == 0)
			purge.base_id = base_id;
		if (err < 0 || base_id != purge.base_id ||
		    purge.work >= purge.work_max)
			break;
		err = purge_revision(&purge, revision_id);
		if (err < 0)
			break;
		/* A revision without segments is work, too. */
		purge.work += purge.count == 0;
	}
	mem_free(purge.ids);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	*ret_base_id = purge.base_id;
	*ret_left = err == 0;
	return 0;
}

int
store_revision_has_dead(struct store *store, bool *ret_has)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_DEAD);
	got = q_step(&q);
	if (got >= 0)
		*ret_has = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_revision_count_dead(struct store *store, uint64_t max,
    uint64_t *ret_count)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_DEAD_COUNT);
	q_int(&q, (int64_t)max);
	got = q_step(&q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got < 0 ? got : 0);
}
