/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer: the one thread that changes the store, in groups.
 *
 * Floor 4.  Everything that changes is an operation in a queue.  The writer
 * opens a transaction, applies what waits, gathers what comes within
 * commit_ms, commits, puts the jobs it touched on the board, and only then
 * tells the operations that they are done (promise 3).
 *
 * When the disk is full or fails, the group is rolled back and tried again
 * until it goes through: operations describe what is wanted and can be
 * applied again; nothing of them is lost.  An operation that fails on its own
 * account fails alone: when it has written already, the group is rolled back
 * and applied again without it.
 */
#ifndef ENGINE_WRITER_H
#define ENGINE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct board;
struct histogram;
struct item;
struct job;
struct share;
struct store;
struct writer;
struct write_tx;

/*
 * What operations work on; the writer thread's, valid during apply.  now_us
 * is the wall clock when the operation is applied.
 */
struct store *tx_store(struct write_tx *tx);
int64_t tx_now_us(const struct write_tx *tx);
/* Differs for each transaction begun: what was staged under another serial was
 * rolled back or committed. */
uint64_t tx_serial(const struct write_tx *tx);
/* The job's working copy: changes are stored and published with the commit.
 * NULL: no such live job (final and gone from the board, or never was), or no
 * memory. */
struct job *tx_job(struct write_tx *tx, int64_t job_id);
/* Before one is added: ERR_BUSY when JOBS_LIVE_MAX jobs are live. */
int tx_job_room(const struct write_tx *tx);
/* A job that was just added to the store joins the transaction. */
int tx_job_new(struct write_tx *tx, const struct job *job);
/*
 * The only way an item changes in the store: to replaces what was stored as
 * from (guarded by from's state and attempt), and the job's counters follow,
 * and those of the item's source in it.  ERR_CONFLICT: somebody else moved it.
 */
int tx_item_save(struct write_tx *tx, const struct item *from,
    struct item *to);
/* Count an item as tx_item_save() does; from NULL: a new one.  ERR_CORRUPT:
 * its source has no share of the job. */
int tx_count(struct write_tx *tx, struct job *job, const struct item *from,
    const struct item *to);
/* The working copy of a source's share of a live job: changes are stored with
 * the commit, and its times set.  NULL: there is none, or tx_job() is NULL, or
 * the store could not be asked; then what the operation returns is replaced by
 * why, where that is not that there is none. */
struct share *tx_share(struct write_tx *tx, int64_t job_id,
    int64_t source_id);
/* A share that is not in the store joins the transaction. */
int tx_share_new(struct write_tx *tx, const struct share *share);
/* The base's jobs are deleted with it: drop their working copies. */
int tx_forget_base(struct write_tx *tx, int64_t base_id);
/* Called after the commit, on the writer thread, before operations are told:
 * for what lives on the board but is no job. */
void tx_on_commit(struct write_tx *tx, void (*fn)(void *arg, int64_t id),
    void *arg, int64_t id);

struct write_op {
	/* 0 or an error that fails this operation alone. */
	int (*apply)(struct write_tx *tx, void *arg, struct err_note *note);
	/* After the commit, or with the error; on the writer thread; may free
	 * the operation.  NULL: nobody waits. */
	void (*done)(struct write_op *op, int err,
	    const struct err_note *note);
	void *arg;
	size_t bytes;	/* it holds: bounds the queue */
	bool is_urgent; /* somebody waits: do not gather longer */
	bool gives_up;	/* fail at storage trouble instead of waiting */
	/* The writer's own: */
	struct write_op *next;
	bool is_failed;
	int err;
	struct err_note note;
};

/* store (the writing connection) and board are kept.  Returns owned. */
struct writer_config {
	unsigned commit_ms; /* how long a group may gather */
	/* On the writer thread, after each commit, before operations are
	 * told: each job as it is now on the board... */
	void (*on_job)(void *arg, const struct job *job);
	/* ...and before that, what it was (NULL: it is new there). */
	void (*on_change)(void *arg, const struct job *was,
	    const struct job *job);
	/* ...and before it, within the transaction, each job that is final
	 * with it and was not before; may be NULL.  An error fails the
	 * group. */
	int (*on_end)(void *arg, struct write_tx *tx, const struct job *job);
	/* ...and, when all were told, once. */
	void (*on_commit)(void *arg);
	void *arg;
};

struct writer *writer_new(struct store *store, struct board *board,
    const struct writer_config *config);
int writer_start(struct writer *writer);
/* The program is about to stop: storage trouble is not waited out any more,
 * so that nobody who waits for the writer holds up the end. */
void writer_drain(struct writer *writer);
/* Apply what is queued, commit, end the thread. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer);

/*
 * Queue op, which must stay until done is called.  Blocks while the queue
 * holds too much, unless op is urgent: memory stays bounded.
 */
void writer_post(struct writer *writer, struct write_op *op);

/* Apply and wait for the commit; for requests, which fail when the storage
 * does (ERR_STORAGE_FULL, ERR_IO).  Before writer_start() it runs at once in
 * the calling thread. */
int writer_do(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, struct err_note *note);

/* The same for the engine's own work, which waits until the storage is well. */
int writer_do_surely(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, struct err_note *note);

/* The same for what nobody waits for: it does not hurry the group. */
int writer_do_quietly(struct writer *writer,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    void *arg, struct err_note *note);

/* Return when all that was posted before has been committed or refused; at the
 * program's end at once. */
void writer_settle(struct writer *writer);

/* Nothing is queued and nothing uncommitted. */
bool writer_is_idle(struct writer *writer);
/* The disk is full or fails, and the group waits. */
bool writer_is_storage_waiting(const struct writer *writer);

/* For how long has the thread not got on with what it is given; 0: there is
 * nothing to do. */
int64_t writer_stalled_us(struct writer *writer);
/* It commits or copies the log: however long that takes, it is the disk's
 * time, and another start would have to begin again. */
bool writer_is_at_disk(const struct writer *writer);

struct writer_stats {
	uint64_t commits, operations, queue_bytes, queue_operations;
	/* The writer's own, histogram_work and histogram_counts. */
	const struct histogram *commit_seconds, *commit_operations;
};
void writer_stats(struct writer *writer, struct writer_stats *ret_stats);

#endif
