/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job is marked first, in the transaction that takes back its first
 * documents; the rest follows in pieces, so that the writer is not held up by
 * a large job.  A piece begins with what is not done yet, whoever asks: two
 * requests for the same job, and the start after a crash, do not get in each
 * other's way.  A job of up to PIECE documents is undone in one transaction,
 * and so is every tree of up to that many.
 */
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/undo.h"
#include "engine/writer.h"
#include "store/store_undo.h"
#include "sys/clock.h"
#include "sys/crash.h"

#define PIECE 256u /* documents that are taken back in one transaction */
#define KEPT_PIECE 256u

struct undo {
	struct engine *engine;
	int64_t account_id;
	struct uuid uuid;
	bool is_resumed; /* job_id was marked before */
	int64_t job_id, base_id; /* once it is known */
	bool is_left; /* there is more to do */
};

/* ---- documents ----------------------------------------------------------- */

static int
undo_one(struct write_tx *tx, int64_t job_id, const struct replaced *replaced)
{
	struct store *store = tx_store(tx);
	int err;

	if (replaced->is_changed)
		return store_replaced_leave_one(store, job_id, replaced);
	/* What others had put into it meanwhile is brought back. */
	if (replaced->kind != REPLACED_MADE || replaced->revision_id != 0)
		return store_replaced_restore(store, job_id, replaced,
		    tx_now_us(tx));
	err = store_replaced_made(store, job_id, replaced);
	return err < 0 ? err
		       : document_drop(tx, replaced->document_id, NULL);
}

/* A tree is not torn by the end of a piece that it did not fill. */
static int
undo_fits(struct write_tx *tx, int64_t job_id,
    const struct replaced *replaced, int64_t looked_id, unsigned done,
    bool *ret_fits)
{
	size_t count = 0;
	int err;

	*ret_fits = true;
	if (done == 0 || replaced->root_id == looked_id ||
	    replaced->root_id == replaced->document_id)
		return 0;
	err = store_replaced_tree_count(tx_store(tx), job_id,
	    replaced->root_id, PIECE, &count);
	*ret_fits = done + count <= PIECE;
	return err;
}

/* Trees of one document need no look of their own. */
static int
undo_is_refused(struct write_tx *tx, int64_t job_id,
    const struct replaced *replaced, int64_t looked_id, bool *ret_is_refused)
{
	*ret_is_refused = false;
	if (replaced->root_id == looked_id ||
	    replaced->root_id == replaced->document_id)
		return 0;
	return store_replaced_tree_is_changed(tx_store(tx), job_id,
	    replaced->root_id, ret_is_refused);
}

static int
undo_piece(struct write_tx *tx, struct undo *undo)
{
	struct store *store = tx_store(tx);
	struct replaced replaced;
	bool is_refused, fits = true;
	int64_t looked_id = 0;
	unsigned i;
	int err = 0;

	for (i = 0; err == 0 && i < PIECE; i++) {
		err = store_replaced_next(store, undo->job_id, &replaced);
		if (err == 0)
			err = undo_fits(tx, undo->job_id, &replaced,
			    looked_id, i, &fits);
		if (err == 0 && !fits)
			break;
		if (err == 0)
			err = undo_is_refused(tx, undo->job_id, &replaced,
			    looked_id, &is_refused);
		if (err < 0)
			break;
		looked_id = replaced.root_id;
		if (!is_refused) {
			err = undo_one(tx, undo->job_id, &replaced);
			continue;
		}
		err = store_replaced_leave(store, undo->job_id,
		    replaced.root_id, PIECE, &undo->is_left);
		looked_id = 0;
		/* That is as much as a piece is. */
		if (err == 0 && undo->is_left)
			return 0;
	}
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	undo->is_left = err == 0;
	return 0;
}

/* ---- the job ------------------------------------------------------------- */

static bool
is_too_late(const struct engine *engine, const struct job *job,
    int64_t now_us)
{
	return engine->undo_us > 0 &&
	    now_us - job->finished_us > engine->undo_us;
}

int64_t
undo_until(const struct engine *engine, const struct job *job, int64_t now_us)
{
	if (!job_state_is_final(job->state) || !job->keeps_replaced ||
	    job->undone_us != 0 || engine->undo_us == 0 ||
	    is_too_late(engine, job, now_us))
		return 0;
	return job->finished_us + engine->undo_us;
}

static int
undo_check(const struct undo *undo, const struct job *job, int64_t now_us,
    struct err_note *note)
{
	if (!job_state_is_final(job->state))
		return err_set(note, ERR_CONFLICT,
		    "the job is still %s: cancel it, or wait for its end",
		    job_state_name(job->state));
	if (job->undone_us != 0)
		return 0;
	if (is_too_late(undo->engine, job, now_us))
		return err_set(note, ERR_CONFLICT,
		    "the job ended too long ago: what it replaced is not kept "
		    "any more");
	if (!job->keeps_replaced)
		return err_set(note, ERR_CONFLICT,
		    "the job did not keep what it replaced");
	return 0;
}

