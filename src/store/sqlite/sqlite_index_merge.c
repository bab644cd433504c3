/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging parts.
 *
 * A part is of a level by its size, and eight of a level become one, of the
 * next level as a rule: so a base has few parts, and each posting is written
 * again once for each level.  The writer merges small ones itself, within the
 * commit that makes them many; that is a matter of milliseconds.  Large ones
 * are made from a reader.
 *
 * What a part has lost is counted in its row, by whoever takes a posting's
 * segment away.  A merge looks for lost postings only where there are some,
 * and what is lost while it is under way is lost by the new part: it was
 * counted after the plan was made.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_index.h"

#define MANY 8u
#define CROWD 24u
#define SMALL_LEVELS 3u /* of less than 256 KiB each */
#define LEVELS 14u	/* the last one is larger than any part */
/* So many that the writer merges itself, whatever it takes: a query asks
 * TOPK_PARTS_MAX at most. */
#define PARTS_CROWD 160u
#define NOW_BYTES_MAX GIB
#define LOOKS 4096u /* before a reader takes a newer snapshot */
#define SWEEP_PAGES 16

/* ---- within a transaction ----------------------------------------------- */

struct whole {
	struct part_row rows[MERGE_PARTS_MAX];
	uint8_t *bytes[MERGE_PARTS_MAX];
	struct part parts[MERGE_PARTS_MAX];
	const struct part *list[MERGE_PARTS_MAX];
	size_t count;
	struct store *store;
	struct buf out;
};

static int
whole_keep(void *arg, int64_t id, uint32_t stamp)
{
	struct whole *whole = arg;

	return index_keeps(whole->store, id, stamp);
}

static int
whole_put(void *arg, const void *bytes, size_t len)
{
	struct whole *whole = arg;

	return buf_put(&whole->out, bytes, len);
}

static int
whole_read(struct whole *whole)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < whole->count; i++) {
		err = part_read(whole->store, &whole->rows[i],
		    &whole->bytes[i]);
		if (err == 0)
			err = part_open(&whole->parts[i], whole->bytes[i],
			    (size_t)whole->rows[i].bytes);
		whole->list[i] = &whole->parts[i];
	}
	return err;
}

static void
row_widen(struct part_row *row, const struct part_row *by)
{
	if (by->first_id < row->first_id)
		row->first_id = by->first_id;
	if (by->last_id > row->last_id)
		row->last_id = by->last_id;
	row->lost += by->lost;
	row->languages |= by->languages;
}

static int
whole_merge(struct whole *whole)
{
	struct part_row row = whole->rows[0];
	uint64_t docs = 0;
	size_t i;
	int err;

	for (i = 1; i < whole->count; i++)
		row_widen(&row, &whole->rows[i]);
	err = whole_read(whole);
	if (err == 0)
		err = part_merge(whole->list, whole->count,
		    row.lost != 0 ? whole_keep : NULL, whole_put, whole,
		    &docs);
	for (i = 0; err == 0 && i < whole->count; i++)
		err = part_delete(whole->store, whole->rows[i].id);
	if (err < 0 || docs == 0)
		return err;
	row.docs = (int64_t)docs;
	row.bytes = whole->out.len;
	return part_store(whole->store, &row, whole->out.data);
}

/* Of a level, when they are so many; *ret_count: how many were merged. */
static int
level_merge(struct store *store, int64_t base_id, unsigned level,
    size_t least, size_t *ret_count)
{
	struct whole *whole;
	size_t i;
	int err;

	whole = mem_zalloc(sizeof(*whole));
	if (whole == NULL)
		return ERR_NOMEM;
	whole->store = store;
	buf_init(&whole->out, NOW_BYTES_MAX);
	err = part_rows_of(store, base_id, level, whole->rows,
	    MERGE_PARTS_MAX, &whole->count);
	if (err == 0 && whole->count < least)
		whole->count = 0;
	if (err == 0 && whole->count > 0)
		err = whole_merge(whole);
	if (err == 0)
		*ret_count = whole->count;
	for (i = 0; i < MERGE_PARTS_MAX; i++)
		mem_free(whole->bytes[i]);
	buf_fini(&whole->out);
	mem_free(whole);
	return err;
}

