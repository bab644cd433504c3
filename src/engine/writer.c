/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One group:  take the queue -> BEGIN -> apply each -> (gather, apply) ->
 * settle and store the jobs touched -> COMMIT -> board -> done of each.
 *
 * lock guards queue, queue_bytes, the flags and the two conditions; the group
 * itself belongs to the writer thread.  A full disk does not hold the lock:
 * clients keep getting answers from the board while the writer waits.
 *
 * The log is copied back between groups when it has grown by CHECKPOINT_BYTES
 * or the queue has run dry.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/assert.h"
#include "base/histogram.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/write_tx.h"
#include "engine/writer.h"
#include "model/job.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/crash.h"
#include "sys/thread.h"

#define QUEUE_BYTES_MAX (8 * MIB)
#define GROUP_BYTES_MAX (4 * MIB)
#define GROUP_OPS_MAX 4096u
#define STORAGE_WAIT_US 500000
#define CHECKPOINT_BYTES (32 * MIB)
#define IDLE_US 200000

struct op_list {
	struct write_op *head, **tail;
};

struct writer {
	struct store *store;
	struct board *board;
	struct writer_config config;
	pthread_t thread;
	bool is_started;

	pthread_mutex_t lock;
	pthread_cond_t queued; /* something to do, or stop */
	pthread_cond_t room;   /* the queue has shrunk */
	struct op_list queue;
	size_t queue_bytes;
	uint64_t queue_ops;
	bool is_draining;
	bool is_stopping;
	bool is_busy;

	atomic_bool is_storage_waiting;
	_Atomic uint64_t commits, operations;
	struct histogram commit_seconds, commit_operations;
	/* When the thread was last seen to get on, or was given something to
	 * do; by the monotonic clock. */
	_Atomic int64_t beat_us;
	atomic_bool is_at_disk; /* it commits, or copies the log */

	/* The writer thread's own: */
	struct write_tx tx;
	struct op_list group;
	size_t group_bytes;
	unsigned group_ops;
	bool is_group_urgent; /* somebody waits for one of them */
	uint64_t log_left; /* what the last checkpoint had to leave */
};

static void
op_list_init(struct op_list *list)
{
	list->head = NULL;
	list->tail = &list->head;
}

static void
op_list_put(struct op_list *list, struct write_op *op)
{
	op->next = NULL;
	*list->tail = op;
	list->tail = &op->next;
}

static void
writer_beat(struct writer *writer)
{
	atomic_store_explicit(&writer->beat_us, clock_mono_us(),
	    memory_order_relaxed);
}

/* A statement that works for minutes (a large job is tried again) gets on. */
static int
writer_progress(void *arg)
{
	writer_beat(arg);
	return 0;
}

/* ---- one group -------------------------------------------------------- */

static bool
is_storage_trouble(int err)
{
	return err == ERR_STORAGE_FULL || err == ERR_IO || err == ERR_NOMEM;
}

/* The same of a whole group; another process (a shell, a backup) may hold the
 * store for a while. */
static bool
is_group_trouble(int err)
{
	return is_storage_trouble(err) || err == ERR_BUSY;
}

static int
tx_begin(struct writer *writer)
{
	int err;

	tx_forget(&writer->tx);
	err = store_begin(writer->store, NULL);
	writer->tx.now_us = clock_wall_us();
	writer->tx.serial++;
	return err;
}

/* 0, or storage trouble: the group must be rolled back and tried again. */
static int
op_apply(struct writer *writer, struct write_op *op, bool *ret_must_repeat)
{
	int64_t before = store_changes(writer->store);
	int err;

	writer_beat(writer);
	op->note.text[0] = '\0';
	writer->tx.now_us = clock_wall_us();
	writer->tx.trouble = 0;
	err = op->apply(&writer->tx, op->arg, &op->note);
	if (writer->tx.trouble < 0)
		err = writer->tx.trouble;
	if (writer->tx.is_short)
		err = ERR_NOMEM;
	op->err = err;
	if (err >= 0)
		return 0;
	if (is_storage_trouble(err))
		return err;
	op->is_failed = true;
	if (store_changes(writer->store) != before)
		*ret_must_repeat = true;
	return 0;
}

static int
group_apply(struct writer *writer, struct write_op *first)
{
	struct write_op *op;
	bool must_repeat = false;
	int err = 0;

	for (op = first; err == 0 && op != NULL && !must_repeat; op = op->next)
		if (!op->is_failed)
			err = op_apply(writer, op, &must_repeat);
	if (err == 0 && must_repeat) {
		/* Once more from the start, without the one that failed. */
		store_rollback(writer->store);
		err = tx_begin(writer);
		if (err == 0)
			err = group_apply(writer, writer->group.head);
	}
	return err;
}

