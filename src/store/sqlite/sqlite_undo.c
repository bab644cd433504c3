/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaced documents: rows of documents as they were, and revisions of state
 * 5.  A revision has that state for one job alone: the one that replaced it
 * (own_revision_id is set then) or that deleted its document.
 *
 * Whether anybody has changed a document since is told by values, not by
 * times: name, metadata and settings must be what the job left, the live
 * revision the one it published, and not edited (then the document has no
 * hash), and no job may have an open item of it.
 */
#include "base/assert.h"
#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_undo.h"

enum outcome {
	OUTCOME_NONE = 0,
	OUTCOME_UNDONE = 1,
	OUTCOME_LEFT = 2,
};

static void
q_one(struct q *q, struct store *store, enum stmt_id id, int64_t job_id,
    int64_t document_id)
{
	q_open(q, store, id);
	q_int(q, job_id);
	q_int(q, document_id);
}

/* ---- copies of rows ----------------------------------------------------- */

/* The row that from gives goes to the statement to, behind what was put there
 * already.  ERR_NOT_FOUND: it gives none. */
static int
whole_copy(struct q *from, struct q *to)
{
	int i, got, code;

	got = to->err < 0 ? to->err : q_step(from);
	if (got == 0)
		got = ERR_NOT_FOUND;
	for (i = 0; got > 0 && i < DOCUMENT_WHOLE_COUNT; i++) {
		code = sqlite3_bind_value(to->stmt, ++to->at,
		    sqlite3_column_value(from->stmt, i));
		if (code != SQLITE_OK)
			got = store_error(from->store, code);
	}
	got = q_close(from, got < 0 ? got : 0);
	if (got < 0)
		return q_close(to, got);
	return q_run(to);
}

static int
replaced_note(struct store *store, int64_t job_id, int64_t document_id,
    int64_t root_id, enum replaced_kind kind)
{
	struct q from, to;

	q_open(&from, store, STMT_DOCUMENT_WHOLE);
	q_int(&from, document_id);
	q_one(&to, store, STMT_REPLACED_NOTE, job_id, document_id);
	q_int(&to, root_id);
	q_int(&to, kind);
	return whole_copy(&from, &to);
}

int
store_replaced_note(struct store *store, int64_t job_id, int64_t document_id,
    int64_t root_id, bool is_made)
{
	return replaced_note(store, job_id, document_id, root_id,
	    is_made ? REPLACED_MADE : REPLACED_CHANGED);
}

int
store_replaced_settle(struct store *store, int64_t job_id,
    int64_t document_id)
{
	return stmt_run_2(store, STMT_REPLACED_LEFT, job_id, document_id);
}

int
store_replaced_drop_idle(struct store *store, int64_t job_id,
    int64_t document_id)
{
	return stmt_run_2(store, STMT_REPLACED_DROP_IDLE, job_id, document_id);
}

/* ---- what is kept ------------------------------------------------------- */

struct noted {
	enum replaced_kind kind;
	int64_t revision_id, own_revision_id;
};

/* ERR_NOT_FOUND: the job has nothing noted. */
static int
replaced_get(struct store *store, int64_t job_id, int64_t document_id,
    struct noted *ret_noted)
{
	struct q q;
	int got;