static int
parts_count(struct store *store, int64_t base_id, int64_t *ret_count)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_PARTS_COUNT);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0)
		*ret_count = q_col_int(&q, 0);
	return q_close(&q, got < 0 ? got : 0);
}

int
index_merge_now(struct store *store, int64_t base_id)
{
	size_t count = 0;
	int64_t parts = 0;
	unsigned level;
	int err = 0;

	for (level = 0; err == 0 && level < SMALL_LEVELS; level++)
		do
			err = level_merge(store, base_id, level, MANY,
			    &count);
		while (err == 0 && count > 0);
	if (err == 0)
		err = parts_count(store, base_id, &parts);
	for (; err == 0 && parts > PARTS_CROWD && level < LEVELS; level++)
		do {
			err = level_merge(store, base_id, level, MANY,
			    &count);
			if (err == 0)
				err = parts_count(store, base_id, &parts);
		} while (err == 0 && count > 0 && parts > PARTS_CROWD);
	return err;
}

/* ---- planning ----------------------------------------------------------- */

static void
plan_take(struct merge_plan *plan, const struct part_row *rows, size_t count)
{
	struct part_row all = rows[0];
	size_t i;

	plan->base_id = all.base_id;
	for (i = 0; i < count; i++) {
		plan->parts[i].id = rows[i].id;
		plan->parts[i].lost = rows[i].lost;
		plan->parts[i].bytes = rows[i].bytes;
		row_widen(&all, &rows[i]);
	}
	plan->first_id = all.first_id;
	plan->last_id = all.last_id;
	plan->languages = all.languages;
	plan->count = count;
}

/* One that has enough of a level to merge; 0: there is none. */
static int
base_with_many(struct store *store, int64_t *ret_base_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_PARTS_MANY);
	q_int(&q, SMALL_LEVELS);
	q_int(&q, MANY);
	got = q_step(&q);
	*ret_base_id = got > 0 ? q_col_int(&q, 0) : 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_merge_plan(struct store *store, int64_t base_id, enum merge_want want,
    struct merge_plan *ret_plan)
{
	size_t least = want == MERGE_CROWD ? CROWD : MANY, count = 0;
	struct part_row rows[CROWD];
	unsigned level;
	struct q q;
	int err = 0;

	memset(ret_plan, 0, sizeof(*ret_plan));
	if (want == MERGE_LOST) {
		q_open(&q, store, base_id == 0 ? STMT_PART_LOST
					       : STMT_PART_LOST_OF);
		if (base_id != 0)
			q_int(&q, base_id);
		err = part_rows(&q, rows, 1, &count);
		if (err == 0 && count > 0)
			plan_take(ret_plan, rows, count);
		return err;
	}
	if (base_id == 0)
		err = base_with_many(store, &base_id);
	for (level = SMALL_LEVELS; err == 0 && base_id != 0 && level < LEVELS;
	     level++) {
		err = part_rows_of(store, base_id, level, rows, CROWD,
		    &count);
		if (err == 0 && count >= least) {
			plan_take(ret_plan, rows, count < MERGE_PARTS_MAX
				? count : MERGE_PARTS_MAX);
			break;
		}
	}
	return err;
}

/* ---- making ------------------------------------------------------------- */

struct making {
	struct store *store;
	struct reading readings[MERGE_PARTS_MAX];
	const struct part *list[MERGE_PARTS_MAX];
	size_t count;
	unsigned looks;
	uint64_t lost;
	merge_put_fn *put;
	void *arg;
	struct buf piece;
	uint64_t bytes;
};