/* Take what is queued into the group; returns the first that was taken. */
static struct write_op *
group_take(struct writer *writer)
{
	struct write_op *op, *first = NULL;

	(void)pthread_mutex_lock(&writer->lock);
	while ((op = writer->queue.head) != NULL &&
	    writer->group_bytes < GROUP_BYTES_MAX &&
	    writer->group_ops < GROUP_OPS_MAX) {
		writer->queue.head = op->next;
		if (op->next == NULL)
			writer->queue.tail = &writer->queue.head;
		writer->queue_bytes -= op->bytes;
		writer->queue_ops--;
		writer->is_group_urgent |= op->is_urgent;
		writer->group_bytes += op->bytes;
		writer->group_ops++;
		if (first == NULL)
			first = op;
		op_list_put(&writer->group, op);
	}
	(void)pthread_cond_broadcast(&writer->room);
	(void)pthread_mutex_unlock(&writer->lock);
	return first;
}

static bool
group_is_full(const struct writer *writer)
{
	return writer->group_bytes >= GROUP_BYTES_MAX ||
	    writer->group_ops >= GROUP_OPS_MAX;
}

/* Wait for more until due; false when the group should be committed. */
static bool
group_wait(struct writer *writer, int64_t due_us)
{
	int64_t left;
	bool is_more;

	(void)pthread_mutex_lock(&writer->lock);
	while (writer->queue.head == NULL && !writer->is_stopping &&
	    (left = due_us - clock_mono_us()) > 0)
		thread_wait_us(&writer->queued, &writer->lock, left);
	is_more = writer->queue.head != NULL;
	(void)pthread_mutex_unlock(&writer->lock);
	return is_more;
}

/* Apply and gather until the group is to be committed. */
static int
group_fill(struct writer *writer)
{
	int64_t due = clock_mono_us() +
	    (int64_t)writer->config.commit_ms * 1000;
	int err;

	err = tx_begin(writer);
	if (err < 0)
		return err;
	err = group_apply(writer, writer->group.head);
	while (err == 0 && !group_is_full(writer)) {
		if (writer->is_group_urgent || clock_mono_us() >= due)
			due = 0;
		if (!group_wait(writer, due))
			break;
		err = group_apply(writer, group_take(writer));
		if (due == 0)
			break;
	}
	return err;
}

/*
 * Was the job only looked at?  An order for what has ended, or a worker whose
 * item was taken from it: a new revision would tell of a change that is none.
 */
static bool
is_untouched(const struct writer *writer, const struct job *job)
{
	const struct job *own = board_own(writer->board, job->id);

	return own != NULL && memcmp(own, job, sizeof(*job)) == 0;
}

/* Does the job end with this group? */
static bool
is_ending(const struct writer *writer, const struct job *job)
{
	const struct job *own = board_own(writer->board, job->id);

	return writer->config.on_end != NULL &&
	    job_state_is_final(job->state) &&
	    (own == NULL || !job_state_is_final(own->state));
}

static int
commit_timed(struct writer *writer)
{
	int64_t begun_us = clock_mono_us();
	int err;

	writer_beat(writer);
	atomic_store(&writer->is_at_disk, true);
	err = store_commit(writer->store, NULL);
	writer_beat(writer);
	atomic_store(&writer->is_at_disk, false);
	if (err == 0)
		histogram_add(&writer->commit_seconds, &histogram_work,
		    clock_mono_us() - begun_us);
	return err;
}

static int
group_commit(struct writer *writer)
{
	struct write_tx *tx = &writer->tx;
	struct job *job;
	int64_t rev, generation;
	size_t i;
	int err;

	tx->now_us = clock_wall_us();
	/* Any of them may be new, and what is committed must be shown. */
	err = board_reserve(writer->board, (unsigned)tx->job_count);
	for (i = 0; err == 0 && i < tx->job_count; i++) {
		job = &tx->jobs[i]->job;
		if (is_untouched(writer, job))
			continue;
		job_settle(job, tx->now_us);
		job->rev = store_next_rev(writer->store);
		err = store_stamp(writer->store, &rev, &generation);
		job->generation = generation;
		if (err == 0)
			err = store_job_save(writer->store, job);
		if (err == 0 && is_ending(writer, job))
			err = writer->config.on_end(writer->config.arg, tx,
			    job);
	}
	if (err == 0)
		err = tx_shares_store(tx);
	CRASH_POINT("before-commit");
	if (err == 0)
		err = commit_timed(writer);
	if (err == 0)
		CRASH_POINT("after-commit");
	return err;
}