	q_one(&q, store, STMT_REPLACED_GET, job_id, document_id);
	got = q_step(&q);
	if (got > 0) {
		ret_noted->kind = (enum replaced_kind)q_col_int(&q, 0);
		ret_noted->revision_id = q_col_int(&q, 1);
		ret_noted->own_revision_id = q_col_int(&q, 2);
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

static int
let_go(struct store *store, int64_t revision_id)
{
	return revision_id == 0
	    ? 0
	    : stmt_run_1(store, STMT_REVISION_LET_GO, revision_id);
}

/* The document as it is now is what the job replaces: the revision that is
 * live is kept.  What was kept before has been replaced by others since. */
static int
content_keep(struct store *store, int64_t job_id, int64_t document_id,
    const struct noted *noted, int64_t live_id, int64_t revision_id)
{
	struct q q;
	int err = 0;

	if (noted->own_revision_id != 0)
		err = let_go(store, noted->revision_id);
	if (err < 0)
		return err;
	q_one(&q, store, STMT_REPLACED_CONTENT, job_id, document_id);
	q_int(&q, revision_id);
	err = q_run(&q);
	if (err == 0 && live_id != 0)
		err = stmt_run_1(store, STMT_REVISION_KEEP, live_id);
	return err;
}

int
replaced_publish(struct store *store, int64_t job_id, int64_t document_id,
    int64_t live_id, int64_t revision_id)
{
	struct noted noted;
	struct q q;
	int err;

	err = replaced_get(store, job_id, document_id, &noted);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	if (noted.own_revision_id == 0 || noted.own_revision_id != live_id)
		return content_keep(store, job_id, document_id, &noted,
		    live_id, revision_id);
	q_one(&q, store, STMT_REPLACED_PUBLISHED, job_id, document_id);
	q_int(&q, revision_id);
	return q_run(&q);
}

/* What the job knows of a document that it deletes. */
static int
remove_note(struct store *store, int64_t job_id, int64_t document_id,
    int64_t root_id, const struct document_live *live)
{
	struct noted noted;
	int err;

	err = replaced_note(store, job_id, document_id, root_id,
	    REPLACED_CHANGED);
	if (err == 0)
		err = replaced_get(store, job_id, document_id, &noted);
	if (err < 0)
		return err;
	/* It came and went with this job. */
	if (noted.kind == REPLACED_MADE && noted.revision_id == 0 &&
	    noted.own_revision_id == live->revision_id)
		return stmt_run_2(store, STMT_REPLACED_DROP, job_id,
		    document_id);
	if (noted.own_revision_id == 0 ||
	    noted.own_revision_id != live->revision_id)
		err = content_keep(store, job_id, document_id, &noted,
		    live->revision_id, 0);
	return err < 0 ? err
		       : stmt_run_2(store, STMT_REPLACED_DELETED, job_id,
			     document_id);
}

int
store_document_remove(struct store *store, int64_t job_id,
    int64_t document_id, int64_t root_id)
{
	struct document_live live;
	int err;

	err = document_live(store, document_id, &live);
	if (err == 0)
		err = remove_note(store, job_id, document_id, root_id, &live);
	if (err == 0)
		err = revisions_alive_end(store, document_id);
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

/* ---- undoing ------------------------------------------------------------ */

int
store_replaced_next(struct store *store, int64_t job_id,
    struct replaced *ret_replaced)
{
	struct replaced r;
	struct q q;
	int got;

	q_open(&q, store, STMT_REPLACED_NEXT);
	q_int(&q, job_id);
	got = q_step(&q);
	if (got > 0) {
		r.document_id = q_col_int(&q, 0);
		r.root_id = q_col_int(&q, 1);
		r.kind = (enum replaced_kind)q_col_int(&q, 2);
		r.revision_id = q_col_int(&q, 3);
		r.own_revision_id = q_col_int(&q, 4);
		r.is_changed = q_col_int(&q, 5) != 0;
		r.is_idle = q_col_int(&q, 6) != 0;
	}
	got = q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
	if (got == 0 &&
	    (r.kind < REPLACED_MADE || r.kind > REPLACED_DELETED))
		got = ERR_CORRUPT;
	if (got == 0)
		*ret_replaced = r;
	return got;
}

static int
has_row_of(struct store *store, enum stmt_id id, int64_t job_id,
    int64_t root_id, bool *ret_has)
{
	struct q q;
	int got;

	q_one(&q, store, id, job_id, root_id);
	got = q_step(&q);
	if (got >= 0)
		*ret_has = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

int
store_replaced_tree_is_changed(struct store *store, int64_t job_id,
    int64_t root_id, bool *ret_is_changed)
{
	bool is_begun = false;
	int err;

	err = has_row_of(store, STMT_REPLACED_BEGUN, job_id, root_id,
	    &is_begun);
	if (err == 0 && is_begun)
		*ret_is_changed = false;
	else if (err == 0)
		err = has_row_of(store, STMT_REPLACED_SINCE, job_id, root_id,
		    ret_is_changed);
	return err;
}

int
store_replaced_tree_count(struct store *store, int64_t job_id,
    int64_t root_id, size_t limit, size_t *ret_count)
{
	size_t count = 0;
	struct q q;
	int got;

	q_one(&q, store, STMT_REPLACED_COUNT, job_id, root_id);
	q_int(&q, (int64_t)limit + 1);
	got = q_step(&q);
	if (got > 0)
		count = (size_t)q_col_int(&q, 0);
	got = q_close(&q, got < 0 ? got : 0);
	if (got == 0)
		*ret_count = count;
	return got;
}

static int
replaced_done(struct store *store, int64_t job_id, int64_t document_id,
    enum outcome outcome)
{
	struct q q;

	q_one(&q, store, STMT_REPLACED_DONE, job_id, document_id);
	q_int(&q, outcome);
	return q_run(&q);
}

static int
leave(struct store *store, int64_t job_id, int64_t document_id,
    int64_t kept_id)
{
	int err;

	err = let_go(store, kept_id);
	return err < 0 ? err : replaced_done(store, job_id, document_id,
				   OUTCOME_LEFT);
}

#define KEPT_PAGE 64

/* Some documents that a job noted, and what is kept of them. */
struct kept_page {
	struct {
		int64_t document_id, revision_id;
	} rows[KEPT_PAGE];
	size_t count, size;
};

static int
kept_row(struct q *q, void *arg)
{
	struct kept_page *page = arg;

	ASSERT(page->count < page->size);
	page->rows[page->count].document_id = q_col_int(q, 0);
	page->rows[page->count++].revision_id = q_col_int(q, 1);
	return 0;
}

int
store_replaced_leave(struct store *store, int64_t job_id, int64_t root_id,
    size_t limit, bool *ret_left)
{
	struct kept_page page;
	struct q q;
	size_t i;
	int err;

	do {
		page.count = 0;
		page.size = limit < KEPT_PAGE ? limit : KEPT_PAGE;
		q_one(&q, store, STMT_REPLACED_TREE, job_id, root_id);
		q_int(&q, (int64_t)page.size);
		err = q_each(&q, kept_row, &page);
		for (i = 0; err == 0 && i < page.count; i++)
			err = leave(store, job_id, page.rows[i].document_id,
			    page.rows[i].revision_id);
		limit -= page.count;
	} while (err == 0 && limit > 0 && page.count == page.size);
	if (err == 0)
		*ret_left = limit == 0;
	return err;
}

/* The revision that is kept for it alone. */
static int64_t
kept_of(const struct replaced *replaced)
{
	return replaced->own_revision_id != 0 ||
		replaced->kind == REPLACED_DELETED
	    ? replaced->revision_id
	    : 0;
}

int
store_replaced_leave_one(struct store *store, int64_t job_id,
    const struct replaced *replaced)
{
	return leave(store, job_id, replaced->document_id, kept_of(replaced));
}

int
store_replaced_made(struct store *store, int64_t job_id,
    const struct replaced *replaced)
{
	return replaced_done(store, job_id, replaced->document_id,
	    OUTCOME_UNDONE);
}

static int
row_again(struct store *store, int64_t job_id, int64_t document_id)
{
	struct q from, to;

	q_one(&from, store, STMT_REPLACED_WHOLE, job_id, document_id);
	q_open(&to, store, STMT_DOCUMENT_AGAIN);
	q_int(&to, document_id);
	return whole_copy(&from, &to);
}

static int
row_restore(struct store *store, int64_t job_id, int64_t document_id,
    bool has_content, int64_t now_us)
{
	struct q q;
	int err;

	q_one(&q, store, STMT_UNDO_HEAD, job_id, document_id);
	q_int(&q, now_us);
	err = q_run(&q);
	if (err == 0 && has_content)
		err = stmt_run_2(store, STMT_UNDO_CONTENT, job_id,
		    document_id);
	return err;
}

/* The document's row is as it was: its revision becomes live, or hidden with
 * the document, and whatever was live in its place dies. */
static int
content_restore(struct store *store, const struct replaced *replaced,
    const struct document_live *old)
{
	struct document_live now;
	int err;

	err = document_live(store, replaced->document_id, &now);
	if (err == 0)
		err = revisions_alive_end(store, replaced->document_id);
	if (err == 0 && now.revision_id != 0)
		err = stmt_run_2(store, STMT_REVISION_REVIVE, now.revision_id,
		    now.is_off ? REVISION_OFF : REVISION_LIVE);
	return err < 0 ? err
		       : base_grow(store, now.base_id,
			     (now.revision_id != 0) - (old->revision_id != 0),
			     now.segments - old->segments,
			     now.characters - old->characters);
}

int
store_replaced_restore(struct store *store, int64_t job_id,
    const struct replaced *replaced, int64_t now_us)
{
	int64_t document_id = replaced->document_id;
	bool has_content = replaced->own_revision_id != 0;
	struct document_live old = {.revision_id = 0};
	int err;

	if (replaced->is_idle)
		return stmt_run_2(store, STMT_REPLACED_DROP, job_id,
		    document_id);
	if (replaced->kind == REPLACED_DELETED) {
		err = row_again(store, job_id, document_id);
		has_content = true;
	} else {
		err = document_live(store, document_id, &old);
		if (err == 0)
			err = row_restore(store, job_id, document_id,
			    has_content, now_us);
	}
	if (err == 0 && has_content)
		err = content_restore(store, replaced, &old);
	else if (err == 0) /* what queries answer of it has changed */
		err = base_grow(store, old.base_id, 0, 0, 0);
	return err < 0 ? err : replaced_done(store, job_id, document_id,
				   OUTCOME_UNDONE);
}

/* ---- what became of it -------------------------------------------------- */

int
store_undo_is_left(struct store *store, int64_t job_id, bool *ret_is_left)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_UNDO_IS_LEFT);
	q_int(&q, job_id);
	got = q_step(&q);
	if (got >= 0)
		*ret_is_left = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

struct undone_walk {
	undone_fn *fn;
	void *arg;
};

static int
undone_row(struct q *q, void *arg)
{
	const struct undone_walk *walk = arg;
	struct undone undone = {.document_id = q_col_int(q, 0),
	    .kind = (enum replaced_kind)q_col_int(q, 1),
	    .is_left = q_col_int(q, 2) == OUTCOME_LEFT,
	    .uri = q_col_text(q, 3), .name = q_col_text(q, 4)};

	return walk->fn(walk->arg, &undone);
}

int
store_undone_each(struct store *store, int64_t job_id, undone_fn *fn,
    void *arg)
{
	struct undone_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_UNDONE);
	q_int(&q, job_id);
	return q_each(&q, undone_row, &walk);
}

/* The id of a statement with one number; ERR_NOT_FOUND. */
static int
job_of(struct store *store, enum stmt_id id, int64_t number,
    int64_t *ret_job_id)
{
	struct q q;
	int got;

	q_open(&q, store, id);
	q_int(&q, number);
	got = q_step(&q);
	if (got > 0)
		*ret_job_id = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_undone_next(struct store *store, int64_t after_id, int64_t *ret_job_id)
{
	return job_of(store, STMT_JOBS_UNDONE, after_id, ret_job_id);
}

/* ---- the end of keeping ------------------------------------------------- */

int
store_kept_oldest(struct store *store, int64_t end_us, int64_t *ret_job_id)
{
	return job_of(store, STMT_JOB_KEPT_OLD, end_us, ret_job_id);
}

int
store_kept_end(struct store *store, int64_t job_id, size_t limit,
    bool *ret_left)
{
	struct kept_page page;
	struct q q;
	size_t i;
	int err;

	do {
		page.count = 0;
		page.size = limit < KEPT_PAGE ? limit : KEPT_PAGE;
		q_open(&q, store, STMT_REPLACED_OF);
		q_int(&q, job_id);
		q_int(&q, (int64_t)page.size);
		err = q_each(&q, kept_row, &page);
		for (i = 0; err == 0 && i < page.count; i++) {
			err = let_go(store, page.rows[i].revision_id);
			if (err == 0)
				err = stmt_run_2(store, STMT_REPLACED_DROP,
				    job_id, page.rows[i].document_id);
		}
		limit -= page.count;
	} while (err == 0 && limit > 0 && page.count == page.size);
	if (err == 0 && limit > 0)
		err = stmt_run_1(store, STMT_JOB_KEEPS_NOTHING, job_id);
	if (err == 0)
		*ret_left = limit == 0;
	return err;
}
