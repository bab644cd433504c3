/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock guards item, is_posted and is_changed.  stored, staged and
 * staged_serial are the writer thread's.  The embedded operation is in the
 * queue at most once; when it is applied it takes the newest state there is.
 * What changes between that and the commit would else be stored with the next
 * change only, and an item that waits has none: the operation then goes into
 * the queue once more.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/run.h"
#include "sys/clock.h"

struct run {
	struct write_op op; /* first: see progress_done */
	struct engine *engine;
	atomic_uint refs;
	atomic_bool is_lost, is_torn;
	_Atomic uint64_t tokens;

	pthread_mutex_t lock;
	struct item item;
	bool is_posted;
	bool is_changed; /* since the operation looked */

	struct item stored; /* committed */
	struct item staged; /* in the transaction with staged_serial */
	uint64_t staged_serial;
	uint64_t lost_serial; /* refused in that transaction; 0 not */
};

struct run *
run_new(struct engine *engine, const struct item *item)
{
	struct run *run;

	run = mem_zalloc(sizeof(*run));
	if (run == NULL)
		return NULL;
	run->engine = engine;
	run->item = *item;
	run->stored = *item;
	atomic_store(&run->refs, 1);
	(void)pthread_mutex_init(&run->lock, NULL);
	return run;
}

void
run_ref(struct run *run)
{
	atomic_fetch_add(&run->refs, 1);
}

void
run_unref(struct run *run)
{
	if (run == NULL || atomic_fetch_sub(&run->refs, 1) != 1)
		return;
	(void)pthread_mutex_destroy(&run->lock);
	mem_free(run);
}

const struct item *
run_item(const struct run *run)
{
	return &run->item;
}

struct item
run_staged(struct run *run, struct write_tx *tx)
{
	return run->staged_serial == tx_serial(tx) ? run->staged
						   : run->stored;
}

struct item
run_snapshot(struct run *run)
{
	struct item item;

	(void)pthread_mutex_lock(&run->lock);
	item = run->item;
	(void)pthread_mutex_unlock(&run->lock);
	return item;
}

int
run_store(struct run *run, struct write_tx *tx, struct item *to)
{
	struct item from = run_staged(run, tx);
	int err;

	if (atomic_load(&run->is_lost) ||
	    run->lost_serial == tx_serial(tx))
		return ERR_CONFLICT;
	/* What was queued behind the operation that ended the item. */
	err = item_state_is_final(from.state) ? ERR_CONFLICT
					      : tx_item_save(tx, &from, to);
	run->lost_serial = err == ERR_CONFLICT ? tx_serial(tx) : 0;
	if (err == 0) {
		run->staged = *to;
		run->staged_serial = tx_serial(tx);
	}
	return err;
}

void
run_committed(struct run *run)
{
	run->stored = run->staged;
}

void
run_refused(struct run *run)
{
	if (run->lost_serial != 0)
		atomic_store(&run->is_lost, true);
}

bool
run_is_lost(const struct run *run)
{
	return atomic_load_explicit(&run->is_lost, memory_order_relaxed);
}

void
run_set_torn(struct run *run)
{
	atomic_store(&run->is_torn, true);
}

bool
run_was_torn(struct run *run)
{
	return atomic_exchange(&run->is_torn, false);
}

static int
progress_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct run *run = arg;
	struct item from = run_staged(run, tx), to;

	(void)note;
	(void)pthread_mutex_lock(&run->lock);
	to = run->item;
	run->is_changed = false;
	(void)pthread_mutex_unlock(&run->lock);
	/* An operation after this one has ended the item already. */
	if (item_state_is_final(from.state))
		return 0;
	/* Segments are counted by the operations that store them. */
	to.segments_completed = from.segments_completed;
	if (to.segments_total < to.segments_completed)
		to.segments_total = to.segments_completed;
	to.bytes_done = from.bytes_done < to.bytes ? from.bytes_done
						   : to.bytes;
	return run_store(run, tx, &to);
}