static void
group_publish(struct writer *writer)
{
	struct write_tx *tx = &writer->tx;
	int64_t rev = 0, generation = 0;
	size_t i;
	int err;

	for (i = 0; i < tx->job_count; i++) {
		if (writer->config.on_change != NULL)
			writer->config.on_change(writer->config.arg,
			    board_own(writer->board, tx->jobs[i]->job.id),
			    &tx->jobs[i]->job);
		err = board_put(writer->board, &tx->jobs[i]->job);
		/* A job that finds no room on the board was refused before
		 * it was added; see writer_do's callers. */
		if (err < 0)
			log_with(LOG_ERROR, "a job has no place on the board",
			    LOG_UUID("job", &tx->jobs[i]->job.uuid),
			    LOG_TEXT("error", err_text(err)));
	}
	for (i = 0; i < tx->hook_count; i++)
		tx->hooks[i].fn(tx->hooks[i].arg, tx->hooks[i].id);
	(void)store_stamp(writer->store, &rev, &generation);
	board_set_rev(writer->board, rev, generation);
	for (i = 0; writer->config.on_job != NULL && i < tx->job_count; i++)
		writer->config.on_job(writer->config.arg, &tx->jobs[i]->job);
	tx_forget(tx);
}

static void
group_tell(struct writer *writer)
{
	struct write_op *op, *next;

	for (op = writer->group.head; op != NULL; op = next) {
		next = op->next;
		if (op->done != NULL)
			op->done(op, op->is_failed ? op->err : 0, &op->note);
	}
	op_list_init(&writer->group);
	writer->group_bytes = 0;
	writer->group_ops = 0;
	writer->is_group_urgent = false;
}

/* Wait a little, or until the program stops: then the group is given up, for
 * what was not committed was not promised. */
static bool
storage_wait(struct writer *writer, int err)
{
	bool is_stopping;

	writer_beat(writer);
	if (!atomic_exchange(&writer->is_storage_waiting, true))
		log_warn("the storage does not take writes (%s); waiting",
		    err_text(err));
	(void)pthread_mutex_lock(&writer->lock);
	is_stopping = writer->is_stopping || writer->is_draining;
	if (!is_stopping)
		thread_wait_us(&writer->queued, &writer->lock,
		    STORAGE_WAIT_US);
	(void)pthread_mutex_unlock(&writer->lock);
	return !is_stopping;
}

/* Take the requests out of list; returns them, oldest first. */
static struct write_op *
requests_take(struct op_list *list)
{
	struct write_op *op, **link = &list->head;
	struct op_list taken;

	op_list_init(&taken);
	while ((op = *link) != NULL) {
		if (op->gives_up) {
			*link = op->next;
			op_list_put(&taken, op);
		} else {
			link = &op->next;
		}
	}
	list->tail = link;
	return taken.head;
}

static void
requests_fail(struct write_op *op, int err)
{
	struct write_op *next;
	struct err_note note;

	(void)err_set(&note, err, "the storage does not take writes: %s",
	    err_text(err));
	for (; op != NULL; op = next) {
		next = op->next;
		op->done(op, err, &note);
	}
}

/*
 * Requests are told of the trouble, those in the queue too; the engine's own
 * work stays and waits.  What failed of it failed in a transaction that has
 * not happened, perhaps because of a request that is gone now: it is tried
 * again as well.
 */
static void
group_turn_away(struct writer *writer, int err)
{
	struct write_op *queued, *op;

	/* Before anybody is told: who asks again then is not turned away for
	 * what is over. */
	(void)pthread_mutex_lock(&writer->lock);
	queued = requests_take(&writer->queue);
	for (op = queued; op != NULL; op = op->next)
		writer->queue_ops--;
	(void)pthread_mutex_unlock(&writer->lock);
	requests_fail(requests_take(&writer->group), err);
	requests_fail(queued, err);
	for (op = writer->group.head; op != NULL; op = op->next)
		op->is_failed = false;
}

static void
group_fail(struct writer *writer, int err)
{
	struct write_op *op;

	for (op = writer->group.head; op != NULL; op = op->next) {
		op->is_failed = true;
		op->err = err;
	}
	tx_forget(&writer->tx);
}