/* On the board, where others see it, or of an old job in the store. */
static int
undo_mark(struct write_tx *tx, const struct job *found)
{
	struct job *job = tx_job(tx, found->id), old = *found;
	int64_t rev;
	int err;

	if (job != NULL) {
		/* The same group may have done so; the store does not know
		 * yet. */
		if (job->undone_us == 0)
			job->undone_us = tx_now_us(tx);
		return 0;
	}
	old.undone_us = old.updated_us = tx_now_us(tx);
	old.rev = store_next_rev(tx_store(tx));
	err = store_stamp(tx_store(tx), &rev, &old.generation);
	return err < 0 ? err : store_job_save(tx_store(tx), &old);
}

static int
undo_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct undo *undo = arg;
	struct job job;
	int err;

	undo->is_left = false;
	if (undo->is_resumed)
		return undo_piece(tx, undo);
	err = store_job_find(tx_store(tx), undo->account_id, &undo->uuid,
	    &job);
	if (err < 0)
		return err_set(note, err, "there is no such job");
	undo->job_id = job.id;
	undo->base_id = job.base_id;
	err = undo_check(undo, &job, tx_now_us(tx), note);
	if (err < 0)
		return err;
	if (job.undone_us == 0)
		err = undo_mark(tx, &job);
	return err < 0 ? err : undo_piece(tx, undo);
}

int
engine_job_undo(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct job *ret_job, struct err_note *note)
{
	struct undo undo = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid};
	struct store *reader = NULL;
	int err;

	do {
		err = writer_do(engine->writer, undo_apply, &undo, note);
		CRASH_POINT("undo");
	} while (err == 0 && undo.is_left);
	/* It does the rest of what was begun and cannot be gone on with
	 * here. */
	janitor_wake(engine->janitor);
	/* What was brought back may be of a time with another model; so may be
	 * what a piece brought back before another one failed. */
	if (undo.base_id != 0)
		janitor_lacks(engine->janitor, undo.base_id);
	if (err < 0)
		return err;
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = store_job_find(reader, account_id, uuid, ret_job);
	store_close(reader);
	return err;
}

/* ---- what became of it --------------------------------------------------- */

struct told {
	undone_told_fn *fn;
	void *arg;
};

static int
undone_row(void *arg, const struct undone *undone)
{
	const struct told *told = arg;
	enum undone_kind kind = undone->is_left ? UNDONE_LEFT
	    : undone->kind == REPLACED_MADE	? UNDONE_REMOVED
						: UNDONE_RESTORED;

	return told->fn(told->arg, kind, undone->uri, undone->name);
}

int
engine_job_undone(struct store *reader, int64_t job_id, undone_told_fn *fn,
    void *arg)
{
	struct told told = {fn, arg};

	return store_undone_each(reader, job_id, undone_row, &told);
}

/* ---- the janitor's part -------------------------------------------------- */

int
undo_resume(struct engine *engine, struct store *reader,
    const atomic_bool *stop)
{
	struct undo undo = {.engine = engine, .is_resumed = true};
	bool is_left = false, is_some = false;
	int err;

	for (;;) {
		err = store_undone_next(reader, undo.job_id, &undo.job_id);
		if (err < 0)
			break;
		err = store_undo_is_left(reader, undo.job_id, &is_left);
		undo.is_left = is_left;
		is_some |= is_left;
		while (err == 0 && undo.is_left && !atomic_load(stop))
			err = writer_do_quietly(engine->writer, undo_apply,
			    &undo, NULL);
		if (err < 0 || atomic_load(stop))
			break;
	}
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	return is_some ? 1 : 0;
}

struct kept_op {
	int64_t end_us;
	bool is_left;
};

static int
kept_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct kept_op *op = arg;
	int64_t job_id = 0;
	int err;

	(void)note;
	op->is_left = false;
	/* Somebody may have begun to undo the one that the caller found. */
	err = store_kept_oldest(tx_store(tx), op->end_us, &job_id);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	return store_kept_end(tx_store(tx), job_id, KEPT_PIECE, &op->is_left);
}

int
undo_end_keeping(struct engine *engine, struct store *reader, bool *ret_more)
{
	struct kept_op op = {.end_us = clock_wall_us() - engine->undo_us};
	int64_t job_id;
	int err;

	err = store_kept_oldest(reader, op.end_us, &job_id);
	*ret_more = err == 0;
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	return writer_do_quietly(engine->writer, kept_apply, &op, NULL);
}