/* A snapshot that is held for long keeps the log from being copied.  What a
 * part says does not change, and what is lost stays lost: so it need not be
 * one snapshot. */
static int
making_renew(struct making *making)
{
	if (++making->looks < LOOKS)
		return 0;
	making->looks = 0;
	store_end(making->store);
	return store_begin(making->store, NULL);
}

static int
making_keep(void *arg, int64_t id, uint32_t stamp)
{
	struct making *making = arg;
	int got;

	got = making_renew(making);
	if (got < 0)
		return got;
	got = index_keeps(making->store, id, stamp);
	making->lost += got == 0;
	return got;
}

/* No snapshot is held while the writer is waited for. */
static int
making_flush(struct making *making)
{
	uint32_t first = (uint32_t)(making->bytes / PART_PAGE_BYTES);
	int err;

	if (making->piece.len == 0)
		return 0;
	store_end(making->store);
	err = making->put(making->arg, first, making->piece.data,
	    making->piece.len);
	making->bytes += making->piece.len;
	buf_clear(&making->piece);
	making->looks = 0;
	return err != 0 ? err : store_begin(making->store, NULL);
}

static int
making_put(void *arg, const void *bytes, size_t len)
{
	struct making *making = arg;
	const uint8_t *at = bytes;
	size_t n;
	int err = 0;

	while (err == 0 && len > 0) {
		n = MERGE_PIECE_BYTES - making->piece.len;
		if (n > len)
			n = len;
		err = buf_put(&making->piece, at, n);
		at += n;
		len -= n;
		if (err == 0 && making->piece.len == MERGE_PIECE_BYTES)
			err = making_flush(making);
	}
	return err;
}

/* One part that has lost something may have it in its span only. */
static int
making_look(struct making *making)
{
	const struct part *part = making->list[0];
	uint32_t doc, stamp;
	int64_t id;
	int got = 0;

	for (doc = 0; got >= 0 && doc < part->doc_count; doc++) {
		got = part_doc_id(part, doc, &id);
		if (got == 0)
			got = part_doc_stamp(part, doc, &stamp);
		if (got == 0)
			got = making_keep(making, id, stamp);
	}
	return got < 0 ? got : 0;
}

static int
making_open(struct making *making, const struct merge_plan *plan,
    bool *ret_has_lost)
{
	struct part_row row = {.base_id = plan->base_id};
	bool has_lost = false;
	size_t i;
	int err;

	for (i = 0; i < plan->count; i++) {
		row.id = plan->parts[i].id;
		row.bytes = plan->parts[i].bytes;
		err = reading_open(&making->readings[i], making->store, &row,
		    true);
		if (err < 0)
			return err;
		making->list[making->count++] = &making->readings[i].part;
		has_lost |= plan->parts[i].lost != 0;
	}
	*ret_has_lost = has_lost;
	return 0;
}

static int
making_run(struct making *making, const struct merge_plan *plan,
    struct merge_made *made)
{
	bool has_lost = false;
	int err;

	err = making_open(making, plan, &has_lost);
	if (err == 0 && has_lost && making->count == 1) {
		err = making_look(making);
		made->is_same = making->lost == 0;
		if (err < 0 || made->is_same)
			return err;
	}
	if (err == 0)
		err = part_merge(making->list, making->count,
		    has_lost ? making_keep : NULL, making_put, making,
		    &made->docs);
	if (err == 0)
		err = making_flush(making);
	made->bytes = making->bytes;
	return err;
}

int
store_merge_make(struct store *store, const struct merge_plan *plan,
    merge_put_fn *put, void *arg, struct merge_made *ret_made)
{
	struct merge_made made = {.is_same = false};
	struct making *making;
	size_t i;
	int err;

	making = mem_zalloc(sizeof(*making));
	if (making == NULL)
		return ERR_NOMEM;
	making->store = store;
	making->put = put;
	making->arg = arg;
	buf_init(&making->piece, MERGE_PIECE_BYTES);
	err = store_begin(store, NULL);
	if (err == 0)
		err = making_run(making, plan, &made);
	for (i = 0; i < making->count; i++)
		reading_close(&making->readings[i]);
	store_end(store);
	buf_fini(&making->piece);
	mem_free(making);
	if (err == 0)
		*ret_made = made;
	return err;
}