static void
progress_done(struct write_op *op, int err, const struct err_note *note)
{
	struct run *run = (struct run *)op;
	bool must_post;

	(void)note;
	if (err == 0 && run->staged_serial != 0)
		run_committed(run);
	else if (err == ERR_CONFLICT)
		run_refused(run);
	(void)pthread_mutex_lock(&run->lock);
	must_post = run->is_changed && !run_is_lost(run);
	run->is_posted = must_post;
	(void)pthread_mutex_unlock(&run->lock);
	if (must_post)
		writer_post(run->engine->writer, op); /* with its reference */
	else
		run_unref(run);
}

/* Called with the lock held; lets the writer know of a change. */
static bool
progress_take(struct run *run)
{
	bool must_post = !run->is_posted;

	run->is_posted = true;
	run->is_changed = true;
	return must_post;
}

static void
progress_post(struct run *run)
{
	run_ref(run);
	run->op.apply = progress_apply;
	run->op.done = progress_done;
	run->op.arg = run;
	writer_post(run->engine->writer, &run->op);
}

void
run_enter(struct run *run, enum stage stage)
{
	enum item_state state = stage_item_state(stage);
	bool must_post;

	(void)pthread_mutex_lock(&run->lock);
	/* A step done again after a restart does not move the item back. */
	if (stage >= run->item.stage) {
		run->item.waiting_for = WAITING_NOTHING;
		item_move(&run->item, state, clock_wall_us());
	}
	must_post = progress_take(run);
	(void)pthread_mutex_unlock(&run->lock);
	if (must_post)
		progress_post(run);
}

void
run_resume(struct run *run)
{
	(void)pthread_mutex_lock(&run->lock);
	run->item.waiting_for = WAITING_NOTHING;
	if (run->item.state == ITEM_WAITING && run->item.stage != STAGE_NONE)
		item_move(&run->item, stage_item_state(run->item.stage),
		    clock_wall_us());
	(void)pthread_mutex_unlock(&run->lock);
}

void
run_wait(struct run *run, enum waiting_for reason, int64_t due_us,
    bool is_counted, const char *message)
{
	bool must_post;

	(void)pthread_mutex_lock(&run->lock);
	item_move(&run->item, ITEM_WAITING, clock_wall_us());
	run->item.waiting_for = reason;
	run->item.due_us = due_us;
	run->item.attempt += is_counted;
	(void)snprintf(run->item.message, sizeof(run->item.message), "%s",
	    message);
	must_post = progress_take(run);
	(void)pthread_mutex_unlock(&run->lock);
	if (must_post)
		progress_post(run);
}

void
run_put_back(struct run *run, enum waiting_for reason)
{
	bool must_post;

	(void)pthread_mutex_lock(&run->lock);
	run->item.waiting_for = reason;
	run->item.updated_us = clock_wall_us();
	must_post = progress_take(run);
	(void)pthread_mutex_unlock(&run->lock);
	if (must_post)
		progress_post(run);
}

void
run_set_segments(struct run *run, uint32_t total)
{
	(void)pthread_mutex_lock(&run->lock);
	/* A file that has become smaller between two tries does not take
	 * back what was told of it. */
	if (total > run->item.segments_total)
		run->item.segments_total = total;
	(void)pthread_mutex_unlock(&run->lock);
}

void
run_set_file(struct run *run, uint64_t bytes, int64_t mtime_us)
{
	(void)pthread_mutex_lock(&run->lock);
	/* The job has told of the bytes it was planned with: its total does
	 * not fall when the file has become smaller since. */
	if (bytes > run->item.bytes)
		run->item.bytes = bytes;
	run->item.mtime_us = mtime_us;
	(void)pthread_mutex_unlock(&run->lock);
}

void
run_add_tokens(struct run *run, uint64_t tokens)
{
	atomic_fetch_add(&run->tokens, tokens);
}

uint64_t
run_take_tokens(struct run *run)
{
	return atomic_exchange(&run->tokens, 0);
}

void
run_set_interrupted(struct run *run)
{
	(void)pthread_mutex_lock(&run->lock);
	run->item.interruptions++;
	(void)pthread_mutex_unlock(&run->lock);
}
