/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board: the committed state of live and recent jobs, in memory.
 *
 * Floor 4.  The writer thread alone puts jobs on it, after their commit
 * (promise 3).  Any thread reads, without a lock that the writer can hold: a
 * reader copies a slot and tries again when it changed meanwhile (seqlock).
 * A job that is not here is in the store; only final jobs leave the board.
 */
#ifndef ENGINE_BOARD_H
#define ENGINE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

struct board;
struct job;
struct totals;

struct board *board_new(void); /* returns owned; NULL: no memory */
void board_free(struct board *board);

/* Writer thread only.  ERR_BUSY: JOBS_LIVE_MAX live jobs are on it. */
int board_put(struct board *board, const struct job *job);
/* Writer thread only: make room for so many more jobs, so that board_put of
 * what is committed then has it.  ERR_NOMEM, ERR_BUSY. */
int board_reserve(struct board *board, unsigned count);
/* Writer thread only: the base is gone, renamed, or another account's now;
 * then its jobs have ended. */
void board_forget_base(struct board *board, int64_t base_id);
void board_rename_base(struct board *board, int64_t base_id,
    const char *name);
void board_move_base(struct board *board, int64_t base_id,
    int64_t account_id);
/* Writer thread only: the job with that row as it was put last, or NULL;
 * valid until the next board_put. */
const struct job *board_own(const struct board *board, int64_t job_id);
/* Writer thread only: everything up to rev is on the board now. */
void board_set_rev(struct board *board, int64_t rev, int64_t generation);

/* False when the job is not on the board. */
bool board_get(const struct board *board, const struct uuid *uuid,
    struct job *ret_job);
int64_t board_rev(const struct board *board);
int64_t board_generation(const struct board *board);

/* Before the writer runs: what was put so far did not end since the start. */
void board_begin(struct board *board);
/* Of all jobs, as of board_rev(). */
void board_totals(struct board *board, struct totals *ret_totals);
/* Jobs on it that are not final. */
uint64_t board_live(const struct board *board);

/*
 * Wait until the board has come to rev: for an answer made from the store,
 * so that no later answer made from the board is older.  Microseconds as a
 * rule; gives up after a second.
 */
void board_wait(struct board *board, int64_t rev);
/*
 * The same for an answer that tells of one job only, which was read with all
 * else as of rev: it need not wait for what others have committed since the
 * job's last change.
 */
void board_wait_job(struct board *board, const struct job *job, int64_t rev);

#endif