static void
group_run(struct writer *writer)
{
	int err;

	for (;;) {
		err = group_fill(writer);
		if (err == 0)
			err = group_commit(writer);
		if (err == 0)
			break;
		store_rollback(writer->store);
		if (is_group_trouble(err))
			group_turn_away(writer, err);
		if (writer->group.head == NULL) {
			group_fail(writer, err); /* nothing of it is left */
			group_tell(writer);
			return;
		}
		if (!is_group_trouble(err) || !storage_wait(writer, err)) {
			log_error("changes were not stored: %s",
			    err_text(err));
			group_fail(writer, err);
			group_tell(writer);
			return;
		}
	}
	if (atomic_exchange(&writer->is_storage_waiting, false))
		log_info("the storage takes writes again");
	atomic_fetch_add(&writer->commits, 1);
	atomic_fetch_add(&writer->operations, writer->group_ops);
	histogram_add(&writer->commit_operations, &histogram_counts,
	    (int64_t)writer->group_ops);
	group_publish(writer);
	CRASH_POINT("before-telling");
	group_tell(writer);
	CRASH_POINT("after-telling");
	if (writer->config.on_commit != NULL)
		writer->config.on_commit(writer->config.arg);
}

/* Has the log grown by that much since it was last copied? */
static bool
log_has_grown(struct writer *writer, uint64_t bytes)
{
	uint64_t log = store_log_bytes(writer->store);

	if (log < writer->log_left)
		writer->log_left = 0; /* it began anew */
	return log - writer->log_left >= bytes;
}

static void
writer_checkpoint(struct writer *writer, bool is_idle)
{
	if (!log_has_grown(writer, is_idle ? 1 : CHECKPOINT_BYTES))
		return;
	/* A failure leaves the log longer; nothing is lost. */
	atomic_store(&writer->is_at_disk, true);
	(void)store_checkpoint(writer->store, is_idle);
	writer_beat(writer);
	atomic_store(&writer->is_at_disk, false);
	writer->log_left = store_log_bytes(writer->store);
}

static void *
writer_run(void *arg)
{
	struct writer *writer = arg;
	bool is_idle;

	store_on_progress(writer->store, writer_progress, writer);
	for (;;) {
		(void)pthread_mutex_lock(&writer->lock);
		writer_beat(writer);
		writer->is_busy = false;
		is_idle = writer->queue.head == NULL;
		if (is_idle && !writer->is_stopping)
			thread_wait_us(&writer->queued, &writer->lock,
			    log_has_grown(writer, 1) ? IDLE_US : -1);
		is_idle = writer->queue.head == NULL;
		if (is_idle && writer->is_stopping)
			break;
		writer->is_busy = !is_idle;
		(void)pthread_mutex_unlock(&writer->lock);
		if (!is_idle) {
			(void)group_take(writer);
			group_run(writer);
		}
		writer_checkpoint(writer, is_idle);
	}
	(void)pthread_mutex_unlock(&writer->lock);
	writer_checkpoint(writer, true);
	store_on_progress(writer->store, NULL, NULL);
	return NULL;
}

/* ---- from outside ----------------------------------------------------- */

struct writer *
writer_new(struct store *store, struct board *board,
    const struct writer_config *config)
{
	struct writer *writer;

	writer = mem_zalloc(sizeof(*writer));
	if (writer == NULL)
		return NULL;
	writer->store = store;
	writer->board = board;
	writer->config = *config;
	writer->tx.board = board;
	writer->tx.store = store;
	op_list_init(&writer->queue);
	op_list_init(&writer->group);
	(void)pthread_mutex_init(&writer->lock, NULL);
	thread_cond_init(&writer->queued);
	thread_cond_init(&writer->room);
	return writer;
}

int
writer_start(struct writer *writer)
{
	int err;

	err = thread_start(&writer->thread, "tm-writer", writer_run, writer);
	if (err == 0)
		writer->is_started = true;
	return err;
}

void
writer_drain(struct writer *writer)
{
	(void)pthread_mutex_lock(&writer->lock);
	writer->is_draining = true;
	(void)pthread_cond_broadcast(&writer->queued);
	(void)pthread_mutex_unlock(&writer->lock);
}

void
writer_stop(struct writer *writer)
{
	if (!writer->is_started)
		return;
	(void)pthread_mutex_lock(&writer->lock);
	writer->is_stopping = true;
	(void)pthread_cond_broadcast(&writer->queued);
	(void)pthread_mutex_unlock(&writer->lock);
	(void)pthread_join(writer->thread, NULL);
	writer->is_started = false;
}

void
writer_free(struct writer *writer)
{
	if (writer == NULL)
		return;
	ASSERT(!writer->is_started);
	tx_fini(&writer->tx);
	(void)pthread_cond_destroy(&writer->room);
	(void)pthread_cond_destroy(&writer->queued);
	(void)pthread_mutex_destroy(&writer->lock);
	mem_free(writer);
}