/* ---- the writer's side -------------------------------------------------- */

int
store_merge_begin(struct store *store, const struct merge_plan *plan,
    int64_t *ret_part_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_PART_BEGIN);
	q_int(&q, plan->base_id);
	q_int(&q, plan->first_id);
	q_int(&q, plan->last_id);
	q_int(&q, plan->languages);
	err = q_run(&q);
	if (err == 0)
		*ret_part_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

static int
is_state(struct store *store, int64_t part_id, enum part_state state)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_PART_IS);
	q_int(&q, part_id);
	q_int(&q, state);
	got = q_step(&q);
	got = q_close(&q, got);
	return got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0;
}

int
store_merge_put(struct store *store, int64_t part_id, uint32_t first,
    const void *bytes, size_t len)
{
	int err;

	err = is_state(store, part_id, PART_WRITTEN);
	return err < 0 ? err
		       : part_pages_write(store, part_id, first, bytes, len);
}

static int
lost_since(struct store *store, const struct merge_plan *plan, size_t i,
    int64_t *lost)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_PART_HAS_LOST);
	q_int(&q, plan->parts[i].id);
	got = q_step(&q);
	if (got > 0)
		*lost += q_col_int(&q, 0) - plan->parts[i].lost;
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_merge_end(struct store *store, const struct merge_plan *plan,
    int64_t part_id, const struct merge_made *made)
{
	int64_t lost = 0;
	struct q q;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < plan->count; i++)
		err = lost_since(store, plan, i, &lost);
	if (err < 0)
		return err;
	if (made->is_same)
		return stmt_run_2(store, STMT_PART_LOSES, plan->parts[0].id,
		    lost);
	for (i = 0; err == 0 && i < plan->count; i++)
		err = stmt_run_1(store, STMT_PART_WASTE, plan->parts[i].id);
	if (err < 0 || made->docs == 0)
		return err;
	err = is_state(store, part_id, PART_WRITTEN);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_PART_TURN);
	q_int(&q, part_id);
	q_int(&q, part_level(made->bytes));
	q_int(&q, (int64_t)made->docs);
	q_int(&q, (int64_t)made->bytes);
	q_int(&q, lost);
	return q_run(&q);
}

int
store_merge_drop(struct store *store, int64_t part_id)
{
	return stmt_run_1(store, STMT_PART_WASTE, part_id);
}

int
store_merge_has_waste(struct store *store, bool *ret_has)
{
	return has_rows(store, STMT_PARTS_WASTE, ret_has);
}

int
store_merge_sweep(struct store *store, bool *ret_more)
{
	int64_t part_id = 0, changes = store_changes(store);
	struct q q;
	int got, err;

	q_open(&q, store, STMT_PARTS_WASTE);
	got = q_step(&q);
	if (got > 0)
		part_id = q_col_int(&q, 0);
	err = q_close(&q, got < 0 ? got : 0);
	if (err < 0 || got == 0) {
		*ret_more = false;
		return err;
	}
	q_open(&q, store, STMT_PART_PAGES_SWEEP);
	q_int(&q, part_id << PART_PAGES_BITS);
	q_int(&q, (part_id + 1) << PART_PAGES_BITS);
	q_int(&q, SWEEP_PAGES);
	err = q_run(&q);
	if (err == 0 && store_changes(store) - changes < SWEEP_PAGES)
		err = stmt_run_1(store, STMT_PART_DELETE, part_id);
	if (err == 0)
		*ret_more = true;
	return err;
}