void
writer_post(struct writer *writer, struct write_op *op)
{
	(void)pthread_mutex_lock(&writer->lock);
	while (!op->is_urgent && op->bytes > 0 && writer->queue_bytes > 0 &&
	    writer->queue_bytes + op->bytes > QUEUE_BYTES_MAX)
		thread_wait_us(&writer->room, &writer->lock, -1);
	op->is_failed = false;
	/* Idle till now, it has this long to begin. */
	if (writer->queue.head == NULL && !writer->is_busy)
		writer_beat(writer);
	op_list_put(&writer->queue, op);
	writer->queue_ops++;
	writer->queue_bytes += op->bytes;
	(void)pthread_cond_signal(&writer->queued);
	(void)pthread_mutex_unlock(&writer->lock);
}

struct waiter {
	struct write_op op;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool is_done;
	int err;
	struct err_note note;
};

static void
waiter_done(struct write_op *op, int err, const struct err_note *note)
{
	struct waiter *waiter = (struct waiter *)op;

	(void)pthread_mutex_lock(&waiter->lock);
	waiter->err = err;
	waiter->note = *note;
	waiter->is_done = true;
	(void)pthread_cond_signal(&waiter->told);
	(void)pthread_mutex_unlock(&waiter->lock);
}

static int
writer_wait(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, bool is_urgent, bool gives_up, struct err_note *note)
{
	struct waiter waiter;

	memset(&waiter, 0, sizeof(waiter));
	waiter.op.apply = apply;
	waiter.op.done = waiter_done;
	waiter.op.arg = arg;
	waiter.op.is_urgent = is_urgent;
	waiter.op.gives_up = gives_up;
	(void)pthread_mutex_init(&waiter.lock, NULL);
	thread_cond_init(&waiter.told);
	if (writer->is_started) {
		writer_post(writer, &waiter.op);
		(void)pthread_mutex_lock(&waiter.lock);
		while (!waiter.is_done)
			thread_wait_us(&waiter.told, &waiter.lock, -1);
		(void)pthread_mutex_unlock(&waiter.lock);
	} else {
		op_list_put(&writer->group, &waiter.op);
		writer->group_ops = 1;
		group_run(writer);
	}
	(void)pthread_cond_destroy(&waiter.told);
	(void)pthread_mutex_destroy(&waiter.lock);
	if (waiter.err < 0 && note != NULL)
		*note = waiter.note;
	return waiter.err;
}

int
writer_do(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, struct err_note *note)
{
	return writer_wait(writer, apply, arg, true, true, note);
}

int
writer_do_surely(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, struct err_note *note)
{
	return writer_wait(writer, apply, arg, true, false, note);
}

int
writer_do_quietly(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, struct err_note *note)
{
	return writer_wait(writer, apply, arg, false, false, note);
}

static int
nothing_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	(void)tx;
	(void)arg;
	(void)note;
	return 0;
}

void
writer_settle(struct writer *writer)
{
	/* Fails at the program's end only. */
	(void)writer_wait(writer, nothing_apply, NULL, true, false, NULL);
}

bool
writer_is_idle(struct writer *writer)
{
	bool is_idle;

	(void)pthread_mutex_lock(&writer->lock);
	is_idle = writer->queue.head == NULL && !writer->is_busy;
	(void)pthread_mutex_unlock(&writer->lock);
	return is_idle;
}

bool
writer_is_storage_waiting(const struct writer *writer)
{
	return atomic_load_explicit(&writer->is_storage_waiting,
	    memory_order_relaxed);
}

void
writer_stats(struct writer *writer, struct writer_stats *ret_stats)
{
	ret_stats->commits = atomic_load(&writer->commits);
	ret_stats->operations = atomic_load(&writer->operations);
	(void)pthread_mutex_lock(&writer->lock);
	ret_stats->queue_bytes = writer->queue_bytes;
	ret_stats->queue_operations = writer->queue_ops;
	(void)pthread_mutex_unlock(&writer->lock);
	ret_stats->commit_seconds = &writer->commit_seconds;
	ret_stats->commit_operations = &writer->commit_operations;
}

bool
writer_is_at_disk(const struct writer *writer)
{
	return atomic_load(&writer->is_at_disk);
}

int64_t
writer_stalled_us(struct writer *writer)
{
	int64_t beat_us, now_us;
	bool is_idle;

	(void)pthread_mutex_lock(&writer->lock);
	is_idle = writer->queue.head == NULL && !writer->is_busy;
	beat_us = atomic_load_explicit(&writer->beat_us,
	    memory_order_relaxed);
	(void)pthread_mutex_unlock(&writer->lock);
	now_us = clock_mono_us();
	return is_idle || now_us < beat_us ? 0 : now_us - beat_us;
}
